"""Gas through an open crack: what its places add, what it gives to the gas, and what is no slit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deadlight.entry.gap import CP, GAS, orifice_flow
from deadlight.errors import InputError
from deadlight.outcome.slit import Slit, slit_flux, viscosity
from deadlight.series import Series

TIMES = np.array([0.0, 10.0])
WALL = Series(TIMES, np.array([300.0, 500.0]))


def slit(opening: list[float], length: list[float], depth: float = 0.01) -> Slit:
    return Slit(Series(TIMES, np.tile(opening, (2, 1))), np.array(length), depth, WALL)


def test_viscosity_of_air_follows_sutherland() -> None:
    """1.458e-6 T^1.5/(T + 110.4): 1.716e-5 Pa s at 273.15 K, 4.15e-5 at 1000 K."""
    assert viscosity(273.15) == pytest.approx(1.716e-5, rel=1e-3)
    assert viscosity(np.array([1000.0])) == pytest.approx(1.458e-6 * 1000.0**1.5 / 1110.4, rel=1e-12)


def test_flow_through_a_slit_is_what_a_sharp_one_and_friction_let_through() -> None:
    """From free molecules to a choked orifice: every part in closed form, for two kinds of faces."""
    rng = np.random.default_rng(7)
    for _ in range(60):
        w, depth = 10.0 ** rng.uniform(-6.5, -2.5), 10.0 ** rng.uniform(-3, -1.5)
        p1 = 10.0 ** rng.uniform(-1, 5.3)
        p2, wall, gas, share = p1 * rng.uniform(0.0, 0.999), *rng.uniform(200, 1500, 2), rng.uniform(0.3, 1.0)
        p2, discharge = max(p2, 1e-3 * p1), rng.uniform(0.4, 0.9)
        mu = 1.458e-6 * wall**1.5 / (wall + 110.4)
        path = mu * math.sqrt(math.pi * GAS * wall / 2.0)
        kn = path / (0.5 * (p1 + p2)) / w
        dense = w**3 / (24.0 * mu * GAS * wall * depth)
        beam = w * min(math.log(max(depth / w, math.e)) * w / depth, 1.0) / math.sqrt(2.0 * math.pi * GAS * wall)
        slip = 12.0 * (2.0 - share) / share * path / w
        viscous = dense * (p1**2 - p2**2) + (p1 - p2) * (dense * slip + kn * beam) / (1.0 + kn)
        sharp = discharge * w * float(orifice_flow(p1, p2, gas))
        both = slit_flux(
            p1, math.log(p1 / p2), np.array([w]), depth, wall=wall, gas=gas, accommodation=share, discharge=discharge
        )
        g = float(both[0])
        assert g / viscous + (g / sharp) ** 2 == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize("opening", [0.0, -1e-5])
def test_what_is_shut_or_has_nothing_to_drive_it_lets_nothing_through(opening: float) -> None:
    for high, fall in ((1e5, 1.0), (1e5, 0.0), (1e5, -1.0), (0.0, 1.0)):
        flow = slit_flux(high, fall, np.array([opening, 1e-5]), 0.01, wall=300.0, gas=300.0)
        assert flow[0] == 0.0 and (flow[1] > 0.0) == (fall > 0.0 and high > 0.0)


def test_area_and_flow_add_over_the_places() -> None:
    s = slit([-2e-5, 0.0, 1e-5, 3e-5], [1e-3, 2e-3, 3e-3, 5e-3])
    assert float(s.area(5.0)) == pytest.approx(1e-5 * 3e-3 + 3e-5 * 5e-3, rel=1e-12)
    flux = s.flux(np.array([0.0, 10.0]), np.array([1e5, 2e4]), np.array([0.5, 2.0]), np.array([280.0, 700.0]))
    assert flux.shape == (2, 4) and (flux[:, :2] == 0.0).all()
    for k, (p, fall, wall, gas) in enumerate(((1e5, 0.5, 300.0, 280.0), (2e4, 2.0, 500.0, 700.0))):
        for place, w in ((2, 1e-5), (3, 3e-5)):
            alone = slit_flux(p, fall, np.array([w]), 0.01, wall=wall, gas=gas)
            assert flux[k, place] == pytest.approx(float(alone[0]), rel=1e-12)
    rate = s.rate(np.array([0.0, 10.0]), np.array([1e5, 2e4]), np.array([0.5, 2.0]), np.array([280.0, 700.0]))
    assert rate == pytest.approx(flux[:, 2] * 3e-3 + flux[:, 3] * 5e-3, rel=1e-12)


def test_gas_leaves_with_what_each_place_leaves_it_of_its_excess() -> None:
    """Excess exp(-NTU) of every place, mixed by flow; NTU = Nu k t/(w G cp) of two faces on a width of 2 w."""
    s, flux = slit([2e-4, 4e-4, -1e-4], [1e-3, 2e-3, 4e-3]), np.array([0.02, 0.05, 0.0])
    for t, wall in ((0.0, 300.0), (10.0, 500.0)):
        k = viscosity(wall) * CP / 0.71
        # both faces: 2 sides x film Nu k/(2 w) on a depth t
        units = [2.0 * 7.541 * k / (2.0 * w) * 0.01 / (g * CP) for w, g in ((2e-4, 0.02), (4e-4, 0.05))]
        flows = [0.02 * 1e-3, 0.05 * 2e-3]
        kept = sum(f * math.exp(-u) for f, u in zip(flows, units)) / sum(flows)
        assert 0.05 < kept < 0.95
        for gas in (1500.0, 250.0):
            assert float(s.leaves_at(t, flux, gas)) == pytest.approx(wall + (gas - wall) * kept, rel=1e-12)
    both = s.leaves_at(np.array([0.0, 10.0]), np.tile(flux, (2, 1)), np.array([1500.0, 250.0]))
    assert both == pytest.approx([float(s.leaves_at(0.0, flux, 1500.0)), float(s.leaves_at(10.0, flux, 250.0))])
    assert float(s.leaves_at(0.0, 0.0 * flux, 1500.0)) == 300.0


def test_reynolds_number_is_of_the_strongest_flow_on_twice_the_opening() -> None:
    s = slit([1e-4, 2e-4], [1e-3, 1e-3])
    flux = np.array([[0.01, -0.03], [0.02, 0.01]])
    due = [2.0 * 0.03 / viscosity(300.0), 2.0 * 0.02 / viscosity(500.0)]
    assert s.reynolds(np.array([0.0, 10.0]), flux) == pytest.approx(due, rel=1e-12)
    assert float(s.reynolds(0.0, flux[0])) == pytest.approx(due[0], rel=1e-12)


@pytest.mark.parametrize(
    ("values", "length", "depth"),
    [
        (np.zeros(2), [1e-3], 0.01), (np.zeros((2, 3)), [1e-3] * 2, 0.01), (np.zeros((2, 2)), [1e-3] * 2, 0.0),
        (np.zeros((2, 2)), [1e-3] * 2, -1.0), (np.zeros((2, 2)), [1e-3] * 2, math.nan),
        (np.zeros((2, 2)), [1e-3, -1e-9], 0.01), (np.zeros((2, 2)), [1e-3, math.inf], 0.01),
        (np.zeros((2, 2)), [math.nan, 1e-3], 0.01),
    ],
)  # fmt: skip
def test_a_slit_that_is_none_is_refused(values: np.ndarray, length: list[float], depth: float) -> None:
    with pytest.raises(InputError, match="slit crack"):
        Slit(Series(TIMES, values), np.array(length), depth, WALL)


def test_the_length_that_is_named_is_the_one_that_cannot_be() -> None:
    for length, named in (([1e-3, -2e-3], "-0.002"), ([1e-3, math.nan], "nan"), ([math.inf, 1e-3], "inf")):
        with pytest.raises(InputError, match=f"length of {named} m"):
            slit([1e-5, 1e-5], length)


def test_a_place_of_no_length_and_a_thin_pane_are_slits() -> None:
    s = slit([1e-5, 1e-5], [0.0, 1e-3], depth=1e-4)
    assert float(s.area(0.0)) == pytest.approx(1e-8)
