"""What a mark is read as: samples with the right spread, crack tables that the case form takes, pieces already cut."""

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from deadlight.case.load import load_case, load_impact, parse_case
from deadlight.case.mark import ImpactFile
from deadlight.chain.impact_text import crack_file, write_cases
from deadlight.chain.marked import CRACK, answer, read_impact
from deadlight.errors import CaseError, InputError
from deadlight.impact.mark import Arm, Focus, Hidden, Mark, Residual
from deadlight.impact.particle import Particle
from deadlight.impact.plan import Plan
from deadlight.impact.relations import SILICA_DEPTH, SILICA_SPALL
from deadlight.impact.sample import sample
from deadlight.impact.seeds import read_mark
from deadlight.impact.system import residual_intensity
from deadlight.impact.view import Measured, View
from support_cases import call, one_object

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/shenzhou20/impact.toml"
RADIUS, LIP, THICKNESS = 0.15, 0.015, 0.010
TURN = 2 * math.pi * np.arange(1024) / 1024
PLAN = Plan(RADIUS * np.stack([np.cos(TURN), np.sin(TURN)], axis=-1), THICKNESS, LIP)
OUTWARD, INWARD = Arm(0.0, Measured(5e-3), True), Arm(math.pi, Measured(4e-3, 0.2e-3), True)


def mark(**changes):
    """5 mm inside the lip at azimuth 0: one arm to the lip, one inwards, seen from outside without errors."""
    stated = {
        "name": "M", "plan": PLAN, "view": View("outside"), "face": "outer", "azimuth": 0.0,
        "from_lip": Measured(5e-3), "arms": (OUTWARD, INWARD), "hidden_width": LIP, "hidden": Hidden("none"),
        "detection": 0.1e-3, "index": 1.458,
    }  # fmt: skip
    return Mark(**(stated | changes))


def sets(made, **options):
    return read_mark(made, sample(made, **options)).sets


def test_weights_add_up_and_the_same_seed_gives_the_same_samples():
    made = mark(hidden=Hidden("exponential", 6e-3), from_lip=Measured(5e-3, 1e-3))
    first, again, other = sample(made, count=32), sample(made, count=32), sample(made, count=32, seed=3)
    assert len(first) == 33
    assert first.weight.sum() == pytest.approx(1.0)
    assert first.weight[-1] == 0.0
    assert np.array_equal(first.length, again.length)
    assert not np.array_equal(first.length, other.length)
    with pytest.raises(InputError):
        sample(made, count=12)


def test_an_end_that_is_seen_goes_on_by_less_than_the_detection_limit():
    found = sample(mark(arms=(Arm(math.pi, Measured(4e-3), True),)), count=64)
    assert not found.under_lip.any()
    assert 4e-3 < found.length.min() < 4.003e-3
    assert 4.09e-3 < found.length.max() < 4.1e-3
    assert found.length[:-1].mean() == pytest.approx(4.05e-3, abs=2e-6)


def test_an_end_at_the_hidden_band_goes_on_by_the_stated_distribution():
    """Exponential with mean 6 mm over a band of 15 mm: exp(-2.5) of the cracks reach the rim."""
    found = sample(mark(arms=(OUTWARD,), hidden=Hidden("exponential", 6e-3)), count=64)
    assert found.under_lip.all()
    hidden = found.length[:-1, 0] - 5e-3
    assert np.median(hidden) == pytest.approx(6e-3 * math.log(2), rel=0.05)
    assert found.at_rim[:-1].mean() == pytest.approx(math.exp(-(15e-3 - 0.1e-3) / 6e-3), abs=1.5 / 64)
    assert found.length.max() == pytest.approx(20e-3, abs=1e-6)
    even = sample(mark(arms=(OUTWARD,), hidden=Hidden("uniform", 10e-3)), count=64)
    assert even.length[:-1, 0].mean() == pytest.approx(10e-3, rel=0.01)
    assert not even.at_rim.any()
    assert sample(mark(arms=(OUTWARD,), hidden=Hidden("to_rim"))).at_rim.all()
    assert sample(mark(arms=(OUTWARD,))).length == pytest.approx(5e-3)


