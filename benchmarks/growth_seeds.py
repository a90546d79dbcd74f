"""Random cracks in the Shenzhou-like pane through the ballistic return, loads scaled so that most of them grow.

    python benchmarks/growth_seeds.py --count 100 --done seeds.csv --kept DIR     # goes on where the file ends
    python benchmarks/growth_seeds.py --table seeds.csv

Every seed is one crack of random kind, place, size and angle.  The stress of the pane's history is scaled such that the
largest K/K_Ic of the crack as found is about a random number between 1.2 and 4, by 60 at most (a crack that needs more,
as one that the pane presses shut, is drawn anew); no seats, each sixth instant is taken, meshes are coarse: it is the
geometry that is tried here, not K.  A seed ends in one of the ends of
`deadlight.growth.record.End`; anything else is a crash and is written as such.  Heat and stress are solved once (about
two minutes), and kept in DIR.
"""

from __future__ import annotations

import argparse
import csv
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.case.crack import Corner, Crack, Edge, Embedded, Spall, Surface, Through
from deadlight.case.load import load_case
from deadlight.chain.flaws import flaw_of, pane_body
from deadlight.chain.sampled import SampledStress
from deadlight.chain.solving import Solved, solve_window
from deadlight.errors import DeadlightError
from deadlight.growth.crack_shape import CrackedPane, CrackShape
from deadlight.growth.follow import follow
from deadlight.growth.humidity import Humidity
from deadlight.growth.law import NoGrowth
from deadlight.growth.plan import Step
from deadlight.operator.load import SurfacePoints
from deadlight.surface.bevels import without_bevels
from deadlight.surface.body import Body
from deadlight.surface.skin_mesh import Skin, background, far_size

CASE = Path(__file__).parents[1] / "examples" / "shenzhou20" / "ballistic.toml"
PANE = "thermal"
SHARE = {"surface": 0.4, "through": 0.2, "edge": 0.1, "corner": 0.1, "embedded": 0.1, "spall": 0.1}  # of the seeds
COLUMNS = ("seed", "kind", "factor", "end", "builds", "area_from", "area_to", "events", "shrank", "seconds", "sentence")
REFINE, LIMIT, EVERY = 0.35, 16, 6
RATIO = (1.2, 4.0)  # largest K/K_Ic of the cracks as found, roughly
MOST = 60.0  # of the factor
ERROR = 0.05  # of K, taken for the turns that are followed
NODES = 2400  # ligaments that would need more are broken
SKIN_GROWTH, FAR = 1.0, 1.4  # a coarse skin: K moves by 1 to 2 %, and it is three times as quick


def crack_of(rng: np.random.Generator, number: int) -> Crack:
    """A random crack as the case form states it."""
    kind = rng.choice(list(SHARE), p=list(SHARE.values()))
    where = {"azimuth": f"{rng.uniform(0, 360):.3f} deg"}
    inside = where | {"inside_lip": f"{rng.uniform(-12, 20) if kind == 'surface' else rng.uniform(-8, 60):.3f} mm"}
    turned = {"orientation": "angle", "angle": f"{rng.uniform(0, 180):.2f} deg"}
    mm = lambda low, high: f"{rng.uniform(low, high):.3f} mm"  # noqa: E731
    base: dict[str, Any] = {"name": f"S{number}", "pane": PANE}
    face = {"face": str(rng.choice(["outer", "inner"]))}
    if kind == "through":
        return Through(kind="through", two_c=mm(4, 30), place=inside, **turned, **base)
    if kind == "surface":
        return Surface(kind="surface", a=mm(1, 8.5), c=mm(2, 12), place=inside | face, **turned, **base)
    if kind == "corner":
        return Corner(kind="corner", a=mm(1.5, 6), c=mm(1.5, 10), place=where | face, **base)
    if kind == "edge":
        return Edge(kind="edge", depth=mm(3, 25), place=where, **base)
    if kind == "embedded":
        return Embedded(kind="embedded", a=mm(0.5, 2), c=mm(0.5, 6), depth=mm(3, 7), place=inside, **turned, **base)
    return Spall(kind="spall", a=mm(1, 4), c=mm(1, 4), depth=mm(0.6, 4), place=inside | face, **base)


