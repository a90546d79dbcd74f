"""Run and arrest of a through crack whose K is a formula: where it stops is known by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.crack.growth import FAR_SIDE, INNER, OUTER, Walk, rest, walk
from deadlight.crack.skin_contact import Opening

STEP = 1e-3
LENGTH = 0.8
Ratio = Callable[[float, float, np.ndarray], list[np.ndarray]]


class Formula:
    """K/K_Ic (rim side, centre side) as a function of both depths and the instant."""

    def __init__(self, ratio: Ratio, count: int, outer: float, inner: float, free: bool = True) -> None:
        self.ratio = ratio
        self.line = SimpleNamespace(outer=outer, inner=inner, length=LENGTH, rim=SimpleNamespace(free=free))
        self.section = SimpleNamespace(membrane=np.zeros((count, 3)))

    def opening(self, outer: float, inner: float, instants: np.ndarray) -> Opening:
        k = np.stack([r + 0.0 * instants for r in self.ratio(outer, inner, instants)], axis=1)
        row = np.full(len(instants), inner - outer)
        return Opening(k, 0.5 * k, row, row, row + instants, k, k)

    def profile(self, outer: float, inner: float, instants: np.ndarray, plane: Opening) -> SimpleNamespace:
        return SimpleNamespace(front_max=2.0 * plane.membrane)

    def tip_temperature(self, outer: float, inner: float, instants: np.ndarray) -> np.ndarray:
        return np.stack([300.0 + outer + 0.0 * instants, 300.0 + inner + instants], axis=1)


def toughness(temperature: np.ndarray) -> np.ndarray:
    return np.full(np.shape(temperature), 2.0)


def grown(ratio: Ratio, count: int = 8, outer: float = 0.2, inner: float = 0.3, free: bool = True) -> Walk:
    return walk(Formula(ratio, count, outer, inner, free), toughness, step=STEP)  # type: ignore[arg-type]


def inward(load: Callable[[np.ndarray], np.ndarray], arrest: float = 0.3) -> Ratio:
    """Only the inner tip: critical until it is `arrest` deep times the load."""
    return lambda outer, inner, i: [0.0 * i, load(i) * arrest / inner]


def test_a_crack_below_its_toughness_rests_with_its_history() -> None:
    found = grown(inward(lambda i: 0.1 * i), count=9)
    assert not found.runs and found.reached_rim is None and found.split is None
    assert (found.outer == 0.2).all() and (found.inner == 0.3).all()
    np.testing.assert_allclose(found.ratio[:, INNER], 0.1 * np.arange(9))
    np.testing.assert_allclose(found.before, found.ratio)
    np.testing.assert_allclose(found.membrane[:, INNER], 0.1 * np.arange(9))
    np.testing.assert_allclose(found.bending[:, INNER], 0.05 * np.arange(9))
    np.testing.assert_allclose(found.area, 0.1 + np.arange(9))
    np.testing.assert_allclose(found.temperature, [[300.2, 300.3 + i] for i in range(9)])


def test_a_tip_stops_within_a_step_of_where_its_k_is_critical() -> None:
    """K falls as 1/depth: under a load of 1.5 from instant 2 on it arrests 0.45 deep, under 1.8 at 0.54, never back.

    Long strides are taken back: the overshoot is no more than the shortest, 1 % of the crack's length.
    """
    load = np.array([0.5, 0.9, 1.5, 1.5, 1.2, 1.8, 0.3, 0.3])
    found = grown(inward(lambda i: load[i]))
    short = 0.01 * (0.54 - 0.2)
    assert (found.inner[:2] == 0.3).all()
    assert 0.45 < found.inner[2] <= 0.45 + short and (found.inner[2:5] == found.inner[2]).all()
    assert 0.54 < found.inner[5] <= 0.54 + short and (found.inner[5:] == found.inner[5]).all()
    assert [(run.instant, run.tip) for run in found.runs] == [(2, INNER), (5, INNER)]
    assert found.runs[0].start == 0.3 and found.runs[0].stop == found.inner[2] == found.runs[1].start
    assert found.runs[0].ratio == pytest.approx(1.5) and found.before[2, INNER] == pytest.approx(1.5)
    assert found.runs[1].ratio == pytest.approx(1.8 * 0.3 / found.inner[2])
    np.testing.assert_allclose(found.ratio[:, INNER], load * 0.3 / found.inner)
    assert (found.ratio < 1.0).all() and (found.outer == 0.2).all()
    np.testing.assert_allclose(found.temperature[:, INNER], 300.0 + found.inner + np.arange(8))
    np.testing.assert_allclose(found.area, found.inner - found.outer + np.arange(8))
    assert found.runs[0].steps < 30  # strides double: not one step after the other


def test_exactly_critical_grows() -> None:
    found = grown(inward(lambda i: np.where(i == 1, 1.0, 0.5)))
    assert [run.instant for run in found.runs] == [1] and found.runs[0].steps == 1
    assert found.inner[1] == pytest.approx(0.3 + max(STEP, 0.01 * 0.1))


def test_the_more_critical_tip_moves_first() -> None:
    """Both over: the rim-side tip, with the larger K, relieves the other one at once."""
    found = grown(
        lambda o, i, n: [np.where(n == 3, 1.3, 0.0) * (o / 0.2) ** 4, np.where(n == 3, 1.2, 0.0) * (o / 0.2) ** 9]
    )
    assert [run.tip for run in found.runs] == [OUTER] and (found.inner == 0.3).all()
    assert found.outer[3] == pytest.approx(0.2 * 1.3**-0.25, abs=2e-3)
    assert found.runs[0].ratio == pytest.approx(1.3)


def test_a_rim_side_tip_that_never_arrests_reaches_the_rim_and_is_no_more() -> None:
    found = grown(lambda o, i, n: [np.where(n >= 2, 1.5, 0.5), 0.4 + 0.0 * n])
    assert found.reached_rim == 2 and (found.outer[:2] == 0.2).all() and (found.outer[2:] == 0.0).all()
    assert np.isnan(found.ratio[2:, OUTER]).all() and np.isnan(found.membrane[2:, OUTER]).all()
    np.testing.assert_allclose(found.ratio[2:, INNER], 0.4)
    assert np.isnan(found.temperature[2:, OUTER]).all() and np.isfinite(found.temperature[:, INNER]).all()
    assert found.runs[0].stop == 0.0 and (found.inner == 0.3).all()


@pytest.mark.parametrize("left", [0.5e-3, 0.9e-3])
def test_a_ligament_of_less_than_a_step_breaks(left: float) -> None:
    found = grown(lambda o, i, n: [np.where(o > 0.2 - 1e-9, 1.1, 0.5) + 0.0 * n, 0.0 * n], outer=0.2)
    assert found.reached_rim is None and len(found.runs) == 1
    near = grown(lambda o, i, n: [1.1 + 0.0 * n, 0.0 * n], outer=left, inner=left + 0.05)
    assert near.reached_rim == 0 and near.runs[0].steps == 1


def test_a_long_stride_does_not_jump_over_an_arrest_next_to_the_rim() -> None:
    """Critical down to 1.5 mm, steps of 1 mm, the second one doubled: it would end 0.2 mm from the rim and break it."""
    found = grown(lambda o, i, n: [np.where(o > 1.5e-3, 1.1, 0.5) + 0.0 * n, 0.0 * n], outer=3.2e-3, inner=0.0532)
    assert found.reached_rim is None and STEP <= found.outer[-1] <= 1.5e-3


def test_a_crack_off_the_rim_s_normal_is_given_up_at_the_rim() -> None:
    found = grown(lambda o, i, n: [np.where(n >= 2, 1.5, 0.5), 0.4 + 0.0 * n], free=False)
    assert found.reached_rim == 2 and (found.outer[2:] == 0.0).all()
    assert np.isnan(found.ratio[2:]).all() and np.isnan(found.before[3:]).all()
    np.testing.assert_allclose(found.ratio[:2], [[0.5, 0.4]] * 2)


def test_a_tip_that_never_arrests_crosses_the_pane() -> None:
    found = grown(inward(lambda i: np.where(i >= 4, 9.0, 0.5)))
    assert found.split == 4 and (found.inner[4:] == LENGTH).all() and (found.inner[:4] == 0.3).all()
    assert np.isnan(found.ratio[4:]).all() and found.before[4, INNER] == pytest.approx(9.0)


@pytest.mark.parametrize(
    ("arrest", "crosses"), [((1.0 - FAR_SIDE) * LENGTH - 0.03, False), ((1.0 - FAR_SIDE) * LENGTH + 0.01, True)]
)
def test_a_tip_that_arrests_near_the_far_rim_has_crossed_it(arrest: float, crosses: bool) -> None:
    """Within 5 % of the chord; before that a long stride over the end is taken back and made short."""
    found = grown(inward(lambda i: np.where(i == 4, 1.0, 0.0), arrest))
    assert (found.split is not None) == crosses
    if not crosses:
        assert found.inner[-1] == pytest.approx(arrest, abs=0.01)


def test_a_crack_that_is_not_followed_keeps_its_size_and_its_k() -> None:
    problem = Formula(lambda o, i, n: [1.0 + n, 3.0 - 0.1 * n], 5, 0.2, 0.3)
    found = rest(problem, toughness)  # type: ignore[arg-type]
    assert not found.runs and (found.outer == 0.2).all() and (found.inner == 0.3).all()
    np.testing.assert_allclose(found.ratio, [[1.0 + n, 3.0 - 0.1 * n] for n in range(5)])
    np.testing.assert_allclose(found.bending, 0.5 * found.membrane)
    problem.line.outer = 0.0
    edge = rest(problem, toughness)  # type: ignore[arg-type]
    for each in (edge.ratio, edge.membrane, edge.bending, edge.temperature):
        assert np.isnan(each[:, OUTER]).all() and np.isfinite(each[:, INNER]).all()
    assert math.isclose(edge.ratio[2, INNER], 2.8)
