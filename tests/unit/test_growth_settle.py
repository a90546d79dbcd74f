"""A swept region made sound: rounds until nothing changes, and what is told of what gave way."""

from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from deadlight.growth import settle as module
from deadlight.growth.ligament import Broken
from deadlight.growth.region_step import Plan
from deadlight.growth.settle import ROUNDS, check_area, has_front, settle
from deadlight.growth.skin_section import Run
from deadlight.growth.stopped import GrowthStopped
from deadlight.growth.transition import Shaping, Transition
from deadlight.surface.chart import Plane

BLOCK = shapely.box(0.0, 0.0, 4.0, 2.0)
BODY = SimpleNamespace(faces=[SimpleNamespace(name=n) for n in ("outer", "inner", "rim")])


def mouth(face, at):
    """A mouth of five pieces about a place."""
    points = np.column_stack([at + np.array([-0.5, -0.3, -0.1, 0.1, 0.3, 0.5]), np.zeros(6)])
    return Run(points, False, np.full(5, face))


def front():
    return Run(np.array([[0.0, 0.0], [1.0, 1.0]]), True, np.full(1, -1))


def plan(old=(), new=()):
    """A crack whose old and new region have mouths on given faces, at u = 10 times their number."""
    def runs(region):
        return [[front(), *(mouth(f, 10.0 * f) for f in (old if region is made.old else new))]]

    section = SimpleNamespace(runs=runs, inside=BLOCK, size=2.0)
    made = Plan(3, SimpleNamespace(name="C"), Plane(np.zeros(3), *np.eye(3)[:2]), shapely.box(0, 0, 1, 1), BLOCK, (),
                BLOCK, section)  # fmt: skip
    return made


@pytest.fixture
def rounds(monkeypatch):
    """Settles a plan with what the rounds bring: lists of what opens, closes, and is filled in each."""

    def run(made, opens=(), closes=(), islands=(), body=None, area=0.0):
        count = {"opened": 0, "closed": 0, "islands": 0}
        asked = []

        def broken(given, n):
            return list(given[n]) if n < len(given) else []

        def opened(section, region, old, thin):
            count["opened"] += 1
            asked.append(("opened", thin))
            return region, broken(opens, count["opened"] - 1)

        def closed_up(section, region, radius, near=None, reach=0.0):
            asked.append(("near" if near is not None else "closed", radius, reach))
            if near is not None:
                return region, [Broken(np.zeros(2), -1, 99.0)]
            count["closed"] += 1
            got = broken(closes, count["closed"] - 1)
            return (region.difference(shapely.Point(1.0, 0.5).buffer(0.1)) if got else region), got

        def without_islands(section, region, old, thin):
            count["islands"] += 1
            asked.append(("islands", thin))
            return region, broken(islands, count["islands"] - 1)

        for f in (opened, closed_up, without_islands):
            monkeypatch.setattr(module, f.__name__, f)
        settle(made, body, Shaping(ligament=0.1, close=0.05))
        return count["opened"], asked

    return run


def gave(face=-1, area=1.0, at=(0.5, 0.5), wedge=False):
    return Broken(np.array(at), face, area, wedge)


@pytest.mark.parametrize("what", ["opens", "closes", "islands"])
def test_whatever_gave_way_is_looked_at_again_and_not_for_ever(rounds, what):
    assert rounds(plan())[0] == 1
    for count in (1, 2):
        assert rounds(plan(), **{what: [[gave(face=0)]] * count}, body=BODY)[0] == count + 1
    assert rounds(plan(), **{what: [[gave(face=0)]] * 9}, body=BODY)[0] == ROUNDS


def test_thin_is_a_share_of_the_smaller_extent_and_corners_beside_a_mouth_are_rounded(rounds):
    """Smaller extent 2: ligament 0.2, its opening 0.3 and rounded by 1.5 of that, gaps 0.1, islands half as thin."""
    _, asked = rounds(plan(), opens=[[gave(face=0)]], body=BODY)
    assert asked[0] == ("opened", pytest.approx(0.2))
    assert asked[1] == ("near", pytest.approx(0.45), pytest.approx(1.35))
    assert asked[2] == ("closed", pytest.approx(0.1), 0.0) and asked[3] == ("islands", pytest.approx(0.1))
    assert [a[0] for a in asked[4:]] == ["opened", "closed", "islands"]


