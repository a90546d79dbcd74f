"""Where points lie in a mesh of quadratic cells, and the values of nodal fields there."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight import _locate
from deadlight.errors import InputError
from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

# How far outside its cell, in the cell's own coordinates (size 1 to 2), a point may lie: curved faces are followed by
# quadratic cells only to some accuracy, and points given on a face are outside as often as inside.
OUTSIDE = 0.02
HELD = 1e-9  # how far outside a point counts as inside: on a face between cells rounding decides
BINS = 48  # in plan, each way: a pane's cells are small in x and y and few over the thickness


@dataclass(frozen=True, eq=False)
class Locator:
    """Finds the cell and the reference coordinates of points.

    Attributes
    ----------
    mesh : Mesh
    low, high : tuple of (n_cells, 3) float [m]
        Boxes of the cells of each block, a little enlarged for curved faces.
    """

    mesh: Mesh
    low: tuple[Array, ...]
    high: tuple[Array, ...]

    @classmethod
    def build(cls, mesh: Mesh) -> Locator:
        low, high = [], []
        for block in mesh.blocks:
            x = mesh.points[block.nodes]
            first, last = x.min(axis=1), x.max(axis=1)
            margin = 0.1 * (last - first).max(axis=1, keepdims=True)
            low.append(first - margin)
            high.append(last + margin)
        return cls(mesh, tuple(low), tuple(high))

    def interpolation(
        self, points: Array, *, place: str = "sampling points", within: float = OUTSIDE
    ) -> scipy.sparse.csr_matrix:
        """Matrix (p, n_nodes) that takes nodal values to values at points (p, 3) [m].

        `within`: how far outside its cell a point may lie, in the cell's own coordinates; its polynomial is carried on.

        Raises
        ------
        InputError
            A point lies outside the body; the message gives how far.
        """
        points = np.atleast_2d(np.asarray(points, dtype=float))
        if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
            raise InputError(f"points of shape {points.shape}", place=place, remedy="finite coordinates (p, 3) in m")
        best = np.full(len(points), np.inf)
        chosen = np.full(len(points), -1)
        found = []
        for number, block in enumerate(self.mesh.blocks):
            todo = np.flatnonzero(best > HELD)
            cell, xi, outside = self._nearest(number, points[todo])
            better = outside < best[todo] - 1e-12
            point = todo[better]
            best[point], chosen[point] = outside[better], number
            found.append((number, point, block.nodes[cell[better]], xi[better]))
        self._refuse_outside(points, ~(best <= within), place)
        rows, columns, values = [np.zeros(0, int)], [np.zeros(0, int)], [np.zeros(0)]
        for number, point, nodes, xi in found:
            mine = chosen[point] == number
            shape = self.mesh.blocks[number].element.shape(xi[mine])
            rows.append(np.repeat(point[mine], shape.shape[1]))
            columns.append(nodes[mine].ravel())
            values.append(shape.ravel())
        size = (len(points), self.mesh.n_nodes)
        return scipy.sparse.csr_matrix(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=size
        )

    def _nearest(self, number: int, points: Array) -> tuple[Index, Array, Array]:
        """Of a block: cell of each point, coordinates (p, 3) in it, and how far outside it; inf without a cell."""
        bins, maps = self._bins[number], self._maps[number]
        first, stop = bins.of_points(points)
        points = np.ascontiguousarray(points)
        low, high = self.low[number], self.high[number]
        return _locate.nearest(points, first, stop, bins.cell, low, high, *maps, HELD)

    @functools.cached_property
    def _bins(self) -> tuple[_Bins, ...]:
        """Of every block."""
        return tuple(_Bins.of(low, high) for low, high in zip(self.low, self.high))

    @functools.cached_property
    def _maps(self) -> tuple[tuple[Array, Index, Array, Array, str], ...]:
        """Of every block: the cells' maps, exponents of their monomials, sizes; where Newton begins, family."""
        found = []
        for block in self.mesh.blocks:
            element, x = block.element, self.mesh.points[block.nodes]
            size = (x.max(axis=1) - x.min(axis=1)).max(axis=1)
            power = np.ascontiguousarray(element.exponents, dtype=np.int64)
            centre = element.nodes[: element.corners].mean(axis=0)
            maps = np.ascontiguousarray(element.polynomials(x))
            found.append((maps, power, size, centre, element.family))
        return tuple(found)

    def _refuse_outside(self, points: Array, outside: Mask, place: str) -> None:
        bad = np.flatnonzero(outside)
        if not len(bad):
            return
        surface = np.unique(np.concatenate([b.nodes.ravel() for b in self.mesh.boundary]))
        distance = np.array([np.linalg.norm(self.mesh.points[surface] - points[i], axis=1).min() for i in bad[:100]])
        worst = int(np.argmax(distance))
        raise InputError(
            f"{len(bad)} of {len(points)} points lie outside the body; point {bad[worst]} at "
            f"{np.round(1e3 * points[bad[worst]], 4).tolist()} mm is "
            f"{1e3 * distance[worst]:.3g} mm from the nearest surface node",
            place=place,
            remedy=f"the body spans {np.round(1e3 * self.mesh.points.min(axis=0), 3).tolist()} to "
            f"{np.round(1e3 * self.mesh.points.max(axis=0), 3).tolist()} mm",
        )


def _counted(each: Index) -> Index:
    """0, 1 ... of every group of so many."""
    return np.asarray(np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class _Bins:
    """Cells by the squares of a grid in plan that their boxes touch.

    Attributes
    ----------
    origin, step : (2,) float [m]
    count : (BINS * BINS,) int
        Cells of a square.
    first : (BINS * BINS,) int
        Where they begin in `cell`, ascending there.
    cell : int
    """

    origin: Array
    step: Array
    count: Index
    first: Index
    cell: Index

    @classmethod
    def of(cls, low: Array, high: Array) -> _Bins:
        origin = low[:, :2].min(axis=0)
        step = np.maximum((high[:, :2].max(axis=0) - origin) / BINS, 1e-300)
        start = np.clip(((low[:, :2] - origin) / step).astype(np.int64), 0, BINS - 1)
        stop = np.clip(((high[:, :2] - origin) / step).astype(np.int64), 0, BINS - 1)
        wide = stop - start + 1
        each = wide.prod(axis=1)
        cell = np.repeat(np.arange(len(low)), each)
        turn = _counted(each)
        column, row = start[cell, 0] + turn // wide[cell, 1], start[cell, 1] + turn % wide[cell, 1]
        square = column * BINS + row
        order = np.lexsort((cell, square))
        count = np.bincount(square, minlength=BINS * BINS)
        return cls(origin, step, count, np.cumsum(count) - count, cell[order])

    def of_points(self, points: Array) -> tuple[Index, Index]:
        """Where the cells of each point's square begin and end in `cell`."""
        at = np.floor((points[:, :2] - self.origin) / self.step)
        at = np.where(at == BINS, BINS - 1, at)  # on the far side of the last square, or beyond it by rounding
        held = ((at >= 0) & (at < BINS)).all(axis=1)
        square = np.where(held, at[:, 0] * BINS + at[:, 1], 0).astype(np.int64)
        first = self.first[square]
        return first, first + np.where(held, self.count[square], 0)
