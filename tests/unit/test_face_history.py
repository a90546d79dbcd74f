"""A surface crack's walk through its history, K a formula: when a or c grows, breakthrough, rim, and how it is told."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deadlight.crack import surface_history
from deadlight.crack.face_problem import FaceK, FaceProblem
from deadlight.crack.line import crack_line
from deadlight.crack.newman_raju import PlateCrack
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.quick import assess
from deadlight.crack.result import QuickResult
from deadlight.crack.seed import Corner, EdgeThrough, Place, Surface, Through
from deadlight.crack.surface_history import DEEPEST_SHARE, GROWTH, assess_face_crack

TIME = np.linspace(0.0, 50.0, 6)
TIPS = ("deepest", "rim_side", "centre_side")
Ratio = Callable[[float, float, np.ndarray], list[np.ndarray]]


class Formula:
    """K over K_Ic = 2 at the three tips."""

    tips = TIPS
    middle = 0.05

    def __init__(self, ratio: Ratio, a: float = 1e-3, c: float = 2e-3, half_width: float = 0.05) -> None:
        self.ratio, self.half_width = ratio, half_width
        self.seed = SimpleNamespace(a=a, c=c)
        self.line = SimpleNamespace(
            pane=SimpleNamespace(thickness=0.01), position=lambda depth: (0.15 - depth, 2.0 * depth)
        )

    def k(self, a: float, c: float) -> FaceK:
        n = np.arange(6)
        k = 2.0 * np.stack([r + 0.0 * n for r in self.ratio(a, c, n)], axis=1)
        return FaceK(k, k, 0.1 * k, (a, c), ())

    def plate(self, a: float, c: float) -> PlateCrack:
        return PlateCrack(a, c, 0.01, self.half_width)

    def tip_temperature(self, a: float, c: float) -> np.ndarray:
        return np.full((6, 3), 300.0 + a)


def grown(ratio: Ratio, **given: Any) -> tuple[Any, Formula]:
    problem = Formula(ratio, **given)
    found = surface_history._grow(problem, lambda t: np.full(np.shape(t), 2.0), 6)  # type: ignore[arg-type]
    return found, problem


LOAD = np.array([0.2, 0.9, 1.3, 1.1, 1.5, 0.4])


def told(path: Any, ratio: float = 0.5) -> tuple[str, str, str]:
    return surface_history._ending(path, np.full((6, 3), ratio), TIME, None)  # type: ignore[arg-type]


def test_a_crack_below_its_toughness_rests() -> None:
    path, _ = grown(lambda a, c, n: [0.1 * n, 0.05 * n, 0.0 * n])
    assert path.last is None and not path.runs and path.warnings == ()
    np.testing.assert_allclose(path.size, [[1e-3, 2e-3]] * 6)
    np.testing.assert_allclose(path.ratio[:, 0], 0.1 * np.arange(6))
    np.testing.assert_allclose(path.k, 2.0 * path.ratio)
    np.testing.assert_allclose(path.temperature, 300.001)


def test_the_depth_grows_by_two_percent_a_step_until_k_has_fallen() -> None:
    """K of the deepest point falls as 1/a: under 1.3 it ends at 1.3 a, within a step; under 1.5 at 1.5 a."""
    path, _ = grown(lambda a, c, n: [LOAD * 1e-3 / a, 0.0 * n, 0.0 * n])
    steps = np.log(path.size[:, 0] / 1e-3) / math.log(1.0 + GROWTH)
    np.testing.assert_allclose(steps, [0, 0, 14, 14, 21, 21], atol=1e-6)  # 1.02^13 < 1.3 < 1.02^14, 1.02^21 > 1.5
    assert (path.size[:, 1] == 2e-3).all()
    assert path.runs == [(2, "a"), (4, "a")] and path.last == 4
    np.testing.assert_allclose(path.ratio[:, 0], LOAD * 1e-3 / path.size[:, 0])
    np.testing.assert_allclose(path.temperature[:, 0], 300.0 + path.size[:, 0])


@pytest.mark.parametrize("side", [1, 2])
def test_either_end_on_the_face_makes_the_length_grow(side: int) -> None:
    def ratio(a: float, c: float, n: np.ndarray) -> list[np.ndarray]:
        found = [0.8 * LOAD, 0.0 * n, 0.0 * n]
        found[0], found[side] = 0.7 * LOAD / 1.5, LOAD * 2e-3 / c
        return found

    path, _ = grown(ratio)
    assert path.runs == [(2, "c"), (4, "c")] and (path.size[:, 0] == 1e-3).all()
    assert 3.0e-3 < path.size[-1, 1] <= 3.0e-3 * 1.02


def test_depth_and_length_take_turns_by_the_larger_k() -> None:
    """Equal K: the depth first."""
    path, _ = grown(lambda a, c, n: [LOAD * 1e-3 / a, LOAD * 2e-3 / c, 0.0 * n])
    assert path.runs[0] == (2, "a") and path.size[-1, 1] == pytest.approx(2.0 * path.size[-1, 0])


def test_exactly_critical_grows_a_step() -> None:
    path, _ = grown(lambda a, c, n: [np.where(n == 1, 1.0, 0.5) * 1e-3 / a, 0.0 * n, 0.0 * n])
    assert path.runs == [(1, "a")] and path.size[1, 0] == pytest.approx(1.02e-3)


def test_four_fifths_of_the_thickness_are_a_breakthrough() -> None:
    path, problem = grown(lambda a, c, n: [np.where(n == 3, 1.5, 0.5), 0.0 * n, 0.0 * n])
    assert path.through == path.last == 3 and path.stopped is None
    np.testing.assert_allclose(path.size, [[1e-3, 2e-3]] * 3 + [[0.01, 2e-3]] * 3)
    assert np.isnan(path.ratio[3:]).all() and (path.ratio[:3, 0] == 0.5).all()
    assert told(path) == ("through", "broke_through", "Breaks through the thickness at 30.0 s.")
    events = surface_history._events(problem, path, TIME, 25.0, 0)  # type: ignore[arg-type]
    assert [(e.time, e.what, e.where) for e in events] == [
        (25.0, "K reaches K_Ic", "deepest"), (30.0, "starts to grow", "deepest"),
        (30.0, "breaks through the thickness", "deepest"),
    ]  # fmt: skip
    assert events[-1].detail == "2c = 4.00 mm" and events[0].position == (pytest.approx(0.1), pytest.approx(0.1))
    at, _ = grown(lambda a, c, n: [np.where(a < 7.9e-3, 1.5, 0.5) + 0.0 * n, 0.0 * n, 0.0 * n])
    assert at.through == 0 or at.size[-1, 0] < DEEPEST_SHARE * 0.01


@pytest.mark.parametrize(("a", "broken"), [(7.85e-3, True), (7.83e-3, False)])
def test_one_step_decides_on_breakthrough_at_four_fifths(a: float, broken: bool) -> None:
    """1.02 times 7.85 mm is past 8 mm of 10 mm, of 7.83 mm it is not."""
    path, _ = grown(lambda b, c, n: [np.where((n == 1) & (b == a), 1.0, 0.5), 0.0 * n, 0.0 * n], a=a)
    assert (path.through == 1) == broken and (path.last == 1)


def test_an_end_on_the_face_at_the_rim_ends_what_is_followed() -> None:
    """0.95 of the distance to it, 20 mm."""
    path, problem = grown(lambda a, c, n: [0.0 * n, 0.0 * n, np.where(n >= 2, 1.5, 0.5)], half_width=0.02)
    assert path.stopped == path.last == 2 and path.through is None
    assert 0.019 <= path.size[-1, 1] < 0.019 * 1.02 and (path.size[:2, 1] == 2e-3).all()
    assert told(path)[:2] == ("at_edge", "reached_rim") and "at 20.0 s" in told(path)[2]
    assert math.isnan(surface_history._margin_after(path, path.ratio))
    assert "above 0.5" in path.warnings[0]
    events = surface_history._events(problem, path, TIME, 15.0, 2)  # type: ignore[arg-type]
    assert [(e.time, e.what, e.where) for e in events[1:]] == [
        (20.0, "starts to grow", "surface"), (20.0, "reaches the rim", "surface"),
    ]  # fmt: skip
    assert events[0].where == "centre_side" and events[-1].detail == "a = 1.00 mm"


def test_an_arrest_is_told_with_its_sizes_and_the_margin_after_it() -> None:
    path, problem = grown(lambda a, c, n: [LOAD * 1e-3 / a, 0.0 * n, 0.0 * n])
    state, reason, sentence = told(path)
    assert (state, reason) == ("arrested", "arrested_in_lower_stress")
    a = 1.02**21
    assert sentence == f"Growth ends at 40.0 s with a = {a:.2f} mm, c = 2.00 mm."
    assert surface_history._margin_after(path, path.ratio) == pytest.approx(a / 1.5 - 1.0)
    events = surface_history._events(problem, path, TIME, None, None)  # type: ignore[arg-type]
    assert [(e.time, e.what) for e in events] == [(20.0, "starts to grow"), (40.0, "arrests")]


@pytest.mark.parametrize(
    ("ratio", "state", "reason"),
    [(0.0, "closed", "never_open"), (1e-9, "dormant", "below_toughness"), (0.999, "dormant", "below_toughness"),
     (1.0, "growing", "not_followed")],
)  # fmt: skip
def test_a_crack_that_was_not_moved_is_told_by_its_largest_k(ratio: float, state: str, reason: str) -> None:
    path, _ = grown(lambda a, c, n: [0.0 * n] * 3)
    assert told(path, ratio)[:2] == (state, reason)
    assert surface_history._margin_after(path, np.full((6, 3), 0.25)) == pytest.approx(3.0)


def test_the_band_is_the_tables_error_and_below_it_what_contact_adds() -> None:
    """K 4 with error 0.4, 3 if the faces cross: -0.25 - 0.1, +0.1; nothing for a crack that is shut."""
    one = np.ones((2, 3))
    found = FaceK(4.0 * one, 3.0 * one, 0.4 * one, (1.0, 2.0), ())
    assert surface_history._band(found, 1, 2) == pytest.approx((-0.35, 0.1))
    above = FaceK(4.0 * one, 4.0 * one, 0.4 * one, (1.0, 2.0), ())
    assert surface_history._band(above, 1, 2) == pytest.approx((-0.1, 0.1))
    assert surface_history._band(FaceK(0.0 * one, -one, one, (1.0, 2.0), ()), 0, 0) == (0.0, 0.0)


# The whole way, with the tables: as found, grown, through

PANE = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150)
RAMP = np.linspace(0.0, 1.0, 6)


def assessed(
    seed: Surface | Corner, stress: float, k_ic: float = 1e6, band: float = math.inf, **given: Any
) -> tuple[QuickResult, Any]:
    """Under tension that rises to `stress`, and falls within a band about the crack's middle to as much pressure."""
    line = crack_line(seed, PANE, points=4)
    middle = 0.0 if isinstance(seed, Corner) else 0.065
    along = 2.0 * np.exp(-(((line.depth - middle) / band) ** 2)) - 1.0
    field = stress * RAMP[:, None, None] * along[:, None] * np.ones((6, *line.shape))
    warm = 300.0 + 0.0 * field
    history = {"time": TIME, "stress": field, "temperature": warm, "toughness": lambda t: k_ic + 0.0 * t, "nu": 0.2}
    return assess_face_crack(seed, line=line, **history, **given), (line, history)  # type: ignore[arg-type]


