"""Text lines found and read by PP-OCRv6 through paddleocr's own objects.

paddleocr loads the models, prepares pictures and turns the detector's map into boxes. How crops are
batched and how the recogniser's raw output becomes characters is ours (`ctc.py`), because paddleocr
pads every crop to 320 pixels and keeps only a mean score.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from extractor.chinese import is_chinese
from extractor.elements import Box, Char, TextLine
from extractor.geometry import overlap
from extractor.ports import DetectedLine
from models import ctc, doubt, glyphs, lonely, stacked, store, templates
from models.language import PageLanguage, chinese
from models.quiet import import_paddleocr
from models.session import open_session
from models.shapes import PageShapes

if TYPE_CHECKING:
    from extractor.elements import Picture

# Longest side of the detector's input, pixels. On A4 pages of common print, more finds no more lines. Where lines
# come out lower than LOW pixels there (A3, small print), the page is looked at again with lines ENOUGH high.
DETECTION_SIDE = 1152
LARGEST_SIDE = 1920
LOW = 13.0
ENOUGH = 17.0
LINE_HEIGHT = 48  # pixels, the recogniser's input
STEP = 8  # pixels of the recogniser's input for one time step
# A line's picture is padded on its right by at least MARGIN pixels, to at least NARROWEST and to a multiple of
# ROUNDING. On 2,994 crops of clean, worn, faxed, stamped and photographed pages, tight ones among them, this
# reads 2,724 as printed; padding to 320, as paddleocr does, 2,719, for 1.6 times the work.
MARGIN = 16
NARROWEST = 64
ROUNDING = 16
WIDEST = 3200  # paddleocr squeezes longer lines into this width
# Pixels of width that one call of the recogniser gets. Work is in proportion to pixels whatever the batch, so
# batches are kept small for memory: the output alone is 9.4 kB a pixel.
BATCH_PIXELS = 1280
# A line with a character below DOUBTFUL is decided with the odds of words, below REREAD from two readings of it: as it
# is, and sharpened.
# Sharpening: the crop less its blur by SOFT of its height, once more. Of 735 worn cells 141 are misread as they are,
# 135 sharpened, and 133 by the mean of both.
DOUBTFUL = 0.9
# Of Chinese characters, which words may decide, more are in doubt than of digits.
DOUBTFUL_WORD = 0.97
REREAD = 0.8
SOFT = 0.06
CLEAR = 0.95  # least posterior of a line whose words count as the page's own
SUREST_BY_ODDS = 0.95  # no character that odds chose is surer


@dataclass(frozen=True, slots=True)
class Reading:
    """What the recogniser made of one crop; of a doubtful one also what its steps say."""

    emissions: tuple[ctc.Emission, ...]
    steps: doubt.Steps | None


@dataclass(frozen=True, slots=True)
class Known:
    """What a page's clear lines say: its words, its long numbers, the shapes of its numbers."""

    language: PageLanguage
    repeated: frozenset[str]
    shapes: PageShapes


