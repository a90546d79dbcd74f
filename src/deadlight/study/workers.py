"""Local worker processes that may die without harm: one case each at a time, started again, judged by how they died.

Workers are forked after the window is loaded, so that all of them share its memory and a new one is there at once.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import time as clock
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import connection
from typing import Any

from deadlight.linalg.schedule import blas_threads
from deadlight.process import end_with_parent

KILLS = 20  # how often a case is begun again after its worker was killed from outside
GRACE = 0.2  # [s] how often the clocks of the workers are looked at


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Attributes
    ----------
    task : int
    value : object
        What the work returned; None where it gave nothing.
    why : str
        Why it gave nothing, in words.
    attempts : int
    """

    task: int
    value: Any
    why: str = ""
    attempts: int = 1


@dataclass
class _Worker:
    process: int
    pipe: connection.Connection
    task: int | None = None
    deadline: float = float("inf")
    late: bool = False


@dataclass
class _Case:
    attempts: int = 0
    kills: int = 0
    alone: bool = False


@dataclass
class Pool:
    """A few workers for one kind of work.

    Attributes
    ----------
    work : callable
        Takes a task's number, returns anything that can be pickled; may raise MemoryError only.
    jobs : int
    time_limit : float [s]
    memory_limit : float [bytes]
        Of one case, beyond what the process has when it starts.
    """

    work: Callable[[int], Any]
    jobs: int
    time_limit: float
    memory_limit: float
    _workers: list[_Worker] = field(default_factory=list)
    _cases: dict[int, _Case] = field(default_factory=dict)

    def run(self, tasks: Sequence[int]) -> Iterator[Outcome]:
        """Outcomes in the order in which they come; every task has exactly one.

        A case whose worker was killed from outside is begun again.  One that kills its worker (signal, exit), takes
        too long or too much memory is run once more when nothing else runs, and then is what it is.
        """
        waiting, alone = deque(tasks), deque[int]()
        self._cases = {task: _Case() for task in tasks}
        try:
            while waiting or any(w.task is not None for w in self._workers):
                self._hand_out(waiting, self.jobs)
                for outcome in self._gather(waiting, alone):
                    yield outcome
            self._stop()
            while alone or any(w.task is not None for w in self._workers):
                self._hand_out(alone, 1)
                for outcome in self._gather(alone, alone):
                    yield outcome
        finally:
            self._stop()

    def _hand_out(self, waiting: deque[int], jobs: int) -> None:
        while len(self._workers) < min(jobs, len(waiting) + sum(w.task is not None for w in self._workers)):
            self._workers.append(self._started())
        for worker in self._workers:
            if worker.task is None and waiting:
                task = waiting.popleft()
                with contextlib.suppress(OSError):  # it is dead: found out below, and the case is begun again
                    worker.pipe.send(task)
                self._cases[task].attempts += 1
                worker.task, worker.deadline, worker.late = task, clock.monotonic() + self.time_limit, False

    def _gather(self, waiting: deque[int], alone: deque[int]) -> Iterator[Outcome]:
        ready = connection.wait([w.pipe for w in self._workers], timeout=GRACE)
        for worker in list(self._workers):
            if worker.pipe in ready:
                outcome = self._heard(worker, waiting, alone)
                if outcome is not None:
                    yield outcome
            elif worker.task is not None and clock.monotonic() > worker.deadline and not worker.late:
                worker.late = True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker.process, signal.SIGKILL)

    def _heard(self, worker: _Worker, waiting: deque[int], alone: deque[int]) -> Outcome | None:
        task = worker.task
        try:
            kind, value = worker.pipe.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            kind, value = "died", None
        if kind == "done" and task is not None:
            worker.task, worker.deadline = None, float("inf")
            return Outcome(task, value, attempts=self._cases[task].attempts)
        status = self._buried(worker)
        if task is None:
            return None
        case = self._cases[task]
        why, outside = _cause(kind, status, worker.late, self)
        if outside and case.kills < KILLS:
            case.kills += 1
            waiting.appendleft(task)
            return None
        if not case.alone:
            case.alone = True
            alone.append(task)
            return None
        return Outcome(task, None, why, case.attempts)

    def _buried(self, worker: _Worker) -> int:
        """Exit status of a worker that ended, or is made to."""
        self._workers.remove(worker)
        worker.pipe.close()
        status = 0
        with contextlib.suppress(ChildProcessError):
            for _ in range(100):
                found, status = os.waitpid(worker.process, os.WNOHANG)
                if found:
                    return status
                clock.sleep(0.01)
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.process, signal.SIGKILL)
            _, status = os.waitpid(worker.process, 0)
        return status

    def _stop(self) -> None:
        for worker in list(self._workers):
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.process, signal.SIGKILL)
            self._buried(worker)

    def _started(self) -> _Worker:
        ours, theirs = connection.Pipe()
        process = os.fork()
        if process:
            theirs.close()
            return _Worker(process, ours)
        status = 1
        try:  # never back into the parent's code
            _serve(theirs, self)
            status = 0
        finally:
            os._exit(status)


def _cause(kind: str, status: int, late: bool, pool: Pool) -> tuple[str, bool]:
    """Why a case gave nothing, and whether something outside it is at fault."""
    if late:
        return f"took longer than {pool.time_limit:g} s", False
    if kind == "memory":
        return f"ran out of memory (limit {pool.memory_limit / 1e6:.0f} MB)", False
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        name = signal.Signals(number).name
        return f"its process was ended by {name}", number in (signal.SIGKILL, signal.SIGTERM)
    return f"its process ended with status {os.WEXITSTATUS(status)}", False


def _serve(pipe: connection.Connection, pool: Pool) -> None:
    """A worker's life: takes tasks until nobody is at the other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent()
    keep = pipe.fileno()
    os.closerange(3, keep)  # the folder's lock and the other workers' pipes are not ours
    os.closerange(keep + 1, max(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 4096) if keep < 4096 else keep + 1)
    os.environ["DEADLIGHT_THREADS"] = "1"
    limit_memory(pool.memory_limit)
    with blas_threads(1):
        while True:
            try:
                task = pipe.recv()
            except EOFError:
                return
            try:
                answer = ("done", pool.work(task))
            except MemoryError:
                pipe.send(("memory", None))
                return
            pipe.send(answer)


def limit_memory(extra: float) -> None:
    """Lets this process have so many bytes more than it has."""
    try:
        with open("/proc/self/statm") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:  # no /proc: not limited
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = int(now + extra)
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
