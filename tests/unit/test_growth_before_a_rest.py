"""Which geometries tell where a run comes to rest, and by which load."""

import numpy as np
import pytest

from deadlight.growth.near_arrest import ABOVE, advance_to_arrest
from deadlight.growth.reading import Reading
from deadlight.growth.record import GrowthStep

WIDTH = 0.02


def reading(area, ratios):
    """One point whose K/K_Ic at the instants 0, 1, 2 ... is given."""
    k = np.zeros((len(ratios), 1, 3))
    k[:, 0, 0] = ratios
    one, number = np.ones((len(ratios), 1)), np.zeros(1, dtype=np.int64)
    return Reading(
        time=np.arange(float(len(ratios))), k=k, error=0 * one, effective=k[:, :, 0], tilt=0 * one, twist=0 * one,
        temperature=300.0 * one, toughness=one, weight=np.array([WIDTH]), place=np.zeros((1, 3)),
        front=number, crack=number, closed=(False,), area=area,
    )  # fmt: skip


def done(areas, ratios, time=0.0, change=None):
    """Steps of given areas [mm^2] whose K/K_Ic at instants 0, 1, 2 ... is given; `change` by number."""
    made = []
    for i, (area, ratio) in enumerate(zip(areas, ratios)):
        told = reading(1e-6 * area, ratio)
        named = {"move": None if i == 0 else np.full(1, 1e-6 * (area - areas[i - 1]) / WIDTH),
                 "energy": None if i == 0 else 0.001, "added": 0.0, **((change or {}).get(i, {}))}  # fmt: skip
        now = time if i == len(areas) - 1 else 0.0
        made.append(GrowthStep(i, now, told, (), None, True, tilt=np.zeros(1), **named))
    return made


def straight(a, b, target):
    """How far ln(area) goes on until a line through two points is down at a target, as an advance [m]."""
    (x0, r0), (x1, r1) = a, b
    slope = (r1 - r0) / np.log(x1 / x0)
    return 1e-6 * x1 * np.expm1((target - r1) / slope) / WIDTH


def test_a_long_record_is_judged_by_its_last_three_geometries():
    areas, ratios = [20, 40, 70, 85, 100], [[3.0], [2.9], [1.9], [1.7], [1.5]]
    assert advance_to_arrest(done(areas, ratios)) == advance_to_arrest(done(areas[2:], ratios[2:]))
    bent_up = [[9.0], [5.0], [3.0], [2.0], [1.5]]
    assert advance_to_arrest(done(areas, bent_up)) == pytest.approx(straight((85, 2.0), (100, 1.5), ABOVE))


def test_geometries_before_an_opening_do_not_count():
    areas, ratios = [60, 80, 90, 100], [[1.0], [2.4], [1.9], [1.5]]
    opened = {1: {"added": 1e-6, "energy": None}}
    assert advance_to_arrest(done(areas, ratios, change=opened)) == advance_to_arrest(done(areas[1:], ratios[1:]))
    opened, ratios[1] = {2: {"added": 1e-6, "energy": None}}, [2.0]
    found = advance_to_arrest(done(areas, ratios, change=opened))
    assert found == pytest.approx(straight((90, 1.9), (100, 1.5), ABOVE))


@pytest.mark.parametrize("change", [{"energy": None}, {"move": None}, {"added": 1e-6}])
def test_nothing_is_in_sight_after_a_step_that_tells_nothing(change):
    areas, ratios = [80, 90, 100], [[2.0], [1.8], [1.5]]
    assert np.isfinite(advance_to_arrest(done(areas, ratios)))
    assert advance_to_arrest(done(areas, ratios, change={2: change})) == np.inf
    assert np.isfinite(advance_to_arrest(done(areas, ratios, change={1: {"energy": None}})))


def test_the_loads_are_those_of_now_and_later_ones_where_little_is_left():
    """At instant 1 K is 1.6 and falls along the areas; before, it was larger, and counts no more."""
    areas = [90, 100]
    ratios = [[9.0, 2.0, 0.1], [8.0, 1.6, 0.1]]
    assert advance_to_arrest(done(areas, ratios, time=1.0)) == pytest.approx(straight((90, 2.0), (100, 1.6), ABOVE))
    held = [[9.0, 1.05, 1.10], [8.0, 1.0, 1.05]]
    found = advance_to_arrest(done(areas, held, time=1.0))
    # 1.05 at the end, and as much less
    assert found == pytest.approx(1e-4 * np.expm1(1.15 * np.log(1.0 / 0.9)) / WIDTH)
    three = done([81, 90, 100], [[9.0, 1.2, 1.15], [9.0, 1.1, 1.10], [8.0, 1.0, 1.05]], time=1.0)
    going_on = 1.15 * np.log(1.0 / 0.9)  # from 1.2 and 1.1 now to 1.05 later: bent up, so as from 1.1 to 1.05
    assert advance_to_arrest(three) == pytest.approx(1e-4 * np.expm1(going_on) / WIDTH)


@pytest.mark.parametrize("ratios", [[[1.5], [1.5]], [[1.5], [1.6]]])
def test_k_that_does_not_fall_never_rests(ratios):
    assert advance_to_arrest(done([90, 100], ratios)) == np.inf
    assert advance_to_arrest(done([100, 100], [[1.6], [1.5]], change={1: {"move": np.ones(1)}})) == np.inf
