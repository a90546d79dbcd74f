"""Window generator against closed forms: volumes and areas by Steiner's formula for parallel bodies.

A convex line of perimeter P and area A, offset inwards by s within its smallest radius of curvature, encloses
A - P s + pi s^2 and has perimeter P - 2 pi s (Steiner 1840).
"""

import math

import numpy as np
import pytest
from scipy.spatial import cKDTree

from deadlight.mesh.elements import ELEMENTS, quadrature
from deadlight.mesh.mesh import cell_volumes
from deadlight.mesh.outline import Outline
from deadlight.mesh.section import MeshControl
from deadlight.mesh.window import make_window
from deadlight.mesh.window_drawing import PaneDrawing, Retainer, WindowDrawing, cone_start

OUTLINES = {
    "round": Outline.round(0.15),
    "rectangle": Outline.rounded_rectangle(0.36, 0.24, 0.05),
    "trapezoid": Outline.trapezoid(0.5, 0.36, 0.4, 0.06),
}
EDGE = {
    "retainer_lip": {"lip_width": 0.015, "gasket_width": 0.010},
    "flush_bevel": {"bevel_angle": math.radians(35), "land": 0.003},
    "flush_step": {"step_width": 0.008, "step_depth": 0.004},
}
SMALL = MeshControl(layers=4, first_layer=0.1, around=40, rings=3, growth=0.6)


def pane(outline="round", edge="retainer_lip", bevel=0.0, **changes):
    keys = {
        "name": "thermal",
        "outline": OUTLINES[outline],
        "thickness": 0.010,
        "edge": edge,
        "bevel": bevel,
        "seat_width": 0.012,
    }
    keys |= {"clearance": 0.5e-3, "retainer": Retainer()} | EDGE[edge] | changes
    return PaneDrawing(**keys)


def mesh_of(drawn, refine=1.0, control=SMALL):
    return make_window(WindowDrawing(panes=(drawn,)), refine=refine, controls={drawn.name: control})


def area(mesh, name):
    return sum(cell_volumes(mesh.points, b).sum() for b in mesh.face(name))


def band(o, s1, s2):
    return o.area_at(s1) - o.area_at(s2)


def cone(o, s1, s2, height):
    """Area of the developable band between offset s1 and s2: slant length times the mean perimeter."""
    return math.hypot(s2 - s1, height) * (o.perimeter - math.pi * (s1 + s2))


ALL = pytest.mark.parametrize(
    ("outline", "edge", "bevel"),
    [(o, e, b) for o in OUTLINES for e in EDGE for b in (0.0, 0.6e-3)],
    ids=lambda v: str(v),
)


def pane_volume(p):
    o, t, c = p.outline, p.thickness, p.bevel
    removed = (1 if p.edge == "flush_bevel" else 2) * (o.perimeter * c**2 / 2 - math.pi * c**3 / 3)
    b, h = p.cone_width, t - p.land
    if p.edge == "flush_bevel":
        removed += o.perimeter * b * h / 2 - math.pi * b**2 * h / 3
    return t * o.area - removed - p.step_depth * band(o, 0, p.step_width)


def retainer_volume(p):
    o, r, t = p.outline, p.retainer, p.thickness
    g, back, front = r.gasket_thickness, -p.clearance - r.wall, -p.clearance
    low, high, lip = {
        "retainer_lip": (t + g, t + g + r.lip_thickness, p.lip_width),
        "flush_step": (t - p.step_depth + g, t, p.step_width - p.clearance),
        "flush_bevel": (t, t, front),
    }[p.edge]
    volume = (
        band(o, back, front) * (low + g)
        + band(o, back, lip) * (high - low)
        + band(o, back, p.seat_width) * r.seat_thickness
    )
    if p.edge == "flush_bevel":  # the wedge that leans over the pane, s from front to front + z tan
        h, k = t - cone_start(p), math.tan(p.bevel_angle)
        volume += (o.perimeter - 2 * math.pi * front) * k * h**2 / 2 - math.pi * k**2 * h**3 / 3
    return volume


def pane_faces(p):
    o, t, c, b = p.outline, p.thickness, p.bevel, p.cone_width
    faces = {"inner": o.area_at(p.seat_width), "seat_inner": band(o, c, p.seat_width)}
    chamfer = cone(o, 0, c, c)
    if p.edge == "flush_bevel":
        return faces | {
            "outer": o.area_at(b),
            "seat_outer": cone(o, 0, b, t - p.land),
            "rim": chamfer + (p.land - c) * o.perimeter,
        }
    touched, covered = p.touched_width, p.covered_width
    faces |= {"outer": o.area_at(covered), "seat_outer": band(o, c, touched)}
    faces["rim"] = (
        2 * chamfer
        + (t - p.step_depth - 2 * c) * o.perimeter
        + p.step_depth * (o.perimeter - 2 * math.pi * p.step_width)
    )
    return faces | ({"lip": band(o, touched, covered)} if covered > touched else {})


