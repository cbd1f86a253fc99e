"""A printed page becomes a scan, a fax or a photograph, by a recipe of `levels`. All of it by a seed."""

from __future__ import annotations

import random
import time
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from bench.levels import Recipe
from bench.seals import press, write

Pixels = NDArray[np.uint8]
POINTS_PER_INCH = 72


def pages(pdf: Path, dpi: int) -> list[Pixels]:
    """The pages of a PDF as BGR pictures."""
    document = pypdfium2.PdfDocument(str(pdf))
    try:
        return [
            page.render(scale=dpi / POINTS_PER_INCH, rev_byteorder=False).to_numpy()[..., :3].copy()
            for page in document
        ]
    finally:
        document.close()


def count_pages(pdf: Path) -> int:
    document = pypdfium2.PdfDocument(str(pdf))
    try:
        return len(document)
    finally:
        document.close()


def field(shape: tuple[int, int], low: float, high: float, cells: int, g: np.random.Generator) -> NDArray[np.float32]:
    """A smooth random field over the page."""
    small = g.uniform(low, high, (cells, cells)).astype(np.float32)
    return cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC).astype(np.float32)


def tilt(page: Pixels, degrees: float, paper: tuple[int, int, int]) -> Pixels:
    h, w = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((w / 2, h / 2), degrees, 1)
    return cv2.warpAffine(page, matrix, (w, h), borderValue=paper, flags=cv2.INTER_CUBIC).astype(np.uint8)


