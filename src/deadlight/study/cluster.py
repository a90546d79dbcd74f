"""Cases on the workers of a Dask cluster: paths and hashes go through the scheduler, never a mesh.

Every worker reads the study and the kept heat and stress from disk, once, and answers cases by their hash.  What ends a
worker is tried again case by case, and at last alone.
"""

from __future__ import annotations

import functools
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from deadlight.errors import InputError, MachineError
from deadlight.linalg.schedule import blas_threads
from deadlight.study.apply import Posed
from deadlight.study.plan import Group, Plan, plan_of
from deadlight.study.read import Study, read_study
from deadlight.study.window import StudyWindow
from deadlight.study.work import full_case, quick_case
from deadlight.study.workers import Outcome, limit_memory

CHUNK = {"quick": 20, "full": 1}  # cases that go to a worker at once
AHEAD = 3  # chunks a worker is given beyond the one it works on
Task = dict[str, Any]


def run_there(
    address: str, study: Study, group: Group, kept: Path, posed: Sequence[Posed], tier: str, *, time_limit: float
) -> Iterator[Outcome]:
    """Outcomes in the order in which they come.

    Parameters
    ----------
    address : str
        Of the scheduler, "tcp://host:8786".
    group, kept : Group, Path
        The window, and the folder that keeps its heat and stress; the workers see it under the same path.

    Raises
    ------
    MachineError
        dask.distributed is not installed, or the scheduler is not there, or went away.
    """
    try:
        from distributed import Client, KilledWorker
        from distributed.comm import CommClosedError
    except ImportError as error:
        raise MachineError(f"--scheduler: {error}\n  remedy: pip install 'deadlight[cluster]'") from error
    told: Task = {
        "study": str(study.path.resolve()), "digest": study.digest, "base": group.base.name, "window": group.key,
        "kept": str(kept.resolve()),
        "tier": tier, "seconds": time_limit, "memory": study.form.limits.memory,
        "refine": study.form.full.refine,
    }  # fmt: skip
    number = {p.key: i for i, p in enumerate(posed)}
    try:
        with Client(address, timeout=30, set_as_default=False) as client:
            yield from _Run(client, KilledWorker, told, number).outcomes(list(number), CHUNK[tier])
    except (OSError, CommClosedError, TimeoutError) as error:
        raise MachineError(f"scheduler {address}: {error}\n  remedy: check the cluster, then resume") from error


class _Run:
    """Chunks on their way."""

    def __init__(self, client: Any, killed: type[Exception], told: Task, number: dict[str, int]) -> None:
        self.client, self.killed, self.told, self.number = client, killed, told, number

    def outcomes(self, keys: list[str], chunk: int) -> Iterator[Outcome]:
        """Every case once: in chunks, then what was lost with its worker one by one, and at last alone."""
        lost = yield from self._sent([keys[i : i + chunk] for i in range(0, len(keys), chunk)], ahead=AHEAD)
        lost = yield from self._sent([[key] for key in lost], ahead=AHEAD)
        for key in lost:
            again = yield from self._sent([[key]], ahead=1)
            if again:
                why = "its worker ended: it took too long, too much memory, or ended the process"
                yield Outcome(self.number[key], None, why, attempts=3)

    def _sent(self, chunks: list[list[str]], *, ahead: int) -> Any:
        """Generator of outcomes that returns the keys whose worker ended."""
        from distributed import as_completed

        waiting, lost = deque(chunks), list[str]()
        most = max(1, len(self.client.scheduler_info().get("workers", {}))) * ahead
        flying: dict[Any, list[str]] = {}
        ready = as_completed(loop=self.client.loop)
        while waiting or flying:
            while waiting and len(flying) < most:
                part = waiting.popleft()
                future = self.client.submit(submitted, {**self.told, "keys": part}, pure=False)
                flying[future.key] = part
                ready.add(future)
            future = next(ready)
            part = flying.pop(future.key)
            error = future.exception()
            if isinstance(error, self.killed):
                lost += part
            elif error is not None:
                raise error
            else:
                for key, value, why in future.result():
                    yield Outcome(self.number[key], value, why)
            future.release()
        return lost


def answer(told: Task) -> list[tuple[str, Any, str]]:
    """On a worker: some cases of one window; (key, value or None, why)."""
    os.environ["DEADLIGHT_THREADS"] = "1"
    with blas_threads(1):
        group = _group(told["study"], told["digest"], told["base"], told["window"])
        window = _window(told["study"], told["digest"], told["base"], told["window"], told["kept"])
        _limited(told["memory"])
        cases = {p.key: p for p in group.posed}
        full = functools.partial(full_case, refine=told["refine"])
        work: Any = quick_case if told["tier"] == "quick" else full
        found: list[tuple[str, Any, str]] = []
        for key in told["keys"]:
            watch = threading.Timer(told["seconds"], os._exit, (1,))  # a thread cannot be stopped, its process can
            watch.daemon = True
            watch.start()
            try:
                found.append((key, work(window, cases[key]), ""))
            except MemoryError:
                found.append((key, None, f"ran out of memory (limit {told['memory'] / 1e6:.0f} MB)"))
            finally:
                watch.cancel()
        return found


submitted = answer  # what is sent to a worker


@functools.lru_cache(maxsize=1)
def _plan(path: str, digest: str) -> Plan:
    study = read_study(path)
    if study.digest != digest:
        raise InputError(
            f"the worker reads a study with hash {study.digest}, the driver {digest}",
            place=path,
            remedy="the same files and the same version of deadlight on every worker",
        )
    return plan_of(study)


def _group(path: str, digest: str, base: str, key: str) -> Group:
    return next(g for g in _plan(path, digest).groups if (g.base.name, g.key) == (base, key))


@functools.lru_cache(maxsize=2)
def _window(path: str, digest: str, base: str, key: str, kept: str) -> StudyWindow:
    group = _group(path, digest, base, key)
    loss = read_study(path).form.loss
    return StudyWindow.open(group.case, group.base.root, Path(kept), loss=loss)


@functools.lru_cache(maxsize=1)
def _limited(memory: float) -> None:
    limit_memory(memory)
