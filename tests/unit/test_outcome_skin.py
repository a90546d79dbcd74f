"""The closed skin of a pane from its mesh, its body or drawn: volumes, regions, and how curved sides are divided."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from deadlight.errors import InputError
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock, Mesh, boundary_faces
from deadlight.outcome.skin import Skin, _pattern, _plain, _triangulated, _welded, plate, skin_of
from deadlight.surface.body import block
from support_meshes import SOLIDS, box, name_faces

BOX = shapely.box(-0.05, -0.05, 0.05, 0.05)


def areas(skin: Skin) -> dict[str, float]:
    x = skin.corners
    size = 0.5 * np.linalg.norm(np.cross(x[:, 1] - x[:, 0], x[:, 2] - x[:, 0]), axis=1)
    return {name: float(size[skin.label == k].sum()) for k, name in enumerate(skin.names)}


def bulged(y: float, z: float) -> Any:
    """x between 0 and 1 + 4 y Y (1 - Y) + 4 z Z (1 - Z) of a box 1 x 1 x 1."""

    def bend(p: np.ndarray) -> np.ndarray:
        out = 1.0 + 4.0 * y * p[:, 1] * (1.0 - p[:, 1]) + 4.0 * z * p[:, 2] * (1.0 - p[:, 2])
        return np.column_stack([p[:, 0] * out, p[:, 1:]])

    return bend


@pytest.mark.parametrize("kind", SOLIDS)
def test_a_box_of_cells_has_its_volume_regions_and_two_triangles_a_rectangle(kind: str) -> None:
    mesh = box(kind, (2, 1, 1), (2.0, 3.0, 0.5))
    mesh = name_faces(mesh, {"body.outer": lambda p: p[:, 2] > 0.499, "ends": lambda p: np.abs(p[:, 0] - 1.0) > 0.999,
                             "other.inner": lambda p: p[:, 2] < 1e-9})  # fmt: skip
    for region in (None, "body"):
        skin = skin_of(mesh, region)
        assert skin.volume == pytest.approx(3.0, rel=1e-9)
        assert areas(skin) == {"outer": pytest.approx(6.0), "ends": pytest.approx(3.0), "": pytest.approx(8.0)}
        assert len(skin.triangles) == 20 and skin.label.shape == (20,)
        assert (skin.low, skin.high, skin.extent) == pytest.approx((0.0, 0.5, 3.0))


def test_of_two_regions_the_one_that_is_named() -> None:
    one, two = box("hex8", (1, 1, 1), (1.0, 1.0, 1.0)), box("hex20", (1, 1, 1), (1.0, 2.0, 4.0))
    blocks = (
        CellBlock("hex8", one.blocks[0].nodes, "a"),
        CellBlock("hex20", two.blocks[0].nodes + len(one.points), "b"),
    )
    mesh = Mesh(np.concatenate([one.points, two.points + [5.0, 0.0, 0.0]]), blocks)
    assert skin_of(mesh, "a").volume == pytest.approx(1.0) and skin_of(mesh, "b").volume == pytest.approx(8.0)
    assert skin_of(mesh, "b").extent == pytest.approx(4.0)
    with pytest.raises(InputError, match="2 regions"):
        skin_of(mesh)


@pytest.mark.parametrize("kind", ["hex20", "hex27"])
@pytest.mark.parametrize(("y", "z", "parts"), [(0.1, 0.0, (3, 1)), (0.1, 0.04, (3, 2)), (0.04, 0.1, (2, 3))])
def test_a_curved_side_is_divided_until_it_lies_within_the_sagitta(
    kind: str, y: float, z: float, parts: tuple[int, int]
) -> None:
    """In p parts a parabola of height b keeps 2 b/3 (1 - 1/p^2) of its area and is b/p^2 off: p = sqrt(b / sagitta)."""
    extent = 1.0 + y + z if kind == "hex27" else 1.0 + max(y, z)
    sagitta = 0.1 / 8.5
    skin = skin_of(box(kind, (1, 1, 1), bend=bulged(y, z)), sagitta=sagitta / extent)
    due = 1.0 + sum(2.0 * b / 3.0 * (1.0 - 1.0 / p**2) for b, p in zip((y, z), parts))
    assert skin.volume == pytest.approx(due, rel=1e-9)


def test_a_side_shared_by_two_curved_cells_of_one_plane_of_corners_stays_curved() -> None:
    """Both tops bulge, their corners lie in one plane: 2 b/3 (1 - 1/p^2) with p = 4 for b = 0.1, 0.1/15 allowed."""

    def bend(p: np.ndarray) -> np.ndarray:
        return np.column_stack([p[:, :2], p[:, 2] * (1.0 + 0.4 * p[:, 1] * (1.0 - p[:, 1]))])

    skin = skin_of(box("hex20", (2, 1, 1), bend=bend), sagitta=0.1 / 15 / 1.1)
    assert skin.volume == pytest.approx(1.0 + 0.2 / 3.0 * (1.0 - 1.0 / 16.0), rel=1e-9)


def within_the_plane(p: np.ndarray) -> np.ndarray:
    """Top and bottom of a unit box: what is inside moves along x, the border stays."""
    return p + np.outer(1.6 * p[:, 0] * (1.0 - p[:, 0]) * p[:, 1] * (1.0 - p[:, 1]), [1.0, 0.0, 0.0])


@pytest.mark.parametrize("kind", ["tet10", "hex20", "hex27", "wedge15"])
def test_lines_inside_a_flat_region_are_not_divided_however_curved(kind: str) -> None:
    mesh = box(kind, (2, 1, 1), bend=within_the_plane)
    skin = skin_of(mesh)
    assert len(skin.triangles) == 20
    assert skin.volume == pytest.approx(1.0, rel=1e-9) and areas(skin) == {"": pytest.approx(6.0)}


@pytest.mark.parametrize("kind", ["hex20", "wedge15"])
def test_the_line_between_two_regions_stays_curved(kind: str) -> None:
    """At x = 1/2 it goes out by 0.1, in 4 parts: half a square and 0.2/3 (1 - 1/16) of the other half."""
    mesh = box(kind, (2, 1, 1), bend=within_the_plane)
    tops = boundary_faces(mesh.blocks)
    corner = mesh.points
    faces = {}
    for name, left in (("body.a", True), ("body.b", False)):
        kept = []
        for b in tops:
            x = corner[b.nodes[:, : b.element.corners]]
            on = (x[:, :, 2] > 0.99).all(axis=1) & ((x[:, :, 0].mean(axis=1) < 0.5) == left)
            if on.any():
                kept.append(CellBlock(b.kind, b.nodes[on], "body"))
        faces[name] = tuple(kept)
    skin = skin_of(Mesh(mesh.points, mesh.blocks, faces), sagitta=0.1 / 15)
    more = 0.2 / 3.0 * (1.0 - 1.0 / 16.0)
    due = {"a": pytest.approx(0.5 + more), "b": pytest.approx(0.5 - more), "": pytest.approx(5.0)}
    assert areas(skin) == due


def test_plain_triangles_come_with_their_cells() -> None:
    """A square of its own and one with a side that bulges by 0.1: 2 and, in 3 parts, 4 triangles (2 corners more)."""
    flat = np.array(ELEMENTS["quad8"].nodes)
    bent = flat + [4.0, 0.0]
    bent[5, 0] += 0.1
    points = np.column_stack([np.concatenate([bent, flat]), np.full(16, 0.3)])
    cells = CellBlock("quad8", np.arange(16).reshape(2, 8))
    soup, owner = _plain(points, cells, 0.1 / 8.5, np.zeros((2, 4), dtype=bool))
    assert soup.shape == (6, 3, 3) and np.bincount(owner).tolist() == [4, 2]
    size = 0.5 * np.cross(soup[:, 1] - soup[:, 0], soup[:, 2] - soup[:, 0])[:, 2]
    assert np.bincount(owner, size) == pytest.approx([4.0 + 0.4 / 3.0 * (1.0 - 1.0 / 9.0), 4.0])
    assert soup[:, :, 2] == pytest.approx(0.3)
    plain, _ = _plain(points, cells, 0.1 / 8.5, np.array([[False, True, False, False], [False] * 4]))
    assert plain.shape == (4, 3, 3)
    linear, owner = _plain(points, CellBlock("quad4", np.array([[8, 9, 10, 11], [0, 1, 2, 3]])), 1.0, None)
    assert linear.shape == (4, 3, 3) and owner.tolist() == [0, 0, 1, 1]
    assert np.cross(linear[:, 1] - linear[:, 0], linear[:, 2] - linear[:, 0])[:, 2] == pytest.approx([4.0] * 4)


def test_a_side_has_at_most_256_parts() -> None:
    bent = np.array(ELEMENTS["quad8"].nodes)
    bent[5, 0] += 0.1
    cell = CellBlock("quad8", np.arange(8)[None])
    soup, _ = _plain(np.column_stack([bent, np.zeros(8)]), cell, 1e-12, np.zeros((1, 4), dtype=bool))
    assert len(soup) == 256 + 3 - 2


@pytest.mark.parametrize(("away", "scale"), [(0.0, 1.0), (1e3, 1.0), (0.0, 1e-2)])
def test_a_plane_is_flat_to_a_billionth_of_the_size_wherever_it_is(away: float, scale: float) -> None:
    """Bulging by 1e-7 of it is not flat: the line inside stays curved, of 0.1 in 4 parts for 0.1/15."""

    def bend(p: np.ndarray) -> np.ndarray:
        out = within_the_plane(p)
        out[:, 2] *= 1.0 + 4e-7 * p[:, 1] * (1.0 - p[:, 1])
        return scale * out + [away, 0.0, 0.0]

    skin = skin_of(box("hex20", (2, 1, 1), bend=bend), sagitta=0.1 / 15)
    assert len(skin.triangles) == 20 + 2 * 3  # the underside is flat


@pytest.mark.parametrize(
    ("kind", "parts", "grid"),
    [
        ("quad8", (2, 3, 2, 3), True), ("quad8", (1, 1, 1, 1), True), ("quad8", (2, 1, 3, 1), False),
        ("quad8", (2, 3, 2, 1), False), ("quad8", (4, 1, 1, 2), False), ("tri6", (2, 1, 3), False),
        ("tri6", (1, 1, 1), False), ("tri6", (2, 2, 2), False),
    ],
)  # fmt: skip
def test_a_cell_is_divided_as_its_sides_are(kind: str, parts: tuple[int, ...], grid: bool) -> None:
    """All of it, counter-clockwise, and every side in its parts of one length."""
    element = ELEMENTS[kind]
    at, tri = _pattern(element, parts)
    x = at[tri]
    d, e = x[:, 1] - x[:, 0], x[:, 2] - x[:, 0]
    size = 0.5 * (d[:, 0] * e[:, 1] - d[:, 1] * e[:, 0])
    assert (size > 1e-9).all() and size.sum() == pytest.approx(4.0 if kind == "quad8" else 0.5)
    assert len(tri) == (2 * parts[0] * parts[1] if grid else sum(parts) - 2)
    sides = {tuple(s) for t in tri.tolist() for s in zip(t, t[1:] + t[:1])}
    border = [s for s in sides if s[::-1] not in sides]
    assert len(border) == sum(parts)
    corner = element.nodes[: element.corners]
    for a, b, n in zip(corner, np.roll(corner, -1, axis=0), parts):
        share = [(at[list(s)] - a) @ (b - a) / ((b - a) @ (b - a)) for s in border]
        off = [np.linalg.norm(at[list(s)] - a - np.outer(t, b - a)) for s, t in zip(border, share)]
        steps = [t[1] - t[0] for t, o in zip(share, off) if o < 1e-9]
        assert steps == pytest.approx([1.0 / n] * n)


def test_a_polygon_with_a_hole_is_cut_into_counter_clockwise_triangles() -> None:
    holed = shapely.box(7, -4, 11, -1) - shapely.box(8, -3, 9, -2)
    far = shapely.Polygon([(-9, 5), (-8, 9), (-6, 5.5)])
    x = _triangulated(np.array([holed, shapely.reverse(holed), far]))
    d, e = x[:, 1] - x[:, 0], x[:, 2] - x[:, 0]
    size = 0.5 * (d[:, 0] * e[:, 1] - d[:, 1] * e[:, 0])
    assert (size > 0.0).all() and size.sum() == pytest.approx(2 * 11.0 + far.area)


def test_triangles_are_counter_clockwise_whichever_way_round_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = shapely.constrained_delaunay_triangles
    ring = np.array([shapely.Polygon([(7, 2), (9, 3), (12, 9), (8, 7)])])
    for made in (whole, lambda cells: shapely.reverse(whole(cells))):
        monkeypatch.setattr(shapely, "constrained_delaunay_triangles", made)
        x = _triangulated(ring)
        d, e = x[:, 1] - x[:, 0], x[:, 2] - x[:, 0]
        size = 0.5 * (d[:, 0] * e[:, 1] - d[:, 1] * e[:, 0])
        assert (size > 0.0).all() and size.sum() == pytest.approx(ring[0].area)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_corners_within_a_grid_cell_become_one_and_triangles_without_area_go(scale: float) -> None:
    """A square in two triangles, its shared corners 2e-9 of the extent apart, and three slivers at its corners."""
    e = 2e-9
    soup = scale * np.array([
        [[0, 0, 0], [1, 0, 0], [1, 1, 0]], [[0, 0, 0], [e, 0, 0], [0, 1, 0]],
        [[e, -e, 0], [1 - e, 1 + e, e], [0, 1, 0]],
        [[0, 0, 0], [1, 1, 0], [1, 1, e]], [[0, 1, 0], [1, 0, 0], [e, 1, 0]],
        [[0.5, 0.5, 0], [0.5 + 4e-8, 0.5, 0], [0.5, 0.5 + 4e-8, 0]],
    ])  # fmt: skip
    skin = _welded(soup, np.array([5, 9, 6, 9, 9, 7]), ("",) * 8, scale)
    assert skin.label.tolist() == [5, 6, 7]
    assert len(skin.points) == 7
    assert skin.corners / scale == pytest.approx(soup[[0, 2, 5]] / scale, abs=3 * e)
    assert len(np.unique(skin.triangles[:2])) == 4


def test_a_plate_needs_an_area_and_a_thickness() -> None:
    for outline, thickness in ((BOX, 0.0), (BOX, -0.01), (shapely.Polygon(), 0.01)):
        with pytest.raises(InputError):
            plate(outline, thickness)


def test_a_name_on_both_sides_of_a_plate_is_one_region() -> None:
    pads = {"pad": shapely.box(0.0, 0.0, 0.05, 0.05)}
    skin = plate(BOX, 0.01, outer=pads, inner={"seat": shapely.box(-0.05, -0.05, 0.0, 0.05), **pads})
    assert sorted(skin.names) == ["inner", "outer", "pad", "rim", "seat"]
    due = {"rim": 4e-3, "pad": 5e-3, "seat": 5e-3, "outer": 7.5e-3, "inner": 2.5e-3}
    assert areas(skin) == {name: pytest.approx(a, rel=1e-6) for name, a in due.items()}
    assert skin.closed() and (skin.low, skin.high) == (0.0, 0.01)


def test_a_plate_a_tenth_of_a_millimetre_wide_has_its_own_area() -> None:
    pads = {"pad": shapely.box(0.0, 0.0, 3.3e-5, 4.7e-5)}
    skin = plate(shapely.box(0.0, 0.0, 1.234567e-4, 0.987654e-4), 1e-5, outer=pads)
    assert skin.volume == pytest.approx(1.234567e-4 * 0.987654e-4 * 1e-5, rel=1e-6)
    assert areas(skin)["pad"] == pytest.approx(3.3e-5 * 4.7e-5, rel=1e-6)


def test_volume_keeps_its_digits_far_from_the_origin() -> None:
    skin = plate(BOX, 0.01)
    far = dataclasses.replace(skin, points=skin.points + [1e5, 2e5, -1e5])
    assert far.volume == pytest.approx(1e-4, rel=1e-6)


def test_a_skin_that_is_open_or_encloses_nothing_is_refused() -> None:
    skin = plate(BOX, 0.01)
    gap = Skin(skin.points, skin.triangles[1:], skin.label[1:], skin.names)
    flat = Skin(np.eye(3), np.array([[0, 1, 2], [2, 1, 0]]), np.zeros(2, dtype=np.int64), ("",))
    assert gap.volume > 0.0 and flat.closed() and flat.volume == 0.0
    for wrong in (gap, flat):
        with pytest.raises(InputError):
            skin_of(wrong)
    assert skin_of(skin) is skin


def test_a_body_gives_its_faces_or_the_regions_that_its_facets_lie_in() -> None:
    body = block(2.0, 3.0, 0.5)
    skin = skin_of(body)
    assert skin.volume == pytest.approx(3.0)
    due = {"outer": 6.0, "inner": 6.0, "x+": 1.5, "x-": 1.5, "y+": 1.0, "y-": 1.0}
    assert areas(skin) == {k: pytest.approx(v) for k, v in due.items()}

    def at(face: int, x: np.ndarray) -> np.ndarray:
        assert np.abs(body.faces[face].chart.signed(x)).max() < 1e-12
        return np.full(len(x), 2) if body.faces[face].name == "outer" else (x[:, 2] > 0.4).astype(np.int64)

    regions: Any = SimpleNamespace(names=("low", "high", "top"), at=at)
    named = skin_of(dataclasses.replace(body, regions=regions))
    assert named.names == ("low", "high", "top")
    assert areas(named)["top"] == pytest.approx(6.0)
    middle = named.corners[:, :, 2].mean(axis=1)
    assert named.label.tolist() == [2 if z > 0.499 else int(z > 0.4) for z in middle]
