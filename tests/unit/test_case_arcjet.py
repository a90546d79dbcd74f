"""The form of an arc-jet article: the shipped example reads, and every mistake is answered with place and remedy."""

from pathlib import Path

import pytest

from deadlight.case.load import case_schema, load_case
from deadlight.chain.viewport import unstated
from deadlight.errors import CaseError

EXAMPLE = Path(__file__).parents[2] / "examples/arc_jet/case.toml"
HOLDER = 'holder_temperature = [["0 s", "295 K"], ["120 s", "330 K"], ["420 s", "300 K"]]'
RATIO = next(line for line in EXAMPLE.read_text().splitlines() if line.startswith("ratio"))
FLIGHT = """[environment.trajectory]
kind = "entry"
speed = "7620 m/s"
altitude = "120 km"
flight_path_angle = "-1.45 deg"
ballistic_coefficient = "510 kg/m**2"
nose_radius = "2.4 m"
[environment.arcjet]"""


def changed(folder, *changes):
    text = EXAMPLE.read_text()
    for old, new in changes:
        assert old in text, f"the test's own replacement must hit: {old}"
        text = text.replace(old, new, 1)
    path = folder / "case.toml"
    path.write_text(text)
    return path


def test_the_example_reads_in_si():
    run = load_case(EXAMPLE).environment.arcjet
    first, second = run.plateaus
    assert (first.from_, first.until, first.cold_wall_flux, first.pressure) == (0.0, 120.0, 150e3, 3e3)
    assert first.recovery_enthalpy == 12e6
    assert second.cold_wall_flux == 0.0
    assert run.holder_temperature == ((0.0, 295.0), (120.0, 330.0), (420.0, 300.0))
    assert [t.name for t in run.thermocouples] == ["TC_front", "TC_back", "TC_lip"]
    assert run.thermocouples[2].position == pytest.approx((0.070, 0.0, 0.005))


def test_a_holder_of_one_temperature(tmp_path):
    case = load_case(changed(tmp_path, (HOLDER, 'holder_temperature = "57 degC"')))
    assert case.environment.arcjet.holder_temperature == ((0.0, pytest.approx(330.15)),)


def test_the_ratio_is_one_unless_stated(tmp_path):
    ratio = load_case(changed(tmp_path, (RATIO, ""))).environment.heating.ratio
    assert (ratio.value, ratio.band, ratio.status) == (1.0, None, "derived")


def test_what_belongs_to_a_flight_is_no_default_of_it():
    keys = {key[-1] for key, _ in unstated(load_case(EXAMPLE)) if key[0] != "growth"}
    assert not keys & {"structure_temperature", "sky_temperature", "water_quench", "cabin", "outer_cp", "direction"}
    assert "back_film" in keys


