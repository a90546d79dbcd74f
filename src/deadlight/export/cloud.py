"""The points of a cracked mesh: on edges, fronts and mouths, round the fronts, on crack and skin, in the volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from deadlight.errors import InputError
from deadlight.export.body_skin import Skin
from deadlight.export.front_line import FrontLine, rings
from deadlight.export.planar_crack import CrackPlane, CutCrack, Line
from deadlight.export.sampling import apart, in_box, in_triangles, relaxed
from deadlight.export.size_field import SizeField, along, at
from deadlight.export.solid import Projector, Solid

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

VOLUME, RING, SURFACE, LINE = 0, 1, 2, 3
_MOST_PATCHES = 6


@dataclass
class Cloud:
    """Points with what they lie on.

    Attributes
    ----------
    x : (n, 3) float [m]
    rank : (n,) int
        VOLUME (may move), RING, SURFACE (may be left out), LINE (stay).
    patch : (n, 6) int
        Patches of the skin the point lies on, -1 padded.
    crack : (n,) bool
        On the crack, its mouths and fronts included.
    front : list of (k,) int
        Corners of each front.
    """

    x: Array
    rank: Index
    patch: Index
    crack: Mask
    front: list[Index] = field(default_factory=list)
    skin: Skin | None = None

    @classmethod
    def empty(cls) -> Cloud:
        none = np.zeros(0, dtype=np.int64)
        return cls(np.zeros((0, 3)), none, np.zeros((0, _MOST_PATCHES), np.int64), none.astype(bool))

    def add(self, x: Array, rank: int, *, patch: Sequence[int] = (), crack: bool = False, merge: float = 0.0) -> Index:
        """Adds points and gives their numbers; a point within `merge` of one that is there only adds its marks."""
        number = np.full(len(x), -1)
        if merge > 0.0 and len(self.x):
            distance, near = cKDTree(self.x).query(x)
            number = np.where(distance <= merge, near, -1)
        new = number < 0
        number[new] = len(self.x) + np.arange(int(new.sum()))
        self.x = np.concatenate([self.x, x[new]])
        self.rank = np.concatenate([self.rank, np.full(int(new.sum()), rank)])
        self.patch = np.concatenate([self.patch, np.full((int(new.sum()), _MOST_PATCHES), -1)])
        self.crack = np.concatenate([self.crack, np.zeros(int(new.sum()), dtype=bool)])
        self.crack[number] |= crack
        self.rank[number] = np.maximum(self.rank[number], rank)
        for each in patch:
            self._mark(number, each)
        return number

    def _mark(self, number: Index, patch: int) -> None:
        there = (self.patch[number] == patch).any(axis=1)
        rows = number[~there]
        column = (self.patch[rows] >= 0).sum(axis=1)
        if (column >= _MOST_PATCHES).any():
            raise InputError(
                f"more than {_MOST_PATCHES} smooth faces of the body meet in one point", place="cracked mesh",
                remedy="a body whose corners are simpler",
            )  # fmt: skip
        self.patch[rows, column] = patch

    def put_back(self, x: Array, plane: CrackPlane) -> Array:
        """Moved points brought back onto the patch or the crack they lie on. (n, 3)."""
        x = x.copy()
        surface = self.rank == SURFACE
        moved = surface & (np.abs(x - self.x).max(axis=1) > 0.0)
        on = moved & self.crack
        x[on] -= plane.height(x[on])[:, None] * plane.normal
        for patch in np.unique(self.patch[moved & ~self.crack, 0]) if self.skin is not None else ():
            mine = moved & ~self.crack & (self.patch[:, 0] == patch)
            assert self.skin is not None
            x[mine] = self.skin.patches[int(patch)].nearest(x[mine])[0]
        return x

    def on(self, patch: int) -> Mask:
        """Points that lie on a patch. (n,)."""
        return np.asarray((self.patch == patch).any(axis=1))

    def without(self, drop: Mask) -> None:
        """Leaves points out; numbers of fronts follow."""
        new = np.cumsum(~drop) - 1
        self.front = [new[f] for f in self.front]
        self.x, self.rank = self.x[~drop], self.rank[~drop]
        self.patch, self.crack = self.patch[~drop], self.crack[~drop]


@dataclass(frozen=True, eq=False)
class Plan:
    """What the points are made from.

    Attributes
    ----------
    solid, crack :
    size : SizeField
    radii : tuple of (r,) float [m]
        Radii of the rings of each front.
    step : tuple of float [m]
        Distance of the corners of each front.
    sectors : int
    seed : int
    """

    solid: Solid
    crack: CutCrack
    size: SizeField
    radii: tuple[Array, ...]
    step: tuple[float, ...]
    sectors: int
    seed: int = 0

    @property
    def merge(self) -> float:
        """Points nearer than this are one [m]."""
        return 1e-7 * float(np.ptp(self.solid.points, axis=0).max())


def cloud(plan: Plan) -> Cloud:
    """All points of a mesh."""
    rng = np.random.default_rng(plan.seed)
    points = Cloud.empty()
    _edges(plan, points, rng)
    fronts = _fronts(plan, points)
    skin = points.skin = Skin.build(plan.solid, plan.size)
    _rings(plan, points, fronts, skin, rng)
    _crack(plan, points, rng)
    for patch, surface in skin.patches.items():
        _patch(plan, points, patch, surface, rng)
    _volume(plan, points, skin, rng)
    return points


def _edges(plan: Plan, points: Cloud, rng: np.random.Generator) -> None:
    """Edges of the body, cut where a mouth crosses them, and the mouths themselves."""
    plane = plan.crack.plane
    crossings = [plane.to_space(m.uv[[0, -1]]) for m in plan.crack.mouths]
    marks = np.concatenate(crossings) if crossings else np.zeros((0, 3))
    for whole, patches in plan.solid.feature_lines():
        line = whole
        if np.linalg.norm(line[0] - line[-1]) <= plan.merge:  # parallel circles must not begin side by side
            line = np.roll(line[:-1], int(rng.integers(len(line) - 1)), axis=0)
            line = np.concatenate([line, line[:1]])
        for piece in _cut_at(line, marks, 1e3 * plan.merge):
            least = 3 if np.linalg.norm(piece[0] - piece[-1]) <= plan.merge else 1
            x = along(piece, plan.size, least=least, rng=rng)
            closed = np.linalg.norm(x[0] - x[-1]) <= plan.merge
            points.add(x[:-1] if closed else x, LINE, patch=patches, merge=plan.merge)
    ends = {tuple(np.round(e / plan.merge / 10).astype(int)): i
            for i, f in enumerate(plan.crack.fronts) if not f.closed for e in f.uv[[0, -1]]}  # fmt: skip
    for mouth in plan.crack.mouths:
        at_front = [ends.get(tuple(np.round(e / plan.merge / 10).astype(int))) for e in mouth.uv[[0, -1]]]
        steps = [np.zeros(0) if i is None else plan.radii[i] for i in at_front]
        x = _mouth(plane.to_space(mouth.uv), steps, plan.size)
        points.add(x, LINE, patch=(mouth.patch,), crack=True, merge=plan.merge)


def _cut_at(line: Array, marks: Array, tolerance: float) -> list[Array]:
    """Pieces of a polyline between those marks that lie on it."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    step = np.diff(line, axis=0)
    cuts = {}
    for mark in marks:  # a few crossings
        share = np.clip(((mark - line[:-1]) * step).sum(axis=1) / (step**2).sum(axis=1), 0.0, 1.0)
        off = np.linalg.norm(line[:-1] + share[:, None] * step - mark, axis=1)
        i = int(np.argmin(off))
        s = float(length[i] + share[i] * (length[i + 1] - length[i]))
        if off[i] <= tolerance and tolerance < s < length[-1] - tolerance:
            cuts[round(s / tolerance)] = (s, mark)
    pieces, start, first = [], 0.0, line[0]
    for s, mark in sorted(cuts.values(), key=lambda c: c[0]):
        between = (length > start) & (length < s)
        pieces.append(np.concatenate([[first], line[between], [mark]]))
        start, first = s, mark
    pieces.append(np.concatenate([[first], line[length > start]]))
    return [p[np.concatenate([[True], np.linalg.norm(np.diff(p, axis=0), axis=1) > 0.0])] for p in pieces]


