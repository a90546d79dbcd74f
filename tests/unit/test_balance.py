"""Forces on a cone that limits cut off: equilibrium, what is left over of a load, and the largest factor on it."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse

from deadlight.outcome.balance import Balance


def balance(wrench: np.ndarray, most: float | None = None) -> Balance:
    """Columns (6 b, k), the sum of all of them limited or not."""
    k = wrench.shape[1]
    rows = np.ones((1, k)) if most is not None else np.zeros((0, k))
    limits = np.array([] if most is None else [most])
    return Balance(wrench, np.arange(k), np.zeros((k, 3)), scipy.sparse.csr_matrix(rows), limits, 1.0)


def drawn(rng: np.random.Generator) -> tuple[Balance, np.ndarray]:
    """Random unit columns, half of them with a limit, and a load that they can often take."""
    g = rng.normal(size=(6, int(rng.integers(3, 14))))
    g /= np.linalg.norm(g, axis=0)
    k = g.shape[1]
    load = rng.normal(size=6) if rng.random() < 0.4 else -g @ rng.random(k) * rng.uniform(0.1, 1.0)
    return balance(g, float(rng.uniform(0.5, 3.0)) if rng.random() < 0.5 else None), load


@pytest.mark.parametrize("seed", range(60))
def test_forces_are_there_exactly_where_nothing_is_left_over(seed: int) -> None:
    b, load = drawn(np.random.default_rng(seed))
    f, left = b.forces(load), b.left_over(load)
    assert (f is None) == bool(left.any())
    size = np.linalg.norm(load)
    for w, some in ((load, f), (load - left, b.split(load)[1])):
        if some is not None:
            assert some.min() >= 0.0 and np.abs(b.wrench @ some + w).max() < 2e-7 * size
            assert (b.rows @ some <= b.most * (1 + 1e-7)).all()


@pytest.mark.parametrize("seed", range(60))
def test_what_is_left_over_is_a_motion_that_nothing_hinders(seed: int) -> None:
    """Moreau 1962: r.g >= 0 for all pushes g and r.(w - r) = 0; with limits r.c is least for what the contacts give.

    Of a bounded set that is r.(c - c*) >= 0 for all forces c that the contacts can give, c* the forces that they give.
    """
    b, load = drawn(np.random.default_rng(seed))
    r = b.left_over(load)
    size = np.linalg.norm(load)
    power = r @ b.wrench
    if len(b.most):
        least = min(0.0, float(power.min())) * b.most[0]
        assert r @ (r - load) <= least + 1e-6 * size**2
    else:
        assert power.min() >= -1e-6 * size and abs(r @ (load - r)) <= 1e-6 * size**2
    if r.any():
        assert r @ load > 0.0


@pytest.mark.parametrize("seed", range(60))
def test_the_largest_factor_is_the_last_that_is_balanced(seed: int) -> None:
    rng = np.random.default_rng(seed)
    b, _ = drawn(rng)
    k = b.wrench.shape[1]
    steady = -b.wrench @ rng.random(k) * 0.05
    varied = rng.normal(size=6) if rng.random() < 0.3 else -b.wrench @ rng.random(k)
    x = b.factor(steady, varied)
    if np.isfinite(x):
        assert b.forces(steady + x * (1 - 1e-6) * varied) is not None
        assert b.forces(steady + (x * (1 + 1e-5) + 1e-5) * varied) is None
    elif x > 0.0:
        assert b.forces(steady + 1e4 * varied) is not None
    else:
        assert all(b.forces(steady + y * varied) is None for y in np.linspace(0.0, 20.0, 21))


def test_many_pieces_on_seats_of_their_own_are_all_held() -> None:
    """The credit for pushes is so many times the loads of all: 400 pieces of one load each need no wedge."""
    lift = np.zeros((6 * 400, 400))
    lift[6 * np.arange(400) + 2, np.arange(400)] = 1.0
    down = -lift.sum(axis=1)
    b = balance(lift)
    assert not b.left_over(down).any()
    assert b.factor(np.zeros_like(down), down) == np.inf


def test_a_wedge_of_rounded_normals_holds_nothing() -> None:
    """Two faces that lean towards each other by 1e-4 would need 5000 times the load each."""
    lean = 1e-4
    faces = np.zeros((6, 2))
    faces[0], faces[2] = [1.0, -1.0], -lean
    b = balance(faces)
    up = np.array([0.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    assert b.forces(up) is None
    left = b.left_over(up)
    assert left[2] == pytest.approx(1.0 - 300.0 * lean, rel=1e-4) and abs(left[0]) < 1e-6


def test_without_a_piece_its_push_on_the_others_stays() -> None:
    """A row of three: the first pushes the second by 2, the third is apart."""
    g = np.zeros((18, 3))
    g[0, 0], g[6, 0] = -1.0, 1.0
    g[6, 1] = -1.0
    g[12, 2] = 1.0
    rest, push = balance(g).without(np.array([True, False, False]), np.array([2.0, 5.0, 7.0]))
    assert rest.wrench.shape == (18, 2) and not rest.wrench[:6].any()
    assert push[6] == 2.0 and np.count_nonzero(push) == 1
