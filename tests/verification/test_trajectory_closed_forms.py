"""Planar entry against closed forms, its own energy balance, and independent first-order integrations."""

import math

import numpy as np
import pytest

from deadlight.entry.flight import EARTH_RADIUS, GRAVITATION
from deadlight.entry.guidance import BankSchedule, ConstantLift, HoldAngle
from deadlight.entry.trajectory import Vehicle, fly
from deadlight.errors import LoadError
from deadlight.series import Series

SCALE = 7.0e3  # [m] scale height of the exponential atmosphere


def exponential(z):
    return 1.4 * np.exp(-np.asarray(z) / SCALE)


@pytest.mark.reference("Allen & Eggers 1958, NACA Report 1381")
@pytest.mark.parametrize(
    ("beta", "degrees", "low"), [(500.0, -20.0, 15e3), (5000.0, -45.0, 1e3), (2000.0, -90.0 + 1e-9, 1e3)]
)
def test_allen_eggers_ballistic_limit(beta, degrees, low):
    """Allen and Eggers, NACA Report 1381 (1958).

    V = V0 exp(-rho H/(2 beta sin g)); the peak deceleration V0**2 sin g/(2 e H) falls at V0/sqrt(e).
    """
    speed, angle = 7000.0, math.radians(degrees)
    vehicle = Vehicle(ballistic_coefficient=beta, parachute_altitude=low)
    flight = fly(
        vehicle=vehicle,
        altitude=150e3,
        speed=speed,
        flight_path_angle=angle,
        density=exponential,
        gravity=False,
        sample=0.005,
    )
    fall = flight.time <= flight.event("parachute").time
    sine = -math.sin(angle)
    top = exponential(150e3)
    expected = speed * np.exp(-(exponential(flight.altitude[fall]) - top) * SCALE / (2 * beta * sine))
    np.testing.assert_allclose(flight.speed[fall], expected, rtol=1e-6)
    np.testing.assert_allclose(flight.flight_path_angle[fall], angle, rtol=1e-9)
    row = int(np.argmax(flight.g[fall]))
    assert flight.g[row] * 9.80665 == pytest.approx(speed**2 * sine / (2 * math.e * SCALE), rel=2e-5)
    assert flight.speed[row] == pytest.approx(speed * math.exp(-0.5), rel=5e-3)


@pytest.mark.reference("Eggers, Allen & Neice 1958, NACA Report 1382")
def test_equilibrium_glide_limit():
    """Lift carries the weight that the centrifugal force does not (Eggers, Allen and Neice, NACA Report 1382, 1958).

    rho V**2/(2 beta) L/D = g - V**2/r.
    """
    beta, ratio = 400.0, 1.5

    def glide(z):
        radius = EARTH_RADIUS + z
        return np.sqrt(GRAVITATION / radius**2 / (exponential(z) * ratio / (2 * beta) + 1 / radius))

    start = 75e3
    speed, slope = float(glide(start)), float(glide(start + 10) - glide(start - 10)) / 20
    drag = float(exponential(start)) * speed**2 / (2 * beta)
    angle = math.asin(-drag / (speed * slope + GRAVITATION / (EARTH_RADIUS + start) ** 2))
    flight = fly(
        vehicle=Vehicle(ballistic_coefficient=beta, lift_to_drag=ratio),
        altitude=start,
        speed=speed,
        flight_path_angle=angle,
        density=exponential,
    )
    fast = (flight.speed > 2000) & (flight.time <= flight.event("parachute").time)
    assert np.abs(flight.speed[fast] / glide(flight.altitude[fast]) - 1).max() < 0.02
    assert flight.altitude[fast][-1] < 50e3


def fly_shenzhou(**more):
    vehicle = Vehicle(ballistic_coefficient=510.0, lift_to_drag=0.3)
    state = {"altitude": 120e3, "speed": 7620.0, "flight_path_angle": math.radians(-1.45)}
    return fly(vehicle=vehicle, **{**state, "guidance": ConstantLift(0.5), **more})


def test_energy_lost_is_drag_work():
    flight = fly_shenzhou(sample=0.05)
    fall = flight.time <= flight.event("parachute").time - 0.01
    energy = 0.5 * flight.speed**2 - GRAVITATION / (EARTH_RADIUS + flight.altitude)
    work = np.trapezoid((flight.load_factor[:, 0] * 9.80665 * flight.speed)[fall], flight.time[fall])
    assert energy[0] - energy[fall][-1] == pytest.approx(work, rel=1e-6)


def test_converges_with_the_tolerance():
    times = [fly_shenzhou(tolerance=tolerance).event("parachute").time for tolerance in (1e-2, 1e-4, 1e-6, 1e-8, 1e-13)]
    errors = np.abs(np.array(times[:-1]) - times[-1])
    assert errors[0] > 5 * errors[1] > 25 * errors[2]
    assert errors[3] < 1e-4


