"""Entry heating: correlations worked by hand, the wall balance, three returns beside an independent estimate."""

import math

import numpy as np
import pytest

from deadlight.entry.correlations import (
    detra_kemp_riddell,
    radiation_equilibrium,
    sutton_graves,
    tauber_sutton,
    total_enthalpy,
)
from deadlight.entry.flight import Trajectory
from deadlight.entry.guidance import ConstantLift, HoldAngle
from deadlight.entry.heating import prescribed_heating, stagnation_heating, table_heating
from deadlight.entry.lowspeed import SlowConvection, WaterQuench
from deadlight.entry.trajectory import Vehicle, fly
from deadlight.errors import LoadError
from deadlight.series import Series


def orbital(fraction):
    vehicle = Vehicle(ballistic_coefficient=510.0, lift_to_drag=0.3 if fraction else 0.0)
    angle = math.radians(-1.45)
    return fly(vehicle=vehicle, altitude=120e3, speed=7620.0, flight_path_angle=angle, guidance=ConstantLift(fraction))


def lunar():
    return fly(
        vehicle=Vehicle(ballistic_coefficient=360.0, lift_to_drag=0.3, parachute_altitude=7300.0, touchdown_speed=9.5),
        altitude=122e3,
        speed=11000.0,
        flight_path_angle=math.radians(-6.5),
        guidance=HoldAngle(angle=math.radians(-1.2)),
    )


@pytest.mark.reference("Sutton & Graves 1971, NASA TR R-376")
def test_sutton_graves_by_hand():
    """1.7415e-4 sqrt(1e-4/1) 7000**3 = 597334.5 W/m2."""
    assert sutton_graves(1e-4, 7000.0, nose_radius=1.0) == pytest.approx(1.7415e-4 * 1e-2 * 3.43e11, rel=1e-12)
    assert sutton_graves(1e-4, 7000.0, nose_radius=4.0) == pytest.approx(597334.5 / 2, rel=1e-6)


@pytest.mark.reference("Detra, Kemp & Riddell 1957, Jet Propulsion 27:1256")
def test_two_convective_correlations_lie_within_a_fifth():
    """Both fit the same laminar stagnation theory; at 5 to 8 km/s Detra-Kemp-Riddell is 6 to 14 % above."""
    speed, density = np.meshgrid(np.linspace(5000, 8000, 7), np.geomspace(2e-5, 1e-3, 5))
    ratio = detra_kemp_riddell(density, speed, nose_radius=2.0) / sutton_graves(density, speed, nose_radius=2.0)
    assert 1.05 < ratio.min() < ratio.max() < 1.15


@pytest.mark.reference("Tauber & Sutton 1991, J. Spacecraft and Rockets 28:40")
def test_tauber_sutton_by_hand():
    """V = 12 km/s, rho = 3e-4, R = 1 m: R**a = 1, 4.736e4 (3e-4)**1.22 359 W/cm2 with the table's f = 359."""
    flux = tauber_sutton(3e-4, 12e3, nose_radius=1.0)
    assert flux.flux == pytest.approx(4.736e4 * 3e-4**1.22 * 359 * 1e4, rel=1e-12)
    assert flux.inside
    # exponent capped at 0.5 for 2.5 m: a = 1.072e6 12000**-1.88 (3e-4)**-0.325 = 0.32, below the cap
    exponent = 1.072e6 * 12e3**-1.88 * 3e-4**-0.325
    assert exponent < 0.5
    assert tauber_sutton(3e-4, 12e3, nose_radius=2.5).flux / flux.flux == pytest.approx(2.5**exponent, rel=1e-12)
    # 10 km/s and thin air: the cap holds
    assert tauber_sutton(1e-5, 10e3, nose_radius=2.5).flux == pytest.approx(
        4.736e8 * 2.5**0.5 * 1e-5**1.22 * 35, rel=1e-12
    )


def test_tauber_sutton_limits_are_said():
    time = np.arange(3.0)
    inside = tauber_sutton(np.full(3, 3e-4), np.full(3, 12e3), nose_radius=1.0)
    assert inside.warnings(time) == ()
    slow = tauber_sutton(np.full(3, 3e-4), np.full(3, 9.5e3), nose_radius=1.0)
    assert "100 % of its heat load" in slow.warnings(time)[0]
    blunt = tauber_sutton(np.full(3, 3e-4), np.full(3, 12e3), nose_radius=4.69)
    assert "4.69 m" in blunt.warnings(time)[0]
    assert tauber_sutton(3e-4, 8999.0, nose_radius=1.0).flux == 0.0
    with pytest.raises(LoadError, match="remedy"):
        tauber_sutton(3e-4, 12e3, nose_radius=0.0)


