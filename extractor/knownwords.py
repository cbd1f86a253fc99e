"""What known words say about a cell's whole text, wrapped lines joined: evidence for confidence, nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from extractor.elements import TextEvidence, TextLine


@dataclass(frozen=True, slots=True)
class Wording:
    """Of a text's Chinese characters. strange: how little known words explain them, 0 where all are explained.

    worded: share of them (0..1) that a word of two or more holds, or that no other stands beside; 1 without any.
    """

    strange: float = 0.0
    worded: float = 1.0


class Words(Protocol):
    """Known words; `models.strange` implements it."""

    def __call__(self, text: str) -> Wording: ...


def with_words(
    lines: Sequence[Sequence[TextLine]], evidence: Sequence[TextEvidence], words: Words | None
) -> tuple[TextEvidence, ...]:
    """Cells' evidence with what words say of each cell's lines together; as it is where nobody is asked."""
    if words is None:
        return tuple(evidence)
    said = [words("".join(line.text for line in own)) for own in lines]
    return tuple(
        replace(one, strange=about.strange, worded=about.worded) for one, about in zip(evidence, said, strict=True)
    )
