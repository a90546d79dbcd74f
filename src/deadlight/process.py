"""Worker processes that do not outlive the process that began them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


def end_with_parent(parent: int | None = None) -> None:
    """Ends this process when the one that began it ends, killed or not; where the system knows no such thing, nothing.

    Parameters
    ----------
    parent : int, optional
        Number of the process that began this one: if it has ended by now, this one ends at once.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(1)
