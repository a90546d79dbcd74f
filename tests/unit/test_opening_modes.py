"""Opening modes of a straight crack: their finite parts by brute force, their tips and their quadrature by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import eval_chebyu, eval_legendre

from deadlight.crack.opening_modes import ModeBasis, edge_modes, interior_modes

ORDER = 6


def interior(mode: int, outer: float, inner: float) -> Callable[[np.ndarray], np.ndarray]:
    """sqrt(1 - s^2) U_(mode)(s), s from -1 at the rim-side tip to 1 at the other."""

    def value(x: np.ndarray) -> np.ndarray:
        s = (2.0 * x - outer - inner) / (inner - outer)
        return np.asarray(np.sqrt(np.maximum(1.0 - s * s, 0.0)) * eval_chebyu(mode, s))

    return value


def edge(mode: int, inner: float) -> Callable[[np.ndarray], np.ndarray]:
    """P_(2 mode + 1)(sqrt(1 - x/inner)): open at the rim."""
    return lambda x: np.asarray(eval_legendre(2 * mode + 1, np.sqrt(np.maximum(1.0 - x / inner, 0.0))))


def finite_part(f: Callable[[np.ndarray], np.ndarray], at: float, outer: float, inner: float) -> float:
    """fp int f/(x - at)^2: value and slope at the point taken out and integrated in closed form.

    Square roots at both ends are made smooth by x = middle - half cos(turn).
    """
    step = 1e-4 * min(at - outer, inner - at)
    value, slope = float(f(np.array(at))), float(f(np.array(at + step)) - f(np.array(at - step))) / (2.0 * step)
    half, middle = 0.5 * (inner - outer), 0.5 * (inner + outer)
    split = math.acos((middle - at) / half)
    total = 0.0
    for low, high in ((0.0, split), (split, math.pi)):
        node, weight = np.polynomial.legendre.leggauss(60)
        turn = 0.5 * (low + high) + 0.5 * (high - low) * node
        x = middle - half * np.cos(turn)
        rest = (f(x) - value - slope * (x - at)) / (x - at) ** 2
        total += float(0.5 * (high - low) * (weight * half * np.sin(turn)) @ rest)
    return total - value * (1.0 / (at - outer) + 1.0 / (inner - at)) + slope * math.log((inner - at) / (at - outer))


def check(basis: ModeBasis, modes: list[Callable[[np.ndarray], np.ndarray]], outer: float, inner: float) -> None:
    for n, mode in enumerate(modes):
        np.testing.assert_allclose(basis.modes[:, n], mode(basis.depth), atol=1e-12)
        np.testing.assert_allclose(basis.contact_modes[:, n], mode(basis.contact_depth), atol=1e-12)
        np.testing.assert_allclose(basis.quad_modes[:, n], mode(basis.quad_depth), atol=1e-6)
        for point in range(2, len(basis.depth) - 2, 3):
            expected = -finite_part(mode, float(basis.depth[point]), outer, inner)
            assert basis.singular[point, n] == pytest.approx(expected, rel=2e-4, abs=2e-4)


def test_modes_of_a_crack_with_two_tips_and_their_finite_parts() -> None:
    basis = interior_modes(1.0, 4.0, ORDER, 4)
    assert (basis.outer, basis.inner) == (1.0, 4.0) and basis.modes.shape == (2 * ORDER, ORDER)
    check(basis, [interior(n, 1.0, 4.0) for n in range(ORDER)], 1.0, 4.0)


def test_modes_of_a_crack_from_the_rim_and_their_finite_parts() -> None:
    basis = edge_modes(3.0, ORDER, 4)
    assert (basis.outer, basis.inner) == (0.0, 3.0) and basis.modes.shape == (2 * ORDER, ORDER)
    check(basis, [edge(n, 3.0) for n in range(ORDER)], 0.0, 3.0)


def test_k_of_a_mode_is_the_root_of_its_opening_at_the_tip() -> None:
    """Opening (8/E) K sqrt(r/(2 pi)) at a distance r from a tip, E = 1; no tip where the crack is open at the rim."""
    root = math.sqrt(2.0 * math.pi) / 8.0
    r = 1e-8
    inside, rim = interior_modes(1.0, 4.0, ORDER, 4), edge_modes(3.0, ORDER, 4)
    for n in range(ORDER):
        for tip, at in enumerate((1.0 + r, 4.0 - r)):
            expected = root * float(interior(n, 1.0, 4.0)(np.array(at))) / math.sqrt(r)
            assert inside.tip[tip, n] == pytest.approx(expected, rel=1e-4)
        assert rim.tip[1, n] == pytest.approx(root * float(edge(n, 3.0)(np.array(3.0 - r))) / math.sqrt(r), rel=1e-4)
    assert not rim.tip[0].any()


@pytest.mark.parametrize(("basis", "outer", "inner"), [
    (interior_modes(0.5, 2.5, 8, 4), 0.5, 2.5), (edge_modes(2.0, 8, 4), 0.0, 2.0),
])  # fmt: skip
def test_the_rules_integrate_what_they_are_made_for(basis: ModeBasis, outer: float, inner: float) -> None:
    """Tractions x modes, and anything smooth over the graded panels; contact points share out the crack's length."""
    s = (2.0 * basis.quad_depth - outer - inner) / (inner - outer)
    for power in range(4):
        exact = 0.5 * (inner - outer) * (1.0 - (-1.0) ** (power + 1)) / (power + 1)
        assert basis.quad_weight @ s**power == pytest.approx(exact, rel=1e-9, abs=1e-9)
    first = basis.modes[:, 0]
    area = 0.25 * math.pi * (inner - outer) if outer else 2.0 / 3.0 * inner  # half ellipse, or the root's integral
    assert basis.weight @ first == pytest.approx(area, rel=1e-9)
    assert basis.contact_weight @ basis.contact_modes[:, 0] == pytest.approx(area, rel=1e-9)
    assert (np.diff(np.sort(basis.quad_depth)) > 0.0).all() and (basis.quad_weight > 0.0).all()


