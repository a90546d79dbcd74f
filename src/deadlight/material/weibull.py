"""Two-parameter Weibull statistics of strength by maximum likelihood, with confidence bounds.

ASTM C1239 (uniaxial strength data of advanced ceramics): likelihood with censored specimens, unbiasing factor
of the modulus, confidence bounds from the pivotal quantities m^/m and m^ ln(s^/s) of Thoman, Bain & Antle,
Technometrics 11 (1969) 445.  The standard tabulates their simulation; here it is run (seeded) for the sample size.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from deadlight.errors import InputError, NotSolved
from deadlight.material.constants import Strength

Array = np.ndarray[Any, np.dtype[np.float64]]

_SAMPLES = 20_000
_PIVOTAL_LIMIT = 200  # specimens: above, the likelihood ratio is as good and cheaper


@dataclass(frozen=True, kw_only=True)
class WeibullFit:
    """Weibull parameters of tested specimens.

    Attributes
    ----------
    modulus, modulus_unbiased : float
        Maximum-likelihood modulus, and times the unbiasing factor of a complete sample of this size.
    scale : float [Pa]
        Characteristic strength (63.2 % failed) of the specimens as tested.
    modulus_bounds, scale_bounds : (float, float)
        Two-sided confidence bounds.
    confidence : float
    n, n_failed : int
        Specimens, and those that failed by the mode in question (the rest are censored).
    method : str
        "pivotal" (complete sample) or "likelihood ratio".
    """

    modulus: float
    modulus_unbiased: float
    scale: float
    modulus_bounds: tuple[float, float]
    scale_bounds: tuple[float, float]
    confidence: float
    n: int
    n_failed: int
    method: str
    warnings: tuple[str, ...] = ()

    def strength(self, area: float, *, source: str = "coupon test") -> Strength:
        """The material's strength group, for specimens that stressed `area` [m**2] evenly."""
        note = f"{self.n_failed} of {self.n} specimens, maximum likelihood"
        return Strength(
            modulus=self.modulus_unbiased, scale=self.scale, area=area, source=source, status="U", note=note
        )

    def __repr__(self) -> str:
        m, s = self.modulus_bounds, self.scale_bounds
        return (
            f"WeibullFit(m = {self.modulus:.3g} [{m[0]:.3g}, {m[1]:.3g}], unbiased {self.modulus_unbiased:.3g}; "
            f"scale = {self.scale / 1e6:.4g} MPa [{s[0] / 1e6:.4g}, {s[1] / 1e6:.4g}]; "
            f"{100 * self.confidence:.0f} %, {self.n_failed} of {self.n} failed, {self.method})"
        )


def fit_weibull(strength: ArrayLike, *, censored: ArrayLike | None = None, confidence: float = 0.90) -> WeibullFit:
    """Weibull modulus and characteristic strength of a sample.

    Parameters
    ----------
    strength : (n,) float [Pa]
        Fracture stress, or the highest stress survived where censored.
    censored : (n,) bool or None
        Specimens that did not fail by the mode in question.
    confidence : float
        Of the two-sided bounds.

    Raises
    ------
    InputError
        Fewer than 3 failures, values that are not positive and finite, or all equal.
    """
    x = np.asarray(strength, dtype=float).ravel()
    failed = np.ones(len(x), dtype=bool) if censored is None else ~np.asarray(censored, dtype=bool).ravel()
    _check(x, failed, confidence)
    middle = float(np.exp(np.log(x).mean()))
    log = np.log(x / middle)
    m, log_scale = (float(v[0]) for v in _likelihood_maximum(log[None], failed))
    warnings: tuple[str, ...] = ()
    if failed.sum() < 30:
        warnings = (
            f"{failed.sum()} failures: fewer than the 30 that strength statistics ask for; the bounds are wide",
        )
    factor = 1.0 / _pivots(len(x))[0].mean() if len(x) <= _PIVOTAL_LIMIT else 1.0 - 1.346 / len(x)
    if failed.all() and len(x) <= _PIVOTAL_LIMIT:
        method, (m_bounds, s_bounds) = "pivotal", _pivotal_bounds(m, log_scale, len(x), confidence)
    else:
        method, (m_bounds, s_bounds) = "likelihood ratio", _ratio_bounds(log, failed, m, log_scale, confidence)
        warnings += () if failed.all() else ("the unbiasing factor is that of a complete sample",)
    return WeibullFit(
        modulus=m,
        modulus_unbiased=m * float(factor),
        scale=middle * float(np.exp(log_scale)),
        modulus_bounds=m_bounds,
        scale_bounds=(middle * float(np.exp(s_bounds[0])), middle * float(np.exp(s_bounds[1]))),
        confidence=confidence,
        n=len(x),
        n_failed=int(failed.sum()),
        method=method,
        warnings=warnings,
    )


