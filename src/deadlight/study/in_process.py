"""Cases one after the other in this very process, with the same limits: for a look inside."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from deadlight.linalg.schedule import blas_threads
from deadlight.study.work import TimeUp
from deadlight.study.workers import Outcome, Pool


def run_here(
    tasks: Sequence[int],
    work: Callable[[int], Any],
    *,
    time_limit: float,
    memory_limit: float,
    in_hand: Callable[[int | None], None],
    crashed: Callable[[int], bool],
) -> Iterator[Outcome]:
    """Outcomes in order.

    Parameters
    ----------
    in_hand : callable
        Told which task is begun, and None at the end: what it was told last has ended this process, if it ended.
    crashed : callable
        Whether a task has ended this process before: it is then run in a process of its own.
    """
    apart = [task for task in tasks if crashed(task)]
    with _one_thread():
        for task in [t for t in tasks if t not in set(apart)]:
            in_hand(task)
            try:
                with _timed(time_limit):
                    value = work(task)
            except (TimeUp, MemoryError):
                apart.append(task)  # once more, in a process of its own, which says why
                continue
            finally:  # an end by an error is no crash
                in_hand(None)
            yield Outcome(task, value)
    yield from Pool(work, 1, time_limit, memory_limit).run(apart)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    before = os.environ.get("DEADLIGHT_THREADS")
    os.environ["DEADLIGHT_THREADS"] = "1"
    try:
        with blas_threads(1):
            yield
    finally:
        if before is None:
            del os.environ["DEADLIGHT_THREADS"]
        else:
            os.environ["DEADLIGHT_THREADS"] = before


@contextlib.contextmanager
def _timed(limit: float) -> Iterator[None]:
    """Raises TimeUp in this thread after a time; only the main thread can be told so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def up(number: int, frame: Any) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGALRM, up)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
