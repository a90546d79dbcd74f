"""The body whose skin the cracks may reach: smooth faces with charts, joined along edges."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.finite import UNLIMITED, Rule
from deadlight.surface.chart import Chart, Plane
from deadlight.surface.curve import Curve, circle, line
from deadlight.surface.facets import Facets, Local, facets_of
from deadlight.surface.regions import Regions
from deadlight.surface.skin_chart import Band

Array = np.ndarray[Any, np.dtype[np.float64]]
Loop = tuple[tuple[int, int], ...]  # (edge, +1 along the edge or -1 against it)


@dataclass(frozen=True, eq=False)
class Face:
    """One smooth part of the skin.

    Attributes
    ----------
    name : str
    chart : Chart
        Its normal leaves the body.
    loops : tuple of loops
        Edges in order, each with +1 (along) or -1 (against), the face on the left seen from outside; without a loop
        the face has no end.
    loaded : bool
        The uncracked stress, which does not know this face, acts on it as on a crack: a pit.
    """

    name: str
    chart: Chart
    loops: tuple[Loop, ...] = ()
    loaded: bool = False

    @property
    def flat(self) -> bool:
        return isinstance(self.chart, Plane)

    @property
    def edges(self) -> tuple[int, ...]:
        return tuple(e for loop in self.loops for e, _ in loop)


@dataclass(frozen=True, eq=False)
class Body:
    """Faces and the edges between them.

    Attributes
    ----------
    faces : tuple of Face
    edges : tuple of Curve
        Every edge belongs to two faces, once along and once against.
    thickness : float [m]
        Measure of size for meshes and rules; infinite for a half-space.
    name : str
    regions : Regions or None
        Named regions of the mesh that the body comes from.
    kept : dict
        What has been worked out once for this body.
    """

    faces: tuple[Face, ...]
    edges: tuple[Curve, ...] = ()
    thickness: float = np.inf
    name: str = "body"
    regions: Regions | None = None
    kept: dict[str, Any] = field(default_factory=dict, repr=False, init=False)

    def no_number(self) -> dict[str, Rule]:
        return {"thickness": UNLIMITED}

    @property
    def unlimited(self) -> bool:
        """Whether the body is a half-space."""
        return not self.edges

    @property
    def loaded(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which faces the uncracked stress loads. (number of faces,)."""
        return np.array([f.loaded for f in self.faces])

    @functools.cached_property
    def sides(self) -> tuple[tuple[int, int], ...]:
        """For every edge the face that runs along it and the one that runs against it."""
        pair = [[-1, -1] for _ in self.edges]
        for number, face in enumerate(self.faces):
            for loop in face.loops:
                for edge, sense in loop:
                    pair[edge][0 if sense > 0 else 1] = number
        if any(-1 in p for p in pair):
            raise InputError(
                f"edge {next(i for i, p in enumerate(pair) if -1 in p)} does not belong to two faces",
                place=self.name,
                remedy="the skin of the body must be closed",
            )
        return tuple((a, b) for a, b in pair)

    def facets(self, local: Local | None = None) -> Facets:
        """Plain triangles of the skin, small ones inside a box if one is given."""
        if local is not None:
            return facets_of(self, local)
        if "all" not in self.kept:
            self.kept["all"] = facets_of(self)
        found: Facets = self.kept["all"]
        return found

    def contains(self, x: Array) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether points lie inside. (n, 3) -> (n,)."""
        x = np.atleast_2d(x)
        if self.unlimited:
            return np.all([face.chart.signed(x) < 0 for face in self.faces], axis=0)
        return self.facets().winding(x) > 0.5


def half_space() -> Body:
    """Everything below the plane z = 0; its one face is called "face"."""
    return Body((Face("face", _plane((0, 0, 0), (1, 0, 0), (0, 1, 0))),), name="half-space")


def block(lx: float, ly: float, lz: float) -> Body:
    """Block |x| <= lx/2, |y| <= ly/2, 0 <= z <= lz; faces "outer" (z = lz), "inner" (z = 0), "x+", "x-", "y+", "y-"."""
    _positive(lx=lx, ly=ly, lz=lz)
    x, y = lx / 2, ly / 2
    plan = [(-x, -y), (x, -y), (x, y), (-x, y)]
    low, high = ([np.array([*p, h], dtype=float) for p in plan] for h in (0.0, lz))
    edges = [line(low[i], low[(i + 1) % 4]) for i in range(4)]
    edges += [line(high[i], high[(i + 1) % 4]) for i in range(4)]
    edges += [line(low[i], high[i]) for i in range(4)]
    faces = [
        Face("outer", _plane((0, 0, lz), (1, 0, 0), (0, 1, 0)), (tuple((4 + i, 1) for i in range(4)),)),
        Face("inner", _plane((0, 0, 0), (0, 1, 0), (1, 0, 0)), (tuple((i, -1) for i in (3, 2, 1, 0)),)),
    ]
    for i, name in enumerate(("y-", "x+", "y+", "x-")):
        j = (i + 1) % 4
        loop = ((i, 1), (8 + j, 1), (4 + i, -1), (8 + i, -1))
        along = (low[j] - low[i]) / np.linalg.norm(low[j] - low[i])
        faces.append(Face(name, _plane(0.5 * (low[i] + low[j]), along, (0, 0, 1)), (loop,)))
    return Body(tuple(faces), tuple(edges), min(lx, ly, lz), "block")


def disc(radius: float, thickness: float) -> Body:
    """Round plate 0 <= z <= thickness about the z axis; faces "outer" (top), "inner" (bottom), "rim"."""
    _positive(radius=radius, thickness=thickness)
    low, high = circle(radius, 0.0), circle(radius, thickness)
    faces = (
        Face("outer", _plane((0, 0, thickness), (1, 0, 0), (0, 1, 0)), (((1, 1),),)),
        Face("inner", _plane((0, 0, 0), (0, 1, 0), (1, 0, 0)), (((0, -1),),)),
        Face("rim", Band(low, high), (((0, 1),), ((1, -1),))),
    )
    return Body(faces, (low, high), thickness, "disc")


def _plane(origin: Any, e1: Any, e2: Any) -> Plane:
    return Plane(*(np.array(v, dtype=float) for v in (origin, e1, e2)))


def _positive(**sizes: float) -> None:
    for name, value in sizes.items():
        if not (np.isfinite(value) and value > 0):
            raise InputError(f"{name} = {value!r} m", place="body", remedy="a positive length in metres")
