"""How far a run may go until K comes down to K_Ic, from readings whose course over the area is known."""

import numpy as np
import pytest

from deadlight.growth.near_arrest import ABOVE, BEYOND, advance_to_arrest
from deadlight.growth.reading import Reading
from deadlight.growth.record import GrowthStep

WIDTH = 0.02  # m of front: area swept per metre of advance


def reading(area, ratios):
    """One point whose K/K_Ic at the instants 0, 1, 2 ... is given."""
    k = np.zeros((len(ratios), 1, 3))
    k[:, 0, 0] = ratios
    one, zero = np.ones((len(ratios), 1)), np.zeros((len(ratios), 1))
    return Reading(
        time=np.arange(float(len(ratios))), k=k, error=zero, effective=k[:, :, 0], tilt=zero, twist=zero,
        temperature=300.0 * one, toughness=one, weight=np.array([WIDTH]), place=np.zeros((1, 3)),
        front=np.zeros(1, dtype=np.int64), crack=np.zeros(1, dtype=np.int64), closed=(False,), area=area,
    )  # fmt: skip


def steps(ratio, areas, loads=(1.0,), added=0.0):
    """Geometries of given areas [mm^2], K/K_Ic = ratio(ln area / last area) times the load of each instant."""
    done = []
    for i, area in enumerate(areas):
        r = np.array(loads) * ratio(np.log(area / areas[-1]))
        move = None if i == 0 else np.full(1, 1e-6 * (area - areas[i - 1]) / WIDTH)
        done.append(
            GrowthStep(i, 0.0, reading(1e-6 * area, r), (), None, True, move=move, tilt=np.zeros(1),
                       energy=None if i == 0 else 0.001, added=added if i == len(areas) - 1 else 0.0)
        )  # fmt: skip
    return done


def expected(x, area):
    return 1e-6 * area * np.expm1(x) / WIDTH


def test_line_and_parabola_are_carried_on_exactly():
    assert advance_to_arrest(steps(lambda x: 1.5 - 2.0 * x, [80, 100])) == pytest.approx(expected(0.24, 100))
    root = (-1.0 + np.sqrt(1.0 + 4.0 * 3.0 * 0.48)) / 6.0  # 0.48 = x + 3 x^2: down to K/K_Ic = ABOVE
    assert ABOVE == 1.02
    assert advance_to_arrest(steps(lambda x: 1.5 - x - 3.0 * x**2, [70, 85, 100])) == pytest.approx(expected(root, 100))
    bent_up = advance_to_arrest(steps(lambda x: 1.5 - 2.0 * x + 3.0 * x**2, [70, 85, 100]))
    secant = advance_to_arrest(steps(lambda x: 1.5 - 2.0 * x + 3.0 * x**2, [85, 100]))
    assert bent_up == pytest.approx(secant), "what bends up is carried on straight: K may be down no earlier"


def test_no_arrest_is_in_sight_where_k_does_not_fall():
    assert advance_to_arrest(steps(lambda x: 1.5 + x, [80, 100])) == np.inf
    assert advance_to_arrest(steps(lambda x: 1.5 + 0 * x, [100])) == np.inf
    assert advance_to_arrest(steps(lambda x: 1.5 - 2.0 * x, [80, 100], added=1e-6)) == np.inf, "fronts are new"


def test_what_is_left_of_the_history_is_grown_through_in_one_step():
    """K is held at K_Ic while the load rises by 4 %: a step a little beyond where it stays below for good."""
    found = advance_to_arrest(steps(lambda x: 1.0 - 2.0 * x, [95, 100], loads=(1.0, 1.02, 1.04, 0.9)))
    slope = 2.0 * 1.04
    assert found == pytest.approx(expected(BEYOND * 0.04 / slope, 100))
