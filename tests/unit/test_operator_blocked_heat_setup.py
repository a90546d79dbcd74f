"""Equations of blocked heat as they are set up: what crosses surfaces, who carries flux, whose level is open."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.operator.blocked_heat_data import Data
from deadlight.operator.blocked_heat_faces import Gap, Insulated, Prescribed
from deadlight.operator.blocked_heat_setup import _film, build, frequencies
from deadlight.surface.mesh import SurfaceMesh

NONE = np.zeros(0, dtype=np.int64)


def mesh_of(surface, fixed=NONE, first=0):
    """Triangles of areas 1, 2, 3 ... above each other; nodes are numbered from the element `first` on."""
    n = len(surface)
    points = []
    for e in range(n):
        c = np.array([[0.0, 0, 4 * e], [2, 0, 4 * e], [0, e + 1, 4 * e]])
        points.append(np.concatenate([c, 0.5 * (c + c[[1, 2, 0]])]))
    cells = np.full((n, 9), -1)
    cells[:, :6] = np.arange(6 * n).reshape(n, 6)
    kind = np.zeros(n, dtype=np.int64)
    ties = (NONE, NONE, np.zeros(0))
    return SurfaceMesh(np.concatenate(points), cells, kind, np.array(surface), (), ties, fixed, np.arange(6 * n))


def data_of(faces):
    return Data(faces, None, *np.empty((4, 0, 0)))


def test_gaps_let_their_coefficient_through_and_films_half_of_theirs():
    mesh = mesh_of([0, 1, -1, -2])
    found = build(mesh, data_of({0: Gap(5.0), 1: Insulated()}), 1.5, {0: 7.0, 1: 0.0}, None)
    own = np.asarray(found.surface.sum(axis=1)).reshape(4, 6).sum(axis=1)
    assert own == pytest.approx([5 * 1, 0, 0.5 * 7 * 3, 0])
    assert found.conductivity == 1.5 and found.flux_nodes.tolist() == []
    assert found.pairs.density.tolist() == [0, 0, 7, 0] and not found.pairs.carries.any()


def test_a_crack_of_given_temperature_carries_flux_and_has_no_free_jump():
    mesh = mesh_of([0, 1, -1])
    found = build(mesh, data_of({0: Prescribed(), 1: Gap(2.0)}), 1.0, 3.0, None)
    assert found.flux_nodes.tolist() == list(range(6)) and found.space.free.tolist() == list(range(6, 18))
    assert found.pairs.density.tolist() == [1, 0, 3] and found.pairs.carries.tolist() == [True, False, False]


@pytest.mark.parametrize(
    "surface, faces, film, fixed, floating",
    [
        ([0, -1], {0: Insulated()}, 0.0, NONE, True),
        ([0, -1], {0: Gap(1.0)}, 0.0, NONE, True),
        ([0, -1], {0: Insulated()}, 1.0, NONE, False),
        ([0, -1], {0: Prescribed()}, 0.0, NONE, False),
        ([0, -1], {0: Insulated()}, 0.0, np.array([7]), False),
        ([-1, 0], {0: Insulated()}, 0.0, np.array([0]), False),
        ([0, -1], {0: Insulated()}, 0.0, np.array([1]), True),
        ([0], {0: Insulated()}, 0.0, NONE, False),
    ],
)
def test_the_level_is_open_where_neither_film_nor_temperature_nor_patch_edge_fixes_the_skin(
    surface, faces, film, fixed, floating
):
    assert build(mesh_of(surface, fixed), data_of(faces), 1.0, film, None).floating is floating


def test_unit_of_length_is_the_crack_s_longest_extent():
    assert build(mesh_of([-1, 0]), data_of({0: Insulated()}), 1.0, 0.0, None).length == pytest.approx(2.0)
    tall = mesh_of([0, -1, 0, 0, 0])
    assert build(tall, data_of({0: Insulated()}), 1.0, 0.0, None).length == pytest.approx(16.0)


def test_densities_of_flux_get_the_finer_rules():
    coarse = build(mesh_of([0, -1]), data_of({0: Insulated()}), 1.0, 0.0, None)
    fine = build(mesh_of([0, -1]), data_of({0: Prescribed()}), 1.0, 0.0, None)
    points = [max(len(g.weight) for g in found.pairs.groups) for found in (coarse, fine)]
    assert points[1] > points[0]


def test_films_of_two_faces_do_not_mix():
    assert _film(mesh_of([0, -1, -2, -3]), {0: 1.0, 1: 0.0, 2: 0.25}).tolist() == [0, 1, 0, 0.25]


def test_duration_counts_from_the_first_instant_and_the_first_node_counts():
    """History that begins late; a body whose first node alone makes its extent."""
    mesh = mesh_of([0])
    early, late = (frequencies(mesh, t0 + np.array([0.0, 1.0, 3.0]), 1e-2, closed=False) for t0 in (0.0, 1e3))
    assert early == pytest.approx(late) and len(early) > 1
    shifted = mesh.points.copy()
    shifted[0] = [-10.0, 0, 0]
    wide = SimpleNamespace(**{k: getattr(mesh, k) for k in ("cells", "kind", "on_crack", "surface")}, points=shifted)
    long = np.array([0.0, 1e9])
    assert frequencies(wide, long, 1.0, closed=False)[1] == pytest.approx(
        min(0.25 / (0.5 * np.hypot(12, 1)), 4 / np.hypot(10, 1))
    )
