"""Slow growth by the quick tier from a case to the verdict: when it is followed, what it changes, how it is told."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.case.growth import Growth
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.credit import credit_route
from deadlight.chain.pane_growth import PaneGrowth
from deadlight.chain.quick_answer import Given, QuickAnswer
from deadlight.chain.quick_growing import with_quick_growth
from deadlight.chain.summarised import _crack, _crack_events
from deadlight.chain.verdict import judge
from deadlight.crack.line import crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.quick import assess
from deadlight.crack.seed import Place, Surface, Through
from deadlight.growth.record import End
from deadlight.material import material
from deadlight.progress import silent
from deadlight.store.summary import Verdict

PANE = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150)
SILICA = material("fused_silica")
K_IC = float(SILICA.toughness(300.0))
TIME = np.linspace(0.0, 1000.0, 6)
SEED = Through(two_c=0.012, place=Place(position=(0.0, 0.0)), name="C1")
FAST, MIDDLE, SLOW = "2e-2 m/s", "4e-3 m/s", "1e-20 m/s"


def answered(peak, seed=SEED):
    """A crack in the middle of a pane at 300 K whose K/K_Ic as found rises to `peak` and stays."""
    line = crack_line(seed, PANE, points=4)
    one = np.ones((len(TIME), *line.shape))
    course = np.minimum(TIME / 200.0, 1.0)[:, None, None]
    given = {"pane": PANE, "time": TIME, "temperature": 300.0 * one, "toughness": SILICA.toughness, "nu": 0.17}
    unit = assess(seed, stress=1e5 * one, line=line, **given).ratio_max
    stress = 1e5 * peak / unit * course * one
    result = assess(seed, stress=stress, line=line, **given)
    quick = QuickAnswer(line, stress, result, (), {"discretisation": 0.01}, Given(seed, given["temperature"], 0.17))
    stated = SimpleNamespace(name="C1", pane="thermal", kind="through", two_c=0.012)
    return CrackAnswer(stated, quick=quick)


def grown(peak, v_c, seed=SEED, law="power"):
    stated = {"law": law, "n": "18", "v_c": v_c} if law != "none" else {"law": "none"}
    case = SimpleNamespace(growth=Growth.model_validate({"tier": "quick", **stated}))
    viewport = SimpleNamespace(case=case, materials={"thermal": SILICA})
    return with_quick_growth(viewport, None, answered(peak, seed), silent)


def verdict(answer):
    case = SimpleNamespace(
        criteria=SimpleNamespace(K_Ic_factor=SimpleNamespace(value=1.1, status="read", source="a clause")),
        environment=SimpleNamespace(arcjet=None),
        growth=SimpleNamespace(law="power" if answer.growth else "none"),
    )
    alarms = [text for text in answer.growth.remarks if text.alarm] if answer.growth else []
    return judge([answer], [], alarms, credit_route(case, [answer], {"thermal": "fused_silica"}))


def test_without_a_law_nothing_is_followed_and_nothing_changes():
    answer = grown(0.6, SLOW, law="none")
    assert answer.growth is None
    assert verdict(answer).verdict is Verdict.GO_WITH_RESTRICTION
    assert any(a.key == "quick.slow_growth" for a in answer.assumptions)


def test_slow_growth_too_little_to_move_anything_leaves_the_verdict():
    answer = grown(0.6, SLOW)
    assert answer.growth.record.tier == "quick"
    assert not answer.growth.record.grew
    assert answer.growth.state("C1") == "dormant"
    assert answer.judged.highest == pytest.approx(answered(0.6).judged.highest, rel=1e-6)
    assert verdict(answer).verdict is Verdict.GO_WITH_RESTRICTION
    assert not any(a.key == "quick.slow_growth" for a in answer.assumptions)
    assert {"fused_silica.slow_growth", "growth.humidity"} <= {a.key for a in answer.growth.assumptions}


def test_a_crack_that_reaches_k_ic_only_by_slow_growth_is_a_no_go():
    answer = grown(0.6, FAST)
    assert answer.result.first_time is None
    first = answer.growth.record.first_critical
    assert first is not None
    assert answer.judged.first_time == first
    assert answer.judged.ratio_max == answer.result.ratio_max  # of the crack as found
    judged = verdict(answer)
    assert judged.verdict is Verdict.NO_GO
    assert "after slow growth" in judged.reasons[0]
    told = list(_crack_events(answer))
    assert any("C1: grows slowly" in what for _, what, _, _ in told)
    assert all("thermal" in where for _, _, where, _ in told)
    summary = _crack(answer)
    assert summary.two_c_m > 0.012
    assert summary.time_s == told[-1][0]


def test_growth_by_the_operator_reaches_the_verdict_alike():
    """A record of the whole pane: K reaches K_Ic only after slow growth, K of the crack as found is below."""
    answer = grown(0.6, FAST)
    full = SimpleNamespace(
        ratio_max=0.6, time_of_max=200.0, highest=0.61, first_time=None, first_where=None, errors={}, remarks=()
    )
    pane = dataclasses.replace(answer.growth, crack="", highest=None, size=None)
    both = dataclasses.replace(answer, full=full, growth=pane)
    assert both.judged.tier == "full"
    assert both.judged.first_time == answer.growth.record.first_critical
    assert both.judged.highest > 1.0
    assert verdict(both).verdict is Verdict.NO_GO


def test_the_error_band_of_k_goes_through_the_life():
    """K at the top of its band grows the crack by more than the band says of the grown crack itself."""
    answer = grown(0.6, MIDDLE)
    growth = answer.growth
    assert growth.record.end is End.HISTORY_OVER
    assert growth.record.first_critical is None
    assert growth.highest > 1.01 * growth.largest * answered(0.6).judged.highest / 0.6
    assert answer.judged.highest == growth.highest
    assert growth.record.grew
    assert growth.state("C1") == "growing"
    assert "C1 grows from" in growth.sentence and "by slow growth" in growth.sentence


def test_depth_and_length_of_a_surface_crack_after_growth():
    seed = Surface(a=1e-3, c=2e-3, place=Place(position=(0.0, 0.0)), name="C1")
    answer = grown(0.6, "1e-4 m/s", seed)
    assert answer.growth.record.grew
    assert answer.growth.size[0] > seed.a
    assert answer.growth.size[1] >= 2.0 * seed.c


@pytest.mark.parametrize("end", list(End))
def test_growth_that_could_not_begin_is_not_called_no_growth(end):
    """The first step lost its mesh: the largest K/K_Ic of 3.2 must not stand beside "no growth"."""
    worst = SimpleNamespace(worst=np.array([0.5, 3.2]))
    record = SimpleNamespace(
        grew=False, first_critical=None, end=end, sentence="no mesh", steps=[SimpleNamespace(area=1e-4, reading=worst)],
        trace_area=np.array([1e-4]), trace_ratio=np.array([0.5, 3.2]), events=(), remarks=(),
    )  # fmt: skip
    told = PaneGrowth("thermal", record, (), ())._told
    assert "3.20" in told and ("No growth" in told) is (end is End.HISTORY_OVER)
    assert ("no mesh" in told) is (end is not End.HISTORY_OVER)