def retainer_faces(p):
    """The faces that look at the pane, and `outer`."""
    o, c, r, front = p.outline, p.bevel, p.retainer, -p.clearance
    g, back = r.gasket_thickness, front - r.wall
    faces = {"contact_inner": band(o, c, p.seat_width)}
    if p.edge == "flush_bevel":
        end = front + (p.thickness - cone_start(p)) * math.tan(p.bevel_angle)
        return faces | {"outer": band(o, back, end), "contact_outer": cone(o, front, end, p.thickness - cone_start(p))}
    lip = p.lip_width if p.edge == "retainer_lip" else p.step_width - p.clearance
    height = r.lip_thickness if p.edge == "retainer_lip" else p.step_depth - g
    low = p.thickness - p.step_depth + g
    faces |= {
        "outer": band(o, back, lip),
        "edge": height * (o.perimeter - 2 * math.pi * lip),
        "contact_outer": band(o, c, min(p.touched_width, lip)),
    }
    faces["contact_rim"] = (low + g) * (o.perimeter - 2 * math.pi * front) + 2 * band(o, front, c)
    return faces | ({"lip": band(o, p.touched_width, lip)} if lip > p.touched_width else {})


@ALL
def test_volumes_and_areas_are_those_of_the_drawing(outline, edge, bevel):
    """A quadratic arc of angle a loses a^4/480 of its sector: 1.3e-6 (9 deg, round), 5e-5 (22.5 deg, corners)."""
    p = pane(outline, edge, bevel)
    mesh = mesh_of(p)
    assert mesh.volumes("thermal") == pytest.approx(pane_volume(p), rel=2e-5)
    assert mesh.volumes("thermal_retainer") == pytest.approx(retainer_volume(p), rel=2e-4)
    expected = pane_faces(p)
    assert {n for n in mesh.faces if n.startswith("thermal.")} == {f"thermal.{n}" for n in expected}
    for name, value in expected.items():
        assert area(mesh, f"thermal.{name}") == pytest.approx(value, rel=1e-4), name
    for name, value in retainer_faces(p).items():
        assert area(mesh, f"thermal_retainer.{name}") == pytest.approx(value, rel=2e-4), name


@ALL
def test_named_faces_tile_the_boundary_of_every_region_once(outline, edge, bevel):
    mesh = mesh_of(pane(outline, edge, bevel))
    for block in mesh.boundary:
        named = np.concatenate(
            [b.nodes for name, bs in mesh.faces.items() for b in bs if name.split(".")[0] == block.region]
        )
        assert np.array_equal(_key(named), _key(block.nodes))


def _key(nodes):
    corners = np.sort(nodes[:, :4], axis=1)
    return corners[np.lexsort(corners.T)]


@ALL
def test_jacobians_are_positive_and_faces_look_outwards(outline, edge, bevel):
    """Positive at 27 quadrature points and 20 nodes; the flux of x through all faces is three volumes (Gauss)."""
    mesh = mesh_of(pane(outline, edge, bevel))
    element = ELEMENTS["hex20"]
    d = element.dshape(np.vstack([quadrature("hex", 5)[0], element.nodes]))
    for block in mesh.blocks:
        determinant = np.linalg.det(np.einsum("cni,qnj->cqij", mesh.points[block.nodes], d))
        assert determinant.min() > 0
        assert (determinant.min(axis=1) / determinant.max(axis=1)).min() > 0.1
    xi, w = quadrature("quad", 5)
    shape, dface = ELEMENTS["quad8"].shape(xi), ELEMENTS["quad8"].dshape(xi)
    for region in mesh.regions:
        x = mesh.points[
            np.concatenate([b.nodes for n, bs in mesh.faces.items() if n.split(".")[0] == region for b in bs])
        ]
        tangents = np.einsum("cni,qnj->cqij", x, dface)
        normal = np.cross(tangents[..., 0], tangents[..., 1])
        flux = np.einsum("q,cqi,cqi->", w, np.einsum("qn,cni->cqi", shape, x), normal)
        assert flux == pytest.approx(3 * mesh.volumes(region), rel=1e-4)
    for name, direction in {"thermal.outer": 1, "thermal.inner": -1}.items():
        x = mesh.points[mesh.face(name)[0].nodes[:, :4]]
        assert np.all(direction * np.cross(x[:, 1] - x[:, 0], x[:, 3] - x[:, 0])[:, 2] > 0)


