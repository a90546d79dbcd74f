"""Flat patches of faces: how faces are grouped, their hulls, and what is still covered of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from deadlight.outcome.faces import Faces
from deadlight.outcome.patches import Patch, patches_of
from deadlight.outcome.piece import Piece
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.skin import plate
from support_square import RHO, SQUARE, THICK


def strip() -> tuple[Piece, Patch]:
    """A seat under the plate, x from -50 to -40 mm."""
    skin = plate(SQUARE, THICK, inner={"seat": shapely.box(-0.05, -0.05, -0.04, 0.05)})
    body = pieces_of(skin, [], RHO, check=False).pieces[0]
    return body, body.patches(regions=(body.regions.index("seat"),))[0]


def made(*triangles: Any, region: int = 0) -> Faces:
    n = len(triangles)
    none = np.full(n, -1)
    return Faces(np.array(triangles, dtype=float), np.zeros(n, dtype=np.int64), np.full(n, region), none, none, 0.0)


def sheets(*triangles: Any) -> tuple[Patch, ...]:
    return patches_of(made(*triangles), np.ones(len(triangles), dtype=bool))


def slope(tilt: float) -> list[list[float]]:
    """A right triangle with legs of 1, its normal tilted from z towards x."""
    c, s = np.cos(tilt), np.sin(tilt)
    return [[3.0, 2, 1], [3 + c, 2, 1 - s], [3, 3, 1]]


@pytest.mark.parametrize(
    ("tilt", "level"), [(0.0, True), (3e-5, True), (6e-5, False), (np.pi, True), (np.pi / 2, False)]
)
def test_a_patch_lies_along_the_pane_when_its_normal_is_upright_to_a_billionth(tilt: float, level: bool) -> None:
    """1 - cos(3e-5) is 0.45e-9 and 1 - cos(6e-5) is 1.8e-9."""
    (found,) = sheets(slope(tilt))
    assert found.level == level
    assert found.normal == pytest.approx([np.sin(tilt), 0.0, np.cos(tilt)], abs=1e-12)


@pytest.mark.parametrize("turn", [np.eye(3), np.linalg.qr(np.random.default_rng(7).normal(size=(3, 3)))[0]])
def test_a_patch_has_axes_of_its_own_and_what_is_flat_in_them(turn: np.ndarray) -> None:
    x = np.array([[[2.0, 1, 5], [6, 1, 5], [2, 4, 5]], [[6.0, 1, 5], [6, 4, 5], [2, 4, 5]]]) @ turn
    (found,) = sheets(*x)
    e = np.array([*found.axes, found.normal])
    assert e @ e.T == pytest.approx(np.eye(3), abs=1e-12) and np.linalg.det(e) == pytest.approx(1.0)
    assert found.origin == pytest.approx(x.reshape(-1, 3).mean(axis=0))
    assert found.origin + found.flat @ found.axes == pytest.approx(x)
    assert found.shape.area == pytest.approx(12.0, rel=1e-6) and len(found.hull) == 4
    assert found.span == pytest.approx(np.linalg.norm(np.ptp(x.reshape(-1, 3), axis=0)))
    due = np.unique(np.round(x.reshape(-1, 3), 9), axis=0)
    assert np.unique(np.round(found.hull, 9), axis=0) == pytest.approx(due, abs=1e-8)


def test_a_curved_patch_is_pushed_at_its_highest() -> None:
    """A ridge along y between sides that fall by 0.05: its hull lies at the ridge's height, as wide as all of it."""
    a, b = [[0.0, -1, 0], [0, 1, 0], [-1, 1, -0.05]], [[0.0, -1, 0], [1, 1, -0.05], [0, 1, 0]]
    (found,) = sheets(a, b)
    assert found.normal == pytest.approx([0, 0, 1]) and found.hull[:, 2] == pytest.approx(0.0)
    assert sorted(map(tuple, np.round(found.hull[:, :2], 9).tolist())) == [(-1, 1), (0, -1), (1, 1)]


