"""Random drawings: each is either refused with a remedy or makes a sound mesh."""

import math

import numpy as np
import pytest

from deadlight.errors import MeshError
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.outline import Outline
from deadlight.mesh.section import MeshControl
from deadlight.mesh.window import make_window
from deadlight.mesh.window_drawing import EDGES, PaneDrawing, Retainer, WindowDrawing


def _random_pane(rng):
    size = 10 ** rng.uniform(-1.3, 0)
    radius = size * rng.uniform(0.03, 0.55)
    outline = (
        lambda: Outline.round(size / 2),
        lambda: Outline.rounded_rectangle(size, size * rng.uniform(0.4, 1), radius),
        lambda: Outline.trapezoid(size, size * rng.uniform(0.3, 1), size * rng.uniform(0.4, 1), radius),
    )[rng.integers(3)]()
    t, lip = size * rng.uniform(0.02, 0.2), size * rng.uniform(0.01, 0.15)
    edge = EDGES[rng.integers(3)]
    return PaneDrawing(
        name="pane",
        outline=outline,
        thickness=t,
        edge=edge,
        bevel=rng.choice([0.0, t * rng.uniform(0.01, 0.3)]),
        lip_width=lip if edge == "retainer_lip" else 0.0,
        gasket_width=lip * rng.uniform(0.2, 1) if edge == "retainer_lip" and rng.random() < 0.5 else None,
        seat_width=lip * rng.uniform(0.5, 2),
        clearance=t * rng.uniform(0.01, 0.2),
        bevel_angle=math.radians(rng.uniform(5, 60)),
        land=t * rng.uniform(0.1, 0.8),
        step_width=lip,
        step_depth=t * rng.uniform(0.1, 0.8),
        retainer=Retainer(
            lip_thickness=t / 4, wall=t / 3, seat_thickness=t / 4, gasket_thickness=t * rng.uniform(0.02, 0.2)
        ),
    )


@pytest.mark.parametrize("seed", range(8))
def test_random_drawings_are_refused_or_sound(seed):
    rng = np.random.default_rng(seed)
    element = ELEMENTS["hex20"]
    d = element.dshape(element.nodes)
    made = 0
    for _ in range(30):
        try:
            drawn = _random_pane(rng)
        except MeshError as error:
            assert error.place and error.remedy
            continue
        control = MeshControl(
            layers=int(rng.integers(2, 8)), around=int(rng.integers(8, 40)), rings=int(rng.integers(1, 6))
        )
        mesh = make_window(WindowDrawing(panes=(drawn,)), controls={"pane": control}, refine=rng.uniform(0.6, 1.4))
        made += 1
        for block in mesh.blocks:
            determinant = np.linalg.det(np.einsum("cni,qnj->cqij", mesh.points[block.nodes], d))
            assert (determinant.min(axis=1) / determinant.max(axis=1)).min() > 0.1, drawn
        assert sum(len(b.nodes) for b in mesh.boundary) == sum(len(b.nodes) for bs in mesh.faces.values() for b in bs)
    assert made >= 5
