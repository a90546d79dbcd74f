"""K at the points of a crack front beside K_Ic there, with what is judged at the free surface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.chain.flaws import Flaw
from deadlight.chain.sampled import SampledStress
from deadlight.crack.result import first_crossing
from deadlight.material.material import Material
from deadlight.operator.front import FrontFrame
from deadlight.operator.history import CrackHistory
from deadlight.operator.intensity import StressIntensity

Array = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

CORNER = 0.03  # of a front's length from a free surface: no K in the usual sense there, the singularity is another
CARRIED = 0.12  # of the length: points between CORNER and this carry K on to the surface


@dataclass(frozen=True, eq=False)
class FrontAnswer:
    """One front over the whole history.

    Attributes
    ----------
    name : str
    time : (m,) float [s]
    frame : FrontFrame
    position : (n,) float
        0 to 1 along the front.
    k : (m, n, 3) float [Pa m^0.5]
        K_I, K_II, K_III as computed; carried on from inside at the points of `carried`.
    k_open : (m, n) float [Pa m^0.5]
        K_I if the faces could pass through each other.
    error : (m, n) float [Pa m^0.5]
        Estimated error of the operator's K at each point.
    carried : (n,) bool
        Points so near to a free surface that K is carried on to them.
    effective : (m, n) float [Pa m^0.5]
        (K_I^2 + K_II^2 + K_III^2/(1 - nu))^0.5, K_I not below 0.
    temperature : (m, n) float [K]
    toughness : (m, n) float [Pa m^0.5]
    depth : (n,) float [m]
        Below the outer face.
    """

    name: str
    time: Array
    frame: FrontFrame
    position: Array
    k: Array
    k_open: Array
    error: Array
    carried: Mask
    effective: Array
    temperature: Array
    toughness: Array
    depth: Array

    @property
    def ratio(self) -> Array:
        """K_eff over K_Ic at the point's temperature. (m, n)."""
        return self.effective / self.toughness

    def first_crossing(self) -> tuple[float | None, int]:
        """Time [s] and point at which K first reaches K_Ic."""
        time, point = first_crossing(self.time, self.ratio)
        return time, -1 if point is None else point

    def where(self, point: int) -> str:
        """A point in words."""
        return f"{self.name}, {1e3 * self.depth[point]:z.2f} mm below the outer face"


def fronts_of(
    answer: CrackHistory,
    found: StressIntensity,
    *,
    flaw: Flaw,
    stress: SampledStress,
    temperature: Array,
    material: Material,
) -> tuple[FrontAnswer, ...]:
    """All fronts of a crack; the error is that of `found`, as a share of K if K is larger here."""
    names = front_names(flaw, answer.frames)
    top = flaw.shape.z_middle + 0.5 * flaw.shape.thickness
    nu, made = answer.operator.nu, []
    for i, (name, frame, raw) in enumerate(zip(names, answer.frames, answer.k)):
        closed = answer.operator.mesh.fronts[i].closed
        k, carried = carried_to_surface(raw, frame, closed=closed)
        warm = stress.sample_field(temperature, frame.point)
        made.append(
            FrontAnswer(
                name,
                answer.time,
                frame,
                frame.arc / frame.length,
                k,
                carried_to_surface(answer.k_open[i], frame, closed=closed)[0][..., 0],
                absolute_error(found.fronts[i].k, found.fronts[i].error, raw, carried),
                carried,
                effective(k, nu),
                warm,
                np.asarray(material.toughness(warm), dtype=float),
                top - frame.point[:, 2],
            )
        )
    return tuple(made)


def effective(k: Array, nu: float) -> Array:
    """K_eff of the energy release rate in plane strain (Irwin 1957), from (..., 3); K_I counts from 0 up."""
    return np.asarray(np.sqrt(np.maximum(k[..., 0], 0.0) ** 2 + k[..., 1] ** 2 + k[..., 2] ** 2 / (1.0 - nu)))


def carried_to_surface(k: Array, frame: FrontFrame, *, closed: bool) -> tuple[Array, Mask]:
    """K with the values next to free surfaces carried on along a straight line from inside.

    Parameters
    ----------
    k : (m, n, 3) float
    closed : bool
        Such a front meets no surface.

    Returns
    -------
    k : (m, n, 3) float
    carried : (n,) bool
    """
    carried = np.zeros(k.shape[1], dtype=bool)
    if closed:
        return k, carried
    k = k.copy()
    for distance in (frame.arc, frame.length - frame.arc):
        near = distance < CORNER * frame.length
        base = np.flatnonzero(~near & (distance <= CARRIED * frame.length))
        if len(base) < 2:
            base = np.argsort(np.where(near, np.inf, distance))[:2]
        if not near.any() or len(base) < 2 or np.ptp(distance[base]) <= 0.0:
            continue
        line = np.linalg.pinv(np.vander(distance[base], 2))
        slope, value = np.tensordot(line, k[:, base], axes=(1, 1))
        k[:, near] = distance[near][:, None] * slope[:, None] + value[:, None]
        carried |= near
    return k, carried


def absolute_error(k: Array, error: Array, here: Array, carried: Mask) -> Array:
    """Estimated error (m, n) [Pa m^0.5] of K `here` (m, n, 3) from that of another load on the same mesh.

    It grows with the front's largest K of the instant; at carried points it is that of the next point inside.
    """
    size, now = (np.linalg.norm(x, axis=2).max(axis=1) for x in (k, here))
    more = np.maximum(np.divide(now, size, out=np.ones_like(now), where=size > 0.0), 1.0)
    found = np.linalg.norm(error, axis=2) * more[:, None]
    if carried.any() and not carried.all():
        inside = np.flatnonzero(~carried)
        nearest = inside[np.abs(np.arange(len(carried))[:, None] - inside).argmin(axis=1)]
        found[:, carried] = found[:, nearest[carried]]
    return np.asarray(found)


def front_names(flaw: Flaw, frames: Sequence[FrontFrame]) -> list[str]:
    """What the fronts of a crack are called."""
    if len(frames) == 1:
        return ["front"]
    if len(frames) == 2 and flaw.stated.kind == "through":
        out = [float(np.hypot(*frame.point[:, :2].mean(axis=0))) for frame in frames]
        return ["rim side", "centre side"] if out[0] > out[1] else ["centre side", "rim side"]
    return [f"front {i + 1}" for i in range(len(frames))]