class PaddleReader:
    """`extractor.ports.Reader` on paddleocr. Not thread-safe: one per process.

    The detector uses `threads` threads on one page; the recogniser, one thread on each of `threads` batches.
    """

    def __init__(self, models_dir: Path | None = None, *, threads: int = 2) -> None:
        detection, detection_dir = store.require("text_detection", models_dir)
        recognition, recognition_dir = store.require("text_recognition", models_dir)
        # Ours come first: see open_session.
        detection_session = open_session(detection_dir / store.MODEL_FILE, threads=threads)
        recognition_session = open_session(recognition_dir / store.MODEL_FILE, threads=1)
        paddleocr = import_paddleocr()
        # paddlex cannot pass the options we need, so its sessions, opened without optimising, give way to ours.
        common: dict[str, Any] = {
            "engine": "onnxruntime",
            "device": "cpu",
            "engine_config": {"intra_op_num_threads": 1, "graph_optimization_level": 0},
        }
        self._detector = paddleocr.TextDetection(
            model_name=detection.name,
            model_dir=str(detection_dir),
            limit_side_len=DETECTION_SIDE,
            limit_type="max",
            thresh=0.2,
            box_thresh=0.45,
            unclip_ratio=1.4,
            **common,
        ).paddlex_predictor
        self._detector.runner.session = detection_session
        self._recogniser = paddleocr.TextRecognition(
            model_name=recognition.name, model_dir=str(recognition_dir), **common
        ).paddlex_predictor
        self._recogniser.runner.session = recognition_session
        self._prepare = self._recogniser.pre_tfs["ReisizeNorm"]
        self._characters: list[str] = self._recogniser.post_op.character
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="recognise")

    def detect(self, picture: Picture) -> list[DetectedLine]:
        """Text lines of a whole page, any order."""
        lines = self.detect_at(picture, DETECTION_SIDE)
        shrunk = DETECTION_SIDE / max(*picture.shape[:2], 1)
        if not lines or shrunk >= 1.0:
            return lines
        height = statistics.median(min(line.box.width, line.box.height) for line in lines) * shrunk
        if height >= LOW:
            return lines
        return self.detect_at(picture, min(LARGEST_SIDE, round(DETECTION_SIDE * ENOUGH / height)))

    def detect_at(self, picture: Picture, side: int) -> list[DetectedLine]:
        """Text lines found after the picture is shrunk to a longest side of `side` pixels."""
        if min(picture.shape[:2]) < 1:
            return []
        result = next(iter(self._detector.predict(_colour(picture), limit_side_len=side)))
        lines = []
        for quad, score in zip(result["dt_polys"], result["dt_scores"], strict=True):
            xs, ys = [float(x) for x, _ in quad], [float(y) for _, y in quad]
            lines.append(DetectedLine(Box(min(xs), min(ys), max(xs), max(ys)), float(score)))
        return lines

    def read(self, picture: Picture, boxes: Sequence[Box]) -> list[TextLine]:
        """Read each upright box; one line for each, in the same order.

        A tall box that does not read well as it is, is read as characters standing one above another and turned too.
        """
        lines = self._read_across(picture, boxes)
        for i, line in enumerate(lines):
            if not stacked.is_tall(line.box) or not (crop := _crop(picture, line.box)).size:
                continue
            pieces = stacked.split(crop, line.box)
            lined, doubtful = stacked.has_lines(crop, pieces), stacked.is_doubtful(line)
            if lined or doubtful:
                down = stacked.joined(line.box, self._read_across(picture, pieces))
                if lined and stacked.is_digits(down):
                    lines[i] = down
                elif doubtful:
                    turned = (self._read_lying(side, line.box) for side in stacked.lying(crop))
                    lines[i] = stacked.best(line, down, *turned)
        return lines

    def _read_lying(self, crop: NDArray[np.uint8], box: Box) -> TextLine:
        """A turned crop as the line that stands in `box` of the page."""
        (line,) = self._read_across(crop, [Box(0.0, 0.0, float(crop.shape[1]), float(crop.shape[0]))])
        return stacked.upright(box, line)

    def posteriors(self, picture: Picture, boxes: Sequence[Box]) -> list[float]:
        """Posteriors of all characters in upright boxes as first read: enough to tell how well they read."""
        seen = self._recognised([_crop(picture, box) for box in boxes])
        return [emission.p for reading in seen if reading for emission in reading.emissions]

    def _read_across(self, picture: Picture, boxes: Sequence[Box]) -> list[TextLine]:
        crops = [_crop(picture, box) for box in boxes]
        seen = self._recognised(crops)
        lines = [
            self._line(box, crop.shape, reading.emissions) if reading else TextLine("", box)
            for box, crop, reading in zip(boxes, crops, seen, strict=True)
        ]
        unclear = [i for i, reading in enumerate(seen) if reading and reading.steps is not None]
        again = [i for i in unclear if min((char.p for char in lines[i].chars), default=0.0) < REREAD]
        sharpened = dict(zip(again, self._recognised([_sharpened(crops[i]) for i in again], keep=True), strict=True))
        clear = [line.text for line in lines if _is_clear(line)] if unclear else []
        known = Known(PageLanguage(chinese(), clear), doubt.long_numbers(clear), PageShapes(clear)) if unclear else None
        for i in unclear:
            before = lines[i - 1].text if i and _wraps(boxes[i - 1], boxes[i]) else ""
            lines[i] = self._decided(lines[i], crops[i].shape, seen[i], sharpened.get(i), known, before)
        lines = [lonely.settle(line, crop) for line, crop in zip(lines, crops, strict=True)]
        # A page without a number in doubt has no use for templates, and pays for none.
        own = templates.learned(lines, crops) if any(map(glyphs.in_doubt, lines)) else None
        if own and known:
            lines = [glyphs.settle(line, crop, own, known.shapes) for line, crop in zip(lines, crops, strict=True)]
            lines = [glyphs.weighed(line, crop, own) for line, crop in zip(lines, crops, strict=True)]
        for i, line in enumerate(lines):
            if not lonely.MISREAD.isdisjoint(line.text):
                before = lines[i - 1].text if i and _wraps(boxes[i - 1], boxes[i]) else ""
                lines[i] = lonely.twins(line, before, chinese())
        return lines

    def _recognised(self, crops: Sequence[NDArray[np.uint8]], *, keep: bool = False) -> list[Reading | None]:
        """Each crop's reading, None for a crop without pixels. Steps are kept of doubtful lines, or of all."""
        out: list[Reading | None] = [None] * len(crops)
        batches = _batches([_padded_width(crop) for crop in crops])
        done = self._pool.map(lambda batch: self._recognise(crops, batch, keep), batches)
        for batch, readings in zip(batches, done, strict=True):
            for i, reading in zip(batch, readings, strict=True):
                out[i] = reading
        return out

    def _recognise(self, crops: Sequence[NDArray[np.uint8]], batch: Sequence[int], keep: bool) -> list[Reading]:
        """One call of the recogniser: crops of one padded width."""
        ratio = (_padded_width(crops[batch[0]]) + 0.5) / LINE_HEIGHT  # a half, lest the product fall short by rounding
        inputs = np.stack([self._prepare.resize_norm_img(crops[i], ratio) for i in batch])
        (output,) = self._recogniser.runner(x=[inputs])
        readings = []
        for posteriors, path in zip(output, output.argmax(axis=2), strict=True):
            emissions = ctc.decode(posteriors, path)
            doubtful = keep or any(e.p < self._doubtful(e.label) for e in emissions)
            readings.append(Reading(emissions, doubt.few(posteriors) if doubtful else None))
        return readings

    def _doubtful(self, label: int) -> float:
        """The posterior below which a character makes its line doubtful."""
        return DOUBTFUL_WORD if is_chinese(self._characters[label]) else DOUBTFUL

    def _decided(
        self,
        first: TextLine,
        shape: tuple[int, ...],
        seen: Reading | None,
        second: Reading | None,
        known: Known | None,
        before: str,
    ) -> TextLine:
        """A doubtful line from one or two readings of it; `agreement` and `by_words` say how that came about."""
        if not (seen and seen.steps and known):
            return first
        steps = doubt.together(seen.steps, second.steps) if second and second.steps else seen.steps
        emissions = doubt.emissions(steps, doubt.greedy(steps))
        by_words = False
        if doubt.has_odds(steps, self._characters):
            decision = doubt.decide(
                steps, self._characters, known.language, before, known.repeated, known.shapes
            )
            emissions = doubt.emissions(steps, doubt.aligned(steps, decision.labels))
            if decision.by_odds:
                by_words = any(is_chinese(self._characters[e.label]) for e in emissions)
                emissions = tuple(_by_odds(e, decision.share) for e in emissions)
        line = replace(self._line(first.box, shape, emissions), by_words=by_words)
        if second is None:
            return line
        sharp = "".join(self._characters[e.label] for e in second.emissions)
        return replace(line, agreement=_agreement(first.text, sharp))

    def _line(self, box: Box, shape: tuple[int, ...], emissions: Sequence[ctc.Emission]) -> TextLine:
        left = max(math.floor(box.x0), 0)
        scale = shape[1] / min(_scaled_width(shape), WIDEST)
        chars = tuple(
            Char(
                text=self._characters[e.label],
                p=e.p,
                x=min(left + (e.step + 0.5) * STEP * scale, box.x1),
                runner_up="" if e.runner_up == ctc.BLANK else self._characters[e.runner_up],
                runner_up_p=e.runner_up_p,
                others=tuple((self._characters[label], p) for label, p in e.others if label != ctc.BLANK),
                missed="" if e.missed == ctc.BLANK else self._characters[e.missed],
                missed_p=e.missed_p,
                missed_after=e.missed_after,
            )
            for e in emissions
        )
        return TextLine("".join(c.text for c in chars), box, chars)


