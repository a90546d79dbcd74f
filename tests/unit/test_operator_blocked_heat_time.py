"""Relaxations: responses that are known in frequency and in time, and the frequencies they are sampled at."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.errors import InputError, NotSolved
from deadlight.operator import blocked_heat_setup as setup
from deadlight.operator.blocked_heat import _every_other, _gap_error, _merged, _remarks, thermal_load
from deadlight.operator.blocked_heat_faces import STEFAN_BOLTZMANN, Gap, Insulated, radiating_gap
from deadlight.operator.blocked_heat_time import (
    TAIL_FREQUENCIES,
    Relaxation,
    _second_differences,
    combined,
    fit,
    left_out,
    sampled_sizes,
    tail,
)
from deadlight.surface.mesh import SurfaceMesh

RATE = np.array([0.3, 2.0, np.inf])
PART = np.random.default_rng(0).standard_normal((3, 4, 2))


def test_response_of_relaxations_in_frequency_is_the_sum_of_theirs():
    omega = np.array([0.0, 0.5, 7.0])
    found = Relaxation(RATE, PART).at(omega)
    expected = sum(p * (1.0 if np.isinf(r) else 1 / (1 + 1j * omega / r))[..., None, None] if np.isfinite(r)
                   else np.broadcast_to(p, (3, 4, 2)) for r, p in zip(RATE, PART))  # fmt: skip
    assert found == pytest.approx(expected)
    assert found[0] == pytest.approx(PART.sum(axis=0))  # slow data are followed


def by_small_steps(rate, time, data, first):
    """y' = rate (q - y) by the exact solution for data linear in a step, in a thousand substeps of Crank-Nicolson."""
    y, out = first, [first]
    for m in range(len(time) - 1):
        h = (time[m + 1] - time[m]) / 1000
        for k in range(1000):
            q0, q1 = (data[m] + (data[m + 1] - data[m]) * (k + i) / 1000 for i in (0, 1))
            y = (y * (1 - 0.5 * rate * h) + 0.5 * rate * h * (q0 + q1)) / (1 + 0.5 * rate * h)
        out.append(y)
    return np.array(out)


@pytest.mark.parametrize("steady", [True, False])
def test_states_follow_data_that_are_linear_in_between(steady):
    time, data = np.array([0.0, 0.4, 3.0, 3.1]), np.random.default_rng(1).standard_normal((4, 2))
    states = Relaxation(RATE, PART).states(time, data, steady_start=steady)
    assert states.shape == (4, 3, 2)
    for j, rate in enumerate(RATE[:2]):
        expected = by_small_steps(rate, time, data, data[0] if steady else 0 * data[0])
        assert states[:, j] == pytest.approx(expected, abs=1e-6)
    assert states[:, 2] == pytest.approx(data)  # an infinite rate follows at once, from the first instant on


def test_values_in_time_are_states_times_shares():
    time, data = np.array([0.0, 1.0, 5.0]), np.random.default_rng(2).standard_normal((3, 2))
    relaxation = Relaxation(RATE, PART)
    states = relaxation.states(time, data, steady_start=True)
    expected = np.einsum("mjr,jnr->mn", states, PART)
    assert combined(states, PART) == pytest.approx(expected)
    assert relaxation.follow(time, data, steady_start=True) == pytest.approx(expected)


def test_data_that_do_not_change_leave_a_steady_start_as_it_is():
    data = np.ones((5, 1)) * 3.0
    states = Relaxation(np.array([1e-3, 1.0, 1e3]), np.ones((3, 1, 1))).states(
        np.array([0.0, 1e-6, 1, 2, 1e6]), data, steady_start=True
    )
    assert states == pytest.approx(3.0, rel=1e-12)


def half_space(omega):
    """1 / sqrt(1 + i omega) for two values, the second twice as strong and slower."""
    return np.stack([1 / np.sqrt(1 + 1j * omega), 2 / np.sqrt(1 + 9j * omega)], axis=1)[:, :, None]


