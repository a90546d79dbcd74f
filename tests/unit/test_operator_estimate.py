"""Error of K from two meshes and two readings: histories made by hand, whose estimate can be told."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.operator.estimate import FLOOR, MESH, NEIGHBOURS, PRESSED, READING, _carried, _nearest_front, compared


def line(n, length=1.0, shift=0.0):
    x = np.linspace(0, length, n)
    return SimpleNamespace(point=np.column_stack([x, 0 * x + shift, 0 * x]), length=length)


def ring(n, start=0.0):
    phi = 2 * np.pi * (np.arange(n) / n) + start
    return SimpleNamespace(point=np.column_stack([np.cos(phi), np.sin(phi), 0 * phi]), length=2 * np.pi)


def history(frames, k, ring_=None, closed=None):
    mesh = SimpleNamespace(fronts=[SimpleNamespace(crack=i) for i in range(len(frames))])
    closed = np.zeros(len(k[0])) if closed is None else np.array(closed)
    ring_ = k if ring_ is None else ring_
    return SimpleNamespace(frames=frames, k=k, k_ring=ring_, closed=closed, operator=SimpleNamespace(mesh=mesh))


def test_the_same_on_both_meshes_and_readings_leaves_the_floor_of_the_instant():
    frame, k = line(9), np.ones((2, 9, 3))
    k[1, 4, 2] = -7.0
    (found,) = compared(history([frame], [k]), history([frame], [k]))
    assert found[0] == pytest.approx(FLOOR) and found[1] == pytest.approx(7 * FLOOR) and found.shape == k.shape


def test_a_difference_of_meshes_counts_by_its_share_and_more_where_faces_press():
    frame, k = line(9), np.zeros((2, 9, 3))
    other = k.copy()
    other[..., 1] += 2.0
    (found,) = compared(history([frame], [k], closed=[0.0, 0.2]), history([frame], [other]))
    assert found[0, :, 1] == pytest.approx(2 * MESH) and found[1, :, 1] == pytest.approx(2 * PRESSED)
    assert not found[..., [0, 2]].any()


def test_a_difference_of_readings_counts_where_it_is_the_larger():
    frame, k = line(9), np.zeros((1, 9, 3))
    reading, other = k + 1.0, k + 0.5
    (found,) = compared(history([frame], [k], [reading]), history([frame], [other]))
    assert found == pytest.approx(max(READING, 0.5 * MESH))
    (found,) = compared(history([frame], [k], [k + 0.1]), history([frame], [other]))
    assert found == pytest.approx(0.5 * MESH)


@pytest.mark.parametrize("length", [0.01, 1.0, 100.0])
def test_a_difference_at_one_point_counts_as_far_as_its_neighbourhood_reaches(length):
    frame, k = line(91, length), np.zeros((1, 91, 3))
    other = k.copy()
    other[0, 45, 0] = 1.0
    (found,) = compared(history([frame], [k]), history([frame], [other]))
    reach = np.abs(frame.point[:, 0] / length - 0.5) <= NEIGHBOURS
    assert (found[0, :, 0] > 0).tolist() == reach.tolist()
    assert found[0, reach, 0] == pytest.approx(MESH)


def test_on_a_coarse_front_the_two_nearest_points_are_neighbours_however_far():
    frame, k = line(5), np.zeros((1, 5, 3))
    other = k.copy()
    other[0, 2, 0] = 1.0
    (found,) = compared(history([frame], [k]), history([frame], [other]))
    assert (found[0, :, 0] > 0).tolist() == [True, True, True, True, True]  # the ends look two points inwards
    far = line(7)
    other = np.zeros((1, 7, 3))
    other[0, 3, 0] = 1.0
    (found,) = compared(history([far], [np.zeros((1, 7, 3))]), history([far], [other]))
    assert (found[0, :, 0] > 0).tolist() == [False, False, True, True, True, False, False]


def test_values_are_carried_to_another_mesh_along_its_chords():
    fine, coarse = line(17), line(5)
    k = np.stack([coarse.point[:, 0], 2 - coarse.point[:, 0], 0 * coarse.point[:, 0] + 3], axis=-1)[None]
    expected = np.stack([fine.point[:, 0], 2 - fine.point[:, 0], 0 * fine.point[:, 0] + 3], axis=-1)[None]
    assert _carried(fine, coarse, k) == pytest.approx(expected)
    corner = np.zeros((1, 5, 3))
    corner[0, 2, 0] = 1.0  # a hat over the middle point
    assert _carried(fine, coarse, corner)[0, :, 0] == pytest.approx(
        np.maximum(0, 1 - np.abs(fine.point[:, 0] - 0.5) * 4)
    )


def test_points_beyond_the_ends_of_an_open_front_take_the_ends_values():
    """The chord from one end to the other is no part of it."""
    wider = SimpleNamespace(point=np.array([[-0.1, 0, 0], [1.2, 0.1, 0], [0.6, 0.2, 0]]), length=1.3)
    coarse = line(5)
    k = np.stack([coarse.point[:, 0]] * 3, axis=-1)[None]
    assert _carried(wider, coarse, k)[0, :, 0] == pytest.approx([0.0, 1.0, 0.6])


def test_values_are_carried_round_the_joint_of_a_closed_front():
    fine, coarse = ring(40, 0.03), ring(12)
    angle = np.arange(12) * 2 * np.pi / 12
    k = np.stack([np.cos(angle)] * 3, axis=-1)[None]
    assert _carried(fine, coarse, k)[0, :, 0] == pytest.approx(fine.point[:, 0], abs=0.04)


def test_a_front_is_compared_with_the_one_nearest_to_it():
    fronts = [line(5, shift=9.0), line(6, shift=0.1), line(4, shift=-3.0)]
    coarse = SimpleNamespace(frames=fronts)
    assert _nearest_front(line(9), coarse, 0) == 1 and _nearest_front(line(9, shift=-2.0), coarse, 0) == 2
    k = [np.full((1, n, 3), v) for n, v in ((5, 1.0), (6, 2.0), (4, 3.0))]
    found = compared(
        history([line(9), line(9, shift=9.0)], [np.full((1, 9, 3), 2.0), np.full((1, 9, 3), 1.0)]), history(fronts, k)
    )
    assert found[0] == pytest.approx(2 * FLOOR) and found[1] == pytest.approx(FLOOR)
