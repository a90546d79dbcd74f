"""Whole panes in a fire: from the sampled flaws of their edge to cracks, pieces, and whether the frame holds them.

Heat and stress are the pane's own (`glazing.py`).  The cracks run in the plane of the pane (`deadlight.membrane`),
under the mean temperature over its thickness; a flaw starts one where the largest stress over the thickness of its
rim, less what other cracks relieve, reaches its strength.  Pieces and their balance are those of `deadlight.outcome`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from glazing import AMBIENT, COARSE, PRELOAD, EdgeStrength, Exposure, Fire, Pane, exposure, solved, through_thickness

from deadlight.membrane.heating import PlaneHeating, RimFlaws
from deadlight.membrane.network import Network
from deadlight.membrane.plane import Sheet
from deadlight.membrane.running import PaneRun, Running
from deadlight.mesh.section import MeshControl
from deadlight.outcome.forces import Load, pressure, weight
from deadlight.outcome.pieces import Pieces, pieces_of
from deadlight.outcome.retention import standing_together
from deadlight.outcome.skin import plate
from deadlight.outcome.supports import Gasket, Support

Array = np.ndarray[Any, np.dtype[np.float64]]

FLAWS = 48  # along the rim of a pane
TOUGHNESS = 0.75e6  # Pa m^0.5, soda-lime (R)
GRAVITY = np.array([0.0, -9.81, 0.0])  # the pane stands upright, y up
FRICTION = 0.3  # glass on beading, setting block and glass (A)
CELL = 0.5  # of the thickness: of the flood fill that checks the pieces
CLEARANCE = 0.003  # [m] between rim and frame at the sides and above (A: glazing practice, 3 to 5 mm)


@dataclass(frozen=True, eq=False)
class Heated:
    """A pane in a fire before any crack.

    Attributes
    ----------
    outline : (n, 2) float [m]
        Rim, counter-clockwise.
    heating : PlaneHeating
    rim_stress : (m, n) float [Pa]
        Largest stress over the thickness at the points of the outline.
    sheet : Sheet
    """

    pane: Pane
    exposure: Exposure
    outline: Array
    heating: PlaneHeating
    rim_stress: Array
    sheet: Sheet


def heated(pane: Pane, fire: Fire, times: Sequence[float] | Array, *, control: MeshControl = COARSE) -> Heated:
    """Heat and stress of a pane, as its cracks ask for them."""
    mesh, heat, stress = solved(pane, fire, times, control=control)
    seen = exposure(pane, mesh, heat, stress)
    places, rise = mean_over_thickness(mesh.points, heat.temperature - AMBIENT)
    key = np.round(seen.rim_points[:, :2], 9)
    outline, number = np.unique(key, axis=0, return_inverse=True)
    most = np.stack([seen.rim_stress[:, number.ravel() == k].max(axis=1) for k in range(len(outline))], axis=1)
    order = np.argsort(np.arctan2(outline[:, 1], outline[:, 0]))
    glass = pane.glass
    middle = np.array([float(np.mean(heat.temperature[-1]))])
    sheet = Sheet(
        float(glass.youngs_modulus(middle)[0]),
        float(glass.poisson(middle)[0]),
        float((glass.thermal_strain(middle) - glass.thermal_strain(np.array([AMBIENT])))[0] / (middle[0] - AMBIENT)),
    )
    return Heated(pane, seen, outline[order], PlaneHeating(heat.time, places, rise), most[:, order], sheet)


def mean_over_thickness(points: Array, values: Array) -> tuple[Array, Array]:
    """Places in plan that have nodes on both faces and between, and means of values (m, n) there."""
    plan, number, count = np.unique(np.round(points[:, :2], 9), axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(number.ravel(), kind="stable")
    groups = np.split(order, np.cumsum(count)[:-1])
    full = np.flatnonzero(count == count.max())
    means = np.stack([through_thickness(points[groups[k], 2], values[:, groups[k]]) for k in full], axis=1)
    return plan[full], means


def sampled_flaws(given: Heated, *, seed: int, more: float = 0.0, strength: EdgeStrength | None = None) -> RimFlaws:
    """Flaws anywhere along the rim whose weakest has the distribution of the edge strength (weakest link).

    The strength of n flaws has scale s n^(1/m): the least of them is then Weibull of scale s and modulus m.

    Parameters
    ----------
    more : float [Pa]
        Compression of a toughened edge, on top of every strength.
    """
    edges = strength or EdgeStrength()
    rng = np.random.default_rng(seed)
    line = shapely.LinearRing(given.outline)
    at = np.sort(rng.uniform(0.0, line.length, FLAWS))
    place = shapely.get_coordinates(line.interpolate(at))
    found = edges.scale * FLAWS ** (1.0 / edges.modulus) * rng.weibull(edges.modulus, FLAWS)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(given.outline, axis=0), axis=1)), [line.length]])
    closed = np.concatenate([given.rim_stress, given.rim_stress[:, :1]], axis=1)
    stress = np.stack([np.interp(at, along, row) for row in closed])
    return RimFlaws(place, found + more, stress)


def started(given: Heated, *, seed: int, more: float = 0.0, **rules: Any) -> PaneRun:
    """One pane with sampled edge strength, before its fire."""
    flaws = sampled_flaws(given, seed=seed, more=more)
    t = given.pane.thickness
    running = Running(**({"toughness": TOUGHNESS, "fork_apart": 2.0 * t} | rules))
    return PaneRun(given.outline, given.sheet, given.heating, flaws, running)


def walls(network: Network, thickness: float) -> tuple[Array, Any]:
    """All cracks as upright surfaces that reach out of the pane. Points (n, 3), triangles (t, 3)."""
    plan = np.array(network.points)
    ends = [v for v in range(len(plan)) if v in network.ring]
    n = len(plan)
    rows = []
    for a, b in network.edges:
        rows += [[a, b, n + b], [a, n + b, n + a]]
    low, high = -0.5 * thickness, 1.5 * thickness
    points = np.concatenate([np.column_stack([plan, np.full(n, z)]) for z in (low, high)])
    for v in (v for v in ends if any(v in e for e in network.edges)):  # led on out of the rim
        a, b = next(e for e in network.edges if v in e)
        other = b if a == v else a
        out = plan[v] + (plan[v] - plan[other]) / np.linalg.norm(plan[v] - plan[other]) * 0.5 * thickness
        k = len(points)
        points = np.concatenate([points, [[*out, low], [*out, high]]])
        rows += [[v, k, k + 1], [v, k + 1, n + v]]
    return points, np.array(rows).reshape(-1, 3)


def frame_band(given: Heated) -> Any:
    """Part of the plan that the frame covers."""
    outline = shapely.Polygon(given.outline)
    return outline - outline.buffer(-given.pane.shade, join_style="mitre")


def without_frame(given: Heated, cells: Sequence[Any]) -> set[int]:
    """Numbers of cells of the plan that the frame does not cover anywhere."""
    band = frame_band(given)
    return {k for k, c in enumerate(cells) if len(cells) > 1 and c.intersection(band).area < 1e-9}


def cut_up(given: Heated, network: Network) -> Pieces:
    """Pieces of the real pane."""
    pane = given.pane
    band = frame_band(given)
    skin = plate(shapely.Polygon(given.outline), pane.thickness, outer={"lip": band}, inner={"seat": band})
    surfaces = [walls(network, pane.thickness)] if network.edges else []
    return pieces_of(skin, surfaces, pane.glass.density, ligaments=0.0, cell=CELL * pane.thickness)


def standing(given: Heated, cut: Pieces, push: float, friction: float) -> tuple[str, ...]:
    """State of every piece, "held", "loose" or "leaves", under weight and a pressure [Pa] on the heated side.

    Beading on both faces that grips as fitted, the frame behind its clearance all round.

    Parameters
    ----------
    friction : float
        Of glass on glass; 0: cracks stand open, so cut faces carry weight but do not wedge.
    """
    cord = Gasket(0.003, np.array([AMBIENT]), np.array([PRELOAD]), friction=FRICTION, source="as fitted", status="A")
    supports = [
        Support("outer beading", ("lip",), friction=FRICTION, gasket=cord, temperature=AMBIENT),
        Support("inner beading", ("seat",), friction=FRICTION, gasket=cord, temperature=AMBIENT),
        Support("frame", ("rim",), friction=FRICTION, clearance=CLEARANCE),
    ]
    loads: list[list[Load]] = [
        [weight(p, GRAVITY), pressure(p, {"outer": push, "lip": push}, cut=0.5 * push, rest=0.0)] for p in cut.pieces
    ]
    return standing_together(cut.pieces, supports, loads, friction=friction).state