def test_a_fit_meets_its_samples_and_what_lies_between_them():
    omega = np.append(0.0, np.geomspace(1e-3, 1e3, 25))
    relaxation = fit(omega, half_space(omega))
    between = np.geomspace(1e-3, 1e3, 91)
    for at in (omega, between):
        exact = half_space(at)
        assert np.abs(relaxation.at(at) / exact - 1).max() < 1e-2
    assert relaxation.rate.min() == pytest.approx(1e-3 / 5) and relaxation.rate.max() == pytest.approx(5e3)
    assert np.isrealobj(relaxation.part) and np.diff(np.log10(relaxation.rate)).max() < 0.26


def test_a_fit_with_an_instant_part_finds_it():
    omega = np.append(0.0, np.geomspace(1e-2, 1e2, 17))
    exact = 0.7 + 0.3 * half_space(omega)
    relaxation = fit(omega, exact, instant=True)
    assert np.isinf(relaxation.rate[-1]) and relaxation.rate[-2] == pytest.approx(1e2)
    assert np.abs(relaxation.at(omega) - exact).max() < 1e-2
    assert relaxation.at(np.array([1e9]))[0].real == pytest.approx(relaxation.part[-1], abs=1e-6)


@pytest.mark.parametrize("size", [1e-12, 1.0, 1e12])
def test_a_fit_does_not_know_the_unit_of_the_response(size):
    omega = np.geomspace(1e-1, 1e1, 9)
    one, other = fit(omega, half_space(omega)), fit(omega, size * half_space(omega))
    assert other.part / size == pytest.approx(one.part, rel=1e-5, abs=1e-7)


def test_a_fit_does_not_know_the_unit_of_time():
    omega = np.geomspace(1e-1, 1e1, 9)
    one, other = fit(omega, half_space(omega)), fit(1e3 * omega, half_space(omega))
    assert other.part == pytest.approx(one.part, abs=1e-6) and other.rate == pytest.approx(1e3 * one.rate)


def test_leaving_out_a_sample_changes_a_rich_fit_little_and_a_poor_one_much():
    time = np.linspace(0, 30, 16)
    data = np.sin(time)[:, None]
    found = []
    for count in (4, 33):
        omega = np.geomspace(1e-2, 1e2, count)
        whole = fit(omega, half_space(omega))
        states = whole.states(time, data, steady_start=False)
        found.append(left_out(omega, half_space(omega), range(1, count - 1), whole, states, instant=False))
        each = [
            np.abs(combined(states, fit(omega, half_space(omega), skip=k).part - whole.part)).max()
            for k in range(1, count - 1)
        ]
        assert found[-1] == pytest.approx(max(each))
    assert 0 < found[1] < 0.1 * found[0]
    assert left_out(omega, half_space(omega), range(0), whole, states, instant=False) == 0.0


def test_every_sample_counts_unless_it_is_left_out():
    omega = np.geomspace(1e-1, 1e1, 5)
    response = half_space(omega) * (1 + 0.3 * np.random.default_rng(0).standard_normal((5, 2, 1)))
    whole = fit(omega, response).part
    for k in range(5):
        other = response.copy()
        other[k] *= 1.5
        assert np.abs(fit(omega, other).part - whole).max() > 1e-3
        assert fit(omega, other, skip=k).part == pytest.approx(fit(omega, response, skip=k).part)


def test_a_response_that_is_not_finite_is_refused_with_its_frequency():
    omega = np.array([1.0, 2.0, 4.0, 8.0])
    response = half_space(omega)
    response[[2, 3], 1] = np.nan
    with pytest.raises(NotSolved, match="not finite at 2 of 4 frequencies, the first 4 rad/s"):
        fit(omega, response)


