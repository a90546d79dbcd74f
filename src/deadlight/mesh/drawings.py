"""Ready-made drawings, representative and NOT the real articles.

Each dimension carries a status in `WindowDrawing.notes`: R read in a public source, M from memory of one,
D derived, A engineering assumption.
"""

from __future__ import annotations

from dataclasses import replace

from deadlight.mesh.outline import Outline
from deadlight.mesh.window_drawing import PaneDrawing, Retainer, WindowDrawing

_NOT_REAL = "representative, not the real article"


def shenzhou_like() -> WindowDrawing:
    """Round three-pane side window: 10 mm silica heat pane (R 150 mm, clear 135 mm), two 12 mm pressure panes.

    Three panes and a port of about 0.3 m are read (R, astronautix.com Shenzhou page; Global Times, 2025); thicknesses,
    clear radii, gaps, lip, clearance and retainers are assumptions (A): they are not public.
    """
    thermal = PaneDrawing(
        name="thermal", role="thermal", outline=Outline.round(0.150), thickness=0.010, bevel=0.4e-3,
        lip_width=0.015, gasket_width=0.010, seat_width=0.012, clearance=0.5e-3, retainer=Retainer(),
    )  # fmt: skip
    inner = PaneDrawing(
        name="pressure_1", outline=Outline.round(0.145), thickness=0.012, bevel=0.4e-3,
        lip_width=0.015, gasket_width=0.010, seat_width=0.012, clearance=0.5e-3,
        retainer=Retainer(lip_thickness=1.5e-3, seat_thickness=1.5e-3, gasket_thickness=0.5e-3),
    )  # fmt: skip
    return WindowDrawing(
        name="shenzhou_like",
        panes=(thermal, inner, replace(inner, name="pressure_2", role="redundant")),
        gaps=(0.010, 0.006),
        notes={
            "article": _NOT_REAL,
            "three panes, port of about 0.3 m": "R (astronautix.com; Global Times)",
            "thicknesses, clear radii, gaps, lip 15 mm, clearance 0.5 mm, bevel, retainers": "A",
        },
    )


def apollo_like() -> WindowDrawing:
    """Square side window, 0.33 m clear: 17.8 mm silica heat pane, two 6.35 mm pressure panes 2.54 mm apart.

    Thicknesses, inner gap and size are from memory of the Apollo spacecraft news reference (M); corner radius,
    outer gap, bands and clearance are assumptions (A).  The inner panes are drawn without bevels and retainers:
    their gap has no room for plates.
    """
    thermal = PaneDrawing(
        name="thermal", role="thermal", outline=Outline.rounded_rectangle(0.356, 0.356, 0.045),
        thickness=0.0178, bevel=0.7e-3, lip_width=0.013, gasket_width=0.010, seat_width=0.012, clearance=0.8e-3,
        retainer=Retainer(),
    )  # fmt: skip
    inner = PaneDrawing(
        name="pressure_1", outline=Outline.rounded_rectangle(0.356, 0.356, 0.045), thickness=6.35e-3,
        lip_width=0.013, seat_width=0.013,
    )  # fmt: skip
    return WindowDrawing(
        name="apollo_like",
        panes=(thermal, inner, replace(inner, name="pressure_2")),
        gaps=(0.030, 2.54e-3),
        notes={
            "article": _NOT_REAL,
            "thicknesses 17.8 and 6.35 mm, inner gap 2.54 mm, 0.33 m square": "M (Apollo spacecraft news reference)",
            "corner radius, outer gap 30 mm, covered band 13 mm, clearance 0.8 mm, bevels, retainer": "A",
        },
    )


def shuttle_like() -> WindowDrawing:
    """Trapezoidal forward window, 1.07 m diagonal: 15.875 mm thermal, 33.02 mm redundant, 15.875 mm pressure pane.

    Thicknesses and the outer diagonal are read (R, Shuttle reference manual); the inner diagonal 0.889 m is
    memory (M); the sides of the trapezoids are chosen to give those diagonals (before rounding; A), as are corner
    radii, gaps, bands and clearance.  The inner panes are drawn without bevels and retainers.
    """
    thermal = PaneDrawing(
        name="thermal", role="thermal", outline=Outline.trapezoid(0.92, 0.74, 0.6705, 0.080),
        thickness=15.875e-3, bevel=0.6e-3, lip_width=0.025, gasket_width=0.018, seat_width=0.020, clearance=1e-3,
        retainer=Retainer(lip_thickness=5e-3, wall=6e-3, seat_thickness=5e-3, gasket_thickness=1.5e-3),
    )  # fmt: skip
    pressure = PaneDrawing(
        name="pressure", outline=Outline.trapezoid(0.77, 0.62, 0.5543, 0.070), thickness=15.875e-3,
        lip_width=0.020, seat_width=0.020,
    )  # fmt: skip
    return WindowDrawing(
        name="shuttle_like",
        panes=(thermal, replace(pressure, name="redundant", role="redundant", thickness=33.02e-3), pressure),
        gaps=(0.050, 0.010),
        notes={
            "article": _NOT_REAL,
            "thicknesses 15.875, 33.02, 15.875 mm; outer diagonal 1.067 m": "R (Shuttle reference manual)",
            "inner diagonal 0.889 m": "M",
            "sides, corner radii, gaps, covered bands, clearance, bevels, retainer": "A",
        },
    )


def disc_article() -> WindowDrawing:
    """Round test article for an arc-jet: one 10 mm silica disc, R 75 mm, clear 65 mm, in a metal holder.

    Every dimension is an assumption (A), of a size that fits a usual test stream.
    """
    disc = PaneDrawing(
        name="thermal", role="thermal", outline=Outline.round(0.075), thickness=0.010, bevel=0.4e-3,
        lip_width=0.010, gasket_width=0.007, seat_width=0.008, clearance=0.5e-3, retainer=Retainer(),
    )  # fmt: skip
    return WindowDrawing(
        name="disc_article",
        panes=(disc,),
        gaps=(),
        notes={
            "article": _NOT_REAL,
            "radius 75 mm, thickness 10 mm, lip 10 mm, seats, clearance 0.5 mm, bevel, holder": "A",
        },
    )


DRAWINGS = {
    "shenzhou_like": shenzhou_like,
    "apollo_like": apollo_like,
    "shuttle_like": shuttle_like,
    "disc_article": disc_article,
}


def varied(
    pane: PaneDrawing, *, edge: str | None = None, lip_width: float | None = None, thickness: float | None = None
) -> PaneDrawing:
    """The pane with another edge, lip or thickness; what hangs on them follows in proportion.

    A flush edge has no lip: the step takes the lip's width for its shoulder, at 0.4 of the thickness; the cone of the
    bevel ends on a land of 0.3 of the thickness.

    Raises
    ------
    MeshError
        The varied drawing is impossible; value, limit, remedy.
    """
    thick = pane.thickness if thickness is None else thickness
    lip = pane.lip_width if lip_width is None else lip_width
    touched = None if pane.gasket_width is None or pane.lip_width == 0 else pane.gasket_width * lip / pane.lip_width
    kind = pane.edge if edge is None else edge
    if kind == "flush_bevel":
        return replace(pane, edge=kind, thickness=thick, lip_width=0.0, gasket_width=None, bevel=0.0, land=0.3 * thick)
    if kind == "flush_step":
        return replace(
            pane,
            edge=kind,
            thickness=thick,
            lip_width=0.0,
            gasket_width=None,
            bevel=0.0,
            step_width=lip,
            step_depth=0.4 * thick,
        )
    return replace(pane, edge=kind, thickness=thick, lip_width=lip, gasket_width=touched)
