"""Gas in a gap against closed forms: choked blow-down and filling, slow ramp, sealed, blocked; mass balance."""

import math

import numpy as np
import pytest

from deadlight.entry.atmosphere import Atmosphere1976
from deadlight.entry.flight import Trajectory
from deadlight.entry.gap import CRITICAL, GAMMA, GAS, GapSpec, Vent, _flux, _flux_one, gap_gas, orifice_flow
from deadlight.entry.pressure import cabin_pressure, newtonian, outer_pressure
from deadlight.errors import LoadError
from deadlight.series import Series

VOLUME = 1e-3
VENT = Vent(area=1e-6, discharge=0.6)
GAMMA_FACTOR = math.sqrt(GAMMA) * (2 / (GAMMA + 1)) ** ((GAMMA + 1) / (2 * (GAMMA - 1)))  # 0.6847
VACUUM = Series(np.array([0.0, 60.0]), np.full(2, 1e-3))


def spec(**more):
    return GapSpec(**{"name": "outer", "volume": VOLUME, "vent": VENT, **more})


@pytest.mark.reference("Ames Research Staff 1953, NACA Report 1135, table 2")
def test_orifice_flow_against_the_gas_tables():
    """Choked: p sqrt(gamma/(R T)) (2/(gamma+1))**3. Incompressible for small drops."""
    assert pytest.approx(0.528282, rel=1e-6) == CRITICAL
    assert orifice_flow(1e5, 0.0, 300.0) == pytest.approx(1e5 * math.sqrt(1.4 / (GAS * 300)) / 1.2**3, rel=1e-11)
    assert orifice_flow(1e5, 0.3e5, 300.0) == orifice_flow(1e5, 0.5e5, 300.0)
    assert orifice_flow(1e5, 0.99e5, 300.0) == pytest.approx(math.sqrt(2 * 1e3 * 1e5 / (GAS * 300)), rel=1e-2)
    # isentropic nozzle, Mach 0.5: p/p0 = 0.84302, A/A* = 1.33984 (NACA Report 1135, table 2)
    subsonic = orifice_flow(1e5, 0.84302e5, 300.0) / orifice_flow(1e5, 0.0, 300.0)
    assert subsonic == pytest.approx(1 / 1.33984, rel=2e-5)
    assert orifice_flow(1e5, 1e5, 300.0) == 0.0


def test_plain_and_array_flow_are_one_law():
    for ratio in (-1.0, 0.0, 1e-9, 1e-7, 1e-5, 1e-2, 0.5, 3.0, 40.0):
        assert _flux_one(2e4, ratio, 280.0) == pytest.approx(float(_flux(2e4, ratio, 280.0)), rel=1e-13, abs=1e-300)


def test_choked_blow_down_is_exponential():
    """Isothermal into vacuum: p = p0 exp(-t/tau), tau = V/(C A Gamma sqrt(R T))."""
    gas = gap_gas(spec(), outside=VACUUM, wall_temperature=300.0, initial_pressure=5e4)
    tau = VOLUME / (VENT.effective * GAMMA_FACTOR * math.sqrt(GAS * 300.0))
    t = np.linspace(0, 60.0, 13)
    np.testing.assert_allclose(gas.pressure.values, 5e4 * np.exp(-gas.pressure.time / tau), rtol=1e-6)
    np.testing.assert_allclose(gas.pressure(t), 5e4 * np.exp(-t / tau), rtol=1e-4)
    assert gas.mass_balance < 1e-6


def test_adiabatic_choked_blow_down():
    """Insulated: p = p0 (1 + (gamma-1)/2 t/tau0)**(-2 gamma/(gamma-1)), T = T0 (p/p0)**((gamma-1)/gamma)."""
    gas = gap_gas(spec(), outside=VACUUM, wall_temperature=300.0, wall_film=0.0, initial_pressure=5e4)
    tau = VOLUME / (VENT.effective * GAMMA_FACTOR * math.sqrt(GAS * 300.0))
    t = gas.pressure.time
    expected = 5e4 * (1 + (GAMMA - 1) / 2 * t / tau) ** (-2 * GAMMA / (GAMMA - 1))
    np.testing.assert_allclose(gas.pressure.values, expected, rtol=1e-5)
    np.testing.assert_allclose(gas.temperature.values, 300 * (expected / 5e4) ** ((GAMMA - 1) / GAMMA), rtol=1e-5)


