"""Kernels of the crack operator against a plain numpy twin, and against what theory says of any closed surface."""

from __future__ import annotations

import numpy as np
import pytest

from deadlight import _pairing, kernels
from deadlight.errors import NotSolved
from deadlight.operator import pairs as pairing
from deadlight.operator import shape
from deadlight.operator.assembly import Assembler
from deadlight.operator.pairs import (
    Elements,
    Fineness,
    distant_pairs,
    near_jobs,
    touching_pairs,
)
from deadlight.operator.quadrature import element, touching, triangle
from deadlight.operator.system import Unknowns, assemble, rigid_motions, symmetric_product
from deadlight.surface.mesh import Q9, T6, TIP, SurfaceMesh

NU = 0.3
NONE = np.zeros(0, dtype=np.int64)


def loose(parts):
    """A surface mesh of separate elements; parts: (kind, (nodes, 3) points)."""
    points, cells, start = [], [], 0
    for _, x in parts:
        cells.append([*range(start, start + len(x)), *[-1] * (9 - len(x))])
        points.append(x)
        start += len(x)
    kind = np.array([k for k, _ in parts])
    everything = np.concatenate(points)
    zero = np.zeros(len(parts), dtype=np.int64)
    ties = (NONE, NONE, np.zeros(0))
    return SurfaceMesh(everything, np.array(cells), kind, zero, (), ties, NONE, np.arange(len(everything)))


def six(corners, bulge=0.0):
    c = np.asarray(corners, dtype=float)
    mid = 0.5 * (c + c[[1, 2, 0]])
    mid[:, 2] += bulge
    return np.concatenate([c, mid])


def nine(origin, e1, e2, quarter=False):
    s = np.array([0, 1, 1, 0, 0.5, 1, 0.5, 0, 0.5])
    t = np.array([0, 0, 1, 1, 0, 0.5, 1, 0.5, 0.5])
    if quarter:
        t = np.where(t == 0.5, 0.25, t)
    return np.asarray(origin) + s[:, None] * np.asarray(e1) + t[:, None] * np.asarray(e2)


FAR = [
    (T6, six([[0, 0, 0], [1, 0, 0], [0, 1, 0.2]])),
    (T6, six([[3, 0, 1], [4, 0.3, 1], [3, 1, 1.5]])),
    (T6, six([[0, 4, 0], [1, 4, 0], [0, 5, 0.2]], bulge=0.1)),
    (T6, six([[4, 4, 0], [5, 4, 0], [4, 5, 1]], bulge=0.05)),
    (Q9, nine([0, 0, 4], [1, 0, 0.1], [0, 1, 0])),
    (TIP, nine([4, 0, 4], [1, 0, 0], [0, 1, 0.3], quarter=True)),
    (TIP + 1, nine([0, 4, 4], [0, 1, 0], [1, 0, 0.3], quarter=True)),
    (TIP + 2, nine([4, 4, 4], [0, 1, 0], [1, 0.2, 0.3], quarter=True)),
]


def curls(kind, x, s, t):
    _, gs, gt = shape.geometry(kind, s, t)
    _, ds, dt = shape.opening(kind, s, t)
    n = len(x)
    xs, xt = gs[:, :n] @ x, gt[:, :n] @ x
    place = shape.geometry(kind, s, t)[0][:, :n] @ x
    return place, ds[:, :n, None] * xt[:, None] - dt[:, :n, None] * xs[:, None]


def twin(first, second):
    """The pair's blocks by a plain product rule. (na, nb, 3, 3)."""
    g = 1 / (1 - NU)
    (ke, xe), (kf, xf) = first, second
    (pe, we), (pf, wf) = element(ke, 4), element(kf, 4)
    x, ca = curls(ke, xe, pe[:, 0], pe[:, 1])
    y, cb = curls(kf, xf, pf[:, 0], pf[:, 1])
    d = x[:, None] - y[None]
    size = np.linalg.norm(d, axis=2)
    r = d / size[..., None]
    weight = we[:, None] * wf[None] / size
    one = np.einsum("pq,pai,qbj->abij", weight, ca, cb)
    crossed_a = np.cross(ca[:, None], r[:, :, None])  # (p, q, a, 3)
    crossed_b = np.cross(cb[None], r[:, :, None])
    two = np.einsum("pq,pqai,pqbj->abij", weight, crossed_a, crossed_b)
    trace = np.einsum("abii->ab", one)
    turned = one.transpose(0, 1, 3, 2)
    return (2 - g) * turned - one + g * trace[..., None, None] * np.eye(3) - g * two