def test_k_rises_with_the_stress_and_a_crack_that_is_not_followed_keeps_its_size() -> None:
    seed = Surface(a=2e-3, c=4e-3, place=Place(inside_lip=0.05))
    found, (line, history) = assessed(seed, 20e6, follow=False)
    k = FaceProblem(seed, line, history["stress"], history["temperature"], 0.2).k(2e-3, 4e-3)
    np.testing.assert_allclose(found.seed_k, RAMP[:, None] * k.upper[-1], rtol=1e-9)
    np.testing.assert_allclose(found.seed_ratio, found.seed_k / 1e6)
    np.testing.assert_allclose(found.size, [[2e-3, 4e-3]] * 6)
    assert found.state == "growing" and found.end_reason == "not_followed"
    assert found.ratio_max == pytest.approx(found.seed_ratio.max()) and found.time_of_max == 50.0
    assert found.model_error[1] == pytest.approx(float(k.error[-1, 0] / k.upper[-1, 0]), rel=1e-6)
    at = 50.0 / found.ratio_max  # K is linear in time
    assert found.first_time == pytest.approx(at) and found.first_tip == "deepest"
    quiet, _ = assessed(seed, 20e6, k_ic=1e9)
    assert quiet.state == "dormant" and quiet.first_tip is None


def test_a_surface_crack_goes_on_as_a_through_crack_as_long_as_on_the_face() -> None:
    seed = Surface(a=7.9e-3, c=6e-3, place=Place(inside_lip=0.05), name="S")
    found, (line, history) = assessed(seed, 15e6, band=0.012)
    start = int(np.flatnonzero(found.size[:, 0] == 0.010)[0])
    assert 0 < start < 5 and any(e.what == "breaks through the thickness" for e in found.events)
    assert (found.size[:start, 0] < 0.008).all()
    c = next(e.detail for e in found.events if e.what.startswith("breaks")).split()[2]
    length = float(c) * 1e-3
    after = assess(
        Through(two_c=length, place=seed.place, name="S"), pane=PANE, line=dataclasses.replace(
            line, outer=0.065 - 0.5 * length, inner=0.065 + 0.5 * length
        ), **{**history, "time": TIME[start:], "stress": history["stress"][start:],
              "temperature": history["temperature"][start:]},
    )  # fmt: skip
    np.testing.assert_allclose(found.ratio[start:, 1:], after.ratio, rtol=1e-3)
    np.testing.assert_allclose(found.k[start:, 1:], after.k, rtol=1e-3)
    np.testing.assert_allclose(found.membrane[start:, 1:], after.membrane, rtol=1e-3)
    np.testing.assert_allclose(found.bending[start:, 1:], after.bending, atol=1.0)
    np.testing.assert_allclose(found.front_temperature[start:, 1:], after.front_temperature)
    np.testing.assert_allclose(found.size[start:, 1], 0.5 * (after.size[:, 1] - after.size[:, 0]), rtol=1e-3)
    assert np.isnan(found.membrane[:start]).all() and np.isnan(found.k[start:, 0]).all()
    assert found.state == after.state and found.end_sentence.endswith(after.end_sentence)
    assert found.end_reason == after.end_reason and set(after.warnings) <= set(found.warnings)


