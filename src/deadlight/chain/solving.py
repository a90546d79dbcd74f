"""The stages of one case in order: window, environment, heat, stress, cracks, growth; each may be kept on disk."""

from __future__ import annotations

import dataclasses
import functools
import time as clock
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from deadlight import __version__
from deadlight.case.crack import Crack
from deadlight.case.load import case_hash, window_of
from deadlight.case.model import Case
from deadlight.case.paths import file_digests
from deadlight.chain import stages
from deadlight.chain.after_growth import leak_of, outcomes_of
from deadlight.chain.assess import assess_crack
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.growing import grow
from deadlight.chain.heating import heat_model
from deadlight.chain.in_orbit import with_hold
from deadlight.chain.laid import Laid, lay_cracks
from deadlight.chain.leaking import LeakOutcome
from deadlight.chain.loading import pane_stress
from deadlight.chain.outside import environment_of, with_wall_temperatures
from deadlight.chain.pieces import PaneOutcome
from deadlight.chain.result import RunResult
from deadlight.chain.solved import Solved
from deadlight.chain.viewport import Viewport, build_viewport
from deadlight.entry.environment import Environment
from deadlight.finite import require_finite
from deadlight.heat.history import TemperatureHistory
from deadlight.heat.solve import solve_heat
from deadlight.linalg.schedule import blas_threads
from deadlight.progress import Progress, silent
from deadlight.remark import Remark
from deadlight.store.stage import StageStore
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]
STEP = 5.0  # [s] stress and K are sampled at least this often, whatever steps the heat solution took


@dataclass
class StageClock:
    """Wall seconds of each stage."""

    seconds: dict[str, float | None] = field(default_factory=dict)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        begun = clock.perf_counter()
        yield
        self.seconds[stage] = round(clock.perf_counter() - begun, 3)


def nothing(state: str, stage: str = "", message: str = "") -> None:
    """Notes nothing."""


def solve_window(
    case: Case, *, root: str | Path = ".", kept_in: Path | None = None, progress: Progress = silent
) -> Solved:
    """Heat and stress of a case, without its cracks; `answer_cracks` takes them for any cracks of the same window.

    Parameters
    ----------
    kept_in : Path, optional
        Folder in which both are kept, and found again by a later call for the same window.
    """
    viewport = build_viewport(case, root=Path(root))
    store = window_store(case, Path(root), kept_in) if kept_in is not None else None
    return solve_stages(viewport, Path(root), store, progress, StageClock(), record=nothing)


