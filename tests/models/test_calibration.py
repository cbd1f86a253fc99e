from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.errors import ModelDamaged, ModelMissing
from extractor.trust.calibration import FALLING, RISING, Curve, faults
from extractor.trust.confidence import MOST_ODD, MOST_ON_SCAN, calibrated
from extractor.trust.signs import CellSigns, PlaceSigns, SignedTable, TableSigns, TextSigns
from models.calibration import NAME, calibration, read

SHIPPED = Path(__file__).parents[2] / "models" / NAME
# Signs that only one kind of cell has, or that are the same for both.
TEXT = st.sampled_from([f.name for f in fields(TextSigns) if f.name in RISING | FALLING])
PLACE = st.sampled_from([f.name for f in fields(PlaceSigns) if f.name in RISING | FALLING])
TABLE = st.sampled_from([f.name for f in fields(TableSigns) if f"table.{f.name}" in RISING | FALLING])
values = st.floats(-9, 9)


def believed(text: TextSigns, place: PlaceSigns, table: TableSigns) -> tuple[float, float, float]:
    whole = calibrated(SignedTable(table, (CellSigns(text, place),)), calibration())
    return whole.cells[0].both, whole.cells[0].text, whole.grid


def test_the_shipped_calibration_is_sound_and_says_where_it_comes_from() -> None:
    given = calibration()
    assert faults(given) == []
    for one in given.provenance:
        assert one.cells > 1000
        assert one.seeds
        assert one.commit


def test_scales_that_nothing_tells_the_origin_of_are_refused() -> None:
    given = calibration()
    (first, *others) = given.provenance
    assert faults(replace(given, provenance=(replace(first, grids=()), *others)))


@settings(max_examples=60)
@given(st.sampled_from(["read", "number", "blank"]), TEXT, values, values, st.sampled_from(["ruled", "open"]))
def test_more_evidence_never_makes_a_cell_less_sure(kind: str, sign: str, a: float, b: float, grid: str) -> None:
    worse, better = (min(a, b), max(a, b)) if sign in RISING else (max(a, b), min(a, b))
    start, table = TextSigns(kind), TableSigns(grid)
    low, high = (believed(replace(start, **{sign: x}), PlaceSigns(), table) for x in (worse, better))
    assert low[0] <= high[0] + 1e-12
    assert low[1] <= high[1] + 1e-12


def test_a_grid_that_is_surely_wrong_takes_its_cells_with_it() -> None:
    """All that a cell's own borders say is in its favour."""
    wrong = TableSigns("ruled", rows=3.0, cols=2.0, needless=1.4, rare=1.4, abuts=2.0, astray=3.0)
    signed = SignedTable(wrong, (CellSigns(TextSigns("read"), PlaceSigns()),))
    (cell,) = calibrated(signed, calibration()).cells
    assert cell.place < 0.6
    assert cell.both <= cell.place


@settings(max_examples=60)
@given(PLACE, TABLE, values, values)
def test_more_evidence_never_makes_a_place_less_sure(own: str, around: str, a: float, b: float) -> None:
    worse, better = (min(a, b), max(a, b)) if own in RISING else (max(a, b), min(a, b))
    text, table = TextSigns("read"), TableSigns("ruled")
    low, high = (believed(text, replace(PlaceSigns(), **{own: x}), table) for x in (worse, better))
    assert all(one <= other + 1e-12 for one, other in zip(low, high, strict=True))
    worse, better = (min(a, b), max(a, b)) if f"table.{around}" in RISING else (max(a, b), min(a, b))
    low, high = (believed(text, PlaceSigns(), replace(table, **{around: x})) for x in (worse, better))
    assert low[0] <= high[0] + 1e-12


@given(st.sampled_from(["read", "number", "blank"]), st.sampled_from(["ruled", "open"]))
def test_nothing_on_a_picture_is_certain(kind: str, grid: str) -> None:
    best = TextSigns(kind, known=9.0, held=3.0)
    both, text, whole = believed(best, PlaceSigns(held=3.0), TableSigns(grid, held=9.0, rows=3.0, cols=2.0))
    assert max(both, text, whole) <= MOST_ON_SCAN < 1


