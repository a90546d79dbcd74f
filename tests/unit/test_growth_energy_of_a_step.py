"""Mean energy release over a step: powers of the area, kinks, and the way of the nearest point that was sent."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.integrate import quad

from deadlight.errors import InputError
from deadlight.growth import energy
from deadlight.growth.energy import (
    KINKED,
    Advance,
    Balance,
    _nearest,
    _release_of,
    _segments,
    balance,
    crossed,
    mean_release,
    power_mean,
)  # fmt: skip
from deadlight.growth.kink import kinked
from deadlight.operator.front import energy_release

E, NU = 70e9, 0.2


@pytest.mark.parametrize("p", [-3.0, -1.0, -0.999999, 0.0, 0.5, 4.0])
@pytest.mark.parametrize("growth", [1e-6, 0.1, 2.0])
def test_the_mean_of_a_power_of_the_area_is_its_integral(p, growth):
    first, last = 2.0, 2.0 * np.exp(growth)
    exact = quad(lambda a: 3.0 * a**p, first, last, epsrel=1e-12)[0] / (last - first)
    assert power_mean(np.array(3.0 * first**p), np.array(3.0 * last**p), growth) == pytest.approx(exact, rel=1e-8)


def test_where_either_end_has_no_energy_the_mean_is_that_of_a_line():
    found = power_mean(np.array([0.0, 2.0, 0.0, -1.0]), np.array([3.0, 0.0, 0.0, 4.0]), 0.3)
    np.testing.assert_allclose(found, [1.5, 1.0, 0.0, 1.5])


def circle(radius, count=48):
    """Points of a front of that radius and the ways out."""
    angle = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
    out = np.column_stack([np.cos(angle), np.sin(angle), 0.0 * angle])
    return radius * out, out


def made(k, tilt, start=1.0, far=0.25, count=48):
    """One circular front that moves out by `far` where it does; K (m, 3) and tilt are the same all round."""
    point, out = circle(start, count)
    k = np.broadcast_to(np.asarray(k, dtype=float)[:, None], (len(k), count, 3))
    tilt = np.broadcast_to(np.asarray(tilt, dtype=float), count)
    return Advance(SimpleNamespace(point=point), True, k, point + far * out, tilt)


def after(k, radius=1.25, count=48):
    """The history of the new geometry: one circular front with K (m, 3)."""
    k = np.broadcast_to(np.asarray(k, dtype=float)[:, None], (len(k), count, 3))
    mesh = SimpleNamespace(fronts=[SimpleNamespace(closed=True)])
    operator = SimpleNamespace(young=E, nu=NU, mesh=mesh)
    frames = [SimpleNamespace(point=circle(radius, count)[0])]
    return SimpleNamespace(operator=operator, frames=frames, k=[k], time=np.arange(float(len(k))))


@pytest.fixture
def area(monkeypatch):
    def stated(value):
        monkeypatch.setattr(energy, "crack_area", lambda mesh: value)

    return stated


A1, A2 = np.pi, np.pi * 1.25**2
K1 = np.array([[1e6, 0.0, 0.3e6], [0.5e6, 0.0, 0.0]])


def test_straight_ahead_g_is_a_power_of_the_area(area):
    """G as a penny's at instant 0: it goes with the root of the area; at instant 1 it falls."""
    area(A2)
    g1 = energy_release(K1, E, NU)
    k2 = K1 * np.array([1.25**0.5, 0.8])[:, None]
    found = mean_release([made(K1, 0.0)], after(k2), A2 - A1)
    exact = [quad(lambda a, g=g, p=p: g * (a / A1) ** p, A1, A2)[0] / (A2 - A1) for g, p in (
        (g1[0], 0.5), (g1[1], 2.0 * np.log(0.8) / np.log(A2 / A1)))]  # fmt: skip
    np.testing.assert_allclose(found, exact, rtol=1e-6)


