"""The form of a window from our generator: one ready-made drawing, or the dimensions of every pane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from deadlight.case.cover import NAME, Cover
from deadlight.case.fields import (
    Angle,
    Around,
    Fillet,
    FirstLayer,
    Form,
    GapWidth,
    Growing,
    Layers,
    Name,
    Number,
    Overhang,
    PlanRadius,
    PlanSize,
    Plate,
    Play,
    Rings,
    Thickness,
    distinct,
)

Edge = Literal["retainer_lip", "flush_bevel", "flush_step"]

# Keys that one edge alone has; it needs all of them.
EDGE_KEYS = {
    "retainer_lip": ("lip_width",),
    "flush_bevel": ("bevel_angle", "land"),
    "flush_step": ("step_width", "step_depth"),
}


class Round(Form):
    """Edge line of a round pane."""

    kind: Literal["round"]
    radius: PlanRadius


class RoundedRectangle(Form):
    """Edge line of a rectangular pane: width along x, height along y, before rounding."""

    kind: Literal["rounded_rectangle"]
    width: PlanSize
    height: PlanSize
    corner_radius: Fillet


class Trapezoid(Form):
    """Edge line of a trapezoidal pane: widths at the smallest and the largest y, before rounding."""

    kind: Literal["trapezoid"]
    width_bottom: PlanSize
    width_top: PlanSize
    height: PlanSize
    corner_radius: Fillet


class DrawnRetainer(Form):
    """Metal ring that holds a pane: lip plate (of an edge with a lip), wall, seat plate, gaskets between."""

    lip_thickness: Plate | None = None
    wall: Plate
    seat_thickness: Plate
    gasket_thickness: Plate


class DrawnMesh(Form):
    """Fineness of one pane before `refine`; what is not stated stays as for any pane."""

    layers: Layers | None = None
    first_layer: FirstLayer | None = None
    around: Around | None = None
    rings: Rings | None = None
    growth: Growing | None = None


class DrawnPane(Form):
    """One pane as drawn, supported size; widths count inwards from its edge line."""

    name: Name
    outline: Annotated[Round | RoundedRectangle | Trapezoid, Field(discriminator="kind")]
    thickness: Thickness
    bevel: Play = 0.0
    edge: Edge = "retainer_lip"
    lip_width: Overhang | None = None
    gasket_width: Overhang | None = None
    seat_width: Overhang = 0.0
    clearance: Play = 0.0
    bevel_angle: Angle | None = None
    land: Overhang | None = None
    step_width: Overhang | None = None
    step_depth: Overhang | None = None
    retainer: DrawnRetainer | None = None
    mesh: DrawnMesh = DrawnMesh()

    @model_validator(mode="after")
    def _of_its_edge(self) -> DrawnPane:
        own = EDGE_KEYS[self.edge]
        missing = [key for key in own if getattr(self, key) is None]
        if missing:
            raise ValueError(f'edge = "{self.edge}" needs {" and ".join(missing)}')
        vain = [key for keys in EDGE_KEYS.values() for key in keys if key not in own and getattr(self, key) is not None]
        if vain:
            raise ValueError(f'{vain[0]} does nothing with edge = "{self.edge}"; leave it out')
        if self.retainer is not None:
            lip = self.edge == "retainer_lip" and bool(self.lip_width)
            if lip and self.retainer.lip_thickness is None:
                raise ValueError(
                    'retainer.lip_thickness is missing; the lip plate covers lip_width, for example "3 mm"'
                )
            if not lip and self.retainer.lip_thickness is not None:
                raise ValueError("retainer.lip_thickness does nothing where no lip covers the pane; leave it out")
        return self


class Window(Form):
    """A window from our own generator."""

    drawing: Literal["shenzhou_like", "apollo_like", "shuttle_like", "disc_article"] | None = None
    panes: Annotated[tuple[DrawnPane, ...], Field(max_length=6)] = ()
    gaps: Annotated[tuple[GapWidth, ...], Field(max_length=5)] = ()
    refine: Number = 1.0
    edge: Edge | None = None
    lip_width: Overhang | None = None
    thickness: Thickness | None = None
    cover: Cover | None = None

    @model_validator(mode="after")
    def _sane(self) -> Window:
        if not 0.2 <= self.refine <= 6:
            raise ValueError(f"refine is {self.refine:g}, expected 0.2 to 6; the unknowns grow with its cube")
        if (self.drawing is None) == (not self.panes):
            raise ValueError('give exactly one of drawing = "shenzhou_like" (ready-made) and [[window.panes]] (yours)')
        if self.panes:
            self._drawn()
        elif self.gaps:
            raise ValueError(
                f'gaps belong to [[window.panes]]; the drawing "{self.drawing}" has its own, leave them out'
            )
        if self.edge == "flush_bevel" and self.lip_width is not None:
            raise ValueError('lip_width does nothing with edge = "flush_bevel"; leave it out')
        return self

    def _drawn(self) -> None:
        varied = [key for key in ("edge", "lip_width", "thickness") if getattr(self, key) is not None]
        if varied:
            raise ValueError(f"{varied[0]} varies a ready-made drawing; state it in [[window.panes]] instead")
        distinct("window.panes", [p.name for p in self.panes])
        between = len(self.panes) - 1
        if len(self.gaps) != between:
            names = ", ".join(p.name for p in self.panes)
            raise ValueError(
                f"found {len(self.gaps)} gaps, expected {between}: one distance, face to face, between neighbours "
                f"of the panes {names}"
            )

    def matches(self, names: Sequence[str]) -> None:
        """ValueError unless the drawn panes are those of [[panes]], in the same order."""
        drawn = [p.name for p in self.panes]
        names = [n for n in names if self.cover is None or n != NAME]
        if drawn and drawn != names:
            raise ValueError(
                f"window.panes are {', '.join(drawn)}, but the panes are {', '.join(names)}; "
                "both lists name the same panes, outermost first"
            )
