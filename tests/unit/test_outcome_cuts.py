"""Surfaces of cracks as plain triangles: what is taken, what is refused, and what lies between two heights."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from deadlight.errors import InputError
from deadlight.outcome import cuts as cuts_module
from deadlight.outcome.cuts import Cuts, _of_mesh, cuts_of, surfaces_of
from deadlight.outcome.skin import Skin, plate

T = 0.010
PANE = plate(shapely.box(-0.05, -0.05, 0.05, 0.05), T)


def cut(*triangles: Any) -> Cuts:
    corners = np.array(triangles, dtype=float).reshape(-1, 3, 3)
    number = np.zeros(len(corners), dtype=np.int64)
    return Cuts(corners, number, number == 0)


def between(cuts: Cuts, *ways: Any) -> list[bool]:
    a, b, z = (np.array([w[k] for w in ways], dtype=float) for k in range(3))
    found: list[bool] = cuts.between(a.reshape(-1, 2), b, z).tolist()
    return found


def test_a_crack_lies_between_heights_that_it_is_strictly_within() -> None:
    level = cut([(4, 4, 0.5), (6, 4, 0.5), (4, 6, 0.5)])
    at = (4.5, 4.5)
    ways = [(at, 0.5, 0.9), (at, 0.9, 0.5), (at, 0.1, 0.5), (at, 0.5, 0.1), (at, 0.4, 0.6), (at, 0.6, 0.4)]
    assert between(level, *ways) == [False] * 4 + [True] * 2
    assert between(level, ((0.5, 0.5), 0.0, 1.0), (at, 0.0, 1.0), ((5.5, 5.5), 0.0, 1.0)) == [False, True, False]
    assert between(cut([(4, 4, 0), (6, 4, 0), (5, 4, 3)]), ((5, 4), 0.1, 0.2)) == [False]  # upright
    assert between(cut(), (at, 0.0, 1.0)) == [False]
    assert between(level) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_height_of_a_leaning_triangle_is_that_of_its_plane(seed: int) -> None:
    """Plane through the corners, z = p + q x + r y, solved as it stands."""
    rng = np.random.default_rng(seed)
    t = rng.normal(size=(4, 3, 3)) + [5.0, -3.0, 2.0]
    share = rng.dirichlet(np.ones(3), 4)
    spot = np.einsum("tc,tcd->td", share, t)
    for k in range(4):
        p, q, r = np.linalg.solve(np.column_stack([np.ones(3), t[k, :, :2]]), t[k, :, 2])
        assert spot[k, 2] == pytest.approx(p + q * spot[k, 0] + r * spot[k, 1])
        z = spot[k, 2]
        ways = [(spot[k, :2], z - 2e-6, z - 1e-6), (spot[k, :2], z - 1e-6, z + 1e-6), (spot[k, :2], z + 1e-6, z + 2e-6)]
        assert between(cut(t[k]), *ways) == [False, True, False]


def test_a_triangle_leans_when_its_plan_has_a_millionth_of_its_area() -> None:
    def leaning(slope: float) -> list[int]:
        return cut([(3, 2, 0), (5, 2, 0), (3, 2 + slope, 1)], [(0, 0, 0), (1, 0, 0), (0, 1, 0)]).leaning.tolist()

    assert leaning(1.1e-6) == leaning(-1.1e-6) == [0, 1]
    assert leaning(0.9e-6) == leaning(-0.9e-6) == [1]
    assert not len(cut([(3, 2, 1), (5, 2, 1), (4, 2, 1)], [(3, 2, 1)] * 3).leaning)  # nor what has none
    both = cut([(3, 2, 0), (5, 2, 0), (3, 2, 1)], [(3, 2, 0), (5, 4, 1), (3, 6, 9)])
    assert both.normal == pytest.approx(np.array([[0, -2, 0], [14, -18, 8]]))
    assert both.low.tolist() == [[3, 2, 0], [3, 2, 0]] and both.high.tolist() == [[5, 2, 1], [5, 6, 9]]
    assert both.boxes.query(shapely.Point(4, 5)).tolist() == [1]


def scaled(scale: float) -> Skin:
    return Skin(scale * PANE.points, PANE.triangles, PANE.label, PANE.names)


@pytest.mark.parametrize(
    ("scale", "size", "count"), [(1.0, 2e-7, 2), (1.0, 0.5e-7, 1), (1e-3, 2e-10, 2), (1e-3, 0.5e-10, 1)]
)
def test_triangles_smaller_than_a_millionth_of_the_pane_squared_are_left_out(
    scale: float, size: float, count: int
) -> None:
    """Twice its area over 0.1 m squared is 4e-12 or a quarter of 1e-12."""
    x = scale * np.array([[0.01, 0.01, 0.001], [0.03, 0.01, 0.002], [0.01, 0.02, 0.003], [0.02, 0.02, 0.004]])
    x = np.concatenate([x, x[3] + [[size, 0, 0], [0, size, 0]]])
    found = cuts_of([(x, np.array([[0, 1, 2], [3, 4, 5], [1, 1, 2]]))], scaled(scale), 0.0)
    assert found.real.sum() == count
    assert np.array_equal(found.corners[found.real][0], x[:3])


def test_every_crack_is_led_on_towards_the_skin_and_the_other_cracks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def led(points: Any, tri: Any, others: Any, *sizes: float) -> Any:
        asked.append((points, others, sizes))
        return np.full((len(asked), 3, 3), 7.0 + len(asked))

    monkeypatch.setattr(cuts_module, "led_on", led)
    one = np.array([[0.0, 0, 0], [0.01, 0, 0], [0, 0.02, 0.01]])
    two = np.array([[0.0, 0, 0], [0.01, 0, 0.01], [0, 0.03, 0.02], [0.03, 0.03, 0.03]])
    up = Skin(PANE.points + [0, 0, 0.03], PANE.triangles, PANE.label, PANE.names)
    found = cuts_of(iter([(one, [[0, 1, 2]]), (two, [[0, 1, 2], [1, 3, 2]])]), up, 3e-6)
    first, second = np.array([one]), two[[[0, 1, 2], [1, 3, 2]]]
    assert found.crack.tolist() == [0, 1, 1, 0, 1, 1] and found.real.tolist() == [True] * 3 + [False] * 3
    assert np.array_equal(found.corners[:3], np.concatenate([first, second]))
    assert found.corners[3:, 0, 0].tolist() == [8.0, 9.0, 9.0]
    for (points, others, sizes), mine, other in zip(asked, (one, two), (second, first)):
        assert np.array_equal(points, mine)
        assert np.array_equal(others, np.concatenate([up.corners, other]))
        assert sizes == pytest.approx((3e-6, T / 50, 1e-9))


GOOD = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])


@pytest.mark.parametrize(
    ("points", "tri"),
    [
        (GOOD, [[0, 1, 3]]), (GOOD, [[-1, 1, 2]]), (GOOD, [[0, 1]]), (GOOD, [0, 1, 2]), (GOOD[:, :2], [[0, 1, 2]]),
        (GOOD.ravel(), [[0, 1, 2]]), (np.where(GOOD == 1, np.nan, GOOD), [[0, 1, 2]]), (GOOD + np.inf, [[0, 1, 2]]),
        (GOOD[None], [[0, 1, 2]]), (GOOD, [[[0, 1, 2]]]),
    ],
)  # fmt: skip
def test_what_is_no_surface_of_triangles_is_refused(points: Any, tri: Any) -> None:
    assert len(surfaces_of([(GOOD, [[0, 1, 2]])])) == 1
    with np.errstate(invalid="ignore"), pytest.raises(InputError):
        surfaces_of([(GOOD, [[0, 1, 2]]), (points, tri)])


def test_a_surface_without_triangles_is_one() -> None:
    (found,) = surfaces_of([(GOOD, np.zeros((0, 3), dtype=np.int64))])
    assert len(found[1]) == 0 and not len(cuts_of([found], PANE, 1e-5).corners)


def test_elements_on_cracks_are_cut_by_their_own_nodes() -> None:
    """Surfaces 3 and 5 are cracks, 4 is skin: a six-node triangle beside a nine-node square, and a triangle apart.

    Nodes 3 to 5 of a triangle lie on its sides, 4 to 7 of a square too, 8 is its middle. The two sides of the shared
    line have nodes of their own at one place.
    """
    tri = np.array([[0.0, 0], [2, 0], [0, 2], [1, 0], [1, 1], [0, 1]])
    quad = np.array([[0.0, 0], [0, 2], [-4, 2], [-4, 0], [0, 1], [-2, 2], [-4, 1], [-2, 0], [-2, 1]])
    points = np.concatenate([tri, quad, tri + 9.0, 3.0 * tri - 20.0])
    points = np.column_stack([points, np.ones(len(points))])
    _, place = np.unique(np.round(points, 9), axis=0, return_inverse=True)
    cells = np.full((4, 9), -1)
    cells[0, :6], cells[1], cells[2, :6], cells[3, :6] = range(6), range(6, 15), range(15, 21), range(21, 27)
    swap = np.arange(27)
    swap[[0, 12]] = 12, 0  # the first node is the square's seventh
    points, place, cells = points[swap], place.ravel()[swap], np.where(cells < 0, -1, swap[cells])
    mesh: Any = SimpleNamespace(
        points=points, place=place, cells=cells, surface=np.array([3, 3, 4, 5]),
        on_crack=np.array([True, True, False, True]),
    )  # fmt: skip
    found = _of_mesh(mesh)
    assert len(found) == 2
    for (x, t), nodes, size in zip(found, (12, 6), ([0.5] * 4 + [1.0] * 8, [4.5] * 4)):
        assert x.shape == (nodes, 3) and sorted(np.unique(t)) == list(range(nodes))
        corner = x[t]
        area = 0.5 * np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        assert area[:, 2] == pytest.approx(size)
        flat = [shapely.Polygon(c[:, :2]) for c in corner]
        assert shapely.union_all(flat).area == pytest.approx(sum(size))
        assert all(a.touches(b) or a.disjoint(b) for k, a in enumerate(flat) for b in flat[:k])
    assert np.ptp(found[0][0][:, 0]) == 6.0 and np.ptp(found[1][0][:, 0]) == 6.0
