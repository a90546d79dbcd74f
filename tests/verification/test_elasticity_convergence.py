"""Manufactured solution: quadratic elements converge with rate 2 in energy and 3 in displacement."""

import numpy as np
import pytest

import support_meshes
from deadlight.fem.elasticity import VOIGT, ElasticBody
from deadlight.fem.geometry import gradients
from deadlight.fem.recovery import Recovery
from deadlight.mesh.elements import quadrature
from deadlight.stress.held import hold
from deadlight.stress.supports import Fixed

# u_i = a_i sin(k_i . x + c_i), lambda = mu = 1
A = np.array([1.0, 0.7, -0.8])
K = np.array([[1.3, 0.9, 0.6], [0.7, 1.5, 0.8], [1.0, 0.5, 1.4]])
C = np.array([0.3, 1.1, 0.7])


def _exact(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Displacement (p, 3), its gradient (p, 3, 3) and the body force (p, 3) = -(lambda + mu) grad div u - mu lap u."""
    phase = x @ K.T + C
    u, grad = A * np.sin(phase), (A * np.cos(phase))[:, :, None] * K
    second = -(A * np.sin(phase))[:, :, None, None] * np.einsum("ij,ik->ijk", K, K)
    return u, grad, -2 * np.einsum("pjij->pi", second.transpose(0, 1, 2, 3)) - np.einsum("pijj->pi", second)


def _errors(kind: str, n: int) -> tuple[float, ...]:
    """Energy, L2, and root mean square of the recovered nodal strain inside and on the surface."""
    mesh = support_meshes.box(kind, (n, n, n), bend=lambda p: p + 0.05 * np.sin(np.pi * p[:, [1, 2, 0]]))
    body = ElasticBody.build(mesh)
    block = mesh.blocks[0]
    xi, weight = quadrature(block.element.family, 7)
    shape, dshape = block.element.shape(xi), block.element.dshape(xi)
    g, det = gradients(mesh.points, block.nodes, dshape)
    where = np.einsum("qn,cni->cqi", shape, mesh.points[block.nodes])
    u, grad, load = (v.reshape(*det.shape, *v.shape[1:]) for v in _exact(where.reshape(-1, 3)))
    force = np.zeros((mesh.n_nodes, 3))
    np.add.at(force, block.nodes, np.einsum("cq,q,qn,cqi->cni", det, weight, shape, load))
    on = np.unique(np.concatenate([b.nodes.ravel() for b in mesh.boundary]))
    ones = np.ones(mesh.n_nodes)
    held = hold(body, [Fixed(on, value=_exact(mesh.points[on])[0])], ones, ones)
    displacement = held.solve(ones[:, None], ones[:, None], force[:, :, None]).displacement
    recovered = Recovery.build(body).strain(displacement)[:, :, 0]
    nodal = _exact(mesh.points)[1]
    off = recovered - np.stack([(nodal[:, i, j] + nodal[:, j, i]) / 2 for i, j in VOIGT], axis=1)
    d = displacement[:, :, 0][block.nodes]
    wrong = np.einsum("qn,cni->cqi", shape, d) - u
    gradient = np.einsum("cqnj,cni->cqij", g, d) - grad
    strain = (gradient + gradient.transpose(0, 1, 3, 2)) / 2
    energy = np.trace(strain, axis1=2, axis2=3) ** 2 + 2 * np.sum(strain**2, axis=(2, 3))
    volume = det * weight
    inside = np.setdiff1d(np.arange(mesh.n_nodes), on)
    integrals = np.sum(volume * energy), np.sum(volume[..., None] * wrong**2)
    return tuple(float(np.sqrt(v)) for v in (*integrals, np.mean(off[inside] ** 2), np.mean(off[on] ** 2)))


@pytest.mark.reference("Strang & Fix 1973, An Analysis of the Finite Element Method, theorem 3.7")
@pytest.mark.parametrize(
    ("kind", "meshes"),
    [("tet10", (3, 6)), ("hex20", (3, 6)), ("hex27", (3, 6)), ("wedge15", (3, 6)), ("wedge18", (3, 6))],
)
def test_rates(kind: str, meshes: tuple[int, int]) -> None:
    """Energy >= 1.9 and L2 >= 2.8 on smoothly curved meshes (Strang & Fix 1973, theorem 3.7: rates 2 and 3).

    Recovered nodal strain: superconvergent inside (>= 2.5), and >= 1.9 on the surface, edges and corners included.
    """
    coarse, fine = (_errors(kind, n) for n in meshes)
    rates = [np.log(c / f) / np.log(meshes[1] / meshes[0]) for c, f in zip(coarse, fine)]
    print(
        f"{kind}: rates: energy {rates[0]:.2f}, L2 {rates[1]:.2f}, "
        f"nodal strain {rates[2]:.2f} inside, {rates[3]:.2f} on the surface"
    )
    assert rates[0] >= 1.9
    assert rates[1] >= 2.8
    assert rates[2] >= 2.5
    assert rates[3] >= 1.9
