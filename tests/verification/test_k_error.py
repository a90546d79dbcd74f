"""The numerical error that K states for itself, against K of exact stress, of a longer history and of a finer mesh."""

import dataclasses
import functools
import math

import numpy as np
import pytest

from deadlight.case.load import load_case
from deadlight.chain.k_error import mesh_error, rank_of_error, straight, stress_error
from deadlight.chain.load_error import root_sum_square
from deadlight.chain.pane_outline import pane_shape
from deadlight.chain.run import run_case
from deadlight.crack.as_found import k_as_found
from deadlight.crack.line import crack_line
from deadlight.crack.seed import Corner, Place, Surface, Through
from deadlight.mesh.mesh import CellBlock, Mesh
from deadlight.mesh.write import write_mesh
from deadlight.stress.history import StressError, StressHistory
from support_cases import pane, write_case

AT = Place(azimuth=0.5, inside_lip=5e-3)
SEEDS = {
    "through": Through(two_c=12e-3, place=AT),
    "surface": Surface(a=2e-3, c=4e-3, place=AT),
    "corner": Corner(a=2e-3, c=3e-3, place=AT),
}
NU, TIME = 0.17, np.linspace(0.0, 1.0, 41)
WIDTHS = np.geomspace(6e-3, 30e-3, 9)  # tension bands inside the rim, one after the other in time


def band(points):
    """Hoop stress (bands, p) [Pa] that falls off from the rim, stronger at the outer face."""
    depth = 0.115 - np.hypot(points[:, 0], points[:, 1])
    return 1e7 * np.exp(-((depth / WIDTHS[:, None]) ** 2)) * (1.0 + 30.0 * points[:, 2]) - 1e6


def amplitudes():
    """Shares (m, bands) of the bands in time."""
    middle = np.linspace(0.0, 1.0, len(WIDTHS))
    return np.exp(-(((TIME[:, None] - middle) / 0.3) ** 2)) * (0.3 + 0.7 * np.sin(math.pi * TIME))[:, None]


def hoop(points, value):
    """Stress tensor (..., p, 6) of a hoop stress (..., p)."""
    radius = np.maximum(np.hypot(points[:, 0], points[:, 1]), 1e-9)
    x, y = points[:, 0] / radius, points[:, 1] / radius
    zero = np.zeros_like(value)
    return np.stack([value * y * y, value * x * x, zero, zero, zero, -value * x * y], axis=-1)


def history(mesh, total=0.5, tolerance=0.005):
    error = StressError(total, 0.0, tolerance, 2000.0, (0,), (0,), 0.0, 0.0)
    modes = hoop(mesh.points, band(mesh.points))
    return StressHistory(TIME, modes, amplitudes(), mesh, error, (), np.zeros(len(TIME)))


@functools.cache
def mesh_of(refine):
    return pane(refine).submesh("thermal")[0]


def laid(kind, mesh):
    line = crack_line(SEEDS[kind], pane_shape(mesh, "thermal", azimuth=0.5)[0])
    return {"line": line, "points": line.points(), "nu": NU}


def k_of(kind, given, stress):
    return k_as_found(SEEDS[kind], line=given["line"], stress=given["line"].acting_stress(stress), nu=NU)


def test_straight_keeps_linear_fields_and_no_others():
    mesh = mesh_of(0.2)
    x, _, z = mesh.points.T
    assert np.allclose(straight(mesh) @ (1.0 + 2.0 * z), 1.0 + 2.0 * z, atol=1e-12)
    assert np.abs(straight(mesh) @ (x * x) - x * x).max() > 1e-5


@pytest.mark.parametrize("kind", SEEDS)
def test_mesh_part_is_never_below_the_interpolation_error_and_falls_with_the_mesh(kind):
    """Nodal stress exact: what is left is interpolation, which the estimate must cover at every size."""
    told = []
    for refine in (0.25, 0.5, 0.9):
        mesh = mesh_of(refine)
        given, h = laid(kind, mesh), history(mesh)
        k = k_of(kind, given, h.sample(given["points"]))
        sure = k_of(kind, given, hoop(given["points"], np.tensordot(amplitudes(), band(given["points"]), axes=1)))
        true = np.sqrt(np.nanmean((k - sure)[np.nanmax(sure, axis=1) > 0.5 * np.nanmax(sure)] ** 2)) / np.nanmax(sure)
        told.append(mesh_error(SEEDS[kind], history=h, k=k, **given))
        assert told[-1] > true
    assert told[2] < told[0] / 8.0