def worn(page: Pixels, share: float, g: np.random.Generator) -> Pixels:
    """Toner fades over `share` of the page in stretches about a text line wide, more in some than in others."""
    h, w = page.shape[:2]
    patches = cv2.resize(
        g.uniform(0, 1, (max(2, h // 14), max(2, w // 14))).astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC
    )
    loss = np.clip((patches - (1 - share)) / max(share, 0.01) * 2, 0, 1) * float(g.uniform(60, 130))
    return np.clip(page.astype(np.float32) + loss[..., None], 0, 255).astype(np.uint8)


def on_paper(page: Pixels, recipe: Recipe, org: str, rng: random.Random, g: np.random.Generator) -> Pixels:
    """What happens to the sheet itself: paper colour, the back shining through, holes, creases, seals, pens."""
    h, w = page.shape[:2]
    if recipe.wear:
        page = worn(page, recipe.wear, g)
    if recipe.bleed:
        back = cv2.GaussianBlur(page[:, ::-1], (0, 0), 2.0)
        page = np.clip(page.astype(np.float32) - (255 - back.astype(np.float32)) * recipe.bleed, 0, 255).astype(
            np.uint8
        )
    if recipe.tint:
        page = (page.astype(np.float32) * (np.array(recipe.tint, np.float32) / 255)).astype(np.uint8)
    for _ in range(recipe.creases):
        at, vertical = rng.uniform(0.3, 0.7), rng.random() < 0.3
        start = (int(w * at), 0) if vertical else (0, int(h * at))
        end = (int(w * at), h) if vertical else (w, int(h * (at + rng.uniform(-0.004, 0.004))))
        lighter = cv2.line(page.copy(), start, end, (245, 245, 245), max(1, w // 900))
        page = cv2.addWeighted(page, 0.45, lighter, 0.55, 0).astype(np.uint8)
    if recipe.holes:
        for share in (0.3, 0.7):
            cv2.circle(page, (int(w * 0.025), int(h * share)), int(w * 0.011), (60, 60, 60), -1, cv2.LINE_AA)
    if recipe.corner:
        size = int(w * rng.uniform(0.02, 0.05))
        cv2.fillPoly(page, [np.array([(w, 0), (w - size, 0), (w, size)], np.int32)], (90, 90, 90))
        cv2.fillPoly(page, [np.array([(w - size, 0), (w - size, size), (w, size)], np.int32)], (215, 215, 215))
    for _ in range(recipe.seals):
        press(page, org, rng, g)
    for _ in range(recipe.signatures):
        write(page, rng)
    return page


def photographed(page: Pixels, strength: float, g: np.random.Generator) -> Pixels:
    """By hand from above: a desk around the sheet, its curl, the camera's angle, a shadow, warm or cold light."""
    h, w = page.shape[:2]
    desk = tuple(int(v) for v in g.uniform(30, 170, 3))
    pad = int(g.uniform(0.03, 0.1) * max(h, w))
    page = cv2.copyMakeBorder(page, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=desk).astype(np.uint8)
    h, w = page.shape[:2]
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
    bend, phase = float(g.uniform(0.002, 0.013)) * strength * h, float(g.uniform(0, np.pi))
    if g.random() < 0.7:
        ys = ys + bend * np.sin(np.pi * xs / w * float(g.uniform(0.7, 1.4)) + phase).astype(np.float32)
    else:
        xs = xs + bend * np.sin(np.pi * ys / h * float(g.uniform(0.7, 1.2)) + phase).astype(np.float32)
    page = cv2.remap(page, xs, ys, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)
    square = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    moved = (square + g.uniform(-0.045, 0.045, (4, 2)) * strength * (w, h)).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(square, moved)
    page = cv2.warpPerspective(page, matrix, (w, h), borderValue=desk, flags=cv2.INTER_CUBIC).astype(np.uint8)
    cast = g.uniform(0.84, 1.0, 3).astype(np.float32)
    angle, edge = float(g.uniform(0, 2 * np.pi)), float(g.uniform(0.25, 0.75))
    across = np.cos(angle) * np.linspace(0, 1, w)[None, :] + np.sin(angle) * np.linspace(0, 1, h)[:, None]
    shadow = 1 - float(g.uniform(0, 0.35)) * strength / (1 + np.exp((across - edge) * float(g.uniform(8, 40))))
    lit: NDArray[np.float32] = page * cast * shadow[..., None].astype(np.float32)
    return np.clip(lit, 0, 255).astype(np.uint8)


def captured(page: Pixels, recipe: Recipe, rng: random.Random, g: np.random.Generator) -> Pixels:
    """What the device adds: tilt, angle, blur, uneven light, noise, dark edges."""
    paper = recipe.tint or (255, 255, 255)
    page = tilt(page, rng.uniform(-recipe.skew, recipe.skew), paper)
    if recipe.camera:
        page = photographed(page, recipe.camera, g)
    h, w = page.shape[:2]
    if recipe.border:
        side, band = rng.randrange(4), int(min(h, w) * rng.uniform(0.004, 0.018))
        part = (slice(0, band), slice(h - band, h), slice(None), slice(None))[side]
        across = (slice(None), slice(None), slice(0, band), slice(w - band, w))[side]
        page[part, across] = rng.randint(0, 70)
    if recipe.tone != "colour":
        page = cv2.cvtColor(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR).astype(np.uint8)
    if recipe.blur:
        page = cv2.GaussianBlur(page, (0, 0), recipe.blur).astype(np.uint8)
    plane = page.astype(np.float32)
    if recipe.light:
        plane *= np.clip(field((h, w), 1 - recipe.light, 1, 2 if recipe.camera else 4, g), 0, 1)[..., None]
    if recipe.noise:
        plane += g.standard_normal((h, w), np.float32)[..., None] * recipe.noise
    return np.clip(plane, 0, 255).astype(np.uint8)


def filed(page: Pixels, recipe: Recipe, rng: random.Random, g: np.random.Generator, quarter_turns: int) -> Image.Image:
    """The picture as the device stores it: colour, grey or black and white."""
    h, w = page.shape[:2]
    for _ in range(recipe.streaks):
        x = rng.randrange(w)
        page[:, x : x + max(1, w // 900)] = rng.choice((0, 255))
    if recipe.specks:
        for _ in range(int(recipe.specks * h * w / 1e6)):
            cv2.circle(page, (rng.randrange(w), rng.randrange(h)), rng.choice((0, 0, 1, 1, 2)), (20, 20, 20), -1)
    page = np.rot90(page, quarter_turns).copy()
    if recipe.tone == "colour":
        return Image.fromarray(cv2.cvtColor(page, cv2.COLOR_BGR2RGB))
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    if recipe.tone == "bilevel":
        del g
        threshold: NDArray[np.float32] | int = recipe.threshold
        if recipe.camera:
            # Scanning apps on telephones set black and white by the light around each spot, else shadow turns black.
            light = cv2.blur(grey, (h // 12, h // 12)).astype(np.float32)
            threshold = light * (recipe.threshold / 190)
        return Image.fromarray(((grey > threshold) * np.uint8(255)).astype(np.uint8)).convert(
            "1", dither=Image.Dither.NONE
        )
    return Image.fromarray(grey)


def age(page: Pixels, recipe: Recipe, org: str, rng: random.Random) -> Image.Image:
    """One printed page (BGR) to its aged picture."""
    g = np.random.default_rng(rng.getrandbits(64))
    page = on_paper(page, recipe, org, rng, g)
    page = captured(page, recipe, rng, g)
    return filed(page, recipe, rng, g, rng.randint(1, 3) if recipe.turned else 0)


def scan(printed: Path, target: Path, recipe: Recipe, org: str, rng: random.Random) -> None:
    """A printed PDF to a PDF of aged pictures, one a page."""
    aged = [age(page, recipe, org, rng) for page in pages(printed, recipe.dpi)]
    first, rest = aged[0], aged[1:]
    # A fixed date keeps the file the same for the same seed.
    when = time.gmtime(0)
    if recipe.tone == "bilevel":
        first.save(
            target, "PDF", resolution=recipe.dpi, save_all=True, append_images=rest, creationDate=when, modDate=when
        )
    else:
        first.save(
            target,
            "PDF",
            resolution=recipe.dpi,
            save_all=True,
            append_images=rest,
            quality=recipe.jpeg,
            creationDate=when,
            modDate=when,
        )
