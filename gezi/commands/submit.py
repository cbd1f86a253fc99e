"""`gezi submit`: documents and archives to a server; with --wait or --out, their ends and results."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time
from contextlib import suppress
from pathlib import Path

from extractor.errors import InputError
from gezi.commands.extract import formats_of
from gezi.errors import ServerRefused
from gezi.following import Follower
from gezi.intake import Names, Refused, list_files
from gezi.outputs import make_folder
from gezi.progress import Bar, Tally, report
from gezi.remote import RemoteBatch, Server, Wanted
from workers.kinds import Kind

LOOK = 2.0  # seconds between two looks at a batch


def run(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Hand in every file; the return value is the exit code."""
    formats = formats_of(args.format, parser)
    folder = None if args.out is None else Path(args.out)
    if folder is not None:
        make_folder(folder)
    wanted = Wanted(args.pages, args.password, args.priority, tuple(args.tag), args.repair == "on")
    run_id = secrets.token_hex(8)
    tally, names = Tally(), Names()
    handed_in: list[tuple[str, RemoteBatch]] = []
    waits = args.wait or folder is not None
    with Server(args.server, args.key) as server, Bar(quiet=args.quiet) as bar:
        follower = Follower(server, folder, formats, tally, bar)
        for number, entry in enumerate(list_files(args.paths, skip=folder)):
            if isinstance(entry, Refused):
                _count(entry, tally)
                continue
            name = os.path.basename(entry.label)
            try:
                if entry.kind is Kind.ARCHIVE:
                    batch = server.upload_archive(entry.path, name, wanted, f"{run_id}-{number}")
                    _say("batch", batch.id, batch.state, entry.label, server)
                    handed_in.append((entry.label, batch))
                    continue
                remote = server.upload(entry.path, name, wanted, f"{run_id}-{number}")
            except (InputError, ServerRefused) as error:
                tally.failed.append((entry.label, error))
                continue
            _say("document", remote.id, remote.state, entry.label, server)
            if waits:
                follower.follow(remote, entry.label, names.claim(name))
            else:
                tally.read += 1
        if waits:
            follower.finish()
            for label, batch in handed_in:
                _follow_batch(server, batch, label, follower, names, tally, bar)
        else:
            tally.read += len(handed_in)
    report(tally)
    return tally.exit_code()


def _count(entry: Refused, tally: Tally) -> None:
    if entry.error is None:
        tally.others += 1
    else:
        tally.failed.append((entry.label, entry.error))


def _say(kind: str, its_id: str, state: str, label: str, server: Server) -> None:
    """On standard output, for scripts: kind, id, state, address, name; tabs between them."""
    shown = label.encode("utf-8", "replace").decode().replace("\t", " ").replace("\n", " ")
    where = {"batch": "batches", "document": "documents"}[kind]
    print(f"{kind}\t{its_id}\t{state}\t{server.url}/v1/{where}/{its_id}\t{shown}")
    with suppress(OSError):
        sys.stdout.flush()


def _follow_batch(
    server: Server, batch: RemoteBatch, label: str, follower: Follower, names: Names, tally: Tally, bar: Bar
) -> None:
    """Wait for a batch's end, then fetch what came of each member."""
    done = total = 0
    while True:
        bar.pages_expected(batch.pages_total - total)
        bar.pages_done(batch.pages_done - done)
        total, done = batch.pages_total, batch.pages_done
        if batch.ended:
            break
        time.sleep(LOOK)
        batch = server.batch(batch.id)
    for member in server.members(batch.id):
        inside = f"{label}/{member.name}"
        if member.document_id is not None:
            follower.fetch(server.document(member.document_id), inside, names.claim(os.path.basename(member.name)))
        elif member.error is not None:
            if member.is_document:
                tally.failed.append((inside, member.error))
            else:
                tally.others += 1
