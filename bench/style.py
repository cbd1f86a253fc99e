"""How a document looks on paper: fonts, sizes, rules, shading, where its lines stand. Drawn from the seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

SERIF = ("AR PL UMing CN", "Noto Serif CJK SC", "AR PL UKai CN")
SANS = ("Noto Sans CJK SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei")
FIGURES = ("", "", "Liberation Serif", "Liberation Sans")  # a Latin font for digits, as office software sets them


@dataclass(frozen=True, slots=True)
class Style:
    """Sizes in points. rule: weight of inner rules; outer: of the frame. sides: whether left and right are closed.

    repeat: nothing, header or titled (title and header) again on the next page. cut: rows may break
    over pages. together: forms follow each other on a page where they fit.
    """

    font: str
    title_font: str
    figures: str
    size: float
    title_scale: float
    rule: float
    outer: float
    line: str  # solid | dotted | dashed | double (the frame only)
    colour: str
    shade: str
    zebra: bool
    bold_heads: bool
    sides: bool
    vertical: bool
    horizontal: bool
    padding: tuple[float, float]
    height: float
    number_align: str
    label_align: str
    middle: bool
    margin: float  # mm
    table_width: int  # percent
    repeat: str
    cut: bool
    together: bool
    tag_side: str
    running_head: str
    page_number: str
    title_underline: bool
    even_columns: bool
    spaced_title: bool
    wrapped_numbers: bool  # a number too long for its column breaks over two lines
    printer: str  # browser | spread
    drawing: str  # strokes | fills | boxes, for the spread


def draw_style(rng: random.Random) -> Style:
    size = rng.uniform(7.5, 11.0)
    line = rng.choices(("solid", "dotted", "dashed", "double"), (84, 5, 5, 6))[0]
    # Dots as thick as a heavy rule touch the text: nobody prints them.
    rule = rng.choice((0.25, 0.5, 0.5, 0.75, 1.0, 1.5) if line in ("solid", "double") else (0.5, 0.75))
    return Style(
        font=rng.choice(SERIF + SANS),
        title_font=rng.choice(SERIF + SANS),
        figures=rng.choice(FIGURES),
        size=size,
        title_scale=rng.uniform(1.25, 2.1),
        rule=rule,
        outer=rng.choice((rule, rule, rule, rule * 2, 2.25)),
        line=line,
        colour=rng.choice(("#000", "#000", "#000", "#444", "#777", "#1f3864")),
        shade=rng.choice(("none", "none", "none", "#e8e8e8", "#d9e2f3", "#f2f2f2", "#fff2cc", "#bfbfbf")),
        zebra=rng.random() < 0.06,
        bold_heads=rng.random() < 0.35,
        sides=rng.random() > 0.12,
        vertical=True,
        horizontal=True,
        padding=(rng.uniform(0.3, 3.5), rng.uniform(1.0, 4.0)),
        height=rng.uniform(1.2, 2.1),
        number_align=rng.choice(("right", "right", "right", "center")),
        label_align=rng.choice(("left", "left", "center")),
        middle=rng.random() > 0.1,
        margin=rng.uniform(9, 22),
        table_width=rng.choice((100, 100, 100, 96, 90)),
        repeat=rng.choices(("nothing", "header", "titled"), (42, 40, 18))[0],
        cut=rng.random() < 0.35,
        together=rng.random() < 0.3,
        tag_side=rng.choice(("left", "right")),
        running_head=rng.choice(("", "", "", "{org}{year}年部门预算公开", "{year}年部门预算")),
        page_number=rng.choice(("", "- {n} -", "第 {n} 页", "{n}", "— {n} —", "第{n}页 共{of}页")),
        title_underline=rng.random() < 0.08,
        even_columns=rng.random() < 0.3,
        spaced_title=rng.random() < 0.1,
        wrapped_numbers=rng.random() < 0.1,
        printer=rng.choices(("browser", "spread"), (75, 25))[0],
        drawing=rng.choice(("strokes", "fills", "boxes")),
    )


def opened(style: Style) -> Style:
    """The same style printed without vertical rules, as tables with open sides are."""
    return replace(style, vertical=False, sides=False, line="solid" if style.line == "double" else style.line)


def bared(style: Style) -> Style:
    """The same style printed without any rule: columns by whitespace alone, rows far enough apart to tell."""
    left, right = style.padding
    return replace(
        opened(style), horizontal=False, padding=(max(left, 2.5), max(right, 6.0)), height=max(style.height, 1.9)
    )
