"""What this installation has, what is missing, and how to get it: the first thing to send with a bug report."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass

from deadlight import __version__, kernels

# None is needed: deadlight's own solver and SuperLU are always there.
OPTIONAL_SOLVERS = {
    "cholmod": 'pip install "scikit-sparse<0.5", with SuiteSparse (Debian: apt-get install libsuitesparse-dev)',
    "mumps": "pip install python-mumps, with MUMPS (Debian: apt-get install libmumps-seq-dev libopenblas-dev)",
    "pardiso": "pip install pypardiso; the licence of its MKL excludes uses where failure may cost a life",
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `remedy` is empty where nothing needs doing."""

    name: str
    state: str
    good: bool = True
    remedy: str = ""


def examine() -> list[Finding]:
    """Looks at versions, kernels, solvers, pictures, memory and threads."""
    from deadlight.linalg.sparse import backends
    from deadlight.view import render

    found = [
        Finding("deadlight", __version__),
        Finding("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        Finding("kernels", kernels.describe()),
    ]
    solvers = backends()
    found.append(Finding("sparse solvers", ", ".join(name for name, there in solvers.items() if there)))
    drawing = render.available()
    found.append(
        Finding(
            "pictures",
            "3D pictures can be drawn" if drawing else "no GL library",
            drawing,
            "" if drawing else render.ADVICE,
        )
    )
    for name, remedy in OPTIONAL_SOLVERS.items():
        there = solvers[name]
        found.append(
            Finding(
                name.upper(),
                "installed; chosen by DEADLIGHT_SOLVER=" + name if there else "not installed; optional sparse solver",
                remedy="" if there else remedy,
            )
        )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    found.append(
        Finding("memory", f"{memory:.1f} GiB", memory >= 4, "" if memory >= 4 else "the main example needs 4 GiB")
    )
    return found