def test_steep_and_fast_does_not_fall_through_the_ground():
    """A trial step that overshoots the ground is no reason to stop."""
    vehicle = Vehicle(ballistic_coefficient=5000.0, touchdown_speed=100.0)
    flight = fly(vehicle=vehicle, altitude=120e3, speed=7000.0, flight_path_angle=-1.5)
    assert flight.altitude.min() >= 0.0
    assert "Mach" in flight.warnings[0]


@pytest.mark.parametrize(
    ("ratio", "fraction", "g", "parachute"),
    [(0.3, 0.5, 4.065, 524.8), (0.0, 0.0, 9.717, 409.7)],
)
def test_orbital_return_beside_an_explicit_euler_estimate(ratio, fraction, g, parachute):
    """Shenzhou-like lifting and ballistic return (beta 510 kg/m2, 7620 m/s, -1.45 deg at 120 km).

    The same equations by forward Euler at 0.1 s with a log-linear atmosphere above 86 km gave these peak loads and
    parachute times; Euler's error at that step is about 0.1 %.
    """
    vehicle = Vehicle(ballistic_coefficient=510.0, lift_to_drag=ratio)
    flight = fly(
        vehicle=vehicle,
        altitude=120e3,
        speed=7620.0,
        flight_path_angle=math.radians(-1.45),
        guidance=ConstantLift(fraction),
    )
    fall = flight.time <= flight.event("parachute").time
    assert flight.g[fall].max() == pytest.approx(g, rel=2e-3)
    assert flight.event("parachute").time == pytest.approx(parachute, abs=0.6)
    assert flight.warnings == ()


def test_lunar_return_holds_an_angle_beside_an_explicit_euler_estimate():
    """Apollo-like return, beta 360 kg/m2, L/D 0.3, 11 km/s, -6.5 deg at 122 km.

    Forward Euler at 0.1 s gave 6.566 g and the parachute at 453.8 s.
    """
    flight = fly(
        vehicle=Vehicle(ballistic_coefficient=360.0, lift_to_drag=0.3, parachute_altitude=7300.0, touchdown_speed=9.5),
        altitude=122e3,
        speed=11000.0,
        flight_path_angle=math.radians(-6.5),
        guidance=HoldAngle(angle=math.radians(-1.2)),
    )
    fall = flight.time <= flight.event("parachute").time
    assert flight.g[fall].max() == pytest.approx(6.566, rel=3e-3)
    assert flight.event("parachute").time == pytest.approx(453.8, abs=1.0)
    held = (flight.speed < 6500) & (flight.speed > 5000)
    assert np.degrees(flight.flight_path_angle[held]) == pytest.approx(-1.2, abs=0.35)


def test_bank_of_sixty_degrees_is_half_the_lift():
    bank = BankSchedule(Series.constant(math.radians(60.0)))
    np.testing.assert_allclose(fly_shenzhou(guidance=bank).altitude, fly_shenzhou().altitude, rtol=1e-6, atol=1e-3)


def test_parachute_phase_is_continuous_and_ends_at_its_speed():
    flight = fly_shenzhou()
    assert flight.altitude[-1] == pytest.approx(0.0, abs=1e-6)
    assert flight.speed[-1] == pytest.approx(7.5, rel=1e-3)
    assert np.abs(np.diff(flight.speed)).max() < 0.5 * 9.80665 * 5
    assert np.abs(np.diff(flight.altitude)).max() < 0.5 * 7700 * 0.05
    assert (np.diff(flight.time) > 0).all()
    # steady descent feels one g
    assert flight.load_factor[-3, 0] == pytest.approx(1.0, abs=0.01)


def test_skip_out_and_time_limit_are_warned_of():
    vehicle = Vehicle(ballistic_coefficient=360.0, lift_to_drag=0.3)
    skip = fly(vehicle=vehicle, altitude=122e3, speed=11000.0, flight_path_angle=math.radians(-4.9))
    assert skip.event("skip_out") is not None
    assert "leaves the atmosphere" in skip.warnings[0]
    short = fly_shenzhou(time_limit=100.0)
    assert short.time[-1] == pytest.approx(100.0)
    assert "not on the ground after 100 s" in short.warnings[0]


@pytest.mark.parametrize(
    "change",
    [
        {"altitude": 5e3},
        {"altitude": 2e6},
        {"altitude": math.nan},
        {"speed": 0.0},
        {"speed": math.inf},
        {"flight_path_angle": -2.0},
    ],
)
def test_impossible_start_is_refused(change):
    with pytest.raises(LoadError, match="remedy"):
        fly_shenzhou(**change)


@pytest.mark.parametrize(
    "change", [{"ballistic_coefficient": 0.0}, {"lift_to_drag": -0.1}, {"touchdown_speed": math.nan}]
)
def test_impossible_vehicle_is_refused(change):
    with pytest.raises(LoadError, match="remedy"):
        Vehicle(**{"ballistic_coefficient": 500.0, **change})
