"""All families of forms, and the drawing of one form of a family."""

from __future__ import annotations

import random
from collections.abc import Callable

from bench import forms_codes, forms_goods, forms_lists, forms_project, forms_totals, forms_whole
from bench.form import Form
from bench.world import World

Writer = Callable[[World, random.Random], Form]
BUDGET: tuple[Writer, ...] = (
    forms_totals.balance,
    forms_totals.income,
    forms_totals.spending,
    forms_totals.granted,
    forms_codes.general,
    forms_codes.basic,
    forms_codes.two_economies,
    forms_codes.matrix,
    forms_codes.government,
    forms_codes.fund,
    forms_codes.capital,
    forms_lists.travel,
    forms_lists.projects,
    forms_goods.purchase,
    forms_goods.assets,
    forms_lists.by_unit,
    forms_lists.changes,
    forms_goods.services,
)
PERFORMANCE: tuple[Writer, ...] = (
    forms_project.application,
    forms_project.plain,
    forms_project.yearly,
    forms_project.review,
    forms_whole.whole,
    forms_whole.collected,
)
WRITERS: dict[str, Writer] = {writer.__name__: writer for writer in (*BUDGET, *PERFORMANCE)}


def possible(writer: Writer, world: World) -> bool:
    """Whether a department of this kind prints the form at all."""
    return bool(world.projects) or writer not in (forms_lists.projects, forms_whole.collected)


def draw_forms(world: World, rng: random.Random, count: int) -> list[Form]:
    """Distinct forms of one document, budget tables before performance forms, in their usual order."""
    share = rng.choice((0.0, 0.3, 0.3, 1.0))
    budget = [w for w in BUDGET if possible(w, world)]
    performance = [w for w in PERFORMANCE if possible(w, world)]
    wanted = sum(rng.random() < share for _ in range(count))
    chosen = sorted(rng.sample(budget, count - wanted), key=budget.index)
    chosen += rng.choices(performance, k=wanted)
    return [writer(world, rng) for writer in chosen]
