"""Sections of a cut pane, their moments and heights, and what pieces are made of them."""

import numpy as np
import pytest
import shapely
import shapely.affinity

from deadlight.outcome.cuts import cuts_of
from deadlight.outcome.meet import meetings
from deadlight.outcome.pieces import pieces_of
from deadlight.outcome.sections import moments, section
from deadlight.outcome.skin import plate
from deadlight.outcome.stack import heights, stacked
from support_cuts import pattern, wall

T = 0.010
SQUARE = plate(shapely.box(-0.05, -0.05, 0.05, 0.05), T)


def leaning(x, lean):
    return wall(np.array([[x, -0.2], [x, 0.2]]), -0.002, 0.012, np.array(lean))


def box_moments(x0, y0, x1, y1):
    def power(n, a, b):
        return (b ** (n + 1) - a ** (n + 1)) / (n + 1)

    return np.array([power(i, x0, x1) * power(j, y0, y1) for i, j in ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))])


def test_moments_of_a_triangle_and_of_a_box_with_a_hole():
    triangle = shapely.Polygon([(0, 0), (3, 0), (0, 2)])
    for turned in (triangle, shapely.reverse(triangle)):
        assert moments(np.array([turned]))[0] == pytest.approx([3.0, 3.0, 2.0, 4.5, 1.5, 2.0])
    holed = shapely.affinity.translate(shapely.box(0, 0, 4, 3) - shapely.box(1, 1, 2, 2), 10, -7)
    due = box_moments(10, -7, 14, -4) - box_moments(11, -6, 12, -5)
    assert moments(np.array([holed]))[0] == pytest.approx(due, rel=1e-12)


@pytest.mark.parametrize("z", [0.002, 0.0075])
def test_section_of_a_plate_with_a_hole_and_a_leaning_cut(z):
    pane = plate(shapely.box(-0.05, -0.05, 0.05, 0.05) - shapely.box(-0.01, -0.01, 0.01, 0.01), T)
    found = section(pane, cuts_of([leaning(0.0, (0.5, 0.0))], pane, 1e-5), z)
    due = [0.1 * (0.05 + s * 0.5 * z) - 0.02 * (0.01 + s * 0.5 * z) for s in (-1, 1)]
    assert sorted(shapely.area(found.cells)) == pytest.approx(due, rel=1e-6)
    assert shapely.area(found.cells).sum() == pytest.approx(0.0096, rel=1e-7)


@pytest.mark.parametrize("cracks", [[], [leaning(0.009, (0.2, 0.0))], pattern(17).cracks])
def test_heights_integrate_cubics_through_the_thickness(cracks):
    z, w = heights(SQUARE, cuts_of(cracks, SQUARE, 1e-5))
    for k in range(4):
        assert w @ z**k == pytest.approx(T ** (k + 1) / (k + 1), rel=1e-12)
    assert (np.diff(z) >= 0.0).all() and z[0] > 0.0 and z[-1] < T
    assert (w >= 0.0).all() and (w == 0.0).any()


def test_sections_without_weight_change_no_integral():
    cuts = cuts_of([leaning(0.009, (0.2, 0.1))], SQUARE, 1e-5)
    more = stacked(SQUARE, cuts, np.array([0.0031, 0.0077]))
    assert more.integrals == pytest.approx(stacked(SQUARE, cuts).integrals, rel=1e-9, abs=1e-18)


def test_two_triangles_meet_in_a_segment():
    flat = np.array([[[-1.0, -1, 0], [1, -1, 0], [0, 1, 0]]])
    upright = np.array([[[0.0, -0.5, -1], [0, 0.5, -1], [0, 0, 1]]])
    number, segment = meetings(flat, upright, False)
    assert number.tolist() == [0]
    assert segment[0][np.argsort(segment[0][:, 1])] == pytest.approx(np.array([[0, -0.25, 0], [0, 0.25, 0]]), abs=1e-12)
    touching = np.array([[[0.0, 0, 0], [0, 0.3, 1], [0.3, 0, 1]]])
    for other in (flat + [0, 0, 0.1], flat + [2, 2, 0], touching):
        assert not len(meetings(flat, other, False)[0])
    assert not len(meetings(flat, flat, True)[0])


def test_a_crack_lies_between_two_heights_or_not():
    slope = (np.array([[0.0, 0, 0.5], [1, 0, 1.5], [0, 1, 0.5]]), np.array([[0, 1, 2]]))  # z = 0.5 + x
    cuts = cuts_of([slope], SQUARE, 1e-5)

    def between(x, y, a, b):
        return bool(cuts.between(np.array([[x, y]]), np.array([a]), np.array([b]))[0])

    assert between(0.2, 0.2, 0.6, 0.8) and between(0.2, 0.2, 0.8, 0.6)
    assert not any(between(0.2, 0.2, *h) for h in ((0.71, 0.9), (0.5, 0.69)))
    assert not between(0.8, 0.8, 0.0, 3.0)


@pytest.mark.parametrize("seed", [0, 17, 21])
def test_pieces_have_the_mass_and_inertia_of_their_faces_and_add_up_to_the_pane(seed):
    p = pattern(seed)
    found = pieces_of(p.skin, p.cracks, 2200.0, check=False)
    (whole,) = pieces_of(p.skin, [], 2200.0, check=False).pieces
    total = np.zeros((3, 3))
    for each in found.pieces:
        x = each.faces.corners - each.centroid
        volume = np.linalg.det(x) / 6.0  # tetrahedra from the middle
        total_corner = x.sum(axis=1)
        second = np.einsum("f,fki,fkj->ij", volume / 20.0, x, x)
        second += np.einsum("f,fi,fj->ij", volume / 20.0, total_corner, total_corner)
        due = 2200.0 * (np.trace(second) * np.eye(3) - second)
        assert each.volume == pytest.approx(volume.sum(), rel=1e-5)
        assert volume @ total_corner / 4.0 == pytest.approx(np.zeros(3), abs=1e-5 * each.volume * p.thickness)
        assert each.inertia == pytest.approx(due, abs=1e-5 * np.abs(due).max())
        r = each.centroid - whole.centroid
        total += each.inertia + each.mass * (r @ r * np.eye(3) - np.outer(r, r))
    assert sum(each.mass * each.centroid for each in found.pieces) == pytest.approx(
        whole.mass * whole.centroid, abs=1e-9
    )
    assert total == pytest.approx(whole.inertia, abs=1e-7 * np.abs(whole.inertia).max())
    for name, area in whole.touched.items():
        assert sum(each.touched.get(name, 0.0) for each in found.pieces) == pytest.approx(area, rel=1e-6)


def test_one_crack_given_twice_is_an_alarm():
    """Its 1e-3 m2 count twice, 25 mm from the middle of a half: 1e-3 x 0.025/3 of 5e-5 m3 is a sixth."""
    crack = leaning(0.0, (0.0, 0.0))
    found = pieces_of(SQUARE, [crack, crack], 2200.0, check=False)
    assert max(p.volume_error for p in found.pieces) == pytest.approx(1.0 / 6.0, rel=1e-3)
    assert any("enclose other volumes" in str(r) for r in found.remarks if r.alarm)
