"""The scenes as pictures, against small references: tolerant of GL drivers, not of another camera, map, part or range.

New references after a wanted change: python tests/regression/test_pictures.py; then look at them.
"""

from __future__ import annotations

import io
import resource
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import image

sys.path.insert(0, str(Path(__file__).parents[1]))
from deadlight.errors import InputError
from deadlight.view.plot import Plots, dashes
from support_view import small_view

KEPT = Path(__file__).parent / "pictures"
SMALL = (150, 100)
FAR, SHARE = 0.12, 0.02  # of the colour range, of the pixels: edges move by a pixel between drivers
SCENES = {
    "window_temperature": lambda plot: plot.window(),
    "window_stress": lambda plot: plot.window("stress", time=100.0),
    "window_whole": lambda plot: plot.window(cut=False),
    "exploded": lambda plot: plot.exploded(),
    "crack_opening": lambda plot: plot.crack(),
    "crack_k": lambda plot: plot.crack("K"),
    "crack_time": lambda plot: plot.crack("time"),
    "growth": lambda plot: plot.growth(),
    "pieces": lambda plot: plot.pieces(),
}
needs_gl = pytest.mark.skipif(
    "not __import__('deadlight.view.render').view.render.available()",
    reason="no GL library: pictures are not tested here",
)
pytestmark = [pytest.mark.pictures, needs_gl]


def shrunk(data: bytes) -> Any:
    """A picture averaged over blocks to SMALL."""
    pixels = image.imread(io.BytesIO(data))[..., :3]
    h, w = pixels.shape[:2]
    return pixels.reshape(SMALL[1], h // SMALL[1], SMALL[0], w // SMALL[0], 3).mean(axis=(1, 3))


@pytest.fixture(scope="module")
def plot() -> Plots:
    return small_view().plot


@pytest.mark.parametrize("name", SCENES)
def test_scene(name: str, plot: Plots) -> None:
    found, wanted = shrunk(SCENES[name](plot).data), image.imread(KEPT / f"{name}.png")[..., :3]
    apart = np.abs(found - wanted).max(axis=2) > FAR
    assert apart.mean() < SHARE, f"{name}: {100 * apart.mean():.1f} % of the picture differs"


def test_references_differ_from_each_other() -> None:
    """The tolerance is no excuse: every two scenes are further apart than it."""
    pictures = {name: image.imread(KEPT / f"{name}.png")[..., :3] for name in SCENES}
    for a in pictures:
        for b in pictures:
            if a < b:
                apart = np.abs(pictures[a] - pictures[b]).max(axis=2) > FAR
                assert apart.mean() > SHARE, (a, b)


def test_what_is_not_there_is_told(plot: Plots) -> None:
    bare = small_view()
    object.__setattr__(bare, "ribs", ())
    object.__setattr__(bare, "pieces", ())
    for call in (
        bare.plot.growth,
        bare.plot.pieces,
        lambda: bare.plot.window("humidity"),
        lambda: bare.plot.crack("red"),
    ):
        with pytest.raises(InputError):
            call()


def test_dashes_cover_about_half_of_a_line() -> None:
    line = np.column_stack([np.linspace(0, 1, 7), np.zeros(7), np.zeros(7)])
    drawn = dashes(line, 0.1)
    length = sum(float(np.linalg.norm(np.diff(d, axis=0), axis=1).sum()) for d in drawn)
    assert len(drawn) > 3 and 0.4 < length < 0.7


def test_two_hundred_pictures_do_not_fill_the_memory() -> None:
    """200 pictures in one process: at most 50 MB more than after the first 20."""
    plot = Plots(small_view(), size=(300, 200))
    for _ in range(20):
        plot.window()
    before = _resident()
    for i in range(180):
        (plot.window, plot.crack, plot.exploded)[i % 3]()
    assert _resident() - before < 50e6


def _resident() -> float:
    """Bytes of this process in memory; the peak where the system does not tell."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return float(statm.read_text().split()[1]) * resource.getpagesize()
    return 1024.0 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    shown = small_view().plot
    for each, draw in SCENES.items():
        image.imsave(KEPT / f"{each}.png", shrunk(draw(shown).data))
