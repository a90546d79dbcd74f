"""Stops and gaskets: ends of the table of a grip, gaps, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.outcome.supports import Gasket, Support


def cord(**changes: object) -> Gasket:
    given = {"thickness": 1e-3, "temperature": [300.0, 500.0], "grip": [2e5, 1e5], "friction": 0.3} | changes
    return Gasket(**given, source="test", status="A")  # type: ignore[arg-type]


def test_a_table_holds_up_to_its_ends_and_not_beyond() -> None:
    assert cord().at(300.0) == (2e5, ()) and cord().at(500.0) == (1e5, ())
    grip, (remark,) = cord().at(500.01)
    assert grip == 0.0 and remark.alarm and "taken as lost" in remark
    grip, (remark,) = cord().at(299.99)
    assert grip == 2e5 and remark.alarm and "begins at" in remark


def test_where_the_gasket_is_lost_the_stop_is_farther_by_its_thickness() -> None:
    fitted = Support("lip", ("lip",), 0.2, clearance=5e-4, gasket=cord(), temperature=400.0)
    lost = Support("lip", ("lip",), 0.2, clearance=5e-4, gasket=cord(), temperature=501.0)
    bare = Support("lip", ("lip",), 0.2, clearance=5e-4)
    assert (fitted.gap, bare.gap) == (0.0, 5e-4) and lost.gap == pytest.approx(1.5e-3)
    assert fitted.grip == 1.5e5 and lost.grip == 0.0 and lost.remarks[0].alarm


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": [500.0, 300.0]}, {"temperature": [300.0, 300.0]}, {"grip": [2e5, -1.0]}, {"grip": [2e5]},
        {"grip": [2e5, math.nan]}, {"thickness": -1e-3}, {"thickness": math.inf}, {"friction": -0.1},
        {"friction": math.inf}, {"friction": math.nan},
    ],
)  # fmt: skip
def test_a_gasket_that_cannot_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InputError, match="gasket"):
        cord(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"clearance": -1.0}, {"clearance": math.inf}, {"clearance": math.nan}, {"limit": 0.0}, {"limit": math.nan},
        {"friction": -0.1}, {"friction": math.inf}, {"friction": math.nan},
    ],
)  # fmt: skip
def test_a_stop_that_cannot_be_is_refused(changes: dict[str, float]) -> None:
    with pytest.raises(InputError, match='support "lip"'):
        Support(**({"name": "lip", "regions": ("lip",), "friction": 0.2} | changes))  # type: ignore[arg-type]


def test_a_temperature_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="finite temperature"):
        cord().at(math.nan)
    assert np.isinf(Support("lip", ("lip",), 0.2).limit)


def test_tables_of_one_row_of_three_and_that_end_at_nothing() -> None:
    with pytest.raises(InputError, match="gasket"):
        cord(temperature=[], grip=[])
    one = cord(temperature=[400.0], grip=[1e5])
    assert one.at(400.0) == (1e5, ()) and one.at(401.0)[0] == 0.0 and one.at(399.0)[0] == 1e5
    three = cord(temperature=[300.0, 300.5, 500.0], grip=[2e5, 1e5, 0.0])
    assert three.at(400.25) == (5e4, ()) and three.at(500.0) == (0.0, ()) and three.at(700.0) == (0.0, ())
    for last in (0.5, 1.0):
        grip, (remark,) = cord(temperature=[300.0, 400.0, 500.0], grip=[2.0, 0.0, last]).at(501.0)
        assert grip == 0.0 and remark.alarm


def test_what_has_no_thickness_friction_or_clearance_can_be() -> None:
    thin = cord(thickness=0.0, friction=0.0, grip=[0.5, 0.5])
    weak = Support("lip", ("lip",), 0.0, clearance=2e-3, gasket=thin, temperature=400.0, limit=0.25)
    assert (weak.grip, weak.gap, weak.limit, weak.remarks) == (0.5, 0.0, 0.25, ())
    bare = Support("lip", ("lip",), 0.0)
    assert (bare.grip, bare.gap, bare.remarks) == (0.0, 0.0, ())
