"""Pieces of cut panes beside closed forms and a brute-force flood fill."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from deadlight.errors import InputError, NotSolved
from deadlight.mesh.drawings import shenzhou_like
from deadlight.mesh.window import make_window
from deadlight.outcome.cuts import cuts_of
from deadlight.outcome.piece import free_directions
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.sections import section
from deadlight.outcome.skin import plate, skin_of
from deadlight.surface.body import block
from deadlight.surface.join import surface_mesh
from deadlight.surface.sheet import Sheet
from support_cuts import brute, pattern, ring, wall

T = 0.010
SQUARE = plate(shapely.box(-0.05, -0.05, 0.05, 0.05), T)


def straight(a: tuple[float, float], b: tuple[float, float], low: float = -0.002, high: float = 0.012, lean=(0.0, 0.0)):
    return wall(np.array([a, b]), low, high, np.array(lean))


@pytest.mark.parametrize("seed", [0, 17, 21, 22, 38, 46, 47, 49, 76, 84])
def test_same_pieces_as_a_flood_fill(seed):
    """Ten of the patterns of `benchmarks/pieces.py`: volumes to 1 %, masses to 1e-6, faces closed."""
    p = pattern(seed)
    true = brute(p)
    assert true is not None, "choose a seed whose ligaments are wide enough"
    found = pieces_of(p.skin, p.cracks, 2200.0)
    assert len(found.pieces) == len(true[0])
    middle = np.array([each.centroid for each in found.pieces])
    match = np.linalg.norm(middle[:, None] - true[1][None], axis=2).argmin(axis=1)
    assert sorted(match) == list(range(len(match)))
    assert np.array([each.volume for each in found.pieces]) == pytest.approx(true[0][match], rel=0.01)
    assert sum(each.mass for each in found.pieces) == pytest.approx(found.mass, rel=1e-6)
    assert max(abs(each.volume_error) for each in found.pieces) < 1e-5
    assert not any(r.alarm for r in found.remarks)


def test_leaning_cut_of_a_square():
    """Cut at x = 10 mm + 0.2 (z - 5 mm): 60 and 40 mm times 100 x 10 mm2; middles and inertia by integration."""
    found = pieces_of(SQUARE, [straight((0.009, -0.2), (0.009, 0.2), lean=(0.2, 0.0))], 1000.0)
    big, small = found.pieces
    assert big.volume == pytest.approx(60e-3 * 100e-3 * T, rel=1e-9)
    assert small.mass == pytest.approx(0.04, rel=1e-9)
    # x of the big one: integral over z of ((c^2 - 0.05^2) / 2) / (0.06 T), c = 0.01 + 0.2 (z - T/2)
    x = ((0.01**2 + 0.2**2 * T**2 / 12) - 0.05**2) / 2 / 0.06
    assert big.centroid[0] == pytest.approx(x, rel=1e-9)
    assert big.neighbours[1] == pytest.approx(0.1 * T * math.sqrt(1 + 0.2**2), rel=1e-6)
    assert big.touched["outer"] == pytest.approx(0.1 * 0.061, rel=1e-6)
    z2 = np.linspace(0, T, 20001)
    c = 0.01 + 0.2 * (z2 - T / 2)
    z = float(np.trapezoid(z2 * (c + 0.05) * 0.1, z2)) / big.volume
    yy, zz = 1000 * big.volume * 0.1**2 / 12, 1000 * float(np.trapezoid((z2 - z) ** 2 * (c + 0.05) * 0.1, z2))
    assert big.inertia[0, 0] == pytest.approx(yy + zz, rel=1e-7)
    free = small.freedom()
    n = np.array([-1, 0, 0.2]) / math.hypot(1, 0.2)
    assert free.free and free.best @ n < -0.5


def test_surfaces_that_fall_together_but_for_rounding_leave_no_specks():
    """One surface drawn by other triangles, each corner off by a few grid steps: two pieces, sections of two cells."""
    rng = np.random.default_rng(7)
    y = np.linspace(-0.06, 0.06, 101)
    line = np.column_stack([0.01 + 0.002 * np.sin(80.0 * y), y])
    cracks = [wall(line + rng.normal(0.0, 2e-9, line.shape), -0.002, 0.012, np.array([0.1, 0.0])) for _ in range(2)]
    skin = skin_of(SQUARE, None)
    assert [len(section(skin, cuts_of(cracks, skin, 1e-5), z).cells) for z in (0.002, 0.0051)] == [2, 2]
    found = pieces_of(SQUARE, cracks, 2200.0, check=False)
    assert len(found.pieces) == 2 and abs(found.closure) < 1e-7
    assert found.pieces[1].volume == pytest.approx((0.05 - 0.0105) * 0.1 * T, rel=1e-5)


def test_polygons_that_cannot_be_laid_over_each_other_are_no_crash(monkeypatch):
    def conflict(*_, **__):
        raise shapely.errors.GEOSException("TopologyException: side location conflict")

    monkeypatch.setattr(shapely, "intersection", conflict)
    with pytest.raises(NotSolved, match="could not be laid over each other"):
        pieces_of(SQUARE, [straight((0.009, -0.2), (0.009, 0.2))], 1000.0)


def test_mass_of_a_body_of_revolution_from_its_mesh():
    """Shenzhou-like heat pane, 45 degree bevels of 0.4 mm: pi R^2 t less two chamfers (Pappus)."""
    mesh = make_window(shenzhou_like(), refine=0.7)
    skin = skin_of(mesh, "thermal")
    b, r = 0.4e-3, 0.150
    exact = math.pi * r**2 * T - 2 * 2 * math.pi * (r - b / 3) * b**2 / 2
    assert mesh.volumes("thermal") == pytest.approx(exact, rel=2e-5)  # its sides are parabolas
    z = skin.low
    line = np.array([[-0.2, 0.03], [0.2, 0.03]])
    found = pieces_of(mesh, [wall(line, z - 0.001, z + 0.011, np.zeros(2))], 2200.0, region="thermal", check=False)
    assert len(found.pieces) == 2
    assert sum(p.volume for p in found.pieces) == pytest.approx(mesh.volumes("thermal"), rel=1e-6)
    assert set(found.pieces[1].held_by()) == {"lip", "seat_outer", "seat_inner"}
    assert not found.remarks


def test_gap_holds_and_is_reported():
    """A cut that ends 4 mm before the edge: one piece, a ligament of 4 mm times the thickness."""
    found = pieces_of(SQUARE, [straight((-0.2, 0.0), (0.046, 0.0))], 1000.0, cell=5e-4)
    assert len(found.pieces) == 1
    (neck,) = found.pieces[0].ligaments
    assert neck.width == pytest.approx(4e-3, abs=5e-4)
    assert neck.area == pytest.approx(4e-3 * T, rel=0.15)
    assert neck.volume == pytest.approx(0.5 * 0.1 * 0.1 * T, rel=0.05)
    assert neck.place[0] > 0.046


def test_ligament_between_two_cracks():
    cracks = [straight((-0.2, 0.0), (-0.0015, 0.0)), straight((0.0015, 0.0), (0.2, 0.0))]
    found = pieces_of(SQUARE, cracks, 1000.0)
    (neck,) = found.pieces[0].ligaments
    assert neck.width == pytest.approx(3e-3, abs=2e-4)
    assert neck.place[:2] == pytest.approx([0, 0], abs=1e-3)


def test_ligament_under_a_deep_groove():
    """A groove 8 mm deep all across leaves 2 mm below it."""
    found = pieces_of(SQUARE, [straight((-0.2, 0.01), (0.2, 0.01), low=0.002)], 1000.0, cell=4e-4)
    assert len(found.pieces) == 1
    (neck,) = found.pieces[0].ligaments
    assert neck.width == pytest.approx(2e-3, abs=4e-4)
    assert neck.area == pytest.approx(2e-3 * 0.1, rel=0.25)


def test_gap_below_the_limit_counts_as_cut():
    assert len(pieces_of(SQUARE, [straight((-0.2, 0.0), (0.05 - 5e-6, 0.0))], 1000.0, check=False).pieces) == 2
    assert len(pieces_of(SQUARE, [straight((-0.2, 0.0), (0.05 - 5e-5, 0.0))], 1000.0, check=False).pieces) == 1


def test_branch_that_ends_on_another_crack():
    """A T: the branch ends on the other crack to rounding."""
    cracks = [straight((-0.2, 0.0), (0.2, 0.0)), straight((0.01, 1e-9), (0.013, 0.2))]
    assert len(pieces_of(SQUARE, cracks, 1000.0).pieces) == 3


def test_spall_from_a_closed_shell():
    """A cone of 16 sides over the outer face: area of its base times depth over three."""
    n, radius, depth = 16, 0.02, 0.006
    points = np.concatenate([np.column_stack([ring(np.zeros(2), radius), np.full(n, T)]), [[0, 0, T - depth]]])
    found = pieces_of(SQUARE, [(points, np.array([[i, (i + 1) % n, n] for i in range(n)]))], 1000.0)
    base = n / 2 * radius**2 * math.sin(2 * math.pi / n)
    assert found.pieces[1].volume == pytest.approx(base * depth / 3, rel=1e-5)
    assert found.pieces[1].touched["outer"] == pytest.approx(base, rel=1e-5)
    assert found.pieces[1].freedom().best == pytest.approx([0, 0, 1], abs=1e-6)


def test_crack_of_the_operator_that_does_not_cut():
    """Elements of a surface mesh are taken as they are: an edge crack leaves one piece and two sides of its own."""
    body = block(0.1, 0.08, T)
    sheet = Sheet.line(np.array([[-0.06, 0.0, T / 2], [-0.02, 0.0, T / 2]]), np.array([0, 0, 1.0]), (-0.02, 0.02))
    mesh = surface_mesh(body, [sheet]).mesh
    found = pieces_of(body, mesh, 2200.0)
    assert len(found.pieces) == 1
    sides = found.pieces[0].faces
    assert np.linalg.norm(sides.vector[sides.crack == 0], axis=1).sum() == pytest.approx(2 * 0.03 * T, rel=1e-3)
    assert found.pieces[0].neighbours == {}


def test_free_directions_of_wedges_and_of_a_locked_piece():
    wedge = free_directions(np.array([[1.0, 0, 0], [0, 1.0, 0]]))
    assert wedge.free and wedge.best[0] < 0 and wedge.best[1] < 0
    locked = free_directions(np.array([[1.0, 0, 0], [-1, 1, 0], [-1, -1, 0], [0, 0, 1], [0, 0, -1]]))
    assert not locked.free
    slot = free_directions(np.array([[1.0, 0, 0], [-1.0, 0, 0], [0, 0, 1], [0, 0, -1]]))
    assert slot.free and slot.slack == 0.0 and abs(slot.best[1]) == pytest.approx(1.0)


@pytest.mark.parametrize("points, last", [(np.zeros((3, 2)), 2), (np.zeros((3, 3)), 5)])
def test_surfaces_that_are_none_are_refused(points, last):
    cracks = [(points, np.array([[0, 1, last]]))]
    with pytest.raises(InputError, match="triangles"):
        pieces_of(SQUARE, cracks, 1000.0)


def test_density_is_refused():
    with pytest.raises(InputError, match="density"):
        pieces_of(SQUARE, [], 0.0)