def test_a_cell_with_everything_for_it_is_as_sure_as_a_picture_allows() -> None:
    # Two halves held at the most each gave at most their product, and no list of cells to look at could be short.
    best = TextSigns("read", known=9.0, held=3.0, column_held=9.0, row_held=9.0, sound=9.0, height=4.0, length=2.0)
    place = PlaceSigns(held=3.0, column_held=9.0, row_held=9.0)
    both, *_ = believed(best, place, TableSigns("ruled", held=9.0, rows=3.0, cols=2.0))
    assert 0.9993 < both <= MOST_ON_SCAN


@pytest.mark.parametrize("kind", ["read", "number", "blank"])
def test_a_text_that_breaks_a_series_is_held_down_whatever_speaks_for_it(kind: str) -> None:
    best = TextSigns(kind, known=9.0, held=3.0, series=1.0)
    (cell,) = calibrated(
        SignedTable(TableSigns("ruled", rows=3.0), (CellSigns(best, PlaceSigns()),)), calibration()
    ).cells  # fmt: skip
    assert cell.both <= cell.text == MOST_ODD
    assert cell.against == "series"


def test_a_grid_is_no_surer_than_its_least_sure_place() -> None:
    sure, doubtful = PlaceSigns(), PlaceSigns(sides=-3.0, inner=-3.0, double=1.0)
    text = TextSigns("read")
    table = TableSigns("ruled", rows=3.0, cols=2.0)
    whole = calibrated(SignedTable(table, (CellSigns(text, sure), CellSigns(text, doubtful))), calibration())
    assert whole.grid <= min(cell.place for cell in whole.cells)
    assert whole.cells[1].place < whole.cells[0].place


def checked(**said: float) -> float | None:
    signs = CellSigns(TextSigns("number", **said), PlaceSigns())
    return calibrated(SignedTable(TableSigns("ruled"), (signs,)), calibration()).cells[0].checks


def test_checks_are_what_sums_alone_say() -> None:
    assert checked() is None
    kept, broken = checked(in_sums=1, held=2), checked(in_sums=1, failed=1)
    blamed = checked(in_sums=1, failed=1, blamed=1)
    assert kept is not None
    assert broken is not None
    assert blamed is not None
    assert 1 > kept > broken > blamed
    assert checked(in_sums=1, held=2, worst=-3, whole=-3, unread=0.5) == kept


def damaged(path: Path, change: str) -> Path:
    data = json.loads(SHIPPED.read_text("utf8"))
    match change:
        case "half":
            path.write_text(SHIPPED.read_text("utf8")[:1000], "utf8")
            return path
        case "kind":
            del data["text"]["blank"]
        case "sign":
            curves = data["place"]["ruled"]["curves"]
            curves["weather"] = next(iter(curves.values()))
        case "turned":
            curve = data["text"]["read"]["curves"]["worst"]
            curve["adds"] = list(reversed(curve["adds"]))
        case _:
            data["format"] = 99
    path.write_text(json.dumps(data), "utf8")
    return path


@pytest.mark.parametrize("change", ["half", "kind", "sign", "turned", "format"])
def test_a_damaged_calibration_is_refused(change: str, tmp_path: Path) -> None:
    with pytest.raises(ModelDamaged):
        read(damaged(tmp_path / NAME, change))


def test_a_missing_calibration_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        read(tmp_path / NAME)


def test_a_curve_is_straight_between_its_knots_and_level_beyond() -> None:
    curve = Curve((0.0, 1.0, 3.0), (-2.0, -1.0, 0.0))
    assert [curve(x) for x in (-5, 0, 0.5, 2, 3, 9)] == [-2.0, -2.0, -1.5, -0.5, 0.0, 0.0]