def test_a_corner_crack_goes_on_as_deep_from_the_rim_as_it_was_long() -> None:
    """One tip; its size the depth from the rim, not half of it."""
    seed = Corner(a=7.9e-3, c=6e-3, place=Place(inside_lip=0.0), name="C")
    found, (line, history) = assessed(seed, 15e6, band=0.012)
    start = int(np.flatnonzero(found.size[:, 0] == 0.010)[0])
    depth = float(next(e.detail for e in found.events if e.what.startswith("breaks")).split()[2]) * 0.5e-3
    after = assess(
        EdgeThrough(depth=depth, place=seed.place, name="C"), pane=PANE, line=dataclasses.replace(line, inner=depth),
        **{**history, "time": TIME[start:], "stress": history["stress"][start:],
           "temperature": history["temperature"][start:]},
    )  # fmt: skip
    assert found.tips == ("deepest", "centre_side")
    np.testing.assert_allclose(found.ratio[start:, 1], after.ratio[:, 1], rtol=1e-3)
    np.testing.assert_allclose(found.membrane[start:, 1], after.membrane[:, 1], rtol=1e-3)
    np.testing.assert_allclose(found.front_temperature[start:, 1], after.front_temperature[:, 1])
    np.testing.assert_allclose(found.size[start:, 1], after.size[:, 1], rtol=1e-3)
    assert found.state == after.state


