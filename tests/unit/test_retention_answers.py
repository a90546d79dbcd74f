"""What retention says of pieces, by hand: states, factors, motions, diagrams and remarks of square plates."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from deadlight.errors import InputError
from deadlight.outcome.piece import Piece
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.retention import HELD, LEAVES, LOOSE, Retention, retained, retained_together, standing_together
from deadlight.outcome.skin import plate
from deadlight.outcome.supports import Gasket, Support
from support_cuts import wall
from support_square import BAND, RHO, SKIN, SQUARE, THICK, halves, left_over, load, pushed, stop, whole

SIZE = math.sqrt(2 * 0.1**2 + THICK**2)  # of the whole plate
WEIGHT = 9.8 * 0.22
GOLDEN = (1 + math.sqrt(5)) / 2
HIGHEST = GOLDEN / math.sqrt(1 + GOLDEN**2) / math.sqrt((5 + 2 * math.sqrt(5)) / 15)  # corner over inscribed ball


@pytest.fixture(scope="module")
def plain() -> Piece:
    return whole()


@pytest.fixture(scope="module")
def thirds() -> list[Piece]:
    """Left, middle and right of upright cuts at x = -15 and 15 mm."""
    cuts = [wall(np.array([[x, -0.2], [x, 0.2]]), -0.002, 0.012, np.zeros(2)) for x in (-0.015, 0.015)]
    return sorted(pieces_of(SKIN, cuts, RHO, check=False).pieces, key=lambda p: p.centroid[0])


def box() -> list[Support]:
    return [stop("seat"), stop("lip"), stop("wall")]


def words(found: Retention) -> str:
    return " / ".join(str(r) for r in found.remarks)


def by_kind(found: Retention, kind: str) -> dict[str, np.ndarray]:
    return {a.name: a.force for a in found.acting if a.kind == kind}


def test_nothing_around_it_goes_the_way_of_its_load(plain: Piece) -> None:
    """The way is force and moment over the size, of length one; all of the load is unbalanced."""
    pull = load([3, 0, 4], [0, 0.5, 0.7])
    found = retained(plain, [], [pull])
    due = np.array([3, 0, 4, 0, 0.5 / SIZE, 0.7 / SIZE])
    assert found.state == LEAVES and found.way == pytest.approx(due / np.linalg.norm(due), rel=1e-6, abs=1e-9)
    (rest,) = (a for a in found.acting if a.kind == "unbalanced")
    assert rest.force == pytest.approx(pull.force) and rest.moment == pytest.approx(pull.moment)
    assert not found.moved.any() and found.factor == {"load": (0.0, 0.0), "all": (0.0, 0.0)}


def test_a_load_below_the_rounding_of_larger_ones_is_none(plain: Piece) -> None:
    """1e-9 of the weight counts as nothing; a little more presses the plate on its seat, and so does half a newton."""
    least = 1e-9 * 9.8 * plain.mass
    for force, state in ((least, LOOSE), (1.01 * least, HELD), (0.5, HELD)):
        found = retained(plain, [stop("seat")], [load([0, 0, -force])])
        assert found.state == state and not found.clamped
        assert ("no load, and nothing clamps it" in words(found)) == (state == LOOSE)
    sideways = retained(plain, [stop("seat")], [load([0.5 * least, 0, -1.0])])
    assert sideways.state == HELD


def test_a_stop_too_weak_for_the_trial_may_still_hold_what_shakes(plain: Piece) -> None:
    """Shaken by 1e-4 m/s2 between stops that take 5e-4 of the weight: held, though not clamped; at rest it is loose."""
    stops = [stop("seat", limit=5e-4 * WEIGHT), stop("lip", limit=5e-4 * WEIGHT), stop("wall")]
    shaken, still = retained(plain, stops, [], vibration=1e-4), retained(plain, stops, [])
    assert (shaken.state, shaken.clamped) == (HELD, False)
    assert (still.state, still.clamped) == (LOOSE, False)


@pytest.mark.parametrize("weak", ["seat", "lip"])
def test_clamped_is_what_takes_a_thousandth_of_its_weight_from_any_side(plain: Piece, weak: str) -> None:
    """Moments are taken by the wall as well; the trial force against the weak stop by that alone."""
    others = [s for s in box() if s.name != weak]
    for share, clamped in ((1.1, True), (0.9, False)):
        found = retained(plain, [*others, stop(weak, limit=share * 1e-3 * WEIGHT)], [])
        assert found.clamped == clamped and found.state == (HELD if clamped else LOOSE)


def test_each_of_two_pieces_is_clamped_or_not_by_what_is_around_it() -> None:
    """Half a plate, its neighbour gone, can go that way only, whichever it is; with it, both stand."""
    left, right = halves()
    for one in (left, right):
        assert not retained(one, box(), []).clamped
    assert [r.clamped for r in retained_together([left, right], box(), [[], []])] == [True, True]
    only = plate(SQUARE, THICK, outer={"lip": shapely.box(-0.05, -0.05, -0.01, 0.05)}, inner={"seat": BAND})
    cut = wall(np.array([[0.0, -0.2], [0.0, 0.2]]), -0.002, 0.012, np.zeros(2))
    first, second = sorted(pieces_of(only, [cut], RHO, check=False).pieces, key=lambda p: p.centroid[0])
    for pieces, clamped in (([first, second], [True, False]), ([second, first], [False, True])):
        assert [r.clamped for r in retained_together(pieces, box(), [[], []])] == clamped


def test_a_plate_that_one_spot_keeps_from_sliding_but_not_from_turning_is_not_clamped() -> None:
    """A cord on 2 x 2 mm drags with twice the trial: any force in the plane, but a moment of less than 2 mm of it."""
    spot = shapely.box(-1e-3, -1e-3, 1e-3, 1e-3)
    skin = plate(SQUARE, THICK, outer={"lip": BAND}, inner={"seat": BAND, "pad": spot})
    body = pieces_of(skin, [], RHO, check=False).pieces[0]
    grip = 2e-3 * WEIGHT / (0.3 * spot.area * math.cos(math.pi / 12))
    pad = Support(
        "pad", ("pad",), 0.2, gasket=Gasket(1e-3, np.array([200.0, 500.0]), np.full(2, grip), 0.3, "test", "A")
    )
    spotted = [stop("seat"), stop("lip"), pad]
    assert not retained(body, spotted, []).clamped
    assert retained(body, spotted, [load([1.5e-3 * WEIGHT, 0, 0])]).state == HELD
    assert retained(body, spotted, [load([0, 0, 0], [0, 0, 1e-3 * WEIGHT * SIZE])]).state == LEAVES
    assert retained(body, [*spotted, stop("wall")], []).clamped


def test_idle_is_each_piece_by_itself(thirds: list[Piece]) -> None:
    """Three on one seat: only one is pressed on it (or shoved against the wall), and the two others are loose."""
    for k in range(3):
        loads = [[load([0, 0, -1])] if i == k else [] for i in range(3)]
        found = retained_together(thirds, [stop("seat")], loads)
        assert [r.state for r in found] == [HELD if i == k else LOOSE for i in range(3)]
        assert found[k].factor["load"] == (math.inf, math.inf)
        assert pushed(found[k], "seat") == pytest.approx([0, 0, 1], abs=1e-9)
    found = retained_together(thirds, [stop("wall")], [[], [], [load([1, 0, 0])]])
    assert [r.state for r in found] == [LOOSE, LOOSE, HELD]
    found = retained_together(thirds[:2], [stop("wall")], [[load([-1, 0, 0])], []])
    assert [r.state for r in found] == [HELD, LOOSE]


def test_loads_of_three_pieces_keep_to_their_own(thirds: list[Piece]) -> None:
    """5 N on each of three that touch, -2, -4 and -8 N beside: factors 2.5, ..., and each seat its own push."""
    down = [2.0, 4.0, 8.0]
    loads = [[load([0, 0, -d], name="down", disturbing=False), load([0, 0, 0.5], name="up")] for d in down]
    found = retained_together(thirds, [stop("seat")], loads)
    for r, d in zip(found, down):
        assert r.state == HELD and r.factor["up"] == pytest.approx((2 * d, 2 * d), rel=1e-6)
        assert r.factor["all"] == pytest.approx((4.0, 4.0), rel=1e-6)
        assert pushed(r, "seat") == pytest.approx([0, 0, d - 0.5], abs=1e-7)
        force, moment = left_over(r)
        assert np.abs(force).max() < 1e-7 and np.abs(moment).max() < 1e-8


def test_what_an_idle_piece_is_pushed_by_is_not_its_idleness() -> None:
    """Nothing behind the right half: the left one pushes it away, and it leaves without a load of its own."""
    found = retained_together(halves(), [], [[load([10, 0, 0])], []])
    assert [r.state for r in found] == [LEAVES, LEAVES]


def test_the_short_answer_tells_factors_below_one_and_none() -> None:
    """10 N that stay, 20 N up: half of it; against a load that nothing takes: 0."""
    kept = load([0, 0, -10], name="down", disturbing=False)
    assert standing_together([whole()], [stop("seat")], [[kept, load([0, 0, 20])]]).factor == pytest.approx(0.5)
    lost = standing_together([whole()], [stop("seat")], [[load([0, 0, 10], disturbing=False)]])
    assert lost.factor == 0.0 and lost.state == (LEAVES,)


def test_beside_what_leaves_its_push_stays() -> None:
    """The left half goes up and pushes the right one with 3 N; its wall takes 10 N, so 7 times its own newton."""
    found = retained_together(
        halves(), [stop("seat"), stop("wall", limit=10.0)], [[load([3, 0, 5])], [load([1, 0, 0])]]
    )
    gone, held = found
    assert (gone.state, held.state) == (LEAVES, HELD)
    assert held.factor["load"] == pytest.approx((7.0, 7.0), rel=1e-6)
    assert held.factor["all"] == pytest.approx((7.0, 7.0), rel=1e-6)
    assert gone.factor["load"] == (0.0, 0.0)
    assert pushed(held, "neighbour") == pytest.approx([3, 0, 0], abs=1e-6)
    assert pushed(held, "wall") == pytest.approx([-4, 0, 0], abs=1e-6)
    assert by_kind(gone, "unbalanced")["unbalanced"] == pytest.approx([0, 0, 5], abs=1e-6)


@pytest.mark.parametrize("clear", [3e-4, 1e-6])
def test_at_the_most_only_what_that_load_closes_touches(plain: Piece, clear: float) -> None:
    """1 N up to a lip 0.3 mm or 1 um away, 1 N aside to a wall 0.1 mm away: neither alone holds the other."""
    stops = [stop("seat"), stop("lip", gap=clear), stop("wall", gap=1e-4)]
    found = retained(plain, stops, [load([0, 0, 1], name="up"), load([1, 0, 0], name="side")])
    assert found.state == LOOSE and found.moved[[0, 2]] == pytest.approx([1e-4, clear], rel=1e-6)
    assert found.factor["up"] == (-math.inf, -math.inf) and found.factor["side"] == (-math.inf, -math.inf)
    assert found.factor["all"] == (0.0, math.inf)


def test_at_the_most_counts_friction_of_a_stop_behind_its_clearance(plain: Piece) -> None:
    """1 N aside that stays; lifted to a lip of 30 N with friction 0.5 it is held up to 30 N, in place not."""
    stops = [stop("seat"), stop("lip", gap=3e-4, limit=30.0, friction=0.5)]
    found = retained(plain, stops, [load([1, 0, 0], name="side", disturbing=False), load([0, 0, 4], name="up")])
    assert found.factor["up"] == pytest.approx((-math.inf, 7.5))


def test_at_rest_stops_push_without_their_friction(plain: Piece) -> None:
    """10 N on a seat of friction 0.2 and 1 N aside: the wall that it has met takes all of it."""
    found = retained(plain, [stop("seat", friction=0.2), stop("wall", gap=5e-4)], [load([1, 0, -10])])
    assert found.state == LOOSE and found.moved == pytest.approx([5e-4, 0, 0, 0, 0, 0], abs=1e-9)
    assert pushed(found, "wall") == pytest.approx([-1, 0, 0], abs=1e-7)
    assert pushed(found, "seat") == pytest.approx([0, 0, 10], abs=1e-6)
    assert "moves by 0.5 mm" in words(found)


def test_why_it_is_loose(plain: Piece) -> None:
    rubbing = retained(plain, [stop("seat", friction=0.2)], [load([1, 0, -10])])
    assert rubbing.state == LOOSE and "only friction holds it" in words(rubbing) and not rubbing.moved.any()
    still = retained(plain, [stop("seat", friction=0.2)], [])
    assert still.state == LOOSE and words(still) == "piece 0 is loose: no load, and nothing clamps it"
    assert not retained(plain, [stop("seat")], [load([0, 0, -1])]).remarks


@pytest.mark.parametrize(("axis", "way"), [(0, 1.0), (0, -1.0), (1, 1.0), (1, -1.0)])
def test_a_turn_that_is_not_small_is_an_alarm(axis: int, way: float) -> None:
    """On a strip of 10 mm along one side it tips over that strip's edge until the lip above stops it: gap / 10 mm.

    Turned by 0.12 its faces have shifted by 5 mm x 0.12 over what they lie on.
    """
    strip = shapely.box(0.04, -0.05, 0.05, 0.05)
    strip = shapely.affinity.rotate(strip, 90 * (1 - axis) + (180 if way < 0 else 0), origin=(0, 0))
    body = pieces_of(plate(SQUARE, THICK, outer={"lip": strip}, inner={"seat": strip}), [], RHO, check=False).pieces[0]
    for gap, told in ((5e-4, False), (1.2e-3, True)):
        found = retained(body, [stop("seat"), stop("lip", gap=gap)], [load([0, 0, -1])])
        assert found.state == LOOSE
        turn = np.zeros(3)
        turn[axis] = gap / 0.01
        assert np.abs(found.moved[3:]) == pytest.approx(turn, rel=0.08, abs=1e-9)
        assert found.moved[2] == pytest.approx(-0.04 * gap / 0.01, rel=0.08)
        assert any(r.alarm for r in found.remarks) == told == ("not small" in words(found))
        assert pushed(found, "lip")[2] == pytest.approx(-0.04 / 0.01, rel=0.1)


def test_what_slides_off_its_seat_before_the_wall_stops_it_leaves() -> None:
    """Strips of 3 mm on two sides and 5 mm to the wall: it slides off one strip and tips; strips of 7 mm keep it."""
    for width, state in ((3e-3, LEAVES), (7e-3, LOOSE)):
        strips = shapely.union_all(
            [shapely.box(a, -0.05, b, 0.05) for a, b in ((-0.05, width - 0.05), (0.05 - width, 0.05))]
        )
        body = pieces_of(plate(SQUARE, THICK, inner={"seat": strips}), [], RHO, check=False).pieces[0]
        found = retained(body, [stop("seat"), stop("wall", gap=5e-3)], [load([1, 0, -1])])
        assert found.state == state


def test_the_diagram_shows_the_corner_of_the_vibration_that_lifts_first(plain: Piece) -> None:
    """10 N down and 5 N against a wall: the two highest corners lift alike, the one towards the wall pushes more."""
    stops = [stop("seat"), stop("wall")]
    found = retained(plain, stops, [load([0, 5, -10])], vibration=10.0)
    lift = plain.mass * 10.0 * HIGHEST
    shake = by_kind(found, "load")["vibration"]
    assert found.state == HELD
    assert shake == pytest.approx([0.0, lift / GOLDEN, lift], abs=1e-9)
    assert pushed(found, "wall") == pytest.approx([0, -5 - lift / GOLDEN, 0], abs=1e-6)
    assert pushed(found, "seat") == pytest.approx([0, 0, 10 - lift], abs=1e-6)
    force, moment = left_over(found)
    assert np.abs(force).max() < 1e-6 and np.abs(moment).max() < 1e-7


def test_the_diagram_of_what_leaves_shows_the_corner_that_takes_most(plain: Piece) -> None:
    """1 N down, no lip: the highest corners lift it with all but the newton unbalanced."""
    found = retained(plain, [stop("seat"), stop("wall")], [load([0, 0, -1])], vibration=10.0)
    lift = plain.mass * 10.0 * HIGHEST
    assert found.state == LEAVES and found.way == pytest.approx([0, 0, 1, 0, 0, 0], abs=1e-6)
    assert by_kind(found, "load")["vibration"][2] == pytest.approx(lift, rel=1e-9)
    assert by_kind(found, "unbalanced")["unbalanced"] == pytest.approx([0, 0, lift - 1], abs=1e-6)
    calm = retained(plain, [stop("seat")], [load([0, 0, -1])])
    assert {a.name: a.kind for a in calm.acting} == {"load": "load", "seat": "push"}


def test_grips_are_told_from_pushes_and_where_they_act() -> None:
    """A cord on the frame of the seat near its limit: all of it drags, with its middle at the middle of the plate."""
    cord = Gasket(1e-3, np.array([200.0, 500.0]), np.array([1e5, 1e5]), 0.3, "test", "A")
    seat = Support("seat", ("seat",), 0.2, gasket=cord)
    body, most = whole(), 0.3 * 1e5 * BAND.area * math.cos(math.pi / 12)
    drag = load([0.999 * most, 0, -5], [0, -0.999 * most * THICK / 2, 0])
    found = retained(body, [seat], [drag])
    assert found.state == HELD and {a.kind for a in found.acting} == {"load", "push", "grip"}
    (grip,) = (a for a in found.acting if a.kind == "grip")
    assert grip.name == "seat" and grip.force == pytest.approx([-0.999 * most, 0, 0], rel=1e-6, abs=1e-6)
    assert grip.place == pytest.approx([0, 0, 0], abs=2e-3)
    force, moment = left_over(found)
    assert np.abs(force).max() < 1e-5 and np.abs(moment).max() < 1e-6


def test_a_grip_is_on_its_own_piece_only() -> None:
    """The left half's cord drags; the right one's, which could not keep it from lifting, is not asked."""
    cord = Gasket(1e-3, np.array([200.0, 500.0]), np.array([1e5, 1e5]), 0.3, "test", "A")
    seat = Support("seat", ("seat",), 0.2, gasket=cord)
    for pieces, mine in ((halves(), 0), (halves()[::-1], 1)):
        loads = [[], []]
        loads[mine] = [load([-3, 2, 0], [0.01, 0.015, 0])]  # in the plane of the seat
        found = retained_together(pieces, [seat], loads)
        assert (found[mine].state, found[1 - mine].state) == (HELD, LOOSE)
        assert by_kind(found[mine], "grip")["seat"] == pytest.approx([3, -2, 0], abs=1e-6)
        assert not found[1 - mine].acting
        force, moment = left_over(found[mine])
        assert np.abs(force).max() < 1e-6 and np.abs(moment).max() < 1e-7


def test_a_push_acts_where_its_load_is(plain: Piece) -> None:
    """2 N at (10, 20) mm on the outer face: the seat's middle of pushes is under it."""
    down = np.array([0.0, 0, -2])
    press = load(down, np.cross(np.array([0.01, 0.02, THICK]) - plain.centroid, down))
    (seat,) = (a for a in retained(plain, [stop("seat")], [press]).acting if a.kind == "push")
    assert seat.force == pytest.approx([0, 0, 2]) and seat.place == pytest.approx([0.01, 0.02, 0.0], abs=1e-8)


