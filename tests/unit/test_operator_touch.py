"""Contact of a crack and its seats on a body whose compliance is made up: every condition of contact is looked at.

The body answers a load b by D = C b with C symmetric and positive definite; pressures are solved for again from D.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import nnls

from deadlight.errors import NotSolved
from deadlight.operator import touch as module
from deadlight.operator.gap import GapPoints, sliding
from deadlight.operator.touch import touch
from deadlight.surface.mesh import SurfaceMesh

NONE = np.zeros(0, dtype=np.int64)
NODES = 12


def two_triangles():
    """A crack of one triangle, corners 0 to 2 at a front; a skin of one beside it."""
    corners = np.array([[[0.0, 0, 0], [2, 0, 0], [0, 2, 0]], [[5.0, 0, 0], [6, 0, 0], [5, 1, 0]]])
    points = np.concatenate([np.concatenate([c, 0.5 * (c + c[[1, 2, 0]])]) for c in corners])
    cells = np.full((2, 9), -1)
    cells[:, :6] = np.arange(12).reshape(2, 6)
    kind, ties = np.zeros(2, dtype=np.int64), (NONE, NONE, np.zeros(0))
    return SurfaceMesh(points, cells, kind, np.array([0, -1]), (), ties, np.array([2]), np.arange(12))


class Body:
    """What `touch` needs of an operator; counts the rounds that ask for a flexibility."""

    def __init__(self, seed, coupling=0.15):
        rng = np.random.default_rng(seed)
        n = 3 * NODES
        root = coupling * rng.standard_normal((n, n)) / np.sqrt(n)
        self.compliance = np.eye(n) + root @ root.T + 0.5 * coupling * (root + root.T)
        self.mesh = two_triangles()
        row = np.arange(NODES)
        row[2] = -1
        self.unknowns = SimpleNamespace(row=row)
        self.rounds = 0

    def solve(self, load):
        return (load.reshape(len(load), 3 * NODES) @ self.compliance).reshape(load.shape)

    def flexibility(self, late, early=None):
        self.rounds += 1
        b = late.reshape(len(late), 3 * NODES)
        b = b if early is None else np.concatenate([b, early.reshape(len(early), 3 * NODES)])
        return b @ self.compliance @ b.T


def crack_points(body):
    return GapPoints.of(body.mesh, body.mesh.on_crack, body.unknowns.row >= 0)


def opening(found):
    return (found.amplitude @ found.modes.reshape(len(found.modes), -1)).reshape(len(found.amplitude), -1)


def history(seed, instants=6, lift=0.0):
    rng = np.random.default_rng(seed)
    modes = rng.standard_normal((3, NODES, 3))
    modes[0, :, 2] = 1.0  # opens or shuts everywhere
    amplitude = rng.standard_normal((instants, 3))
    amplitude[:, 0] += lift
    return modes, amplitude


def pressures(body, found, modes, amplitude, push):
    """The loads' factors x with D - D0 = C push' x, by least squares, and how far they miss. (m, n)."""
    before = amplitude @ modes.reshape(len(modes), -1)
    answer = push @ body.compliance
    x, *_ = np.linalg.lstsq(answer.T, (opening(found) - before).T, rcond=None)
    assert answer.T @ x == pytest.approx((opening(found) - before).T, abs=1e-8)
    return x.T


@pytest.mark.parametrize("seed", range(6))
def test_crack_faces_neither_pull_nor_overlap_and_press_where_they_touch_only(seed):
    body = Body(seed)
    modes, amplitude = history(seed)
    found = touch(body, modes, amplitude, crack=True)
    points = crack_points(body)
    push = points.push.reshape(len(points.node), -1)
    x, gap = pressures(body, found, modes, amplitude, push), opening(found) @ push.T
    assert x.min() > -1e-7 and gap.min() > -1e-5 and np.abs(x * gap).max() < 1e-5
    assert x.max() > 0.1 and gap.max() > 0.1  # the case that is meant
    pressing = x > 1e-7
    assert (found.pressing[:, points.node] == pressing).all()
    assert not np.delete(found.pressing, points.node, axis=1).any()
    closed = [1 - points.area[~p].sum() / points.total if p.any() else 0.0 for p in pressing]
    assert found.closed == pytest.approx(np.array(closed))
    assert not found.lifted.any()


def test_an_open_crack_is_left_as_it_is_without_asking_the_body():
    body = Body(0)
    modes = np.zeros((1, NODES, 3))
    modes[0, :, 2] = 1.0
    for stick in (False, True):
        for crack, amplitude in ((True, np.array([[1.0], [0.0]])), (False, np.array([[-1.0], [1.0]]))):
            found = touch(body, modes, amplitude, crack=crack, stick=stick)
            assert found.modes is modes and found.amplitude is amplitude
            assert not found.closed.any() and not found.lifted.any() and not found.pressing.any()
            assert found.pressing.shape == (2, NODES)
    assert body.rounds == 0


def far_reaching():
    """Pressing one contact point shut opens another that was open: it is taken in in a second round."""
    body = Body(1, 0.0)
    points = crack_points(body)
    one, two = (points.push[i].ravel() for i in (0, 1))
    # C with one . C two < 0 after orthogonalising: pressure on the first closes the second
    e, f = one / np.linalg.norm(one), two - one * (one @ two) / (one @ one)
    f /= np.linalg.norm(f)
    body.compliance = np.eye(3 * NODES) - 0.9 * (np.outer(e, f) + np.outer(f, e))
    gap = np.full(len(points.node), 10.0)
    gap[:2] = -1.0, 1e-3
    push = points.push.reshape(len(points.node), -1)
    modes = (np.linalg.pinv(push) @ gap).reshape(1, NODES, 3)
    return body, push, modes


def test_points_that_pressure_elsewhere_closes_are_taken_in_later():
    body, push, modes = far_reaching()
    amplitude = np.array([[1.0]])
    found = touch(body, modes, amplitude, crack=True)
    assert body.rounds > 1
    x, gap = pressures(body, found, modes, amplitude, push), opening(found) @ push.T
    assert x.min() > -1e-9 and gap.min() > -1e-5 and np.abs(x * gap).max() < 1e-5
    assert (x > 1e-6).sum() > 1


def test_crack_faces_that_still_close_after_the_last_round_are_refused(monkeypatch):
    body, _, modes = far_reaching()
    monkeypatch.setattr(module, "ROUNDS", 1)
    with pytest.raises(NotSolved, match="crack faces still close after 1 rounds"):
        touch(body, modes, np.array([[1.0]]), crack=True)
    with pytest.raises(NotSolved, match="seats still pull, or crack faces still close, after 1 rounds"):
        touch(body, modes, np.array([[1.0]]), crack=True, seats=bed(1.0, np.ones((1, 3))))


@pytest.mark.parametrize("seed", range(3))
def test_faces_that_stick_from_one_instant_on_slide_no_more(seed):
    """Shut for good: the gap stays nought and the offsets those of the first instant."""
    body = Body(seed, 0.05)
    modes, amplitude = history(seed)
    modes[1:] *= 0.1
    amplitude[:, 0] = -3.0 - np.arange(6)
    found = touch(body, modes, amplitude, crack=True, stick=True)
    points = crack_points(body)
    push = points.push.reshape(len(points.node), -1)
    slide = sliding(body.mesh, body.mesh.on_crack, body.unknowns.row >= 0).reshape(-1, 3 * NODES)
    shut = found.pressing[:, points.node].all(axis=0)
    assert shut.sum() >= 4 and (opening(found) @ push.T)[:, shut] == pytest.approx(0.0, abs=1e-9)
    offset = (opening(found) @ slide.T)[:, np.repeat(shut, 2)]
    assert offset[1:] == pytest.approx(np.broadcast_to(offset[0], offset[1:].shape), abs=1e-9)
    assert found.closed == pytest.approx(1 - points.area[~shut].sum() / points.total)
    free = touch(body, modes, amplitude, crack=True)  # at the first instant nothing sticks yet
    assert opening(found)[0] == pytest.approx(opening(free)[0], abs=1e-8)
    assert np.abs(opening(found)[1:] - opening(free)[1:]).max() > 1e-3


def bed(stiffness, law):
    """A seat under the skin's triangle: three hats of different area."""
    push = np.zeros((3, NODES, 3))
    area = np.array([0.2, 0.3, 0.4])
    for i, node in enumerate((9, 10, 11)):
        push[i, node, 2] = area[i]
        push[i, 6 + i, 2] = 0.05 * area[i]
    return SimpleNamespace(
        node=np.array([9, 10, 11]), area=area, stiffness=stiffness * np.array([0.5, 0.4, 0.6]), push=push, law=law
    )