def test_errors_of_measurement_have_their_spread_and_the_scale_is_shared():
    arms = (Arm(math.pi, Measured(200, 0, pixels=True), True), Arm(2.0, Measured(100, 0, pixels=True), True))
    found = sample(mark(arms=arms, detection=1e-9, view=View("outside", 2e-5, 1e-6)), count=64)
    assert found.length[:-1, 0].std() == pytest.approx(200e-6, rel=0.05)
    assert found.length[:, 0] / found.length[:, 1] == pytest.approx(2.0, rel=1e-5)
    placed = sample(mark(from_lip=Measured(5e-3, 1e-3)), count=64).place[:, 0]
    assert RADIUS - LIP - placed[:-1].mean() == pytest.approx(5e-3, abs=2e-5)
    assert placed[:-1].std() == pytest.approx(1e-3, rel=0.05)
    assert placed[-1] == pytest.approx(RADIUS - LIP - 3e-3, abs=5e-5)  # the bound is two sigma nearer to the lip


def test_headings_count_from_the_outward_radius_and_turn_over_from_inside():
    arm = Arm(math.radians(50), Measured(2e-3), True)
    for side, expected in (("outside", 80.0), ("inside", -20.0)):
        found = sample(mark(azimuth=math.radians(30), arms=(arm,), view=View(side)))
        heading = found.heading[0, 0]
        assert math.degrees(math.atan2(heading[1], heading[0])) == pytest.approx(expected)
        assert np.linalg.norm(found.tips - found.place[:, None], axis=-1) == pytest.approx(found.length)


def test_angles_have_their_spread_and_the_bound_the_middle_one():
    arm = Arm(1.0, Measured(2e-3), True, angle_error=math.radians(2))
    heading = sample(mark(arms=(arm,)), count=64).heading[:, 0]
    angle = np.degrees(np.arctan2(heading[:, 1], heading[:, 0]))
    assert angle[:-1].std() == pytest.approx(2.0, rel=0.05)
    assert angle[-1] == pytest.approx(math.degrees(1.0))


def test_from_a_middle_under_the_lip_an_arm_that_ends_in_sight_is_seen():
    """3 mm under the lip: inwards 10 mm ends in sight, outwards 2 mm does not."""
    arms = (Arm(math.pi, Measured(10e-3), True), Arm(0.0, Measured(2e-3), True))
    found = sample(mark(from_lip=Measured(-3e-3), arms=arms, hidden=Hidden("uniform", 4e-3)))
    assert not found.under_lip[:, 0].any()
    assert found.under_lip[:, 1].all()
    assert found.length[:, 0].max() < 10.1e-3
    assert found.length[:-1, 1].mean() == pytest.approx(4e-3, rel=0.05)


def test_what_is_seen_of_an_end_outweighs_where_it_lies():
    """An arm that ends 0.5 mm before the band, within what its length may be wrong by."""
    for under, expected in ((True, 5e-3), (False, 4.5e-3)):
        arm = Arm(0.0, Measured(4.5e-3), True, under=under)
        found = sample(mark(arms=(arm,), detection=1e-6))
        assert found.length == pytest.approx(expected, abs=2e-6)
        assert (found.under_lip == under).all()
    for length, under in ((3e-3, True), (8e-3, False)):
        with pytest.raises(InputError, match="arm 1 is said"):
            sample(mark(arms=(Arm(0.0, Measured(length), True, under=under),)))