@pytest.mark.parametrize("limits", [(50.0, 25.0, 0.3), (9.0, 6.0, 3.0)], ids=["whole", "in parts"])
@pytest.mark.parametrize("isa", range(kernels._isa.best + 1))
def test_distant_pairs_equal_the_numpy_twin(isa, limits, monkeypatch):
    """Every combination of kinds, every instruction set, elements whole and cut into parts; rules good to 1e-6."""
    monkeypatch.setenv("DEADLIGHT_ISA", kernels.NAMES[isa])
    mesh = loose(FAR)
    n = len(mesh.points)
    matrix = np.zeros((3 * n, 3 * n))
    assembler = Assembler(mesh, np.arange(n), NU, matrix)
    assembler.add(Fineness(limits=limits))
    scale = np.abs(matrix).max()
    for i, first in enumerate(FAR):
        for j, second in enumerate(FAR[:i]):
            expected = twin(first, second)
            a, b = mesh.cells[i][mesh.cells[i] >= 0], mesh.cells[j][mesh.cells[j] >= 0]
            found = (matrix + np.triu(matrix, 1).T).reshape(n, 3, n, 3).transpose(0, 2, 1, 3)[a][:, b]
            if mesh.kind[i] >= TIP:
                expected[[0, 1, 4]] = 0.0  # the opening is 0 at a front: its nodes are left out
            if mesh.kind[j] >= TIP:
                expected[:, [0, 1, 4]] = 0.0
            assert np.abs(found - expected).max() < 1e-6 * scale, (i, j)


@pytest.mark.parametrize("longest", [3, 128])
@pytest.mark.parametrize("isa", range(kernels._isa.best + 1))
def test_runs_of_pairs_longer_than_a_register_equal_the_numpy_twin(isa, longest, monkeypatch):
    """One curved triangle and one of the ring, each with 11 straight, 11 curved and 11 elements of the ring."""
    monkeypatch.setenv("DEADLIGHT_ISA", kernels.NAMES[isa])
    monkeypatch.setattr(pairing, "RUN", longest)
    place = [np.array([4.0 + 0.3 * k, 2.0 * k, 0.1 * k * k]) for k in range(11)]
    parts = [FAR[2], FAR[5]]
    for bulge in (0.0, 0.1):
        parts += [(T6, six(np.array([[0, 0, 0], [1, 0, 0.1], [0, 1, 0]]) + at - [9, 0, 0], bulge)) for at in place]
        place = [at + [0, 0, 5.0] for at in place]
    parts += [(TIP, nine(at, [1, 0, 0], [0, 1, 0.3], quarter=True)) for at in place]
    mesh = loose(parts)
    n = len(mesh.points)
    matrix = np.zeros((3 * n, 3 * n))
    Assembler(mesh, np.arange(n), NU, matrix).add(Fineness(limits=(50.0, 25.0, 0.3)))
    whole = (matrix + np.triu(matrix, 1).T).reshape(n, 3, n, 3).transpose(0, 2, 1, 3)
    for i in (0, 1):
        for j in range(2, len(parts)):
            expected = twin(parts[i], parts[j])
            for at, kind in ((0, mesh.kind[i]), (1, mesh.kind[j])):
                if kind >= TIP:
                    np.moveaxis(expected, at, 0)[[0, 1, 4]] = 0.0
            a, b = mesh.cells[i][mesh.cells[i] >= 0], mesh.cells[j][mesh.cells[j] >= 0]
            found = whole[a][:, b]
            assert np.abs(found - expected).max() < 1e-6 * np.abs(expected).max(), (i, j)


