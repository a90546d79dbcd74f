"""Asks the verdict again with one value changed, by a coarse model; heat and stress only where they change."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from deadlight.case.model import Case
from deadlight.chain.bands import Span, coarse, complete, move, spans_of
from deadlight.chain.laid import lay_cracks
from deadlight.chain.loss_sweep import LossSweep, loss_sweep
from deadlight.chain.moved import End, Moved
from deadlight.chain.result import RunResult
from deadlight.chain.solved import Solved
from deadlight.chain.solving import StageClock, answer_stages, nothing, solve_stages, solve_stress
from deadlight.chain.verdict import combined
from deadlight.chain.viewport import Viewport, build_viewport
from deadlight.progress import Progress, silent
from deadlight.store.summary import Verdict

SWEPT = 6  # loss times of the column in the coarse model; the worst as a whole window


def moved_through(result: RunResult, root: Path, progress: Progress) -> tuple[Moved, ...]:
    """The values a verdict rests on, each moved through its band; empty where the case leaves them."""
    case = result.viewport.case
    if not case.solver.bands or case.stated is None or not result.cracks:
        return ()
    panes = {p.name: result.viewport.materials[p.name] for p in case.panes}
    spans = spans_of(case, panes, result.judgement.deciding)
    if not spans:
        return ()
    progress("bands", 0.0, f"{len(spans)} values")
    routes = result.routes
    model = _Model(coarse(case, quick=all(c.quick for c in case.cracks)), root, result.sweep is not None)
    model.enters = {"credit": routes[0].rests_on, "no_credit": routes[1].rests_on}
    found = move(model.case, spans, model.ask, progress)
    whole = complete(spans)
    return tuple(m if m.key in whole else dataclasses.replace(m, key=f"{m.key} (part)") for m in found)


class _Model:
    """The coarse model, solved once as stated."""

    def __init__(self, case: Case, root: Path, lose: bool) -> None:
        self.case, self.root, self.lose = case, root, lose
        self.enters: dict[str, frozenset[str]] = {}
        self._solved = self._solve(build_viewport(case, root=root))
        self._stated: RunResult | None = None

    def _solve(self, viewport: Viewport) -> Solved:
        panes = {c.pane for c in viewport.case.cracks}
        return solve_stages(viewport, self.root, None, silent, StageClock(), record=nothing, panes=panes)

    def ask(self, case: Case, span: Span | None) -> End:
        """Verdict of a changed case; a route that the value does not enter stays as stated."""
        viewport = build_viewport(case, root=self.root)
        solved = self._again(viewport, "crack" if span is None else span.enters)
        stated = self._stated
        if span is None or stated is None or span.key in self.enters["credit"]:
            laid = lay_cracks(viewport, self.root)
            result = answer_stages(solved, laid, self.root, None, silent, StageClock(), record=nothing, pieces=False)
        else:
            result = dataclasses.replace(stated, viewport=viewport)
        if span is None or stated is None or span.key in self.enters["no_credit"]:
            result = dataclasses.replace(result, sweep=self._sweep(solved))
        else:
            result = dataclasses.replace(result, sweep=stated.sweep)
        if span is None:
            self._stated = result
        return _end(result)

    def _again(self, viewport: Viewport, enters: str) -> Solved:
        if enters == "heat":
            return self._solve(viewport)
        solved = dataclasses.replace(self._solved, viewport=viewport)
        if enters == "crack":
            return solved
        panes = {c.pane for c in viewport.case.cracks}
        stress = solve_stress(viewport, solved.environment, solved.temperature, None, silent, panes)
        return dataclasses.replace(solved, stress=stress)

    def _sweep(self, solved: Solved) -> LossSweep | None:
        if not self.lose:
            return None
        return loss_sweep(solved, solved.viewport.case.panes[0].name, instants=SWEPT, confirmed=1)


def _end(result: RunResult) -> End:
    judged = result.judgement
    ratio = max((a.judged.highest for a in result.cracks), default=np.nan)
    credit, no_credit = result.routes
    alarms = result.alarms
    verdict = combined(credit.verdict, no_credit.verdict)
    if alarms and verdict is not Verdict.NO_GO:
        verdict = Verdict.NOT_SHOWN
    assert verdict is judged.at_stated
    return End("", verdict, credit.verdict, no_credit.verdict, float(ratio), "; ".join(alarms)[:200])