@pytest.mark.parametrize(
    ("old", "face", "wedge", "kind"),
    [
        ((), 0, False, "breaks_through"),
        ((0,), 1, False, "breaks_through"),
        ((0,), 0, False, "breaks_through"),
        ((0, 1), 2, False, "reaches_edge"),
        ((0, 1), 1, False, "breaks_through"),
        ((0,), 0, True, None),
        ((0,), 1, True, "breaks_through"),
        ((0, 1), 2, True, "reaches_edge"),
    ],
)
def test_what_a_ligament_was_between_makes_the_kind_that_is_told(rounds, old, face, wedge, kind):
    """The thin end of a wedge beside its own mouth is no event."""
    made = plan(old, old)
    rounds(made, opens=[[gave(face, 0.25, (0.5, 0.25), wedge)]], body=BODY)
    if kind is None:
        assert made.events == []
        return
    (event,) = made.events
    assert (event.kind, event.crack, event.face, event.added_area) == (kind, 3, BODY.faces[face].name, 0.25)
    np.testing.assert_array_equal(event.place, [0.5, 0.25, 0.0])


def test_a_ligament_with_no_face_behind_it_has_no_name(rounds):
    made = plan()
    rounds(made, opens=[[gave(face=-1)]], body=BODY)
    assert [e.face for e in made.events] == [""]


def test_parts_that_met_are_one_event_with_all_their_area_at_the_largest(rounds):
    made = plan()
    rounds(made, closes=[[gave(area=0.1), gave(area=0.3, at=(1.5, 0.5)), gave(area=0.2)]])
    (event,) = made.events
    assert event.kind == "fronts_meet" and event.added_area == pytest.approx(0.6) and event.face == ""
    np.testing.assert_array_equal(event.place, [1.5, 0.5, 0.0])


def test_a_gap_that_closes_without_changing_the_parts_is_no_event_but_an_island_off_the_skin_is(rounds, monkeypatch):
    made = plan()
    monkeypatch.setattr(module, "kept", lambda region: BLOCK)
    rounds(made, closes=[[gave(area=0.1)]])
    assert made.events == []
    rounds(made, islands=[[gave(face=0, area=0.1), gave(area=0.4)]])
    assert [(e.kind, e.added_area) for e in made.events] == [("fronts_meet", 0.4)]


def test_a_mouth_that_went_on_over_an_edge_is_told_once_with_its_face_and_middle(rounds):
    made = plan((0,), (0, 2))
    rounds(made, body=BODY)
    (event,) = made.events
    assert (event.kind, event.face, event.added_area) == ("reaches_edge", "rim", 0.0)
    np.testing.assert_allclose(event.place, [20.0, 0.0, 0.0], atol=1e-12)
    made = plan((), (1,))
    rounds(made, body=BODY)
    assert [(e.kind, e.face) for e in made.events] == [("breaks_through", "inner")]
    made = plan((0,), (0, 1))
    rounds(made, opens=[[gave(face=1)]], body=BODY)
    assert [(e.kind, e.face) for e in made.events] == [("breaks_through", "inner")], "told already"
    made = plan((0,), (0, 2))
    made.events = [Transition("joins", 0, np.zeros(3), "rim")]
    rounds(made, body=BODY)
    assert [(e.kind, e.face) for e in made.events[1:]] == [("reaches_edge", "rim")], "a crack may have a face's name"


def test_nothing_left_in_the_body_and_lost_area_stop_the_growth(rounds):
    made = plan()
    made.new = shapely.Polygon()
    with pytest.raises(GrowthStopped, match="nothing of C is left"):
        rounds(made)
    made = plan()
    for wide, lost in ((4.0, False), (4.0 - 1e-10, False), (4.0 - 1e-7, True), (1.0, True), (5.0, False)):
        made.new = shapely.box(0.0, 0.0, wide, 2.0)
        if lost:
            with pytest.raises(GrowthStopped) as stop:
                check_area(made)
            assert stop.value.reason == "lost_area"
        else:
            check_area(made)


def test_a_crack_of_mouths_alone_has_no_front():
    made = plan((0,), (0,))
    assert has_front(made)
    made.section.runs = lambda region: [[mouth(0, 0.0)], [mouth(1, 0.0)]]
    assert not has_front(made)
    made.section.inside = None
    assert has_front(made), "in a solid without end there is always one"
