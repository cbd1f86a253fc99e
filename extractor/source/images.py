"""PNG, JPEG and multi-page TIFF files as pages, through Pillow."""

from __future__ import annotations

import struct
import warnings
import zlib
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from extractor.affine import frame_of
from extractor.elements import RawPage, Warn
from extractor.errors import DamagedDocument, NoPages, PageUnreadable, TooLarge
from extractor.source.media import PNG, TIFF
from extractor.source.pagepicture import POINTS_PER_INCH, square_pixels

if TYPE_CHECKING:
    from extractor.elements import Picture
    from extractor.source.documents import Limits

ASSUMED_DPI = 200.0  # where an image states no resolution
# A stated resolution outside these bounds is a placeholder (1 x 1 aspect ratios), not a scan's.
_PLAUSIBLE_DPI = (20.0, 5000.0)
# What Pillow's decoders raise on broken data, documented and not.
_BROKEN = (OSError, SyntaxError, ValueError, IndexError, KeyError, TypeError, EOFError, struct.error, zlib.error,
           OverflowError, ZeroDivisionError, MemoryError)
_DEEP_GREY = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")


class ImageReader:
    """Pages of one image file: the frames of a TIFF, the one picture of a PNG or JPEG."""

    def __init__(self, image: Image.Image, n_pages: int, limits: Limits, notes: tuple[Warn, ...]) -> None:
        self._image = image
        self._limits = limits
        self.n_pages = n_pages
        self.warnings = notes

    def load(self, number: int) -> RawPage:
        """Raises PageUnreadable, TooLarge."""
        try:
            with _Quiet():
                self._image.seek(number - 1)
                _check_size(self._image.size, self._limits)
                across, down = _resolution(self._image)
                upright = ImageOps.exif_transpose(self._image)
                if upright.size != self._image.size:
                    across, down = down, across
                picture = to_picture(upright)
        except Image.DecompressionBombError as error:
            raise TooLarge("the image is above the pixel limit") from error
        except NoPages as error:
            raise PageUnreadable(f"page {number} has no pixel") from error
        except _BROKEN as error:
            raise PageUnreadable(f"page {number} cannot be decoded") from error
        scale = (POINTS_PER_INCH / across, 0.0, 0.0, POINTS_PER_INCH / down, 0.0, 0.0)
        width, height = picture.shape[1] * scale[0], picture.shape[0] * scale[3]
        picture, to_points = square_pixels(picture, scale)
        dpi = POINTS_PER_INCH / to_points[0]
        return RawPage(number, width, height, "scan", frame_of(to_points), picture, dpi)

    def close(self) -> None:
        self._image.close()


def open_image(path: str, media_type: str, limits: Limits) -> ImageReader:
    """Open and count. Raises DamagedDocument, NoPages, TooLarge."""
    if media_type == PNG:
        _refuse_empty_png(path)
    try:
        with _Quiet():
            image = Image.open(path, formats=("PNG", "JPEG", "TIFF"))
            frames = int(getattr(image, "n_frames", 1))
    except Image.DecompressionBombError as error:
        raise TooLarge("the image is above the pixel limit") from error
    except (UnidentifiedImageError, *_BROKEN) as error:
        raise DamagedDocument("the image is truncated or broken and cannot be opened") from error
    notes: tuple[Warn, ...] = ()
    if media_type != TIFF and frames > 1:  # an animation, or a phone's picture with its depth map
        notes = (Warn("further_pictures", f"{frames - 1} pictures after the first were not read"),)
        frames = 1
    if frames < 1:
        raise NoPages("the image holds no picture")
    if frames == 1:
        _check_size(image.size, limits)
        try:
            with _Quiet():
                image.load()
        except _BROKEN as error:
            raise DamagedDocument("the image is truncated or broken and cannot be decoded") from error
    return ImageReader(image, frames, limits, notes)


def to_picture(image: Image.Image) -> Picture:
    """Grey (h, w) or BGR (h, w, 3), uint8. Alpha goes to white, deep grey to 8 bits, a grey palette to grey."""
    if image.mode in _DEEP_GREY:
        return _shallow(np.asarray(image))
    if image.mode in ("1", "L"):
        return np.array(image.convert("L") if "transparency" not in image.info else _on_white(image).convert("L"))
    if image.mode == "LA":
        return np.array(_on_white(image).convert("L"))
    if image.mode in ("P", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        color = np.array(_on_white(image))
        if image.mode in ("P", "PA") and bool((color[..., 0] == color[..., 1]).all() and (
            color[..., 1] == color[..., 2]
        ).all()):
            return np.ascontiguousarray(color[..., 0])
    else:
        color = np.array(image.convert("RGB"))
    return cv2.cvtColor(color, cv2.COLOR_RGB2BGR)


def _on_white(image: Image.Image) -> Image.Image:
    layered = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(paper, layered).convert("RGB")


def _shallow(deep: Picture) -> Picture:
    """16-bit and floating grey to 8 bits; values beyond 16 bits or below 0 are spread over their own range."""
    values = deep.astype(np.float32)
    low, high = float(values.min()), float(values.max())
    if deep.dtype.kind == "f" and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and high <= 65535:
        low, high = (0.0, 65535.0) if high > 255 else (0.0, 255.0)
    return np.clip((values - low) * (255.0 / max(high - low, 1e-9)) + 0.5, 0, 255).astype(np.uint8)


def _resolution(image: Image.Image) -> tuple[float, float]:
    """Dots an inch across and down as the file states them, else 200."""
    stated = image.info.get("dpi", ())
    try:
        across, down = (float(v) for v in stated)
    except (TypeError, ValueError, ZeroDivisionError):
        return ASSUMED_DPI, ASSUMED_DPI
    low, high = _PLAUSIBLE_DPI
    if not (low <= across <= high and low <= down <= high):
        return ASSUMED_DPI, ASSUMED_DPI
    return across, down


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise NoPages("the image is 0 x 0")
    if width * height > limits.max_pixels:
        raise TooLarge(f"the image has {width} x {height} pixels")


def _refuse_empty_png(path: str) -> None:
    """Pillow calls a PNG of no width broken; it is intact and empty."""
    with open(path, "rb") as file:
        head = file.read(24)
    if head[12:16] == b"IHDR" and len(head) == 24 and 0 in struct.unpack(">II", head[16:24]):
        raise NoPages("the image is 0 x 0")


class _Quiet(warnings.catch_warnings):
    """Pillow warns of large images and odd tags on standard error; sizes are checked here instead."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.simplefilter("ignore")