def window_store(case: Case, root: Path, folder: Path) -> StageStore:
    """The stages of a window, whatever its cracks, in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    window = window_of(case)
    return StageStore(folder, case_hash(window, version=__version__, files=file_digests(window, root)))


def answer_cracks(
    solved: Solved, cracks: Sequence[Crack], *, root: str | Path = ".", progress: Progress = silent
) -> RunResult:
    """Cracks in a window that is solved: K, growth, what the verdict takes.

    Parameters
    ----------
    cracks : sequence of Crack
        In the place of those of the case; those of one pane are solved, and grow, together.
    """
    case = solved.viewport.case.model_copy(update={"cracks": tuple(cracks)})
    viewport = dataclasses.replace(solved.viewport, case=case)
    solved = dataclasses.replace(solved, viewport=viewport)
    return answer_stages(
        solved, lay_cracks(viewport, Path(root)), Path(root), None, progress, StageClock(), record=nothing
    )


def solve_stages(
    viewport: Viewport, root: Path, store: StageStore | None, progress: Progress, seconds: StageClock, *, record: Any,
    panes: Container[str] | None = None, environment: Environment | None = None,
) -> Solved:  # fmt: skip
    """Environment, heat and stress of a window; stress of some panes only where `panes` says so.

    An environment that is given is taken as it is, its gap gas anew.
    """
    require_finite("window", viewport=viewport)
    with seconds("environment"):
        environment = environment or environment_of(viewport, root=root)
        require_finite("environment", environment=environment)
        progress("environment", 1.0, f"{environment.end:.0f} s")
    # many small dense products: threads in BLAS cost more than they bring; kernels and factor have their own
    with seconds("heat"), blas_threads(1):
        record("running", stage="heat")
        heat, temperature = solve_temperature(viewport, environment, store, progress)
        require_finite("heat", model=heat, history=temperature)
        temperature = temperature.resampled(instants(temperature.time))
        environment = with_wall_temperatures(environment, viewport, temperature)
        environment, temperature = with_hold(viewport, environment, temperature)
    with seconds("stress"), blas_threads(1):
        record("running", stage="stress")
        histories = solve_stress(viewport, environment, temperature, store, progress, panes)
        require_finite("stress", environment=environment, temperature=temperature, history=histories)
    return Solved(viewport, environment, heat, temperature, histories)


def answer_stages(
    solved: Solved, laid: tuple[Laid, ...], root: Path, store: StageStore | None, progress: Progress,
    seconds: StageClock, *, record: Any, pieces: bool = True,
) -> RunResult:  # fmt: skip
    """K of the cracks as laid in a solved window, their growth, and the pieces they cut off."""
    viewport, environment, temperature = solved.viewport, solved.environment, solved.temperature
    with seconds("cracks"):
        record("running", stage="cracks")
        require_finite("cracks", laid=laid)
        answers = _cracks(viewport, laid, environment, solved.stress, temperature, progress)
        require_finite("cracks", crack=answers)
    with seconds("growth"):
        record("running", stage="growth")
        answers = grow(
            viewport, root, answers, solved.stress, temperature,
            environment=environment, store=store, progress=progress,
        )  # fmt: skip
        require_finite("growth", crack=answers)
    outcomes: tuple[PaneOutcome, ...] = ()
    told: tuple[Remark, ...] = ()
    leak: LeakOutcome | None = None
    if pieces:
        with seconds("pieces"):
            record("running", stage="pieces")
            outcomes, told = outcomes_of(viewport, environment, temperature, answers, progress)
            leak, more = leak_of(viewport, environment, temperature, answers)
            told += more
            require_finite("pieces", pane=outcomes, leak=leak)
    return RunResult(
        viewport, environment, solved.heat_model, temperature, solved.stress, tuple(answers), seconds.seconds,
        outcomes=outcomes, told=told, leak=leak,
    )  # fmt: skip


def instants(time: Array) -> Array:
    """The steps of the heat solution and instants at most STEP apart between them."""
    count = int(np.ceil((time[-1] - time[0]) / STEP))
    return np.unique(np.concatenate([time, np.linspace(time[0], time[-1], count + 1)]))


def solve_temperature(
    viewport: Viewport, environment: Environment, store: StageStore | None, progress: Progress
) -> tuple[Any, TemperatureHistory]:
    """Model and history of the temperature; the history from disk where it is kept."""
    model = heat_model(viewport, environment)
    read = functools.partial(stages.unpack_heat, nodes=viewport.mesh.n_nodes, end=environment.end)
    kept = store.load(stages.HEAT, read) if store else None
    if kept:
        progress("heat", 1.0, "from disk")
        return model, kept
    breaks = sorted({e.time for e in environment.events if 0.0 < e.time < environment.end})
    history = solve_heat(
        viewport.mesh,
        viewport.materials,
        boundaries=model.boundaries,
        pairs=model.pairs,
        initial=model.initial,
        time_span=(0.0, environment.end),
        tolerance=viewport.case.solver.heat_tolerance,
        breakpoints=breaks,
        progress=lambda t, share: progress("heat", share, f"{t:.0f} s of {environment.end:.0f} s"),
    )
    progress("heat", 1.0, f"{len(history.time)} instants")
    require_finite("heat", history=history)
    if store:
        stages.pack_heat(store, history)
    return model, history


def solve_stress(
    viewport: Viewport, environment: Environment, heat: TemperatureHistory, store: StageStore | None,
    progress: Progress, only: Container[str] | None = None,
) -> dict[str, StressHistory]:  # fmt: skip
    """Stress of every pane, or of those in `only`; from disk where it is kept."""
    found: dict[str, StressHistory] = {}
    panes = [p for p in viewport.case.panes if only is None or p.name in only]
    for i, pane in enumerate(panes):
        progress("stress", i / len(panes), pane.name)
        name = f"stress_{pane.name}"
        mesh, _ = viewport.mesh.submesh(pane.name)
        kept = store.load(name, functools.partial(StressHistory.unpack, mesh)) if store else None
        if kept and np.array_equal(kept.time, heat.time):
            found[pane.name] = kept
            continue
        solved = pane_stress(
            viewport,
            pane,
            environment,
            time=heat.time,
            temperature=heat.temperature,
            progress=functools.partial(_share, progress, i, len(panes), pane.name),
        )
        require_finite("stress", **{pane.name: solved})  # what is kept on disk has been looked at too
        arrays, facts = solved.pack()
        if store:
            store.save(name, arrays, facts)
        # as it would come back from disk, so that a resumed run gives the same bits
        found[pane.name] = StressHistory.unpack(mesh, arrays, facts)
    progress("stress", 1.0, f"{len(panes)} panes")
    return found


def _share(progress: Progress, i: int, n: int, pane: str, share: float, text: str = "") -> None:
    progress("stress", (i + share) / n, f"{pane} {text}".strip())


def _cracks(
    viewport: Viewport,
    laid: tuple[Laid, ...],
    environment: Environment,
    histories: dict[str, StressHistory],
    heat: TemperatureHistory,
    progress: Progress,
) -> list[CrackAnswer]:
    found = []
    for i, each in enumerate(laid):
        progress("cracks", i / len(laid), each.stated.name)
        found.append(assess_crack(viewport, each, environment, histories[each.stated.pane], heat))
    progress("cracks", 1.0, f"{len(laid)} crack{'s' * (len(laid) != 1)}")
    return found
