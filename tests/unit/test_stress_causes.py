"""Causes of a pane's stress: they add up, each is what it would be alone, and heat and rim are told apart."""

import dataclasses

import numpy as np
import pytest

import support_meshes
from deadlight.case.load import load_case
from deadlight.chain.causes import causes_at, closing, closing_remark
from deadlight.chain.run import run_case
from deadlight.errors import InputError, NotSolved
from deadlight.series import Series
from deadlight.stress.causes import CAUSES, stress_causes
from deadlight.stress.loads import InitialStress, Loads
from deadlight.stress.problem import PaneProblem
from deadlight.stress.supports import Seat
from deadlight.stress.thickness import ThicknessMean
from support_cases import write_case
from support_materials import Linear

R, H = 0.1, 0.01
GLASS = Linear(E=72e9, nu=0.17, alpha=0.6e-6, density=2200.0, slope=1.2e-4, T0=293.0)
STIFF = Linear(E=72e9, nu=0.17, alpha=0.6e-6, density=2200.0)
TIME = np.array([0.0, 10.0])


@pytest.fixture(scope="module")
def mesh():
    return pane(6)


def pane(cells):
    box = support_meshes.box("hex20", (cells, cells, 2), (2 * R, 2 * R, H), bend=lambda p: p - np.array([R, R, 0]))

    def rim(p):
        return np.abs(p[:, :2]).max(axis=1) > R * 2 / 3 - 1e-9

    faces = {
        "body.outer": lambda p: p[:, 2] > H - 1e-9,
        "body.inner": lambda p: p[:, 2] < 1e-9,
        "body.seat_outer": lambda p: (p[:, 2] > H - 1e-9) & rim(p),
        "body.seat_inner": lambda p: (p[:, 2] < 1e-9) & rim(p),
    }
    return support_meshes.name_faces(box, faces)


def problem(mesh, preload, *, parts=("pressure", "heat", "inertia", "residual"), material=GLASS):
    x = mesh.points
    z, r = x[:, 2] / H, np.hypot(x[:, 0], x[:, 1]) / R
    T = np.stack([293 + 0 * z, 293 + 500 * z**3 * (1 - 0.3 * r**2) + 100 * r**4]) if "heat" in parts else None
    push = {"body.outer": Series.constant(1e3), "body.inner": Series.constant(2e4)}
    loads = Loads(
        push if "pressure" in parts else {}, Series.constant((0.0, 5.0, -60.0)) if "inertia" in parts else None
    )
    carried = InitialStress("temper", 20e6) if "residual" in parts else InitialStress()
    seats = [Seat(f"body.{face}", 5e8, preload=preload) for face in ("seat_outer", "seat_inner")]
    still = np.full((2, mesh.n_nodes), 293.0)
    return PaneProblem(mesh, material, TIME, still if T is None else T, loads, seats, carried, 293.15)


@pytest.mark.parametrize(("preload", "lifts"), [(1e5, False), (100.0, True)])
def test_causes_add_up_also_where_seats_have_lifted(mesh, preload, lifts):
    case = problem(mesh, preload)
    found = stress_causes(case)
    assert tuple(found) == CAUSES
    every = case.equilibrium(np.arange(2))
    assert (every.open_fraction.max() > 0.1) == lifts
    whole = case.stress_of(np.arange(2), every.displacement)
    assert np.abs(sum(c.modes for c in found.values()) - whole).max() < 1e-7 * np.abs(whole).max()
    some = np.arange(0, mesh.n_nodes, 97)
    sampled = sum(np.tensordot(c.amplitudes, c.sample_modes(mesh.points[some]), axes=1) for c in found.values())
    assert np.abs(sampled - whole[:, some]).max() < 1e-7 * np.abs(whole).max()


