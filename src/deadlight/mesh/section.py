"""Sections of panes and retainers: what is swept round the edge line.

A section is a lattice (i inwards, k towards space) of quadratic quadrilaterals in the plane (s, z): s is the inward
offset from the edge line, z the height.  Bevels and cones shear the lattice, steps and plates leave cells out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import MeshError
from deadlight.mesh.grading import doubled, graded_lines, layer_size, merged
from deadlight.mesh.window_drawing import PaneDrawing, Retainer, cone_start

Array = np.ndarray[Any, np.dtype[np.float64]]
SIDES = ("+z", "-z", "outward", "inward")


@dataclass(frozen=True)
class MeshControl:
    """Fineness of one pane before `refine`.

    Attributes
    ----------
    layers : int
        Elements through the thickness aimed at (break lines of bevel and step may add or remove one).
    first_layer : float
        Thickness of the layers at both faces as a fraction of the pane's thickness.
    around : int
        Elements around the edge line; a circle gets the nearest multiple of eight, other outlines one of two.
    rings : int
        Elements across the covered band (lip, shoulder or seat).
    growth : float
        Growth of the element size per unit distance inwards of that band.
    """

    layers: int = 10
    first_layer: float = 0.035
    around: int = 40
    rings: int = 6
    growth: float = 0.35

    def __post_init__(self) -> None:
        if min(self.layers, self.around, self.rings) < 1 or not (0 < self.first_layer <= 0.5 and self.growth > 0):
            raise MeshError(
                f"{self} cannot be meshed",
                place="mesh control",
                remedy="counts of at least 1, 0 < first_layer <= 0.5, growth above 0",
            )


@dataclass(frozen=True, eq=False)
class Section:
    """Lattice in the plane (s, z) with the names of its sides.

    Attributes
    ----------
    s, z : (2 n_i + 1, 2 n_k + 1) float [m]
        Offset from the edge line and height of the doubled lattice (corners at even indices).
    blend : (2 n_i + 1,) float
        0 on exact offsets of the edge line; rises to 1 at the core block of a pane.
    solid : (n_i, n_k) bool
        Cells that exist.
    names : dict of str -> (n_i, n_k) str
        For each of "+z", "-z", "outward", "inward": face name of the cell's side, "" where it is not a boundary.
    """

    s: Array
    z: Array
    blend: Array
    solid: np.ndarray
    names: dict[str, np.ndarray]


def _exposed(solid: np.ndarray) -> dict[str, np.ndarray]:
    """Sides of solid cells with no solid neighbour."""
    p = np.pad(solid, 1)
    return {
        "+z": solid & ~p[1:-1, 2:],
        "-z": solid & ~p[1:-1, :-2],
        "outward": solid & ~p[:-2, 1:-1],
        "inward": solid & ~p[2:, 1:-1],
    }


def _named(solid: np.ndarray, rules: dict[str, list[tuple[Any, str]]]) -> dict[str, np.ndarray]:
    """Names of the exposed sides by the first rule whose condition holds."""
    result = {}
    for side, exposed in _exposed(solid).items():
        conditions = [np.broadcast_to(c, solid.shape) for c, _ in rules[side]]
        names = np.select(conditions, [np.full(solid.shape, n) for _, n in rules[side]], default="?")
        result[side] = np.where(exposed, names, "")
    return result


def pane_lines(pane: PaneDrawing, control: MeshControl, refine: float) -> tuple[Array, Array]:
    """Offsets [m] of the ring lines over the band and heights [m] of the layer lines. (n_band + 1,), (n_k + 1,)."""
    t, c = pane.thickness, pane.bevel
    s_breaks = [0.0, pane.touched_width, pane.covered_width, pane.seat_width, pane.band]
    ring = pane.band / (control.rings * refine)
    s = graded_lines(merged(s_breaks), lambda x: np.full_like(x, ring))
    z_breaks = [0.0, t]
    if c > 0:
        z_breaks.append(c)
        z_breaks += {"retainer_lip": [t - c], "flush_step": [t - pane.step_depth - c], "flush_bevel": []}[pane.edge]
    if pane.edge == "flush_bevel":
        z_breaks.append(pane.land)
    if pane.edge == "flush_step":
        z_breaks.append(t - pane.step_depth)
    wanted = layer_size(t, control.first_layer * t, control.layers)
    return s, graded_lines(merged(z_breaks), lambda x: wanted(x) / refine)


def pane_section(pane: PaneDrawing, control: MeshControl, refine: float, transition: Array) -> Section:
    """Section of a pane from its rim to the core block.

    Parameters
    ----------
    transition : (n,) float
        Blend weights of the ring lines inwards of the band, rising to 1.
    """
    s_band, z_lines = pane_lines(pane, control, refine)
    t, c, shoulder = pane.thickness, pane.bevel, pane.thickness - pane.step_depth
    lines = np.concatenate([s_band, np.full(len(transition), s_band[-1])])
    blend = doubled(np.concatenate([np.zeros(len(s_band)), transition]))
    z, s = doubled(z_lines), doubled(lines)
    top = shoulder if pane.edge == "flush_step" else t
    chamfer = np.maximum(0.0, c - z)
    if pane.edge != "flush_bevel":
        chamfer = np.maximum(chamfer, np.where(z <= top + 1e-12, np.maximum(0.0, z - (top - c)), 0.0))
    cone = np.maximum(0.0, (z - pane.land) / (t - pane.land)) * pane.cone_width
    sheared = (
        s[:, None]
        + chamfer * _fade(s, s_band[1] if len(s_band) > 1 else s_band[-1], c, s_band)
        + cone * _fade(s, s_band[-1], 0.0, s_band)
    )

    sm = 0.5 * (lines[:-1] + lines[1:])[:, None]
    sm[len(s_band) - 1 :] = np.inf
    zm = 0.5 * (z_lines[:-1] + z_lines[1:])[None, :]
    solid = np.ones((len(sm), zm.shape[1]), dtype=bool)
    if pane.edge == "flush_step":
        solid = (sm > pane.step_width) | (zm < shoulder)
    low_top = (
        (zm < shoulder) if pane.edge == "flush_step" else np.full_like(zm, pane.edge == "retainer_lip", dtype=bool)
    )
    on_cone = (zm > pane.land) if pane.edge == "flush_bevel" else np.zeros_like(zm, dtype=bool)
    always = np.array(True)
    rules = {
        "+z": [
            (low_top & (sm < pane.touched_width), "seat_outer"),
            (low_top & (sm < pane.covered_width), "lip"),
            (always, "outer"),
        ],
        "-z": [(sm < pane.seat_width, "seat_inner"), (always, "inner")],
        "outward": [(on_cone, "seat_outer"), (always, "rim")],
        "inward": [(always, "")],
    }
    return Section(sheared, np.broadcast_to(z, sheared.shape), blend, solid, _named(solid, rules))


def _fade(s: Array, first: float, leg: float, band: Array) -> Array:
    """1 at the edge, falling linearly to 0 at the first ring line that leaves a chamfer of this leg enough room."""
    room = band[band >= max(first, 2 * leg) - 1e-12]
    end = room[0] if len(room) else band[-1]
    return np.maximum(0.0, 1 - s / end)[:, None]


def retainer_section(pane: PaneDrawing, retainer: Retainer, refine: float) -> Section:
    """Section of the retainer of a pane: U with a lip, L with a cone (flush_bevel) or a U that ends in the step."""
    t, g, c = pane.thickness, retainer.gasket_thickness, pane.bevel
    back, front = -pane.clearance - retainer.wall, -pane.clearance
    step = pane.edge == "flush_step"
    lip = pane.step_width - pane.clearance if step else pane.lip_width
    low = (t - pane.step_depth + g if step else t + g) if lip > 0 else np.inf
    top = t if step or lip == 0 else t + g + retainer.lip_thickness
    start = cone_start(pane) if pane.edge == "flush_bevel" else np.inf
    touched = min(pane.touched_width, lip)

    widest = max(lip, pane.seat_width)
    s_breaks = merged([back, front, c, touched, lip, pane.seat_width])
    size_s, size_z = widest / (4 * refine), t / (4 * refine)
    s_lines = graded_lines(s_breaks[s_breaks <= widest], lambda x: np.full_like(x, size_s))
    z_breaks = [-g - retainer.seat_thickness, -g, low if np.isfinite(low) else t, top] + (
        [start] if np.isfinite(start) else []
    )
    z_lines = graded_lines(merged(z_breaks), lambda x: np.full_like(x, size_z))

    s, z = doubled(s_lines), doubled(z_lines)
    lean = np.maximum(0.0, z - start) * np.tan(pane.bevel_angle) if np.isfinite(start) else np.zeros_like(z)
    sheared = s[:, None] + lean * np.clip((s - back) / (front - back), 0.0, 1.0)[:, None]
    sm, zm = 0.5 * (s_lines[:-1] + s_lines[1:])[:, None], 0.5 * (z_lines[:-1] + z_lines[1:])[None, :]
    solid = (sm < front) | ((zm < -g) & (sm < pane.seat_width)) | ((zm > low) & (sm < lip))
    always, plate = np.array(True), zm > -g
    rules = {
        "+z": [(plate, "outer"), (sm < c, "contact_rim"), (always, "contact_inner")],
        "-z": [(~plate, "back"), (sm < c, "contact_rim"), (sm < touched, "contact_outer"), (always, "lip")],
        "outward": [(always, "back")],
        "inward": [
            (~plate, "back"),
            ((sm < front) & (zm > start), "contact_outer"),
            (sm < front, "contact_rim"),
            (always, "edge"),
        ],
    }
    return Section(sheared, np.broadcast_to(z, sheared.shape), np.zeros(len(s)), solid, _named(solid, rules))
