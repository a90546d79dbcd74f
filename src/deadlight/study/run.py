"""A study from its file to its folder: what is missing is run, committed, and answered."""

from __future__ import annotations

import dataclasses
import time as clock
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from deadlight.errors import CaseError
from deadlight.progress import Progress, silent
from deadlight.study.answers import write_answers
from deadlight.study.apply import Posed
from deadlight.study.folder import StudyFolder, read_about
from deadlight.study.in_process import run_here
from deadlight.study.lost import criteria_key
from deadlight.study.maps import run_map
from deadlight.study.meter import Meter
from deadlight.study.plan import Group, Plan, chosen_for_full, plan_of
from deadlight.study.read import Study, read_study
from deadlight.study.record import Record, failed
from deadlight.study.report import write_report
from deadlight.study.window import StudyWindow
from deadlight.study.work import full_case, ordered, quick_case
from deadlight.study.workers import Outcome, Pool

EVERY, MOST = 2.0, 200  # a group of quick cases is committed after so many seconds, or so many cases


@dataclasses.dataclass(frozen=True)
class How:
    """How a study is run; nothing of it changes a number.

    Attributes
    ----------
    jobs : int
        1: in this process; more: so many worker processes.
    scheduler : str
        Address of a Dask scheduler; "" for none.
    """

    jobs: int = 1
    scheduler: str = ""


def run_study(path: str | Path, folder: str | Path, *, how: How = How(), progress: Progress = silent) -> dict[str, Any]:
    """Runs what is missing of a study, then answers it; returns what `answers.json` holds.

    Raises
    ------
    InputError
        Study or case at fault, or the folder holds another study.
    NotSolved
        Heat or stress of a window was not solved.
    MachineError
        Disk full, another process writes to the folder.
    """
    study = read_study(path)
    plan = plan_of(study)
    with StudyFolder(Path(folder), study) as target:
        runner = Runner(study, plan, target, how, progress)
        runner.quick()
        runner.full()
        maps = runner.maps() if study.form.map is not None else []
        found = write_answers(study, plan, target, maps)
        write_report(study, plan, target.path)
        target.say("finished", cases=plan.count)
    return found


def resume_study(folder: str | Path, *, how: How = How(), progress: Progress = silent) -> dict[str, Any]:
    """Takes up a study by the file it came from."""
    source = Path(read_about(Path(folder))["source"])
    if not source.exists():
        raise CaseError(
            f"the study's file {source} is no longer there",
            place=str(folder),
            remedy=f"deadlight batch STUDY.toml --out {folder}; study.toml in the folder is a copy of it",
        )
    return run_study(source, folder, how=how, progress=progress)


@dataclasses.dataclass
class Runner:
    """Runs the tiers of one study into its folder."""

    study: Study
    plan: Plan
    target: StudyFolder
    how: How
    progress: Progress

    def quick(self) -> None:
        """Every case by the quick tier."""
        known = self.target.quick
        self.target.commit_quick([r for r in self.plan.refused if r["key"] not in known])
        todo = [(g, _missing(ordered(g.posed), known)) for g in self.plan.groups]
        meter = Meter(self.progress, "quick tier", sum(len(posed) for _, posed in todo))
        for group, posed in todo:
            if posed:
                self._quick_group(group, posed, meter)
        meter.close()

    def _quick_group(self, group: Group, posed: list[Posed], meter: Meter) -> None:
        window = self._open(group)
        waiting: list[Record] = []
        since = clock.monotonic()

        def work(i: int) -> Record:
            assert window is not None
            return quick_case(window, posed[i])

        try:
            for outcome in self._outcomes(group, posed, "quick", work, window):
                waiting.append(_record(outcome, posed, "quick"))
                meter.one()
                if len(waiting) >= MOST or clock.monotonic() - since > EVERY:
                    self.target.commit_quick(waiting)
                    waiting, since = [], clock.monotonic()
        finally:
            self.target.commit_quick(waiting)

    def full(self) -> None:
        """The chosen cases by the crack operator."""
        keys = set(chosen_for_full(self.study, list(self.target.quick.values())))
        todo = [
            (g, _missing([p for p in ordered(g.posed) if p.key in keys], self.target.full)) for g in self.plan.groups
        ]
        meter = Meter(self.progress, "crack operator", sum(len(posed) for _, posed in todo))
        for group, posed in todo:
            if posed:
                self._full_group(group, posed, meter)
        meter.close()

    def _full_group(self, group: Group, posed: list[Posed], meter: Meter) -> None:
        window = self._open(group)

        def work(i: int) -> Any:
            assert window is not None
            return full_case(window, posed[i], self.study.form.full.refine)

        for outcome in self._outcomes(group, posed, "full", work, window):
            record, histories = outcome.value or (_record(outcome, posed, "full"), {})
            self.target.commit_full({**record, "attempts": outcome.attempts}, histories)
            meter.one()

    def maps(self) -> list[dict[str, Any]]:
        """The map of every return, with its audit."""
        return [run_map(self, base) for base in self.study.bases]

    def outcomes_here(self, count: int, work: Callable[[int], Any], *, seconds: float) -> Iterator[Outcome]:
        """Outcomes of other work than cases: on this machine, however the cases are run."""
        memory, tasks = self.study.form.limits.memory, list(range(count))
        if self.how.jobs > 1:
            return Pool(work, self.how.jobs, seconds, memory).run(tasks)
        limits = {"time_limit": seconds, "memory_limit": memory}
        return run_here(tasks, work, in_hand=lambda i: None, crashed=lambda i: False, **limits)

    def _outcomes(
        self, group: Group, posed: Sequence[Posed], tier: str, work: Callable[[int], Any], window: StudyWindow | None
    ) -> Iterator[Outcome]:
        limits = self.study.form.limits
        seconds = limits.time if tier == "quick" else limits.full_time
        tasks = list(range(len(posed)))
        if self.how.scheduler:
            from deadlight.study.cluster import run_there

            return run_there(
                self.how.scheduler,
                self.study,
                group,
                self.target.shared(group.key),
                posed,
                tier,
                time_limit=seconds,
            )
        if self.how.jobs > 1:
            return Pool(work, self.how.jobs, seconds, limits.memory).run(tasks)
        crashed = self.target.crashed
        return run_here(
            tasks,
            work,
            time_limit=seconds,
            memory_limit=limits.memory,
            in_hand=lambda i: self.target.in_hand(None if i is None else posed[i].key),
            crashed=lambda i: posed[i].key in crashed,
        )

    def _open(self, group: Group) -> StudyWindow | None:
        """The group's window; solved here if it is not kept, for a cluster's workers too."""
        kept = self.target.shared(group.key)
        loss = self.study.form.loss
        window = StudyWindow.open(group.case, group.base.root, kept, loss=loss, progress=self.progress)
        for case in {criteria_key(p.case): p.case for p in group.posed}.values():
            window.lost(case, progress=self.progress)  # before the workers are forked, or read it from disk
        if self.how.scheduler:
            return None
        for pane in {c.pane for p in group.posed for c in p.cracks}:
            window.pane(pane)  # before the workers are forked
        return window


def _missing(posed: Sequence[Posed], known: dict[str, Record]) -> list[Posed]:
    """Those that are not known, each once: two rows may state the same case."""
    return list({p.key: p for p in posed if p.key not in known}.values())


def _record(outcome: Outcome, posed: Sequence[Posed], tier: str) -> Record:
    at = posed[outcome.task]
    if outcome.value is None:
        return failed(at.row, at.key, outcome.why, tier=tier, seconds=0.0, attempts=outcome.attempts)
    return {**outcome.value, "attempts": outcome.attempts}
