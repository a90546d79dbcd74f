"""Thermal stress against closed forms: gradients, transient heating, two materials, temper, stiffness with T."""

import numpy as np
import pytest

import support_meshes
from deadlight.fem.elasticity import ElasticBody, lame
from deadlight.mesh.mesh import CellBlock, Mesh
from deadlight.stress.held import hold
from deadlight.stress.loads import InitialStress
from deadlight.stress.supports import Fixed
from support_materials import Linear
from support_panes import nearest, problem, solved, symmetry, where

GLASS = Linear(E=70e9, nu=0.22, alpha=9e-6)
H = 0.01


def _free(mesh: Mesh) -> list[Fixed]:
    """Three nodes at the centre held so that the plate can neither move nor turn, and carries no force."""
    centre = nearest(mesh, 0, 0, 0)
    above = nearest(mesh, 0, 0, H)
    beside = nearest(mesh, mesh.points[:, 0].max() / 2, 0, 0)
    return [Fixed([centre]), Fixed([above], (0, 1)), Fixed([beside], (1,))]


def _plate(kind: str, n: int, layers: int, width: float) -> Mesh:
    """Square plate about the z axis."""
    shift = np.array([width / 2, width / 2, 0])
    return support_meshes.box(kind, (n, n, layers), (width, width, H), bend=lambda p: p - shift)


@pytest.mark.reference("Timoshenko & Goodier 1970, Theory of Elasticity, section 155")
def test_linear_gradient_clamped_rim() -> None:
    """Face stress -+20.1923 MPa for 50 K through 10 mm, clamped, within 0.2 % (Timoshenko & Goodier section 155)."""
    mesh = support_meshes.quarter_disc("hex20", 0.15, H, 5, 2)
    rim = where(mesh, lambda p: np.hypot(p[:, 0], p[:, 1]) > 0.15 - 1e-9)
    middle = rim[np.abs(mesh.points[rim, 2] - H / 2) < 1e-9]
    T = 50.0 * (mesh.points[:, 2] / H - 0.5)
    # the rim may not turn: no radial displacement over its thickness
    _, stress = solved(
        problem(mesh, [*symmetry(mesh), Fixed(rim, (0, 1)), Fixed(middle, (2,))], material=GLASS, temperature=T)
    )
    for z, sign in ((0.0, 1), (H, -1)):
        assert stress[nearest(mesh, 0, 0, z), :2] == pytest.approx([sign * 20192300.0] * 2, rel=0.002)


@pytest.mark.reference("Boley & Weiner 1960, Theory of Thermal Stresses, section 9.2")
def test_linear_gradient_free_plate_bows_without_stress() -> None:
    """No stress, curvature alpha dT / h = 0.045 1/m (Boley & Weiner section 9.2)."""
    mesh = _plate("hex20", 4, 2, 0.2)
    found, stress = solved(problem(mesh, _free(mesh), material=GLASS, temperature=50.0 * (mesh.points[:, 2] / H - 0.5)))
    assert np.abs(stress).max() < 1e-6 * 20192300.0
    on = where(mesh, lambda p: np.abs(p[:, 2] - H / 2) < 1e-9)
    r2 = np.sum(mesh.points[on, :2] ** 2, axis=1)
    curvature = 2 * np.polyfit(r2, -found.displacement[on, 2, 0], 1)[0]
    assert abs(curvature) == pytest.approx(0.045, rel=0.002)


def _flux(z: np.ndarray, t: float = 20.0) -> np.ndarray:
    """T of a slab, 20 kW/m2 on z = h, insulated at 0 (Carslaw & Jaeger section 3.8 (3)); k = 1, rho c = 2500 * 840."""
    diffusivity = 1.0 / (2500.0 * 840.0)
    n = np.arange(1, 200)[:, None]
    fourier = diffusivity * t / H**2
    series = np.sum((-1.0) ** n / n**2 * np.exp(-fourier * (n * np.pi) ** 2) * np.cos(n * np.pi * z / H), axis=0)
    return 20e3 * H * (fourier + (3 * (z / H) ** 2 - 1) / 6 - 2 / np.pi**2 * series)


# z [m] from the mid-plane, T [K], sigma [Pa] of the free plate far from its edges (Boley & Weiner free-plate formula)
FLUX = np.array(
    [
        [-0.005, 1.31144, -10511400.0],
        [-0.0025, 3.15863, 415028.0],
        [0.0, 10.9502, 6540200.0],
        [0.0025, 30.7699, 2950360.0],
        [0.005, 69.6452, -16030500.0],
    ]
)


@pytest.mark.parametrize(("kind", "layers"), [("hex20", 8), ("wedge15", 8), ("tet10", 8)])
def test_flux_transient_in_a_free_plate(kind: str, layers: int) -> None:
    """sigma(z) within 0.3 % of its maximum at five depths; the thermal skin on the heated face is the hard part."""
    mesh = _plate(kind, 8, layers, 0.08)
    T = _flux(mesh.points[:, 2])
    assert _flux(FLUX[:, 0] + H / 2) == pytest.approx(FLUX[:, 1], rel=1e-5)
    _, stress = solved(problem(mesh, _free(mesh), material=GLASS, temperature=T))
    found = np.array([stress[nearest(mesh, 0, 0, z + H / 2), :2] for z in FLUX[:, 0]])
    error = np.abs(found - FLUX[:, 2:]).max() / np.abs(FLUX[:, 2]).max()
    print(f"flux transient {kind}: {100 * error:.3f} % of max")
    assert error < 0.003