@pytest.mark.parametrize("share", [0.9, 0.1, 1e-2, 1e-4])
def test_panels_follow_the_image_s_peak_to_a_rim_however_near(share: float) -> None:
    """int 1/(x + p)^2 of the first mode, p the ligament, by x = outer + 2 half sin^2: to 1e-6 with a tip at it."""
    outer, half = share, 1.0
    basis = interior_modes(outer, outer + 2.0 * half, 8, 4)
    node, weight = np.polynomial.legendre.leggauss(24)
    edges = np.concatenate([[0.0], np.geomspace(1e-6, 0.5 * math.pi, 60)])
    width = np.diff(edges)[:, None]
    turn = (edges[:-1, None] + 0.5 * width * (node + 1.0)).ravel()
    along = (0.5 * width * weight).ravel() * 4.0 * half * np.sin(turn) * np.cos(turn)
    x = outer + 2.0 * half * np.sin(turn) ** 2
    exact = float(along @ (np.sin(2.0 * turn) / (x + outer) ** 2))
    found = float((basis.quad_weight / (basis.quad_depth + outer) ** 2) @ basis.quad_modes[:, 0])
    assert found == pytest.approx(exact, rel=1e-6)


def test_more_layers_or_unknowns_bring_more_panels() -> None:
    """Eight points a panel: at least four panels, a quarter (rim: a third) of the unknowns, or what is asked for."""
    count = {(n, k): len(interior_modes(2.0, 4.0, n, k).quad_depth) // 8 for n, k in ((8, 0), (24, 0), (8, 9))}
    grading = count[8, 0] - 4
    assert grading > 0 and count == {(8, 0): 4 + grading, (24, 0): 6 + grading, (8, 9): 9 + grading}
    rim = {(n, k): len(edge_modes(2.0, n, k).quad_depth) // 8 for n, k in ((8, 0), (8, 9))}
    assert rim[8, 9] - rim[8, 0] == 5
    third = [len(edge_modes(2.0, 24, k).quad_depth) // 8 for k in (0, 8, 9)]
    assert third == [third[0], third[0], third[0] + 1]