def _sharpened(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The crop with its blur taken off once; one without pixels as it is."""
    if crop.size == 0:
        return crop
    soft = cv2.GaussianBlur(crop, (0, 0), max(0.5, SOFT * crop.shape[0]))
    return np.asarray(cv2.addWeighted(crop, 2.0, soft, -1.0, 0), np.uint8)


def _by_odds(emission: ctc.Emission, share: float) -> ctc.Emission:
    """A character that odds preferred to a likelier one: sure as they are among what the recogniser held possible."""
    if emission.p >= emission.runner_up_p:
        return emission
    p = min(SUREST_BY_ODDS, share) * min(1.0, emission.p + emission.runner_up_p)
    return replace(emission, p=max(emission.p, p), runner_up_p=min(emission.runner_up_p, 1.0 - p))


def _is_clear(line: TextLine) -> bool:
    return bool(line.chars) and min(char.p for char in line.chars) >= CLEAR


def _wraps(upper: Box, lower: Box) -> bool:
    """Whether a line stands right under another, as the next line of one cell."""
    near = -0.3 * lower.height < lower.y0 - upper.y1 < 0.5 * lower.height
    return near and overlap(upper.x0, upper.x1, lower.x0, lower.x1) > 0.5 * min(upper.width, lower.width)


def _agreement(first: str, second: str) -> float:
    """Share of characters that two readings have in common, in order."""
    return SequenceMatcher(None, first, second, autojunk=False).ratio() if first or second else 1.0


def _batches(widths: Sequence[int]) -> list[list[int]]:
    """Places of the widths that are not 0, in batches of one width each, the costliest batches first."""
    batches: list[list[int]] = []
    room = 0
    for i in sorted((i for i, width in enumerate(widths) if width), key=lambda i: widths[i]):
        if not batches or widths[batches[-1][0]] != widths[i] or room < widths[i]:
            batches.append([])
            room = BATCH_PIXELS
        batches[-1].append(i)
        room -= widths[i]
    return sorted(batches, key=lambda batch: -len(batch) * widths[batch[0]])


def _crop(picture: Picture, box: Box) -> NDArray[np.uint8]:
    """The box cut out in three channels; without pixels where it lies outside the picture."""
    height, width = picture.shape[:2]
    x0, x1 = max(math.floor(box.x0), 0), min(math.ceil(box.x1), width)
    y0, y1 = max(math.floor(box.y0), 0), min(math.ceil(box.y1), height)
    if x1 <= x0 or y1 <= y0:
        return np.zeros((0, 0, 3), np.uint8)
    return _colour(picture[y0:y1, x0:x1])


def _colour(picture: Picture) -> NDArray[np.uint8]:
    if picture.ndim == 2:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
    return np.ascontiguousarray(picture)


def _scaled_width(shape: tuple[int, ...]) -> int:
    """Width of a crop at the recogniser's line height."""
    return max(1, math.ceil(LINE_HEIGHT * shape[1] / shape[0]))


def _padded_width(crop: NDArray[np.uint8]) -> int:
    """Width of the recogniser's input for a crop, 0 for one without pixels."""
    if crop.size == 0:
        return 0
    rounded = math.ceil((_scaled_width(crop.shape) + MARGIN) / ROUNDING) * ROUNDING
    return min(max(NARROWEST, rounded), WIDEST)
