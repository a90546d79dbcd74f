"""Trajectory from a table by column map, with units; every slip is named with its place and remedy."""

import numpy as np
import pytest

from deadlight.entry.columns import read_columns
from deadlight.entry.flight import Trajectory
from deadlight.entry.heating import prescribed_heating, table_heating
from deadlight.errors import LoadError
from deadlight.remark import remark
from deadlight.series import Series

TEXT = (
    "# a comment\nt [s],h [km],V [km/s],gam [deg]\n0,120,7.6,-1.4\n100,95,7.65,-1.2\n200,80,7.0,-1.0\n300,60,4.0,-2\n"
)
MAP = {"time": "t [s]", "altitude": "h [km]", "speed": "V [km/s]", "flight_path_angle": "gam [deg]"}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "traj.csv"
    path.write_text(TEXT)
    return path


def test_units_and_straight_lines(table):
    flight = Trajectory.from_table(table, columns=MAP)
    assert flight.speed[0] == pytest.approx(7600.0)
    assert np.interp(50.0, flight.time, flight.altitude) == pytest.approx(107.5e3)
    assert flight.flight_path_angle[-1] == pytest.approx(np.radians(-2.0))
    # density follows the resampled altitude (1.45e-7 at 107.5 km), not a straight line between rows (6.6e-7)
    assert np.interp(50.0, flight.time, flight.density) == pytest.approx(1.45e-7, rel=0.1)
    assert any("load factors derived" in warning for warning in flight.warnings)
    assert flight.source == "table traj.csv"


@pytest.mark.parametrize(("header", "sep"), [("t;h;V;gam", ";"), ("t [s]\th [km]\tV [km/s]\tgam [deg]", "\t")])
def test_other_separators_and_headers_without_units(tmp_path, header, sep):
    path = tmp_path / "traj.csv"
    path.write_text(TEXT.replace("t [s],h [km],V [km/s],gam [deg]", header).replace(",", sep))
    assert Trajectory.from_table(path, columns=MAP).speed[0] == pytest.approx(7600.0)


def test_one_table_states_the_motion_and_the_flux(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("t [s],h [km],V [m/s],q [kW/m**2]\n0,120,7600,0\n900,70,6400,27.5\n1900,20,260,0\n2400,3,100,0\n")
    columns = {"time": "t [s]", "altitude": "h [km]", "speed": "V [m/s]", "cold_wall_flux": "q [kW/m**2]"}
    flight = Trajectory.from_table(path, columns=columns)
    assert table_heating(flight, path=path, columns=columns).flux(900.0, 0.0) == pytest.approx(27.5e3)
    assert any("ends at 3.0 km" in warning for warning in flight.warnings)


def test_celsius_column(tmp_path):
    path = tmp_path / "walls.csv"
    path.write_text("t [s],T [degC]\n0,20\n1,1200\n")
    columns = read_columns(path, columns={"T": ("T [degC]", "K")})
    np.testing.assert_allclose(columns["T"], [293.15, 1473.15])


@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        (TEXT, {**MAP, "speed": "velocity [m/s]"}, ["velocity", "'V [km/s]'"]),
        (TEXT, {**MAP, "speed": "V [m/s]"}, ["V [km/s]"]),
        (TEXT.replace("V [km/s]", "V"), {**MAP, "speed": "V"}, ["no unit", "[m/s]"]),
        (TEXT.replace("V [km/s]", "V [kg]"), {**MAP, "speed": "V [kg]"}, ["speed"]),
        (TEXT.replace("7.65", "n/a"), MAP, ["n/a", "line 4"]),
        (TEXT.replace("7.65", "nan"), MAP, ["line 4"]),
        (TEXT.replace("7.65", "1e308"), MAP, ["line 4", "not finite in SI"]),
        (TEXT.replace("7.65", "-7.65"), MAP, ["speed", "line 4", "-7.65", "at least 0"]),
        (TEXT.replace("200,80", "50,80"), MAP, ["time", "row 2"]),
        (TEXT.replace("120,7.6", "1200,7.6"), MAP, ["altitude 1200", "line 3", "at most 990000 m"]),
        (TEXT.replace("-1.2", "-120"), MAP, ["flight_path_angle -120", "line 4", "90 deg"]),
        (TEXT.replace("7.65", "7.65e9"), MAP, ["speed 7.65e+09", "line 4", "at most 30000 m/s"]),
        (TEXT.replace("t [s]", "t [hour]"), {**MAP, "time": "t [hour]"}, ["1.08e+06 s", "at most 100000 s"]),
        (TEXT.replace("300,60,4.0,-2", "300,60"), MAP, ["line 6"]),
        ("t [s]\n", MAP, ["1 lines"]),
        (TEXT, {"time": "t [s]", "speed": "V [km/s]"}, ["altitude"]),
        (TEXT, {**MAP, "colour": "V [km/s]"}, ["colour"]),
    ],
)
def test_a_slip_is_named(tmp_path, text, columns, words):
    path = tmp_path / "traj.csv"
    path.write_text(text)
    with pytest.raises(LoadError) as error:
        Trajectory.from_table(path, columns=columns)
    for word in [*words, "remedy"]:
        assert word in str(error.value)


