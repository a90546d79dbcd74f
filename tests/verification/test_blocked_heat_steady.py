"""Steady heat blocked by a crack against closed forms, and a spall against axisymmetric finite elements.

Insulated penny and insulated line in a uniform gradient: Florence & Goodier 1963, Int. J. Eng. Sci. 1:533, and 1960,
J. Appl. Mech. 27:635.  Penny with cooled faces: Olesiak & Sneddon 1960, Arch. Rat. Mech. Anal. 4:238.
"""

import numpy as np
import pytest

from deadlight.operator.blocked_heat import Gap, Insulated, Prescribed, blocked_heat, thermal_load
from deadlight.operator.front import front_frame, intensity
from deadlight.operator.system import CrackOperator
from deadlight.surface.join import surface_mesh
from deadlight.surface.sheet import Sheet
from support_blocked_heat import long_crack, penny
from support_heat_axisymmetric import blocked_penny
from support_spall_fe import blocked_spall

GLASS = {"young": 70e9, "nu": 0.22}
EXPANSION, CONDUCTIVITY, GRADIENT = 9e-6, 1.4, 1e4
FINE = (0.0, 0.35, 0.65, 0.85, 1.0)
FACE = (0.0, 0.35, 0.7, 1.0, 1.3, 1.7, 2.3, 3.2, 4.5, 6.5, 10.0)


def uniform(value):
    return lambda points, normals: np.full((1, len(points)), value)


def stress_intensity(mesh, heat, young, nu, alpha):
    """K_I, K_II, K_III (m, k, 3) at the first front."""
    operator = CrackOperator.build(mesh, young=young, nu=nu)
    opening = operator.solve(thermal_load(heat, alpha=alpha, nu=nu, mu=operator.mu))
    return intensity(opening, mesh.fronts[0], front_frame(mesh, mesh.fronts[0]), operator.mu, nu)


def radius_of(mesh):
    return np.hypot(mesh.points[:, 0], mesh.points[:, 1])


@pytest.mark.reference("Florence & Goodier 1963, Int. J. Eng. Sci. 1:533")
def test_insulated_penny_in_a_heat_flow():
    """Jump 4 G sqrt(a^2 - r^2) / pi, 50.9296 K at the centre; |K_II| = 384 273 Pa m^0.5, K_I = K_III = 0."""
    a = 0.004
    mesh = penny(a, FINE, 12)
    heat = blocked_heat(mesh, conductivity=CONDUCTIVITY, flux=uniform(CONDUCTIVITY * GRADIENT))
    exact = -4 / np.pi * GRADIENT * np.sqrt(np.maximum(a**2 - radius_of(mesh) ** 2, 0))  # the - side is the warm one
    assert heat.theta[0, 0] == pytest.approx(-50.9296, rel=2e-3)
    assert np.abs(heat.theta[0] - exact).max() < 2e-3 * 50.9296
    assert np.abs(heat.theta[0] - exact).max() < heat.error * 50.9296 * 1.5
    assert not heat.remarks
    mesh = surface_mesh(None, [Sheet.ellipse([0, 0, 0], [0, 0, 1], [1, 0, 0], a, a)]).mesh  # K wants triangles inside
    heat = blocked_heat(mesh, conductivity=CONDUCTIVITY, flux=uniform(CONDUCTIVITY * GRADIENT))
    k = stress_intensity(mesh, heat, **GLASS, alpha=EXPANSION)[0]
    assert np.abs(np.abs(k[:, 1]) / 384273 - 1).max() < 2e-3
    assert np.abs(k[:, [0, 2]]).max() < 1e-3 * 384273
    assert not heat.remarks


def test_the_estimate_follows_the_mesh():
    """The error of the jump at the centre and its estimate, from 12 to 48 elements."""
    for rings, around in (((0, 0.5, 1), 6), ((0, 0.4, 0.75, 1), 8), (FINE, 12)):
        heat = blocked_heat(penny(1.0, rings, around), conductivity=1.0, flux=uniform(1.0))
        error = abs(heat.theta[0, 0] * np.pi / 4 + 1)
        assert error < heat.errors["mesh"] < 20 * max(error, 1e-4)


def test_a_coarse_mesh_raises_the_alarm():
    mesh = penny(1.0, (0, 0.2, 1), 4)
    heat = blocked_heat(mesh, conductivity=1.0, flux=uniform(1.0), tolerance=5e-3)
    assert [r.alarm for r in heat.remarks] == [True] and "refine the mesh" in heat.remarks[0]


@pytest.mark.reference("Olesiak & Sneddon 1960, Arch. Rat. Mech. Anal. 4:238")
def test_penny_with_cooled_faces():
    """1 K below the solid: K_I = 161 197 Pa m^0.5, K_II = K_III = 0; all heat of the crack is 8 k a."""
    mesh = penny(1.0, FINE, 12)
    heat = blocked_heat(mesh, conductivity=CONDUCTIVITY, faces=Prescribed(mean=-1.0))
    k = stress_intensity(mesh, heat, 200e9, 0.3, 1e-6)[0]
    assert np.abs(k[:, 0] / 161197 - 1).max() < 4e-3
    assert np.abs(k[:, 1:]).max() < 1e-3 * 161197
    assert np.abs(heat.theta).max() == 0


def test_penny_with_faces_at_different_temperatures():
    """A given jump is met exactly, and that of the insulated penny needs no flux density and gives its K_II."""
    a = 0.004
    mesh = penny(a, FINE, 12)
    free = blocked_heat(mesh, conductivity=CONDUCTIVITY, flux=uniform(CONDUCTIVITY * GRADIENT))
    given = blocked_heat(mesh, conductivity=CONDUCTIVITY, faces=Prescribed(jump=free.theta))
    assert np.allclose(given.theta, free.theta, rtol=0, atol=1e-12 * 51)
    assert np.allclose(given.unit_load, free.unit_load, rtol=0, atol=2e-3 * np.abs(free.unit_load).max())