def test_second_differences_vanish_on_lines_and_weigh_their_middles():
    rows = _second_differences(np.array([9.0, 2.0, 3.0, 9.0]), 5)
    assert rows.shape == (2, 5)
    assert rows @ np.array([1.0, 4, 7, 10, 99]) == pytest.approx(0.0)
    assert rows @ np.array([0.0, 1, 4, 9, 99]) == pytest.approx(2 * np.array([2.0, 3.0]))
    assert _second_differences(np.ones(1), 1).shape == (0, 1)


@pytest.mark.parametrize("power", [0, 1, 2])
def test_beyond_the_last_samples_the_response_goes_on_as_powers_of_the_layer(power):
    """A single power of 1/a and the next: two complex samples hold both."""
    size = np.array([0.0, 0.01, 1.0, 2.0, 4.0, 8.0])  # of which the last two count
    phase = np.exp(0.25j * np.pi)

    def response(a):
        layer = phase * a[:, None, None]
        return np.array([[3.0, -1.0]]) * layer ** -float(power) + np.array([[0.5, 2.0]]) * layer ** -(power + 1.0)

    beyond, found = tail(size, response(np.maximum(size, 3.0)), power)
    assert beyond == pytest.approx(8.0 * 2.0 ** np.arange(1, TAIL_FREQUENCIES + 1))
    assert found == pytest.approx(response(beyond), rel=1e-9)
    assert found.shape == (TAIL_FREQUENCIES, 1, 2)


@pytest.mark.parametrize("low, high", [(1.0, 8.0), (1.0, 9.0), (2.0, 3.0), (0.5, 0.5), (0.3, 100.0)])
def test_sizes_double_from_the_lowest_until_the_highest_is_reached(low, high):
    found = sampled_sizes(low, high)
    assert found[0] == low and found[1:] == pytest.approx(2 * found[:-1])
    assert found[-1] >= high and (found[-2] < high or len(found) == 2)


def one_crack(size, skin=None):
    corner = size * np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    points = np.concatenate([corner, 0.5 * (corner + corner[[1, 2, 0]])])
    cells, surface = [[*range(6), -1, -1, -1]], [0]
    if skin:
        points = np.concatenate([points, skin / size * points + [0, 0, 1.0]])
        cells.append([*range(6, 12), -1, -1, -1])
        surface.append(-1)
    none = np.zeros(0, dtype=np.int64)
    n = len(points)
    return SurfaceMesh(points, np.array(cells), np.zeros(len(cells), np.int64), np.array(surface), (),
                       (none, none, np.zeros(0)), none, np.arange(n))  # fmt: skip


def test_frequencies_reach_from_the_body_s_size_to_the_shortest_step():
    """Crack of 10 mm, long time: from a quarter over half the extent, up to 4 over the longest side."""
    mesh = one_crack(0.01)
    extent, largest = 0.5 * np.hypot(0.01, 0.01), np.hypot(0.01, 0.01)
    time = np.array([0.0, 1e-9, 1e12])
    found = setup.frequencies(mesh, time, 1e-6, closed=False)
    assert found[0] == 0.0 and found[1] == pytest.approx(0.25 / extent)
    assert found[-1] >= 4 / largest > found[-2]
    assert setup.frequencies(mesh, time, 1e-6, closed=True) == pytest.approx(found[1:])
    steps = np.array([0.0, 1e4, 1e12])  # 4 over the step's diffusion length is below the mesh's limit
    slow = setup.frequencies(mesh, steps, 1e-8, closed=False)
    assert slow[-1] >= 4 / largest * 0 + np.sqrt(4 / (1e-8 * 1e4)) > slow[-2]


def test_a_short_history_is_no_steady_state():
    """Of 1 s at 1e-6 m2/s: the slowest frequency is 0.3 over the duration, and no steady state besides."""
    found = setup.frequencies(one_crack(0.01), np.array([0.0, 0.5, 1.0]), 1e-6, closed=False)
    assert found[0] == pytest.approx(min(np.sqrt(0.3 / 1e-6), 4 / np.hypot(0.01, 0.01)))
    assert found[-1] >= 2 * np.sqrt(0.3 / 1e-6)


