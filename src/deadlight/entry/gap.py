"""Gas in the gap between two panes: sealed, blocked, or vented through an orifice to the outside.

One volume of ideal air with the temperature of the panes beside it, or with its own energy balance. The orifice
flow is isentropic, choked or not, in either direction: for instance Shapiro, *Dynamics and Thermodynamics of
Compressible Fluid Flow* (1953), eqs. 4.17 and 4.18, times a discharge coefficient. When the gas is so
thin that it flows as free molecules, the choked formula with a coefficient of 0.6 is still within 3 % of
p A/sqrt(2 pi R T).
"""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.integrate import solve_ivp
from scipy.interpolate import PchipInterpolator

from deadlight.errors import LoadError, NotSolved
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]

GAS = 287.053  # [J/kg/K] air
GAMMA = 1.4
CP = GAS * GAMMA / (GAMMA - 1)
CRITICAL = (2 / (GAMMA + 1)) ** (GAMMA / (GAMMA - 1))  # pressure ratio below which the orifice chokes
# Below this relative pressure difference the flow is made linear in it (a laminar orifice): the square root has no
# slope at zero. At 1e-6 it moves the pressure by less than 0.1 Pa at sea level.
LAMINAR = 1e-6
LEAST = 1e-6  # [Pa] vacuum counts as this
BALANCE = 1e-6  # allowed mass imbalance over the mass that passed


@dataclass(frozen=True)
class Vent:
    """Area [m**2], discharge coefficient, and the part of the area that is free (1 open, 0 blocked)."""

    area: float
    discharge: float = 0.6
    open_fraction: float = 1.0

    def __post_init__(self) -> None:
        if not (
            self.area >= 0 and 0 < self.discharge <= 1 and 0 <= self.open_fraction <= 1 and math.isfinite(self.area)
        ):
            raise LoadError(
                f"vent area {self.area:g} m2, discharge {self.discharge:g}, open fraction {self.open_fraction:g}",
                place="gap.vent",
                remedy="area zero or more, discharge above 0 to 1, fraction 0 to 1",
            )

    @property
    def effective(self) -> float:
        """Effective area [m**2]."""
        return self.area * self.discharge * self.open_fraction


@dataclass(frozen=True, kw_only=True)
class GapSpec:
    """What the case says of one gap.

    Attributes
    ----------
    name : str
    volume : float [m**3]
    state : {"vented", "blocked", "sealed"}
        Sealed: a filled gap that was closed on purpose. Blocked: a vent that should have been open; its gas is
        whatever was left in orbit.
    vent : Vent, optional
        Needed when vented.
    pressure, temperature : float [Pa, K]
        Of the gas when it was closed in (sealed, blocked). A vented gap starts at the outside pressure.
    """

    name: str
    volume: float
    state: Literal["vented", "blocked", "sealed"] = "vented"
    vent: Vent | None = None
    pressure: float = 0.0
    temperature: float = 293.15

    def __post_init__(self) -> None:
        place = f"gap {self.name}"
        if not (math.isfinite(self.volume) and self.volume > 0):
            raise LoadError(f"volume {self.volume:g} m3", place=place, remedy="a positive volume")
        if self.state not in ("vented", "blocked", "sealed"):
            raise LoadError(f'state "{self.state}"', place=place, remedy="vented, blocked or sealed")
        if self.state == "vented" and self.vent is None:
            raise LoadError(
                "vented without a vent", place=place, remedy='give its area, for example vent = { area = "20 mm**2" }'
            )
        if not (self.pressure >= 0 and self.temperature > 0 and math.isfinite(self.pressure)):
            raise LoadError(
                f"{self.pressure:g} Pa at {self.temperature:g} K",
                place=place,
                remedy="pressure zero or more, temperature positive",
            )


@dataclass(frozen=True, eq=False)
class GapGas:
    """Gas of one gap as functions of time.

    Attributes
    ----------
    pressure, mass, temperature : Series [Pa, kg, K]
    mass_balance : float
        |mass gained - integral of the orifice flow|, by an independent quadrature, over the gross mass that passed.
    largest_difference : float [Pa]
        Outside minus gap, the value of largest size.
    """

    pressure: Series
    mass: Series
    temperature: Series
    mass_balance: float
    largest_difference: float


def orifice_flow(upstream: Any, downstream: Any, temperature: Any) -> Any:
    """Mass flux through an ideal orifice [kg/m**2/s] from upstream [Pa, K] to a lower pressure downstream [Pa]."""
    upstream = np.asarray(upstream, dtype=float)
    with np.errstate(divide="ignore"):
        return _flux(upstream, np.log(upstream) - np.log(downstream), temperature)


