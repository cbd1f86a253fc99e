"""Steps of shading: where they are, and what is none."""

from __future__ import annotations

import numpy as np

from extractor.elements import Box
from extractor.unruled.shades import ShadeSteps
from extractor.unruled.steps import Step, shared_steps

EM = 20.0
STRIP = Box(0, 0, 600, 50)


def page(shaded: tuple[int, int] = (200, 400), tone: int = 230) -> np.ndarray:
    picture = np.full((50, 600), 250, np.uint8)
    picture[:, shaded[0] : shaded[1]] = tone
    return picture


def test_steps_stand_where_shading_begins_and_ends() -> None:
    noisy = page().astype(float) + np.random.default_rng(5).normal(0, 4, (50, 600))
    for picture in (page(), np.clip(noisy, 0, 255).astype(np.uint8)):
        steps = ShadeSteps(picture, EM)(STRIP)
        assert [round(step.x / EM) for step in steps] == [10, 20]
        assert all(14 < step.jump < 26 for step in steps)


def test_text_and_light_that_fades_make_no_steps() -> None:
    picture = page((0, 0))
    for x in range(40, 300, 24):  # characters: strokes with paper between them
        picture[15:35:4, x : x + 20] = 20
        picture[15:35, x : x + 2] = 20
    assert ShadeSteps(picture, EM)(STRIP) == []
    fading = np.tile(np.linspace(250, 150, 600), (50, 1)).astype(np.uint8)
    assert ShadeSteps(fading, EM)(STRIP) == []


def test_a_step_counts_where_another_row_has_it_and_it_is_as_strong_as_the_others() -> None:
    rows = [[Step(100, 30), Step(300, 9)], [Step(102, 28), Step(300, 9)], [Step(400, 30)]]
    assert shared_steps(rows, EM) == [[100], [102], []]


def test_steps_that_mostly_stand_alone_are_none_of_shading() -> None:
    rows = [[Step(100, 9), Step(170, 8)], [Step(101, 8), Step(300, 9)], [Step(400, 9)], [Step(230, 8)]]
    assert shared_steps(rows, EM) == [[], [], [], []]