def test_depth_by_focus_counts_from_the_face_that_is_named():
    arm = Arm(math.pi, Measured(4e-3), False)
    focus = Focus(Measured(1e-3), "outer")
    assert sample(mark(arms=(arm,), crack_depth=focus)).depth == pytest.approx(1.458e-3)
    other = Focus(Measured(6e-3, 0.05e-3), "inner")
    found = sample(mark(arms=(arm,), crack_depth=other), count=64)
    assert found.depth[:-1].mean() == pytest.approx(THICKNESS - 6e-3 * 1.458, abs=2e-6)
    assert found.depth[-1] > found.depth[:-1].mean() + 0.1e-3  # the bound is deep, whichever face it was read from
    near = Focus(Measured(6.8e-3, 0.2e-3), "outer")  # 9.9 mm of 10: errors reach past the rear face
    found = sample(mark(arms=(Arm(math.pi, Measured(4e-3)),), crack_depth=near, through_share=0.0), count=64)
    assert found.depth.max() <= THICKNESS
    assert 0.5 < found.through[:-1].mean() < 1.0
    with pytest.raises(InputError, match="outside 0"):
        sample(mark(arms=(arm,), crack_depth=Focus(Measured(8e-3), "inner")))


def test_depth_from_the_pit_and_the_pit_from_the_spall():
    arm = Arm(math.pi, Measured(9e-3), False)
    pit = Focus(Measured(1e-3), "outer")
    found = sample(mark(arms=(arm,), pit_depth=pit), count=64)
    share = np.sort(found.depth[:-1] / 1.458e-3 - 1.5) / 1.5  # one sample in every 64th of the band: balanced
    assert np.array_equal(np.floor(64 * share), np.arange(64))
    particle = Particle(1e-3, 2700.0, 10e3)
    found = sample(mark(arms=(arm,), spall_diameter=Measured(15e-3)), count=64, particle=particle)
    implied, _ = SILICA_SPALL.particle_for(15e-3, particle)
    assert np.median(found.pit) == pytest.approx(SILICA_DEPTH(implied).value, rel=0.02)
    stated = Particle(0.4e-3, 2700.0, 10e3)
    found = sample(mark(arms=(arm,)), count=64, particle=stated)
    assert np.median(found.pit) == pytest.approx(SILICA_DEPTH(stated).value, rel=0.02)
    assert found.pit.max() < SILICA_DEPTH(stated).high
    with pytest.raises(InputError, match="nothing tells how deep"):
        sample(mark(arms=(arm,)))


def test_unknown_arms_go_through_as_often_as_stated():
    arm = Arm(math.pi, Measured(4e-3))
    made = mark(arms=(arm,), through_share=0.3, crack_depth=Focus(Measured(1e-3), "outer"))
    found = sample(made, count=64)
    assert found.through[:-1].mean() == pytest.approx(0.3, abs=1 / 64)
    assert found.through[-1].all()
    deep = mark(arms=(arm,), through_share=0.0, crack_depth=Focus(Measured(9.6e-3 / 1.458), "outer"))
    assert sample(deep).through.all()  # deeper than 95 % of the pane


def test_two_arms_that_reach_the_rim_are_a_piece_and_no_crack_table():
    """Arms at 45 degrees either side of the outward radius, all to the rim: a wedge of known area."""
    wide = tuple(Arm(a, Measured(8e-3), True) for a in (0.25 * math.pi, -0.25 * math.pi))
    (first, *_), *_ = [sets(mark(arms=wide, hidden=Hidden("to_rim")), count=4)]
    assert first.seeds == ()
    assert len(first.cut) == 1
    assert any(r.alarm and "cut off already" in r for r in first.remarks)
    # two triangles from the pit to the points on the circle, and the segment of the circle beyond their chord
    x = RADIUS - LIP - 5e-3
    s = (-x + math.sqrt(2 * RADIUS**2 - x**2)) / 2  # (x + s)^2 + s^2 = R^2
    half = math.asin(s / RADIUS)
    expected = s * s + RADIUS**2 * (half - math.sin(half) * math.cos(half))
    assert first.cut[0].area == pytest.approx(expected, rel=1e-4)
    assert first.cut[0].at_rim
    assert not any(each.cut for each in sets(mark(hidden=Hidden("to_rim"))))  # one arm at the rim cuts nothing


