"""K read off at a front: the fit behind the ring, and the filter along the front."""

import numpy as np
import pytest

from deadlight.operator.front import front_frame
from deadlight.operator.leading import BEHIND, behind, leading, weights
from deadlight.operator.smooth import smoothed
from deadlight.surface.join import surface_mesh
from deadlight.surface.sheet import Sheet


@pytest.mark.parametrize("count", range(len(BEHIND) + 1))
def test_fit_reproduces_its_own_terms(count):
    r = np.array([0.25, 1.0, *BEHIND[:count]])
    w = np.array(weights(count))
    for power in range(3 if count > 1 else 2):
        assert w @ r[: len(w)] ** power == pytest.approx(float(power == 0), abs=1e-12)


def test_leading_term_of_an_exact_opening():
    """Opening x sqrt(1 - r^2) of a penny: A = sqrt(2) cos(phi) at the front; points behind halve the error."""
    mesh = surface_mesh(None, [Sheet.ellipse(np.zeros(3), np.array([0, 0, 1.0]), np.array([1.0, 0, 0]), 1.0, 1.0)]).mesh
    front = mesh.fronts[0]
    frame = front_frame(mesh, front)
    points = behind(mesh, front, frame.ahead, frame.width)
    assert (points.weight[:, 2:] != 0).all()
    assert points.weight.sum(axis=1) == pytest.approx(1.0)
    x = mesh.points
    opening = np.zeros((1, len(x), 3))
    opening[0, :, 2] = x[:, 0] * np.sqrt(np.maximum(1 - x[:, 0] ** 2 - x[:, 1] ** 2, 0))
    exact = np.sqrt(2) * frame.point[:, 0]
    two = (8 * opening[0, front.quarter, 2] - opening[0, front.inner, 2]) / (3 * np.sqrt(frame.width))
    many = leading(opening, front, frame.width, points)[0, :, 2]
    error = [np.abs(a - exact).max() / np.sqrt(2) for a in (two, many)]
    assert error[0] > 1.5e-3
    assert error[1] < 0.5 * error[0]


def uneven(n, seed=3):
    step = 1 + 0.25 * np.random.default_rng(seed).random(n)
    return np.concatenate([[0.0], np.cumsum(step)])


def test_filter_keeps_cubics_and_takes_what_alternates_on_uneven_nodes():
    arc = uneven(20)
    s = arc / arc[-1]
    smooth = 1 + 2 * s - 3 * s**2 + s**3
    spoilt = smooth + 0.1 * (-1.0) ** np.arange(21)
    found = smoothed(spoilt[None, :, None], arc, arc[-1], False)[0, :, 0]
    assert found[4:-4] == pytest.approx(smooth[4:-4], abs=1e-12)
    assert found[[3, -4]] == pytest.approx(smooth[[3, -4]], abs=0.02)
    assert (found[:3] == spoilt[:3]).all()


def test_filter_runs_round_a_closed_front():
    arc = uneven(40)
    length, arc = arc[-1], arc[:-1]
    angle = 2 * np.pi * arc / length
    spoilt = np.cos(angle) + 0.05 * (-1.0) ** np.arange(40)
    found = smoothed(spoilt[None, :, None], arc, length, True)[0, :, 0]
    assert found == pytest.approx(np.cos(angle), abs=2e-3)
