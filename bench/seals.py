"""Ink on the printed page: seals (round, oval, square, across the edge) and handwriting."""

from __future__ import annotations

import math
import random
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]

FONT_FILES = (
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
)
INKS = ((200, 30, 35), (215, 45, 40), (180, 20, 50), (225, 70, 60), (190, 40, 90), (60, 60, 170))  # RGB
PENS = ((20, 20, 25), (30, 45, 120), (25, 60, 150), (170, 30, 35))


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in FONT_FILES:
        if Path(name).exists():
            return ImageFont.truetype(name, size)
    return ImageFont.load_default()


def ring(draw: ImageDraw.ImageDraw, layer: Image.Image, words: str, centre: float, radius: float, size: int) -> None:
    """Words along the upper part of a circle, each character standing outwards."""
    span = math.radians(min(280, 22 * len(words)))
    for i, char in enumerate(words):
        angle = -span / 2 + span * (i / max(1, len(words) - 1))
        glyph = Image.new("L", (size * 2, size * 2), 0)
        ImageDraw.Draw(glyph).text((size, size), char, fill=255, font=font(size), anchor="mm")
        glyph = glyph.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC)
        x, y = centre + radius * math.sin(angle) - size, centre - radius * math.cos(angle) - size
        layer.paste(255, (round(x), round(y)), glyph)
    del draw


def seal_mask(rng: random.Random, org: str, size: int) -> Pixels:
    """A seal's ink as a square mask of `size` pixels, 255 where inked."""
    layer = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(layer)
    kind = rng.choice(("round", "round", "round", "oval", "square"))
    width = max(3, size // rng.randint(28, 45))
    if kind == "square":
        edge = size // 8
        draw.rectangle((edge, edge, size - edge, size - edge), outline=255, width=width)
        words = (org[-3:] + "印")[:4]
        step = (size - 2 * edge) // 2
        for i, char in enumerate(words):
            x, y = size - edge - step // 2 - step * (i // 2), edge + step // 2 + step * (i % 2)
            draw.text((x, y), char, fill=255, font=font(int(step * 0.8)), anchor="mm")
    else:
        edge_y = width if kind == "round" else size // 7
        draw.ellipse((width, edge_y, size - width, size - edge_y), outline=255, width=width)
        if kind == "round":
            ring(draw, layer, org[:14], size / 2, size * 0.36, max(8, size // 9))
            points = [
                (
                    size / 2 + size * (0.15 if i % 2 == 0 else 0.06) * math.sin(math.pi * i / 5),
                    size / 2 - size * (0.15 if i % 2 == 0 else 0.06) * math.cos(math.pi * i / 5),
                )
                for i in range(10)
            ]
            draw.polygon(points, fill=255)
            draw.text(
                (size / 2, size * 0.78),
                rng.choice(("财务专用章", "公开专用章", "")),
                fill=255,
                font=font(max(8, size // 12)),
                anchor="mm",
            )
        else:
            draw.text((size / 2, size * 0.38), org[-8:], fill=255, font=font(max(8, size // 11)), anchor="mm")
            draw.text(
                (size / 2, size * 0.58),
                rng.choice(("已审核", "财务专用章", "收讫")),
                fill=255,
                font=font(max(8, size // 10)),
                anchor="mm",
            )
    return np.asarray(layer.rotate(rng.uniform(-30, 30), resample=Image.Resampling.BICUBIC))


def patchy(mask: Pixels, g: np.random.Generator, strength: float) -> NDArray[np.float32]:
    """Ink as it lands: thin in places, with pinholes. Values 0..1."""
    h, w = mask.shape
    coarse = cv2.resize(g.uniform(0.35, 1.0, (6, 6)).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    fine = (g.random((h, w)) > 0.06).astype(np.float32)
    ink = mask.astype(np.float32) / 255 * np.clip(coarse, 0.2, 1) * fine * strength
    return cv2.GaussianBlur(ink.astype(np.float32), (0, 0), 0.6).astype(np.float32)


def blend(page: Pixels, ink: NDArray[np.float32], colour: tuple[int, int, int], x: int, y: int) -> None:
    """Multiply ink (0..1) of an RGB colour into a BGR page with its corner at (x, y), clipped to the page."""
    h, w = page.shape[:2]
    x0, y0, x1, y1 = max(0, x), max(0, y), min(w, x + ink.shape[1]), min(h, y + ink.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part = ink[y0 - y : y1 - y, x0 - x : x1 - x, None]
    tint = np.array(colour[::-1], np.float32) / 255
    page[y0:y1, x0:x1] = (page[y0:y1, x0:x1] * (1 - part + part * tint)).astype(np.uint8)


def somewhere(page: Pixels, rng: random.Random) -> tuple[int, int]:
    """A point of the page, as a rule where something is printed: seals and pens go where the form is."""
    h, w = page.shape[:2]
    small = cv2.resize(page, (w // 8, h // 8), interpolation=cv2.INTER_AREA).min(axis=2)
    ys, xs = np.nonzero(small < 200)
    if len(xs) == 0 or rng.random() < 0.2:
        return int(w * rng.uniform(0.12, 0.88)), int(h * rng.uniform(0.12, 0.88))
    k = rng.randrange(len(xs))
    return int(xs[k]) * 8, int(ys[k]) * 8


def press(page: Pixels, org: str, rng: random.Random, g: np.random.Generator) -> None:
    """One seal somewhere on the page; now and then across its right edge."""
    h, w = page.shape[:2]
    size = int(min(h, w) * rng.uniform(0.13, 0.24))
    mask = seal_mask(rng, org, size)
    edge = rng.random() < 0.12
    x, y = (w, rng.randint(h // 5, 4 * h // 5)) if edge else somewhere(page, rng)
    x, y = x - size // 2, y - size // 2
    blend(page, patchy(mask, g, rng.uniform(0.5, 0.95)), rng.choice(INKS), x, y)


def write(page: Pixels, rng: random.Random) -> None:
    """A signature, a tick or an underline with a pen."""
    h, w = page.shape[:2]
    em = min(h, w) / 60
    colour = rng.choice(PENS)[::-1]
    x, y = somewhere(page, rng)
    points: list[tuple[float, float]]
    kind = rng.choice(("name", "name", "tick", "underline"))
    if kind == "tick":
        points = [(x, y), (x + em, y + em * 1.2), (x + em * 3, y - em * 2)]
    elif kind == "underline":
        points = [(x + i * em, y + rng.uniform(-0.15, 0.15) * em) for i in range(rng.randint(5, 14))]
    else:
        points = [
            (x + i * em * 0.28 + rng.uniform(-1.1, 1.1) * em, y + rng.uniform(-1.4, 1.4) * em)
            for i in range(rng.randint(14, 40))
        ]
    knots = np.array(points, np.float32)
    times = np.linspace(0, len(points) - 1, len(points) * 12)
    curve = np.stack([np.interp(times, np.arange(len(points)), knots[:, axis]) for axis in (0, 1)], axis=1)
    smooth = cv2.GaussianBlur(curve.astype(np.float32), (1, 0), 0.1, sigmaY=3) if kind == "name" else curve
    layer = np.full_like(page, 255)
    cv2.polylines(
        layer, [np.asarray(smooth).astype(np.int32)], False, colour, max(1, round(em / rng.uniform(5, 9))), cv2.LINE_AA
    )
    np.multiply(page, layer.astype(np.float32) / 255, out=page, casting="unsafe")
