"""Elements, their pairs and how pairs are turned, against plain geometry and plain lists."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from deadlight.errors import NotSolved
from deadlight.operator import pairs as pairing
from deadlight.operator import shape
from deadlight.operator.pairs import Elements, Fineness, distant_pairs, touching_jobs, touching_pairs
from deadlight.surface.mesh import Q9, T6, TIP, SurfaceMesh

NONE = np.zeros(0, dtype=np.int64)


def six(corners):
    c = np.asarray(corners, dtype=float)
    return np.concatenate([c, 0.5 * (c + c[[1, 2, 0]])])


def nine(origin, along, across, quarter=False):
    t = np.array([0.0, 0.25 if quarter else 0.5, 1.0])[shape.NODE_T]
    return np.asarray(origin) + 0.5 * shape.NODE_S[:, None] * np.asarray(along) + t[:, None] * np.asarray(across)


def meshed(*parts):
    """Elements (kind, points), nodes at one point are one node."""
    cells, points = np.full((len(parts), 9), -1), []
    for e, (_, x) in enumerate(parts):
        for i, p in enumerate(np.asarray(x, dtype=float)):
            same = [k for k, q in enumerate(points) if np.allclose(p, q, atol=1e-9)]
            if not same:
                points.append(p)
            cells[e, i] = same[0] if same else len(points) - 1
    kind = np.array([k for k, _ in parts], dtype=np.int64)
    ties = (NONE, NONE, np.zeros(0))
    return SurfaceMesh(np.array(points), cells, kind, 0 * kind, (), ties, NONE, np.arange(len(points)))


def test_what_is_known_of_an_element_is_its_plain_geometry():
    right = six([[0, 0, 0], [3, 0, 0], [0, 4, 0]])
    bulged = six([[10, 0, 0], [11, 0, 0], [10, 1, 0]])
    bulged[4, 2] += 1e-3
    bent = six([[20, 0, 0], [21, 0, 0], [20, 1, 0]])
    bent[3] = [20.25, 0, 0]
    flat = nine([30, 0, 0], [3, 0, 0], [0, 1, 0])
    ring = nine([40, 0, 0], [1, 0, 0], [0, 2, 0], quarter=True)
    found = Elements.of(meshed((T6, right), (T6, bulged), (T6, bent), (Q9, flat), (TIP, ring), (TIP + 1, ring + 10)))
    assert found.n_nodes.tolist() == [6, 6, 6, 9, 9, 9]
    assert found.straight.tolist() == [True, False, False, False, False, False]
    assert found.size == pytest.approx([5, np.sqrt(2), np.sqrt(2), 3, 2, 2])
    assert found.aspect == pytest.approx([25 / 12, 2, 2, 1, 1, 1])  # height on the side of 5 is 12/5
    assert found.least.tolist() == [0, 0, 1, 1, 2, 2]
    centre = np.array([[1, 4 / 3, 0], [31 / 3, 1 / 3, 0], [61 / 3, 1 / 3, 0], [31.5, 0.5, 0], [40.5, 1, 0]])
    assert found.centre[:5] == pytest.approx(centre)
    assert found.radius[[0, 3, 4]] == pytest.approx([np.hypot(1, 8 / 3), np.hypot(1.5, 0.5), np.hypot(0.5, 1)])
    assert pairing.in_ring(found.mesh).tolist() == [False] * 4 + [True] * 2


def test_spheres_hold_all_nodes_and_do_not_depend_on_the_first_corner():
    mesh = meshed((T6, six([[0, 0, 0], [3, 0, 1], [0, 4, 0]])), (TIP, nine([9, 0, 0], [1, 0, 0.2], [0.3, 2, 0], True)))
    found = Elements.of(mesh)
    for e, nn in enumerate((6, 9)):
        apart = np.linalg.norm(mesh.points[mesh.cells[e, :nn]] - found.centre[e], axis=1)
        assert found.radius[e] == pytest.approx(apart.max())


@pytest.mark.parametrize("height, slender", [(0.17, False), (0.16, True)])
def test_a_triangle_six_times_as_long_as_high_is_slender(height, slender):
    found = Elements.of(meshed((T6, six([[0, 0, 0], [1, 0, 0], [0.4, height, 0]]))))
    assert found.aspect == pytest.approx([1 / height]) and found.slender.tolist() == [slender]


def test_a_triangle_of_no_area_is_as_slender_as_can_be_and_no_division_by_nought():
    assert Elements.of(meshed((T6, six([[0, 0, 0], [1, 0, 0], [2, 0, 0]])))).aspect[0] > 1e20


def test_rules_of_long_elements_have_two_points_more_a_step():
    assert Fineness(curved=(6, 5, 4, 3)).long(1) == (8, 7, 6, 5)
    assert Fineness(curved=(6, 5, 4, 3)).long(4) == (14, 13, 12, 11)


def patch():
    """Two triangles and a square of one strip, a ring's square beside it, a triangle far away."""
    return meshed(
        (T6, six([[0, 0, 0], [1, 0, 0], [0, 1, 0]])),
        (T6, six([[1, 1, 0], [0, 1, 0], [1, 0, 0]])),
        (Q9, nine([1, 0, 0], [1, 0, 0], [0, 1, 0])),
        (TIP, nine([2, 1, 0], [1, 0, 0], [0, 1, 0], True)),
        (T6, six([[7, 0, 0], [8, 0, 0], [7, 1, 0]])),
    )


