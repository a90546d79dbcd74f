"""Verbs that show a finished run: the viewer in a window or a browser, and the animation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deadlight.errors import InputError
from deadlight.terminal import Folder, Json, emit, out

app = typer.Typer()


@app.command()
def view(
    folder: Folder,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the viewer as one file.")] = None,
    port: Annotated[int, typer.Option(help="Of the browser's page; 0: any free one.")] = 0,
    json_: Json = False,
) -> None:
    """Look at a run in 3D: time, fields, cut, cracks, K at a point of a front.

    A page is served on this machine (127.0.0.1) until Ctrl-C; from another machine reach it by ssh -L. With --html the
    page is one file that needs nothing else and can be mailed.

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
    from deadlight.view.served import serve

    serve(
        viewer_page(shown), port=port,
        told=lambda text: out.print(text, highlight=False, markup=False, soft_wrap=True),
    )  # fmt: skip
