"""Chart of a spherical cap: the wall of a pit, unrolled to distance from its bottom and direction."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from deadlight.surface.chart import Plane
from deadlight.surface.mesh import Array

_RINGS = 8  # of points for facets
_ROUND = 32  # points on the outermost of them


@dataclass(frozen=True, eq=False)
class Cap:
    """Part of a sphere seen from its inside, in azimuthal equidistant coordinates round the deepest point.

    Attributes
    ----------
    plane : Plane
        Touches the sphere at the deepest point, its normal towards the centre: out of the body, into the pit.
    radius : float [m]
        Of the sphere.
    angle : float [rad]
        Half the angle under which the centre sees the cap.
    """

    plane: Plane
    radius: float
    angle: float

    @functools.cached_property
    def centre(self) -> Array:
        """Of the sphere. (3,)."""
        return np.asarray(self.plane.origin + self.radius * self.plane.n)

    @functools.cached_property
    def knots(self) -> Array:
        """Points for facets, on rings round the deepest one. (k, 2)."""
        rings = [np.zeros((1, 2))]
        for i in range(1, _RINGS):
            part = i / _RINGS
            count = max(6, round(_ROUND * np.sin(part * self.angle) / np.sin(min(self.angle, np.pi / 2))))
            phi = 2.0 * np.pi * (np.arange(count) + 0.5 * (i % 2)) / count
            rings.append(part * self.angle * self.radius * np.column_stack([np.cos(phi), np.sin(phi)]))
        return np.concatenate(rings)

    def to_space(self, uv: Array) -> Array:
        """Points of space. (n, 2) -> (n, 3)."""
        return np.asarray(self.centre - self.radius * self.normal(uv))

    def to_chart(self, x: Array) -> Array:
        """Coordinates of the points of the sphere below x, seen from its centre. (n, 3) -> (n, 2)."""
        r = np.atleast_2d(x) - self.centre
        flat = np.column_stack([r @ self.plane.e1, r @ self.plane.e2])
        across = np.linalg.norm(flat, axis=1)
        theta = np.arctan2(across, -(r @ self.plane.n))
        return np.asarray(flat * (self.radius * theta / np.where(across > 0.0, across, 1.0))[:, None])

    def normal(self, uv: Array) -> Array:
        """Unit normals, to the centre of the sphere. (n, 2) -> (n, 3)."""
        s = np.linalg.norm(uv, axis=1)
        theta = s / self.radius
        way = uv * (np.sin(theta) / np.where(s > 0.0, s, 1.0))[:, None]
        return np.asarray(
            np.cos(theta)[:, None] * self.plane.n - way[:, :1] * self.plane.e1 - way[:, 1:] * self.plane.e2
        )

    def signed(self, x: Array) -> Array:
        """Distance from the sphere, positive inside it: out of the body. (n, 3) -> (n,)."""
        return np.asarray(self.radius - np.linalg.norm(np.atleast_2d(x) - self.centre, axis=1))

    def signed_and_normal(self, x: Array) -> tuple[Array, Array]:
        """Both of `signed(x)` and `normal(to_chart(x))`."""
        r = np.atleast_2d(x) - self.centre
        far = np.linalg.norm(r, axis=1)
        return self.radius - far, -r / np.where(far > 0.0, far, 1.0)[:, None]