def test_a_cause_is_what_it_would_be_alone(mesh):
    """With all seats pressing and a stiffness that does not know temperature, the problem is linear."""

    def stress(parts):
        case = problem(mesh, 1e5, parts=parts, material=STIFF)
        return case.stress_of(np.arange(2), case.equilibrium(np.arange(2)).displacement)

    found = stress_causes(problem(mesh, 1e5, material=STIFF))
    none = stress(())
    for name in ("pressure", "inertia", "residual"):
        alone = stress((name,)) - none
        assert found[name].modes == pytest.approx(alone, abs=1e-6 * np.abs(alone).max())


@pytest.mark.parametrize(
    ("field", "heat", "rim"),
    [(lambda z, r: 300 * z**3, 1.0, 0.0), (lambda z, r: 300 * (1 - r**2), 0.0, 1.0), (lambda z, r: 200 + 0 * z, 0, 0)],
)  # fmt: skip
def test_heat_and_rim_are_told_apart(field, heat, rim):
    mesh = pane(12)  # a grid of the usual cell: what it does not resolve of the rim counts as heat
    x = mesh.points
    T = np.stack([293.15 + field(x[:, 2] / H, np.hypot(x[:, 0], x[:, 1]) / R)])
    seats = [Seat(f"body.{face}", 5e6, preload=1e4) for face in ("seat_outer", "seat_inner")]
    case = PaneProblem(mesh, STIFF, TIME[:1], T, Loads(), seats, InitialStress(), 293.15)
    found = {name: np.abs(c.modes).max() / 1e6 for name, c in stress_causes(case).items()}
    scale = 300 * 0.6e-6 * 72e3  # E alpha dT [MPa]
    for name, share in (("heat", heat), ("rim", rim)):
        assert (found[name] > 0.2 * scale) if share else (found[name] < 0.015 * scale)
    assert found["pressure"] == found["inertia"] == found["residual"] == 0


@pytest.mark.parametrize("kind", ["hex20", "tet10"])
def test_mean_through_the_thickness(kind):
    mesh = support_meshes.box(kind, (8, 8, 4), (0.2, 0.2, 0.01))
    x, y, z = mesh.points.T
    mean = ThicknessMean.build(mesh)
    found = mean(np.stack([(z / 0.01) ** 2 * (x / 0.1), 7 + 0 * x, 3 * y / 0.1, np.sin(20 * x)], axis=1))
    exact = np.stack([x / 0.3, 0 * x, 3 * y / 0.1, np.sin(20 * x)], axis=1)
    exact -= [1 / 3, 0, 3, (1 - np.cos(4)) / 4]
    assert found[:, :3] == pytest.approx(exact[:, :3], abs=3e-3)
    assert found[:, 3] == pytest.approx(exact[:, 3], abs=3e-2)


def test_a_sum_that_does_not_close_is_refused(mesh, monkeypatch):
    case = problem(mesh, 1e5)
    monkeypatch.setattr("deadlight.stress.causes.CLOSES", 1e-16)
    with pytest.raises(NotSolved, match="miss their sum"):
        stress_causes(case)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = write_case(tmp_path_factory.mktemp("causes"))
    return run_case(load_case(path), root=path.parent)


def test_causes_of_a_run_close_on_its_stress_history(run):
    history, pane = run.stress["thermal"], run.viewport.case.panes[0]
    at = history.time[[len(history.time) // 3, -1]]
    found = causes_at(run.viewport, pane, run.environment, run.temperature, at)
    assert closing(found, history).max() < 0.01
    assert not closing_remark(found, history).alarm
    peaks = {name: np.abs(c.modes[1]).max() for name, c in found.items()}
    assert peaks["heat"] > peaks["inertia"] > 0
    assert peaks["residual"] == 0
    wrong = {k: dataclasses.replace(c, modes=1.05 * c.modes) for k, c in found.items()}
    assert closing_remark(wrong, history).alarm
    with pytest.raises(InputError, match="instants"):
        causes_at(run.viewport, pane, run.environment, run.temperature, [20.0, 10.0])
