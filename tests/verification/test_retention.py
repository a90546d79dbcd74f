"""Retention of panes and pieces by hand: each case with its arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from deadlight.errors import InputError
from deadlight.outcome.forces import inertia, pressure, weight
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.retention import HELD, LEAVES, LOOSE, Retention, retained, retained_together
from deadlight.outcome.skin import plate
from deadlight.outcome.supports import Gasket, Support

G = 9.80665
R, T, RHO = 0.150, 0.010, 2200.0
BITE = 0.015
CORNERS = 256
DISC = shapely.Point(0, 0).buffer(R, quad_segs=CORNERS // 4)
HOLE = shapely.Point(0, 0).buffer(R - BITE, quad_segs=CORNERS // 4)
SKIN = plate(DISC, T, outer={"lip": DISC - HOLE}, inner={"seat": DISC - HOLE})
AREA, BAND = DISC.area, (DISC - HOLE).area
CORD = Gasket(1e-3, np.array([200.0, 500.0, 530.0]), np.array([2e5, 1e5, 0.0]), 0.3, "test", "A")


def wall(line: list[tuple[float, float]], lean: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Through crack over a line; it leans away from the axis by `lean` a unit of height above mid thickness."""
    flat = np.array(line, dtype=float)
    out = flat / np.maximum(np.linalg.norm(flat, axis=1), 1e-12)[:, None]
    n = len(flat)
    rows = [np.column_stack([flat + lean * (z - T / 2) * out, np.full(n, z)]) for z in (-0.002, 0.012)]
    points = np.concatenate(rows)
    tri = [t for i in range(n - 1) for t in ([i, i + 1, n + i + 1], [i, n + i + 1, n + i])]
    return points, np.array(tri)


