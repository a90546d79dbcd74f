"""Columns of forces at contacts and what limits them, wedges, and where loads take pieces before their stops."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy.sparse

from deadlight.outcome.balance import SIDES, WEDGE, Balance, _tangents, balance_of, settled
from deadlight.outcome.contacts import Contacts

X, Y, Z = np.eye(3)
CENTRES = np.array([[0.1, 0.2, 0.0], [0.4, 0.2, 0.1]])
SIZE = 0.5


def contacts(
    *stops: tuple[np.ndarray, np.ndarray, int, int], gap: list[float] | None = None, friction: float = 0.0,
    limit: list[float] | None = None, grips: list[tuple[np.ndarray, np.ndarray, int, float]] | None = None,
) -> Contacts:  # fmt: skip
    """Stops (point, outward normal, piece, other), each a source of its own; grips (point, normal, piece, most)."""
    n, grips = len(stops), grips or []
    return Contacts(
        np.array([s[0] for s in stops]).reshape(-1, 3), np.array([s[1] for s in stops], dtype=float).reshape(-1, 3),
        np.array([s[2] for s in stops], dtype=np.int64), np.array([s[3] for s in stops], dtype=np.int64),
        np.array(gap if gap is not None else [0.0] * n), np.full(n, friction), np.arange(n),
        tuple(f"s{k}" for k in range(n)), np.array(limit if limit is not None else [np.inf] * n),
        np.array([g[0] for g in grips]).reshape(-1, 3), np.array([g[1] for g in grips], dtype=float).reshape(-1, 3),
        np.array([g[2] for g in grips], dtype=np.int64), np.zeros(len(grips), dtype=np.int64),
        np.array([g[3] for g in grips], dtype=float),
    )  # fmt: skip


def made(
    c: Contacts, centres: np.ndarray = CENTRES, *, rubbing: bool = False, closed: bool = True, gripped: bool = True
) -> Balance:
    return balance_of(c, centres, SIZE, rubbing=rubbing, closed=closed, gripped=gripped)


def acts(b: Balance, k: int, piece: int, at: np.ndarray, sign: float = 1.0) -> None:
    """A column is its own direction at a place, on a piece, with the moment about that piece's middle."""
    force = sign * b.direction[k]
    moment = np.cross(np.asarray(at) - CENTRES[piece], force) / SIZE
    assert b.wrench[6 * piece : 6 * piece + 6, k] == pytest.approx(np.concatenate([force, moment]), abs=1e-12)


def test_pushes_are_against_the_normal_and_equal_on_both_pieces() -> None:
    a, b = np.array([0.25, 0.0, 0.3]), np.array([0.0, -0.1, 0.2])
    found = made(contacts((a, X, 0, 1), (b, -Z, 1, -1)))
    assert found.direction == pytest.approx(np.array([-X, Z])) and found.contact.tolist() == [0, 1]
    acts(found, 0, 0, a)
    acts(found, 0, 1, a, -1.0)
    acts(found, 1, 1, b)
    assert not found.wrench[:6, 1].any() and found.wrench.shape == (12, 2)
    assert found.size == SIZE and found.rows.shape == (0, 2)


def test_only_what_is_closed_pushes_unless_all_are_asked() -> None:
    stops = [(np.zeros(3), X, 0, -1), (np.zeros(3), Y, 0, -1), (np.zeros(3), Z, 0, -1)]
    c = contacts(*stops, gap=[0.0, 1e-6, 0.5])
    assert made(c).contact.tolist() == [0]
    assert made(c, closed=False).contact.tolist() == [0, 1, 2]


