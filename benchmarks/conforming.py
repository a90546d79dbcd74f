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
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np
from scipy.interpolate import CubicSpline

from deadlight.crack.newman_raju import PlateCrack, surface_k
from deadlight.export import abaqus_text
from deadlight.export.release import configurational_force, force_change
from deadlight.export.results import read_ccx
from deadlight.export.traction import nodal_force
from deadlight.fem.elasticity import ElasticBody, lame
from deadlight.linalg.sparse import factor
from deadlight.mesh.mesh import CellBlock, Mesh, boundary_faces

# K/(sigma sqrt(pi a)), semicircle in a half-space, nu 0.3: Mindlin-based hypersingular integral equation (method of
# Murakami & Nemat-Nasser 1982, Noda & Miyoshi 1996), 0.02 % at 90, 0.1 % from 45, 0.6 % at 10 degrees.
PLATE_ANGLES = (10.0, 22.5, 45.0, 67.5, 90.0)
ANGLES = (10.0, 20.0, 30.0, 45.0, 60.0, 75.0, 90.0)
HALF_SPACE = {
    "uniform": (0.72087, 0.69667, 0.68217, 0.66948, 0.66268, 0.65929, 0.65825),
    "linear z/a": (0.16616, 0.22027, 0.2757, 0.35257, 0.41366, 0.45274, 0.46617),
}


@dataclass(frozen=True)
class Counts:
    """Cells along the front, round it, in the tube (with its radius over a), from there to the outside."""

    along: int
    round: int
    tube: int
    radius: float
    outside: int


MESHES = (Counts(8, 8, 3, 0.3, 6), Counts(12, 12, 4, 0.3, 9), Counts(16, 16, 5, 0.3, 14))
PLATE_MESHES = (Counts(12, 16, 4, 0.3, 12), Counts(16, 24, 4, 0.3, 16))


@dataclass(frozen=True, eq=False)
class Model:
    points: np.ndarray
    blocks: tuple[CellBlock, ...]
    crack: list[CellBlock]
    held: list[tuple[int, int]]
    front: np.ndarray  # nodes corner, middle, corner ... from the surface to the deepest point
    rings: np.ndarray  # (2 along + 1, rings) node numbers at theta = pi: front, quarter, end of the first cell
    grid: np.ndarray  # node of (i, j, k)
    direction: np.ndarray  # (2 along + 1, 3) normal of the front in the crack's plane
    angle: np.ndarray  # parametric angle of the stations [rad]


def stations(count: int) -> np.ndarray:
    """Parametric angles, corner and middle, finer towards the surface."""
    u = np.linspace(0.0, 1.0, 2 * count + 1)
    return 0.5 * math.pi * (0.35 * u + 0.65 * u**2 * (1.5 - 0.5 * u))


def graded(length: np.ndarray, first: float, count: int) -> np.ndarray:
    """Positions (..., 2 count + 1) from 0 to length: geometric cells that begin with `first`, middles halfway."""
    length = np.asarray(length, dtype=float)
    ratio_low, ratio_high = np.full(length.shape, 0.05), np.full(length.shape, 20.0)
    power = np.arange(count)
    for _ in range(60):
        ratio = np.sqrt(ratio_low * ratio_high)
        more = first * (ratio[..., None] ** power).sum(axis=-1) > length
        ratio_high, ratio_low = np.where(more, ratio, ratio_high), np.where(more, ratio_low, ratio)
    step = ratio[..., None] ** power
    corner = np.concatenate([np.zeros((*length.shape, 1)), np.cumsum(step, axis=-1)], axis=-1)
    corner *= (length / corner[..., -1])[..., None]
    out = np.empty((*length.shape, 2 * count + 1))
    out[..., 0::2], out[..., 1::2] = corner, 0.5 * (corner[..., 1:] + corner[..., :-1])
    return out