def test_pieces_and_their_loads_that_do_not_fit_are_refused(plain: Piece) -> None:
    seat = [stop("seat")]
    for pieces, loads in (([], []), ([plain], []), ([plain], [[], []]), ([], [[]])):
        with pytest.raises(InputError, match="pieces and loads"):
            retained_together(pieces, seat, loads)
    for friction in (-1e-3, math.inf, math.nan):
        with pytest.raises(InputError, match="friction"):
            retained(plain, seat, [], friction=friction)
    with pytest.raises(InputError, match="not finite"):
        retained(plain, seat, [load([0, 0, -1]), load([0, math.nan, 0], name="bad")])
    with pytest.raises(InputError, match="twice"):
        retained(plain, seat, [load([0, 0, -1]), load([0, 0, -1])])
    with pytest.raises(InputError, match="mean all"):
        retained(plain, seat, [load([0, 0, -1], name="all")])


@pytest.mark.parametrize(("pad", "state"), [(4e-3, LEAVES), (9e-3, LOOSE)])
def test_what_turns_off_its_pads_before_the_walls_stop_it_leaves(pad: float, state: str) -> None:
    """Walls 5 mm away let a square of 100 mm turn by 0.1: its corners go 5 mm aside, off pads of 4 mm, not of 9 mm."""
    spots = SQUARE - SQUARE.buffer(-pad, join_style="mitre") - shapely.box(-0.05 + pad, -1.0, 0.05 - pad, 1.0)
    spots = spots - shapely.box(-1.0, -0.05 + pad, 1.0, 0.05 - pad)
    body = pieces_of(plate(SQUARE, THICK, inner={"seat": spots}), [], RHO, check=False).pieces[0]
    found = retained(body, [stop("seat"), stop("wall", gap=5e-3)], [load([0, 0, -1], [0, 0, 0.02])])
    assert found.state == state
    if state == LOOSE:
        assert found.moved[5] == pytest.approx(0.1, rel=1e-6) and np.abs(found.moved[:5]).max() < 1e-6


