"""A body with one planar crack as ten-node tetrahedra whose faces follow the crack.

Points are placed on the body's edges, the front, the mouth, in rings round the front, on crack and skin and in the
volume; their Delaunay cells follow a surface whose triangles have empty smallest spheres (Gabriel 1969; the idea of
Cohen-Steiner, de Verdiere & Yvinec 2002, SoCG), so that it is enough to leave out the few points that come too near.
The crack's faces are then given nodes of their own on its + side.  Middle nodes of sides that end on the front stand a
quarter of the way from it, which makes the strain rise as 1/sqrt(r) (Henshell & Shaw 1975; Barsoum 1976).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from deadlight.errors import InputError, NotSolved
from deadlight.export.body_skin import signed
from deadlight.export.cloud import Plan, cloud
from deadlight.export.conform import Conformer
from deadlight.export.front_line import FrontLine
from deadlight.export.planar_crack import CrackPlane, CutCrack, cut
from deadlight.export.quadratic import quadratic
from deadlight.export.size_field import SizeField
from deadlight.export.solid import Projector, Solid, refined
from deadlight.export.tetrahedra import dihedral, shape, without_slivers
from deadlight.mesh.mesh import CellBlock, Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

RADII = (1.0, 1.75, 3.0)
"""Radii of the rings over the size at the front."""
STEP = 1.2
"""Distance of the front's corners over that size."""
TRIES = 3
FLAT = 1e-3
"""Shape of the worst cell that is accepted."""
SLENDER = 0.12
"""Size over distance from the crack from which a narrow strip of the surface is no longer followed closely."""


@dataclass(frozen=True, eq=False)
class CrackFront:
    """A front in the mesh.

    Attributes
    ----------
    nodes : (k,) int64
        Corner, middle, corner ... along the front, the crack on the left; closed: even k, the last joins the first.
    closed : bool
    line : FrontLine
        Its corners.
    size : float [m]
        Distance of the first ring.
    """

    nodes: Index
    closed: bool
    line: FrontLine
    size: float


@dataclass(frozen=True, eq=False)
class CrackedMesh:
    """Body with an open crack.

    Attributes
    ----------
    points : (n, 3) float [m]
    cells : (m, 10) int64
        Tetrahedra, VTK order.
    plus, minus : (f, 6) int64
        Triangles of the crack's two faces, the normal out of the body: the face of the body above the crack, whose
        nodes have moved by u(+), and the one below it.
    skin : dict of int -> (f, 6) int64
        Triangles of every patch of the surface.
    pairs : (p, 2) int64
        Nodes of the + face and of the - face at the same place.
    fronts : tuple of CrackFront
    crack : CutCrack
    """

    points: Array
    cells: Index
    plus: Index
    minus: Index
    skin: dict[int, Index]
    pairs: Index
    fronts: tuple[CrackFront, ...]
    crack: CutCrack
    quality: dict[str, float]

    @property
    def mesh(self) -> Mesh:
        """As a mesh of one region "pane"."""
        return Mesh(self.points, (CellBlock("tet10", self.cells, "pane"),))

    def faces(self, which: str) -> tuple[CellBlock, ...]:
        """Triangles of the "plus" or "minus" face of the crack as face cells."""
        return (CellBlock("tri6", self.plus if which == "plus" else self.minus, "pane"),)

    def __repr__(self) -> str:
        q = self.quality
        return (
            f"CrackedMesh({len(self.points)} nodes, {len(self.cells)} cells, {len(self.plus)} faces on the crack, "
            f"volume off by {q['volume']:.2g}, smallest angle {q['angle']:.2g} deg)"
        )


def cracked_mesh(
    solid: Solid,
    plane: CrackPlane,
    *,
    front_size: float | None = None,
    growth: float = 0.3,
    coarse: float | None = None,
    sectors: int = 12,
    seed: int = 0,
) -> CrackedMesh:
    """Meshes a body with a planar crack.

    Parameters
    ----------
    solid : Solid
        The uncracked body.
    plane : CrackPlane
        Plane and outline of the crack.
    front_size : float, optional [m]
        Distance of the first ring of points from the front. Default: a sixteenth of the root of the crack's area.
    growth : float
        Growth of the size per distance from the front.
    coarse : float, optional [m]
        Largest size. Default: 1.2 times twice the volume over the surface (1.2 times the thickness of a plate).
    sectors : int
        Points round the front.
    seed : int
        Of the random numbers; the same seed gives the same mesh.

    Raises
    ------
    InputError
        The crack cannot be cut to the body.
    NotSolved
        The mesh does not follow the crack or the surface.
    """
    plan = _plan(solid, plane, front_size=front_size, growth=growth, coarse=coarse, sectors=sectors, seed=seed)
    for attempt in range(TRIES):
        work = Conformer(plan, cloud(dataclasses.replace(plan, seed=seed + 1000 * attempt)))
        try:
            cells = _improved(work, seed + 1000 * attempt)
        except NotSolved:
            if attempt + 1 == TRIES:
                raise
            continue
        body, area = work.checks(cells)
        quality = {
            "volume": body, "crack_area": area, "angle": float(dihedral(work.cloud.x, cells).min()),
            "shape": float(shape(work.cloud.x, cells).min()),
        }  # fmt: skip
        if quality["shape"] > FLAT and abs(body) < 0.01 and abs(area) < 0.02:
            return quadratic(work, cells, quality)
    raise NotSolved(
        f"no good mesh of the cracked body in {TRIES} tries: shape {quality['shape']:.2g} of the worst cell, volume "
        f"off by {100 * body:.2g} %, area of the crack by {100 * area:.2g} %; another size at the front may do"
    )