@pytest.mark.parametrize("diffusivity", [0.0, -1.0, np.nan, np.inf])
def test_a_diffusivity_that_cannot_be_is_refused(diffusivity):
    with pytest.raises(InputError, match="diffusivity"):
        setup.frequencies(one_crack(0.01), np.array([0.0, 1]), diffusivity, closed=False)


@pytest.mark.parametrize("film", [-1.0, np.nan, np.inf])
def test_a_film_that_cannot_be_is_refused(film):
    with pytest.raises(InputError, match="film coefficient"):
        setup._film(one_crack(1.0, skin=2.0), film)


def test_films_stand_on_the_faces_they_are_given_for():
    mesh = one_crack(1.0, skin=2.0)
    assert setup._film(mesh, 3.0).tolist() == [0.0, 3.0]
    assert setup._film(mesh, {0: 7.0}).tolist() == [0.0, 7.0] and setup._film(mesh, {}).tolist() == [0.0, 0.0]
    assert setup._film(one_crack(1.0), 3.0).tolist() == [0.0]
    with pytest.raises(InputError, match=r"film on faces \[1, 4\]; the mesh has \[0\]"):
        setup._film(mesh, {4: 1.0, 1: 1.0, 0: 0.0})


@pytest.mark.parametrize("conductivity", [0.0, -1.0, np.nan, np.inf])
def test_a_conductivity_that_cannot_be_is_refused(conductivity):
    with pytest.raises(InputError, match="conductivity"):
        setup.build(one_crack(1.0), None, conductivity, 0.0, None)


def test_work_through_a_surface_is_its_coefficient_times_the_square_of_the_jump():
    mesh = one_crack(2.0, skin=3.0)
    matrix = setup._surface(mesh, np.array([5.0, 7.0]))
    jump = np.where(np.arange(12) < 6, 3.0, -1.0)
    assert jump @ matrix @ jump == pytest.approx(5 * 9 * 2.0 + 7 * 1 * 4.5)
    assert setup._surface(mesh, np.zeros(2)).nnz == 0


def test_coefficient_of_a_radiating_gap_is_half_way_between_coldest_and_hottest():
    black = radiating_gap(1.0, 300.0, 300.0)
    assert black.coefficient == pytest.approx(4 * STEFAN_BOLTZMANN * 300.0**3) and black.spread == 0.0
    step = 1e-3  # q of two grey faces by differences
    flux = STEFAN_BOLTZMANN * ((500 + step) ** 4 - (500 - step) ** 4) / (1 / 0.4 + 1 / 0.4 - 1) / (2 * step)
    assert radiating_gap(0.4, 500.0, 500.0, conductance=2.0).coefficient == pytest.approx(flux + 2.0, rel=1e-6)
    low, high = (radiating_gap(0.4, t, t, conductance=2.0).coefficient for t in (300.0, 900.0))
    both = radiating_gap(0.4, 300.0, 900.0, conductance=2.0)
    assert both.coefficient * (1 - both.spread) == pytest.approx(low)
    assert both.coefficient * (1 + both.spread) == pytest.approx(high)


@pytest.mark.parametrize("emissivity", [0.0, -0.1, 1.01, np.nan])
def test_an_emissivity_that_cannot_be_is_refused(emissivity):
    with pytest.raises(InputError, match="emissivity"):
        radiating_gap(emissivity, 300.0, 400.0)


@pytest.mark.parametrize("pair", [(0.0, 300.0), (400.0, 300.0), (300.0, np.inf), (np.nan, 300.0), (300.0, np.nan)])
def test_temperatures_of_a_gap_that_cannot_be_are_refused(pair):
    with pytest.raises(InputError, match="K of the gap"):
        radiating_gap(0.5, *pair)


