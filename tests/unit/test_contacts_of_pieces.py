"""Where pieces can be pushed: corners of what stops cover, cut faces between neighbours, and spots that cords grip."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.affinity

from deadlight.outcome.contacts import Contacts, contacts_of
from deadlight.outcome.piece import Piece
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.skin import plate
from deadlight.outcome.supports import Gasket, Support
from support_square import BAND, RHO, SQUARE, THICK, halves, stop, whole


def cord(grip: float = 1e5, friction: float = 0.3) -> Gasket:
    return Gasket(1e-3, np.array([200.0, 500.0, 600.0]), np.array([grip, grip, 0.0]), friction, "test", "A")


def corners(found: Contacts, which: np.ndarray) -> list[list[float]]:
    return sorted(np.round(1e3 * found.point[which], 3).tolist())


def block(outer: dict[str, shapely.Geometry], inner: dict[str, shapely.Geometry], thick: float = THICK) -> Piece:
    return pieces_of(plate(SQUARE, thick, outer=outer, inner=inner), [], RHO, check=False).pieces[0]


def test_a_stop_touches_at_the_corners_of_its_patch() -> None:
    """Seat of friction 0.2 at z = 0, lip 0.1 mm clear at z = 10 mm that takes 30 N."""
    body = whole()
    stops = [stop("seat", friction=0.2), stop("lip", gap=1e-4, limit=30.0)]
    found = contacts_of([body], stops, 0.5, ())
    assert found.names == ("seat", "lip", "neighbour") and found.limit.tolist() == [np.inf, 30.0, np.inf]
    assert len(found.gap) == 8 and (found.body == 0).all() and (found.other == -1).all()
    for k, z, gap, friction in ((0, 0.0, 0.0, 0.2), (1, 10.0, 1e-4, 0.0)):
        mine = found.source == k
        assert corners(found, mine) == [[x, y, z] for x in (-50.0, 50.0) for y in (-50.0, 50.0)]
        assert found.normal[mine] == pytest.approx(np.tile([0, 0, 1.0 if k else -1.0], (4, 1)))
        assert (found.gap[mine] == gap).all() and (found.friction[mine] == friction).all()
    for none, shape in ((found.grip, (0,)), (found.grip_point, (0, 3)), (found.grip_normal, (0, 3))):
        assert none.shape == shape
    assert not len(found.grip_body) and not len(found.grip_source)


def test_neighbours_touch_once_from_the_first_of_the_list() -> None:
    """A cut face of 100 x 10 mm at x = 0; its normal is out of the piece that comes first."""
    left, right = halves()
    for pieces, way in (((left, right), 1.0), ((right, left), -1.0)):
        found = contacts_of(pieces, [stop("seat")], 0.4, ())
        mine = found.source == 1
        assert corners(found, mine) == [[0.0, y, z] for y in (-50.0, 50.0) for z in (0.0, 10.0)]
        assert (found.body[mine] == 0).all() and (found.other[mine] == 1).all()
        assert found.normal[mine] == pytest.approx(np.tile([way, 0, 0], (4, 1)))
        assert (found.friction[mine] == 0.4).all() and (found.gap[mine] == 0.0).all()
        seat = found.source == 0
        assert sorted(found.body[seat]) == [0] * 4 + [1] * 4 and (found.other[seat] == -1).all()


def test_a_neighbour_that_is_not_in_the_list_stands_fast_or_is_not_there() -> None:
    for one, other in (halves(), halves()[::-1]):
        assert not len(contacts_of([one], [], 0.4, ()).gap)
        assert not len(contacts_of([one], [], 0.4, (one.number,)).gap)
        found = contacts_of([one], [], 0.4, (other.number,))
        assert len(found.gap) == 4 and (found.body == 0).all() and (found.other == -1).all()
    assert len(contacts_of(halves(), [], 0.4, (0, 1)).gap) == len(contacts_of(halves(), [], 0.4, ()).gap) == 4


def test_what_has_come_off_its_stop_touches_no_more_and_is_not_gripped() -> None:
    """A seat of 10 mm along x = -50 mm: moved by 4 mm a strip of 6 mm is left, by 11 mm nothing."""
    body = block({}, {"seat": shapely.box(-0.05, -0.05, -0.04, 0.05)})
    seat = Support("seat", ("seat",), 0.2, gasket=cord())
    for x, left in ((0.0, 10.0), (4e-3, 6.0), (11e-3, None)):
        found = contacts_of([body], [seat], 0.0, (), [np.array([x, 0, 0, 0, 0, 0])])
        assert len(found.gap) == (0 if left is None else 4)
        if left is not None:
            assert np.ptp(1e3 * found.point[:, 0]) == pytest.approx(left, abs=0.02)
        assert (len(found.grip) > 0) == (x == 0.0)


def test_a_cord_grips_with_friction_times_its_pressure_on_the_area() -> None:
    """0.3 x 1e5 Pa on the frame, in more than one spot; the first moments of the spots are those of the frame."""
    frame = BAND - shapely.box(0.0, 0.0, 1.0, 1.0)  # not symmetrical
    body = block({}, {"seat": frame})
    found = contacts_of([body], [stop("wall"), Support("seat", ("seat",), 0.0, gasket=cord())], 0.0, ())
    assert len(found.grip) >= 4 and (found.grip_body == 0).all() and (found.grip_source == 1).all()
    assert found.grip.sum() == pytest.approx(0.3 * 1e5 * frame.area, rel=1e-6)
    middle = found.grip @ found.grip_point / found.grip.sum()
    assert middle == pytest.approx([frame.centroid.x, frame.centroid.y, 0.0], abs=1e-7)
    assert found.grip_normal == pytest.approx(np.tile([0, 0, -1.0], (len(found.grip), 1)))
    assert np.ptp(found.grip_point[:, :2], axis=0).min() > 0.05


def test_spots_of_a_grip_go_with_the_pane() -> None:
    """Shifted by 0.3 and -0.2 m, nothing else changes."""
    shift = np.array([0.3, -0.2, 0.0])

    def gripped(by: np.ndarray) -> Contacts:
        outline, band = (shapely.affinity.translate(s, *by) for s in (SQUARE, BAND))
        body = pieces_of(plate(outline, THICK, inner={"seat": band}), [], RHO, check=False).pieces[0]
        return contacts_of([body], [Support("seat", ("seat",), 0.0, gasket=cord())], 0.0, ())

    here, there = gripped(0 * shift), gripped(shift)
    assert len(here.grip) == len(there.grip)
    a, b = (
        c.grip_point[np.lexsort(np.round(c.grip_point - s, 6).T)] - s for c, s in ((here, 0 * shift), (there, shift))
    )
    assert a == pytest.approx(b, abs=1e-8)
    assert sorted(here.grip) == pytest.approx(sorted(there.grip), rel=1e-6)


def test_a_cord_round_an_edge_grips_each_side_by_itself() -> None:
    """One support on both faces of a thin plate: spots on either, none of them between."""
    spot = shapely.box(-0.05, -0.05, 0.05, 0.05)
    body = block({"lip": spot}, {"seat": spot}, thick=1e-3)
    found = contacts_of([body], [Support("frame", ("lip", "seat"), 0.0, gasket=cord())], 0.0, ())
    for z, way in ((0.0, -1.0), (1e-3, 1.0)):
        mine = np.abs(found.grip_point[:, 2] - z) < 1e-9
        assert found.grip[mine].sum() == pytest.approx(0.3 * 1e5 * 0.01, rel=1e-6)
        assert found.grip_normal[mine] == pytest.approx(np.tile([0, 0, way], (int(mine.sum()), 1)))
    assert set(np.round(1e3 * found.grip_point[:, 2], 6)) == {0.0, 1.0}


def test_a_lost_cord_grips_nothing_and_a_feeble_one_a_little() -> None:
    lost = Support("seat", ("seat",), 0.0, gasket=cord(), temperature=600.0)
    assert not len(contacts_of([whole()], [lost], 0.0, ()).grip)
    feeble = Support("seat", ("seat",), 0.0, gasket=cord(0.5))
    assert contacts_of([whole()], [feeble], 0.0, ()).grip.sum() == pytest.approx(0.3 * 0.5 * BAND.area, rel=1e-6)


def test_a_cord_does_not_grip_a_piece_that_does_not_reach_it() -> None:
    """The right half has none of the left one's seat."""
    skin = plate(SQUARE, THICK, inner={"seat": shapely.box(-0.05, -0.05, -0.04, 0.05)})
    z = np.array([-0.002, 0.012])
    points = np.array([[0.0, y, h] for h in z for y in (-0.2, 0.2)])
    cut = pieces_of(skin, [(points, np.array([[0, 1, 3], [0, 3, 2]]))], RHO, check=False).pieces
    left, right = sorted(cut, key=lambda p: p.centroid[0])
    seat = [Support("seat", ("seat",), 0.0, gasket=cord())]
    alone = contacts_of([right], seat, 0.0, ())
    assert alone.grip.shape == (0,) and alone.grip_point.shape == alone.grip_normal.shape == (0, 3)
    for pieces, k in (((left, right), 0), ((right, left), 1)):
        found = contacts_of(pieces, seat, 0.0, ())
        assert len(found.grip) and (found.grip_body == k).all()
        assert found.grip.sum() == pytest.approx(0.3 * 1e5 * 1e-3, rel=1e-6)