@pytest.mark.parametrize("crack", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_seats_neither_pull_nor_press_where_they_have_lifted(seed, crack):
    """p = law + k u.n + r: p and r from nought up, one of them nought; r of the uncracked pane acts already."""
    body = Body(seed)
    modes, amplitude = history(seed)
    rng = np.random.default_rng(50 + seed)
    law = 0.4 + 0.5 * rng.standard_normal((6, 3))
    law[0] = 5.0
    seats = bed(0.8, law)
    found = touch(body, modes, amplitude, crack=crack, seats=seats)
    points = crack_points(body)
    faces = points.push.reshape(len(points.node), -1) if crack else np.zeros((0, 3 * NODES))
    under = seats.push.reshape(3, -1)
    x = pressures(body, found, modes, amplitude, np.concatenate([faces, under]))
    relief = x[:, len(faces) :] + np.maximum(0.0, -law)
    pressure = law - (opening(found) @ under.T) * seats.stiffness / seats.area + relief
    assert relief.min() > -1e-7 and pressure.min() > -1e-5 and np.abs(relief * pressure).max() < 1e-5
    assert found.lifted == pytest.approx((relief > 1e-7) @ seats.area / seats.area.sum())
    assert found.lifted.max() > 0
    if crack:
        x, gap = x[:, : len(faces)], opening(found) @ faces.T
        assert x.min() > -1e-7 and gap.min() > -1e-5 and np.abs(x * gap).max() < 1e-5
        pressing = x > 1e-7
        assert (found.pressing[:, points.node] == pressing).all() and pressing.any()
        closed = [1 - points.area[~p].sum() / points.total if p.any() else 0.0 for p in pressing]
        assert found.closed == pytest.approx(np.array(closed))
    else:
        assert not found.closed.any() and not found.pressing.any()


def test_a_crack_that_shuts_over_seats_that_press_shuts_as_if_they_were_not_there():
    body = Body(2)
    modes, amplitude = history(2)
    held = touch(body, modes, amplitude, crack=True, seats=bed(1e-6, np.full((6, 3), 10.0)))
    alone = touch(body, modes, amplitude, crack=True)
    assert opening(held) == pytest.approx(opening(alone), abs=1e-9)
    assert held.closed == pytest.approx(alone.closed) and not held.lifted.any()


def test_a_steady_seat_law_holds_at_every_instant():
    body = Body(3)
    modes, amplitude = history(3)
    steady = np.array([[0.2, -0.3, 0.5]])
    one = touch(body, modes, amplitude, crack=True, seats=bed(0.8, steady))
    each = touch(body, modes, amplitude, crack=True, seats=bed(0.8, np.repeat(steady, 6, axis=0)))
    assert opening(one) == pytest.approx(opening(each), abs=1e-12) and one.lifted == pytest.approx(each.lifted)


def test_seats_on_other_instants_than_the_stress_are_refused():
    modes, amplitude = history(3)
    with pytest.raises(NotSolved, match="2 instants of the seats beside 6 of the stress"):
        touch(Body(3), modes, amplitude, crack=True, seats=bed(0.8, np.ones((2, 3))))


def shutting():
    modes = np.zeros((1, NODES, 3))
    modes[0, :, 2] = 1.0
    return Body(4, 0.05), modes, -np.ones((2, 1))


def test_seats_that_press_all_the_time_leave_faces_that_stick_alone():
    """However little they press: soft ones follow a motion of 1 m away from them without a pull."""
    body, modes, amplitude = shutting()
    modes[:, 6:] *= -1.0
    held = touch(body, modes, amplitude, crack=True, stick=True, seats=bed(1e-2, np.full((2, 3), 0.5)))
    assert opening(held) == pytest.approx(opening(touch(body, modes, amplitude, crack=True, stick=True)))
    assert not held.lifted.any()


def test_a_seat_that_only_the_shut_crack_s_push_lifts_is_let_go():
    """Nothing moves the seat but the pressure on the crack, and that by nine tenths of what it moves the crack."""
    body, seats = Body(0, 0.0), bed(0.8, np.full((1, 3), 0.01))
    points = crack_points(body)
    push, under = points.push.reshape(len(points.node), -1), seats.push.reshape(3, -1)
    e, f = push[0] / np.linalg.norm(push[0]), under[0] / np.linalg.norm(under[0])
    body.compliance = np.eye(3 * NODES) + 0.9 * (np.outer(e, f) + np.outer(f, e))
    gap = np.full(len(points.node), 10.0)
    gap[0] = -1.0
    modes, amplitude = (np.linalg.pinv(push) @ gap).reshape(1, NODES, 3), np.ones((1, 1))
    found = touch(body, modes, amplitude, crack=True, seats=seats)
    x = pressures(body, found, modes, amplitude, np.concatenate([push, under]))
    relief = x[:, len(push) :]
    pressure = seats.law - (opening(found) @ under.T) * seats.stiffness / seats.area + relief
    assert body.rounds > 1 and relief[0, 0] > 1e-3
    assert relief.min() > -1e-9 and pressure.min() > -1e-6 and np.abs(relief * pressure).max() < 1e-6
    assert found.lifted == pytest.approx((relief > 1e-9) @ seats.area / seats.area.sum())


@pytest.mark.parametrize(
    "law, level", [(np.array([[9.0, 9, 9], [9, 9, -0.1]]), -1.0), (np.array([[9.0, 9, 9], [9, 9, 0.2]]), 1.0)]
)
def test_seats_that_lift_while_faces_stick_are_refused(law, level):
    """In the uncracked pane, or under the cracked one's motion: the skin's D of 1 is a pull on a soft law."""
    body, modes, amplitude = shutting()
    modes[:, 6:] *= -level
    with pytest.raises(NotSolved, match="seats lift while crack faces stick"):
        touch(body, modes, amplitude, crack=True, stick=True, seats=bed(0.8, law))


def test_contact_pressures_of_few_courses_are_answered_in_as_few_modes():
    """Ten instants of one load that grows: one mode of pressure, one answer."""
    body, modes, _ = shutting()
    found = touch(body, modes, -np.arange(1.0, 11)[:, None], crack=True)
    assert len(found.modes) == 2


def test_least_pressures_by_another_way_are_the_same():
    """Non-negative least squares on the compliance's root: the same complementarity problem, by energy."""
    body = Body(7)
    modes, amplitude = history(7)
    found = touch(body, modes, amplitude, crack=True)
    points = crack_points(body)
    push = points.push.reshape(len(points.node), -1)
    root = np.linalg.cholesky(body.compliance)
    for x, before in zip(
        pressures(body, found, modes, amplitude, push), amplitude @ modes.reshape(len(modes), -1), strict=True
    ):
        least, _ = nnls(root.T @ push.T, -np.linalg.solve(root, before))
        assert x == pytest.approx(least, abs=1e-6)
