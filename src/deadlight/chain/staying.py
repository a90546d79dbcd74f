"""Pieces of a pane through a history: held, loose or gone, at instants where loads peak and grips go."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import argrelextrema

from deadlight.chain.holding import Array, Holding
from deadlight.finite import UNLIMITED, Rule
from deadlight.outcome.piece import Piece
from deadlight.outcome.retention import HELD, LEAVES, LOOSE, Retention, retained_together, standing_together
from deadlight.remark import Remark

MOST = 24  # instants of one stage
SHARP = 1.0  # [s] to which the time of a loss is found
ORDER = (HELD, LOOSE, LEAVES)


@dataclass(frozen=True, eq=False)
class Stage:
    """Pieces that there are from a time on; one: the whole pane.

    Attributes
    ----------
    time : float [s]
    pieces : tuple of Piece
    indicative : bool
    """

    time: float
    pieces: tuple[Piece, ...]
    indicative: bool = False


@dataclass(frozen=True, eq=False)
class Stay:
    """One piece through its time.

    Attributes
    ----------
    piece : Piece
    cut : bool
        False for the whole pane.
    since : float [s]
        When it was cut off, or the start of the history.
    time : (k,) float [s]
        Instants that were looked at.
    state : tuple of str
        "held", "loose" or "leaves" at each.
    factor : (k,) float
        Largest factor on all loads that leaves everything in place for certain; shared with pieces that it pushes.
    lost : float or None [s]
        When it leaves: within SHARP after the last time it does not.
    governs : float [s]
        When it is worst: at its loss, or where the factor is smallest (of equals, where the load is largest).
    retention : Retention
        Forces then, with the diagram and all factors.
    indicative : bool
    """

    piece: Piece
    cut: bool
    since: float
    time: Array
    state: tuple[str, ...]
    factor: Array
    lost: float | None
    governs: float
    retention: Retention
    indicative: bool

    def no_number(self) -> dict[str, Rule]:
        return {"factor": UNLIMITED}

    @property
    def worst(self) -> str:
        """Worst state over its time."""
        return ORDER[max(ORDER.index(s) for s in self.state)]

    @property
    def margin(self) -> float:
        """Smallest factor."""
        return float(self.factor.min())

    @property
    def label(self) -> str:
        return f"piece {self.piece.number}" if self.cut else "the pane"

    @property
    def way(self) -> Array:
        """Direction in which it goes or would go. (3,)."""
        return self.retention.way[:3]

    @property
    def why(self) -> str:
        """Why it is not held, as the balance says it; empty if it is."""
        return next((str(r).partition(": ")[2] for r in self.retention.remarks if " is loose" in r), "")


def instants(held: Holding, start: float, end: float) -> Array:
    """Instants at which loads peak or a grip goes, at most MOST, both ends among them. (k,) [s].

    Extremes of the pressure difference, of the acceleration and its parts, of the gaskets' temperature; where the
    grip begins to go, is half gone and gone; the least clearance; shocks.
    """
    inside = (held.time >= start) & (held.time <= end)
    t = held.time[inside]
    must = [start, end]
    a = held.acceleration[inside]
    signals = [held.difference[inside], np.linalg.norm(a, axis=1), *a.T, -held.clearance[inside]]
    signals += [T[inside, 1] for T in held.gasket_temperature.values()]
    for x in signals:
        if len(x) and np.ptp(x) > 0.0:
            must += [float(t[np.argmax(x)]), float(t[np.argmin(x)])]
    must += t[held.shake[inside] > held.shake.min()].tolist()
    for grip in held.grip.values():
        g = grip[inside] / max(float(grip.max()), 1e-300)
        for level in (0.9, 0.5, 1e-9):
            must += t[1:][(g[1:] <= level) & (g[:-1] > level)].tolist()
    more: list[float] = []
    for x in signals[:2]:
        more += t[argrelextrema(x, np.greater)[0]].tolist() + t[argrelextrema(x, np.less)[0]].tolist()
    more += np.linspace(start, end, 8).tolist()
    kept = np.unique(must)
    spare = np.array([m for m in more if np.abs(kept - m).min() > SHARP])
    room = max(MOST - len(kept), 0)
    if len(spare) > room:
        spare = spare[np.unique(np.linspace(0, len(spare) - 1, room).astype(int))] if room else spare[:0]
    return np.unique(np.concatenate([kept, spare]))


def stay(held: Holding, stages: Sequence[Stage]) -> tuple[list[Stay], list[Remark]]:
    """Every piece of every stage through its time; what has left is not there any more.

    The pane before the first cut is one of them, and one that has left is no part of later stages.
    """
    found: list[Stay] = []
    remarks: list[Remark] = []
    end = float(held.time[-1])
    ends = [*(s.time for s in stages[1:]), end]
    for stage, until in zip(stages, ends):
        if any(not s.cut and s.lost is not None for s in found):
            remarks.append(Remark(f"{held.pane}: left as a whole before it was cut"))
            break
        gone = [s.piece for s in found if s.lost is not None]
        there = [p for p in stage.pieces if not any(_inside(p.centroid, g) for g in gone)]
        if len(there) < len(stage.pieces):
            text = f"{held.pane}: parts of pieces that left before are left out from {stage.time:.0f} s"
            remarks.append(Remark(text))
        if there and until >= stage.time:
            found += _through(held, stage, there, until, len(stage.pieces) > 1)
    for s in found:
        remarks += list(s.retention.remarks)
    return found, remarks


def _through(held: Holding, stage: Stage, pieces: Sequence[Piece], until: float, cut: bool) -> list[Stay]:
    at = held.at(instants(held, stage.time, until))
    there = list(pieces)
    rows: dict[int, list[tuple[float, str, float, float]]] = {p.number: [] for p in pieces}
    lost: dict[int, float] = {}
    company: dict[int, list[Piece]] = {}
    for i, t in enumerate(at.time.tolist()):  # at most MOST
        while there:
            loads = [at.loads(p, i) for p in there]
            now = standing_together(
                there, at.supports(i), loads, friction=at.friction, vibration=float(at.shake[i])
            )
            gone = [p for p, s in zip(there, now.state) if s == LEAVES]
            if gone and i > 0:
                t = _when(held, there, float(at.time[i - 1]), float(at.time[i]))
            for p, s, load in zip(there, now.state, loads):
                size = float(np.linalg.norm(sum(x.force for x in load))) + p.mass * float(at.shake[i])
                rows[p.number].append((t, s, now.factor, size))
                company[p.number] = list(there) if s == LEAVES or p.number not in company else company[p.number]
            if not gone:
                break
            for p in gone:
                lost[p.number] = t
            there = [p for p in there if p not in gone]
    return [_stay(held, stage, p, rows[p.number], lost.get(p.number), company[p.number], cut) for p in pieces]


def _when(held: Holding, pieces: Sequence[Piece], low: float, high: float) -> float:
    """When pieces begin to leave [s], between an instant when none does and one when some do."""
    while high - low > SHARP:
        middle = 0.5 * (low + high)
        if LEAVES in _standing(held, pieces, middle):
            high = middle
        else:
            low = middle
    return high


def _standing(held: Holding, pieces: Sequence[Piece], time: float) -> tuple[str, ...]:
    at = held.at(np.array([time]))
    return standing_together(
        pieces, at.supports(0), [at.loads(p, 0) for p in pieces], friction=at.friction, vibration=float(at.shake[0])
    ).state


def _stay(
    held: Holding, stage: Stage, piece: Piece, rows: Sequence[tuple[float, str, float, float]], lost: float | None,
    company: Sequence[Piece], cut: bool,
) -> Stay:  # fmt: skip
    """One piece: its states, and the whole balance at the instant that governs."""
    time, state, factor, size = (list(x) for x in zip(*rows))
    worst = max(range(len(rows)), key=lambda i: (ORDER.index(state[i]), -factor[i], size[i]))
    governs = lost if lost is not None else time[worst]
    at = held.at(np.array([governs]))
    all_of_them = retained_together(
        company, at.supports(0), [at.loads(p, 0) for p in company], friction=at.friction, vibration=float(at.shake[0])
    )
    mine = next(r for p, r in zip(company, all_of_them) if p is piece)
    return Stay(
        piece, cut, stage.time, np.array(time), tuple(state), np.array(factor), lost, float(governs), mine,
        stage.indicative,
    )  # fmt: skip


def _inside(point: Array, piece: Piece) -> bool:
    """Whether a point lies in a piece: by the solid angle of its faces (Van Oosterom & Strackee 1983)."""
    a, b, c = (piece.faces.corners[:, i] - point for i in range(3))
    la, lb, lc = (np.linalg.norm(x, axis=1) for x in (a, b, c))
    triple = np.einsum("fd,fd->f", a, np.cross(b, c))
    below = la * lb * lc + (a * b).sum(1) * lc + (b * c).sum(1) * la + (c * a).sum(1) * lb
    return bool(abs(2.0 * np.arctan2(triple, below).sum()) > 2.0 * np.pi)


def changes(stay: Stay) -> list[tuple[float, str]]:
    """Times at which the state of a piece changes, with the state from then on."""
    found = [(float(stay.time[0]), stay.state[0])]
    for (_, before), (t, after) in itertools.pairwise(zip(stay.time.tolist(), stay.state)):
        if after != before:
            found.append((t, after))
    return found
