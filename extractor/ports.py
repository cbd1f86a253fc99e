"""What the page's story needs from outside. `models/` implements these; tests implement them too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from extractor.elements import Box, Grid, TextLine
from extractor.knownwords import Words

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.ruling.sight import SeenRules
    from extractor.trust.calibration import Calibration


@dataclass(frozen=True, slots=True)
class DetectedLine:
    """A text line found by the detector: its upright bounding box in the picture's pixels and its score 0..1."""

    box: Box
    score: float


class Reader(Protocol):
    """Text detection and recognition."""

    def detect(self, picture: Picture) -> list[DetectedLine]:
        """Text lines of a whole page, any order."""
        ...

    def read(self, picture: Picture, boxes: Sequence[Box]) -> list[TextLine]:
        """Read each upright box of a picture; one line for each box, in the same order.

        A box in which nothing is read gives a line with empty text. `chars` carry posteriors,
        runner-ups and x positions in the picture's pixels.
        """
        ...


class Orientation(Protocol):
    """Which way up a page lies."""

    def upright_probabilities(self, picture: Picture) -> tuple[float, float, float, float]:
        """Probabilities that the picture must be turned clockwise by 0, 90, 180, 270 degrees to be read."""
        ...


class RuleSight(Protocol):
    """A second, learned opinion on where rules are drawn; slow, so that only pages in doubt are shown to it."""

    def see(self, picture: Picture) -> SeenRules:
        """How likely each spot of an upright page (grey or BGR) lies on a rule."""
        ...


class BornDigitalGrids(Protocol):
    """Grids of a born-digital page, in points of the page turned to be read, origin top-left (camelot does it)."""

    def ruled(self, pdf: str, page: int, password: str | None) -> list[Grid]:
        """Ruled tables (lattice)."""
        ...

    def unruled(self, pdf: str, page: int, password: str | None) -> list[Grid]:
        """Tables from text alignment (network or hybrid)."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """All that `extractor.pipeline` needs besides the page. `models` names weights for the result's `engine`.

    calibration: what makes confidences of signs; without one they are reasoned ones (`extractor.trust.confidence`).
    words: what known words say of a text; without them a text is never strange.
    rule_sight: asked of worn borders; without one the ink alone decides.
    ahead: a document's next page is begun in a second thread while one is being read: all of these can bear it, and
    there is a core for it.
    """

    reader: Reader
    orientation: Orientation
    born_digital: BornDigitalGrids
    models: tuple[tuple[str, str], ...] = ()
    calibration: Calibration | None = None
    words: Words | None = None
    rule_sight: RuleSight | None = None
    ahead: bool = False
