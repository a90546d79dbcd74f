"""Shares with their confidence: how often something happened, and between what the true share lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

Array = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Proportion:
    """A share of cases.

    Attributes
    ----------
    hits, count : int
    low, high : float
        Two-sided bounds.
    effective : float
        Independent cases that say as much: fewer than `count` where cases share windows.
    """

    hits: int
    count: int
    low: float
    high: float
    effective: float

    @property
    def share(self) -> float:
        return self.hits / self.count if self.count else math.nan


def wilson(hits: float, count: float, confidence: float) -> tuple[float, float]:
    """Score interval (Wilson 1927, J. Am. Stat. Assoc. 22:209): close to its nominal confidence on average."""
    if count <= 0:
        return 0.0, 1.0
    z = float(stats.norm.ppf(0.5 + 0.5 * confidence))
    p = hits / count
    middle = (p + z * z / (2.0 * count)) / (1.0 + z * z / count)
    half = z / (1.0 + z * z / count) * math.sqrt(p * (1.0 - p) / count + z * z / (4.0 * count * count))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    return low, 1.0 if hits == count else min(1.0, middle + half)


def clopper_pearson(hits: float, count: float, confidence: float) -> tuple[float, float]:
    """Exact interval (Clopper & Pearson 1934, Biometrika 26:404): never below its nominal confidence."""
    if count <= 0:
        return 0.0, 1.0
    tail = 0.5 * (1.0 - confidence)
    low = 0.0 if hits <= 0 else float(stats.beta.ppf(tail, hits, count - hits + 1))
    high = 1.0 if hits >= count else float(stats.beta.ppf(1.0 - tail, hits + 1, count - hits))
    return low, high


def proportion(happened: Flags, group: Array, confidence: float, *, exact: bool = True) -> Proportion:
    """The share of cases in which something happened.

    Parameters
    ----------
    happened : (n,) bool
    group : (n,) int
        The window of each case.  Cases of one window share its heat and stress: where windows differ more than chance
        would make them, the count is lowered by the design effect (Kish 1965, Survey Sampling, sec. 8.2), to the number
        of windows at worst.
    exact : bool
        Clopper-Pearson, else Wilson.
    """
    hits, count = int(happened.sum()), len(happened)
    effective = count / design_effect(happened, group) if count else 0.0
    bounds = (clopper_pearson if exact else wilson)(hits * effective / count if count else 0, effective, confidence)
    return Proportion(hits, count, *bounds, effective)


def all_alike(hits: int, count: int, windows: int, confidence: float) -> tuple[float, float] | None:
    """Bounds of a share without a hit, or of hits only, if the window alone decided; None for any other share."""
    if windows < 2 or 0 < hits < count:
        return None
    return clopper_pearson(windows if hits else 0, windows, confidence)


def design_effect(happened: Flags, group: Array) -> float:
    """How many times larger the variance of a share is than that of independent cases; at least one."""
    n = len(happened)
    labels, which, size = np.unique(group, return_inverse=True, return_counts=True)
    if len(labels) < 2 or n < 2:  # of one window: a share among its cases
        return 1.0
    p = float(happened.mean())
    alone = p * (1.0 - p) / n
    if alone <= 0.0:  # no hit, or nothing but hits: how windows differ was not seen; `all_alike` says what it may cost
        return 1.0
    totals = np.bincount(which.ravel(), weights=happened.astype(float)) - p * size
    clustered = float((totals**2).sum()) / n**2 * len(labels) / (len(labels) - 1)
    return float(np.clip(clustered / alone, 1.0, n / len(labels)))
