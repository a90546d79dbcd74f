"""Can a 3D picture be drawn here?

Asked once, in a child process, because VTK without a GL library does not raise: it dies.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from typing import Any

from deadlight.errors import RenderUnavailable

ADVICE = "install an EGL library, on Debian or Ubuntu: apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri"

_SCENE = """
import pyvista
plotter = pyvista.Plotter(off_screen=True, window_size=(32, 32))
plotter.add_mesh(pyvista.Sphere(), color="red")
image = plotter.screenshot(return_img=True)
plotter.close()
raise SystemExit(0 if image.std() > 1 else 7)
"""


@functools.cache
def available() -> bool:
    """True if a small scene was drawn by a child process (about a second, once)."""
    _prepare()
    try:
        done = subprocess.run([sys.executable, "-c", _SCENE], timeout=60, capture_output=True, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def pyvista() -> Any:
    """The pyvista module, ready to draw off screen.

    Raises
    ------
    RenderUnavailable
        No picture can be drawn on this machine; the message says what to install.
    """
    if not available():
        raise RenderUnavailable(f"no 3D picture can be drawn here (no GL library); {ADVICE}")
    import pyvista as module

    module.OFF_SCREEN = True
    return module


def on_a_display() -> None:
    """From here on windows are opened on the display, if EGL was not asked for by the user."""
    available()
    if _PREPARED:
        os.environ.pop("VTK_DEFAULT_OPENGL_WINDOW", None)


_PREPARED: list[bool] = []  # holds something if the choice of EGL is ours


def _prepare() -> None:
    # EGL first: skips the attempt to reach an X server and its warning, and halves the first picture
    if "VTK_DEFAULT_OPENGL_WINDOW" not in os.environ:
        os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = "vtkEGLRenderWindow"
        _PREPARED.append(True)