def corners(mesh, e):
    return set(mesh.cells[e, : 3 if mesh.kind[e] == T6 else 4].tolist())


def test_touching_pairs_are_all_that_share_a_corner_and_distant_ones_the_rest():
    mesh = patch()
    touch = touching_pairs(mesh)
    expected = [(e, f) for e in range(5) for f in range(e, 5) if corners(mesh, e) & corners(mesh, f)]
    assert list(zip(*(a.tolist() for a in touch))) == expected
    apart, _ = distant_pairs(Elements.of(mesh), Fineness(), touch)
    rest = sorted(tuple(sorted(p)) for p in apart.tolist())
    assert rest == [(e, f) for e in range(5) for f in range(e, 5) if (e, f) not in expected]


@pytest.mark.parametrize("gap", [0.2, 0.6, 1.2, 3.0])
def test_level_of_a_distant_pair_is_how_many_limits_its_distance_falls_below(gap):
    """Two squares above each other and a triangle: distance of the nearest nodes over either element's size."""
    mesh = meshed((T6, six([[0, 0, 0], [1, 0, 0], [0, 1, 0]])), (T6, six([[0, 0, gap], [2, 0, gap], [0, 2, gap]])))
    elements, fineness = Elements.of(mesh), Fineness(limits=(1.3, 0.5, 0.25))
    pairs, level = distant_pairs(elements, fineness, touching_pairs(mesh))
    for (e, f), (one, two) in zip(pairs, level):
        assert one == sum(gap < k * elements.size[e] for k in fineness.limits)
        assert two == sum(gap < k * elements.size[f] for k in fineness.limits)


def test_a_bent_triangle_has_no_rule_coarser_than_its_own_functions_ask_for():
    bent = six([[20, 0, 0], [21, 0, 0], [20, 1, 0]])
    bent[3] = [20.25, 0, 0]
    mesh = meshed(
        (T6, six([[0, 0, 0], [1, 0, 0], [0, 1, 0]])), (T6, bent), (Q9, nine([40, 0, 0], [1, 0, 0], [0, 1, 0]))
    )
    pairs, level = distant_pairs(Elements.of(mesh), Fineness(), touching_pairs(mesh))
    least = {0: 0, 1: 1, 2: 0}  # a square's coarsest rule is fine enough for it
    assert level.tolist() == [[least[e], least[f]] for e, f in pairs.tolist()]


