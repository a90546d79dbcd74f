"""Asks the verdict again with one value changed, by a coarse model; heat and stress only where they change."""

from __future__ import annotations

import dataclasses
import os
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from deadlight.case.model import Case
from deadlight.chain.after_growth import outcomes_of
from deadlight.chain.bands import Span, coarse, complete, moved, spans_of, too_far
from deadlight.chain.laid import lay_cracks
from deadlight.chain.loss_sweep import LossSweep, loss_sweep
from deadlight.chain.moved import End, Moved
from deadlight.chain.result import RunResult
from deadlight.chain.solved import Solved
from deadlight.chain.solving import StageClock, answer_stages, nothing, solve_stages, solve_stress
from deadlight.chain.viewport import Viewport, build_viewport
from deadlight.entry.environment import Environment
from deadlight.kernels import threads
from deadlight.process import end_with_parent
from deadlight.progress import Progress, silent
from deadlight.store.summary import Verdict

SWEPT = 6  # loss times of the column in the coarse model; the worst as a whole window
WORTH = 3  # values from which processes are worth their start
ON_MARGIN = "criteria.next_pane_factor"  # asked only of a pane that does not break
HEATING = "environment.heating.ratio"  # the environment is that of heating ratio one


def moved_through(result: RunResult, root: Path, progress: Progress, *, processes: bool = False) -> tuple[Moved, ...]:
    """The values a verdict rests on, each moved through its band; empty where the case leaves them."""
    case = result.viewport.case
    if not case.solver.bands or case.stated is None or not result.cracks:
        return ()
    panes = {p.name: result.viewport.materials[p.name] for p in case.panes}
    spans = spans_of(case, panes, result.judgement.deciding)
    if not spans:
        return ()
    progress("bands", 0.0, f"{len(spans)} values")
    model = _Model(coarse(case, quick=all(c.quick for c in case.cracks)), root, result)
    found = {span.path: _left(span, model) for span in spans if model.far(span)}
    asked = [span for span in spans if span.path not in found]
    for done, each in enumerate(_asked(model, asked, processes), 1):
        progress("bands", done / len(asked), each.path)
        found[each.path] = each
    whole = complete(spans)
    moves = [found[span.path] for span in spans]
    return tuple(m if m.key in whole else dataclasses.replace(m, key=f"{m.key} (part)") for m in moves)


def _asked(model: _Model, spans: Sequence[Span], processes: bool) -> Iterator[Moved]:
    """Spans one by one, or in as many processes as there are threads to use; in any order."""
    workers = min(threads(), len(spans))
    if not processes or workers < 2 or len(spans) < WORTH:
        for span in spans:
            yield moved(model.case, span, model.stated, model.ask)
        return
    given = pickle.dumps(model), os.getpid()
    with ProcessPoolExecutor(workers, get_context("spawn"), _work_with, given) as pool:
        for done in as_completed([pool.submit(_move, span) for span in spans]):
            yield done.result()


_worker: list[_Model] = []


def _work_with(model: bytes, parent: int) -> None:
    end_with_parent(parent)
    os.environ["DEADLIGHT_THREADS"] = "1"
    _worker[:] = [pickle.loads(model)]


def _move(span: Span) -> Moved:
    return moved(_worker[0].case, span, _worker[0].stated, _worker[0].ask)


def _left(span: Span, model: _Model) -> Moved:
    note = f"K/K_Ic is too far from its limit for {span.low} to {span.high}, even if it followed the third power"
    if span.key == ON_MARGIN:
        note = "a factor on panes that hold; the next pane breaks without it"
    here = dataclasses.replace(model.stated, value=span.stated)
    return Moved(span.key, span.path, here, (), span.source, note=note)