def test_through_arms_are_bent_lines_by_way_of_the_pit_until_each_is_in_one():
    arms = tuple(Arm(a, Measured(4e-3), True) for a in (0.5 * math.pi, -0.5 * math.pi, math.pi))
    each = sets(mark(arms=arms))[0]
    assert [seed.table["kind"] for seed in each.seeds] == ["through", "through"]
    first, second = (np.array(seed.table["line"]) for seed in each.seeds)
    assert abs(first[0, 1] - first[2, 1]) == pytest.approx(8e-3, rel=0.05)  # the two that lie opposite come first
    assert first[1] == pytest.approx([0.130, 0.0], abs=1e-6)
    assert second[:, 0].min() == pytest.approx(0.126, abs=2e-4)
    assert any(r.alarm and "branch" in r for r in each.remarks)
    alone = sets(mark(arms=(INWARD,)))[0].seeds[0].table
    assert len(alone["line"]) == 2
    at_rim = sets(mark(arms=(OUTWARD,), hidden=Hidden("to_rim")))[0].seeds[0].table
    assert max(x for x, _ in at_rim["line"]) > RADIUS  # drawn past the rim, to be cut there


def test_arms_from_the_face_are_craters_where_the_pit_was_measured():
    arm = Arm(math.radians(120), Measured(6e-3), False)
    pit = {"pit_depth": Focus(Measured(0.5e-3), "outer"), "pit_diameter": Measured(1e-3)}
    seed = sets(mark(azimuth=1.0, arms=(arm,), **pit))[0].seeds[0].table
    assert seed["kind"] == "crater"
    assert seed["pit"]["depth"] == pytest.approx(0.5e-3 * 1.458)
    assert seed["radial"]["c"] == pytest.approx(6e-3, abs=0.1e-3)
    assert math.degrees(seed["angle"]) == pytest.approx(120)
    plain = sets(mark(arms=(arm,), crack_depth=Focus(Measured(0.5e-3), "outer"), face="outer"))[0].seeds
    assert [s.table["kind"] for s in plain] == ["surface"]


def test_rear_crack_below_seven_pits_and_lateral_crack_under_a_flake():
    arm = Arm(math.pi, Measured(9e-3), False)
    thin, thick = (Focus(Measured(p / 1.458), "outer") for p in (1.5e-3, 1.4e-3))  # 6.7 and 7.1 pits
    kinds = [[s.table["place"]["face"] for s in sets(mark(arms=(arm,), pit_depth=p))[0].seeds] for p in (thin, thick)]
    assert kinds == [["outer", "inner"], ["outer"]]
    flake = {"pit_depth": thick, "spall_diameter": Measured(12e-3), "spall_attached": True}
    lateral = sets(mark(arms=(arm,), **flake))[0].seeds[-1].table
    assert lateral["kind"] == "spall"
    assert lateral["a"] == pytest.approx(6e-3)
    assert 0.3 * 1.4e-3 < lateral["depth"] < 0.5 * 1.4e-3


def test_residual_intensity_falls_from_its_value_at_arrest():
    assert residual_intensity(0.75e6, 2e-3, 8e-3) == pytest.approx(0.75e6 / 8)  # 4^-1.5
    assert residual_intensity(0.75e6, 2e-3, 8e-3, through=True) == pytest.approx(0.75e6 / 2)
    for bad in ((0.0, 1e-3), (3e-3, 2e-3), (1e-3, math.inf)):
        with pytest.raises(InputError):
            residual_intensity(0.75e6, *bad)
    made = mark(arms=(INWARD,), residual=Residual(0.0, 0.75e6, arrested=1e-3))
    seed = sets(made)[0].seeds[0].table
    length = sample(made).length[0, 0]
    assert seed["residual"]["K"] == pytest.approx([0.0, 0.75e6 * math.sqrt(1e-3 / length)])
    assert sets(mark(arms=(INWARD,), residual=Residual(1e5, 1e5)))[0].seeds[0].table["residual"]["K"] == [1e5]
    assert "residual" not in sets(mark(arms=(INWARD,)))[0].seeds[0].table


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arms": ()}, "no crack"),
        ({"detection": 0.0}, "detection limit"),
        ({"arms": (INWARD, Arm(-math.pi + 0.02, Measured(3e-3)))}, "5 deg apart"),
        ({"from_lip": Measured(10, pixels=True)}, "without a scale"),
        ({"face": "left"}, "face"),
        ({"through_share": 1.5}, "share"),
    ],
)
def test_a_mark_that_cannot_be_is_refused(changes, words):
    with pytest.raises(InputError, match=words):
        mark(**changes)
    with pytest.raises(InputError, match="outside the pane"):
        sample(mark(from_lip=Measured(-20e-3)))
    with pytest.raises(InputError):
        Hidden("exponential")


