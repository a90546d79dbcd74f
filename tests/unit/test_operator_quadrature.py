"""Rules for single elements and for pairs: degrees of exactness, and integrals over touching triangles."""

from __future__ import annotations

from itertools import product as combinations
from math import factorial

import numpy as np
import pytest

from deadlight.operator import quadrature as rules
from deadlight.surface.mesh import Q9, T6, TIP


def triangle_integral(p, q, r=0):
    """int L1^p L2^q L3^r over the reference triangle."""
    return factorial(p) * factorial(q) * factorial(r) / factorial(p + q + r + 2)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_gauss_points_are_exact_to_twice_their_number_less_one(n):
    x, w = rules.gauss(n)
    for power in range(2 * n):
        assert w @ x**power == pytest.approx(1 / (power + 1), rel=1e-13)
    assert w @ x ** (2 * n) != pytest.approx(1 / (2 * n + 1), rel=1e-9)


def test_square_rule_is_exact_in_either_direction_to_twice_its_number_less_one():
    st, w = rules.square(3)
    for p, q in combinations(range(6), repeat=2):
        assert w @ (st[:, 0] ** p * st[:, 1] ** q) == pytest.approx(1 / ((p + 1) * (q + 1)))


@pytest.mark.parametrize("degree", [2, 4, 6, 8])
def test_symmetric_triangle_rules_do_not_know_the_order_of_the_corners(degree):
    st, w = rules.triangle(degree)
    b = np.column_stack([1 - st.sum(axis=1), st])
    assert (b > 0).all() and (w > 0).all() and w.sum() == pytest.approx(0.5, rel=1e-14)
    assert len(w) == {2: 3, 4: 6, 6: 12, 8: 16}[degree]  # Dunavant 1985, table I

    def listed(order):
        return np.array(sorted(np.round(np.column_stack([b[:, order], w]), 11).tolist()))

    for order in ([1, 0, 2], [1, 2, 0]):
        assert listed(order) == pytest.approx(listed([0, 1, 2]), abs=1e-10)


@pytest.mark.parametrize("degree", [3, 10, 12, 16])
def test_collapsed_triangle_rules_are_exact_to_their_degree(degree):
    st, w = rules.triangle(degree)
    for p in range(degree):
        for q in (0, degree - 1 - p):
            assert w @ (st[:, 0] ** p * st[:, 1] ** q) == pytest.approx(triangle_integral(p, q))


@pytest.mark.parametrize("level", range(5))
def test_every_level_of_an_element_rule_is_exact_to_its_degree(level):
    st, w = rules.element(T6, level)
    degree = (2, 4, 8, 12, 16)[level]
    assert w @ st[:, 0] ** degree == pytest.approx(triangle_integral(degree, 0))
    assert w @ (st[:, 0] * st[:, 1] ** (degree - 1)) == pytest.approx(triangle_integral(1, degree - 1))
    for kind in (Q9, TIP, TIP + 1):
        st, w = rules.element(kind, level)
        assert len(w) == (9, 16, 36, 64, 100)[level] and w.sum() == pytest.approx(1.0)
        assert w @ st[:, 1] ** 5 == pytest.approx(1 / 6)


def test_product_rule_is_one_rule_after_the_other():
    rule = rules.product(rules.triangle(4), rules.triangle(2))
    assert len(rule.weight) == 6 * 3
    assert rule.weight @ (rule.first[:, 0] ** 3 * rule.first[:, 1] * rule.second[:, 2] ** 2) == pytest.approx(
        triangle_integral(3, 1) * triangle_integral(2, 0)
    )
    assert rule.first.sum(axis=1) == pytest.approx(1.0) and rule.second.sum(axis=1) == pytest.approx(1.0)
    assert np.array_equal(rule.apart, rule.first - rule.second)


@pytest.mark.parametrize("common", [1, 2, 3])
def test_touching_rule_is_exact_for_polynomials_of_both_places(common):
    """Relative coordinates only cut the two triangles into parts: products of powers keep their integrals."""
    rule = rules.touching(common, (5, 5, 5, 5))
    assert rule.weight.min() > 0 and rule.weight.sum() == pytest.approx(0.25)
    assert rule.first.min() > 0 and rule.second.min() > 0
    assert rule.first.sum(axis=1) == pytest.approx(1.0) and rule.second.sum(axis=1) == pytest.approx(1.0)
    for a in combinations(range(3), repeat=3):
        for b in ((0, 0, 0), (1, 0, 2), (0, 1, 1), (2, 1, 0)):
            if sum(a) + sum(b) <= 5:
                value = (rule.first ** np.array(a)).prod(axis=1) * (rule.second ** np.array(b)).prod(axis=1)
                assert rule.weight @ value == pytest.approx(triangle_integral(*a) * triangle_integral(*b)), (a, b)


@pytest.mark.parametrize("common", [1, 2, 3])
def test_touching_rule_counts_both_triangles_alike(common):
    """Who is first is a matter of counting: exchanged, with corners in common first, the integral of 1/R stays."""
    base = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    other = {1: [[0.0, 0, 0], [-1, 0, 0], [0, -1, 0]], 2: [[0.0, 0, 0], [1, 0, 0], [1, -1, 0]], 3: base}[common]
    rule = rules.touching(common, (7, 7, 7, 7))
    one = np.linalg.norm(rule.first @ base - rule.second @ np.array(other), axis=1)
    two = np.linalg.norm(rule.second @ base - rule.first @ np.array(other), axis=1)
    assert rule.weight @ (1 / one) == pytest.approx(rule.weight @ (1 / two), rel=2e-4)


@pytest.mark.parametrize("common", [1, 2, 3])
def test_difference_of_both_places_comes_without_cancellation(common):
    rule = rules.touching(common, (4, 3, 4, 5))
    assert len(rule.weight) == {1: 2, 2: 5, 3: 6}[common] * 4 * 3 * 4 * 5
    assert rule.apart == pytest.approx(rule.first - rule.second, abs=1e-14)


def test_integral_of_one_over_r_over_one_triangle_is_the_closed_form():
    """int int 1/R over an equilateral triangle of side 1 with itself: by the potential of a flat triangle at its own
    points (Wilton et al. 1984), 3 sides of p asinh each, integrated by a rule of degree 16."""
    corner = np.array([[0.0, 0], [1, 0], [0.5, np.sqrt(0.75)]])
    rule = rules.touching(3, (8, 8, 8, 8))
    found = rule.weight @ (1 / np.linalg.norm(rule.apart @ corner, axis=1))
    st, w = rules.triangle(40)
    place = np.column_stack([1 - st.sum(axis=1), st]) @ corner
    potential = np.zeros(len(w))
    for a, b in ((0, 1), (1, 2), (2, 0)):
        along = corner[b] - corner[a]  # of length 1
        ahead, behind = (corner[b] - place) @ along, (corner[a] - place) @ along
        off = np.abs((place - corner[a]) @ [-along[1], along[0]])
        potential += off * (np.arcsinh(ahead / off) - np.arcsinh(behind / off))
    jacobian = np.sqrt(0.75)
    assert found * jacobian == pytest.approx(w @ potential, rel=1e-5)
