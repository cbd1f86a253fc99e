"""What Chinese words and the terms of public budgets say about a doubtful character.

A model of character sequences up to three long, counted in a word list and in the statutory vocabulary.
It is used as odds only: how much likelier a character is after the one or two before it than it is
anywhere. A pair that no word holds is held against it by MOST_AGAINST at most, and digits, Latin letters
and punctuation have no odds at all: no number is ever changed by it.
"""

from __future__ import annotations

import gzip
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from extractor.chinese import is_chinese

_HERE = Path(__file__).parent
WORDS = _HERE / "words.txt.gz"
VOCABULARY = _HERE / "vocabulary.txt"
# A budget's own terms are this many times as frequent in a budget as the square root of a word's count in general
# text. Between 20 and 1,000 the reading of 911 worn cells differs by two.
TERM = 200.0
MOST_AGAINST = -4.0  # natural logarithm of the odds of a pair that no word holds
UNSEEN = 7000.0  # characters in use: each is counted once more than it was seen (Laplace)
ORDER = 2  # characters before the one in question that count


class Language:
    """Odds of characters after others, with Witten-Bell smoothing from three characters to two to one."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = defaultdict(float)  # strings of one to three characters
        self._after: dict[str, float] = defaultdict(float)  # what followed a string of one or two, by weight
        self._kinds: dict[str, float] = defaultdict(float)  # different characters after it, words ended there
        self._total = 0.0

    def add(self, word: str, weight: float) -> None:
        """Count a word (Chinese characters only)."""
        self._total += weight
        for k, char in enumerate(word):
            self._seen[char] += weight
            for n in range(1, min(ORDER, k) + 1):
                before = word[k - n : k]
                if before + char not in self._seen:
                    self._kinds[before] += 1
                self._seen[before + char] += weight
                self._after[before] += weight
        for n in range(1, min(ORDER, len(word)) + 1):
            self._kinds[word[-n:]] += weight

    def knows(self, pair: str) -> bool:
        """Whether two characters were seen together."""
        return pair in self._seen

    def odds(self, before: str, char: str) -> float:
        """Natural logarithm of how many times likelier `char` is after `before` than anywhere; 0 for no Chinese."""
        context = _tail(before)
        if not context or not is_chinese(char):
            return 0.0
        alone = (self._seen.get(char, 0.0) + 1.0) / (self._total + UNSEEN)
        p = alone
        for n in range(1, len(context) + 1):
            known = context[-n:]
            followed = self._after.get(known)
            if followed:
                room = self._kinds.get(known, 0.0)
                p = (self._seen.get(known + char, 0.0) + room * p) / (followed + room)
        return max(MOST_AGAINST, math.log(p / alone))


class PageLanguage:
    """A language with what a page itself says in its clear lines: a term is repeated more often than not."""

    def __init__(self, general: Language, clear: Iterable[str]) -> None:
        self._general, self._own = general, learned((), clear)

    def odds(self, before: str, char: str) -> float:
        """As Language's; a pair that stands clearly elsewhere on the page has the better of both odds."""
        general = self._general.odds(before, char)
        return max(general, self._own.odds(before, char)) if self._own.knows(before[-1:] + char) else general


def _tail(text: str) -> str:
    """The Chinese characters, ORDER at most, that a text ends in."""
    k = len(text)
    while k > 0 and len(text) - k < ORDER and is_chinese(text[k - 1]):
        k -= 1
    return text[k:]


def runs(text: str) -> list[str]:
    """Runs of Chinese characters in a text."""
    return re.findall("[\u4e00-\u9fff]+", text)


def learned(words: Iterable[tuple[str, int]], terms: Iterable[str]) -> Language:
    """A language from counted words and a vocabulary."""
    language = Language()
    for word, count in words:
        language.add(word, math.sqrt(count))
    for term in terms:
        for run in runs(term):
            language.add(run, TERM)
    return language


def counted_words() -> Iterator[tuple[str, int]]:
    """The word list: words and how often each was counted."""
    for line in gzip.decompress(WORDS.read_bytes()).decode().splitlines():
        if not line.startswith("#"):
            word, count = line.split(" ")
            yield word, int(count)


def vocabulary() -> Iterator[str]:
    """The terms of public budgets."""
    for line in VOCABULARY.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            yield from line.split()


@cache
def chinese() -> Language:
    """The language of Chinese budgets; half a second and 20 MB when it is first asked for."""
    return learned(counted_words(), vocabulary())