class _Model:
    """The coarse model, solved once as stated."""

    def __init__(self, case: Case, root: Path, fine: RunResult) -> None:
        self.case, self.root, self._lose = case, root, fine.sweep is not None
        self._enters = [route.rests_on for route in fine.routes]
        self._solved = self._solve(build_viewport(case, root=root))
        self._result: RunResult | None = None
        self.stated = self.ask(case, None)

    def _solve(self, viewport: Viewport, environment: Environment | None = None) -> Solved:
        panes = {c.pane for c in viewport.case.cracks}
        return solve_stages(
            viewport, self.root, None, silent, StageClock(), record=nothing, panes=panes, environment=environment
        )

    def ask(self, case: Case, span: Span | None) -> End:
        """Verdict of a changed case; a route that the value does not enter stays as stated."""
        viewport = build_viewport(case, root=self.root)
        solved = self._solved if span is None else self._again(viewport, span)
        stated = self._result
        credit, no_credit = self._routes(span)
        if stated is None or credit:
            laid = lay_cracks(viewport, self.root)
            result = answer_stages(solved, laid, self.root, None, silent, StageClock(), record=nothing, pieces=False)
            result = self._with_pieces(result)
        else:
            result = dataclasses.replace(stated, viewport=viewport)
        if stated is None or no_credit:
            result = dataclasses.replace(result, sweep=self._sweep(solved))
        else:
            result = dataclasses.replace(result, sweep=stated.sweep)
        if span is None:
            self._result = result
        return _end(result)

    def _routes(self, span: Span | None) -> tuple[bool, bool]:
        """Which routes a value enters; both where neither list knows it."""
        known = [span is not None and span.key in keys for keys in self._enters]
        return (known[0], known[1]) if any(known) else (True, True)

    def _with_pieces(self, result: RunResult) -> RunResult:
        """With pieces and seats where they can still make the verdict worse."""
        if result.routes[0].verdict is Verdict.NO_GO:
            return result
        viewport, environment = result.viewport, result.environment
        outcomes, told = outcomes_of(viewport, environment, result.temperature, result.cracks, silent)
        return dataclasses.replace(result, outcomes=outcomes, told=told)

    def far(self, span: Span) -> bool:
        """Whether every route the value enters is too far from changing."""
        assert self._result is not None
        credit, no_credit = self._routes(span)
        if no_credit and not _fails_anyway(span, self._result.sweep):
            return False
        if credit:
            factor = self.case.criteria.K_Ic_factor
            top = max((a.judged.highest for a in self._result.cracks), default=np.nan)
            below = top * (factor.value if factor else np.nan) < 1.0
            return bool(below) and too_far(span, top * factor.value if factor else None)
        return True

    def _again(self, viewport: Viewport, span: Span) -> Solved:
        if span.enters == "heat":
            outside = span.path.startswith(("environment.", "gaps.", "panes.")) and span.key != HEATING
            return self._solve(viewport, None if outside else self._solved.environment)
        solved = dataclasses.replace(self._solved, viewport=viewport)
        if span.enters == "crack":
            return solved
        panes = {c.pane for c in viewport.case.cracks}
        stress = solve_stress(viewport, solved.environment, solved.temperature, None, silent, panes)
        return dataclasses.replace(solved, stress=stress)

    def _sweep(self, solved: Solved) -> LossSweep | None:
        if not self._lose:
            return None
        lost = solved.viewport.case.panes[0].name
        return loss_sweep(solved, lost, instants=SWEPT, confirmed=1, follow=False, root=self.root)


def _fails_anyway(span: Span, sweep: LossSweep | None) -> bool:
    """Whether the next pane breaks whatever the value is: far over K_Ic, or the value is a factor on what holds."""
    if sweep is None:
        return True
    flaw = sweep.worst.judged.flaw
    if sweep.worst.state != "breaks" or flaw is None:
        return False
    return span.key == ON_MARGIN or too_far(span, max(flaw.ratio_max, 1.0))


def _end(result: RunResult) -> End:
    ratio = max((a.judged.highest for a in result.cracks), default=np.nan)
    credit, no_credit = result.routes
    alarms = "; ".join(result.alarms)[:200]
    verdict = result.judgement.at_stated
    digits = float(f"{ratio:.6g}")  # of a coarse model: what threads round differently is none of its business
    return End("", verdict, credit.verdict, no_credit.verdict, digits, alarms)
