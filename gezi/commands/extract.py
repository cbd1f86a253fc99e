"""`gezi extract`: documents in, results to standard output or a folder, failures listed at the end."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from gezi.batch import PAGE_TIMEOUT, Outcome, Wishes, run_batch
from gezi.intake import Found, find_documents, is_one_document
from gezi.outputs import FORMATS, TEXT_FORMATS, as_text, make_folder, write_results
from gezi.progress import Bar, Tally, report
from workers.desk import MakeDesk
from workers.pool import Pool


def run(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Read every document; the return value is the exit code."""
    formats = formats_of(args.format, parser)
    folder = _folder(args, formats, parser)
    wishes = Wishes(args.pages, args.password, args.page_timeout or PAGE_TIMEOUT, args.repair == "on")
    threads = max(1, (os.cpu_count() or 1) // args.jobs)
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="gezi-") as scratch, Bar(quiet=args.quiet) as bar:
        entries = find_documents(args.paths, Path(scratch), password=args.password, skip=folder)
        with Pool(args.jobs, MakeDesk(threads)) as pool:
            for outcome in run_batch(entries, pool, wishes, bar):
                _settle(outcome, folder, formats, tally, bar)
    report(tally)
    return tally.exit_code()


def formats_of(listed: str, parser: argparse.ArgumentParser) -> tuple[str, ...]:
    formats = tuple(dict.fromkeys(name.strip().casefold() for name in listed.split(",")))
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        parser.error(f"--format {unknown[0]!r}: choose of {','.join(FORMATS)}")
    return formats


def _folder(args: argparse.Namespace, formats: tuple[str, ...], parser: argparse.ArgumentParser) -> Path | None:
    """Where results go; None for standard output."""
    if args.out is not None:
        folder = Path(args.out)
        make_folder(folder)
        return folder
    if not is_one_document(args.paths):
        parser.error("several documents need --out DIR")
    if len(formats) > 1 or formats[0] not in TEXT_FORMATS:
        parser.error(f"--format {','.join(formats)} needs --out DIR")
    return None


def _settle(outcome: Outcome, folder: Path | None, formats: tuple[str, ...], tally: Tally, bar: Bar) -> None:
    """Write one document's result, or note why there is none. Raises OutputError: the next would fail as well."""
    label = outcome.entry.label
    if outcome.document is None:
        if outcome.error is None:
            tally.others += 1
        else:
            tally.failed.append((label, outcome.error))
        return
    tally.read += 1
    tally.unread += [(label, number, error) for number, error in outcome.unread]
    if folder is None:
        sys.stdout.write(as_text(outcome.document, formats[0]))
        sys.stdout.flush()
        return
    assert isinstance(outcome.entry, Found)
    written = write_results(outcome.document, folder, outcome.entry.stem, formats)
    pages, tables = len(outcome.document.pages), len(outcome.document.tables)
    where = written[0] if written else folder
    bar.say(f"{label}: {pages} page{'s'[: pages != 1]}, {tables} table{'s'[: tables != 1]} -> {where}")
