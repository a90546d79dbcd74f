"""From answers at frequencies to histories: responses whose course in time is known, and how errors are told."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import erf

from deadlight.errors import InputError
from deadlight.operator import blocked_heat as module
from deadlight.operator.blocked_heat import _in_time, _responses, _transient, blocked_heat
from deadlight.operator.blocked_heat_faces import Insulated, Prescribed
from deadlight.operator.blocked_heat_time import sampled_sizes

KAPPA = 2.0
TIME = np.concatenate([[0.0, 1e-9], np.geomspace(0.01, 20, 60)])
SHARE = np.array([1.0, -2.0, 0.5])  # of three nodes


def root(size):
    """1 / sqrt(1 + s): after a step erf(sqrt(t)). (f,)."""
    return 1 / np.sqrt(1 + 1j * size**2 * KAPPA)


def answer(size, theta, load):
    """theta and load (f, 3, 1), (f, 3, 3, 1) of given courses, no density of flux."""
    nodal = theta(size)[:, None, None] * SHARE[:, None]
    force = load(size)[:, None, None, None] * np.outer(SHARE, [1.0, 2, 3])[..., None]
    return nodal, 0 * nodal, force


def lag(size):
    """1 / (1 + s): after a step 1 - exp(-t)."""
    return 1 / (1 + 1j * size**2 * KAPPA)


def data_of(course, faces=None):
    return SimpleNamespace(time=TIME, course=np.asarray(course)[:, None], faces=faces or {0: Insulated()})


SIZES = np.append(0.0, sampled_sizes(0.05, 30.0))
STEP = np.where(TIME > 0, 1.0, 0.0)


def test_histories_after_a_step_are_those_of_the_responses():
    (theta, gamma, load), errors = _in_time(data_of(STEP), SIZES, KAPPA, answer(SIZES, root, lag), False)
    assert theta == pytest.approx(np.outer(erf(np.sqrt(TIME)), SHARE), abs=0.02)
    course = 1 - np.exp(-TIME)
    assert load == pytest.approx(course[:, None, None] * np.outer(SHARE, [1.0, 2, 3]), abs=0.05)
    assert theta.shape == (62, 3) and load.shape == (62, 3, 3)
    assert gamma.shape == (62, 3) and not gamma.any()
    assert 0 < errors["fit"] < 0.05


def test_what_has_acted_for_ever_stays_and_what_begins_does_not():
    always = data_of(np.ones(62))
    (theta, _, load), errors = _in_time(always, SIZES, KAPPA, answer(SIZES, root, lag), True)
    assert theta == pytest.approx(np.tile(SHARE, (62, 1)), abs=1e-2)
    assert load == pytest.approx(np.tile(np.outer(SHARE, [1.0, 2, 3]), (62, 1, 1)), abs=1e-2)
    assert errors["time"] == pytest.approx(0.0, abs=1e-9)
    (theta, _, _), _ = _in_time(always, SIZES, KAPPA, answer(SIZES, root, lag), False)
    assert not theta[0].any() and theta == pytest.approx(np.outer(erf(np.sqrt(TIME)), SHARE), abs=0.02)


def test_a_jump_that_is_given_follows_at_once():
    faces = {0: Insulated(), 1: Prescribed()}

    def at_once(size):
        return 0.6 + 0.4 * root(size)

    (theta, _, load), _ = _in_time(data_of(STEP, faces), SIZES, KAPPA, answer(SIZES, at_once, root), False)
    assert theta == pytest.approx(np.outer(STEP * (0.6 + 0.4 * erf(np.sqrt(TIME))), SHARE), abs=0.03)
    assert load[1] == pytest.approx(0.0, abs=0.02)  # its load does not


def test_error_of_the_time_steps_is_a_third_of_what_every_second_instant_changes():
    """Data that zigzag lose all of it when every second instant is left out; straight ones nothing."""
    time = np.linspace(0, 100.0, 41)
    zigzag = SimpleNamespace(time=time, course=np.where(np.arange(41) % 2, 1.0, 0.0)[:, None], faces={0: Insulated()})
    _, errors = _in_time(zigzag, SIZES, KAPPA, answer(SIZES, root, lag), True)
    assert errors["time"] == pytest.approx(1 / 3, rel=0.05)
    straight = SimpleNamespace(time=time, course=time[:, None], faces={0: Insulated()})
    _, errors = _in_time(straight, SIZES, KAPPA, answer(SIZES, root, lag), True)
    assert errors["time"] < 1e-9
    two = SimpleNamespace(time=time[:2], course=time[:2, None], faces={0: Insulated()})
    assert _in_time(two, SIZES, KAPPA, answer(SIZES, root, lag), True)[1]["time"] == 0.0


class System:
    """Answers of known courses; counts at how many frequencies it was asked together."""

    def __init__(self, theta=root, floating=False, density=False):
        self.theta, self.floating, self.asked = theta, floating, []
        self.pairs = SimpleNamespace(mesh="mesh", density=np.array([float(density)]), loads=self.loads)

    def solve(self, sizes, right, right_flux, given):
        self.asked.append(sizes.copy())
        theta, gamma, _ = answer(sizes, self.theta, lag)
        return theta, gamma, 0.01 + sizes[0]

    def loads(self, sizes, theta, gamma):
        return answer(sizes, self.theta, lag)[2]


def loads_of(n=3):
    return {"right": np.zeros((n, 1)), "right_flux": np.zeros((n, 1)), "given": np.zeros((n, 1))}


@pytest.mark.parametrize("density, together", [(False, [4, 4, 1]), (True, [1] * 9)])
def test_frequencies_are_solved_as_many_at_once_as_the_memory_takes(density, together, monkeypatch):
    monkeypatch.setattr(module, "MEMORY", 16.0 * 9 * 4.5)
    system, sizes = System(density=density), SIZES[:9]
    (theta, gamma, load), share = _responses(system, SimpleNamespace(**loads_of()), sizes)
    assert [len(a) for a in system.asked] == together
    expected = answer(sizes, root, lag)
    for found, known in zip((theta, gamma, load), expected):
        assert found == pytest.approx(known)
    assert share == 0.01  # of the first frequency


def test_twice_as_many_frequencies_are_taken_where_the_fit_misses(monkeypatch):
    monkeypatch.setattr(module, "frequencies", lambda mesh, time, kappa, closed: SIZES)
    data = SimpleNamespace(**(vars(data_of(STEP)) | loads_of()))
    easy, hard = System(), System()
    sizes, *_ = _transient(easy, data, KAPPA, 1.0, False)
    assert len(easy.asked) == 1 and np.array_equal(sizes, SIZES)
    sizes, found, share, history, errors = _transient(hard, data, KAPPA, 1e-6, False)
    assert len(hard.asked) == 2 and len(sizes) == 2 * len(SIZES) - 2
    assert sizes[0] == 0 and sizes[2:] / sizes[1:-1] == pytest.approx(np.sqrt(2))
    assert found[0] == pytest.approx(answer(sizes, root, lag)[0]) and share == 0.01
    assert history[0] == pytest.approx(np.outer(erf(np.sqrt(TIME)), SHARE), abs=0.01)
    assert set(errors) == {"time", "fit"}


def test_instants_without_a_diffusivity_are_refused():
    with pytest.raises(InputError, match="no diffusivity"):
        blocked_heat(None, conductivity=1.0, time=TIME)


def test_steady_states_are_the_course_times_the_answer_at_rest(monkeypatch):
    """Each row of the data is a state of its own; the error is the sum of its parts, the mesh's share three times."""
    course = np.array([[2.0], [-1.0]])
    data = SimpleNamespace(time=None, course=course, faces={0: Insulated()}, left_out=1e-3, **loads_of())
    monkeypatch.setattr(module, "driving", lambda *a: data)
    monkeypatch.setattr(module, "build", lambda *a: System())
    heat = blocked_heat(None, conductivity=1.0, tolerance=0.5)
    assert heat.theta == pytest.approx(course * SHARE) and heat.time is None
    assert heat.unit_load == pytest.approx(course[:, :, None] * np.outer(SHARE, [1.0, 2, 3]))
    assert heat.errors == {"mesh": pytest.approx(0.03), "gap": 0.0, "data": 1e-3}
    assert heat.error == pytest.approx(0.031) and heat.remarks == () and heat.frequencies.tolist() == [0.0]


def test_histories_come_with_the_frequencies_they_were_made_of(monkeypatch):
    data = SimpleNamespace(**(vars(data_of(STEP)) | loads_of() | {"left_out": 0.0}))
    monkeypatch.setattr(module, "driving", lambda *a: data)
    monkeypatch.setattr(module, "build", lambda *a: System())
    monkeypatch.setattr(module, "frequencies", lambda *a, closed: SIZES)
    heat = blocked_heat(None, conductivity=1.0, diffusivity=KAPPA, time=TIME, tolerance=1e-4)
    assert heat.error == pytest.approx(sum(heat.errors.values())) and set(heat.errors) == {
        "time", "fit", "mesh", "gap", "data"
    }  # fmt: skip
    assert heat.remarks[0].alarm and heat.frequencies[1] == pytest.approx(SIZES[1] ** 2 * KAPPA)
    assert heat.theta == pytest.approx(np.outer(erf(np.sqrt(TIME)), SHARE), abs=0.02)
