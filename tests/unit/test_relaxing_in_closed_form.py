"""Viscous flow of glass with properties of straight lines: the frozen structure, and decay in closed form."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.outcome.temper import LONGEST, free_part, log10_viscosity, relaxed, temper_left, thickness_weights

FROZEN, AT, RISE = 900.0, 12.0, 20_000.0  # annealing point [K], log10 of the viscosity there, its slope over 1/T [K]
Z = np.array([-1e-3, 0.0, 1e-3, 3e-3])


def viscosity(temperature: object) -> np.ndarray:
    return AT + RISE * (1.0 / np.asarray(temperature, dtype=float) - 1.0 / FROZEN)


GLASS = SimpleNamespace(
    annealing_point=FROZEN, log10_viscosity=viscosity, youngs_modulus=lambda T: 70e9 * (T / 293.15) ** 2,
    poisson=lambda T: 0.2 * T / 293.15,
)  # fmt: skip
MODULUS = 70e9 / 0.8


def test_below_the_annealing_point_half_the_slope_and_above_it_all() -> None:
    for T in (700.0, 850.0, 899.0, FROZEN, 901.0, 1200.0):
        due = AT + (0.5 if T < FROZEN else 1.0) * RISE * (1.0 / T - 1.0 / FROZEN)
        assert log10_viscosity(GLASS, np.array([T]))[0] == pytest.approx(due, rel=1e-9)
    assert log10_viscosity(GLASS, np.array([150.0, 1e5])).tolist() == [25.0, 4.0]


def decayed(time: np.ndarray, temperature: np.ndarray, stress: np.ndarray) -> np.ndarray:
    """Share d of a profile that has gone, D = d x its free part: d' = -(s + d)/tau, step by step, s the share there.

    Backward Euler in steps that are equal and no longer than allowed, all linear between the instants.
    """
    d, found = 0.0, [0.0]
    for t0, t1, T0, T1, s0, s1 in zip(time, time[1:], temperature, temperature[1:], stress, stress[1:]):
        n = math.ceil((t1 - t0) / LONGEST)
        for k in range(1, n + 1):
            T, s = (a + k / n * (b - a) for a, b in ((T0, T1), (s0, s1)))
            log = AT + (0.5 if T < FROZEN else 1.0) * RISE * (1.0 / T - 1.0 / FROZEN)
            r = MODULUS * (t1 - t0) / n / (6.0 * 10.0**log)
            d = (d - r * s) / (1.0 + r)
        found.append(d)
    return np.array(found)


def test_columns_of_one_temperature_decay_as_one_number() -> None:
    """Instants 1, 2, 5 and 0.5 s apart; one column warms through its annealing point, one cools, one is steady."""
    time = np.array([10.0, 11.0, 13.0, 18.0, 18.5])
    warm = np.array([[880.0, 890.0, 905.0, 925.0, 930.0], [935.0, 930.0, 915.0, 890.0, 880.0], [915.0] * 5])
    share = np.array([[1.0, 1.2, 0.7, 0.9, 1.0], [1.0] * 5, [1.0, 0.0, 0.0, 2.0, 1.0]])
    profile = np.array([40e6, -25e6, 10e6, 5e6])
    temperature = np.repeat(warm.T[:, :, None], len(Z), axis=2)
    stress = share.T[:, :, None] * profile
    free = free_part(Z) @ profile
    for modulus in (None, MODULUS):
        found = relaxed(time, temperature, stress, Z, material=GLASS, modulus=modulus)
        for c in range(3):
            due = decayed(time, warm[c], share[c])
            assert found[:, c] == pytest.approx(due[:, None] * free, rel=1e-9, abs=1e-3)
    assert decayed(time, warm[0], share[0])[-1] < -0.1


def test_at_a_steady_temperature_it_decays_with_six_viscosities_over_the_modulus() -> None:
    """tau = 6 eta/M = 200 s: after 100 s 1 - exp(-0.5) is gone, but for steps of 2 s (2 s/2 tau x 0.5)."""
    log = math.log10(200.0 * MODULUS / 6.0)
    T = 1.0 / (1.0 / FROZEN + (log - AT) / RISE / (0.5 if log > AT else 1.0))
    profile = np.array([3.0, -1.0, 0.5, 2.0])
    warm = np.full((2, 1, len(Z)), T)
    found = relaxed(np.array([0.0, 100.0]), warm, np.tile(profile, (2, 1, 1)), Z, material=GLASS)[-1, 0]
    assert found == pytest.approx(-(1.0 - math.exp(-0.5)) * (free_part(Z) @ profile), rel=5e-3)


def test_only_the_hot_side_flows() -> None:
    """One step: e = rate s at the hot node only (r << 1), so D = -M x the free part of that."""
    T, profile = np.array([[[960.0, 300.0, 300.0, 300.0]]] * 2), np.array([7e6, 3e6, -2e6, 1e6])
    dt = 1e-6
    found = relaxed(np.array([0.0, dt]), T, np.tile(profile, (2, 1, 1)), Z, material=GLASS)[-1, 0]
    rate = dt / (6.0 * 10.0 ** float(viscosity(960.0)))
    assert found == pytest.approx(-MODULUS * free_part(Z) @ np.array([rate * 7e6, 0, 0, 0]), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e7])
def test_what_is_left_does_not_depend_on_the_size_of_the_temper(scale: float) -> None:
    """Half of it gone in one column, a tenth gained in another, and something across it in a third."""
    profile = scale * (free_part(Z) @ np.array([1.0, -0.6, -0.2, 0.9]))
    w = thickness_weights(Z)
    other = np.array([1.0, 0.0, -1.0, 0.5])
    across = other - profile * (w @ (other * profile)) / (w @ profile**2)
    change = np.array([-0.5 * profile, 0.1 * profile, scale * across])
    assert temper_left(profile, change, Z) == pytest.approx([0.5, 1.1, 1.0], rel=1e-9)
    assert temper_left(profile, change[:, None], Z).shape == (3, 1)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_of_no_temper_all_is_left_in_every_column(shape: tuple[int, ...]) -> None:
    left = temper_left(np.zeros(len(Z)), np.ones((*shape, len(Z))), Z)
    assert np.shape(left) == shape and np.all(left == 1.0)
