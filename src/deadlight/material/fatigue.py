"""Slow crack growth parameters from strengths at constant stress rates, and the closed forms behind them.

Power law v = v_c (K/K_Ic)^n with K = Y sigma sqrt(a).  The inert strength S = K_Ic / (Y sqrt(a)) then falls as
d(S^(n-2))/dt = -sigma^n / B with B = 2 K_Ic^2 / (Y^2 v_c (n - 2)), and failure is S = sigma
(Evans & Wiederhorn, Int. J. Fract. 10 (1974) 379; ASTM C1368).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]

LARGEST_LOG = 700.0  # exp of it, and of minus it, is still a float with all its digits


def resistance(*, n: float, v_c: float, K_Ic: float, Y: float) -> float:
    """B [Pa**2 s] of a power law with velocity v_c [m/s] at K_Ic [Pa m**0.5] and geometry factor Y; n > 2."""
    if n <= 2.0:
        raise InputError(f"n = {n:g}", place="power law", remedy="n above 2")
    return 2.0 * K_Ic**2 / (Y**2 * v_c * (n - 2.0))


def life_at_constant_stress(stress: float, *, inert_strength: float, n: float, B: float) -> float:
    """Time to failure [s]: B (S^(n-2) - sigma^(n-2)) / sigma^n; 0 from the inert strength on, inf without tension."""
    if stress <= 0.0:
        return math.inf
    if stress >= inert_strength:
        return 0.0
    ratio = inert_strength / stress
    return B / stress**2 * math.expm1((n - 2.0) * math.log(ratio))


def strength_at_constant_rate(rate: float, *, inert_strength: float, n: float, B: float) -> float:
    """Strength [Pa] at a stress rate [Pa/s]: root of S^(n-2) - sigma^(n-2) = sigma^(n+1) / (B (n+1) rate)."""
    # With s = sigma / S: 1 - s^(n-2) = c s^(n+1), one root in (0, 1].
    c = inert_strength**3 / (B * (n + 1.0) * rate)
    s = optimize.brentq(lambda s: 1.0 - s ** (n - 2.0) - c * s ** (n + 1.0), 0.0, 1.0, xtol=1e-15, rtol=1e-14)
    return inert_strength * float(s)


@dataclass(frozen=True, kw_only=True)
class FatigueFit:
    """Slow-growth parameters from constant stress rate tests.

    Attributes
    ----------
    n, D : float
        Exponent, and intercept of strength = D rate^(1/(n+1)) (SI: Pa at 1 Pa/s).
    B : float or None [Pa**2 s]
        Needs inert strengths.
    n_bounds, D_bounds, B_bounds : (float, float)
        Two-sided confidence bounds; the upper bound of n is inf when the slope may be zero, those of B and D are 0 and
        inf where they leave what a float holds.
    """

    n: float
    n_bounds: tuple[float, float]
    D: float
    D_bounds: tuple[float, float]
    B: float | None
    B_bounds: tuple[float, float] | None
    confidence: float
    specimens: int
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        b = (
            f"; B = {self.B:.3g} Pa**2 s [{self.B_bounds[0]:.2g}, {self.B_bounds[1]:.2g}]"
            if self.B is not None and self.B_bounds is not None
            else ""
        )
        return (
            f"FatigueFit(n = {self.n:.3g} [{self.n_bounds[0]:.3g}, {self.n_bounds[1]:.3g}]; D = {self.D / 1e6:.4g} MPa "
            f"at 1 Pa/s [{self.D_bounds[0] / 1e6:.4g}, {self.D_bounds[1] / 1e6:.4g}]{b}; "
            f"{100 * self.confidence:.0f} %, {self.specimens} specimens)"
        )


def fit_fatigue(
    strength: ArrayLike, rate: ArrayLike, *, inert: ArrayLike | None = None, confidence: float = 0.90
) -> FatigueFit:
    """n, D and B by regression of log strength on log stress rate (ASTM C1368).

    log strength = log rate / (n + 1) + log D; bounds from Student's t on slope and intercept; B from
    D^(n+1) = B (n+1) S^(n-2) with the mean log inert strength, its bounds by propagation of the covariance.

    Parameters
    ----------
    strength, rate : (k,) float [Pa], [Pa/s]
    inert : (j,) float [Pa] or None
        Strengths without growth (dry, fast).

    Raises
    ------
    InputError
        Too few specimens or rates, values not positive, strength that does not rise with the rate, or a B that is no
        number because it hardly does.
    """
    y, x = _log(strength, "strength"), _log(rate, "stress rate")
    line = _regression(x, y)
    slope, intercept = line.slope, line.intercept
    t = float(stats.t.ppf(0.5 + 0.5 * confidence, len(x) - 2))
    spread, half = t * math.sqrt(line.covariance[0, 0]), t * math.sqrt(line.covariance[1, 1])
    n = 1.0 / slope - 1.0
    warnings = _warnings(x, slope - spread)
    B = B_bounds = None
    if inert is not None:
        s = _log(inert, "inert strength")
        B, B_bounds = _resistance(line, s, t)
        warnings += _near_inert(y, float(s.mean()), n)
    return FatigueFit(
        n=n,
        n_bounds=(1.0 / (slope + spread) - 1.0, 1.0 / (slope - spread) - 1.0 if slope > spread else math.inf),
        D=math.exp(intercept),
        D_bounds=(_exp(intercept - half), _exp(intercept + half)),
        B=B,
        B_bounds=B_bounds,
        confidence=confidence,
        specimens=len(x),
        warnings=warnings,
    )


@dataclass(frozen=True)
class _Line:
    slope: float
    intercept: float
    covariance: Array  # of (slope, intercept)


def _regression(x: Array, y: Array) -> _Line:
    """Least squares of y on x with the covariance of slope and intercept."""
    place = "stressing-rate coupons"
    if y.shape != x.shape or len(x) < 4:
        raise InputError(f"{len(y)} strengths at {len(x)} rates", place=place, remedy="pairs, at least 4")
    if np.ptp(x) < 0.999 * math.log(10.0):
        raise InputError("the rates span less than a decade", place=place, remedy="rates over three decades or more")
    dx, mean = x - x.mean(), float(x.mean())
    slope = float(dx @ y / (dx @ dx))
    if not 0.0 < slope < 1.0 / 3.0:
        raise InputError(f"log-log slope {slope:.3g}", place=place, remedy="between 0 and 1/3 (n above 2); more rates")
    intercept = float(y.mean()) - slope * mean
    variance = float(((y - intercept - slope * x) ** 2).sum()) / (len(x) - 2)
    var = variance / float(dx @ dx)
    return _Line(slope, intercept, np.array([[var, -mean * var], [-mean * var, variance / len(x) + mean**2 * var]]))


def _resistance(line: _Line, inert: Array, t: float) -> tuple[float, tuple[float, float]]:
    """B and its bounds: ln B = (ln D - ln S)/slope + ln slope + 3 ln S, errors propagated to first order."""
    mean, var = float(inert.mean()), float(inert.var(ddof=1)) / len(inert) if len(inert) > 1 else 0.0
    excess = line.intercept - mean
    log_B = excess / line.slope + math.log(line.slope) + 3.0 * mean
    gradient = np.array([-excess / line.slope**2 + 1.0 / line.slope, 1.0 / line.slope])
    if not abs(log_B) < LARGEST_LOG:
        raise InputError(
            f"ln B = {log_B:.4g} with n = {1.0 / line.slope - 1.0:.4g}: the strengths hardly rise with the rate",
            place="stressing-rate coupons",
            remedy=f"|ln B| below {LARGEST_LOG:g}: test over more decades of rates, or leave the inert coupons out",
        )
    half = t * math.sqrt(float(gradient @ line.covariance @ gradient) + (3.0 - 1.0 / line.slope) ** 2 * var)
    return math.exp(log_B), (_exp(log_B - half), _exp(log_B + half))


def _exp(x: float) -> float:
    """Of a bound: 0 and inf, no bound, where it leaves what a float holds."""
    return math.exp(x) if x < LARGEST_LOG else math.inf


def _log(values: ArrayLike, what: str) -> Array:
    v = np.asarray(values, dtype=float).ravel()
    bad = ~(np.isfinite(v) & (v > 0.0))
    if bad.any() or not len(v):
        found = f"{what} {v[bad][0]:g} (specimen {int(np.argmax(bad)) + 1})" if len(v) else f"no {what}"
        raise InputError(found, place="stressing-rate coupons", remedy="positive, finite values")
    return np.log(v)


def _warnings(x: Array, low: float) -> tuple[str, ...]:
    found = []
    if len(np.unique(x.round(6))) < 4:
        found.append("fewer than the four rates that C1368 asks for")
    if np.ptp(x) < 3.0 * math.log(10.0):
        found.append("the rates span less than three decades: n is weakly determined")
    if low <= 0.0:
        found.append("the slope may be zero at this confidence: n has no upper bound")
    return tuple(found)


def _near_inert(y: Array, inert: float, n: float) -> tuple[str, ...]:
    """The straight line neglects (sigma/S)^(n-2) against 1; fast tests close to the inert strength bend it."""
    neglected = math.exp((n - 2.0) * min(float(np.quantile(y, 0.9)) - inert, 0.0))
    if neglected < 0.05:
        return ()
    found = f"the fastest strengths are near the inert strength (neglected term {neglected:.2f})"
    return (f"{found}: n comes out too high; test slower",)