def _mouth(line: Array, steps: list[Array], size: SizeField) -> Array:
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    total = length[-1]
    need = sum(float(s[-1]) for s in steps if len(s))
    if need > 0.7 * total:
        return along(line, size, least=2)
    before = np.concatenate([[0.0], steps[0]])
    after = total - np.concatenate([[0.0], steps[1]])[::-1]
    inner = (length > before[-1]) & (length < after[0])
    s = np.concatenate([[before[-1]], length[inner], [after[0]]])
    middle = along(at(line, length, s), size)
    return np.concatenate([at(line, length, before[:-1]), middle, at(line, length, after[1:])])


def _fronts(plan: Plan, points: Cloud) -> list[FrontLine]:
    plane = plan.crack.plane
    found = []
    for line, step in zip(plan.crack.fronts, plan.step):
        x = front_corners(plane.to_space(line.uv), line, step)
        points.front.append(points.add(x, LINE, crack=True, merge=plan.merge))
        found.append(FrontLine(points.x[points.front[-1]], line.closed, plane.normal))
    return found


def front_corners(x: Array, line: Line, step: float) -> Array:
    """Corners on a front, equally far apart."""
    if line.closed:
        x = np.concatenate([x, x[:1]])
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(x, axis=0), axis=1))])
    count = max(6 if line.closed else 2, round(length[-1] / step))
    corners = at(x, length, np.linspace(0.0, length[-1], count + 1))
    return corners[:-1] if line.closed else corners


