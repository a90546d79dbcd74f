"""A window through one history, solved once and kept on disk, and the cracks that are asked of it."""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.case.crack import Crack
from deadlight.case.model import Case
from deadlight.chain.assess import assess_crack
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.credit import credit_route
from deadlight.chain.laid import lay_cracks
from deadlight.chain.prepared_pane import PreparedPane
from deadlight.chain.result import RunResult
from deadlight.chain.solving import Solved, answer_cracks, solve_window, window_store
from deadlight.chain.verdict import NOT_FOLLOWED, Judgement, judge
from deadlight.chain.viewport import Viewport
from deadlight.material.material import Material
from deadlight.progress import Progress, silent
from deadlight.remark import Remark, remark, unique
from deadlight.store.stage import StageStore
from deadlight.study.apply import Posed
from deadlight.study.lost import Lost, criteria_key, swept, without_sweep
from deadlight.surface.body import Body

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Answered:
    """A case's cracks and the verdict on them."""

    answers: tuple[CrackAnswer, ...]
    judgement: Judgement
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, eq=False)
class StudyWindow:
    """What all cases of one window share.

    Attributes
    ----------
    solved : Solved
        Heat and stress.
    root : Path
        Folder of the case, where its files are.
    store : StageStore
        Of what is shared.
    loss : bool
        Whether a verdict knows the route without credit too.
    """

    solved: Solved
    root: Path
    store: StageStore
    loss: bool = False

    @classmethod
    def open(
        cls, case: Case, root: Path, kept_in: Path, *, loss: bool = False, progress: Progress = silent
    ) -> StudyWindow:
        """Solves the window, or takes what is kept of it in a folder of its own.

        Raises
        ------
        InputError, NotSolved, MachineError
            As a run of the case does.
        """
        solved = solve_window(case, root=root, progress=progress, kept_in=kept_in)
        return cls(solved, root, window_store(case, root, kept_in), loss)

    @functools.cached_property
    def _lost(self) -> dict[str, Lost]:
        return {}

    def lost(self, case: Case, *, progress: Progress = silent) -> Lost:
        """The route without credit of a row's case: its sweep is made once for all that share it, and kept."""
        if not self.loss:
            return Lost(NOT_FOLLOWED)
        found = without_sweep(case)
        if found is None:
            key = criteria_key(case)
            if key not in self._lost:
                self._lost[key] = swept(self.solved, case, self.root, self.store, progress=progress)
            found = self._lost[key]
        return found

    @functools.cached_property
    def _prepared(self) -> dict[str, PreparedPane]:
        return {}

    @functools.cached_property
    def _bodies(self) -> dict[str, Body]:
        return {}

    def pane(self, name: str) -> PreparedPane:
        """A pane prepared for the quick tier, kept."""
        if name not in self._prepared:
            s = self.solved
            self._prepared[name] = PreparedPane.of(s.viewport, name, s.stress[name], s.temperature)
        return self._prepared[name]

    @functools.cached_property
    def _without_cracks(self) -> tuple[tuple[Remark, ...], tuple[Assumption, ...]]:
        """Remarks and assumptions of the window itself."""
        s = self.solved
        viewport = dataclasses.replace(s.viewport, case=s.viewport.case.model_copy(update={"cracks": ()}))
        bare = RunResult(viewport, s.environment, s.heat_model, s.temperature, s.stress, (), {})
        return bare.warnings, bare.assumptions

    def quick(self, posed: Posed) -> Answered:
        """By influence tables, the crack as found; where a law of slow growth is stated, followed by it.

        Raises
        ------
        InputError
            A crack does not fit.
        NotSolved
        """
        case = posed.case.model_copy(update={"growth": posed.case.growth.model_copy(update={"tier": "quick"})})
        posed = dataclasses.replace(posed, case=case)
        if posed.case.growth.law != "none":
            solved = dataclasses.replace(self.solved, viewport=self._viewport(posed))
            return self._judged(posed, answer_cracks(solved, case.cracks, root=self.root).cracks)
        found = [
            CrackAnswer(c, quick=self.pane(c.pane).answer(c, toughness=self._factor(posed, c))) for c in case.cracks
        ]
        return self._judged(posed, tuple(found))

    def full(self, posed: Posed, refine: float = 1.0) -> Answered:
        """By the crack operator: K along the front of every crack as found, on a mesh so many times as fine."""
        solver = posed.case.solver.model_copy(update={"crack_refine": refine * posed.case.solver.crack_refine})
        growth = posed.case.growth.model_copy(update={"tier": "full"})
        case = posed.case.model_copy(update={"growth": growth, "solver": solver})
        posed = dataclasses.replace(posed, case=case)
        viewport, s = self._viewport(posed), self.solved
        laid = lay_cracks(viewport, self.root, self._bodies)
        found = []
        for each in laid:
            crack = each.stated
            quick = self.pane(crack.pane).answer(crack, toughness=self._factor(posed, crack)) if each.quick else None
            history = s.stress[crack.pane]
            found.append(assess_crack(viewport, each, s.environment, history, s.temperature, quick))
        return self._judged(posed, tuple(found))

    def _viewport(self, posed: Posed) -> Viewport:
        viewport = self.solved.viewport
        materials = dict(viewport.materials)
        for pane, factor in posed.toughness.items():
            materials[pane] = tougher(materials[pane], factor)
        return dataclasses.replace(viewport, case=posed.case, materials=materials)

    def _factor(self, posed: Posed, crack: Crack) -> float:
        return posed.toughness.get(crack.pane, 1.0)

    def _judged(self, posed: Posed, answers: tuple[CrackAnswer, ...]) -> Answered:
        """The verdict as a run of the case says it."""
        warnings, assumptions = self._without_cracks
        told = list(warnings)
        rests = {(a.key, a.value): a for a in assumptions}
        for answer in answers:
            told += [remark(text).of(answer.stated.name) for text in answer.warnings]
            rests |= {(a.key, a.value): a for a in answer.assumptions}
            if answer.growth is not None:
                told += answer.growth.remarks
                rests |= {(a.key, a.value): a for a in answer.growth.assumptions}
        lost = self.lost(posed.case)
        told += lost.remarks
        rests |= {(a.key, a.value): a for a in lost.assumptions}
        remarks = unique(told)
        alarms = [str(each) for each in remarks if each.alarm]
        glass = {name: m.name for name, m in self.solved.viewport.materials.items()}
        credit = credit_route(posed.case, answers, glass)
        return Answered(answers, judge(answers, tuple(rests.values()), alarms, credit, lost.answer), remarks)


def tougher(material: Material, factor: float) -> Material:
    """The same glass with K_Ic times a factor."""
    if factor == 1.0:
        return material
    table = material.table("toughness")
    changed = dataclasses.replace(table, value=np.asarray(table.value) * factor)
    return dataclasses.replace(material, properties={**material.properties, "toughness": changed})
