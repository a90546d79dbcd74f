"""Crack seeds of every sample of a mark, in the terms of the case form, and the pieces already cut off."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.impact.damage import ATTACHED
from deadlight.impact.mark import HIDDEN, Mark
from deadlight.impact.plan import BEYOND, Piece, pieces
from deadlight.impact.sample import BOUND, Sampled
from deadlight.impact.system import LATERAL_DEPTH, REAR_PENNY, RESIDUAL
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]
Indices = np.ndarray[Any, np.dtype[np.int_]]


@dataclass(frozen=True)
class CrackSeed:
    """One crack as a table of the case form.

    Attributes
    ----------
    table : dict
        Keys of the form; lengths [m], angles [rad] and K [Pa m^0.5] as floats, nested tables as dicts.
    rests_on : tuple of str
        Keys of the assumptions behind it.
    """

    table: dict[str, Any]
    rests_on: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CrackSet:
    """One set of cracks that is consistent with the mark.

    Attributes
    ----------
    name : str
    weight : float
        Of all sets; 0 for the bound.
    seeds : tuple of CrackSeed
    cut : tuple of Piece
        What is cut off already, without the largest piece.
    remarks : tuple of Remark
    """

    name: str
    weight: float
    seeds: tuple[CrackSeed, ...]
    cut: tuple[Piece, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, eq=False)
class Reading:
    """Everything a mark was read as."""

    mark: Mark
    sampled: Sampled
    sets: tuple[CrackSet, ...]
    assumptions: tuple[Assumption, ...]

    @property
    def share_cut(self) -> float:
        """Weight of the sets in which a piece is already cut off."""
        return float(sum(s.weight for s in self.sets if s.cut))


def read_mark(mark: Mark, sampled: Sampled) -> Reading:
    """The sets of cracks of all samples."""
    sets = tuple(_set(mark, sampled, i) for i in range(len(sampled)))
    return Reading(mark, sampled, sets, (*_assumptions(mark, sampled), *mark.assumptions))


def _set(mark: Mark, s: Sampled, i: int) -> CrackSet:
    bound = i == len(s) - 1
    name = f"{mark.name}_bound" if bound else f"{mark.name}_{i + 1:02d}"
    drawn = s.length[i] + np.where(s.at_rim[i], BEYOND, 0.0)
    ends = s.place[i] + drawn[:, None] * s.heading[i]
    lines = [np.stack([s.place[i], end]) for end in ends[s.through[i]]]
    cut = pieces(mark.plan, lines, bridge=mark.detection)[1:] if lines else ()
    remarks: list[Remark] = []
    if cut:
        areas = ", ".join(f"{1e6 * p.area:.4g} mm2 ({'at the rim' if p.at_rim else 'inside'})" for p in cut)
        text = f"cut off already at t = 0: {areas}; the piece, not a crack, decides"
        remarks.append(Remark(text, alarm=True))
    seeds = [*_through(mark, s, i, ends, remarks), *_from_face(mark, s, i), *_unseen(mark, s, i)]
    named = [CrackSeed({"name": f"{name}_{chr(97 + k)}", **x.table}, x.rests_on) for k, x in enumerate(seeds)]
    return CrackSet(name, float(s.weight[i]), tuple(named), cut, tuple(remarks))


def _common(mark: Mark, kind: str, length: float) -> dict[str, Any]:
    table: dict[str, Any] = {"pane": "", "kind": kind}
    if mark.residual is not None:
        low, high = mark.residual.band(length, through=kind == "through")
        table["residual"] = {"kind": "impact", "K": [low, high] if high > low else [high]}
    return table


def _through(mark: Mark, s: Sampled, i: int, ends: Array, remarks: list[Remark]) -> list[CrackSeed]:
    """Arms through the pane as bent lines by way of the pit, two at a time; one arm alone as a straight one."""
    arms = np.flatnonzero(s.through[i])
    if len(arms) > 2:
        text = (
            f"{len(arms)} through arms branch from one point, which the case form does not know: they are given two "
            "at a time, and their K is computed pair by pair"
        )
        remarks.append(Remark(text, alarm=True))
    found = []
    for pair in _pairs(arms, ends):
        if len(pair) == 2 and s.at_rim[i][pair].all():
            told = " and ".join(str(int(k) + 1) for k in pair)
            remarks.append(Remark(f"arms {told} both reach the rim: no crack table, they cut the pane", alarm=True))
            continue
        line = np.stack([*([ends[pair[1]]] if len(pair) == 2 else []), s.place[i], ends[pair[0]]])
        table = _common(mark, "through", float(s.length[i][pair].max()))
        table["line"] = [[float(x), float(y)] for x, y in line]
        found.append(CrackSeed(table, ("mark.hidden", "mark.detection", "mark.through")))
    return found


def _pairs(arms: Indices, ends: Array) -> list[Indices]:
    """Pairs whose ends lie farthest apart first, until every arm is in one."""
    if len(arms) < 2:
        return [arms] if len(arms) else []
    tips = ends[arms]
    span = np.linalg.norm(tips[:, None] - tips[None], axis=-1)
    first, second = np.triu_indices(len(arms), 1)
    found, missing = [], set(range(len(arms)))
    for k in np.argsort(-span[first, second], kind="stable"):
        pair = {int(first[k]), int(second[k])}
        if pair & missing:
            found.append(arms[sorted(pair)])
            missing -= pair
    return found


def _from_face(mark: Mark, s: Sampled, i: int) -> list[CrackSeed]:
    """Every arm that is not through as a half ellipse about the pit, with the pit where it was measured."""
    x, y = (float(v) for v in s.place[i])
    a, pit, radius = float(s.depth[i]), float(s.pit[i]), float(s.pit_radius[i])
    found = []
    for k in np.flatnonzero(~s.through[i]):
        c = float(s.length[i][k])
        angle = math.atan2(*s.heading[i][k][::-1]) - math.atan2(y, x)
        turned = math.remainder(angle, 2 * math.pi)
        place = {"x": x, "y": y, "face": mark.face}
        where: dict[str, Any] = {"place": place, "orientation": "angle", "angle": turned}
        if a >= pit and c >= radius:  # both measured
            sizes = {"pit": {"diameter": 2 * radius, "depth": pit}, "radial": {"number": 2, "a": a, "c": c}}
            table = {**_common(mark, "crater", c), **sizes, **where}
        else:
            table = {**_common(mark, "surface", c), "a": a, "c": c, **where}
        rests = ("mark.hidden", "mark.detection", "mark.envelope", "impact.crack_depth")
        found.append(CrackSeed(table, rests))
    return found


def _unseen(mark: Mark, s: Sampled, i: int) -> list[CrackSeed]:
    """What a pit brings along where nobody looked: a crack at the rear face, and the lateral one under the spall."""
    pit, spall = float(s.pit[i]), float(s.spall_radius[i])
    x, y = (float(v) for v in s.place[i])
    found = []
    plain = {"pane": ""}
    if math.isfinite(pit) and not s.through[i].any() and mark.plan.thickness < ATTACHED * pit:
        size = float(REAR_PENNY.at(s.shared("rear")[i : i + 1])[0]) * pit
        if size < mark.plan.thickness:
            rear = "inner" if mark.face == "outer" else "outer"
            table = {**plain, "kind": "surface", "a": size, "c": size, "place": {"x": x, "y": y, "face": rear}}
            found.append(CrackSeed({**table, "orientation": "radial"}, ("impact.rear_penny", "mark.rear_orientation")))
    if mark.spall_attached and math.isfinite(pit) and math.isfinite(spall):
        depth = float(LATERAL_DEPTH.at(s.shared("lateral")[i : i + 1])[0]) * pit
        sizes = {"a": spall, "c": spall, "depth": depth}
        table = {**plain, "kind": "spall", **sizes, "place": {"x": x, "y": y, "face": mark.face}}
        found.append(CrackSeed(table, ("impact.lateral",)))
    return found


def _assumptions(mark: Mark, s: Sampled) -> tuple[Assumption, ...]:
    """What the samples rest on, beyond what the mark's file says of its own values."""
    size = f", {1e3 * mark.hidden.size:g} mm" if mark.hidden.size else ""
    found = [
        Assumption(
            "mark.hidden",
            f"{mark.hidden.kind}{size}: {HIDDEN[mark.hidden.kind]}; hidden band {1e3 * mark.hidden_width:g} mm",
            mark.hidden.source or "not stated",
            mark.hidden.status,
            "a ligament to the rim below the detection limit counts as broken",
        ),
        Assumption(
            "mark.detection",
            f"{1e3 * mark.detection:g} mm: a tip goes on unseen by up to this, evenly spread",
            "engineering judgement of the image",
            "A",
        ),
        Assumption(
            "mark.bound",
            f"the bound has every quantity at probability {BOUND:g} on the unfavourable side, and goes through",
            "definition",
            "D",
        ),
    ]
    if not s.through.all():
        text = "an arm from the face is a half ellipse about the pit, as long on the other side"
        found.append(Assumption("mark.envelope", text, "idealisation", "A"))
    if mark.residual is not None and mark.residual.arrested is not None:
        found.append(RESIDUAL)
    if any(arm.through is None for arm in mark.arms):
        text = f"arms of unknown depth go through with probability {mark.through_share:g}, all or none"
        found.append(Assumption("mark.through", text, "stated in the mark's file", "A"))
    if mark.residual is None:
        text = "no residual stress of the impact"
        note = "a crack that stopped in the impact's own field stopped at K up to toughness"
        found.append(Assumption("mark.residual", text, "not stated", "A", note))
    if not np.isnan(s.pit).any():
        found += [REAR_PENNY.assumption(), LATERAL_DEPTH.assumption()]
        text = "a crack at the rear face is radial"
        found.append(Assumption("mark.rear_orientation", text, "rim tension is hoop", "A"))
    found += [Assumption(f"mark.depth_{k + 1}", text, "this reading", "D") for k, text in enumerate(s.rests_on)]
    return tuple(found)
