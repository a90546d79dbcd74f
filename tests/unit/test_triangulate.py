"""Triangulation of planar domains on given edges: what is kept, how good the triangles are, what is refused."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from deadlight.errors import InputError, NotSolved
from deadlight.surface.triangulate import Triangulation, triangulate

Points = list[list[float]]


def constant(h: float) -> Any:
    return lambda x: np.full(len(x), h)


def circle(n: int, radius: float = 1.0) -> np.ndarray:
    t = 2 * np.pi * np.arange(n) / n
    return radius * np.column_stack([np.cos(t), np.sin(t)])


def spaced(a: np.ndarray, b: np.ndarray, size: Any) -> np.ndarray:
    """Points from a to b at distances of the size function."""
    t = np.linspace(0, 1, 801)
    count = np.concatenate([[0], np.cumsum(np.linalg.norm(b - a) / 800 / size(a + (b - a) * t[:-1, None]))])
    n = max(1, round(count[-1]))
    return a + (b - a) * np.interp(np.arange(n + 1) * count[-1] / n, count, t)[:, None]


def closed(corners: np.ndarray, size: Any) -> np.ndarray:
    return np.concatenate([spaced(a, b, size)[:-1] for a, b in zip(corners, np.roll(corners, -1, axis=0))])


def edges(cells: np.ndarray) -> set[tuple[int, int]]:
    return {tuple(sorted(e)) for c in cells.tolist() for e in ((c[0], c[1]), (c[1], c[2]), (c[2], c[0]))}


def check(found: Triangulation, points: np.ndarray, loops: list[Any], slits: list[Any]) -> None:
    """Given points first, all segments edges, no triangle turned over, the whole area covered once."""
    assert np.array_equal(found.points[: len(points)], points)
    have = edges(found.triangles)
    for loop in loops:
        assert all(tuple(sorted(e)) in have for e in zip(loop, np.roll(loop, -1)))
    for slit in slits:
        assert all(tuple(sorted(e)) in have for e in itertools.pairwise(slit))
    a, b, c = (found.points[found.triangles[:, k]] for k in range(3))
    area = 0.5 * ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    assert (area > 0).all()
    shoelace = [
        0.5 * np.cross(np.c_[x, 0 * x[:, 0]], np.c_[np.roll(x, -1, 0), 0 * x[:, 0]])[:, 2].sum()
        for x in (points[loop] for loop in loops)
    ]
    whole = abs(shoelace[0]) - sum(abs(s) for s in shoelace[1:])
    assert area.sum() == pytest.approx(whole, rel=1e-9)
    used = np.unique(found.triangles)
    assert len(used) == len(found.points)
    # Euler: every loop and slit leaves the domain a sphere with holes (slits do not cut it)
    assert len(used) - len(have) + len(found.triangles) == 2 - len(loops)


def own_angles(found: Triangulation, loops: list[Any], slits: list[Any]) -> np.ndarray:
    """Least angles [deg] of triangles without a corner between two given edges."""
    given = {tuple(sorted(e)) for loop in loops for e in zip(loop.tolist(), np.roll(loop, -1).tolist())}
    given |= {tuple(sorted(e)) for slit in slits for e in zip(slit[:-1].tolist(), slit[1:].tolist())}
    free = [
        sum(tuple(sorted(e)) in given for e in ((c[0], c[1]), (c[1], c[2]), (c[2], c[0]))) < 2
        for c in found.triangles.tolist()
    ]
    return found.least_angle[np.array(free)]


def random_domain(seed: int) -> tuple[np.ndarray, list[Any], list[Any], Any]:
    """A random outline with, by turns: nothing, a slit, a tiny slit, a slit from the edge, a hole with a slit."""
    r = np.random.default_rng(seed)
    n = int(r.integers(4, 9))
    angle = 2 * np.pi * (np.arange(n) + r.uniform(-0.25, 0.25, n)) / n
    corners = r.uniform(0.7, 1.2, n)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    h0, growth, kind = r.uniform(0.12, 0.3), r.uniform(0.2, 0.4), seed % 5
    way = r.uniform(0, 2 * np.pi)
    u, centre = np.array([np.cos(way), np.sin(way)]), r.uniform(-0.15, 0.15, 2)
    length = {0: 0.0, 1: 0.3, 2: 0.002, 3: 0.25, 4: 0.2}[kind]
    start, fine = centre - 0.5 * length * u, length / r.integers(3, 8)
    if kind == 3:
        start = 0.5 * (corners[0] + corners[1])
        u = -start / np.linalg.norm(start)
        corners = np.insert(corners, 1, start, axis=0)

    def size(x: np.ndarray) -> np.ndarray:
        t = np.clip((x - start) @ u, 0, length)
        off = np.linalg.norm(x - start - t[:, None] * u, axis=1)
        return np.minimum(h0, fine + growth * off) if kind else np.full(len(x), h0)

    outer = closed(corners, size)
    loops, points, slits = [np.arange(len(outer))], [outer], []
    if kind == 4:
        m = 12
        hole = start + 0.15 * circle(m) @ np.array([u, [-u[1], u[0]]])
        start = hole[0]
        hole = np.concatenate([spaced(a, b, size)[:-1] for a, b in zip(hole, np.roll(hole, -1, axis=0))])
        loops.append(len(outer) + np.arange(len(hole)))
        points.append(hole)
    if kind:
        line = spaced(start, start + length * u, size)
        count = sum(map(len, points))
        at = int(np.linalg.norm(np.concatenate(points) - start, axis=1).argmin())
        first = [] if kind < 3 else [at]
        line = line[len(first) :]
        slits.append(np.array([*first, *range(count, count + len(line))]))
        points.append(line)
    return np.concatenate(points), loops, slits, size


def test_random_domains_keep_their_edges_and_have_good_angles() -> None:
    worst = []
    for seed in range(60):
        points, loops, slits, size = random_domain(seed)
        found = triangulate(points, loops, slits, size, place=f"domain {seed}")
        check(found, points, loops, slits)
        worst.append(own_angles(found, loops, slits).min(initial=60.0))
    assert np.min(worst) > 24.0
    assert np.median(worst) > 32.0


def test_size_is_followed() -> None:
    def size(x: np.ndarray) -> np.ndarray:
        return 0.03 + 0.25 * np.abs(x[:, 0])

    points = closed(np.array([[-1.0, -0.5], [1, -0.5], [1, 0.5], [-1, 0.5]]), size)
    found = triangulate(points, [np.arange(len(points))], [], size)
    corner = found.points[found.triangles]
    length = np.linalg.norm(corner - np.roll(corner, 1, axis=1), axis=2).mean(axis=1)
    ratio = length / size(corner.mean(axis=1))
    assert 0.85 < np.median(ratio) < 1.15
    assert ratio.max() < 1.7 and ratio.min() > 0.5
    assert found.least_angle.min() > 30


def test_large_size_grows_from_the_edges_only_so_fast() -> None:
    points = circle(60)
    found = triangulate(points, [np.arange(60)], [], constant(10.0), growth=0.3)
    corner = found.points[found.triangles]
    length = np.linalg.norm(corner - np.roll(corner, 1, axis=1), axis=2).max(axis=1)
    inside = 1 - np.linalg.norm(corner.mean(axis=1), axis=1)
    assert (length < 1.7 * (2 * np.pi / 60 + 0.3 * inside)).all()


@pytest.mark.parametrize("turn", [1, -1])
def test_orientation_of_loops_does_not_matter(turn: int) -> None:
    points = np.concatenate([circle(32), circle(16, 0.4)])
    loops = [np.arange(32)[::turn], 32 + np.arange(16)]
    found = triangulate(points, loops, [], constant(0.2))
    check(found, points, loops, [])
    assert np.linalg.norm(found.points[found.triangles].mean(axis=1), axis=1).min() > 0.4


def test_parity_decides_what_is_inside() -> None:
    points = np.concatenate([circle(40, 3), circle(40, 2), circle(40, 1)])
    found = triangulate(points, [np.arange(40), 40 + np.arange(40), 80 + np.arange(40)], [], constant(0.4))
    radius = np.linalg.norm(found.points[found.triangles].mean(axis=1), axis=1)
    assert not ((radius > 1) & (radius < 1.9)).any()
    assert (radius < 1).any() and (radius > 2).any()


def test_scale_and_place_do_not_matter() -> None:
    points = np.concatenate([circle(40), [[-0.2, 0.0], [0.0, 0.05], [0.2, 0.0]]])
    loops, slits = [np.arange(40)], [np.array([40, 41, 42])]
    one = triangulate(points, loops, slits, constant(0.16))
    two = triangulate(1e-6 * points + 3.0, loops, slits, constant(0.16e-6))
    assert one.least_angle.min() > 30 and two.least_angle.min() > 30
    assert abs(len(one.triangles) - len(two.triangles)) <= 4
    again = triangulate(points, loops, slits, constant(0.16))
    assert np.array_equal(one.triangles, again.triangles) and np.array_equal(one.points, again.points)


def test_segments_that_no_delaunay_triangulation_has() -> None:
    """Long segments with points of others very near: they have to be forced by flips."""
    x = np.linspace(-0.5, 0.5, 11)
    comb = np.column_stack([x[1:-1], np.full(9, 0.004)])
    points = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1], [-0.5, 0], [0.5, 0], *comb.tolist()])
    loops, slits = [np.arange(4)], [np.array([4, 5]), np.arange(6, 15)]
    found = triangulate(points, loops, slits, constant(0.3))
    check(found, points, loops, slits)


def test_slits_that_meet_and_that_cross_the_domain() -> None:
    points = np.array([[0.0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [1, 2], [0, 2], [0, 1], [1, 1]])
    loops, slits = [np.arange(8)], [np.array([1, 8, 5]), np.array([7, 8]), np.array([8, 3])]
    found = triangulate(points, loops, slits, constant(0.5))
    check(found, points, loops, slits)


def test_a_domain_without_room_for_points() -> None:
    x = np.linspace(0, 1, 41)
    points = np.concatenate([np.column_stack([x, 0 * x]), np.column_stack([x[::-1], 0 * x + 0.02])])
    found = triangulate(points, [np.arange(82)], [], constant(1.0))
    check(found, points, [np.arange(82)], [])
    assert len(found.points) == 82


SQUARE: Points = [[0, 0], [1, 0], [1, 1], [0, 1]]


@pytest.mark.parametrize(
    ("more", "loop", "slits", "words"),
    [
        ([], [0, 2, 1, 3], [], "away from shared points"),
        ([[0.3, 0.3], [0.7, 0.7], [0.3, 0.7], [0.7, 0.3]], [0, 1, 2, 3], [[4, 5], [6, 7]], "away from shared points"),
        ([[0.3, 0.3], [0.7, 0.7], [0.5, 0.5]], [0, 1, 2, 3], [[4, 5, 6]], "away from shared points"),
        ([[0.3, 0.3], [0.7, 0.7]], [0, 1, 2, 3], [[4, 5, 4]], "twice"),
        ([[0.0, 0.0], [0.5, 0.5]], [0, 1, 2, 3], [[4, 5]], "away from shared points"),
        ([[1.3, 0.3], [1.5, 0.4]], [0, 1, 2, 3], [[4, 5]], "outside"),
        ([[0.3, np.nan], [0.5, 0.4]], [0, 1, 2, 3], [[4, 5]], "not finite"),
        ([[0.3, 0.3], [0.3, 0.3]], [0, 1, 2, 3], [[4, 5]], "length"),
    ],
)
def test_outlines_that_are_refused(more: Points, loop: list[int], slits: list[list[int]], words: str) -> None:
    points = np.array(SQUARE + more)
    with pytest.raises(InputError, match=words) as error:
        triangulate(points, [np.array(loop)], [np.array(s) for s in slits], constant(0.3), place="patch")
    assert str(error.value).startswith("patch:")


def test_sizes_that_are_refused() -> None:
    with pytest.raises(InputError, match="positive"):
        triangulate(np.array(SQUARE), [np.arange(4)], [], constant(0.0))
    fine = np.concatenate([np.linspace(SQUARE[k], SQUARE[(k + 1) % 4], 40)[:-1] for k in range(4)])
    with pytest.raises(NotSolved, match="more than"):
        triangulate(fine, [np.arange(len(fine))], [], constant(1e-4))
    with pytest.raises(InputError, match="outline of 0 segments"):
        triangulate(np.array(SQUARE), [], [], constant(0.3))
