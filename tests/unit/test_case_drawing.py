"""A window drawn in the case: the mesh is the generator's own; every mistake gets one message with pane and key."""

import math
from pathlib import Path

import numpy as np
import pytest

from deadlight.case.load import case_schema, load_case, parse_case
from deadlight.chain.viewport import build_viewport
from deadlight.errors import CaseError, MeshError
from deadlight.mesh.outline import Outline
from deadlight.mesh.section import MeshControl
from deadlight.mesh.window import COARSE, FINE, make_window
from deadlight.mesh.window_drawing import PaneDrawing, Retainer, WindowDrawing

REST = """
[supports.{name}]
seat_stiffness = "500 MPa/m"
[environment.trajectory]
kind = "entry"
speed = "7600 m/s"
altitude = "120 km"
flight_path_angle = "-1.5 deg"
ballistic_coefficient = "400 kg/m**2"
nose_radius = "3 m"
[environment.heating]
ratio = "0.15"
"""
PANE = """
[[panes]]
name = "{name}"
role = "{role}"
material = "fused_silica"
"""
TWO = (
    """schema = 1
name = "drawn"
[window]
refine = "0.3"
gaps = ["12 mm"]
[[window.panes]]
name = "thermal"
outline = { kind = "rounded_rectangle", width = "240 mm", height = "180 mm", corner_radius = "40 mm" }
thickness = "12 mm"
bevel = "0.5 mm"
edge = "retainer_lip"
lip_width = "12 mm"
gasket_width = "8 mm"
seat_width = "10 mm"
clearance = "0.5 mm"
retainer = { lip_thickness = "3 mm", wall = "4 mm", seat_thickness = "2 mm", gasket_thickness = "1 mm" }
mesh = { layers = "8", first_layer = "0.05", around = "32", rings = "4", growth = "0.5" }
[[window.panes]]
name = "pressure"
outline = { kind = "round", radius = "95 mm" }
thickness = "10 mm"
lip_width = "9 mm"
seat_width = "8 mm"
mesh = { rings = "5" }
"""
    + PANE.format(name="thermal", role="thermal")
    + PANE.format(name="pressure", role="pressure")
    + REST.format(name="thermal")
)


def one(edge):
    """A case of one trapezoidal pane with an edge of its own."""
    drawn = (
        'schema = 1\nname = "one"\n[window]\nrefine = "0.4"\n[[window.panes]]\nname = "alone"\nthickness = "14 mm"\n'
        'outline = { kind = "trapezoid", width_bottom = "0.4 m", width_top = "0.3 m", height = "0.25 m", '
        'corner_radius = "5 cm" }\nseat_width = "12 mm"\n'
    )
    return drawn + edge + PANE.format(name="alone", role="pressure") + REST.format(name="alone")


def written(folder, text):
    path = folder / "case.toml"
    path.write_text(text)
    return path


def assert_same(mesh, expected):
    assert np.allclose(mesh.points, expected.points, rtol=0, atol=1e-14)  # "9 mm" and 9e-3 differ in the last bit
    assert mesh.regions == expected.regions
    for block, other in zip(mesh.blocks, expected.blocks, strict=True):
        assert block.region == other.region and np.array_equal(block.nodes, other.nodes)
    assert set(mesh.faces) == set(expected.faces)
    for name, blocks in mesh.faces.items():
        assert all(np.array_equal(a.nodes, b.nodes) for a, b in zip(blocks, expected.faces[name], strict=True))


def test_two_panes_are_the_generators_node_for_node(tmp_path):
    case = load_case(written(tmp_path, TWO))
    thermal = PaneDrawing(
        name="thermal", role="thermal", outline=Outline.rounded_rectangle(0.240, 0.180, 0.040), thickness=0.012,
        bevel=0.5e-3, lip_width=0.012, gasket_width=0.008, seat_width=0.010, clearance=0.5e-3,
        retainer=Retainer(lip_thickness=3e-3, wall=4e-3, seat_thickness=2e-3, gasket_thickness=1e-3),
    )  # fmt: skip
    pressure = PaneDrawing(
        name="pressure", outline=Outline.round(0.095), thickness=0.010, lip_width=0.009, seat_width=0.008
    )
    stated = {
        "thermal": MeshControl(layers=8, first_layer=0.05, around=32, rings=4, growth=0.5),
        "pressure": MeshControl(COARSE.layers, COARSE.first_layer, COARSE.around, 5, COARSE.growth),
    }
    drawing = WindowDrawing(panes=(thermal, pressure), gaps=(0.012,))
    mesh = build_viewport(case, root=tmp_path).mesh
    assert_same(mesh, make_window(drawing, refine=0.3, controls=stated))
    assert mesh.points[:, 2].max() == pytest.approx(0.010 + 0.012 + 0.012 + 0.004, abs=1e-12)  # with gasket and lip