def _rings(plan: Plan, points: Cloud, fronts: list[FrontLine], surfaces: Skin, rng: np.random.Generator) -> None:
    plane = plan.crack.plane
    for front, radii in zip(fronts, plan.radii):
        ends = _end_patches(plan, points, front)

        def carried(which: int, x: Array, front: FrontLine = front, ends: tuple[int, int] = ends) -> Array:
            return x if ends[which] < 0 else onto(surfaces.patches[ends[which]], x, front.tangent[-which])

        made = rings(front, radii, sectors=plan.sectors, ends=carried)
        inside = _clear(made.inside, plan, points, surfaces, skin=0.6)
        # rings are symmetric: without a little disorder four of their points lie on one circle, and make a flat cell
        inside = inside + 0.04 * float(radii[0]) * rng.uniform(-1.0, 1.0, inside.shape)
        points.add(inside, RING)
        on = _clear(made.crack, plan, points, surfaces, skin=0.6)
        on = on[_within(plan, plane.to_plane(on), 0.0)]
        points.add(on, LINE, crack=True)
        half = len(made.skin) // 2
        for which, skin in ((0, made.skin[0 : 2 * half : 2]), (1, made.skin[1::2])):
            if len(skin) and ends[which] >= 0:
                points.add(_clear(skin, plan, points, surfaces, skin=0.0), LINE, patch=(ends[which],))


def onto(surface: Projector, x: Array, direction: Array) -> Array:
    """Points carried along a direction onto a smooth surface."""
    for _ in range(4):
        foot, triangle = surface.nearest(x)
        normal = surface.normal[triangle]
        x = x + (((foot - x) * normal).sum(axis=1) / (normal @ direction))[:, None] * direction
    return x


