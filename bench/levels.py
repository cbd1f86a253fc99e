"""Ageing levels: what each damage does to a page's recipe, singly or in pairs (`stamp+photo`)."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations

SINGLE = ("digital", "good", "open", "poor", "fax", "stamp", "photo", "turned")
# Every two damages that one page can suffer: what wears a sheet, what lies on it, and how it was taken.
PAIRS = tuple(
    "+".join(pair)
    for pair in combinations(("open", "poor", "stamp", "photo", "fax", "turned"), 2)
    if pair != ("poor", "fax")  # both say how the device captured the sheet
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What happens to every page of a document, from paper to file.

    skew: largest tilt in degrees. blur: Gaussian sigma in pixels. noise: sigma in grey levels. light:
    largest share of light lost anywhere. wear: share of the page on which toner is worn. camera: 0 for a
    flatbed, else the strength of perspective, curl and shadow (1 is a careless photograph). threshold:
    grey level above which a bilevel page is white. jpeg: quality. specks: black dots per million pixels.
    """

    dpi: int = 200
    tone: str = "grey"  # colour | grey | bilevel
    skew: float = 0.6
    blur: float = 0.0
    noise: float = 3.0
    light: float = 0.03
    wear: float = 0.0
    specks: float = 0.0
    streaks: int = 0
    threshold: int = 150
    jpeg: int = 85
    camera: float = 0.0
    seals: int = 0
    signatures: int = 0
    tint: tuple[int, int, int] | None = None  # paper colour, BGR
    bleed: float = 0.0
    border: bool = False
    holes: bool = False
    corner: bool = False
    creases: int = 0
    turned: bool = False


def good(recipe: Recipe, rng: random.Random) -> Recipe:
    return replace(
        recipe,
        dpi=rng.choice((200, 200, 240, 300)),
        tone=rng.choice(("grey", "grey", "colour")),
        skew=rng.uniform(0.1, 0.8),
        noise=rng.uniform(1.0, 5.0),
        blur=rng.choice((0.0, 0.0, 0.4, 0.6)),
        light=rng.uniform(0.0, 0.06),
        jpeg=rng.randint(70, 92),
        tint=rng.choice((None, None, None, (235, 245, 250), (240, 250, 245), (225, 238, 250))),
        border=rng.random() < 0.12,
        holes=rng.random() < 0.1,
        creases=rng.choice((0, 0, 0, 1)),
    )


def poor(recipe: Recipe, rng: random.Random) -> Recipe:
    return replace(
        recipe,
        dpi=rng.choice((150, 150, 170, 200)),
        tone="grey",
        skew=rng.uniform(0.5, 2.5),
        noise=rng.uniform(5.0, 11.0),
        blur=rng.uniform(0.5, 1.1),
        light=rng.uniform(0.1, 0.35),
        wear=rng.uniform(0.05, 0.2),
        jpeg=rng.randint(35, 60),
        specks=rng.uniform(0, 60),
        bleed=rng.choice((0.0, 0.05, 0.1)),
        border=rng.random() < 0.3,
        holes=rng.random() < 0.2,
        corner=rng.random() < 0.2,
        creases=rng.choice((0, 1, 2)),
    )


def fax(recipe: Recipe, rng: random.Random) -> Recipe:
    return replace(
        recipe,
        dpi=rng.choice((200, 200, 204, 240)) if not recipe.camera else recipe.dpi,
        tone="bilevel",
        skew=max(recipe.skew, rng.uniform(0.2, 1.3)),
        noise=rng.uniform(12, 24),
        wear=rng.uniform(0.04, 0.16),
        blur=max(recipe.blur, rng.uniform(0.0, 0.6)),
        threshold=rng.randint(125, 175),
        specks=rng.uniform(100, 900),
        streaks=rng.choice((0, 0, 1, 3)),
        tint=None,
    )


def stamp(recipe: Recipe, rng: random.Random) -> Recipe:
    return replace(recipe, tone="colour", seals=rng.choice((1, 1, 1, 2)), signatures=rng.choice((0, 1, 1, 2)))


def photo(recipe: Recipe, rng: random.Random) -> Recipe:
    return replace(
        recipe,
        dpi=rng.choice((170, 190, 210, 230)),
        tone="colour",
        camera=rng.uniform(0.35, 1.0),
        skew=rng.uniform(0.2, 2.0),
        blur=rng.uniform(0.5, 1.0),
        noise=rng.uniform(2.0, 6.0),
        light=rng.uniform(0.15, 0.45),
        jpeg=rng.randint(60, 85),
        border=False,
    )


def turned(recipe: Recipe, rng: random.Random) -> Recipe:
    del rng
    return replace(recipe, turned=True)


def same(recipe: Recipe, rng: random.Random) -> Recipe:
    del rng
    return recipe


# Paper first, then the device, then how the page lay: pairs mean the same in either order of words.
DAMAGES: dict[str, Callable[[Recipe, random.Random], Recipe]] = {
    "good": same,
    "open": same,
    "poor": poor,
    "stamp": stamp,
    "photo": photo,
    "fax": fax,
    "turned": turned,
}


def damages(level: str) -> tuple[str, ...]:
    """The damages a level's name asks for, in the order they happen. Raises ValueError for an unknown name."""
    wanted = set(level.split("+"))
    unknown = wanted - set(DAMAGES) - {"digital"}
    if unknown or ("digital" in wanted and len(wanted) > 1):
        raise ValueError(f"no such level: {level}")
    return tuple(name for name in DAMAGES if name in wanted)


def draw_recipe(level: str, rng: random.Random) -> Recipe | None:
    """The recipe of a level; None for digital, which stays as printed."""
    names = damages(level)
    if not names:
        return None
    recipe = good(Recipe(), rng)
    for name in names:
        recipe = DAMAGES[name](recipe, rng)
    return recipe
