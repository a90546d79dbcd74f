"""Where points lie in a mesh of quadratic cells, and the values of nodal fields there."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.errors import InputError
from deadlight.mesh.elements import Element
from deadlight.mesh.mesh import Mesh

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

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

    def interpolation(self, points: Array, *, place: str = "sampling points") -> scipy.sparse.csr_matrix:
        """Matrix (p, n_nodes) that takes nodal values to values at points (p, 3) [m].

        Raises
        ------
        InputError
            A point lies outside the body; the message gives how far.
        """
        points = np.atleast_2d(np.asarray(points, dtype=float))
        if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
            raise InputError(f"points of shape {points.shape}", place=place, remedy="finite coordinates (p, 3) in m")
        rows, columns, values = [np.zeros(0, int)], [np.zeros(0, int)], [np.zeros(0)]
        best = np.full(len(points), np.inf)
        chosen = np.full(len(points), -1)
        found = []
        for number, block in enumerate(self.mesh.blocks):
            todo = np.flatnonzero(best > HELD)
            point, cell, xi, outside = self._tried(number, points, todo)
            order = np.lexsort((cell, outside, point))  # the cell that holds the point best, the first of equals
            first = order[np.unique(point[order], return_index=True)[1]]
            better = first[outside[first] < best[point[first]] - 1e-12]
            best[point[better]], chosen[point[better]] = outside[better], number
            found.append((number, point[better], block.nodes[cell[better]], xi[better]))
        self._refuse_outside(points, best, place)
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

    def _tried(self, number: int, points: Array, todo: Index) -> tuple[Index, Index, Array, Array]:
        """Pairs (point, cell) of a block with coordinates (k, 3) in the cell and how far outside it.

        The cell in whose box a point lies most centrally is tried first, and all its others if it does not hold it.
        """
        block = self.mesh.blocks[number]
        row, cell = self._candidates(number, points[todo])
        point = todo[row]
        low, high = self.low[number][cell], self.high[number][cell]
        central = np.abs((points[point] - 0.5 * (low + high)) / np.maximum(high - low, 1e-300)).max(axis=1)
        order = np.lexsort((cell, central, point))
        point, cell = point[order], cell[order]
        start = np.flatnonzero(np.r_[True, point[1:] != point[:-1]]) if len(point) else np.zeros(0, dtype=np.int64)
        count = np.diff(np.r_[start, len(point)])
        xi = np.full((len(point), 3), np.nan)
        outside = np.full(len(point), np.inf)
        now, turn = start, 0
        while len(now):
            x = self.mesh.points[block.nodes[cell[now]]]
            xi[now] = _inverse(block.element, x, points[point[now]])
            outside[now] = _outside(block.element, xi[now])
            turn += 1
            more = (outside[now] > HELD) & (count > turn)
            # few points are left: all their cells in one go, for the price of one
            left = count[more] - turn
            now = np.repeat(now[more] + 1, left) + _counted(left)
            count = np.zeros(len(now), dtype=np.int64)
        return point, cell, xi, outside

    @functools.cached_property
    def _bins(self) -> tuple[_Bins, ...]:
        """Of every block."""
        return tuple(_Bins.of(low, high) for low, high in zip(self.low, self.high))

    def _candidates(self, number: int, points: Array) -> tuple[Index, Index]:
        """Pairs (point, cell) with the point in the cell's box, by point and cell."""
        low, high = self.low[number], self.high[number]
        point, cell = self._bins[number].pairs(points)
        at = points[point]
        inside = ((at >= low[cell]) & (at <= high[cell])).all(axis=1)
        return point[inside], cell[inside]

    def _refuse_outside(self, points: Array, best: Array, place: str) -> None:
        bad = np.flatnonzero(~(best <= OUTSIDE))
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

    def pairs(self, points: Array) -> tuple[Index, Index]:
        """Pairs (point, cell) of the same square."""
        at = np.floor((points[:, :2] - self.origin) / self.step)
        at = np.where(at == BINS, BINS - 1, at)  # on the far side of the last square, or beyond it by rounding
        held = ((at >= 0) & (at < BINS)).all(axis=1)
        square = np.where(held, at[:, 0] * BINS + at[:, 1], 0).astype(np.int64)
        each = np.where(held, self.count[square], 0)
        point = np.repeat(np.arange(len(points)), each)
        turn = _counted(each)
        return point, self.cell[self.first[square][point] + turn]


def _inverse(element: Element, x: Array, target: Array) -> Array:
    """Reference coordinates (k, 3) of points (k, 3) in cells with nodes x (k, nn, 3), by Newton's method."""
    centre = element.nodes[: element.corners].mean(axis=0)
    xi = np.tile(centre, (len(target), 1))
    inside = element.polynomials(x)  # the map of every cell, once
    busy = np.arange(len(target))  # neither converged nor hopelessly far
    for trial in range(20):
        here = inside if len(busy) == len(target) else inside[busy]
        at = xi[busy]
        value, jacobian = element.mapped(here, at)
        singular = np.abs(_determinant(jacobian)) < 1e-300
        jacobian[singular] = np.eye(3)
        step = np.linalg.solve(jacobian, (value - target[busy])[:, :, None])[:, :, 0]
        # a far point may send Newton anywhere: it stays near the cell, where it will be refused
        new = np.clip(at - step, -3.0, 3.0)
        xi[busy] = new
        far = (np.abs(new).max(axis=1) > 2.0) if trial > 3 else np.zeros(len(busy), dtype=bool)
        busy = busy[(np.abs(step).max(axis=1) >= 1e-13) & ~far]
        if not len(busy):
            break
    wrong = element.mapped(inside, xi)[0] - target
    size = (x.max(axis=1) - x.min(axis=1)).max(axis=1)
    xi[np.linalg.norm(wrong, axis=1) > 1e-9 * size] = np.nan  # did not converge: not in this cell
    return xi


def _determinant(j: Array) -> Array:
    """Of matrices (k, 3, 3)."""
    return np.asarray((np.cross(j[:, 0], j[:, 1]) * j[:, 2]).sum(axis=1))


def _outside(element: Element, xi: Array) -> Array:
    """How far outside the reference cell; 0 inside, inf for NaN. (k,)."""
    if element.family == "hex":
        excess = np.abs(xi).max(axis=1) - 1
    elif element.family == "tet":
        excess = np.maximum(-xi.min(axis=1), xi.sum(axis=1) - 1)
    else:
        flat = np.maximum(-xi[:, :2].min(axis=1), xi[:, :2].sum(axis=1) - 1)
        excess = np.maximum(flat, np.abs(xi[:, 2]) - 1)
    return np.where(np.isnan(excess), np.inf, np.maximum(excess, 0.0))