def cube(split):
    """Closed surface of a unit cube, split x split squares a side, two triangles each, outward."""
    grid = np.linspace(0, 1, split + 1)
    triangles = []
    for axis in range(3):
        u, v = np.eye(3)[(axis + 1) % 3], np.eye(3)[(axis + 2) % 3]
        for level in (0.0, 1.0):
            for a, b in ((i, j) for i in range(split) for j in range(split)):
                turn = ((a, b), (a + 1, b), (a + 1, b + 1), (a, b + 1))
                corner = [level * np.eye(3)[axis] + grid[i] * u + grid[j] * v for i, j in turn]
                if level == 0.0:
                    corner = corner[::-1]
                triangles += [six(corner[:3]), six([corner[0], corner[2], corner[3]])]
    points = np.concatenate(triangles)
    place, back = np.unique(np.round(points, 9), axis=0, return_inverse=True)
    cells = np.full((len(triangles), 9), -1)
    cells[:, :6] = back.reshape(-1, 6)
    kind = np.zeros(len(cells), dtype=np.int64)
    return SurfaceMesh(place, cells, kind, kind - 1, (), (NONE, NONE, np.zeros(0)), NONE, np.arange(len(place)))


FINER = Fineness(limits=(4.0, 1.6, 0.7), plain=(7, 6, 6, 7), curved=(8, 7, 7, 8), ring=(8, 7, 7, 8))


@pytest.mark.parametrize("bulge", [0.0, 0.03])
def test_rigid_motions_of_a_closed_surface_have_no_energy(bulge):
    """Rotations make no stress; it holds only if all singular rules do, straight and curved. Error falls with order."""
    mesh = cube(2)
    if bulge:
        middle = np.setdiff1d(mesh.cells[:, 3:6], mesh.cells[:, :3])
        moved = mesh.points.copy()
        moved[middle] += bulge * (moved[middle] - 0.5)
        mesh = SurfaceMesh(moved, mesh.cells, mesh.kind, mesh.surface, (), mesh.ties, mesh.fixed, mesh.place)
    unknowns = Unknowns.of(mesh)
    rigid = rigid_motions(mesh, unknowns)
    left = []
    for fineness in (Fineness(), FINER):
        matrix, _, _ = assemble(mesh, unknowns, NU, fineness)
        left.append(np.abs(symmetric_product(matrix, rigid)).max() / np.abs(np.diag(matrix)).max())
    assert left[0] < 2e-3
    assert left[1] < 0.3 * left[0]
    value = np.linalg.eigvalsh(np.triu(matrix) + np.triu(matrix, 1).T)
    assert (np.abs(value[:6]) < 1e-3 * value[-1]).all()
    assert value[6] > 5e-3 * value[-1]


def test_matrix_is_the_same_for_any_number_of_threads(monkeypatch):
    mesh = cube(2)
    unknowns = Unknowns.of(mesh)
    found = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("DEADLIGHT_THREADS", threads)
        found.append(np.triu(assemble(mesh, unknowns, NU, Fineness())[0]))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


@pytest.mark.parametrize("common", [1, 2, 3])
def test_singular_rule_converges_to_the_integral_of_one_over_r(common):
    """int int 1/R over triangles with 1, 2, 3 corners in common, against orders 14; exponential in the order."""
    corners = {
        3: np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]),
        2: np.array([[0.0, 0, 0], [1, 0, 0], [0.3, -1, 0.4]]),
        1: np.array([[0.0, 0, 0], [-1, 0.2, 0.5], [-0.3, -1, 0.4]]),
    }[common]
    base = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])

    def integral(n):
        rule = touching(common, (n, n, n, n))
        d = rule.first @ base - rule.second @ corners
        return float(rule.weight @ (1 / np.linalg.norm(d, axis=1)))

    exact = integral(14)
    error = [abs(integral(n) / exact - 1) for n in (3, 5, 7)]
    assert error[1] < 3e-4
    assert error[2] < 0.2 * error[1] < 0.2 * error[0]


@pytest.mark.parametrize("degree", [2, 4, 6, 8, 12])
def test_triangle_rule_is_exact_to_its_degree(degree):
    """int s^p t^q = p! q! / (p + q + 2)! on the reference triangle."""
    from math import factorial

    points, weight = triangle(degree)
    for p in range(degree + 1):
        for q in range(degree + 1 - p):
            exact = factorial(p) * factorial(q) / factorial(p + q + 2)
            assert weight @ (points[:, 0] ** p * points[:, 1] ** q) == pytest.approx(exact, rel=1e-10)


