"""Strips that lead a flat surface on: straight on, and towards what they would pass by, drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from deadlight.outcome.led import border, divided, led_on

# a flat surface, x from -8 to 0 and y from 0 to 8; parts of its border no longer than 4
POINTS = np.array([[-8.0, 0, 0], [0, 0, 0], [0, 8, 0], [-8, 8, 0]])
TRIANGLES = np.array([[0, 1, 2], [0, 2, 3]])
STEP, GRID = 4.0, 1e-3
TURN = np.linalg.qr(np.random.default_rng(8).normal(size=(3, 3)))[0]


def speck(at: np.ndarray) -> np.ndarray:
    """A triangle so small that it counts as a place."""
    return np.asarray(at) + 1e-9 * np.array([[1.0, 0, 0], [-0.5, 0.8, 0.1], [-0.5, -0.8, -0.1]])


def led(*others: np.ndarray, closes: float = 1.0, grid: float = GRID) -> np.ndarray:
    """Strips, two triangles each: (s, 2, 3, 3)."""
    found = led_on(POINTS, TRIANGLES, np.array(others), closes, STEP, grid)
    return found.reshape(-1, 3, 3)


def plan(strips: np.ndarray, axes: tuple[int, int] = (0, 1)) -> shapely.Geometry:
    flat = shapely.polygons(strips[:, :, list(axes)])
    return shapely.union_all(flat[shapely.area(flat) > 1e-9])


def same(a: shapely.Geometry, b: shapely.Geometry) -> bool:
    return bool(shapely.symmetric_difference(a, b).area < 1e-6)


def straight(strips: np.ndarray) -> np.ndarray:
    return np.abs(strips[:, :, 2]).max(axis=1) < 1e-9


def has_corner(strips: np.ndarray, at: np.ndarray) -> bool:
    return bool(np.linalg.norm(strips.reshape(-1, 3) - at, axis=1).min() < 1e-6)


def test_a_border_that_ends_before_a_wall_is_led_straight_on() -> None:
    """A wall at x = 0.5 is within 1 of all of the side x = 0, and of the parts of the others that begin there."""
    ahead = np.array([[0.5, -50.0, -50], [0.5, 50, -50], [0.5, 0, 80]])
    strips = led(ahead)
    assert len(strips) == 2 * 4 and straight(strips).all()
    assert same(
        plan(strips), shapely.union_all([shapely.box(0, 0, 2, 8), shapely.box(-4, -2, 0, 0), shapely.box(-4, 8, 0, 10)])
    )


@pytest.mark.parametrize(("away", "count"), [(1.0, 4), (1.0 + 1e-9, 0), (0.25, 4)])
def test_what_closes_is_near_up_to_and_with_its_limit(away: float, count: int) -> None:
    ahead = np.array([[away, -64.0, -64], [away, 64, -64], [away, 0, 64]])
    for turned in (False, True):
        turn = np.eye(3)[[2, 0, 1]] if turned else np.eye(3)  # axes change places, exactly
        found = led_on(POINTS @ turn, TRIANGLES, (ahead @ turn)[None], 1.0, STEP, GRID)
        assert found.shape == (2 * count, 3, 3)


def test_nothing_near_leads_nothing_on() -> None:
    assert led().shape == led(speck(np.array([0.0, 4.0, 1.5]))).shape == (0, 3, 3)
    assert led(speck(np.array([0.0, 4.0, -1.5]))).shape == led(speck(np.array([0.0, 9.5, 0]))).shape == (0, 3, 3)
    assert led_on(POINTS, np.zeros((0, 3), dtype=int), np.array([speck(np.zeros(3))]), 1.0, 1.0, GRID).shape == (
        0,
        3,
        3,
    )


@pytest.mark.parametrize("sides", [(-1.0,), (1.0,), (1.0, -1.0)])
def test_what_lies_beside_the_border_is_led_to_on_every_side(sides: tuple[float, ...]) -> None:
    """A plane 0.75 over (or under) a neighbourhood of the side x = 0: besides straight on, straight to it."""
    others = [np.array([[0.0, -50.0, 0.75 * s], [90, 50, 0.75 * s], [0, 50, 0.75 * s]]) for s in sides]
    strips = led(*others)
    assert len(strips) == 2 * 4 * (1 + len(sides))
    assert straight(strips).sum() == 2 * 4
    beside = strips[~straight(strips)]
    for s in sides:
        mine = beside[beside[:, :, 2].sum(axis=1) * s > 0.0]
        assert len(mine) == 2 * 4
        assert np.abs(mine[:, :, 2]).max() == pytest.approx(2.0)
        wall, rim = mine[np.abs(mine[:, :, 0]).max(axis=1) < 1e-9], mine[np.ptp(mine[:, :, 1], axis=1) < 1e-9]
        assert same(plan(wall, (1, 2)), shapely.box(0, 0, 8, 2) if s > 0 else shapely.box(0, -2, 8, 0))
        assert len(wall) == len(rim) == 4
        assert set(rim[:, :, 1].ravel()) == {0.0, 8.0} and rim[:, :, 0].min() == -4.0


def shapes(way: np.ndarray, far: float, grid: float = 1e-2) -> np.ndarray:
    """Strips for a speck at a distance along a way from the middle of the side x = 0."""
    way = way / np.linalg.norm(way)
    return led(speck(np.array([0.0, 4.0, 0.0]) + far * way), grid=grid)


@pytest.mark.parametrize(
    ("rise", "missed"), [(0.75, True), (0.85, True), (0.92, False), (1.5, False), (-0.005, True), (-0.015, False)]
)
def test_it_is_missed_where_straight_on_does_not_come_as_near_as_it_lies(rise: float, missed: bool) -> None:
    """0.8 away, led on by 2: coming nearer by less than 0.8 and ten grids of 0.01 is passing by; behind is passed."""
    out = rise / 2.0
    way = np.array([out, 0.0, np.sqrt(1.0 - out**2)])
    strips = shapes(way, 0.8)
    assert len(strips) == (8 if missed else 4) and straight(strips).sum() == 4
    if missed:
        for y in (0.0, 4.0, 8.0):
            assert has_corner(strips, np.array([0.0, y, 0.0]) + 2.0 * way)


@pytest.mark.parametrize(("along", "missed"), [(0.65, True), (0.75, False), (-0.65, True), (-0.75, False)])
def test_what_lies_along_the_border_is_for_the_border_itself(along: float, missed: bool) -> None:
    strips = shapes(np.array([0.0, along, np.sqrt(1.0 - along**2)]), 0.8)
    assert len(strips) == (8 if missed else 4)


def test_what_is_reached_but_for_the_grid_has_no_way() -> None:
    up = np.array([0.0, 0.0, 1.0])
    assert len(shapes(up, 0.008)) == 4 and len(shapes(up, 0.012)) == 8


@pytest.mark.parametrize(("cosine", "out", "count"), [(0.72, 0.2, 8), (0.68, 0.24, 12)])
def test_of_two_that_are_alike_the_nearer_leads_and_of_two_that_are_not_both(
    cosine: float, out: float, count: int
) -> None:
    """Specks 0.9 straight over the middle and 0.5 from it aslant; ways are alike from a cosine of 0.7 on."""
    over, aslant = np.array([0.0, 0.0, 1.0]), np.array([out, np.sqrt(1 - cosine**2 - out**2), cosine])
    middle = np.array([0.0, 4.0, 0.0])
    both = [speck(middle + 0.9 * over), speck(middle + 0.5 * aslant)]
    for others in (both, both[::-1]):
        strips = led(*others)
        assert len(strips) == count
        assert has_corner(strips, middle + 2.0 * aslant)
        assert has_corner(strips, middle + 2.0 * over) == (count == 12)


def test_each_end_of_a_part_goes_its_own_way_where_the_two_are_alike() -> None:
    """Specks over (0, 4, 0) and, a little farther out, over (0, 8, 0): one strip between the two goes to both."""
    ends, ways = np.array([[0.0, 4, 0], [0, 8, 0]]), np.array([[0.0, 0, 1], [0.28, 0, 0.96]])
    strips = led(*(speck(e + 0.8 * w) for e, w in zip(ends, ways)))
    assert straight(strips).sum() == 2 * 3 and len(strips) == 2 * 3 * 2
    for tip in ends + 2.0 * ways:
        assert has_corner(strips, tip)
    both = [t for t in strips if sum(np.linalg.norm(t - e, axis=1).min() < 1e-6 for e in ends + 2.0 * ways) == 2]
    assert len(both) == 1  # the second triangle of that strip


@pytest.mark.parametrize("apart", [0.5, 1.5])
def test_a_surface_that_comes_back_beside_itself_is_led_to_itself(apart: float) -> None:
    """A sheet folded twice: its last edge ends over its first part, 0.5 or 1.5 from it; it closes what is below 1."""
    line = np.array([[0.0, 0.0], [20.0, 0.0], [20.0, 9.0], [10.0, 9.0], [10.0, apart]])
    n = len(line)
    points = np.concatenate([np.column_stack([line[:, 0], np.full(n, y), line[:, 1]]) for y in (0.0, 2.0)])
    tri = np.array([t for i in range(n - 1) for t in ([i, i + 1, n + i + 1], [i, n + i + 1, n + i])])
    for turn in (np.eye(3), TURN):
        found = led_on(points @ turn, tri, np.zeros((0, 3, 3)), 1.0, STEP, GRID) @ turn.T
        if apart > 1.0:
            assert not len(found)
            continue
        tip = found[np.abs(found[:, :, 0] - 10.0).max(axis=1) < 1e-9]
        assert tip[:, :, 2].min() == pytest.approx(apart - 2.0)
        below = tip[(tip[:, :, 1].min(axis=1) > -1e-9) & (tip[:, :, 1].max(axis=1) < 2 + 1e-9)]
        cover = shapely.union_all([g for g in shapely.polygons(below[:, :, [1, 2]]) if g.area > 1e-9])
        assert cover.covers(shapely.box(0, apart - 2.0, 2, apart).buffer(-1e-6))


def test_a_flat_sheet_is_not_near_itself_however_finely_it_is_divided() -> None:
    x, y = np.meshgrid(np.linspace(0, 3, 13), np.linspace(0, 2, 9), indexing="ij")
    number = np.arange(x.size).reshape(x.shape)
    a, b, c, d = (n.ravel() for n in (number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]))
    tri = np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])
    points = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])
    for order in (np.arange(len(tri)), np.random.default_rng(0).permutation(len(tri))):
        assert not len(led_on(points, tri[order], np.zeros((0, 3, 3)), 1.0, STEP, GRID))
        loose = points[tri[order]].reshape(-1, 3)
        assert not len(led_on(loose, np.arange(len(loose)).reshape(-1, 3), np.zeros((0, 3, 3)), 1.0, STEP, GRID))


@pytest.mark.parametrize("scale", [0.25, 3.0])
def test_strips_grow_with_all_lengths(scale: float) -> None:
    over = np.array([[0.0, -50.0, 0.75], [90, 50, 0.75], [0, 50, 0.75]])
    plain = led(over)
    found = led_on(scale * POINTS, TRIANGLES, scale * over[None], scale, scale * STEP, scale * GRID)
    assert len(found) == len(plain) and np.abs(found - scale * plain).max() < 1e-9


def test_minus_nothing_is_nothing_and_short_sides_stay_whole() -> None:
    loose = np.concatenate([POINTS[[0, 1, 2]], POINTS[[0, 2, 3]]])
    loose[1, 0] = loose[4, 1] = -0.0
    loose[:3, 2] = -0.0
    ends, out, of = border(loose, np.arange(6).reshape(2, 3))
    assert len(ends) == 4
    small, _, _ = border(1e-3 * POINTS, TRIANGLES)
    assert len(small) == 4
    parts, _, _ = divided(ends, out, of, 100.0)
    assert (parts == ends).all()


def test_parts_on_either_side_go_each_to_their_own() -> None:
    """A speck 0.5 over the middle of the side x = 0 and one 0.8 under that of x = -8: whole sides go up, and down."""
    strips = led(speck(np.array([0.0, 4.0, 0.5])), speck(np.array([-8.0, 4.0, -0.8])))
    for x, z in ((0.0, 2.0), (-8.0, -2.0)):
        for y in (0.0, 4.0, 8.0):
            assert has_corner(strips, np.array([x, y, z])) and not has_corner(strips, np.array([x, y, -z]))
