"""Reference elements: node order, shape functions, faces, edges and quadrature.

Node order is VTK's (and meshio's).  Shape functions come from a monomial basis and the node
coordinates (inverse Vandermonde), so every element is stated once, by what spans it.

Reference domains: tetrahedron x, y, z >= 0, x + y + z <= 1; hexahedron [-1, 1]^3; wedge
triangle x, y >= 0, x + y <= 1 times z in [-1, 1]; triangle and quadrilateral likewise.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Point = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Element:
    """One reference element.

    Attributes
    ----------
    kind : str
        Name as meshio knows it in the `MESHIO` table, for example "tet10".
    family : str
        "tet", "hex", "wedge", "tri" or "quad".
    nodes : (n, dim) float
        Reference coordinates in VTK order.
    corners : int
        Number of corner nodes (they come first).
    edges : tuple of (corner, corner)
        In the order of the mid-edge nodes of the quadratic element.
    faces : tuple of node tuples
        Local nodes of each face of a solid, in the order of the matching 2D element, outward normal.
    """

    kind: str
    family: str
    nodes: Array
    exponents: np.ndarray
    corners: int
    edges: tuple[tuple[int, int], ...]
    faces: tuple[tuple[int, ...], ...] = ()

    @property
    def n_nodes(self) -> int:
        return len(self.nodes)

    @property
    def dim(self) -> int:
        return int(self.nodes.shape[1])

    @property
    def quadratic(self) -> bool:
        return self.n_nodes > self.corners

    @functools.cached_property
    def _coefficients(self) -> Array:
        return np.asarray(np.linalg.inv(_monomials(self.nodes, self.exponents)), dtype=float)

    def shape(self, xi: Array) -> Array:
        """Shape functions at reference points. (m, dim) -> (m, n)."""
        return _monomials(np.atleast_2d(xi), self.exponents) @ self._coefficients

    def dshape(self, xi: Array) -> Array:
        """Reference gradients of the shape functions. (m, dim) -> (m, n, dim)."""
        xi = np.atleast_2d(xi)
        columns = []
        for axis in range(self.dim):
            lower = self.exponents.copy()
            factor = lower[:, axis].astype(float)
            lower[:, axis] = np.maximum(lower[:, axis] - 1, 0)
            columns.append((_monomials(xi, lower) * factor) @ self._coefficients)
        return np.stack(columns, axis=-1)

    def polynomials(self, nodal: Array) -> Array:
        """Coefficients of the monomials of fields with values (k, n, c) at the nodes. (k, n, c)."""
        return np.asarray(np.matmul(self._coefficients, nodal))

    def face_kind(self, face: int) -> str:
        return FACE_KIND[len(self.faces[face]), self.kind == "hex27" or self.kind == "wedge18"]


def _monomials(xi: Array, exponents: np.ndarray) -> Array:
    # products of a small table of powers: a power with an array of exponents costs ten times as much
    power = [np.ones_like(xi, dtype=float)]
    for _ in range(int(exponents.max(initial=0))):
        power.append(power[-1] * xi)
    table = np.stack(power)
    value = table[exponents[:, 0], :, 0]
    for axis in range(1, xi.shape[1]):
        value = value * table[exponents[:, axis], :, axis]
    return np.ascontiguousarray(value.T)


def _mid(corners: list[tuple[float, ...]], edges: tuple[tuple[int, int], ...]) -> list[tuple[float, ...]]:
    return [tuple((p + q) / 2 for p, q in zip(corners[a], corners[b])) for a, b in edges]


def _degree(dim: int, order: int) -> list[tuple[int, ...]]:
    return [tuple(e) for e in product(range(order + 1), repeat=dim) if sum(e) <= order]


def _tensor(dim: int, order: int) -> list[tuple[int, ...]]:
    return list(product(range(order + 1), repeat=dim))


def _serendipity(dim: int) -> list[tuple[int, ...]]:
    """Quadratic serendipity: superlinear degree (degree of the variables that enter squared) at most 2."""
    return [e for e in _tensor(dim, 2) if sum(k for k in e if k > 1) <= 2]


_TRI: list[Point] = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
_TRI_E = ((0, 1), (1, 2), (2, 0))
_QUAD: list[Point] = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
_QUAD_E = ((0, 1), (1, 2), (2, 3), (3, 0))
_TET: list[Point] = [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
_TET_E = ((0, 1), (1, 2), (2, 0), (0, 3), (1, 3), (2, 3))
_HEX: list[Point] = [(x, y, z) for z in (-1.0, 1.0) for x, y in _QUAD]
_HEX_E = ((0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (7, 4), (0, 4), (1, 5), (2, 6), (3, 7))
_WEDGE: list[Point] = [(x, y, z) for z in (-1.0, 1.0) for x, y in _TRI]
_WEDGE_E = ((0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3), (1, 4), (2, 5))
_WEDGE15: list[tuple[int, ...]] = [
    *((i, j, k) for i, j in _degree(2, 2) for k in (0, 1)),
    (0, 0, 2),
    (1, 0, 2),
    (0, 1, 2),
]

# Corner faces with outward normals.  (VTK's wedge points its first triangle outward for z < 0 reversed: ours is by
# geometry.)
_TET_F = ((0, 2, 1), (0, 1, 3), (1, 2, 3), (2, 0, 3))
_HEX_F = ((0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7))
_WEDGE_F = ((0, 2, 1), (3, 4, 5), (0, 1, 4, 3), (1, 2, 5, 4), (2, 0, 3, 5))


def _with_midside(
    faces: tuple[tuple[int, ...], ...],
    edges: tuple[tuple[int, int], ...],
    corners: int,
    centres: dict[frozenset[int], int],
) -> tuple[tuple[int, ...], ...]:
    """Adds the mid-edge (and, where the element has one, the centre) node to each corner face."""
    number = {frozenset(edge): corners + i for i, edge in enumerate(edges)}
    full = []
    for face in faces:
        ring = tuple(number[frozenset((face[i], face[(i + 1) % len(face)]))] for i in range(len(face)))
        centre = (centres[frozenset(face)],) if frozenset(face) in centres else ()
        full.append(face + ring + centre)
    return tuple(full)


def _array(points: list[tuple[float, ...]]) -> Array:
    return np.array(points, dtype=float)


def _exp(rows: list[tuple[int, ...]]) -> np.ndarray:
    return np.array(rows, dtype=int)


# Face centres of hex27 in VTK order: -x, +x, -y, +y, -z, +z, then the body centre; of wedge18: the three quads.
_HEX27_C = {
    frozenset(f): 20 + i
    for i, f in enumerate([(0, 4, 7, 3), (1, 2, 6, 5), (0, 1, 5, 4), (3, 7, 6, 2), (0, 3, 2, 1), (4, 5, 6, 7)])
}
_HEX27_X: list[Point] = [
    (-1.0, 0.0, 0.0),
    (1.0, 0.0, 0.0),
    (0.0, -1.0, 0.0),
    (0.0, 1.0, 0.0),
    (0.0, 0.0, -1.0),
    (0.0, 0.0, 1.0),
    (0.0, 0.0, 0.0),
]
_WEDGE18_C = {frozenset(f): 15 + i for i, f in enumerate(_WEDGE_F[2:])}
_WEDGE18_X: list[Point] = [(0.5, 0.0, 0.0), (0.5, 0.5, 0.0), (0.0, 0.5, 0.0)]

ELEMENTS: dict[str, Element] = {
    e.kind: e
    for e in (
        Element("tri3", "tri", _array(_TRI), _exp(_degree(2, 1)), 3, _TRI_E),
        Element("tri6", "tri", _array(_TRI + _mid(_TRI, _TRI_E)), _exp(_degree(2, 2)), 3, _TRI_E),
        Element("quad4", "quad", _array(_QUAD), _exp(_tensor(2, 1)), 4, _QUAD_E),
        Element("quad8", "quad", _array(_QUAD + _mid(_QUAD, _QUAD_E)), _exp(_serendipity(2)), 4, _QUAD_E),
        Element("quad9", "quad", _array(_QUAD + _mid(_QUAD, _QUAD_E) + [(0.0, 0.0)]), _exp(_tensor(2, 2)), 4, _QUAD_E),
        Element("tet4", "tet", _array(_TET), _exp(_degree(3, 1)), 4, _TET_E, _TET_F),
        Element(
            "tet10",
            "tet",
            _array(_TET + _mid(_TET, _TET_E)),
            _exp(_degree(3, 2)),
            4,
            _TET_E,
            _with_midside(_TET_F, _TET_E, 4, {}),
        ),
        Element("hex8", "hex", _array(_HEX), _exp(_tensor(3, 1)), 8, _HEX_E, _HEX_F),
        Element(
            "hex20",
            "hex",
            _array(_HEX + _mid(_HEX, _HEX_E)),
            _exp(_serendipity(3)),
            8,
            _HEX_E,
            _with_midside(_HEX_F, _HEX_E, 8, {}),
        ),
        Element(
            "hex27",
            "hex",
            _array(_HEX + _mid(_HEX, _HEX_E) + _HEX27_X),
            _exp(_tensor(3, 2)),
            8,
            _HEX_E,
            _with_midside(_HEX_F, _HEX_E, 8, _HEX27_C),
        ),
        Element(
            "wedge6",
            "wedge",
            _array(_WEDGE),
            _exp([(i, j, k) for i, j in _degree(2, 1) for k in (0, 1)]),
            6,
            _WEDGE_E,
            _WEDGE_F,
        ),
        Element(
            "wedge15",
            "wedge",
            _array(_WEDGE + _mid(_WEDGE, _WEDGE_E)),
            _exp(_WEDGE15),
            6,
            _WEDGE_E,
            _with_midside(_WEDGE_F, _WEDGE_E, 6, {}),
        ),
        Element(
            "wedge18",
            "wedge",
            _array(_WEDGE + _mid(_WEDGE, _WEDGE_E) + _WEDGE18_X),
            _exp([(i, j, k) for i, j in _degree(2, 2) for k in range(3)]),
            6,
            _WEDGE_E,
            _with_midside(_WEDGE_F, _WEDGE_E, 6, _WEDGE18_C),
        ),
    )
}

# (nodes of the face, face of a full tensor element) -> 2D element.
FACE_KIND = {
    (3, False): "tri3",
    (6, False): "tri6",
    (6, True): "tri6",
    (4, False): "quad4",
    (8, False): "quad8",
    (9, True): "quad9",
}

MESHIO = {
    "triangle": "tri3", "triangle6": "tri6", "quad": "quad4", "quad8": "quad8", "quad9": "quad9",
    "tetra": "tet4", "tetra10": "tet10", "hexahedron": "hex8", "hexahedron20": "hex20", "hexahedron27": "hex27",
    "wedge": "wedge6", "wedge15": "wedge15", "wedge18": "wedge18",
}  # fmt: skip
ELEVATED = {"tri3": "tri6", "quad4": "quad8", "tet4": "tet10", "hex8": "hex20", "wedge6": "wedge15"}


@functools.cache
def quadrature(family: str, degree: int) -> tuple[Array, Array]:
    """Points and weights that integrate polynomials of the given degree exactly.

    Tensor Gauss on quadrilaterals and hexahedra; Gauss-Jacobi products collapsed onto triangles and
    tetrahedra except for the classical symmetric rules of degree 2 (4 points, tetrahedron), 2 (3 points)
    and 4 (6 points, triangle; Dunavant 1985, IJNME 21:1129, table for p = 4).

    Returns
    -------
    points : (m, dim) float
    weights : (m,) float
        Sum to the reference volume.
    """
    n = degree // 2 + 1
    x, w = np.polynomial.legendre.leggauss(n)
    if family == "line":
        return x[:, None], w
    if family == "quad":
        return _array([(a, b) for b in x for a in x]), np.outer(w, w).ravel()
    if family == "hex":
        return _array([(a, b, c) for c in x for b in x for a in x]), np.einsum("i,j,k->ijk", w, w, w).ravel()
    if family == "wedge":
        p, q = quadrature("tri", degree)
        return np.array([(*t, z) for z in x for t in p]), np.outer(w, q).ravel()
    if family == "tri":
        if degree <= 1:
            return np.array([[1 / 3, 1 / 3]]), np.array([0.5])
        if degree == 2:
            return np.array([[1 / 6, 1 / 6], [2 / 3, 1 / 6], [1 / 6, 2 / 3]]), np.full(3, 1 / 6)
        if degree <= 4:
            a, b, wa, wb = (
                0.44594849091596488632,
                0.09157621350977074346,
                0.22338158967801146570,
                0.10995174365532186764,
            )
            pts = [(a, a), (1 - 2 * a, a), (a, 1 - 2 * a), (b, b), (1 - 2 * b, b), (b, 1 - 2 * b)]
            return np.array(pts), np.array([wa] * 3 + [wb] * 3) / 2
        return _collapsed(2, n)
    if family == "tet":
        if degree <= 1:
            return np.full((1, 3), 0.25), np.array([1 / 6])
        if degree == 2:
            a, b = 0.58541019662496845446, 0.13819660112501051518
            return np.array([(b, b, b), (a, b, b), (b, a, b), (b, b, a)]), np.full(4, 1 / 24)
        return _collapsed(3, n)
    raise KeyError(family)


def _collapsed(dim: int, n: int) -> tuple[Array, Array]:
    """Conical product rule on the simplex from Gauss-Jacobi rules (Stroud 1971, section 2.7)."""
    from scipy.special import roots_jacobi

    rules = []
    for k in range(dim):
        x, w = roots_jacobi(n, k, 0)
        rules.append(((1 + x) / 2, w / 2 ** (k + 1)))
    points, weights = [], []
    for index in product(range(n), repeat=dim):
        rest, weight, point = 1.0, 1.0, []
        for k in range(dim - 1, -1, -1):
            x, w = rules[k]
            point.append(rest * x[index[k]])
            rest *= 1 - x[index[k]]
            weight *= w[index[k]]
        points.append(point)
        weights.append(weight)
    return np.array(points), np.array(weights)


STIFFNESS_DEGREE = {"tet": 2, "hex": 5, "wedge": 4}
"""Degree that integrates the stiffness of an undistorted quadratic element (points: tet10 4, hex20 27, wedge15 18)."""
MASS_DEGREE = {"tet": 4, "hex": 5, "wedge": 5, "tri": 4, "quad": 5}
"""Degree that integrates products of two shape functions of an undistorted quadratic element."""