def test_missing_and_binary_file(tmp_path):
    with pytest.raises(LoadError, match="cannot be read"):
        Trajectory.from_table(tmp_path / "none.csv", columns=MAP)
    path = tmp_path / "traj.csv"
    path.write_bytes(b"\xff\xfe\x00\x01\x80")
    with pytest.raises(LoadError, match="not text"):
        Trajectory.from_table(path, columns=MAP)


def test_derived_loads_of_a_steady_deceleration():
    """Level flight, speed falling 20 m/s each second: 20/9.80665 g axial, weight less centrifugal force normal."""
    time = np.arange(0.0, 101.0, 10.0)
    flight = Trajectory.from_arrays(time=time, altitude=np.full(11, 60e3), speed=7000.0 - 20.0 * time)
    np.testing.assert_allclose(flight.load_factor[:, 0], 20 / 9.80665, rtol=1e-9)
    radius = 6.371e6 + 60e3
    assert flight.load_factor[0, 1] * 9.80665 == pytest.approx(
        3.986004418e14 / radius**2 - 7000.0**2 / radius, rel=1e-9
    )


def capsule(**changes):
    """Rows of a return from orbit."""
    rows = {
        "time": np.array([0.0, 200.0, 400.0, 600.0, 900.0]),
        "altitude": np.array([120e3, 90e3, 60e3, 20e3, 0.0]),
        "speed": np.array([7600.0, 7600.0, 4000.0, 400.0, 10.0]),
    }
    return rows | changes


def test_what_is_flown_is_not_doubted():
    """From orbit, from the Moon, at 20 g, a jump from a balloon, a hop to 105 km that starts where it stands still."""
    flights = [
        capsule(),
        capsule(speed=np.array([11e3, 11e3, 7000.0, 400.0, 10.0])),
        capsule(time=np.array([0.0, 12.0, 24.0, 50.0, 150.0]), speed=np.array([7600.0, 7600.0, 7000.0, 1500.0, 100.0])),
        {"time": [0.0, 50.0, 260.0, 543.0], "altitude": [39e3, 28e3, 2.5e3, 1e3], "speed": [0.0, 377.0, 53.0, 5.0]},
        {"time": [0.0, 140.0, 200.0, 400.0], "altitude": [105e3, 15e3, 3e3, -400.0], "speed": [1.0, 900.0, 90.0, 1.0]},
    ]
    for rows in flights:
        assert not [text for text in Trajectory.from_arrays(**rows).warnings if remark(text).alarm]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"speed": capsule()["speed"] / 1e3}, "altitude changes by 120 km, but the speeds make a way of 3.96 km"),
        ({"altitude": np.full(5, 110e3), "speed": capsule()["speed"] / 1e3}, "nothing falls so slowly"),
        ({"altitude": capsule()["altitude"] / 1e3}, "dynamic pressure of 3[0-9].* MPa"),
        ({"time": capsule()["time"] / 1e3}, "make a way of"),
        ({"time": capsule()["time"] * 3600}, "the rows span"),
    ],
)
def test_units_that_cannot_be_together_are_refused(changes, words):
    """m/s for km/s, in a fall and level; km for m; ms and h for s: each value by itself could be."""
    with pytest.raises(LoadError, match=words):
        Trajectory.from_arrays(**capsule(**changes))


