"""What of a crack lies in a body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deadlight.errors import InputError, NotSolved
from deadlight.surface.body import block, disc, half_space
from deadlight.surface.clearance import check_mouths
from deadlight.surface.clip import clip
from deadlight.surface.crack_mesh import mesh_crack
from deadlight.surface.sheet import Sheet
from support_surface import top, window_body

Y, X, Z = (0, 1, 0), (1, 0, 0), (0, 0, 1)


def kinds(domain):
    return [[(p.kind, p.face) for p in loop] for loop in domain.loops]


def test_without_a_body_all_is_front():
    (domain,) = clip(Sheet.ellipse((0, 0, 0), Y, X, 2e-3, 1e-3), None).domains
    assert kinds(domain) == [[("front", -1)]]


@pytest.mark.parametrize("drop", [0.0, 0.3e-3, -0.3e-3])
@pytest.mark.parametrize("turn", [0.0, 0.7])
def test_a_half_ellipse_ends_exactly_on_the_face(drop, turn):
    normal = (-np.sin(turn), np.cos(turn), 0.0)
    sheet = Sheet.ellipse((0.01, 0.02, -drop), normal, (np.cos(turn), np.sin(turn), 0), 2e-3, 1e-3)
    (domain,) = clip(sheet, half_space()).domains
    (loop,) = domain.loops
    assert sorted(p.kind for p in loop) == ["front", "mouth"]
    front, mouth = sorted(loop, key=lambda p: p.kind)
    ends = front.points[[0, -1]]
    assert np.abs(domain.chart.to_space(ends)[:, 2]).max() < 1e-15
    assert np.abs((ends[:, 0] / 2e-3) ** 2 + (ends[:, 1] / 1e-3) ** 2 - 1).max() < 1e-9
    assert np.abs(ends[::-1] - mouth.points[[0, -1]]).max() == 0
    area = 0.5 * sum(
        (p.points[:-1, 0] * p.points[1:, 1] - p.points[1:, 0] * p.points[:-1, 1]).sum() for p in loop
    )  # the crack is on the left
    assert area > 0


def test_labels_at_corner_rim_and_through():
    t = 0.015
    plate, round_ = block(0.2, 0.3, t), disc(0.15, t)
    (corner,) = clip(Sheet.ellipse((0.1, 0, t), Y, X, 5e-3, 3e-3), plate).domains
    names = {plate.faces[p.face].name for loop in corner.loops for p in loop if p.kind == "mouth"}
    assert names == {"outer", "x+"}
    through = Sheet.line(np.array([(0.14, 0.0, 0.0), (0.16, 0.0, 0.0)]), Z, (-0.01, 0.03))
    (edge,) = clip(through, round_).domains
    mouths = [round_.faces[p.face].name for p in edge.loops[0] if p.kind == "mouth"]
    assert sorted(mouths) == ["inner", "outer", "rim"]
    on_rim = next(p for p in edge.loops[0] if p.kind == "mouth" and round_.faces[p.face].name == "rim")
    x = edge.chart.to_space(on_rim.points)
    assert np.abs(np.hypot(x[:, 0], x[:, 1]) - 0.15).max() < 1e-8


def test_an_inclined_crack_follows_the_rim():
    body = disc(0.15, 0.015)
    sheet = Sheet.ellipse((0.15, 0.0, 0.0075), (0, 0.8, -0.6), X, 6e-3, 6e-3)
    (domain,) = clip(sheet, body).domains
    mouth = next(p for p in domain.loops[0] if p.kind == "mouth")
    x = domain.chart.to_space(mouth.points)
    assert len(x) > 5 and np.abs(np.hypot(x[:, 0], x[:, 1]) - 0.15).max() < 1e-7


def test_mouths_lie_on_their_faces():
    """A section over facets has points as close together as they like; the first crack once gave a zigzag."""
    body = disc(0.15, 0.015)
    e1, e2 = np.array([-0.17334525, 0.46864726, -0.86621081]), np.array([-0.938162647, -0.346194528, 4.42e-4])
    middle = np.array([0.02195521, 0.14870093, -0.00056916])
    cracks = [Sheet.ellipse(middle, np.cross(e1, e2), e1, 1.7593e-3, 1.4928e-3)]
    rng = np.random.default_rng(3)
    for _ in range(40):
        angle, r = rng.uniform(0, 2 * np.pi), 0.15 + 1e-3 * rng.normal()
        z = rng.choice([0, 0.015, rng.uniform(0, 0.015)]) + 5e-4 * rng.normal()
        size, aspect = 10 ** rng.uniform(-3.5, -2), 10 ** rng.uniform(-0.4, 0.3)
        at = [r * np.cos(angle), r * np.sin(angle), z]
        cracks.append(Sheet.ellipse(at, rng.normal(size=3), rng.normal(size=3), size, size * aspect))
    checked = 0
    for sheet in cracks:
        try:
            domains = clip(sheet, body).domains
        except InputError as e:
            assert e.remedy
            continue
        for domain in domains:
            mesh = mesh_crack(domain)
            check_mouths(body, [mesh], ["crack"])
            for mouth in mesh.mouths:
                x = mesh.uv[mouth.nodes]
                d = np.diff(x[::2], axis=0)
                assert ((d[1:] * d[:-1]).sum(axis=1) > 0).all()
                checked += 1
    assert checked > 20


def test_a_mouth_off_its_face_is_refused():
    body = block(0.2, 0.3, 0.015)
    (domain,) = clip(Sheet.ellipse((0, 0, 0.015), Y, X, 2e-3, 1e-3), body).domains
    mesh = mesh_crack(domain)
    moved = replace(mesh, points=mesh.points + [0, 0, 1e-8])
    with pytest.raises(NotSolved, match=r"1e-05 mm off face outer \(limit 4e-06 mm"):
        check_mouths(body, [moved], ["crack"])


def test_a_crack_across_face_bevel_and_rim():
    body, mesh, region = window_body("shenzhou_like")
    (domain,) = clip(Sheet.ellipse((0.15, 0, top(mesh, region)), Y, X, 2e-3, 2e-3), body).domains
    mouths = [body.faces[p.face].name for p in domain.loops[0] if p.kind == "mouth"]
    assert sorted(mouths) == ["outer", "rim", "rim"]


def test_separate_parts_are_separate_cracks():
    body = block(0.2, 0.3, 0.015)
    half = [(0.01, 0, 0.02), (0.01, 0, 0.01), (0.02, 0, 0.01), (0.02, 0, 0.03)]
    ring = np.array([(-x, y, z) for x, y, z in half[::-1]] + half)
    found = clip(Sheet.polygon(ring[::-1], name="two legs"), body)
    assert len(found.domains) == 2
    assert "2 separate parts" in found.remarks[0]


@pytest.mark.parametrize(
    ("sheet", "text"),
    [
        (Sheet.ellipse((0, 0, 1), Y, X, 0.01, 0.01, name="far"), "far: the crack lies outside the body"),
        (Sheet.ellipse((0, 0, 0), Y, X, 1.0, 1.0), "cuts the body in two"),
        (Sheet.ellipse((0, 0, 0.005), Y, X, 0.01, 0.0049), "passes the skin at 0.1 mm"),
        (Sheet.rectangle((0, 0, 0.015), Y, X, 0.02, 2e-4), "mm long and 0.0995 mm wide"),
    ],
)
def test_what_does_not_fit_is_said(sheet, text):
    with pytest.raises(InputError, match=text) as caught:
        clip(sheet, block(0.2, 0.3, 0.015))
    assert caught.value.remedy