def parts_by_numpy(elements, pairs, limits):
    """What `near_jobs` does, all pairs at once: (e, f, corners, corners, share, level) of every part."""
    mesh = elements.mesh
    e, f, ce, cf = _halved(mesh.kind, pairs[:, 0], pairs[:, 1])
    scale, done = np.ones(len(e)), []
    for _ in range(20):
        xe, xf = _part_nodes(mesh, e, ce), _part_nodes(mesh, f, cf)
        apart = np.sqrt(((xe[:, :, None] - xf[:, None]) ** 2).sum(axis=3).min(axis=(1, 2)))
        size_e, size_f = (np.linalg.norm(x[:, [1, 2, 0]] - x[:, :3], axis=2).max(axis=1) for x in (xe, xf))
        level = np.stack([sum((apart < k * s).astype(int) for k in limits) for s in (size_e, size_f)], axis=1)
        level = np.maximum(level, elements.least[np.stack([e, f], axis=1)])
        split = level.max(axis=1) == len(limits)
        done.append((e[~split], f[~split], ce[~split], cf[~split], scale[~split], level[~split]))
        if not split.any():
            return np.concatenate([np.column_stack(each) for each in done])
        first = split & (size_e > size_f * (1 - 1e-6)) & (level[:, 0] == len(limits))
        second = split & ~first
        kept = [np.repeat(a[first], 4, axis=0) for a in (e, f, cf, scale)]
        kept2 = [np.repeat(a[second], 4, axis=0) for a in (e, f, ce, scale)]
        more, more2 = _quartered(ce[first]), _quartered(cf[second])
        e, f = np.concatenate([kept[0], kept2[0]]), np.concatenate([kept[1], kept2[1]])
        ce, cf = np.concatenate([more, kept2[2]]), np.concatenate([kept[2], more2])
        scale = np.concatenate([kept[3], kept2[3]]) / 4
    raise AssertionError("no end of splitting")


def _halved(kind, e, f):
    ee, ff, ce, cf = [], [], [], []
    for i in (0, 1):
        for j in (0, 1):
            use = ((kind[e] != T6) | (i == 0)) & ((kind[f] != T6) | (j == 0))
            ee.append(e[use])
            ff.append(f[use])
            ce.append(np.where((kind[e[use]] == T6)[:, None], pairing.WHOLE, pairing.HALVES[i]))
            cf.append(np.where((kind[f[use]] == T6)[:, None], pairing.WHOLE, pairing.HALVES[j]))
    return np.concatenate(ee), np.concatenate(ff), np.concatenate(ce), np.concatenate(cf)


def _quartered(corner):
    c = corner.reshape(-1, 3, 2)
    m = 0.5 * (c + c[:, [1, 2, 0]])
    parts = np.stack(
        [
            np.stack([c[:, 0], m[:, 0], m[:, 2]], axis=1),
            np.stack([m[:, 0], c[:, 1], m[:, 1]], axis=1),
            np.stack([m[:, 2], m[:, 1], c[:, 2]], axis=1),
            np.stack([m[:, 0], m[:, 1], m[:, 2]], axis=1),
        ],
        axis=1,
    )
    return parts.reshape(-1, 6)


def _part_nodes(mesh, e, corner):
    """Corners, side middles and centre of parts of elements in space. (n, 7, 3)."""
    c = corner.reshape(-1, 3, 2)
    st = np.concatenate([c, 0.5 * (c + c[:, [1, 2, 0]]), c.mean(axis=1, keepdims=True)], axis=1)
    out = np.empty((len(e), 7, 3))
    for kind in np.unique(mesh.kind[e]):
        at = mesh.kind[e] == kind
        value = shape.geometry(int(kind), st[at, :, 0], st[at, :, 1])[0]
        nodes = mesh.cells[e[at]]
        out[at] = np.einsum("nqa,nai->nqi", value, mesh.points[np.where(nodes >= 0, nodes, nodes[:, :1])])
    return out


