"""The stress that loads a crack in every form it may have, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.operator import intensity as module
from deadlight.operator.field import as_modes, together
from deadlight.operator.intensity import (
    FrontIntensity,
    StressIntensity,
    _check,
    _coarser,
    _doubts,
    _several,
    _stiff_seats,
)
from deadlight.remark import Remark

POINTS = np.random.default_rng(0).random((5, 3))
SIX = np.array([1.0, 2, 3, 4, 5, 6])


class History:
    def __init__(self, time, modes):
        self.time = np.asarray(time, dtype=float)
        self.amplitudes = np.random.default_rng(modes).random((len(time), modes))
        self.modes = np.random.default_rng(1).random((modes, 6))

    def sample_modes(self, points):
        return np.repeat(self.modes[:, None], len(points), axis=1)


def at(stress):
    """(m, p, 6) at the points."""
    return np.tensordot(stress.amplitudes, stress.sample_modes(POINTS), axes=1)


def test_six_numbers_are_a_stress_everywhere():
    for given in (SIX, SIX.tolist(), tuple(SIX)):
        assert at(as_modes(given)) == pytest.approx(np.tile(SIX, (1, 5, 1)))


def test_a_function_of_points_is_a_steady_stress():
    found = as_modes(lambda x: np.outer(x[:, 0], SIX))
    assert at(found)[0] == pytest.approx(np.outer(POINTS[:, 0], SIX)) and found.time.tolist() == [0.0]


def test_a_history_is_taken_as_it_is():
    history = History([0, 1, 5], 2)
    assert as_modes(history) is history and together([history]) is history


@pytest.mark.parametrize("function", [lambda x: x, lambda x: np.zeros((1, 6)), lambda x: np.zeros(6)])
def test_a_function_of_another_shape_is_refused_with_it(function):
    with pytest.raises(InputError, match=r"a stress of shape .* at 5 points"):
        as_modes(function).sample_modes(POINTS)


@pytest.mark.parametrize(
    "given, said",
    [
        ([1.0, 2], r"shape \(2,\)"),
        (np.ones((6, 1)), r"shape \(6, 1\)"),
        (3.0, r"shape \(\)"),
        ([1.0, 2, 3, 4, 5, np.nan], "nan"),
        ([1.0, 2, 3, 4, 5, np.inf], "inf"),
    ],
)
def test_what_is_no_stress_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        as_modes(given)


def test_stresses_that_act_together_add_up_on_the_instants_of_the_history():
    one, two = History([0, 1, 5], 2), History([0, 1, 5], 3)
    for order in ([one, SIX, two], [SIX, one, two], [two, SIX, one]):
        found = together(order)
        assert found.time.tolist() == [0, 1, 5]
        assert at(found) == pytest.approx(at(one) + at(two) + SIX)
    assert at(together([SIX, SIX, lambda x: np.tile(SIX, (len(x), 1))])) == pytest.approx(np.tile(3 * SIX, (1, 5, 1)))


@pytest.mark.parametrize("time", [[0, 1], [0, 1, 6], [0, 1, 5, 7]])
def test_histories_on_other_instants_are_refused(time):
    with pytest.raises(InputError, match=f"{len(time)} instants beside 3"):
        together([History([0, 1, 5], 2), History(time, 1)])


def test_one_stress_is_one_and_a_list_of_stresses_is_several():
    function = lambda x: x  # noqa: E731
    for one in (function, SIX, (1.0, 2, 3, 4, 5, 6), [1, 2, 3, 4, 5, 6], History([0, 1], 1)):
        assert len(_several(one)) == 1 and _several(one)[0] is one
    for several in ([SIX, function], (SIX, SIX, SIX), [[1, 2, 3, 4, 5, 6], SIX]):
        assert _several(several) is several


@pytest.mark.parametrize("young", [0.0, -1.0, np.nan, np.inf])
def test_a_modulus_that_cannot_be_is_refused(young):
    with pytest.raises(InputError, match="E = "):
        _check(young, 0.2, 1.0)


@pytest.mark.parametrize("nu", [-1.0, 0.5, 0.6, np.nan])
def test_a_ratio_of_poisson_that_cannot_be_is_refused(nu):
    with pytest.raises(InputError, match="nu = "):
        _check(70e9, nu, 1.0)


@pytest.mark.parametrize("refine", [0.19, 5.1, np.nan, np.inf, -1.0])
def test_a_mesh_too_coarse_or_too_fine_is_refused(refine):
    with pytest.raises(InputError, match="refine = "):
        _check(70e9, 0.2, refine)


def test_bounds_themselves_are_allowed():
    for nu in (-0.999, 0.0, 0.499):
        for refine in (0.2, 1.0, 5.0):
            _check(1e-3, nu, refine)


def front(k, error, name="chip"):
    k, error = np.asarray(k, dtype=float), np.asarray(error, dtype=float)
    return FrontIntensity(name, None, np.arange(len(k)), k, k, error, k[..., 0])


def test_relative_error_is_that_of_the_largest_k_of_the_instant():
    found = front(
        [[[1, -4, 0], [2, 0, 0]], [[0, 0, 0], [0, 0, 0]]], [[[0.1, 0, 0], [0, 0, 0.2]], [[0.3, 0, 0], [0, 0, 0]]]
    )
    assert found.relative_error.tolist() == [0.05, 0.0]


def test_an_error_beyond_five_percent_of_the_largest_k_is_an_alarm():
    good = front([[[1e6, 0, 0]], [[0, -2e6, 0]]], [[[1e5, 0, 0]], [[0, 0, 1e4]]])  # 5 % of 2 MPa: allowed
    bad = front([[[1e6, 0, 0]], [[0, -2e6, 0]]], [[[1.1e5, 0, 0]], [[0, 0, 1e4]]], "scratch")
    unknown = front([[[1e6, 0, 0]]], [[[np.nan, np.nan, np.nan]]])
    nothing = front([[[0.0, 0, 0]]], [[[1.0, 0, 0]]])
    (alarm,) = _doubts([good, bad, nothing])
    assert alarm.alarm and "scratch: the error of K is estimated at 5.5 % of its largest value, over 5 %" in str(alarm)
    assert _doubts([unknown]) == []  # no estimate was asked for


def test_an_answer_says_the_largest_k_of_every_front_with_its_error_and_instant():
    k, error = np.zeros((2, 3, 3)), np.full((2, 3, 3), 1e3)
    k[1, 2, 1], error[1, 2, 1] = -3.25e6, 4.5e4
    k[0, 0, 0] = 2e6
    first = FrontIntensity("chip", None, np.array([0.0, 60.0]), k, k, error, k[..., 0])
    k = np.zeros((2, 3, 3))
    k[0, 1, 2] = 1e5
    second = FrontIntensity("scratch", None, np.array([0.0, 60.0]), k, k, error, k[..., 0])
    history = SimpleNamespace(operator=SimpleNamespace(mesh="MESH", n_unknowns=77))
    meshed = SimpleNamespace(remarks=(Remark("said"),), choice="a patch")
    found = StressIntensity((first, second), history, meshed, (Remark("bad", alarm=True),), {})
    assert repr(found).splitlines() == [
        "MESH, 77 unknowns, a patch",
        "  chip: largest K_II -3.25 +- 0.045 MPa m^0.5 at 60 s",
        "  scratch: largest K_III 0.1 +- 0.001 MPa m^0.5 at 0 s",
        "  said",
        "  ALARM: bad",
    ]


def seats(stiffness):
    return SimpleNamespace(area=np.ones(len(stiffness)), stiffness=np.array(stiffness))


@pytest.mark.parametrize("stiffness, said", [(1.9e9, None), (2.1e9, False), (19.9e9, False), (20.1e9, True)])
def test_seats_stiff_beside_the_body_are_said_and_ten_times_as_stiff_an_alarm(stiffness, said):
    """Stiffness times the body's longest extent (2 m) over E (200 GPa) against 2 % and 20 %."""
    mesh = SimpleNamespace(points=np.array([[0.0, 0, 0], [1, -1, 0.5], [0.5, 1, 0]]))
    found = _stiff_seats(seats([1e6, stiffness]), SimpleNamespace(mesh=mesh, back=object()), 200e9)
    assert [r.alarm for r in found] == ([] if said is None else [said])
    if found:
        assert f"seats of {stiffness / 1e6:.3g} MPa/m" in str(found[0])


def test_without_seats_or_with_a_patch_of_the_skin_no_stiffness_is_felt():
    whole = SimpleNamespace(mesh=None, back=object())
    assert _stiff_seats(None, whole, 1.0) == [] and _stiff_seats(seats([]), whole, 1.0) == []
    assert _stiff_seats(seats([1e20]), SimpleNamespace(mesh=None, back=None), 1.0) == []


def test_without_a_background_there_is_none_coarser(monkeypatch):
    assert _coarser(None, object()) is None and _coarser(object(), None) is None
    assert _coarser(object(), SimpleNamespace(cells=[])) is None


def test_a_coarser_background_is_of_the_second_mesh_s_fineness(monkeypatch):
    asked = []
    monkeypatch.setattr(module, "without_bevels", lambda body: SimpleNamespace(plain=body))
    monkeypatch.setattr(module, "shared_background", lambda *a: asked.append(a))
    _coarser("body", SimpleNamespace(cells=[1], size=3.0, refine=2.0))
    assert asked == [("body", 3.0, pytest.approx(1.4))]