@pytest.mark.reference("Timoshenko 1925, J. Opt. Soc. Am. 11:233, eq. (4)")
def test_bimaterial_strip() -> None:
    """Curvature 0.0981245 1/m within 0.5 % away from the ends (Timoshenko 1925, J. Opt. Soc. Am. 11:233, eq. (4)).

    h = 1 and 2 mm, E = 70 and 200 GPa, alpha = 9e-6 and 12e-6 1/K, 100 K, narrow strip (nu = 0: beam theory is exact).
    """
    length, width, z = 0.04, 0.001, 0.003 * np.linspace(0, 1, 7)
    mesh = support_meshes.box("hex20", (20, 1, 6), (length, width, 0.003), levels=(None, None, z))
    block = mesh.blocks[0]
    low = mesh.points[block.nodes].mean(axis=1)[:, 2] < 0.001
    mesh = Mesh(
        mesh.points, (CellBlock("hex20", block.nodes[low], "one"), CellBlock("hex20", block.nodes[~low], "two"))
    )
    body = ElasticBody.build(mesh)
    E, alpha, nu = np.zeros(body.n_fields), np.zeros(body.n_fields), np.zeros(body.n_fields)
    for region, e, a in (("one", 70e9, 9e-6), ("two", 200e9, 12e-6)):
        rows = slice(*body.region_rows[region])
        E[rows], alpha[rows] = e, a
    lam, mu = lame(E, nu)
    held = hold(body, [*symmetry(mesh), Fixed([nearest(mesh, 0, 0, 0)], (2,))], lam, mu)
    found = held.solve(lam[:, None], mu[:, None], body.spherical_load(((3 * lam + 2 * mu) * alpha * 100.0)[:, None]))
    line = where(mesh, lambda p: (p[:, 1] < 1e-9) & (p[:, 2] < 1e-9) & (p[:, 0] < 0.5 * length))
    curvature = 2 * np.polyfit(mesh.points[line, 0] ** 2, found.displacement[line, 2, 0], 1)[0]
    print(f"bimaterial curvature {abs(curvature):.6f} 1/m")
    assert abs(curvature) == pytest.approx(0.0981245, rel=0.005)


def test_temper_profile_stays_in_a_free_plate() -> None:
    """Compression S at the faces, S/2 in the core, far from the rim; the rim's face is free of its traction."""
    mesh = _plate("hex20", 12, 6, 0.12)
    found, stress = solved(problem(mesh, _free(mesh), initial_stress=InitialStress("temper", surface_compression=69e6)))
    for z, expected in ((0.0, -69e6), (H / 2, 34.5e6), (H, -69e6)):
        assert stress[nearest(mesh, 0, 0, z), :2] == pytest.approx([expected] * 2, rel=0.005)
    free = where(mesh, lambda p: (p[:, 0] > 0.06 - 1e-9) & (np.abs(p[:, 1]) < 0.05) & (np.abs(p[:, 2] - H / 2) < 1e-9))
    assert np.abs(stress[free, 0]).max() < 1.0
    assert found.residual.max() < 1e-9


@pytest.mark.reference("Boley & Weiner 1960, Theory of Thermal Stresses, section 3.9")
def test_linear_temperature_in_a_body_whose_stiffness_varies_is_free_of_stress() -> None:
    """Any linear temperature is compatible, whatever E(T) (Boley & Weiner section 3.9)."""
    for distortion, limit in ((0.0, 1e-9), (0.1, 2e-3)):
        mesh = support_meshes.box("hex20", (4, 4, 4), (0.1, 0.1, 0.1), distortion=distortion)
        T = mesh.points @ np.array([1000.0, 500.0, 2000.0])
        corner = nearest(mesh, 0, 0, 0)
        supports = [Fixed([corner]), Fixed([nearest(mesh, 0.1, 0, 0)], (1, 2)), Fixed([nearest(mesh, 0, 0.1, 0)], (2,))]
        _, stress = solved(problem(mesh, supports, material=Linear(slope=2e-4), temperature=T))
        assert np.abs(stress).max() < limit * 70e9 * 9e-6 * 300.0


def test_changing_stiffness_on_one_factor_equals_a_factor_of_its_own() -> None:
    mesh = _plate("hex20", 4, 3, 0.05)
    z = mesh.points[:, 2] / H
    T = np.stack([300 * z, 900 * z**2, 1200 * (1 - z)])
    material = Linear(slope=2e-4)
    together = problem(mesh, _free(mesh), material=material, temperature=T)
    found = together.equilibrium(np.arange(3))
    assert found.iterations.max() <= 15 and found.residual.max() < 1e-10
    for i in range(3):
        alone = problem(mesh, _free(mesh), material=material, temperature=T[i]).equilibrium(np.array([0]))
        difference = np.abs(found.displacement[:, :, i] - alone.displacement[:, :, 0]).max()
        assert difference < 1e-9 * np.abs(alone.displacement).max()