def test_the_schema_takes_both_kinds_of_holder():
    kinds = case_schema()["$defs"]["ArcJet"]["properties"]["holder_temperature"]["anyOf"]
    assert {kind["type"] for kind in kinds} == {"string", "array"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'cold_wall_flux = "150 kW/m**2"',
            "cold_wall_flux = 150e3",
            ["plateaus.0.cold_wall_flux (line", "no unit", "20 kW/m**2"],
        ),
        ('cold_wall_flux = "150 kW/m**2"', 'cold_wall_flux = "150 kW"', ["plateaus.0.cold_wall_flux", "150 kW"]),
        ('cold_wall_flux = "150 kW/m**2"', 'cold_wall_flux = "-1 W/m**2"', ["plateaus.0.cold_wall_flux", "at least 0"]),
        ('cold_wall_flux = "150 kW/m**2"', "", ["plateaus.0", "exactly one of cold_wall_flux"]),
        (
            'pressure = "3 kPa"',
            'pressure = "3 kPa"\nfilm = "0.01 kg/m**2/s"',
            ["plateaus.0", "exactly one of cold_wall_flux"],
        ),
        (
            'recovery_enthalpy = "12 MJ/kg"',
            'recovery_enthalpy = "12 J/kg"',
            ["recovery_enthalpy", "12 J/kg", "at least 300000"],
        ),
        ('pressure = "3 kPa"', 'presure = "3 kPa"', ["presure", "unknown key", "missing"]),
        ('until = "120 s"', 'until = "1 s"', ["arcjet", "from 0 s until 1 s", "ramp of 2 s"]),
        ('from = "120 s"', 'from = "100 s"', ["100 s comes after 120 s", "sort them"]),
        ('from = "120 s"', 'from = "121 s"', ["between 120 s and 121 s", "join"]),
        ('until = "180 s"', 'until = "180 m"', ["plateaus.1.until (line", "180 m"]),
        ('ramp = "2 s"', 'ramp = "0 s"', ["arcjet.ramp", "greater than 0"]),
        ('["120 s", "330 K"]', '["0 s", "330 K"]', ["holder_temperature do not rise"]),
        ('["120 s", "330 K"]', '["120 s", "330"]', ["holder_temperature.1.1", '"330 K"?']),
        (HOLDER, "holder_temperature = 295", ["holder_temperature", "295", "no unit"]),
        (HOLDER, "holder_temperature = []", ["holder_temperature", "at least 1"]),
        ('name = "TC_back"', 'name = "tc_FRONT"', ["thermocouple name", "used twice"]),
        ('name = "TC_back"', 'name = "time_s"', ["time_s", "column of the time"]),
        ('radius = "30 mm"\n', "", ["thermocouples.1", 'face = "outer" and radius']),
        ('["70 mm", "0 mm", "5 mm"]', '["70 mm", "0 mm"]', ["thermocouples.2.position", "one value too few"]),
        ('"5 mm"] ', '"5 mm"]\nface = "outer" ', ["thermocouples.2", "leave out face"]),
        (
            'radius = "30 mm"',
            'radius = "30 mm"\npane = "glass"',
            ["environment.arcjet.thermocouples", "'glass'", "thermal"],
        ),
        (
            "[environment.heating]",
            '[environment.pressure]\ncabin = "1 bar"\n[environment.heating]',
            ["pressure does nothing", "back_pressure"],
        ),
        (RATIO, 'sky_temperature = "250 K"', ["heating.sky_temperature does nothing", "chamber_temperature"]),
        (
            'preload = "50 kPa"',
            'structure_temperature = "300 K"',
            ["supports.thermal.structure_temperature", "holder_temperature"],
        ),
        (
            'pressure = "3 kPa"',
            'pressure = "3 kPa"\nradiative_flux = "1 kW/m**2"',
            ["a plateau states radiative_flux", "radiative = true"],
        ),
        ("[environment.arcjet]", FLIGHT, ["exactly one of [environment.trajectory] and [environment.arcjet]"]),
        ("[environment.arcjet]", "[environment]\n[environment.arcjets]", ["environment.arcjets: unknown key"]),
    ],
)
def test_a_mistake_is_answered(tmp_path, old, new, words):
    with pytest.raises(CaseError) as caught:
        load_case(changed(tmp_path, (old, new)))
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, str(caught.value)


def test_the_line_of_the_second_plateau_is_told(tmp_path):
    path = changed(tmp_path, ('until = "180 s"', 'until = "180 m"'))
    row = path.read_text().splitlines().index('until = "180 m"') + 1
    with pytest.raises(CaseError, match=rf"plateaus\.1\.until \(line {row}\)"):
        load_case(path)


def test_a_return_still_needs_its_ratio(tmp_path):
    flight = Path(__file__).parents[2] / "examples/shenzhou20/case.toml"
    text = "\n".join(line for line in flight.read_text().splitlines() if not line.startswith("ratio ="))
    (tmp_path / "case.toml").write_text(text)
    with pytest.raises(CaseError, match=r"heating\.ratio is missing"):
        load_case(tmp_path / "case.toml")
