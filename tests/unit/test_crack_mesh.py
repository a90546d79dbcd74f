"""Charts, crack sheets, and meshes of single cracks: rings, mouths, creases, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.spatial import Delaunay

from deadlight.errors import InputError, NotSolved
from deadlight.surface.chart import Extruded, Graph, Plane
from deadlight.surface.crack_check import check_crack_mesh, jacobians
from deadlight.surface.crack_curve import FineCurve
from deadlight.surface.crack_mesh import CrackDomain, CrackMesh, Piece, mesh_crack
from deadlight.surface.join import surface_mesh
from deadlight.surface.mesh import MOUTH_FIRST, MOUTH_LAST, T6, TIP
from deadlight.surface.sheet import Sheet
from deadlight.surface.smooth import angles

FLAT = Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0.0, 1, 0]))


def arc(a: float, b: float, start: float, end: float, n: int = 361) -> np.ndarray:
    t = np.linspace(start, end, n)
    return np.column_stack([a * np.cos(t), b * np.sin(t)])


def line(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, dtype=float)


def ellipse(a: float, b: float) -> CrackDomain:
    sheet = Sheet.ellipse(np.array([1.0, 2, 3]), np.array([1.0, 1, 2]), np.array([1.0, 0, 0]), a, b)
    ring = sheet.outlines[0]
    return CrackDomain(sheet.chart, ((Piece(np.concatenate([ring, ring[:1]]), "front"),),), sheet.snap)


def semi(a: float, b: float, chart: Any = FLAT) -> CrackDomain:
    snap = Sheet.ellipse(np.zeros(3), np.array([0.0, 0, 1]), np.array([1.0, 0, 0]), a, b).snap
    return CrackDomain(chart, ((Piece(arc(a, b, 0, np.pi), "front"), Piece(line((-a, 0), (a, 0)), "mouth", 4)),), snap)


def segment(cut: float) -> CrackDomain:
    """Part of the unit circle above a height."""
    t = np.arcsin(cut)
    mouth = line((-np.cos(t), cut), (np.cos(t), cut))
    return CrackDomain(FLAT, ((Piece(arc(1, 1, t, np.pi - t), "front"), Piece(mouth, "mouth", 0)),))


def corner(a: float, b: float) -> CrackDomain:
    front = Piece(arc(a, b, 0, np.pi / 2), "front")
    low, left = Piece(line((0, 0), (a, 0)), "mouth", 0), Piece(line((0, b), (0, 0)), "mouth", 1)
    return CrackDomain(FLAT, ((front, left, low),))


def through(chart: Any, length: float, height: float, lean: float = 0.0) -> CrackDomain:
    right = Piece(line((length + lean, 0), (length, height)), "front")
    left = Piece(line((0, height), (-lean, 0)), "front")
    low, high = line((-lean, 0), (length + lean, 0)), line((length, height), (0, height))
    return CrackDomain(chart, ((left, Piece(low, "mouth", 0), right, Piece(high, "mouth", 1)),))


def edge(a: float, t: float) -> CrackDomain:
    pieces = (
        Piece(line((a, 0), (a, t)), "front"), Piece(line((a, t), (0, t)), "mouth", 1),
        Piece(line((0, t), (0, 0)), "mouth", 2), Piece(line((0, 0), (a, 0)), "mouth", 0),
    )  # fmt: skip
    return CrackDomain(FLAT, (pieces,))


def polygon(*points: tuple[float, float]) -> CrackDomain:
    return CrackDomain(FLAT, ((Piece(line(*points, points[0]), "front"),),))


def holed(radius: float, kind: str) -> CrackDomain:
    hole = Piece(arc(radius, radius, 2 * np.pi, 0, 721), kind, 3 if kind == "mouth" else -1)
    return CrackDomain(FLAT, ((Piece(arc(1, 1, 0, 2 * np.pi, 721), "front"),), (hole,)))


def bent(*points: tuple[float, float]) -> Extruded:
    return Extruded.along(np.column_stack([line(*points), np.zeros(len(points))]), np.array([0.0, 0, 1]))


KINKED = bent((-1, 0), (0.3, 0), (1.2, 0.5))
DOME_POINTS = np.random.default_rng(0).uniform(-1.1, 1.1, (200, 2))
DOME = Graph.through(np.column_stack([DOME_POINTS, 0.3 * (DOME_POINTS**2).sum(axis=1)]), FLAT)

CASES: dict[str, CrackDomain] = {
    "penny": ellipse(1e-3, 1e-3), "ellipse 0.4": ellipse(1, 0.4), "ellipse 0.1": ellipse(1, 0.1),
    "semi": semi(1, 1), "semi 0.2": semi(1, 0.2), "deep": semi(0.3, 1), "small part": segment(0.6),
    "large part": segment(-0.8), "corner": corner(1, 1), "corner 0.3": corner(1, 0.3),
    "through": through(FLAT, 2, 1), "long": through(FLAT, 12, 1), "short": through(FLAT, 0.15, 1),
    "leaning": through(FLAT, 2, 1, 0.5), "leaning in": through(FLAT, 2, 1, -0.5),
    "edge": edge(1, 1), "edge long": edge(10, 1), "edge short": edge(0.1, 1),
    "rectangle": polygon((0, 0), (3, 0), (3, 1), (0, 1)),
    "ell": polygon((0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)),
    "hole": holed(0.3, "mouth"), "annulus": holed(0.5, "front"), "thin annulus": holed(0.85, "front"),
    "kinked through": through(KINKED, KINKED.length, 1.0), "dome": semi(0.9, 0.9, DOME),
}  # fmt: skip


def own_edges(mesh: CrackMesh) -> np.ndarray:
    """Corner pairs of all sides, those of quadrilaterals among them."""
    parts = []
    for quad in (False, True):
        c = mesh.cells[(mesh.kind != T6) == quad]
        n = 4 if quad else 3
        parts += [c[:, [k, n + k, (k + 1) % n]] for k in range(n)]
    return np.concatenate(parts)


@pytest.mark.parametrize("name", CASES)
def test_mesh_is_sound(name: str) -> None:
    domain = CASES[name]
    mesh = mesh_crack(domain, place=name)
    assert abs(check_crack_mesh(mesh, domain)) < 2e-4
    assert np.array_equal(np.unique(mesh.cells[mesh.cells >= 0]), np.arange(len(mesh.points)))
    assert ((mesh.cells[mesh.kind == T6] >= 0).sum(axis=1) == 6).all()
    # sides fit: two elements, or one at the border, with one middle node, and the border is fronts and mouths
    side = own_edges(mesh)
    pairs, back, count = np.unique(np.sort(side[:, [0, 2]], axis=1), axis=0, return_inverse=True, return_counts=True)
    assert count.max() == 2
    middle = np.full(len(pairs), -1)
    middle[back.ravel()] = side[:, 1]
    assert np.array_equal(middle[back.ravel()], side[:, 1])
    chains = [np.append(f.nodes, f.nodes[0]) if f.closed else f.nodes for f in mesh.fronts]
    chains += [m.nodes for m in mesh.mouths]
    border = {(int(c[i]), int(c[i + 1]), int(c[i + 2])) for c in chains for i in range(0, len(c) - 1, 2)}
    lone = count[back.ravel()] == 1
    assert {tuple(s) for s in side[lone].tolist()} == border  # directed: the crack lies on their left
    # shape
    tri = mesh.cells[mesh.kind == T6][:, :3]
    assert np.degrees(angles(mesh.uv, tri).min()) > 20


@pytest.mark.parametrize("name", CASES)
def test_ring_nodes(name: str) -> None:
    domain = CASES[name]
    mesh = mesh_crack(domain)
    x = mesh.points
    quads = mesh.cells[mesh.kind != T6]
    for front, quarter, inner in ((0, 7, 3), (1, 5, 2), (4, 8, 6)):
        a, q, b = x[quads[:, front]], x[quads[:, quarter]], x[quads[:, inner]]
        assert np.abs(q - a - 0.25 * (b - a)).max() <= 1e-15 * max(1, np.abs(x).max())
    for f in mesh.fronts:
        assert len(f.nodes) == len(f.quarter) == len(f.inner)
        assert len(f.nodes) % 2 == (0 if f.closed else 1)
        assert len(f.nodes) // 2 >= 6
        width = np.linalg.norm(x[f.inner] - x[f.nodes], axis=1)[::2]
        length = np.linalg.norm(x[np.roll(f.nodes, -2)] - x[f.nodes], axis=1)[::2][: len(f.nodes) // 2]
        assert (width > 0).all() and width.max() < 1.8 * length.max()
    ends = {t: 0 for t in range(2, 6)}
    for k in mesh.kind[mesh.kind != T6].tolist():
        ends[k] += 1
    open_fronts = sum(not f.closed for f in mesh.fronts)
    assert ends[TIP + MOUTH_FIRST] == ends[TIP + MOUTH_LAST] == open_fronts
    assert sum((m.start == "tip") + (m.end == "tip") for m in mesh.mouths) == 2 * open_fronts


@pytest.mark.parametrize("name", [n for n in CASES if n != "dome"])
def test_triangles_on_flat_parts_are_straight(name: str) -> None:
    """Their middles are exactly halfway, but on curved mouths."""
    mesh = mesh_crack(CASES[name])
    tri, x = mesh.cells[mesh.kind == T6], mesh.points
    curved = np.concatenate([np.zeros(0, int), *(m.nodes[1::2] for m in mesh.mouths if name == "hole")])
    for k in range(3):
        a, b, m = tri[:, k], tri[:, (k + 1) % 3], tri[:, 3 + k]
        flat = ~np.isin(m, curved)
        assert np.array_equal(x[m[flat]], 0.5 * (x[a[flat]] + x[b[flat]]))


def test_front_of_an_ellipse_is_exact() -> None:
    for a, b in ((1.0, 1.0), (1.0, 0.3), (0.2, 1.0)):
        for domain in (ellipse(a, b), semi(a, b)):
            mesh = mesh_crack(domain)
            uv = mesh.uv[mesh.fronts[0].nodes]
            assert np.abs((uv / [a, b]) ** 2 @ [1, 1] - 1).max() < 1e-13
            back = domain.chart.to_chart(mesh.points[mesh.fronts[0].nodes])
            assert np.abs(back - uv).max() < 1e-14 * 10


def test_smooth_front_without_snap_follows_the_polyline_closely() -> None:
    domain = ellipse(1, 0.4)
    mesh = mesh_crack(CrackDomain(domain.chart, domain.loops))
    uv = mesh.uv[mesh.fronts[0].nodes]
    assert np.abs((uv / [1, 0.4]) ** 2 @ [1, 1] - 1).max() < 1e-9


def test_front_elements_of_a_circle() -> None:
    for refine, count in ((1, 32), (2, 64)):
        mesh = mesh_crack(ellipse(1, 1), refine=refine)
        assert abs(len(mesh.fronts[0].nodes) - 2 * count) <= 2
    assert len(mesh_crack(ellipse(1, 1), h=0.1).fronts[0].nodes) // 2 == pytest.approx(63, abs=2)
    mesh = mesh_crack(semi(1, 1), h=lambda s: 0.05 + 0.1 * s / np.pi, tip=1.0)
    x = mesh.uv[mesh.fronts[0].nodes[::2]]
    step = np.linalg.norm(np.diff(x, axis=0), axis=1)
    assert step[0] == pytest.approx(0.05, rel=0.1) and step[-1] == pytest.approx(0.15, rel=0.1)


def test_ring_obeys_curvature_and_width() -> None:
    mesh = mesh_crack(ellipse(1, 0.1))
    front = mesh.fronts[0]
    uv, depth = mesh.uv[front.nodes[::2]], np.linalg.norm(mesh.uv[front.inner] - mesh.uv[front.nodes], axis=1)[::2]
    t = np.arctan2(uv[:, 1] / 0.1, uv[:, 0])
    radius = (np.sin(t) ** 2 + 0.01 * np.cos(t) ** 2) ** 1.5 / 0.1
    assert (depth <= 0.52 * radius).all()
    assert (depth <= 0.26 * 0.2).all()


def test_tips_are_finer() -> None:
    front = mesh_crack(semi(1, 1)).fronts[0]
    mesh = mesh_crack(semi(1, 1), tip=0.25)
    fine = mesh.fronts[0]
    assert len(fine.nodes) > len(front.nodes)
    x = mesh.uv[fine.nodes[::2]]
    step = np.linalg.norm(np.diff(x, axis=0), axis=1)
    assert step[0] < 0.5 * step[len(step) // 2] and step[-1] < 0.5 * step[len(step) // 2]


def test_mouth_nodes_begin_with_the_ring() -> None:
    mesh = mesh_crack(semi(1, 0.5))
    (mouth,), (front,) = mesh.mouths, mesh.fronts
    assert mouth.face == 4 and (mouth.start, mouth.end) == ("tip", "tip")
    assert mouth.nodes[:3].tolist() == [front.nodes[-1], front.quarter[-1], front.inner[-1]]
    assert mouth.nodes[-3:].tolist() == [front.inner[0], front.quarter[0], front.nodes[0]]
    assert np.abs(mesh.uv[mouth.nodes, 1]).max() < 1e-16
    assert (np.diff(mesh.uv[mouth.nodes, 0]) > 0).all()


def test_mouths_share_the_node_at_the_body_edge() -> None:
    mesh = mesh_crack(edge(1, 1))
    kinds = [(m.face, m.start, m.end) for m in mesh.mouths]
    assert kinds == [(1, "tip", "edge"), (2, "edge", "edge"), (0, "edge", "tip")]
    assert mesh.mouths[0].nodes[-1] == mesh.mouths[1].nodes[0]
    assert mesh.mouths[1].nodes[-1] == mesh.mouths[2].nodes[0]
    (hole,) = mesh_crack(holed(0.3, "mouth")).mouths
    assert hole.nodes[0] == hole.nodes[-1] and hole.start == hole.end == "edge"


@pytest.mark.parametrize("points", [[(-1, 0), (0.3, 0), (1.2, 0.5)], [(-1, 0), (-0.5, 0.2), (0.2, 0), (1, 0.5)]])
@pytest.mark.parametrize("shape", ["through", "penny", "semi"])
def test_no_element_straddles_a_crease(points: list[tuple[float, float]], shape: str) -> None:
    chart = bent(*points)
    half = 0.5 * chart.length
    if shape == "through":
        domain = through(chart, chart.length, 1.0)
    else:
        ring = arc(0.9 * half, 0.8, 0, np.pi if shape == "semi" else 2 * np.pi, 721) + [half, 0]
        pieces = [Piece(ring, "front")]
        if shape == "semi":
            pieces.append(Piece(line((0.1 * half, 0), (1.9 * half, 0)), "mouth", 0))
        domain = CrackDomain(chart, (tuple(pieces),))
    mesh = mesh_crack(domain)
    check_crack_mesh(mesh, domain)
    assert len(chart.creases) == len(points) - 2
    for u in chart.creases:
        corner = mesh.uv[np.where(mesh.cells[:, :4] >= 0, mesh.cells[:, :4], mesh.cells[:, :1])][:, :, 0] - u
        quad = mesh.kind != T6
        corner[~quad, 3] = corner[~quad, 0]
        assert not ((corner.max(axis=1) > 1e-9) & (corner.min(axis=1) < -1e-9)).any()
    vector, weight = jacobians(mesh.points, mesh.cells[mesh.kind == T6], False)
    ring_, weights = jacobians(mesh.points, mesh.cells[mesh.kind != T6], True)
    area = np.linalg.norm(vector, axis=2) @ weight
    total = area.sum() + (np.linalg.norm(ring_, axis=2) @ weights).sum()
    flat = 1.0 * chart.length if shape == "through" else 0.9 * half * 0.8 * np.pi * (0.5 if shape == "semi" else 1.0)
    assert total == pytest.approx(flat, rel=1e-4)


def test_a_search_for_the_section_leaves_one_node_at_the_crease() -> None:
    """A mouth found by bisection has many points close to the crease, none on it, and cuts its corner."""
    u = float(KINKED.creases[0])

    def mouth(v: float) -> np.ndarray:
        half = 2.0 ** -np.arange(12.0)
        at = np.concatenate([[0.0], u - 0.3 * half, u + 0.37 * half[::-1], [KINKED.length]])
        return np.column_stack([at, v + np.where(at < u, 0.1, 0.2) * (at - u)])

    low, high = mouth(0.0), mouth(1.0)
    pieces = (
        Piece(low, "mouth", 0), Piece(line(low[-1], high[-1]), "front"),
        Piece(high[::-1], "mouth", 1), Piece(line(high[0], low[0]), "front"),
    )  # fmt: skip
    domain = CrackDomain(KINKED, (pieces,))
    mesh = mesh_crack(domain)
    check_crack_mesh(mesh, domain)
    for m, v in zip(sorted(mesh.mouths, key=lambda m: m.face), (0.0, 1.0)):
        corner = mesh.uv[m.nodes[::2]]
        at = np.flatnonzero(np.abs(corner[:, 0] - u) < 1e-12)
        assert len(at) == 1 and corner[at[0], 1] == pytest.approx(v, abs=1e-12)
        assert np.linalg.norm(np.diff(corner, axis=0), axis=1).min() > 0.03
    assert len(mesh.cells) < 175  # 150 before cracks through a pane were refined for contact


@pytest.mark.parametrize("cut", [0.5, 0.7, 0.8, 0.9, 0.95])
def test_wedges_between_front_and_mouth(cut: float) -> None:
    """The more acute the angle at which they meet, the thinner the triangles, but no thinner than that."""
    mesh = mesh_crack(segment(cut))
    acute = 90 - np.degrees(np.arcsin(cut))
    assert np.degrees(angles(mesh.uv, mesh.cells[mesh.kind == T6][:, :3]).min()) > min(25.0, 0.5 * acute)
    assert len(mesh.cells) < 125


def test_fronts_through_a_pane_refine_from_the_coarsest_mesh_on() -> None:
    """A floor that no refinement moves would leave the error estimate between two meshes without a difference."""
    low, high = line((0, 0), (4, 0)), line((4, 1), (0, 1))
    pieces = (
        Piece(low, "mouth", 0), Piece(line(low[-1], high[0]), "front"),
        Piece(high, "mouth", 1), Piece(line(high[-1], low[0]), "front"),
    )  # fmt: skip
    domain = CrackDomain(FLAT, (pieces,))
    count = [(len(mesh_crack(domain, refine=r).fronts[0].nodes) - 1) // 2 for r in (0.49, 0.7, 1.0, 1.4)]
    assert count == sorted(set(count)) and count[2] >= 10


def test_what_is_refused() -> None:
    whole = CrackDomain(FLAT, ((Piece(line((0, 0), (1, 0), (1, 1), (0, 0)), "mouth", 0),),))
    with pytest.raises(InputError, match="no front"):
        mesh_crack(whole, place="seed 3")
    with pytest.raises(InputError, match="degrees"):
        mesh_crack(segment(0.98))
    with pytest.raises(InputError, match="do not join"):
        mesh_crack(CrackDomain(FLAT, ((Piece(arc(1, 1, 0, 3.0), "front"), Piece(line((-1, 0), (1, 0)), "mouth", 0)),)))
    with pytest.raises(InputError, match="ring = -1"):
        mesh_crack(semi(1, 1), ring=-1.0)
    with pytest.raises((InputError, NotSolved)):
        mesh_crack(polygon((0, 0), (1, 1), (1, 0), (0, 1)))


def test_fine_curve() -> None:
    stadium = np.concatenate([arc(1, 1, -np.pi / 2, np.pi / 2) + [2, 0], arc(1, 1, np.pi / 2, 1.5 * np.pi) - [2, 0]])
    curve = FineCurve.of(np.concatenate([stadium, stadium[:1]]))
    assert curve.closed and len(curve.corners) == 0
    box = FineCurve.of(line((0, 0), (2, 0), (2, 1), (0, 1), (0, 0)))
    assert box.corners.tolist() == [0, 2, 3, 5]
    assert np.allclose(box.tangent(np.array([2.0])), [0, 1]) and np.allclose(box.tangent(np.array([2.0]), True), [1, 0])
    kinked = FineCurve.of(line((0, 0), (1, 0), (2, 0.05)))
    assert kinked.corners.tolist() == [1]
    smooth = FineCurve.of(arc(1, 1, 0, 1, 61))
    at = smooth.at(np.linspace(0, smooth.length, 500))
    assert np.abs(np.linalg.norm(at, axis=1) - 1).max() < 1e-8


@pytest.mark.parametrize("chart", [FLAT, KINKED, DOME, Sheet.ellipse(np.ones(3), np.ones(3), np.eye(3)[0], 2, 1).chart])
def test_charts_there_and_back(chart: Any) -> None:
    r = np.random.default_rng(5)
    uv = r.uniform(0.05, 0.9, (200, 2))
    x = chart.to_space(uv)
    assert np.abs(chart.to_chart(x) - uv).max() < 1e-12
    assert np.abs(chart.signed(x)).max() < 1e-12
    n = chart.normal(uv)
    assert np.abs(np.linalg.norm(n, axis=1) - 1).max() < 1e-12
    e = 1e-5
    du = chart.to_space(uv + [e, 0]) - chart.to_space(uv - [e, 0])
    dv = chart.to_space(uv + [0, e]) - chart.to_space(uv - [0, e])
    m = np.cross(du, dv)
    assert np.abs(n - m / np.linalg.norm(m, axis=1)[:, None]).max() < 1e-6
    assert np.abs(chart.signed(x + 1e-3 * n) - 1e-3).max() < 1e-5
    assert np.abs(chart.signed(x - 1e-3 * n) + 1e-3).max() < 1e-5


def test_bent_sheet_goes_straight_on_beyond_its_ends() -> None:
    x = np.array([[-5.0, 0.2, 0], [-5.0, -0.2, 7], [3.0, 1.6, 0], [3, 1.4, 0]])
    assert np.sign(KINKED.signed(x)).tolist() == [-1, 1, -1, 1]
    assert KINKED.signed(x[:2]) == pytest.approx([-0.2, 0.2])
    assert KINKED.to_chart(x[:1])[0] == pytest.approx([-4.0, 0])


def dome_triangles(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    r = np.random.default_rng(1).uniform(-1, 1, (n, 2))
    flat = np.concatenate([r[np.linalg.norm(r, axis=1) < 0.93], arc(1, 1, 0, 2 * np.pi, 49)[:-1]])
    tri = Delaunay(flat).simplices
    a, b, c = (flat[tri[:, k]] for k in range(3))
    turned = (b - a)[:, 0] * (c - a)[:, 1] < (b - a)[:, 1] * (c - a)[:, 0]
    tri[turned] = tri[turned][:, [0, 2, 1]]
    return np.column_stack([flat, 0.2 * (flat**2).sum(axis=1)]), tri


def test_sheet_from_triangles() -> None:
    points, tri = dome_triangles()
    sheet = Sheet.from_triangles(points, tri, "spall")
    assert isinstance(sheet.chart, Graph) and len(sheet.outlines) == 1
    rim = sheet.chart.to_space(sheet.outlines[0])
    assert np.abs(np.linalg.norm(rim[:, :2], axis=1) - 1).max() < 1e-4
    assert np.abs(rim[:, 2] - 0.2).max() < 1e-4
    assert sheet.chart.normal(np.zeros((1, 2)))[0, 2] > 0.9
    ring = sheet.outlines[0]
    domain = CrackDomain(sheet.chart, ((Piece(np.concatenate([ring, ring[:1]]), "front"),),))
    mesh = mesh_crack(domain)
    r2 = (mesh.points[:, :2] ** 2).sum(axis=1)
    on = np.setdiff1d(np.arange(len(r2)), mesh.fronts[0].quarter)  # those lie on chords, a quarter in
    assert np.abs(mesh.points[on, 2] - 0.2 * r2[on]).max() < 1e-4
    flat = Sheet.from_triangles(points * [1, 1, 0], tri)
    assert isinstance(flat.chart, Plane)


def test_surfaces_that_are_refused() -> None:
    points, tri = dome_triangles()
    with pytest.raises(InputError, match="not turned the same way"):
        Sheet.from_triangles(points, np.concatenate([tri[:-1], tri[-1:, ::-1]]))
    fold = points.copy()
    fold[:, 0] = np.abs(fold[:, 0])
    with pytest.raises(InputError, match=r"steeply|folds|crosses itself"):
        Sheet.from_triangles(fold, tri)
    steep = points * [1, 1, 60]
    with pytest.raises(InputError, match="steeply"):
        Sheet.from_triangles(steep, tri)
    ball = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])
    with pytest.raises(InputError, match="closed"):
        Sheet.from_triangles(np.eye(4)[:, :3], ball)
    with pytest.raises(InputError, match="crosses itself"):
        Sheet.polygon(np.array([[0, 0, 0], [2, 1, 0], [2, 0, 0], [0, 1.5, 0]]))
    with pytest.raises(InputError, match="off a plane"):
        Sheet.polygon(np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0.1], [0, 1, 0]]))
    with pytest.raises(InputError, match="positive"):
        Sheet.ellipse(np.zeros(3), np.eye(3)[0], np.eye(3)[1], 1.0, 0.0)
    with pytest.raises(InputError, match="parallel"):
        Sheet.ellipse(np.zeros(3), np.eye(3)[0], np.eye(3)[0], 1.0, 1.0)


def test_through_sheets() -> None:
    straight = Sheet.line(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]]), np.array([0.0, 0, 1]), (-1, 1))
    assert isinstance(straight.chart, Plane) and straight.chart.n.tolist() == [0, -1, 0]
    kinked = Sheet.line(np.array([[0.0, 0, 0], [1, 0, 0], [2, 1, 0]]), np.array([0.0, 0, 1]), (-1, 1))
    assert isinstance(kinked.chart, Extruded) and kinked.chart.creases.tolist() == [1.0]
    assert kinked.chart.normal(np.array([[0.5, 0.0]]))[0].tolist() == [0, -1, 0]
    inclined = Sheet.line(np.array([[0.0, 0, 0], [1, 0, 0]]), np.array([0.0, 1, 1]), (-1, 1))
    assert np.abs(inclined.chart.n - np.array([0, -1, 1]) / np.sqrt(2)).max() < 1e-15
    with pytest.raises(InputError, match="crosses itself"):
        Sheet.line(np.array([[0.0, 0, 0], [2, 0, 0], [1, 1, 0], [1, -1, 0]]), np.array([0.0, 0, 1]), (-1, 1))
    with pytest.raises(InputError, match="reaches from"):
        Sheet.line(np.array([[0.0, 0, 0], [2, 0, 0]]), np.array([0.0, 0, 1]), (1, 1))


@pytest.mark.parametrize("refine", [0.4, 0.5, 0.6])
def test_rings_of_a_slender_crack_do_not_meet_in_its_middle(refine: float) -> None:
    """At one half a ring of a quarter of the width from either side would leave slivers of nothing between."""
    sheet = Sheet.ellipse(np.zeros(3), np.array([0.0, 0, 1]), np.array([1.0, 0, 0]), 2.88e-3, 0.64e-3)
    mesh = surface_mesh(None, [sheet], refine=refine).mesh
    x = mesh.points[np.where(mesh.cells >= 0, mesh.cells, mesh.cells[:, :1])]
    apart = np.linalg.norm(x[:, :, None] - x[:, None], axis=3)
    assert apart[apart > 0.0].min() > 5e-3 * 0.64e-3
