"""Gas through an open crack: a slit as long as the crack, as deep as the glass is thick, a few micrometres open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.entry.gap import CP, GAS, _flux
from deadlight.errors import InputError
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]

NUSSELT = 7.541  # laminar between plates of one temperature, on twice the opening (Shah & London 1978)
PRANDTL = 0.71
TURBULENT = 2300.0  # Reynolds number on twice the opening up to which the law is laminar


def viscosity(temperature: Any) -> Any:
    """Of air [Pa s] (Sutherland; U.S. Standard Atmosphere 1976, eq. 51)."""
    t = np.asarray(temperature, dtype=float)
    return 1.458e-6 * t**1.5 / (t + 110.4)


def slit_flux(
    high: Any, log_ratio: Any, opening: Any, depth: float, *, wall: Any, gas: Any, discharge: float = 0.6,
    accommodation: float = 1.0,
) -> Any:  # fmt: skip
    """Mass flow through a slit per length of crack [kg/m/s], from a higher to a lower pressure.

    Viscous, isothermal at the wall's temperature, first-order slip (Arkilic, Schmidt & Breuer 1997, eq. 10):
    w^3/(24 mu R T t) [(p1^2 - p2^2) + 12 s l p (p1 - p2)/w], s = (2 - F)/F, l p = mu sqrt(pi R T/2).  Towards free
    molecules (Kn = l/w at the mean pressure) the slip term gives way to w W (p1 - p2)/sqrt(2 pi R T) with W =
    (w/t) ln(t/w) of a deep slit (Dushman 1962) by the weights 1/(1 + Kn) and Kn/(1 + Kn); that blend is an assumption.
    What a sharp-edged slit of the same opening lets through, choked or not, is in series, where
    pressure drops add: G/Gv + (G/Go)^2 = 1.

    Parameters
    ----------
    high : float [Pa]
        Pressure upstream.
    log_ratio : float
        Logarithm of upstream over downstream pressure, 0 or more; exact for small differences.
    opening : (k,) float [m]
        Shut where it is not above 0.
    depth : float [m]
        Of the slit along the flow.
    wall, gas : float [K]
        Of the crack's faces; of the gas upstream.
    """
    w = np.maximum(np.asarray(opening, dtype=float), 0.0)
    fall = np.maximum(log_ratio, 0.0)
    low = high * np.exp(-fall)
    drop, squares = -high * np.expm1(-fall), -(high**2) * np.expm1(-2.0 * fall)
    mu, root = viscosity(wall), np.sqrt(np.pi * GAS * wall / 2.0)
    free_path_pressure = mu * root
    slip = (2.0 - accommodation) / accommodation
    kn = free_path_pressure / np.maximum(0.5 * (high + low) * np.maximum(w, 1e-12), 1e-300)
    plain = w**3 / (24.0 * mu * GAS * wall * depth)
    linear = plain * 12.0 * slip * free_path_pressure / np.maximum(w, 1e-12)
    passed = np.minimum(np.log(np.maximum(depth / np.maximum(w, 1e-12), np.e)) * w / depth, 1.0)
    molecular = w * passed / np.sqrt(2.0 * np.pi * GAS * wall)
    viscous = plain * squares + drop * (linear + molecular * kn) / (1.0 + kn)
    sharp = discharge * w * _flux(high, fall, gas)
    with np.errstate(divide="ignore", invalid="ignore"):
        both = 2.0 * viscous / (1.0 + np.sqrt(1.0 + 4.0 * (viscous / sharp) ** 2))
    return np.where((w > 0.0) & (fall > 0.0) & (viscous > 0.0) & (sharp > 0.0), both, 0.0)


@dataclass(frozen=True, eq=False)
class Slit:
    """An open crack between the two sides of a pane.

    Attributes
    ----------
    opening : Series (m, k) [m]
        Along the crack in time: the least through the thickness.
    length : (k,) float [m]
        Of crack that each opening stands for.
    depth : float [m]
        Thickness of the pane.
    wall : Series [K]
        Of the crack's faces.
    name : str
    """

    opening: Series
    length: Array
    depth: float
    wall: Series
    name: str = "crack"

    def __post_init__(self) -> None:
        if self.opening.values.ndim != 2 or self.opening.values.shape[1] != len(self.length) or not self.depth > 0.0:
            raise InputError(
                f"openings {self.opening.values.shape} for {len(self.length)} lengths, depth {self.depth:g} m",
                place=f"slit {self.name}", remedy="openings (instants, places), as many lengths, a depth above 0",
            )  # fmt: skip
        if not (np.isfinite(self.length).all() and (self.length >= 0.0).all()):
            least = self.length[np.argmin(np.where(np.isfinite(self.length), self.length, -np.inf))]
            raise InputError(f"a length of {least:g} m", place=f"slit {self.name}", remedy="lengths of 0 or more")

    def flux(self, t: Any, high: Any, log_ratio: Any, gas: Any) -> Array:
        """Mass flow per length [kg/m/s] at every place, from the higher pressure; (n,) or plain -> (.., k)."""
        columns = (np.asarray(x, dtype=float)[..., None] for x in (high, log_ratio, self.wall(t), gas))
        high, log_ratio, wall, gas = columns
        return np.asarray(slit_flux(high, log_ratio, self.opening(t), self.depth, wall=wall, gas=gas))

    def rate(self, t: Any, high: Any, log_ratio: Any, gas: Any) -> Array:
        """Mass flow [kg/s] from the side of the higher pressure; all arguments (n,) or plain."""
        return np.asarray(self.flux(t, high, log_ratio, gas) @ self.length)

    def area(self, t: Any) -> Array:
        """Open area [m2]."""
        return np.asarray(np.maximum(np.asarray(self.opening(t)), 0.0) @ self.length)

    def leaves_at(self, t: Any, flux: Any, gas: Any) -> Array:
        """Mixed temperature [K] at which gas comes out: of every place by its own flow (constant Nusselt number).

        The wide middle lets nearly all of it through, and there it takes least of the faces' temperature: flow goes
        with the third power of the opening, what the faces take up over what flows with the inverse fourth.

        Parameters
        ----------
        flux : (.., k) float [kg/m/s]
            As of `flux`.
        gas : (n,) or plain float [K]
            Of what flows in.
        """
        wall, width = np.asarray(self.wall(t)), np.maximum(np.asarray(self.opening(t)), 1e-12)
        conductivity = (viscosity(wall) * CP / PRANDTL)[..., None]
        units = NUSSELT * conductivity * self.depth / (width * np.maximum(flux, 1e-100) * CP)
        share = np.maximum(flux, 0.0) * self.length
        kept = (share * np.exp(-np.minimum(units, 700.0))).sum(axis=-1) / np.maximum(share.sum(axis=-1), 1e-300)
        return np.asarray(wall + (gas - wall) * kept)

    def reynolds(self, t: Any, flux: Any) -> Array:
        """Largest along the crack, on twice the opening: 2 G/mu, G the flow per length (.., k) [kg/m/s]."""
        return np.asarray(2.0 * np.abs(flux).max(axis=-1) / viscosity(np.asarray(self.wall(t))))
