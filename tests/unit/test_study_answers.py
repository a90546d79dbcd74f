"""Shares with confidence, contributors, allowable damage: against closed forms and by coverage."""

import math

import numpy as np
import pytest

from deadlight.case.crack import Surface, Through
from deadlight.errors import InputError
from deadlight.study import map_run
from deadlight.study.contributors import contributors
from deadlight.study.damage_map import Place, moved, sized, tolerable
from deadlight.study.form import Map
from deadlight.study.fragility import bins_of, fragility
from deadlight.study.map_checks import CHECKS, rates
from deadlight.study.map_run import audited, map_table
from deadlight.study.proportion import all_alike, clopper_pearson, design_effect, proportion, wilson

THROUGH = Through.model_validate(
    {"name": "C1", "pane": "p", "kind": "through", "two_c": "12 mm", "place": {"azimuth": "30 deg", "radius": "20 mm"}}
)
WANTED = Map.model_validate({"crack": "C1", "low": "1 mm", "high": "60 mm", "angles": ["0 deg"], "tolerance": "0.01"})
PLACE = Place(0, 0.01, 0.02, 0.03)


@pytest.mark.reference("Brown, Cai & DasGupta 2001, Statistical Science 16:101")
def test_intervals_are_the_published_ones():
    # Brown, Cai & DasGupta 2001, Statistical Science 16:101, formulas (4) and sec. 4.2.1, evaluated for 0, 2 of 10
    assert clopper_pearson(0, 10, 0.95) == (0.0, pytest.approx(1.0 - 0.025**0.1, rel=1e-12))
    assert clopper_pearson(10, 10, 0.95)[1] == 1.0
    low, high = clopper_pearson(2, 10, 0.95)
    assert (low, high) == (pytest.approx(0.02521, abs=1e-5), pytest.approx(0.55610, abs=1e-5))
    low, high = wilson(2, 10, 0.95)
    assert (low, high) == (pytest.approx(0.05668, abs=1e-5), pytest.approx(0.50984, abs=1e-5))


def test_the_exact_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(1)
    for p in (0.02, 0.3):
        hits = rng.binomial(60, p, 4000)
        bounds = {h: clopper_pearson(h, 60, 0.9) for h in set(hits)}
        covered = np.mean([bounds[h][0] <= p <= bounds[h][1] for h in hits])
        assert covered >= 0.9 - 3 * math.sqrt(0.09 / 4000)


def test_cases_that_share_a_window_count_for_fewer():
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(10), 50).astype(float)
    alone = rng.random(500) < 0.4
    assert design_effect(alone, group) < 2.5
    together = np.repeat(rng.random(10) < 0.4, 50)
    assert design_effect(together, group) == pytest.approx(50.0)  # as many as there are in a window, and no more
    one, other = proportion(alone, group, 0.95), proportion(together, group, 0.95)
    assert other.effective == pytest.approx(10.0)
    assert other.high - other.low > 3.0 * (one.high - one.low)


def test_a_share_without_a_hit_says_what_windows_may_cost():
    """0 of 1000 cases in 10 windows: at most 0.37 % of independent cases, 31 % if the window decides."""
    assert all_alike(0, 1000, 10, 0.95) == (0.0, pytest.approx(1.0 - 0.025 ** (1.0 / 10.0)))
    assert all_alike(1000, 1000, 10, 0.95) == (pytest.approx(0.025 ** (1.0 / 10.0)), 1.0)
    assert all_alike(0, 1000, 1, 0.95) is None and all_alike(3, 1000, 10, 0.95) is None


def test_a_fragility_curve_follows_the_truth():
    rng = np.random.default_rng(3)
    size = rng.uniform(0.0, 10.0, 2000)
    truth = 1.0 / (1.0 + np.exp(-2.0 * (size - 5.0)))
    curve = fragility("size", "mm", size, rng.random(2000) < truth, np.zeros(2000), 0.99)
    assert len(curve.shares) == 10
    assert all(s.count == 200 for s in curve.shares)
    which = bins_of(size)
    inside = [s.low <= truth[which == b].mean() <= s.high for b, s in enumerate(curve.shares)]
    assert sum(inside) >= 9
    assert curve.shares[0].share < 0.05 and curve.shares[-1].share > 0.95
    assert list(bins_of(np.array([2.0, 1.0, 2.0, 3.0]))) == [1, 0, 1, 2]


def test_contributors_are_the_indices_of_sobol():
    """log K = a + 2 b + sin of an angle: shares by closed form; what does nothing has none."""
    rng = np.random.default_rng(4)
    n = 4000
    a, b, angle, idle = rng.normal(size=n), rng.normal(size=n), rng.uniform(0, 2 * np.pi, n), rng.random(n)
    ratio = np.exp(0.1 * (a + 2.0 * b + 2.0 * np.sin(angle)))
    total = 1.0 + 4.0 + 2.0
    named = {"a": a, "b": b, "angle": angle, "idle": idle}
    found = contributors(named, ratio, ratio > 1.0, confidence=0.95, seed=1)
    assert [c.name for c in found] == ["b", "angle", "a", "idle"]
    share = {c.name: c.share for c in found}
    # ten bins of a normal variable explain 0.96 of it, of a sine 0.97
    assert share["b"] == pytest.approx(4.0 / total, abs=0.05)
    assert share["angle"] == pytest.approx(2.0 / total, abs=0.04)
    assert share["a"] == pytest.approx(1.0 / total, abs=0.03)
    assert share["idle"] < 0.01
    assert found[0].wrong_then < 0.7 * found[0].wrong_now
    assert found[-1].saves < 0.05
    if found[0].rbd_fast is not None:
        assert found[0].rbd_fast == pytest.approx(4.0 / total, abs=0.06)


