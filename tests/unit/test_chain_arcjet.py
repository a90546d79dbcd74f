"""An arc-jet article through the chain: its environment, its holder, its thermocouples, and a whole tiny run."""

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from deadlight.case.load import load_case, parse_case
from deadlight.chain.arcjet import readings, sampling
from deadlight.chain.heating import heat_model
from deadlight.chain.outside import cold_wall_flux, environment_of
from deadlight.chain.preview import preview
from deadlight.chain.run import run_case_file
from deadlight.chain.viewport import build_viewport
from deadlight.errors import CaseError
from deadlight.heat.boundary import Convection, Film, Radiation
from deadlight.heat.history import HeatBalance, TemperatureHistory
from deadlight.heat.solve import solve_heat
from deadlight.store.history import read_history

EXAMPLE = Path(__file__).parents[2] / "examples/arc_jet/case.toml"
TINY = (
    ('refine = "0.6"', 'refine = "0.25"'),
    ('heat_tolerance = "1 K"', 'heat_tolerance = "10 K"'),
    ("stress_instants = 40", "stress_instants = 6"),
    ("fields = 4", "fields = 1"),
    ('cool_down = "300 s"', 'cool_down = "60 s"'),
)


def tiny(folder, *changes):
    text = EXAMPLE.read_text()
    for old, new in (*TINY, *changes):
        assert old in text, f"the test's own replacement must hit: {old}"
        text = text.replace(old, new, 1)
    path = folder / "case.toml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def article(tmp_path_factory):
    return build_viewport(load_case(tiny(tmp_path_factory.mktemp("article"))), root=Path())


@pytest.fixture(scope="module")
def environment(article):
    return environment_of(article, root=Path())


def restated(viewport, **run):
    """The article with other keys of its run, on the same mesh."""
    stated = json.loads(json.dumps(BARE))
    stated["environment"]["arcjet"] |= run
    return type(viewport)(parse_case(stated), viewport.mesh, viewport.materials)


BARE = {
    "schema": 1,
    "name": "an article at rest",
    "window": {"drawing": "disc_article", "refine": "0.25"},
    "panes": [{"name": "thermal", "role": "thermal", "material": "fused_silica", "initial_temperature": "320 K"}],
    "environment": {
        "arcjet": {
            "plateaus": [
                {
                    "from": "0 s",
                    "until": "60 s",
                    "film": "0 kg/m**2/s",
                    "recovery_enthalpy": "1 MJ/kg",
                    "pressure": "1 kPa",
                }
            ],
            "cool_down": "60 s",
            "chamber_temperature": "320 K",
            "holder_temperature": "320 K",
        }
    },
}


# Environment --------------------------------------------------------------------------------------------------------


def test_plateaus_on_the_clock(article, environment):
    """150 kW/m2 at the calorimeter's 300 K for 120 s, then off until 180 s, out of the stream within 2 s, 60 s more."""
    assert environment.wall_flux(60.0, 300.0) == pytest.approx(150e3, rel=1e-12)
    assert cold_wall_flux(article.case, environment, np.array([60.0, 150.0])) == pytest.approx([150e3, 0.0])
    assert environment.film(60.0) == pytest.approx(150e3 / (12e6 - 1004.5 * 300.0), rel=2e-3)
    assert environment.film(121.0) == pytest.approx(0.5 * environment.film(60.0), rel=1e-12)
    assert environment.film(150.0) == 0.0
    assert (environment.outer_pressure(60.0), environment.outer_pressure(150.0)) == (3e3, 50.0)
    assert environment.cabin_pressure(60.0) == 50.0
    assert environment.end == pytest.approx(180.0 + 2.0 + 60.0)
    assert environment.altitude is None
    assert [(e.time, e.name, e.altitude) for e in environment.events] == [
        (0.0, "plateau_1", None),
        (120.0, "out_of_stream", None),
    ]


def test_a_break_between_plateaus_is_out_of_the_stream(article):
    """Stated as 10-40 s and 60-90 s: no flux and the chamber's pressure before, between and after."""
    hot = {"cold_wall_flux": "100 kW/m**2", "recovery_enthalpy": "10 MJ/kg", "pressure": "2 kPa"}
    plateaus = [{"from": f"{a} s", "until": f"{b} s", **hot} for a, b in ((10, 40), (60, 90))]
    run = environment_of(restated(article, plateaus=plateaus, chamber_convection="5 W/m**2/K"), root=Path())
    t = np.array([5.0, 30.0, 50.0, 80.0, 100.0])
    assert run.wall_flux(t, 300.0) == pytest.approx([100.0, 100e3, 100.0, 100e3, 100.0])  # 5 W/m2/K of 20 K
    assert run.outer_pressure(t) == pytest.approx([100.0, 2e3, 100.0, 2e3, 100.0])
    assert [(e.time, e.name) for e in run.events] == [
        (10.0, "plateau_1"),
        (40.0, "out_of_stream"),
        (60.0, "plateau_2"),
        (90.0, "out_of_stream"),
    ]


