"""What this installation has, what is missing, and how to get it: the first thing to send with a bug report."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
from dataclasses import dataclass

from deadlight import __version__, kernels

# None is needed: deadlight's own solver and SuperLU are always there.
OPTIONAL_SOLVERS = {
    "cholmod": 'pip install "scikit-sparse<0.5", with SuiteSparse (Debian: apt-get install libsuitesparse-dev)',
    "mumps": "pip install python-mumps, with MUMPS (Debian: apt-get install libmumps-seq-dev libopenblas-dev)",
    "pardiso": "pip install pypardiso; the licence of its MKL excludes uses where failure may cost a life",
}

LEAST_DISK = 0.5  # [GiB]; the shipped case leaves 0.1


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
    found += [_films(), _display()]
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
    found.append(_disk())
    return found


def _films() -> Finding:
    there = importlib.util.find_spec("imageio_ffmpeg") is not None
    state = "MP4 and GIF" if there else "GIF; MP4 needs imageio-ffmpeg"
    return Finding("films", state, remedy="" if there else "pip install 'deadlight[animate]'")


def _display() -> Finding:
    """Not having one is no fault: the viewer then is a page in a browser."""
    there = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    state = (
        "a window on this display" if there else "no display: deadlight view serves or writes a page"
    )
    return Finding("viewer", state)


def _disk() -> Finding:
    free = shutil.disk_usage(".").free / 2**30
    enough = free >= LEAST_DISK
    return Finding(
        "disk here", f"{free:.1f} GiB free", enough, "" if enough else f"a run takes up to {LEAST_DISK:g} GiB"
    )
