"""A piece that leaves leads on: the window runs on with the opening it leaves, and both routes say what follows.

Two round panes, three through cracks that cut a triangle of 2 x 17.3 mm out of the outer one.  Its area is
3 sqrt(3) r^2 with r = 10 mm, so its opening is a circle of radius sqrt(3 sqrt(3)/pi) r = 12.86 mm on the axis.
"""

from __future__ import annotations

import dataclasses
import math

import pytest

from deadlight.chain.credit import credit_route
from deadlight.chain.lost_pieces import lost_pieces
from deadlight.chain.pieces import pane_outcome
from deadlight.chain.result import RunResult
from deadlight.series import Series
from deadlight.store.summary import Verdict
from support_loss import solved_window
from support_outcome import as_found

CRACKS = "".join(
    f'[[cracks]]\nname = "T{k}"\npane = "thermal"\nkind = "through"\ntwo_c = "40 mm"\n'
    f'place = {{ azimuth = "{120 * k + 10} deg", radius = "10 mm" }}\norientation = "hoop"\n'
    for k in range(3)
)


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """The window with its cracks as found; suction of 2 kPa from 60 s on."""
    folder = tmp_path_factory.mktemp("lost")
    made = solved_window(folder, ("[solver]", CRACKS + "[solver]"))
    pull = Series([0.0, 60.0, 61.0, made.environment.end], [0.0, 0.0, 2e3, 2e3])
    still = Series.constant((0.0, 0.0, 0.0))
    pulled = dataclasses.replace(
        made.environment, cabin_pressure=pull, outer_pressure=Series.constant(0.0), acceleration=still
    )
    pulled = dataclasses.replace(pulled, gap_pressure={k: pull for k in pulled.gap_pressure})
    answers = as_found(made.viewport, folder)
    outcome = pane_outcome(made.viewport, pulled, made.temperature, "thermal", None, answers)
    return made, answers, outcome


@pytest.fixture(scope="module")
def lost(solved):
    window, _, outcome = solved
    found, told = lost_pieces(window, [outcome])
    assert not told
    return found


def test_the_piece_that_leaves_opens_its_own_area_from_when_it_leaves(solved, lost):
    _, _, outcome = solved
    assert outcome.state == "leaves" and 60.0 <= outcome.first_lost <= 62.0
    (each,) = lost
    hole = each.loss.opening
    assert each.loss.time == outcome.first_lost and not each.stated
    assert hole.radius == pytest.approx(math.sqrt(3.0 * math.sqrt(3.0) / math.pi) * 0.010, rel=2e-3)
    assert math.hypot(hole.x, hole.y) < 1e-4
    assert "opening 25.7 mm across" in each.sentence


def test_the_next_pane_is_heated_through_it_and_both_routes_say_so(solved, lost):
    """A jet of 0.15 MW/m2 on the middle of a tempered pane with a 0.1 mm flaw: it does not survive."""
    window, answers, outcome = solved
    (each,) = lost
    assert each.loss.exposed.name == "pressure" and each.loss.exposed.state in ("breaks", "temper lost")
    case = window.viewport.case
    glass = {name: m.name for name, m in window.viewport.materials.items()}
    credit = credit_route(case, answers, glass, [outcome], lost)
    assert credit.verdict is Verdict.NO_GO
    assert each.sentence in credit.reasons
    result = RunResult(
        window.viewport, window.environment, window.heat_model, window.temperature, window.stress, tuple(answers), {},
        outcomes=(outcome,), lost=lost,
    )  # fmt: skip
    assert "loss.jet_factor" in {a.key for a in result.assumptions}
    assert any(text.startswith(each.what) for text in result.warnings)


def test_nothing_lost_nothing_followed(solved):
    window, _, outcome = solved
    whole = dataclasses.replace(outcome, first_lost=None)
    assert lost_pieces(window, [whole]) == ((), ())
