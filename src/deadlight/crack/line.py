"""The potential crack line of a seed: where the stress history is sampled and how far the tips may run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.rim_kernel import Rim
from deadlight.crack.section import thickness_rule
from deadlight.crack.seed import Corner, EdgeThrough, Seed, Surface, Through
from deadlight.errors import InputError
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

THICKNESS_POINTS = 10
OBLIQUE = math.radians(15.0)  # off the rim's normal: up to here the edge counts as square to the crack
SLANTED = math.radians(50.0)  # up to here as square, with a warning; beyond, the free edge is left out
RIM_MARGIN = 1e-2  # share of the thickness by which samples keep off the rim: a meshed rim is a polygon
IN_PLANE = (0, 1, 5)  # xx, yy, xy: a crack of the quick tier stands square to the faces
# Degrees off the rim's normal, and by how much K may be higher than that of a crack square to it.  By the crack
# operator, cracks of 2 to 57 mm near the rim of a heated pane (24 of them): at half lengths of a quarter or more of
# their middle's distance along the line 19 % at 30, 48 to 64 % at 33 to 36 degrees, without an edge 78 % at 73 and
# 280 % at 64; at 40 degrees 9 % at half lengths of 0.06 of it, 17 % at 0.15.  (Theory of an edge crack in tension:
# 11 % at 30, 33 % at 45.)
ASKEW = ((0.0, 15.0, 30.0, 35.0, 50.0, 60.0, 90.0), (0.0, 0.0, 0.45, 0.75, 0.75, 3.0, 3.0))
NEAR_RIM = 1 / 4  # half length over distance from which it counts in full
HELD = 0.1  # shear over pressure from which faces that are pressed together count as open to shear
FLAT_SHEAR = 1.15  # a penny's K_II over K_I under equal stresses is 2 / (2 - nu) (Kassir & Sih 1966), up to nu = 0.26


@dataclass(frozen=True, eq=False)
class CrackLine:
    """Straight line through the pane that carries the crack; depth is counted from the rim at its nearer end.

    Attributes
    ----------
    origin : (2,) float [m]
        Rim point (x, y) at depth 0.
    inward : (2,) float
        Unit direction of growing depth.
    depth : (n_line,) float [m]
        Sampled depths over the whole chord, ascending, finest within the rim's band.
    zeta : (n_thick,) float
        Sampled heights 2 z/t, -1 inner face, +1 outer face.
    length : float [m]
        Chord length.
    outer, inner : float [m]
        Depths of the two tips of the seed (surface and corner cracks: ends on the face).
    rim : Rim
        Free edge that the plane problem sees.
    pane : PaneShape
    warnings, assumptions : tuple of str
    shear : float
        K of a shear stress over K of the same tension, at most.
    askew : float
        By how much K of a crack near the rim may be higher because the line meets it off its normal, relative.
    """

    origin: Array
    inward: Array
    depth: Array
    zeta: Array
    length: float
    outer: float
    inner: float
    rim: Rim
    pane: PaneShape
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    shear: float = 1.0
    askew: float = 0.0

    @property
    def normal(self) -> Array:
        """Unit crack normal (3,): +z x inward."""
        return np.array([-self.inward[1], self.inward[0], 0.0])

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.depth), len(self.zeta)

    def points(self) -> Array:
        """Sample points, (n_line * n_thick, 3) [m]; the height runs fastest; kept inside a rim that stands back."""
        margin = self.pane.stands_back(self.zeta) + RIM_MARGIN * self.pane.thickness
        depth = np.clip(self.depth[:, None], margin, self.length - margin)
        xy = self.origin + depth[:, :, None] * self.inward
        z = np.broadcast_to(self.pane.z_middle + 0.5 * self.pane.thickness * self.zeta, depth.shape)
        return np.concatenate([xy, z[:, :, None]], axis=2).reshape(-1, 3)

    @property
    def across_and_along(self) -> Array:
        """What xx, yy and xy of a stress are across the crack and along it, in the pane's plane. (2, 3)."""
        nx, ny, _ = self.normal
        return np.array([[nx * nx, ny * ny, 2.0 * nx * ny], [-nx * ny, nx * ny, nx * nx - ny * ny]])

    def normal_stress(self, stress: Array) -> Array:
        """Project stress (m, p, 6) [Pa] (xx, yy, zz, yz, xz, xy) at `points()` to (m, n_line, n_thick)."""
        return np.asarray(stress[..., IN_PLANE] @ self.across_and_along[0]).reshape(len(stress), *self.shape)

    def acting_stress(self, stress: Array) -> Array:
        """Tension of the same energy as tension and shear on the crack (see `acting`); arguments as `normal_stress`."""
        parts = stress[..., IN_PLANE] @ self.across_and_along.T
        return self.acting(parts[..., 0], parts[..., 1])

    def acting(self, normal: Array, along: Array) -> Array:
        """Tension that opens the crack with a K no lower than that of tension and in-plane shear together.

        K_eff^2 = K_I^2 + K_II^2 (+ K_III^2 / (1 - nu)), and both are means of the stress along the crack with nearly
        the same positive weights: so the mean of sqrt(s^2 + t^2) is at least K_eff (Minkowski).  A part that is pressed
        shut still shears; pressure counts only beyond ten times the shear beside it.

        Parameters
        ----------
        normal, along : (m, p) float [Pa]
            Stress across the crack and along it at `points()`.

        Returns
        -------
        (m, n_line, n_thick) float [Pa]
        """
        shear = self.shear * np.abs(along)
        acting = np.hypot(np.maximum(normal, 0.0), shear) - np.maximum(-normal - shear / HELD, 0.0)
        return np.asarray(acting.reshape(len(normal), *self.shape))

    def reshape(self, values: Array) -> Array:
        """Scalar samples (m, p) at `points()`, for example temperature, to (m, n_line, n_thick)."""
        return np.asarray(values.reshape(len(values), *self.shape))

    @property
    def askew_here(self) -> float:
        """`askew` as far as the crack is near the rim."""
        half, middle = 0.5 * (self.inner - self.outer), 0.5 * (self.inner + self.outer)
        return self.askew * min(1.0, half / (NEAR_RIM * middle))

    def position(self, depth: float) -> Array:
        """x, y [m] at a depth."""
        return np.asarray(self.origin + depth * self.inward)