def test_radiation_equilibrium_limits_and_balance():
    # no gas: the sky's temperature and the absorbed glow alone
    assert radiation_equilibrium(0.0, 0.0, sky_temperature=250.0) == pytest.approx(250.0, rel=1e-9)
    sigma = 5.670374419e-8
    assert radiation_equilibrium(0.0, 0.0, radiative_flux=1e5, emissivity=0.8) == pytest.approx(
        (1e5 / (0.8 * sigma)) ** 0.25, rel=1e-9
    )
    # strong film: the recovery temperature
    assert radiation_equilibrium(1e4, 1005.0 * 900.0) == pytest.approx(900.0, rel=1e-3)
    film, enthalpy = np.geomspace(1e-6, 1, 13), np.full(13, 25e6)
    wall = radiation_equilibrium(film, enthalpy, emissivity=0.7, sky_temperature=250.0)
    residual = film * (enthalpy - 1005.0 * wall) - 0.7 * sigma * (wall**4 - 250.0**4)
    np.testing.assert_allclose(residual, 0.0, atol=1e-8 * (film * enthalpy).max())
    assert (np.diff(wall) > 0).all()


@pytest.mark.parametrize(
    ("flight", "radius", "peak", "load"),
    [(orbital(0.5), 2.4, 843.9e3, 125.1e6), (orbital(0.0), 2.4, 973.2e3, 106.5e6), (lunar(), 4.69, 1678e3, 146.8e6)],
    ids=["lifting", "ballistic", "lunar"],
)
def test_three_returns_beside_an_explicit_euler_estimate(flight, radius, peak, load):
    """Stagnation convective peak [W/m2] and load [J/m2] to the parachute.

    Shenzhou-like lifting and ballistic, Apollo-like: forward Euler at 0.1 s with the same correlation (its
    truncation error is about 0.1 %).
    """
    heating = stagnation_heating(flight, nose_radius=radius, radiative=radius > 4)
    fall = flight.time <= flight.event("parachute").time
    cold = sutton_graves(flight.density, flight.speed, nose_radius=radius)[fall]
    assert cold.max() == pytest.approx(peak, rel=2e-3)
    assert np.trapezoid(cold, flight.time[fall]) == pytest.approx(load, rel=2e-3)
    # the film carries the same flux into a cold wall while fast
    fast = (flight.speed > 1300) & (flight.altitude < 110e3)
    np.testing.assert_allclose(
        heating.flux(flight.time[fast], 0.0),
        sutton_graves(flight.density, flight.speed, nose_radius=radius)[fast],
        rtol=1e-9,
    )
    # and at the top no more than the kinetic energy that arrives
    assert heating.flux(0.0, 0.0) == pytest.approx(0.5 * flight.density[0] * flight.speed[0] ** 3, rel=1e-9)
    assert heating.flux(0.0, 0.0) < sutton_graves(flight.density[0], flight.speed[0], nose_radius=radius)
    assert 1.05 < heating.spread < 1.2


def test_lunar_return_radiates_and_says_how_doubtful():
    """The independent estimate has 3.578 MW/m2 radiative at the peak, outside the correlation's nose radius."""
    flight = lunar()
    heating = stagnation_heating(flight, nose_radius=4.69, radiative=True)
    assert heating.radiative_flux.values.max() == pytest.approx(3.578e6, rel=0.01)
    assert any("nose radius 4.69" in warning for warning in heating.warnings)
    left_out = stagnation_heating(flight, nose_radius=4.69)
    assert left_out.radiative_flux.values.max() == 0.0
    assert "set radiative = true" in left_out.warnings[0]
    assert stagnation_heating(orbital(0.5), nose_radius=2.4).warnings == ()


def test_hot_wall_is_built_in():
    """q/q_cold = 1 - h_w/h_0."""
    flight = orbital(0.5)
    heating = stagnation_heating(flight, nose_radius=2.4)
    row = int(np.argmax(heating.film.values * heating.recovery_enthalpy.values))
    t, enthalpy = flight.time[row], total_enthalpy(flight.speed[row], flight.temperature[row])
    assert heating.flux(t, 1100.0) / heating.flux(t, 0.0) == pytest.approx(1 - 1005 * 1100 / enthalpy, rel=1e-9)


def test_flux_has_no_jump_on_the_way_to_slow_convection():
    """Into a 900 K wall the change per half second from 2 km/s to the ground stays below 3 % of the peak flux."""
    flight = orbital(0.5)
    heating = stagnation_heating(flight, nose_radius=2.4)
    flux = heating.flux(flight.time, 900.0, ratio=0.2)
    slow = flight.speed < 2000
    assert np.abs(np.diff(flux[slow])).max() < 0.03 * flux.max()
    assert heating.convection(flight.time[flight.speed > 1201]).max() == 0.0
    # at touchdown 30 (1.225 x 8/9.8)**0.8 W/m2/K: the air counts as moving at 8 m/s at least
    assert heating.convection.values[-1] == pytest.approx(30.0, rel=1e-3)
    assert heating.recovery_temperature.values[-1] == pytest.approx(288.15, abs=0.1)