def test_mesh_part_is_unknown_without_quadratic_cells():
    mesh = mesh_of(0.2)
    given = laid("through", mesh)
    block = mesh.blocks[0]
    flat = dataclasses.replace(
        history(mesh), mesh=Mesh(mesh.points, (CellBlock("hex8", block.nodes[:, :8], "thermal"),), {})
    )
    assert math.isinf(mesh_error(SEEDS["through"], history=flat, k=np.ones((41, 2)), **given))
    assert mesh_error(SEEDS["through"], history=flat, k=np.zeros((41, 2)), **given) == 0.0


@pytest.mark.parametrize("kind", SEEDS)
@pytest.mark.parametrize("kept", [4, 5])
def test_stress_part_is_of_the_order_of_what_the_history_leaves_out(kind, kept):
    """A history short of some modes, which states its largest error, against the one that has them all."""
    mesh = mesh_of(0.4)
    full = history(mesh)
    u, s, v = np.linalg.svd(full.amplitudes @ full.modes.reshape(9, -1), full_matrices=False)
    modes = (s[:, None] * v).reshape(-1, mesh.n_nodes, 6)
    exact = np.tensordot(u[:, :9], modes[:9], axes=1)
    left = np.abs(exact - np.tensordot(u[:, :kept], modes[:kept], axes=1)).max(axis=2)
    allowed = np.maximum(0.005 * np.abs(exact).max(axis=(0, 2)), 2000.0)
    error = dataclasses.replace(full.error, held_out=float((left / allowed).max()))
    short = dataclasses.replace(full, modes=modes[:kept], amplitudes=u[:, :kept], error=error)
    given = laid(kind, mesh)
    k = k_of(kind, given, short.sample(given["points"]))
    sure = k_of(kind, given, full.sample(given["points"]))
    true = np.sqrt(np.nanmean((k - sure) ** 2)) / np.nanmax(sure)
    told = stress_error(SEEDS[kind], history=short, k=k, **given)
    assert 0.5 * true < told < 5.0 * true


def test_more_error_leaves_out_more_modes():
    h = history(mesh_of(0.2))
    assert rank_of_error(h, 1e-9)[0] == 8 and rank_of_error(h, 1e9)[0] == 0
    assert stress_error(SEEDS["through"], history=h, k=np.zeros((41, 2)), **laid("through", h.mesh)) == 0.0


def test_root_sum_square():
    assert root_sum_square({"a": 3.0, "b": 4.0}) == 5.0
    assert math.isnan(root_sum_square({"a": 3.0, "b": math.nan}))


def test_k_of_a_whole_run_lies_within_its_error_of_a_finer_mesh(tmp_path):
    """Heat, stress and crack on three meshes: the error told is that to the finest, or up to ten times as much."""
    table = "t [s],h [m],V [m/s],q [W/m**2]\n0,80000,7500,0\n10,60000,6000,60000\n30,20000,900,20000\n60,8000,200,0\n"
    found = {}
    for refine in (0.2, 0.35, 0.5):
        folder = tmp_path / str(refine)
        folder.mkdir()
        write_mesh(pane(refine), folder / "pane.vtu", unit="mm")
        path = write_case(folder, ("stress_instants = 4", "stress_instants = 60"))
        (folder / "table.csv").write_text(table + "120,0,10,0\n")
        a = run_case(load_case(path), root=folder).cracks[0]
        assert set(a.errors) == {"discretisation", "stress", "mesh"} and a.numerical_error > 0.0
        found[refine] = a
    time, best = found[0.5].result.time, found[0.5].result.seed_k
    for refine in (0.2, 0.35):
        r = found[refine].result
        same = np.stack([np.interp(time, r.time, k) for k in r.seed_k.T], axis=1)
        true = float(np.sqrt(np.mean((same - best) ** 2)) / best.max())
        assert true < found[refine].numerical_error < 10.0 * true
