"""A number that is NaN or infinite, wherever it arises, ends in an error or NOT_SHOWN: never in a verdict.

Five controls that do have a verdict; in each a number of what some stage hands on is replaced, at seeded places, and
the rest of the chain runs.  `python -m pytest --slow` replaces 500 and more; a sample is always replaced.
"""

from __future__ import annotations

import dataclasses

import pytest

from deadlight import finite
from deadlight.case.load import load_case
from deadlight.chain.moved import End, Moved
from deadlight.chain.route import RouteAnswer
from deadlight.chain.verdict import judge
from deadlight.crack.influence import through_influence
from deadlight.crack.influence_table import influence_table
from deadlight.mesh.write import write_mesh
from deadlight.store.summary import Margin, Verdict
from support_cases import pane, write_case
from support_injection import INSIDE, Recorded
from support_loss import TABLE, write_loss_case

LANDED = """t [s],h [m],V [m/s],q [W/m**2]
0,80000,7500,0
10,60000,6000,60000
30,20000,900,2000
60,8000,200,0
120,0,10,0
"""

READ = 'status = "read"\nsource = "test"'


def glass(name: str, **values: str) -> str:
    """A glass of the library under a name of its own, with some properties as if they had been read."""
    lines = [f'{key} = {{ value = "{v}", status = "R", source = "x", valid = ["200 K", "1500 K"] }}'
             for key, v in values.items()]  # fmt: skip
    return "\n".join([f"[materials.my_{name}]", f'base = "{name}"', *lines, ""])


SILICA = glass(
    "fused_silica", toughness="0.75 MPa*m**0.5", mean_expansion="0.55e-6 1/K", conductivity="1.4 W/m/K",
    specific_heat="750 J/kg/K", emissivity="0.8", youngs_modulus="72 GPa",
)  # fmt: skip
TEMPERED = glass(
    "aluminosilicate_tempered", toughness="0.85 MPa*m**0.5", mean_expansion="4.6e-6 1/K", conductivity="1.1 W/m/K",
    specific_heat="800 J/kg/K", emissivity="0.85", youngs_modulus="72 GPa", strain_point="938 K",
)  # fmt: skip
ALONE = (
    ('"500 MPa/m"', f'"500 MPa/m"\n{READ}'),
    ('"1.4", status = "assumption"', '"1.4", status = "read"'),
    ("stress_instants = 4", "stress_instants = 60"),
    ('"fused_silica"', '"my_fused_silica"'),
    ("[criteria]", SILICA + "[criteria]"),
)
SHORT, LONG = ("12 mm", "2 mm"), ("12 mm", "30 mm")
"""Through cracks that stay and that run."""
BOWL = (
    'kind = "through"\ntwo_c = "12 mm"\n', 'kind = "surface"\na = "0.3 mm"\nc = "0.3 mm"\n'
)  # fmt: skip
PLACE = 'place = { azimuth = "30 deg", inside_lip = "5 mm" }\n'
PUSHED = (
    ('tier = "full"', 'tier = "full"\nlaw = "power"\ngeometries = 3'),
    (PLACE, PLACE + 'residual = { kind = "impact", pressure = ["0 MPa", "40 MPa"] }\n'),
)
"""What opens the bowl until it grows."""
CRITERIA = f"""[criteria]
K_Ic_factor = {{ value = "1.4", status = "read", source = "test" }}
next_pane_factor = {{ value = "1.5", status = "read", source = "test" }}
temper_credit = {{ value = "1", status = "read", source = "test" }}
strain_margin = {{ value = "150 K", status = "read", source = "test" }}
[supports.thermal]
{READ}
[supports.pressure]
{READ}
"""
LOSS = "".join(
    f'{key} = {{ value = "{value}", status = "read", source = "x" }}\n'
    for key, value in (("cavity_factor", 1), ("frame_heating", 0), ("step_factor", 2))
)
BEHIND = (
    ("[solver]", f"""[[cracks]]
name = "C1"
pane = "thermal"
kind = "through"
two_c = "8 mm"
place = {{ azimuth = "30 deg", inside_lip = "2 mm" }}
{CRITERIA}{SILICA}{TEMPERED}[solver]
bands = false"""),
    ("instants = 8\nconfirmed = 3", "instants = 4\nconfirmed = 1\n" + LOSS),
    ('ratio = "1.0"', 'ratio = "0.1"'),
    ('heat_tolerance = "1 K"', 'heat_tolerance = "4 K"'),
    ('"fused_silica"', '"my_fused_silica"'),
    ('material = "aluminosilicate_tempered"', 'material = "my_aluminosilicate_tempered"'),
    ('status = "assumption"', 'status = "read"'),
)  # fmt: skip


