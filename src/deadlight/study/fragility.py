"""Fragility: the share of cases in which K reaches K_Ic, over one parameter, with its confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.study.proportion import Flags, Proportion, proportion

Array = np.ndarray[Any, np.dtype[np.float64]]
BINS = 10
FEWEST = 8  # cases in a bin


@dataclass(frozen=True, eq=False)
class Fragility:
    """A curve.

    Attributes
    ----------
    name, unit : str
        Of the parameter.
    edges : (b + 1,) float
        Bins with as many cases each; of a parameter with a few values, the values are `middle`.
    middle : (b,) float
        Median of each bin.
    shares : tuple of Proportion
    """

    name: str
    unit: str
    edges: Array
    middle: Array
    shares: tuple[Proportion, ...]

    def plain(self) -> dict[str, Any]:
        """For `answers.json`."""
        rows = [
            {"from": float(a), "to": float(b), "middle": float(m), "hits": s.hits, "count": s.count, "share": s.share,
             "low": s.low, "high": s.high}
            for a, b, m, s in zip(self.edges[:-1], self.edges[1:], self.middle, self.shares)
        ]  # fmt: skip
        return {"name": self.name, "unit": self.unit, "bins": rows}


def bins_of(values: Array, most: int = BINS) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The bin of every value: each value its own where there are few, else bins with as many cases each."""
    distinct, which = np.unique(values, return_inverse=True)
    if len(distinct) <= most:
        return np.asarray(which.ravel(), dtype=np.int64)
    count = max(1, min(most, len(values) // FEWEST))
    rank = np.empty(len(values), dtype=np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(len(values))
    return rank * count // len(values)


def fragility(name: str, unit: str, values: Array, happened: Flags, group: Array, confidence: float) -> Fragility:
    """The curve over one parameter; the bands are Wilson's.

    Parameters
    ----------
    values : (n,) float
        Of the parameter.
    happened : (n,) bool
    group : (n,) int
        Window of each case.
    """
    which = bins_of(values)
    count = int(which.max()) + 1 if len(which) else 0
    middle = np.array([np.median(values[which == b]) for b in range(count)])
    first = np.array([values[which == b].min() for b in range(count)])
    last = np.array([values[which == b].max() for b in range(count)])
    inner = 0.5 * (last[:-1] + first[1:])
    edges = np.concatenate([first[:1], inner, last[-1:]])
    shares = tuple(proportion(happened[which == b], group[which == b], confidence, exact=False) for b in range(count))
    return Fragility(name, unit, edges, middle, shares)
