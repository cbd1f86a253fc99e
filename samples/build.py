"""Build the generated samples and their expected results anew: `make samples`.

Forms come from the bench's writers, with departments and figures that are drawn, not real; the
expected results come from the same drawing, not from reading the documents. Needs chromium and the
fonts that bench.style names. published.pdf is not built here: it was cut from a published document.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pikepdf
import pypdfium2
from PIL import Image

from bench.age import age, pages, scan
from bench.form import Form
from bench.forms import WRITERS
from bench.levels import Recipe
from bench.paper import document_html, print_pdf
from bench.style import Style, draw_style
from bench.world import World, draw_world

HERE = Path(__file__).parent
PASSWORD = "gezi"

PLAIN = replace(
    draw_style(random.Random("plain")),
    font="Noto Serif CJK SC",
    title_font="Noto Sans CJK SC",
    figures="",
    size=9.0,
    title_scale=1.7,
    rule=0.6,
    outer=0.6,
    line="solid",
    colour="#000",
    shade="none",
    zebra=False,
    bold_heads=False,
    sides=True,
    vertical=True,
    padding=(1.5, 3.0),
    height=1.6,
    number_align="right",
    label_align="left",
    middle=True,
    margin=15.0,
    table_width=100,
    repeat="nothing",
    cut=False,
    together=False,
    tag_side="left",
    running_head="",
    page_number="- {n} -",
    title_underline=False,
    even_columns=False,
    spaced_title=False,
    wrapped_numbers=False,
)
CLEAN = Recipe(dpi=200, tone="grey", skew=0.4, noise=1.5, light=0.02, jpeg=70)


@dataclass(frozen=True, slots=True)
class Sample:
    """`world`: the drawn department. `recipe`: None for a born-digital one. `note`: its line in README.md."""

    name: str
    world: int
    forms: tuple[str, ...]
    style: Style = field(default=PLAIN)
    recipe: Recipe | None = CLEAN
    ending: str = "pdf"


SAMPLES = (
    Sample("digital", 5, ("balance", "basic", "travel"), recipe=None),
    Sample("scan", 6, ("basic",), replace(PLAIN, page_number="")),
    Sample(
        "stamp", 5, ("government",), replace(PLAIN, font="Noto Sans CJK SC"),
        replace(CLEAN, tone="colour", seals=1, jpeg=60),
    ),
    Sample("performance", 6, ("application",), replace(PLAIN, size=9.5)),
    Sample("over-pages", 2, ("spending",), replace(PLAIN, size=11.0, height=2.2, repeat="header")),
    Sample("sideways", 1, ("general", "granted"), replace(PLAIN, shade="#e8e8e8"), replace(CLEAN, turned=True)),
    Sample(
        "fax", 1, ("services", "changes"), replace(PLAIN, font="WenQuanYi Zen Hei", size=10.5, together=True),
        replace(CLEAN, tone="bilevel", threshold=165, specks=12.0, noise=4.0), "tif",
    ),
)  # fmt: skip


def draw(sample: Sample) -> tuple[World, list[Form]]:
    world = draw_world(random.Random(f"sample/{sample.world}"))
    return world, [WRITERS[name](world, random.Random(f"s/{sample.world}/{name}")) for name in sample.forms]


def build(sample: Sample) -> None:
    world, forms = draw(sample)
    target = HERE / f"{sample.name}.{sample.ending}"
    rng = random.Random(f"aged/{sample.name}")
    with tempfile.TemporaryDirectory() as tmp:
        printed = Path(tmp, "printed.pdf")
        print_pdf(document_html(forms, sample.style, org=world.org, year=world.year), printed)
        if sample.recipe is None:
            with pikepdf.open(printed) as document:
                document.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        elif sample.ending == "tif":
            printed_pages = pages(printed, sample.recipe.dpi)
            aged: Sequence[Image.Image] = [age(page, sample.recipe, world.org, rng) for page in printed_pages]
            dpi = (sample.recipe.dpi, sample.recipe.dpi)
            aged[0].save(target, save_all=True, append_images=aged[1:], compression="group4", dpi=dpi)
        else:
            scan(printed, target, sample.recipe, world.org, rng)
    expect(sample.name, {"tables": [form.truth() for form in forms]})


def expect(name: str, what: dict[str, object]) -> None:
    text = json.dumps(what, ensure_ascii=False, indent=None)
    (HERE / "expected" / f"{name}.json").write_text(text.replace('{"row"', '\n{"row"') + "\n", "utf-8")


def build_failing() -> None:
    """One cut off in the middle of a download, one that asks for a password."""
    whole = (HERE / "scan.pdf").read_bytes()
    (HERE / "truncated.pdf").write_bytes(whole[: len(whole) // 16])
    expect("truncated", {"error": "damaged_document"})
    with pikepdf.open(HERE / "digital.pdf") as document:
        del document.pages[1:]
        locked = pikepdf.Encryption(user=PASSWORD, owner=PASSWORD, R=6)
        document.save(HERE / "encrypted.pdf", encryption=locked)
    _, forms = draw(SAMPLES[0])
    expect("encrypted", {"error": "password_required", "password": PASSWORD, "tables": [forms[0].truth()]})


def main() -> None:
    (HERE / "expected").mkdir(exist_ok=True)
    for sample in SAMPLES:
        build(sample)
        print(sample.name)
    build_failing()
    for file in sorted(HERE.glob("*.pdf")):
        size = f"{file.stat().st_size / 1e3:.0f} kB"
        if file.stem != "truncated":
            password = PASSWORD if file.stem == "encrypted" else None
            with pypdfium2.PdfDocument(file, password=password) as document:
                size += f", {len(document)} pages"
        print(file.name, size)


if __name__ == "__main__":
    main()
