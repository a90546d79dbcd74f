"""Radiation, gaps and contacts against closed forms; what leaves one face arrives on the other."""

import numpy as np
import pytest

from deadlight.heat.boundary import STEFAN_BOLTZMANN, Convection, Flux, Prescribed, Radiation
from deadlight.heat.gas import GAS_CONSTANT, GapGas, air_conductivity
from deadlight.heat.load import BoundPair
from deadlight.heat.pair import Contact, Gap
from deadlight.heat.solve import solve_heat
from deadlight.heat.system import HeatSystem
from support_heat import SILICA, box, merged, moved, stuff

ONE = np.array([0.0, 1.0])


def test_lumped_body_cools_by_radiation():
    """dT/dt = -beta T^4, beta = eps sigma A/(rho c V): T^-3 = T0^-3 + 3 beta t (no sky, k so large that T is
    uniform).
    """
    mesh = box(0.01 * ONE, 0.01 * ONE, 0.01 * ONE)
    faces = [f"body.{a}{e}" for a in "xyz" for e in "01"]
    history = solve_heat(
        mesh,
        {"body": stuff(1e4, 2000.0, 900.0)},
        boundaries=[Radiation(face=f, emissivity=0.7, sky_temperature=0.0) for f in faces],
        initial=1200.0,
        time_span=(0.0, 400.0),
        tolerance=0.01,
    )
    beta = 0.7 * STEFAN_BOLTZMANN * 6e-4 / (2000.0 * 900.0 * 1e-6)
    exact = (1200.0**-3 + 3.0 * beta * history.time) ** (-1.0 / 3.0)
    assert history.temperature.mean(axis=1) == pytest.approx(exact, rel=2e-4)
    assert history.balance.defect.max() <= 1e-8


def two_slabs(n_a=3, n_b=2, gap=0.01):
    upper = moved(
        box(0.1 * np.linspace(0, 1, n_a + 1), 0.1 * np.linspace(0, 1, n_a), [0.0, 0.01], region="a"), (0, 0, gap + 0.01)
    )
    lower = box(
        0.1 * np.linspace(0, 1, n_b + 1), 0.1 * np.linspace(0, 1, n_b + 2), [0.0, 0.01], region="b", kind="tet10"
    )
    return merged(upper, lower)


def test_exchange_of_non_matching_faces_is_equal_and_opposite():
    """Two isolated slabs, silica, 900 K and 400 K: gap heat of every instant sums to zero to 1e-12 of what is
    exchanged.
    """
    mesh = two_slabs()
    gap = Gap(face_a="a.z0", face_b="b.z1", emissivities=(0.8, SILICA_EMISSIVITY), gas=GapGas(pressure=50.0))
    history = solve_heat(
        mesh,
        {"a": SILICA, "b": SILICA},
        pairs=[gap],
        initial={"a": 900.0, "b": 400.0},
        time_span=(0.0, 200.0),
        tolerance=0.1,
    )
    system = HeatSystem(mesh, {"a": SILICA, "b": SILICA}, boundaries=[], pairs=[gap], datum=500.0)
    for t, T in zip(history.time[::5], history.temperature[::5]):
        rates = system.loads[0].rates(t, T)
        a, b = (rates.nodal[np.isin(rates.nodes, mesh.region_nodes(r))].sum() for r in "ab")
        assert a < 0 < b
        assert abs(a + b) <= 1e-12 * rates.gross
        assert rates.gross == pytest.approx(b, rel=1e-12)
    assert history.balance.defect.max() <= 1e-8
    assert history.unpaired["gap a.z0 / b.z1"] == 0.0
    assert any("NOT_SHOWN" in w for w in history.warnings)


def SILICA_EMISSIVITY(T):
    return np.interp(T, [300.0, 600.0, 900.0, 1200.0], [0.85, 0.80, 0.72, 0.65])


@pytest.mark.reference("Siegel & Howell 1992, Thermal Radiation Heat Transfer")
def test_grey_exchange_of_parallel_walls():
    """q = sigma (T_a^4 - T_b^4)/(1/eps_a + 1/eps_b - 1) (Siegel & Howell, infinite parallel plates)."""
    mesh = two_slabs()
    pair = BoundPair(mesh, Gap(face_a="a.z0", face_b="b.z1", emissivities=(0.8, 0.6)))
    T = np.where(mesh.points[:, 2] > 0.015, 900.0, 400.0)
    expected = STEFAN_BOLTZMANN * (900.0**4 - 400.0**4) / (1 / 0.8 + 1 / 0.6 - 1) * 0.01
    assert pair.rates(0.0, T).gross == pytest.approx(expected, rel=1e-9)


