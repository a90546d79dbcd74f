"""The cracked mesh: closed bodies, cut cracks, cells that follow the crack, nodes that open."""

from __future__ import annotations

import numpy as np
import pytest

from deadlight.errors import InputError, MeshError
from deadlight.export.cracked_mesh import CrackedMesh, cracked_mesh
from deadlight.export.planar_crack import CrackPlane, cut
from deadlight.export.solid import Solid, block, prism, revolved
from deadlight.mesh.mesh import boundary_faces, cell_volumes

X, Y, Z = np.eye(3)


def half_penny() -> CrackPlane:
    return CrackPlane.ellipse(np.zeros(3), X, Z, 1.0, 1.0)


@pytest.fixture(scope="module")
def surface_crack() -> CrackedMesh:
    return cracked_mesh(block([-4, -4, 0], [4, 4, 4]), half_penny(), front_size=0.2, coarse=2.0)


def test_bodies_are_closed_and_have_their_volume() -> None:
    assert block([0, 0, 0], [1, 2, 3]).volume == pytest.approx(6.0)
    outline = np.array([[1.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 1.0]])
    assert prism(outline, -1.0, 1.0).volume == pytest.approx(2 * 15.5)
    disc = revolved(np.array([[0, 0], [1, 0], [1, 0.2], [0, 0.2]]), around=720)
    assert disc.volume == pytest.approx(0.2 * np.pi, rel=2e-5)
    assert len(np.unique(disc.patch)) == 3 and len(disc.feature_lines()) == 2 and disc.convex


def test_an_open_surface_is_refused() -> None:
    box = block([0, 0, 0], [1, 1, 1])
    with pytest.raises(MeshError, match="not closed"):
        Solid.build(box.points, box.triangles[1:])


def test_cut_to_a_block_gives_front_and_mouth() -> None:
    crack = cut(half_penny(), block([-4, -4, 0], [4, 4, 4]))
    assert len(crack.fronts) == len(crack.mouths) == 1 and not crack.fronts[0].closed
    assert crack.region.area == pytest.approx(np.pi / 2, rel=1e-4)


def test_a_mouth_over_a_bevel_has_a_piece_a_face() -> None:
    outline = np.array([[1.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0], [0.0, 1.0]])
    crack = cut(CrackPlane.ellipse(np.zeros(3), X, Z, 2.0, 2.0), prism(outline, -5.0, 5.0))
    assert len(crack.mouths) == 3 and len(crack.fronts) == 1
    assert crack.region.area == pytest.approx(np.pi - 0.5, rel=1e-4)


@pytest.mark.parametrize(
    ("origin", "half", "message"),
    [((0, 0, 20), 1.0, "outside"), ((0, 0, 2), 30.0, "no front"), ((0, 9, 2), 1.0, "misses")],
)
def test_cracks_that_do_not_fit_are_refused(origin: tuple[float, ...], half: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cut(CrackPlane.ellipse(np.array(origin, float), X, Z, half, half), block([-4, -4, 0], [4, 4, 4]))


def test_axes_and_outline_are_checked() -> None:
    with pytest.raises(InputError, match="right angles"):
        CrackPlane(np.zeros(3), X, X + Z, np.eye(3)[:, :2])
    with pytest.raises(InputError, match="simple polygon"):
        CrackPlane(np.zeros(3), X, Z, np.array([[0, 0], [1, 1], [1, 0], [0, 1.0]]))


def test_mesh_fills_the_body_and_the_crack(surface_crack: CrackedMesh) -> None:
    m = surface_crack
    assert cell_volumes(m.points, m.mesh.blocks[0]).min() > 0.0
    assert m.mesh.volumes() == pytest.approx(8 * 8 * 4, rel=1e-9)
    for faces in (m.plus, m.minus):
        corner = m.points[faces[:, :3]]
        area = 0.5 * np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1).sum()
        assert area == pytest.approx(np.pi / 2, rel=0.01)
        assert np.abs(m.points[faces][..., 1]).max() < 1e-12


def test_the_crack_is_open_but_for_its_front(surface_crack: CrackedMesh) -> None:
    m = surface_crack
    shared = np.intersect1d(m.plus, m.minus)
    assert np.array_equal(shared, np.sort(m.fronts[0].nodes))
    np.testing.assert_allclose(m.points[m.pairs[:, 0]], m.points[m.pairs[:, 1]], atol=1e-12)
    outer = {tuple(sorted(t)) for b in boundary_faces(m.mesh.blocks) for t in b.nodes[:, :3].tolist()}
    skin = [tuple(sorted(t)) for tri in [*m.skin.values(), m.plus, m.minus] for t in tri[:, :3].tolist()]
    assert outer == set(skin) and len(skin) == len(outer)


def test_cells_on_each_side_of_the_crack_keep_to_it(surface_crack: CrackedMesh) -> None:
    m = surface_crack
    middle = m.points[m.cells[:, :4]].mean(axis=1)
    height = m.crack.plane.height(middle)
    for faces, sign in ((m.plus, 1.0), (m.minus, -1.0)):
        inner = np.setdiff1d(faces, m.fronts[0].nodes)
        assert (sign * height[np.isin(m.cells, inner).any(axis=1)] > 0.0).all()


def test_quarter_points_stand_at_a_quarter(surface_crack: CrackedMesh) -> None:
    m = surface_crack
    front = np.isin(m.cells[:, :4], m.fronts[0].nodes)
    one = np.flatnonzero(front[:, 0] & ~front[:, 1])
    a, b, mid = (m.points[m.cells[one, i]] for i in (0, 1, 4))
    radius = lambda x: np.hypot(np.hypot(x[:, 0], x[:, 2]) - 1.0, x[:, 1])  # noqa: E731  distance from the circle
    np.testing.assert_allclose(radius(mid), 0.25 * radius(b), rtol=0.12)
    assert radius(a).max() < 1e-4


def test_the_same_seed_makes_the_same_mesh() -> None:
    body = block([-4, -4, 0], [4, 4, 4])
    one, two = (cracked_mesh(body, half_penny(), front_size=0.3, coarse=2.0, seed=3) for _ in range(2))
    assert np.array_equal(one.points, two.points) and np.array_equal(one.cells, two.cells)


def test_a_rebate_is_not_filled() -> None:
    """A body that is not convex: cells between rim and shoulder are left out."""
    step = revolved(np.array([[0, 0], [15, 0], [15, 0.6], [14.5, 0.6], [14.5, 1.2], [0, 1.2]]))
    m = cracked_mesh(step, CrackPlane.rectangle(np.array([15.0, 0, 0]), X, Z, (-1.5, -9), (9, 9)), front_size=0.12)
    assert m.mesh.volumes() == pytest.approx(step.volume, rel=3e-3)
    assert len(m.crack.mouths) == 5