def test_much_wall_film_is_isothermal():
    kept = gap_gas(spec(), outside=VACUUM, wall_temperature=300.0, initial_pressure=5e4)
    walled = gap_gas(spec(), outside=VACUUM, wall_temperature=300.0, wall_film=1e3, initial_pressure=5e4)
    # the ratio of the energy carried by the flow to what the wall gives: 2e-5 at first, less later
    assert walled.pressure(10.0) == pytest.approx(kept.pressure(10.0), rel=1e-4)


def test_adiabatic_filling_heats_by_gamma():
    """An evacuated insulated volume filled from a reservoir at T ends its choked filling at gamma T."""
    reservoir = Series(np.array([0.0, 2.5]), np.full(2, 1e5))
    gas = gap_gas(
        spec(),
        outside=reservoir,
        wall_temperature=300.0,
        outside_temperature=300.0,
        wall_film=0.0,
        initial_pressure=1.0,
    )
    assert gas.temperature.values[-1] == pytest.approx(GAMMA * 300.0, rel=1e-3)
    rate = VENT.effective * orifice_flow(1e5, 0.0, 300.0)
    assert gas.mass.values[-1] == pytest.approx(rate * 2.5, rel=1e-3)


def test_slow_ramp_lags_by_the_quasi_steady_drop():
    """Slow rise r: the vent passes V r/(R T), so the lag is (V r/(C A))**2/(2 R T p), small against p."""
    rate = 20.0  # [Pa/s]
    time = np.linspace(0.0, 2000.0, 401)
    outside = Series(time, 2e4 + rate * time)
    gas = gap_gas(spec(), outside=outside, wall_temperature=300.0, outside_temperature=300.0)
    lag = outside(1500.0) - gas.pressure(1500.0)
    expected = (VOLUME * rate / VENT.effective) ** 2 / (2 * GAS * 300.0 * outside(1500.0))
    assert expected == pytest.approx(0.129, rel=0.01)
    # the laminar tail of the orifice law adds; its scale is a millionth of the pressure, 0.05 Pa
    assert lag == pytest.approx(expected, rel=0.1)
    fast = gap_gas(spec(vent=Vent(1e-7)), outside=outside, wall_temperature=300.0, outside_temperature=300.0)
    assert outside(1500.0) - fast.pressure(1500.0) == pytest.approx(100 * expected, rel=5e-3)


def fall():
    """Under the parachute at terminal speed from 12 km: the outside air comes back in 3 minutes."""
    time = np.linspace(0.0, 180.0, 181)
    altitude = 12e3 * (1 - time / 180)
    air = Atmosphere1976()(altitude)
    zero = np.zeros_like(time)
    return Trajectory(
        time=time,
        altitude=altitude,
        speed=zero + 67.0,
        flight_path_angle=zero - math.pi / 2,
        temperature=air.temperature,
        pressure=air.pressure,
        density=air.density,
        mach=zero + 0.2,
        load_factor=np.stack([zero + 1, zero], axis=1),
    )


@pytest.mark.parametrize("area", [1e-4, 2e-5, 1e-6, 1e-7, 1e-8])
def test_vents_of_every_size_conserve_mass(area):
    gas = gap_gas(spec(vent=Vent(area)), outside=outer_pressure(fall()))
    assert gas.mass_balance <= 1e-6
    assert gas.pressure.values.min() > 0
    if area > 1e-6:
        return
    # smaller vents lag more; larger ones lag by less than a pascal, which is how two interpolations differ
    larger = gap_gas(spec(vent=Vent(10 * area)), outside=outer_pressure(fall()))
    assert abs(gas.largest_difference) > abs(larger.largest_difference)


def test_a_tenth_of_a_vent_is_a_vent_of_a_tenth():
    partly = gap_gas(spec(vent=Vent(1e-6, open_fraction=0.1)), outside=outer_pressure(fall()))
    small = gap_gas(spec(vent=Vent(1e-7)), outside=outer_pressure(fall()))
    assert partly.largest_difference == pytest.approx(small.largest_difference, rel=1e-9)


