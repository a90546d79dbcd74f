"""Planar entry over a spherical, non-rotating Earth, from entry interface to touchdown.

Equations of motion of a point mass in the vertical plane (for instance Vinh, Busemann and Culp, *Hypersonic and
Planetary Entry Flight Mechanics*, 1980, ch. 2, without rotation); speeds are relative to the air.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from deadlight.assumption import Assumption
from deadlight.entry.atmosphere import HIGHEST, Atmosphere1976
from deadlight.entry.flight import EARTH_RADIUS, GRAVITATION, STANDARD_GRAVITY, Event, Trajectory, assemble
from deadlight.entry.guidance import ConstantLift, Guidance, Moment
from deadlight.errors import LoadError, NotSolved
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

SEA_LEVEL_DENSITY = 1.225  # [kg/m**3]
SKIP = 5e3  # climbing this far above the start [m] counts as having left the atmosphere again


@dataclass(frozen=True, kw_only=True)
class Vehicle:
    """What the motion needs to know of the vehicle.

    Attributes
    ----------
    ballistic_coefficient : float [kg/m**2]
        Mass over drag area.
    parachute_altitude : float [m]
    lift_to_drag : float
        The whole lift; the vehicle trims at a constant angle of attack and the guidance points the lift.
    touchdown_speed : float [m/s]
        Under the parachute at sea level; higher up as sqrt(1.225/density).
    parachute_time : float [s]
        Time constant with which speed and flight path relax to the steady vertical descent.
    """

    ballistic_coefficient: float
    lift_to_drag: float = 0.0
    parachute_altitude: float = 10e3
    touchdown_speed: float = 7.5
    parachute_time: float = 8.0

    def __post_init__(self) -> None:
        for name in ("ballistic_coefficient", "touchdown_speed", "parachute_time", "parachute_altitude"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise LoadError(f"{name} {value:g}", place="trajectory", remedy="a positive number")
        if not (math.isfinite(self.lift_to_drag) and self.lift_to_drag >= 0):
            raise LoadError(
                f"lift_to_drag {self.lift_to_drag:g}",
                place="trajectory",
                remedy="zero or positive; point the lift by its fraction",
            )


def fly(
    *,
    vehicle: Vehicle,
    altitude: float,
    speed: float,
    flight_path_angle: float,
    guidance: Guidance | None = None,
    density: Callable[[Any], Any] | None = None,
    gravity: bool = True,
    sample: float = 0.5,
    time_limit: float = 4000.0,
    tolerance: float = 1e-8,
) -> Trajectory:
    """Entry from the given state to touchdown.

    Parameters
    ----------
    altitude, speed, flight_path_angle : float [m, m/s, rad]
        At time 0; the angle is positive up, the speed relative to the air.
    guidance : Guidance, optional
        Default: constant full lift up (ballistic if the vehicle has none).
    density : callable, optional
        Density [kg/m**3] at altitude [m] in the equations of motion, for closed-form checks; default the standard
        atmosphere.
    gravity : bool
        False drops gravity and the curvature of the Earth, for closed-form checks.
    sample : float [s]
        Spacing of the samples that are kept; the integration chooses its own steps.
    tolerance : float
        Relative tolerance of the integration (DOP853).

    Returns
    -------
    Trajectory
        Its events: entry interface, guidance phases, parachute, touchdown, or skip-out. Not reaching the ground is a
        warning, not an error.

    Raises
    ------
    LoadError
        A start outside the atmosphere, not below 1000 km, or not moving.
    NotSolved
        The integrator failed.
    """
    _check_start(altitude, speed, flight_path_angle, vehicle)
    motion = _Motion(vehicle, guidance or ConstantLift(), density or Atmosphere1976().density, gravity)
    pieces = motion.fall(np.array([speed, flight_path_angle, altitude]), time_limit, sample, tolerance)
    events = [Event(0.0, "entry_interface", altitude)]
    events += [
        Event(piece.time, piece.reason, float(piece.state[2])) for piece in pieces if piece.reason != "time_limit"
    ]
    warnings = _not_landed(pieces[-1], time_limit)
    if pieces[-1].reason == "parachute":
        warnings += _opening_warning(pieces[-1].state)
        pieces.append(_descend(vehicle, pieces[-1].time, pieces[-1].state, time_limit, sample, tolerance))
        warnings += _not_landed(pieces[-1], time_limit)
        if pieces[-1].reason == "touchdown":
            events.append(Event(pieces[-1].time, "touchdown", 0.0))
    table = np.concatenate([piece.samples for piece in pieces])
    table = table[np.r_[True, np.diff(table[:, 0]) > 1e-9]]
    return assemble(
        time=table[:, 0],
        speed=table[:, 1],
        flight_path_angle=table[:, 2],
        altitude=table[:, 3],
        load_factor=table[:, 4:6] / STANDARD_GRAVITY,
        events=tuple(events),
        warnings=tuple(warnings),
        source="planar entry",
        assumptions=_assumptions(vehicle, motion.guidance),
    )


@dataclass(frozen=True, eq=False)
class _Piece:
    """One leg: samples (m, 6) of time, speed, angle, altitude, axial, normal; where and why it ended."""

    samples: Array
    time: float
    state: Array
    reason: str


@dataclass(frozen=True, eq=False)
class _Motion:
    vehicle: Vehicle
    guidance: Guidance
    density: Callable[[Any], Any]
    gravity: bool

    def rates(self, t: float, state: Array, phase: int) -> tuple[float, float, float]:
        speed, angle, altitude = float(state[0]), float(state[1]), float(state[2])
        radius = EARTH_RADIUS + altitude
        gravity = GRAVITATION / radius**2 if self.gravity else 0.0
        turn = speed / radius if self.gravity else 0.0
        # a trial step may overshoot the ground or the atmosphere; an accepted one ends at the parachute or at skip-out
        air = float(self.density(min(max(altitude, 0.0), HIGHEST)))
        drag = air * speed**2 / (2 * self.vehicle.ballistic_coefficient)
        moment = Moment(t, altitude, speed, angle, drag, gravity, radius)
        lift = self.vehicle.lift_to_drag * drag
        if lift:
            lift *= self.guidance.share(moment, phase, self.vehicle.lift_to_drag)
        sine, cosine = math.sin(angle), math.cos(angle)
        return -drag - gravity * sine, lift / speed - (gravity / speed - turn) * cosine, speed * sine

    def fall(self, state: Array, limit: float, sample: float, tolerance: float) -> list[_Piece]:
        """The legs down to the parachute, one a phase of the guidance."""
        pieces: list[_Piece] = []
        time, phase, start = 0.0, 0, float(state[2])
        while True:
            while self.guidance.margin(state[2], state[0], state[1], phase) <= 0:
                phase += 1  # already over where it would begin
            pieces.append(self.integrate(time, state, phase, start, limit, sample, tolerance))
            time, state = pieces[-1].time, pieces[-1].state
            if not pieces[-1].reason.startswith("guidance"):
                return pieces
            phase += 1

    def integrate(
        self, t: float, state: Array, phase: int, start: float, limit: float, sample: float, tolerance: float
    ) -> _Piece:
        open_at, guidance = self.vehicle.parachute_altitude, self.guidance
        ends: dict[str, Callable[[float, Array], float]] = {
            "parachute": lambda t, y: y[2] - open_at,
            "skip_out": lambda t, y: start + SKIP - y[2],
            f"guidance_phase_{phase + 1}": lambda t, y: min(guidance.margin(y[2], y[0], y[1], phase), 1e9),
        }
        for end in ends.values():
            end.terminal, end.direction = True, -1  # type: ignore[attr-defined]
        solution = solve_ivp(
            lambda t, y: self.rates(t, y, phase),
            (t, limit),
            state,
            method="DOP853",
            rtol=tolerance,
            atol=tolerance * np.array([1e3, 1.0, 1e4]),
            events=list(ends.values()),
            dense_output=True,
            max_step=20.0,
        )
        if solution.status < 0:
            raise NotSolved(f"entry trajectory: {solution.message} at {solution.t[-1]:g} s")
        hit = [name for name, found in zip(ends, solution.t_events, strict=True) if len(found)]
        last = float(solution.t[-1])
        times = _sample_times(t, last, sample)
        v, angle, z = solution.sol(times)
        drag = self.density(z) * v**2 / (2 * self.vehicle.ballistic_coefficient)
        samples = np.stack([times, v, angle, z, drag, drag * self.vehicle.lift_to_drag], axis=1)
        return _Piece(samples, last, solution.y[:, -1], hit[0] if hit else "time_limit")


def _descend(vehicle: Vehicle, start: float, state: Array, limit: float, sample: float, tolerance: float) -> _Piece:
    """Under the parachute: speed and flight path relax exponentially to the steady vertical descent."""
    atmosphere, tau = Atmosphere1976(), vehicle.parachute_time

    def velocity(t: Any, z: Any) -> tuple[Any, Any]:
        left = np.exp(-(t - start) / tau)
        steady = vehicle.touchdown_speed * np.sqrt(SEA_LEVEL_DENSITY / atmosphere.density(np.maximum(z, 0.0)))
        return steady + (state[0] - steady) * left, -math.pi / 2 + (state[1] + math.pi / 2) * left

    def sink(t: float, y: Array) -> list[float]:
        speed, angle = velocity(t, y[0])
        return [float(speed * np.sin(angle))]

    def ground(t: float, y: Array) -> float:
        return float(y[0])

    ground.terminal = True  # type: ignore[attr-defined]
    solution = solve_ivp(
        sink, (start, limit), [state[2]], rtol=tolerance, atol=1e-4, events=[ground], dense_output=True, max_step=20.0
    )
    if solution.status < 0:
        raise NotSolved(f"parachute descent: {solution.message} at {solution.t[-1]:g} s")
    last = float(solution.t[-1])
    times = _sample_times(start, last, sample)[1:]
    z = np.maximum(solution.sol(times)[0], 0.0)
    speed, angle = velocity(times, z)
    gravity = GRAVITATION / (EARTH_RADIUS + z) ** 2
    axial = -np.gradient(speed, times) - gravity * np.sin(angle)
    samples = np.stack([times, speed, angle, z, axial, np.zeros_like(times)], axis=1)
    return _Piece(
        samples, last, np.array([speed[-1], angle[-1], z[-1]]), "touchdown" if solution.status == 1 else "time_limit"
    )


def _sample_times(start: float, end: float, sample: float) -> Array:
    return np.linspace(start, end, max(2, math.ceil((end - start) / sample) + 1))


def _assumptions(vehicle: Vehicle, guidance: Guidance) -> tuple[Assumption, ...]:
    return (
        Assumption(
            "trajectory.model",
            f"point mass in a plane over a spherical, non-rotating Earth; {Atmosphere1976.name}; air-relative speeds",
            "Vinh, Busemann and Culp (1980), ch. 2",
            "D",
            "day, latitude and wind change the density by tens of percent above 80 km",
        ),
        Assumption(
            "trajectory.guidance",
            repr(guidance),
            "stated by the case; a law's own constants are engineering values",
            "A",
        ),
        Assumption(
            "trajectory.parachute",
            f"speed and angle relax to the steady descent in {vehicle.parachute_time:g} s",
            "engineering value; opening shocks are not modelled",
            "A",
        ),
    )


def _not_landed(piece: _Piece, limit: float) -> list[str]:
    if piece.reason == "skip_out":
        text = f"trajectory leaves the atmosphere again at {piece.time:.0f} s ({piece.state[0]:.0f} m/s)"
        return [Remark(f"{text}: the return is not complete", alarm=True)]
    if piece.reason == "time_limit":
        return [Remark(f"trajectory not on the ground after {limit:g} s: the return is not complete", alarm=True)]
    return []


def _opening_warning(state: Array) -> list[str]:
    mach = float(state[0] / Atmosphere1976()(state[2]).speed_of_sound)
    return (
        [f"parachute opens at Mach {mach:.2f}: lower its altitude or check the ballistic coefficient"]
        if mach > 1.5
        else []
    )


def _check_start(altitude: float, speed: float, angle: float, vehicle: Vehicle) -> None:
    if not (math.isfinite(speed) and speed > 0):
        raise LoadError(
            f"entry speed {speed:g} m/s", place="trajectory.speed", remedy="a positive speed, for example 7620 m/s"
        )
    if not (math.isfinite(altitude) and vehicle.parachute_altitude < altitude <= 990e3):
        raise LoadError(
            f"entry altitude {altitude / 1e3:g} km",
            place="trajectory.altitude",
            remedy=f"above the parachute ({vehicle.parachute_altitude / 1e3:g} km), at most 990 km, for example 120 km",
        )
    if not (math.isfinite(angle) and abs(angle) < math.pi / 2):
        raise LoadError(
            f"flight path angle {math.degrees(angle):g} deg",
            place="trajectory.flight_path_angle",
            remedy="within 90 deg, for example -1.45 deg",
        )
