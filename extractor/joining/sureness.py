"""How sure the characters of a text are, as a reader tells them apart."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from extractor.elements import Char, TextLine
from extractor.joining.overpages import WholeCell

SURE = 0.9  # posterior below which a character counts as unsure
# Marks that no reader tells apart in a table; widths are folded by Unicode's own rule (NFKC).
_MARKS = str.maketrans("。、“”‘’—–−≧≦□●•", ".,\"\"''---≥≤☐··")


@lru_cache(maxsize=4096)
def told(char: str) -> str:
    """A character as a reader tells it from others: widths and look-alike marks folded, nothing of a space."""
    return "".join(unicodedata.normalize("NFKC", char).translate(_MARKS).split())


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure a character is: its posterior with its look-alikes', its strongest other rival's, all other rivals'."""

    p: float
    rival: float
    rivals: float = 0.0

    @classmethod
    def of(cls, char: Char) -> Sureness:
        own, p, rival, rivals = told(char.text), char.p, 0.0, 0.0
        for other, share in ((char.runner_up, char.runner_up_p), *char.others):
            if other and told(other) == own:
                p += share
            elif other:
                rival, rivals = max(rival, share), rivals + share
        return cls(min(1.0, p), rival, rivals)

    @property
    def among(self) -> float:
        """Its share of what the characters found have together, where nothing is no answer."""
        return self.p / max(1e-9, self.p + self.rivals)


def sureness(lines: Iterable[TextLine]) -> list[Sureness]:
    """Of all characters that are no spaces."""
    return [Sureness.of(char) for line in lines for char in line.chars if told(char.text)]


def lines_of(cell: WholeCell) -> list[TextLine]:
    return [line for _, part in cell.parts for line in part.lines]
