"""Surface of a crack that grew out of its first one: a height over a plane or a bent line, a ramp for every step."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from deadlight.surface.chart import Chart, Extruded, Graph, Plane
from deadlight.surface.layer import Layer
from deadlight.surface.mesh import Array
from deadlight.surface.section import root

SAME = 1e-12  # of the crack's size: how near to it is on it
NEWTON = 12  # steps towards the first surface, before it is searched
SEARCH = 12  # doublings of the span in which the height of the first surface is looked for


@dataclass(frozen=True, eq=False)
class Crease:
    """Line along which a crack is bent.

    Attributes
    ----------
    points : (k, 3) float
        Fine polyline; a closed one repeats its first point.
    turn : (k,) float
        Angle [rad] by which the surface turns there.
    """

    points: Array
    turn: Array


@dataclass(frozen=True, eq=False)
class Sheath:
    """A height over a ground: that of the first surface, and ramps ahead of each former front.

    The ramps leave the former crack as it was, are straight across the front, and go on beyond the new one.  Along
    former fronts the surface is creased, elsewhere it is smooth.

    Attributes
    ----------
    ground : Plane or Extruded
        Coordinates are its own. Where a drawn line is bent there must be no height.
    first : Chart
        The surface before the first ramp, which must lie over the ground.
    layers : tuple of Layer
    bends : tuple of Crease
        In space.
    size : float [m]
        Of the crack, to look for the first surface in.
    """

    ground: Plane | Extruded
    first: Chart
    layers: tuple[Layer, ...]
    bends: tuple[Crease, ...]
    size: float

    def height(self, uv: Array) -> tuple[Array, Array]:
        """Height (n,) and its gradient (n, 2)."""
        height, slope = self._first(uv)
        for layer in self.layers:
            more, steeper = layer.height(uv)
            height, slope = height + more, slope + steeper
        return height, slope

    @functools.cached_property
    def _flat(self) -> tuple[float, Array] | None:
        """Height and slope of the first surface at the origin, if both are planes."""
        if not isinstance(self.first, Plane) or not isinstance(self.ground, Plane):
            return None
        n, ground = self.first.n, self.ground
        rise = float(n @ ground.n)
        height = float(n @ (self.first.origin - ground.origin)) / rise
        return height, -np.array([n @ ground.e1, n @ ground.e2]) / rise

    def _first(self, uv: Array) -> tuple[Array, Array]:
        if self.first is self.ground:
            return np.zeros(len(uv)), np.zeros((len(uv), 2))
        if self._flat is not None:
            start, slope = self._flat
            return start + uv @ slope, np.tile(slope, (len(uv), 1))
        if isinstance(self.first, Graph) and self.first.plane is self.ground:
            return self.first._height(uv)
        foot, (up, e1, e2) = self.ground.to_space(uv), axes(self.ground, uv)
        height, n = self._lifted(foot, up)
        n = n / np.linalg.norm(n, axis=1)[:, None]
        rise = _dot(n, up)
        rise = np.where(np.abs(rise) < 0.02, 0.02, rise)
        return height, -np.column_stack([_dot(n, e1), _dot(n, e2)]) / rise[:, None]

    def _lifted(self, foot: Array, up: Array) -> tuple[Array, Array]:
        """How far above points of the ground the first surface lies, and a normal of it there. (n,), (n, 3)."""
        t, normal, open_ = np.zeros(len(foot)), np.empty((len(foot), 3)), np.arange(len(foot))
        for _ in range(NEWTON):  # exact after a step or two where the surface is straight
            off, n = self._off(foot[open_] + t[open_, None] * up[open_])
            normal[open_] = n
            left = np.abs(off) > SAME * self.size
            open_, off, n = open_[left], off[left], n[left]
            if not len(open_):
                return t, normal
            t[open_] -= off / np.maximum(_dot(n, up[open_]), 0.2)
        t[open_] = self._searched(foot[open_], up[open_])
        normal[open_] = self._off(foot[open_] + t[open_, None] * up[open_])[1]
        return t, normal

    def _off(self, x: Array) -> tuple[Array, Array]:
        """How far points lie above the first surface, in its own measure, and the gradient of that."""
        return self.first._above(x) if isinstance(self.first, Sheath) else self.first.signed_and_normal(x)

    def _searched(self, foot: Array, up: Array) -> Array:
        """The same by halving, where the surface is creased."""
        def signed(t: Array) -> Array:
            return self.first.signed(foot + t[:, None] * up)

        low, high = np.full(len(foot), -self.size), np.full(len(foot), self.size)
        for _ in range(SEARCH):
            under, over = signed(low) < 0.0, signed(high) > 0.0
            if (under & over).all():
                break
            low, high = np.where(under, low, 2.0 * low), np.where(over, high, 2.0 * high)
        part = root(lambda w: signed(low + w * (high - low)), len(foot))
        return low + part * (high - low)

    def to_space(self, uv: Array) -> Array:
        return np.asarray(self.ground.to_space(uv) + self.height(uv)[0][:, None] * self.ground.normal(uv))

    def to_chart(self, x: Array) -> Array:
        return self.ground.to_chart(x)

    def normal(self, uv: Array) -> Array:
        slope, (up, e1, e2) = self.height(uv)[1], axes(self.ground, uv)
        n = up - slope[:, :1] * e1 - slope[:, 1:] * e2
        return np.asarray(n / np.linalg.norm(n, axis=1)[:, None])

    def signed(self, x: Array) -> Array:
        return self.signed_and_normal(x)[0]

    def signed_and_normal(self, x: Array) -> tuple[Array, Array]:
        above, n = self._above(x)
        long = np.linalg.norm(n, axis=1)
        return above / long, n / long[:, None]

    def _above(self, x: Array) -> tuple[Array, Array]:
        """How far points lie above the surface, square to the ground, and the gradient of that."""
        uv = self.ground.to_chart(x)
        (height, slope), (n, e1, e2) = self.height(uv), axes(self.ground, uv)
        return self.ground.signed(x) - height, n - slope[:, :1] * e1 - slope[:, 1:] * e2

    def located(self, uv: Array) -> tuple[Array, Array, Array]:
        (height, slope), (n, e1, e2) = self.height(uv), axes(self.ground, uv)
        x = self.ground.to_space(uv) + height[:, None] * n
        return x, e1 + slope[:, :1] * n, e2 + slope[:, 1:] * n


def ground_of(chart: Chart) -> Plane | Extruded:
    """The plane or bent line over which a chart is a height (of none, where it is one itself)."""
    if isinstance(chart, Sheath):
        return chart.ground
    if isinstance(chart, Graph):
        return chart.plane
    if isinstance(chart, Plane | Extruded):
        return chart
    raise TypeError(f"no height over a plane or a line: {type(chart).__name__}")


def axes(ground: Plane | Extruded, uv: Array) -> tuple[Array, Array, Array]:
    """Unit normals of a ground, and the directions of its coordinates. (n, 3) each."""
    n = ground.normal(uv)
    if isinstance(ground, Plane):
        return n, np.broadcast_to(ground.e1, n.shape), np.broadcast_to(ground.e2, n.shape)
    return n, np.cross(ground.plane.n, n), np.broadcast_to(ground.plane.n, n.shape)


def _dot(a: Array, b: Array) -> Array:
    return np.asarray(np.einsum("ij,ij->i", a, b))


def bends_of(chart: Chart, low: float = 0.0, high: float = 0.0) -> tuple[Crease, ...]:
    """Lines along which a chart is creased, in space; those of a drawn line between two heights."""
    if isinstance(chart, Sheath):
        return chart.bends
    if not isinstance(chart, Extruded) or not len(chart.creases):
        return ()
    ahead, behind = chart.creases + 1e-6 * chart.length, chart.creases - 1e-6 * chart.length
    before, after = (chart.normal(np.column_stack([u, np.zeros_like(u)])) for u in (behind, ahead))
    turn = np.arccos(np.clip((before * after).sum(axis=1), -1.0, 1.0))
    return tuple(
        Crease(chart.to_space(np.array([[u, low], [u, high]])), np.full(2, t)) for u, t in zip(chart.creases, turn)
    )
