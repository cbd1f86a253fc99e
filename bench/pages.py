"""Pages of generated documents, extracted once and kept beside them, so that a fit need not read them again."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.extraction import document_file, levels_of
from bench.generate import draw_document, write_document
from bench.levels import SINGLE
from extractor.elements import PageResult

PAGES = ".pages.json"
DIGITAL = "digital"
LEVELS_EACH = 3  # levels a document is aged to: new documents teach more than the same one again


def generate_some(folder: Path, seed: int, count: int, as_text: int = 0) -> None:
    """`count` documents of a seed, dealt three levels each in turn, and `as_text` more with their text layer only.

    What is there is left alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count + as_text):
        levels = [SINGLE[(LEVELS_EACH * number + k) % len(SINGLE)] for k in range(LEVELS_EACH)]
        levels = levels if number < count else [DIGITAL]
        drawn = draw_document(seed, number)
        missing = [level for level in levels if not (folder / f"{drawn.name}-{level}.truth.json").exists()]
        for name in write_document(drawn, missing, folder):
            print(name, file=sys.stderr, flush=True)


def extract_pages(folder: Path, processes: int, levels: Sequence[str] = ()) -> None:
    """Extract every document (of these levels, none: of all) that has no pages yet, in processes of their own.

    Leaves where one of them failed.
    """
    files = [folder / f"{name}.truth.json" for name, _ in levels_of(folder, levels)]
    waiting = [file for file in files if not _pages_file(file).exists()]
    shares = [waiting[k::processes] for k in range(processes)]
    running = [
        subprocess.Popen([sys.executable, "-m", "bench.pages", *map(str, share)]) for share in shares if share
    ]
    ends = [process.wait() for process in running]
    if any(ends):
        raise SystemExit("not every document was read (messages stand above); pages that were read are kept")


def _name(truth: Path) -> str:
    return truth.name.removesuffix(".truth.json")


def _pages_file(truth: Path) -> Path:
    return truth.with_name(_name(truth) + PAGES)


def read_pages(file: Path) -> list[PageResult]:
    from workers.building import page_from

    return [page_from(base64.b64decode(body)) for body in json.loads(file.read_text("utf8"))]


def write_pages(file: Path, pages: Sequence[PageResult]) -> None:
    """In one step, so that an interrupted run leaves no half file."""
    from workers.building import page_bytes

    unfinished = file.with_suffix(".part")
    unfinished.write_text(json.dumps([base64.b64encode(page_bytes(page)).decode() for page in pages]), "utf8")
    unfinished.replace(file)


def main(truths: Sequence[str]) -> int:
    from extractor.pipeline import read_page
    from extractor.source.documents import open_document
    from models.tools import load_tools

    documents = {truth: document_file(truth.parent, _name(truth)) for truth in map(Path, truths)}
    tools = load_tools(threads=1)
    for truth, document in documents.items():
        with open_document(document) as source:
            pages = [read_page(source, number, tools) for number in range(1, source.n_pages + 1)]
        write_pages(_pages_file(truth), pages)
        print(f"{_name(truth)}: {len(pages)} pages", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
