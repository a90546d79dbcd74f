"""Drawings that cannot be made are refused with place, value and remedy; ready-made ones keep their dimensions."""

import math

import numpy as np
import pytest

from deadlight.errors import MeshError
from deadlight.mesh.drawings import DRAWINGS, shenzhou_like, shuttle_like
from deadlight.mesh.outline import Outline
from deadlight.mesh.section import MeshControl
from deadlight.mesh.window import make_window
from deadlight.mesh.window_drawing import PaneDrawing, Retainer, WindowDrawing

ROUND = Outline.round(0.1)
GOOD = {"name": "thermal", "outline": ROUND, "thickness": 0.01, "lip_width": 0.01, "seat_width": 0.01}


@pytest.mark.parametrize(
    ("changes", "found", "remedy"),
    [
        ({"thickness": 0.0}, "thickness 0 mm", "positive"),
        ({"thickness": -0.01}, "thickness = -0.01 m", "in metres"),
        ({"thickness": math.nan}, "thickness = nan", "finite"),
        ({"lip_width": 0.06}, "60 mm covers half the pane", "less than 50 mm"),
        ({"seat_width": 0.05}, "50 mm covers half the pane", "less than 50 mm"),
        ({"bevel": 0.006}, "bevel 6 mm on a thickness of 10 mm", "4.5 mm"),
        ({"bevel": 0.001, "gasket_width": 0.0015}, "gasket_width 1.5 mm ends on the bevel", "2 mm"),
        ({"gasket_width": 0.012}, "gasket_width 12 mm reaches out", "at most 10 mm"),
        ({"edge": "glued"}, '"glued" is unknown', "retainer_lip, flush_bevel, flush_step"),
        (
            {"edge": "flush_step", "lip_width": 0.0, "step_width": 0.005, "step_depth": 0.01},
            "step_depth 10 mm",
            "10 mm",
        ),
        (
            {"edge": "flush_step", "step_width": 0.005, "step_depth": 0.004},
            "lip_width 10 mm on a flush edge",
            "lip_width = 0",
        ),
        ({"edge": "flush_bevel", "lip_width": 0.0, "land": 0.0}, "land 0 mm", "above zero"),
        (
            {"edge": "flush_bevel", "lip_width": 0.0, "land": 0.002, "bevel_angle": 1.5},
            "bevel_angle 85.9",
            "75 degrees",
        ),
        (
            {"edge": "flush_bevel", "lip_width": 0.0, "land": 0.009, "retainer": Retainer(), "clearance": 0.5e-3},
            "would start",
            "gasket",
        ),
        ({"retainer": Retainer()}, "clearance 0 mm", "positive clearance"),
        ({"retainer": Retainer(gasket_thickness=0.0), "clearance": 1e-3}, "gasket_thickness 0 mm", "not share"),
        ({"retainer": Retainer(wall=-1e-3), "clearance": 1e-3}, "retainer.wall = -0.001 m", "in metres"),
        ({"retainer": Retainer(), "clearance": 1e-3, "seat_width": 0.0}, "seat_width 0", "inner seat"),
        ({"outline": Outline.rounded_rectangle(0.3, 0.3, 0.008)}, "corner radius 8 mm", "10.5263 mm"),
        ({"name": "a.b"}, '"a.b" cannot be a region', "no dot"),
    ],
)
def test_impossible_panes_are_refused(changes, found, remedy):
    with pytest.raises(MeshError) as error:
        PaneDrawing(**(GOOD | changes))
    assert f'pane "{changes.get("name", "thermal")}"' in error.value.place
    assert found in error.value.found
    assert remedy in error.value.remedy


def _two(gap, upper=None, lower=None):
    first = PaneDrawing(**(GOOD | {"clearance": 1e-3, "retainer": upper}))
    second = PaneDrawing(**(GOOD | {"name": "pressure", "clearance": 1e-3, "retainer": lower}))
    return WindowDrawing(panes=(first, second), gaps=(gap,))


