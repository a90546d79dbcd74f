"""Functions of the surface elements: what makes them functions of their nodes, and the two terms at a front."""

from __future__ import annotations

import numpy as np
import pytest

from deadlight.operator import shape
from deadlight.operator.gap import hats
from deadlight.surface.mesh import MOUTH_FIRST, MOUTH_LAST, Q9, T6, TIP

TRIANGLE = np.array([[0, 0], [1, 0], [0, 1], [0.5, 0], [0.5, 0.5], [0, 0.5]])
SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0.5, 0], [1, 0.5], [0.5, 1], [0, 0.5], [0.5, 0.5]])
RINGS = [TIP, TIP + MOUTH_FIRST, TIP + MOUTH_LAST, TIP + MOUTH_FIRST + MOUTH_LAST]
KINDS = [T6, Q9, *RINGS]
INSIDE = np.random.default_rng(5).dirichlet([1.0, 1, 1], 20)[:, 1:]


def nodes(kind):
    return TRIANGLE if kind == T6 else SQUARE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("function", [shape.geometry, shape.opening])
def test_each_function_is_one_at_its_own_node_and_zero_at_the_others(kind, function):
    st = nodes(kind)
    value = function(kind, st[:, 0], st[:, 1])[0]
    assert value[:, : len(st)] == pytest.approx(np.eye(len(st)), abs=1e-14)
    assert not value[:, len(st) :].any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("function", [shape.geometry, shape.opening])
def test_functions_add_up_to_one_and_slopes_to_zero(kind, function):
    value, ds, dt = function(kind, INSIDE[:, 0], INSIDE[:, 1])
    assert value.sum(axis=1) == pytest.approx(1.0)
    assert ds.sum(axis=1) == pytest.approx(0.0, abs=1e-12) and dt.sum(axis=1) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("function", [shape.geometry, shape.opening])
def test_slopes_are_those_of_the_functions(kind, function):
    s, t = INSIDE.T
    _, ds, dt = function(kind, s, t)
    step = 1e-6
    assert ds == pytest.approx((function(kind, s + step, t)[0] - function(kind, s - step, t)[0]) / (2 * step), abs=1e-7)
    assert dt == pytest.approx((function(kind, s, t + step)[0] - function(kind, s, t - step)[0]) / (2 * step), abs=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_geometry_holds_every_polynomial_of_degree_two(kind):
    st = nodes(kind)
    value = shape.geometry(kind, INSIDE[:, 0], INSIDE[:, 1])[0][:, : len(st)]
    for p in range(3):
        for q in range(3 if kind != T6 else 3 - p):
            assert value @ (st[:, 0] ** p * st[:, 1] ** q) == pytest.approx(INSIDE[:, 0] ** p * INSIDE[:, 1] ** q)


@pytest.mark.parametrize("kind", RINGS)
def test_opening_of_a_ring_holds_the_root_and_its_cube_and_on_a_mouth_the_quadratic(kind):
    """In t = sqrt(r / h): t and t^3 on a side inside the body, t and t^2 on one that lies on a mouth."""
    t = np.linspace(0, 1, 7)
    mouths = {0.0: bool((kind - TIP) & MOUTH_FIRST), 0.5: False, 1.0: bool((kind - TIP) & MOUTH_LAST)}
    for s, mouth in mouths.items():
        value = shape.opening(kind, np.full(7, s), t)[0]
        for power in (1, 2 if mouth else 3):
            assert value @ SQUARE[:, 1] ** power == pytest.approx(t**power, abs=1e-13)


@pytest.mark.parametrize("function", [shape.geometry, shape.opening, lambda *a: (hats(*a),)])
@pytest.mark.parametrize("kind", KINDS)
def test_points_may_come_in_an_array_of_any_shape(kind, function):
    s, t = INSIDE.T
    for one, other in zip(function(kind, s.reshape(2, 5, 2), t.reshape(2, 5, 2)), function(kind, s, t)):
        assert one == pytest.approx(other.reshape(2, 5, 2, 9), abs=1e-14)
    for one, other in zip(function(kind, s[3], t[3]), function(kind, s, t)):
        assert one == pytest.approx(other[3], abs=1e-14)


def test_opening_away_from_a_front_has_the_functions_of_the_geometry():
    for kind in (T6, Q9):
        for one, other in zip(shape.opening(kind, *INSIDE.T), shape.geometry(kind, *INSIDE.T)):
            assert np.array_equal(one, other)


@pytest.mark.parametrize("kind", [T6, Q9, TIP])
def test_hats_are_one_at_their_node_never_negative_and_add_up_to_one(kind):
    st = nodes(kind)
    assert hats(kind, st[:, 0], st[:, 1])[:, : len(st)] == pytest.approx(np.eye(len(st)), abs=1e-14)
    value = hats(kind, *INSIDE.T)
    assert value.shape == (20, 9) and value.min() >= 0 and value.max() <= 1
    assert value.sum(axis=1) == pytest.approx(1.0)
    assert not value[:, len(st) :].any()


@pytest.mark.parametrize("kind", [T6, Q9])
def test_hats_hold_every_linear_function(kind):
    st = nodes(kind)
    assert hats(kind, *INSIDE.T)[:, : len(st)] @ st == pytest.approx(INSIDE)
