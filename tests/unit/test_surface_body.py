"""Bodies: charts, edges, facets, and the bodies of meshes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deadlight.errors import InputError, MeshError
from deadlight.mesh.drawings import DRAWINGS, varied
from deadlight.mesh.window import make_window
from deadlight.mesh.window_drawing import WindowDrawing
from deadlight.surface.bevels import without_bevels
from deadlight.surface.body import block, disc, half_space
from deadlight.surface.chart import Graph
from deadlight.surface.curve import Curve, circle, line
from deadlight.surface.from_mesh import body_from_mesh
from deadlight.surface.skin_chart import Band
from deadlight.surface.skin_mesh import background
from support_surface import side_counts, t6_volume, window_body


def test_a_curve_finds_its_own_points_and_lengths():
    c = circle(0.1, 0.02)
    t = np.array([0.0, 3.3, 50.1, 95.99])
    np.testing.assert_allclose(np.mod(c.nearest(c.at(t)) - t + 1, c.pieces) - 1, 0, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(c.at(np.linspace(0, 96, 997))[:, :2], axis=1), 0.1, rtol=5e-8)
    assert c.length == pytest.approx(0.2 * np.pi, rel=1e-4)
    s = np.array([-0.1, 0.0, 0.3, 0.7])  # also beyond one round
    np.testing.assert_allclose(c.lengths(c.parameters(s)), s, atol=1e-12)
    assert line(np.zeros(3), np.ones(3)).straight and not c.straight
    assert not Curve(np.array([(0, 0, 0), (1, 1e-3, 0), (2, 0, 0)], dtype=float)).straight


@pytest.mark.parametrize("lean", [0.0, 0.4])
def test_a_band_is_its_own_inverse(lean):
    band = Band(circle(0.1, 0.0), circle(0.1 * (1 - lean), 0.03))
    rng = np.random.default_rng(1)
    uv = rng.random((200, 2)) * [band.period, band.width]
    x = band.to_space(uv)
    back = band.to_chart(x)
    gap = np.mod(back[:, 0] - uv[:, 0] + 0.5 * band.period, band.period) - 0.5 * band.period
    assert np.abs(gap).max() < 1e-10 and np.abs(back[:, 1] - uv[:, 1]).max() < 1e-10
    n = band.normal(uv)
    assert (np.einsum("ni,ni->n", n[:, :2], x[:, :2]) > 0).all()
    off = rng.uniform(-2e-3, 2e-3, 200)
    np.testing.assert_allclose(band.signed(x + off[:, None] * n), off, atol=2e-7)


@pytest.mark.parametrize(
    ("body", "volume"), [(block(0.2, 0.3, 0.015), 0.2 * 0.3 * 0.015), (disc(0.15, 0.015), np.pi * 0.15**2 * 0.015)]
)
def test_facets_and_background_close_and_hold_the_volume(body, volume):
    facets = body.facets()
    corners = facets.points[facets.triangles]
    assert np.einsum("ei,ei->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6 == pytest.approx(
        volume, rel=3e-4
    )
    assert (side_counts(facets.triangles) == 2).all()
    assert body.contains(np.array([(0, 0, 1e-3), (0, 0, -1e-3), (0.2, 0, 1e-3)])).tolist() == [True, False, False]
    skin = background(body)
    assert (side_counts(skin.cells) == 2).all()
    assert t6_volume(skin.points, skin.cells) == pytest.approx(volume, rel=1e-4)
    # middles lie exactly halfway except where a side is curved
    x = skin.points[skin.cells]
    half = 0.5 * (x[:, :3] + np.roll(x[:, :3], -1, axis=1))
    flat = np.array([f.flat for f in body.faces])[skin.face]
    straight = (half == x[:, 3:]).all(axis=2)
    assert straight[flat].mean() > 0.9


def test_the_half_space_has_no_background():
    body = half_space()
    assert body.unlimited and not len(background(body).cells)
    assert body.contains(np.array([(1.0, 2.0, -3.0), (0.0, 0.0, 1.0)])).tolist() == [True, False]


def test_sizes_must_be_positive():
    with pytest.raises(InputError, match="thickness"):
        disc(0.1, -1.0)


@pytest.mark.parametrize("name", list(DRAWINGS))
def test_every_shipped_window_becomes_a_body(name):
    body, mesh, region = window_body(name)
    assert sorted(f.name for f in body.faces) in (["inner", "outer", "rim"], ["inner", "outer", "rim", "rim", "rim"])
    both = without_bevels(body)
    assert sorted(f.name for f in both.plain.faces) == ["inner", "outer", "rim"]
    skin = background(both.plain)
    assert (side_counts(skin.cells) == 2).all() and len(skin.cells) < 700
    assert t6_volume(skin.points, skin.cells) == pytest.approx(mesh.volumes(region), rel=6e-4)
    full = background(body, 0.02)
    assert (side_counts(full.cells) == 2).all()
    assert t6_volume(full.points, full.cells) == pytest.approx(mesh.volumes(region), rel=3e-4)


@pytest.mark.parametrize("edge", ["flush_bevel", "flush_step"])
def test_flush_edges_become_bodies(edge):
    pane = replace(varied(DRAWINGS["apollo_like"]().panes[0], edge=edge), retainer=None)
    mesh = make_window(WindowDrawing(panes=(pane,)))
    body = body_from_mesh(mesh)
    assert sorted({f.name for f in body.faces}) == ["inner", "outer", "rim", "seat_outer"]
    skin = background(body)
    assert t6_volume(skin.points, skin.cells) == pytest.approx(mesh.volumes(), rel=1e-4)


def test_regions_tell_seat_from_free_face():
    body, mesh, region = window_body("shenzhou_like")
    outer = next(i for i, f in enumerate(body.faces) if f.name == "outer")
    z = mesh.points[mesh.region_nodes(region), 2].max()
    at = body.regions.at(outer, np.array([(0.0, 0.0, z), (0.145, 0.0, z), (0.0, 0.137, z)]))
    assert [body.regions.names[i] for i in at] == ["outer", "seat_outer", "lip"]


def test_a_domed_pane_has_curved_charts():
    drawing = DRAWINGS["disc_article"]()
    mesh = make_window(drawing).submesh("thermal")[0]
    points = mesh.points.copy()
    points[:, 2] += (points[:, 0] ** 2 + points[:, 1] ** 2) / (2 * 0.4)
    mesh = replace(mesh, points=points)
    body = body_from_mesh(mesh)
    assert [isinstance(f.chart, Graph) for f in body.faces if f.name in ("inner", "outer")] == [True, True]
    skin = background(without_bevels(body).plain)
    assert (side_counts(skin.cells) == 2).all()
    assert t6_volume(skin.points, skin.cells) == pytest.approx(mesh.volumes(), rel=6e-4)


def test_what_cannot_be_charted_is_said():
    mesh = make_window(DRAWINGS["disc_article"]()).submesh("thermal")[0]
    with pytest.raises(MeshError, match="no edge sharper"):
        body_from_mesh(mesh, angle=np.radians(120))
    points = mesh.points.copy()
    points[:, 2] += (points[:, 0] ** 2 + points[:, 1] ** 2) / (2 * 0.02)
    with pytest.raises(MeshError, match="neither flat nor a band"):
        body_from_mesh(replace(mesh, points=points))
