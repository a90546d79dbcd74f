"""Where points lie in a mesh of quadratic cells, and the values of nodal fields there."""

from __future__ import annotations

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
_POINTS_AT_ONCE = 256


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

        Cells are tried from the one in whose box a point lies most centrally, until one holds it.
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
            now, count = now[more] + 1, count[more]
        return point, cell, xi, outside

    def _candidates(self, number: int, points: Array) -> tuple[Index, Index]:
        """Pairs (point, cell) with the point in the cell's box."""
        low, high = self.low[number], self.high[number]
        pairs = []
        for start in range(0, len(points), _POINTS_AT_ONCE):
            part = points[start : start + _POINTS_AT_ONCE, None, :]
            box = part.min(axis=(0, 1)), part.max(axis=(0, 1))  # neighbours in number are near each other, mostly
            near = np.flatnonzero(((low <= box[1]) & (high >= box[0])).all(axis=1))
            inside = (part[..., 0] >= low[near, 0]) & (part[..., 0] <= high[near, 0])
            for axis in (1, 2):
                inside &= (part[..., axis] >= low[near, axis]) & (part[..., axis] <= high[near, axis])
            point, cell = np.nonzero(inside)
            pairs.append((point + start, near[cell]))
        return np.concatenate([p for p, _ in pairs]), np.concatenate([c for _, c in pairs])

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


def _inverse(element: Element, x: Array, target: Array) -> Array:
    """Reference coordinates (k, 3) of points (k, 3) in cells with nodes x (k, nn, 3), by Newton's method."""
    centre = element.nodes[: element.corners].mean(axis=0)
    xi = np.tile(centre, (len(target), 1))
    busy = np.arange(len(target))  # neither converged nor hopelessly far
    for trial in range(20):
        nodes, at = x[busy], xi[busy]
        wrong = np.einsum("kn,kni->ki", element.shape(at), nodes) - target[busy]
        jacobian = np.einsum("kni,knj->kij", nodes, element.dshape(at))
        singular = np.abs(np.linalg.det(jacobian)) < 1e-300
        jacobian[singular] = np.eye(3)
        step = np.linalg.solve(jacobian, wrong[:, :, None])[:, :, 0]
        # a far point may send Newton anywhere: it stays near the cell, where it will be refused
        new = np.clip(at - step, -3.0, 3.0)
        xi[busy] = new
        far = (np.abs(new).max(axis=1) > 2.0) if trial > 3 else np.zeros(len(busy), dtype=bool)
        busy = busy[(np.abs(step).max(axis=1) >= 1e-13) & ~far]
        if not len(busy):
            break
    wrong = np.einsum("kn,kni->ki", element.shape(xi), x) - target
    size = (x.max(axis=1) - x.min(axis=1)).max(axis=1)
    xi[np.linalg.norm(wrong, axis=1) > 1e-9 * size] = np.nan  # did not converge: not in this cell
    return xi


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
