"""Trajectory from a table by column map, with units; every slip is named with its place and remedy."""

import numpy as np
import pytest

from deadlight.entry.columns import read_columns
from deadlight.entry.flight import Trajectory
from deadlight.entry.heating import table_heating
from deadlight.errors import LoadError

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
        (TEXT.replace("7.65", "-7.65"), MAP, ["speed", "row 1"]),
        (TEXT.replace("200,80", "50,80"), MAP, ["time", "row 2"]),
        (TEXT.replace("120,7.6", "1200,7.6"), MAP, ["altitude 1200 km"]),
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