def test_the_plane_of_a_patch_is_the_skin_beside_it() -> None:
    """Not a face lower by a millionth of the piece's size, or turned, or leaning, nor a cut face."""
    one = np.array([[0.0, 0, 1], [2, 0, 1], [0, 2, 1]])
    beside, down = one + [9.0, 0, 0], [0.0, 0, 1e-4]
    leaning = np.array([[20.0, 0, 1], [22, 0, 1.01], [20, 2, 1]])
    every = made(one, beside, one + [30.0, 0, 0] - down, (one + [40.0, 0, 0])[::-1], leaning, one + [50.0, 0, 0])
    every.region[5] = -1
    found = Patch(every.corners[:1], np.array([0.0, 0, 1]), every, 3.0)
    assert found.plane.area == pytest.approx(4.0, rel=1e-6)
    near = made(one, beside - 1e-2 * np.array(down), one + [30.0, 0, 0] + 1e-2 * np.array(down))
    assert Patch(near.corners[:1], np.array([0.0, 0, 1]), near, 3.0).plane.area == pytest.approx(6.0, rel=1e-6)


def test_a_piece_that_tips_carries_its_underside_along() -> None:
    """The underside is 5 mm below the middle: tipped by -0.2 about y it goes 1 mm along x, by 0.3 about x 1.5 mm."""
    body, patch = strip()
    found = patch.covered(np.array([0.0, 0.0, 0.0, 0.0, -0.2, 0.0]), body.centroid)
    assert (found[:, 0].min(), found[:, 0].max()) == pytest.approx((-0.049, -0.04), abs=1e-8)
    found = patch.covered(np.array([0.0, 0.0, 0.0, 0.3, 0.0, 0.0]), body.centroid)
    assert (found[:, 1].min(), found[:, 1].max()) == pytest.approx((-0.0485, 0.05), abs=1e-8)


def test_what_does_not_lie_along_the_pane_is_not_slid_along() -> None:
    body, patch = strip()
    assert patch.covered(np.zeros(6), body.centroid) is patch.hull
    side = next(p for p in body.patches(regions=(body.regions.index("rim"),)) if p.normal[0] > 0.9)
    assert side.covered(np.array([0.0, 0.02, 0.0, 0.0, 0.0, 0.0]), body.centroid) is side.hull


def test_a_corner_that_is_hardly_covered_still_is() -> None:
    """3e-7 m squared are 9e-14 m2: more than a ten millionth of the face's size squared, which is 1e-16 m2."""
    body, patch = strip()
    e = 3e-7
    assert len(patch.covered(np.array([0.01 - e, 0.1 - e, 0.0, 0.0, 0.0, 0.0]), body.centroid))
    assert len(patch.covered(np.array([0.01 - 1e-7, 0.0, 0.0, 0.0, 0.0, 0.0]), body.centroid))
    assert patch.covered(np.array([0.01 - 4e-9, 0.1 - 4e-9, 0.0, 0.0, 0.0, 0.0]), body.centroid).shape == (0, 3)
    for moved in (np.array([0.004, 0.003, 0.0, 0.0, 0.0, 0.0]), np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.05])):
        assert patch.covered(moved, body.centroid)[:, 2] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("out", "corners"), [(0.4e-3, 4), (0.6e-3, 5)])
def test_corners_that_hardly_stand_out_are_left_out(out: float, corners: int) -> None:
    """5e-4 of the size, which is 2."""
    out *= 2.0
    x = (
        [[-1, -1, 0], [1, -1, 0], [1 + out, 0, 0]],
        [[-1, -1, 0], [1 + out, 0, 0], [1, 1, 0]],
        [[-1, -1, 0], [1, 1, 0], [-1, 1, 0]],
    )
    (found,) = sheets(*x)
    assert len(found.hull) == corners
    assert len(found._corners(shapely.LineString([(0, 0), (1, 0)]), 0.5)) == 2
    assert found._corners(shapely.Point(0, 0), 0.5) == pytest.approx(found.origin + [[0, 0, 0.5]])


