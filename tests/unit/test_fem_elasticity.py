"""Kernels of elasticity against a plain numpy twin; the same numbers for any number of threads."""

import numpy as np
import pytest

import support_meshes
from deadlight import _elasticity, _isa, kernels
from deadlight.errors import MaterialError, MeshError
from deadlight.fem.elasticity import ElasticBody, lame
from deadlight.fem.geometry import face_points, gradients
from deadlight.mesh.elements import STIFFNESS_DEGREE, quadrature
from deadlight.mesh.mesh import CellBlock, Mesh


def _twin(mesh: Mesh, lam: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """Dense stiffness, cell by cell, from B^T C B."""
    block = mesh.blocks[0]
    xi, weight = quadrature(block.element.family, STIFFNESS_DEGREE[block.element.family])
    shape, dshape = block.element.shape(xi), block.element.dshape(xi)
    stiffness = np.zeros((3 * mesh.n_nodes, 3 * mesh.n_nodes))
    g, det = gradients(mesh.points, block.nodes, dshape)
    for cell, nodes in enumerate(block.nodes):
        rows = (3 * nodes[:, None] + np.arange(3)).ravel()
        for q in range(len(weight)):
            l, m = shape[q] @ lam[nodes], shape[q] @ mu[nodes]
            c = np.diag([2 * m] * 3 + [m] * 3)
            c[:3, :3] += l
            b = np.zeros((6, len(nodes), 3))
            d = g[cell, q]
            for i in range(3):
                b[i, :, i] = d[:, i]
            for row, (i, j) in zip((3, 4, 5), ((1, 2), (0, 2), (0, 1))):
                b[row, :, i], b[row, :, j] = d[:, j], d[:, i]
            b = b.reshape(6, -1)
            stiffness[np.ix_(rows, rows)] += weight[q] * det[cell, q] * b.T @ c @ b
    return stiffness


@pytest.mark.parametrize("isa", kernels.NAMES[: _isa.best + 1])
@pytest.mark.parametrize("kind", support_meshes.SOLIDS)
def test_stiffness_and_apply_equal_the_numpy_twin(kind: str, isa: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEADLIGHT_ISA", isa)
    mesh = support_meshes.box(kind, (3, 2, 2), distortion=0.2)
    rng = np.random.default_rng(3)
    lam, mu = rng.uniform(1, 2, (2, mesh.n_nodes))
    body = ElasticBody.build(mesh)
    expected = _twin(mesh, lam, mu)
    found = body.pattern.matrix(body.stiffness(lam, mu), block=3)
    assert abs(found - expected).max() < 1e-13 * abs(expected).max()
    u = rng.normal(size=(mesh.n_nodes, 3, 11))  # not a multiple of the lanes
    product = body.apply(lam, mu, u).reshape(-1, 11)
    assert np.abs(product - expected @ u.reshape(-1, 11)).max() < 1e-13 * np.abs(product).max()


def test_numbers_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = support_meshes.box("tet10", (5, 5, 5))
    body = ElasticBody.build(mesh)
    lam, mu = np.random.default_rng(4).uniform(1, 2, (2, mesh.n_nodes))
    u = np.random.default_rng(5).normal(size=(mesh.n_nodes, 3, 8))
    results = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("DEADLIGHT_THREADS", threads)
        results.append((body.stiffness(lam, mu), body.apply(lam, mu, u)))
    for stiffness, product in results[1:]:
        assert np.array_equal(stiffness, results[0][0]) and np.array_equal(product, results[0][1])


def test_chunks_of_one_colour_share_no_node() -> None:
    rng = np.random.default_rng(6)
    nodes = rng.integers(0, 3000, size=(1500, 4))
    for n_nodes in (3000, 30):  # 30: every chunk meets every other, more than 64 colours are not there
        cells = np.ascontiguousarray(nodes % n_nodes)
        order, begin = _elasticity.colour(cells, n_nodes)
        assert sorted(order) == list(range(-(-1500 // 64)))
        for k in range(len(begin) - 1):
            chunks = [set(cells[64 * c : 64 * c + 64].ravel()) for c in order[begin[k] : begin[k + 1]]]
            assert sum(map(len, chunks)) == len(set().union(*chunks))


def test_more_than_64_colours_go_one_after_the_other() -> None:
    cells = np.zeros((64 * 70, 4), dtype=np.int64) + np.arange(4)
    order, begin = _elasticity.colour(cells, 4)
    assert len(begin) == 71 and len(order) == 70


def test_loads_integrate_to_their_resultants() -> None:
    """Pressure on a closed surface has no resultant; volume, area and the virial of a stress come out."""
    mesh = support_meshes.box("hex20", (2, 3, 2), (0.3, 0.2, 0.1), distortion=0.2)
    mesh = support_meshes.name_faces(mesh, {"body.top": lambda p: p[:, 2] > 0.1 - 1e-9})
    body = ElasticBody.build(mesh)
    assert body.node_volume.sum() == pytest.approx(0.006)
    top = face_points(mesh, "body.top")
    assert top.area.sum() == pytest.approx(0.06)
    force = top.nodal_force(np.full(len(top.area), 5.0), mesh.n_nodes)
    assert force.sum(axis=0) == pytest.approx([0, 0, -0.3], abs=1e-15)
    closed = face_points(mesh, mesh.boundary)
    assert np.abs(closed.nodal_force(np.full(len(closed.area), 5.0), mesh.n_nodes).sum(axis=0)).max() < 1e-15
    stress = np.tile([1.0, 2.0, 3.0, 0.4, 0.5, 0.6], (mesh.n_nodes, 1))
    load = body.stress_load(stress)
    tensor = np.array([[1, 0.6, 0.5], [0.6, 2, 0.4], [0.5, 0.4, 3]])
    moment = np.einsum("ni,nj->ij", load, mesh.points)  # virial: volume times the stress
    assert moment == pytest.approx(0.006 * tensor, abs=1e-12)
    pressed = np.ones((mesh.n_nodes, 1)) * 7.0
    assert body.spherical_load(pressed)[:, :, 0] == pytest.approx(
        body.stress_load(np.tile([7.0, 7, 7, 0, 0, 0], (mesh.n_nodes, 1)))
    )


def test_inverted_cell_is_named() -> None:
    mesh = support_meshes.box("tet10", (1, 1, 1))
    nodes = mesh.blocks[0].nodes.copy()
    element = mesh.blocks[0].element
    flipped = element.nodes[:, [1, 0, 2]]  # mirror image of the first cell
    nodes[0] = nodes[0][np.argmin(np.abs(element.nodes[:, None] - flipped[None]).sum(axis=2), axis=1)]
    body = ElasticBody.build(Mesh(mesh.points, (CellBlock("tet10", nodes, "body"),)))
    with pytest.raises(MeshError, match="inverted"):
        body.stiffness(np.ones(mesh.n_nodes), np.ones(mesh.n_nodes))


def test_unstable_material_is_refused() -> None:
    mesh = support_meshes.box("tet4", (1, 1, 1))
    lam, mu = lame(np.full(mesh.n_nodes, 70e9), np.full(mesh.n_nodes, 0.6))
    with pytest.raises(MaterialError, match="stable"):
        ElasticBody.build(mesh).stiffness(lam, mu)