@pytest.mark.parametrize(
    ("edge", "same"),
    [
        ('edge = "flush_step"\nstep_width = "9 mm"\nstep_depth = "6 mm"', {"step_width": 9e-3, "step_depth": 6e-3}),
        (
            'edge = "flush_bevel"\nbevel_angle = "25 deg"\nland = "4 mm"',
            {"bevel_angle": math.radians(25), "land": 4e-3},
        ),
        (
            'edge = "flush_step"\nstep_width = "9 mm"\nstep_depth = "6 mm"\nclearance = "1 mm"\n'
            'retainer = { wall = "4 mm", seat_thickness = "3 mm", gasket_thickness = "1 mm" }',
            {"step_width": 9e-3, "step_depth": 6e-3, "clearance": 1e-3, "retainer": Retainer(lip_thickness=0.0)},
        ),
        ('lip_width = "0 mm"', {}),
    ],
)
def test_every_edge_and_the_default_control(tmp_path, edge, same):
    kind = edge.split('"')[1] if edge.startswith("edge") else "retainer_lip"
    drawn = PaneDrawing(
        name="alone",
        outline=Outline.trapezoid(0.4, 0.3, 0.25, 0.05),
        thickness=0.014,
        seat_width=0.012,
        edge=kind,
        **same,
    )
    expected = make_window(WindowDrawing(panes=(drawn,)), refine=0.4, controls={"alone": FINE})
    case = load_case(written(tmp_path, one(edge)))
    assert_same(build_viewport(case, root=tmp_path).mesh, expected)


def test_two_retainers_may_touch_no_neighbour(tmp_path):
    """Gasket and seat plate 1 + 2 mm, gasket and lip of the pane behind 1 + 3 mm: no room in a gap of 6.5 mm."""
    plates = 'lip_thickness = "3 mm", wall = "4 mm", seat_thickness = "3 mm", gasket_thickness = "1 mm"'
    second = f'clearance = "1 mm"\nretainer = {{ {plates} }}'
    text = TWO.replace('mesh = { rings = "5" }', second).replace('gaps = ["12 mm"]', 'gaps = ["6.5 mm"]')
    with pytest.raises(MeshError) as error:
        build_viewport(load_case(written(tmp_path, text)), root=tmp_path)
    assert error.value.place == 'window.gaps, gap between "thermal" and "pressure"'
    assert "7 mm" in error.value.found and "6.5 mm" in error.value.found