def test_a_step_parts_faces_along_the_pane_only() -> None:
    """Of a size of 5: heights 0.5e-6 apart are one, 3e-6 apart are two; walls one behind the other are one."""
    flat, wall = np.array([[0.0, 0, 0], [3, 0, 0], [0, 4, 0]]), np.array([[0.0, 0, 0], [0, 3, 0], [0, 0, 4]])
    up = np.array([0.0, 0.0, 1.0])
    assert len(sheets(flat, flat + 0.5e-6 * up)) == 1
    assert len(sheets(flat, flat + 3e-6 * up)) == 2
    assert len(sheets(wall, wall + [1.0, 0, 0])) == 1
    both = sheets(flat, flat[::-1])
    assert sorted(p.normal[2] for p in both) == [-1.0, 1.0]
    shares = sheets(
        wall, wall @ np.array([[np.cos(0.02), np.sin(0.02), 0], [-np.sin(0.02), np.cos(0.02), 0], [0, 0, 1]])
    )
    assert len(shares) == 1 and shares[0].normal == pytest.approx([np.cos(0.01), np.sin(0.01), 0.0])


@pytest.mark.parametrize("scale", [1e-2, 1.0])
@pytest.mark.parametrize(("share", "count"), [(0.9e-9, 1), (1.1e-9, 2)])
def test_a_patch_of_a_billionth_of_the_size_squared_is_one(scale: float, share: float, count: int) -> None:
    """The size is the diagonal, 5, of what is asked for."""
    flat, leg = np.array([[0.0, 0, 0], [3, 0, 0], [0, 4, 0]]), np.sqrt(2.0 * share * 25.0)
    small = np.array([[1.0, 1, 0], [1, 1 + leg, 0], [1, 1, -leg]])  # leaves the diagonal as it is
    far = made(flat * scale, small * scale, [[0, 0, 0], [99, 0, 0], [0, 0, 99]])
    assert len(patches_of(far, np.array([True, True, False]))) == count
    assert patches_of(far, np.zeros(3, dtype=bool)) == ()


@pytest.mark.parametrize("z", [0.0, 1.0])
def test_a_level_face_and_one_that_leans_are_two_patches_at_any_height(z: float) -> None:
    """Only a level one is slid along, so nothing that leans may join it; 0.02 is within the turn of one contact."""
    c, s = np.cos(0.02), np.sin(0.02)
    flat = np.array([[0.0, 0, 0], [3, 0, 0], [0, 4, 0]])
    lean = flat @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) + [5, 0, 0]
    found = sheets(flat + [0, 0, z], lean + [0, 0, z])
    assert sorted(p.level for p in found) == [False, True]


@pytest.mark.parametrize("first", range(3))
def test_what_lies_in_the_plane_of_a_patch_does_not_depend_on_the_order_of_corners(first: int) -> None:
    """A face that leans by 1e-3 has two corners in the plane and one 2 mm over it: it is not in the plane."""
    flat = [[0.0, 0, 1], [2, 0, 1], [0, 2, 1]]
    lean = np.roll([[20.0, 0, 1], [22, 0, 1.002], [20, 2, 1]], first, axis=0)
    faces = made(flat, lean)
    assert Patch(faces.corners[:1], np.array([0.0, 0, 1]), faces, 3.0).plane.area == pytest.approx(2.0)


def test_a_dome_whose_middle_is_upright_is_not_level() -> None:
    """A pyramid of slope 0.01 is one contact's curved face, and no stop slides along it."""
    base = np.array([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]])
    (found,) = sheets(*(np.array([base[k], base[(k + 1) % 4], [0.0, 0, 0.01]]) for k in range(4)))
    assert found.normal == pytest.approx([0.0, 0, 1], abs=1e-12) and not found.level
    moved = np.array([1e-6, 0, 0, 0, 0, 0])
    assert found.covered(moved, np.zeros(3)) == pytest.approx(found.hull)


@pytest.mark.parametrize("high", [0.0, 0.4e-6, 0.8e-6, 3e-6])
def test_a_level_patch_lies_in_its_own_plane_however_uneven_it_may_be(high: float) -> None:
    """A square of 0.1 m with a corner so high: level up to 4.5e-5 rad, and still covered after 1 um."""
    a, b, c, d = [0.0, 0, 0], [0.1, 0, 0], [0.1, 0.1, high], [0.0, 0.1, 0]
    (found,) = sheets([a, b, c], [a, c, d])
    assert found.level and found.plane.area == pytest.approx(0.01, rel=1e-6)
    kept = found.covered(np.array([1e-6, 0, 0, 0, 0, 0]), found.origin)
    assert len(kept) == 4 and np.ptp(kept[:, 0]) == pytest.approx(0.1 - 1e-6, rel=1e-7)