@ALL
def test_no_two_nodes_share_a_place(outline, edge, bevel):
    mesh = mesh_of(pane(outline, edge, bevel))
    assert not cKDTree(mesh.points).query_pairs(1e-7)


def test_pane_and_retainer_bands_face_each_other():
    mesh = mesh_of(pane(bevel=0.5e-3))
    for pane_side, retainer_side in (("seat_outer", "contact_outer"), ("seat_inner", "contact_inner"), ("lip", "lip")):
        pair = [area(mesh, f"thermal.{pane_side}"), area(mesh, f"thermal_retainer.{retainer_side}")]
        assert pair[0] == pytest.approx(pair[1], rel=2e-5)
        distance = np.ptp(
            [
                mesh.points[mesh.face_nodes(n), 2].mean()
                for n in (f"thermal.{pane_side}", f"thermal_retainer.{retainer_side}")
            ]
        )
        assert distance == pytest.approx(1e-3, rel=1e-12)


@pytest.mark.parametrize("edge", list(EDGE))
def test_volume_of_a_round_pane_converges_with_fourth_order(edge):
    p = pane(edge=edge, bevel=0.5e-3, retainer=None)
    control = MeshControl(layers=2, first_layer=0.3, around=16, rings=1, growth=2.0)
    errors = [abs(mesh_of(p, r, control).volumes() / pane_volume(p) - 1) for r in (1, 2, 4)]
    assert np.log2(errors[:-1]).min() < -5
    assert np.log2(np.array(errors[:-1]) / errors[1:]).min() >= 3.5


def test_nodes_of_a_round_rim_lie_on_the_circle_and_bands_on_theirs():
    mesh = mesh_of(pane())
    radius = np.hypot(*mesh.points[:, :2].T)
    assert np.abs(radius[mesh.face_nodes("thermal.rim")] - 0.15).max() < 1e-15
    lip = radius[mesh.face_nodes("thermal.lip")]
    assert (lip.min(), lip.max()) == pytest.approx((0.135, 0.140), abs=1e-15)


def test_round_window_is_symmetric_under_a_quarter_turn():
    points = mesh_of(pane(bevel=0.5e-3)).points
    turned = points @ np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert cKDTree(points).query(turned)[0].max() < 1e-12


def test_thickness_is_graded_to_both_faces_without_jumps():
    mesh = make_window(WindowDrawing(panes=(pane(retainer=None),)))
    z = np.unique(np.round(mesh.points[mesh.blocks[0].nodes[:, :8], 2], 9))
    step = np.diff(z)
    assert len(step) == 10
    assert step[0] / 0.010 < 0.05 and step[-1] == pytest.approx(step[0], rel=1e-6)
    assert np.maximum(step[1:] / step[:-1], step[:-1] / step[1:]).max() < 2
    radius = np.unique(np.round(np.hypot(*mesh.points[mesh.face_nodes("thermal.outer")][:, :2].T), 6))
    assert np.sum(radius > 0.13) >= 3  # a corner ring and its mid-side at the lip line and within 5 mm of it


def test_refine_gives_ten_elements_under_the_lip_and_nests_the_layers():
    mesh = mesh_of(pane(gasket_width=None, seat_width=0.015), 2.0, MeshControl(rings=5))
    corners = mesh.face("thermal.seat_outer")[0].nodes[:, :4]
    rings = np.unique(np.round(np.hypot(*mesh.points[corners.ravel(), :2].T), 9))
    assert len(rings) == 11


def test_same_drawing_gives_the_same_bits():
    first, second = (mesh_of(pane("trapezoid", "flush_step", 0.5e-3)) for _ in range(2))
    assert first.points.tobytes() == second.points.tobytes()
    assert all(np.array_equal(a.nodes, b.nodes) for a, b in zip(first.blocks, second.blocks))
    assert list(first.faces) == list(second.faces)


def test_pane_without_bands_and_retainer_without_lip():
    """Flush pane held from below only: no seat_outer, no lip; a bare disc has three faces."""
    bare = mesh_of(pane(lip_width=0.0, gasket_width=None, seat_width=0.0, retainer=None))
    assert set(bare.faces) == {"thermal.outer", "thermal.inner", "thermal.rim"}
    assert area(bare, "thermal.outer") == pytest.approx(math.pi * 0.15**2, rel=2e-6)
    held = mesh_of(pane(lip_width=0.0, gasket_width=None))
    retainer = {n.split(".")[1] for n in held.faces if n.startswith("thermal_retainer")}
    assert retainer == {"outer", "contact_rim", "contact_inner", "back"}
    assert held.points[held.region_nodes("thermal_retainer"), 2].max() == pytest.approx(0.010, abs=1e-15)
