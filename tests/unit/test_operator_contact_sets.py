"""Complementarity of pressures and gaps against every set of contact points tried out in turn."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from deadlight.errors import NotSolved
from deadlight.operator import contact
from deadlight.operator.contact import Flexibility, complementarity, contact_history, stick_history


def definite(n, seed):
    root = np.random.default_rng(seed).standard_normal((n, n))
    return root @ root.T + 0.1 * np.eye(n)


def tried_out(matrix, gap):
    """The pressures of the one set of contact points that neither pull nor overlap."""
    for active in product([False, True], repeat=len(gap)):
        at = np.array(active)
        x = np.zeros(len(gap))
        if at.any():
            x[at] = np.linalg.solve(matrix[np.ix_(at, at)], -gap[at])
        if (x >= 0).all() and (gap + matrix @ x >= -1e-9 * np.abs(gap).max()).all():
            return x
    raise AssertionError("no set of contact points does")


@pytest.mark.parametrize("seed", range(12))
def test_pressures_are_those_of_the_only_set_that_neither_pulls_nor_overlaps(seed):
    matrix, rng = definite(5, seed), np.random.default_rng(100 + seed)
    gap = rng.standard_normal(5)
    gap[0] = -abs(gap[0])
    found = complementarity(Flexibility.of(matrix), gap)
    expected = tried_out(matrix, gap)
    assert found.pressure == pytest.approx(expected, abs=1e-9)
    assert found.gap == pytest.approx(gap + matrix @ expected, abs=1e-9)
    assert found.active.tolist() == (expected > 0).tolist()
    assert found.steps >= 1


@pytest.mark.parametrize("seed", range(6))
def test_a_skew_coupling_of_two_kinds_of_contact_is_solved_alike(seed):
    """Not symmetric, but its symmetric part is definite: one solution."""
    rng = np.random.default_rng(seed)
    skew = rng.standard_normal((5, 5))
    matrix, gap = definite(5, seed) + skew - skew.T, rng.standard_normal(5) - 0.5
    flexibility = Flexibility.of(matrix, symmetric=False)
    assert flexibility.inverse is None
    assert complementarity(flexibility, gap).pressure == pytest.approx(tried_out(matrix, gap), abs=1e-9)


def test_what_is_in_contact_first_does_not_change_the_answer():
    matrix, gap = definite(4, 3), np.array([-1.0, 0.3, -0.2, 0.1])
    flexibility = Flexibility.of(matrix)
    expected = tried_out(matrix, gap)
    for start in product([False, True], repeat=4):
        before = np.array(start)
        assert complementarity(flexibility, gap, before).pressure == pytest.approx(expected, abs=1e-10)
        assert before.tolist() == list(start)  # the guess is not written over


def test_the_right_guess_is_confirmed_in_one_step():
    matrix, gap = definite(6, 8), np.array([-1.0, 0.3, -0.2, 0.1, -2.0, 0.7])
    flexibility = Flexibility.of(matrix)
    first = complementarity(flexibility, gap)
    again = complementarity(flexibility, gap, first.active)
    assert again.steps == 1 and again.pressure == pytest.approx(first.pressure)


@pytest.mark.parametrize("size", [1e-20, 1.0, 1e20])
def test_faces_that_are_open_or_touch_without_pressure_need_no_step(size):
    for gap in (np.array([0.0, 1.0]) * size, np.array([-1e-12, 1.0]) * size, np.zeros(2), np.zeros(0)):
        found = complementarity(Flexibility.of(np.eye(len(gap))), gap)
        assert found.steps == 0 and not found.pressure.any() and not found.active.any()
        assert np.array_equal(found.gap, gap)
    assert complementarity(Flexibility.of(np.eye(2)), np.array([-1e-8, 1.0]) * size).active.tolist() == [True, False]


def test_any_set_of_points_is_closed_alike_with_the_inverse_and_without():
    matrix, gap = definite(5, 4), np.random.default_rng(4).standard_normal(5)
    quick, plain = Flexibility.of(matrix), Flexibility(matrix, True, None)
    assert quick.inverse @ matrix == pytest.approx(np.eye(5), abs=1e-9)
    assert np.array_equal(quick.inverse, quick.inverse.T)
    for active in product([False, True], repeat=5):
        at = np.array(active)
        x = quick.pressure(gap, at)
        assert x == pytest.approx(plain.pressure(gap, at), abs=1e-10)
        assert not x[~at].any()
        assert (gap + matrix @ x)[at] == pytest.approx(0.0, abs=1e-10)


def test_the_inverse_is_used_with_more_points_shut_than_open_only():
    """A wrong inverse shows which way was gone."""
    wrong, gap = Flexibility(np.eye(4), True, 2 * np.eye(4)), -np.ones(4)
    for shut in range(1, 5):
        at = np.arange(4) < shut
        assert wrong.pressure(gap, at)[0] == (2.0 if shut > 2 else 1.0)


def test_a_matrix_too_near_a_singular_one_gets_no_inverse():
    near = np.ones((3, 3)) + np.diag([0.0, 1e-15, 2e-15])
    assert Flexibility.of(near).inverse is None
    assert Flexibility.of(np.zeros((2, 2))).inverse is None
    assert Flexibility.of(np.zeros((0, 0))).inverse is None
    hilbert = 1.0 / (1.0 + np.add.outer(np.arange(12), np.arange(12)))
    assert Flexibility.of(hilbert).inverse is None  # a factor, but its product with the matrix is far from one


def test_a_coupling_that_may_be_skew_gets_no_inverse():
    assert Flexibility.of(np.eye(3), symmetric=False).inverse is None


@pytest.mark.parametrize("most", [40, 0])
@pytest.mark.parametrize("size", [1e-10, 1.0, 1e10])
@pytest.mark.parametrize("seed", range(4))
def test_where_pressures_are_not_unique_the_opening_still_is(seed, size, most, monkeypatch):
    """Five points on two degrees of freedom: sets of three and more are singular.  Gaps are those of an opening."""
    rng = np.random.default_rng(seed)
    push = rng.standard_normal((5, 2))
    matrix, gap = size * push @ push.T, push @ rng.standard_normal(2)
    monkeypatch.setattr(contact, "MOST_STEPS", most)  # by active sets, or by least squares at once
    found = complementarity(Flexibility.of(matrix), gap)
    assert (found.pressure >= 0).all() and found.gap.min() > -1e-9
    assert size * found.gap @ found.pressure == pytest.approx(0.0, abs=1e-9)
    assert found.gap == pytest.approx(gap + matrix @ found.pressure)


@pytest.mark.parametrize("seed", range(6))
def test_least_squares_and_active_sets_give_the_same_pressures(seed, monkeypatch):
    matrix, gap = definite(5, seed), np.random.default_rng(seed).standard_normal(5) - 0.3
    expected = complementarity(Flexibility.of(matrix), gap)
    monkeypatch.setattr(contact, "MOST_STEPS", 0)  # the active set gives up at once
    found = complementarity(Flexibility.of(matrix), gap)
    assert found.pressure == pytest.approx(expected.pressure, abs=1e-9)
    assert found.gap == pytest.approx(expected.gap, abs=1e-9)
    assert found.active.tolist() == expected.active.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_the_careful_rule_of_the_later_steps_ends_at_the_same_pressures(seed, monkeypatch):
    matrix, gap = definite(5, seed), np.random.default_rng(seed).standard_normal(5) - 0.3
    expected = tried_out(matrix, gap)
    monkeypatch.setattr(contact, "MOST_STEPS", 1)  # half of it are no steps: every step is a later one
    found = complementarity(Flexibility.of(matrix), gap, expected > 0)
    assert found.steps == 1 and found.pressure == pytest.approx(expected, abs=1e-9)


def test_faces_that_no_pressure_can_open_are_refused_with_their_overlap():
    matrix = np.diag([1.0, 0.0])
    for size in (1e-9, 1.0, 1e9):
        with pytest.raises(NotSolved, match=rf"overlap by {2 * size:.3g} \(weighted gap".replace("+", r"\+")):
            complementarity(Flexibility.of(matrix), size * np.array([-1.0, -2.0]))


def test_least_squares_that_do_not_end_are_refused_with_their_reason(monkeypatch):
    def endless(*_, maxiter):
        assert maxiter >= 2
        raise RuntimeError("too many iterations")

    monkeypatch.setattr(contact, "nnls", endless)
    monkeypatch.setattr(contact, "MOST_STEPS", 0)
    with pytest.raises(NotSolved, match="crack faces not solved: too many iterations"):
        complementarity(Flexibility.of(np.eye(2)), -np.ones(2))


def test_crack_and_seats_that_do_not_settle_are_refused(monkeypatch):
    monkeypatch.setattr(contact, "MOST_STEPS", 0)
    with pytest.raises(NotSolved, match="did not settle in 0 steps"):
        complementarity(Flexibility.of(np.eye(2), symmetric=False), -np.ones(2))


def test_a_history_without_friction_is_the_same_in_any_order():
    matrix, gaps = definite(4, 1), np.random.default_rng(1).standard_normal((7, 4))
    gaps[3] = 1.0
    found = contact_history(Flexibility.of(matrix), gaps)
    turned = contact_history(Flexibility.of(matrix), gaps[::-1])
    assert found.pressure == pytest.approx(turned.pressure[::-1], abs=1e-10)
    for gap, x, active in zip(gaps, found.pressure, found.active):
        assert x == pytest.approx(tried_out(matrix, gap), abs=1e-9)
        assert active.tolist() == (x > 0).tolist()
    assert ((found.steps > 0) == (gaps < 0).any(axis=1)).all() and found.steps[3] == 0


def stuck_by_trial(matrix, gaps):
    """Every instant by trying all sets: shut points close the gap, those shut before keep their offset as well."""
    n = gaps.shape[1] // 3
    shut, offset, out = np.zeros(n, bool), np.zeros(2 * n), []
    for gap in gaps:
        for active in product([False, True], repeat=n):
            at = np.array(active)
            held = np.concatenate([at, at & shut, at & shut])
            target = np.concatenate([np.zeros(n), offset]) - gap
            x = np.zeros(3 * n)
            if held.any():
                x[held] = np.linalg.solve(matrix[np.ix_(held, held)], target[held])
            w = gap + matrix @ x
            if (x[:n] >= 0).all() and (w[:n] >= -1e-9).all():
                break
        else:
            raise AssertionError("no set of contact points does")
        for i in np.flatnonzero(at & ~shut):
            offset[[i, n + i]] = w[[n + i, 2 * n + i]]
        shut = at
        out.append((x, at))
    return out


@pytest.mark.parametrize("seed", range(8))
def test_points_that_stick_keep_the_offset_of_their_closing_until_they_open(seed):
    """Normal and tangential answers coupled by a tenth or so; with much more there may be no such set at all."""
    rng = np.random.default_rng(seed)
    root = 0.05 * rng.standard_normal((6, 6))
    matrix, gaps = np.eye(6) + root @ root.T, rng.standard_normal((12, 6))
    found = stick_history(matrix, gaps)
    for i, (x, active) in enumerate(stuck_by_trial(matrix, gaps)):
        assert found.active[i].tolist() == active.tolist()
        assert found.pressure[i] == pytest.approx(x, abs=1e-9)
        assert found.steps[i] >= 1


@pytest.mark.parametrize("size", [1e-15, 1.0, 1e15])
def test_one_point_that_shuts_slides_first_and_sticks_then(size):
    """By hand: compliances 2, 4 and 5; shut at 0.3 and -0.2, then pushed along, opened, and shut elsewhere."""
    gaps = np.array([[1.0, 9, 9], [-1, 0.3, -0.2], [-2, 1.3, -0.2], [1, 7, 7], [-1, 2, 3], [-1, 2, 4]])
    found = stick_history(np.diag([2.0, 4, 5]), size * gaps)
    expected = [[0, 0, 0], [0.5, 0, 0], [1, -0.25, 0], [0, 0, 0], [0.5, 0, 0], [0.5, 0, -0.2]]
    assert found.pressure / size == pytest.approx(np.array(expected), abs=1e-12)
    assert found.active[:, 0].tolist() == [False, True, True, False, True, True]


def test_stick_on_a_body_that_does_not_give_is_refused():
    with pytest.raises(NotSolved, match="contact with stick not solved"):
        stick_history(np.zeros((3, 3)), np.array([[-1.0, 0, 0]]))


def test_stick_that_does_not_settle_is_refused(monkeypatch):
    monkeypatch.setattr(contact, "MOST_STEPS", 0)
    with pytest.raises(NotSolved, match="did not settle in 0 steps"):
        stick_history(np.eye(3), np.array([[-1.0, 0, 0]]))
