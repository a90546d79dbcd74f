"""What a drawing of a multi-pane window states, checked: panes, edges, gaskets, retainers, gaps.

All lengths are in metres.  Widths of bands are measured inwards from the edge line of the pane.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from deadlight.errors import MeshError
from deadlight.mesh.outline import Outline

Problems = Iterator[tuple[str, str, str]]  # key at fault, what was found, remedy
EDGES = ("retainer_lip", "flush_bevel", "flush_step")


@dataclass(frozen=True, kw_only=True)
class Retainer:
    """Metal ring that holds a pane: U-section of lip plate, wall and seat plate, gasket strips between.

    Attributes
    ----------
    lip_thickness, wall, seat_thickness : float [m]
        Plate over the outer face (unused by the flush edges), wall beside the rim, plate under the inner face.
    gasket_thickness : float [m]
        Distance from the pane's faces to the plates; the gasket itself is not meshed.
    """

    lip_thickness: float = 3e-3
    wall: float = 4e-3
    seat_thickness: float = 3e-3
    gasket_thickness: float = 1e-3


@dataclass(frozen=True, kw_only=True)
class PaneDrawing:
    """One pane with its edge.

    Attributes
    ----------
    name : str
        Region name, for example "thermal".
    outline : Outline
        Edge line of the pane (supported size, not the clear opening).
    thickness : float [m]
    bevel : float [m]
        Leg of the 45 degree chamfer on the edges of the rim; 0 = none.
    edge : str
        "retainer_lip": a lip covers a band of the outer face.  "flush_bevel": the edge is a cone, narrower towards
        space, held on the cone.  "flush_step": a rebate lowers a shoulder, held on the shoulder.
    lip_width : float [m]
        Band of the outer face under the lip (retainer_lip only).
    gasket_width : float or None [m]
        Part of the covered band (or of the shoulder) that the outer gasket touches, from the edge; None = all.
    seat_width : float [m]
        Band of the inner face that the inner gasket touches.
    clearance : float [m]
        Radial gap between rim and retainer.
    bevel_angle : float [rad]
        flush_bevel: angle between the cone and the axis.
    land : float [m]
        flush_bevel: height of the cylindrical rim below the cone.
    step_width, step_depth : float [m]
        flush_step: width of the shoulder and its depth below the outer face.
    retainer : Retainer or None
        None: no retainer solid (the bands on the pane are still named).
    role : str
        "thermal", "redundant" or "pressure"; free text for the user, thermal panes get the fine grid.
    """

    name: str
    outline: Outline
    thickness: float
    bevel: float = 0.0
    edge: str = "retainer_lip"
    lip_width: float = 0.0
    gasket_width: float | None = None
    seat_width: float = 0.0
    clearance: float = 0.0
    bevel_angle: float = math.radians(30)
    land: float = 0.0
    step_width: float = 0.0
    step_depth: float = 0.0
    retainer: Retainer | None = None
    role: str = "pressure"

    def __post_init__(self) -> None:
        for key, found, remedy in _problems(self):
            raise MeshError(found, place=f'pane "{self.name}", {key}', remedy=remedy)

    @property
    def covered_width(self) -> float:
        """Width [m] of the outer band that is shaded: lip, or shoulder of a step; 0 for a bevel."""
        return {"retainer_lip": self.lip_width, "flush_step": self.step_width, "flush_bevel": 0.0}[self.edge]

    @property
    def touched_width(self) -> float:
        """Width [m] from the edge to the inner side of the outer gasket."""
        return self.covered_width if self.gasket_width is None else self.gasket_width

    @property
    def cone_width(self) -> float:
        """Width [m] that the cone takes from the outer face (flush_bevel)."""
        return (self.thickness - self.land) * math.tan(self.bevel_angle) if self.edge == "flush_bevel" else 0.0

    @property
    def band(self) -> float:
        """Width [m] of the zone meshed by exact offsets of the edge line."""
        widest = max(self.covered_width, self.seat_width, 1.5 * self.cone_width, 3 * self.bevel)
        return widest if widest > 0 else min(self.thickness, 0.3 * self.outline.corner_radius)

    @property
    def above(self) -> float:
        """How far the retainer stands out of the outer face [m]."""
        if self.retainer is None or self.edge != "retainer_lip" or self.lip_width == 0:
            return 0.0
        return self.retainer.gasket_thickness + self.retainer.lip_thickness

    @property
    def below(self) -> float:
        """How far the retainer stands out of the inner face [m]."""
        return 0.0 if self.retainer is None else self.retainer.gasket_thickness + self.retainer.seat_thickness


@dataclass(frozen=True, kw_only=True)
class WindowDrawing:
    """Panes outermost first and the distances between them.

    Attributes
    ----------
    panes : tuple of PaneDrawing
    gaps : tuple of float [m]
        Face to face, one fewer than the panes.
    name : str
    notes : dict of str -> str
        Where each dimension comes from (R read, M memory, D derived, A assumption), for the user.
    """

    panes: tuple[PaneDrawing, ...]
    gaps: tuple[float, ...] = ()
    name: str = "window"
    notes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        place = f'window "{self.name}"'
        names = [p.name for p in self.panes]
        if not names or len(set(names)) != len(names):
            raise MeshError(
                f"pane names must be there and differ, found {names}", place=place, remedy="name every pane once"
            )
        if len(self.gaps) != len(names) - 1:
            raise MeshError(
                f"{len(names)} panes need {len(names) - 1} gaps, found {len(self.gaps)}",
                place=place,
                remedy="one gap between neighbours",
            )
        for gap, upper, lower in zip(self.gaps, self.panes, self.panes[1:]):
            where = f'{place}, gap between "{upper.name}" and "{lower.name}"'
            if not (math.isfinite(gap) and gap > 0):
                raise MeshError(
                    f"gap {1e3 * gap:g} mm: the panes touch or overlap", place=where, remedy="give a positive gap"
                )
            if upper.below + lower.above >= gap:
                raise MeshError(
                    f"retainers need {_mm(upper.below + lower.above)} (seat plate {_mm(upper.below)},"
                    f" lip {_mm(lower.above)}) and the gap is {_mm(gap)}",
                    place=where,
                    remedy="thinner plates or gaskets, a wider gap, or no retainer where no retainer solid is needed",
                )

    @property
    def levels(self) -> dict[str, float]:
        """z [m] of the inner face of each pane; the innermost inner face is z = 0, z grows towards space."""
        z, result = 0.0, {}
        for pane, gap in zip(reversed(self.panes), (*reversed(self.gaps), 0.0)):
            result[pane.name] = z
            z += pane.thickness + gap
        return result


def _mm(value: float) -> str:
    return f"{1e3 * value:.6g} mm"


def _problems(p: PaneDrawing) -> Problems:
    """What is wrong with a pane, as (key, found, remedy); empty when it can be made."""
    if not p.name or "." in p.name or p.name.endswith("_retainer"):
        yield "name", f'name "{p.name}" cannot be a region', 'no dot, not empty, not ending in "_retainer"'
    if p.edge not in EDGES:
        yield "edge", f'edge "{p.edge}" is unknown', "one of " + ", ".join(EDGES)
    lengths = {f.name: getattr(p, f.name) for f in fields(p) if isinstance(getattr(p, f.name), int | float)}
    if p.retainer is not None:
        lengths |= {f"retainer.{f.name}": getattr(p.retainer, f.name) for f in fields(p.retainer)}
    for name, value in lengths.items():
        if not math.isfinite(value) or value < 0:
            yield name, f"{name} = {value!r} m", "a finite length, zero or positive, in metres"
    if p.thickness <= 0:
        yield "thickness", f"thickness {_mm(p.thickness)}", "a positive thickness"
    yield from _edge_problems(p)
    yield from _band_problems(p)
    if p.retainer is not None:
        yield from _retainer_problems(p, p.retainer)


def _edge_problems(p: PaneDrawing) -> Problems:
    if p.bevel > 0.45 * p.thickness:
        yield (
            "bevel",
            f"bevel {_mm(p.bevel)} on a thickness of {_mm(p.thickness)}",
            f"at most 0.45 of the thickness, {_mm(0.45 * p.thickness)}",
        )
    if p.edge != "retainer_lip" and p.lip_width > 0:
        yield "lip_width", f"lip_width {_mm(p.lip_width)} on a flush edge", 'lip_width = 0, or edge = "retainer_lip"'
    if p.edge == "flush_bevel":
        if not 0 < p.bevel_angle <= math.radians(75):
            yield (
                "bevel_angle",
                f"bevel_angle {math.degrees(p.bevel_angle):g} deg",
                "between 0 and 75 degrees from the axis, in radians",
            )
        if not 2 * p.bevel <= p.land < p.thickness or p.land <= 0:
            yield (
                "land",
                f"land {_mm(p.land)} under the cone",
                f"above zero, at least twice the bevel, less than the thickness {_mm(p.thickness)}",
            )
    if p.edge == "flush_step":
        if not (p.step_depth > 0 and p.step_depth + 2 * p.bevel < p.thickness):
            yield (
                "step_depth",
                f"step_depth {_mm(p.step_depth)}",
                f"above zero, less than the thickness {_mm(p.thickness)} by at least two bevels",
            )
        if p.step_width <= p.clearance:
            yield "step_width", f"step_width {_mm(p.step_width)}", f"more than the clearance {_mm(p.clearance)}"


def _band_problems(p: PaneDrawing) -> Problems:
    if p.gasket_width is not None and p.edge == "flush_bevel":
        yield "gasket_width", "gasket_width on a conical edge", "leave it out: the whole cone is the seat"
    if p.touched_width > p.covered_width:
        yield (
            "gasket_width",
            f"gasket_width {_mm(p.touched_width)} reaches out of the covered band",
            f"at most {_mm(p.covered_width)}",
        )
    outer = {"retainer_lip": "lip_width", "flush_step": "step_width", "flush_bevel": "bevel_angle"}[p.edge]
    widths = (
        (outer, "lip, shoulder or cone", max(p.covered_width, p.cone_width)),
        ("seat_width", "seat", p.seat_width),
    )
    for key, name, width in widths:
        if width >= 0.5 * p.outline.half_width:
            yield (
                key,
                f"{name} width {_mm(width)} covers half the pane or more",
                f"less than {_mm(0.5 * p.outline.half_width)}",
            )
    if p.bevel > 0:
        touched = outer if p.gasket_width is None else "gasket_width"
        bands = (("lip_width", p.lip_width), (touched, p.touched_width), ("seat_width", p.seat_width))
        for name, width in bands:
            if 0 < width < 2 * p.bevel:
                yield (
                    name,
                    f"{name} {_mm(width)} ends on the bevel ({_mm(p.bevel)})",
                    f"at least two bevels, {_mm(2 * p.bevel)}, or 0",
                )
    if p.band >= 0.95 * p.outline.corner_radius:
        yield (
            "outline",
            f"corner radius {_mm(p.outline.corner_radius)} is no larger than the band of {_mm(p.band)} along the edge",
            f"a corner radius above {_mm(p.band / 0.95)}, or narrower lip, seat and bevel",
        )


def _retainer_problems(p: PaneDrawing, r: Retainer) -> Problems:
    for name in ("wall", "seat_thickness"):
        if getattr(r, name) <= 0:
            yield f"retainer.{name}", f"retainer.{name} {_mm(getattr(r, name))}", "a positive thickness"
    if p.clearance <= 0:
        yield "clearance", f"clearance {_mm(p.clearance)} with a retainer", "a positive clearance between rim and wall"
    if r.gasket_thickness <= 0:
        yield (
            "retainer.gasket_thickness",
            f"retainer.gasket_thickness {_mm(r.gasket_thickness)}",
            "a positive thickness: pane and retainer must not share a surface",
        )
    if p.seat_width <= 0:
        yield "seat_width", "seat_width 0 with a retainer", "give the width of the inner seat"
    if p.edge == "retainer_lip" and p.lip_width > 0 and r.lip_thickness <= 0:
        yield "retainer.lip_thickness", f"retainer.lip_thickness {_mm(r.lip_thickness)}", "a positive thickness"
    if p.edge == "flush_step" and r.gasket_thickness >= 0.8 * p.step_depth:
        yield (
            "retainer.gasket_thickness",
            f"gasket {_mm(r.gasket_thickness)} fills the step of {_mm(p.step_depth)}",
            "a thinner gasket or a deeper step",
        )
    if p.edge == "flush_step" and p.touched_width > p.step_width - p.clearance and p.gasket_width is not None:
        yield (
            "gasket_width",
            f"gasket_width {_mm(p.touched_width)} reaches past the retainer",
            f"at most {_mm(p.step_width - p.clearance)}",
        )
    if p.edge == "flush_bevel" and not 0 < cone_start(p) < p.thickness:
        yield (
            "bevel_angle",
            f"the retainer's cone would start at z = {_mm(cone_start(p))} of a pane of {_mm(p.thickness)}",
            "a thinner gasket, a larger bevel_angle or another clearance",
        )


def cone_start(p: PaneDrawing) -> float:
    """Height [m] above the inner face at which the retainer's wall turns into its cone, one gasket off the pane's."""
    if p.retainer is None:
        return p.land
    return p.land + (p.retainer.gasket_thickness / math.cos(p.bevel_angle) - p.clearance) / math.tan(p.bevel_angle)