@pytest.mark.reference("Florence & Goodier 1960, J. Appl. Mech. 27:635")
@pytest.mark.slow
def test_insulated_line_in_a_heat_flow():
    """Plane strain: jump 2 G sqrt(a^2 - x^2), |K_II| = 1 265 370 Pa m^0.5, at the middle of ever longer rectangles."""
    a, errors = 0.005, []
    for length in (5, 10, 20):
        mesh = long_crack(a, length * a, (0.0, 0.3, 0.6, 0.85))
        heat = blocked_heat(mesh, conductivity=CONDUCTIVITY, flux=uniform(CONDUCTIVITY * GRADIENT))
        centre = np.abs(mesh.points).sum(axis=1).argmin()
        k = stress_intensity(mesh, heat, **GLASS, alpha=EXPANSION)[0]
        middle = k[len(k) // 2]
        errors.append((heat.theta[0, centre] / (-2 * GRADIENT * a) - 1, abs(middle[1]) / 1265370 - 1))
        assert np.abs(middle[[0, 2]]).max() < 1e-3 * 1265370
    jump, k = np.abs(errors).T
    assert (np.diff(jump) < 0).all() and jump[-1] < 1e-3
    assert (np.diff(k) < 0).all() and k[-1] < 5e-3


def profile(mesh, values, radii):
    """Values (n_nodes, ...) at the nodes of the crack on the positive x axis but the front, and their radii."""
    nodes = np.unique(mesh.cells[mesh.on_crack])
    nodes = nodes[nodes >= 0]
    nodes = nodes[(np.abs(mesh.points[nodes, 1]) < 1e-9) & (mesh.points[nodes, 0] > -1e-9)]
    nodes = nodes[np.argsort(mesh.points[nodes, 0])]
    nodes = nodes[mesh.points[nodes, 0] < radii[-1]]
    return mesh.points[nodes, 0], values[nodes]


@pytest.mark.parametrize("film", [0.0, 3.0, 50.0])
def test_spall_under_a_face_against_finite_elements(film):
    """Jump of temperature and both openings of a penny 0.4 radii under a free face, insulated or with a film.

    The thermal stress of the disturbance pulls at the face too: without that load the opening is far off.
    """
    mesh = penny(1.0, FINE, 12, face=(0.4, FACE))
    heat = blocked_heat(mesh, conductivity=1.0, flux=uniform(1.0), face_film=film)
    operator = CrackOperator.build(mesh, young=1.0, nu=0.22)
    load = thermal_load(heat, alpha=1.0, nu=0.22, mu=operator.mu)
    opening = operator.solve(load)[0]
    r, jump, gap = blocked_spall(
        1.0, 0.4, None, conductivity=1.0, diffusivity=1.0, young=1.0, nu=0.22, alpha=1.0, film=film, fine=0.005
    )
    x, theta = profile(mesh, heat.theta[0], r)
    assert np.abs(theta - np.interp(x, r, jump[0])).max() < 6e-3 * np.abs(jump).max()
    x, d = profile(mesh, opening[:, [0, 2]], r)
    reference = np.stack([np.interp(x, r, gap[0, :, c]) for c in (0, 1)], axis=1)
    assert (np.abs(d - reference)[x < 0.9].max(axis=0) < 1e-2 * np.abs(reference).max(axis=0)).all()
    on_face = np.unique(mesh.cells[~mesh.on_crack])
    load[:, on_face[on_face >= 0]] = 0.0
    assert abs(operator.solve(load)[0][0, 2] - reference[0, 1]) > 0.5 * abs(reference[0, 1])


@pytest.mark.parametrize("coefficient", [0.5, 5.0])
def test_gap_that_lets_heat_through(coefficient):
    """Against finite volumes, 0.4 radii under an insulated face; steady after 100 a^2/kappa."""
    mesh = penny(1.0, FINE, 12, face=(0.4, FACE))
    heat = blocked_heat(mesh, conductivity=1.0, flux=uniform(1.0), faces=Gap(coefficient))
    r, jump = blocked_penny(1.0, [1.0, 10.0, 100.0], depth=0.4, gap=coefficient)
    x, theta = profile(mesh, heat.theta[0], r)
    inner = x < 0.9
    error = np.abs(theta - np.interp(x, r, jump[-1]))[inner].max() / np.abs(jump[-1]).max()
    assert error < max(7e-3, 0.8 * heat.error) and heat.error < 3e-2


def test_a_gap_that_conducts_nothing_insulates():
    mesh = penny(1.0, (0, 0.4, 0.75, 1), 8)
    shut, open_ = (blocked_heat(mesh, conductivity=1.0, flux=uniform(1.0), faces=f) for f in (Gap(0.0), Insulated()))
    assert np.array_equal(shut.theta, open_.theta)


def test_spread_of_a_gap_bounds_the_change():
    """The jump at the centre changes by no more than the error from the gap says, over the spread."""
    mesh = penny(1.0, FINE, 12)
    gap = Gap(1.0, spread=0.2)
    heat = blocked_heat(mesh, conductivity=1.0, flux=uniform(1.0), faces=gap)
    jump = [blocked_heat(mesh, conductivity=1.0, flux=uniform(1.0), faces=Gap(h)).theta[0, 0] for h in (0.8, 1.0, 1.2)]
    change = max(abs(jump[0] / jump[1] - 1), abs(jump[2] / jump[1] - 1))
    assert 0.5 * heat.errors["gap"] < change < heat.errors["gap"]
    assert heat.remarks and heat.remarks[0].alarm and "linearised" in heat.remarks[0]
