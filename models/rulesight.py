"""A UNet that marks ruling lines, as the extractor's `RuleSight` (trained on worn and warped tables; 8 MB).

Its file gives only the likeliest class of every pixel, but how sure it is tells a rule that is drawn from one that it
merely goes on with. The tensor before that decision is made an output by appending one to the file's bytes: messages
of protobuf that stand one after the other are merged.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from extractor.ruling.sight import SeenRules
from models import store
from models.session import open_session

if TYPE_CHECKING:
    from extractor.elements import Picture

SIDE = 1024  # pixels, the longer side of what it was trained on
MULTIPLE = 32  # its layers halve the picture five times
MEAN = np.array([123.675, 116.28, 103.53], np.float32)  # RGB
DEVIATION = np.array([58.395, 57.12, 57.375], np.float32)
LIKELIHOODS = "661"  # the softmax over ground, level rules, upright rules


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field of a protobuf message, shorter than 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


# ModelProto.graph.output: a ValueInfoProto with a name and the type of a tensor of floats.
_OUTPUT = _field(7, _field(12, _field(1, LIKELIHOODS.encode()) + _field(2, _field(1, bytes([8, 1])))))


class UnetSight:
    """`extractor.ports.RuleSight`. Loaded at its first use: most documents never need it."""

    def __init__(self, models_dir: Path | None = None, *, threads: int = 2) -> None:
        """Raises ModelMissing or ModelDamaged."""
        _, folder = store.require("rule_detection", models_dir)
        self._file = folder / store.MODEL_FILE
        self._threads = threads

    @cached_property
    def _session(self) -> Any:
        return open_session(self._file.read_bytes() + _OUTPUT, threads=self._threads, arena=False)

    def see(self, picture: Picture) -> SeenRules:
        """How likely each spot of an upright page (grey or BGR) lies on a rule."""
        height, width = picture.shape[:2]
        shrink = SIDE / max(height, width)
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrink < 1 else cv2.INTER_CUBIC)
        colour = cv2.cvtColor(small, cv2.COLOR_GRAY2RGB if small.ndim == 2 else cv2.COLOR_BGR2RGB)
        below, right = -size[1] % MULTIPLE, -size[0] % MULTIPLE
        view = np.pad((colour.astype(np.float32) - MEAN) / DEVIATION, ((0, below), (0, right), (0, 0)))
        (likely,) = self._session.run([LIKELIHOODS], {"input": view.transpose(2, 0, 1)[None]})
        level, upright = (likely[0, 1:, : size[1], : size[0]] * 255).astype(np.uint8)
        return SeenRules(level, upright, 1 / shrink)
