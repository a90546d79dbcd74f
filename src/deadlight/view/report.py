"""`report.html`: one self-contained file that can be mailed.  Everything a user can name is escaped."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from deadlight.store import atomic
from deadlight.view.credibility import credibility
from deadlight.view.shown import WindowView
from deadlight.view.viewer import element, program, script_hash, styles, template


@dataclass(frozen=True)
class Picture:
    """A picture of the report.

    Attributes
    ----------
    title, caption : str
    data : bytes
        PNG, or SVG written by matplotlib (its text is drawn as paths).
    section : str
        Heading it stands under.
    """

    title: str
    data: bytes
    caption: str = ""
    section: str = "Pictures"


@dataclass(frozen=True)
class Table:
    """A table of the report; cells are text or numbers, formatted by the caller."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


# the order a reader wants them in; what is not named comes after
HISTORIES = ("Environment", "Heat", "Stress", "Stress intensity", "Crack operator", "Growth")  # before the view in 3D
PLACES = (
    "The window at the governing instant", "Pieces and what holds them", "If the cracked pane is lost", "Quick tier",
)  # fmt: skip; after it


def write_report(
    path: str | Path, summary: dict[str, Any], *, pictures: Sequence[Picture] = (), tables: Sequence[Table] = (),
    view: WindowView | None = None, view_note: str = "",
) -> Path:  # fmt: skip
    """Writes the report atomically.

    Parameters
    ----------
    path : path of the HTML file
    summary : dict
        The contract of summary.json.
    view : WindowView, optional
        Shown as a viewer inside the report.
    view_note : str
        Why there is none.
    """
    path = Path(path)
    text = render_report(summary, pictures=pictures, tables=tables, view=view, view_note=view_note)
    atomic.write_bytes(path, text.encode("utf-8"))
    return path


def render_report(
    summary: dict[str, Any], *, pictures: Sequence[Picture] = (), tables: Sequence[Table] = (),
    view: WindowView | None = None, view_note: str = "",
) -> str:  # fmt: skip
    """The report as text."""
    loader = Environment(
        loader=PackageLoader("deadlight.view", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    loader.filters["number"] = _number
    known = {name: place for place, name in enumerate((*HISTORIES, *PLACES))}
    names = sorted(dict.fromkeys(p.section for p in pictures), key=lambda name: known.get(name, len(known)))
    shown = {s: [(p, _embed(p.data)) for p in pictures if p.section == s] for s in names}
    return loader.get_template("report.html.j2").render(
        s=summary,
        histories={name: each for name, each in shown.items() if name in HISTORIES},
        places={name: each for name, each in shown.items() if name not in HISTORIES},
        tables=tables,
        view=element(view) if view is not None else None,
        view_note=view_note,
        credibility=credibility(summary),
        css=Markup(styles() + template("report.css")),
        script=Markup(program()),
        hash=Markup(script_hash()),
    )


def _embed(data: bytes) -> Markup:
    kind = "png" if data.startswith(b"\x89PNG") else "svg+xml"
    # as an image, not inline markup: a picture can then never run a script
    return Markup("data:image/{};base64,{}").format(kind, base64.b64encode(data).decode())


def _number(value: Any, scale: float = 1.0, digits: int = 3, dash: str = "–") -> str:
    if value is None:
        return dash
    return f"{value * scale:.{digits}g}" if isinstance(value, (int, float)) else str(value)