def crack_line(seed: Seed, pane: PaneShape, *, spacing: float = 0.75e-3, points: int = THICKNESS_POINTS) -> CrackLine:
    """Lay the crack line of a seed through the pane and check that the crack fits.

    Parameters
    ----------
    seed : Through, EdgeThrough, Surface or Corner
    pane : PaneShape
    spacing : float [m]
        Distance of the samples near the rim.
    points : int
        Samples through the thickness (Gauss-Legendre).

    Raises
    ------
    InputError
        The crack leaves the pane or is deeper than it is thick.
    """
    place, where = seed.place, f"crack {seed.name} in {pane.name}"
    centre, direction = place.centre(pane), place.direction(pane)
    inset = -pane.distance(centre)
    if isinstance(seed, (EdgeThrough, Corner)):
        centre = centre * 0.0 if place.position is None and place.plane == "radial" else centre
        inset = -pane.distance(centre)
    if inset <= 0.0:
        raise InputError(
            f"its middle ({centre[0] * 1e3:.4g}, {centre[1] * 1e3:.4g}) mm is {-inset * 1e3:.4g} mm outside the rim",
            place=where,
            remedy=f"the lip edge is {pane.lip_inset * 1e3:.4g} mm inside the rim: move the crack inwards",
        )
    ahead, behind = pane.leaves(centre, direction), pane.leaves(centre, -direction)
    if behind < ahead:
        direction, ahead, behind = -direction, behind, ahead
    outer, inner = _tips(seed, pane, ahead, where)
    origin, inward, length = centre + ahead * direction, -direction, ahead + behind
    if inner >= length:
        raise InputError(
            f"it is {(inner - outer) * 1e3:.4g} mm long and the pane {length * 1e3:.4g} mm across along its line",
            place=where,
            remedy="give a shorter crack, or two pieces of a broken pane",
        )
    rim, warnings, assumptions = _edge_seen(pane, origin, inward, length)
    zeta, _ = thickness_rule(points)
    warnings += _missing_rim(pane, zeta)
    return CrackLine(
        origin,
        inward,
        _graded(length, spacing, 1.5 * pane.lip_inset),
        zeta,
        length,
        outer,
        inner,
        rim,
        pane,
        tuple(warnings),
        tuple(assumptions),
        1.0 if isinstance(seed, Through | EdgeThrough) else FLAT_SHEAR,
        _askew(pane, origin, inward),
    )


