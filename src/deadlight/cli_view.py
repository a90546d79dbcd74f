"""Verbs that show a finished run: the viewer in a window or a browser, and the animation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from deadlight.errors import InputError
from deadlight.limits import Limits
from deadlight.terminal import Folder, Json, emit, out, progressing, within

app = typer.Typer()


@app.command()
def view(
    folder: Folder,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the viewer as one file.")] = None,
    browser: Annotated[bool, typer.Option("--browser", help="Serve it to a browser, also where a display is.")] = False,
    port: Annotated[
        int, typer.Option(help="Of the browser's page; 0: any free one.", callback=within(Limits("", 0, 65535)))
    ] = 0,
    json_: Json = False,
) -> None:
    """Look at a run in 3D: time, fields, cut, cracks, K at a point of a front.

    With a display a window opens. Without one a page is served on this machine (127.0.0.1) until Ctrl-C; from another
    machine reach it by ssh -L. With --html the page is one file that needs nothing else and can be mailed.

    Example: deadlight view out/shenzhou20 --html view.html
    """
    from deadlight.view.from_folder import window_view
    from deadlight.view.viewer import viewer_page, write_viewer

    shown = window_view(folder)
    if html is not None:
        path = write_viewer(html, shown)
        if json_:
            emit({"written": str(path), "bytes": path.stat().st_size})
        else:
            out.print(f"written: {path}", highlight=False, markup=False, soft_wrap=True)
        return
    if json_:
        raise InputError("--json needs --html", place="command line", remedy="deadlight view DIR --html FILE --json")
    if not browser and _display():
        from deadlight.view.desktop import open_window

        open_window(shown)
        return
    from deadlight.view.served import serve

    serve(
        viewer_page(shown), port=port,
        told=lambda text: out.print(text, highlight=False, markup=False, soft_wrap=True),
    )  # fmt: skip


def _display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@app.command()
def animate(
    folder: Folder,
    file: Annotated[Path, typer.Option("--out", metavar="FILE", help="FILE.mp4 or FILE.gif")],
    field: Annotated[str, typer.Option(help="temperature or stress")] = "temperature",
    frames: Annotated[
        int, typer.Option(help="At even times over the history.", callback=within(Limits("", 2, 100_000)))
    ] = 120,
    rate: Annotated[float, typer.Option(help="Frames a second.", callback=within(Limits("", 0.1, 1000.0)))] = 12.0,
    json_: Json = False,
) -> None:
    """The run as a film: the window cut open, beside it K(t) and the altitude with a moving cursor.

    Example: deadlight animate out/shenzhou20 --out return.mp4
    """
    from deadlight.view.animate import animate as write
    from deadlight.view.from_folder import window_view

    with progressing(json_) as progress:
        path = write(window_view(folder), file, field=field, frames=frames, rate=rate, progress=progress)
    if json_:
        emit({"written": str(path), "bytes": path.stat().st_size, "frames": frames})
    else:
        out.print(f"written: {path}", highlight=False, markup=False, soft_wrap=True)
