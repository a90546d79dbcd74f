"""Transient conduction against closed forms and standard benchmarks.

Reference numbers: NAFEMS T3 and T4 (NAFEMS, The Standard NAFEMS Benchmarks, TNSB Rev. 3, 1990) with the exact series
value;
the others from Carslaw & Jaeger, Conduction of Heat in Solids, sections 2.9, 3.8 and 3.11, evaluated to six digits.
"""

import numpy as np
import pytest
from numpy.polynomial import Polynomial

from deadlight.heat.boundary import Convection, Flux, Prescribed, Radiation, Source
from deadlight.heat.solve import solve_heat
from deadlight.series import Series
from support_heat import SILICA, Table, box, stuff

ONE = np.array([0.0, 1.0])


def line(mesh, depth, temperature, axis=2):
    """Temperatures at given depths along an axis on the edge of a bar."""
    others = [a for a in range(3) if a != axis]
    low = mesh.points.min(axis=0)
    on = np.flatnonzero((np.abs(mesh.points[:, others] - low[others]) < 1e-9).all(axis=1))
    on = on[np.argsort(mesh.points[on, axis])]
    found = np.interp(depth, mesh.points[on, axis], np.arange(len(on)))
    assert np.allclose(found, np.rint(found), atol=1e-6), "a depth is not a node"
    return temperature[on[np.rint(found).astype(int)]]


@pytest.mark.reference("NAFEMS 1990, The Standard NAFEMS Benchmarks, TNSB Rev. 3, T3")
def test_nafems_t3_one_dimensional_transient():
    """NAFEMS T3: 36.6 C at x = 0.08 m, t = 32 s; series 36.6031; the error falls with the tolerance of the steps."""
    mesh = box(0.1 * np.linspace(0, 1, 21), 0.01 * ONE, 0.01 * ONE)
    instants = np.linspace(0.0, 40.0, 801)
    hot = Series(instants, 100.0 * np.sin(np.pi * instants / 40.0))
    for tolerance, error in ((0.01, 1e-3), (0.002, 3e-4)):
        history = solve_heat(
            mesh,
            {"body": stuff(35.0, 7200.0, 440.5)},
            boundaries=[Prescribed(face="body.x0", temperature=0.0), Prescribed(face="body.x1", temperature=hot)],
            initial=0.0,
            time_span=(0.0, 32.0),
            tolerance=tolerance,
        )
        assert line(mesh, [0.08], history.temperature[-1], axis=0)[0] == pytest.approx(36.6031, rel=error)
        assert history.balance.defect.max() <= 1e-8


@pytest.mark.reference("NAFEMS 1990, The Standard NAFEMS Benchmarks, TNSB Rev. 3, T4")
def test_nafems_t4_steady_with_convection():
    """NAFEMS T4: 18.3 C at E (0.6, 0.2); series 18.2538. The steady state is reached by long steps."""
    below = 0.2 * np.linspace(0, 1, 9)  # E is on a grid line; at its corner (0.6, 0) the flux is singular
    mesh = box(np.linspace(0, 0.6, 9), np.concatenate([below, 0.2 + 0.8 * np.linspace(0, 1, 9)[1:] ** 1.5]), 0.05 * ONE)
    history = solve_heat(
        mesh,
        {"body": stuff(52.0, 7850.0, 460.0)},
        boundaries=[
            Prescribed(face="body.y0", temperature=100.0),
            Convection(face="body.x1", coefficient=750.0, temperature=0.0),
            Convection(face="body.y1", coefficient=750.0, temperature=0.0),
        ],
        initial=0.0,
        time_span=(0.0, 1e6),
        tolerance=0.05,
    )
    e = np.argmin(np.abs(mesh.points - [0.6, 0.2, 0.0]).sum(axis=1))
    assert history.temperature[-1][e] == pytest.approx(18.2538, rel=2e-3)
    assert history.balance.defect.max() <= 1e-8


@pytest.mark.reference("Carslaw & Jaeger 1959, Conduction of Heat in Solids, section 3.8")
def test_plate_with_flux_on_one_face():
    """Carslaw & Jaeger 3.8: flux 20 kW/m2 on one face of a 10 mm plate, the other insulated, at 20 s."""
    mesh = box(0.01 * ONE, 0.01 * ONE, np.linspace(-0.005, 0.005, 17))
    history = solve_heat(
        mesh,
        {"body": stuff(1.0, 2500.0, 840.0)},
        boundaries=[Flux(face="body.z1", flux=20e3)],
        initial=0.0,
        time_span=(0.0, 20.0),
        tolerance=0.02,
    )
    found = line(mesh, [-0.005, -0.0025, 0.0, 0.0025, 0.005], history.temperature[-1])
    assert np.abs(found - [1.31144, 3.15863, 10.9502, 30.7699, 69.6452]).max() <= 0.003 * 69.6452
    assert history.balance.content.sum() == pytest.approx(20e3 * 1e-4 * 20.0, rel=1e-10)