def test_friction_is_a_ring_of_twelve_round_every_push() -> None:
    normal = np.array([1.0, 2.0, -2.0]) / 3.0
    c = contacts((np.array([0.3, 0.1, 0.0]), normal, 0, 1), (np.zeros(3), Z, 1, -1), friction=0.3)
    found = made(c, rubbing=True)
    assert found.direction.shape == (2 * SIDES, 3) and found.contact.tolist() == [0] * SIDES + [1] * SIDES
    assert found.direction[:SIDES] @ normal == pytest.approx(-1.0)
    side = found.direction[:SIDES] + normal
    assert np.linalg.norm(side, axis=1) == pytest.approx(0.3)
    assert side @ normal == pytest.approx(0.0, abs=1e-12) and side.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)
    cosine = (side * np.roll(side, 1, axis=0)).sum(axis=1) / 0.09
    assert cosine == pytest.approx(math.cos(math.pi / 6))
    for k in range(SIDES):
        acts(found, k, 0, c.point[0])
        acts(found, k, 1, c.point[0], -1.0)


def test_grips_drag_along_their_face_up_to_their_own_limit() -> None:
    spots = [(np.array([0.0, 0.1, 0.0]), Z, 0, 5.0), (np.array([0.5, 0.1, 0.0]), Y, 1, 7.0)]
    c = contacts((np.zeros(3), X, 0, -1), (np.zeros(3), Y, 0, -1), gap=[0.0, 1.0], grips=spots)
    found = made(c)
    assert found.contact.tolist() == [0] + [2] * SIDES + [3] * SIDES
    for g, (at, normal, piece, _) in enumerate(spots):
        for k in range(1 + SIDES * g, 1 + SIDES * (g + 1)):
            assert found.direction[k] @ normal == pytest.approx(0.0, abs=1e-12)
            acts(found, k, piece, at)
            assert not found.wrench[6 * (1 - piece) : 6 * (1 - piece) + 6, k].any()
        ring = found.direction[1 + SIDES * g : 1 + SIDES * (g + 1)]
        assert (ring * np.roll(ring, 1, axis=0)).sum(axis=1) == pytest.approx(math.cos(math.pi / 6))
        assert np.linalg.norm(ring, axis=1) == pytest.approx(1.0)
    assert found.most.tolist() == [5.0, 7.0]
    due = np.zeros((2, 25))
    due[0, 1:13] = due[1, 13:] = 1.0
    assert (found.rows.toarray() == due).all()
    assert made(c, gripped=False).contact.tolist() == [0] and made(c, gripped=False).rows.shape == (0, 1)


@pytest.mark.parametrize("rubbing", [False, True])
def test_a_limit_is_of_a_stop_on_each_piece_by_itself(rubbing: bool) -> None:
    """Stop 0 touches piece 0 twice and piece 1 once, stop 1 has no limit; a grip comes first."""
    at = np.zeros(3)
    plain = contacts((at, X, 0, -1), (at, Y, 0, -1), (at, Z, 1, -1), (at, -Z, 1, -1), grips=[(at, Z, 0, 5.0)])
    c = Contacts(**{**vars(plain), "source": np.array([0, 0, 0, 1]), "limit": np.array([30.0, np.inf])})
    found = made(c, rubbing=rubbing)
    many = SIDES if rubbing else 1
    due = np.zeros((3, 4 * many + SIDES))
    due[0, 4 * many :] = due[1, : 2 * many] = due[2, 2 * many : 3 * many] = 1.0
    assert found.most.tolist() == [5.0, 30.0, 30.0] and (found.rows.toarray() == due).all()


def test_tangents_are_two_unit_vectors_across_every_normal() -> None:
    n = np.vstack([np.eye(3), -np.eye(3), np.random.default_rng(0).normal(size=(20, 3))])
    n /= np.linalg.norm(n, axis=1)[:, None]
    t, u = _tangents(n)
    for a, b, due in ((t, t, 1.0), (u, u, 1.0), (t, u, 0.0), (t, n, 0.0), (u, n, 0.0)):
        assert (a * b).sum(axis=1) == pytest.approx(due, abs=1e-12)
    assert all(x.shape == (0, 3) for x in _tangents(np.zeros((0, 3))))


def wedge(lean: float) -> Balance:
    """Two faces that lean towards each other: pushes along -+x, each with `lean` of it downwards."""
    faces = np.zeros((6, 2))
    faces[0], faces[2] = [1.0, -1.0], -lean
    return Balance(faces, np.arange(2), np.zeros((2, 3)), scipy.sparse.csr_matrix((0, 2)), np.zeros(0), 1.0)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 50.0])
