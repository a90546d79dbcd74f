"""What a geometry of the full tier makes of the estimated error of K: its share, sure tilts, when it is due."""

from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.errors import NotSolved
from deadlight.growth.crack_shape import ALARM, FLAT, SURE, CrackShape, _share


def shape(number=0, every=8, changed=False, error=None):
    return CrackShape(SimpleNamespace(estimate_every=every), (), number, error, changed=changed)


def test_the_share_of_an_error_is_that_of_the_largest_k_and_nothing_where_there_is_no_k():
    """Also of a K below one unit: 0.3 of 0.5."""
    k = np.zeros((4, 3, 3))
    k[0, :, 0] = 1e6, -2e6, 5e5
    k[1, 1] = 3.0, 0.0, 4.0
    k[2, 2, 1] = 0.5
    error = np.array([[1e4, 2e4, 6e4], [0.5, 0.1, 0.2], [0.1, 0.15, 0.1], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(_share(k, error), [0.03, 0.1, 0.3, 0.0], rtol=1e-12)


def test_a_tilt_counts_where_it_is_beyond_half_a_degree_and_beyond_what_the_error_of_k_could_make():
    """K_II of the error's size turns a front by 2 K_II / K_I; 0.3 of that is doubt."""
    k = np.zeros((1, 6, 3))
    k[0, :, 0] = 1e6
    error = np.array([[0.0, 0.0, 0.1e6, 0.1e6, 0.1e6, 0.1e6]])
    tilt = np.array([[0.49, -0.51, np.degrees(0.059), -np.degrees(0.059), np.degrees(0.061), -np.degrees(0.061)]])
    found = np.degrees(shape()._sure(np.radians(tilt), k, error))
    np.testing.assert_allclose(found, [[0.0, -0.51, 0.0, 0.0, tilt[0, 4], tilt[0, 5]]])
    assert (SURE, np.degrees(FLAT)) == (0.3, pytest.approx(0.5))
    assert (shape()._sure(np.radians(tilt), 0.0 * k, 1.0 + error) == 0.0).all(), "no K, no sure way"


@pytest.mark.parametrize(
    ("number", "every", "changed", "due"),
    [(0, 0, False, True), (1, 0, True, False), (3, 0, False, False), (8, 8, False, True), (7, 8, False, False),
     (9, 8, False, False), (16, 8, False, True), (5, 8, True, True), (1, 1, False, True), (2, 1, False, True)],
)  # fmt: skip
def test_the_error_is_estimated_on_the_first_geometry_every_so_often_and_after_a_change(number, every, changed, due):
    assert shape(number, every, changed).estimated is due


def told(error, k=None, last=None, wanted=True):
    """What is told of two fronts of two points at two instants whose K is 1 and 2 MPa m^0.5."""
    k = np.zeros((2, 4, 3)) if k is None else k
    k[0, :, 0], k[1, :, 0] = 1e6, 2e6
    fronts = [SimpleNamespace(error=error[:, :2]), SimpleNamespace(error=error[:, 2:])]
    one = shape(5, 8, error=last)
    found = one._errors(SimpleNamespace(fronts=fronts, meshed=SimpleNamespace(remarks=())), k, wanted=wanted)
    return *found, one.error


def vectors(size):
    """Errors (2, 4, 3) of given sizes (2, 4), in modes I and II."""
    return np.asarray(size)[..., None] * [0.6, 0.8, 0.0]


def test_an_estimate_is_kept_as_shares_and_too_large_a_one_is_an_alarm():
    size = np.array([[1e4, 2e4, 1e4, 0.0], [1e4, 1e4, 8e4, 1e4]])
    error, remarks, kept = told(vectors(size))
    np.testing.assert_allclose(error, size)
    np.testing.assert_allclose(kept, [0.02, 0.04])
    assert not remarks
    size[0, 0] = 0.9e6
    assert not told(vectors(size))[1], "at an instant at which K is not at its largest"
    size[1, 3] = 1.01 * ALARM * 2e6
    (remark,) = told(vectors(size))[1]
    assert remark.alarm and "error of K estimated at 5" in remark and "limit 5 %" in remark


def test_without_an_estimate_the_last_one_stands_in_its_share_of_the_largest_k():
    none = np.full((2, 4, 3), np.nan)
    error, remarks, kept = told(none, last=np.array([0.01, 0.03]), wanted=False)
    np.testing.assert_allclose(error, [[1e4] * 4, [6e4] * 4])
    assert not remarks and kept.tolist() == [0.01, 0.03]
    error, remarks, _ = told(none, last=0.02, wanted=True)
    np.testing.assert_allclose(error, [[2e4] * 4, [4e4] * 4])
    assert [r.alarm for r in remarks] == [True] and "the last estimate stands" in remarks[0]


def test_what_was_read_before_it_was_stored_is_known_again_only_where_it_was_estimated():
    k = np.zeros((1, 2, 3))
    k[..., 0] = 1e6
    reading = SimpleNamespace(k=k, error=np.array([[1e4, 5e4]]))
    assert shape(8, 8).recalled(reading).error.tolist() == pytest.approx([0.05])
    assert shape(7, 8, error=0.02).recalled(reading).error == 0.02


class Reached(Exception):
    """K was found."""


@pytest.mark.parametrize(
    ("number", "every", "fails", "asked", "ends"),
    [
        (8, 8, {True}, [True, False], Reached),
        (8, 8, {True, False}, [True, False], NotSolved),
        (0, 8, {True}, [True], NotSolved),
        (3, 8, {False}, [False], NotSolved),
        (3, 8, set(), [False], Reached),
    ],
)
def test_a_later_geometry_is_solved_without_its_estimate_if_that_fails(monkeypatch, number, every, fails, asked, ends):
    """The coarser mesh of the estimate may be what failed; the cracks as found need their estimate."""
    calls = []

    def intensity(self, estimate):
        calls.append(estimate)
        raise NotSolved("the coarser mesh") if estimate in fails else Reached

    monkeypatch.setattr(CrackShape, "_intensity", intensity)
    with pytest.raises(ends):
        shape(number, every).solve()
    assert calls == asked