def _flux(upstream: Any, log_ratio: Any, temperature: Any) -> Any:
    """As `orifice_flow`, by the logarithm of upstream over downstream pressure: exact also for a small difference."""
    fall = np.clip(log_ratio, 0.0, -math.log(CRITICAL))
    drop = -np.expm1(-fall)
    square = 2 * GAMMA / (GAMMA - 1) * np.exp(-2 / GAMMA * fall) * -np.expm1(-(GAMMA - 1) / GAMMA * fall)
    # the square is 2 drop for a small drop; times drop/hypot(drop, LAMINAR) it is quadratic there, its root linear
    return upstream / np.sqrt(GAS * np.asarray(temperature)) * np.sqrt(square * drop / np.hypot(drop, LAMINAR))


def gap_gas(
    spec: GapSpec,
    *,
    outside: Series,
    wall_temperature: Series | float = 293.15,
    outside_temperature: Series | float = 293.15,
    wall_film: float | None = None,
    initial_pressure: float | None = None,
    tolerance: float = 1e-7,
) -> GapGas:
    """Pressure in a gap along the return.

    Parameters
    ----------
    outside : Series [Pa]
        Pressure at the vent's other end.
    wall_temperature, outside_temperature : Series or float [K]
        Of the panes that bound the gap, and of the gas that would flow in.
    wall_film : float [W/K], optional
        Film coefficient times wall area; None: the gas has the wall's temperature at all times, which is what a gap
        of a few millimetres does (its gas takes a second or less to follow). Zero: adiabatic.
    initial_pressure : float [Pa], optional
        Of a vented gap, default the outside pressure at the first instant.

    Raises
    ------
    NotSolved
        The integration failed or its mass balance is worse than 1e-6.
    """
    wall, inflow = _series(wall_temperature, "wall_temperature"), _series(outside_temperature, "outside_temperature")
    clock = np.union1d(outside.time, wall.time)
    if spec.state != "vented" or spec.vent is None or spec.vent.effective == 0.0:
        held = spec.pressure if initial_pressure is None else initial_pressure
        pressure = held * wall(clock) / spec.temperature
        mass = np.full_like(clock, held * spec.volume / (GAS * spec.temperature))
        return _result(spec, clock, pressure, mass, wall(clock), outside, 0.0)
    model = _Gap(spec.volume, spec.vent.effective, _Smooth(outside, LEAST), _Smooth(wall, 1.0), inflow, wall_film)
    end = clock[-1] if len(clock) > 1 else clock[0] + 1.0
    begin = model.outside(clock[0])
    state = [math.log(max(initial_pressure, LEAST) / begin) if initial_pressure is not None else 0.0]
    if wall_film is not None:
        state.append(math.log(wall(clock[0])))
    solution, balance = _solve(model, (clock[0], end), state, outside.time, tolerance, f"gas in gap {spec.name}")
    times = np.union1d(clock, _fine(solution.t, np.log(model.pressure(solution.t, solution.y))))
    values = solution.sol(times)
    temperature, pressure = model.temperature(times, values), model.pressure(times, values)
    return _result(spec, times, pressure, model.mass(times, values), temperature, outside, balance)


def _solve(
    model: _Gap, span: tuple[float, float], state: list[float], knots: Array, tolerance: float, what: str
) -> tuple[Any, float]:
    """Integrate, tightening the tolerance by a factor of ten up to twice until the mass balance holds."""
    for attempt in range(3):
        relative = tolerance * 0.1**attempt
        solution = solve_ivp(
            model.rates,
            span,
            state,
            method="LSODA",
            rtol=relative,
            atol=1e-3 * relative,
            dense_output=True,
            max_step=20.0,
        )
        if not solution.success:
            raise NotSolved(f"{what}: {solution.message} at {solution.t[-1]:g} s")
        balance = _balance(model, solution, knots)
        if balance <= BALANCE:
            return solution, balance
    raise NotSolved(
        f"{what}: mass balance {balance:.1e} at tolerance {relative:.0e}, allowed {BALANCE:.0e}; tighten it"
    )


class _Smooth:
    """A positive `Series` with a continuous slope: the monotone cubic through the logarithms of its samples."""

    def __init__(self, series: Series, least: float) -> None:
        values = np.log(np.maximum(series.values, least))
        self.first, self.last = float(series.time[0]), float(series.time[-1])
        self.curve = PchipInterpolator(series.time, values) if len(values) > 1 else None
        self.knots: list[float] = series.time.tolist()
        self.cubics: list[list[float]] = self.curve.c.T.tolist() if self.curve is not None else []
        self.level = float(values[0])

    def log(self, t: Any) -> Any:
        if isinstance(t, float) and self.curve is not None and self.first <= t <= self.last:
            return self.one(t)[0]
        return self.level + 0.0 * t if self.curve is None else self.curve(np.clip(t, self.first, self.last))

    def one(self, t: float) -> tuple[float, float]:
        """Logarithm and its derivative [1/s] (zero outside the samples) at one instant, for the equations' speed."""
        if self.curve is None or not self.first <= t <= self.last:
            return float(self.log(t)), 0.0
        k = min(bisect.bisect_right(self.knots, t), len(self.knots) - 1) - 1
        a, b, c, d = self.cubics[k]
        x = t - self.knots[k]
        return ((a * x + b) * x + c) * x + d, (3 * a * x + 2 * b) * x + c

    def __call__(self, t: Any) -> Any:
        return np.exp(self.log(t))