def test_a_wedge_holds_up_to_its_credit(scale: float) -> None:
    """Pushes of 1/lean times a load: 290 times are held, 310 are not; of 450 times a third of the load is over."""
    up = scale * np.array([0, 0, 1.0, 0, 0, 0])
    assert wedge(1 / 290).forces(up) == pytest.approx(np.full(2, 145.0 * scale))
    assert wedge(1 / 310).forces(up) is None
    assert not wedge(1 / 290).left_over(up).any()
    left, forces = wedge(1 / 450).split(up)
    assert left == pytest.approx(up / 3, rel=1e-3, abs=1e-6 * scale) and forces.sum() == pytest.approx(
        300.0 * scale, rel=1e-3
    )
    assert WEDGE == 300.0


def test_the_credit_of_a_wedge_grows_with_both_loads() -> None:
    """400 (x - s) of pushes against a credit of 300 (x + s): x = 7 s; a lean that needs less has no end."""
    for s in (0.5, 2.0):
        down, up = np.array([0, 0, -s, 0, 0, 0]), np.array([0, 0, 1.0, 0, 0, 0])
        b = wedge(1 / 400)
        held = Balance(
            np.column_stack([b.wrench, Z.tolist() + [0.0] * 3]), np.arange(3), np.zeros((3, 3)),
            scipy.sparse.csr_matrix((0, 3)), np.zeros(0), 1.0,
        )  # fmt: skip
        assert held.factor(down, up) == pytest.approx(7.0 * s, rel=1e-6)
        assert held.factor(down, 2.0 * up) == pytest.approx(3.5 * s, rel=1e-6)
    assert wedge(1 / 290).factor(np.zeros(6), up) == np.inf
    assert wedge(1 / 310).factor(np.zeros(6), up) == 0.0


def floor(limit: float = np.inf) -> Balance:
    """One push along z, limited or not."""
    rows = scipy.sparse.csr_matrix(np.ones((1 if np.isfinite(limit) else 0, 1)))
    most = np.array([limit] if np.isfinite(limit) else [])
    return Balance(np.array([[0, 0, 1.0, 0, 0, 0]]).T, np.arange(1), Z[None], rows, most, 1.0)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 3.0, 1e6])
def test_one_push_by_hand(scale: float) -> None:
    down = scale * np.array([0, 0, -1.0, 0, 0, 0])
    aside = scale * np.array([0, 1.0, 0, 0, 0, 0])
    free = floor()
    assert free.forces(down) == pytest.approx([scale]) and free.forces(-down) is None and free.forces(0 * down) == [0.0]
    left, forces = free.split(down + aside)
    assert left == pytest.approx(aside, abs=1e-9 * scale) and forces == pytest.approx([scale])
    assert free.factor(down, -0.25 * down) == pytest.approx(4.0) and free.factor(down, down) == np.inf
    assert free.factor(down, 0 * down) == np.inf and free.factor(-down, 0 * down) == -np.inf
    assert free.factor(0 * down, 0 * down) == np.inf
    assert free.factor(aside, down) == -np.inf and free.factor(-down, 0.5 * down) == np.inf
    weak = floor(2.0 * scale)
    assert weak.factor(0 * down, down) == pytest.approx(2.0) and weak.factor(0.5 * down, 0.5 * down) == pytest.approx(
        3.0
    )
    left, forces = weak.split(5.0 * down)
    assert left == pytest.approx(3.0 * down, rel=1e-6, abs=1e-9) and forces == pytest.approx([2.0 * scale])
    assert weak.forces(2.0 * down) == pytest.approx([2.0 * scale]) and weak.forces(2.01 * down) is None


def test_without_any_contact_all_of_a_load_is_over() -> None:
    none = Balance(np.zeros((6, 0)), np.arange(0), np.zeros((0, 3)), scipy.sparse.csr_matrix((0, 0)), np.zeros(0), 1.0)
    load = np.arange(6.0)
    left, forces = none.split(load)
    assert (left == load).all() and forces.shape == (0,) and none.forces(load) is None
    assert none.forces(0 * load).shape == (0,) and not none.left_over(0 * load).any()


