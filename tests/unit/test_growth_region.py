"""Growth of cracks as regions, driven by given moves: no stress intensity is needed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deadlight.errors import NotSolved
from deadlight.growth import settle, skin_section
from deadlight.growth.ligament import opened
from deadlight.growth.region import Moved
from deadlight.growth.regrow import LADDER, regrow
from deadlight.growth.stopped import GrowthStopped
from deadlight.operator.front import front_frame
from deadlight.surface import clip
from deadlight.surface.bevels import without_bevels
from deadlight.surface.body import block, disc, half_space
from deadlight.surface.chart import Plane
from deadlight.surface.join import surface_mesh
from deadlight.surface.section import section
from deadlight.surface.sheet import Sheet
from deadlight.surface.skin_mesh import background
from support_surface import check_meshed

X, Y, Z = (1, 0, 0), (0, 1, 0), (0, 0, 1)
T = 0.01


def moves(meshed, step, profile=None):
    """Every front moves by `step` ahead, or by that times a profile of its frame."""
    out = []
    for k, front in enumerate(meshed.mesh.fronts):
        frame = front_frame(meshed.mesh, front)
        far = step * (np.ones(len(front.nodes)) if profile is None else profile(frame))
        out.append(Moved(k, frame.point + far[:, None] * frame.ahead, frame.point))
    return out


def followed(body, sheets, step, count, profile=None):
    """Meshes and results of `count` steps; areas must not shrink."""
    back = None if body is None or body.unlimited else background(without_bevels(body).plain)
    meshed, history, told = surface_mesh(body, sheets, back=back), [], []
    history.append(meshed)
    for _ in range(count):
        grown, meshed = regrow(meshed, sheets, moves(meshed, step, profile), body, back=back)
        assert all(after >= before for before, after in grown.areas)
        sheets = grown.sheets
        history.append(meshed)
        told += grown.transitions
    check_meshed(meshed)
    return history, told, sheets


def kinds(told):
    return [(t.kind, t.face) for t in told]


def test_a_penny_with_even_moves_stays_a_circle():
    history, told, _ = followed(None, [Sheet.ellipse((0, 0, 0), Z, X, 1e-3, 1e-3)], 1e-4, 10)
    r = np.linalg.norm(history[-1].mesh.points[history[-1].mesh.fronts[0].nodes], axis=1)
    assert not told
    np.testing.assert_allclose(r, 2e-3, rtol=1e-5)


def test_a_crack_that_does_not_move_stays_as_it_is():
    angle = 2 * np.pi * np.arange(60) / 60
    star = (1e-3 * (1 + 0.2 * np.cos(3 * angle)))[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    sheet = Sheet(Plane(np.zeros(3), np.array(X, float), np.array(Y, float)), (star,))  # hollow here and there
    meshed = surface_mesh(None, [sheet])
    grown, after = regrow(meshed, [sheet], moves(meshed, 0.0), None)
    assert grown.sheets[0] is sheet and not grown.transitions and grown.areas[0][0] == grown.areas[0][1]
    np.testing.assert_array_equal(after.mesh.points, meshed.mesh.points)


def test_a_step_looks_once_for_the_skin_and_meshes_what_looking_again_would(monkeypatch):
    body = disc(0.03, T)
    sheet = Sheet.ellipse((0, 0, 0.5 * T), X, Y, 2e-3, 0.4 * T)
    sheet = Sheet(sheet.chart, sheet.outlines)  # no exact curve, as of a crack that has grown
    back = background(without_bevels(body).plain)
    meshed = surface_mesh(body, [sheet], back=back)
    looked = []
    for module in (skin_section, clip):
        monkeypatch.setattr(module, "section", lambda *a, of=module: looked.append(of) or section(*a))
    ladder = (LADDER[0], *LADDER)
    monkeypatch.setattr("deadlight.growth.regrow._check_size", refuse := Refusing(2))
    grown, after = regrow(meshed, [sheet], moves(meshed, 2e-3), body, back=back, ladder=ladder)
    assert refuse.left == 0 and len(grown.tries) == 2 and looked == [skin_section], "three tries, one look"
    again = surface_mesh(body, grown.sheets, back=back)
    assert len(again.mesh.points) == len(after.mesh.points)
    np.testing.assert_allclose(again.mesh.points, after.mesh.points, atol=1e-6 * T)


def test_a_section_serves_its_own_chart_as_far_as_it_goes():
    body = disc(0.03, T)
    chart = Sheet.ellipse((0, 0, T), Y, X, 2e-3, 2e-3).chart
    points = np.array([[-2e-3, -2e-3], [2e-3, 0.0]])
    found = skin_section.Section.of(chart, body, points, 1e-3)
    assert found.serves(chart, points, 1e-3) and found.serves(chart, 0.5 * points, 1e-3)
    assert not found.serves(chart, points, 1.1e-3) and not found.serves(chart, points + [1e-3, 2e-3], 0.5e-3)
    assert not found.serves(replace(chart), points, 0.0), "another chart, if an equal one"


class Refusing:
    """Refuses so many meshes."""

    def __init__(self, count):
        self.left = count

    def __call__(self, meshed, most):
        if self.left:
            self.left -= 1
            raise NotSolved("refused")


def test_a_half_penny_breaks_through_and_has_two_fronts():
    history, told, _ = followed(disc(0.15, T), [Sheet.ellipse((0, 0, T), Y, X, 5e-3, 5e-3)], 8e-4, 8)
    assert kinds(told) == [("breaks_through", "inner")]
    assert told[0].place == pytest.approx((0, 0, 0), abs=1e-3) and 0 < told[0].added_area < 1e-5
    assert [len(m.mesh.fronts) for m in history] == [1] * 6 + [2] * 3
    x = history[-1].mesh.points
    ends = sorted(x[f.nodes[[0, -1]], 2].tolist() for f in history[-1].mesh.fronts)
    np.testing.assert_allclose(ends, [[0, T], [T, 0]] if ends[0][0] < ends[1][0] else ends, atol=1e-9)


def test_what_was_opened_is_looked_at_again(monkeypatch):
    """One round where nothing gives way; another one after a break-through, which may leave something thin."""
    rounds = []

    def looked(*given):
        rounds[-1].append(1)
        return opened(*given)

    monkeypatch.setattr(settle, "opened", looked)
    told, body = [], disc(0.15, T)
    sheets = [Sheet.ellipse((0, 0, T), Y, X, 5e-3, 5e-3)]
    back = background(without_bevels(body).plain)
    meshed = surface_mesh(body, sheets, back=back)
    for _ in range(7):
        rounds.append([])
        grown, meshed = regrow(meshed, sheets, moves(meshed, 8e-4), body, back=back)
        sheets = grown.sheets
        told.append([t.kind for t in grown.transitions])
    assert [len(r) for r in rounds] == [2 if t else 1 for t in told] and told.count(["breaks_through"]) == 1


def test_a_through_crack_reaches_the_rim():
    line = np.array([(0.12, 0, 0), (0.142, 0, 0)])
    history, told, _ = followed(disc(0.15, T), [Sheet.line(line, Z, (-T, 2 * T))], 1e-3, 9)
    assert kinds(told) == [("reaches_edge", "rim")]
    assert len(history[-1].mesh.fronts) == 1 and len(history[-1].crack_meshes[0].mouths) == 3
    x = history[-1].mesh.points[history[-1].mesh.fronts[0].nodes]
    np.testing.assert_allclose(x[:, 0], 0.12 - 9e-3, atol=1e-6)


def test_a_corner_crack_reaches_the_other_face():
    _, told, _ = followed(block(0.2, 0.3, T), [Sheet.ellipse((0.1, 0, T), Y, X, 5e-3, 3e-3)], 8e-4, 9)
    assert kinds(told) == [("reaches_edge", "inner")]


def test_an_embedded_crack_breaks_through_to_the_surface():
    history, told, _ = followed(half_space(), [Sheet.ellipse((0, 0, -2e-3), Y, X, 1e-3, 1e-3)], 2e-4, 6)
    assert kinds(told) == [("breaks_through", "face")]
    front = history[-1].mesh.fronts[0]
    assert not front.closed and len(history[-1].crack_meshes[0].mouths) == 1


def test_an_edge_crack_severs_a_block():
    line = np.array([(-0.02, 0, 0), (0.004, 0, 0)])
    with pytest.raises(GrowthStopped) as stop:
        followed(block(0.02, 0.03, T), [Sheet.line(line, Z, (-T, 2 * T))], 1e-3, 9)
    assert stop.value.reason == "severed"


def test_two_pennies_of_one_plane_join_with_a_healthy_neck():
    sheets = [Sheet.ellipse((0, 0, 0), Z, X, 1e-3, 1e-3, "a"), Sheet.ellipse((2.6e-3, 0, 0), (0, 0, -1), X, 1e-3, 1e-3)]
    history, told, after = followed(None, sheets, 1e-4, 3)
    assert kinds(told) == [("joins", "crack")] and len(after) == 1
    assert told[0].place == pytest.approx((1.3e-3, 0, 0), abs=1e-6)
    x = history[2].mesh.points[history[2].mesh.fronts[0].nodes]
    neck = np.abs(x[np.abs(x[:, 0] - 1.3e-3) < 5e-5, 1])
    assert len(history[2].mesh.fronts) == 1 and neck.min() > 0.3e-3


def test_a_ring_closes_its_hole():
    angle = 2 * np.pi * np.arange(400) / 400
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    ring = Sheet(Plane(np.zeros(3), np.array(X, float), np.array(Y, float)), (3e-3 * circle, 1e-3 * circle[::-1]))
    history, told, _ = followed(None, [ring], 2e-4, 5)
    assert kinds(told) == [("fronts_meet", "")] and told[0].place == pytest.approx((0, 0, 0), abs=2e-5)
    assert [len(m.mesh.fronts) for m in history] == [2, 2, 2, 2, 1, 1]


def test_a_crack_stops_before_another_and_goes_on_elsewhere():
    sheets = [Sheet.ellipse((0, 0, 0), Z, X, 1e-3, 1e-3, "a"), Sheet.ellipse((2e-3, 0, 0), X, Y, 1e-3, 1.5e-3, "wall")]
    back, told = surface_mesh(None, sheets), []
    for _ in range(6):
        grown, back = regrow(back, sheets, moves(back, 2e-4)[:1], None)
        sheets, told = grown.sheets, told + list(grown.transitions)
    assert kinds(told) == [("reaches_crack", "wall")]
    x = back.mesh.points[back.mesh.fronts[0].nodes]
    assert 1.75e-3 < x[:, 0].max() < 1.95e-3
    assert x[:, 0].min() == pytest.approx(-2.2e-3, rel=1e-3)


def test_growth_stops_when_nothing_else_can_move():
    sheets = [Sheet.ellipse((0, 0, 0), Z, X, 1e-3, 1e-3), Sheet.ellipse((1.06e-3, 0, 0), X, Y, 1e-3, 1e-3, "wall")]
    meshed = surface_mesh(None, sheets)
    ahead = moves(meshed, 1e-4)[0]
    toward = replace(ahead, points=np.where(ahead.start[:, :1] > 0.98e-3, ahead.points, ahead.start))
    with pytest.raises(GrowthStopped) as stop:
        regrow(meshed, sheets, [toward], None)
    assert stop.value.reason == "reaches_crack" and "wall" in stop.value.sentence


def test_a_crack_right_across_a_disc_is_followed_until_it_cuts_it() -> None:
    """Its mouth and its front lie on opposite sides of the rim: the band must be cut open clear of both."""
    body = disc(30e-3, 6e-3)
    low = float(body.facets().points[:, 2].min())
    sheets: tuple[Sheet, ...] = (Sheet.line(np.array([[35e-3, 0, 0], [5e-3, 0, 0]]), Z, (low - 1e-3, low + 7e-3)),)
    meshed = surface_mesh(body, sheets, refine=0.6)
    for _ in range(12):
        moved = [
            Moved(i, f.point + 4e-3 * f.ahead, f.point)
            for i, f in enumerate(front_frame(meshed.mesh, front) for front in meshed.mesh.fronts)
        ]
        try:
            found, meshed = regrow(meshed, sheets, moved, body, refine=0.6)
        except GrowthStopped as stop:
            assert stop.reason == "severed"
            return
        sheets = found.sheets
    raise AssertionError("the disc is 60 mm wide and the crack moved by 48 mm")