@pytest.mark.reference("Incropera & DeWitt 1996, Fundamentals of Heat and Mass Transfer, eq. 7.36")
def test_slow_convection_is_a_turbulent_plate():
    """Incropera and DeWitt eq. 7.36 at x = 1 m, air at 288 K: Nu = 0.0296 Re**0.8 Pr**(1/3), k = 0.0253 W/m/K."""
    reynolds = 1.225 * 8.0 * 1.0 / 1.789e-5
    plate = 0.0296 * reynolds**0.8 * 0.71 ** (1 / 3) * 0.0253
    assert SlowConvection().coefficient(1.225, 8.0) == pytest.approx(plate, rel=0.3)


def test_splashdown_cools_with_water():
    heating = stagnation_heating(orbital(0.5), nose_radius=2.4, water=WaterQuench())
    assert heating.convection(1e5) == 1500.0
    assert heating.recovery_temperature(1e5) == 295.0
    assert heating.film(1e5) == 0.0


SHUTTLE = {
    "time": [0, 200, 400, 600, 900, 1200, 1500, 1700, 1900, 2100, 2400],
    "altitude": [121900, 95000, 80000, 75000, 70000, 62000, 50000, 35000, 20000, 3000, 0],
    "speed": [7600, 7650, 7500, 7200, 6400, 4800, 2700, 1100, 260, 150, 100],
}
SHUTTLE_FLUX = [0, 2600, 16000, 25000, 27500, 21000, 10500, 3200, 0, 0, 0]


def test_prescribed_window_flux_of_a_glide():
    """A Shuttle-like history states the cold-wall flux at the window; it comes back exactly while fast."""
    flight = Trajectory.from_arrays(**SHUTTLE, source="glide")
    flux = Series(np.array(SHUTTLE["time"], dtype=float), np.array(SHUTTLE_FLUX, dtype=float), "cold_wall_flux")
    heating = prescribed_heating(flight, cold_wall_flux=flux)
    for t in (200.0, 333.0, 900.0, 1500.0):
        assert heating.flux(t, 0.0) == pytest.approx(flux(t), rel=1e-6)
    # 700 K wall, net of the hot wall, an independent estimate has 26.6 kW/m2 at 900 s
    assert heating.flux(900.0, 690.0) == pytest.approx(26.6e3, rel=5e-3)


def test_body_point_table(tmp_path):
    flight = Trajectory.from_arrays(**SHUTTLE, source="glide")
    path = tmp_path / "body.csv"
    path.write_text(
        "t [s],film [g/m**2/s],hr [MJ/kg],qr [W/cm**2],p [kPa]\n0,0.1,28,0,0.001\n"
        "900,1.2,20,0.5,0.1\n2400,0,0.3,0,101\n"
    )
    columns = {
        "time": "t [s]",
        "film": "film [g/m**2/s]",
        "recovery_enthalpy": "hr [MJ/kg]",
        "radiative_flux": "qr [W/cm**2]",
        "pressure": "p [kPa]",
    }
    heating = table_heating(flight, path=path, columns=columns)
    assert heating.film(900.0) == pytest.approx(1.2e-3)
    assert heating.recovery_enthalpy(900.0) == pytest.approx(20e6)
    assert heating.radiative_flux(900.0) == pytest.approx(5e3)
    assert heating.pressure(900.0) == pytest.approx(100.0)
    assert heating.film(2000.0) == 0.0
    for wrong in (
        {"time": "t [s]"},
        {**columns, "cold_wall_flux": "qr [W/cm**2]"},
        {"time": "t [s]", "film": "film [g/m**2/s]"},
    ):
        with pytest.raises(LoadError, match="remedy"):
            table_heating(flight, path=path, columns=wrong)
    path.write_text("t [s],q [W/m**2]\n0,0\n900,-3\n")
    with pytest.raises(LoadError, match="line 3"):
        table_heating(flight, path=path, columns={"time": "t [s]", "cold_wall_flux": "q [W/m**2]"})


def test_film_given_for_the_slow_part_is_said_to_be_replaced():
    flight = Trajectory.from_arrays(**SHUTTLE, source="glide")
    constant = Series.constant(1e-3, name="film")
    heating = prescribed_heating(flight, film=constant, recovery_enthalpy=Series.constant(1e6))
    assert any("low-speed law replaces it" in warning for warning in heating.warnings)
    with pytest.raises(LoadError, match="both or neither"):
        prescribed_heating(flight)
