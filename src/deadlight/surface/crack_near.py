"""How near a crack runs to skin that it does not reach there, or to another crack: elements must be as small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from deadlight.surface.body import Body, Face
from deadlight.surface.cap import Cap
from deadlight.surface.constrained import Flags
from deadlight.surface.crack_domain import CrackDomain
from deadlight.surface.facets import edge_points, outline, unrolled
from deadlight.surface.mesh import Array

WEDGE = 0.4  # of the distance from a crack's mouth on a face: nearer to that face than this is near
GRID = 40  # samples across a crack
PIT, PIT_GROWTH = 0.1, 0.3  # front elements at the wall of a pit, in its radii, and their growth
FRONT = 160  # samples along a piece of its outline


@dataclass(frozen=True, eq=False)
class Near:
    """Samples of a crack near the skin or another crack.

    Attributes
    ----------
    uv : (m, 2) float
        In the crack's chart.
    distance : (m,) float [m]
    """

    uv: Array
    distance: Array

    def __call__(self, uv: Array) -> Array:
        """Distance from these at points (n, 2), as far as the samples tell; never more than one unit a unit."""
        result = np.full(len(uv), np.inf)
        if len(self.uv):
            block = max(1, 1_000_000 // len(self.uv))
            for i in range(0, len(uv), block):
                gap = np.linalg.norm(uv[i : i + block, None] - self.uv, axis=2)
                result[i : i + block] = (gap + self.distance).min(axis=1)
        return result


def nearness(body: Body | None, domains: Sequence[CrackDomain], within: Sequence[float]) -> tuple[Near, ...]:
    """For every crack its samples that lie nearer to the skin or to another crack than `within` [m].

    What is near a face because it is near a mouth on that face does not count.
    """
    uv = [samples(d) for d in domains]
    x = [d.chart.to_space(p) for d, p in zip(domains, uv)]
    found = []
    for i, domain in enumerate(domains):
        distance = np.full(len(uv[i]), np.inf)
        if body is not None:
            for number in range(len(body.faces)):
                distance = np.minimum(distance, free_distance(body, number, domain, x[i], within[i]))
        low, high = x[i].min(axis=0) - within[i], x[i].max(axis=0) + within[i]
        for j, other in enumerate(x):
            if j != i and (other.max(axis=0) > low).all() and (other.min(axis=0) < high).all():
                distance = np.minimum(distance, cKDTree(other).query(x[i])[0])
        near = distance < within[i]
        found.append(Near(uv[i][near], distance[near]))
    return tuple(found)


def free_distance(body: Body, number: int, domain: CrackDomain, x: Array, within: float) -> Array:
    """Distance of points of a crack from a face, infinite beyond `within` and where a mouth on it explains it. (n,)."""
    face = body.faces[number]
    off = np.abs(face.chart.signed(x))
    near = np.flatnonzero(off < within)
    near = near[inside(body, face, x[near])]
    mouths = [p.points for loop in domain.loops for p in loop if p.face == number]
    if mouths and len(near):
        lines = np.concatenate([domain.chart.to_space(spread(p)) for p in mouths])
        near = near[off[near] < WEDGE * cKDTree(lines).query(x[near])[0]]
    found = np.full(len(x), np.inf)
    found[near] = off[near]
    return found


def at_pits(body: Body | None, domain: CrackDomain) -> Callable[[Array], Array] | None:
    """Longest front element of a crack whose mouth is on the wall of a pit, where stress changes quickly."""
    on = {p.face for loop in domain.loops for p in loop if p.face >= 0}
    walls = [body.faces[j].chart for j in sorted(on) if body is not None and body.faces[j].loaded]
    pits = [c for c in walls if isinstance(c, Cap)]
    if not pits:
        return None

    def fine(uv: Array) -> Array:
        x = domain.chart.to_space(uv)
        size = [PIT * c.radius * np.sin(c.angle) + PIT_GROWTH * np.abs(c.signed(x)) for c in pits]
        return np.asarray(np.min(size, axis=0))

    return fine


def spread(points: Array, count: int = FRONT) -> Array:
    """Points of a polyline with others between them, evenly. (k, 2) -> (m, 2)."""
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    at = np.unique(np.concatenate([s, np.linspace(0.0, s[-1], count)]))
    return np.column_stack([np.interp(at, s, c) for c in points.T])


def samples(domain: CrackDomain) -> Array:
    """Points of the fronts and a grid inside."""
    rings = [np.concatenate([p.points[:-1] for p in loop]) for loop in domain.loops]
    fronts = [spread(p.points) for loop in domain.loops for p in loop if p.kind == "front"]
    region = shapely.Polygon()
    for ring in rings:
        region = region.symmetric_difference(shapely.Polygon(ring))
    low, high = np.array(region.bounds[:2]), np.array(region.bounds[2:])
    u, v = (lo + (hi - lo) * (np.arange(GRID) + 0.5) / GRID for lo, hi in zip(low, high))
    grid = np.array(np.meshgrid(u, v)).reshape(2, -1).T
    return np.concatenate([*fronts, grid[shapely.contains_xy(region, grid)]])


def inside(body: Body, face: Face, x: Array) -> Flags:
    """Whether the points of a face nearest to x belong to it. (n,)."""
    if not face.loops or not len(x):
        return np.ones(len(x), dtype=bool)
    key = f"region of {id(face)}"
    if key not in body.kept:
        points, chains = edge_points(body)
        flat, _, rings = unrolled(face, points, outline(face, chains))
        region = shapely.Polygon()
        for ring in rings:
            region = region.symmetric_difference(shapely.Polygon(flat[ring]))
        body.kept[key] = region
    region = body.kept[key]
    uv = face.chart.to_chart(x)
    period = getattr(face.chart, "period", None) or 0.0
    return np.any([shapely.contains_xy(region, uv + [k * period, 0.0]) for k in (-1, 0, 1)], axis=0)
