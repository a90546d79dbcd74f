"""Flow through a crack and the gas balance of a gap, against closed forms."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.optimize import brentq

from deadlight.chain.leaking import ELLIPTIC
from deadlight.entry.gap import CP, GAMMA, GAS, GapSpec, Vent, gap_gas, orifice_flow
from deadlight.errors import InputError
from deadlight.outcome.leak import CV, _Gas, leaky_gap
from deadlight.outcome.slit import Slit, slit_flux, viscosity
from deadlight.series import Series

T = 300.0


def flux(p1: float, p2: float, w: float, depth: float, **more: float) -> float:
    return float(slit_flux(p1, math.log(p1 / p2), np.array([w]), depth, wall=T, gas=T, **more)[0])


@pytest.mark.reference("U.S. Standard Atmosphere 1976, NOAA-S/T 76-1562, basic quantities at sea level")
def test_viscosity_of_air() -> None:
    """U.S. Standard Atmosphere 1976: 1.7894e-5 Pa s at 288.15 K."""
    assert viscosity(288.15) == pytest.approx(1.7894e-5, rel=1e-4)


def test_dense_gas_in_a_fine_slit_is_poiseuille() -> None:
    """10 um, 10 mm deep, 1.0 to 0.99 bar: rho w^3 dp/(12 mu t); slip adds 6 Kn = 6 x 0.068/10 = 4 %."""
    p1, p2, w, t = 1e5, 0.99e5, 10e-6, 10e-3
    mean = 0.5 * (p1 + p2)
    plain = mean / (GAS * T) * w**3 * (p1 - p2) / (12.0 * viscosity(T) * t)
    path = viscosity(T) * math.sqrt(math.pi * GAS * T / 2.0) / mean
    assert path == pytest.approx(68e-9, rel=0.02)
    kn = path / w
    molecular = w * (w / t) * math.log(t / w) / math.sqrt(2 * math.pi * GAS * T) * (p1 - p2)
    expected = plain * (1.0 + 6.0 * kn / (1.0 + kn)) + molecular * kn / (1.0 + kn)
    assert flux(p1, p2, w, t) == pytest.approx(expected, rel=1e-4)


@pytest.mark.reference("Arkilic, Schmidt & Breuer 1997, J. Microelectromech. Syst. 6:167")
def test_first_order_slip() -> None:
    """Arkilic et al. 1997: [(P^2 - 1) + 12 Kn_o (P - 1)] w^3 p_o^2/(24 mu R T t); 4 um, 0.2 bar into 0.1 bar."""
    p1, p2, w, t = 2e4, 1e4, 4e-6, 10e-3
    kn = viscosity(T) * math.sqrt(math.pi * GAS * T / 2.0) / p2 / w
    slip = w**3 * p2**2 / (24.0 * viscosity(T) * GAS * T * t) * ((2**2 - 1) + 12.0 * kn * (2 - 1))
    assert kn == pytest.approx(0.17, rel=0.05)
    assert flux(p1, p2, w, t) == pytest.approx(slip, rel=0.17)  # the blend towards free molecules at Kn 0.11
    assert flux(1e6, 5e5, w, t) == pytest.approx(w**3 / (24 * viscosity(T) * GAS * T * t) * (1e12 - 0.25e12), rel=0.03)


def test_thin_gas_flows_as_free_molecules() -> None:
    """1 Pa into vacuum, 10 um: Kn 700; (w/t) ln(t/w) of p w/sqrt(2 pi R T)."""
    w, t = 10e-6, 10e-3
    expected = w * (w / t) * math.log(t / w) * 1.0 / math.sqrt(2.0 * math.pi * GAS * T)
    assert flux(1.0, 1e-6, w, t) == pytest.approx(expected, rel=5e-3)


def test_wide_slit_is_an_orifice_and_chokes() -> None:
    """1 mm open, 1 mm deep: friction counts little, and below the critical ratio the pressure behind does nothing."""
    open_to = [flux(1e5, p2, 1e-3, 1e-3) for p2 in (5e4, 2e4, 1e3)]
    assert open_to[2] == pytest.approx(0.6 * 1e-3 * float(orifice_flow(1e5, 1e3, T)), rel=0.01)
    assert open_to[0] == pytest.approx(open_to[2], rel=0.01)


def test_drops_of_pressure_add_in_series() -> None:
    """G/Gv + (G/Go)^2 = 1: where both alone would let the same through, G is (sqrt 5 - 1)/2 of it."""
    p1, p2, depth = 1e5, 0.999e5, 1e-3

    def viscous(w: float) -> float:
        return w**3 / (24.0 * viscosity(T) * GAS * T * depth) * (p1**2 - p2**2)

    def sharp(w: float) -> float:
        return 0.6 * w * float(orifice_flow(p1, p2, T))

    w = float(brentq(lambda w: viscous(w) / sharp(w) - 1.0, 1e-5, 1e-3))
    assert flux(p1, p2, w, depth) == pytest.approx(0.5 * (math.sqrt(5.0) - 1.0) * sharp(w), rel=0.01)  # slip: 0.6 %


def test_thin_gas_warms_by_its_jump_at_the_plates() -> None:
    """Free molecules give 1.197 p sqrt(R/T) per degree and area to a plate (H6 of docs/theory.md), at any distance.

    Two plates, and molecules that take up heat all the way across arrive with twice their mean excess: 4 x 1.197.
    """
    for distance in (5e-3, 20e-3):
        spec = GapSpec(name="g", volume=distance * 0.04, state="blocked", pressure=1e-4, temperature=T)
        constant = Series.constant(T)
        model = _Gas(spec, constant, constant, distance, (), constant, None)
        per_area = float(model.film(1e-4, T)) / 0.04
        assert per_area == pytest.approx(4.0 * 1.197 * 1e-4 * math.sqrt(GAS / T), rel=0.02)


def test_shut_parts_do_not_leak() -> None:
    assert flux(1e5, 1.0, -1e-6, 1e-2) == 0.0
    assert flux(1e5, 1e5, 1e-5, 1e-2) == 0.0


def slit(opening: float, length: float = 12e-3, wall: float = T) -> Slit:
    values = np.full((2, 4), opening)
    return Slit(Series(np.array([0.0, 1e4]), values), np.full(4, length / 4), 10e-3, Series.constant(wall))


def uneven(opening: Sequence[float], length: float = 3e-3) -> Slit:
    """Places of one length with openings of their own, 10 mm deep, faces at 300 K."""
    values = np.tile(opening, (2, 1))
    return Slit(Series(np.array([0.0, 1e4]), values), np.full(len(opening), length), 10e-3, Series.constant(T))


def evenly(s: Slit, rate: float) -> np.ndarray:
    """A flow [kg/s] spread over what is open, as flow per length at every place."""
    wide = np.asarray(s.opening(0.0)) > 0.0
    return np.where(wide, rate / float(wide @ s.length), 0.0)


def test_gas_takes_the_temperature_of_the_crack() -> None:
    """20 um, 12 mm: k 0.026/(2 x 20e-6) x 7.54 x 2.4e-4 m2/(G cp) of a flow of 1e-6 kg/s is more than 1000 units."""
    s = slit(20e-6)
    assert s.leaves_at(1.0, evenly(s, 1e-6), 3000.0) == pytest.approx(T, abs=1e-6)
    wide = slit(2e-3)
    rate = 1e-2
    k = float(viscosity(T)) * CP / 0.71
    units = 7.541 * k / 4e-3 * 2.0 * 10e-3 * 12e-3 / (rate * CP)
    assert wide.leaves_at(1.0, evenly(wide, rate), 3000.0) == pytest.approx(T + 2700.0 * math.exp(-units), rel=1e-9)
    assert wide.leaves_at(1.0, evenly(wide, 0.0), 3000.0) == T


def test_half_shut_a_crack_lets_the_same_flow_out_hotter() -> None:
    """Half the length open, twice the flow per length: half the units, so the excess is its square root; Re doubles."""
    full, half = uneven([2e-3] * 4), uneven([2e-3, 0.0, 2e-3, 0.0])
    excess = [(float(s.leaves_at(0.0, evenly(s, 1e-4), 3000.0)) - T) / 2700.0 for s in (full, half)]
    assert 0.01 < excess[0] < 0.99
    assert excess[1] == pytest.approx(math.sqrt(excess[0]), rel=1e-9)
    assert full.leaves_at(0.0, evenly(full, 1e-4), 100.0) == pytest.approx(T - 200.0 * excess[0], rel=1e-9)
    assert full.reynolds(0.0, evenly(full, -1e-5)) == pytest.approx(2e-5 / 12e-3 / viscosity(T), rel=1e-9)
    assert half.reynolds(0.0, evenly(half, 1e-5)) == pytest.approx(4e-5 / 12e-3 / viscosity(T), rel=1e-9)


@pytest.mark.parametrize(("mean", "mixed"), [(300e-6, 421.2), (500e-6, 733.4)])
def test_hot_gas_leaves_an_uneven_crack_as_a_mixture_of_what_its_places_let_through(mean: float, mixed: float) -> None:
    """10 kPa into 5 kPa, 2000 K, walls 400 K: places one by one, weighed by their flow; the widest has the largest Re.

    With the mean opening and the mean flow it would be 402.8 and 623 K, Re 0.76 of the peak.
    """
    opening = mean * ELLIPTIC
    values = np.tile(opening, (2, 1))
    length = np.full(len(opening), 1e-3)
    s = Slit(Series(np.array([0.0, 1e4]), values), length, 10e-3, Series.constant(400.0))
    heat = brought = 0.0
    peak = 0.0
    conductivity = float(viscosity(400.0)) * CP / 0.71
    for w in opening:
        g = float(slit_flux(1e4, math.log(2.0), np.array([w]), 10e-3, wall=400.0, gas=2000.0)[0])
        x = 7.541 * conductivity / (2.0 * w) * 2.0 * 10e-3 / (g * CP)
        heat, brought = heat + g * (400.0 + 1600.0 * math.exp(-x)), brought + g
        peak = max(peak, 2.0 * g / float(viscosity(400.0)))
    flux = s.flux(0.0, 1e4, math.log(2.0), 2000.0)
    assert s.leaves_at(0.0, flux, 2000.0) == pytest.approx(heat / brought, rel=1e-9)
    assert heat / brought == pytest.approx(mixed, rel=1e-3)
    assert s.reynolds(0.0, flux) == pytest.approx(peak, rel=1e-9)
    assert float(flux @ length) == pytest.approx(float(s.rate(0.0, 1e4, math.log(2.0), 2000.0)), rel=1e-12)


def test_filling_through_a_crack_alone() -> None:
    """Gap of 1 litre filled from vacuum through a slit at 1 bar, walls at 300 K: dp/dt = R T/V w^3 (P^2 - p^2) .../t.

    With a = L w^3 P/(24 mu V t) the pressure is P tanh(a P t) without slip; slip and molecules add a few percent.
    """
    P, w, L, V = 1e5, 30e-6, 12e-3, 1e-3
    spec = GapSpec(name="g", volume=V, state="blocked", pressure=1.0, temperature=T)
    end = 600.0
    gas = leaky_gap(
        spec, outside=Series(np.array([0.0, end]), np.full(2, P)), wall=Series.constant(T), distance=10e-3,
        slits=[slit(w, L)], outside_temperature=Series.constant(T),
    )  # fmt: skip
    rate = L * w**3 * P / (24.0 * viscosity(T) * V * 10e-3)
    i = int(np.searchsorted(gas.pressure, 0.5 * P))
    expected = math.atanh(0.5) / rate
    assert gas.time[i] == pytest.approx(expected, rel=0.06)
    assert gas.mass_balance < 1e-6 and gas.energy_balance < 1e-6


@pytest.mark.parametrize(("share", "lag"), [(1.0, 40.0), (0.005, 4e3), (0.0, 1e5)])
def test_balances_close_over_a_return_with_the_vent_open_partly_and_fully_blocked(share: float, lag: float) -> None:
    """Outside 10 Pa to 101 kPa as on the descent: mass and energy close to 1e-6, with and without a crack of 12 mm.

    Vent of 20 mm2 and 0.6 litres; lags of the design notes: below 40 Pa open, about 4 kPa with 0.1 mm2.
    """
    t = np.linspace(0.0, 1500.0, 151)
    outside = Series(t, 101325.0 * np.exp(-np.interp(t, [0, 500, 1500], [9.2, 1.34, 0.0])))
    wall = Series(t, 290.0 + 150.0 * np.exp(-(((t - 450.0) / 200.0) ** 2)))
    spec = GapSpec(name="g", volume=6e-4, vent=Vent(area=20e-6, open_fraction=share))
    worst = 0.0
    for slits in ([], [slit(20e-6, wall=600.0)]):
        gas = leaky_gap(
            spec, outside=outside, wall=wall, distance=10e-3, slits=slits, outside_temperature=Series.constant(280.0),
            hot=Series.constant(2000.0),
        )  # fmt: skip
        assert gas.mass_balance < 1e-6 and gas.energy_balance < 1e-6
        worst = float(np.abs(outside.values - np.interp(t, gas.time, gas.pressure)).max())
        if not slits:
            assert worst < 1.5 * lag
            assert share or worst > 0.9e5
        held = gap_gas(spec, outside=outside, wall_temperature=wall, outside_temperature=280.0)
        if not slits and share:
            assert float(np.abs(held.pressure(t) - np.interp(t, gas.time, gas.pressure)).max()) < 50.0
    if share == 0.0:
        assert worst < 0.9e5  # the crack vents the gap


def test_adiabatic_filling_heats_by_gamma() -> None:
    """An evacuated volume filled without loss of heat: T = gamma T_outside; panes 1 km apart take none."""
    end = 200.0
    spec = GapSpec(name="g", volume=1e-3, vent=Vent(area=1e-7))
    gas = leaky_gap(
        spec, outside=Series(np.array([0.0, end]), np.full(2, 1e5)), wall=Series.constant(T), distance=1e3,
        outside_temperature=Series.constant(T), start=0.1,
    )  # fmt: skip
    half = int(np.searchsorted(gas.pressure, 0.5e5))
    assert gas.temperature[half] == pytest.approx(GAMMA * T, rel=2e-3)
    assert pytest.approx(GAMMA) == CP / CV


def test_slits_and_gaps_that_are_none_are_refused() -> None:
    values, times = np.full((2, 4), 1e-5), np.array([0.0, 1.0])
    for length, depth in (([1e-3] * 3, 1e-2), ([1e-3] * 4, 0.0), ([1e-3, 1e-3, 1e-3, -1e-3], 1e-2)):
        with pytest.raises(InputError):
            Slit(Series(times, values), np.array(length), depth, Series.constant(T))
    spec = GapSpec(name="g", volume=1e-3, state="blocked", pressure=1.0, temperature=T)
    for distance, names in ((0.0, ["a"]), (-1e-2, ["a"]), (1e-2, ["a", "a"]), (1e-2, ["vent"])):
        slits = [dataclasses.replace(slit(1e-5), name=n) for n in names]
        with pytest.raises(InputError):
            leaky_gap(
                spec, outside=Series(times, np.full(2, 1e5)), wall=Series.constant(T), distance=distance, slits=slits,
                outside_temperature=Series.constant(T),
            )  # fmt: skip


@pytest.mark.parametrize(("state", "vent"), [("sealed", None), ("vented", Vent(area=1e-5, open_fraction=0.0))])
def test_shut_gas_lags_walls_that_warm(state: str, vent: Vent | None) -> None:
    """0.5 K/s: m c_v 0.5 W pass from walls to gas, so it lags by that over the film, 12 k V/d^2 with the jump."""
    seconds = np.linspace(0.0, 400.0, 401)
    spec = GapSpec(name="g", volume=1e-3, state=state, vent=vent, pressure=1e5, temperature=250.0)
    gas = leaky_gap(
        spec, outside=Series(np.array([0.0, 400.0]), np.array([1e5, 3e4])), wall=Series(seconds, T + 0.5 * seconds),
        distance=0.1, outside_temperature=Series.constant(T),
    )  # fmt: skip
    first = 1e5 * T / 250.0 if state == "sealed" else 1e5  # closed in at 250 K; else what is outside
    m = first * 1e-3 / (GAS * T)
    assert gas.mass == pytest.approx(m, rel=1e-12)
    assert gas.pressure == pytest.approx(m * GAS * gas.temperature / 1e-3, rel=1e-12)
    assert all((rate == 0.0).all() for rate in gas.flow.values())
    warm = float(gas.temperature[-1])
    path = float(viscosity(warm)) * math.sqrt(math.pi * GAS * warm / 2.0) / float(gas.pressure[-1])
    film = 12.0 * float(viscosity(warm)) * CP / 0.71 / 0.1 * 1e-3 / 0.1 / (1.0 + 6.0 * 2.8 / (2.4 * 0.71) * path / 0.1)
    assert 500.0 - warm == pytest.approx(0.5 * m * CV / film, rel=0.03)
    assert gas.to_walls[-1] == pytest.approx(-0.5 * m * CV, rel=0.02)
    assert np.trapezoid(gas.to_walls, gas.time) == pytest.approx(-m * CV * (warm - T), rel=2e-3)


def test_draining_into_vacuum_through_a_crack() -> None:
    """1/p - 1/p0 = a t, a = L w^3/(24 mu V t) without slip; what leaves is what is lost, and nothing comes in."""
    w, length, volume, end = 30e-6, 12e-3, 1e-3, 600.0
    spec = GapSpec(name="g", volume=volume, state="blocked", pressure=1e5, temperature=T)
    gas = leaky_gap(
        spec, outside=Series(np.array([0.0, end]), np.full(2, 1e-3)), wall=Series.constant(T), distance=10e-3,
        slits=[slit(w, length)], outside_temperature=Series.constant(T),
    )  # fmt: skip
    half = 1e-5 / (length * w**3 / (24.0 * float(viscosity(T)) * volume * 10e-3))
    assert np.interp(-5e4, -gas.pressure, gas.time) == pytest.approx(half, rel=0.06)
    assert gas.passed("crack") == 0.0 and (gas.flow["crack"] <= 0.0).all() and (gas.brought["crack"] == 0.0).all()
    lost = float(gas.mass[-1] - gas.mass[0])
    assert np.trapezoid(gas.flow["crack"], gas.time) == pytest.approx(lost, rel=2e-3)
    assert not gas.remarks


@pytest.mark.parametrize(
    ("opening", "hot", "comes", "end"),
    [(20e-6, 2000.0, 600.0, 800.0), (3e-3, 2000.0, 2000.0, 0.02), (3e-3, None, 500.0, 0.02)],
)  # fmt: skip
def test_adiabatic_filling_takes_gas_as_it_leaves_the_crack(
    opening: float, hot: float | None, comes: float, end: float
) -> None:
    """gamma times: the faces' temperature through 20 um, the mouth's through 3 mm, the vent's where none is said."""
    spec = GapSpec(name="g", volume=1e-3, state="blocked", pressure=0.1, temperature=T)
    gas = leaky_gap(
        spec, outside=Series(np.array([0.0, end]), np.full(2, 1e5)), wall=Series.constant(T), distance=1e3, start=0.1,
        slits=[slit(opening, wall=600.0)], outside_temperature=Series.constant(500.0),
        hot=None if hot is None else Series.constant(hot),
    )  # fmt: skip
    assert np.interp(5e4, gas.pressure, gas.temperature) == pytest.approx(GAMMA * comes, rel=0.01)


