"""Transient heat blocked by a crack: against finite volumes, finite elements, limits, and transforms of the penny."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad
from test_blocked_heat_steady import FACE, FINE, profile

from deadlight.operator.blocked_heat import Gap, Prescribed, blocked_heat, thermal_load
from deadlight.operator.blocked_heat_data import density_functions
from deadlight.operator.blocked_heat_pairs import HEAT, HeatPairs
from deadlight.operator.blocked_heat_time import fit
from deadlight.operator.front import front_frame, intensity
from deadlight.operator.load import SurfacePoints
from deadlight.operator.system import CrackOperator
from support_blocked_heat import penny
from support_heat_axisymmetric import blocked_penny
from support_spall_fe import blocked_spall

TIMES = np.array([0.02, 0.04, 0.1, 0.3, 1.0, 3.0, 10.0])
INSTANTS = np.unique(np.concatenate([[0.0], np.geomspace(1e-3, 10.0, 150), TIMES]))
SUDDEN = {"conductivity": 1.0, "diffusivity": 1.0, "time": INSTANTS}


def sudden(points, normals):
    return np.ones((len(INSTANTS), len(points)))


def at(times, values):
    return values[np.searchsorted(INSTANTS, times)]


def test_penny_in_a_suddenly_applied_flow_against_finite_volumes():
    """Jump within 1 % of its value at each instant, from the layer on either side (a^2/100) to the steady state."""
    mesh = penny(1.0, FINE, 12)
    heat = blocked_heat(mesh, **SUDDEN, flux=sudden)
    r, jump = blocked_penny(1.0, TIMES)
    for theta, reference in zip(at(TIMES, heat.theta), jump):
        x, found = profile(mesh, theta, r)
        inner = x < 0.9
        assert np.abs(found - np.interp(x, r, reference))[inner].max() < 1e-2 * np.abs(reference).max()
    assert not heat.remarks and len(heat.frequencies) < 16


@pytest.mark.reference("Carslaw & Jaeger 1959, Conduction of Heat in Solids, section 2.9")
def test_short_and_long_times():
    """Two half spaces, jump 4 q sqrt(kappa t / pi) / k; later that of the steady state, which may also come first."""
    mesh = penny(1.0, FINE, 12)
    heat = blocked_heat(mesh, **SUDDEN, flux=sudden)
    early = np.array([0.003, 0.01, 0.02])
    found = np.interp(early, INSTANTS, heat.theta[:, 0])
    assert np.abs(found / (-4 * np.sqrt(early / np.pi)) - 1).max() < 1e-2
    assert np.log(found[1] / found[0]) / np.log(early[1] / early[0]) == pytest.approx(0.5, abs=0.01)
    steady = blocked_heat(mesh, conductivity=1.0, flux=lambda x, n: np.ones((1, len(x))))
    assert np.abs(heat.theta[-1] - steady.theta[0]).max() < 6e-3 * np.abs(steady.theta).max()
    free = np.setdiff1d(np.arange(len(mesh.points)), mesh.fixed)
    load, last = steady.unit_load[0, free], heat.unit_load[-1, free]
    assert np.abs(last - load).max() < 6e-3 * np.abs(load).max()
    kept = blocked_heat(mesh, **SUDDEN, flux=sudden, steady_start=True)
    assert np.abs(kept.theta - steady.theta).max() < 3e-3 * np.abs(steady.theta).max()


@pytest.mark.parametrize("film", [0.0, 3.0])
def test_spall_under_a_face_against_finite_elements(film):
    """Jump, and the opening under the thermal stress of the moment, of a penny 0.4 radii under a free face."""
    mesh = penny(1.0, FINE, 12, face=(0.4, FACE))
    heat = blocked_heat(mesh, **SUDDEN, flux=sudden, face_film=film, tolerance=0.01)
    operator = CrackOperator.build(mesh, young=1.0, nu=0.22)
    opening = operator.solve(at(TIMES, thermal_load(heat, alpha=1.0, nu=0.22, mu=operator.mu)))
    r, jump, gap = blocked_spall(
        1.0, 0.4, TIMES, conductivity=1.0, diffusivity=1.0, young=1.0, nu=0.22, alpha=1.0, film=film, fine=0.005
    )
    largest = np.abs(gap).max(axis=(0, 1))
    for k, theta in enumerate(at(TIMES, heat.theta)):
        x, found = profile(mesh, theta, r)
        assert np.abs(found - np.interp(x, r, jump[k])).max() < 1e-2 * np.abs(jump[k]).max()
        x, d = profile(mesh, opening[k][:, [0, 2]], r)
        reference = np.stack([np.interp(x, r, gap[k, :, c]) for c in (0, 1)], axis=1)
        assert (np.abs(d - reference)[x < 0.9].max(axis=0) < 1.2e-2 * largest).all()
    assert not heat.remarks


def test_gap_against_finite_volumes():
    mesh = penny(1.0, FINE, 12, face=(0.4, FACE))
    heat = blocked_heat(mesh, **SUDDEN, flux=sudden, faces=Gap(0.5))
    r, jump = blocked_penny(1.0, TIMES, depth=0.4, gap=0.5)
    for theta, reference in zip(at(TIMES, heat.theta), jump):
        x, found = profile(mesh, theta, r)
        assert np.abs(found - np.interp(x, r, reference))[x < 0.9].max() < 1e-2 * np.abs(reference).max()


def test_a_course_in_time_against_finite_volumes():
    """A flow that rises and falls, given at uneven instants; two shapes in space that follow different courses."""
    instants = np.unique(np.concatenate([[0.0], np.geomspace(3e-3, 4.0, 60)]))
    rise, fall = instants * np.exp(-3 * instants), 1 - np.exp(-instants)
    mesh = penny(1.0, FINE, 12)

    def flux(points, normals):
        return rise[:, None] + fall[:, None] * points[None, :, 0]  # the second part vanishes on the axis

    heat = blocked_heat(mesh, conductivity=1.0, diffusivity=1.0, time=instants, flux=flux)
    times = np.array([0.03, 0.1, 0.3, 0.7, 1.5, 4.0])
    _, jump = blocked_penny(1.0, times, course=lambda t: t * np.exp(-3 * t))
    found = np.array([np.interp(times, instants, heat.theta[:, 0])])
    assert np.abs(found - jump[:, 0]).max() < 1e-2 * np.abs(jump[:, 0]).max()
    steady = blocked_heat(mesh, conductivity=1.0, flux=lambda x, n: np.full((1, len(x)), 1 - np.exp(-4.0)) * x[:, 0])
    nodes = np.unique(mesh.cells[mesh.cells >= 0])
    odd = 0.5 * (heat.theta[-1] - heat.theta[-1][mirrored(mesh)])
    assert np.abs(odd - steady.theta[0])[nodes].max() < 0.05 * np.abs(steady.theta).max()


def mirrored(mesh):
    """Node at -x of every node."""
    wanted = mesh.points * [-1, 1, 1]
    return np.linalg.norm(wanted[:, None] - mesh.points[None], axis=2).argmin(axis=1)


def test_too_few_instants_raise_the_alarm():
    instants = np.linspace(0.0, 3.0, 8)
    course = np.sin(np.pi * instants) ** 2
    heat = blocked_heat(
        penny(1.0, (0, 0.4, 0.75, 1), 8), conductivity=1.0, diffusivity=1.0, time=instants,
        flux=lambda x, n: course[:, None] * np.ones(len(x)),
    )  # fmt: skip
    assert heat.errors["time"] > 0.02
    assert heat.remarks[0].alarm and "more instants" in heat.remarks[0]


def test_suddenly_cooled_faces():
    """All heat of the faces: 2 pi a^2 / sqrt(pi kappa t) + 2 pi a at first, from the planes and the edge; at last 8 a
    (1 + 2 a / (pi sqrt(pi kappa t))), per kelvin and conductivity."""
    mesh = penny(1.0, FINE, 12)
    heat = blocked_heat(mesh, **SUDDEN, faces=Prescribed(mean=np.where(INSTANTS > 0, -1.0, 0.0)))
    area = SurfacePoints.of(mesh, mesh.on_crack).area
    total = heat.gamma @ (density_functions(mesh, mesh.on_crack).T @ area)
    early, late = np.array([0.04, 0.1]), np.array([3.0, 10.0])
    assert np.abs(at(early, total) / (2 * np.pi / np.sqrt(np.pi * early) + 2 * np.pi) - 1).max() < 0.1
    assert np.abs(at(late, total) / (8 * (1 + 2 / np.pi / np.sqrt(np.pi * late))) - 1).max() < 1e-2
    steady = blocked_heat(mesh, conductivity=1.0, faces=Prescribed(mean=-1.0))
    assert (steady.gamma @ (density_functions(mesh, mesh.on_crack).T @ area))[0] == pytest.approx(8.0, rel=1e-3)


def transformed(size):
    """K_II / (mu m sqrt(a) theta0) of a penny with the jump theta0 sqrt(1 - r^2/a^2) at a = size exp(i pi/4) / radius.

    Hankel transforms of the two half spaces' potentials (docs/blocked-heat.md), K_II of an axisymmetric shear from
    Tada, Paris & Irwin 2000, p. 24.20: 2 / sqrt(pi) int (sqrt(x^2 + a^2) - x) x j1(x)^2 / a^2 dx.
    """
    a = size * np.exp(0.25j * np.pi)

    def integrand(x):
        j1 = (np.sin(x) - x * np.cos(x)) / x**2
        return (np.sqrt(x * x + a * a) - x) / a**2 * x * j1**2

    def part(take):
        return sum(quad(lambda x: take(integrand(x)), low, high)[0] for low, high in itertools.pairwise(breaks))

    breaks = np.concatenate([[1e-6], np.arange(2.0, 201.0, 2.0)])
    return 2 / np.sqrt(np.pi) * (part(np.real) + 1j * part(np.imag) + 0.25 / breaks[-1])


@pytest.mark.parametrize("size", [0.5, 2.0, 8.0])
def test_thermal_load_at_a_frequency_against_transforms(size):
    mesh = penny(1.0, FINE, 12)
    none = np.zeros(len(mesh.cells))
    theta = np.sqrt(np.maximum(1 - np.hypot(*mesh.points[:, :2].T) ** 2, 0))[None, :, None] + 0j
    pairs = HeatPairs.of(mesh, none, none.astype(bool), HEAT)
    load = 2 * pairs.loads(np.array([size]), theta, 0 * theta)[0, :, :, 0]
    operator = CrackOperator.build(mesh, young=2 * 1.22, nu=0.22)
    frame = front_frame(mesh, mesh.fronts[0])
    k = intensity(operator.solve(np.array([load.real, load.imag])), mesh.fronts[0], frame, 1.0, 0.22)
    found = (k[0] + 1j * k[1])[:, 1]
    assert np.abs(found / transformed(size) - 1).max() < 1.5e-2


@pytest.mark.reference("Carslaw & Jaeger 1959, Conduction of Heat in Solids, appendix V, no. 17")
def test_relaxations_of_a_known_response():
    """1 / (1 + sqrt(s)): its step response is 1 - exp(t) erfc(sqrt(t)) (Carslaw & Jaeger 1959, appendix V, no. 17)."""
    from scipy.special import erfcx

    omega = 1e-3 * 4.0 ** np.arange(13)
    relaxation = fit(omega, (1 / (1 + np.sqrt(1j * omega)))[:, None, None])
    time = np.concatenate([[0.0], np.geomspace(1e-2, 100, 100)])
    found = relaxation.follow(time, np.ones((len(time), 1)), steady_start=False)[:, 0]
    assert np.abs(found - (1 - erfcx(np.sqrt(time)))).max() < 2e-3
