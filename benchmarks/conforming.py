"""The peer of the crack operator: the same surface crack by a conforming quadratic mesh in CalculiX.

    python benchmarks/conforming.py                 # semicircle in a half-space, three meshes
    python benchmarks/conforming.py --case plate    # a/c 0.4, a/t 0.6 in a plate, tension and bending
    python benchmarks/conforming.py --solver own    # the same meshes with this project's finite elements
    python benchmarks/conforming.py --case plate --solver own --shapes 0.4:0.6 1:0.6 --write FILE.json

A quarter model (two planes of symmetry).  The mesh is swept along the front: in every cross-section rings of 20-node
bricks about the front, in the innermost ring 15-node wedges with their middle nodes at a quarter of the way.  Crack
faces carry the load, the outside is free.  K comes from the energy released by a virtual extension of the front
(`deadlight.export.release`) and, beside it, from the opening of the innermost ring.  CPU seconds are those of the whole
child process, reading and writing of its files included.  On Debian: apt-get install calculix-ccx.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np
from scipy.interpolate import CubicSpline
from swept_mesh import Counts, Model, model

from deadlight.crack.newman_raju import PlateCrack, surface_k
from deadlight.export import abaqus_text
from deadlight.export.cracked_mesh import cracked_mesh
from deadlight.export.front_k import front_k
from deadlight.export.planar_crack import CrackPlane
from deadlight.export.release import configurational_force, force_change
from deadlight.export.results import read_ccx
from deadlight.export.solid import block
from deadlight.export.solve import crack_forces, solve
from deadlight.export.traction import nodal_force
from deadlight.fem.elasticity import ElasticBody, lame
from deadlight.linalg.sparse import factor
from deadlight.mesh.mesh import Mesh

# K/(sigma sqrt(pi a)), semicircle in a half-space, nu 0.3: Mindlin-based hypersingular integral equation (method of
# Murakami & Nemat-Nasser 1982, Noda & Miyoshi 1996), 0.02 % at 90, 0.1 % from 45, 0.6 % at 10 degrees.
PLATE_ANGLES = (10.0, 22.5, 45.0, 67.5, 90.0)
ANGLES = (10.0, 20.0, 30.0, 45.0, 60.0, 75.0, 90.0)
HALF_SPACE = {
    "uniform": (0.72087, 0.69667, 0.68217, 0.66948, 0.66268, 0.65929, 0.65825),
    "linear z/a": (0.16616, 0.22027, 0.2757, 0.35257, 0.41366, 0.45274, 0.46617),
}


MESHES = (Counts(8, 8, 3, 0.3, 6), Counts(12, 12, 4, 0.3, 9), Counts(16, 16, 5, 0.3, 14))
PLATE_MESHES = (Counts(12, 16, 4, 0.3, 12), Counts(16, 24, 4, 0.3, 16))


def solve_ccx(m: Model, force: np.ndarray, young: float, nu: float) -> tuple[np.ndarray, float, float]:
    with tempfile.TemporaryDirectory() as folder:
        text = abaqus_text.nodes(m.points) + abaqus_text.elements(m.blocks, set_name="PANE")
        text += abaqus_text.solid(young=young, nu=nu, set_name="PANE") + abaqus_text.held(m.held)
        text += "*STEP\n*STATIC\n" + abaqus_text.forces(force) + "*NODE PRINT, NSET=ALL\nU\n*END STEP\n"
        (Path(folder) / "crack.inp").write_text(text)
        before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(["ccx", "crack"], cwd=folder, capture_output=True, text=True)
        wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode or "ERROR" in done.stdout:
            raise SystemExit(done.stdout[-2000:])
        u = read_ccx(Path(folder) / "crack.dat", n_nodes=len(m.points))
    return u, wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def solve_own(m: Model, force: np.ndarray, young: float, nu: float) -> tuple[np.ndarray, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    body = ElasticBody.build(Mesh(m.points, m.blocks))
    lam, mu = (np.full(body.n_fields, v) for v in lame(np.array(young), np.array(nu)))
    matrix = body.pattern.matrix(body.stiffness(lam, mu), block=3)
    free = np.ones(force.size, dtype=bool)
    free[[3 * n + d for n, d in m.held]] = False
    rows = np.flatnonzero(free)
    u = np.zeros(force.size)
    u[rows] = factor(matrix[rows][:, rows], block=rows // 3).solve(force.ravel()[rows])
    return u.reshape(-1, 3), time.perf_counter() - wall, time.process_time() - cpu


def k_energy(m: Model, u: np.ndarray, young: float, nu: float, traction, layers: int = 3) -> np.ndarray:
    """K at the corner stations from the energy released."""
    inside = np.zeros(len(m.points), dtype=bool)
    inside[m.grid[:, :, : 2 * layers].ravel()] = True
    force = configurational_force(m.points, m.blocks, u, young=young, nu=nu, near=inside)
    weight = np.array([1.0] * (2 * layers - 1) + [0.5])
    per_station = np.zeros(len(m.angle))
    for i, direction in enumerate(m.direction):
        move = np.zeros_like(m.points)
        for k in range(len(weight) - 1, -1, -1):
            ids = m.grid[i, :, k]
            move[ids[ids >= 0]] = weight[k] * direction
        per_station[i] = float((force * move).sum()) + float(
            (force_change(m.points, m.crack, traction, move) * u).sum()
        )
    x = m.points[m.front]
    s, ws = np.polynomial.legendre.leggauss(4)
    slope = np.stack([s - 0.5, -2 * s, s + 0.5])
    count = len(m.angle) // 2
    speed = np.stack([np.linalg.norm(slope.T @ x[2 * e : 2 * e + 3], axis=1) for e in range(count)])
    up, down = (speed * 0.5 * (1 + s)) @ ws, (speed * 0.5 * (1 - s)) @ ws
    hat = np.zeros(count + 1)
    hat[1:] += up
    hat[:-1] += down
    g = per_station[0::2].copy()
    g[:-1] += 0.5 * per_station[1::2]
    g[1:] += 0.5 * per_station[1::2]
    g *= 2.0 / hat  # the other half of the body has as much
    return np.sqrt(np.maximum(g, 0) * young / (1 - nu * nu))


def k_opening(m: Model, u: np.ndarray, young: float, nu: float) -> np.ndarray:
    """K at the corner stations from the opening at the quarter and at the end of the first cell."""
    front, quarter, end = m.rings[::2].T
    h = np.einsum("ij,ij->i", m.points[front] - m.points[end], m.direction[::2])
    slope = (8 * 2 * u[quarter, 1] - 2 * u[end, 1]) / (3 * np.sqrt(h))
    return slope * young / (2 * (1 + nu)) * math.sqrt(2 * math.pi) / (4 * (1 - nu))


def run(m: Model, load: Callable[[np.ndarray], np.ndarray], *, young: float, nu: float, solver: str) -> dict:
    def traction(x, normal):
        return np.stack([0 * x[:, 0], load(x), 0 * x[:, 0]], axis=1)

    force = nodal_force(m.points, m.crack, lambda x, n: -np.sign(n[:, 1:2]) * traction(x, n))
    u, wall, cpu = (solve_ccx if solver == "ccx" else solve_own)(m, force, young, nu)
    opening = k_opening(m, u, young, nu)
    k = np.copysign(k_energy(m, u, young, nu, traction), opening)
    return {
        "unknowns": 3 * len(m.points) - len(m.held), "wall_s": wall, "cpu_s": cpu,
        "angle": np.degrees(m.angle[::2]), "energy": k, "opening": opening,
    }  # fmt: skip


def half_space(solver: str) -> list[dict]:
    rows = []
    for counts in MESHES:
        m = model(counts, a=1.0, c=1.0)
        for name, load in (("uniform", lambda x: np.ones(len(x))), ("linear z/a", lambda x: x[:, 2])):
            r = run(m, load, young=1.0, nu=0.3, solver=solver)
            value = {how: CubicSpline(r["angle"], r[how])(ANGLES) / math.sqrt(math.pi) for how in ("energy", "opening")}
            error = {how: 100.0 * (v / np.array(HALF_SPACE[name]) - 1.0) for how, v in value.items()}
            row = {"case": "half-space", "load": name, "angle": ANGLES, "F": value, "error_percent": error}
            rows.append({**row, **cost(r)})
    return rows


def plate(solver: str, *, ratio: float = 0.4, share: float = 0.6) -> list[dict]:
    """F of K = S sqrt(pi a/Q) F beside Newman & Raju's equations (`crack/newman_raju.py`)."""
    rows = []
    rule = PlateCrack(1.0, 1.0 / ratio, 1.0 / share)
    scale = math.sqrt(math.pi) / rule.shape
    for counts in PLATE_MESHES:
        m = model(counts, a=1.0, c=rule.c, thickness=rule.t, far=6.0)
        loads = {"tension": lambda x: np.ones(len(x)), "bending": lambda x: 1.0 - 2.0 * x[:, 2] / rule.t}
        for which, (name, load) in enumerate(loads.items()):
            r = run(m, load, young=1.0, nu=0.3, solver=solver)
            value = {how: CubicSpline(r["angle"], r[how])(PLATE_ANGLES) / scale for how in ("energy", "opening")}
            known = [surface_k(rule, math.radians(phi))[which] / scale for phi in PLATE_ANGLES]
            error = {how: 100.0 * (v / np.array(known) - 1.0) for how, v in value.items()}
            title = f"a/c {ratio:g}, a/t {share:g}"
            row = {"case": title, "load": name, "angle": PLATE_ANGLES, "F": value, "error_percent": error}
            rows.append({**row, "newman_raju": known, **cost(r)})
    return rows


