"""A long scratch: Bueckner's edge crack in a strip by his own numbers, and the flaw that a proof stress passes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deadlight.crack.newman_raju import PlateCrack, surface_k
from deadlight.crack.scratch import UNIFORM, depth_of_proof, flaw_rules, scratch_rule
from deadlight.errors import InputError


def bueckner(a: float, t: float, power: int) -> float:
    """K of (1 - x/a)^power: int m (1 - x/a)^power dx = 2a/sqrt(2 pi a) sum m_n / (power + n + 1/2)."""
    r = a / t
    m1, m2 = 0.6147 + 17.1844 * r**2 + 8.7822 * r**6, 0.2502 + 3.2889 * r**2 + 70.0444 * r**6
    terms = 1.0 / (power + 0.5) + m1 / (power + 1.5) + m2 / (power + 2.5)
    return 2.0 * a / math.sqrt(2.0 * math.pi * a) * terms


@pytest.mark.parametrize(("a", "t"), [(0.3, 1.0), (2.0, 10.0), (0.5, 1.0)])
def test_the_rule_is_the_weight_function_for_any_polynomial(a: float, t: float) -> None:
    rule = scratch_rule(a, t)
    for power in range(4):
        assert rule.row @ (1.0 - rule.x / a) ** power == pytest.approx(bueckner(a, t, power), rel=1e-12)


def test_a_shallow_scratch_is_koiter_s_edge_crack() -> None:
    """1.1215 s sqrt(pi a), within the 0.8 % of the weight function; `UNIFORM` is its own value."""
    rule = scratch_rule(1e-3, 1e3)
    found = float(rule.row.sum()) / math.sqrt(math.pi * 1e-3)
    assert found == pytest.approx(1.1215, rel=0.008)
    assert pytest.approx(found, rel=1e-9) == UNIFORM


@pytest.mark.parametrize("ratio", [0.1, 0.2, 0.3, 0.4, 0.5])
def test_a_deep_scratch_is_the_strip_in_tension(ratio: float) -> None:
    """Tada's polynomial 1.122 - 0.231 r + 10.55 r^2 - 21.71 r^3 + 30.38 r^4, good to half a percent."""
    r = ratio
    strip = 1.122 - 0.231 * r + 10.55 * r**2 - 21.71 * r**3 + 30.38 * r**4
    found = float(scratch_rule(r, 1.0).row.sum()) / math.sqrt(math.pi * r)
    assert found == pytest.approx(strip, rel=0.02)


@pytest.mark.parametrize("a", [0.0, -1e-3, 5.01e-3, 9e-3])
def test_no_depth_and_more_than_half_the_pane_are_refused(a: float) -> None:
    with pytest.raises(InputError, match=f"a flaw {1e3 * a:.3g} mm deep in a pane of 10 mm"):
        scratch_rule(a, 0.010)
    with pytest.raises(InputError):
        flaw_rules(a, 0.5, 0.010)


def test_a_flaw_with_an_aspect_is_a_half_ellipse_with_two_points() -> None:
    """a/c = 0.5, uniform stress: Newman & Raju at the deepest point and 10 degrees below the face."""
    deep, face = flaw_rules(1e-3, 0.5, 0.010)
    crack = PlateCrack(1e-3, 2e-3, 0.010)
    assert deep.row.sum() == pytest.approx(surface_k(crack, 0.5 * math.pi)[0])
    assert face.row.sum() == pytest.approx(surface_k(crack, math.radians(10.0))[0])
    (scratch,) = flaw_rules(1e-3, 0.0, 0.010)
    np.testing.assert_array_equal(scratch.row, scratch_rule(1e-3, 0.010).row)


@pytest.mark.parametrize("aspect", [0.0, 0.5, 1.0])
def test_the_flaw_that_a_proof_stress_passes_is_critical_in_it(aspect: float) -> None:
    """At that depth the larger K of stress s (1 - 2 x/t) is K_Ic; a little deeper would have failed."""
    stress, toughness, t = 50e6, 0.75e6, 0.020

    def k(a: float) -> float:
        return max(float(rule.row @ (stress * (1.0 - 2.0 * rule.x / t))) for rule in flaw_rules(a, aspect, t))

    a = depth_of_proof(stress, toughness, aspect, t)
    assert 0.0 < a < 0.5 * t and k(a) == pytest.approx(toughness, rel=1e-9)
    assert k(0.99 * a) < toughness < k(1.01 * a)
    # small against the thickness: twice the stress passes a quarter of the depth
    assert depth_of_proof(20.0 * stress, toughness, aspect, t) == pytest.approx(
        4.0 * depth_of_proof(40.0 * stress, toughness, aspect, t), rel=5e-3
    )


def test_a_proof_stress_that_passes_half_the_pane_proves_nothing() -> None:
    """Its bound: the stress at which a scratch half through is critical."""
    t, toughness = 0.020, 0.75e6
    rule = scratch_rule(0.5 * t, t)
    bound = toughness / float(rule.row @ (1.0 - 2.0 * rule.x / t))
    with pytest.raises(InputError, match="passes flaws deeper than half the thickness"):
        depth_of_proof(0.999 * bound, toughness, 0.0, t)
    assert depth_of_proof(1.001 * bound, toughness, 0.0, t) == pytest.approx(0.5 * t, rel=5e-3)