def test_panes_that_overlap_and_retainers_that_collide_are_refused():
    with pytest.raises(MeshError, match="touch or overlap"):
        _two(-0.001)
    with pytest.raises(MeshError, match=r"need 8 mm \(seat plate 4 mm, lip 4 mm\) and the gap is 8 mm"):
        _two(0.008, Retainer(), Retainer())
    with pytest.raises(MeshError, match="2 panes need 1 gaps"):
        WindowDrawing(panes=_two(0.01).panes)
    with pytest.raises(MeshError, match="must be there and differ"):
        WindowDrawing(panes=(PaneDrawing(**GOOD),) * 2, gaps=(0.01,))
    assert _two(0.0081, Retainer(), Retainer()).levels == pytest.approx({"pressure": 0.0, "thermal": 0.0181})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Outline.round(-0.1), "must be positive"),
        (lambda: Outline.rounded_rectangle(0.3, 0.2, 0.12), r"120 mm leaves no room .* \(limit 100 mm\)"),
        (lambda: Outline.rounded_rectangle(0.3, 0.2, 0.0), "must be positive"),
        (lambda: Outline.trapezoid(0.3, -0.1, 0.2, 0.01), "must be positive"),
        (lambda: Outline.trapezoid(0.3, math.inf, 0.2, 0.01), "not a finite number"),
    ],
)
def test_impossible_outlines_are_refused(make, message):
    with pytest.raises(MeshError, match=message):
        make()


def test_mesh_controls_are_checked():
    with pytest.raises(MeshError, match="panes are: thermal, pressure_1, pressure_2"):
        make_window(shenzhou_like(), controls={"outer": MeshControl()})
    with pytest.raises(MeshError, match="refine = 50"):
        make_window(shenzhou_like(), refine=50)
    with pytest.raises(MeshError, match="cannot be meshed"):
        MeshControl(layers=0)


def test_outline_areas_and_perimeters():
    """Circle, rectangle less (4 - pi) r^2, and a trapezoid summed from its own nodes (shoelace, 4000 nodes)."""
    assert ROUND.area == pytest.approx(math.pi * 0.01, rel=1e-14)
    assert ROUND.perimeter == pytest.approx(math.pi * 0.2, rel=1e-14)
    box = Outline.rounded_rectangle(0.3, 0.2, 0.05)
    assert box.area == pytest.approx(0.06 - (4 - math.pi) * 0.05**2, rel=1e-13)
    assert box.perimeter == pytest.approx(2 * (0.2 + 0.1) + math.pi * 0.1, rel=1e-13)
    trapezoid = Outline.trapezoid(0.5, 0.36, 0.4, 0.06)
    for s in (0.0, 0.02, -0.01):
        x, y = trapezoid.grid(4000).offset(s).T
        assert 0.5 * np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) == pytest.approx(trapezoid.area_at(s), rel=1e-6)


def test_ready_made_windows_have_their_dimensions():
    """Shuttle reference manual: panes 15.875 / 33.02 / 15.875 mm, diagonal 1.067 m; from memory 0.889 m inside."""
    panes = shuttle_like().panes
    assert [p.thickness for p in panes] == [15.875e-3, 33.02e-3, 15.875e-3]
    for pane, diagonal in zip(panes, (1.067, 0.889, 0.889)):
        (ax, ay), (bx, by) = pane.outline.vertices[0], pane.outline.vertices[2]
        assert math.hypot(ax - bx, ay - by) == pytest.approx(diagonal, abs=5e-4)
    for name, make in DRAWINGS.items():
        drawing = make()
        mesh = make_window(drawing, refine=0.5)
        assert drawing.name == name and "not the real article" in " ".join(mesh.notes)
        assert mesh.regions[0] == "thermal"
        tops = [mesh.points[mesh.face_nodes(f"{p.name}.outer"), 2].max() for p in drawing.panes]
        assert tops == sorted(tops, reverse=True)
        for p in drawing.panes:
            z = mesh.points[mesh.region_nodes(p.name), 2]
            assert z.min() == pytest.approx(drawing.levels[p.name], abs=1e-12)
            assert np.ptp(z) == pytest.approx(p.thickness, rel=1e-12)


def test_default_node_counts_stay_in_budget():
    mesh = make_window(shenzhou_like())
    counts = {r: len(mesh.region_nodes(r)) for r in mesh.regions}
    assert 25_000 <= counts["thermal"] <= 35_000
    assert all(5_000 <= counts[r] <= 10_000 for r in ("pressure_1", "pressure_2"))
    assert all(n < 6_000 for r, n in counts.items() if r.endswith("_retainer"))