def test_every_table_of_the_example_is_one_of_the_case_form():
    found = read_impact(EXAMPLE)
    assert sum(map(len, found.tables)) > 16
    assert all(found.cracks(i) for i in range(len(found.tables)))
    whole = tomllib.loads(crack_file(found))
    assert [s["name"] for s in whole["sets"]] == [s.name for s in found.reading.sets]
    assert sum(float(s["weight"]) for s in whole["sets"]) == pytest.approx(1.0)
    tables = [table for each in whole["sets"] for table in each.get("cracks", ())]
    assert tables == [table for tables in found.tables for table in tables]
    assert len({CRACK.validate_python(table).name for table in tables}) == len(tables)
    assert {a.status for a in found.assumptions} >= {"R", "M", "A"}
    assert len({a.key for a in found.assumptions}) == len(found.assumptions)


def test_the_page_tells_the_example_as_it_comes_out(tmp_path):
    """docs/howto-impact.md: no set is cut but the bound; with every hidden part to the rim 11 of 16 are."""
    found = read_impact(EXAMPLE).reading
    assert [bool(each.cut) for each in found.sets] == [False] * 16 + [True]
    assert found.sets[-1].cut[0].area == pytest.approx(360e-6, abs=0.5e-6)
    to_rim = ('kind = "exponential"', 'kind = "to_rim"'), ('\nsize = "6 mm"', "")
    worse = read_impact(spoiled(tmp_path, *to_rim)).reading
    assert worse.share_cut == 11 / 16
    areas = [each.cut[0].area for each in worse.sets[:-1] if each.cut]
    assert 370e-6 < min(areas) < max(areas) < 530e-6
    assert all(each.cut or not worse.sampled.through[i].all() for i, each in enumerate(worse.sets))


def test_words_of_the_file_stay_in_their_comments():
    text = EXAMPLE.read_text().replace('"nothing is known under the lip"', '"""two\nschema = 2"""')
    data = tomllib.loads(text)
    found = answer(ImpactFile.model_validate(data))
    assert tomllib.loads(crack_file(found))["schema"] == 1


def test_cases_take_the_cracks_of_a_set_in_place_of_their_own(tmp_path):
    found = read_impact(EXAMPLE)
    base = ROOT / "examples/shenzhou20/case.toml"
    written = write_cases(found, base, tmp_path)
    assert len(written) == sum(bool(t) for t in found.tables)
    case, before = load_case(written[0]), load_case(base)
    assert tuple(case.cracks) == found.cracks(0)
    assert case.model_copy(update={"cracks": before.cracks}) == before
    files = parse_case(tomllib.loads(base.read_text()) | {"name": "x"})
    assert files.cracks
    other = ROOT / "examples/shuttle_thermal_pane/case.toml"  # names a table beside it
    with pytest.raises(InputError):
        write_cases(found, other, tmp_path)


def spoiled(tmp_path, *changes):
    text = EXAMPLE.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = tmp_path / "impact.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('detection = "0.2 mm"', 'detektion = "0.2 mm"'), "did you mean detection"),
        (('value = "370 px", error = "8 px"', 'value = "370 px", error = "8 mm"'), "both in pixels"),
        (('length = { value = "370 px", error = "8 px" }', 'length = "370 px"'), "has an error"),
        (('scale_pixels = "250"', ""), "go together"),
        (('speed = "10 km/s"', 'speed = "1 km/s"'), "speed 1 km/s is outside"),
        (('from_lip = { value = "5 mm"', 'from_lip = { value = "200 px"'), "both in pixels"),
        (('through = { value = "0.7"', '# { value = "0.7"'), "how likely"),
        (('radius = "150 mm"', 'radius = "150"'), "150"),
    ],
)
def test_what_is_at_fault_is_told_with_exit_status_2(tmp_path, capfd, change, words):
    status, stdout, _ = call(capfd, "impact", spoiled(tmp_path, change), "--json")
    told = one_object(stdout)["error"]
    assert status == 2
    assert words in told["message"]
    assert "impact.toml" in told["message"]


