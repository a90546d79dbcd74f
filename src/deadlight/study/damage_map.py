"""Allowable damage: at each place and angle the largest crack whose K, with factor and error band, stays below K_Ic."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.case.crack import Corner, Crack, Edge, Surface, Through
from deadlight.chain.prepared_pane import PreparedPane
from deadlight.errors import CaseError, InputError
from deadlight.study.form import Map

Array = np.ndarray[Any, np.dtype[np.float64]]
LADDER = 1.6  # between sizes that are tried until one is too large
GOLDEN_ANGLE = math.pi * (3.0 - math.sqrt(5.0))
INSIDE_RIM = 1.02  # of half the smallest crack: what must fit between place and rim


@dataclass(frozen=True)
class Place:
    """Where a crack of the map lies.

    Attributes
    ----------
    number : int
    x, y : float [m]
    inside_lip : float [m]
        Distance from the lip edge towards the middle; negative under the lip.
    """

    number: int
    x: float
    y: float
    inside_lip: float

    @property
    def azimuth(self) -> float:
        return math.atan2(self.y, self.x)


@dataclass(frozen=True)
class Tolerable:
    """What is tolerable at one place and angle.

    Attributes
    ----------
    size : float [m]
        Largest size that is tolerable: `low` of the map if that is already too large (state "none"), the largest that
        was asked for or fits if all are tolerable (states "all", "fits").
    state : "limited", "none", "all" or "fits"
    ratio : float
        Largest K/K_Ic at that size.
    highest : float
        The same with factor and error band; one where it is limited.
    answers : int
        Sizes that were answered.
    why : str
        What the case said of the size that does not fit; empty otherwise.
    """

    place: Place
    angle: float
    size: float
    state: str
    ratio: float
    highest: float
    answers: int
    why: str = ""


def places(pane: PreparedPane, wanted: Map) -> tuple[Place, ...]:
    """Places spread evenly over the pane inside its rim, by a sunflower (Vogel 1979, Math. Biosci. 44:179)."""
    corner = pane.outline.corner
    reach = float(np.linalg.norm(corner, axis=1).max())
    after = np.roll(corner, -1, axis=0)
    area = 0.5 * abs(float((corner[:, 0] * after[:, 1] - corner[:, 1] * after[:, 0]).sum()))
    margin = INSIDE_RIM * 0.5 * wanted.low
    count = math.ceil(wanted.places * math.pi * reach**2 / area)
    for _ in range(30):
        k = np.arange(count)
        r, turn = reach * np.sqrt((k + 0.5) / count), GOLDEN_ANGLE * k
        found: list[Place] = []
        for x, y in zip(r * np.cos(turn), r * np.sin(turn)):
            shape = pane.outline.shape(math.atan2(y, x))
            rim = -shape.distance(np.array([x, y]))
            if rim > margin:
                found.append(Place(len(found), float(x), float(y), rim - shape.lip_inset))
        if len(found) >= wanted.places:
            return tuple(found)
        count = math.ceil(count * max(1.02, wanted.places / max(len(found), 1)))
    raise CaseError("the smallest crack fits nowhere", place="map.low", remedy="lower it")


def sized(crack: Crack, size: float) -> Crack:
    """The crack with another size; what else it measures follows in proportion.

    The size is the length of a through crack, the half length on the face of a surface or corner crack, the depth of an
    edge crack.
    """
    if isinstance(crack, Through) and crack.two_c is not None:
        return crack.model_copy(update={"two_c": size})
    if isinstance(crack, (Surface, Corner)):
        return crack.model_copy(update={"c": size, "a": size * crack.a / crack.c})
    if isinstance(crack, Edge):
        return crack.model_copy(update={"depth": size})
    raise CaseError(
        f"a map has no size for a crack of this kind ({crack.kind})",
        place="map.crack",
        remedy="through, surface, corner or edge",
    )


def moved(crack: Crack, place: Place, angle: float) -> Crack:
    """The crack at a place, at an angle from the outward radius."""
    stated = crack.place.model_copy(  # type: ignore[union-attr]
        update={"azimuth": 0.0, "x": place.x, "y": place.y, "inside_lip": None, "radius": None}
    )
    return crack.model_copy(update={"place": stated, "orientation": "angle", "angle": angle})


def tolerable(
    judged: Callable[[Crack], tuple[float, float]], crack: Crack, place: Place, angle: float, wanted: Map
) -> Tolerable:
    """The largest tolerable size at a place and angle, by root finding.

    Parameters
    ----------
    judged : callable
        Crack to largest K/K_Ic, plain and with factor and error band; InputError for one that does not fit.

    Notes
    -----
    Sizes are tried upwards until one is not tolerable, then the first crossing is closed in on (Illinois' false
    position in logarithms) to the map's tolerance, on the safe side.
    """
    here, answers, why = moved(crack, place, angle), 0, ""

    def asked(size: float) -> tuple[float, float] | None:
        nonlocal answers, why
        answers += 1
        try:
            return judged(sized(here, size))
        except InputError as error:
            why = f"{1e3 * size:.3g} mm: {str(error).splitlines()[0]}"
            return None

    def made(size: float, state: str, at: tuple[float, float]) -> Tolerable:
        return Tolerable(place, angle, size, state, at[0], at[1], answers, why if state == "fits" else "")

    first = asked(wanted.low)
    if first is None:
        return made(0.0, "fits", (math.nan, math.nan))
    if not first[1] < 1.0:
        return made(wanted.low, "none", first)
    low, at_low, size = wanted.low, first, wanted.low
    while size < wanted.high:
        size = min(size * LADDER, wanted.high)
        at = asked(size)
        if at is None:
            return made(low, "fits", at_low)
        if not at[1] < 1.0:
            return made(*_closed(asked, low, at_low, size, at, wanted.tolerance))
        low, at_low = size, at
    return made(low, "all", at_low)


def _closed(
    asked: Callable[[float], tuple[float, float] | None],
    low: float,
    at_low: tuple[float, float],
    high: float,
    at_high: tuple[float, float],
    tolerance: float,
) -> tuple[float, str, tuple[float, float]]:
    """Closes in on the crossing between a size that is tolerable and one that is not."""

    def level(at: tuple[float, float]) -> float:
        return math.log(max(at[1], 1e-6)) if math.isfinite(at[1]) else 1.0

    f_low, f_high, side = level(at_low), level(at_high), 0
    for _ in range(40):
        if high <= (1.0 + tolerance) * low:
            break
        x_low, x_high = math.log(low), math.log(high)
        x = (x_low * f_high - x_high * f_low) / (f_high - f_low) if f_high > f_low else 0.5 * (x_low + x_high)
        # short of the middle of the tolerance nothing is gained
        x = min(max(x, x_low + 0.45 * tolerance), x_high - 0.45 * tolerance)
        size = math.exp(x)
        at = asked(size)
        if at is None:
            high, f_high = size, max(f_high, 1e-3)
        elif at[1] < 1.0:
            low, at_low, f_low = size, at, level(at)
            f_high, side = (0.5 * f_high if side == -1 else f_high), -1
        else:
            high, f_high = size, level(at)
            f_low, side = (0.5 * f_low if side == 1 else f_low), 1
    return low, "limited", at_low