def test_what_leaves_takes_its_pushes_along() -> None:
    """Piece 0 pushes piece 1 by a quarter of a newton on a lever; the other columns of piece 1 stay as they are."""
    a = np.array([0.25, 0.3, 0.1])
    c = contacts((a, X, 0, 1), (np.zeros(3), -Z, 1, -1), (np.zeros(3), Y, 1, -1), limit=[np.inf, 9.0, np.inf])
    b = made(c)
    rest, push = b.without(np.array([True, False]), np.array([0.25, 5.0, 6.0]))
    assert not push[:6].any() and push[6:] == pytest.approx(0.25 * b.wrench[6:, 0])
    assert rest.contact.tolist() == [1, 2] and (rest.wrench == b.wrench[:, 1:]).all() and rest.rows.shape[1] == 2
    assert (rest.direction == b.direction[1:]).all()
    other, push = b.without(np.array([False, True]), np.array([0.25, 5.0, 6.0]))
    assert other.wrench.shape == (12, 0) and push[:6] == pytest.approx(0.25 * b.wrench[:6, 0]) and not push[6:].any()


def moved(
    c: Contacts, load: np.ndarray, step: float = 0.01, centres: np.ndarray = CENTRES[:1]
) -> tuple[np.ndarray, bool]:
    return settled(c, centres, SIZE, load, step)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 40.0])
def test_a_load_takes_a_piece_to_its_stops_and_no_farther_than_a_step(scale: float) -> None:
    """Stops at the middle: 2 mm in +x, 3 mm in -y; loads that no stop takes go a step, turns measured by the size."""
    c = contacts((CENTRES[0], X, 0, -1), (CENTRES[0], -Y, 0, -1), gap=[2e-3, 3e-3])
    q, rests = moved(c, scale * np.array([1.0, -0.2, 0, 0, 0, 0]))
    assert rests and q == pytest.approx([2e-3, -3e-3, 0, 0, 0, 0], abs=1e-9)
    q, rests = moved(c, scale * np.array([-1.0, -0.2, 0, 0, 0.5, 0]))
    assert not rests and q == pytest.approx([-0.01, -3e-3, 0, 0, 0.01, 0], abs=1e-9)
    q, rests = moved(c, scale * np.array([0.0, 0, 1.0, 0, 0, 0]))
    assert not rests and q == pytest.approx([0, 0, 0.01, 0, 0, 0], abs=1e-9)
    q, rests = moved(c, np.zeros(6))
    assert rests and not q.any() and q.shape == (6,)


def test_without_stops_it_goes_along_its_load_by_a_step() -> None:
    q, rests = moved(contacts(), np.array([2.0, 0, -4.0, 0, 0, 1.0]))
    assert not rests and q == pytest.approx([5e-3, 0, -1e-2, 0, 0, 2.5e-3])


def test_a_stop_of_too_little_strength_gives_way() -> None:
    """5 N against a stop of 3 N, 2 mm away, then one of 7 N, 4 mm away; then one of 3 N and one of 1.5 N."""
    for second, x, due in ((7.0, 4e-3, True), (1.5, 0.01, False), (2.5, 4e-3, True)):
        c = contacts((CENTRES[0], X, 0, -1), (CENTRES[0], X, 0, -1), gap=[2e-3, 4e-3], limit=[3.0, second])
        q, rests = moved(c, np.array([5.0, 0, 0, 0, 0, 0]))
        assert rests == due and q == pytest.approx([x, 0, 0, 0, 0, 0], abs=1e-9)
    strong = contacts((CENTRES[0], X, 0, -1), gap=[2e-3], limit=[6.0])
    assert moved(strong, np.array([5.0, 0, 0, 0, 0, 0]))[0][0] == pytest.approx(2e-3)