def _missing_rim(pane: PaneShape, zeta: Array) -> list[str]:
    back = float(pane.stands_back(zeta).max())
    if back <= 0.1 * pane.thickness:
        return []
    return [
        f"the rim stands back by up to {back * 1e3:.1f} mm over the thickness (cone or step): the plane problem takes"
        " the widest outline, stress is taken constant across what is missing"
    ]


def _tips(seed: Seed, pane: PaneShape, ahead: float, where: str) -> tuple[float, float]:
    if isinstance(seed, (Surface, Corner)) and seed.a >= pane.thickness:
        raise InputError(
            f"depth a = {seed.a * 1e3:.4g} mm in a pane {pane.thickness * 1e3:.4g} mm thick",
            place=where,
            remedy='a crack that deep is a through crack: kind = "through" with two_c',
        )
    if isinstance(seed, EdgeThrough):
        return 0.0, seed.depth
    if isinstance(seed, Corner):
        return 0.0, seed.c
    half = 0.5 * seed.two_c if isinstance(seed, Through) else seed.c
    if half >= ahead:
        raise InputError(
            f"its rim-side tip would be {(half - ahead) * 1e3:.4g} mm outside the rim: half length {half * 1e3:.4g} mm,"
            f" middle {ahead * 1e3:.4g} mm from the rim",
            place=where,
            remedy=f"shorten it below 2c = {2e3 * ahead:.4g} mm, move it inwards,"
            " or state it as a crack that starts at the rim",
        )
    return ahead - half, ahead + half


def _graded(length: float, spacing: float, band: float) -> Array:
    """Depths 0 ... length: `spacing` apart over the rim's band, growing inwards, coarser towards the far end."""
    fine = min(max(40.0 * spacing, band), 0.25 * length)
    near = np.linspace(0.0, fine, max(8, math.ceil(fine / spacing)) + 1)
    far = fine * (1.0 - np.linspace(1.0, 0.0, max(8, math.ceil(fine / (3.0 * spacing))) + 1))
    widest, step, middle = max(4.0 * spacing, length / 50.0), near[1], []
    depth, stop = near[-1], length - far[-1]
    while depth + 1.5 * step < stop:
        step = min(1.15 * step, widest)
        depth += step
        middle.append(depth)
    middle = [d for d in middle if d < stop - 0.5 * step]
    return np.concatenate([near, middle, length - far[::-1]])


def _askew(pane: PaneShape, origin: Array, inward: Array) -> float:
    return float(np.interp(math.degrees(_slope(pane, origin, inward)), *ASKEW))


def _slope(pane: PaneShape, origin: Array, inward: Array) -> float:
    """Angle between the line and the rim's normal [rad]."""
    return math.acos(min(1.0, abs(float(pane.outward(origin) @ inward))))


def _edge_seen(pane: PaneShape, origin: Array, inward: Array, length: float) -> tuple[Rim, list[str], list[str]]:
    """Free edge of the plane problem, and what is assumed by taking it."""
    slope = _slope(pane, origin, inward)
    band = f"near the rim the operator finds it up to {100.0 * _askew(pane, origin, inward):.0f} % higher (its band)"
    if pane.radius is not None and abs(length - 2.0 * pane.radius) < 1e-6 * pane.radius:
        return (
            Rim(pane.radius),
            [],
            ["bending sees the plane problem's rim image (exact for cracks short against the thickness)"],
        )
    if slope <= SLANTED:
        slanted = (
            f"crack line meets the rim {math.degrees(slope):.0f} degrees off its normal: K near the edge is that of a"
            f" crack square to it; {band}; shear counts as tension"
        )
        return (
            Rim(),
            [Remark(slanted, alarm=True)] if slope > OBLIQUE else [],
            [
                "outline taken as a straight free edge across the crack line; good to about l/R (crack length over"
                " distance to the other edges)",
                "bending sees the plane problem's rim image",
            ],
        )
    note = (
        f"crack line meets the rim {math.degrees(slope):.0f} degrees off its normal: free edge left out (infinite"
        f" sheet): {band}; shear counts as tension"
    )
    return Rim(free=False), [Remark(note, alarm=True)], []