@dataclass(frozen=True, eq=False)
class _Gap:
    """State: logarithm of gap over outside pressure, so that a lag of a millionth is as exact as vacuum; and of T."""

    volume: float
    area: float
    outside: _Smooth
    wall: _Smooth
    inflow: Series
    film: float | None

    def temperature(self, t: Any, state: Any) -> Any:
        return self.wall(t) if self.film is None else np.exp(state[1])

    def pressure(self, t: Any, state: Any) -> Any:
        return np.exp(self.outside.log(t) + state[0])

    def mass(self, t: Any, state: Any) -> Any:
        return self.pressure(t, state) * self.volume / (GAS * self.temperature(t, state))

    def flow(self, t: Any, state: Any) -> tuple[Any, Any]:
        """Flow in and flow out [kg/s]."""
        entering = _flux(self.outside(t), -state[0], self.inflow(t))
        leaving = _flux(self.pressure(t, state), state[0], self.temperature(t, state))
        return self.area * entering, self.area * leaving

    def rates(self, t: float, state: Array) -> list[float]:
        """As `flow` with the balances of mass and energy, in plain floats: called some ten thousand times."""
        excess = float(state[0])
        outside, outside_rate = self.outside.one(t)
        wall, wall_rate = self.wall.one(t)
        inside, temperature = math.exp(outside + excess), math.exp(wall if self.film is None else float(state[1]))
        source = self.inflow(t)
        entering = self.area * _flux_one(math.exp(outside), -excess, source)
        leaving = self.area * _flux_one(inside, excess, temperature)
        exchange = (entering - leaving) * GAS * temperature / (inside * self.volume)
        if self.film is None:
            return [exchange + wall_rate - outside_rate]
        power = CP * (entering * source - leaving * temperature) + self.film * (math.exp(wall) - temperature)
        rise = (GAMMA - 1) * power / (inside * self.volume)  # energy balance of a fixed volume of ideal gas
        return [rise - outside_rate, rise - exchange]


def _flux_one(upstream: float, log_ratio: float, temperature: float) -> float:
    """`_flux` in plain floats."""
    fall = min(max(log_ratio, 0.0), -math.log(CRITICAL))
    drop = -math.expm1(-fall)
    square = 2 * GAMMA / (GAMMA - 1) * math.exp(-2 / GAMMA * fall) * -math.expm1(-(GAMMA - 1) / GAMMA * fall)
    return upstream / math.sqrt(GAS * temperature) * math.sqrt(square * drop / math.hypot(drop, LAMINAR))


def _fine(time: Array, logarithm: Array, largest: float = 0.02) -> Array:
    """The solver's instants with its steps divided so that straight lines between them are true to 5e-5."""
    parts = np.clip(np.ceil(np.abs(np.diff(logarithm)) / largest), 1, 5000).astype(int)
    step = np.repeat(np.arange(len(parts)), parts)
    inner = np.arange(len(step)) - np.repeat(np.cumsum(parts) - parts, parts)
    return np.r_[time[step] + (time[step + 1] - time[step]) * inner / parts[step], time[-1]]


def _balance(model: _Gap, solution: Any, knots: Array) -> float:
    """Mass gained against the flow integrated by 5-point Gauss between the solver's steps and the input's knots."""
    edges = np.union1d(solution.t, knots)
    edges = edges[(edges >= solution.t[0]) & (edges <= solution.t[-1])]
    nodes, weights = np.polynomial.legendre.leggauss(5)
    half = np.diff(edges) / 2
    times = ((edges[:-1] + half)[:, None] + half[:, None] * nodes).ravel()
    entering, leaving = model.flow(times, solution.sol(times))
    weight = (half[:, None] * weights).ravel()
    mass = model.mass(solution.t, solution.y)
    gross = float(weight @ (entering + leaving)) + float(mass.max())
    return abs(float(mass[-1] - mass[0]) - float(weight @ (entering - leaving))) / gross


def _series(value: Series | float, name: str) -> Series:
    return value if isinstance(value, Series) else Series.constant(value, name=name, unit="K")


def _result(
    spec: GapSpec, time: Array, pressure: Array, mass: Array, temperature: Array, outside: Series, balance: float
) -> GapGas:
    difference = outside(time) - pressure
    return GapGas(
        pressure=Series(time, np.maximum(pressure, 0.0), f"{spec.name}_pressure", "Pa"),
        mass=Series(time, mass, f"{spec.name}_mass", "kg"),
        temperature=Series(time, temperature, f"{spec.name}_temperature", "K"),
        mass_balance=balance,
        largest_difference=float(difference[int(np.argmax(np.abs(difference)))]),
    )
