"""Curves from data: logistic sums of monotone piecewise-linear terms, fitted with a penalty on every step.

A sign's curve is a staircase of ramps between knots at its quantiles; its steps are the parameters, kept at or
above 0 where the sign must rise, at or below where it must fall (L-BFGS-B with bounds). The penalty keeps what
the data say little about level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from extractor.calibration import FALLING, RISING, Curve, Scale

Numbers = NDArray[np.float64]

QUANTILES = (0.0, 0.002, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.998, 1.0)
KNOTS = 9  # at most, of a sign
FOLDS = 5
MOST = 9.0  # log-odds beyond which no bend goes


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


def fit_scale(cases: Cases, penalty: float) -> tuple[Scale, Numbers]:
    """A scale fitted to all cases, and each case's log-odds from scales that never saw its document."""
    unseen = np.zeros(len(cases.right))
    folds = fold_of(cases.group)
    for fold in range(FOLDS):
        inside = folds == fold
        if inside.any():
            scale = _fit(cases.only(~inside), penalty)
            unseen[inside] = sums(scale, cases.signs, inside)
    whole = _fit(cases, penalty)
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


def knots_of(x: Numbers, weight: Numbers) -> Numbers:
    """Rising knots at quantiles, and of a sign with few values at the values themselves."""
    values = np.unique(x)
    if len(values) <= KNOTS:
        return values
    at = np.unique(np.quantile(x[weight > 0], QUANTILES).round(4))
    while len(at) > KNOTS:
        gaps = np.diff(at)
        drop = int(np.argmin(gaps[1:] + gaps[:-1])) + 1 if len(gaps) > 1 else 1
        at = np.delete(at, drop)
    return at


def _ramps(x: Numbers, at: Numbers) -> Numbers:
    """One column for each step between knots: 0 before it, 1 after it."""
    return np.clip((x[:, None] - at[None, :-1]) / np.diff(at)[None, :], 0.0, 1.0)


def _fit(cases: Cases, penalty: float) -> Scale:
    knots = {name: at for name, x in cases.signs.items() if len(at := knots_of(x, cases.weight)) > 1}
    columns = [_ramps(cases.signs[name], at) for name, at in knots.items()]
    bounds: list[tuple[float | None, float | None]] = []
    for name, at in knots.items():
        side = (0.0, None) if name in RISING else (None, 0.0) if name in FALLING else (None, None)
        bounds += [side] * (len(at) - 1)
    design = np.hstack([np.ones((len(cases.right), 1)), *columns])
    bias, steps = _solve(design, cases.right, cases.weight, np.zeros(len(bounds)), bounds, penalty)
    curves: dict[str, Curve] = {}
    begin = 0
    for name, at in knots.items():
        own = steps[begin : begin + len(at) - 1]
        begin += len(at) - 1
        if np.abs(own).max() > 1e-3:
            adds = np.concatenate([[0.0], np.cumsum(own)])
            shift = float(adds[-1] if name in RISING else 0.0)  # the best value of a sign adds nothing
            bias += shift
            curves[name] = _curve(name, at, adds - shift)
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
    design: Numbers, right: Numbers, weight: Numbers, prior: Numbers,
    bounds: Sequence[tuple[float | None, float | None]], penalty: float,
) -> tuple[float, Numbers]:
    """Bias and steps of least penalised log loss; the penalty is on steps that leave the prior."""
    base = float(np.clip((right * weight).sum() / weight.sum(), 1e-4, 1 - 1e-4))
    start = np.concatenate([[np.log(base / (1 - base))], prior])

    def loss(theta: Numbers) -> tuple[float, Numbers]:
        z = design @ theta
        value = float((weight * (np.logaddexp(0.0, z) - right * z)).sum())
        slope = design.T @ (weight * (1 / (1 + np.exp(-z)) - right))
        off = theta[1:] - prior
        slope[1:] += 2 * penalty * off
        return value + penalty * float(off @ off), slope

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None), *bounds],
                     options={"maxiter": 400})
    return float(found.x[0]), np.asarray(found.x[1:])


def fit_bend(log_odds: Numbers, right: Numbers, weight: Numbers, penalty: float = 1.0) -> Curve:
    """A rising curve from summed log-odds to those that were seen; where data are few it keeps a slope of 1."""
    clipped = np.clip(log_odds, -MOST, MOST)
    ordered = np.sort(clipped)
    wrong = np.sort(clipped[right < 0.5])
    marks = [ordered[0], ordered[-1], *np.quantile(ordered, (0.01, 0.1, 0.5))]
    if len(wrong):
        marks += list(np.quantile(wrong, (0.1, 0.3, 0.5, 0.7, 0.9)))
    at = np.unique(np.round(marks, 2))
    at = at[np.concatenate([[True], np.diff(at) >= 0.3])]
    if len(at) < 2:
        return Curve((-MOST, MOST), (-MOST, MOST))
    prior = np.diff(at)
    design = np.hstack([np.ones((len(clipped), 1)), _ramps(clipped, at)])
    bias, steps = _solve(design, right, weight, prior, [(0.0, None)] * len(prior), penalty)
    adds = np.clip(bias + np.concatenate([[0.0], np.cumsum(steps)]), -MOST, MOST)
    return _curve("place", at, adds)
