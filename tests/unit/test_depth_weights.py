"""Weight functions over the depth: their moments are the references they are made from, their form is its own limit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deadlight.crack.newman_raju import PlateCrack, corner_k, surface_k
from deadlight.crack.weight_function import SURFACE_ANGLE, deepest_rule, surface_rule

CRACKS = [PlateCrack(2.0, 4.0, 5.0), PlateCrack(2.0, 1.0, 8.0), PlateCrack(1.0, 4.0, 100.0)]


@pytest.mark.parametrize("crack", CRACKS)
def test_a_corner_crack_s_rules_give_back_tension_and_bending(crack: PlateCrack) -> None:
    """Nothing is corrected there: the plate equations 10 degrees off both faces, exactly."""
    for rule, phi in (
        (deepest_rule(crack, "corner"), 0.5 * math.pi - SURFACE_ANGLE),
        (surface_rule(crack, "corner"), SURFACE_ANGLE),
    ):
        tension, bending = corner_k(crack, phi)
        assert rule.row.sum() == pytest.approx(tension, rel=1e-10)
        assert rule.row @ (1.0 - 2.0 * rule.x / crack.t) == pytest.approx(bending, rel=1e-9)


@pytest.mark.parametrize(("crack", "x"), list(zip(CRACKS, (0.5, 1.0, 0.25))))
def test_a_surface_crack_s_rules_keep_tension_and_correct_the_linear_part(crack: PlateCrack, x: float) -> None:
    """Linear over the depth: the equation's times 0.998 + 0.0295 (x + x^2) - 0.08 a/t, 0.54 + 0.285 x + a/4t."""
    r = crack.a / crack.t
    for rule, phi, factor in (
        (deepest_rule(crack), 0.5 * math.pi, 0.998 + 0.0295 * (x + x * x) - 0.08 * r),
        (surface_rule(crack), SURFACE_ANGLE, 0.54 + 0.285 * x + 0.25 * r),
    ):
        tension, bending = surface_k(crack, phi)
        assert rule.row.sum() == pytest.approx(tension, rel=1e-10)
        assert rule.row @ (rule.x / crack.a) == pytest.approx(factor * (tension - bending) / (2.0 * r), rel=1e-9)


@pytest.mark.parametrize("kind", ["surface", "corner"])
@pytest.mark.parametrize("crack", CRACKS)
def test_the_rules_have_the_form_of_shen_and_glinka(crack: PlateCrack, kind: str) -> None:
    """Any stress: three moments of m = 2/sqrt(2 pi (a - x)) [1 + M1 y^(1/2) + 3 y + M3 y^(3/2)] fix the fourth."""
    deep = deepest_rule(crack, kind)  # type: ignore[arg-type]
    a = crack.a
    y = 1.0 - deep.x / a
    scale = 2.0 * a / math.sqrt(2.0 * math.pi * a)
    # int y^(p - 1/2) (1 + M1 y^(1/2) + 3 y + M3 y^(3/2)) dy
    moments = np.array([deep.row @ y**p for p in range(4)]) / scale
    known = [1.0 / (p + 0.5) + 3.0 / (p + 1.5) for p in range(4)]
    matrix = [[1.0 / (p + 1.0), 1.0 / (p + 2.0)] for p in range(4)]
    constants = np.linalg.solve(matrix[:2], moments[:2] - known[:2])
    np.testing.assert_allclose(moments[2:], known[2:] + np.array(matrix[2:]) @ constants, rtol=1e-9)
    face = surface_rule(crack, kind)  # type: ignore[arg-type]
    y = face.x / a
    moments = np.array([face.row @ y**p for p in range(5)]) / (2.0 * a / math.sqrt(math.pi * a))
    matrix = [[1.0 / (p + 1.0), 1.0 / (p + 1.5), 1.0 / (p + 2.0)] for p in range(5)]
    known = [1.0 / (p + 0.5) for p in range(5)]
    constants = np.linalg.solve(matrix[:3], moments[:3] - known[:3])
    assert constants.sum() == pytest.approx(-1.0, rel=1e-6)  # no weight at the far end of the depth
    np.testing.assert_allclose(moments[3:], known[3:] + np.array(matrix[3:]) @ constants, rtol=1e-8)


def test_the_linear_share_of_the_half_space() -> None:
    """Deepest point, hypersingular solutions at a/c 0.6 and 1: 0.663 and 0.708 of uniform."""
    for x, share in ((0.6, 0.663), (1.0, 0.708)):
        rule = deepest_rule(PlateCrack(1.0, 1.0 / x, 1e4))
        assert rule.row @ rule.x / rule.row.sum() == pytest.approx(share, rel=5e-3)


def test_sizes_times_s_raise_k_by_the_root_of_s() -> None:
    small, large = (surface_rule(PlateCrack(2.0 * s, 3.0 * s, 7.0 * s, 9.0 * s)) for s in (1.0, 4.0))
    np.testing.assert_allclose(large.row, 2.0 * small.row, rtol=1e-12)
    np.testing.assert_allclose(large.x, 4.0 * small.x, rtol=1e-12)
