"""Edge and through cracks of strips: plane problems, solved in 3D at nu = 0 with free side faces.

At nu = 0 a stress that does not vary across the strip strains nothing across it, so plane stress, plane strain and the
free side faces are one problem and the front is straight and uniform.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import erfc

from deadlight.operator.intensity import StressIntensity, stress_intensity
from deadlight.surface.body import Body, block
from deadlight.surface.sheet import Sheet
from deadlight.surface.skin_mesh import background
from deadlight.verify.case import Case, Effort, Found, Line, line, made, reference
from deadlight.verify.fronts import LoadCases, only, varying
from deadlight.verify.surface import YOUNG, YY, X, Y, Z, collected

Array = np.ndarray[Any, np.dtype[np.float64]]
Profile = Callable[[Array], Array]

LONG = 2.5  # half height of a strip in its widths, from which the ends are not felt (0.1 %)
SKIN = 0.4  # element size of a strip's skin in its widths: K within 0.06 %
HALF_PLANE = (20.0, 40.0)  # depth of the bodies in crack depths whose K is carried on to a half-plane
HALF_PLANE_FRONT, HALF_PLANE_SKIN = 2.0, 5.0  # length of their fronts, elements of their skin, in crack depths
FINE = 1.5  # fineness of meshes where a tenth of a percent is asked for: more than the usual mesh aims at
SIDE = 0.25  # share of a front at either end that is judged by itself: elements there meet the side faces


def edge_crack(effort: Effort, a: float, body: Body, profiles: Sequence[Profile], skin: float) -> StressIntensity:
    """Edge crack of depth a across a block, from its face "outer", under stresses that are functions of the depth.

    Parameters
    ----------
    skin : float [m]
        Element size of the skin away from the crack.
    """
    span, _, width = np.ptp(body.facets().points, axis=0)
    over = 0.5 * a
    sheet = Sheet.rectangle((width + 0.5 * (over - a)) * Z, Y, X, 2 * span, a + over)
    loads = LoadCases([varying(YY, lambda x, f=f: f(width - x[:, 2])) for f in profiles])  # type: ignore[misc]
    return stress_intensity(
        loads, sheet, body, young=YOUNG, nu=0.0, refine=effort.refine, estimate=effort.estimate, contact=False,
        back=background(body, skin, effort.refine),
    )  # fmt: skip


def strip_crack(effort: Effort, a: float, width: float, profiles: Sequence[Profile]) -> StressIntensity:
    """Edge crack of depth a in a long strip."""
    body = block(max(a, 0.5 * width), 2 * LONG * width, width)
    return edge_crack(effort, a, body, profiles, SKIN * width)


def finer(effort: Effort) -> Effort:
    """The same effort with finer meshes."""
    return replace(effort, refine=FINE * effort.refine)


def front_lines(
    result: StressIntensity,
    load: int,
    what: str,
    expected: float,
    scale: float,
    allowed: dict[str, float],
    front: int = 0,
    peak: float | None = None,
) -> list[Line]:
    """K_I over `scale` along a straight front, its middle and its ends by themselves; places run from 0 to 1.

    Errors are relative to the expected value, or to `peak`.
    """
    found = result.fronts[front]
    s, k, error = found.frame.arc / found.frame.length, found.k[load, :, 0] / scale, found.error[load, :, 0] / scale
    return parted(what, s, k, expected, error, allowed, peak)


def parted(
    what: str, s: Array, k: Array, expected: float, error: Array, allowed: dict[str, float], peak: float | None = None
) -> list[Line]:
    """Lines of the middle of a front and of its ends."""
    side = (s < SIDE) | (s > 1 - SIDE)
    return [
        line(name, s[use], k[use], expected, unit="of the front", tolerance=tolerance, estimate=error[use], scale=peak)
        for name, use, tolerance in ((what, ~side, allowed["k"]), (f"{what}, ends", side, allowed["side"]))
    ]


def edge_strip(effort: Effort) -> Found:
    entry = reference("through_edge")["edge_strip"]
    width, results, lines = entry["given"]["width"], [], []
    for row in entry["reference"][1:2] if effort.quick else entry["reference"]:
        a = row["a_over_w"] * width
        result = strip_crack(effort, a, width, [np.ones_like, lambda z: 1 - 2 * z / width])
        for load, what in enumerate(("tension", "bending")):
            name = f"K_I, a/W {row['a_over_w']:g}, {what}"
            lines += front_lines(result, load, name, row[what], np.sqrt(np.pi * a), entry["tolerance"])
        results.append(result)
    return collected(results, lines)


def centre_strip(effort: Effort) -> Found:
    entry = reference("through_edge")["centre_strip"]
    width, results, lines = entry["given"]["width"], [], []
    for row in entry["reference"][1:2] if effort.quick else entry["reference"]:
        a = 0.5 * row["a_over_half_width"] * width
        thick = 0.4 * width
        body = block(width, 2 * LONG * width, thick)
        sheet = Sheet.rectangle(0.5 * thick * Z, Y, X, 2 * a, 2 * thick)
        result = stress_intensity(
            only(YY, 1.0)[0], sheet, body, young=YOUNG, nu=0.0, refine=FINE * effort.refine, estimate=effort.estimate,
            back=background(body, SKIN * width, FINE * effort.refine),
        )  # fmt: skip
        for front in (0, 1):
            name = f"K_I, 2a/W {row['a_over_half_width']:g}, front {front + 1}"
            lines += front_lines(result, 0, name, row["F"], np.sqrt(np.pi * a), entry["tolerance"], front)
        results.append(result)
    return collected(results, lines)


HALF_PLANE_PROFILES: dict[str, Profile] = {
    "uniform": np.ones_like,
    "linear": lambda z: z,
    **{f"eta {eta:g}": (lambda z, eta=eta: erfc(eta * z)) for eta in (0.1, 0.5, 1.0, 2.0)},  # type: ignore[misc]
}


@functools.lru_cache(maxsize=2)
def _half_plane(effort: Effort) -> tuple[StressIntensity, StressIntensity]:
    """Edge cracks of depth 1 in bodies of two depths under all profiles; two cases share them."""
    bodies = (block(HALF_PLANE_FRONT, 2 * depth, depth) for depth in HALF_PLANE)
    profiles = list(HALF_PLANE_PROFILES.values())
    small, large = (edge_crack(finer(effort), 1.0, body, profiles, HALF_PLANE_SKIN) for body in bodies)
    return small, large


def half_plane(effort: Effort, wanted: dict[str, float], allowed: dict[str, float]) -> Found:
    """K over sqrt(pi a) of an edge crack in a half-plane under some of the profiles.

    The body's end changes K by (a / depth)^2 and higher powers: K of two depths is carried on to an endless one.
    """
    small, large = _half_plane(effort)
    share = (HALF_PLANE[0] / HALF_PLANE[1]) ** 2
    lines = []
    for name, expected in wanted.items():
        load = list(HALF_PLANE_PROFILES).index(name)
        front = large.fronts[0]
        shift = _middle(large, load) - _middle(small, load)
        far = (front.k[load, :, 0] + shift * share / (1 - share)) / np.sqrt(np.pi)
        s = front.frame.arc / front.frame.length
        lines += parted(f"K_I, {name}", s, far, expected, front.error[load, :, 0] / np.sqrt(np.pi), allowed)
    return collected([small, large], lines)


def _middle(result: StressIntensity, load: int) -> float:
    """Mean K_I of the middle of a straight front."""
    front = result.fronts[0]
    s = front.frame.arc / front.frame.length
    return float(front.k[load, (s > SIDE) & (s < 1 - SIDE), 0].mean())


def edge_halfplane(effort: Effort) -> Found:
    entry = reference("through_edge")["edge_halfplane"]
    return half_plane(effort, entry["reference"], entry["tolerance"])


def cases() -> list[Case]:
    """All cases of the family."""
    return [
        made("through_edge", "edge_strip", edge_strip, seconds=12.0),
        made("through_edge", "centre_strip", centre_strip, seconds=22.0),
        made("through_edge", "edge_halfplane", edge_halfplane, seconds=24.0),
    ]
