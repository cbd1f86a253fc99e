"""Which way up a page lies: a small classifier's guess, and where it is in doubt, a few lines read both ways.

The classifier (PP-LCNet, 224 x 224 pixels) sees the page twice, squeezed whole and its middle at the
scale it was trained on. On 900 views of ruled pages (good, poor, faxed, stamped, photographed, four
turns each) the two together were wrong 15 times, never with more than 0.68; above SURE it is believed.
Else the detector says whether lines run across or down, and the recogniser, which of two ways reads better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from extractor.elements import Box
from models import store
from models.session import open_session

if TYPE_CHECKING:
    from extractor.elements import Picture
    from models.reader import PaddleReader

SURE = 0.8
SIDE = 224  # pixels, the classifier's input
SHORT_SIDE = 256  # pixels, the page's short side when its middle is cut out
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
# The detector's input for the question "across or down": half of what finding lines well takes.
DETECTION_SIDE = 736
SAMPLE = 8  # lines read both ways
FEW = 4  # of them read first; the others only where these leave more doubt than CLEAR does
CLEAR = 0.999
LONGEST = 12.0  # of a line's length no more than this multiple of its height is read
ELONGATED = 1.5  # a line this much longer than high tells which way it runs
# How much a difference of one in mean posterior says, as log-odds; 0.03 apart is then 1 to 4.
WEIGHT = 50.0
ENOUGH = 8  # characters; fewer say less
UPRIGHT_PRIOR = (0.97, 0.01, 0.01, 0.01)

Four = tuple[float, float, float, float]


class PageOrientation:
    """`extractor.ports.Orientation`. Shares the reader, so as single-threaded as that."""

    def __init__(self, reader: PaddleReader, models_dir: Path | None = None, *, threads: int = 2) -> None:
        _, folder = store.require("page_orientation", models_dir)
        self._session = open_session(folder / store.MODEL_FILE, threads=threads)
        self._reader = reader

    def upright_probabilities(self, picture: Picture) -> Four:
        """Probabilities that the picture must be turned clockwise by 0, 90, 180, 270 degrees to be read."""
        if min(picture.shape[:2]) < 1:
            return UPRIGHT_PRIOR
        guess = self.guess(picture)
        if max(guess) >= SURE:
            return guess
        return self.read_both_ways(picture)

    def guess(self, picture: Picture) -> Four:
        """The classifier's word alone: the geometric mean of its two views."""
        (output,) = self._session.run(None, {"x": np.stack(_views(picture))})
        mean = np.exp(np.log(output + 1e-4).mean(axis=0))
        # Its classes say how far the page was turned clockwise; asked is how far to turn it on.
        upright, by90, by180, by270 = (mean / mean.sum()).tolist()
        return (upright, by270, by180, by90)

    def read_both_ways(self, picture: Picture) -> Four:
        """The detector's and the recogniser's word; upright where there is nothing to read."""
        lines = self._reader.detect_at(picture, DETECTION_SIDE)
        across = sum(line.box.width for line in lines if line.box.width > ELONGATED * line.box.height)
        down = sum(line.box.height for line in lines if line.box.height > ELONGATED * line.box.width)
        if across + down == 0:
            return UPRIGHT_PRIOR
        turned = down > across
        if turned:
            height = picture.shape[0]
            picture = np.rot90(picture, -1)  # 90 degrees clockwise: (x, y) goes to (height - y, x)
            boxes = [Box(height - b.y1, b.x0, height - b.y0, b.x1) for b in (line.box for line in lines)]
        else:
            boxes = [line.box for line in lines]
        boxes = _sample(boxes)
        height, width = picture.shape[:2]
        over = [Box(width - b.x1, height - b.y1, width - b.x0, height - b.y0) for b in boxes]
        p = self._first_is_right(picture, boxes, over)
        axis = max(across, down) / (across + down)
        one, other = axis * p, axis * (1 - p)
        rest = (1 - axis) / 2
        return (rest, one, rest, other) if turned else (one, rest, other, rest)

    def _first_is_right(self, picture: Picture, boxes: list[Box], over: list[Box]) -> float:
        """Probability that a picture is not upside down. `over`: its lines (longest first) as they lie when it is."""
        ways: tuple[list[float], list[float]] = ([], [])
        p = 0.5
        for part in (np.s_[:FEW], np.s_[FEW:]):
            for read, view, lines in zip(ways, (picture, np.rot90(picture, 2)), (boxes, over), strict=True):
                read += self._reader.posteriors(view, lines[part])
            p = _first_reads_better(*ways)
            if max(p, 1 - p) > CLEAR:
                break
        return p


def _views(picture: Picture) -> list[NDArray[np.float32]]:
    """The classifier's inputs (3, SIDE, SIDE): the page squeezed whole, and its middle."""
    height, width = picture.shape[:2]
    scale = SHORT_SIDE / min(height, width)
    size = (max(SIDE, round(width * scale)), max(SIDE, round(height * scale)))
    shrunk = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    top, left = (shrunk.shape[0] - SIDE) // 2, (shrunk.shape[1] - SIDE) // 2
    middle = shrunk[top : top + SIDE, left : left + SIDE]
    whole = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return [_normal(whole), _normal(middle)]


def _normal(view: Picture) -> NDArray[np.float32]:
    colour = cv2.cvtColor(view, cv2.COLOR_GRAY2BGR) if view.ndim == 2 else view
    return ((colour.astype(np.float32) / np.float32(255) - MEAN) / DEVIATION).transpose(2, 0, 1)


def _sample(boxes: list[Box]) -> list[Box]:
    """The longest lines, cut to a length that says enough."""
    longest = sorted(boxes, key=lambda b: -min(b.width / max(b.height, 1.0), LONGEST))[:SAMPLE]
    return [Box(b.x0, b.y0, min(b.x1, b.x0 + LONGEST * b.height), b.y1) for b in longest]


def _first_reads_better(first: Sequence[float], second: Sequence[float]) -> float:
    """Probability that the first of two readings of the same lines is the one that is not upside down.

    Compares the mean posteriors of their characters; few characters (a page number) say less.
    """
    means = [sum(posteriors) / max(len(posteriors), 1) for posteriors in (first, second)]
    weight = WEIGHT * min(1.0, max(len(first), len(second)) / ENOUGH)
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, weight * (means[0] - means[1])))))
