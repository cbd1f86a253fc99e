"""Gezi's whole extraction against the default PaddleOCR pipeline's OCR alone, same weights, same run.

    python -m bench.speed [FILE] [--page N] [--repetitions N]

Each side lives in a process of its own, warm, and they take turns, so that both meet the same moods of
the machine. PaddleOCR gets the page as a decoded picture and its own defaults (detection and
recognition only); Gezi starts from the file and ends with the JSON text. What counts is the ratio of
the medians of wall time and of processor time, and Gezi's peak memory.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).parent.parent / "samples" / "scan.pdf"
SIDES = ("paddleocr", "gezi")


@dataclass(frozen=True, slots=True)
class Lap:
    """One run over the page: wall and processor seconds, peak memory of the process so far in bytes, lines read."""

    wall: float
    processor: float
    peak: int
    lines: int


class Side:
    """A process that holds one of the two pipelines and runs the page each time it is told to."""

    def __init__(self, side: str, file: Path, page: int) -> None:
        command = [sys.executable, "-m", "bench.speed", str(file), "--page", str(page), "--side", side]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def lap(self) -> Lap:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process was started without pipes")
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit("one of the two pipelines failed (its message stands above)")
        wall, processor, peak, lines = answer.split()
        return Lap(float(wall), float(processor), int(peak), int(lines))

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


def prepare(side: str, file: Path, page: int) -> Callable[[], int]:
    """Load one side; what comes back reads the page once and tells how many lines it read."""
    return _paddleocr(file, page) if side == "paddleocr" else _gezi(file, page)


def _paddleocr(file: Path, page: int) -> Callable[[], int]:
    import cv2

    from extractor.source.documents import open_document
    from models.quiet import import_paddleocr
    from models.store import require

    detection, detection_dir = require("text_detection")
    recognition, recognition_dir = require("text_recognition")
    pipeline: Any = import_paddleocr().PaddleOCR(
        text_detection_model_name=detection.name,
        text_detection_model_dir=str(detection_dir),
        text_recognition_model_name=recognition.name,
        text_recognition_model_dir=str(recognition_dir),
        use_doc_orientation_classify=False,
        use_doc_unwarping=False,
        use_textline_orientation=False,
        engine="onnxruntime",
    )
    with open_document(file) as source:
        picture = source.load(page).picture
    if picture is None:
        raise SystemExit(f"page {page} of {file} is not a scan")
    colour = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR) if picture.ndim == 2 else picture
    return lambda: len(pipeline.predict(colour)[0]["rec_texts"])


def _gezi(file: Path, page: int) -> Callable[[], int]:
    from gezi import extract
    from models.tools import load_tools

    tools = load_tools()

    def once() -> int:
        document = extract(file, pages=str(page), tools=tools)
        text = document.model_dump_json()
        outside = sum(len(shown.lines) for shown in document.pages)
        return outside + sum(1 for table in document.tables for cell in table.cells if cell.text) if text else 0

    return once


def serve(side: str, file: Path, page: int) -> None:
    """Run the page whenever a line comes in on standard input; answer with a lap on standard output."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # nobody else's words may come between the answers
    once = prepare(side, file, page)
    for _ in sys.stdin:
        wall, processor = time.perf_counter(), time.process_time()
        lines = once()
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(wall, processor, peak, lines, file=answers, flush=True)


def measure(file: Path, page: int, repetitions: int) -> dict[str, list[Lap]]:
    """Laps of both sides, taken in turns after one lap each to warm up."""
    sides = {side: Side(side, file, page) for side in SIDES}
    laps: dict[str, list[Lap]] = {side: [] for side in SIDES}
    for repetition in range(repetitions + 1):
        for side, process in sides.items():
            lap = process.lap()
            if repetition:
                laps[side].append(lap)
    for process in sides.values():
        process.close()
    return laps


def report(laps: dict[str, list[Lap]]) -> str:
    rows = [f"{'':<10} {'wall s':>8} {'cpu s':>8} {'peak MB':>8} {'lines':>6}"]
    medians = {}
    for side, listed in laps.items():
        wall = statistics.median(lap.wall for lap in listed)
        processor = statistics.median(lap.processor for lap in listed)
        medians[side] = (wall, processor)
        peak = max(lap.peak for lap in listed) / 1e6
        rows.append(f"{side:<10} {wall:>8.2f} {processor:>8.2f} {peak:>8.0f} {listed[-1].lines:>6}")
    (slow, slow_cpu), (fast, fast_cpu) = medians["paddleocr"], medians["gezi"]
    rows.append(f"{'ratio':<10} {fast / slow:>8.2f} {fast_cpu / slow_cpu:>8.2f}")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path, nargs="?", default=SAMPLE, help="a scan (default: %(default)s)")
    parser.add_argument("--page", type=int, default=1)
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.side:
        serve(options.side, options.file, options.page)
        return
    print(report(measure(options.file, options.page, options.repetitions)))


if __name__ == "__main__":
    main()