@pytest.mark.reference("Carslaw & Jaeger 1959, Conduction of Heat in Solids, section 2.9")
def test_half_space_under_a_step_of_flux():
    """Carslaw & Jaeger 2.9: 50 kW/m2 on silica, 30 s."""
    depth = np.concatenate([np.linspace(0, 0.005, 11), np.linspace(0.006, 0.01, 5), np.linspace(0.0125, 0.04, 12)])
    mesh = box(0.01 * ONE, 0.01 * ONE, depth)
    history = solve_heat(
        mesh,
        {"body": stuff(1.38, 2200.0, 740.0)},
        boundaries=[Flux(face="body.z0", flux=50e3)],
        initial=300.0,
        time_span=(0.0, 30.0),
        tolerance=0.02,
    )
    found = line(mesh, [0.0, 0.002, 0.005, 0.01], history.temperature[-1]) - 300.0
    assert np.abs(found - [206.167, 141.758, 73.6999, 18.8576]).max() <= 1e-3 * 206.167


@pytest.mark.reference("Carslaw & Jaeger 1959, Conduction of Heat in Solids, section 3.11")
def test_slab_with_convection():
    """Carslaw & Jaeger 3.11, Bi = 1: theta at X = 0 (insulated), 0.5, 1 for Fo = 0.1, 0.5, 1, in dimensionless
    units.
    """
    mesh = box(0.1 * ONE, 0.1 * ONE, np.linspace(0, 1, 11))
    history = solve_heat(
        mesh,
        {"body": stuff(1.0, 1.0, 1.0)},
        boundaries=[Convection(face="body.z1", coefficient=1.0, temperature=0.0)],
        initial=1.0,
        time_span=(0.0, 1.0),
        tolerance=1e-4,
        output_times=[0.1, 0.5, 1.0],
    )
    expected = [[0.993108, 0.950508, 0.723577], [0.772526, 0.702597, 0.504522], [0.533859, 0.485224, 0.348177]]
    found = [line(mesh, [0.0, 0.5, 1.0], T) for T in history.temperature]
    assert np.abs(np.array(found) - expected).max() <= 1e-3


@pytest.mark.parametrize("kind", ["hex20", "hex27", "tet10", "wedge15", "wedge18"])
def test_order_in_space_on_distorted_elements(kind):
    """T = exp(-3 kappa pi^2 t) cos(pi x) cos(pi y) cos(pi z) in an insulated unit cube: rate in L2 (nodes) and
    in energy.
    """
    errors = []
    for n in (2, 4):
        g = np.linspace(0, 1, n + 1)
        mesh = box(g, g, g, kind=kind, warp=0.05)
        mode = np.cos(np.pi * mesh.points).prod(axis=1)
        history = solve_heat(
            mesh, {"body": stuff(1.0, 1.0, 1.0)}, initial=mode, time_span=(0.0, 0.02), fixed_step=0.0025, tolerance=1e-6
        )
        exact = mode * np.exp(-3 * np.pi**2 * 0.02)
        errors.append(np.sqrt(np.mean((history.temperature[-1] - exact) ** 2)))
    rate = np.log2(errors[0] / errors[1])
    assert rate >= 1.9, (errors, rate)


def manufactured(k, c, *, beta, g, f, lap, grad2):
    """Sources (power in time, weight in space) that make T = 300 + g(t) f(x) exact, k and c times 1 + beta (T - 300).

    rho c(T) T_t = f g' c (1 + beta g f); div(k grad T) = k [g lap f + beta g^2 (f lap f + |grad f|^2)], with rho = 1.
    """
    t = np.linspace(0.0, 1.0, 4001)
    dg = g.deriv()
    return [
        (Series(t, dg(t)), lambda p: c * f(p)),
        (Series(t, dg(t) * g(t)), lambda p: c * beta * f(p) ** 2),
        (Series(t, -g(t)), lambda p: k * lap(p)),
        (Series(t, -(g(t) ** 2)), lambda p: k * beta * (f(p) * lap(p) + grad2(p))),
    ]


