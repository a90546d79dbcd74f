"""Small parts of the stress room: lockstep conjugate gradients, met tractions, springs, temper profile, modes."""

import numpy as np
import pytest

import support_meshes
from deadlight.fem.elasticity import lame
from deadlight.fem.recovery import hooke
from deadlight.fem.skin import Skin, meet_traction, tensor
from deadlight.stress.gradients import conjugate_gradients
from deadlight.stress.loads import InitialStress
from deadlight.stress.supports import Seat, Springs


def test_lockstep_gradients_solve_each_column_with_its_own_matrix() -> None:
    rng = np.random.default_rng(1)
    n, m = 40, 5
    base = rng.normal(size=(n, n))
    reference = base @ base.T + n * np.eye(n)
    matrices = [reference + s * np.diag(rng.uniform(0, 20, n)) for s in (0.0, 0.1, 1.0, 3.0, 0.5)]
    rhs = rng.normal(size=(n, m))
    rhs[:, 4] = 0.0
    x, count = conjugate_gradients(
        lambda v, columns: np.stack([matrices[c] @ v[:, i] for i, c in enumerate(columns)], axis=1),
        lambda r: np.linalg.solve(reference, r),
        rhs,
        1e-11 * np.linalg.norm(rhs, axis=0),
        100,
    )
    for j in range(m):
        assert x[:, j] == pytest.approx(np.linalg.solve(matrices[j], rhs[:, j]), abs=1e-11)
    assert count[0] == 1 and count[4] == 0 and count[3] > 2  # its own factor: one step; no load: none


def test_met_traction_is_exact_and_leaves_the_strain_along_the_surface() -> None:
    rng = np.random.default_rng(2)
    k = 7
    lam, mu = lame(rng.uniform(60e9, 80e9, k), rng.uniform(0.1, 0.3, k))
    strain = rng.normal(size=(k, 6)) * 1e-4
    normal = rng.normal(size=(k, 3))
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    traction = rng.normal(size=(k, 3)) * 1e6
    stress = meet_traction(hooke(lam, mu, strain), normal, traction, lam, mu)
    assert np.einsum("kij,kj->ki", tensor(stress), normal) == pytest.approx(traction, abs=1e-6)
    # Hooke backwards: the change of strain has no part along the surface
    change = tensor(stress - hooke(lam, mu, strain))
    trace = np.trace(change, axis1=1, axis2=2) / (3 * lam + 2 * mu)
    added = (change - (lam * trace)[:, None, None] * np.eye(3)) / (2 * mu)[:, None, None]
    along = np.eye(3) - normal[:, :, None] * normal[:, None, :]
    assert np.abs(along @ added @ along).max() < 1e-12 * np.abs(added).max() + 1e-18


def test_skin_of_a_box_is_its_faces_without_edges() -> None:
    mesh = support_meshes.box("hex20", (2, 2, 2))
    skin = Skin.build(mesh)
    inside = (mesh.points > 1e-9) & (mesh.points < 1 - 1e-9)
    assert np.array_equal(skin.nodes, np.flatnonzero(inside.sum(axis=1) == 2))
    axis = np.argmin(inside[skin.nodes], axis=1)
    assert np.abs(skin.normal[np.arange(len(axis)), axis]) == pytest.approx(1.0)
    held = mesh.points[:, 2] > 1 - 1e-9  # the top face is held: its edges now belong to the sides
    sides = Skin.build(mesh, held)
    assert set(np.flatnonzero(held & (inside[:, :2].sum(axis=1) == 1))) <= set(sides.nodes)
    assert not set(np.flatnonzero(held & inside[:, :2].all(axis=1))) & set(sides.nodes)


def test_spring_matrix_is_the_derivative_of_the_spring_force() -> None:
    mesh = support_meshes.name_faces(
        support_meshes.box("tet10", (2, 2, 1), (0.1, 0.1, 0.02)), {"body.seat": lambda p: p[:, 2] < 1e-9}
    )
    springs = Springs.build(mesh, [Seat("body.seat", 1e8, preload=1e5, shear=3e6)])
    u = (
        np.random.default_rng(3).normal(size=(3 * mesh.n_nodes, 1)) * 1e-4
    )  # closed everywhere: 1e5 Pa / 1e8 Pa/m = 1 mm
    assert springs.closed(u).all()
    change = springs.force(np.zeros_like(u)) - springs.force(u)
    assert change == pytest.approx(springs.matrix() @ u, abs=1e-12 * np.abs(change).max() + 1e-12)
    assert springs.product(u, springs.closed(u)) == pytest.approx(springs.matrix() @ u)
    rest = springs.force(np.zeros_like(u)).reshape(-1, 3).sum(axis=0)
    assert rest == pytest.approx([0, 0, 1e5 * 0.01])  # the gasket pushes against the outward normal -z


@pytest.mark.reference("Gardon 1980, in: Glass: Science and Technology, vol. 5")
def test_temper_profile_has_no_resultant_and_the_stated_faces() -> None:
    """Compression S at the faces, S/2 tension in the middle, zero 0.2113 h below the face (Gardon 1980)."""
    mesh = support_meshes.box("hex20", (1, 1, 40), (0.1, 0.1, 0.01))
    stress = InitialStress("temper", surface_compression=69e6).nodal(mesh)
    z = mesh.points[:, 2]
    assert stress[z < 1e-12, 0] == pytest.approx(-69e6) and stress[z > 0.01 - 1e-12, 1] == pytest.approx(-69e6)
    assert stress[np.abs(z - 0.005) < 1e-9, 0] == pytest.approx(34.5e6)
    line = np.flatnonzero((mesh.points[:, 0] == 0) & (mesh.points[:, 1] == 0))
    line = line[np.argsort(z[line])]
    zero = np.interp(0.0, stress[line[z[line] < 0.005], 0], z[line[z[line] < 0.005]])
    assert zero == pytest.approx(0.2113 * 0.01, rel=1e-3)
    x, w = np.polynomial.legendre.leggauss(2)
    assert w @ (1 - 3 * x**2) == pytest.approx(0, abs=1e-15)
    assert np.all(stress[:, 2:] == 0)
