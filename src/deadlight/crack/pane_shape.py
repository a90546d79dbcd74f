"""Outline of a pane as the quick tier needs it: signed distance, chords, and which free edge a crack line meets."""

from __future__ import annotations

import dataclasses
import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class PaneShape:
    """Round pane, rounded rectangle or convex polygon about the window axis (z), faces at z_middle +- thickness/2.

    Attributes
    ----------
    thickness : float [m]
    lip_inset : float [m]
        Distance from the rim to the lip edge: the band that the retainer covers.
    radius : float or None [m]
        Of a round pane.
    half_sizes : (float, float) or None [m]
        Half width (x) and half height (y) of a rounded rectangle.
    corner_radius : float [m]
        Of a rounded rectangle.
    vertices : tuple of (x, y) or None [m]
        Of a convex outline, counter-clockwise, the axis inside (the hull of a meshed pane).
    z_middle : float [m]
        Middle plane of the pane.
    recess : tuple of (zeta, recess [m])
        How far the rim stands back from the outline at heights zeta = 2 z/t (bevels, cone, step), ascending in zeta,
        linear in between; empty for a square rim.  Stress is taken constant from there to the outline.
    name : str
        For messages.
    """

    thickness: float
    lip_inset: float = 0.0
    radius: float | None = None
    half_sizes: tuple[float, float] | None = None
    corner_radius: float = 0.0
    vertices: tuple[tuple[float, float], ...] | None = None
    z_middle: float = 0.0
    recess: tuple[tuple[float, float], ...] = ()
    name: str = "pane"

    def __post_init__(self) -> None:
        given = [outline for outline in (self.radius, self.half_sizes, self.vertices) if outline is not None]
        if len(given) != 1:
            raise InputError(
                f"{len(given)} outlines", place=self.name, remedy="give exactly one of radius, half sizes and vertices"
            )
        size = -self.distance(np.zeros(2)) if self.half_sizes is None else min(self.half_sizes)
        if not (size > 0.0 and self.thickness > 0.0 and 0.0 <= self.lip_inset < size):
            raise InputError(
                f"radius or half size {size:g} m, thickness {self.thickness:g} m, lip {self.lip_inset:g} m",
                place=self.name,
                remedy="sizes must be positive and the lip narrower than the pane",
            )
        if self.half_sizes is not None and not 0.0 <= self.corner_radius <= size:
            raise InputError(
                f"corner radius {self.corner_radius:g} m for half size {size:g} m",
                place=self.name,
                remedy="keep it between zero and the smaller half size",
            )

    @property
    def reach(self) -> float:
        """A length [m] larger than any chord."""
        if self.vertices is not None:
            return 2.5 * max(math.hypot(*vertex) for vertex in self.vertices)
        return 2.5 * (self.radius if self.radius is not None else math.hypot(*(self.half_sizes or (0.0, 0.0))))

    @functools.cached_property
    def _sides(self) -> tuple[Array, Array]:
        """Starting points and outward unit normals of the polygon's sides, (k, 2) each."""
        start = np.asarray(self.vertices, dtype=float)
        along = np.roll(start, -1, axis=0) - start
        normal = np.stack([along[:, 1], -along[:, 0]], axis=1)
        length = np.linalg.norm(normal, axis=1, keepdims=True)
        keep = length[:, 0] > 0.0
        return start[keep], (normal / np.where(length > 0.0, length, 1.0))[keep]

    def distance(self, point: Array) -> float:
        """Signed distance [m] of (x, y) from the rim, negative inside (outside a polygon: a lower bound)."""
        if self.vertices is not None:
            start, normal = self._sides
            return float(np.einsum("ij,ij->i", point - start, normal).max())
        if self.radius is not None:
            return math.hypot(point[0], point[1]) - self.radius
        x, y = self.half_sizes or (0.0, 0.0)
        dx = abs(point[0]) - x + self.corner_radius
        dy = abs(point[1]) - y + self.corner_radius
        return math.hypot(max(dx, 0.0), max(dy, 0.0)) + min(max(dx, dy), 0.0) - self.corner_radius

    def _distances(self, points: Array) -> Array:
        """`distance` of many points (k, 2)."""
        if self.radius is not None:
            return np.asarray(np.hypot(points[:, 0], points[:, 1]) - self.radius)
        if self.vertices is not None:
            start, normal = self._sides
            return np.asarray(((points[:, None, :] - start) * normal).sum(axis=2).max(axis=1))
        return np.array([self.distance(point) for point in points])

    def stands_back(self, zeta: Array) -> Array:
        """Recess of the rim [m] at heights zeta."""
        if not self.recess:
            return np.zeros(len(zeta))
        at, back = np.array(self.recess).T
        return np.interp(zeta, at, back)

    def with_rim(self, points: Array, *, azimuth: float | None = None) -> PaneShape:
        """The same pane with the recess that the nodes (k, 3) [m] of its rim, lip and seats show.

        At a height between the faces the node that stands back most counts (a step's riser), on a face the one that
        stands back least (the face's own edge).  With an azimuth [rad] only the nodes within 15 degrees of it, and of
        the far end of the line through the centre, are asked: the real outline may differ from this shape elsewhere.
        """
        if azimuth is not None:
            turned = np.arctan2(points[:, 1], points[:, 0]) - azimuth
            points = points[np.abs(np.cos(turned)) > math.cos(math.radians(15.0))]
        zeta = np.round(2.0 * (points[:, 2] - self.z_middle) / self.thickness, 4)
        back = np.maximum(-self._distances(points[:, :2]), 0.0)
        heights = np.unique(zeta)
        stands = [back[zeta == h].min() if abs(h) > 0.9999 else back[zeta == h].max() for h in heights]
        return dataclasses.replace(self, recess=tuple((float(h), float(b)) for h, b in zip(heights, stands)))

    def outward(self, point: Array) -> Array:
        """Unit normal of the nearest rim point, pointing out of the pane, (2,)."""
        step = 1e-6 * self.reach
        g = np.array(
            [
                self.distance(point + np.array([step, 0.0])) - self.distance(point - np.array([step, 0.0])),
                self.distance(point + np.array([0.0, step])) - self.distance(point - np.array([0.0, step])),
            ]
        )
        return g / max(float(np.linalg.norm(g)), 1e-300)

    def leaves(self, start: Array, direction: Array) -> float:
        """Distance [m] from an inside point to the rim along a unit direction."""
        return float(brentq(lambda s: self.distance(start + s * direction), 0.0, self.reach, xtol=1e-12))
