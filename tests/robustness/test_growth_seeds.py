"""Random cracks that grow by the crack operator in a small pane: no crash, area never shrinks, documented ends.

Ten seeds of `benchmarks/growth_seeds.py` in small: a block of 30 x 24 x 6 mm whose outer skin is pressed while its
inner one is pulled, as a window's in flight; loads rise and fall.  Four geometries each, coarse meshes.
Half of them take a minute each and are marked slow.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.growth.crack_shape import CrackedPane, CrackShape
from deadlight.growth.follow import follow
from deadlight.growth.humidity import Humidity
from deadlight.growth.law import NoGrowth
from deadlight.growth.plan import Step
from deadlight.growth.record import End, GrowthRecord
from deadlight.surface.body import Body, block
from deadlight.surface.sheet import Sheet

Array = np.ndarray[Any, np.dtype[np.float64]]
THICK, WIDE, DEEP = 6e-3, 30e-3, 24e-3
UP = np.array([0.0, 0.0, 1.0])
K_IC = 0.75e6
TIME = np.array([0.0, 100.0, 200.0, 300.0])


class Bending:
    """In-plane stress, 1 at the inner face and -0.4 at the outer, times a course in time [Pa]."""

    time = TIME

    def __init__(self, peak: float) -> None:
        self.amplitudes = peak * np.array([0.1, 1.0, 0.8, 0.0])[:, None]

    def sample_modes(self, points: Array) -> Array:
        out = np.zeros((1, len(points), 6))
        out[0, :, :2] = (1.0 - 1.4 * points[:, 2] / THICK)[:, None]
        return out


@functools.cache
def pane_body() -> Body:
    return block(WIDE, DEEP, THICK)


def crack(rng: np.random.Generator, kind: str) -> Sheet:
    """A crack of a kind at a random place of the inner half of the block."""
    angle = rng.uniform(0.0, np.pi)
    along = np.array([np.cos(angle), np.sin(angle), 0.0])
    across = np.cross(UP, along) + rng.uniform(-0.3, 0.3) * UP * (kind != "through")
    middle = np.array([*(rng.uniform(-0.25, 0.25, 2) * [WIDE, DEEP]), 0.0])
    a, c = rng.uniform(0.8e-3, 2e-3), rng.uniform(1e-3, 3e-3)
    if kind == "surface":
        return Sheet.ellipse(middle, across, along, c, a, "C")
    if kind == "embedded":
        return Sheet.ellipse(middle + 0.35 * THICK * UP, across, along, 1.2e-3, 0.9e-3, "C")
    if kind == "corner":
        edge = np.array([0.5 * WIDE, middle[1], 0.0])
        return Sheet.ellipse(edge, np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0]), c, a, "C")
    if kind == "through":
        return Sheet.line(np.stack([middle - c * along, middle + c * along]), UP, (-THICK, 2 * THICK))
    ends = np.array([[0.5 * WIDE - 2 * c, middle[1], 0.0], [0.5 * WIDE + 1e-3, middle[1], 0.0]])
    return Sheet.line(ends, UP, (-THICK, 2 * THICK))


def grown(seed: int) -> GrowthRecord:
    rng = np.random.default_rng(seed)
    sheet = crack(rng, ("surface", "corner", "embedded", "through", "edge")[seed % 5])
    m = len(TIME)
    pane = CrackedPane(
        pane_body(), Bending(rng.uniform(15e6, 45e6)), lambda x: np.full((m, len(x)), 300.0),
        lambda T: np.full(np.shape(T), K_IC), 70e9, 0.22,
        refine=0.4, skin_growth=1.3, most_nodes=1000, estimate_every=0,
    )  # fmt: skip
    shape = CrackShape(pane, (sheet,), number=1, error=0.02)
    return follow(shape, NoGrowth(), Humidity(), step=Step(run=0.5), limit=4)


@functools.cache
def record(seed: int) -> GrowthRecord:
    return grown(seed)


QUICK, LONG = (0, 1, 2, 6, 7), (3, 4, 5, 8, 9)


@pytest.mark.parametrize("seed", [*QUICK, *(pytest.param(s, marks=pytest.mark.slow) for s in LONG)])
def test_random_crack_grows_to_a_documented_end(seed: int) -> None:
    try:
        found = record(seed)
    except InputError as refused:  # a random crack that does not fit the block
        pytest.fail(str(refused))
    assert isinstance(found.end, End) and found.sentence
    assert (np.diff(found.trace_area) >= 0.0).all()
    areas = [step.area for step in found.steps]
    assert areas == sorted(areas)
    assert all(np.isfinite(step.reading.k).all() for step in found.steps)


def test_many_of_them_grow() -> None:
    """Else the test above would hold of cracks that stand still."""
    grew = sum(record(s).trace_area[-1] > 1.5 * record(s).trace_area[0] for s in QUICK)
    changes = {e.what for s in QUICK for e in record(s).events}
    assert grew >= 3
    assert {"K reaches K_Ic", "runs"} <= changes
