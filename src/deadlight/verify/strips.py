"""Edge and through cracks of strips: plane problems, solved in 3D at nu = 0 with free side faces.

At nu = 0 a stress that does not vary across the strip strains nothing across it, so plane stress, plane strain and the
free side faces are one problem and the front is straight and uniform.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from deadlight.operator.intensity import StressIntensity, stress_intensity
from deadlight.surface.body import block
from deadlight.surface.sheet import Sheet
from deadlight.verify.case import Case, Effort, Found, Line, line, made, reference
from deadlight.verify.fronts import LoadCases, only, varying
from deadlight.verify.surface import YOUNG, YY, X, Y, Z, collected

Array = np.ndarray[Any, np.dtype[np.float64]]
Profile = Callable[[Array], Array]

LONG = 2.5  # half height of a strip in its widths, from which the ends are not felt (0.1 %)
HALF_PLANE = (25.0, 50.0)  # depth of the bodies in crack depths whose K is carried on to a half-plane


def edge_crack(
    effort: Effort, a: float, width: float, profiles: Sequence[Profile], *, front: float | None = None, half: float = LONG
) -> StressIntensity:
    """Edge crack of depth a in a strip, opened by stresses that are functions of the depth.

    Parameters
    ----------
    front : float [m], optional
        Length of the front: the third size of the body; default the larger of a and half the strip's width.
    half : float
        Half height in widths.
    """
    span = max(a, 0.5 * width) if front is None else front
    body = block(span, 2 * half * width, width)
    over = 0.5 * a
    sheet = Sheet.rectangle((width + 0.5 * (over - a)) * Z, Y, X, 2 * span, a + over)
    loads = LoadCases([varying(YY, lambda x, f=f: f(width - x[:, 2])) for f in profiles])  # type: ignore[misc]
    return stress_intensity(
        loads, sheet, body, young=YOUNG, nu=0.0, refine=effort.refine, estimate=effort.estimate, contact=False
    )


def front_line(
    result: StressIntensity, load: int, what: str, expected: float, scale: float, tolerance: float, front: int = 0
) -> Line:
    """K_I over `scale` at all points of a straight front; places run from 0 to 1 along it."""
    found = result.fronts[front]
    where = found.frame.arc / found.frame.length
    k, error = found.k[load, :, 0] / scale, found.error[load, :, 0] / scale
    return line(what, where, k, expected, unit="of the front", tolerance=tolerance, estimate=error)


def edge_strip(effort: Effort) -> Found:
    entry = reference("through_edge")["edge_strip"]
    width, tolerance = entry["given"]["width"], entry["tolerance"]["k"]
    results, lines = [], []
    for row in entry["reference"][1:2] if effort.quick else entry["reference"]:
        a = row["a_over_w"] * width
        result = edge_crack(effort, a, width, [np.ones_like, lambda z: 1 - 2 * z / width])
        for load, what in enumerate(("tension", "bending")):
            name = f"K_I, a/W {row['a_over_w']:g}, {what}"
            lines.append(front_line(result, load, name, row[what], np.sqrt(np.pi * a), tolerance))
        results.append(result)
    return collected(results, lines)


def centre_strip(effort: Effort) -> Found:
    entry = reference("through_edge")["centre_strip"]
    width, tolerance = entry["given"]["width"], entry["tolerance"]["k"]
    results, lines = [], []
    for row in entry["reference"][1:2] if effort.quick else entry["reference"]:
        a = 0.5 * row["a_over_half_width"] * width
        thick = max(a, 0.25 * width)
        body = block(width, 2 * LONG * width, thick)
        sheet = Sheet.rectangle(0.5 * thick * Z, Y, X, 2 * a, 2 * thick)
        result = stress_intensity(
            only(YY, 1.0)[0], sheet, body, young=YOUNG, nu=0.0, refine=effort.refine, estimate=effort.estimate
        )
        for front in (0, 1):
            name = f"K_I, 2a/W {row['a_over_half_width']:g}, front {front + 1}"
            lines.append(front_line(result, 0, name, row["F"], np.sqrt(np.pi * a), tolerance, front))
        results.append(result)
    return collected(results, lines)


def half_plane(
    effort: Effort, profiles: Sequence[Profile], names: Sequence[str], expected: Sequence[float], tolerance: float
) -> Found:
    """Edge crack of depth 1 in a half-plane: K in bodies of two depths, carried on to infinite depth.

    The body's end changes K by (a / depth)^2 and higher: a strip's K follows 1 + c (a / W)^2.
    """
    results, lines = [], []
    for depth in HALF_PLANE:
        results.append(edge_crack(effort, 1.0, depth, profiles, front=8.0, half=1.0))
    small, large = results
    share = (HALF_PLANE[0] / HALF_PLANE[1]) ** 2
    for load, name in enumerate(names):
        k, error = large.fronts[0].k[load, :, 0], large.fronts[0].error[load, :, 0]
        shift = np.median(k) - np.median(small.fronts[0].k[load, :, 0])
        far = (k + shift * share / (1 - share)) / np.sqrt(np.pi)
        own = error / np.sqrt(np.pi)
        where = large.fronts[0].frame.arc / large.fronts[0].frame.length
        lines.append(line(name, where, far, expected[load], unit="of the front", tolerance=tolerance, estimate=own))
    return collected(results, lines)


def edge_halfplane(effort: Effort) -> Found:
    entry = reference("through_edge")["edge_halfplane"]
    expected = [entry["reference"]["uniform"], entry["reference"]["linear"]]
    profiles: list[Profile] = [np.ones_like, lambda z: z]
    return half_plane(effort, profiles, ["K_I, uniform", "K_I, linear"], expected, entry["tolerance"]["k"])


def cases() -> list[Case]:
    """All cases of the family."""
    return [
        made("through_edge", "edge_strip", edge_strip, seconds=10.0),
        made("through_edge", "centre_strip", centre_strip, seconds=10.0),
        made("through_edge", "edge_halfplane", edge_halfplane, seconds=10.0),
    ]
