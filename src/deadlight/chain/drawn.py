"""From the form of a drawn window to its mesh; what cannot be made is refused with the pane and the key at fault."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from deadlight.case.cover import NAME as COVER
from deadlight.case.cover import Cover
from deadlight.case.drawing import DrawnPane, Round, RoundedRectangle, Trapezoid, Window
from deadlight.errors import MeshError
from deadlight.mesh.mesh import Mesh, shifted
from deadlight.mesh.outline import Outline
from deadlight.mesh.section import MeshControl
from deadlight.mesh.window import default_control, make_window
from deadlight.mesh.window_drawing import PaneDrawing, Retainer, WindowDrawing

# Layers x elements around x rings of one pane: that of the default at refine = 6, the finest that is allowed.
MOST = 10 * 40 * 6 * 6**3


def draw_window(stated: Window, *, roles: Mapping[str, str]) -> Mesh:
    """Mesh of a window given by [[window.panes]].

    Parameters
    ----------
    stated : Window
        With panes, not with a ready-made drawing.
    roles : mapping of pane name -> role
        Of [[panes]]: thermal panes and the outermost get the fine grid where `mesh` does not say otherwise.

    Raises
    ------
    MeshError
        The drawing cannot be made; place is the pane and the key, or the gap.
    """
    panes = tuple(_pane(p, role=roles[p.name]) for p in stated.panes)
    try:
        drawing = WindowDrawing(panes=panes, gaps=stated.gaps)
    except MeshError as error:  # names and counts are checked by the form: only a gap can be at fault
        place = f"window.gaps, {error.place.partition(', ')[2]}"
        raise MeshError(error.found, place=place, remedy=error.remedy) from error
    drawing, shift = covered(drawing, stated.cover)
    controls = {
        form.name: _control(form, pane, outermost=i == 0, refine=stated.refine)
        for i, (form, pane) in enumerate(zip(stated.panes, panes, strict=True))
    }
    return shifted(make_window(drawing, refine=stated.refine, controls=controls), shift)


def covered(drawing: WindowDrawing, cover: Cover | None) -> tuple[WindowDrawing, float]:
    """The drawing with its cover plate, and how far down [m] it then moves so that the panes stay where they were.

    The plate has the outline and the seat of the pane it lies in front of, or of the innermost.

    Raises
    ------
    MeshError
        It meets a retainer.
    """
    if cover is None:
        return drawing, 0.0
    inside = cover.place == "inside"
    like = drawing.panes[-1] if inside or len(drawing.panes) < 2 else drawing.panes[1]
    seat = like.seat_width or like.touched_width
    plate = PaneDrawing(
        name=COVER, role="redundant", outline=like.outline, thickness=cover.thickness, lip_width=seat, seat_width=seat
    )
    at = len(drawing.panes) if inside else 1
    panes = (*drawing.panes[:at], plate, *drawing.panes[at:])
    gaps = (*drawing.gaps[:at], cover.gap, *drawing.gaps[at:])
    try:
        found = dataclasses.replace(drawing, panes=panes, gaps=gaps)
    except MeshError as error:
        raise MeshError(error.found, place=f"window.cover, {error.place}", remedy=error.remedy) from error
    return found, cover.thickness + cover.gap if inside else 0.0


def _pane(form: DrawnPane, *, role: str) -> PaneDrawing:
    with _placed(form, "outline"):
        outline = outline_of(form.outline)
        outline.grid(around=16)  # corners that leave no side for elements
    stated = _stated(form, leave_out=("outline", "retainer", "mesh"))
    ring = form.retainer
    retainer = Retainer(**({"lip_thickness": 0.0} | _stated(ring))) if ring is not None else None
    try:
        return PaneDrawing(**stated, outline=outline, retainer=retainer, role=role)
    except MeshError as error:
        raise MeshError(error.found, place=f"window.panes, {error.place}", remedy=error.remedy) from error


def outline_of(form: Round | RoundedRectangle | Trapezoid) -> Outline:
    """Edge line of a pane from its form; MeshError where its corners leave no room."""
    if isinstance(form, Round):
        return Outline.round(form.radius)
    if isinstance(form, RoundedRectangle):
        return Outline.rounded_rectangle(form.width, form.height, form.corner_radius)
    return Outline.trapezoid(form.width_bottom, form.width_top, form.height, form.corner_radius)


def _control(form: DrawnPane, pane: PaneDrawing, *, outermost: bool, refine: float) -> MeshControl:
    control = dataclasses.replace(default_control(pane, outermost=outermost), **_stated(form.mesh))
    count = control.layers * control.around * control.rings * refine**3
    if count > MOST * (1 + 1e-9):
        raise MeshError(
            f"{control.layers} layers, {control.around} elements around and {control.rings} rings with refine = "
            f"{refine:g} are {count:.3g} elements under the lip alone",
            place=f'window.panes, pane "{form.name}", mesh',
            remedy=f"at most {MOST}; a smaller refine, or fewer layers, elements around or rings",
        )
    return control


def _stated(form: Any, *, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """Values of a form by key, without those that are not given."""
    values = {key: getattr(form, key) for key in type(form).model_fields if key not in leave_out}
    return {key: value for key, value in values.items() if value is not None}


@contextmanager
def _placed(form: DrawnPane, key: str) -> Iterator[None]:
    try:
        yield
    except MeshError as error:
        place = f'window.panes, pane "{form.name}", {key}'
        raise MeshError(error.found, place=place, remedy=error.remedy) from error