def bar_with_k_of_T(n, *, fixed_step=None, tolerance=1e-5):
    """Nonlinear manufactured bar: k and c linear in T, insulated ends (f = cos pi x)."""
    beta = 1e-3
    knots = np.array([0.0, 2000.0])
    table = Table(knots, 1.0 + beta * (knots - 300.0))
    g = Polynomial([100.0, 200.0, -150.0, 120.0])
    sources = manufactured(
        1.0,
        1.0,
        beta=beta,
        g=g,
        f=lambda p: np.cos(np.pi * p[:, 0]),
        lap=lambda p: -(np.pi**2) * np.cos(np.pi * p[:, 0]),
        grad2=lambda p: np.pi**2 * np.sin(np.pi * p[:, 0]) ** 2,
    )
    mesh = box(np.linspace(0, 1, n + 1), 0.2 * ONE, 0.2 * ONE)
    f = np.cos(np.pi * mesh.points[:, 0])
    history = solve_heat(
        mesh,
        {"body": stuff(table, 1.0, table)},
        boundaries=[Source(region="body", power=power, weight=weight) for power, weight in sources],
        initial=300.0 + g(0.0) * f,
        time_span=(0.0, 1.0),
        fixed_step=fixed_step,
        tolerance=tolerance,
    )
    assert history.balance.defect.max() <= 1e-8
    return np.abs(history.temperature[-1] - 300.0 - g(1.0) * f).max()


def test_order_in_space_with_k_and_c_of_T():
    errors = [bar_with_k_of_T(n, fixed_step=0.02) for n in (2, 4, 8)]
    assert min(np.log2(np.array(errors[:-1]) / errors[1:])) >= 1.9, errors


def test_order_in_time_with_k_and_c_of_T():
    errors = [bar_with_k_of_T(24, fixed_step=dt) for dt in (0.25, 0.125, 0.0625)]
    assert min(np.log2(np.array(errors[:-1]) / errors[1:])) >= 1.9, errors


def test_order_in_time_with_stiff_modes_and_radiation():
    """Against a fine solution of the same mesh: the flux face radiates, silica properties, steps far above the
    mesh's own.
    """
    mesh = box(0.01 * ONE, 0.01 * ONE, 0.01 * np.linspace(0, 1, 9) ** 1.5)
    t = np.linspace(0.0, 40.0, 401)
    heating = Series(t, 60e3 * np.sin(np.pi * t / 80.0) ** 2)

    def face(dt):
        history = solve_heat(
            mesh,
            {"body": SILICA},
            boundaries=[
                Flux(face="body.z0", flux=heating),
                Radiation(face="body.z0", emissivity=0.8, sky_temperature=250.0),
            ],
            initial=300.0,
            time_span=(0.0, 40.0),
            fixed_step=dt,
            tolerance=1e-4,
        )
        assert history.balance.defect.max() <= 1e-8
        return history.temperature[-1]

    fine = face(0.1)
    errors = [np.abs(face(dt) - fine).max() for dt in (4.0, 2.0, 1.0)]
    assert min(np.log2(np.array(errors[:-1]) / errors[1:])) >= 1.9, errors


def test_heat_balance_closes_every_step_with_everything_at_once():
    """k(T), c(T), radiation, film heating and a jump: balance by the scheme's own quadrature <= 1e-8 of the
    gross heat.
    """
    mesh = box(0.03 * np.linspace(0, 1, 4), 0.03 * np.linspace(0, 1, 3), 0.01 * np.linspace(0, 1, 7))
    flux = Series(np.array([0.0, 60.0, 60.0 + 1e-7, 100.0]), np.array([0.0, 150e3, 0.0, 0.0]))
    cooling = Series(np.array([0.0, 80.0, 80.0 + 1e-7]), np.array([0.0, 0.0, 80.0]))
    history = solve_heat(
        mesh,
        {"body": SILICA},
        boundaries=[
            Flux(face="body.z1", flux=flux, weight=lambda p: 1.0 + p[:, 0] / 0.03),
            Radiation(
                face="body.z1", emissivity=lambda T: np.interp(T, [300, 900], [0.85, 0.72]), sky_temperature=250.0
            ),
            Convection(face="body.z0", coefficient=cooling, temperature=280.0),
            Prescribed(face="body.x0", temperature=300.0),
        ],
        initial=300.0,
        time_span=(0.0, 100.0),
        tolerance=0.2,
        breakpoints=[60.0, 80.0],
    )
    assert {60.0, 80.0} <= set(history.time)
    assert history.balance.defect.max() <= 1e-8
    assert history.balance.content.sum() == pytest.approx(
        sum(v.sum() for v in history.balance.loads.values()) + history.balance.prescribed.sum(), rel=1e-7
    )
