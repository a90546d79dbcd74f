"""Seats that cannot pull: closed forms of a block on a bed of springs, and the balance of reactions."""

import numpy as np
import pytest

import support_meshes
from deadlight.errors import InputError, NotSolved
from deadlight.mesh.mesh import Mesh
from deadlight.stress.supports import Fixed, Seat
from support_materials import Linear
from support_panes import nearest, problem, where

B, K = 0.1, 1e7  # width [m], bed stiffness [Pa/m]: the block is rigid beside it
RIGID = Linear(E=70e9, nu=0.0)


def _block(n: int = 16) -> Mesh:
    mesh = support_meshes.box("hex20", (n, 1, 2), (B, 0.02, 0.05))
    return support_meshes.name_faces(
        mesh,
        {
            "body.seat": lambda p: p[:, 2] < 1e-9,
            "body.half": lambda p: (p[:, 2] > 0.05 - 1e-9) & (p[:, 0] > B / 2 - 1e-9),
            "body.outer": lambda p: p[:, 2] > 0.05 - 1e-9,
        },
    )


@pytest.mark.reference("Timoshenko 1955, Strength of Materials, part I")
def test_eccentric_block_lifts_off_by_the_middle_third_rule() -> None:
    """Load P at e = b/4 > b/6: contact over 3 (b/2 - e), largest pressure 2 P / (contact area).

    Rigid footing on a no-tension Winkler bed (Timoshenko, Strength of Materials part 1, eccentric compression of a
    material that does not resist tension).
    """
    p = 1000.0  # Pa on half the top
    case = problem(_block(), [Seat("body.seat", K, shear=1e4)], material=RIGID, pressures={"body.half": p})
    found = case.equilibrium(np.array([0]))
    u = found.displacement[:, :, 0]
    x = case.mesh.points
    contact = 3 * (B / 2 - B / 4)
    largest = 2 * p * (B / 2) / contact
    pressure = K * -u[where(case.mesh, lambda q: q[:, 2] < 1e-9), 2]
    along = x[where(case.mesh, lambda q: q[:, 2] < 1e-9), 0]
    slope, offset = np.polyfit(along, pressure, 1)
    assert slope * B + offset == pytest.approx(largest, rel=0.01)
    assert B - (-offset / slope) == pytest.approx(contact, rel=0.01)
    assert found.open_fraction[0] == pytest.approx(1 - contact / B, abs=0.03)
    assert found.balance[0] < 1e-9 and found.residual[0] < 1e-8  # rounding: the bed is 1e5 times softer than the block
    assert np.abs(pressure - (slope * along + offset)).max() < 0.01 * largest  # rigid indeed


def test_preload_keeps_the_seat_closed_and_shares_the_load() -> None:
    """Seats with preload p0 on both faces: u = -p / (2 k) until one opens, then the other alone: -(p - p0) / k."""
    mesh = support_meshes.box("hex20", (2, 2, 1), (B, B, 0.02))
    mesh = support_meshes.name_faces(
        mesh, {"body.seat_inner": lambda q: q[:, 2] < 1e-9, "body.outer": lambda q: q[:, 2] > 0.02 - 1e-9}
    )
    seats = [Seat("body.seat_inner", K, preload=500.0), Seat("body.outer", K, preload=500.0)]
    for p, expected in ((400.0, -400.0 / (2 * K)), (3000.0, -(3000.0 - 500.0) / K)):
        found = problem(mesh, seats, material=RIGID, pressures={"body.outer": p}).equilibrium(np.array([0]))
        assert found.displacement[:, 2, 0].mean() == pytest.approx(expected, rel=1e-4)
        assert found.open_fraction[0] == pytest.approx(0.5 if p > 1000 else 0.0)
        assert found.balance[0] < 1e-9


def test_many_instants_in_lockstep_equal_single_ones_and_balance() -> None:
    """Bowing plate between seats, some springs open: every instant meets its own equilibrium and reaction balance."""
    mesh = support_meshes.box("hex20", (6, 6, 2), (B, B, 0.01))
    edge = lambda q: np.abs(q[:, :2] - B / 2).max(axis=1) > B / 3 - 1e-9  # noqa: E731
    mesh = support_meshes.name_faces(
        mesh,
        {
            "body.seat_inner": lambda q: (q[:, 2] < 1e-9) & edge(q),
            "body.seat_outer": lambda q: (q[:, 2] > 0.01 - 1e-9) & edge(q),
            "body.outer": lambda q: q[:, 2] > 0.01 - 1e-9,
        },
    )
    z = mesh.points[:, 2] / 0.01
    T = np.linspace(0, 400, 5)[:, None] * z[None, :] ** 2
    seats = [Seat("body.seat_inner", 5e8, preload=2e4), Seat("body.seat_outer", 5e8, preload=2e4)]
    options = dict(material=Linear(slope=1e-4), pressures={"body.outer": 2e4}, acceleration=(0.0, 3.0, 40.0))
    case = problem(mesh, seats, temperature=T, **options)
    found = case.equilibrium(np.arange(5))
    assert found.balance.max() < 1e-9 and found.residual.max() < 1e-10
    assert found.open_fraction[0] == 0 and found.open_fraction[-1] > 0.05
    print("newton", found.newton, "cg", found.iterations, "open", np.round(found.open_fraction, 3))
    for i in (2, 4):
        alone = problem(mesh, seats, temperature=T[i], **options).equilibrium(np.array([0])).displacement[:, :, 0]
        assert np.abs(alone - found.displacement[:, :, i]).max() < 1e-7 * np.abs(alone).max()
    again = case.equilibrium(np.arange(5), guess=found.displacement)
    assert again.iterations.max() == 0  # a solution as a guess costs nothing


def test_rigid_motion_on_seats_gives_no_stress() -> None:
    """Uniform heating of a plate on one soft seat: no stress but that of the seat."""
    mesh = _block(4)
    case = problem(
        mesh, [Seat("body.seat", 1e6, preload=0.0, shear=1e3)], temperature=300.0, pressures={"body.outer": 1.0}
    )
    found = case.equilibrium(np.array([0]))
    stress = case.stress_of(np.array([0]), found.displacement)
    thermal = 70e9 * 9e-6 * 300
    assert np.abs(stress).max() < 1e-6 * thermal
    assert found.shear_traction[0] < 1e-6 * thermal


def test_pulled_off_its_only_seat_is_not_solved() -> None:
    mesh = _block(4)
    case = problem(mesh, [Seat("body.seat", K)], pressures={"body.outer": -100.0})
    with pytest.raises(NotSolved, match="lifted"):
        case.equilibrium(np.array([0]))


def test_unheld_body_is_not_solved() -> None:
    with pytest.raises(NotSolved, match=r"singular|not held|positive"):
        problem(_block(2), [Fixed([0], (2,))]).equilibrium(np.array([0]))


@pytest.mark.parametrize(
    "wrong", [{"stiffness": 0.0}, {"stiffness": 1e8, "preload": -1.0}, {"stiffness": 1e8, "shear": -1.0}]
)
def test_impossible_seats_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="seat thermal"):
        Seat("thermal.seat_inner", **wrong)


def test_seat_pressure_follows_its_sign_convention() -> None:
    """Pressed down by 1 kPa on a bed of 1e7 Pa/m: it sinks 0.1 mm, towards its own outward normal -z."""
    case = problem(_block(2), [Seat("body.seat", K, shear=1e4)], material=RIGID, pressures={"body.outer": 1000.0})
    u = case.equilibrium(np.array([0])).displacement
    assert u[nearest(case.mesh, 0, 0, 0), 2, 0] == pytest.approx(-1e-4, rel=1e-4)