@pytest.mark.parametrize(("degrees", "bent"), [(29.0, False), (31.0, True), (-31.0, True), (-29.0, False)])
def test_after_a_sharp_kink_the_end_of_the_step_counts_more(area, degrees, bent):
    area(A2)
    tilt = np.radians(degrees)
    g1, g2 = energy_release(kinked(K1, tilt), E, NU), energy_release(2.0 * K1, E, NU)
    expected = (1.0 - KINKED) * g1 + KINKED * g2 if bent else power_mean(g1, g2, np.log(A2 / A1))
    np.testing.assert_allclose(mean_release([made(K1, tilt)], after(2.0 * K1), A2 - A1), expected, rtol=1e-9)


def test_points_count_by_what_they_sweep_before_and_after(area):
    """Only one half moves, and K is twice as large there: the other half does not count."""
    area(A2)
    point, out = circle(1.0)
    right = out[:, 0] > 0.1
    k1, k2 = np.zeros((2, 1, 48, 3))
    k1[0, :, 0], k2[0, :, 0] = np.where(right, 1e6, 0.5e6), np.where(right, 1.1e6, 0.4e6)
    sent = point + 0.25 * out * np.where(right, 1.0, 0.0)[:, None]
    step = Advance(SimpleNamespace(point=point), True, k1, sent, np.zeros(48))
    new = after(np.zeros((1, 3)))
    new.frames[0].point, new.k = sent, [k2]
    found = mean_release([step], new, A2 - A1)
    g1, g2 = (energy_release(np.array([k, 0.0, 0.0]), E, NU) for k in (1e6, 1.1e6))
    assert found[0] == pytest.approx(float(power_mean(g1, g2, np.log(A2 / A1))), rel=0.05)


def test_two_fronts_count_by_what_each_sweeps(area):
    """A front that goes three times as far as another alike beside it: three quarters of the mean."""
    area(10.0)
    far, near = made([[2e6, 0, 0]], 0.0, far=0.03), made([[1e6, 0, 0]], 0.0, far=0.01)
    aside = near.frame.point + [5.0, 0.0, 0.0]
    near = Advance(SimpleNamespace(point=aside), True, near.k, near.moved + [5.0, 0.0, 0.0], near.tilt)
    new = after([[2e6, 0, 0]], 1.03)
    other = after([[1e6, 0, 0]], 1.01)
    new.operator.mesh.fronts *= 2
    new.frames.append(SimpleNamespace(point=other.frames[0].point + [5.0, 0.0, 0.0]))
    new.k = [new.k[0], other.k[0]]
    one = energy_release(np.array([1e6, 0.0, 0.0]), E, NU)
    assert mean_release([far, near], new, 1e-9)[0] == pytest.approx(one * (3.0 * 4.0 + 1.0) / 4.0, rel=0.01)


def test_between_points_that_were_sent_a_point_goes_a_way_between_theirs():
    """Sent up by 1, 2, 3; points a quarter inside either end weigh by N_i (1.25 + 1.5 s): 5/24, 4/3, 11/24, of 2."""
    old = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    sent = old + [[0.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 3.0, 0.0]]
    step = Advance(SimpleNamespace(point=old), False, None, sent, np.radians([20.0, 20.0, 50.0]))
    k = np.zeros((1, 3, 3))
    k[0, :, 0] = 1e6, 2e6, 3e6
    mesh = SimpleNamespace(fronts=[SimpleNamespace(closed=False)])
    new = np.array([[0.25, 1.25, 0.0], [1.0, 2.0, 0.0], [1.75, 2.75, 0.0]])
    history = SimpleNamespace(
        operator=SimpleNamespace(young=E, nu=NU, mesh=mesh), frames=[SimpleNamespace(point=new)], k=[k],
        time=np.zeros(1),
    )  # fmt: skip
    g = energy_release(k[0], E, NU)
    straight, bent = _release_of(history, [step])
    assert straight[0] == pytest.approx((5.0 / 24.0 * g[0] + 4.0 / 3.0 * g[1]) / 2.0)
    assert bent[0] == pytest.approx(11.0 / 24.0 * g[2] / 2.0), "turned by 42.5 degrees, between 20 and 50"