def test_a_flight_too_fast_for_its_height_is_an_alarm():
    """2.2 km/s at 15 km (0.195 kg/m3): 0.47 MPa; a steep dive that may be meant, or a slip."""
    flight = Trajectory.from_arrays(**capsule(altitude=np.array([120e3, 90e3, 60e3, 15e3, 0.0]),
                                              speed=np.array([7600.0, 7600.0, 4000.0, 2200.0, 10.0])))  # fmt: skip
    (text,) = [text for text in flight.warnings if remark(text).alarm]
    assert "0.47" in text


LIMITED = [
    ("q [kW/m**2]", "cold_wall_flux", "6e7", ["line 3", "cold_wall_flux 6e+07", "1e+08 W/m**2"]),
    ("q [MW/m**2]", "radiative_flux", "200", ["line 3", "radiative_flux 200", "1e+08 W/m**2"]),
    ("p [bar]", "pressure", "101325", ["line 3", "pressure", "2e+06 Pa"]),
    ("f [kg/m**2/s]", "film", "20", ["line 3", "film 20", "10 kg/m**2/s"]),
    ("h [MJ/kg]", "recovery_enthalpy", "20e6", ["line 3", "recovery_enthalpy", "2e+08 J/kg"]),
]


@pytest.mark.parametrize(("header", "name", "value", "words"), LIMITED, ids=[row[1] for row in LIMITED])
def test_heating_that_cannot_be_is_named_with_its_line(tmp_path, header, name, value, words):
    path = tmp_path / "body.csv"
    path.write_text(f"t [s],x [kg/m**2/s],y [J/kg],{header}\n0,1e-4,2e7,0\n500,1e-3,2e7,{value}\n")
    columns = {"time": "t [s]", "film": "x [kg/m**2/s]", "recovery_enthalpy": "y [J/kg]", name: header}
    if name == "cold_wall_flux":
        del columns["film"]
    with pytest.raises(LoadError) as error:
        table_heating(Trajectory.from_arrays(**capsule()), path=path, columns=columns)
    for word in words:
        assert word in str(error.value)


def alarms(flux, **others):
    """Of a stated flux at the times of a capsule's rows."""
    flight = Trajectory.from_arrays(**capsule())
    made = Series(capsule()["time"], np.array(flux), "flux", "W/m**2")
    return [text for text in prescribed_heating(flight, cold_wall_flux=made, **others).warnings if remark(text).alarm]


def test_heating_that_does_not_go_with_the_flight_is_an_alarm():
    """At 60 km (3.1e-4 kg/m3) and 4 km/s the air brings 10 MW/m2 and has 8.2 MJ/kg."""
    assert not alarms([0.0, 2e5, 5e5, 0.0, 0.0])
    assert "more than the air brings" in alarms([0.0, 2e7, 6e7, 0.0, 0.0])[0]
    enthalpy = Series(np.zeros(1), np.array([0.03e6]), "recovery_enthalpy", "J/kg")
    assert "recovery_enthalpy" in alarms([0.0, 2e5, 5e5, 0.0, 0.0], recovery_enthalpy=enthalpy)[0]


def test_a_heat_load_that_is_replaced_is_an_alarm_where_it_is_much():
    """All of it below 400 m/s: none of what was stated is used."""
    assert "100 % of its heat load" in alarms([0.0, 0.0, 0.0, 0.0, 5e4])[0]
