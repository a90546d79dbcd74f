"""K(t) of cracks under a stress history with seats: against full solutions at unseen instants, and in balance."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from test_thermoelastic_history import GLASS, TIME, H, _pane, _reentry, _seats

from deadlight.operator.field import SteadyStress
from deadlight.operator.history import follow
from deadlight.operator.intensity import stress_intensity
from deadlight.operator.supports import SeatSprings
from deadlight.operator.system import CrackOperator
from deadlight.stress.history import StressHistory
from deadlight.stress.loads import InitialStress
from deadlight.stress.problem import PaneProblem
from deadlight.stress.solve import solve_stress
from deadlight.surface.from_mesh import body_from_mesh
from deadlight.surface.join import surface_mesh
from deadlight.surface.sheet import Sheet

YOUNG, NU = 72e9, 0.17


@pytest.fixture(scope="module")
def solved():
    mesh = _pane()
    temperature, loads = _reentry(mesh)
    history = solve_stress(mesh, GLASS, time=TIME, temperature=temperature, loads=loads, supports=_seats(500.0))
    case = PaneProblem(mesh, GLASS, TIME, temperature, loads, _seats(500.0), InitialStress(), 293.15)
    return history, case, body_from_mesh(mesh)


class OneInstant(SteadyStress):
    """Nodal stress (n_nodes, 6) of one full solution, at points of the mesh."""

    def __init__(self, history: StressHistory, nodal: np.ndarray) -> None:
        super().__init__(
            lambda x: history.sample_field(np.ascontiguousarray(nodal.T), x).T, np.zeros(1), np.ones((1, 1))
        )


def test_k_of_a_small_flaw_against_the_unreduced_history(solved):
    """0.2 mm half-penny on the inner face: K(t) from the condensed modes, once more compressed for the crack, against K
    of the full solutions at instants the history was not built from; within 0.5 % of the peak."""
    history, case, body = solved
    flaw = Sheet.ellipse([0.011, 0.007, 0.0], [0.3, 1, 0], [1, -0.3, 0], 0.2e-3, 0.2e-3)
    given = {"young": YOUNG, "nu": NU, "estimate": False}
    found = stress_intensity(history, flaw, body, **given)
    front = found.fronts[0]
    assert found.history.left_out < 1e-5
    unseen = np.setdiff1d(np.arange(len(TIME)), history.error.solved)[3::16]
    assert len(unseen) >= 4
    full = case.stress_of(unseen, case.equilibrium(unseen).displacement)
    peak = np.abs(front.k).max()
    for i, stress in zip(unseen, full):
        exact = stress_intensity(OneInstant(history, stress), flaw, body, **given).fronts[0]
        assert np.abs(front.k[i] - exact.k[0]).max() < 5e-3 * peak
    assert (front.k[..., 0] > -1e-3 * peak).all()  # shut where the face is pressed, never negative


def test_seats_balance_with_the_crack_present(solved):
    """A 60 mm through crack changes the seats' forces by a self-equilibrated set (the crack's load has no resultant),
    no seat pulls at any instant, and the share that lifts is that of the uncracked pane plus what the crack adds."""
    history, _, body = solved
    crack = Sheet.line(np.array([[-0.03, 0, 0], [0.03, 0.004, 0]]), [0, 0, 1], (-1.0, 1.0))
    meshed = surface_mesh(body, [crack], extent="whole", refine=0.7)
    seats = SeatSprings.of(meshed.mesh, history.seats)
    assert seats.area.sum() == pytest.approx(history.seats.area.sum(), rel=1e-9)
    operator = CrackOperator.build(meshed.mesh, young=YOUNG, nu=NU, springs=seats.matrix)
    assert operator.rigid_residual < 1e-3
    found = follow(operator, history, seats=seats)
    i = int(np.abs(found.k[0][..., 0]).max(axis=1).argmax())
    d = found.opening(i)
    bed = seats.push.reshape(len(seats.node), -1)
    pressure = seats.law[i] - (bed @ d.ravel()) * seats.stiffness / seats.area  # bilateral part
    change = np.maximum(pressure, 0.0) - np.maximum(seats.law[i], 0.0)
    normal = np.sign(meshed.mesh.points[seats.node, 2] - H / 2)
    force = float((seats.area * change * normal).sum())
    assert abs(force) < 0.02 * float((seats.area * np.abs(change)).sum())
    assert found.lifted.min() >= 0.0
    assert found.lifted.max() <= 1.0
    # the first seats lift where they do without the crack
    assert abs(found.lifted.max() - history.open_fraction.max()) < 0.1


def test_free_body_and_soft_seats_agree(solved):
    """Seats 1e-4 as stiff as a pane's bending leave K of a through crack as it is in a free body, to 0.3 %."""
    history, _, body = solved
    crack = Sheet.line(np.array([[-0.01, 0, 0], [0.012, 0.004, 0]]), [0, 0, 1], (-1.0, 1.0))
    meshed = surface_mesh(body, [crack], extent="whole", refine=0.7)
    stress = SteadyStress(lambda x: np.tile([0, 1e6, 0, 0, 0, 0.2e6], (len(x), 1)), np.zeros(1), np.ones((1, 1)))
    free = follow(CrackOperator.build(meshed.mesh, young=YOUNG, nu=NU), stress)
    springs = SeatSprings.of(meshed.mesh, history.seats).matrix * 1e-3
    soft = follow(CrackOperator.build(meshed.mesh, young=YOUNG, nu=NU, springs=springs), stress)
    for a, b in zip(free.k, soft.k):
        assert np.abs(a - b).max() < 3e-3 * np.abs(a).max()


@pytest.mark.parametrize("pressed", [True, False], ids=["seats held down", "seats that lift"])
def test_crack_that_never_shuts_over_seats(solved, pressed):
    """A pressure in the crack keeps it open at all instants: no contact on it, whatever the seats do."""
    history, _, body = solved
    crack = Sheet.line(np.array([[-0.03, 0, 0], [0.03, 0.004, 0]]), [0, 0, 1], (-1.0, 1.0))
    meshed = surface_mesh(body, [crack], extent="whole", refine=0.5)
    law = history.seats.law + (100e6 if pressed else 0.0)
    seats = SeatSprings.of(meshed.mesh, dataclasses.replace(history.seats, law=law))
    operator = CrackOperator.build(meshed.mesh, young=YOUNG, nu=NU, springs=seats.matrix)
    found = follow(operator, history, pressure=50e6, seats=seats)
    assert not found.closed.any()
    assert found.lifted.any() != pressed
    passing = follow(operator, history, pressure=50e6, contact=False, seats=seats)
    for k, free in zip(found.k, passing.k):
        np.testing.assert_array_equal(k, free)