def _end_patches(plan: Plan, points: Cloud, front: FrontLine) -> tuple[int, int]:
    """Patch on which each end of a front lies; -1 for a closed front."""
    if front.closed:
        return -1, -1
    _, near = cKDTree(points.x).query(front.x[[0, -1]])
    found = [points.patch[n][points.patch[n] >= 0] for n in near]
    if any(len(f) != 1 for f in found):
        raise InputError(
            "a crack front ends on an edge of the body", place="crack plane",
            remedy="move the crack a little, so that its front ends on a face",
        )  # fmt: skip
    return int(found[0][0]), int(found[1][0])


def _clear(x: Array, plan: Plan, points: Cloud, surfaces: Skin, *, skin: float) -> Array:
    """Points that keep off those there are, and off the skin by `skin` times the size."""
    h = plan.size(x)
    distance, _ = cKDTree(points.x).query(x)
    x, h = x[distance > 0.45 * h], h[distance > 0.45 * h]
    if skin > 0.0 and len(x):
        keep = surfaces.signed(x) < -skin * 0.6 * h
        x = x[keep]
    return x


def _within(plan: Plan, uv: Array, margin: Array | float) -> Mask:
    points = shapely.points(uv)
    inside = shapely.contains(plan.crack.region, points)
    return np.asarray(inside & (shapely.distance(plan.crack.region.boundary, points) >= margin))


def _crack(plan: Plan, points: Cloud, rng: np.random.Generator) -> None:
    plane, region = plan.crack.plane, plan.crack.region
    shapely.prepare(region)
    size = lambda uv: plan.size(plane.to_space(uv))  # noqa: E731
    low, high = np.array(region.bounds[:2]), np.array(region.bounds[2:])
    candidates = in_box(low, high, size, rng)
    h = size(candidates)
    inside = _within(plan, candidates, 0.55 * h)
    candidates, h = candidates[inside], h[inside]
    fixed = plane.to_plane(points.x[points.crack])
    uv = candidates[apart(candidates, h, fixed, ratio=0.8, rng=rng)]

    def project(new: Array, state: list[Array] = [uv]) -> Array:  # noqa: B006  the last good place of every point
        good = _within(plan, new, 0.4 * size(new))
        state[0] = np.where(good[:, None], new, state[0])
        return state[0]

    uv = relaxed(uv, fixed, size, project)
    points.add(plane.to_space(uv), SURFACE, crack=True)


def _patch(plan: Plan, points: Cloud, patch: int, surface: Projector, rng: np.random.Generator) -> None:
    candidates, _ = in_triangles(surface.corners, plan.size, rng)
    fixed = points.x[points.on(patch) | (points.rank == RING)]
    x = candidates[apart(candidates, plan.size(candidates), fixed, ratio=0.8, rng=rng)]
    x = relaxed(x, fixed, plan.size, lambda new: surface.nearest(new)[0])
    distance, _ = cKDTree(fixed).query(x)
    points.add(x[distance > 0.45 * plan.size(x)], SURFACE, patch=(patch,))


def _volume(plan: Plan, points: Cloud, skin: Skin, rng: np.random.Generator) -> None:
    low, high = plan.solid.points.min(axis=0), plan.solid.points.max(axis=0)

    def interesting(centre: Array, reach: Array) -> Mask:
        return skin.signed(centre, reach=0.0) < reach + plan.size(centre)

    candidates = in_box(low, high, plan.size, rng, near=interesting)
    h = plan.size(candidates)
    inside = skin.signed(candidates, reach=2.0 * h) < -0.55 * h
    candidates, h = (v[inside] for v in (candidates, h))
    x = candidates[apart(candidates, h, points.x, ratio=0.85, rng=rng)]

    def project(new: Array, state: list[Array] = [x]) -> Array:  # noqa: B006  the last good place of every point
        h = plan.size(new)
        good = skin.signed(new, reach=2.0 * h) < -0.5 * h
        state[0] = np.where(good[:, None], new, state[0])
        return state[0]

    points.add(relaxed(x, points.x, plan.size, project, steps=20, reach=1.1), VOLUME)
