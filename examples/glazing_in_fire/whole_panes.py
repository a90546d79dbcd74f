"""Whole panes with sampled edge strength through a fire: cracks, islands, pieces and what the frame holds.

python examples/glazing_in_fire/whole_panes.py --kept DIR [--count 10] [--balance] [--pictures DIR] [--only framed ...]

Every finished pane is kept as a file in DIR and not run again; a pane takes about a minute of one core.
docs/validation-glazing.md explains.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from cracking import FRICTION, Heated, cut_up, heated, sampled_flaws, standing, started, without_frame
from glazing import Fire, Pane
from pictures import draw_panes

from deadlight.material.library import material
from deadlight.membrane.network import Network, Tip
from deadlight.membrane.running import CrackedPane, Moment

TIMES = np.array([15.0, 30, 50, 75, 105, 140, 180, 230, 290, 360])
LATER = np.array([20.0, 45, 80, 120, 170, 230, 300, 400, 550, 750])
# Pa on the heated side (still air, a room on fire; A), friction of glass on glass
CASES = ((0.0, 0.0), (10.0, 0.0), (10.0, FRICTION))
CENTRE = 0.5  # of the half sides: what counts as the hot centre


@dataclass(frozen=True)
class Kind:
    """Panes of one kind: what they are, the fire, compression of the edge [Pa]."""

    pane: Pane
    fire: Fire
    times: Any
    more: float = 0.0
    rules: dict[str, float] = field(default_factory=dict)


THIN = Pane(width=0.50, height=0.28, thickness=0.0024)
KINDS = {
    "framed": Kind(Pane(), Fire(), TIMES),
    "thin": Kind(THIN, Fire(), TIMES),
    "open": Kind(THIN, Fire(covered=False), TIMES),
    "toughened": Kind(Pane(shade=0.013), Fire(flux=18e3), LATER, more=100e6),
    "ceramic": Kind(Pane(shade=0.013, glass=material("fused_silica")), Fire(flux=18e3), LATER),
}


def stored(found: CrackedPane) -> dict[str, Any]:
    """As plain data."""
    net = found.network
    return {
        "points": [list(map(float, p)) for p in net.points], "ring": net.ring, "edges": net.edges,
        "origins": net.origins, "tips": [t.vertex for t in net.tips], "moments": [asdict(m) for m in found.moments],
        "solved": found.solved, "finished": found.finished,
    }  # fmt: skip


def restored(data: dict[str, Any]) -> CrackedPane:
    """From plain data."""
    ring = np.array(data["points"])[data["ring"]]
    net = Network(ring)
    net.points, net.ring = [np.array(p) for p in data["points"]], data["ring"]
    net.edges, net.origins = [tuple(e) for e in data["edges"]], data["origins"]
    net.tips = [Tip(v, np.zeros(2), 0.0, 0.0, 0) for v in data["tips"]]
    moments = tuple(Moment(m["time"], m["what"], tuple(m["place"]), m["ratio"]) for m in data["moments"])
    return CrackedPane(net, moments, (), data["solved"], data["finished"])


def run_panes(name: str, given: Heated, kept: Path, count: int) -> list[CrackedPane]:
    """Panes of one kind, those that are kept read."""
    made = []
    for seed in range(1, count + 1):
        file = kept / f"{name}_{seed}.json"
        if not file.exists():
            run = started(given, seed=seed, more=KINDS[name].more, **KINDS[name].rules)
            run.go(run.rules.rounds)
            file.write_text(json.dumps(stored(run.result())), encoding="utf-8")
        made.append(restored(json.loads(file.read_text(encoding="utf-8"))))
    return made


def crosses_centre(given: Heated, network: Network) -> bool:
    """Whether a crack runs through the middle half of the pane both ways."""
    w, h = 0.5 * CENTRE * given.pane.width, 0.5 * CENTRE * given.pane.height
    lines = [shapely.LineString([network.points[a], network.points[b]]) for a, b in network.edges]
    return bool(shapely.intersects(shapely.box(-w, -h, w, h), lines).any()) if lines else False


def report(name: str, given: Heated, seed: int, found: CrackedPane, *, balance: bool) -> None:
    """One line of the table, and with `balance` one for every push."""
    net, pane = found.network, given.pane
    flaws = sampled_flaws(given, seed=seed, more=KINDS[name].more)
    if found.first is None:
        top = float(given.rim_stress.max()) / 1e6
        print(f"{name:10s} {seed:3d}  whole: edge stress up to {top:.1f} MPa, weakest {flaws.strength.min() / 1e6:.1f}")
        return
    seen = given.exposure
    dT = float(np.interp(found.first, [0.0, *seen.time], [0.0, *seen.difference]))
    cells = net.cells()
    free = without_frame(given, cells)
    share = 100.0 * sum(cells[k].area for k in free) / net.area
    line = (
        f"{name:10s} {seed:3d} {found.first:5.0f} s {dT:5.1f} K  origins {len(net.origins)}, forks "
        f"{sum(m.what == 'fork' for m in found.moments):2d}, {net.length:5.2f} m, centre "
        f"{'yes' if crosses_centre(given, net) else 'no '}, cells {len(cells):2d}, "
        f"without frame {len(free):2d} ({share:.0f} %), {'' if found.finished else 'not '}finished ({found.solved})"
    )
    print(line, flush=True)
    if len(cells) == 1 or not balance:
        return
    cut = cut_up(given, net)
    print(f"{'':14s}{len(cut.pieces)} pieces, alarms {sum(r.alarm for r in cut.remarks)}", flush=True)
    for push, friction in CASES:
        stays = standing(given, cut, push, friction)
        area = {s: 0.0 for s in ("held", "loose", "leaves")}
        count = dict.fromkeys(area, 0)
        for piece, stay in zip(cut.pieces, stays):
            area[stay] += piece.volume / pane.thickness
            count[stay] += 1
        whole = sum(area.values())
        told = ", ".join(f"{s} {count[s]} ({100 * area[s] / whole:.0f} %)" for s in area)
        print(f"{'':14s}push {push:3.0f} Pa, glass on glass {friction:g}: {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", type=Path, required=True)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--only", nargs="*", default=list(KINDS))
    parser.add_argument("--balance", action="store_true", help="pieces in three dimensions, and what holds them")
    parser.add_argument("--quiet", action="store_true", help="run and keep panes, report nothing")
    asked = parser.parse_args()
    asked.kept.mkdir(parents=True, exist_ok=True)
    for name in asked.only:
        kind = KINDS[name]
        given = heated(kind.pane, kind.fire, kind.times)
        panes = run_panes(name, given, asked.kept, asked.count)
        if asked.quiet:
            continue
        for seed, found in enumerate(panes, 1):
            report(name, given, seed, found, balance=asked.balance)
        if asked.pictures and any(p.network.edges for p in panes):
            draw_panes(asked.pictures / f"glazing_{name}.png", given, panes)


if __name__ == "__main__":
    main()