def test_the_ratio_of_an_article_is_one(article):
    viewport = restated(article)
    model = heat_model(viewport, environment_of(viewport, root=Path()))
    films = [b for b in model.boundaries if isinstance(b, Film)]
    assert [(b.face, b.ratio) for b in films] == [("thermal.outer", 1.0)]


# Holder -------------------------------------------------------------------------------------------------------------


def test_the_holder_stands_behind_retainer_and_article(article, environment):
    model = heat_model(article, environment)
    held = {b.face: b for b in model.boundaries if isinstance(b, Convection) and b.face != "thermal.outer"}
    assert set(held) == {"thermal_retainer.back"}
    holder = held["thermal_retainer.back"].temperature
    assert [holder(t) for t in (0.0, 60.0, 120.0, 420.0)] == pytest.approx([295.0, 312.5, 330.0, 300.0])
    back = next(b for b in model.boundaries if isinstance(b, Radiation) and b.face == "thermal.inner")
    assert back.sky_temperature is holder


def test_gas_behind_leads_heat_to_the_holder(article):
    viewport = restated(article, back_film="12 W/m**2/K")
    model = heat_model(viewport, environment_of(viewport, root=Path()))
    back = next(b for b in model.boundaries if isinstance(b, Convection) and b.face == "thermal.inner")
    assert back.coefficient == 12.0
    assert back.temperature(30.0) == 320.0


def solved(viewport):
    run = environment_of(viewport, root=Path())
    model = heat_model(viewport, run)
    return run, solve_heat(
        viewport.mesh,
        viewport.materials,
        boundaries=model.boundaries,
        pairs=model.pairs,
        initial=model.initial,
        time_span=(0.0, run.end),
        tolerance=1.0,
    )


def test_an_article_in_balance_stays_as_it_is(article):
    """Out of the stream, glass, holder and chamber at 320 K: nothing may warm or cool, whatever acts on the faces."""
    _, heat = solved(restated(article))
    assert np.abs(heat.temperature - 320.0).max() < 1e-6


def test_a_warm_holder_warms_the_rim_before_the_middle(article):
    points = [
        {"name": "rim", "position": ["70 mm", "0 mm", "5 mm"]},
        {"name": "middle", "position": ["0 mm", "0 mm", "5 mm"]},
    ]
    viewport = restated(article, holder_temperature=[["0 s", "320 K"], ["20 s", "500 K"]], thermocouples=points)
    run, heat = solved(viewport)
    read = readings(viewport, run, heat)
    assert read["rim"][-1] > read["middle"][-1] + 5.0
    assert all(row.min() > 320.0 - 1e-6 and row.max() < 500.0 for row in read.values())


def slab(glass, run, thickness, count, end):
    """Front and back temperature [K] of a slab of `count` finite volumes at `end` [s], by another program: the film and
    radiation in front, radiation to the holder behind, properties at the temperature of each volume."""
    sigma, depth = 5.670374419e-8, thickness / count

    def rate(t, temperature):
        k = glass.conductivity(temperature)
        skin = 2 * k[[0, -1]] / depth
        faces = temperature[[0, -1]].copy()  # the surface balances what comes from outside and what goes inside
        for _ in range(3):
            outside = np.array([run.wall_flux(t, faces[0]), 0.0])
            sky = np.array([run.sky_temperature(t), run.holder_temperature(t)])
            e = glass.emissivity(faces)
            gain = outside - e * sigma * (faces**4 - sky**4)
            stiff = skin + 4 * e * sigma * faces**3 + np.array([1005.0 * run.film(t), 0.0])
            faces += (gain - skin * (faces - temperature[[0, -1]])) / stiff
        into = skin * (faces - temperature[[0, -1]])
        between = 0.5 * (k[1:] + k[:-1]) / depth * (temperature[:-1] - temperature[1:])
        flux = np.concatenate([into[:1], between, -into[1:]])
        rate.faces = faces
        return -np.diff(flux) / (glass.density * glass.specific_heat(temperature) * depth)

    done = solve_ivp(rate, (0.0, end), np.full(count, 295.0), method="BDF", rtol=1e-6, atol=1e-3, max_step=2.0)
    rate(end, done.y[:, -1])
    return rate.faces


def test_the_middle_of_the_article_is_a_slab(tmp_path, article):
    """In 120 s heat diffuses about 10 mm sideways, and the lip is 65 mm away; 3 K for the coarse mesh and step."""
    back = ('face = "inner"\nradius = "30 mm"', 'face = "inner"\nradius = "0 mm"')
    viewport = type(article)(load_case(tiny(tmp_path, back)), article.mesh, article.materials)
    run, heat = solved(viewport)
    expected = slab(article.materials["thermal"], run, 0.010, 80, 120.0)
    read = readings(viewport, run, heat)
    found = [np.interp(120.0, heat.time, read[name]) for name in ("TC_front", "TC_back")]
    assert found == pytest.approx(list(expected), abs=3.0), (found, expected)


# Thermocouples ------------------------------------------------------------------------------------------------------


