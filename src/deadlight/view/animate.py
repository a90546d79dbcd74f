"""The return as a film: the window cut open, beside it K(t) and the altitude with a cursor that moves."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from deadlight.errors import InputError, MachineError
from deadlight.progress import Progress, silent
from deadlight.store import atomic
from deadlight.view import window_scenes as scene
from deadlight.view.shown import WindowView
from deadlight.view.style import BLUE, CYCLE, GREY

Array = np.ndarray[Any, np.dtype[np.float64]]
Pixels = np.ndarray[Any, np.dtype[np.uint8]]

SCENE, PANEL = (800, 720), (480, 720)  # pixels; sides of a film are multiples of 16
GIF_SIZE = (640, 360)
GIF_COLOURS = 256
CURSOR = (0, 114, 178)


def animate(
    view: WindowView, path: str | Path, *, field: str = "temperature", frames: int = 120, rate: float = 12.0,
    progress: Progress = silent,
) -> Path:  # fmt: skip
    """Writes the film whole or not at all: MP4, or GIF, by the name's ending.

    Parameters
    ----------
    field : "temperature" or "stress"
    frames : int
        At even times over the history; fields between stored instants are interpolated.
    rate : float
        Frames a second.

    Raises
    ------
    InputError
        Another ending, fewer than two frames, no such field.
    MachineError
        MP4 without imageio-ffmpeg.
    RenderUnavailable
        No GL library.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in (".mp4", ".gif"):
        raise InputError(f'ending "{path.suffix}"', place=str(path), remedy="FILE.mp4 or FILE.gif")
    if frames < 2 or not rate > 0.0:
        raise InputError(f"{frames} frames at {rate:g} a second", place="animate", remedy="two frames or more")
    writer = _mp4 if kind == ".mp4" else _gif
    with atomic.replacing(path) as temporary:
        writer(temporary, drawn(view, field=field, frames=frames, progress=progress), rate)
    return path


def drawn(view: WindowView, *, field: str, frames: int, progress: Progress = silent) -> Iterator[Pixels]:
    """Frames (h, w, 3), one after the other."""
    name = scene.field_name(view, field)
    cut = scene.CutWindow(view, fields=[name])
    low, high = span(view)
    panel, columns = _panel(view, low, high)
    with scene.stage(SCENE) as plotter:
        coloured = cut.draw(plotter, name, low, range_of="history", small=True)
        scene.draw_cracks(plotter, view, colour="", legend=False)
        scene.camera(plotter, view, near=1.25)
        label = plotter.add_text(" ", position=(20, SCENE[1] - 45), font_size=9, color="black")
        for number, time in enumerate(np.linspace(low, high, frames)):
            cut.show(coloured, name, float(time))
            label.SetInput(f"{scene.NAMES[name]}, {time:.0f} s after {view.since}{_height(view, float(time))}")
            plotter.render()  # a screenshot alone shows what was rendered before
            picture = np.asarray(plotter.screenshot(return_img=True))[..., :3]
            yield np.concatenate([picture, _with_cursor(panel, columns(float(time)))], axis=1)
            progress("animation", (number + 1) / frames, f"{time:.0f} s")


def span(view: WindowView) -> tuple[float, float]:
    """First and last time that is known [s]."""
    times = [view.times, *(f.time for f in view.fronts)]
    return min(float(t[0]) for t in times), max(float(t[-1]) for t in times)


def _height(view: WindowView, time: float) -> str:
    return f", {np.interp(time, *view.altitude.T) / 1e3:.1f} km" if len(view.altitude) else ""