def test_radiation_shield_steady_state():
    """Panes held at 800 K and 300 K outside with a black vacuum gap: conduction and radiation in series, found
    by bisection.
    """
    mesh = two_slabs()
    k, d = 1.5, 0.01
    history = solve_heat(
        mesh,
        {"a": stuff(k, 2200.0, 900.0), "b": stuff(k, 2200.0, 900.0)},
        boundaries=[Prescribed(face="a.z1", temperature=800.0), Prescribed(face="b.z0", temperature=300.0)],
        pairs=[Gap(face_a="a.z0", face_b="b.z1", emissivities=(1.0, 1.0))],
        initial={"a": 800.0, "b": 300.0},
        time_span=(0.0, 5000.0),
        tolerance=0.1,
    )
    low, high = 0.0, k * 500.0 / (2 * d)
    for _ in range(80):
        q = 0.5 * (low + high)
        radiated = STEFAN_BOLTZMANN * ((800.0 - q * d / k) ** 4 - (300.0 + q * d / k) ** 4)
        low, high = (q, high) if radiated > q else (low, q)
    T = history.temperature[-1]
    assert T[mesh.face_nodes("a.z0")] == pytest.approx(800.0 - q * d / k, abs=0.02)
    assert T[mesh.face_nodes("b.z1")] == pytest.approx(300.0 + q * d / k, abs=0.02)


def test_contact_resistance_in_series():
    """Two slabs in touch through 200 W/m2/K: q = dT/(2 d/k + 1/h)."""
    mesh = two_slabs(gap=0.0)
    history = solve_heat(
        mesh,
        {"a": stuff(1.5, 2200.0, 900.0), "b": stuff(15.0, 4400.0, 600.0)},
        boundaries=[Prescribed(face="a.z1", temperature=500.0), Prescribed(face="b.z0", temperature=300.0)],
        pairs=[Contact(face_a="a.z0", face_b="b.z1", conductance=200.0)],
        initial=300.0,
        time_span=(0.0, 5000.0),
        tolerance=0.1,
    )
    q = 200.0 / (0.01 / 1.5 + 0.01 / 15.0 + 1 / 200.0)
    T = history.temperature[-1]
    assert T[mesh.face_nodes("a.z0")] == pytest.approx(500.0 - q * 0.01 / 1.5, abs=0.01)
    assert T[mesh.face_nodes("b.z1")] == pytest.approx(300.0 + q * 0.01 / 15.0, abs=0.01)


@pytest.mark.reference("Kennard 1938, Kinetic Theory of Gases")
def test_gas_conduction_limits():
    """Dense: k/d. Thin: alpha (gamma + 1)/(gamma - 1) sqrt(R/(8 pi M T)) p, whatever the distance (Kennard 1938)."""
    T = np.array([300.0, 600.0])
    d = np.array([0.002, 0.010])
    dense = GapGas(pressure=101325.0).conductance(0.0, T, d)
    assert dense == pytest.approx(air_conductivity(T) / d, rel=1e-3)
    thin = GapGas(pressure=1e-3, accommodation=(0.9, 0.8)).conductance(0.0, T, d)
    alpha = 1.0 / (1.0 / 0.9 + 1.0 / 0.8 - 1.0)
    assert thin == pytest.approx(alpha * 6.0 * np.sqrt(GAS_CONSTANT / (8 * np.pi * 0.0289644 * T)) * 1e-3, rel=1e-3)
    # kinetic theory: p/sqrt(2 pi m k T) molecules per area and second, each carrying (c_v/R + 1/2) k per kelvin
    boltzmann, avogadro = 1.380649e-23, 6.02214076e23
    m = 0.0289644 / avogadro
    flow = 1e-3 / np.sqrt(2 * np.pi * m * boltzmann * T) * (2.5 + 0.5) * boltzmann
    assert thin == pytest.approx(alpha * flow, rel=1e-3)
    assert GapGas(pressure=0.0).conductance(0.0, T, d) == pytest.approx(0.0)
    # U.S. Standard Atmosphere 1976, table: k = 2.5326e-2 W/m/K at 288.15 K
    assert air_conductivity(np.array(288.15)) == pytest.approx(2.5326e-2, rel=1e-3)


def test_hot_pane_heats_the_next_one_and_gas_adds_to_it():
    """With gas the second pane is warmer at every instant, and the sum of both contents balances the heating."""
    mesh = two_slabs()
    runs = []
    for gas in (None, GapGas(pressure=2000.0)):
        history = solve_heat(
            mesh,
            {"a": SILICA, "b": SILICA},
            boundaries=[
                Flux(face="a.z1", flux=20e3),
                Radiation(face="a.z1", emissivity=0.8, sky_temperature=250.0),
                Convection(face="b.z0", coefficient=8.0, temperature=295.0),
            ],
            pairs=[Gap(face_a="a.z0", face_b="b.z1", emissivities=(0.8, 0.8), gas=gas)],
            initial=295.0,
            time_span=(0.0, 300.0),
            tolerance=0.2,
            output_times=np.linspace(0, 300, 11),
        )
        assert history.balance.defect.max() <= 1e-8
        runs.append(history.temperature[:, mesh.face_nodes("b.z1")].mean(axis=1))
    assert (runs[1][2:] > runs[0][2:] + 0.3).all()
