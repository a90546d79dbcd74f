"""Traces and pairs: areas, partners across a gap, patch test on both faces, boundaries' slopes."""

import numpy as np
import pytest

from deadlight.heat.boundary import Convection, Film, Flux, Radiation, Source
from deadlight.heat.gas import GapGas
from deadlight.heat.load import BoundPair
from deadlight.heat.pair import Contact, Gap
from deadlight.heat.pairing import pair_faces
from deadlight.heat.solve import solve_heat
from deadlight.heat.trace import face_trace, region_trace
from deadlight.series import Series
from support_heat import box, merged, moved, stuff

ONE = np.array([0.0, 1.0])


def slabs(size_b=1.0, shift_b=0.0, gap=0.1, kind_b="hex20", n_b=3):
    upper = moved(box(np.linspace(0, 1, 4), np.linspace(0, 1, 3), [0.0, 0.2], region="a", kind="wedge15"), (0, 0, gap))
    side = size_b * np.linspace(0, 1, n_b)
    lower = moved(box(side, side, [-0.2, 0.0], region="b", kind=kind_b), (shift_b, shift_b, 0))
    return merged(upper, lower)


def test_face_and_region_measures():
    mesh = box(2.0 * ONE, 3.0 * ONE, 5.0 * ONE, kind="wedge18", warp=0.1)
    assert face_trace(mesh, "body.x1").measure == pytest.approx(15.0)
    assert np.allclose(face_trace(mesh, "body.x1").normal, [1.0, 0.0, 0.0])
    assert region_trace(mesh, "body").measure == pytest.approx(mesh.volumes())
    assert np.allclose(face_trace(mesh, "body.z0").matrix.sum(axis=1), 1.0)


@pytest.mark.parametrize(("kind", "n"), [("hex20", 3), ("tet10", 4), ("wedge15", 6), ("hex27", 2)])
def test_uniform_flux_reaches_both_faces_as_on_each_alone(kind, n):
    """Patch test: the weights of the common points give both faces their own nodal areas."""
    mesh = slabs(kind_b=kind, n_b=n)
    pairing = pair_faces(mesh, "a.z0", "b.z1", reach=0.2)
    assert pairing.unpaired_fraction == 0.0
    assert pairing.distance == pytest.approx(0.1)
    for matrix, face in ((pairing.a, "a.z0"), (pairing.b, "b.z1")):
        trace = face_trace(mesh, face)
        area = trace.nodal(np.ones(len(trace.weight)))
        assert np.abs(matrix.T @ pairing.weight - area).max() <= 1e-4 * np.abs(area).max()
        assert np.allclose(matrix @ mesh.points[:, :2], pairing.position[:, :2], atol=1e-9)


def test_part_without_a_partner_is_reported():
    """b covers a quarter of a: three quarters are unpaired (to the point rule), and radiate to the sky if asked to."""
    mesh = slabs(size_b=0.5)
    pairing = pair_faces(mesh, "a.z0", "b.z1", reach=0.2)
    assert pairing.unpaired_fraction == pytest.approx(0.75, abs=0.02)
    assert pair_faces(mesh, "a.z0", "b.z1", reach=0.05).unpaired_fraction == 1.0
    assert pair_faces(mesh, "a.z0", "a.z1", reach=1.0).unpaired_fraction == 1.0  # a face that looks away is no partner
    gap = Gap(face_a="a.z0", face_b="b.z1", emissivities=(0.8, 0.8), reach=0.2, unpaired_sky=200.0)
    history = solve_heat(
        mesh, {"a": stuff(1, 2000, 900), "b": stuff(1, 2000, 900)}, pairs=[gap], initial=500.0, time_span=(0.0, 100.0)
    )
    lost = history.balance.loads["unpaired radiation a.z0"].sum()
    assert lost < 0 and history.balance.content.sum() == pytest.approx(lost, rel=1e-7)
    assert any("no partner" in w and "surroundings" in w for w in history.warnings)


@pytest.mark.parametrize(
    "load",
    [
        Convection(face="f", coefficient=50.0, temperature=Series(np.array([0.0, 10.0]), np.array([300.0, 400.0]))),
        Film(face="f", film=0.05, recovery_enthalpy=8e6, ratio=0.3),
        Radiation(face="f", emissivity=0.8, sky_temperature=250.0),
        Flux(face="f", flux=1e4),
        Source(region="r", power=1e6),
    ],
)
def test_slopes_of_boundaries(load):
    T, field, step = np.array([350.0, 900.0]), np.array([1.0, 0.5]), 1e-3
    _, h = load.density(5.0, T, field)
    numeric = (load.density(5.0, T - step, field)[0] - load.density(5.0, T + step, field)[0]) / (2 * step)
    assert h == pytest.approx(numeric, rel=1e-6, abs=1e-6)


def test_film_is_in_balance_with_gas_at_rest():
    q, _ = Film(face="f", film=0.1, recovery_enthalpy=1005.0 * 288.15).density(0.0, np.array([288.15]), np.ones(1))
    assert q == pytest.approx(0.0, abs=1e-9)


def test_contact_and_gap_exchange():
    mesh = slabs(gap=0.0)
    T = np.where(mesh.points[:, 2] >= 0, 400.0, 300.0)
    T[mesh.region_nodes("b")] = 300.0
    contact = BoundPair(mesh, Contact(face_a="a.z0", face_b="b.z1", conductance=60.0))
    rates = contact.rates(0.0, T)
    assert rates.gross == pytest.approx(6000.0)
    assert abs(rates.nodal.sum()) <= 1e-12 * rates.gross
    gap = Gap(face_a="a.z0", face_b="b.z1", emissivities=(0.8, lambda T: 0.9 - 1e-4 * T), gas=GapGas(pressure=100.0))
    cold, hot, d = np.array([300.0]), np.array([700.0]), np.array([0.01])
    assert gap.density(0.0, hot, cold, d)[0] > 0 > gap.density(0.0, cold, hot, d)[0]
