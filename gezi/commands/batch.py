"""`gezi batch`: many documents into a folder, here or on a server; the same command again goes on where it stopped."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from extractor.errors import Encrypted, GeziError, InputError
from gezi.batch import PAGE_TIMEOUT, Outcome, Wishes, run_batch
from gezi.commands.extract import formats_of
from gezi.errors import ServerRefused, error_of
from gezi.intake import Found, Refused, find_documents
from gezi.journal import Journal, Noted
from gezi.outputs import make_folder, write_results
from gezi.progress import Bar, Tally, report
from workers.desk import MakeDesk
from workers.pool import Pool


@dataclass(slots=True)
class _Run:
    """One run of the command. `keys`: of the documents under way, by where they lie."""

    folder: Path
    formats: tuple[str, ...]
    journal: Journal
    tally: Tally
    bar: Bar
    keys: dict[Path, str]
    before: int = 0

    def entries(self, found: Iterator[Found | Refused]) -> Iterator[Found | Refused]:
        """What no earlier run has done, under the names that an earlier run gave."""
        for entry in found:
            if isinstance(entry, Refused):
                yield entry
                continue
            try:
                key = self.journal.key(entry.label, entry.path)
            except OSError as error:
                yield Refused(entry.label, InputError(f"the file cannot be read: {os.strerror(error.errno or 0)}"))
                continue
            noted = self.journal.find(key)
            if noted is not None and noted.is_done:
                entry.release()
                self._count_again(noted)
                continue
            self.keys[entry.path] = key
            yield replace(entry, stem=self.journal.stem_for(key, entry.path.name))

    def _count_again(self, noted: Noted) -> None:
        self.before += 1
        if noted.code is not None:
            self.tally.failed.append((noted.label, error_of(noted.code, noted.message)))
            return
        self.tally.read += 1
        self.tally.unread += [(noted.label, number, error_of(code, text)) for number, code, text in noted.unread]

    def note(
        self, entry: Found, files: tuple[Path, ...], pages: int, unread: tuple[tuple[int, GeziError], ...]
    ) -> None:
        """A document is done."""
        self.journal.note(Noted(
            self.keys[entry.path], entry.label, entry.stem, files=tuple(path.name for path in files), pages=pages,
            unread=tuple((number, error.code, error.message) for number, error in unread), is_done=True,
        ))  # fmt: skip

    def note_failure(self, entry: Found, error: GeziError) -> None:
        """One that will fail again is not tried again; a password or more time may help the others."""
        if isinstance(error, (InputError, ServerRefused)) and not isinstance(error, Encrypted):
            noted = Noted(self.keys[entry.path], entry.label, entry.stem, code=error.code, message=error.message)
            self.journal.note(replace(noted, is_done=True))

    def refuse(self, entry: Refused) -> None:
        if entry.error is None:
            self.tally.others += 1
        else:
            self.tally.failed.append((entry.label, entry.error))


def run(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Read every document that is not done yet; the return value is the exit code."""
    formats = formats_of(args.format, parser)
    folder = Path(args.out)
    make_folder(folder)
    options = json.dumps([args.pages, sorted(formats), args.server, *([] if args.repair == "on" else ["repair=off"])])
    tally = Tally()
    with (
        closing(Journal(folder, options)) as journal,
        tempfile.TemporaryDirectory(prefix="gezi-") as scratch,
        Bar(quiet=args.quiet) as bar,
    ):
        this = _Run(folder, formats, journal, tally, bar, {})
        found = find_documents(args.paths, Path(scratch), password=args.password, skip=folder)
        try:
            if args.server:
                _on_server(args, this, this.entries(found))
            else:
                _here(args, this, this.entries(found))
        except KeyboardInterrupt:
            print(f"gezi: {tally.read} documents are done; the same command goes on from there", file=sys.stderr)
            raise
    if this.before and not args.quiet:
        print(f"gezi: {this.before} document(s) were done by an earlier run", file=sys.stderr)
    report(tally)
    return tally.exit_code()


def _here(args: argparse.Namespace, this: _Run, entries: Iterator[Found | Refused]) -> None:
    wishes = Wishes(args.pages, args.password, args.page_timeout or PAGE_TIMEOUT, args.repair == "on")
    threads = max(1, (os.cpu_count() or 1) // args.jobs)
    with Pool(args.jobs, MakeDesk(threads)) as pool:
        for outcome in run_batch(entries, pool, wishes, this.bar):
            _settle(outcome, this)


def _settle(outcome: Outcome, this: _Run) -> None:
    """Write one document's result and note it, or note why there is none. Raises OutputError."""
    entry = outcome.entry
    if isinstance(entry, Refused):
        this.refuse(entry)
        return
    if outcome.document is None:
        assert outcome.error is not None
        this.tally.failed.append((entry.label, outcome.error))
        this.note_failure(entry, outcome.error)
        return
    files = tuple(write_results(outcome.document, this.folder, entry.stem, this.formats))
    this.note(entry, files, len(outcome.document.pages), outcome.unread)
    this.tally.read += 1
    this.tally.unread += [(entry.label, number, error) for number, error in outcome.unread]
    pages, tables = len(outcome.document.pages), len(outcome.document.tables)
    where = files[0] if files else this.folder
    this.bar.say(f"{entry.label}: {pages} page{'s'[: pages != 1]}, {tables} table{'s'[: tables != 1]} -> {where}")


def _on_server(args: argparse.Namespace, this: _Run, entries: Iterator[Found | Refused]) -> None:
    from gezi.following import Fetched, Follower
    from gezi.remote import Remote, Server, Wanted

    wanted = Wanted(args.pages, args.password, repair=args.repair == "on")

    def hand_in(server: Server, entry: Found) -> Remote:
        """Upload it, unless an earlier run did and the server has it still."""
        key = this.keys[entry.path]
        noted = this.journal.find(key)
        if noted is not None and noted.remote is not None:
            try:
                return server.document(noted.remote)
            except ServerRefused:  # it was deleted there
                return server.upload(entry.path, entry.path.name, wanted, f"again-{this.journal.run}-{key}")
        return server.upload(entry.path, entry.path.name, wanted, f"{this.journal.run}-{key}")

    def settled(entry: Found, fetched: Fetched) -> None:
        if fetched.error is not None:
            this.note_failure(entry, fetched.error)
        else:
            this.note(entry, fetched.files, fetched.pages, fetched.unread)

    with Server(args.server, args.key) as server:
        follower = Follower(server, this.folder, this.formats, this.tally, this.bar)
        for entry in entries:
            if isinstance(entry, Refused):
                this.refuse(entry)
                continue
            try:
                remote = hand_in(server, entry)
            except (InputError, ServerRefused) as error:
                this.tally.failed.append((entry.label, error))
                this.note_failure(entry, error)
                continue
            finally:
                entry.release()
            this.journal.note(Noted(this.keys[entry.path], entry.label, entry.stem, remote=remote.id))
            follower.follow(remote, entry.label, entry.stem, lambda fetched, entry=entry: settled(entry, fetched))  # type: ignore[misc]
        follower.finish()