def test_broken_through_into_glass_that_holds_it_rests_as_a_through_crack() -> None:
    """The glass is weak where it is hot, deep below the face: the ends on the face and the mean over the pane hold."""
    seed = Surface(a=7.5e-3, c=6e-3, place=Place(inside_lip=0.05))
    line = crack_line(seed, PANE, points=4)
    field = 10e6 * RAMP[:, None, None] * np.ones((6, *line.shape))
    found = assess_face_crack(
        seed, line=line, time=TIME, stress=field, temperature=300.0 + 0.0 * field - 100.0 * line.zeta,
        toughness=lambda t: np.where(t > 320.0, 0.3e6, 1e9), nu=0.2,
    )  # fmt: skip
    assert (found.state, found.end_reason) == ("through", "broke_through")
    assert found.end_sentence.endswith("As a through crack it rests.") and found.ratio_max > 1.0
    assert found.size[-1] == pytest.approx([0.010, 6e-3]) and {e.where for e in found.events} == {"deepest"}


def test_a_field_between_the_samples_is_a_sampling_error_and_a_smooth_one_is_not() -> None:
    seed = Surface(a=2e-3, c=4e-3, place=Place(inside_lip=0.05))
    line = crack_line(seed, PANE, points=6)
    even = np.ones((1, *line.shape)) * 1e6

    def error(field: np.ndarray) -> float:
        problem = FaceProblem(seed, line, field, field, 0.2)
        peak = float(problem.k(2e-3, 4e-3).upper[0, 0])
        return surface_history._sampling_error(problem, peak, 0, 0)

    assert error(even) < 1e-9 and error(even * (1.0 + line.zeta)) < 1e-9
    # the highest polynomial by itself, and it alone: what it adds to K is the error
    top = np.polynomial.legendre.legvander(line.zeta, 5)[:, 5]
    problem = FaceProblem(seed, line, even * (1.0 + 0.2 * top), even, 0.2)
    with_it, without = (FaceProblem(seed, line, f, f, 0.2).k(2e-3, 4e-3).upper[0, 0] for f in (problem.stress, even))
    assert error(problem.stress) == pytest.approx(abs(with_it - without) / with_it, rel=1e-6)
    rough = even * (1.0 + 0.2 * (-1.0) ** np.arange(len(line.depth)))[None, :, None]
    assert error(rough) > 1e-3
    assert surface_history._sampling_error(problem, 0.0, 0, 0) == 0.0