@pytest.mark.parametrize(("lean", "state"), [(1 / 250, HELD), (1 / 400, LOOSE)])
def test_a_wedge_of_faces_that_hardly_lean_is_loose(lean: float, state: str) -> None:
    """Between two neighbours that stand and lean over it: lifted by 1 N they push by 1/lean newtons in all."""
    cuts = [
        wall(np.array([[x, -0.2], [x, 0.2]]), -0.002, 0.012, np.array([s, 0.0]))
        for x, s in ((-0.02, lean), (0.02, -lean))
    ]
    pieces = pieces_of(SKIN, cuts, RHO, check=False).pieces
    middle = min(pieces, key=lambda p: abs(p.centroid[0]))
    others = [p.number for p in pieces if p is not middle]
    found = retained(middle, [], [load([0, 0, 1])], standing=others)
    assert found.state == state and not found.moved.any()
    assert ("wedged by more than 300 times" in words(found)) == (state == LOOSE)
    assert found.factor["load"][0] == (math.inf if state == HELD else 0.0)
    if state == LOOSE:
        assert found.way == pytest.approx([0, 0, 1, 0, 0, 0], abs=0.01)
    assert retained(middle, [], [load([0, 0, 1])]).state == LEAVES


def test_the_grip_on_a_wedge_that_counts_as_loose_is_that_of_its_cord() -> None:
    """Lifted it is wedged between two neighbours; a wall and the cord of its seat share a drag along them."""
    cuts = [
        wall(np.array([[x, -0.2], [x, 0.2]]), -0.002, 0.012, np.array([s, 0.0]))
        for x, s in ((-0.02, 1 / 400), (0.02, -1 / 400))
    ]
    pieces = pieces_of(SKIN, cuts, RHO, check=False).pieces
    middle = min(pieces, key=lambda p: abs(p.centroid[0]))
    others = [p.number for p in pieces if p is not middle]
    cord = Gasket(1e-3, np.array([200.0, 500.0]), np.array([1e5, 1e5]), 0.3, "test", "A")
    seat = Support("seat", ("seat",), 0.2, gasket=cord)
    drag = load([0, 0.1, 1], [0.1 * middle.centroid[2], 0, 0])
    found = retained(middle, [stop("wall"), seat], [drag], standing=others)
    assert found.state == LOOSE and not found.moved.any()
    grips = [a for a in found.acting if a.kind == "grip"]
    assert [a.name for a in grips] == ["seat"] and grips[0].force[1] < -0.05
    assert abs(grips[0].place[1]) > 0.04, "on the frame"