def _panel(view: WindowView, low: float, high: float) -> tuple[Pixels, Any]:
    """K(t) and altitude without a cursor, and where the cursor is at a time: (column, first row, last row) each."""
    made = Figure(figsize=(PANEL[0] / 100, PANEL[1] / 100), dpi=100, layout="constrained")
    canvas = FigureCanvasAgg(made)
    rows = [bool(view.fronts), bool(len(view.altitude))]
    panels = list(made.subplots(max(sum(rows), 1), 1, sharex=True, squeeze=False)[:, 0])
    if rows[0]:
        _k_panel(panels[0], view)
    if rows[1]:
        panels[-1].plot(view.altitude[:, 0], view.altitude[:, 1] / 1e3, color=GREY, linewidth=1.6)
        panels[-1].set_ylabel("altitude [km]")
        panels[-1].set_ylim(bottom=0.0)
    if not any(rows):
        panels[0].set_axis_off()
    for axes in panels:
        axes.grid(True, color="#dddddd", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlim(low, high)
    panels[-1].set_xlabel(f"time after {view.since} [s]")
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3].copy()

    def columns(time: float) -> list[tuple[int, int, int]]:
        found = []
        for axes in panels if any(rows) else ():
            x = float(axes.transData.transform((time, 0.0))[0])
            box = axes.get_window_extent()
            found.append((round(x), round(PANEL[1] - box.y1), round(PANEL[1] - box.y0)))
        return found

    return pixels, columns


def _k_panel(axes: Any, view: WindowView) -> None:
    for front, colour in zip(view.fronts, CYCLE):
        worst = int(np.nanargmax(np.nanmax(np.nan_to_num(front.ratio, nan=-np.inf), axis=0)))
        k, error = front.k[:, worst] / 1e6, front.error[:, worst] / 1e6
        axes.plot(front.time, k, color=colour, linewidth=1.6, label=front.name)
        axes.fill_between(front.time, k - error, k + error, color=colour, alpha=0.2, linewidth=0)
        axes.plot(front.time, front.toughness[:, worst] / 1e6, color="black", linestyle="--", linewidth=1.0)
    axes.plot([], [], color="black", linestyle="--", linewidth=1.0, label="K_Ic")
    for time, text in view.events:
        if "K reaches K_Ic" in text:
            axes.axvline(time, color=BLUE, linewidth=0.8, linestyle=":")
    axes.set_ylabel("K at the worst point of each front [MPa √m]")
    axes.legend(fontsize=8, frameon=False)


def _with_cursor(panel: Pixels, columns: list[tuple[int, int, int]]) -> Pixels:
    made = panel.copy()
    for x, top, bottom in columns:
        made[max(top, 0) : bottom, max(x - 1, 0) : x + 1] = CURSOR
    return made


def _mp4(path: Path, frames: Iterator[Pixels], rate: float) -> None:
    width, height = SCENE[0] + PANEL[0], SCENE[1]
    command = [
        encoder(), "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
        "-r", f"{rate:g}", "-i", "-", "-an", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart",
        "-f", "mp4", str(path),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as said, subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said) as running:
        assert running.stdin is not None
        try:
            for frame in frames:
                running.stdin.write(np.ascontiguousarray(frame).tobytes())
            running.stdin.close()
        except BrokenPipeError:
            pass  # the encoder's own words follow
        except BaseException:
            running.kill()
            raise
        if running.wait():
            said.seek(0)
            text = said.read().decode(errors="replace").strip()
            raise MachineError(f"no MP4 could be written: {text}\n  remedy: write a GIF")


def encoder() -> str:
    """The program that writes MP4; MachineError with what to install."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError as missing:
        remedy = "pip install 'deadlight[animate]', or write a GIF, which needs nothing"
        raise MachineError(f"an MP4 needs imageio-ffmpeg\n  remedy: {remedy}") from missing
    return str(get_ffmpeg_exe())


def _gif(path: Path, frames: Iterator[Pixels], rate: float) -> None:
    from PIL import Image

    small = [Image.fromarray(frame).resize(GIF_SIZE, Image.Resampling.LANCZOS) for frame in frames]
    chosen = small[:: max(1, len(small) // 8)][:8]  # one palette for all: colours must not flicker
    sheet = Image.new("RGB", (GIF_SIZE[0], GIF_SIZE[1] * len(chosen)))
    for i, each in enumerate(chosen):
        sheet.paste(each, (0, GIF_SIZE[1] * i))
    palette = sheet.quantize(GIF_COLOURS)
    indexed = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in small]
    indexed[0].save(
        path, format="GIF", save_all=True, append_images=indexed[1:], duration=round(1000 / rate), loop=0, optimize=True
    )
