"""Fronts and pieces that a folder keeps come back as they were; what a viewer is given is what the run computed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.store.fields import FieldSeries, Part
from deadlight.store.history import REQUIRED, write_history
from deadlight.store.shapes import FrontShape, PieceShape, write_fronts, write_pieces
from deadlight.view.from_folder import window_view
from deadlight.view.packed import edges, packed, script_safe, skin
from deadlight.view.report import render_report
from deadlight.view.shown import STRESS, TEMPERATURE, SolidPart, WindowView

sys.path.insert(0, str(Path(__file__).parents[1] / "robustness"))
from test_report import summary

from support_view import _summary, ring, small_folder, small_view


def test_fronts_and_pieces_come_back(tmp_path: Path) -> None:
    written = small_folder(tmp_path)
    fronts = [FrontShape(r.pane, r.step, r.time, r.indicative, r.points, r.ratio) for r in written.ribs]
    fronts.append(FrontShape("thermal", 2, 200.0, True, written.ribs[2].points + 0.01, np.arange(5.0)))
    assert write_fronts(tmp_path, fronts) == tmp_path / "growth.pvd"
    piece = written.pieces[0]
    write_pieces(tmp_path, [PieceShape("thermal", 1, "leaves", piece.corners, piece.cut, piece.way, piece.mass)])
    read = window_view(tmp_path)
    assert len(read.ribs) == 4
    for rib, front in zip(read.ribs, fronts):
        assert (rib.pane, rib.step, rib.indicative) == (front.pane, front.step, front.indicative)
        np.testing.assert_allclose(rib.points, front.points, atol=1e-9)
        np.testing.assert_allclose(rib.ratio, front.ratio, rtol=1e-6)
        assert rib.time == pytest.approx(front.time, rel=1e-6)
    assert (read.pieces[0].name, read.pieces[0].state) == ("thermal, piece 1", "leaves")
    np.testing.assert_allclose(read.pieces[0].corners, piece.corners, atol=1e-9)
    assert (read.pieces[0].cut == piece.cut).all()
    assert read.pieces[0].mass == pytest.approx(piece.mass)


def test_nothing_grown_writes_nothing(tmp_path: Path) -> None:
    assert write_fronts(tmp_path, []) is None and write_pieces(tmp_path, []) is None
    assert list(tmp_path.iterdir()) == []


def test_k_of_a_front_comes_back(tmp_path: Path) -> None:
    written = small_folder(tmp_path)
    read = window_view(tmp_path)
    assert read.governing_time == written.governing_time
    for a, b in zip(read.fronts, written.fronts):
        assert a.name == b.name
        np.testing.assert_allclose(a.k, b.k, rtol=1e-12)
        np.testing.assert_allclose(a.points, b.points, atol=1e-12)
        np.testing.assert_allclose(a.error, b.error, rtol=1e-9, atol=1e-9)


def test_a_folder_without_a_run_or_with_foreign_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no finished run"):
        window_view(tmp_path)
    small_folder(tmp_path / "run")
    path = tmp_path / "run" / "run.pvd"
    path.write_text(path.read_text().replace("fields/run_0000_thermal.vtu", "../outside.vtu"))
    with pytest.raises(InputError, match="outside the folder"):
        window_view(tmp_path / "run")


def test_skin_is_closed_and_faces_outwards() -> None:
    mesh = small_view().solids[0].mesh
    triangles, face = skin(mesh)
    x = mesh.points[triangles]
    volume = float((x[:, 0] * np.cross(x[:, 1], x[:, 2])).sum() / 6.0)
    sides = 48  # corners and middles lie on circles
    assert volume == pytest.approx(0.5 * sides * np.sin(2 * np.pi / sides) * (0.15**2 - 0.02**2) * 0.01, rel=1e-8)
    ends = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    assert (np.unique(ends, axis=0, return_counts=True)[1] == 2).all()
    lines = mesh.points[edges(mesh.points, triangles, face)]
    radius = np.hypot(lines[..., 0], lines[..., 1])
    assert len(lines) and (np.isclose(radius, 0.15, atol=2e-4) | np.isclose(radius, 0.02, atol=2e-4)).all()


def test_too_large_a_view_loses_instants_and_says_so() -> None:
    view = small_view()
    whole = len(script_safe(packed(view)))
    less = packed(view, most_bytes=int(0.85 * whole))
    assert len(less["times"]) < len(view.times) and view.governing_time in less["times"]
    assert "stored instants" in less["left_out"][-1]


def test_text_cannot_end_its_element() -> None:
    assert not set("<>&\u2028") & set(script_safe({"name": "</script><!--&\u2028"}))


def test_a_report_of_a_large_window_is_made_in_time_and_can_be_mailed() -> None:
    """6000 quadratic hexahedra a pane, 40 instants, three panes: below 15 MB, and in less than 30 s of one core."""
    times = np.linspace(0.0, 1500.0, 40)
    solids = []
    for level in range(3):
        mesh = ring(f"pane_{level}", -0.02 * level, n=6000)
        wave = np.sin(40.0 * mesh.points[:, 0]) + np.outer(times, mesh.points[:, 1])
        fields = {TEMPERATURE: 600.0 + 50.0 * wave, STRESS: 20.0 * wave}
        solids.append(SolidPart(f"pane_{level}", "pane", level, mesh, fields))
    begun = time.process_time()
    text = render_report(summary("large"), view=WindowView("large", times, "entry interface", tuple(solids)))
    assert time.process_time() - begun < 30.0
    assert 1e6 < len(text.encode()) < 15e6


def test_a_crack_of_the_quick_tier_has_its_points_on_its_line(tmp_path: Path) -> None:
    mesh = ring("thermal", 0.0)
    series = FieldSeries(tmp_path, mesh)
    line = np.array([[0.12, 0.0, 0.005], [0.09, 0.0, 0.005]])
    for moment in (0.0, 100.0):
        data = {TEMPERATURE: np.full(mesh.n_nodes, 300.0), STRESS: np.zeros(mesh.n_nodes)}
        series.add(moment, data, parts=[Part.polyline("crack_C1", line)])
    k = np.array([1e5, 4e5, 2e5, 3e5])
    given = {
        "crack": np.full(4, "C1"),
        "tier": np.full(4, "quick"),
        "front_point": np.repeat(["rim_side", "centre_side"], 2),
        "front_position": np.repeat([0.0, 1.0], 2),
        "time_s": np.tile([0.0, 100.0], 2),
        "K_seed": k,
        "K_I": np.full(4, np.nan),  # grown and gone
        "K_Ic": np.array([np.nan, 8e5, 8e5, 8e5]),  # not known where K is zero
        "K_error": np.full(4, 0.01),
    }
    columns = {name: given.get(name, np.full(4, np.nan)) for name in dict.fromkeys((*REQUIRED, *given))}
    units = {"tier": "", "front_point": "", "K_seed": "Pa*m**0.5", "K_error": ""}
    write_history(tmp_path / "history.parquet", columns, units)
    _summary("quick", "C1", "thermal").write(tmp_path / "summary.json")
    view = window_view(tmp_path)
    assert [f.name for f in view.fronts] == ["C1: rim side, quick tier", "C1: centre side, quick tier"]
    np.testing.assert_allclose(view.fronts[0].points, line[:1])
    np.testing.assert_allclose(view.fronts[1].points, line[1:])
    np.testing.assert_allclose(view.fronts[0].k[:, 0], k[:2])
    assert view.worst[0] is view.fronts[0] and view.governing_time == 100.0
    assert "NaN" not in script_safe(packed(view))