@pytest.mark.parametrize("both_ways", [True, False])
def test_touching_pairs_come_as_pairs_of_triangles_whose_common_corners_stand_first(both_ways):
    mesh = patch()
    e, f = touching_pairs(mesh)
    jobs = touching_jobs(mesh, e, f, both_ways=both_ways)
    halves = {k: 1 if mesh.kind[k] == T6 else 2 for k in range(5)}
    expected = sorted(
        (a, b, i, j)
        for a, b in zip(e.tolist(), f.tolist())
        for i in range(halves[a])
        for j in range(halves[b])
        if both_ways or a != b or i <= j
    )
    assert sorted(zip(*(x.tolist() for x in (jobs.e, jobs.f, jobs.half_e, jobs.half_f)))) == expected
    for k in range(len(jobs.e)):
        one, two = (
            mesh.cells[x[k], [[0, 1, 2], [0, 2, 3]][h[k]]][turn[k]]
            for x, h, turn in ((jobs.e, jobs.half_e, jobs.turn_e), (jobs.f, jobs.half_f, jobs.turn_f))
        )
        n = jobs.common[k]
        assert n == len(set(one.tolist()) & set(two.tolist()))
        assert one[:n].tolist() == two[:n].tolist() and not set(one[n:].tolist()) & set(two[n:].tolist())
        assert sorted(jobs.turn_e[k]) == sorted(jobs.turn_f[k]) == [0, 1, 2]


@pytest.mark.parametrize("shared", [1, 2])
def test_corners_in_common_stand_first_from_wherever_either_triangle_is_counted(shared):
    one = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    two = np.array([[0.0, 0, 0], [0, -1, 0], [1, 0, 0] if shared == 2 else [-1, 0, 0]])
    for a in permutations(range(3)):
        for b in permutations(range(3)):
            mesh = meshed((T6, six(one[list(a)])), (T6, six(two[list(b)])))
            jobs = touching_jobs(mesh, np.array([0]), np.array([1]))
            e, f = mesh.cells[0, jobs.turn_e[0]], mesh.cells[1, jobs.turn_f[0]]
            assert jobs.common.tolist() == [shared] and e[:shared].tolist() == f[:shared].tolist()
            assert len(set(e) | set(f)) == 6 - shared


def test_elements_on_each_other_are_refused_with_their_place_and_squares_on_themselves_are_not():
    folded = meshed((T6, six([[1, 2, 3], [2, 2, 3], [1, 3, 3]])), (T6, six([[1, 3, 3], [2, 2, 3], [1, 2, 3]])))
    with pytest.raises(NotSolved, match=r"lie on each other near \(1000, 2000, 3000\) mm"):
        touching_jobs(folded, *touching_pairs(folded))


def test_an_order_of_corners_is_odd_when_it_turns_the_triangle_over():
    for turn in permutations(range(3)):
        even = round(np.linalg.det(np.eye(3)[list(turn)])) == 1
        assert pairing.odd(np.array([turn])).tolist() == [not even]


def test_turned_triangles_keep_their_middle_nodes_between_their_corners():
    x = six(np.random.default_rng(0).standard_normal((3, 3)))
    for turn in permutations(range(3)):
        nodes = pairing.turned_nodes(np.array([[10, 11, 12, 13, 14, 15, -1, -1, -1]]), np.array([turn]))[0] - 10
        assert nodes[:3].tolist() == list(turn)
        c = x[nodes[:3]]
        assert x[nodes[3:]] == pytest.approx(0.5 * (c + c[[1, 2, 0]]))


@pytest.mark.parametrize("kind", [T6, Q9, TIP])
@pytest.mark.parametrize("half", [0, 1])
def test_reference_corners_of_a_turned_part_are_where_its_corners_are(kind, half):
    if kind == T6 and half:
        return  # a triangle has one
    x = six([[0, 0, 0], [1, 0, 0], [0, 1, 0.5]]) if kind == T6 else nine([0, 0, 1], [2, 0, 0], [0, 1, 1])
    for turn in permutations(range(3)):
        found = pairing.reference_corners(np.array([kind]), np.array([half]), np.array([turn]))
        assert found.shape == (1, 6) and found.flags.c_contiguous
        st = found.reshape(3, 2)
        at = shape.geometry(kind, st[:, 0], st[:, 1])[0][:, : len(x)] @ x
        own = [0, 1, 2] if kind == T6 or half == 0 else [0, 2, 3]
        assert at == pytest.approx(x[np.array(own)[list(turn)]])