def test_pixels_are_never_taken_for_css_pixels(tmp_path):
    """To a units library px is 1/96 inch: a length where pixels have no place must not become one in silence."""
    found = load_impact(EXAMPLE).mark.arms[0].length.parts
    assert found == (370.0, 8.0, True)
    with pytest.raises(CaseError):
        load_impact(spoiled(tmp_path, ('detection = "0.2 mm"', 'detection = "10 px"')))


def test_the_verb_writes_and_tells(tmp_path, capfd):
    status, stdout, _ = call(capfd, "impact", EXAMPLE, "--out", tmp_path / "cracks.toml", "--json")
    told = one_object(stdout)
    assert status == 0
    assert (tmp_path / "cracks.toml").is_file()
    assert len(told["sets"]) == 17
    assert told["damage"]["rear_face"]
    low, high = told["supposed_particle_diameter_m"]
    assert low < told["damage"]["particle"]["diameter_m"] < high < 1e-3  # the public bound on the particle
    status, stdout, _ = call(capfd, "impact", EXAMPLE)
    assert status == 0
    assert "A mark.hidden" in stdout
    assert "M mark.index" in stdout
    status, _, _ = call(capfd, "impact", EXAMPLE, "--cases", tmp_path)
    assert status == 2
    status, stdout, _ = call(capfd, "schema", "impact")
    assert status in (0, None)
    assert {"pane", "particle", "mark"} <= set(one_object(stdout)["properties"])


def test_a_particle_alone_needs_no_mark(tmp_path, capfd):
    path = tmp_path / "particle.toml"
    pane = EXAMPLE.read_text().split("[particle]")[0]
    particle = ("[particle]", 'diameter = "0.8 mm"', 'density = "2700 kg/m**3"', 'speed = "10 km/s"', 'angle = "0 deg"')
    path.write_text(pane + "\n".join(particle))
    status, stdout, _ = call(capfd, "impact", path, "--json")
    told = one_object(stdout)["damage"]
    assert status == 0
    assert told["pit_depth_m"]["value"] == pytest.approx(0.0053 * 2.7**0.5 * 0.08**1.06 * 10 ** (2 / 3))
    assert told["rear_face"] == "attached rear spall or cracks"
    status, stdout, _ = call(capfd, "impact", path, "--out", tmp_path / "x.toml", "--json")
    assert (status, "no [mark]" in one_object(stdout)["error"]["message"]) == (2, True)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('value = "370 px"', f'value = "{"9" * 400} px"', ["arms.0.length", "1e+06 px"]),
        ('value = "370 px"', 'value = "370000000 px"', ["arms.0.length", "1e+06 px"]),
        ('value = "370 px"', 'value = "370000 px"', ["arms.0.length", "7.4 m", "at most 2 m"]),
        ('error = "8 px"', 'error = "370000 px"', ["arms.0.length", "7.4 m"]),
        ('value = "600 px"', 'value = "600000 px"', ["spall_diameter", "12 m"]),
        ('error = "1 mm"', 'error = "1 km"', ["from_lip", "at most 2 m"]),
        ('"0.2 MPa*m**0.5"', '"50 MPa*m**0.5"', ["residual.K", "at most 4e+06"]),
    ],
)
def test_a_mark_that_is_on_no_window_is_refused(tmp_path, old, new, words):
    """At 20 um a pixel 370000 px are 7.4 m; a crack that stays as it is has a K below K_Ic (silica: 0.75 MPa m^0.5)."""
    text = EXAMPLE.read_text()
    assert old in text
    (tmp_path / "impact.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(CaseError) as error:
        load_impact(tmp_path / "impact.toml")
    for word in words:
        assert word in str(error.value)
