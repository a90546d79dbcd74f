"""Reference elements: partition of unity, polynomial reproduction, quadrature, outward faces."""

from math import factorial

import numpy as np
import pytest

from deadlight.mesh.elements import ELEMENTS, FACE_KIND, quadrature
from deadlight.mesh.mesh import CellBlock, Mesh, boundary_faces, cell_volumes

SOLIDS = [k for k, e in ELEMENTS.items() if e.dim == 3]


@pytest.mark.parametrize("kind", ELEMENTS)
def test_shape_functions_are_nodal_and_reproduce_their_polynomials(kind):
    element = ELEMENTS[kind]
    assert np.allclose(element.shape(element.nodes), np.eye(element.n_nodes), atol=1e-13)
    x = np.random.default_rng(1).random((20, element.dim)) / 3
    order = 2 if element.quadratic else 1
    coefficient = np.random.default_rng(2).random((element.dim + 1, element.dim + 1))

    def poly(p):  # a full polynomial of the element's order
        one = np.concatenate([np.ones((len(p), 1)), p], axis=1)
        return one @ coefficient[0] if order == 1 else np.einsum("mi,ij,mj->m", one, coefficient, one)

    assert np.allclose(element.shape(x) @ poly(element.nodes), poly(x), atol=1e-12)
    step = 1e-6
    for axis in range(element.dim):
        shift = np.zeros(element.dim)
        shift[axis] = step
        numeric = (element.shape(x + shift) - element.shape(x - shift)) / (2 * step)
        assert np.allclose(element.dshape(x)[:, :, axis], numeric, atol=1e-8)


@pytest.mark.parametrize("degree", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("family", ["tri", "tet"])
def test_simplex_quadrature_is_exact(family, degree):
    dim = 2 if family == "tri" else 3
    points, weights = quadrature(family, degree)
    for e in np.ndindex(*(degree + 1,) * dim):
        if sum(e) <= degree:
            exact = np.prod([factorial(k) for k in e]) / factorial(sum(e) + dim)
            assert np.isclose(weights @ np.prod(points ** np.array(e), axis=1), exact, rtol=1e-12)


@pytest.mark.parametrize("kind", SOLIDS)
def test_faces_point_outward_and_close(kind):
    element = ELEMENTS[kind]
    block = CellBlock(kind, np.arange(element.n_nodes)[None], "r")
    area = np.zeros(3)
    for face in boundary_faces([block]):
        surface = ELEMENTS[face.kind]
        xi, w = quadrature(surface.family, 4)
        for nodes in face.nodes:
            x = element.nodes[nodes]
            jac = np.einsum("ni,qnj->qij", x, surface.dshape(xi))
            normal = np.cross(jac[:, :, 0], jac[:, :, 1])
            area += w @ normal
            outward = surface.shape(xi) @ x - element.nodes.mean(axis=0)
            assert (np.einsum("qi,qi->q", outward, normal) > 0).all()
    assert np.allclose(area, 0, atol=1e-13)
    assert sum(len(f.nodes) for f in boundary_faces([block])) == len(element.faces)
    assert all(len(f) in {n for n, _ in FACE_KIND} for f in element.faces)


def test_volume_and_boundary_of_two_hexes():
    points = np.concatenate([ELEMENTS["hex8"].nodes, ELEMENTS["hex8"].nodes[[1, 2, 5, 6]] + [2.0, 0, 0]])
    nodes = np.array([[0, 1, 2, 3, 4, 5, 6, 7], [1, 8, 9, 2, 5, 10, 11, 6]])
    mesh = Mesh(points, (CellBlock("hex8", nodes, "a"),))
    assert np.isclose(mesh.volumes(), 16)
    assert np.allclose(cell_volumes(points, mesh.blocks[0]), 8)
    assert sum(len(b.nodes) for b in mesh.boundary) == 10
