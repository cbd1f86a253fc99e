"""Documents of new forms with their truth, printed once and aged to each level asked for."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.age import count_pages, scan
from bench.form import Form, Truth
from bench.forms import draw_forms
from bench.levels import damages, draw_recipe
from bench.paper import Item, document_html, draw_prose, print_pdf
from bench.phrases import DUTIES
from bench.spread import print_sheets, printable
from bench.style import Style, bared, draw_style, opened
from bench.world import World, draw_world


@dataclass(frozen=True, slots=True)
class Drawn:
    """A document before printing."""

    name: str
    seed: int
    world: World
    items: tuple[Item, ...]
    style: Style

    @property
    def forms(self) -> tuple[Form, ...]:
        return tuple(item for item in self.items if isinstance(item, Form))


def draw_document(seed: int, number: int) -> Drawn:
    """The `number`-th document of a seed: the same for the same pair, whatever else is drawn."""
    rng = random.Random(f"{seed}/{number}")
    world = draw_world(rng)
    forms = draw_forms(world, rng, rng.choice((1, 2, 2, 3, 3, 4)))
    items: list[Item] = []
    for form in forms:
        if rng.random() < 0.18:
            items.append(draw_prose(rng, world.org, world.year, DUTIES, [f.title for f in forms]))
        items.append(form)
    if rng.random() < 0.12:
        items.append(draw_prose(rng, world.org, world.year, DUTIES, [f.title for f in forms]))
    return Drawn(f"new{seed}-{number:03d}", seed, world, tuple(items), draw_style(rng))


def truth_of(drawn: Drawn, level: str, pages: int) -> Truth:
    forms = drawn.forms
    return {
        "document": f"{drawn.name}-{level}",
        "level": level,
        "seed": drawn.seed,
        "pages": pages,
        "organization": drawn.world.org,
        "fiscal_year": drawn.world.year,
        "forms": [form.family for form in forms],
        "tables": [form.truth() for form in forms],
    }


def put_on_paper(drawn: Drawn, style: Style, target: Path) -> None:
    org, year = drawn.world.org, drawn.world.year
    # What no font of the one path has, the browser takes from another font.
    if style.printer == "spread" and printable(drawn.items):
        print_sheets(drawn.items, style, target, org=org, year=year)
    else:
        print_pdf(document_html(drawn.items, style, org=org, year=year), target)


def _as_drawn(style: Style) -> Style:
    return style


def write_document(drawn: Drawn, levels: Sequence[str], out: Path) -> Iterator[str]:
    """Print and age one document; yields each finished name. Files: NAME.pdf and NAME.truth.json in `out`."""
    with tempfile.TemporaryDirectory() as tmp:
        printed: dict[str, Path] = {}
        for level in levels:
            named = damages(level)
            rules = "none" if "bare" in named else "level" if "open" in named else "all"
            if rules not in printed:
                printed[rules] = Path(tmp, f"printed-{rules}.pdf")
                style = {"none": bared, "level": opened}.get(rules, _as_drawn)(drawn.style)
                put_on_paper(drawn, style, printed[rules])
            name = f"{drawn.name}-{level}"
            target = out / f"{name}.pdf"
            rng = random.Random(f"{drawn.name}/{level}")
            recipe = draw_recipe(level, rng)
            if recipe is None:
                shutil.copy(printed[rules], target)
            else:
                scan(printed[rules], target, recipe, drawn.world.org, rng)
            truth = truth_of(drawn, level, count_pages(printed[rules]))
            (out / f"{name}.truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), "utf8")
            yield name


def generate(out: Path, seed: int, count: int, levels: Sequence[str]) -> Iterator[str]:
    """`count` documents of a seed in every level. Raises PrintingFailed, ValueError for an unknown level."""
    for level in levels:
        damages(level)
    out.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        yield from write_document(draw_document(seed, number), levels, out)
