"""Where shading changes within a row of a page: cells that are shaded apart have a border between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.unruled.steps import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Box, Picture

PAPER = 80  # percentile of a column of pixels: text fills less than the rest of a row's height, as its lines are apart
RIM = 0.3  # text heights: the rules' own ink and blur at a strip's top and bottom
WINDOW = 0.6  # text heights on both sides of a step over which the tone must be even
BLUR = 0.15  # text heights: how wide a printed and scanned step is
LEAST = 6.0  # grey levels (of 255): the faintest shading in use differs by 13 from white
NOISE = 5.0  # times the unevenness of the tone on both sides


@dataclass(frozen=True)
class ShadeSteps:
    """Steps of a page's shading; `picture` is the upright page as it came, light not evened."""

    picture: Picture
    scale: float

    @cached_property
    def grey(self) -> Picture:
        return self.picture if self.picture.ndim == 2 else cv2.cvtColor(self.picture, cv2.COLOR_BGR2GRAY)

    def __call__(self, strip: Box) -> list[Step]:
        """Each change of tone in a strip between two rules, left to right; none in a strip too low to tell."""
        rim = RIM * self.scale
        height, width = self.grey.shape
        x0, x1 = max(0, round(strip.x0)), min(width, round(strip.x1))
        y0, y1 = max(0, round(strip.y0 + rim)), min(height, round(strip.y1 - rim))
        if y1 - y0 < 4 or x1 - x0 < 4 * self.scale:
            return []
        tones = np.percentile(self.grey[y0:y1, x0:x1], PAPER, axis=0)
        return [Step(x0 + x, jump) for x, jump in _steps(tones, self.scale)]


def _steps(tones: NDArray[np.float64], scale: float) -> list[tuple[float, float]]:
    window, blur = max(3, round(WINDOW * scale)), max(1, round(BLUR * scale))
    xs = np.arange(window + blur, len(tones) - window - blur)
    if not len(xs):
        return []
    views = np.lib.stride_tricks.sliding_window_view(tones, window)
    level = np.median(views, axis=1)
    # Left of x ends at x - blur, right of x begins at x + blur; text may darken a little of one side.
    left, right = xs - blur - window, xs + blur
    jump = np.abs(level[right] - level[left])
    uneven = np.median(np.abs(np.diff(tones))) if len(tones) > 1 else 0.0
    calm = np.maximum(_rough(views[left], level[left]), _rough(views[right], level[right]))
    strong = (jump > LEAST) & (jump > NOISE * uneven) & (jump > 3 * calm)
    found: list[tuple[float, float]] = []
    marks = np.flatnonzero(strong)
    if not len(marks):
        return found
    groups = np.split(marks, np.flatnonzero(np.diff(marks) > blur) + 1)
    for group in groups:
        best = jump[group] >= 0.95 * jump[group].max()
        found.append((float(np.mean(xs[group[best]])), float(jump[group].max())))
    return found


def _rough(views: NDArray[np.float64], level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean distance of each window's tones from its level, its worst quarter left out."""
    apart = np.sort(np.abs(views - level[:, None]), axis=1)
    kept: NDArray[np.float64] = apart[:, : max(1, 3 * apart.shape[1] // 4)].mean(axis=1)
    return kept
