"""python -m bench generate | run | report"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.generate import generate
from bench.levels import SINGLE


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m bench", description="Gezi's bench of generated forms")
    commands = top.add_subparsers(dest="command", required=True)
    make = commands.add_parser("generate", help="print and age new forms with their truth")
    make.add_argument("out", type=Path)
    make.add_argument("--seed", type=int, default=1)
    make.add_argument("--count", type=int, default=12, help="documents (each in every level)")
    make.add_argument("--levels", default=",".join(SINGLE), help="comma-separated; pairs as stamp+photo")
    return top


def main(arguments: list[str] | None = None) -> int:
    args = parser().parse_args(arguments)
    for name in generate(args.out, args.seed, args.count, args.levels.split(",")):
        print(name, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
