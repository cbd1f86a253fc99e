"""Curves from data: logistic sums of monotone piecewise-linear terms, moved from reasoned ones (`priors.py`).

A curve's steps between its knots are the parameters, kept at or above 0 where its sign must rise, at or below where
it must fall (L-BFGS-B with bounds). A penalty on every step's way from its prior makes this the likeliest fit given
the data and a normal prior on steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.priors import Prior
from extractor.trust.calibration import FALLING, RISING, Curve, Scale

Numbers = NDArray[np.float64]

FOLDS = 4
BENDS = (-9.0, -4.0, -2.0, 0.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 9.0)  # knots of a bend, log-odds
BEND = 5.0  # penalty on its steps
MOST = 9.0  # log-odds beyond which no bend goes
ENOUGH = 5_000  # right cells of one fit: more of them are drawn from by chance and count the more


@dataclass(frozen=True, slots=True)
class Cases:
    """Signs (name -> one value a case), whether each was right, what each counts, and its document."""

    signs: Mapping[str, Numbers]
    right: Numbers
    weight: Numbers
    group: NDArray[np.int64]

    def only(self, mask: NDArray[np.bool_]) -> Cases:
        return Cases(
            {name: x[mask] for name, x in self.signs.items()}, self.right[mask], self.weight[mask], self.group[mask]
        )


def fit_scale(cases: Cases, prior: Prior, penalty: float) -> tuple[Scale, Numbers]:
    """A scale fitted to all cases, and each case's log-odds from scales that never saw its document."""
    unseen = np.zeros(len(cases.right))
    folds = fold_of(cases.group)
    for fold in range(FOLDS):
        inside = folds == fold
        if inside.any():
            scale = _fit(cases.only(~inside), prior, penalty)
            unseen[inside] = sums(scale, cases.signs, inside)
    whole = _fit(cases, prior, penalty)
    bend = fit_bend(unseen, cases.right, cases.weight)
    return Scale(whole.bias, whole.curves, bend), np.interp(unseen, bend.at, bend.adds)


def fold_of(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Documents dealt to folds by chance that is always the same."""
    names = np.unique(group)
    dealt = np.random.default_rng(0).permutation(len(names)) % FOLDS
    out: NDArray[np.int64] = dealt[np.searchsorted(names, group)]
    return out


def sums(scale: Scale, signs: Mapping[str, Numbers], mask: NDArray[np.bool_]) -> Numbers:
    total = np.full(int(mask.sum()), scale.bias)
    for name, curve in scale.curves.items():
        total += np.interp(signs[name][mask], curve.at, curve.adds)
    return total


def _ramps(x: Numbers, at: Numbers) -> Numbers:
    """One column for each step between knots: 0 before it, 1 after it."""
    return np.clip((x[:, None] - at[None, :-1]) / np.diff(at)[None, :], 0.0, 1.0)


def _thinned(cases: Cases) -> Cases:
    """All wrong cases and `ENOUGH` of the right ones, which then count for those left out."""
    right = np.flatnonzero(cases.right > 0.5)
    if len(right) <= ENOUGH:
        return cases
    kept = np.random.default_rng(0).choice(right, ENOUGH, replace=False)
    mask = cases.right <= 0.5
    mask[kept] = True
    weight = np.where(cases.right > 0.5, cases.weight * len(right) / ENOUGH, cases.weight)
    return Cases(cases.signs, cases.right, weight, cases.group).only(mask)


def _fit(cases: Cases, prior: Prior, penalty: float) -> Scale:
    cases = _thinned(cases)
    base, lines = prior
    bounds: list[tuple[float | None, float | None]] = []
    columns, starts = [], []
    for name, (at, adds) in lines.items():
        columns.append(_ramps(cases.signs[name], np.array(at, float)))
        starts.append(np.diff(np.array(adds, float)))
        side = (0.0, None) if name in RISING else (None, 0.0) if name in FALLING else (None, None)
        bounds += [side] * (len(at) - 1)
    # The bias is that of every sign at its lowest knot.
    lowest = base + sum(adds[0] for _, adds in lines.values())
    design = np.hstack([np.ones((len(cases.right), 1)), *columns])
    bias, steps = _solve(design, cases, np.concatenate([[lowest], *starts]), bounds, penalty)
    curves: dict[str, Curve] = {}
    begin = 0
    for name, (at, _) in lines.items():
        fitted = np.concatenate([[0.0], np.cumsum(steps[begin : begin + len(at) - 1])])
        begin += len(at) - 1
        best = float(fitted.max())  # at its best a sign adds nothing
        bias += best
        curves[name] = _curve(name, np.array(at, float), fitted - best)
    return Scale(round(bias, 4), curves, Curve((-MOST, MOST), (-MOST, MOST)))


def _curve(name: str, at: Numbers, adds: Numbers) -> Curve:
    rounded = [round(float(a), 4) for a in adds]
    for i in range(1, len(rounded)):  # rounding may not turn a curve
        if name in RISING:
            rounded[i] = max(rounded[i], rounded[i - 1])
        if name in FALLING:
            rounded[i] = min(rounded[i], rounded[i - 1])
    return Curve(tuple(round(float(x), 4) for x in at), tuple(rounded))


def _solve(
    design: Numbers, cases: Cases, prior: Numbers, bounds: Sequence[tuple[float | None, float | None]], penalty: float
) -> tuple[float, Numbers]:
    """Bias and steps of least penalised log loss; the penalty is on what leaves the prior."""

    def loss(theta: Numbers) -> tuple[float, Numbers]:
        z = design @ theta
        value = float((cases.weight * (np.logaddexp(0.0, z) - cases.right * z)).sum())
        slope = design.T @ (cases.weight * (1 / (1 + np.exp(-z)) - cases.right))
        off = theta - prior
        return value + penalty * float(off @ off), slope + 2 * penalty * off

    found = minimize(
        loss, prior, jac=True, method="L-BFGS-B", bounds=[(None, None), *bounds], options={"maxiter": 150}
    )
    return float(found.x[0]), np.asarray(found.x[1:])


def fit_bend(cases_odds: Numbers, right: Numbers, weight: Numbers, penalty: float = BEND) -> Curve:
    """A rising curve from summed log-odds to those that were seen; where data are few it keeps a slope of 1."""
    clipped = np.clip(cases_odds, -MOST, MOST)
    at = np.array(BENDS)
    prior = np.concatenate([[at[0]], np.diff(at)])
    design = np.hstack([np.ones((len(clipped), 1)), _ramps(clipped, at)])
    given = Cases({}, right, weight, np.zeros(len(right), np.int64))
    bias, steps = _solve(design, given, prior, [(0.0, None)] * (len(at) - 1), penalty)
    adds = np.clip(bias + np.concatenate([[0.0], np.cumsum(steps)]), -MOST, MOST)
    return _curve("place", at, adds)
