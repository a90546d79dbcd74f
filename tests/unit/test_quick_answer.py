"""The quick tier's answer as a whole: what is refused, what it says beside the tables, its small rules."""

from __future__ import annotations

import dataclasses
import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deadlight.crack import quick, quick_growth
from deadlight.crack.as_found import k_as_found
from deadlight.crack.growth import INNER, Run, rest
from deadlight.crack.line import crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.quick import assess
from deadlight.crack.quick_shape import FaceShape, ThroughShape
from deadlight.crack.result import ends_at_peak, first_crossing, margin
from deadlight.crack.section import decompose
from deadlight.crack.seed import EdgeThrough, Place, Surface, Through
from deadlight.crack.through import ThroughProblem
from deadlight.errors import InputError
from deadlight.remark import Remark

PANE = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150)
SEED = Through(two_c=0.012, place=Place(inside_lip=0.05), name="C1")
LINE = crack_line(SEED, PANE, points=4)
TIME = np.array([0.0, 10.0, 20.0])


def given(**changed: Any) -> dict[str, Any]:
    ramp = np.array([0.5, 1.0, 0.8])[:, None, None] * np.ones((3, *LINE.shape))
    return {"pane": PANE, "line": LINE, "time": TIME, "stress": 1e6 * ramp, "temperature": 300.0 + 0.0 * ramp,
            "toughness": lambda t: 1e6 + 0.0 * t, "nu": 0.2} | changed  # fmt: skip


@pytest.mark.parametrize("what", ["stress", "temperature"])
def test_histories_of_another_shape_or_without_a_number_are_refused_with_the_instant(what: str) -> None:
    field = given()[what]
    with pytest.raises(InputError, match=f"{what} of shape"):
        assess(SEED, **given(**{what: field[:, :, 1:]}))
    broken = field.copy()
    broken[1, 5, 2] = math.nan
    with pytest.raises(InputError, match=f"{what} is not finite at 10 s"):
        assess(SEED, **given(**{what: broken}))


@pytest.mark.parametrize("nu", [-0.01, 0.5, math.nan])
def test_poisson_s_ratio_is_from_nothing_to_below_a_half(nu: float) -> None:
    with pytest.raises(InputError, match="Poisson's ratio"):
        assess(SEED, **given(nu=nu))


def test_the_answer_s_parts_belong_together() -> None:
    """Rest below K_Ic: peak at the second instant, both tips; the slit 2 pi c^2 s/E of an ellipse at least."""
    found = assess(SEED, **given(young=70e9))
    assert (found.state, found.time_of_max, found.tips) == ("dormant", 10.0, ("rim_side", "centre_side"))
    np.testing.assert_allclose(found.seed_ratio, found.seed_k / 1e6)
    np.testing.assert_allclose(found.seed_k / found.seed_k[1], np.array([0.5, 1.0, 0.8])[:, None] * [1.0, 1.0])
    np.testing.assert_allclose(found.k, found.seed_k)
    assert found.ratio_max == pytest.approx(np.max(found.seed_ratio)) == pytest.approx(1.0 / (1.0 + found.margin_after))
    assert found.slit_area is not None
    assert 1.0 < found.slit_area[1] / (2.0 * math.pi * 0.006**2 * 1e6 / 70e9) < 1.05
    np.testing.assert_allclose(found.seed_k, k_as_found(SEED, line=LINE, stress=given()["stress"], nu=0.2))
    assert assess(SEED, **given()).slit_area is None and not found.warnings and not found.events
    np.testing.assert_allclose(found.size, [[0.059, 0.071]] * 3)
    not_followed = assess(SEED, **given(toughness=lambda t: 1e4 + 0.0 * t, follow=False))
    assert not_followed.state == "growing" and not_followed.first_time == 0.0
    np.testing.assert_allclose(not_followed.size, [[0.059, 0.071]] * 3)


def test_an_edge_crack_has_no_rim_side_tip() -> None:
    seed = EdgeThrough(depth=0.01, place=Place(inside_lip=0.0))
    line = crack_line(seed, PANE, points=4)
    found = assess(seed, **given(line=line))
    for each in (found.seed_k, found.seed_membrane, found.seed_bending, found.seed_energy, found.k, found.handbook_k):
        assert each is not None and np.isnan(each[:, 0]).all() and np.isfinite(each[:, 1]).all()
    k = k_as_found(seed, line=line, stress=given()["stress"], nu=0.2)
    np.testing.assert_allclose(k, found.seed_k)
    # Koiter's factor with the disc's curvature, plane strain and the rim's own profile within a tenth
    assert found.seed_membrane[1, 1] == pytest.approx(1.1215e6 * math.sqrt(0.01 * math.pi), rel=0.1)


def test_a_face_crack_is_answered_by_its_own_tables() -> None:
    seed = Surface(a=1e-3, c=2e-3, place=Place(inside_lip=0.05))
    line = crack_line(seed, PANE, points=4)
    found = assess(seed, **given(line=line))
    assert found.kind == "surface" and found.tips[0] == "deepest"
    np.testing.assert_allclose(k_as_found(seed, line=line, stress=given()["stress"], nu=0.2), found.seed_k)


