"""`report.html` of a study: one self-contained file; everything a user can name is escaped."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from deadlight.store import atomic
from deadlight.view.report import Picture, Table
from deadlight.view.viewer import template


def write_study_report(
    path: Path, answers: dict[str, Any], *, version: str, pictures: Sequence[Picture], tables: Sequence[Table]
) -> Path:
    """Writes the report whole or not at all.

    Parameters
    ----------
    answers : dict
        What `answers.json` of a study holds.
    """
    loader = Environment(
        loader=PackageLoader("deadlight.view", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names = dict.fromkeys(p.section for p in pictures)
    text = loader.get_template("study.html.j2").render(
        s=answers,
        version=version,
        sections={name: [(p, _embed(p.data)) for p in pictures if p.section == name] for name in names},
        tables=tables,
        css=Markup(template("report.css")),
    )
    atomic.write_bytes(path, text.encode())
    return path


def _embed(data: bytes) -> Markup:
    kind = "png" if data.startswith(b"\x89PNG") else "svg+xml"
    return Markup("data:image/{};base64,{}").format(kind, base64.b64encode(data).decode())