def like_the_twin(mesh):
    elements, fineness = Elements.of(mesh), Fineness()
    pairs, level = distant_pairs(elements, fineness, touching_pairs(mesh))
    near = pairs[(level == len(fineness.limits)).any(axis=1)]
    jobs = near_jobs(elements, near, fineness.limits)
    table = np.column_stack([jobs.e, jobs.f, jobs.corner_e, jobs.corner_f, jobs.scale, jobs.level])
    twin = parts_by_numpy(elements, near, fineness.limits)
    ours, theirs = (x[np.lexsort(np.round(x.T, 9))] for x in (table, twin))
    assert len(ours) > len(near) and ours == pytest.approx(theirs, abs=1e-12)
    share = np.zeros((len(mesh.cells), len(mesh.cells)))
    np.add.at(share, (jobs.e, jobs.f), jobs.scale)
    halves = np.where(mesh.kind == T6, 1, 2)
    assert share[near[:, 0], near[:, 1]] == pytest.approx(halves[near].prod(axis=1), rel=1e-12)
    return elements, near


def test_close_straight_triangles_are_split_alike_in_the_kernel_and_in_numpy():
    """The same parts with the same levels and shares, in whatever order; shares of a pair sum to one."""
    mesh = cube(4)
    lifted = mesh.points.copy()
    lifted[:, 2] *= 0.1  # a plate: its two faces are close to each other
    mesh = SurfaceMesh(lifted, mesh.cells, mesh.kind, mesh.surface, (), mesh.ties, mesh.fixed, mesh.place)
    elements, near = like_the_twin(mesh)
    assert len(near) > 20 and elements.straight[near].all()


def test_close_curved_elements_are_split_alike_in_the_kernel_and_in_numpy():
    """Bent triangles, squares and squares of the ring, which come as two halves, one above the other."""
    rng = np.random.default_rng(7)
    corner = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    triangle6 = np.concatenate([corner, 0.5 * (corner + corner[[1, 2, 0]])])
    s, t = shape.NODE_S, shape.NODE_T
    square9 = 0.5 * np.column_stack([s, t, 0 * s])
    quarter9 = np.column_stack([0.5 * s, np.array([0.0, 0.25, 1.0])[t], 0 * s])
    parts = []
    for level, (kind, x) in enumerate(
        [(T6, triangle6), (Q9, square9), (TIP, quarter9), (T6, triangle6), (Q9, square9), (T6, triangle6)]
    ):
        bent = x + 0.02 * rng.standard_normal(x.shape) * (level != 3)  # one of them is straight
        parts.append((kind, bent + [0.1 * level, 0, 0.25 * level]))
    elements, near = like_the_twin(loose(parts))
    assert {T6, Q9, TIP} <= set(elements.mesh.kind[near].ravel()) and elements.straight.sum() == 1


def test_surfaces_on_each_other_are_said_to_be_too_close():
    x = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0.5, 0, 0], [0.5, 0.5, 0], [0, 0.5, 0]])
    with pytest.raises(NotSolved, match="two surfaces come closer than"):
        near_jobs(Elements.of(loose([(T6, x), (T6, x + [0, 0, 1e-5])])), np.array([[0, 1]]), Fineness().limits)


def test_pairs_and_nodes_that_are_not_there_are_refused():
    x = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0.5, 0, 0.1], [0.5, 0.5, 0.1], [0, 0.5, 0.1]])
    mesh = loose([(T6, x), (T6, x + [0, 0, 0.3])])
    how, least, limits = np.ones(2, np.int8), np.zeros(2, np.int8), np.array(Fineness().limits)
    for pair, cells, kinds in (
        ([0, 2], mesh.cells, how),
        ([-1, 0], mesh.cells, how),
        ([0, 1], np.where(mesh.cells == 4, 12, mesh.cells), how),
        ([0, 1], mesh.cells, how + 1),  # as squares they would have nine nodes
        ([0, 1], mesh.cells, how + 2),
    ):
        with pytest.raises(ValueError, match="not there"):
            _pairing.close_parts(mesh.points, cells, kinds, least, np.array([pair]), limits, 14)