def test_runs_are_cut_where_the_entry_changes_and_where_they_get_too_long(monkeypatch):
    monkeypatch.setattr(pairing, "RUN", 3)
    first = np.array([4] * 7 + [1] + [2] * 3 + [9] * 4)
    assert pairing.runs(first).tolist() == [0, 3, 6, 7, 8, 11, 14, 15]
    assert pairing.runs(first[:1]).tolist() == [0, 1]


def test_order_of_elements_is_one_of_all_and_keeps_neighbours_close():
    """A strip whose elements are numbered at random: sorted, neighbours are next to each other, or all but."""
    strip = [six([[i, 0, 0], [i + 1, 0, 0], [i + 0.5, 1, 0]]) for i in range(12)]
    order = np.random.default_rng(4).permutation(12)
    mesh = meshed(*[(T6, strip[i]) for i in order])
    found = pairing.neighbours_first(mesh)
    assert sorted(found) == list(range(12))
    sorted_ = pairing.sorted_elements(mesh)
    assert np.array_equal(sorted_.cells, mesh.cells[found])
    left = mesh.points[sorted_.cells[:, 0], 0]
    assert (np.abs(np.diff(left)) == 1).all()


def test_sorting_keeps_kind_and_surface_with_their_element():
    mesh = patch()
    mesh = SurfaceMesh(
        mesh.points, mesh.cells, mesh.kind, np.array([5, 6, 7, 8, 9]), (), mesh.ties, mesh.fixed, mesh.place
    )
    found = pairing.sorted_elements(mesh)
    before = {tuple(c): (k, s) for c, k, s in zip(mesh.cells.tolist(), mesh.kind, mesh.surface)}
    assert {tuple(c): (k, s) for c, k, s in zip(found.cells.tolist(), found.kind, found.surface)} == before


@pytest.mark.parametrize("size", [1e-4, 1e4])
def test_straight_bent_and_slender_do_not_know_the_unit_of_length(size):
    """A quarter-point side is bent, one off by a millionth curved, one off by 1e-13 straight."""
    rng = np.random.default_rng(2)
    corner = rng.standard_normal((3, 3)) + 7.0
    parts = [six(corner) for _ in range(3)]
    longest = np.linalg.norm(corner - corner[[1, 2, 0]], axis=1).max()
    parts[0][3] = 0.75 * corner[0] + 0.25 * corner[1]
    parts[1][4, 0] += 1e-6 * longest
    parts[2][5, 0] += 1e-13 * longest
    found = Elements.of(meshed(*[(T6, size * (x + 20.0 * i)) for i, x in enumerate(parts)]))
    assert found.straight.tolist() == [False, False, True] and found.least.tolist() == [1, 0, 0]
    a, b, c = (np.linalg.norm(corner[i] - corner[j]) for i, j in ((0, 1), (1, 2), (2, 0)))
    half = (a + b + c) / 2
    area = np.sqrt(half * (half - a) * (half - b) * (half - c))  # Heron
    assert found.aspect == pytest.approx(longest**2 / (2 * area)) and found.size == pytest.approx(size * longest)


def test_elements_touch_at_any_corner_however_nodes_are_numbered():
    """Four triangles, each at one corner of a square only; the same with the numbers of the nodes turned round."""
    parts = [(Q9, nine([0, 0, 0], [1, 0, 0], [0, 1, 0]))]
    for x, y in ((0, 0), (1, 0), (1, 1), (0, 1)):
        out = 2 * np.array([x, y]) - 1
        parts.append((T6, six([[x, y, 0], [x + out[0], y, 1.0], [x, y + out[1], 1.0]])))
    mesh = meshed(*parts)
    n = len(mesh.points)
    cells = np.where(mesh.cells >= 0, n - 1 - mesh.cells, -1)
    turned = SurfaceMesh(mesh.points[::-1], cells, mesh.kind, mesh.surface, (), mesh.ties, mesh.fixed, np.arange(n))
    for each in (mesh, turned):
        e, f = touching_pairs(each)
        assert [(0, k) for k in range(5)] == [(a, b) for a, b in zip(e.tolist(), f.tolist()) if a == 0]