def test_thermocouples_are_placed_and_read_a_linear_field_exactly(article, environment):
    """T = 300 + 1000 x - 2000 y + 5000 z is in the space of the elements; (70, 0, 5) mm lies under the lip."""
    places = np.array([t.position for t in environment.thermocouples])
    assert places == pytest.approx(np.array([[0, 0, 0.010], [0, 0.030, 0], [0.070, 0, 0.005]]), abs=1e-12)
    slope = np.array([1000.0, -2000.0, 5000.0])
    field = 300.0 + article.mesh.points @ slope
    nothing = np.zeros(1)
    balance = HeatBalance(nothing, nothing, {}, nothing, nothing)
    heat = TemperatureHistory(np.array([0.0, 1.0]), np.stack([field, 2 * field]), balance, nothing, (), {}, {})
    read = readings(article, environment, heat)
    assert list(read) == ["TC_front", "TC_back", "TC_lip"]
    for row, place in zip(read.values(), places):
        assert row == pytest.approx((300.0 + place @ slope) * np.array([1.0, 2.0]), rel=1e-9)


def test_a_thermocouple_under_the_lip_or_on_the_seat(article):
    on = [{"name": f, "face": f, "radius": "71 mm", "azimuth": "45 deg"} for f in ("outer", "inner")]
    run = environment_of(restated(article, thermocouples=on), root=Path())
    heights = [t.position[2] for t in run.thermocouples]
    assert heights == pytest.approx([0.010, 0.0], abs=1e-9)
    assert sampling(article, run.thermocouples).sum(axis=1) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"position": ["0 mm", "0 mm", "20 mm"]}, ["(0, 0, 20) mm lies outside the glass", "spans"]),
        ({"position": ["77 mm", "0 mm", "5 mm"]}, ["outside the glass"]),  # in the wall of the retainer
        (
            {"face": "inner", "radius": "90 mm"},
            ["radius 90 mm lies beyond thermal.inner, thermal.seat_inner", "74.6 mm"],
        ),
    ],
)
def test_one_outside_the_glass_is_refused_before_anything_is_solved(article, where, words):
    viewport = restated(article, thermocouples=[{"name": "TC9", **where}])
    with pytest.raises(CaseError) as caught:
        environment_of(viewport, root=Path())
    told = str(caught.value)
    assert not [word for word in ("thermocouples, TC9", "remedy", *words) if word not in told], told


# A whole run --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return run_case_file(tiny(folder), folder / "out", pictures=False), folder / "out"


def test_readings_of_a_run(run):
    """The front peaks as it leaves the stream; the back, 30 mm from the middle, and the rim follow, each cooler."""
    _, out = run
    read = read_history(out / "thermocouples.parquet")
    assert read.units == {"time_s": "s", "TC_front": "K", "TC_back": "K", "TC_lip": "K"}
    peak = {name: float(read[name].max()) for name in ("TC_front", "TC_back", "TC_lip")}
    when = {name: float(read["time_s"][read[name].argmax()]) for name in peak}
    assert 1100.0 > peak["TC_front"] > peak["TC_back"] > peak["TC_lip"] > 400.0
    assert 119.0 <= when["TC_front"] <= 123.0
    assert when["TC_front"] < when["TC_back"] < when["TC_lip"]


def test_a_facility_has_no_altitude(run):
    summary, out = run
    assert summary["verdict"] in ("NO_GO", "NOT_SHOWN")
    assert summary["events"][0] | {"where": None} == {
        "time_s": 0.0,
        "altitude_m": None,
        "what": "plateau 1",
        "where": None,
        "causes": None,
    }
    assert all(event["altitude_m"] is None for event in summary["events"])
    assert np.isnan(read_history(out / "history.parquet")["altitude_m"]).all()


def test_the_report_of_a_run(run):
    _, out = run
    report = (out / "report.html").read_text()
    titles = re.findall(r"<h3>(.*?)</h3>", report)
    assert "Thermocouples" in titles
    assert "Run" in titles and "Return" not in titles
    assert re.search(
        r"thermocouple TC_back: peak</td><td>\d{3}\.\d K at 1\d\d s</td><td>at \(0\.00, 30\.00, 0\.00\) mm", report
    )
    pictures = [base64.b64decode(code) for code in re.findall(r"svg\+xml;base64,([^\"]+)", report)]
    assert len(pictures) == len(titles)
    assert sum(p.name.endswith("_Thermocouples.svg") for p in (out / "pictures").iterdir()) == 1


def test_check_tells_what_was_understood(tmp_path):
    found = preview(tiny(tmp_path))
    facts = found.describe()["environment"]
    assert facts["peak_cold_wall_flux_W_m2"] == pytest.approx(150e3)
    assert facts["thermocouples"][2] == {"name": "TC_lip", "position_m": pytest.approx([0.07, 0.0, 0.005])}
    assert "thermocouple TC_lip: 70.00, 0.00, 5.00 mm" in found.text()
    assert "run: 242 s; plateau_1 0 s, out_of_stream 120 s" in found.text()
