"""Stress that hot glass lets go of: what flow cannot change, what it takes, and what is left."""

import numpy as np
import pytest

from deadlight.material.library import material
from deadlight.outcome.temper import free_part, log10_viscosity, relaxed, temper_left, thickness_weights

GLASS = material("aluminosilicate_tempered")
Z = np.linspace(0.0, 0.012, 25)
SECONDS = np.array([0.0, 100.0])
CUBIC = 20e6 - 3e9 * Z + 4e11 * Z**2 + 1e13 * Z**3


def changed(temperature, stress=CUBIC):
    warm = np.broadcast_to(np.asarray(temperature, dtype=float)[:, None], (2, len(temperature), len(Z)))
    return relaxed(SECONDS, warm, np.tile(stress, (2, len(temperature), 1)), Z, material=GLASS)[-1]


def test_the_free_part_has_no_resultant_and_no_moment():
    z = np.sort(np.random.default_rng(0).uniform(-1, 2, 15))
    free, w = free_part(z), thickness_weights(z)
    assert thickness_weights(np.array([0.0, 1.0, 3.0])) == pytest.approx([1 / 6, 3 / 6, 2 / 6])
    for none in (free @ np.ones(15), free @ z, w @ free, (w * z) @ free, free @ free - free):
        assert none == pytest.approx(0.0, abs=1e-12)


def test_fluid_glass_keeps_resultant_and_moment_only():
    found, w = changed([1300.0])[0], thickness_weights(Z)
    assert found == pytest.approx(-free_part(Z) @ CUBIC, abs=1e-6 * np.abs(CUBIC).max())
    straight = np.polyval(np.polyfit(Z, CUBIC, 1, w=np.sqrt(w)), Z)
    assert CUBIC + found == pytest.approx(straight, abs=1e-6 * np.abs(CUBIC).max())


def test_cold_glass_keeps_all_and_columns_know_nothing_of_each_other():
    assert (changed([300.0]) == 0.0).all()
    both = changed([960.0, 1000.0])
    assert np.abs(both).max() > 1e5
    for k, T in enumerate((960.0, 1000.0)):
        assert both[k] == pytest.approx(changed([T])[0], rel=1e-9)


def test_share_of_a_temper_that_is_left():
    profile = free_part(Z) @ (Z - 0.006) ** 2
    assert temper_left(profile, -0.3 * profile, Z) == pytest.approx(0.7)
    for other in (np.ones(len(Z)), Z):
        assert temper_left(profile, other * np.abs(profile).max(), Z) == pytest.approx(1.0)
    assert (temper_left(np.zeros(len(Z)), np.ones((3, len(Z))), Z) == 1.0).all()


def test_frozen_glass_has_half_the_slope_and_bounds_at_both_ends():
    frozen = GLASS.annealing_point
    at = float(log10_viscosity(GLASS, np.array([frozen]))[0])
    slope = (float(log10_viscosity(GLASS, np.array([800.0]))[0]) - at) / (1.0 / 800.0 - 1.0 / frozen)
    one, two = np.asarray(GLASS.log10_viscosity(np.array([frozen - 0.1, frozen + 0.1])))
    assert slope / ((one - two) / (1.0 / (frozen - 0.1) - 1.0 / (frozen + 0.1))) == pytest.approx(0.5, rel=1e-4)
    assert log10_viscosity(GLASS, np.array([200.0, 3000.0])).tolist() == [25.0, 4.0]
