"""Asks the verdict again with one value changed, by a coarse model; heat and stress only where they change."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from deadlight.case.model import Case
from deadlight.chain.bands import coarse, complete, move, spans_of
from deadlight.chain.laid import lay_cracks
from deadlight.chain.moved import End, Moved
from deadlight.chain.result import RunResult
from deadlight.chain.solving import Solved, StageClock, answer_stages, nothing, solve_stages, solve_stress
from deadlight.chain.viewport import Viewport, build_viewport
from deadlight.progress import Progress, silent
from deadlight.store.summary import Verdict


def moved_through(result: RunResult, root: Path, progress: Progress) -> tuple[Moved, ...]:
    """The values a verdict rests on, each moved through its band; empty where the case leaves them."""
    case = result.viewport.case
    if not case.solver.bands or case.stated is None or not result.cracks:
        return ()
    judged = result.judgement
    panes = {p.name: result.viewport.materials[p.name] for p in case.panes}
    spans = spans_of(case, panes, judged.deciding)
    whole = complete(spans)
    if not spans:
        return ()
    model = _Model(coarse(case, quick=all(c.quick for c in case.cracks)), root)
    found = move(model.case, spans, model.ask, progress)
    return tuple(m if m.key in whole else dataclasses.replace(m, key=f"{m.key} (part)") for m in found)


class _Model:
    """The coarse model, solved once as stated."""

    def __init__(self, case: Case, root: Path) -> None:
        self.case, self.root = case, root
        self._stated = self._solve(build_viewport(case, root=root))

    def _solve(self, viewport: Viewport) -> Solved:
        panes = {c.pane for c in viewport.case.cracks}
        return solve_stages(viewport, self.root, None, silent, StageClock(), record=nothing, panes=panes)

    def ask(self, case: Case, enters: str) -> End:
        """Verdict of a changed case; `enters` is the first stage that the change enters."""
        viewport = build_viewport(case, root=self.root)
        if enters == "heat":
            solved = self._solve(viewport)
        else:
            solved = dataclasses.replace(self._stated, viewport=viewport)
            if enters == "stress":
                panes = {c.pane for c in case.cracks}
                histories = solve_stress(viewport, solved.environment, solved.temperature, None, silent, panes)
                solved = dataclasses.replace(solved, stress=histories)
        laid = lay_cracks(viewport, self.root)
        result = answer_stages(solved, laid, self.root, None, silent, StageClock(), record=nothing, pieces=False)
        judged = result.judgement
        ratio = max((a.judged.highest for a in result.cracks), default=np.nan)
        routes = (judged.routes.credit.verdict, judged.routes.no_credit.verdict)
        credit, no_credit = (each or Verdict.NOT_SHOWN for each in routes)
        return End("", judged.at_stated, credit, no_credit, float(ratio), "; ".join(result.alarms)[:200])
