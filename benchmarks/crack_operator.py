"""What a crack costs: the crack operator on cracks from 0.2 mm to 200 mm in one 300 mm pane, with and without contact.

    python benchmarks/crack_operator.py [--case NAME] [--repeat 3] [--peer]

Wall and CPU seconds of the best of some repeats, without the error estimate, and peak memory (each case runs in a
process of its own). --peer adds the same kind of crack on a mesh made to fit it, solved by CalculiX (needs `ccx` on the
path).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from deadlight import kernels
from deadlight.operator.field import SteadyStress
from deadlight.operator.history import follow
from deadlight.operator.system import CrackOperator
from deadlight.surface.body import disc
from deadlight.surface.join import surface_mesh
from deadlight.surface.sheet import Sheet
from deadlight.surface.skin_mesh import background

RADIUS, THICKNESS, NU, YOUNG = 0.15, 0.015, 0.22, 70e9
INSTANTS = 200


def through(half: float) -> Sheet:
    return Sheet.line(np.array([[-half, 0.0, 0.0], [half, 0.0, 0.0]]), [0, 0, 1], (-1.0, 1.0))


def surface(a: float, c: float) -> Sheet:
    return Sheet.ellipse([0.0, 0.0, THICKNESS], [0, 1, 0], [1, 0, 0], c, a)


CASES = {
    "surface 0.2 mm": lambda: surface(0.2e-3, 0.2e-3),
    "surface 2 x 10 mm": lambda: surface(2e-3, 5e-3),
    "through 12 mm": lambda: through(6e-3),
    "through 45 mm (3 t)": lambda: through(22.5e-3),
    "through 200 mm": lambda: through(100e-3),
    "rim 20 mm": lambda: Sheet.line(np.array([[RADIUS - 0.02, 0, 0], [RADIUS + 0.02, 0, 0]]), [0, 0, 1], (-1.0, 1.0)),
}


class Swing(SteadyStress):
    """Two modes, stretching and bending, so that part of the crack closes in part of the history."""

    def sample_modes(self, points):
        z = 2 * points[:, 2] / THICKNESS - 1
        stress = np.zeros((2, len(points), 6))
        stress[0, :, 1], stress[1, :, 1] = 1e6, 1e6 * z
        return stress


def history(instants: int) -> Swing:
    t = np.linspace(0.0, 1.0, instants)
    return Swing(lambda x: x, t, np.column_stack([np.cos(3 * t), 1.5 * np.sin(5 * t)]))


def one(name: str, repeat: int) -> dict:
    """Best of some repeats, in this process."""
    body = disc(RADIUS, THICKNESS)
    back = background(body)
    best: dict = {}
    for _ in range(repeat):
        wall, cpu = time.perf_counter(), time.process_time()
        meshed = surface_mesh(body, [CASES[name]()], back=back)
        operator = CrackOperator.build(meshed.mesh, young=YOUNG, nu=NU)
        follow(operator, history(2), contact=False)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        again, start = time.perf_counter(), time.process_time()
        found = follow(operator, history(INSTANTS))
        extra = {"contact_wall_s": time.perf_counter() - again, "contact_cpu_s": time.process_time() - start}
        if not best or wall < best["wall_s"]:
            best = {"wall_s": wall, "cpu_s": cpu, **extra, "closed_most": float(found.closed.max())}
            best |= {"elements": len(meshed.mesh.cells), "unknowns": operator.n_unknowns, **operator.seconds}
    best["peak_MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=list(CASES))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--json", action="store_true", help="one case, its figures as JSON")
    args = parser.parse_args()
    if args.json:
        print(json.dumps(one(args.case, args.repeat)))
        return
    print(f"kernels: {kernels.describe()}; disc {2e3 * RADIUS:g} x {1e3 * THICKNESS:g} mm, best of {args.repeat}")
    columns = f"{'crack':22}{'elements':>9}{'unknowns':>9}{'wall s':>8}{'cpu s':>8}{'MB':>7}"
    print(f"{columns}   {INSTANTS} instants with contact: wall, cpu s, closed at most")
    for name in [args.case] if args.case else CASES:
        command = [sys.executable, __file__, "--json", "--case", name, "--repeat", str(args.repeat)]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            print(f"{name:22} failed: {run.stderr.strip().splitlines()[-1]}")
            continue
        r = json.loads(run.stdout)
        print(
            f"{name:22}{r['elements']:9d}{r['unknowns']:9d}{r['wall_s']:8.2f}{r['cpu_s']:8.2f}{r['peak_MB']:7.0f}   "
            f"{r['contact_wall_s']:.2f} {r['contact_cpu_s']:.2f} {100 * r['closed_most']:.0f} %",
            flush=True,
        )
    if args.peer:
        subprocess.run([sys.executable, str(Path(__file__).parent / "conforming.py")], check=False)


if __name__ == "__main__":
    main()
