"""Cracks of every kind, grown by random moves: no crash, area never shrinks, every end a documented one.

A few seeds run in the suite.  Hundreds: `python tests/robustness/test_growth_fuzz.py FIRST LAST`.
"""

from __future__ import annotations

import functools
import sys
import time
import traceback
from collections import Counter

import numpy as np
import pytest

from deadlight.errors import InputError, NotSolved
from deadlight.growth.region import Moved
from deadlight.growth.regrow import regrow
from deadlight.growth.stopped import GrowthStopped
from deadlight.operator.front import front_frame
from deadlight.surface.bevels import without_bevels
from deadlight.surface.body import Body, block, disc
from deadlight.surface.chart import Graph
from deadlight.surface.join import surface_mesh
from deadlight.surface.pit import body_with_pit, radial_cracks
from deadlight.surface.sheet import Sheet
from deadlight.surface.skin_mesh import background

KINDS = ("surface", "corner", "embedded", "through", "edge", "spall", "dish", "coplanar", "pair", "crater")
STEPS = 10
ENDS = ("steps done", "severed", "reaches_crack")
KINDS_OF_CHANGE = {"breaks_through", "reaches_edge", "fronts_meet", "joins", "reaches_crack", "severs"}


@functools.cache
def pane(name: str) -> Body:
    return {"disc": disc(0.15, 0.01), "block": block(0.2, 0.15, 0.012)}[name]


@functools.cache
def skin_of(name: str):
    return background(without_bevels(pane(name)).plain)


def turned(angle: float) -> tuple[np.ndarray, np.ndarray]:
    """A direction in the pane, and the one across it."""
    return np.array([np.cos(angle), np.sin(angle), 0.0]), np.array([-np.sin(angle), np.cos(angle), 0.0])


def seed(number: int) -> tuple[Body, str | None, list[Sheet], str]:
    """Body, its name if its skin can be shared, cracks and kind of a seed."""
    rng = np.random.default_rng(number)
    kind, name = KINDS[number % len(KINDS)], ("disc", "block")[int(rng.integers(2))]
    body = pane(name)
    t = body.thickness
    along, across = turned(rng.uniform(0, 2 * np.pi))
    middle = np.array([*rng.uniform(-0.05, 0.05, 2), 0.0])
    top = middle + [0, 0, t]
    a = t * rng.uniform(0.08, 0.7)
    c = a * rng.uniform(0.7, 4.0)
    up = np.array([0, 0, 1.0])
    lean = across + rng.uniform(-0.5, 0.5) * up
    if kind == "surface":
        return body, name, [Sheet.ellipse(top if rng.random() < 0.6 else middle, lean, along, c, a)], kind
    if kind == "corner":
        edge = {"disc": 0.15 * along, "block": np.array([0.1, rng.uniform(-0.05, 0.05), 0])}[name]
        way = along if name == "disc" else np.array([1.0, 0, 0])
        return body, name, [Sheet.ellipse(edge + t * up, np.cross(up, way), way, a * rng.uniform(0.6, 2), a)], kind
    if kind == "embedded":
        depth = t * rng.uniform(0.3, 0.7)
        size = 0.6 * min(depth, t - depth)
        return body, name, [Sheet.ellipse(middle + depth * up, rng.normal(size=3), along, size, size * 0.7)], kind
    if kind == "through":
        ends = np.array([middle, middle + c * along])
        return body, name, [Sheet.line(ends, up + 0.3 * across * rng.uniform(-1, 1), (-t, 2 * t))], kind
    if kind == "edge":
        rim = 0.15 * along if name == "disc" else np.array([0.1, 0.0, 0.0])
        way = along if name == "disc" else np.array([1.0, 0, 0])
        return body, name, [Sheet.line(np.array([rim - c * way, rim + 0.01 * way]), up, (-t, 2 * t))], kind
    if kind in ("spall", "dish"):
        flat = Sheet.ellipse(middle + 0.75 * t * up, up + 0.35 * across, along, 0.5 * t, 0.4 * t)
        if kind == "spall":
            return body, name, [flat], kind
        r, phi = np.meshgrid(np.linspace(0, 1.15, 13)[1:], np.linspace(0, 2 * np.pi, 33)[:-1])
        uv = np.concatenate([[[0, 0]], np.column_stack([(r * np.cos(phi)).ravel(), (r * np.sin(phi)).ravel()])])
        height = 0.08 * t * (uv**2).sum(axis=1)
        points = flat.chart.to_space(uv * [0.5 * t, 0.4 * t]) + height[:, None] * flat.chart.n
        return body, name, [Sheet(Graph.through(points, flat.chart), flat.outlines, "dish", flat.snap)], kind
    if kind == "coplanar":
        c = min(c, 0.6 * t)
        one = Sheet.ellipse(top, across, along, c, a, "one")
        return body, name, [one, Sheet.ellipse(top + 2.5 * c * along, across, along, c, 0.7 * a, "two")], kind
    if kind == "pair":
        one = Sheet.ellipse(top, across, along, c, a, "one")
        far, off = turned(rng.uniform(0, np.pi))
        return body, name, [one, Sheet.ellipse(top + (c + 1.5 * a) * along, off, far, 0.8 * a, a, "two")], kind
    pit = body_with_pit(body, "outer", top, 0.5 * t, 0.2 * t)
    arms = [0.3 + 2 * np.pi * k / 3 for k in range(int(rng.integers(1, 4)))]
    return pit, None, radial_cracks(pit, arms, 0.6 * t, 0.25 * t), kind


