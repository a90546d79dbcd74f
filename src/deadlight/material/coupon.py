"""Coupon tests: the stress of a ring-on-ring test, and tables of coupons from a file."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deadlight import units
from deadlight.errors import InputError
from deadlight.limits import Limits
from deadlight.material.fatigue import FatigueFit, fit_fatigue
from deadlight.material.weibull import WeibullFit, fit_weibull

Array = np.ndarray[Any, np.dtype[np.float64]]

_COLUMNS = {"strength": "Pa", "rate": "Pa/s", "force": "N"}
MOST_BYTES = 16 * 2**20
_FLAGS = ("inert", "censored")
_LIMITS = {
    "strength": Limits("Pa", 1e5, 5e10),  # as of a Weibull scale that a case states
    "rate": Limits("Pa/s", 1e-3, 1e15),  # from years to break to a shock wave
    "force": Limits("N", above=0.0, high=1e7),
}


@dataclass(frozen=True, kw_only=True)
class RingOnRing:
    """Result of a ring-on-ring test.

    Attributes
    ----------
    stress : (n,) float [Pa]
        Equibiaxial tension inside the loading ring.
    area : float [m**2]
        Area inside the loading ring, evenly stressed.
    """

    stress: Array
    area: float
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        shown = ", ".join(f"{s / 1e6:.4g}" for s in self.stress[:5]) + (", ..." if len(self.stress) > 5 else "")
        return f"RingOnRing({shown} MPa over {self.area * 1e4:.3g} cm**2)"


def ring_on_ring(
    force: ArrayLike,
    *,
    thickness: float,
    support_diameter: float,
    load_diameter: float,
    specimen_diameter: float,
    poisson: float,
    youngs_modulus: float | None = None,
) -> RingOnRing:
    """Equibiaxial flexural stress of a disc between two rings (ASTM C1499 eq. 4).

    sigma = 3 F / (2 pi h^2) [(1 - nu)(D_S^2 - D_L^2) / (2 D^2) + (1 + nu) ln(D_S / D_L)]

    Parameters
    ----------
    force : (n,) float [N]
    thickness, support_diameter, load_diameter, specimen_diameter : float [m]
    poisson : float
    youngs_modulus : float or None [Pa]
        To check that the disc is thick enough for small deflection.

    Raises
    ------
    InputError
        Sizes that are not load < support <= specimen, or not positive.
    """
    F, h = np.atleast_1d(np.asarray(force, dtype=float)), thickness
    S, L, D = support_diameter, load_diameter, specimen_diameter
    if not (0.0 < L < S <= D and h > 0.0 and 0.0 <= poisson < 0.5 and np.isfinite(F).all() and (F > 0.0).all()):
        found = f"force {F.min():g} N, thickness {h:g} m, rings {L:g} and {S:g} m, disc {D:g} m, Poisson {poisson:g}"
        raise InputError(found, place="ring-on-ring", remedy="positive, loading ring < support ring <= disc")
    shape = (1.0 - poisson) * (S**2 - L**2) / (2.0 * D**2) + (1.0 + poisson) * math.log(S / L)
    stress = 3.0 * F / (2.0 * math.pi * h**2) * shape
    warnings = []
    if not 0.2 <= L / S <= 0.5:
        warnings.append(f"ring ratio {L / S:.2f} is outside 0.2 to 0.5 of C1499")
    if not 2.0 <= (D - S) / h <= 12.0:
        warnings.append(f"overhang over thickness {(D - S) / h:.1f} is outside 2 to 12 of C1499")
    if h > S / 10.0:
        warnings.append(f"thickness {h * 1e3:.3g} mm is above a tenth of the support ring: shear matters")
    if youngs_modulus and h < math.sqrt(2.0 * stress.max() * S**2 / (3.0 * youngs_modulus)):
        warnings.append(
            "the disc is thin for its strength: membrane stress is not small, C1499 overstates the strength"
        )
    return RingOnRing(stress=stress, area=math.pi * L**2 / 4.0, warnings=tuple(warnings))


@dataclass(frozen=True, kw_only=True)
class CouponFit:
    """What a table of coupons says: Weibull of the inert (or all) strengths and, with several rates, n and B."""

    weibull: WeibullFit
    fatigue: FatigueFit | None
    warnings: tuple[str, ...] = ()


def fit_coupons(path: str | Path, *, confidence: float = 0.90) -> CouponFit:
    """Weibull and slow-growth parameters of a coupon file.

    A comma-separated file with a header: "strength [MPa]", optionally "rate [MPa/s]", "inert" and "censored" (0 or 1).
    With a rate, the Weibull statistics are those of the inert coupons if there are at least 3, else of the
    strengths brought to the mean rate along the fitted line.

    Raises
    ------
    InputError
        The file is at fault, or it has forces only: `ring_on_ring` makes strengths of them.
    """
    if not 0.0 < confidence < 1.0:
        raise InputError(f"confidence {confidence:g}", place="coupons", remedy="a share between 0 and 1, as 0.9")
    table = read_coupons(path)
    if "strength" not in table:
        remedy = '"strength [MPa]"; deadlight.material.coupon.ring_on_ring makes strengths of forces'
        raise InputError("forces, but no strength column", place=str(path), remedy=remedy)
    strength, censored = table["strength"], table["censored"] > 0.5
    inert = table["inert"] > 0.5
    if "rate" not in table:
        fit = fit_weibull(strength, censored=censored, confidence=confidence)
        return CouponFit(weibull=fit, fatigue=None, warnings=fit.warnings)
    grown = ~inert & ~censored
    fatigue = fit_fatigue(
        strength[grown], table["rate"][grown], inert=strength[inert] if inert.any() else None, confidence=confidence
    )
    if inert.sum() >= 3:
        weibull = fit_weibull(strength[inert], censored=censored[inert], confidence=confidence)
        notes: tuple[str, ...] = ()
    else:
        rate = table["rate"][~inert]
        level = np.exp(np.log(rate).mean())
        same = strength[~inert] * (level / rate) ** (1.0 / (fatigue.n + 1.0))
        weibull = fit_weibull(same, censored=censored[~inert], confidence=confidence)
        notes = (f"Weibull scale is the strength at {level / 1e6:.3g} MPa/s, not the inert strength",)
    return CouponFit(weibull=weibull, fatigue=fatigue, warnings=(*weibull.warnings, *fatigue.warnings, *notes))


def read_coupons(path: str | Path) -> dict[str, Array]:
    """Columns of a coupon file in SI: strength or force, rate if given, inert and censored as 0 or 1.

    Raises
    ------
    InputError
        No file, an unknown column, a missing unit, a value that is not a number or cannot be, or a flag that
        is neither 0 nor 1 (file, line, column named).
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig") as stream:
            text = stream.read(MOST_BYTES + 1)
        # not splitlines, to which a vertical tab or a record separator ends a line too
        lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip() and line.lstrip()[0] != "#"]
        numbered = [(n, row) for n, line in lines for row in csv.reader([line], strict=True)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read: {error}", place=str(path), remedy="a comma-separated text file") from error
    if len(text) > MOST_BYTES:
        raise InputError(f"more than {MOST_BYTES} bytes", place=str(path), remedy="a table of coupons is smaller")
    rows = [row for _, row in numbered]
    if len(rows) < 2:
        raise InputError(
            "holds no coupon", place=str(path), remedy='a header ("strength [MPa], inert") and one row each'
        )
    factors = [_column(text, path) for text in rows[0]]
    names = [name for name, _ in factors]
    if len(set(names)) < len(names):
        raise InputError("a column stands twice", place=str(path), remedy="give every column once")
    coupons: list[dict[str, float]] = []
    for line, row in numbered[1:]:
        if len(row) != len(factors):
            raise InputError(
                f"{len(row)} values in line {line}, {len(factors)} in the header",
                place=str(path),
                remedy="fill every column",
            )
        coupons.append({})
        for (name, factor), text in zip(factors, row):
            place = f"{path}, line {line}, {name}"
            try:
                coupons[-1][name] = units.plain_number(text) * factor
            except ValueError as error:
                raise InputError(f'found "{text[:60]}"', place=place, remedy="a finite number") from error
        _check_coupon(coupons[-1], row, f"{path}, line {line}")
    if "strength" not in names and "force" not in names:
        raise InputError("no strength column", place=str(path), remedy='"strength [MPa]", or "force [N]"')
    arrays = {name: np.array([each[name] for each in coupons]) for name in names}
    return {**{flag: np.zeros(len(rows) - 1) for flag in _FLAGS}, **arrays}


def _check_coupon(coupon: Mapping[str, float], row: Sequence[str], place: str) -> None:
    """InputError unless a coupon's flags and values can be; the rate of an inert one counts for nothing."""
    for (name, value), text in zip(coupon.items(), row):
        if name in _FLAGS:
            good, remedy = value in (0.0, 1.0), "0 or 1; is the column the right one?"
        elif name == "rate" and coupon.get("inert") == 1.0:
            continue
        else:
            good, remedy = bool(_LIMITS[name].hold(value)), f"{_LIMITS[name].range()}; is the unit right?"
        if not good:
            raise InputError(f'found "{text.strip()[:60]}"', place=f"{place}, {name}", remedy=remedy)


def _column(text: str, path: Path) -> tuple[str, float]:
    match = re.fullmatch(r"\s*(\w+)\s*(?:\[(.+)\])?\s*", text)
    name, unit = (match[1].lower(), match[2]) if match else (text, None)
    if name in _FLAGS:
        return name, 1.0
    if name not in _COLUMNS:
        raise InputError(f'column "{text}"', place=str(path), remedy=f"columns are {', '.join((*_COLUMNS, *_FLAGS))}")
    if unit is None:
        raise InputError(f'column "{text}" has no unit', place=str(path), remedy=f'"{name} [MPa]" or alike')
    return name, units.quantity(f"1 {unit}", _COLUMNS[name], place=f"{path}, column {text}")