def one(seed: int, solved: Solved, body: Body, back: Skin, limit: int = LIMIT) -> dict[str, Any]:
    """One seed as a row."""
    rng = np.random.default_rng(seed)
    begun = time.perf_counter()
    row: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    row["seed"] = seed
    try:
        factor = np.inf
        while factor > MOST:
            crack = crack_of(rng, seed)
            factor = float(rng.uniform(*RATIO)) / max(about(shape_of(crack, 1.0, solved, body, back)), 1e-9)
        row |= {"kind": crack.kind, "factor": f"{factor:.3f}"}
        record = follow(
            shape_of(crack, factor, solved, body, back), NoGrowth(), Humidity(), step=Step(run=0.5), limit=limit
        )
        changes = [e.what for e in record.events]
        row |= {
            "end": str(record.end), "builds": record.builds, "area_from": f"{1e6 * record.steps[0].area:.5g}",
            "area_to": f"{1e6 * record.trace_area[-1]:.5g}", "events": "; ".join(dict.fromkeys(changes)),
            "shrank": bool((np.diff(record.trace_area) < 0.0).any()),
            "sentence": record.sentence[:200],
        }  # fmt: skip
    except DeadlightError as refused:
        row |= {"end": "refused", "sentence": str(refused).splitlines()[0][:200]}
    except Exception:  # a crash is a result of this benchmark
        row |= {"end": "CRASH", "sentence": traceback.format_exc().strip().splitlines()[-1][:200]}
    row["seconds"] = f"{time.perf_counter() - begun:.1f}"
    return row


def about(shape: CrackShape) -> float:
    """Largest K/K_Ic of a crack as found, roughly: the mean pull on it times (pi/2 times its size)^0.5 over K_Ic.

    Within a factor of two or so; exact is not asked for, and a solution costs as much as a step of growth.
    """
    pane, mesh = shape.pane, shape.meshed.mesh
    points = SurfacePoints.of(mesh, mesh.on_crack, level=1)
    pull = np.einsum("rpi,pi->rp", points.traction(pane.stress.sample_modes(points.point)), points.normal)
    course = np.maximum(pane.stress.amplitudes @ pull, 0.0)
    front = sum(float(np.linalg.norm(np.diff(mesh.points[f.nodes], axis=0), axis=1).sum()) for f in mesh.fronts)
    size = 2.0 * float(points.area.sum()) / front
    tough = pane.toughness(np.asarray(pane.temperature(points.point)))
    mean = (course * points.area).sum(axis=1) / points.area.sum()
    return float((mean * np.sqrt(0.5 * np.pi * size) / tough.min(axis=1)).max())


def shape_of(crack: Crack, factor: float, solved: Solved, body: Body, back: Skin) -> CrackShape:
    """The crack under the pane's stress times a factor."""
    history, material = solved.stress[PANE], solved.viewport.materials[PANE]
    stress = SampledStress.of(history).at(slice(None, None, EVERY))
    field = solved.temperature.temperature[::EVERY, solved.viewport.mesh.region_nodes(PANE)]
    flaw = flaw_of(solved.viewport, crack, body, CASE.parent)
    pane = CrackedPane(
        body=body,
        stress=stress.scaled(np.full(stress.amplitudes.shape[1], factor)),
        temperature=lambda points: stress.sample_field(field, points),
        toughness=lambda T: np.asarray(material.toughness(T), dtype=float),
        young=float(material.youngs_modulus(600.0)),
        nu=float(material.poisson(600.0)),
        back=back,
        refine=REFINE,
        skin_growth=SKIN_GROWTH,
        most_nodes=NODES,
        estimate_every=0,
    )
    return CrackShape(pane, (flaw.sheet,), number=1, error=ERROR)  # not as found: its error is not estimated


def table(path: Path) -> None:
    """Ends and events of all rows."""
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    grown = [r for r in rows if r["area_to"] and float(r["area_to"]) > 1.5 * float(r["area_from"])]
    shrank = sum(r["shrank"] == "True" for r in rows)
    print(f"{len(rows)} seeds; {len(grown)} grew by half their size; shrank: {shrank}")
    for key in sorted({r["end"] for r in rows}):
        print(f"  {key}: {sum(r['end'] == key for r in rows)}")
    for what in ("breaks through", "reaches the edge", "arrests"):
        print(f"  {what}: {sum(what in r['events'] for r in rows)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--done", type=Path, default=Path("growth_seeds.csv"))
    parser.add_argument("--geometries", type=int, default=LIMIT, help="most geometries of a seed")
    parser.add_argument("--kept", type=Path, help="folder in which heat and stress are kept")
    parser.add_argument("--table", type=Path)
    options = parser.parse_args()
    if options.table:
        table(options.table)
        return
    known = set()
    if options.done.exists():
        known = {int(r["seed"]) for r in csv.DictReader(options.done.open(encoding="utf-8"))}
    solved = solve_window(load_case(CASE), root=CASE.parent, kept_in=options.kept)
    body = pane_body(solved.viewport, PANE)
    plain = without_bevels(body).plain
    back = background(plain, FAR * far_size(plain))
    for seed in range(options.first, options.first + options.count):
        if seed in known:
            continue
        row = one(seed, solved, body, back, options.geometries)
        new = not options.done.exists()
        with options.done.open("a", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, COLUMNS)
            if new:
                writer.writeheader()
            writer.writerow(row)
        print(" ".join(f"{k}={row[k]}" for k in COLUMNS[:7]), row["events"], f"{row['seconds']} s", flush=True)
    table(options.done)


if __name__ == "__main__":
    main()
