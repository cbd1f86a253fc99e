"""Which way up a page lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractor.elements import Picture


class PageOrientation:
    """`extractor.ports.Orientation`."""

    def upright_probabilities(self, picture: Picture) -> tuple[float, float, float, float]:
        """Probabilities that the picture must be turned clockwise by 0, 90, 180, 270 degrees to be read."""
        return (1.0, 0.0, 0.0, 0.0)
