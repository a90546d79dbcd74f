"""The route without credit in a study: one sweep for a window, kept on disk, and the verdict of a run of the case."""

import dataclasses

import pytest

from deadlight.case.model import Criteria
from deadlight.chain.loss_sweep import loss_sweep
from deadlight.chain.solving import answer_cracks
from deadlight.chain.verdict import NOT_FOLLOWED
from deadlight.errors import NotSolved
from deadlight.store.stage import StageStore
from deadlight.study import lost as lost_room
from deadlight.study.apply import Posed
from deadlight.study.lost import criteria_key, swept, without_sweep
from deadlight.study.space import Row
from deadlight.study.window import StudyWindow
from support_loss import solved_window

CRACK = (
    '[[gaps]]',
    '[[cracks]]\nname = "C1"\npane = "thermal"\nkind = "through"\ntwo_c = "6 mm"\n'
    'place = { azimuth = "0 deg", inside_lip = "10 mm" }\n[[gaps]]',
)  # fmt: skip


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    fewer = ("instants = 8\nconfirmed = 3", "instants = 4\nconfirmed = 1")
    return solved_window(tmp_path_factory.mktemp("lost"), CRACK, fewer)


@pytest.fixture(scope="module")
def sweep(solved):
    return loss_sweep(solved, "thermal")


@pytest.fixture
def calls(sweep, monkeypatch):
    made = []
    monkeypatch.setattr(lost_room, "loss_sweep", lambda *given, **named: made.append(given) or sweep)
    return made


def posed_of(case):
    return Posed(Row(0, 0, ()), case, {}, "key")


def test_the_verdict_of_a_row_is_that_of_a_run_with_both_routes(solved, sweep, calls, tmp_path):
    case = solved.viewport.case
    window = StudyWindow(solved, tmp_path, StageStore(tmp_path, "0"), loss=True)
    found = window.quick(posed_of(case)).judgement
    run = dataclasses.replace(answer_cracks(solved, case.cracks, root=tmp_path), sweep=sweep)
    assert found.routes.no_credit == run.judgement.routes.no_credit
    assert found.routes.no_credit.verdict is not None and found.verdict is run.judgement.verdict
    assert window.quick(posed_of(case)).judgement.routes == found.routes and len(calls) == 1


def test_the_sweep_is_made_once_and_taken_from_disk_after_that(solved, calls, tmp_path):
    case = solved.viewport.case
    store = StageStore(tmp_path, "0")
    first = swept(solved, case, tmp_path, store)
    assert swept(solved, case, tmp_path, store) == first and len(calls) == 1
    place = tmp_path / f"lost_{criteria_key(case)}.stage"
    place.write_bytes(place.read_bytes()[:-3])  # damaged: made again, the same
    assert swept(solved, case, tmp_path, store) == first and len(calls) == 2


def test_another_law_of_growth_makes_the_sweep_again(solved, calls, tmp_path):
    case, store = solved.viewport.case, StageStore(tmp_path, "0")
    case = case.model_copy(update={"growth": case.growth.model_copy(update={"file": "law.csv"})})
    for text, made in (("one", 1), ("one", 1), ("two", 2)):
        (tmp_path / "law.csv").write_text(text)
        swept(solved, case, tmp_path, store)
        assert len(calls) == made


def test_a_sweep_that_is_not_solved_says_so_and_leaves_credit_alone(solved, tmp_path, monkeypatch):
    def failing(*given, **named):
        raise NotSolved("no convergence")

    monkeypatch.setattr(lost_room, "loss_sweep", failing)
    store = StageStore(tmp_path, "0")
    found = swept(solved, solved.viewport.case, tmp_path, store)
    assert found.answer.verdict == "NOT_SHOWN" and "could not be followed" in found.remarks[0]
    assert not found.remarks[0].alarm


def test_one_sweep_serves_all_factors_on_k_and_no_other_criteria(solved):
    case = solved.viewport.case
    factor = {"value": "3.0", "status": "assumption", "source": "test"}

    def key(name):
        return criteria_key(case.model_copy(update={"criteria": Criteria.model_validate({name: factor})}))

    assert key("K_Ic_factor") == criteria_key(case) == criteria_key(case.model_copy(update={"cracks": ()}))
    assert key("next_pane_factor") != criteria_key(case)


def test_without_a_sweep_the_route_says_why(solved, tmp_path):
    case = solved.viewport.case
    assert without_sweep(case) is None
    inner = case.cracks[0].model_copy(update={"pane": "pressure"})
    answer = without_sweep(case.model_copy(update={"cracks": (inner,)})).answer
    assert answer.verdict == "NOT_SHOWN" and "not the outermost" in answer.reasons[0]
    assert StudyWindow(solved, tmp_path, StageStore(tmp_path, "0")).lost(case).answer is NOT_FOLLOWED
    alone = case.model_copy(update={"panes": case.panes[:1]})
    assert without_sweep(alone).answer.verdict == "NO_GO"