def _check(x: Array, failed: np.ndarray, confidence: float) -> None:
    place = "coupon strengths"
    if failed.shape != x.shape:
        raise InputError(
            f"{len(x)} strengths and {len(failed)} censoring marks", place=place, remedy="one mark a specimen"
        )
    bad = ~(np.isfinite(x) & (x > 0.0))
    if bad.any():
        raise InputError(
            f"specimen {int(np.argmax(bad)) + 1} has {x[bad][0]:g} Pa", place=place, remedy="positive strengths"
        )
    if failed.sum() < 3:
        raise InputError(f"{failed.sum()} failed specimens", place=place, remedy="at least 3, better 30")
    if np.ptp(np.log(x[failed])) < 1e-9:
        raise InputError("all strengths are equal", place=place, remedy="a sample with scatter")
    if not 0.5 <= confidence < 1.0:
        raise InputError(f"confidence {confidence}", place=place, remedy="between 0.5 and 1")


def _likelihood_maximum(log: Array, failed: np.ndarray) -> tuple[Array, Array]:
    """Modulus and log scale of each row of log strengths (k, n): Newton on C1239 eq. for the modulus.

    Sum(x^m ln x) / Sum(x^m) - mean over failures of ln x - 1/m = 0; its slope is a variance plus 1/m^2, so it rises.
    """
    mean = log[:, failed].mean(axis=1)
    top = log.max(axis=1, keepdims=True)
    m = 1.28 / np.maximum(log.std(axis=1), 1e-12)
    for _ in range(100):
        w = np.exp(m[:, None] * (log - top))
        w /= w.sum(axis=1, keepdims=True)
        first = (w * log).sum(axis=1)
        spread = (w * (log - first[:, None]) ** 2).sum(axis=1)
        new = np.maximum(m - (first - mean - 1.0 / m) / (spread + 1.0 / m**2), 0.2 * m)
        done = np.abs(new - m) <= 1e-12 * m
        m = new
        if done.all():
            break
    else:
        raise NotSolved(
            f"the Weibull modulus did not converge in 100 steps for {int((~done).sum())} of {len(m)} samples (the last "
            f"value {float(m[~done][0]):.4g}): fewer than three different strengths?"
        )
    total = np.exp(m[:, None] * (log - top)).sum(axis=1)
    return m, top[:, 0] + np.log(total / failed.sum()) / m


@functools.cache
def _pivots(n: int) -> tuple[Array, Array]:
    """Samples of m^/m and m^ ln(s^/s) for a complete sample of n specimens (seeded)."""
    rng = np.random.default_rng(1239)
    log = np.log(rng.exponential(size=(_SAMPLES, n)))
    m, log_scale = _likelihood_maximum(log, np.ones(n, dtype=bool))
    return m, m * log_scale


def _pivotal_bounds(
    m: float, log_scale: float, n: int, confidence: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    tail = 0.5 * (1.0 - confidence)
    ratio, shift = (np.quantile(sample, [1.0 - tail, tail]) for sample in _pivots(n))
    m_lo, m_hi = m / ratio
    s_lo, s_hi = log_scale - shift / m
    return (float(m_lo), float(m_hi)), (float(s_lo), float(s_hi))


def _ratio_bounds(
    log: Array, failed: np.ndarray, m: float, log_scale: float, confidence: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Likelihood-ratio bounds: where twice the fall of the profile likelihood reaches chi-square (1)."""
    r, total = int(failed.sum()), float(log[failed].sum())
    fall = 0.5 * float(stats.chi2.ppf(confidence, 1))

    def likelihood(m: float, s: float) -> float:
        return r * np.log(m) - r * m * s + (m - 1.0) * total - float(np.exp(np.minimum(m * (log - s), 700.0)).sum())

    peak = likelihood(m, log_scale)

    def of_modulus(log_m: float) -> float:
        trial = float(np.exp(log_m))
        top = log.max()
        s = top + float(np.log(np.exp(trial * (log - top)).sum() / r)) / trial
        return peak - likelihood(trial, s) - fall

    def of_scale(s: float) -> float:
        span = (np.log(m) - 4.0, np.log(m) + 4.0)
        best = optimize.minimize_scalar(lambda u: -likelihood(float(np.exp(u)), s), bounds=span, method="bounded")
        return peak + float(best.fun) - fall

    return (
        _crossings(of_modulus, float(np.log(m)), 1.0 / np.sqrt(r), np.exp),
        _crossings(of_scale, log_scale, 1.0 / (m * np.sqrt(r)), lambda s: s),
    )


def _crossings(function: Any, start: float, step: float, out: Any) -> tuple[float, float]:
    found = []
    for sign in (-1.0, 1.0):
        far = start + sign * step
        for _ in range(60):
            if function(far) > 0.0:
                break
            far += sign * step
        else:
            raise NotSolved(
                f"the likelihood does not fall off from {float(out(start)):.3g} to {float(out(far)):.3g}: no confidence"
                " bound; test more specimens, or give a lower confidence"
            )
        found.append(float(out(optimize.brentq(function, start, far, xtol=1e-12))))
    return found[0], found[1]
