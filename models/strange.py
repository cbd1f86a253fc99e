"""How little known words explain a text of Chinese: what a misread character leaves behind.

A run of Chinese characters is cut into the likeliest words (the best path through a unigram model). A character
that no word holds with its neighbours stands alone there, and the rarer it is alone in common text, the stranger.
Nothing is changed by it: it is evidence for confidence only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from extractor.knownwords import Wording
from models.language import counted_words, runs, vocabulary

COMMON = 100_000  # a character counted so often as a word of its own is no surprise
TERM = 40_000  # what a budget's own term counts for at least
LONGEST = 12  # characters of a word


def wording(text: str) -> Wording:
    """What known words say of a text, whose blanks and line breaks count for nothing.

    `strange` sums over the characters that stand alone how much rarer than `COMMON` each is (natural logarithm).
    """
    words, total = _words()
    found = [cut(run, words, total) for run in runs("".join(text.split()))]
    alone = [word for run in found for word in run if len(word) == 1]
    strange = sum(max(0.0, math.log(COMMON / words.get(word, 1))) for word in alone)
    # A character between digits or marks (3年) is no rest of a word.
    rests = sum(len(word) == 1 for run in found if len(run) > 1 for word in run)
    return Wording(strange, 1.0 - rests / max(1, sum(len(word) for run in found for word in run)))


@cache
def _words() -> tuple[dict[str, int], int]:
    words = dict(counted_words())
    for term in vocabulary():
        for run in runs(term):
            words[run] = max(words.get(run, 0), TERM)
    return words, sum(words.values())


def cut(run: str, words: Mapping[str, int], total: int) -> list[str]:
    """The likeliest words that a run of Chinese characters consists of; any single character may be one."""
    best, begin = [0.0] + [-math.inf] * len(run), [0] * (len(run) + 1)
    for i in range(len(run)):
        for j in range(i + 1, min(len(run), i + LONGEST) + 1):
            count = words.get(run[i:j], 1 if j == i + 1 else 0)
            if count and (odds := best[i] + math.log(count / total)) > best[j]:
                best[j], begin[j] = odds, i
    out: list[str] = []
    end = len(run)
    while end:
        out.append(run[begin[end] : end])
        end = begin[end]
    return out[::-1]