def tetrahedra(ratio: float, share: float, size: float) -> dict[str, np.ndarray]:
    """F of the same plate by the whole body in ten-node tetrahedra (`deadlight.export.cracked_mesh`)."""
    rule = PlateCrack(1.0, 1.0 / ratio, 1.0 / share)
    far, t = 6.0 * rule.c, rule.t
    plane = CrackPlane.ellipse(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 0, 1.0]), rule.c, 1.0)
    mesh = cracked_mesh(block([-far, -far, 0.0], [far, far, t]), plane, front_size=size, coarse=max(1.2 * t, 2.0))
    found = {}
    for name, load in (("tension", lambda x, n: np.array(n)), ("bending", lambda x, n: n * (1 - 2 * x[:, 2:] / t))):
        u = solve(mesh, crack_forces(mesh, load), young=1.0, nu=0.3)
        k = front_k(mesh, u, young=1.0, nu=0.3, traction=load)[0]
        phi = np.degrees(np.arctan2(k.x[:, 2], k.x[:, 0] / rule.c))
        order = np.argsort(phi)
        at = np.array(PLATE_ANGLES)
        both = [np.interp(angle, phi[order], k.k1[order]) for angle in (at, 180.0 - at)]
        found[name] = 0.5 * (both[0] + both[1]) * rule.shape / math.sqrt(math.pi)
    return found