LIP = 'lip_width = "12 mm"\n'
FORM = [
    ('thickness = "12 mm"', "thickness = 12", ["window.panes.0.thickness (line 9)", "bare number"]),
    ('thickness = "10 mm"', 'thickness = "10 m"', ["window.panes.1.thickness (line 21)", "at most 0.2 m", "unit"]),
    ('thickness = "10 mm"\n', "", ["window.panes.1.thickness", "missing"]),
    ('radius = "95 mm"', 'radius = "95"', ["window.panes.1.outline.radius (line 20)", "95", "unit"]),
    ('radius = "95 mm"', 'radius = "95 m"', ["window.panes.1.outline.radius (line 20)", "at most 2.5 m"]),
    ('radius = "95 mm"', 'width = "95 mm"', ["window.panes.1.outline.", "missing"]),
    ('kind = "round"', 'kind = "oval"', ["window.panes.1.outline (line 20)", "rounded_rectangle", "trapezoid"]),
    ('kind = "round", ', "", ["window.panes.1.outline (line 20)", 'kind = "round"']),
    ('bevel = "0.5 mm"', 'bevle = "0.5 mm"', ["window.panes.0.bevle (line 10)", "unknown key"]),
    ('edge = "retainer_lip"', 'edge = "glued"', ["window.panes.0.edge (line 11)", "glued", "flush_step"]),
    ('edge = "retainer_lip"', 'edge = "flush_bevel"', ["window.panes.0", "bevel_angle and land"]),
    ('edge = "retainer_lip"', 'land = "1 mm"', ["window.panes.0", "land does nothing", "retainer_lip"]),
    (LIP, "", ["window.panes.0", "retainer_lip", "needs lip_width"]),
    ('lip_thickness = "3 mm", ', "", ["window.panes.0", "retainer.lip_thickness", "3 mm"]),
    (LIP, 'lip_width = "0 mm"\n', ["window.panes.0", "retainer.lip_thickness", "does nothing"]),
    ('wall = "4 mm", ', "", ["window.panes.0.retainer.wall", "missing"]),
    ('wall = "4 mm"', 'wall = "0 mm"', ["window.panes.0.retainer.wall (line 16)", "at least 0.0001 and"]),
    ('layers = "8"', "layers = 8", ["window.panes.0.mesh.layers (line 17)", "bare number", "text"]),
    ('layers = "8"', 'layers = "8.5"', ["window.panes.0.mesh.layers (line 17)", "8.5", "whole number"]),
    ('layers = "8"', 'layers = "800"', ["window.panes.0.mesh.layers", "at most 60"]),
    ('growth = "0.5"', 'growth = "0"', ["window.panes.0.mesh.growth", "at least 0.05"]),
    ('first_layer = "0.05"', 'first_layer = "0.05 mm"', ["window.panes.0.mesh.first_layer", "pure number"]),
    ('gaps = ["12 mm"]', 'gaps = ["12 mm", "6 mm"]', ["window:", "found 2 gaps, expected 1"]),
    ('gaps = ["12 mm"]', "", ["window", "found 0 gaps, expected 1"]),
    ('gaps = ["12 mm"]', 'gaps = ["-1 mm"]', ["window.gaps.0 (line 5)", "-1 mm", "at least"]),
    ('refine = "0.3"', 'refine = "0.3"\ndrawing = "shenzhou_like"', ["window", "exactly one", "[[window.panes]]"]),
    ('refine = "0.3"', 'refine = "0.3"\nthickness = "9 mm"', ["window", "thickness varies a ready-made drawing"]),
    ('name = "pressure"\noutline', 'name = "Thermal"\noutline', ["window", "'Thermal'", "twice"]),
    ('name = "pressure"\noutline', 'name = "inner"\noutline', ["thermal, inner", "thermal, pressure"]),
]


@pytest.mark.parametrize(("old", "new", "words"), FORM)
def test_a_slip_in_the_form_gets_one_message(tmp_path, old, new, words):
    assert TWO.count(old) == 1, old
    with pytest.raises(CaseError) as error:
        load_case(written(tmp_path, TWO.replace(old, new)))
    message = str(error.value)
    assert all(word in message for word in words), message
    assert message.count(" at fault") == 1 and "Tuple" not in message
    if "missing" not in words:  # a key misnamed is one unknown and one missing
        assert "1 value at fault" in message and len(message.splitlines()) == 2, message


DRAWN = [
    ('bevel = "0.5 mm"', 'bevel = "6 mm"', "thermal", "bevel", "at most 0.45"),
    ('corner_radius = "40 mm"', 'corner_radius = "95 mm"', "thermal", "outline", "corner radius smaller"),
    ('corner_radius = "40 mm"', 'corner_radius = "10 mm"', "thermal", "outline", "above 12.6"),
    ('gasket_width = "8 mm"', 'gasket_width = "13 mm"', "thermal", "gasket_width", "at most 12 mm"),
    (LIP, 'lip_width = "90 mm"\n', "thermal", "lip_width", "less than 45 mm"),
    ('seat_width = "8 mm"', 'seat_width = "50 mm"', "pressure", "seat_width", "less than 47.5 mm"),
    ('clearance = "0.5 mm"', 'clearance = "0 mm"', "thermal", "clearance", "positive clearance"),
    ('layers = "8"', 'layers = "60"', "thermal", "mesh", "smaller refine"),
]


