"""The viewer as one HTML file without outside parts, and as the piece of a report that holds it."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from deadlight.store import atomic
from deadlight.view.packed import packed, script_safe
from deadlight.view.shown import WindowView


@functools.cache
def program() -> str:
    """The viewer's own script."""
    return template("viewer.js")


@functools.cache
def script_hash() -> str:
    """What the page's security policy names, so that no other script can run in it."""
    digest = hashlib.sha256(program().encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def styles() -> str:
    """The viewer's style sheet."""
    return template("viewer.css")


def template(name: str) -> str:
    """Text of a file beside the templates."""
    return resources.files("deadlight.view").joinpath("templates", name).read_text(encoding="utf-8")


def element(view: WindowView, *, name: str = "window", most_bytes: int = 9_000_000) -> Markup:
    """The element that the script fills, and its data."""
    data = Markup(script_safe(packed(view, most_bytes=most_bytes)))  # holds no <, > or &
    return Markup(
        '<div class="dl-view" id="{0}">The 3D view needs a browser that runs scripts.</div>\n'
        '<script type="application/json" class="deadlight-view" data-root="{0}">{1}</script>'
    ).format(f"view-{name}", data)


def viewer_page(view: WindowView, *, most_bytes: int = 14_000_000) -> str:
    """One page with the viewer alone."""
    loader = Environment(
        loader=PackageLoader("deadlight.view", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
    )
    return loader.get_template("viewer.html.j2").render(
        title=view.title, css=Markup(styles()), script=Markup(program()), hash=Markup(script_hash()),
        view=element(view, most_bytes=most_bytes),
    )  # fmt: skip


def write_viewer(path: str | Path, view: WindowView) -> Path:
    """Writes the page whole or not at all."""
    path = Path(path)
    atomic.write_bytes(path, viewer_page(view).encode())
    return path
