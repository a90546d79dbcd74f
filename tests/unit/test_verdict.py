"""The verdict says no more than was computed: what flips it, and that nothing unknown ends in a GO."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.assumption import Assumption
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.credit import credit_route
from deadlight.chain.moved import End, Moved
from deadlight.chain.verdict import GOOD, judge
from deadlight.remark import Remark
from deadlight.store.summary import Verdict

END = End("1", Verdict.GO_WITH_RESTRICTION, Verdict.GO_WITH_RESTRICTION, Verdict.NOT_SHOWN, 0.3)
GLASS = {"thermal": "fused_silica"}


def judged_of(case, answers, assumptions, alarms, glass, **more):
    return judge(answers, assumptions, alarms, credit_route(case, answers, glass), **more)


def case(factor=1.4, *, facility=False):
    stated = None if factor is None else SimpleNamespace(value=factor, status="read", source="a clause")
    where = SimpleNamespace(arcjet=object() if facility else None)
    growth = SimpleNamespace(law="none")
    return SimpleNamespace(criteria=SimpleNamespace(K_Ic_factor=stated), environment=where, growth=growth)


def crack(ratio, *, first=None, error=0.01, band=(0.0, 0.02), bound=(0.0, 0.0), history=None):
    seed_ratio = np.array([[ratio], [0.1 * ratio]] if history is None else history)
    result = SimpleNamespace(
        name="C1", first_time=first, first_tip="rim_side", end_sentence="told.", ratio_max=ratio, time_of_max=300.0,
        model_error=band, seed_ratio=seed_ratio, seed_k=0.75e6 * seed_ratio, residual_bound=np.array(bound) * 0.75e6,
    )  # fmt: skip
    quick = SimpleNamespace(result=result, errors={"discretisation": error}, warnings=())
    return CrackAnswer(SimpleNamespace(name="C1", pane="thermal"), quick=quick)


def operator(ratio, *, first=None, error=0.02):
    """A crack that the operator judges, while the quick tier beside it says that nothing happens."""
    full = SimpleNamespace(
        ratio_max=ratio, time_of_max=310.0, highest=ratio * (1 + error), first_time=first,
        first_where=None if first is None else "rim side", errors={"operator": error}, remarks=(),
    )  # fmt: skip
    quick = crack(0.1).quick
    quick.warnings = (Remark("coarse here", alarm=True),)
    return CrackAnswer(SimpleNamespace(name="C1", pane="thermal"), quick=quick, full=full)


def assumed(key, status="A"):
    return Assumption(key, "1", "test", status)


def verdict(*args, assumptions=(), alarms=()):
    return judged_of(args[0], args[1], assumptions, alarms, GLASS).verdict


def test_crack_that_runs_is_no_go_whatever_else():
    assert verdict(case(), [crack(1.2, first=224.0)]) is Verdict.NO_GO
    assert verdict(case(), [crack(0.2), crack(1.2, first=224.0)], alarms=["x"]) is Verdict.NO_GO


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (0.5, Verdict.GO_WITH_RESTRICTION),
        (0.69, Verdict.GO_WITH_RESTRICTION),
        (0.70, Verdict.NOT_SHOWN),
        (0.9, Verdict.NOT_SHOWN),
    ],
)
def test_factor_and_error_band_decide_below_toughness(ratio, expected):
    """1/(1.4 x 1.03) = 0.6935."""
    assert verdict(case(), [crack(ratio)]) is expected


def test_flips_one_change_each():
    low = [crack(0.4)]
    assert verdict(case(), low) is Verdict.GO_WITH_RESTRICTION
    assert verdict(case(None), low) is Verdict.NOT_SHOWN
    assert verdict(case(), low, alarms=["not converged"]) is Verdict.NOT_SHOWN
    assert verdict(case(), []) is Verdict.NOT_SHOWN
    deciding = (
        "environment.heating.ratio",
        "supports.thermal",
        "fused_silica.toughness",
        "fused_silica.mean_expansion",
    )
    for key in deciding:
        for status in "AM":
            assert verdict(case(), low, assumptions=[assumed(key, status)]) is Verdict.NOT_SHOWN
        for status in "RD":
            assert verdict(case(), low, assumptions=[assumed(key, status)]) is Verdict.GO_WITH_RESTRICTION
    # a value that has nothing to do with the cracked pane decides nothing
    assert verdict(case(), low, assumptions=[assumed("aluminosilicate.toughness")]) is Verdict.GO_WITH_RESTRICTION


@pytest.mark.parametrize("where", ["ratio", "error", "band"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_never_ends_in_a_go(where, value):
    broken = {
        "ratio": crack(value),
        "error": crack(0.1, error=value),
        "band": crack(0.1, band=(0.0, value)),
    }[where]
    assert verdict(case(), [broken]) is Verdict.NOT_SHOWN


def test_credit_alone_never_exceeds_restriction_and_margin_flips_where_it_says():
    judged = judged_of(case(), [crack(0.4)], [], [], GLASS)
    assert judged.routes.no_credit.verdict is Verdict.NOT_SHOWN
    margin = judged.margins[0]
    assert margin.margin_of_safety == pytest.approx(1 / (1.4 * 0.4) - 1)
    assert margin.flips_at_factor == pytest.approx(2.5)
    assert margin.event == "return, 300 s"
    assert judged_of(case(facility=True), [crack(0.4)], [], [], GLASS).margins[0].event == "arc-jet run, 300 s"


def test_the_bound_counts_at_the_instant_where_it_is_largest():
    """K/K_Ic 0.4 at its peak without a bound, 0.3 with one of 0.5 elsewhere: 0.8 x 1.4 is above one."""
    history = [[0.4], [0.3]]
    assert verdict(case(), [crack(0.4, history=history)]) is Verdict.GO_WITH_RESTRICTION
    assert verdict(case(), [crack(0.4, history=history, bound=(0.0, 0.5))]) is Verdict.NOT_SHOWN


def test_a_crack_that_never_opens_but_has_a_bound_is_not_shown():
    assert verdict(case(), [crack(0.0, history=[[0.0], [0.0]], bound=(0.0, 0.2))]) is Verdict.NOT_SHOWN
    assert verdict(case(), [crack(0.0, history=[[0.0], [0.0]])]) is Verdict.GO_WITH_RESTRICTION


def test_the_operator_decides_where_it_was_asked():
    assert verdict(case(), [operator(0.4)]) is Verdict.GO_WITH_RESTRICTION
    assert verdict(case(), [operator(0.71)]) is Verdict.NOT_SHOWN
    assert verdict(case(), [operator(1.1, first=250.0)]) is Verdict.NO_GO
    judged = judged_of(case(), [operator(0.4)], [], [], GLASS)
    assert judged.routes.credit.reason.startswith("crack operator: C1")
    assert judged.margins[0].criterion == "K/K_Ic of C1 (crack operator)"
    assert judged.margins[0].applied == 0.4 and judged.margins[0].event == "return, 310 s"
    for value in (np.nan, np.inf):
        assert verdict(case(), [operator(value)]) is Verdict.NOT_SHOWN
        assert verdict(case(), [operator(0.4, error=value)]) is Verdict.NOT_SHOWN


def test_an_alarm_of_the_quick_tier_is_none_where_the_operator_decides():
    assert not any(remark.alarm for remark in operator(0.4).warnings)
    assert any(remark.alarm for remark in operator(0.4, error=np.nan).warnings)  # an error that is not known


def test_a_band_that_the_case_states_and_nobody_asked_may_decide():
    """Whatever the status of its value: the engineer says that it may be another one."""
    crack_that_stays, key = [crack(0.3)], "environment.trajectory.speed"
    asked = Moved(key, key, END, (END, END), "test")
    assert judged_of(case(), crack_that_stays, (), (), GLASS).verdict is Verdict.GO_WITH_RESTRICTION
    assert judged_of(case(), crack_that_stays, (), (), GLASS, bands=[key], moved=[asked]).verdict in GOOD
    left = judged_of(case(), crack_that_stays, (), (), GLASS, bands=[key])
    assert left.verdict is Verdict.NOT_SHOWN and key in left.reasons[-1]
    other = dataclasses.replace(asked, stated=dataclasses.replace(END, verdict=Verdict.NO_GO))
    unlike = judged_of(case(), crack_that_stays, (), (), GLASS, bands=[key], moved=[other])
    assert unlike.verdict is Verdict.NOT_SHOWN  # asked of a model that does not say what the case says
    breaks = judged_of(case(), [crack(2.0, first=100.0)], (), (), GLASS, bands=[key])
    assert breaks.verdict is judged_of(case(), [crack(2.0, first=100.0)], (), (), GLASS).verdict