def test_a_front_of_the_new_geometry_far_from_all_that_moved_is_refused(area):
    area(A2)
    still = made(K1, 0.0)
    still = Advance(still.frame, True, still.k, still.moved, still.tilt)
    new = after(K1)
    moved = [still, made(K1, 0.0, start=50.0, far=0.0)]
    new.frames[0].point = new.frames[0].point * 50.0 / 1.25
    with pytest.raises(InputError, match="no front of the new geometry"):
        mean_release(moved, new, A2 - A1)


@pytest.mark.parametrize("closed", [True, False])
def test_the_nearest_piece_and_place_on_it_are_those_of_a_dense_search(closed):
    rng = np.random.default_rng(3)
    fronts = [Advance(None, closed, None, np.cumsum(rng.normal(size=(n, 3)), axis=0), None) for n in (6, 9)]
    pieces = _segments(fronts)
    points = np.concatenate([f.moved for f in fronts])
    expected = [(i, i + 1) for i in range(5)] + [(5, 0)] * closed + [(i, i + 1) for i in range(6, 14)]
    assert [tuple(p) for p in pieces] == expected + [(14, 6)] * closed
    places = rng.normal(size=(40, 3)) * 2.0
    piece, share = _nearest(points, pieces, places)
    found = points[pieces[piece, 0]] + share[:, None] * (points[pieces[piece, 1]] - points[pieces[piece, 0]])
    t = np.linspace(0.0, 1.0, 2001)[:, None, None]
    dense = (points[pieces[:, 0]] + t * (points[pieces[:, 1]] - points[pieces[:, 0]])).reshape(-1, 3)
    least = np.linalg.norm(places[:, None] - dense, axis=2).min(axis=1)
    off = np.linalg.norm(found - places, axis=1)
    assert (off <= least + 1e-12).all() and (off > least - 2e-3).all() and ((share >= 0) & (share <= 1)).all()


def test_an_arc_sweeps_the_ring_and_moves_along_it_sweep_nothing():
    """Elements are parabolas: pi (R^2 - r^2) to first order in the move."""
    point, out = circle(2.0, 32)
    assert crossed(point, 1e-3 * out, True).sum() == pytest.approx(2.0 * np.pi * 2.0 * 1e-3, rel=1e-4)
    along = np.cross([0.0, 0.0, 1.0], out)
    assert crossed(point, 1e-3 * along, True).sum() < 5e-3 * 4.0 * np.pi * 1e-3
    half = crossed(point[:17], 1e-3 * out[:17], False)
    assert len(half) == 17 and half.sum() == pytest.approx(np.pi * 2.0 * 1e-3, rel=1e-4)


def test_the_error_of_a_balance_is_a_share_of_the_largest_release():
    told = Balance(1.0, np.zeros(3), np.array([1.02, 0.4, 0.0]), np.array([1.0, 0.5, 0.0]))
    np.testing.assert_allclose(told.error, [0.02, -0.1, 0.0])
    assert told.remark().alarm and "-10 % (limit 3 %)" in told.remark() and not told.remark(0.11).alarm
    assert Balance(1.0, np.zeros(1), np.zeros(1), np.zeros(1)).error.tolist() == [0.0]


def test_a_balance_takes_the_gained_area_as_told(area):
    area(A2)
    energies = np.array([5.0, 5.0]), np.array([4.0, 3.0])
    found = balance(after(K1), after(2.0 * K1), [made(K1, 0.0)], energies, gained=0.7)
    assert found.area == 0.7 and found.released.tolist() == [1.0, 2.0]
    np.testing.assert_allclose(found.swept, 0.7 * mean_release([made(K1, 0.0)], after(2.0 * K1), 0.7))
    with pytest.raises(InputError, match="different instants"):
        balance(after(K1), after(K1), [made(K1, 0.0)], (np.zeros(1), np.zeros(2)), gained=1.0)