def carry(a: float, c: float, phi: np.ndarray, p: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """In-plane points (x, depth) at distance p from the front, behind it along confocal lines, ahead towards `end`.

    phi (s,), p (s, m), end (s, 2) -> points (s, m, 2), lengths behind the front (s,).
    """
    front = np.stack([c * np.cos(phi), a * np.sin(phi)], axis=1)
    normal = np.stack([a * np.cos(phi), c * np.sin(phi)], axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    if abs(c - a) < 1e-9 * a:
        lengths = np.full(len(phi), a)
        behind = front[:, None, :] * (1.0 + p / a)[:, :, None]
    else:
        focal = math.sqrt(c * c - a * a)
        xi = np.linspace(0.0, math.atanh(a / c), 4001)
        speed = focal * np.sqrt(np.sinh(xi) ** 2 + np.sin(phi)[:, None] ** 2)
        arc = np.concatenate([np.zeros((len(phi), 1)), np.cumsum(0.5 * (speed[:, 1:] + speed[:, :-1]), 1) * xi[1]], 1)
        lengths = arc[:, -1]
        at = np.stack([np.interp(row + total, s, xi) for row, total, s in zip(p, lengths, arc)])
        behind = focal * np.stack([np.cosh(at) * np.cos(phi)[:, None], np.sinh(at) * np.sin(phi)[:, None]], axis=-1)
    reach = np.linalg.norm(end - front, axis=1)
    along = (end - front) / reach[:, None]
    u = np.clip(p / reach[:, None], 0.0, 1.0)[:, :, None]
    w = u * u * (3.0 - 2.0 * u)
    ahead = front[:, None] + p[:, :, None] * ((1 - w) * normal[:, None] + w * along[:, None])
    return np.where((p < 0.0)[:, :, None], behind, ahead), lengths


def section(
    counts: Counts, a: float, left: np.ndarray, right: np.ndarray, height: float, corners: tuple[int, int]
) -> np.ndarray:
    """Cross-sections (stations, 2 round + 1, rings, 2): along the crack's plane from the front, and above it.

    Sectors up to corners[0] end ahead of the front, from corners[1] on behind it, those between on top.
    """
    n, s = counts.round, len(left)
    j = np.arange(2 * n + 1)
    j1, j2 = 2 * corners[0], 2 * corners[1]
    q = np.empty((s, 2 * n + 1, 2))
    low = j <= j1
    q[:, low, 0] = right[:, None]
    q[:, low, 1] = right[:, None] * np.sinh(j[low] / j1 * np.arcsinh(height / right)[:, None])
    top = (j > j1) & (j < j2)
    q[:, top, 0] = right[:, None] + (left + right)[:, None] * -((j[top] - j1) / (j2 - j1))
    q[:, top, 1] = height
    high = j >= j2
    q[:, high, 0] = -left[:, None]
    q[:, high, 1] = left[:, None] * np.sinh((2 * n - j[high]) / (2 * n - j2) * np.arcsinh(height / left)[:, None])
    q[:, 1::2] = 0.5 * (q[:, :-1:2] + q[:, 2::2])
    theta = math.pi * j / (2 * n)
    circle = np.stack([np.cos(theta), np.sin(theta)], axis=1)
    radius = np.minimum(counts.radius * a, 0.55 * np.minimum(left, right))
    tube = graded(radius, float(radius.min()) / counts.tube / 1.6, counts.tube)
    tube[:, 1] = 0.25 * tube[:, 2]
    inner = tube[:, None, :, None] * circle[None, :, None, :]
    start = radius[:, None, None] * circle
    distance = np.linalg.norm(q - start, axis=2)
    last = (tube[:, -1] - tube[:, -3])[:, None]
    share = graded(distance / last, 1.3, counts.outside) * last[..., None] / distance[..., None]
    outer = start[:, :, None] + share[..., None] * (q - start)[:, :, None]
    return np.concatenate([inner, outer[:, :, 1:]], axis=2)


def model(counts: Counts, *, a: float, c: float, thickness: float | None = None, far: float = 24.0) -> Model:
    """Mesh of x >= 0, y >= 0 (crack in y = 0), 0 <= z (depth) of a half-space or of a plate."""
    phi = stations(counts.along)
    phi[-1] = 0.5 * math.pi
    if thickness is None:
        end = far * max(a, c) * np.stack([np.cos(phi), np.sin(phi)], axis=1)
    else:
        # lines ahead are normals of the front up to the back face; the first cell takes the whole side of the plate
        x = c * np.cos(phi) + (thickness - a * np.sin(phi)) * a / c / np.tan(np.maximum(phi, 1e-9))
        x[:3] = np.maximum(x[3], far * c)
        share = np.minimum(np.arange(len(phi)) / 2.0, 1.0)
        end = np.stack([x, thickness * share], axis=1)
    front = np.stack([c * np.cos(phi), a * np.sin(phi)], axis=1)
    right = np.linalg.norm(end - front, axis=1)
    _, left = carry(a, c, phi, np.zeros((len(phi), 1)), end)
    height = far * max(a, c)
    n = counts.round  # sectors at whose ends the corners of the section lie
    corners = (n // 4, n // 2) if thickness is None else (3 * n // 8, 5 * n // 8)
    plane = section(counts, a, left, right, height, corners)
    s, m, r, _ = plane.shape
    flat, _ = carry(a, c, phi, plane[..., 0].reshape(s, -1), end)
    flat = flat.reshape(s, m, r, 2)
    flat[:, :, 1] = 0.75 * flat[:, :, 0] + 0.25 * flat[:, :, 2]  # at a quarter on the straight side, as the wedge needs
    x = np.stack([flat[..., 0], plane[..., 1], flat[..., 1]], axis=-1)
    outer = x[:, :, 2 * counts.tube :]  # straight cells outside the tube
    outer[1::2, :, 1:] = 0.5 * (outer[:-1:2, :, 1:] + outer[2::2, :, 1:])
    outer[:, 1::2, 1:] = 0.5 * (outer[:, :-1:2, 1:] + outer[:, 2::2, 1:])
    outer[:, :, 1::2] = 0.5 * (outer[:, :, :-1:2] + outer[:, :, 2::2])
    x[0, ..., 2], x[-1, ..., 0], x[:, 0, :, 1], x[:, -1, :, 1] = 0.0, 0.0, 0.0, 0.0
    return _numbered(x, phi, collapsed=abs(c - a) < 1e-9 * a, a=a, c=c, j2=2 * corners[1])


def _numbered(x: np.ndarray, phi: np.ndarray, *, collapsed: bool, a: float, c: float, j2: int) -> Model:
    s, m, r, _ = x.shape
    ids = np.arange(s * m * r).reshape(s, m, r)
    ids[:, :, 0] = ids[:, :1, 0]
    if collapsed:
        ids[:, j2:, -1] = ids[:1, j2:, -1]
        x[:, j2:, -1, 0] = x[:, j2:, -1, 2] = 0.0
    i, j, k = (np.arange(0, n - 2, 2) for n in (s, m, r))
    i, j, k = (g.ravel() for g in np.meshgrid(i, j, k, indexing="ij"))
    axis = collapsed & (k == r - 3) & (j >= j2)
    tip = k == 0
    whole = ~axis & ~tip
    corner = [(0, 0, 0), (0, 0, 2), (0, 2, 2), (0, 2, 0), (2, 0, 0), (2, 0, 2), (2, 2, 2), (2, 2, 0)]
    edge = [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (7, 4), (0, 4), (1, 5), (2, 6), (3, 7)]
    at = lambda pick, steps: np.stack([ids[i[pick] + d, j[pick] + e, k[pick] + f] for d, e, f in steps], axis=1)  # noqa: E731
    hexes = at(whole, _with_middles(corner, edge))
    tri = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3), (1, 4), (2, 5)]
    wedges = at(tip, _with_middles([(0, 1, 0), (0, 0, 2), (0, 2, 2), (2, 1, 0), (2, 0, 2), (2, 2, 2)], tri, tip=True))
    cells = [("hex20", hexes), ("wedge15", wedges)]
    if axis.any():
        about = [(0, 0, 2), (0, 0, 0), (2, 0, 0), (0, 2, 2), (0, 2, 0), (2, 2, 0)]
        cells.append(("wedge15", at(axis, _with_middles(about, tri))))
    used = np.unique(np.concatenate([n.ravel() for _, n in cells]))
    new = np.full(ids.size, -1)
    new[used] = np.arange(len(used))
    points = x.reshape(-1, 3)[used]
    blocks = tuple(CellBlock(kind, _upright(points, kind, new[n])) for kind, n in cells)
    ids = new[ids]
    boundary = boundary_faces(blocks)
    behind = np.zeros(len(points), dtype=bool)
    behind[ids[:, -1][ids[:, -1] >= 0]] = True
    crack = [CellBlock(b.kind, b.nodes[behind[b.nodes].all(axis=1)]) for b in boundary]
    held = [(int(n), 1) for n in np.unique(ids[:, 0][ids[:, 0] >= 0])]
    held += [(int(n), 0) for n in np.flatnonzero(np.abs(points[:, 0]) < 1e-12)]
    held += [(int(np.argmax(points[:, 1] + 1e-3 * points[:, 2])), 2)]
    direction = np.stack([a * np.cos(phi), 0 * phi, c * np.sin(phi)], axis=1)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    return Model(points, blocks, crack, held, ids[:, 0, 0], ids[:, -1, :3], ids, direction, phi)


def _with_middles(corner, edges, tip=False):
    middles = []
    for p, q in edges:
        first, second = corner[p], corner[q]
        middle = tuple((u + v) // 2 for u, v in zip(first, second))
        if tip and 0 in (first[2], second[2]) and first[2] != second[2]:  # at a quarter, on the outer corner's ray
            outer = first if first[2] else second
            middle = (middle[0], outer[1], 1)
        elif tip and first[2] == second[2] == 0:
            middle = (1, 0, 0)
        middles.append(middle)
    return [*corner, *middles]


def _upright(points, kind, nodes):
    """Cells with positive volume: turned over where the sweep made them left-handed."""
    flip = {
        "hex20": [0, 3, 2, 1, 4, 7, 6, 5, 11, 10, 9, 8, 15, 14, 13, 12, 16, 19, 18, 17],
        "wedge15": [0, 2, 1, 3, 5, 4, 8, 7, 6, 11, 10, 9, 12, 14, 13],
    }[kind]
    block = CellBlock(kind, nodes)
    centre = np.array([[0.0, 0.0, 0.0]]) if kind == "hex20" else np.array([[1 / 3, 1 / 3, 0.0]])
    jac = np.einsum("cni,nj->cij", points[nodes], block.element.dshape(centre)[0])
    bad = np.linalg.det(jac) < 0
    nodes = nodes.copy()
    nodes[bad] = nodes[bad][:, flip]
    return nodes


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


def frozen(rows: list[dict]) -> dict:
    """What the verification set keeps of the plate: mean of energy and opening on the finest mesh, and its spread."""
    cases = []
    for row in rows:
        if row is not max((r for r in rows if (r["case"], r["load"]) == (row["case"], row["load"])),
                          key=lambda r: r["unknowns"]):  # fmt: skip
            continue
        coarser = sorted((r for r in rows if (r["case"], r["load"]) == (row["case"], row["load"])),
                         key=lambda r: r["unknowns"])[-2]  # fmt: skip
        energy, opening = row["F"]["energy"], row["F"]["opening"]
        step = 0.5 * np.abs(energy + opening - coarser["F"]["energy"] - coarser["F"]["opening"])
        cases.append({
            "case": row["case"], "load": row["load"], "phi_deg": list(PLATE_ANGLES),
            "F": (0.5 * (energy + opening)).round(4).tolist(),
            "spread": np.maximum(0.5 * np.abs(energy - opening), step).round(4).tolist(),
            "newman_raju_1981": np.round(row["newman_raju"], 4).tolist(), "unknowns": row["unknowns"],
        })  # fmt: skip
    return {
        "title": "semi-elliptical surface crack in a plate, conforming finite elements",
        "body": "depth a, half length c, thickness t; half width and half height 6 c, free; nu = 0.3; phi = 90 deepest",
        "load": "crack faces: 1 (tension), 1 - 2 z/t (bending, z the depth); K = S sqrt(pi a/Q) F, "
        "Q = 1 + 1.464 (a/c)^1.65",
        "provenance": "python benchmarks/conforming.py --case plate --solver own --shapes ... --write ...; bricks "
        "swept along the front, quarter-point wedges at it; F is the mean of energy release and opening on the finest mesh, "
        "spread half their difference or the change from the next coarser mesh",
        "cases": cases,
    }


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
        rows = [row for a_c, a_t in shapes for row in plate(arguments.solver, ratio=a_c, share=a_t)]
        if arguments.write:
            new = frozen(rows)
            fresh = {(c["case"], c["load"]) for c in new["cases"]}
            before = json.loads(arguments.write.read_text())["cases"] if arguments.write.exists() else []
            new["cases"] = [c for c in before if (c["case"], c["load"]) not in fresh] + new["cases"]
            arguments.write.write_text(json.dumps(new, indent=1) + "\n")
    if arguments.json:
        print(json.dumps({"solver": arguments.solver, "rows": rows}, default=list))
    else:
        show(rows, "reference" if arguments.case == "half-space" else "NR 1981")


if __name__ == "__main__":
    main()
