"""How much a crack leans, and what a step of the full tier says of itself."""

from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from deadlight.growth.advance import _change, _on, _remarks
from deadlight.growth.lean import best_lean, leans, new_normals, sampled_normals
from deadlight.growth.transition import Transition
from deadlight.surface.chart import Extruded, Plane
from deadlight.surface.sheet import Sheet

FLAT = Plane(np.zeros(3), *np.eye(3)[:2])


def unit(v):
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def test_angles_between_normals_and_no_angle_beyond_what_a_cosine_is():
    angle = np.radians([0.0, 30.0, 90.0, 180.0])
    n = np.column_stack([np.sin(angle), 0.0 * angle, np.cos(angle)])
    np.testing.assert_allclose(leans(n, np.array([0.0, 0.0, 1.0])), angle, atol=1e-12)
    np.testing.assert_allclose(leans(n, n), 0.0, atol=1e-7)
    many = unit(np.random.default_rng(1).normal(size=(500, 3)))
    assert np.isfinite(leans(many, many)).all() and np.isfinite(leans(many, -many)).all()


@pytest.mark.parametrize("half", [10.0, 40.0, 60.0])
def test_the_narrowest_cone_round_directions_on_its_edge_is_theirs_however_they_crowd(half):
    """Three on the edge 120 degrees apart, and a hundred more beside one of them: the mean lies elsewhere."""
    turn = np.radians([0.0, 120.0, 240.0, *np.linspace(-5.0, 5.0, 100)])
    lean = np.radians([half] * 3 + [0.98 * half] * 100)
    axis, e1, e2 = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    n = np.cos(lean)[:, None] * axis + np.sin(lean)[:, None] * (np.cos(turn)[:, None] * e1 + np.sin(turn)[:, None] * e2)
    middle, found = best_lean(n)
    assert np.degrees(found) == pytest.approx(half, abs=0.05)
    assert np.degrees(np.arccos(min(middle @ axis, 1.0))) < 0.1


@pytest.mark.parametrize("back", [1.0, -1.0])
def test_normals_of_a_new_strip_are_on_the_side_of_the_surface_whichever_way_its_front_runs(back):
    """A strip that turns up by 30 degrees from a front along y, for points that move by more than a limit."""
    y = back * np.linspace(-1.0, 1.0, 9)
    old = np.column_stack([np.zeros(9), y, np.zeros(9)])
    move = np.where(np.arange(9) < 4, 0.1, 0.01)[:, None] * [np.cos(0.5), 0.0, np.sin(0.5)]
    found = new_normals(FLAT, old, old + move, 0.05)
    np.testing.assert_allclose(found, np.tile([-np.sin(0.5), 0.0, np.cos(0.5)], (4, 1)), atol=1e-12)
    assert new_normals(FLAT, old, old + move, 0.2).shape == (0, 3)
    assert new_normals(FLAT, old[:1], old[:1] + move[:1], 0.05).shape == (0, 3)


def test_normals_are_sampled_inside_the_outlines_only():
    """A bent strip whose one arm is mostly a hole: as many normals of either arm as it has area."""
    line = Extruded.along(np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), [0.0, 0.0, 1.0])
    ring = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]])
    hole = np.array([[1.1, 0.1], [1.1, 0.9], [1.9, 0.9], [1.9, 0.1]])
    n = sampled_normals(Sheet(line, (ring, hole)))
    first = np.abs(n[:, 1]) > 0.5
    area = shapely.Polygon(hole).area
    assert first.mean() == pytest.approx(1.0 / (2.0 - area), abs=0.03) and len(n) == pytest.approx(
        1600 * (2.0 - area) / 2.0, rel=0.05
    )


@pytest.mark.parametrize("far", [1.0, 1e-4])
def test_points_lie_on_a_surface_within_a_millionth_of_their_move(far):
    for off, on in ((0.9e-6, True), (1.1e-6, False), (-1.1e-6, False)):
        assert _on(FLAT, np.array([[1.0, 2.0, 0.0], [0.0, 0.0, off * far]]), far) is on


def test_a_change_is_told_in_words_with_its_face_and_area():
    sheets = [SimpleNamespace(name="A"), SimpleNamespace(name="B")]
    told = _change(Transition("breaks_through", 1, np.ones(3), "inner", 2.5e-6), sheets)
    assert (told.what, told.crack, told.detail) == ("breaks through", "B", "at inner, 2.5 mm^2 at a stroke")
    told = _change(Transition("fronts_meet", 0, np.ones(3)), sheets)
    assert (told.what, told.crack, told.detail) == ("fronts meet", "A", "")
    assert _change(Transition("severs", 0, np.ones(3)), sheets).what == "severs"


def test_a_step_says_what_was_not_as_asked():
    def said(share=1.0, most=(), found=()):
        grown = SimpleNamespace(share=share, smoothing=[SimpleNamespace(most=m) for m in most])
        return _remarks(grown, SimpleNamespace(found=dict(enumerate(found))))

    kept = SimpleNamespace(kind="kept", note="grows in its surface", alarm=False)
    line = SimpleNamespace(kind="line", note="bent line", alarm=True)
    assert said(most=(0.05, 0.1), found=(kept,)) == []
    told = said(0.6, (0.05, 0.11), (kept, line))
    assert [r.alarm for r in told] == [True, False, False]
    assert told[0] == "growth: bent line" and "0.6 times as long as planned" in told[1]
    assert "by 11 % of the step" in told[2]
    assert len(said(1.2)) == 1
