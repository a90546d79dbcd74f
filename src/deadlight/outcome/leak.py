"""Mass and energy of the gas in a gap whose vent is open, partly or fully blocked, and whose outer pane leaks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from deadlight.entry.gap import CP, GAS, LEAST, GapSpec, _flux, _Smooth
from deadlight.errors import InputError, NotSolved
from deadlight.outcome.slit import PRANDTL, TURBULENT, Slit, viscosity
from deadlight.remark import Remark
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]

CV = CP - GAS
CLOSES = 1e-6  # allowed error of either balance
# Of free paths mu sqrt(pi R T/2)/p: 6 g, g = 2 gamma/((gamma + 1) Pr) the jump at a plate that accommodates all
# (Kennard 1938).  Heat comes with the gas, spread over the gap: its mean excess is q d^2/12 k + g q d/2 k, so that
# 12 k/d is divided by 1 + 6 g/d.
_JUMP = 6.0 * 2.8 / (2.4 * PRANDTL)


@dataclass(frozen=True, eq=False)
class LeakyGap:
    """Gas of a gap over a history.

    Attributes
    ----------
    time : (m,) float [s]
    pressure, temperature, mass : (m,) float [Pa], [K], [kg]
    flow : dict of opening -> (m,) float [kg/s]
        Into the gap; negative out of it.
    brought : dict of opening -> (m,) float [W]
        Enthalpy that the flow brings, less c_p T of the gap's gas; 0 where it flows out.
    to_walls : (m,) float [W]
        Heat from the gas to the panes around it.
    mass_balance, energy_balance : float
        |change - integral of the flows| by a quadrature of its own, over all that passed.
    remarks : tuple of Remark
    """

    time: Array
    pressure: Array
    temperature: Array
    mass: Array
    flow: dict[str, Array]
    brought: dict[str, Array]
    to_walls: Array
    mass_balance: float
    energy_balance: float
    remarks: tuple[Remark, ...]

    def passed(self, opening: str) -> float:
        """Mass that came in through an opening [kg]."""
        return float(np.trapezoid(np.maximum(self.flow[opening], 0.0), self.time))


def leaky_gap(
    spec: GapSpec, *, outside: Series, wall: Series, distance: float, slits: Sequence[Slit] = (),
    outside_temperature: Series, hot: Series | None = None, start: float | None = None, tolerance: float = 1e-5,
) -> LeakyGap:  # fmt: skip
    """Gas of a gap with its vent and leaks: mass, energy, and what they bring.

    The gas gives heat to the panes by conduction: 12 k/d per area, which is exact for a layer between two plates with a
    source all through it, less for free paths as long as the gap (temperature jump at both plates).

    Parameters
    ----------
    spec : GapSpec
        Its vent's `open_fraction` says how much of it is blocked; without a vent, or sealed, nothing passes but leaks.
    outside : Series [Pa]
        At the other end of vent and crack.
    wall : Series [K]
        Mean of both panes.
    distance : float [m]
        Between them.
    slits : sequence of Slit
        Cracks of the outer pane.
    outside_temperature : Series [K]
        Of the gas at the vent.
    hot : Series [K], optional
        Of the gas at the mouth of the crack; default as at the vent.
    start : float [Pa], optional
        Pressure in the gap at the first instant; default that outside for a vented gap, the gap's own else.

    Raises
    ------
    InputError
        A distance that is not above 0, two openings of one name ("vent" is the vent's).
    NotSolved
        A balance that is worse than 1e-6.
    """
    _refuse(spec, distance, slits)
    around, panes = _Smooth(outside, LEAST), _Smooth(wall, 1.0)
    model = _Gas(spec, around, panes, distance, tuple(slits), outside_temperature, hot)
    clock = np.union1d(outside.time, wall.time)
    begin, end = float(clock[0]), float(clock[-1])
    vented = spec.state == "vented" and spec.vent is not None
    first = start if start is not None else model.outside(begin) if vented else _closed_in(spec, float(wall(begin)))
    first = max(float(first), LEAST)
    state = [math.log(first / float(model.outside(begin))), 0.0]
    if not slits and not (vented and spec.vent is not None and spec.vent.effective > 0.0):
        model = replace(model, shut=first * spec.volume / (GAS * float(wall(begin))))
    for attempt in range(5):
        solution = solve_ivp(
            model.rates, (begin, end), state, method="Radau", rtol=tolerance * 0.1**attempt,
            atol=1e-3 * tolerance * 0.1**attempt, dense_output=True, max_step=10.0,
        )  # fmt: skip
        if not solution.success:
            raise NotSolved(f"gas in gap {spec.name}: {solution.message}")
        balance = _balances(model, solution, clock)
        if max(balance) <= CLOSES:
            break
    else:
        raise NotSolved(f"gas in gap {spec.name}: mass closes to {balance[0]:.1e}, energy to {balance[1]:.1e}")
    return _told(model, solution, np.union1d(clock, solution.t), balance)


def _refuse(spec: GapSpec, distance: float, slits: Sequence[Slit]) -> None:
    if not (math.isfinite(distance) and distance > 0.0):
        raise InputError(f"distance {distance:g} m", place=f"gap {spec.name}", remedy="a distance above 0")
    names = ["vent", *(s.name for s in slits)]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice is not None:
        raise InputError(f'two openings "{twice}"', place=f"gap {spec.name}", remedy="give the crack another name")


def _closed_in(spec: GapSpec, warm: float) -> float:
    return spec.pressure * warm / spec.temperature


@dataclass(frozen=True, eq=False)
class _Gas:
    """State: logarithm of gap over outside pressure, and temperature less that of the walls [K].

    Both are small where the gas follows, so that flow and heat, which go with them, keep all their digits.
    """

    spec: GapSpec
    outside: _Smooth
    wall: _Smooth
    distance: float
    slits: tuple[Slit, ...]
    cold: Series
    hot: Series | None
    shut: float = math.nan  # [kg] where nothing can pass: the mass stays, and the first state is not used

    def here(self, t: Any, state: Any) -> tuple[Any, Any, Any]:
        """Pressure, temperature and mass."""
        warm = self.wall(t) + state[1]
        if math.isfinite(self.shut):
            return self.shut * GAS * warm / self.spec.volume, warm, self.shut + 0.0 * warm
        p = np.exp(self.outside.log(t) + state[0])
        return p, warm, p * self.spec.volume / (GAS * warm)

    def film(self, p: Any, warm: Any) -> Any:
        """Heat to both panes per degree [W/K]."""
        mu = viscosity(warm)
        jump = 1.0 + _JUMP * mu * np.sqrt(np.pi * GAS * warm / 2.0) / (np.maximum(p, 1e-12) * self.distance)
        return 12.0 * mu * CP / PRANDTL / self.distance * self.spec.volume / self.distance / jump

    def flows(self, t: Any, state: Any, p: Any, warm: Any) -> list[tuple[str, Any, Any]]:
        """Name, flow into the gap [kg/s] and temperature at which it comes [K] of every opening; p, warm by `here`."""
        inward, high, fall = self.drop(t, state, p)
        sign = np.where(inward, 1.0, -1.0)
        found = []
        if self.spec.vent is not None and self.spec.state == "vented":
            gas = np.where(inward, self.cold(t), warm)
            found.append(("vent", sign * self.spec.vent.effective * _flux(high, fall, gas), gas))
        for slit in self.slits:
            gas = self.mouth(t, inward, warm)
            flux = slit.flux(t, high, fall, gas)
            leaves = np.where(inward, slit.leaves_at(t, flux, gas), warm)
            found.append((slit.name, sign * (flux @ slit.length), leaves))
        return found

    def drop(self, t: Any, state: Any, p: Any) -> tuple[Any, Any, Any]:
        """Whether gas flows in, the higher pressure, and the logarithm of it over the lower one."""
        inward = np.asarray(state[0]) < 0.0
        return inward, np.where(inward, self.outside(t), p), np.abs(state[0])

    def mouth(self, t: Any, inward: Any, warm: Any) -> Any:
        """Temperature of the gas where it enters a crack [K]."""
        hot = self.hot if self.hot is not None else self.cold
        return np.where(inward, hot(t), warm)

    def rates(self, t: float, state: Any) -> list[float]:
        p, warm, mass = self.here(t, state)
        gain, energy = 0.0, -self.film(p, warm) * state[1]
        for _, flow, gas in self.flows(t, state, p, warm):
            gain += flow
            energy += flow * CP * gas
        hotter = (energy - gain * CV * warm) / (mass * CV)
        slope = self.outside.one(t)[1] if math.isnan(self.shut) else gain / mass + hotter / warm
        level, rise = self.wall.one(t)
        return [float(gain / mass + hotter / warm - slope), float(hotter - math.exp(level) * rise)]


def _balances(model: _Gas, solution: Any, knots: Array) -> tuple[float, float]:
    """Errors of mass and energy: gained against 5-point Gauss sums between the solver's steps and the input's knots."""
    edges = np.union1d(solution.t, knots)
    node, weight = np.polynomial.legendre.leggauss(5)
    half = np.diff(edges) / 2
    t = ((edges[:-1] + half)[:, None] + half[:, None] * node).ravel()
    w = (half[:, None] * weight).ravel()
    state = solution.sol(t)
    p, warm, _ = model.here(t, state)
    lost = model.film(p, warm) * state[1]
    energy, gross = -float(w @ lost), float(w @ np.abs(lost))
    mass, gross_mass = 0.0, 0.0
    for _, flow, gas in model.flows(t, state, p, warm):
        mass, gross_mass = mass + float(w @ flow), gross_mass + float(w @ np.abs(flow))
        energy, gross = energy + float(w @ (flow * gas)) * CP, gross + float(w @ np.abs(flow * gas)) * CP
    _, t_ends, m_ends = model.here(solution.t[[0, -1]], solution.y[:, [0, -1]])
    content = CV * m_ends * t_ends
    return (
        abs(float(np.diff(m_ends)[0]) - mass) / max(gross_mass + float(m_ends.max()), 1e-300),
        abs(float(np.diff(content)[0]) - energy) / max(gross + float(content.max()), 1e-300),
    )


def _told(model: _Gas, solution: Any, time: Array, balance: tuple[float, float]) -> LeakyGap:
    state = solution.sol(time)
    p, warm, mass = model.here(time, state)
    flows = model.flows(time, state, p, warm)
    flow = {name: np.asarray(rate) for name, rate, _ in flows}
    brought = {name: np.maximum(rate, 0.0) * CP * (gas - warm) for name, rate, gas in flows}
    to_walls = model.film(p, warm) * state[1]
    remarks = []
    inward, high, fall = model.drop(time, state, p)
    for slit in model.slits:
        flux = slit.flux(time, high, fall, model.mouth(time, inward, warm))
        top = float(slit.reynolds(time, flux).max())
        if top > TURBULENT:
            text = f"{slit.name}: Reynolds number up to {top:.0f} in the crack: turbulent, the law is laminar"
            remarks.append(Remark(text, alarm=True))
    return LeakyGap(time, p, warm, mass, flow, brought, to_walls, *balance, tuple(remarks))
