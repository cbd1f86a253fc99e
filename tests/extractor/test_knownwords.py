from __future__ import annotations

from extractor.elements import Box, TextEvidence, TextLine
from extractor.knownwords import Wording, with_words


def test_a_cell_is_asked_as_a_whole_and_what_is_said_is_kept() -> None:
    asked: list[str] = []

    def words(text: str) -> Wording:
        asked.append(text)
        return Wording(2.0, 0.5)

    lines = [[TextLine("预算拨", Box(0, 0, 9, 9)), TextLine("款收入", Box(0, 9, 9, 18))], []]
    first, _ = with_words(lines, [TextEvidence(0.9), TextEvidence()], words)
    assert asked == ["预算拨款收入", ""]
    assert (first.posterior, first.strange, first.worded) == (0.9, 2.0, 0.5)
    assert with_words(lines, [TextEvidence(0.9), TextEvidence()], None)[0] == TextEvidence(0.9)
