"""Outlines of panes: distances, chords and normals by elementary geometry, and what is no pane."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deadlight.crack.pane_shape import PaneShape
from deadlight.errors import InputError

DISC = PaneShape(0.01, radius=0.2)
BOX = PaneShape(0.01, half_sizes=(0.3, 0.2), corner_radius=0.1)
SQUARE = PaneShape(0.01, vertices=((0.1, -0.1), (0.1, 0.1), (-0.1, 0.1), (-0.1, -0.1), (-0.1, -0.1)))


def at(x: float, y: float) -> np.ndarray:
    return np.array([x, y])


@pytest.mark.parametrize(
    ("pane", "x", "y", "distance"),
    [
        (DISC, 0.0, 0.0, -0.2),
        (DISC, 0.3, -0.4, 0.3),
        (BOX, 0.0, 0.0, -0.2),
        (BOX, 0.25, 0.0, -0.05),
        (BOX, -0.35, 0.05, 0.05),
        (BOX, 0.0, -0.17, -0.03),
        (BOX, 0.2 + 0.3, 0.1 + 0.4, 0.4),  # from the centre (0.2, 0.1) of a corner: 0.5 - 0.1
        (BOX, 0.2 + 0.03, -0.1 - 0.04, -0.05),
        (SQUARE, 0.02, 0.07, -0.03),
        (SQUARE, -0.15, 0.0, 0.05),
    ],
)
def test_signed_distance_from_the_rim(pane: PaneShape, x: float, y: float, distance: float) -> None:
    assert pane.distance(at(x, y)) == pytest.approx(distance)
    assert pane._distances(np.array([[0.0, 0.0], [x, y]]))[1] == pytest.approx(distance)


@pytest.mark.parametrize(
    ("pane", "x", "y", "normal"),
    [
        (DISC, 0.12, 0.16, (0.6, 0.8)),
        (BOX, 0.3, 0.02, (1.0, 0.0)),
        (BOX, 0.01, -0.2, (0.0, -1.0)),
        (BOX, 0.2 + 0.06, 0.1 + 0.08, (0.6, 0.8)),
        (SQUARE, -0.1, 0.03, (-1.0, 0.0)),
    ],
)
def test_the_normal_points_out_of_the_pane(pane: PaneShape, x: float, y: float, normal: tuple[float, float]) -> None:
    np.testing.assert_allclose(pane.outward(at(x, y)), normal, atol=1e-5)


@pytest.mark.parametrize(
    ("pane", "direction", "length"),
    [
        (DISC, (0.0, 1.0), 0.2),
        (BOX, (-1.0, 0.0), 0.3),
        (BOX, (0.8, 0.6), 1.0 / 3.0),  # (4/15, 1/5): on the upper side only if it is straight there; see below
        (SQUARE, (0.6, -0.8), 0.125),
    ],
)
def test_chords_from_the_middle(pane: PaneShape, direction: tuple[float, float], length: float) -> None:
    if pane is BOX and direction[1]:  # meets the round corner: |s d - (0.2, 0.1)| = 0.1
        b, c = 0.8 * 0.2 + 0.6 * 0.1, 0.2**2 + 0.1**2 - 0.1**2
        length = b + math.sqrt(b * b - c)
    assert pane.leaves(np.zeros(2), np.array(direction)) == pytest.approx(length, abs=1e-9)


@pytest.mark.parametrize("pane", [DISC, BOX, SQUARE])
def test_the_reach_is_longer_than_any_chord(pane: PaneShape) -> None:
    """Through two opposite points of the rim; and not without bound."""
    widest = {DISC: 0.4, BOX: 2.0 * math.hypot(0.3, 0.2), SQUARE: 0.2 * math.sqrt(2.0)}[pane]
    assert widest < pane.reach <= 1.5 * widest


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "0 outlines"),
        ({"radius": 0.1, "half_sizes": (0.1, 0.1)}, "2 outlines"),
        ({"radius": -0.1}, "radius or half size -0.1 m"),
        ({"radius": 0.0}, "half size -?0 m"),
        ({"radius": 0.1, "thickness": 0.0}, "thickness 0 m"),
        ({"radius": 0.1, "lip_inset": 0.1}, "lip 0.1 m"),
        ({"radius": 0.1, "lip_inset": -1e-3}, "lip -0.001 m"),
        ({"half_sizes": (0.1, 0.05), "lip_inset": 0.06}, "half size 0.05 m"),
        ({"half_sizes": (0.1, 0.05), "corner_radius": 0.051}, "corner radius 0.051 m"),
        ({"half_sizes": (0.1, 0.05), "corner_radius": -0.001}, "corner radius -0.001 m"),
        ({"vertices": ((0.1, -0.1), (0.1, 0.1), (0.05, 0.1), (0.05, -0.1))}, "half size -0.05 m"),
    ],
)
def test_what_is_no_pane_is_refused(given: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        PaneShape(**{"thickness": 0.01, **given})  # type: ignore[arg-type]


def test_a_slot_with_round_ends_is_a_pane() -> None:
    """Corner radius up to the smaller half size; the lip down to nothing."""
    slot = PaneShape(0.01, half_sizes=(0.3, 0.1), corner_radius=0.1)
    assert slot.distance(at(0.2 + 0.06, 0.08)) == pytest.approx(0.0)


def test_the_rim_stands_back_as_its_nodes_show() -> None:
    """A step 3 mm deep above the middle; on a face its own edge counts, between the faces what stands back most."""
    pane = PaneShape(0.01, radius=0.2, z_middle=0.05)
    nodes = np.array(
        [(0.2, 0.0, 0.045), (0.15, 0.0, 0.045), (0.2, 0.0, 0.05), (0.197, 0.0, 0.05), (0.0, 0.197, 0.055),
         (0.0, 0.1, 0.055), (0.21, 0.0, 0.055)]
    )  # fmt: skip
    shown = pane.with_rim(nodes[:-1])
    np.testing.assert_allclose(shown.recess, [(-1.0, 0.0), (0.0, 0.003), (1.0, 0.003)], atol=1e-12)
    np.testing.assert_allclose(shown.stands_back(np.array([-0.5, 0.5])), [0.0015, 0.003], atol=1e-12)
    assert pane.stands_back(np.array([-0.5, 0.5])).tolist() == [0.0, 0.0]
    assert pane.with_rim(nodes).recess[2][1] == 0.0  # a node outside the outline does not stand back


def test_only_the_rim_near_a_line_s_ends_is_asked_for_it() -> None:
    """Within 15 degrees of the azimuth, and of the far end."""
    pane = PaneShape(0.01, radius=0.2)
    turn = np.radians([40.0, 40.0 + 14.0, 40.0 - 16.0, 220.0, 220.0 + 17.0])
    back = np.array([0.0, 0.002, 0.005, 0.001, 0.006])
    nodes = np.column_stack([(0.2 - back) * np.cos(turn), (0.2 - back) * np.sin(turn), np.zeros(5)])
    assert pane.with_rim(nodes, azimuth=math.radians(40.0)).recess == ((0.0, pytest.approx(0.002)),)
    assert pane.with_rim(nodes[[0, 2, 3, 4]], azimuth=math.radians(40.0)).recess == ((0.0, pytest.approx(0.001)),)
    assert pane.with_rim(nodes).recess == ((0.0, pytest.approx(0.006)),)
