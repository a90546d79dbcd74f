"""Inertia, weight and vibration of a piece: closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.outcome.forces import inertia, shaken, weight
from support_square import whole


def test_inertia_is_against_the_acceleration_and_weight_along_gravity() -> None:
    """0.22 kg at (1, -2, 30) m/s2, about its centroid."""
    body, a = whole(), np.array([1.0, -2.0, 30.0])
    for found, sign in ((inertia(body, a), -1.0), (weight(body, a), 1.0)):
        assert found.force == pytest.approx(sign * np.array([0.22, -0.44, 6.6]), rel=1e-9)
        assert found.moment.tolist() == [0.0, 0.0, 0.0] and found.disturbing
        assert found.wrench.tolist() == [*found.force, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(("mass", "amplitude"), [(1.0, 1.0), (3.0, 2.0), (0.5, 0.01)])
def test_corners_of_a_vibration_are_an_icosahedron(mass: float, amplitude: float) -> None:
    """Twelve of one length, over the ball by 1/0.79465; neighbours at 63.435 deg, arccos 1/sqrt 5; none alone."""
    corner = shaken(mass, amplitude)
    assert corner.shape == (12, 3)
    radius = mass * amplitude / 0.7946544722917661
    cosine = np.round(corner @ corner.T / radius**2, 12)
    values, count = np.unique(cosine, return_counts=True)
    assert values == pytest.approx([-1.0, -1.0 / math.sqrt(5), 1.0 / math.sqrt(5), 1.0], abs=1e-12)
    assert count.tolist() == [12, 60, 60, 12]
    assert corner.sum(axis=0) == pytest.approx([0.0, 0.0, 0.0], abs=1e-12 * radius)


def test_no_vibration_is_one_force_of_nothing() -> None:
    assert shaken(2.0, 0.0).tolist() == [[0.0, 0.0, 0.0]]


@pytest.mark.parametrize("amplitude", [-1.0, math.inf, math.nan])
def test_a_vibration_that_is_none_is_refused(amplitude: float) -> None:
    with pytest.raises(InputError, match="vibration"):
        shaken(1.0, amplitude)
