"""A single stroke alone in its crop: the recogniser, without company to tell size and slant by, takes
a slash for a 1 and a dash for a 1 or an equals sign. The ink itself tells.

Measured on / and - in six fonts, four sizes and four margins: three in four slashes were read as 1 (with
posteriors of 0.5 to 0.9, and the slash as runner-up) and one dash in ten as something else than a dash
or 一, while every 1 was read with a posterior above 0.99.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from extractor.elements import Char, TextLine
from models.doubt import Odds

UPRIGHT_STROKES = frozenset("1IlｌＩ|｜丨/／")
DASHES = frozenset("-—–－一")
LYING_STROKES = DASHES | frozenset("1=~_")
SURE = 0.97  # posterior from which the recogniser is believed
# Correlation of x and y over the ink: a slash has -0.94 and beyond, an upright 1 with its foot 0 to 0.4, 7 has -0.3.
SLANT = -0.85
FLAT = 0.35  # height by width of a dash's ink
# ** stands where a form's column has no code. Two blobs as wide as high, alike, small in their crop (a crop keeps paper
# around ink, but a full character fills three quarters of it), and dark in their middle, where 0 and o are light.
STARS = "**"
UNSURE = 0.6  # mean posterior from which a reading of two blobs is believed
SMALL = 0.66  # a blob's height by its crop's
SQUARE = 1.7  # a blob's longer side by its shorter
ALIKE = 1.5  # the larger blob's side by the smaller's
# In a crop of its own, stretched to the recogniser's height, nothing but its width tells one of these from the other.
TWINS = {"日": "目", "曰": "目", "目": "日", "未": "末", "末": "未", "土": "士", "士": "土"}
# Logarithm of the odds of words from which the twin is taken. Right words lie at 0.4 and below, misread ones at 4.5.
TWIN_ODDS = 4.0
# What worn print makes of a character by a stroke lost or run together, seen with posteriors of 0.95 to 0.997: taken
# for the other from WORN_ODDS, or LAST_ODDS at a line's end (上级文 goes on with 件), unless it was read with WORN_SURE
# or a neighbour speaks for it (贫因病). Of the cells of 300 forms, as printed, the strongest odds for another are 0.4,
# of all places where they could wrap, 3.0 and 5.7.
WORN = {
    "月": "目", "因": "困", "木": "本", "亨": "享", "清": "情", "阻": "租", "盗": "益", "全": "金", "池": "他",
    "文": "支", "利": "科",
}
WORN_ODDS = 3.5
LAST_ODDS = 6.0
WORN_SURE = 0.998
MISREAD = frozenset(TWINS) | frozenset(WORN)


def settle(line: TextLine, crop: NDArray[np.uint8]) -> TextLine:
    """The line of a lone stroke with the character that its ink shows; any other line as it is.

    `crop`: (height, width, 3). The new character gets the posterior that the two confused ones shared.
    """
    if 1 <= len(line.chars) <= 3 and line.text != STARS and _mean(line) < UNSURE and _are_stars(crop):
        left, right = (line.box.x0 + share * line.box.width for share in (0.3, 0.7))
        return replace(line, text=STARS, chars=(Char("*", UNSURE, left), Char("*", UNSURE, right)))
    if len(line.chars) != 1 or line.chars[0].p >= SURE:
        return line
    (char,) = line.chars
    if char.text in UPRIGHT_STROKES and _slanted(crop):
        settled = "/"
    elif char.text in LYING_STROKES - DASHES and _flat(crop):
        settled = "-"
    else:
        return line
    group = UPRIGHT_STROKES if settled == "/" else LYING_STROKES
    shared = char.p + (char.runner_up_p if char.runner_up in group else 0.0)
    shared = min(shared, 1.0)
    other = char.runner_up if char.text == settled else char.text
    told = replace(char, text=settled, p=shared, runner_up=other, runner_up_p=1.0 - shared)
    return replace(line, text=settled, chars=(told,))


def twins(line: TextLine, before: str, language: Odds) -> TextLine:
    """The line with a character as its twin where words strongly ask for that one; `before`: the line it wraps."""
    chars = list(line.chars)
    for k, char in enumerate(chars):
        worn = char.text in WORN
        other = (WORN if worn else TWINS).get(char.text, "")
        if not other or (worn and (char.p >= WORN_SURE or _is_date(chars, k))):
            continue
        context = (before + "".join(c.text for c in chars[:k]))[-2:]
        after = chars[k + 1].text if k + 1 < len(chars) else ""
        gains = [
            language.odds(context, other) - language.odds(context, char.text),
            language.odds(context + other, after) - language.odds(context + char.text, after) if after else 0.0,
        ]
        least = TWIN_ODDS if not worn else WORN_ODDS if after else LAST_ODDS
        if sum(gains) >= least and not (worn and min(gains) < 0):
            chars[k] = replace(char, text=other, p=SURE * 0.95, runner_up=char.text, runner_up_p=1 - SURE)
    if tuple(chars) == line.chars:
        return line
    return replace(line, text="".join(c.text for c in chars), chars=tuple(chars), by_words=True)


def _is_date(chars: Sequence[Char], k: int) -> bool:
    """Whether a character ends a date or a count: what follows it (12月标准) says nothing of it."""
    return k > 0 and chars[k - 1].text.isdigit()


def _mean(line: TextLine) -> float:
    return sum(char.p for char in line.chars) / len(line.chars)


def _are_stars(crop: NDArray[np.uint8]) -> bool:
    ink = _ink(crop)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    most = max((area for *_, area in stats[1:].tolist()), default=0)
    blobs = sorted((x, y, w, h) for x, y, w, h, area in stats[1:].tolist() if area > 0.15 * most)
    if len(blobs) != 2:
        return False
    sides = [max(w, h) for _, _, w, h in blobs]
    if max(sides) > SMALL * crop.shape[0] or max(sides) > ALIKE * min(sides):
        return False
    first, second = (y + h / 2 for _, y, _, h in blobs)
    level = abs(first - second) < 0.35 * max(sides)
    return level and all(_is_filled(ink[y : y + h, x : x + w]) for x, y, w, h in blobs)


def _is_filled(blob: NDArray[Any]) -> bool:
    height, width = blob.shape
    if max(height, width) > SQUARE * min(height, width) or min(height, width) < 3:
        return False
    middle = blob[height // 3 : height - height // 3, width // 3 : width - width // 3]
    return float(middle.mean()) > 0.7


def _ink(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """1 where a crop is inked."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1], np.uint8)


def _slanted(crop: NDArray[np.uint8]) -> bool:
    ys, xs = np.nonzero(_ink(crop))
    if xs.size < 3 or np.ptp(xs) == 0 or np.ptp(ys) == 0:
        return False
    return float(np.corrcoef(xs, ys)[0, 1]) < SLANT


def _flat(crop: NDArray[np.uint8]) -> bool:
    ys, xs = np.nonzero(_ink(crop))
    return bool(xs.size and np.ptp(ys) + 1 <= FLAT * (np.ptp(xs) + 1))
