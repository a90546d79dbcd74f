"""Data of blocked heat as courses in time times shapes: as few as hold every instant; what they leave out is told."""

import numpy as np
import pytest

from deadlight.operator.blocked_heat_data import LEFT_OUT, _modes


@pytest.mark.parametrize("fall", [0.5, 0.1])
def test_every_instant_is_held_by_as_few_modes_as_do(fall):
    rng = np.random.default_rng(3)
    course, shape = np.linalg.qr(rng.normal(size=(60, 12)))[0], np.linalg.qr(rng.normal(size=(40, 12)))[0].T
    whole = np.zeros((3, 60, 40))
    whole[0] = course @ (fall ** np.arange(12.0)[:, None] * shape)
    found, shapes, left_out = _modes(whole)
    missing = np.linalg.norm(whole[0] - found @ shapes[0], axis=1).max() / np.linalg.norm(whole[0], axis=1).max()
    assert missing == pytest.approx(left_out, rel=1e-6) and left_out <= LEFT_OUT
    fewer = found.shape[1] - 1
    without = whole[0] - found[:, :fewer] @ shapes[0][:fewer]
    assert np.linalg.norm(without, axis=1).max() > LEFT_OUT * np.linalg.norm(whole[0], axis=1).max()
    assert not shapes[1:].any()


def test_no_data_are_one_mode_of_nothing():
    course, shapes, left_out = _modes(np.zeros((3, 5, 7)))
    assert course.shape == (5, 1) and not shapes.any() and left_out == 0.0
