"""The environment on one clock: frames, defaults, assumptions, the arc-jet article, heating ratio fields."""

import math

import numpy as np
import pytest

from deadlight.assumption import Assumption
from deadlight.entry.arcjet import Plateau, arcjet
from deadlight.entry.environment import Thermocouple, build_environment
from deadlight.entry.gap import GapSpec, Vent
from deadlight.entry.guidance import ConstantLift
from deadlight.entry.heating import stagnation_heating
from deadlight.entry.ratio import HeatingRatio, Step
from deadlight.entry.trajectory import Vehicle, fly
from deadlight.errors import InputError, LoadError
from deadlight.series import Series


@pytest.fixture(scope="module")
def flight():
    vehicle = Vehicle(ballistic_coefficient=510.0, lift_to_drag=0.3)
    angle = math.radians(-1.45)
    return fly(vehicle=vehicle, altitude=120e3, speed=7620.0, flight_path_angle=angle, guidance=ConstantLift(0.5))


@pytest.fixture(scope="module")
def environment(flight):
    gaps = [
        GapSpec(name="outer", volume=7e-4, vent=Vent(2e-5)),
        GapSpec(name="inner", volume=4e-4, state="sealed", pressure=1e5, temperature=293.15),
    ]
    heating = stagnation_heating(flight, nose_radius=2.4)
    return build_environment(trajectory=flight, heating=heating, outer_cp=0.1, gaps=gaps)


def test_one_clock_from_before_entry_to_the_ground(environment, flight):
    assert environment.end == flight.time[-1]
    assert environment.altitude(-1000.0) == 120e3
    assert environment.outer_pressure(environment.end) == pytest.approx(101325.0, rel=1e-4)
    assert environment.gap_pressure["outer"](environment.end) == pytest.approx(101325.0, rel=1e-3)
    assert environment.gap_pressure["inner"](-5.0) == pytest.approx(1e5)
    assert environment.cabin_pressure(0.0) == 101325.0
    assert {event.name for event in environment.events} == {"entry_interface", "parachute", "touchdown"}
    assert environment.warnings == ()


def test_acceleration_in_the_window_frame(environment, flight):
    """Drag along +x, lift along +z: at peak load a_x = D/m, a_z = 0.3 D/m; at rest one g along the drag."""
    t = float(flight.time[int(np.argmax(np.where(flight.time < 500, flight.g, 0)))])
    x, y, z = environment.acceleration(t)
    assert math.hypot(x, z) / 9.80665 == pytest.approx(4.066, rel=2e-3)
    assert z / x == pytest.approx(0.3, rel=1e-9)
    assert y == 0.0
    assert environment.acceleration(environment.end - 1)[0] / 9.80665 == pytest.approx(1.0, abs=0.01)


def test_directions_are_unit_vectors_at_right_angles(flight):
    heating = stagnation_heating(flight, nose_radius=2.4)
    turned = build_environment(trajectory=flight, heating=heating, drag_direction=(0, 0, 2), lift_direction=(0, 3, 0))
    assert turned.acceleration(250.0)[2] > 1.0
    assert turned.acceleration(250.0)[0] == 0.0
    for wrong in ({"drag_direction": (0, 0, 0)}, {"drag_direction": (1, 0, 1)}, {"lift_direction": (1, 2)}):
        with pytest.raises(LoadError, match="remedy"):
            build_environment(trajectory=flight, heating=heating, **wrong)


def test_wall_flux_is_the_stated_sum(environment):
    t, wall = 260.0, 1000.0
    expected = 0.2 * environment.film(t) * (environment.recovery_enthalpy(t) - 1005 * wall) - 0.8 * 5.670374419e-8 * (
        wall**4 - 250.0**4
    )
    assert environment.wall_flux(t, wall, ratio=0.2, emissivity=0.8) == pytest.approx(expected, rel=1e-12)


def test_every_assumption_is_named(environment):
    keys = {assumption.key for assumption in environment.assumptions}
    assert {
        "trajectory.guidance",
        "heating.convective",
        "heating.low_speed",
        "pressure.outer_cp",
        "acceleration.direction",
        "heating.sky",
    } <= keys
    assert all(assumption.source for assumption in environment.assumptions)
    with pytest.raises(InputError, match="remedy"):
        Assumption("x", "1", "me", "Z")


