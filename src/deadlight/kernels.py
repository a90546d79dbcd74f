"""How the compiled kernels run: instruction set and number of threads, chosen at run time and under the user's control.

`DEADLIGHT_ISA` (baseline, avx2, avx512) lowers the instruction set; `DEADLIGHT_THREADS` or
`OMP_NUM_THREADS` sets the threads.
"""

from __future__ import annotations

import os

from deadlight import _isa
from deadlight.errors import InputError

NAMES = ("baseline", "avx2", "avx512")


def isa() -> int:
    """Instruction set the kernels use now: 0 baseline, 1 AVX2, 2 AVX-512.

    Raises
    ------
    InputError
        `DEADLIGHT_ISA` names one that does not exist or that this processor lacks.
    """
    wanted = os.environ.get("DEADLIGHT_ISA", "")
    if not wanted:
        return _isa.best
    if wanted not in NAMES or NAMES.index(wanted) > _isa.best:
        raise InputError(
            f'DEADLIGHT_ISA="{wanted}"',
            place="environment",
            remedy=f"this processor has: {', '.join(NAMES[: _isa.best + 1])}; or unset it",
        )
    return NAMES.index(wanted)


def threads() -> int:
    """Threads a kernel uses: `DEADLIGHT_THREADS`, else `OMP_NUM_THREADS`, else the cores this process may use."""
    if not _isa.openmp:
        return 1
    for name in ("DEADLIGHT_THREADS", "OMP_NUM_THREADS"):
        text = os.environ.get(name, "")
        if text:
            if not text.isdigit() or int(text) < 1:
                raise InputError(f'{name}="{text}"', place="environment", remedy="a whole number from 1, or unset it")
            return int(text)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe() -> str:
    """One line for `doctor` and provenance, for example "avx512, 2 threads (OpenMP)"."""
    built = "OpenMP" if _isa.openmp else "built without OpenMP"
    return f"{NAMES[isa()]}, {threads()} thread{'s' * (threads() > 1)} ({built})"