@pytest.mark.parametrize(("opening", "told"), [(2e-3, 1), (20e-6, 0)])
def test_turbulence_is_told(opening: float, told: int) -> None:
    """1 bar into vacuum: Re 3e4 through 2 mm, 24 through 20 um."""
    spec = GapSpec(name="g", volume=1e-3, state="blocked", pressure=1.0, temperature=T)
    gas = leaky_gap(
        spec, outside=Series(np.array([0.0, 1.0]), np.full(2, 1e5)), wall=Series.constant(T), distance=1e-2,
        slits=[slit(opening)], outside_temperature=Series.constant(T),
    )  # fmt: skip
    assert ["turbulent" in str(r) for r in gas.remarks if r.alarm] == [True] * told


def test_faces_and_gas_have_each_their_part_in_the_flow() -> None:
    """The series of a viscous slit at the faces' temperature and a sharp one at the gas's, in closed form."""
    rng = np.random.default_rng(0)
    for _ in range(100):
        w, depth = 10.0 ** rng.uniform(-6, -3), 10.0 ** rng.uniform(-2.5, -1.5)
        p1 = 10.0 ** rng.uniform(0, 5.3)
        p2, wall, gas, share = p1 * rng.uniform(0.01, 0.999), *rng.uniform(200, 1500, 2), rng.uniform(0.3, 1.0)
        mu = 1.458e-6 * wall**1.5 / (wall + 110.4)
        path = mu * math.sqrt(math.pi * GAS * wall / 2.0)  # times the pressure
        kn = path / (0.5 * (p1 + p2)) / w
        dense = w**3 / (24.0 * mu * GAS * wall * depth)
        beam = w * min(math.log(max(depth / w, math.e)) * w / depth, 1.0) / math.sqrt(2.0 * math.pi * GAS * wall)
        slip = 12.0 * (2.0 - share) / share * path / w
        viscous = dense * (p1**2 - p2**2) + (p1 - p2) * (dense * slip + kn * beam) / (1.0 + kn)
        sharp = 0.6 * w * float(orifice_flow(p1, p2, gas))
        due = 2.0 * viscous / (1.0 + math.sqrt(1.0 + 4.0 * (viscous / sharp) ** 2))
        found = slit_flux(p1, math.log(p1 / p2), np.array([w]), depth, wall=wall, gas=gas, accommodation=share)
        assert float(found[0]) == pytest.approx(due, rel=1e-9)


