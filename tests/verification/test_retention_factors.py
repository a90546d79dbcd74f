"""Largest factors on loads, and where a plate stops being held: closed forms by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from deadlight.errors import InputError
from deadlight.outcome.contacts import contacts_of
from deadlight.outcome.forces import Load
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.retention import HELD, LEAVES, retained, standing_together
from deadlight.outcome.skin import plate
from deadlight.outcome.supports import Gasket, Support
from support_square import RHO, SQUARE, THICK, left_over, load, stop, whole

INSCRIBED = math.sqrt((5 + 2 * math.sqrt(5)) / 15)  # of an icosahedron, over the radius of its corners


def test_three_feet_hold_what_presses_between_them():
    """A load of 10 N on three small pads is held inside their triangle and tips the plate outside of it."""
    feet = [(-0.04, -0.03), (0.04, -0.03), (0.0, 0.04)]
    pads = shapely.union_all([shapely.Point(x, y).buffer(1e-3, cap_style="square") for x, y in feet])
    body = pieces_of(plate(SQUARE, THICK, inner={"seat": pads}), [], RHO, check=False).pieces[0]
    inside = shapely.Polygon(feet)
    rng = np.random.default_rng(3)
    points = rng.uniform(-0.05, 0.05, (80, 2))
    clear = [p for p in points if inside.exterior.distance(shapely.Point(p)) > 3e-3][:40]
    assert {inside.contains(shapely.Point(p)) for p in clear} == {True, False}
    down = np.array([0.0, 0.0, -10.0])
    for p in clear:
        moment = np.cross(np.array([*p, THICK]) - body.centroid, down)
        found = retained(body, [stop("seat")], [Load("press", down, moment)])
        if inside.contains(shapely.Point(p)):
            assert found.state == HELD
            force, turn = left_over(found)
            assert np.abs(force).max() < 1e-6 and np.abs(turn).max() < 1e-7
        else:
            assert found.state == LEAVES
            size = float(np.linalg.norm(np.ptp(body.faces.corners.reshape(-1, 3), axis=0)))
            assert found.way[:3] @ down + found.way[3:] @ moment / size > 0.0


@pytest.mark.parametrize(
    ("angle", "part"), [(0.0, 1.0), (15.0, math.cos(math.radians(15.0))), (30.0, 1.0), (71.0, None)]
)
def test_friction_is_a_pyramid_inside_its_cone(angle, part):
    """10 N down, friction 0.25: 2.5 N along an edge of twelve, cos 15 deg of it between two; nothing for certain."""
    body = whole()
    way = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle)), 0.0])
    side = Load("side", way, np.cross(np.array([0.0, 0.0, 0.0]) - body.centroid, way))
    found = retained(body, [stop("seat", friction=0.25)], [load([0, 0, -10], name="down", disturbing=False), side])
    sure, most = found.factor["side"]
    assert sure == 0.0
    assert math.cos(math.radians(15.0)) * 2.5 - 1e-6 <= most <= 2.5 + 1e-6
    if part is not None:
        assert most == pytest.approx(2.5 * part, rel=1e-6)


def test_grip_takes_a_twist():
    """A gripped ring takes mu p (2 pi / 3)(R^3 - r^3); spots and a polygon of twelve lack some of it."""
    outer, inner, mu, p = 0.150, 0.135, 0.3, 1e5
    disc, hole = (shapely.Point(0, 0).buffer(r, quad_segs=64) for r in (outer, inner))
    body = pieces_of(plate(disc, THICK, inner={"seat": disc - hole}), [], RHO, check=False).pieces[0]
    cord = Gasket(1e-3, np.array([200.0, 500.0]), np.array([p, p]), mu, "test", "A")
    seat = Support("seat", ("seat",), 0.0, gasket=cord)
    found = retained(body, [seat], [load([0, 0, 0], [0, 0, 1], name="twist")])
    assert found.state == HELD
    whole_ring = mu * p * 2.0 * math.pi / 3.0 * (outer**3 - inner**3)
    assert 0.9 * whole_ring <= found.factor["twist"][0] <= whole_ring
    contacts = contacts_of([body], [seat], 0.0, ())
    assert contacts.grip.sum() == pytest.approx(mu * p * (disc - hole).area, rel=1e-6)
    middle = (contacts.grip[:, None] * contacts.grip_point).sum(axis=0) / contacts.grip.sum()
    assert middle == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)


def test_a_load_that_is_not_disturbing_is_kept():
    """10 N down, 1 N up on a seat: the disturbing load may be ten times as large; all together, any."""
    seat, up = [stop("seat")], load([0, 0, 1], name="up")
    kept = [load([0, 0, -10], name="down", disturbing=False), up]
    found = retained(whole(), seat, kept)
    assert found.factor["up"][0] == pytest.approx(10.0) and found.factor["all"][0] == pytest.approx(10.0)
    assert standing_together([whole()], seat, [kept]).factor == pytest.approx(10.0)
    both = [load([0, 0, -10], name="down"), up]
    assert retained(whole(), seat, both).factor["all"][0] == math.inf
    over = retained(whole(), seat, [kept[0], load([0, 0, 20], name="up")])
    assert over.state == LEAVES and over.factor["up"] == pytest.approx((0.5, 0.5))


def test_at_the_most_counts_a_stop_behind_its_clearance():
    """10 N down, 1 N up, a lip of 30 N 0.5 mm clear: moved at 10, lost at 40."""
    stops = [stop("seat"), stop("lip", gap=5e-4, limit=30.0)]
    found = retained(whole(), stops, [load([0, 0, -10], name="down", disturbing=False), load([0, 0, 1], name="up")])
    assert found.state == HELD
    assert found.factor["up"] == pytest.approx((10.0, 40.0))


def test_the_common_factor_multiplies_the_vibration_too():
    """10 N that stay against 0.22 kg x 10 m/s2; the icosahedron's highest corners stand over the ball's radius."""
    stops = [stop("seat"), stop("wall")]
    down = [load([0, 0, -10], name="down", disturbing=False)]
    lift = whole().mass * 10.0 / INSCRIBED * (1 + math.sqrt(5)) / 2 / math.sqrt(1 + ((1 + math.sqrt(5)) / 2) ** 2)
    found = retained(whole(), stops, down, vibration=10.0)
    assert found.state == HELD and found.factor["all"][0] == pytest.approx(10.0 / lift, rel=1e-4)
    assert standing_together([whole()], stops, [down], vibration=10.0).factor == pytest.approx(10.0 / lift, rel=1e-4)
    limit = 10.0 * 10.0 / lift
    assert retained(whole(), stops, down, vibration=limit - 0.3).state == HELD
    assert retained(whole(), stops, down, vibration=limit + 0.3).state == LEAVES


def test_loads_that_share_a_name_are_refused():
    """Their factors would overwrite each other; "all" is the factor on all of them."""
    with pytest.raises(InputError, match="own"):
        retained(whole(), [stop("seat")], [load([0, 0, -10]), load([0, 0, 1])])
    with pytest.raises(InputError, match="all"):
        retained(whole(), [stop("seat")], [load([0, 0, -10], name="all")])