def moves(meshed, rng: np.random.Generator, share: float) -> list[Moved]:
    """Moves along every front by a smooth random profile, some of it at rest, or concentrated."""
    size = np.sqrt(sum(abs(a) for a in areas(meshed)) / len(meshed.crack_meshes) / np.pi)
    out = []
    for k, front in enumerate(meshed.mesh.fronts):
        frame = front_frame(meshed.mesh, front)
        s = frame.arc / frame.length * 2 * np.pi
        profile = 1.0 + sum(rng.normal(0, 0.5) * np.cos(m * s + rng.uniform(0, 6.3)) for m in (1, 2, 3))
        profile = np.maximum(profile, 0.0) ** rng.choice([1.0, 1.0, 3.0])
        profile *= 1.0 + rng.normal(0, 0.02, len(s))  # what is not smooth in a computed K
        profile *= share * size * rng.uniform(0.2, 1.0) / max(float(profile.max()), 1e-300)
        if rng.random() < 0.15:
            profile *= 0.0
        out.append(Moved(k, frame.point + profile[:, None] * frame.ahead, frame.point))
    return out


def areas(meshed) -> list[float]:
    found = []
    for domain in meshed.domains:
        total = 0.0
        for loop in domain.loops:
            x = np.concatenate([p.points[:-1] for p in loop])
            y = np.roll(x, -1, axis=0)
            total += 0.5 * float((x[:, 0] * y[:, 1] - x[:, 1] * y[:, 0]).sum())
        found.append(total)
    return found


def grow(number: int, steps: int = STEPS) -> dict:
    """One seed grown; what happened."""
    rng = np.random.default_rng(10_000 + number)
    body, name, sheets, kind = seed(number)
    back = skin_of(name) if name else None
    meshed = surface_mesh(body, sheets, back=back)
    back = back or meshed.back
    told = {"kind": kind, "end": "steps done", "changes": Counter(), "tries": 0, "steps": 0, "short": 0, "sentence": ""}
    share = rng.uniform(0.1, 0.35)
    for _ in range(steps):
        try:
            grown, after = regrow(meshed, sheets, moves(meshed, rng, share), body, back=back)
        except GrowthStopped as stop:
            told["end"], told["sentence"] = stop.reason, stop.sentence
            break
        assert all(b >= a * (1 - 1e-9) for a, b in grown.areas)
        assert sum(areas(after)) >= sum(areas(meshed)) * (1 - 1e-7)
        told["changes"].update(t.kind for t in grown.transitions)
        told["tries"] += len(grown.tries)
        told["short"] += grown.share < 1.0
        told["sentence"] += "".join(f"\n   {told['steps']}: {t}".replace("  remedy", " | remedy") for t in grown.tries)
        told["steps"] += 1
        sheets, meshed = grown.sheets, after
    return told


@pytest.mark.parametrize("number", [3, 10, 12, 16, 21, 37])
def test_random_growth_ends_in_a_documented_state(number):
    told = grow(number, 5)
    assert told["end"] in ENDS, told
    assert set(told["changes"]) <= KINDS_OF_CHANGE


def main(first: int, last: int) -> None:
    ends: Counter = Counter()
    for number in range(first, last):
        start = time.process_time()
        try:
            told = grow(number)
        except (InputError, NotSolved) as error:
            told = {"kind": "", "end": f"no start: {str(error)[:200]}", "changes": {}}
        except Exception:
            told = {"kind": "", "end": "CRASH", "changes": {}, "sentence": traceback.format_exc()}
        ends[told["end"].split(":")[0]] += 1
        what = [number, told["kind"], told["end"], told.get("steps"), "tries", told.get("tries"), dict(told["changes"])]
        print(*what, f"{time.process_time() - start:.1f} s", told.get("sentence", ""), flush=True)
    print(dict(ends))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
