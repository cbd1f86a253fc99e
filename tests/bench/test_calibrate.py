from __future__ import annotations

from dataclasses import replace

from bench.calibrate import renewed
from extractor.trust.calibration import Curve, Scale, faults
from models.calibration import calibration

LATER = "2030-01-01"


def test_renewing_a_kind_of_grid_leaves_the_others_and_says_where_each_comes_from() -> None:
    old = calibration()
    other = Scale(1.0, {}, Curve((0.0, 1.0), (0.0, 1.0)))
    every = replace(old.provenance[0], date=LATER, grids=("ruled", "open", "exact"))
    kinds = dict.fromkeys(old.place, other)
    new = replace(old, provenance=(every,), place=kinds, table=kinds, text=dict.fromkeys(old.text, other))
    got = renewed(old, new, ["open"])
    assert faults(got) == []
    assert (got.place["open"], got.table["open"]) == (other, other)
    assert (got.place["ruled"], got.table["exact"], got.text) == (old.place["ruled"], old.table["exact"], old.text)
    assert [one.date for one in got.provenance if "open" in one.grids] == [LATER]
    # Once more: what was renewed before is told only for what is left of it.
    again = renewed(got, replace(new, provenance=(replace(every, date="2030-02-02"),)), ["open"])
    assert [one.date for one in again.provenance if one.date > LATER] == ["2030-02-02"]
    assert faults(again) == []