def frozen(shapes: list[tuple[float, float]], solver: str) -> dict:
    """What the verification set keeps of plates: the tetrahedra's F, and how far the swept bricks are from it."""
    cases = []
    for ratio, share in shapes:
        rows = plate(solver, ratio=ratio, share=share)
        show(rows, "NR 1981")
        fine, coarse = tetrahedra(ratio, share, 1 / 20), tetrahedra(ratio, share, 1 / 13)
        for row in rows[-2:]:
            f = fine[row["load"]]
            swept = 0.5 * (row["F"]["energy"] + row["F"]["opening"])
            spread = np.maximum(np.abs(f - coarse[row["load"]]), np.abs(f - swept))
            cases.append({
                "case": row["case"], "load": row["load"], "phi_deg": list(PLATE_ANGLES), "F": f.round(4).tolist(),
                "spread": spread.round(4).tolist(), "F_swept_bricks": swept.round(4).tolist(),
                "newman_raju_1981": np.round(row["newman_raju"], 4).tolist(),
            })  # fmt: skip
            print("   F, tetrahedra " + "".join(f"{v:9.4f}" for v in f) + f"   {row['load']}", flush=True)
    return {
        "title": "semi-elliptical surface crack in a plate, two conforming finite-element models",
        "body": "depth a, half length c, thickness t; half width and half height 6 c, free; nu 0.3; phi = 90 deepest",
        "load": "crack faces: 1 (tension), 1 - 2 z/t (bending, z the depth); K = S sqrt(pi a/Q) F, "
        "Q = 1 + 1.464 (a/c)^1.65",
        "provenance": "python benchmarks/conforming.py --case plate --solver own --shapes ... --write FILE; F: whole "
        "body, ten-node tetrahedra; F_swept_bricks: a quarter, bricks swept along the front, quarter-point wedges at "
        "it, mean of energy release and opening; spread: the larger of their difference and the tetrahedra's change "
        "with a front size of 1/13 in place of 1/20",
        "cases": cases,
    }