def test_blocked_vent_leaves_one_atmosphere_on_the_pane():
    """Empty in orbit and blocked: 101.3 kPa push the outer pane inwards at sea level."""
    for blocked in (spec(state="blocked", vent=None), spec(vent=Vent(1e-6, open_fraction=0.0))):
        assert gap_gas(blocked, outside=outer_pressure(fall())).largest_difference == pytest.approx(101325.0, rel=1e-6)


def test_sealed_gap_follows_its_temperature():
    """p/T is constant: 1 bar closed in at 293.15 K is 136.4 kPa at 400 K."""
    wall = Series(np.array([0.0, 100.0]), np.array([293.15, 400.0]))
    gas = gap_gas(spec(state="sealed", vent=None, pressure=1e5), outside=outer_pressure(fall()), wall_temperature=wall)
    assert gas.pressure(100.0) == pytest.approx(1e5 * 400 / 293.15, rel=1e-12)
    assert np.ptp(gas.mass.values) == 0.0


def test_heated_gas_breathes_out():
    """A vented gap in still air that is warmed keeps the outside pressure and loses mass as 1/T."""
    still = Series(np.array([0.0, 500.0]), np.full(2, 1e5))
    wall = Series(np.array([0.0, 500.0]), np.array([300.0, 600.0]))
    gas = gap_gas(spec(), outside=still, wall_temperature=wall)
    assert gas.pressure(400.0) == pytest.approx(1e5, rel=1e-4)
    assert gas.mass.values[-1] / gas.mass.values[0] == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(
    "wrong",
    [{"volume": 0.0}, {"state": "open"}, {"vent": None}, {"pressure": -1.0}, {"temperature": 0.0}],
)
def test_impossible_gap_is_refused(wrong):
    with pytest.raises(LoadError, match="remedy"):
        spec(**wrong)


@pytest.mark.parametrize("wrong", [{"area": -1.0}, {"discharge": 1.5}, {"open_fraction": 2.0}])
def test_impossible_vent_is_refused(wrong):
    with pytest.raises(LoadError, match="remedy"):
        Vent(**{"area": 1e-6, **wrong})


@pytest.mark.reference("Ames Research Staff 1953, NACA Report 1135, table 2")
def test_newtonian_pressure_limits():
    """Cp_max 1.839 at infinite Mach, 1.2756 at Mach 1 (stagnation, gamma 1.4); nothing in the shadow."""
    assert newtonian(math.pi / 2) == pytest.approx(1.8394, rel=1e-4)
    assert newtonian(math.pi / 2, mach=1.0000001) == pytest.approx((1.2**3.5 - 1) / 0.7, rel=1e-5)
    # Mach 5: p02/p1 = 32.653 (NACA Report 1135, table 2)
    assert newtonian(math.pi / 2, mach=5.0) == pytest.approx((32.653 - 1) / (0.7 * 25), rel=1e-4)
    assert newtonian(-0.2) == 0.0
    assert newtonian(math.radians(30)) == pytest.approx(1.8394 / 4, rel=1e-4)


def test_outer_pressure_is_static_when_subsonic():
    flight = fall()
    np.testing.assert_array_equal(outer_pressure(flight, coefficient=0.15).values, flight.pressure)
    for wrong in (-0.5, 3.0, math.nan):
        with pytest.raises(LoadError, match="remedy"):
            outer_pressure(flight, coefficient=wrong)


def test_cabin_valve_opens_and_follows():
    """Constant to 5 km; then behind the outside air by tau dp/dt of a tau ago (first-order valve)."""
    flight = fall()
    cabin = cabin_pressure(flight, pressure=101325.0, equalise_below=5e3, valve_time=5.0)
    opened = float(np.interp(-5e3, -flight.altitude, flight.time))
    assert cabin(opened - 2.0) == 101325.0
    slope = float(np.interp(165.0, flight.time, np.gradient(flight.pressure, flight.time)))
    assert np.interp(170.0, flight.time, flight.pressure) - cabin(170.0) == pytest.approx(5.0 * slope, rel=0.01)
    assert cabin_pressure(flight, equalise_below=None).values.tolist() == [101325.0]
    with pytest.raises(LoadError, match="remedy"):
        cabin_pressure(flight, pressure=-1.0)
