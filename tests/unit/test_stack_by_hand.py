"""Heights of sections, what joins them, and integrals over pieces: plates with plain cuts in closed form."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from deadlight.outcome.cuts import Cuts, cuts_of
from deadlight.outcome.pieces import SPECK
from deadlight.outcome.skin import Skin, plate
from deadlight.outcome.stack import SLABS, _breaks, heights, stacked
from support_cuts import wall

T = 0.010
BOX = (0.01, 0.02, 0.11, 0.10)  # not round the axis
PANE = plate(shapely.box(*BOX), T)
NARROW = 2e-6 * PANE.extent
Surface = tuple[np.ndarray, np.ndarray]


def cut(*cracks: Surface, skin: Skin = PANE, closes: float = 1e-8) -> Cuts:
    return cuts_of(list(cracks), skin, closes)


def upright(x: float, low: float = -0.002, high: float = 0.012, lean: float = 0.0) -> Surface:
    return wall(np.array([[x, 0.0], [x, 0.12]]), low, high, np.array([lean, 0.0]))


def sheet(plan: list[list[float]], z: np.ndarray) -> Surface:
    """A convex plan of a plane z = a + b x + c y, in triangles round its first corner."""
    x = np.array(plan)
    return np.column_stack([x, z[0] + x @ z[1:]]), np.array([[0, i, i + 1] for i in range(1, len(x) - 1)])


def kinks(z: np.ndarray, w: np.ndarray, at: float) -> float:
    """How far the heights are from integrating |z - at| exactly, over what they make of it."""
    return abs(float(w @ np.abs(z - at)) / (0.5 * (at**2 + (T - at) ** 2)) - 1.0)


def count(*cracks: Surface, skin: Skin = PANE, closes: float = 1e-8) -> int:
    return int((stacked(skin, cut(*cracks, skin=skin, closes=closes)).volume > SPECK * skin.volume).sum())


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (5.0, 7.0), (-0.3, -0.1)])
def test_breaks_are_the_firm_ones_and_what_is_apart_from_them(low: float, high: float) -> None:
    t = high - low

    def made(firm: list[float], bends: list[float]) -> list[float]:
        found = _breaks(low + t * np.array(firm), low + t * np.array(bends), low, high)
        assert found[0] == low and found[-1] == high and (np.diff(found) > 0.0).all()
        return ((found[1:-1] - low) / t).tolist()

    assert made([], []) == []
    assert made([0.4, 1.0, 0.0], [0.7, -1.0, 2.0, 0.2, 0.7]) == pytest.approx([0.2, 0.4, 0.7])
    assert made([-3.0, 0.4, 4.0], []) == pytest.approx([0.4])
    for apart, kept in ((5e-8, 1), (2e-7, 2)):
        for near in ([0.4, 0.4 + apart], [0.0 + apart, 0.4], [0.4, 1.0 - apart]):
            assert len(made(near, [])) == len(made([], near)) == kept
            assert len(made([0.4], [x for x in near if x != 0.4])) == kept


def test_as_many_breaks_are_kept_as_there_may_be_slabs() -> None:
    """31 heights between the ends make 32 slabs; of more some are left out, but none of the firm ones."""
    exact = np.arange(1, SLABS) / SLABS
    assert _breaks(np.zeros(0), exact, 0.0, 1.0)[1:-1] == pytest.approx(exact)
    firm = np.array([0.123, 0.5, 0.987])
    for number in (SLABS, 100, 3000):
        some = _breaks(firm, np.arange(1, number + 1) / (number + 1), 0.0, 1.0)
        assert 8 <= len(some) - 1 <= SLABS and np.isin(firm, some).all()
    many = np.linspace(0.0, 1.0, 60)
    assert _breaks(many, exact, 0.0, 1.0) == pytest.approx(many)


def test_a_whole_plate_has_four_slabs_and_sections_right_beside_their_ends() -> None:
    z, w = heights(PANE, cut())
    assert all(kinks(z, w, k * T / 4) < 1e-12 for k in (1, 2, 3)) and kinks(z, w, 0.3 * T) > 1e-4
    ends = np.arange(5) * T / 4
    beside = np.sort(np.concatenate([ends[:-1] + 2e-3 * T / 4, ends[1:] - 2e-3 * T / 4]))
    assert z[w == 0.0] == pytest.approx(beside, rel=1e-12)
    assert w[w > 0.0].sum() == pytest.approx(T, rel=1e-12)


def test_where_a_crack_begins_and_ends_is_an_end_of_slabs() -> None:
    z, w = heights(PANE, cut(upright(0.05, 0.0021, 0.0067, 0.3)))
    assert kinks(z, w, 0.0021) < 1e-12 and kinks(z, w, 0.0067) < 1e-12
    both = cut(upright(0.03, 0.0021, 0.0067), upright(0.07, -0.001, 0.0033))
    assert max(kinks(*heights(PANE, both), at) for at in (0.0021, 0.0033, 0.0067)) < 1e-12


def test_a_crack_of_many_bends_keeps_its_ends_and_sections_beside_those_of_the_plate() -> None:
    level = np.sort(np.concatenate([[0.0021, 0.0067], np.random.default_rng(2).uniform(0.0022, 0.0066, 80)]))
    points = np.array([[0.05 + 1e-3 * (k % 2), y, h] for k, h in enumerate(level) for y in (0.0, 0.12)])
    tri = np.array([t for k in range(0, len(points) - 2, 2) for t in ([k, k + 1, k + 3], [k, k + 3, k + 2])])
    z, w = heights(PANE, cut((points, tri)))
    assert kinks(z, w, 0.0021) < 1e-12 and kinks(z, w, 0.0067) < 1e-12
    none = z[w == 0.0]
    assert len(none) == 4 and none[0] == pytest.approx(2e-3 * 0.0021) and none[1] == pytest.approx(0.0021 * 0.998)
    assert none[2] == pytest.approx(0.0067 + 2e-3 * 0.0033) and none[3] == pytest.approx(T - 2e-3 * 0.0033)


def test_where_two_cracks_cross_is_an_end_of_slabs() -> None:
    """A steep and a flat plane cross on a line from z = 3.9 mm at y = 20 mm to 6.3 mm at y = 100 mm, in triangles."""
    points = np.array([[0.05, 0.02, -0.001], [0.05, 0.10, -0.001], [0.05, 0.10, 0.011], [0.05, 0.02, 0.011]])
    flat = sheet([[0.0, 0.01], [0.12, 0.01], [0.12, 0.11], [0.0, 0.11]], np.array([0.0033, 0.0, 0.03]))
    z, w = heights(PANE, cut((points, np.array([[0, 1, 2], [0, 2, 3]])), flat))
    assert kinks(z, w, 0.0039) < 1e-9 and kinks(z, w, 0.0063) < 1e-9


def test_where_a_leaning_crack_leaves_through_the_rim_is_an_end_of_slabs() -> None:
    """One triangle z = 1 + 0.05 x + 0.01 y (mm, m): from 1.7 mm at the nearest corner of the plate to 7.5 mm."""
    cracked = cut(sheet([[-0.05, 0.0], [0.25, 0.0], [0.05, 0.3]], np.array([0.001, 0.05, 0.01])))
    low, high = (0.001 + 0.05 * BOX[k] + 0.01 * BOX[k + 1] for k in (0, 2))
    n = len(PANE.triangles)
    for first in range(n):
        order = np.roll(np.arange(n), first)
        skin = Skin(PANE.points, PANE.triangles[order], PANE.label[order], PANE.names)
        z, w = heights(skin, cracked)
        assert kinks(z, w, low) < 1e-9 and kinks(z, w, high) < 1e-9


def moments_of_wedge(a: float, lean: float, left: bool) -> np.ndarray:
    """Integrals of 1, x, y, z, x2, xy, y2, xz, yz, z2 over the part of the plate left or right of x = a + lean z."""
    node, weight = np.polynomial.legendre.leggauss(8)
    total = np.zeros(10)
    for z, w in zip(0.5 * T * (node + 1.0), 0.5 * T * weight):
        x0, x1 = (BOX[0], a + lean * z) if left else (a + lean * z, BOX[2])
        px, py = ([(b ** (k + 1) - c ** (k + 1)) / (k + 1) for k in range(3)] for b, c in ((x1, x0), (BOX[3], BOX[1])))
        one = px[0] * py[0]
        total += w * np.array([
            one, px[1] * py[0], px[0] * py[1], z * one, px[2] * py[0], px[1] * py[1], px[0] * py[2],
            z * px[1] * py[0], z * px[0] * py[1], z * z * one,
        ])  # fmt: skip
    return total


@pytest.mark.parametrize(("a", "lean"), [(0.05, 0.0), (0.05, 0.5), (0.07, -1.5), (0.08, -4.0)])
def test_integrals_over_the_two_parts_of_a_leaning_cut(a: float, lean: float) -> None:
    found = stacked(PANE, cut(upright(a, lean=lean)), np.array([0.0031]))
    due = [moments_of_wedge(a, lean, left) for left in (True, False)]
    due.sort(key=lambda m: -m[0])
    assert len(found.integrals) == 2 and found.volume.tolist() == found.integrals[:, 0].tolist()
    for k in range(2):
        assert found.integrals[k] == pytest.approx(due[k], rel=1e-5)
    assert any(s.z == 0.0031 for s in found.sections) and len(found.piece) == len(found.sections)
    larger_is_left = moments_of_wedge(a, lean, True)[0] > moments_of_wedge(a, lean, False)[0]
    for s, piece in zip(found.sections, found.piece):
        assert sorted(piece) == [0, 1]
        x = shapely.get_x(shapely.centroid(s.cells))
        assert (x[piece.tolist().index(0)] < x[piece.tolist().index(1)]) == larger_is_left


@pytest.mark.parametrize("apart", [4e-3, 1.2e-2])
def test_what_lies_between_two_leaning_cuts_is_one_piece(apart: float) -> None:
    """Cuts that lean by 1.5, over each other for 4 mm apart: left, between and right, turned or not."""
    assert count(upright(0.05, lean=1.5), upright(0.05 + apart, lean=1.5)) == 3
    for turn in (np.array([[0.8, 0.6], [-0.6, 0.8]]), np.array([[0.0, -1.0], [1.0, 0.0]])):
        ring = np.array(shapely.box(*BOX).exterior.coords) @ turn
        skin = plate(shapely.Polygon(ring), T)
        cracks = [upright(0.05 + d, lean=1.5) for d in (0.0, apart)]
        turned = [(np.column_stack([p[:, :2] @ turn, p[:, 2]]), tri) for p, tri in cracks]
        assert count(*turned, skin=skin) == 3


@pytest.mark.parametrize("slope", [0.0, 0.01])
@pytest.mark.parametrize(("width", "pieces"), [(1.25, 1), (0.8, 2), (40.0, 1)])
def test_two_plates_hang_together_by_a_strip_that_is_not_too_narrow(width: float, pieces: int, slope: float) -> None:
    """A crack at half the thickness under all of the plate but for a strip along one side, in units of the least."""
    end = BOX[2] - width * NARROW
    plan = [[0.0, 0.01], [end, 0.01], [end, 0.11], [0.0, 0.11]]
    assert count(sheet(plan, np.array([0.005 - slope * 0.06, slope, 0.0])), closes=1e-9) == pieces


def test_a_crack_that_stops_short_leaves_one_piece() -> None:
    """A leaning cut up to 1 mm from one side."""
    short = wall(np.array([[0.05, 0.0], [0.05, 0.099]]), -0.002, 0.012, np.array([1.5, 0.0]))
    assert count(short) == 1 and count(upright(0.05, lean=1.5)) == 2