def keep(path: Path, shapes: list[tuple[float, float]], solver: str) -> None:
    """Writes a shape after the other; those in the file that are not computed again stay."""
    for shape in shapes:
        new = frozen([shape], solver)
        fresh = {case["case"] for case in new["cases"]}
        before = json.loads(path.read_text())["cases"] if path.exists() else []
        new["cases"] = [case for case in before if case["case"] not in fresh] + new["cases"]
        path.write_text(json.dumps(new, indent=1) + "\n")


def cost(r: dict) -> dict:
    return {name: r[name] for name in ("unknowns", "wall_s", "cpu_s")}


def show(rows: list[dict], beside: str) -> None:
    for row in rows:
        print(f"{row['case']}, {row['load']}: {row['unknowns']} unknowns, ", end="")
        print(f"{row['wall_s']:.2f} s wall, {row['cpu_s']:.2f} s CPU")
        print("   phi [deg]      " + "".join(f"{phi:9.1f}" for phi in row["angle"]))
        for how in ("energy", "opening"):
            print(f"   F by {how:8s}  " + "".join(f"{v:9.4f}" for v in row["F"][how]))
            print(f"   % of {beside:10s} " + "".join(f"{v:+9.2f}" for v in row["error_percent"][how]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", choices=("half-space", "plate"), default="half-space")
    parser.add_argument("--solver", choices=("ccx", "own"), default="ccx", help="own: this project's finite elements")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the table")
    parser.add_argument("--shapes", nargs="+", default=["0.4:0.6"], metavar="A/C:A/T", help="of the plate's cracks")
    parser.add_argument("--write", type=Path, help="keep the plate's F in a JSON file")
    arguments = parser.parse_args()
    if arguments.solver == "ccx" and shutil.which("ccx") is None:
        raise SystemExit("CalculiX (ccx) is not on the PATH: apt-get install calculix-ccx, or --solver own")
    if arguments.case == "half-space":
        rows = half_space(arguments.solver)
    else:
        shapes = [tuple(map(float, each.split(":"))) for each in arguments.shapes]
        if arguments.write:
            keep(arguments.write, shapes, arguments.solver)
            return
        rows = [row for a_c, a_t in shapes for row in plate(arguments.solver, ratio=a_c, share=a_t)]
    if arguments.json:
        print(json.dumps({"solver": arguments.solver, "rows": rows}, default=list))
    else:
        show(rows, "reference" if arguments.case == "half-space" else "NR 1981")


if __name__ == "__main__":
    main()
