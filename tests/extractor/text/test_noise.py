from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from extractor.elements import Box, Char, TextLine
from extractor.ports import DetectedLine
from extractor.text.noise import MANY, SAMPLE, read_writing
from tests.drawn import Picture

PAGE = np.zeros((10, 10), np.uint8)
BOXES = [Box(k, 0, k + 1, 1) for k in range(MANY)]


@dataclass
class Counting:
    """Reads "7" everywhere, as surely as told, and counts what it was asked."""

    p: float
    asked: list[int] = field(default_factory=list)

    def detect(self, picture: Picture) -> list[DetectedLine]:
        return []

    def read(self, picture: Picture, boxes: Sequence[Box]) -> list[TextLine]:
        self.asked.append(len(boxes))
        return [TextLine("7", box, (Char("7", self.p),)) for box in boxes]


def test_noise_is_left_unread_and_said() -> None:
    reader = Counting(0.3)
    lines, (warning,) = read_writing(reader, PAGE, BOXES, 0)
    assert [(line.box, line.text) for line in lines] == [(box, "") for box in BOXES]
    assert warning.code == "noise_not_read"
    assert str(MANY) in warning.detail
    assert sum(reader.asked) < 1.2 * SAMPLE


@pytest.mark.parametrize(
    ("p", "n_boxes", "n_detected"),
    [
        (0.9, MANY, 0),  # writing that the detector did not see
        (0.3, MANY - 1, 0),  # too little to be spared
        (0.3, MANY, MANY * 3 // 4),  # lines, however bad
    ],
)
def test_everything_else_is_read(p: float, n_boxes: int, n_detected: int) -> None:
    reader = Counting(p)
    lines, warnings = read_writing(reader, PAGE, BOXES[:n_boxes], n_detected)
    assert [line.text for line in lines] == ["7"] * n_boxes
    assert warnings == ()
    assert reader.asked[-1] == n_boxes
