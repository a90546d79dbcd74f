"""The cracks that are consistent with a mark: evenly spread samples of all that was not measured exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from scipy.stats import qmc, truncnorm

from deadlight.errors import InputError
from deadlight.impact.mark import Focus, Mark
from deadlight.impact.optics import real_depth
from deadlight.impact.particle import Particle
from deadlight.impact.plan import reach
from deadlight.impact.relations import TARGETS, Target
from deadlight.impact.system import CRACK_DEPTH

Array = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

COUNTS = (4, 8, 16, 32, 64)  # powers of two, for which the sequence is balanced
SEED = 20
CUT = 3.0  # standard deviations at which an error of measurement is cut off
BOUND = 0.977  # probability of every quantity of the bounding sample: two standard deviations
SLACK = 0.25  # of an arm's length by which its end may miss the band under which it is seen to go
THROUGH = 0.95  # of the thickness: a crack deeper than this is through
SHARED = ("pixel", "place", "through", "index", "depth", "depth error", "spall", "pit", "lateral", "rear")


@dataclass(frozen=True, eq=False)
class Sampled:
    """Samples of a mark; the last one is the bound: every quantity at its unfavourable two-sigma end.

    Attributes
    ----------
    weight : (n,) float
        Adds up to 1; 0 for the bound.
    place : (n, 2) float [m]
        The mark's middle.
    heading : (n, m, 2) float
        Unit directions of the arms.
    length : (n, m) float [m]
        Of the arms; to the rim where they reach it.
    through, at_rim, under_lip : (n, m) bool
    depth : (n,) float [m]
        Of the arms that are not through.
    pit : (n,) float [m]
        Depth of the pit; nan where nothing tells it.
    pit_radius, spall_radius : (n,) float [m]
        nan where they were not measured.
    u : (n, k) float
        What is left for the cracks nobody saw: probabilities of `SHARED`.
    rests_on : tuple of str
        How depth and pit were found, in words.
    """

    weight: Array
    place: Array
    heading: Array
    length: Array
    through: Flags
    at_rim: Flags
    under_lip: Flags
    depth: Array
    pit: Array
    pit_radius: Array
    spall_radius: Array
    u: Array
    rests_on: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def tips(self) -> Array:
        """Ends of the arms. (n, m, 2) [m]."""
        tips: Array = self.place[:, None] + self.length[..., None] * self.heading
        return tips

    def shared(self, key: str) -> Array:
        """Probabilities of one shared quantity. (n,)."""
        column: Array = self.u[:, SHARED.index(key)]
        return column


def sample(
    mark: Mark,
    *,
    count: int = 16,
    seed: int = SEED,
    particle: Particle | None = None,
    target: Target = TARGETS["fused_silica"],
) -> Sampled:
    """Cracks consistent with a mark.

    Parameters
    ----------
    count : int
        Of `COUNTS`; one bounding sample of weight 0 comes on top.
    seed : int
        Of the scrambled Sobol sequence: the same seed gives the same samples.
    particle : Particle or None
        With whose density, speed and angle a measured spall is turned into a pit's depth where no depth was measured;
        without a spall its own pit is taken.
    target : Target
        The glass, for the same.

    Raises
    ------
    InputError
        The mark lies outside the pane or under the hidden band, nothing tells a depth that is needed, or a count that
        is no power of two.
    """
    if count not in COUNTS:
        raise InputError(f"{count} samples", place=f"mark {mark.name}", remedy=f"one of {', '.join(map(str, COUNTS))}")
    m = len(mark.arms)
    u = _spread(count, m, seed)
    z = truncnorm.ppf(u, -CUT, CUT)
    at = {key: z[:, i] for i, key in enumerate(SHARED)}
    pixel = mark.view.pixel + mark.view.pixel_error * at["pixel"]
    inside = mark.view.to_pane(np.stack([mark.from_lip.at(at["place"], pixel), np.zeros(len(u))], axis=-1))[:, 0]
    place = mark.plan.place(mark.azimuth, inside)
    of_arms = len(SHARED) + m * np.arange(4)  # columns of lengths, of unseen ends, of angles
    heading, seen = _arms(mark, z[:, of_arms[0] : of_arms[1]], z[:, of_arms[2] :], pixel)
    length, under, at_rim = _extended(mark, place, heading, seen, u[:, of_arms[1] : of_arms[2]])
    pit, how_pit = _pit(mark, at, pixel, particle, target)
    depth, how = _depth(mark, u[:, SHARED.index("depth")], at, pixel, pit)
    stated = [arm.through for arm in mark.arms]
    unknown = (u[:, SHARED.index("through")] < mark.through_share)[:, None]
    through = np.where([s is None for s in stated], unknown, [bool(s) for s in stated])
    deep = depth >= THROUGH * mark.plan.thickness
    return Sampled(
        weight=np.append(np.full(count, 1.0 / count), 0.0),
        place=place,
        heading=heading,
        length=length,
        through=through | (deep[:, None] & np.array([s is None for s in stated])),
        at_rim=at_rim,
        under_lip=under,
        depth=np.minimum(depth, THROUGH * mark.plan.thickness),
        pit=pit,
        pit_radius=_half(mark.pit_diameter, at["pit"], pixel),
        spall_radius=_half(mark.spall_diameter, at["spall"], pixel),
        u=u[:, : len(SHARED)],
        rests_on=tuple(text for text in (how_pit, how) if text),
    )


def _spread(count: int, m: int, seed: int) -> Array:
    """Probabilities of every quantity, the bound last: those of `SHARED`, then m lengths, unseen ends and angles."""
    sequence = qmc.Sobol(len(SHARED) + 3 * m, seed=np.random.default_rng(seed))
    u = np.clip(sequence.random(count), 1e-9, 1 - 1e-9)
    bound = np.full((1, u.shape[1]), BOUND)
    bound[0, [SHARED.index("place"), SHARED.index("through")]] = 1.0 - BOUND, 0.0  # nearer to the lip, and through
    bound[0, -m:] = 0.5  # no angle is worse than another
    return np.concatenate([u, bound])


def _half(measured: Any, z: Array, pixel: Array) -> Array:
    return np.full(len(z), math.nan) if measured is None else 0.5 * measured.at(z, pixel)


def _arms(mark: Mark, z: Array, turned_by: Array, pixel: Array) -> tuple[Array, Array]:
    """Directions (n, m, 2) in space and visible lengths (n, m) in the pane's plane."""
    lengths = np.stack([arm.length.at(z[:, i], pixel) for i, arm in enumerate(mark.arms)], axis=-1)
    if lengths.min() <= 0.0:
        raise InputError(
            "the error of an arm's length is larger than the arm",
            place=f"mark {mark.name}",
            remedy="measure it better, or leave the arm out and count it below the detection limit",
        )
    angle = np.array([arm.angle for arm in mark.arms]) + turned_by * [arm.angle_error for arm in mark.arms]
    seen = lengths[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    turned = mark.view.to_pane(seen)
    size = np.linalg.norm(turned, axis=-1)
    c, s = math.cos(mark.azimuth), math.sin(mark.azimuth)
    return turned / size[..., None] @ np.array([[c, s], [-s, c]]), size


def _extended(mark: Mark, place: Array, heading: Array, seen: Array, u: Array) -> tuple[Array, Flags, Flags]:
    """True lengths, whether an arm goes under the hidden band, and whether it reaches the rim. (n, m) each."""
    n, m = seen.shape
    visible = mark.plan.seen(mark.hidden_width)
    origin = np.broadcast_to(place[:, None], (n, m, 2)).reshape(-1, 2)
    flat = heading.reshape(-1, 2)
    to_rim = reach(origin, flat, mark.plan.polygon).reshape(n, m)
    if to_rim.min() <= 0.0:
        raise InputError(
            "its middle may lie outside the pane",
            place=f"mark {mark.name}",
            remedy="check from_lip, its error, lip_width",
        )
    to_band = reach(origin, flat, visible).reshape(n, m)  # 0 where the middle itself is under the band
    end = (place[:, None] + seen[..., None] * heading).reshape(-1, 2)
    under = ~shapely.contains_xy(visible.buffer(-mark.detection), end[:, 0], end[:, 1]).reshape(n, m)
    for k, arm in enumerate(mark.arms):
        if arm.under is not None:
            _agrees(mark, k, to_band[:, k] - seen[:, k], seen[:, k])
            under[:, k] = arm.under
    hidden = np.maximum(seen, to_band) + mark.hidden.at(u)
    length = np.where(under, hidden, seen + mark.detection * u)
    at_rim = length >= to_rim - mark.detection
    return np.where(at_rim, to_rim, length), under, at_rim


def _agrees(mark: Mark, k: int, short: Array, seen: Array) -> None:
    """Refuses an arm whose stated end contradicts its length: `short` of the hidden band by so much in every sample."""
    slack = mark.detection + SLACK * seen
    wrong = short > slack if mark.arms[k].under else -short > slack
    if wrong.all():
        where = (
            f"ends {1e3 * abs(float(np.median(short))):.3g} mm {'before' if mark.arms[k].under else 'beyond'} the band"
        )
        raise InputError(
            f"arm {k + 1} is said {'' if mark.arms[k].under else 'not '}to go under the hidden band, but {where}",
            place=f"mark {mark.name}",
            remedy="check its length and angle, from_lip, and the width of the hidden band",
        )


def _pit(
    mark: Mark, at: dict[str, Array], pixel: Array, particle: Particle | None, target: Target
) -> tuple[Array, str]:
    """Depth of the pit (n,), and how it was found."""
    n = len(pixel)
    if mark.pit_depth is not None:
        return _focused(mark, mark.pit_depth, at, pixel, "the pit's floor"), "depth of the pit: measured by focus"
    if particle is None:
        return np.full(n, math.nan), ""
    if mark.spall_diameter is None:
        own = target.depth(particle)
        return own.value * target.depth.scatter ** (at["pit"] / CUT), (
            f"depth of the pit: that of the stated particle, {1e3 * own.value:.3g} mm within a factor "
            f"{target.depth.scatter:g}"
        )
    spall = mark.spall_diameter.at(np.zeros(1), np.array([mark.view.pixel]))[0]
    middle, _ = target.spall.particle_for(float(spall), particle)
    depth = target.depth(middle)
    by_spall = target.depth.d / target.spall.d * math.log(target.spall.scatter)
    factor = math.exp(math.hypot(math.log(target.depth.scatter), by_spall))
    return depth.value * factor ** (at["pit"] / CUT), (
        f"depth of the pit: from the spall by way of a {1e3 * middle.diameter:.3g} mm particle, "
        f"{1e3 * depth.value:.3g} mm within a factor {factor:.3g} (scatter of both relations)"
    )


def _depth(mark: Mark, u: Array, at: dict[str, Array], pixel: Array, pit: Array) -> tuple[Array, str]:
    """Depth of cracks that are not through (n,), and how it was found."""
    if mark.crack_depth is not None:
        return _focused(mark, mark.crack_depth, at, pixel, "the cracks' deepest point"), "depth of cracks: by focus"
    if not np.isnan(pit).any():
        return CRACK_DEPTH.at(u) * pit, f"depth of cracks: {CRACK_DEPTH.low:g} to {CRACK_DEPTH.high:g} pit depths"
    if all(arm.through for arm in mark.arms):
        return np.full(len(u), mark.plan.thickness), ""
    raise InputError(
        "nothing tells how deep the cracks are that are not through",
        place=f"mark {mark.name}",
        remedy="state crack_depth or pit_depth (focus), a [particle], or spall_diameter with one",
    )


def _focused(mark: Mark, focus: Focus, at: dict[str, Array], pixel: Array, what: str) -> Array:
    """Depths below the struck face (n,), corrected for refraction."""
    sign = 1.0 if focus.from_face == mark.face else -1.0  # so that a high probability is a deep crack
    travel = focus.travel.at(sign * at["depth error"], pixel)
    low, high = real_depth(1.0, index=mark.index, tilt=mark.view.tilt)
    index = 1.0 + mark.index_error / mark.index * sign * at["index"]
    share = np.clip(0.5 + sign * at["depth"] / (2 * CUT), 0.0, 1.0)  # between the two foci of an oblique view
    depth = travel * index * (low + (high - low) * share)
    thickness = mark.plan.thickness
    if focus.from_face != mark.face:
        depth = thickness - depth
    if ((depth <= 0.0) | (depth > thickness)).all():
        raise InputError(
            f"{what} lies {1e3 * depth.min():.3g} to {1e3 * depth.max():.3g} mm below the {mark.face} face, "
            f"outside 0 .. {1e3 * thickness:.4g} mm of glass",
            place=f"mark {mark.name}",
            remedy="the travel counts from the face that is named; check it, its error and the index",
        )
    return np.clip(depth, min(mark.detection, 0.5 * thickness), thickness)  # the error's tail may leave the glass
