"""Text lines found and read by PP-OCRv6 through paddleocr's own objects.

paddleocr loads the models, prepares pictures and turns the detector's map into boxes. How crops are
batched and how the recogniser's raw output becomes characters is ours (`ctc.py`), because paddleocr
pads every crop to 320 pixels and keeps only a mean score.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from extractor.elements import Box, Char, TextLine
from extractor.ports import DetectedLine
from models import ctc, store
from models.quiet import import_paddleocr

if TYPE_CHECKING:
    from extractor.elements import Picture

# Longest side of the detector's input, pixels.
DETECTION_SIDE = 1344
LINE_HEIGHT = 48  # pixels, the recogniser's input
STEP = 8  # pixels of the recogniser's input for one time step
# A line is padded on its right: without a margin about 1 % of the strings break (1315.02 became 35.02).
MARGIN = 32
NARROWEST = 128
WIDEST = 3200  # paddleocr squeezes longer lines into this width
# Pixels of width that go through the recogniser at once: bounds its memory (7.5 kB a pixel of output).
BATCH_PIXELS = 4096


class PaddleReader:
    """`extractor.ports.Reader` on paddleocr. Not thread-safe: one per process."""

    def __init__(self, models_dir: Path | None = None, *, threads: int = 2) -> None:
        detection, detection_dir = store.require("text_detection", models_dir)
        recognition, recognition_dir = store.require("text_recognition", models_dir)
        paddleocr = import_paddleocr()
        engine: dict[str, Any] = {"intra_op_num_threads": threads, "inter_op_num_threads": 1}
        common = {"engine": "onnxruntime", "device": "cpu", "engine_config": engine}
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
        self._recogniser = paddleocr.TextRecognition(
            model_name=recognition.name, model_dir=str(recognition_dir), **common
        ).paddlex_predictor
        self._prepare = self._recogniser.pre_tfs["ReisizeNorm"]
        self._characters: list[str] = self._recogniser.post_op.character

    def detect(self, picture: Picture, side: int = DETECTION_SIDE) -> list[DetectedLine]:
        """Text lines of a whole page, any order; the picture is shrunk to a longest side of `side` pixels."""
        if min(picture.shape[:2]) < 1:
            return []
        result = next(iter(self._detector.predict(_colour(picture), limit_side_len=side)))
        lines = []
        for quad, score in zip(result["dt_polys"], result["dt_scores"], strict=True):
            corners = tuple((float(x), float(y)) for x, y in quad)
            xs, ys = [x for x, _ in corners], [y for _, y in corners]
            lines.append(DetectedLine(Box(min(xs), min(ys), max(xs), max(ys)), corners, float(score)))
        return lines

    def read(self, picture: Picture, boxes: Sequence[Box]) -> list[TextLine]:
        """Read each upright box; one line for each, in the same order."""
        lines = [TextLine("", box) for box in boxes]
        crops = [_crop(picture, box) for box in boxes]
        widths = [0 if crop is None else _scaled_width(crop) for crop in crops]
        order = sorted((i for i in range(len(boxes)) if widths[i]), key=lambda i: widths[i])
        for batch, padded in _batches(order, widths):
            inputs = np.stack([self._prepare.resize_norm_img(crops[i], (padded + 0.5) / LINE_HEIGHT) for i in batch])
            (output,) = self._recogniser.runner(x=[inputs])
            best = output.argmax(axis=2)
            for place, i in enumerate(batch):
                emissions = ctc.decode(output[place], best[place])
                lines[i] = self._line(boxes[i], emissions, scale=boxes[i].width / min(widths[i], WIDEST))
        return lines

    def _line(self, box: Box, emissions: Sequence[ctc.Emission], scale: float) -> TextLine:
        chars = tuple(
            Char(
                text=self._characters[e.label],
                p=e.p,
                x=min(box.x0 + (e.step + 0.5) * STEP * scale, box.x1),
                runner_up="" if e.runner_up == ctc.BLANK else self._characters[e.runner_up],
                runner_up_p=e.runner_up_p,
            )
            for e in emissions
        )
        return TextLine("".join(c.text for c in chars), box, chars)


def _batches(order: Sequence[int], widths: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """Crops, narrowest first, in batches of one padded width."""
    batch: list[int] = []
    padded = 0
    for i in order:
        wanted = min(max(NARROWEST, -(-(widths[i] + MARGIN) // STEP) * STEP), WIDEST)
        if batch and (len(batch) + 1) * wanted > BATCH_PIXELS:
            yield batch, padded
            batch = []
        batch.append(i)
        padded = wanted
    if batch:
        yield batch, padded


def _crop(picture: Picture, box: Box) -> NDArray[np.uint8] | None:
    """The box cut out in three channels, or None where it holds no pixel."""
    height, width = picture.shape[:2]
    x0, x1 = max(math.floor(box.x0), 0), min(math.ceil(box.x1), width)
    y0, y1 = max(math.floor(box.y0), 0), min(math.ceil(box.y1), height)
    if x1 <= x0 or y1 <= y0:
        return None
    return _colour(picture[y0:y1, x0:x1])


def _colour(picture: Picture) -> NDArray[np.uint8]:
    if picture.ndim == 2:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), np.uint8)
    return np.ascontiguousarray(picture)


def _scaled_width(crop: NDArray[np.uint8]) -> int:
    height, width = int(crop.shape[0]), int(crop.shape[1])
    return max(1, math.ceil(LINE_HEIGHT * width / height))