def ring(radius: float, lean: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    a = 2 * np.pi * np.arange(33) / 32 + 0.05
    return wall([(radius * math.cos(x), radius * math.sin(x)) for x in a], lean)


def stops(*, clearance: float = 0.0, gasket: Gasket | None = None, temperature: float = 293.0) -> list[Support]:
    return [
        Support("lip", ("lip",), 0.2, clearance, gasket, temperature),
        Support("seat", ("seat",), 0.2, 0.0, gasket, temperature),
        Support("wall", ("rim",), 0.2, 0.5e-3),
    ]


def pushed(found: Retention, name: str, kind: str = "push") -> np.ndarray:
    return sum((a.force for a in found.acting if a.name == name and a.kind == kind), np.zeros(3))


def balanced(found: Retention) -> None:
    """The forces and moments of the diagram cancel."""
    force = sum(a.force for a in found.acting)
    moment = sum(a.moment for a in found.acting)
    scale = max(np.linalg.norm(a.force) for a in found.acting)
    assert np.linalg.norm(force) < 1e-6 * scale
    assert np.linalg.norm(moment) < 1e-6 * scale * R


@pytest.fixture(scope="module")
def whole():
    return pieces_of(SKIN, [], RHO, check=False).pieces[0]


@pytest.fixture(scope="module")
def quarter():
    """A quarter of the pane: x, y > 0."""
    cut = pieces_of(SKIN, [wall([(0.2, 0), (0, 0), (0, 0.2)])], RHO, check=False)
    assert len(cut.pieces) == 2
    return cut.pieces[1]


def test_whole_pane_under_outside_pressure_is_held_by_its_seat(whole):
    """1 kPa on the outer face: 1000 Pa x 0.0707 m2 = 70.7 N on the seat; mass 0.0707 x 0.01 x 2200 = 1.555 kg."""
    found = retained(whole, stops(clearance=5e-4), [pressure(whole, {"outer": 1e3, "lip": 1e3}, cut=0, rest=0)])
    assert found.state == HELD
    assert whole.mass == pytest.approx(AREA * T * RHO, rel=1e-8)
    assert pushed(found, "seat")[2] == pytest.approx(1e3 * AREA, rel=1e-6)
    assert pushed(found, "lip")[2] == 0.0
    balanced(found)


def test_uniform_pressure_all_round_does_nothing(whole, quarter):
    for piece in (whole, quarter):
        load = pressure(piece, {}, cut=1e5, rest=1e5)
        assert np.abs(load.wrench).max() < 1e-6 * 1e5 * AREA


def test_quarter_is_held_by_lip_and_pressure(quarter):
    """Pressure p on a quarter, no neighbour: its middle is 4 R / 3 pi x sqrt 2 = 90.0 mm from the axis on the diagonal.

    The seat reaches inwards to the chord of its band, (R - bite) / sqrt 2 = 95.5 mm.  The quarter tips over the chord;
    the lip holds it down at R = 150 mm: N = P (95.46 - 90.03) / (150 - 95.46) = 0.0995 P.
    """
    outside = pressure(quarter, {"outer": 1e3, "lip": 1e3}, cut=0, rest=0)
    found = retained(quarter, stops(), [outside])
    middle, chord = 4 * R / (3 * math.pi) * math.sqrt(2), (R - BITE) / math.sqrt(2)
    lip = (chord - middle) / (R - chord)
    assert lip == pytest.approx(0.0995, abs=5e-4)
    assert found.state == HELD
    assert -pushed(found, "lip")[2] / -outside.force[2] == pytest.approx(lip, rel=0.02)
    assert pushed(found, "seat")[2] == pytest.approx(-outside.force[2] - pushed(found, "lip")[2], rel=1e-6)
    balanced(found)


def test_quarter_tips_until_the_lip_is_met(quarter):
    """0.5 mm clear of the lip it turns by 0.5 / (150 - 95.46) = 9.17 mrad before it rests."""
    found = retained(quarter, stops(clearance=5e-4), [pressure(quarter, {"outer": 1e3, "lip": 1e3}, cut=0, rest=0)])
    assert found.state == LOOSE
    assert np.linalg.norm(found.moved[3:]) == pytest.approx(5e-4 / (R - (R - BITE) / math.sqrt(2)), rel=0.02)
    assert any("moves by" in r for r in found.remarks)


def test_quarter_without_lip_leaves_inwards(quarter):
    """Nothing balances the couple P (95.46 - 90.03) mm."""
    seat = stops()[1:]
    found = retained(quarter, seat, [pressure(quarter, {"outer": 1e3, "lip": 1e3}, cut=0, rest=0)])
    assert found.state == LEAVES
    assert found.way[2] < 0.0
    assert any(a.kind == "unbalanced" for a in found.acting)


def test_disc_inside_a_ring_crack_is_ejected_by_suction(whole):
    """Straight sides, nothing of the lip: 5.5 kPa from within on 0.1 m radius is 172 N with nobody to take them."""
    cut = pieces_of(SKIN, [ring(0.1)], RHO, check=False)
    disc = min(cut.pieces, key=lambda p: np.linalg.norm(p.centroid[:2]) + p.volume)
    assert disc.held_by(("lip", "seat")) == ()
    suction = pressure(disc, {"inner": 5.5e3}, cut=0, rest=0)
    assert suction.force[2] == pytest.approx(5.5e3 * 16 * 0.1**2 * math.sin(2 * math.pi / 32), rel=1e-6)
    found = retained(disc, stops(), [suction], standing=[0, 1])
    assert found.state == LEAVES
    assert found.way[:3] == pytest.approx([0, 0, 1], abs=1e-4)
    # the whole pane takes the same suction by its lip: 5.5 kPa x 0.0707 m2 = 389 N
    held = retained(whole, stops(), [pressure(whole, {"inner": 5.5e3, "seat": 5.5e3}, cut=0, rest=0)])
    assert held.state == HELD
    assert -pushed(held, "lip")[2] == pytest.approx(5.5e3 * AREA, rel=1e-6)


def test_cone_locks_one_way():
    """A plug wider inside cannot leave outwards: pushes N on its cone with N sin(slope) summing to the load."""
    lean = -0.2
    cut = pieces_of(SKIN, [ring(0.1, lean)], RHO, check=False)
    plug = min(cut.pieces, key=lambda p: np.linalg.norm(p.centroid[:2]) + p.volume)
    free = plug.freedom()
    assert free.free and free.best == pytest.approx([0, 0, -1], abs=1e-6)
    other = [p.number for p in cut.pieces if p is not plug]
    out = pressure(plug, {"inner": 1e3}, cut=0, rest=0)
    found = retained(plug, stops(), [out], standing=other)
    assert found.state == HELD
    assert pushed(found, "neighbour")[2] == pytest.approx(-out.force[2], rel=1e-6)
    into = pressure(plug, {"outer": 1e3}, cut=0, rest=0)
    assert retained(plug, stops(), [into], standing=other).state == LEAVES


def test_ten_g_against_the_grip_of_gaskets(whole):
    """10 g in the plane: 1.555 kg x 98.07 = 152.5 N against 0.3 x 169 kPa x two bands of 0.01343 m2 = 1362 N: 8.93."""
    found = retained(whole, stops(gasket=CORD), [inertia(whole, np.array([10 * G, 0, 0]))])
    grip = np.interp(293.0, CORD.temperature, CORD.grip)
    assert grip == pytest.approx(169e3)
    expected = CORD.friction * grip * 2 * BAND / (whole.mass * 10 * G)
    assert found.state == HELD and found.clamped
    assert found.factor["inertia"][0] == pytest.approx(expected, rel=1e-3)
    balanced(found)


def test_ten_g_ejects_a_piece_that_nothing_covers(quarter):
    """10 g outwards on a disc cut free: 0.69 kg x 98.07 = 68 N; glass on glass takes nothing for certain."""
    cut = pieces_of(SKIN, [ring(0.1)], RHO, check=False)
    disc = min(cut.pieces, key=lambda p: np.linalg.norm(p.centroid[:2]) + p.volume)
    load = inertia(disc, np.array([0, 0, -10 * G]))
    assert load.force[2] == pytest.approx(10 * G * disc.mass)
    assert retained(disc, stops(), [load], standing=[0, 1]).state == LEAVES
    assert retained(quarter, stops(), [inertia(quarter, np.array([0, 0, -10 * G]))]).state == HELD


def test_blocked_vent_breaks_the_pane_and_then_drops_what_the_seat_does_not_hold(whole):
    """Sea-level pressure on an evacuated gap: 3 (3 + nu) / 8 p (R / h)^2 = 22 MPa at the centre (R 135 mm, h 10 mm).

    That is a matter of fracture: retention sees whole panes and pieces only.  Whole, the pane sits on its seat with
    101.3 kPa x 0.0707 m2 = 7.16 kN; the disc inside a ring crack goes inwards.
    """
    stress = 3 * (3 + 0.17) / 8 * 101325.0 * (0.135 / 0.010) ** 2
    assert stress == pytest.approx(22e6, rel=0.01)
    load = pressure(whole, {"outer": 101325.0, "lip": 101325.0}, cut=0, rest=0)
    found = retained(whole, stops(), [load])
    assert found.state == HELD
    assert pushed(found, "seat")[2] == pytest.approx(101325.0 * AREA, rel=1e-6)
    cut = pieces_of(SKIN, [ring(0.1)], RHO, check=False)
    states = {}
    loads = [[pressure(p, {"outer": 101325.0, "lip": 101325.0}, cut=0, rest=0)] for p in cut.pieces]
    for piece, each in zip(cut.pieces, retained_together(cut.pieces, stops(), loads)):
        states[bool(piece.held_by(("seat",)))] = each
    assert states[True].state == HELD
    assert states[False].state == LEAVES
    assert states[False].way[2] == pytest.approx(-1.0, abs=1e-4)


def test_lost_gasket_lets_the_pane_slide_to_its_wall(whole):
    """Above 530 K the cord grips nothing: 10 g moves the pane by the 0.5 mm to the wall, then the wall takes 152 N."""
    load = inertia(whole, np.array([10 * G, 0, 0]))
    found = retained(whole, stops(gasket=CORD, temperature=530.0), [load])
    assert found.state == LOOSE
    assert found.moved[0] == pytest.approx(-5e-4, rel=0.02)
    assert pushed(found, "wall")[0] == pytest.approx(10 * G * whole.mass, rel=1e-6)
    assert not found.clamped
    # at 515 K half of 100 kPa is left: 0.3 x 50 kPa x 0.02686 m2 = 403 N, 2.64 times the load
    warm = retained(whole, stops(gasket=CORD, temperature=515.0), [load])
    assert warm.factor["inertia"][0] == pytest.approx(0.3 * 50e3 * 2 * BAND / (whole.mass * 10 * G), rel=1e-3)


def test_table_that_ends_before_the_gasket_is_lost_is_an_alarm(whole):
    short = Gasket(1e-3, np.array([200.0, 500.0]), np.array([2e5, 1e5]), 0.3, "test", "A")
    found = retained(whole, stops(gasket=short, temperature=600.0), [weight(whole, np.array([0, 0, -G]))])
    assert any(r.alarm for r in found.remarks)


def test_nothing_holds_a_pane_without_load_or_grip(whole):
    assert retained(whole, stops(clearance=5e-4), []).state == LOOSE


def test_retainer_of_limited_strength(whole):
    """A lip that takes 300 N: 1 kPa from within is 70.7 N, so the factor is 4.24 and 5 kPa take the pane out."""
    weak = [Support("lip", ("lip",), 0.2, limit=300.0), *stops()[1:]]
    found = retained(whole, weak, [pressure(whole, {"inner": 1e3, "seat": 1e3}, cut=0, rest=0)])
    assert found.factor["pressure"][0] == pytest.approx(300.0 / (1e3 * AREA), rel=1e-5)


def test_pieces_that_lock_each_other_leave_together():
    """Two halves of a leaning cut: each is held if the other stands fast; without a lip both go."""
    n = np.array([[-0.2, 0.0], [0.2, 0.0]])
    points = np.concatenate([np.column_stack([n + [0, 0.3 * (z - T / 2)], np.full(2, z)]) for z in (-0.002, 0.012)])
    cut = pieces_of(SKIN, [(points, np.array([[0, 1, 3], [0, 3, 2]]))], RHO, check=False)
    only_wall = [Support("wall", ("rim",), 0.0)]
    loads = [[pressure(p, {"inner": 1e3, "seat": 1e3}, cut=0, rest=0)] for p in cut.pieces]
    together = retained_together(cut.pieces, only_wall, loads)
    assert {r.state for r in together} == {LEAVES}
    with_lip = retained_together(cut.pieces, stops(), loads)
    assert {r.state for r in with_lip} == {HELD}


def test_vibration_counts_from_every_side(whole):
    """Held by 1 kPa (70.7 N) on the seat; shaken by a in any direction the pane lifts from 70.7 / 1.555 = 45.4 m/s2."""
    sides = [Support("lip", ("lip",), 0.2, 5e-4), Support("seat", ("seat",), 0.2), Support("wall", ("rim",), 0.2)]
    load = [pressure(whole, {"outer": 1e3, "lip": 1e3}, cut=0, rest=0)]
    inscribed = math.sqrt((5 + 2 * math.sqrt(5)) / 15)  # corners of the icosahedron stand out by its inverse
    calm = 1e3 * AREA / whole.mass
    assert retained(whole, sides, load, vibration=0.9 * inscribed * calm).state == HELD
    assert retained(whole, sides, load, vibration=1.4 * calm).state != HELD


@pytest.mark.parametrize("bad", [{"friction": -1.0}, {"vibration": math.nan}])
def test_bad_input_is_refused(whole, bad):
    with pytest.raises(InputError):
        retained(whole, stops(), [], **bad)


def test_support_on_a_region_that_is_not_there(whole):
    with pytest.raises(InputError, match="shoulder"):
        retained(whole, [Support("x", ("shoulder",), 0.2)], [])
