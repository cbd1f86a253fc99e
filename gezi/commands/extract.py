"""`gezi extract`: documents in, results to standard output or a folder, failures listed at the end."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from extractor.errors import GeziError, UnsupportedMedia
from gezi.batch import PAGE_TIMEOUT, Outcome, Watcher, Wishes, run_batch
from gezi.exits import NOTHING_FOUND, PARTIAL, common_exit
from gezi.intake import Found, find_documents, is_one_document
from gezi.outputs import FORMATS, TEXT_FORMATS, as_text, make_folder, write_results
from workers.desk import MakeDesk
from workers.pool import Pool

if TYPE_CHECKING:
    from tqdm import tqdm


@dataclass
class Tally:
    """What has become of everything so far."""

    read: int = 0
    others: int = 0  # files that are no documents
    failed: list[tuple[str, GeziError]] = field(default_factory=list)
    unread: list[tuple[str, int, GeziError]] = field(default_factory=list)

    def exit_code(self) -> int:
        if self.failed and not self.read:
            return common_exit([error for _, error in self.failed])
        if self.failed or self.unread:
            return PARTIAL
        return 0 if self.read else NOTHING_FOUND


def run(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Read every document; the return value is the exit code."""
    formats = _formats(args.format, parser)
    folder = _folder(args, formats, parser)
    wishes = Wishes(args.pages, args.password, args.page_timeout or PAGE_TIMEOUT, args.repair == "on")
    threads = max(1, (os.cpu_count() or 1) // args.jobs)
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="gezi-") as scratch, _Bar(quiet=args.quiet) as bar:
        entries = find_documents(args.paths, Path(scratch), password=args.password, skip=folder)
        with Pool(args.jobs, MakeDesk(threads)) as pool:
            for outcome in run_batch(entries, pool, wishes, bar):
                _settle(outcome, folder, formats, tally, bar)
    _report(tally)
    return tally.exit_code()


def _formats(listed: str, parser: argparse.ArgumentParser) -> tuple[str, ...]:
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


def _settle(outcome: Outcome, folder: Path | None, formats: tuple[str, ...], tally: Tally, bar: _Bar) -> None:
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


def _report(tally: Tally) -> None:
    """What was not read, at the end, where nobody overlooks it."""
    for label, number, error in tally.unread:
        print(f"gezi: {label}: page {number} not read: {error.message} ({error.code})", file=sys.stderr)
    total = tally.read + len(tally.failed)
    if total > 1 and tally.failed:
        print(f"gezi: {len(tally.failed)} of {total} documents not read:", file=sys.stderr)
    for label, error in tally.failed:
        start = "gezi:" if total == 1 else "  unsupported:" if isinstance(error, UnsupportedMedia) else "  failed:"
        print(f"{start} {label}: {error.message} ({error.code})", file=sys.stderr)
    if tally.others:
        print(f"gezi: {tally.others} other file(s) are no documents and were left alone", file=sys.stderr)
    if not total:
        print("gezi: no document found", file=sys.stderr)


class _Bar(Watcher):
    """Progress by page on a terminal's standard error, else only the lines said."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: tqdm[NoReturn] | None = None
        self._total = 0
        if sys.stderr.isatty() and not quiet:
            from tqdm import tqdm

            self._bar = tqdm(total=0, unit="page", file=sys.stderr, dynamic_ncols=True)

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def pages_expected(self, n: int) -> None:
        if self._bar is not None:
            self._total += n
            self._bar.total = self._total
            self._bar.refresh()

    def page_done(self, label: str, number: int) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(f"{os.path.basename(label)} p. {number}", refresh=False)
            self._bar.update(1)

    def say(self, line: str) -> None:
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr)
        elif not self._quiet:
            print(line, file=sys.stderr)
