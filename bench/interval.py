"""Bootstrap confidence intervals of the figures: documents are drawn again with replacement, their tables with them.

Tables of one document share its style and its damage, so that resampling single tables would make the
intervals too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bench.score import BINS, F1S, RATIOS, Tally, binned

DRAWS = 1000
LEVEL = 0.95
Column = Callable[[str], NDArray[np.float64]]


def intervals(tallies: Sequence[Tally], seed: int = 0) -> dict[str, tuple[float, float]]:
    """The central 95 % of each figure over DRAWS resamples of the documents; auroc is left out (not additive)."""
    if not tallies:
        return {}
    rows = [{**tally.n, **binned(tally.samples)} for tally in tallies]
    keys = sorted({key for row in rows for key in row})
    table = np.array([[row.get(key, 0) for key in keys] for row in rows], np.float64)
    g = np.random.default_rng(seed)
    weights = g.multinomial(len(rows), [1 / len(rows)] * len(rows), size=DRAWS)
    sums = weights @ table
    where = {key: i for i, key in enumerate(keys)}
    zero = np.zeros(DRAWS)

    def column(key: str) -> NDArray[np.float64]:
        return np.asarray(sums[:, where[key]]) if key in where else zero

    out: dict[str, tuple[float, float]] = {}
    for name, values in drawn(column).items():
        kept = values[np.isfinite(values)]
        if kept.size:
            low, high = np.quantile(kept, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
            out[name] = (float(low), float(high))
    return out


def drawn(column: Column) -> dict[str, NDArray[np.float64]]:
    """Each figure over all resamples; not a number where a resample has nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        out = {name: column(a) / column(b) for name, (a, b) in RATIOS.items()}
        out |= {name: 2 * column(a) / (column(b) + column(c)) for name, (a, b, c) in F1S.items()}
        gaps: NDArray[np.float64] = np.sum([np.abs(column(f"gap{i}")) for i in range(BINS)], axis=0)
        out["ece"] = gaps / column("rated")
        out["wrong_trusted"] = 10_000 * (column("trusted") - column("trusted_right")) / column("rated")
    return out