def test_gap_follows_the_panes_temperature(flight):
    heating = stagnation_heating(flight, nose_radius=2.4)
    hot = Series(np.array([0.0, 300.0]), np.array([293.15, 500.0]))
    sealed = GapSpec(name="inner", volume=4e-4, state="sealed", pressure=1e5)
    made = build_environment(trajectory=flight, heating=heating, gaps=[sealed], wall_temperature={"inner": hot})
    assert made.gap_pressure["inner"](300.0) == pytest.approx(1e5 * 500 / 293.15)
    for wrong in ({"gaps": [sealed, sealed]}, {"gaps": [sealed], "wall_temperature": {"other": 300.0}}):
        with pytest.raises(LoadError, match="one gap a name"):
            build_environment(trajectory=flight, heating=heating, **wrong)


def test_ratio_is_a_value_a_band_and_a_field():
    ratio = HeatingRatio(0.2, band=(0.05, 0.45), flow_direction=math.pi / 2, gradient=2.0, source="guess")
    points = np.array([[0.0, 0.0, 0.0], [0.0, 0.1, 0.0], [0.1, -0.1, 0.0]])
    np.testing.assert_allclose(ratio(points), [0.2, 0.24, 0.16])
    assert ratio.at(0.45)(points)[0] == pytest.approx(0.45)
    assert ratio.assumption().value.startswith("0.2 (band 0.05 to 0.45)")
    with pytest.raises(LoadError, match="downstream"):
        HeatingRatio(0.2, gradient=20.0)(np.array([[-0.1, 0.0]]))
    for wrong in ({"value": -1.0}, {"value": 0.5, "band": (0.1, 0.3)}, {"value": math.nan}):
        with pytest.raises(LoadError, match="remedy"):
            HeatingRatio(**wrong)


def test_step_raises_the_heating_behind_the_upstream_edge():
    """Factor 2 right behind the edge, 1 + 1/e a length downstream, 1 outside the circle."""
    ratio = HeatingRatio(0.2, step=Step(factor=2.0, length=0.02, radius=0.135))
    points = np.array([[-0.135, 0.0], [-0.115, 0.0], [0.135, 0.0], [-0.2, 0.0], [0.0, 0.2]])
    expected = 0.2 * np.array([2.0, 1 + math.exp(-1), 1 + math.exp(-13.5), 1.0, 1.0])
    np.testing.assert_allclose(ratio(points), expected, rtol=1e-9)
    with pytest.raises(LoadError, match="remedy"):
        Step(factor=2.0, length=0.0, radius=0.1)


def test_arcjet_plateaus():
    """Two plateaus, then out of the stream: the cold-wall flux at the calorimeter's 300 K comes back exactly."""
    steps = [
        Plateau(duration=30.0, enthalpy=10e6, cold_wall_flux=150e3, pressure=2e3),
        Plateau(duration=60.0, enthalpy=20e6, film=0.01, pressure=4e3),
    ]
    tc = Thermocouple("rim", (0.05, 0.0, -0.005))
    run = arcjet(plateaus=steps, holder_temperature=350.0, thermocouples=[tc], chamber_convection=5.0, cool_down=100.0)
    assert run.wall_flux(15.0, 300.0) == pytest.approx(150e3, rel=1e-12)
    assert run.film(60.0) == 0.01
    assert run.recovery_enthalpy(60.0) == 20e6
    assert run.outer_pressure(60.0) == 4e3
    assert run.film(-1.0) == 0.0
    assert run.film(95.0) == 0.0
    assert run.convection(95.0) == 5.0
    assert run.convection(60.0) == 0.0
    assert run.outer_pressure(95.0) == 100.0
    assert run.end == pytest.approx(191.0)
    assert run.holder_temperature(0.0) == 350.0
    assert run.thermocouples[0].name == "rim"
    assert [event.name for event in run.events] == ["plateau_1", "plateau_2", "out_of_stream"]
    assert run.altitude is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"duration": -1.0},
        {"film": 0.01},
        {"cold_wall_flux": None},
        {"enthalpy": math.nan},
        {"pressure": -5.0},
    ],
)
def test_impossible_plateau_is_refused(wrong):
    with pytest.raises(LoadError, match="remedy"):
        Plateau(**{"duration": 30.0, "enthalpy": 1e7, "cold_wall_flux": 1e5, "pressure": 1e3, **wrong})


def test_impossible_run_is_refused():
    good = Plateau(duration=30.0, enthalpy=1e7, cold_wall_flux=1e5, pressure=1e3)
    cold = Plateau(duration=30.0, enthalpy=2e5, cold_wall_flux=1e5, pressure=1e3)
    for wrong in ({"plateaus": []}, {"plateaus": [good], "ramp": 40.0}, {"plateaus": [cold]}):
        with pytest.raises(LoadError, match="remedy"):
            arcjet(**wrong)
