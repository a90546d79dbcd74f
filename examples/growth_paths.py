"""Three cracks that leave their plane or their kind, by the full tier: pictures, and the energy balance of every step.

    python examples/growth_paths.py [kinked twisting rim] [--out DIR]

kinked    a penny 45 degrees off the tension in an endless solid: turns square to it
twisting  half an ellipse on a face, turned 30 degrees about the face's normal: K_II at its ends, K_III at its depth
rim       half a penny on a face near the side of a plate: through the plate, to the side, and in two

Loads stand still; the cracks run.  The balance holds the integral of G over the new area against the change of
potential energy (`docs/growth.md`).  About two minutes of processor time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.growth.crack_shape import CrackedPane, CrackShape
from deadlight.growth.follow import follow
from deadlight.growth.humidity import Humidity
from deadlight.growth.law import NoGrowth
from deadlight.growth.plan import Step
from deadlight.growth.record import GrowthRecord
from deadlight.surface.body import Body, block
from deadlight.surface.sheet import Sheet
from deadlight.view import crack_paths, style
from deadlight.view.growth_plots import FrontLine

Array = np.ndarray[Any, np.dtype[np.float64]]
X, Y, Z = np.eye(3)
K_IC, YOUNG, NU = 0.75e6, 70e9, 0.22


class Uniform:
    """The same stress everywhere at two instants."""

    def __init__(self, voigt: list[float]) -> None:
        self.voigt, self.time, self.amplitudes = np.array(voigt), np.array([0.0, 1.0]), np.ones((2, 1))

    def sample_modes(self, points: Array) -> Array:
        return np.tile(self.voigt, (1, len(points), 1))


@dataclass(frozen=True)
class Case:
    """A body, its stress, a crack, and from where to look at it."""

    body: Body | None
    stress: list[float]
    sheet: Sheet
    geometries: int
    box: Array | None = None
    view: tuple[float, float] = (25.0, -60.0)

    def record(self) -> GrowthRecord:
        stress = Uniform(self.stress)
        pane = CrackedPane(
            self.body, stress, lambda x: np.full((2, len(x)), 300.0), lambda T: np.full(np.shape(T), K_IC), YOUNG, NU,
            refine=1.0,
        )  # fmt: skip
        shape, step = CrackShape(pane, (self.sheet,)), Step(rise=0.2)
        return follow(shape, NoGrowth(), Humidity(), step=step, limit=self.geometries)


def kinked() -> Case:
    return Case(None, [0, 0, 30e6, 0, 0, 0], Sheet.ellipse(0 * X, (Z + X) / np.sqrt(2.0), Y, 2e-3, 2e-3, "C1"), 7)


def twisting() -> Case:
    turned = np.radians(30.0)
    normal, along = np.cos(turned) * X + np.sin(turned) * Y, -np.sin(turned) * X + np.cos(turned) * Y
    sheet = Sheet.ellipse(10e-3 * Z, normal, along, 3e-3, 2e-3, "C1")
    box = np.array([[-2e-3, -4.5e-3, 6e-3], [2e-3, 4.5e-3, 10e-3]])  # its surroundings in the block
    return Case(block(30e-3, 30e-3, 10e-3), [25e6, 0, 0, 0, 0, 0], sheet, 4, box, (35.0, -25.0))


def rim() -> Case:
    sheet = Sheet.ellipse(np.array([0.0, 7e-3, 6e-3]), X, Y, 2.5e-3, 2.5e-3, "C1")
    box = np.array([[-12e-3, -12e-3, 0.0], [12e-3, 12e-3, 6e-3]])
    return Case(block(24e-3, 24e-3, 6e-3), [16e6, 0, 0, 0, 0, 0], sheet, 36, box, (20.0, -35.0))


CASES: dict[str, Callable[[], Case]] = {"kinked": kinked, "twisting": twisting, "rim": rim}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("which", nargs="*", default=list(CASES), help="kinked, twisting, rim")
    parser.add_argument("--out", type=Path, help="folder for the pictures")
    options = parser.parse_args()
    for name in options.which:
        begun, case = time.process_time(), CASES[name]()
        record = case.record()
        print(f"{name}: {record.sentence}; {time.process_time() - begun:.0f} s of processor time")
        print("  geometry | area mm^2 | fronts | largest tilt, twist | K/K_Ic | error of K | energy of the step")
        for step in record.steps:
            r = step.reading
            energy = "" if step.energy is None else f"{100 * step.energy:+.2f} %"
            print(
                f"  {step.number} | {1e6 * step.area:.2f} | {len(step.fronts)} | "
                f"{np.degrees(np.abs(r.tilt[0]).max()):.1f}, {np.degrees(np.abs(r.twist[0]).max()):.1f} deg | "
                f"{float(r.worst.max()):.2f} | {100 * r.relative_error:.2g} % | {energy}"
            )
        for event in record.events:
            x, y, z = (f"{1e3 * c:.2f}" for c in event.place)
            print(f"    {event.what} at ({x}, {y}, {z}) mm {event.detail}")
        for remark in record.remarks:
            print(f"    {'ALARM ' if remark.alarm else ''}{remark}")
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
            (options.out / f"growth_{name}.png").write_bytes(picture(name, case, record))


def picture(name: str, case: Case, record: GrowthRecord) -> bytes:
    """The fronts on the last surface."""
    lines = [FrontLine(x, step.area, step.indicative) for step in record.steps for x in step.fronts]
    lines = [FrontLine(np.concatenate([x.points, x.points[:1]]), x.area, x.indicative)
             if record.steps[0].reading.closed[0] and case.body is None else x for x in lines]  # fmt: skip
    mesh = record.steps[-1].shape.meshed.mesh
    cells = mesh.cells[mesh.on_crack]
    square = cells[:, 8] >= 0
    triangles = np.concatenate([cells[~square][:, :3], cells[square][:, [0, 1, 2]], cells[square][:, [0, 2, 3]]])
    made = crack_paths.in_space(lines, mesh.points, triangles, box=case.box, title=f"{name} crack", view=case.view)
    return style.png(made)


if __name__ == "__main__":
    main()
