"""python -m bench: generate new forms, run the extractor over them, report.

python -m bench [--referee DIR] [--seeds "1 2"] [--count N] [--levels …] [--work DIR]   all of it
python -m bench generate OUT [--seed N] [--count N] [--levels digital,good,stamp+photo,…]
python -m bench run DIR [--levels …] [--out FILE.json]
python -m bench diff DIR [NAME …] [--most N]
python -m bench report FILE.json … [--into docs/benchmarks.md]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.differences import differences
from bench.extraction import Way
from bench.generate import generate
from bench.levels import PAIRS, SINGLE, damages
from bench.paper import PrintingFailed
from bench.referee import RefereeFailed, measure
from bench.report import Report, markdown, page, read
from bench.run import run

COMMANDS = ("all", "generate", "run", "diff", "report")


def numbers(text: str) -> list[int]:
    return [int(word) for word in text.replace(",", " ").split()]


def names(text: str) -> list[str]:
    """Levels, checked by name; the word `pairs` stands for all pairs of damages."""
    levels = [level for word in text.replace(",", " ").split() for level in (PAIRS if word == "pairs" else (word,))]
    for level in levels:
        damages(level)
    return levels


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m bench", description="Gezi's bench of generated forms")
    commands = top.add_subparsers(dest="command", required=True)
    whole = commands.add_parser("all", help="generate, run and print a report (the default)")
    whole.add_argument("--referee", type=Path, help="a folder of forms and documents with its own renderer and scorer")
    whole.add_argument("--seeds", type=numbers, default=[1], help='"1 2 3"')
    whole.add_argument("--count", type=int, default=12, help="generated documents a seed, each in every level")
    whole.add_argument("--levels", type=names, default=[])
    whole.add_argument("--work", type=Path, default=Path("build/bench"), help="where documents and results are kept")
    once = commands.add_parser("run", help="extract and score a folder of documents with truth")
    for command in (whole, once):
        command.add_argument("--processes", type=int, default=1, help="documents side by side; times then mean less")
        command.add_argument("--resume", action="store_true", help="keep what the same commit has extracted before")
        command.add_argument("--pages", action="store_true", help="keep every document's pages for `make reliability`")
        command.add_argument("--note", default="", help="words for the report: what is to be known of this run")
    make = commands.add_parser("generate", help="print and age new forms with their truth")
    make.add_argument("out", type=Path)
    make.add_argument("--seed", type=int, default=1)
    make.add_argument("--count", type=int, default=12, help="documents, each in every level")
    make.add_argument("--levels", type=names, default=list(SINGLE), help="good,stamp+photo … (pairs: every pair)")
    once.add_argument("directory", type=Path)
    once.add_argument("--levels", type=names, default=[])
    once.add_argument("--title", help="the report's heading")
    once.add_argument("--out", type=Path, help="where the report goes as JSON (default: DIR-results/report.json)")
    wrong = commands.add_parser("diff", help="what is wrong in results, cell by cell")
    wrong.add_argument("directory", type=Path, help="the folder that `run` was given; its results lie in DIR-results")
    wrong.add_argument("names", nargs="*", help="documents (default: all)")
    wrong.add_argument("--most", type=int, default=12, help="lines a table")
    tell = commands.add_parser("report", help="reports as Markdown")
    tell.add_argument("files", type=Path, nargs="+")
    tell.add_argument("--into", type=Path, help="write the page there instead of printing it")
    return top


def keep(report: Report, file: Path, note: str) -> None:
    report = report.model_copy(update={"note": note})
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(report.model_dump_json(indent=1), "utf8")
    print(markdown(report))
    print(f"kept in {file}", file=sys.stderr)


def whole(args: argparse.Namespace) -> None:
    """The referee's forms where one is given, else our own."""
    work: Path = args.work
    way = Way(args.processes, args.resume, args.pages)
    if args.referee:
        for report in measure(args.referee, args.seeds, args.levels, work / "referee", way):
            keep(report, work / f"{report.title.split()[0].lower()}.json", args.note)
        return
    folders = []
    for seed in args.seeds:
        out = work / f"generated{seed}"
        for name in generate(out, seed, args.count, args.levels or SINGLE):
            print(name, file=sys.stderr, flush=True)
        folders.append((out, work / f"generated{seed}-results"))
    title = f"Generated forms, seeds {', '.join(map(str, args.seeds))}"
    keep(run(folders, args.levels, title, way), work / "generated.json", args.note)


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if not given or (given[0] not in COMMANDS and given[0] not in ("-h", "--help")):
        given = ["all", *given]
    args = parser().parse_args(given)
    try:
        match args.command:
            case "all":
                whole(args)
            case "generate":
                for name in generate(args.out, args.seed, args.count, args.levels):
                    print(name, flush=True)
            case "run":
                results = args.directory.with_name(args.directory.name + "-results")
                title = args.title or f"Documents of {args.directory.name}"
                way = Way(args.processes, args.resume, args.pages)
                report = run([(args.directory, results)], args.levels, title, way)
                keep(report, args.out or results / "report.json", args.note)
            case "diff":
                results = args.directory.with_name(args.directory.name + "-results")
                for file in sorted(args.directory.glob("*.truth.json")):
                    name = file.name.removesuffix(".truth.json")
                    if not args.names or name in args.names:
                        print(name, *differences(file, results / f"{name}.json", args.most), sep="\n  ")
            case _:
                text = page([read(file) for file in args.files])
                if args.into:
                    args.into.write_text(text, "utf8")
                else:
                    print(text)
    except (PrintingFailed, RefereeFailed, FileNotFoundError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
