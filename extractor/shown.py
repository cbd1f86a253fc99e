"""A page as a viewer shows it, as a PNG: what boxes in shown points can be drawn over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from extractor.errors import PageUnreadable
from extractor.source.pagepicture import POINTS_PER_INCH
from extractor.source.pdf import draw_page

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from extractor.elements import Picture, RawPage
    from extractor.source.documents import Source

LONGEST_SIDE = 4000  # pixels, for pages of posters and plans
FAST = 1  # zlib's level: higher ones take up to five times as long and save a tenth of a scan's bytes
WHITE = (255, 255, 255)
NEAR = 1.0  # pixels by which a picture may be off its place without being moved: less than a hairline's width


def shown_png(source: Source, raw: RawPage, dpi: float) -> bytes:
    """The page at `dpi` dots an inch (less where its own picture has fewer, or the page is very large).

    x and y of shown points times (width of the PNG / width of the page) are its pixels. Raises PageUnreadable.
    """
    own = raw.dpi if raw.picture is not None else dpi
    longest = LONGEST_SIDE * POINTS_PER_INCH / max(raw.width, raw.height)
    scale = min(dpi, own, longest) / POINTS_PER_INCH
    if raw.picture is not None:
        picture = _placed(raw.picture, raw, scale)
    else:
        picture = draw_page(source.path, raw.number, source.password, round(raw.width * scale))
    fine, encoded = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, FAST])
    if not fine:
        raise PageUnreadable(f"page {raw.number} cannot be drawn")
    return encoded.tobytes()


def _placed(picture: Picture, raw: RawPage, scale: float) -> Picture:
    """The page's picture at `scale` pixels a point, on white where it does not cover the page."""
    size = (max(1, round(raw.width * scale)), max(1, round(raw.height * scale)))
    to_shown = np.array(raw.to_shown.matrix, float).reshape(3, 3)
    whole = np.diag((scale, scale, 1.0)) @ to_shown
    # Reduced by averaging first: a warp takes single pixels, and thin rules would break.
    factor = min(1.0, scale * POINTS_PER_INCH / raw.dpi)
    rows, columns = picture.shape[:2]
    small = (max(1, round(columns * factor)), max(1, round(rows * factor)))
    reduced = cv2.resize(picture, small, interpolation=cv2.INTER_AREA) if factor < 1 else picture
    rest = whole @ np.diag((columns / small[0], rows / small[1], 1.0))
    if small == size and _moves_by(rest, size) < NEAR:
        return reduced
    return cv2.warpPerspective(reduced, rest, size, flags=cv2.INTER_LINEAR, borderValue=WHITE)


def _moves_by(matrix: NDArray[np.float64], size: tuple[int, int]) -> float:
    """Pixels by which the corner that moves most moves."""
    corners = np.array([[(x, y) for y in (0.0, size[1]) for x in (0.0, size[0])]])
    return float(np.abs(cv2.perspectiveTransform(corners, matrix) - corners).max())
