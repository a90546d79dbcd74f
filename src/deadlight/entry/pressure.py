"""Pressure on the outer face and in the cabin along a trajectory."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from deadlight.entry.flight import Trajectory
from deadlight.errors import LoadError
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]

SUBSONIC, HYPERSONIC = 1.0, 3.0  # Mach numbers between which the pressure coefficient grows to its hypersonic value
VALVE_TIME = 20.0  # [s] time constant of the opened equalisation valve


def newtonian(inclination: Any, mach: float = math.inf, gamma: float = 1.4) -> Any:
    """Modified Newtonian pressure coefficient Cp_max sin(inclination)**2; zero in the shadow.

    Cp_max behind a normal shock by the Rayleigh pitot formula (NACA Report 1135 (1953), eq. 100): 1.839 at infinite
    Mach number for gamma 1.4.

    Parameters
    ----------
    inclination : float [rad]
        Between the stream and the surface; negative in the lee.
    """
    if math.isinf(mach):
        peak = ((gamma + 1) ** 2 / (4 * gamma)) ** (gamma / (gamma - 1)) * 4 / (gamma + 1)
    else:
        if mach <= 1:
            raise LoadError(f"Mach {mach:g}", place="newtonian pressure", remedy="a supersonic Mach number")
        square = mach**2
        shock = ((gamma + 1) ** 2 * square / (4 * gamma * square - 2 * (gamma - 1))) ** (gamma / (gamma - 1))
        peak = 2 / (gamma * square) * (shock * (1 - gamma + 2 * gamma * square) / (gamma + 1) - 1)
    return peak * np.sin(np.maximum(inclination, 0.0)) ** 2


def outer_pressure(trajectory: Trajectory, *, coefficient: float = 0.0) -> Series:
    """Pressure on the outer face [Pa]: p + Cp q, the coefficient blended smoothly to zero from Mach 3 to Mach 1.

    Raises
    ------
    LoadError
        A coefficient outside -0.02 (vacuum in the lee at high Mach number) to 2, or one that makes a pressure negative.
    """
    if not -0.02 <= coefficient <= 2.0:
        raise LoadError(
            f"pressure coefficient {coefficient:g}",
            place="pressure.outer_cp",
            remedy="between -0.02 (lee) and 2 (stagnation point); side wall 0 to 0.15",
        )
    flight = trajectory
    x = np.clip((flight.mach - SUBSONIC) / (HYPERSONIC - SUBSONIC), 0.0, 1.0)
    pressure = flight.pressure + coefficient * x * x * (3 - 2 * x) * 0.5 * flight.density * flight.speed**2
    if pressure.min() < 0:
        row = int(np.argmin(pressure))
        raise LoadError(
            f"outer pressure {pressure[row]:.3g} Pa at {flight.time[row]:g} s (Mach {flight.mach[row]:.1f})",
            place="pressure.outer_cp",
            remedy="a coefficient nearer to zero: p + Cp q cannot be negative",
        )
    return Series(flight.time, pressure, "outer_pressure", "Pa")


def cabin_pressure(
    trajectory: Trajectory,
    *,
    pressure: float = 101325.0,
    equalise_below: float | None = 5e3,
    valve_time: float = VALVE_TIME,
) -> Series:
    """Cabin pressure [Pa]: constant until the valve opens at `equalise_below` [m], then following the outside air.

    dp/dt = (p_outside - p)/valve_time, solved exactly for an outside pressure that is linear between the samples.

    Raises
    ------
    LoadError
        A negative pressure or a valve time that is not positive.
    """
    if not (math.isfinite(pressure) and pressure >= 0 and valve_time > 0):
        raise LoadError(
            f"cabin {pressure:g} Pa, valve time {valve_time:g} s",
            place="pressure.cabin",
            remedy="zero or positive, positive",
        )
    flight = trajectory
    below = np.zeros(len(flight.time), dtype=bool) if equalise_below is None else flight.altitude < equalise_below
    if not below.any() or below.all():
        return Series.constant(pressure, name="cabin_pressure", unit="Pa")
    first = int(np.argmax(below)) - 1
    time, outside = flight.time[first:], flight.pressure[first:]
    step = np.diff(time)
    left = np.exp(-step / valve_time)
    slope = np.diff(outside) / step
    gain = outside[1:] - slope * valve_time * (1 - left)  # of a cabin that starts at the outside pressure

    def valve(now: float, k: int) -> float:
        return float(gain[k] + (now - outside[k]) * left[k])

    inside = np.array(list(itertools.accumulate(range(len(step)), valve, initial=pressure)))
    return Series(time, inside, "cabin_pressure", "Pa")