def asked(outer: float, inner: float, free: bool = True) -> ThroughProblem:
    rim = dataclasses.replace(LINE.rim, free=free)
    line = dataclasses.replace(LINE, outer=outer, inner=inner, rim=rim)
    stress = given()["stress"]
    return ThroughProblem(line, decompose(stress), 300.0 + 0.0 * stress[..., 0], 0.2)


def tables(problem: ThroughProblem, **path: Any) -> list[str]:
    walk = dataclasses.replace(rest(problem, lambda t: 1e6 + 0.0 * t), **path)
    profile = problem.profile(problem.line.outer, problem.line.inner, np.arange(3))
    return [str(each) for each in quick._tables(problem, profile, walk, 1e6, 1)]


def test_the_tables_ends_are_told_of_the_crack_as_found_and_once_of_the_grown_one() -> None:
    run = (Run(1, INNER, 0.071, 0.16, 9, 1.2),)
    one = np.ones(3)
    inside = asked(0.059, 0.071)
    assert tables(inside) == []
    grown = {"outer": 0.059 * one, "inner": 0.16 * one, "runs": run}
    (said,) = tables(inside, **grown)
    assert said.startswith("grown crack") and "c/t = 5.05 above 4" in said
    assert tables(inside, **grown | {"runs": ()}) == [] == tables(inside, **grown | {"split": 1})
    (short,) = tables(asked(0.064, 0.066), outer=0.064 * one, inner=0.0661 * one, runs=run)[:1]
    assert "c/t = 0.1 below" in short
    aslant = asked(0.059, 0.071, free=False)
    assert tables(aslant, outer=0.0 * one, inner=0.16 * one, runs=run) == []
    long = tables(asked(0.059, 0.16))
    assert len(long) == 1 and "of its peak" in long[0] and "grown" not in long[0]


def test_where_k_first_passes_one() -> None:
    """Linear in between; at the first instant as it is; from a tip that was not there, the instant itself."""
    time = np.array([0.0, 10.0, 30.0])
    assert first_crossing(time, np.array([[0.5], [0.8], [1.3]])) == (pytest.approx(18.0), 0)
    assert first_crossing(time, np.array([[1.0, 1.2], [0.0, 0.0], [0.0, 0.0]])) == (0.0, 1)
    assert first_crossing(time, np.array([[0.2], [1.0], [1.3]])) == (10.0, 0)
    assert first_crossing(time, np.array([[np.nan], [1.5], [1.3]])) == (10.0, 0)
    assert first_crossing(time, np.array([[0.5, np.nan], [0.9, 0.99], [1.5, 1.9]])) == (
        pytest.approx(10.0 + 20.0 * 0.01 / 0.91), 1,
    )  # fmt: skip
    assert first_crossing(time, np.array([[0.5], [0.9], [0.999]])) == (None, None)


def test_a_history_that_ends_while_k_rises_is_an_alarm() -> None:
    time = np.array([0.0, 1.0, 2.0])
    (said,) = ends_at_peak(time, np.array([[1.0, np.nan], [2.0, np.nan], [2.1, 0.0]]))
    assert said.alarm and "ends at 2 s" in said
    for k in ([1.0, 2.0, 2.0], [1.0, 2.0, 2.0 * (1.0 + 1e-10)], [1.0, 2.1, 2.0], [-3.0, -2.0, -1.0], [-1.0, -1.0, 0.0]):
        assert ends_at_peak(time, np.array(k)[:, None]) == ()
    assert ends_at_peak(time[:1], np.array([[1.0]])) == ()
    assert len(ends_at_peak(time[:2], np.array([[1.0], [2.0]]))) == 1


def test_the_margin_is_that_of_the_largest_k_and_without_bound_for_a_crack_that_is_shut() -> None:
    assert margin(np.array([[np.nan, 0.2], [0.5, 0.4]])) == pytest.approx(1.0)
    assert math.isinf(margin(np.zeros((2, 2)))) and math.isinf(margin(np.zeros((0, 2))))


def shape(kind: type, said: str, **sizes: float) -> Any:
    made = object.__new__(kind)
    made.__dict__.update(sizes)
    object.__setattr__(made, "remarks", lambda: (Remark(said, alarm=False),))
    return made


@pytest.mark.parametrize(("inner", "wanders"), [(0.0799, False), (0.0801, True)])
def test_a_grown_crack_s_remarks_are_those_of_its_last_geometries(inner: float, wanders: bool) -> None:
    """Of the last face crack and the last through crack; a straight path of more than five thicknesses is said."""
    shapes = [
        shape(FaceShape, "first"), shape(FaceShape, "face"), shape(ThroughShape, "early", outer=0.03, inner=0.04),
        shape(ThroughShape, "late", outer=0.03, inner=inner),
    ]  # fmt: skip
    record: Any = SimpleNamespace(grew=True, steps=[SimpleNamespace(shape=each) for each in shapes])
    found = [str(each) for each in quick_growth._remarks(record, LINE)]
    assert [("face" in f, "late" in f) for f in found[:2]] == [(True, False), (False, True)]
    assert all(f.startswith("grown crack") for f in found[:2])
    assert len(found) == 2 + wanders and (not wanders or "turns or wanders" in found[2])
    record.grew = False
    assert quick_growth._remarks(record, LINE) == []
