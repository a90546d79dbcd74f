"""Patch tests: linear displacement on distorted meshes of every element, and rigid motion free of force."""

import numpy as np
import pytest

import support_meshes
from deadlight.fem.elasticity import ElasticBody, lame
from deadlight.stress.held import hold
from deadlight.stress.supports import Fixed

E, NU = 70e9, 0.22


def _body(kind: str) -> tuple[ElasticBody, np.ndarray, np.ndarray]:
    mesh = support_meshes.box(kind, (3, 3, 3), (0.3, 0.2, 0.1), distortion=0.25)
    lam, mu = lame(np.full(mesh.n_nodes, E), np.full(mesh.n_nodes, NU))
    return ElasticBody.build(mesh), lam, mu


@pytest.mark.reference("Irons & Razzaque 1972, in: The Mathematical Foundations of the Finite Element Method")
@pytest.mark.parametrize("kind", support_meshes.SOLIDS)
def test_patch(kind: str) -> None:
    """Linear displacement given on the boundary is found inside to 1e-10 (Irons & Razzaque 1972)."""
    body, lam, mu = _body(kind)
    points = body.mesh.points
    exact = points @ (1e-3 * np.array([[1.0, 0.3, -0.2], [0.1, -0.7, 0.4], [0.25, 0.6, 0.5]])).T
    on = np.unique(np.concatenate([b.nodes.ravel() for b in body.mesh.boundary]))
    held = hold(body, [Fixed(on, value=exact[on])], lam, mu)
    found = held.solve(lam[:, None], mu[:, None], np.zeros((len(points), 3, 1)))
    assert len(on) < len(points)
    assert np.abs(found.displacement[:, :, 0] - exact).max() < 1e-10 * np.abs(exact).max()
    assert found.residual.max() < 1e-10


@pytest.mark.parametrize("kind", support_meshes.SOLIDS)
def test_rigid_motion_needs_no_force(kind: str) -> None:
    body, lam, mu = _body(kind)
    turn = np.array([[0, -0.3, 0.2], [0.3, 0, -0.1], [-0.2, 0.1, 0]])
    motion = (body.mesh.points @ turn.T + [1.0, 2.0, 3.0])[:, :, None]
    force = body.apply(lam, mu, motion)
    scale = np.abs(body.pattern.matrix(body.stiffness(lam, mu), block=3)).max() * np.abs(motion).max()
    assert np.abs(force).max() < 1e-13 * scale
