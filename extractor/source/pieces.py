"""A scan stored in strips or tiles, put together again pixel by pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from extractor.affine import Affine
    from extractor.elements import Picture

# Producers round positions to hundredths of a point; pieces that stand further beside the common raster of
# pixels, or drift so far over the whole page, are no pieces of one scan.
_OFF_RASTER = 0.25  # pixels


@dataclass(frozen=True, slots=True)
class Piece:
    """An upright picture (h, w) or (h, w, 3) and its map from pixels to shown points, without turn or mirror."""

    picture: Picture
    to_points: Affine


def put_together(pieces: Sequence[Piece], max_pixels: int) -> Piece | None:
    """One picture of all pieces, later ones over earlier ones, white where none lies.

    None where they do not lie on one raster or the whole would exceed `max_pixels`.
    """
    a, _, _, d, _, _ = pieces[0].to_points
    left = min(p.to_points[4] for p in pieces)
    top = min(p.to_points[5] for p in pieces)
    places = [((p.to_points[4] - left) / a, (p.to_points[5] - top) / d) for p in pieces]
    columns = max(round(x) + p.picture.shape[1] for (x, _), p in zip(places, pieces, strict=True))
    rows = max(round(y) + p.picture.shape[0] for (_, y), p in zip(places, pieces, strict=True))
    if columns * rows > max_pixels or not all(
        _on_raster(place, p, (a, d), (columns, rows)) for place, p in zip(places, pieces, strict=True)
    ):
        return None
    coloured = any(p.picture.ndim == 3 for p in pieces)
    whole = np.full((rows, columns, 3) if coloured else (rows, columns), 255, np.uint8)
    for (x, y), piece in zip(places, pieces, strict=True):
        picture = piece.picture
        if coloured and picture.ndim == 2:
            picture = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_GRAY2BGR)
        height, width = picture.shape[:2]
        whole[round(y) : round(y) + height, round(x) : round(x) + width] = picture
    return Piece(whole, (a, 0.0, 0.0, d, left, top))


def _on_raster(place: tuple[float, float], piece: Piece, pixel: tuple[float, float], size: tuple[int, int]) -> bool:
    off = max(abs(v - round(v)) for v in place)
    steps = (piece.to_points[0], piece.to_points[3])
    drift = max(abs(step / p - 1) * n for step, p, n in zip(steps, pixel, size, strict=True))
    return off <= _OFF_RASTER and drift <= _OFF_RASTER