def test_the_largest_tolerable_size_is_the_first_root():
    asked = []

    def judged(crack):
        asked.append(crack.two_c)
        ratio = math.sqrt(crack.two_c / 0.02)
        return 0.8 * ratio, ratio

    found = tolerable(judged, THROUGH, PLACE, 0.5, WANTED)
    assert found.state == "limited"
    assert 0.98 * 0.02 <= found.size < 0.02
    assert found.highest < 1.0 and found.ratio == pytest.approx(0.8 * found.highest)
    assert found.answers == len(asked) <= 13


def test_k_that_falls_again_does_not_hide_the_first_root():
    found = tolerable(lambda c: (0.5, 1.5 if 0.005 < c.two_c < 0.02 else 0.5), THROUGH, PLACE, 0.0, WANTED)
    assert found.size == pytest.approx(0.005, rel=0.02)


@pytest.mark.parametrize(
    ("level", "state", "size"), [(2.0, "none", 1e-3), (0.5, "all", 60e-3), (float("nan"), "none", 1e-3)]
)
def test_what_has_no_root_says_so(level, state, size):
    found = tolerable(lambda c: (level, level), THROUGH, PLACE, 0.0, WANTED)
    assert (found.state, found.size) == (state, pytest.approx(size))


def test_what_does_not_fit_ends_the_search():
    def judged(crack):
        if crack.two_c > 0.01:
            raise InputError("outside the rim")
        return 0.3, 0.4

    found = tolerable(judged, THROUGH, PLACE, 0.0, WANTED)
    assert found.state == "fits" and 0.006 < found.size <= 0.01
    assert found.why.endswith(" mm: outside the rim")


def test_a_crack_is_moved_and_sized_in_proportion():
    stated = {"name": "S", "pane": "p", "kind": "surface", "a": "1 mm", "c": "2 mm", "place": {"radius": "20 mm"}}
    made = sized(moved(Surface.model_validate(stated), PLACE, 0.3), 6e-3)
    assert (made.a, made.c) == (pytest.approx(3e-3), 6e-3)
    assert (made.place.x, made.place.y, made.place.radius) == (0.01, 0.02, None)
    assert (made.orientation, made.angle) == ("angle", 0.3)


def test_the_audit_takes_some_of_the_smallest_and_the_rest_at_random():
    rows = [{"state": "limited" if i % 2 else "all", "size_m": 1e-3 * (40 - i), "place": i} for i in range(40)]
    wanted = WANTED.model_copy(update={"audit": 8})
    chosen = audited(rows, wanted, 5)
    drawn = [i for i, random in chosen.items() if random]
    small = [i for i, random in chosen.items() if not random]
    left = [i for i in (39, 37, 35, 33, 31, 29, 27, 25) if i not in drawn]
    assert small == left[:2] and len(set(drawn)) == 6 and all(rows[i]["state"] == "limited" for i in chosen)
    assert chosen == audited(rows, wanted, 5)
    assert map_table(rows).num_rows == 40


def test_rates_of_checks_count_what_is_not_confirmed_among_the_places_drawn():
    """Clopper & Pearson: 1 of 4 at 95 %: 0.63 % to 80.6 %; what was not solved is not confirmed."""
    row = {f"check_{name}": 0.9 for name in CHECKS} | {"drawn": True}
    rows = [row, row, {**row, "check_operator": 1.01}, {**row, "check_finer_mesh": None}]
    found = rates([*rows, {**row, "drawn": False, "check_operator": 2.0}], 0.95)
    assert [found[n]["wrong"] for n in ("operator", "finer_mesh", "no_contact")] == [1, 1, 0]
    assert all(each["count"] == 4 for each in found.values())
    assert (found["operator"]["low"], found["operator"]["high"]) == pytest.approx((0.00631, 0.80588), abs=2e-5)
    assert found["power"]["high"] == pytest.approx(1.0 - 0.025**0.25)


def test_a_map_tells_apart_what_is_shown_and_what_carries_an_alarm():
    """Sentences and rates of either part; a part of which nothing was drawn has none."""
    row = {f"check_{name}": 0.9 for name in CHECKS} | {"drawn": True, "gap": 0.01, "alarm": ""}
    off = row | {"gap": -0.4, "alarm": "askew", "check_operator": 1.2}
    said = told(audit := [row, row, off, {**off, "drawn": False}])
    assert "2 of 2 without an alarm, 0 of 2 with an alarm; 2 flagged" in said[1]
    assert "found without an alarm" in said[2] and "the crack operator 0 of 2 (at most 84 %)" in said[2]
    assert "found with an alarm" in said[3] and "the crack operator 1 of 1 (at most 100 %)" in said[3]
    assert len(told(audit[:2])) == 3 and "with an alarm" not in told(audit[:2])[1]


def told(audit):
    parts = {name: [r for r in audit if bool(r["alarm"]) == alarm] for name, alarm in map_run.SHOWN.items()}
    found = {
        "case": "c", "crack": "C1", "places": 4, "angles": [0.0], "states": {"limited": 4}, "critical": None,
        "smallest": None, "alarmed": 0, "audited": len(audit), "flagged": 2, "size": "length",
        "within_5_percent": {name: map_run._within(part) for name, part in parts.items()},
        "checks": {name: rates(part, 0.95) for name, part in parts.items()},
    }  # fmt: skip
    return map_run._lines(found)
