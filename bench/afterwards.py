"""python -m bench.afterwards FOLDER [--documents N]: what all that comes after the pages costs beside reading them.

Of documents in a folder (NAME.truth.json beside NAME.pdf): processor time of reading their pages, of joining them,
sums, signs and confidences with the result, and of the signs and confidences in that.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.extraction import document_file, levels_of, tools_of, warm
from extractor.assemble import understand
from extractor.pipeline import assemble_document, read_page
from extractor.source.documents import open_document
from extractor.trust.confidence import believe
from models.calibration import calibration


def main(arguments: Sequence[str] | None = None) -> int:
    top = argparse.ArgumentParser(prog="python -m bench.afterwards", description=__doc__)
    top.add_argument("folder", type=Path)
    top.add_argument("--documents", type=int, default=3)
    top.add_argument("--levels", type=lambda text: text.replace(",", " ").split(), default=[])
    args = top.parse_args(arguments)
    names = [name for name, _ in levels_of(args.folder, args.levels)][: args.documents]
    if not names:
        print(f"afterwards: no documents in {args.folder}", file=sys.stderr)
        return 1
    warm(1, document_file(args.folder, names[0]))
    given, count = calibration(), 0
    reading = assembling = believing = 0.0
    for name in names:
        with open_document(document_file(args.folder, name)) as source:
            start = time.process_time()
            pages = [read_page(source, number, tools_of(1)) for number in range(1, source.n_pages + 1)]
            read = time.process_time()
            assemble_document(source, pages, [], given)
            done = time.process_time()
        signed = understand(pages).signed
        asked = time.process_time()
        for table, signs in signed:
            believe(table, signs, given)
        believed = time.process_time()
        count += len(pages)
        reading, assembling, believing = reading + read - start, assembling + done - read, believing + believed - asked
    print(f"{len(names)} documents, {count} pages, processor seconds a page:")
    print(f"  reading {reading / count:.3f}")
    print(f"  joins, sums, signs, confidences, result {assembling / count:.3f}: {assembling / reading:.1%} more")
    print(f"  of these the confidences from their signs {believing / count:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