def alone(folder, *changes, refine=0.5):
    """One pane and the quick tier."""
    folder.mkdir(parents=True, exist_ok=True)
    write_mesh(pane(refine), folder / "pane.vtu", unit="mm")
    path = write_case(folder, *ALONE, *changes)
    (folder / "table.csv").write_text(LANDED)
    return load_case(path), folder


def behind(folder):
    """Two panes, the outer one cracked and lost."""
    path = write_loss_case(folder, *BEHIND)
    (folder / "table.csv").write_text(TABLE + "300,5000,100,0\n600,0,10,0\n")
    return load_case(path), folder


def by_operator(folder, *changes, refine=0.5):
    """One pane and the crack operator."""
    full = '[growth]\ntier = "full"\n[criteria]'
    coarse = ("[solver]", '[solver]\ncrack_refine = "0.6"')
    return alone(folder, BOWL, ("[criteria]", full), coarse, *changes, refine=refine)


CONTROLS = {
    "stays": lambda folder: alone(folder, SHORT),
    "runs": lambda folder: alone(folder, LONG, refine=0.2),
    "lost": behind,
    "operator": by_operator,
    "grows": lambda folder: by_operator(folder, *PUSHED, refine=0.2),
}


GIVEN = {
    "stays": Verdict.GO_WITH_RESTRICTION,
    "runs": Verdict.NO_GO,
    "lost": Verdict.GO,
    "operator": Verdict.GO_WITH_RESTRICTION,
    "grows": Verdict.NO_GO,
}
"""Verdict of each control."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A control by its name, run and recorded once."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = Recorded.of(*CONTROLS[name](tmp_path_factory.mktemp(name)))
            assert made[name].verdict is GIVEN[name], made[name].answers["summary"][0].reasons
        return made[name]

    return get


@pytest.fixture
def unclear(count_injections):
    """Those of some outcomes, all of them counted, that are neither an error nor NOT_SHOWN with an alarm."""
    return lambda outcomes: [str(each) for each in count_injections(outcomes) if not each.clear]


def inside(control):
    """Where numbers change hands inside the stages of a control, as (stage, function)."""
    return [(stage, seam) for stage in control.stages for seam in INSIDE.get(stage, ())]


def test_record_alone_gives_the_verdict(recorded):
    """What an injection is held against: the same replay with nothing replaced."""
    assert recorded("stays").plain() is GIVEN["stays"]


@pytest.mark.parametrize(
    "name", ["stays", *(pytest.param(n, marks=pytest.mark.slow) for n in CONTROLS if n != "stays")]
)
def test_every_number_handed_on_is_looked_at(recorded, name):
    """No place of any stage is out of the guard's sight, wherever the injections happen to fall."""
    control = recorded(name)
    stages = [stage for stage in control.stages if stage != "summary"]  # which judges, and is not handed on
    assert not [place for stage in stages for place in control.unseen(stage)]
    assert control.plain() is GIVEN[name]


def test_sample_of_every_stage(recorded, unclear):
    control = recorded("stays")
    assert {"window", "environment", "heat", "stress", "K", "pieces", "summary"} <= set(control.stages)
    count = 60
    assert not unclear(control.inject(control.stages[k % len(control.stages)], k) for k in range(count))