def test_a_lever_turns_about_its_stop() -> None:
    """A stop 0.2 m beside the middle, 1 mm away: turned by 5 mrad, and by no more; friction and grips do not count."""
    at = CENTRES[0] + 0.2 * X
    far = contacts(
        (at, Z, 0, -1), (CENTRES[0], Z, 0, -1), (CENTRES[0], -Z, 0, -1), gap=[1e-3, 0.0, 0.0], friction=0.5,
        grips=[(at, Z, 0, 100.0)],
    )  # fmt: skip
    q, rests = moved(far, np.array([0, 0, 0, 0, -1.0, 0]))
    assert rests and q == pytest.approx([0, 0, 0, 0, -5e-3 * SIZE, 0], abs=1e-9)


def test_two_pieces_push_each_other_to_a_stop() -> None:
    """1 mm between them and 3 mm to the wall behind: the first goes 4 mm, the second 3 mm, along the line of both."""
    centres = np.array([[0.0, 0, 0], [0.3, 0, 0]])
    c = contacts((0.15 * X, X, 0, 1), (0.45 * X, X, 1, -1), gap=[1e-3, 3e-3])
    q, rests = settled(c, centres, SIZE, np.array([1.0] + [0.0] * 11), 0.01)
    assert rests and q == pytest.approx([4e-3, 0, 0, 0, 0, 0, 3e-3, 0, 0, 0, 0, 0], abs=1e-9)


@pytest.mark.parametrize("seed", [2, 16, 26, 37])
def test_forces_beside_what_is_over_are_those_of_least_sum(seed: int) -> None:
    """Eight pushes in a plane and a load with a part across it: the least sum is that of the best two of them."""
    rng = np.random.default_rng(seed)
    flat = rng.normal(size=(2, 8))
    flat[1] = np.abs(flat[1])
    taken = -flat @ rng.random(8)
    pairs = [np.linalg.solve(flat[:, [i, j]], -taken) for i, j in itertools.combinations(range(8), 2)]
    least = min(p.sum() for p in pairs if p.min() >= 0.0)
    b = Balance(
        np.vstack([flat, np.zeros((4, 8))]), np.arange(8), np.zeros((8, 3)), scipy.sparse.csr_matrix((0, 8)),
        np.zeros(0), 1.0,
    )  # fmt: skip
    left, forces = b.split(np.array([*taken, 0.7, 0, 0, 0]))
    assert left == pytest.approx([0, 0, 0.7, 0, 0, 0], abs=1e-7) and forces.sum() == pytest.approx(least, rel=1e-6)


def test_a_limit_is_of_its_own_pushes_only() -> None:
    """Floors under two pieces, the first of 2 N: of 5 N down on each, 3 N are over on the first, nothing else."""
    up = np.zeros((12, 2))
    up[2, 0] = up[8, 1] = 1.0
    b = Balance(up, np.arange(2), np.zeros((2, 3)), scipy.sparse.csr_matrix([[1.0, 0.0]]), np.array([2.0]), 1.0)
    down = -5.0 * up.sum(axis=1)
    for left, forces in (b.split(down), (b.left_over(down), np.array([2.0, 5.0]))):
        assert left[2] == pytest.approx(-3.0, rel=1e-6) and forces == pytest.approx([2.0, 5.0], rel=1e-6)
        assert np.flatnonzero(left).tolist() == [2]
    assert b.factor(np.zeros(12), down) == pytest.approx(0.4)


@pytest.mark.parametrize("seed", range(5))
def test_a_held_piece_has_exactly_nothing_over_beside_one_that_is_not(seed: int) -> None:
    """Pushes in random directions on the first, with their own balance, and nothing to hold the second."""
    rng = np.random.default_rng(seed)
    g = np.zeros((12, 9))
    g[:6] = rng.normal(size=(6, 9))
    b = Balance(g, np.arange(9), np.zeros((9, 3)), scipy.sparse.csr_matrix((0, 9)), np.zeros(0), 1.0)
    load = -g @ rng.random(9)
    load[6:] = rng.normal(size=6)
    left = b.left_over(load)
    assert not left[:6].any() and left[6:] == pytest.approx(load[6:], rel=1e-9)