def _improved(work: Conformer, seed: int) -> Index:
    """Smooths, leaves out what is in the way, and moves points of flat cells; the cells."""
    work.smooth()
    work.conform()
    points, plane = work.cloud, work.plan.crack.plane
    share = np.array([0.12, 0.05, 0.1, 0.0])[points.rank]
    points.x = without_slivers(
        points.x, work.cells, lambda x: points.put_back(x, plane), share * work.plan.size(points.x),
        np.random.default_rng(seed + 1),
    )  # fmt: skip
    return work.conform()


def _plan(
    solid: Solid, plane: CrackPlane, *, front_size: float | None, growth: float, coarse: float | None, sectors: int,
    seed: int,
) -> Plan:  # fmt: skip
    crack = cut(plane, solid)
    scale = float(np.sqrt(crack.region.area))
    h = scale / 16.0 if front_size is None else front_size
    if not 0.0 < h < 0.5 * scale:
        raise InputError(f"size {h:.3g} m at the front of a crack of {scale:.3g} m", place="cracked mesh",
                         remedy="between a hundredth and a quarter of the crack")  # fmt: skip
    corners = solid.points[solid.triangles]
    surface = 0.5 * float(
        np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum()
    )
    largest = 2.4 * solid.volume / surface if coarse is None else coarse
    sources, sizes = [], []
    middle = plane.to_space(np.asarray(crack.region.centroid.coords))
    away = lambda x: np.maximum(0.5 * largest, 0.5 * (np.linalg.norm(x - middle, axis=1) - scale))  # noqa: E731
    whole = Projector.build(refined(corners, away))
    for line in crack.fronts:
        x = plane.to_space(line.uv)
        inner = _dense(x, h)
        inner = inner if line.closed else inner[len(inner) // 4 : max(len(inner) // 4 + 1, 3 * len(inner) // 4)]
        mine = min(h, 0.3 * float(np.abs(signed(whole, inner, candidates=32)).min()))
        sizes.append(mine)
        dense = _dense(x, mine)
        sources.append((dense, np.full(len(dense), mine)))
    sources.append(_narrow(solid, largest, np.concatenate([x for x, _ in sources])))
    field = SizeField.build(sources, growth=growth, coarse=largest)
    radii = tuple(np.array(RADII) * s for s in sizes)
    return Plan(solid, crack, field, radii, tuple(STEP * s for s in sizes), sectors, seed)


def _dense(x: Array, step: float) -> Array:
    """A polyline with points no farther apart than half a step."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(x, axis=0), axis=1))])
    s = np.linspace(0.0, length[-1], max(2, int(np.ceil(2.0 * length[-1] / step))))
    return np.stack([np.interp(s, length, x[:, i]) for i in range(3)], axis=1)


def _narrow(solid: Solid, coarse: float, fronts: Array) -> tuple[Array, Array]:
    """Points of the body's edges and how far the nearest edge is that does not meet their own.

    A narrow bevel is followed closely near the crack only: elsewhere the size is a share of the distance to the crack.
    """
    lines = [line for line, _ in solid.feature_lines()]
    dense = [_dense(line, 0.5 * coarse) for line in lines]
    points, sizes = [np.zeros((0, 3))], [np.zeros(0)]
    ends = [line[[0, -1]] for line in lines]
    tree = cKDTree(fronts)
    for i, mine in enumerate(dense):
        distance = np.full(len(mine), np.inf)
        for j, other in enumerate(lines):
            meet = np.linalg.norm(ends[i][:, None] - ends[j][None], axis=2).min()
            if i != j and meet > 1e-9 * coarse:
                distance = np.minimum(distance, _from_line(mine, other))
        away = tree.query(mine)[0]
        size = np.maximum(0.8 * distance, SLENDER * away)
        near = size < coarse
        points.append(mine[near])
        sizes.append(size[near])
    return np.concatenate(points), np.concatenate(sizes)


def _from_line(x: Array, line: Array) -> Array:
    """Distance of points (p, 3) from a polyline (k, 3). (p,)."""
    a, step = line[:-1], np.diff(line, axis=0)
    k = min(3, len(a))
    near = cKDTree(a + 0.5 * step).query(x, k=k)[1].reshape(len(x), k)
    share = np.clip(((x[:, None] - a[near]) * step[near]).sum(axis=2) / (step[near] ** 2).sum(axis=2), 0.0, 1.0)
    return np.asarray(np.linalg.norm(a[near] + share[:, :, None] * step[near] - x[:, None], axis=2).min(axis=1))


__all__: Sequence[str] = ("CrackFront", "CrackedMesh", "cracked_mesh")