def test_a_fine_slit_knows_its_faces_and_a_wide_one_the_gas() -> None:
    def flow(p2: float, w: float, depth: float, wall: float, gas: float) -> float:
        return float(slit_flux(1e5, math.log(1e5 / p2), np.array([w]), depth, wall=wall, gas=gas)[0])

    fine, wide = (0.99e5, 10e-6, 1e-2), (2e4, 1e-3, 1e-3)
    assert flow(*fine, wall=T, gas=1200.0) == pytest.approx(flow(*fine, wall=T, gas=T), rel=1e-4)
    warm = float(viscosity(T)) * T / (float(viscosity(600.0)) * 600.0)  # density over viscosity
    assert flow(*fine, wall=600.0, gas=T) / flow(*fine, wall=T, gas=T) == pytest.approx(warm, rel=0.07)  # slip
    assert flow(*wide, wall=T, gas=1200.0) / flow(*wide, wall=T, gas=T) == pytest.approx(0.5, rel=1e-3)
    assert flow(*wide, wall=600.0, gas=T) == pytest.approx(flow(*wide, wall=T, gas=T), rel=1e-3)


def test_places_along_a_crack_add_and_shut_ones_count_nothing() -> None:
    values = np.array([[0.0, -1e-6, 10e-6, 20e-6], [0.0, -1e-6, 20e-6, 40e-6]])
    s = Slit(Series(np.array([0.0, 1.0]), values), np.array([1e-3, 2e-3, 3e-3, 4e-3]), 1e-2, Series.constant(T))

    def one(w: float) -> float:
        return float(slit_flux(1e5, math.log(2.0), np.array([w]), 1e-2, wall=T, gas=500.0)[0])

    both = s.rate(np.array([0.0, 1.0]), np.full(2, 1e5), np.full(2, math.log(2.0)), np.full(2, 500.0))
    due = [3e-3 * one(10e-6) + 4e-3 * one(20e-6), 3e-3 * one(20e-6) + 4e-3 * one(40e-6)]
    assert both == pytest.approx(due, rel=1e-12)
    assert float(s.rate(0.0, 1e5, math.log(2.0), 500.0)) == pytest.approx(due[0], rel=1e-12)
    assert s.area(np.array([0.0, 1.0])) == pytest.approx([1.1e-7, 2.2e-7], rel=1e-12)
