"""Closed skin of a pane as labelled triangles: from its mesh, its body, or drawn as a plate."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from deadlight.errors import InputError
from deadlight.mesh.mesh import CellBlock, Mesh, boundary_faces
from deadlight.surface.body import Body

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

SAGITTA = 2e-7  # of the pane's extent: how far plain triangles may lie off curved sides of elements
_FLAT = 1e-9  # of the extent: how far the nodes of a flat named face may be off its plane


@dataclass(frozen=True, eq=False)
class Skin:
    """Closed surface of plain triangles.

    Attributes
    ----------
    points : (n, 3) float [m]
    triangles : (t, 3) int64
        Counter-clockwise seen from outside.
    label : (t,) int64
        Number in `names` of the region a triangle belongs to.
    names : tuple of str
        Regions, "" for a part without a name.
    """

    points: Array
    triangles: Index
    label: Index
    names: tuple[str, ...]

    @functools.cached_property
    def corners(self) -> Array:
        """Corners of the triangles. (t, 3, 3) [m]."""
        return np.ascontiguousarray(self.points[self.triangles])

    @functools.cached_property
    def volume(self) -> float:
        """Volume [m3] inside, by the divergence theorem."""
        x = self.corners - self.points.mean(axis=0)
        return float((x[:, 0] * np.cross(x[:, 1], x[:, 2])).sum() / 6.0)

    @functools.cached_property
    def extent(self) -> float:
        """Largest extent along an axis [m]."""
        return float(np.ptp(self.points, axis=0).max())

    @property
    def low(self) -> float:
        """Least z [m]."""
        return float(self.points[:, 2].min())

    @property
    def high(self) -> float:
        """Largest z [m]."""
        return float(self.points[:, 2].max())

    def closed(self) -> bool:
        """Whether every side belongs to two triangles, once along and once against."""
        a, b = self.triangles.ravel(), np.roll(self.triangles, -1, axis=1).ravel()
        n = len(self.points)
        return bool(np.array_equal(np.sort(a * n + b), np.sort(b * n + a)))


def skin_of(pane: Skin | Mesh | Body, region: str | None = None, *, sagitta: float = SAGITTA) -> Skin:
    """Skin of a pane, whatever it is given as.

    Parameters
    ----------
    pane : Skin, Mesh or Body
        A mesh gives the named faces as labels; a body gives the regions its facets lie in.
    region : str, optional
        Of a mesh with several regions.
    sagitta : float
        Of the pane's extent: how far the plain triangles may lie off curved sides of a mesh's elements; the mass of a
        round pane is short by about as much.

    Raises
    ------
    InputError
        The skin is not closed, or its volume is not above zero.
    """
    if isinstance(pane, Skin):
        skin = pane
    elif isinstance(pane, Mesh):
        skin = _from_mesh(pane, region, sagitta)
    else:
        skin = _from_body(pane)
    if not skin.closed() or not skin.volume > 0.0:
        raise InputError(
            f"the skin is not closed, or is turned inside out (volume {skin.volume:.3g} m3)", place="pieces of a pane",
            remedy="give a pane whose boundary is one closed surface",
        )  # fmt: skip
    return skin


def plate(
    outline: Any, thickness: float, *, outer: Mapping[str, Any] | None = None, inner: Mapping[str, Any] | None = None
) -> Skin:
    """A flat plate 0 <= z <= thickness with square sides.

    Parameters
    ----------
    outline : shapely.Polygon
        In the plane, in metres; it may have holes.
    thickness : float [m]
    outer, inner : mapping of name -> shapely.Polygon, optional
        Named parts of the face at z = thickness and at z = 0; what is left over is "outer" and "inner".  Sides are
        "rim".
    """
    if not (thickness > 0.0 and outline.area > 0.0):
        raise InputError(
            f"a plate of {outline.area:g} m2 and {thickness:g} m", place="plate", remedy="an area and a thickness > 0"
        )
    names: list[str] = ["rim"]
    soup, label = [], []
    parts = {True: dict(outer or {}), False: dict(inner or {})}
    split = _noded(outline, [p for both in parts.values() for p in both.values()])
    edge = _boundary_sides(split)
    a, b = edge[:, 0], edge[:, 1]
    zero, top = np.zeros(len(a)), np.full(len(a), thickness)
    a0, b0, b1, a1 = (np.column_stack([*p.T, z]) for p, z in ((a, zero), (b, zero), (b, top), (a, top)))
    soup += [np.stack([a0, b0, b1], axis=1), np.stack([a0, b1, a1], axis=1)]
    label += [np.zeros(2 * len(a), dtype=np.int64)]
    for up, named in parts.items():
        spots = shapely.point_on_surface(split)
        which = np.full(len(split), -1)
        for number, shape in enumerate(named.values()):
            which[(which < 0) & shapely.covers(shape, spots)] = number
        for number, name in [(-1, "outer" if up else "inner"), *enumerate(named)]:
            mine = split[which == number]
            if not len(mine):
                continue
            flat = _triangulated(mine)
            z = np.full((*flat.shape[:2], 1), thickness if up else 0.0)
            soup.append(np.concatenate([flat, z], axis=2)[:, :: 1 if up else -1])
            names += [name] if name not in names else []
            label.append(np.full(len(flat), names.index(name)))
    return _welded(np.concatenate(soup), np.concatenate(label), tuple(names), outline.length)


def _noded(outline: Any, parts: list[Any]) -> Any:
    """Polygons that the outline and the borders of the parts cut the plate into, with all their corners shared."""
    lines = shapely.union_all([outline.boundary, *(p.boundary for p in parts)], grid_size=1e-9 * outline.length)
    cells = np.array(shapely.get_parts(shapely.polygonize([lines])))
    return shapely.orient_polygons(cells[shapely.covers(outline.buffer(1e-9), shapely.point_on_surface(cells))])


def _rings(polygon: Any) -> list[Any]:
    return [polygon.exterior, *polygon.interiors]


def _boundary_sides(cells: Any) -> Array:
    """Sides that belong to one cell only, the cell on their left. (s, 2, 2)."""
    rings = [shapely.get_coordinates(r) for c in cells for r in _rings(c)]
    every = np.concatenate([np.stack([r[:-1], r[1:]], axis=1) for r in rings])
    flat = np.round(every.reshape(len(every), 4) / 1e-10).astype(np.int64)
    key = {tuple(f) for f in flat.tolist()}
    return every[[(f[2], f[3], f[0], f[1]) not in key for f in flat.tolist()]]


def _triangulated(polygons: Any) -> Array:
    """Counter-clockwise triangles of polygons, no new corners. (t, 3, 2)."""
    cells = shapely.get_parts(shapely.constrained_delaunay_triangles(polygons))
    x = shapely.get_coordinates(cells).reshape(-1, 4, 2)[:, :3]
    d = x[:, 1:] - x[:, :1]
    left = d[:, 0, 0] * d[:, 1, 1] > d[:, 0, 1] * d[:, 1, 0]
    return np.where(left[:, None, None], x, x[:, ::-1])


def _welded(soup: Array, label: Index, names: tuple[str, ...], extent: float) -> Skin:
    """One surface from loose triangles (t, 3, 3): corners closer than 1e-8 of the extent become one."""
    flat = soup.reshape(-1, 3)
    _, first, number = np.unique(np.round(flat / (1e-8 * extent)).astype(np.int64), axis=0, return_index=True,
                                 return_inverse=True)  # fmt: skip
    tri = number.reshape(-1, 3)
    good = (tri[:, 0] != tri[:, 1]) & (tri[:, 1] != tri[:, 2]) & (tri[:, 2] != tri[:, 0])
    return Skin(flat[first], tri[good], label[good], names)


def _from_body(body: Body) -> Skin:
    facets = body.facets()
    names = [f.name for f in body.faces]
    label = facets.face.astype(np.int64)
    if body.regions is not None:
        middle = facets.points[facets.triangles].mean(axis=1)
        names, found = list(body.regions.names), np.zeros(len(label), dtype=np.int64)
        for j in range(len(body.faces)):
            mine = label == j
            found[mine] = body.regions.at(j, middle[mine])
        label = found
    return Skin(facets.points, facets.triangles, label, tuple(names))


def _from_mesh(mesh: Mesh, region: str | None, sagitta: float) -> Skin:
    """Sides of boundary cells are divided alike in both neighbours, so that the skin stays closed."""
    if region is None and len(mesh.regions) != 1:
        raise InputError(
            f"the mesh has {len(mesh.regions)} regions", place="pieces of a pane",
            remedy="name one of " + ", ".join(mesh.regions),
        )  # fmt: skip
    region = region or mesh.regions[0]
    blocks = boundary_faces(mesh.region_blocks(region))
    named = _named(mesh, region, blocks)
    names = tuple(dict.fromkeys(n for block in named for n in block))
    extent = float(np.ptp(mesh.points[mesh.region_nodes(region)], axis=0).max())
    inner = _inside_flat(mesh.points, blocks, [[names.index(n) for n in called] for called in named])
    soup, label = [], []
    for block, called, plain in zip(blocks, named, inner):
        number = np.array([names.index(n) for n in called], dtype=np.int64)
        part, owner = _plain(mesh.points, block, sagitta * extent, plain)
        soup.append(part)
        label.append(number[owner])
    return _welded(np.concatenate(soup), np.concatenate(label), names, extent)


def _named(mesh: Mesh, region: str, blocks: tuple[CellBlock, ...]) -> list[list[str]]:
    """For every boundary cell the name of the face it belongs to, without its region."""
    owner: dict[tuple[int, ...], str] = {}
    for name, cells in mesh.faces.items():
        front, _, short = name.partition(".")
        if front == region or not short:
            for c in cells:
                corners = np.sort(c.nodes[:, : c.element.corners], axis=1)
                owner.update({tuple(k): short or name for k in corners.tolist()})
    keys = [np.sort(b.nodes[:, : b.element.corners], axis=1).tolist() for b in blocks]
    return [[owner.get(tuple(k), "") for k in block] for block in keys]


def _inside_flat(points: Array, blocks: tuple[CellBlock, ...], label: list[list[int]]) -> list[Any]:
    """Sides of boundary cells between two cells of one region in one plane: how curved they are does not matter."""
    side, normal, name, off = [], [], [], []
    for block, number in zip(blocks, label):
        k = block.element.corners
        x = points[block.nodes[:, :k]]
        n = np.cross(x[:, 2] - x[:, 0], x[:, k - 1] - x[:, 1])
        n /= np.linalg.norm(n, axis=1)[:, None]
        c = block.nodes[:, :k]
        side.append(np.sort(np.stack([c, np.roll(c, -1, axis=1)], axis=2), axis=2).reshape(-1, 2))
        flat = np.abs(((points[block.nodes] - x[:, :1]) * n[:, None]).sum(axis=2)).max(axis=1)
        normal.append(np.repeat(n, k, axis=0))
        off.append(np.repeat(flat, k))
        name.append(np.repeat(number, k))
    sides, normals = np.concatenate(side), np.concatenate(normal)
    names, bulge = np.concatenate(name), np.concatenate(off)
    size = float(np.ptp(points, axis=0).max())
    order = np.lexsort(sides.T)
    a, b = order[:-1], order[1:]
    same = (
        (sides[a] == sides[b]).all(axis=1)
        & (names[a] == names[b])
        & ((normals[a] * normals[b]).sum(axis=1) > 1 - _FLAT)
    )
    same &= np.maximum(bulge[a], bulge[b]) < _FLAT * size
    plain = np.zeros(len(sides), dtype=bool)
    plain[a[same]] = plain[b[same]] = True
    start = np.cumsum([0, *(len(s) for s in side)])
    return [plain[p:q].reshape(len(block.nodes), -1) for block, p, q in zip(blocks, start, start[1:])]


def _plain(points: Array, block: CellBlock, sagitta: float, plain: Any) -> tuple[Array, Index]:
    """Plain triangles of boundary cells and the cell each comes from: fine along curved sides, coarse along others.

    A cell is a fan round its middle when it is flat, and a grid in its own coordinates when it is not.
    """
    element = block.element
    x = points[block.nodes]
    k = element.corners
    if not element.quadratic:
        fan = [[0, i, i + 1] for i in range(1, k - 1)]
        return x[:, fan].reshape(-1, 3, 3), np.repeat(np.arange(len(x)), len(fan))
    middle = x[:, k : 2 * k]
    bulge = np.linalg.norm(middle - 0.5 * (x[:, :k] + np.roll(x[:, :k], -1, axis=1)), axis=2)
    bulge[plain] = 0.0
    parts = np.ceil(np.sqrt(bulge / sagitta)).astype(np.int64).clip(1, 256)
    soup, owner = [], []
    for pattern in np.unique(parts, axis=0):  # few ways in which sides of cells are curved
        mine = np.flatnonzero((parts == pattern).all(axis=1))
        xi, tri = _pattern(element, tuple(int(p) for p in pattern))
        at = np.einsum("qn,cnd->cqd", element.shape(xi), x[mine])
        soup.append(at[:, tri].reshape(-1, 3, 3))
        owner.append(np.repeat(mine, len(tri)))
    return np.concatenate(soup), np.concatenate(owner)


def _pattern(element: Any, parts: tuple[int, ...]) -> tuple[Array, Index]:
    """Reference points and triangles of a cell whose sides are divided into so many parts."""
    corner = element.nodes[: element.corners]
    ring = [a + (b - a) * np.arange(n)[:, None] / n for a, b, n in zip(corner, np.roll(corner, -1, axis=0), parts)]
    outline = np.concatenate(ring)
    if len(corner) == 4 and parts[0] == parts[2] and parts[1] == parts[3]:
        return _grid(corner, parts[0], parts[1])
    cells = _triangulated(np.array([shapely.Polygon(outline)]))
    flat = cells.reshape(-1, 2)
    number = np.linalg.norm(flat[:, None] - outline, axis=2).argmin(axis=1)
    return outline, number.reshape(-1, 3)


def _grid(corner: Array, n: int, m: int) -> tuple[Array, Index]:
    u, v = (g.ravel() for g in np.meshgrid(np.linspace(0, 1, n + 1), np.linspace(0, 1, m + 1), indexing="ij"))
    shape = np.column_stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v])
    i, j = (g.ravel() for g in np.meshgrid(np.arange(n), np.arange(m), indexing="ij"))
    a, b = i * (m + 1) + j, (i + 1) * (m + 1) + j
    return shape @ corner, np.concatenate([np.column_stack([a, b, b + 1]), np.column_stack([a, b + 1, a + 1])])