@pytest.mark.parametrize(("old", "new", "pane", "key", "remedy"), DRAWN)
def test_a_drawing_that_cannot_be_made_names_pane_and_key(tmp_path, old, new, pane, key, remedy):
    text = TWO.replace('refine = "0.3"', 'refine = "6"') if key == "mesh" else TWO
    assert text.count(old) == 1, old
    case = load_case(written(tmp_path, text.replace(old, new)))
    with pytest.raises(MeshError) as error:
        build_viewport(case, root=tmp_path)
    assert error.value.place == f'window.panes, pane "{pane}", {key}'
    assert remedy in error.value.remedy


def test_corners_that_meet_on_one_side_only(tmp_path):
    """Trapezoid 200 mm at its bottom, 100 mm at its top: a radius that leaves nothing of the top alone."""
    turn = math.pi / 2 - math.atan(50 / 200)  # of a top corner; the rounding cuts r tan(turn / 2) off the side
    radius = 50.0 / math.tan(turn / 2)
    text = one('lip_width = "0 mm"').replace("0.4 m", "200 mm").replace("0.3 m", "100 mm").replace("0.25 m", "200 mm")
    case = load_case(written(tmp_path, text.replace("5 cm", f"{radius!r} mm")))
    with pytest.raises(MeshError, match="corners meet on one side") as error:
        build_viewport(case, root=tmp_path)
    assert error.value.place == 'window.panes, pane "alone", outline'


def test_panes_that_are_all_bad_are_not_called_missing(tmp_path):
    """pydantic counts the good rows of a list; that none is left is no second mistake."""
    with pytest.raises(CaseError) as error:
        load_case(written(tmp_path, one('lip_width = "0 mm"').replace('role = "pressure"', 'role = "inner"')))
    assert "1 value at fault" in str(error.value) and "  panes.0.role (line 13)" in str(error.value)
    assert len(str(error.value).splitlines()) == 2
    data = {"schema": 1, "name": "empty", "window": {"drawing": "shenzhou_like"}, "panes": [], "environment": {}}
    with pytest.raises(CaseError, match="panes: found 0 of them, expected at least 1"):
        parse_case(data)


def test_a_table_of_its_own_under_a_pane_is_read_and_placed(tmp_path):
    inline = (
        'retainer = { lip_thickness = "3 mm", wall = "4 mm", seat_thickness = "2 mm", gasket_thickness = "1 mm" }\n'
    )
    mesh = 'mesh = { layers = "8", first_layer = "0.05", around = "32", rings = "4", growth = "0.5" }\n'
    table = '[window.panes.retainer]\nlip_thickness = "3 mm"\nwall = "4 mm"\nseat_thickness = "2 mm"\n'
    text = TWO.replace(inline, mesh).replace(mesh + mesh, mesh + table + 'gasket_thickness = "1 mm"\n')
    assert load_case(written(tmp_path, text)).window == load_case(written(tmp_path, TWO)).window
    with pytest.raises(CaseError, match=r"1 value at fault\n  window\.panes\.0\.retainer\.wall \(line 19\): .*4 kg"):
        load_case(written(tmp_path, text.replace('wall = "4 mm"', 'wall = "4 kg"')))


def test_the_schema_says_text_and_limits():
    forms = case_schema()["$defs"]
    layers = next(kind for kind in forms["DrawnMesh"]["properties"]["layers"]["anyOf"] if kind["type"] == "string")
    assert layers["description"] == "pure number, as text, at least 1 and at most 60"
    assert set(forms["DrawnPane"]["required"]) == {"name", "outline", "thickness"}


def test_the_shipped_example_is_drawn():
    path = Path(__file__).parents[2] / "examples/own_window/case.toml"
    case = load_case(path)
    mesh = build_viewport(case, root=path.parent).mesh
    assert mesh.regions == ("thermal", "thermal_retainer", "pressure")
    box = np.ptp(mesh.points[mesh.region_nodes("thermal")], axis=0)
    assert box == pytest.approx([0.240, 0.180, 0.012], rel=1e-12)
