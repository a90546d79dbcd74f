"""Every picture of docs/gallery.md from one finished folder.

    python examples/gallery.py out/shenzhou20 --out docs/pictures

What a run does not have (no growth, nothing cut off) is left out with a line that says so.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from deadlight.errors import InputError
from deadlight.view.animate import animate
from deadlight.view.from_folder import window_view
from deadlight.view.plot import Drawn
from deadlight.view.shown import WindowView

PREFIX = "gallery_"


def pictures(view: WindowView) -> dict[str, Callable[[], Drawn]]:
    """Name of a picture, and what makes it."""
    plot = view.plot
    return {
        "temperature": plot.window,
        "stress": lambda: plot.window("stress"),
        "exploded": plot.exploded,
        "crack_opening": plot.crack,
        "crack_k": lambda: plot.crack("K"),
        "crack_time": lambda: plot.crack("time"),
        "growth": plot.growth,
        "pieces": plot.pieces,
    }


def make(folder: Path, out: Path, *, frames: int = 48) -> list[Path]:
    """Writes the pictures and the film; returns what was written."""
    view, written = window_view(folder), []
    out.mkdir(parents=True, exist_ok=True)
    for name, draw in pictures(view).items():
        try:
            written.append(draw().save(out / f"{PREFIX}{name}.png"))
        except InputError as missing:
            print(f"{name}: left out, {missing.found}")
    written.append(animate(view, out / f"{PREFIX}return.gif", frames=frames))
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a finished run")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    options = parser.parse_args()
    for path in make(options.folder, options.out):
        print(path)


if __name__ == "__main__":
    main()
