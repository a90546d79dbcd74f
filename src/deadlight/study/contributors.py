"""What the answer turns on: share of the variance that each parameter explains, and what to measure next.

From the cases as they are, whatever their design: first-order indices S = Var(E[Y|X]) / Var(Y) (Sobol 1993; Saltelli et
al. 2008, Global Sensitivity Analysis, eq. 1.24) by bins of X, corrected for what chance alone would explain (omega
squared, Hays 1963), with bootstrap bands.  Where SALib is installed its RBD-FAST (Tarantola et al. 2006, Reliab. Eng.
Syst. Saf. 91:717; bias correction Tissot & Prieur 2012) stands beside.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from deadlight.study.fragility import bins_of
from deadlight.study.proportion import Flags

Array = np.ndarray[Any, np.dtype[np.float64]]
DRAWS = 200
SMALLEST = 1e-3  # K/K_Ic below this counts as this: a crack that is shut has no logarithm


@dataclass(frozen=True)
class Contributor:
    """One parameter.

    Attributes
    ----------
    name : str
    share, low, high : float
        First-order share of the variance of log K/K_Ic, with its bootstrap band.
    rank : float
        Spearman's correlation with K/K_Ic.
    rbd_fast : float or None
        The same share by SALib.
    wrong_now, wrong_then : float
        How often "reaches K_Ic" or not would be guessed wrongly without and with this parameter known exactly.
    """

    name: str
    share: float
    low: float
    high: float
    rank: float
    rbd_fast: float | None
    wrong_now: float
    wrong_then: float

    @property
    def saves(self) -> float:
        """Wrong guesses that knowing it would save."""
        return self.wrong_now - self.wrong_then


def contributors(
    parameters: Mapping[str, Array], ratio: Array, happened: Flags, *, confidence: float, seed: int
) -> tuple[Contributor, ...]:
    """Parameters by their share of the variance of log K/K_Ic, largest first.

    Parameters
    ----------
    parameters : dict of name -> (n,) float
    ratio : (n,) float
        Largest K/K_Ic.
    happened : (n,) bool
        K reaches K_Ic.
    """
    value = np.log(np.maximum(ratio, SMALLEST))
    beside = _rbd_fast(parameters, value, seed)
    p = float(happened.mean()) if len(happened) else 0.0
    found = []
    for name, x in parameters.items():
        if len(np.unique(x)) < 2:
            continue
        rng = np.random.default_rng(seed)
        draws = [_share(x[i], value[i]) for i in (rng.integers(0, len(x), len(x)) for _ in range(DRAWS))]
        low, high = np.quantile(draws, [0.5 * (1.0 - confidence), 0.5 * (1.0 + confidence)])
        rank = float(stats.spearmanr(x, ratio)[0]) if np.ptp(ratio) > 0.0 else 0.0
        then = _wrong(x, happened)
        now = min(p, 1.0 - p)
        found.append(
            Contributor(name, _share(x, value), float(low), float(high), rank, beside.get(name), now, min(then, now))
        )
    return tuple(sorted(found, key=lambda c: -c.share))


def _share(x: Array, y: Array) -> float:
    """Omega squared of the means over bins: what the bins explain, less what chance would."""
    which = bins_of(x)
    size = np.bincount(which)
    size_safe = np.maximum(size, 1)
    means = np.bincount(which, weights=y) / size_safe
    total = float(((y - y.mean()) ** 2).sum())
    bins, n = int((size > 0).sum()), len(y)
    if total <= 0.0 or n <= bins:
        return 0.0
    between = float((size * (means - y.mean()) ** 2).sum())
    noise = (total - between) / (n - bins)
    return float(np.clip((between - (bins - 1) * noise) / (total + noise), 0.0, 1.0))


def _wrong(x: Array, happened: Flags) -> float:
    """Share of cases whose outcome is guessed wrongly from the bin of x alone."""
    which = bins_of(x)
    hits, size = np.bincount(which, weights=happened), np.bincount(which)
    return float(np.minimum(hits, size - hits).sum() / max(len(x), 1))


def _rbd_fast(parameters: Mapping[str, Array], value: Array, seed: int) -> dict[str, float]:
    """By SALib, where it is installed; nothing otherwise."""
    try:
        from SALib.analyze import rbd_fast
    except ImportError:
        return {}
    names = [name for name, x in parameters.items() if len(np.unique(x)) > 1]
    if not names or len(value) < 40 or np.ptp(value) <= 0.0:
        return {}
    x = np.stack([parameters[name] for name in names], axis=1)
    problem = {"num_vars": len(names), "names": names, "bounds": np.stack([x.min(axis=0), x.max(axis=0)], axis=1)}
    made = rbd_fast.analyze(problem, x, value, num_resamples=20, seed=seed)
    return {name: float(s) for name, s in zip(names, made["S1"]) if math.isfinite(s)}
