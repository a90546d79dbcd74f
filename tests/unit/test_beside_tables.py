"""What is said where K leaves the tables or stands far off another formula, and exactly from where on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from deadlight.crack.beside import handbook_beside, plane_beside, table_remarks
from deadlight.remark import Remark

ALARM = Remark("near", alarm=True)


def said(half: float = 1.0, nu: float = 0.2, unsettled: float | None = 0.0, held: bool = True) -> tuple[Remark, ...]:
    influence: Any = SimpleNamespace(remarks=(ALARM,)) if held else None
    crack: Any = SimpleNamespace(half_length=half)
    return table_remarks(influence, crack, thickness=0.5, nu=nu, unsettled=unsettled)


def test_without_tables_the_plane_problem_is_named_with_what_is_outside() -> None:
    (short,), (nu,) = said(half=0.1, held=False), said(nu=0.45, held=False)
    assert "c/t = 0.2 below 0.25" in short and "nu = 0.45 outside 0.1 ... 0.4" in nu
    assert "c/t" not in nu and "nu" not in short and not short.alarm and not nu.alarm
    assert "nu" in said(half=0.125, nu=0.45, held=False)[0]


def test_a_crack_longer_than_the_tables_is_an_alarm_if_a_twentieth_of_k_has_not_settled() -> None:
    assert said(half=2.0) == (ALARM,)
    for share, alarm in ((0.05, False), (0.0501, True)):
        found = said(half=2.01, unsettled=share)
        assert found[0] == ALARM and "c/t = 4.02 above 4" in found[1] and found[1].alarm == alarm
        assert f"by {100 * share:.1f} % of its peak" in found[1]


def test_a_grown_crack_outside_the_tables_is_no_alarm() -> None:
    found = said(half=2.01, unsettled=None)
    assert len(found) == 2 and not any(each.alarm for each in found) and "peak" not in found[1]


@pytest.mark.parametrize(("plane", "words"), [(1.0999, 0), (0.9001, 0), (1.1001, "1.10 of"), (0.85, "0.85 of")])
def test_a_plane_k_more_than_a_tenth_off_is_said(plane: float, words: Any) -> None:
    found = plane_beside(2.0, 2.0 * plane)
    assert len(found) == bool(words) and all(words in each and not each.alarm for each in found)
    assert plane_beside(0.0, 1.0) == ()


@pytest.mark.parametrize(
    ("handbook", "suits", "count", "alarm"),
    [(1.09, True, 0, False), (0.91, True, 0, False), (1.15, True, 1, False), (1.29, True, 1, False),
     (1.31, True, 1, True), (0.69, True, 1, True), (0.71, True, 1, False), (1.5, False, 1, False)],
)  # fmt: skip
def test_a_handbook_that_fits_is_an_alarm_beyond_a_fifth_and_the_tables_error(
    handbook: float, suits: bool, count: int, alarm: bool
) -> None:
    """Error 0.1 of the peak."""
    k = np.array([[1.0, 1.0], [2.0, 4.0]])
    problem: Any = SimpleNamespace(tips=("deepest", "rim_side"), suits_handbook=lambda found, top: suits and top == 1)
    found: Any = SimpleNamespace(upper=k, error=0.1 * k)
    told = handbook_beside(problem, found, handbook * k, 1, 1)
    assert len(told) == count
    for each in told:
        assert each.alarm == alarm and f"gives {handbook:.2f} of the peak K at the rim_side point" in each
    shut: Any = SimpleNamespace(upper=0.0 * k, error=k)
    assert handbook_beside(problem, shut, k, 1, 1) == ()