@pytest.mark.parametrize("value", [-1.0, np.inf, np.nan])
def test_coefficients_of_a_gap_that_cannot_be_are_refused(value):
    with pytest.raises(InputError, match="conductance"):
        radiating_gap(0.5, 300.0, 400.0, conductance=value)
    with pytest.raises(InputError, match="gap coefficient"):
        Gap(value)
    with pytest.raises(InputError, match="spread"):
        Gap(1.0, value)


def test_nought_is_a_coefficient_and_no_spread():
    assert Gap(0.0) == Gap(0.0, 0.0) and radiating_gap(1.0, 1.0, 2.0, conductance=0.0).coefficient > 0


def test_every_second_instant_is_kept_and_the_last():
    for n, kept in ((3, [0, 2]), (6, [0, 2, 4, 5]), (7, [0, 2, 4, 6])):
        time, value = _every_other(np.arange(n) * 10.0, np.arange(n) + 0.5)
        assert time.tolist() == [10.0 * k for k in kept] and value.tolist() == [k + 0.5 for k in kept]


def test_answers_at_more_frequencies_are_sorted_in():
    answer = tuple(np.array([1.0, 4.0]) * f for f in (1, 10, 100))
    others = tuple(np.array([2.0, 3.0]) * f for f in (1, 10, 100))
    sizes, merged = _merged(np.array([1.0, 4.0]), answer, np.array([2.0, 3.0]), others)
    assert sizes.tolist() == [1, 2, 3, 4]
    for found, f in zip(merged, (1, 10, 100)):
        assert found.tolist() == [f, 2 * f, 3 * f, 4 * f]


def test_an_error_beyond_the_tolerance_is_an_alarm_that_names_the_largest_part():
    errors = {"time": 0.01, "fit": 0.002, "mesh": 0.03, "gap": 0.0, "data": 1e-4}
    assert _remarks(errors, 0.05, 0.05) == ()
    (alarm,) = _remarks(errors, 0.051, 0.05)
    assert alarm.alarm and "5.1 % of the largest jump, beyond 5 %, most of it from the mesh (3 %): refine" in str(alarm)
    assert len(_remarks(errors, np.inf, np.inf)) == 1 and len(_remarks(errors, np.nan, 0.05)) == 1
    for name in errors:
        assert f"from the {name} (50 %)" in str(_remarks(errors | {name: 0.5}, 1.0, 0.05)[0])


def test_error_of_a_gap_is_its_share_of_the_heat_s_work_times_its_spread():
    """One node: the gap takes 3 of the work of 10 with a spread of 20 %, and half as much more for the largest jump."""
    system = SimpleNamespace(surface=np.array([[3.0]]))
    data = SimpleNamespace(faces={0: Gap(1.0, 0.2), 1: Gap(5.0, 0.1), 2: Insulated()}, right=np.array([[10.0]]))
    assert _gap_error(system, data, np.array([[1.0 + 0j]])) == pytest.approx(1.5 * 0.2 * 0.3)
    none = SimpleNamespace(faces={0: Gap(1.0)}, right=np.array([[10.0]]))
    assert _gap_error(system, none, np.array([[1.0 + 0j]])) == 0.0
    idle = SimpleNamespace(faces={0: Gap(1.0, 0.2)}, right=np.array([[0.0]]))
    assert _gap_error(system, idle, np.array([[0.0 + 0j]])) == 0.0


def test_thermal_load_is_goodier_s_factor_times_the_unit_load():
    """2 mu m with m = alpha (1 + nu) / (1 - nu)."""
    heat = SimpleNamespace(unit_load=np.ones((1, 2, 3)))
    assert thermal_load(heat, alpha=1e-6, nu=0.25, mu=30e9) == pytest.approx(2 * 30e9 * 1e-6 * 1.25 / 0.75)