def test_sample_inside_the_quick_tier(recorded, unclear):
    control = recorded("stays")
    assert not unclear(control.inject_inside("K", INSIDE["K"][0], k) for k in range(6))


def test_sample_of_the_quick_tier_s_tables(recorded, unclear):
    """An interpolation takes every node of its table: what is lost anywhere in it is lost in K."""
    table = influence_table("through")
    through_influence.cache_clear()
    outcomes = [recorded("runs").inject_below("K", table.values, k) for k in range(3)]
    outcomes.append(recorded("runs").inject_below("K", table.fit_error, 3))
    through_influence.cache_clear()
    assert not unclear(outcomes)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_judged_is_looked_at_where_no_chain_ran(recorded, number):
    """A study judges answers without a run: the same guard."""
    (answer,) = recorded("stays").answers["K"]
    route = RouteAnswer(Verdict.GO_WITH_RESTRICTION, ("it stays",))
    assert judge([answer], (), (), route).verdict is Verdict.GO_WITH_RESTRICTION
    lost = dataclasses.replace(answer.result, ratio_max=number)
    lost = dataclasses.replace(answer, quick=dataclasses.replace(answer.quick, result=lost))
    judged = judge([lost], (), (), route)
    assert judged.verdict is Verdict.NOT_SHOWN and "ratio_max" in judged.reasons[0]
    margin = Margin(pane="p", event="e", criterion="c", applied=number)
    judged = judge([answer], (), (), dataclasses.replace(route, margins=(margin,)))
    assert judged.verdict is Verdict.NOT_SHOWN and "applied" in judged.reasons[0]


@pytest.mark.parametrize(("number", "shown"), [(0.5, True), (float("nan"), False), (float("-inf"), False)])
def test_end_of_a_band_that_has_a_verdict_has_a_number(recorded, number, shown):
    (answer,) = recorded("stays").answers["K"]
    good, route = Verdict.GO_WITH_RESTRICTION, RouteAnswer(Verdict.GO_WITH_RESTRICTION, ("it stays",))
    stated = End("1", good, good, Verdict.NOT_SHOWN, 0.5)
    moved = Moved("a", "a", stated, (dataclasses.replace(stated, ratio=number),), "test")
    assert (judge([answer], (), (), route, moved=[moved]).verdict is good) is shown
    lost = End("2", Verdict.NOT_SHOWN, Verdict.NOT_SHOWN, Verdict.NOT_SHOWN, float("nan"))
    judged = judge([answer], (), (), route, moved=[dataclasses.replace(moved, ends=(lost,))])
    assert "finite" not in judged.reasons[0]  # what could not be solved has none, and says so by its verdict


def test_without_the_guard_a_verdict_comes_out(recorded, monkeypatch):
    """What is injected does matter: the same numbers, nobody looking."""
    control = recorded("stays")
    monkeypatch.setattr(finite, "not_finite", lambda *given: iter(()))
    assert any(control.inject("K", k).kind == "verdict" for k in range(4))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("name", "count"), [(name, 120) for name in CONTROLS])
def test_every_stage(recorded, unclear, name, count):
    control = recorded(name)
    assert control.plain() is GIVEN[name]
    assert not unclear(control.inject(control.stages[k % len(control.stages)], 1000 + k) for k in range(count))
    assert control.plain() is GIVEN[name]  # what was replaced was put back


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("name", "count"), [("stays", 60), ("lost", 30), ("operator", 30), ("grows", 20)])
def test_inside_the_stages(recorded, unclear, name, count):
    control = recorded(name)
    seams = [seam for seam in inside(control) if control.calls(*seam)]
    assert seams
    assert not unclear(control.inject_inside(*seams[k % len(seams)], 2000 + k) for k in range(count))
    assert control.plain("K") is GIVEN[name]  # what was replaced was put back
