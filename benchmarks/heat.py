"""What a heat history costs: 200 implicit steps of a pane that is heated and radiates on one face.

    python benchmarks/heat.py [--cells N] [--steps 200] [--properties constant|tables] [--adaptive KELVIN]

A round-cornered pane is not needed to measure the solver: the body is a 300 x 300 x 10 mm plate of quadratic
tetrahedra, heated by a half-sine of 120 kW/m2 over 600 s, radiating to 250 K with emissivity 0.8; constant properties
k 1.5 W/m/K, rho 2200 kg/m3, c 1000 J/kg/K, or the tables of fused silica.  A step of TR-BDF2 has two implicit stages.
`error` is the largest error of any node at the end against a run with a quarter of the step.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from deadlight import kernels
from deadlight.heat.boundary import Flux, Radiation
from deadlight.heat.solve import solve_heat
from deadlight.series import Series
from support_heat import SILICA, box, stuff

DURATION = 600.0


def plate(cells: int, layers: int = 4):
    side = 0.3 * np.linspace(0.0, 1.0, cells + 1)
    return box(side, side, 0.01 * np.linspace(0.0, 1.0, layers + 1), kind="tet10")


def run(mesh, material, *, steps=None, tolerance=0.1):
    t = np.linspace(0.0, DURATION, 601)
    heating = Series(t, 120e3 * np.sin(np.pi * t / DURATION))
    return solve_heat(
        mesh,
        {"body": material},
        boundaries=[
            Flux(face="body.z1", flux=heating),
            Radiation(face="body.z1", emissivity=0.8, sky_temperature=250.0),
        ],
        initial=300.0,
        time_span=(0.0, DURATION),
        fixed_step=None if steps is None else DURATION / steps,
        tolerance=tolerance,
        output_times=[DURATION],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=53, help="cells along the side (53: 102k nodes)")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--properties", choices=("constant", "tables"), default="constant")
    parser.add_argument(
        "--tolerance", type=float, default=0.1, help="K, of the step (adaptive) and of the solution of a stage"
    )
    parser.add_argument("--adaptive", action="store_true", help="steps by the tolerance instead of --steps")
    parser.add_argument(
        "--error", action="store_true", help="also run with a quarter of the step (or a hundredth of the tolerance)"
    )
    parser.add_argument("--peer", default="", metavar="PYTHON", help="an interpreter with dolfinx: the same there")
    given = parser.parse_args()
    begun = time.process_time()
    mesh = plate(given.cells)
    print(f"{mesh}, made in {time.process_time() - begun:.2f} s; {kernels.describe()}")
    material = SILICA if given.properties == "tables" else stuff(1.5, 2200.0, 1000.0)
    history = run(mesh, material, steps=None if given.adaptive else given.steps, tolerance=given.tolerance)
    info = history.info
    print(
        f"{info['steps']:.0f} steps ({info['rejected']:.0f} rejected), {info['newton']:.0f} Newton, "
        f"{info['linear_iterations']:.0f} linear iterations, {info['jacobians']:.0f} Jacobians, "
        f"{info['factorisations']:.0f} factorisations"
    )
    print(f"CPU {info['cpu_seconds']:.2f} s, wall {info['seconds']:.2f} s; balance {history.balance.defect.max():.1e}")
    print(f"end: {history.temperature[-1].min():.3f} K to {history.temperature[-1].max():.3f} K")
    if given.error:
        fine = run(
            mesh,
            material,
            steps=None if given.adaptive else 4 * given.steps,
            tolerance=given.tolerance / (100 if given.adaptive else 1),
        )
        print(f"error {np.abs(history.temperature[-1] - fine.temperature[-1]).max():.2g} K")
    if given.peer:
        peer(given.peer, given.cells, given.steps, history)


def peer(python: str, cells: int, steps: int, ours) -> None:
    """dolfinx + MUMPS on the same plate: backward Euler, one factor; iterated to the tolerance, or one solve a step."""
    script = str(Path(__file__).with_name("peer_dolfinx.py"))
    for most, words in ((40, "iterated to 0.1 K"), (1, "one solve a step")):
        size = [str(n) for n in (cells, cells, 4, steps, most)]
        try:
            done = subprocess.run([python, script, "heat", *size], capture_output=True, text=True, check=False)
        except OSError as error:
            print(f"peer skipped: {python}: {error.strerror}")
            return
        if done.returncode:
            print(f"peer skipped: {python} cannot run dolfinx (Debian: apt-get install python3-dolfinx-real)")
            return
        found = json.loads(done.stdout.splitlines()[-1])
        print(
            f"{found['peer']}, {words}: {found['steps']} steps, {found['solves']} solves, CPU {found['cpu_s']:.2f} s, "
            f"wall {found['wall_s']:.2f} s; end {found['T_min_K']:.3f} K to {found['T_max_K']:.3f} K; "
            f"{found['cpu_s'] / ours.info['cpu_seconds']:.2f} x our CPU"
        )


if __name__ == "__main__":
    main()
