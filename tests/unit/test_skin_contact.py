"""Contact of a crack's skins against all active sets tried one after the other, and what K of a front is."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from deadlight.crack import skin_contact
from deadlight.crack.disc import line_crack
from deadlight.crack.rim_kernel import Rim
from deadlight.crack.skin_contact import Opening, complementary, opened
from deadlight.errors import NotSolved

SHEET = line_crack(1.0, 3.0, rim=Rim(free=False), thickness=0.5, nu=0.2, order=12)


def enumerated(matrix: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The one set of points in contact with f >= 0 and gap >= 0."""
    for shut in itertools.product((False, True), repeat=len(free)):
        at, force = np.array(shut), np.zeros(len(free))
        if at.any():
            force[at] = np.linalg.solve(matrix[np.ix_(at, at)], -free[at])
        if (force >= -1e-12).all() and (free + matrix @ force >= -1e-12).all():
            return force
    raise AssertionError("no active set")


def problems() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    root = rng.normal(size=(6, 6))
    return root @ root.T + 0.5 * np.eye(6), rng.normal(size=(12, 6))


def test_the_forces_are_those_of_the_one_active_set_that_fits() -> None:
    matrix, free = problems()
    found = complementary(matrix, free)
    for force, gap in zip(found, free):
        np.testing.assert_allclose(force, enumerated(matrix, gap), atol=1e-9)


def test_an_instant_whose_active_set_cycles_is_solved_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever instants the kernel gives up: least squares find the same forces, the others are left alone."""
    matrix, free = problems()
    expected = np.array([enumerated(matrix, gap) for gap in free])
    gave_up = np.arange(len(free)) % 3 != 1

    def kernel(*_: object) -> tuple[np.ndarray, np.ndarray]:
        return np.where(gave_up[:, None], 7.0, expected), ~gave_up

    monkeypatch.setattr(skin_contact._skins, "complementary", kernel)
    np.testing.assert_allclose(complementary(matrix, free), expected, atol=1e-9)


def test_contact_that_is_not_solved_is_said_with_its_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any force the faces overlap in full at the second instant, by 1e-7 of the opening at the first."""
    free = np.array([[1.0, -1e-7], [0.5, -2.0]])
    monkeypatch.setattr(skin_contact._skins, "complementary", lambda *_: (np.zeros((2, 2)), np.zeros(2, dtype=bool)))
    monkeypatch.setattr(skin_contact, "nnls", lambda *_: (np.zeros(2), 0.0))
    with pytest.raises(NotSolved, match=r"at 1 of 2 instants: a gap of -1 of the largest is left at instant 1"):
        complementary(np.eye(2), free)
    first = np.stack([free[0], free[0]])
    assert not complementary(np.eye(2), first).any()  # rounding is no failure


def test_bending_alone_on_a_long_crack_shuts_one_skin_and_lifts_the_other() -> None:
    """Turned over everything is mirrored; the pressure acts where it is shut only, and no skin overlaps."""
    zero, one = np.zeros((1, len(SHEET.depth))), np.ones((1, len(SHEET.depth)))
    up, down = opened(SHEET, zero, one), opened(SHEET, zero, -one)
    assert up.closed_minus[0] == pytest.approx(1.0) and up.closed_plus[0] == 0.0
    assert (up.closed_minus[0], up.closed_plus[0]) == (down.closed_plus[0], down.closed_minus[0])
    np.testing.assert_allclose(up.pressure_minus, down.pressure_plus, rtol=1e-12)
    np.testing.assert_allclose(up.bending, -down.bending, rtol=1e-12)
    np.testing.assert_allclose(up.membrane, down.membrane, rtol=1e-12)
    # the line force does no work: the skin in contact is shut, so K vanishes on it
    np.testing.assert_allclose(up.membrane, up.bending, rtol=1e-6)
    tilt = SHEET.bending.gap.sum(axis=1)
    tilt = tilt - 3.0 * SHEET.bending.gap_force @ (up.pressure_minus[0] * SHEET.contact_weight)
    assert up.area[0] == pytest.approx(tilt @ SHEET.contact_weight, rel=1e-6) and up.area[0] > 0.1
    free = opened(SHEET, zero, one, contact=False)
    assert not free.membrane.any() and (free.bending > up.bending).all()


@pytest.mark.parametrize("pressure", [4.0, 4e8])
def test_pressure_all_over_carries_itself(pressure: float) -> None:
    """A crack pressed shut evenly: each skin half of the pressure, no K, no slit, all of it shut."""
    shut = opened(SHEET, np.full((1, len(SHEET.depth)), -pressure), np.zeros((1, len(SHEET.depth))))
    np.testing.assert_allclose(shut.pressure_plus + shut.pressure_minus, pressure, rtol=1e-6)
    assert not shut.membrane.any() and not shut.bending.any()  # no rounding either: K of 0 is told by its sign
    assert shut.area[0] == pytest.approx(0.0, abs=1e-6 * pressure)
    assert shut.closed_plus[0] + shut.closed_minus[0] >= 1.0 - 1e-9


def test_the_slit_of_a_sheet_in_tension_is_an_ellipse() -> None:
    """Opening 4 s sqrt(c^2 - x^2)/E: area 2 pi c^2 s/E, K = s sqrt(pi c) at both tips, none of it bending."""
    found = opened(SHEET, np.full((1, len(SHEET.depth)), 3.0), np.zeros((1, len(SHEET.depth))))
    assert found.area[0] == pytest.approx(6.0 * math.pi, rel=1e-9)
    np.testing.assert_allclose(found.membrane, 3.0 * math.sqrt(math.pi), rtol=1e-9)
    assert not found.bending.any() and not found.pressure_plus.any() and not found.closed_plus.any()


def test_largest_and_mean_k_of_a_front_that_bends() -> None:
    """max of K_m + zeta K_b is K_m + |K_b|; its mean square K_m^2 + K_b^2/3; a front that is shut has none."""
    rows = np.zeros(2)
    front = Opening(
        np.array([[3.0, 0.5], [-1.0, -5.0]]), np.array([[-3.0, 0.0], [4.0, 1.0]]), rows, rows, rows, rows, rows
    )
    assert front.front_max.tolist() == [[6.0, 0.5], [3.0, 0.0]]
    assert front.front_energy[0] == pytest.approx([math.sqrt(12.0), 0.5]) and not front.front_energy[1].any()
