"""`check_mesh`: every fault is found, named and placed; sound meshes pass."""

import dataclasses

import numpy as np
import pytest
from test_mesh_formats import make, two

from deadlight.errors import MeshError
from deadlight.mesh.check import check_mesh
from deadlight.mesh.check_cells import surface_volume
from deadlight.mesh.elements import ELEMENTS
from deadlight.mesh.mesh import CellBlock, Mesh

KINDS = ["tet10", "hex20", "hex27", "wedge15", "wedge18"]


def kinds(report, *, errors=True):
    return {f.kind for f in (report.errors if errors else report.warnings)}


def renumbered(mesh, change):
    """The mesh with its first block's nodes passed through `change`."""
    block = mesh.blocks[0]
    changed = CellBlock(block.kind, change(block.nodes.copy()), block.region)
    return dataclasses.replace(mesh, blocks=(changed, *mesh.blocks[1:]))


def merged(a, b, step):
    """One region of a and of b moved by `step`, nodes in one place made one."""
    points, inverse = np.unique(np.round(np.vstack([a.points, b.points + step]), 9), axis=0, return_inverse=True)
    inverse = inverse.ravel()
    first, second = a.blocks[0], b.blocks[0]
    blocks = (
        CellBlock(first.kind, inverse[first.nodes], "thermal"),
        CellBlock(second.kind, inverse[second.nodes + a.n_nodes], "thermal"),
    )
    return Mesh(points, blocks)


@pytest.mark.parametrize("kind", KINDS)
def test_sound_meshes_pass(kind):
    """Curved panes of every kind: no finding; volume by cells and by the divergence theorem agree to rounding."""
    mesh = make(kind, shape=(3, 2, 2), bend=0.05)
    assert check_mesh(mesh, required=["thermal", "thermal.outer"]).findings == ()
    assert surface_volume(mesh.points, mesh.boundary) == pytest.approx(mesh.volumes(), rel=1e-12)
    assert mesh.volumes() == pytest.approx(0.2 * 0.06 * 0.01, rel=1e-12)  # a shear in z keeps the volume
    assert check_mesh(two(kind)).findings == ()


def test_inverted():
    mesh = make("hex20", shape=(3, 1, 1))
    order = [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11, 16, 17, 18, 19]

    def change(nodes):
        nodes[1] = nodes[1][order]
        return nodes

    (finding,) = [f for f in check_mesh(renumbered(mesh, change)).errors if f.kind == "inverted"]
    assert finding.count == 1
    assert "hex20 cell 1" in finding.place


@pytest.mark.reference("Barsoum 1976, Int. J. Numer. Methods Eng. 10:25")
def test_folded_at_a_node_only_is_a_warning():
    """A mid-side node past the quarter point folds the corner (Barsoum 1976, IJNME 10:25); quadrature misses it."""
    mesh = make("tet10", shape=(1, 1, 1), size=(0.1, 0.1, 0.1))
    block = mesh.blocks[0]
    points = mesh.points.copy()
    a, b, mid = points[block.nodes[0, 0]], points[block.nodes[0, 1]], block.nodes[0, 4]
    points[mid] = a + 0.24 * (b - a)
    report = check_mesh(dataclasses.replace(mesh, points=points))
    assert "folded at a node" in kinds(report, errors=False)
    assert "inverted" not in kinds(report)


def test_a_missing_node_mapped_to_the_last_one_is_found():
    """A repeated tag maps its node to -1, the last one: the trap that readers fall into."""
    mesh = make("hex20", shape=(3, 2, 1))

    def change(nodes):
        nodes[nodes == nodes[0, 1]] = mesh.n_nodes - 1
        return nodes

    assert check_mesh(renumbered(mesh, change)).errors


@pytest.mark.parametrize("kind", KINDS)
def test_unmerged_cut(kind):
    """Two halves of one region with their own nodes in the cut: coincident nodes, two pieces, lying on each other."""
    a = make(kind, size=(0.1, 0.06, 0.01))
    points = np.vstack([a.points, a.points + [0.1, 0, 0]])
    mesh = Mesh(points, (a.blocks[0], CellBlock(kind, a.blocks[0].nodes + a.n_nodes, "thermal")))
    assert {"coincident nodes", "disconnected", "inner boundary"} <= kinds(check_mesh(mesh))


def test_non_conforming_cut_without_coincident_nodes():
    """Two cells against three, nodes shared nowhere inside: found because boundary faces lie on each other."""
    a = make("hex20", shape=(2, 2, 1), size=(0.1, 0.06, 0.01))
    b = make("hex20", shape=(2, 3, 1), size=(0.1, 0.06, 0.01))
    blocks = (a.blocks[0], CellBlock("hex20", b.blocks[0].nodes + a.n_nodes, "thermal"))
    mesh = Mesh(np.vstack([a.points, b.points + [0.1, 0, 0]]), blocks)
    assert "inner boundary" in kinds(check_mesh(mesh))


def test_hanging_node():
    """A big cell beside two small ones: its mid-side node is their corner."""
    a = make("hex20", shape=(1, 1, 1), size=(0.1, 0.06, 0.01))
    b = make("hex20", shape=(1, 2, 1), size=(0.1, 0.06, 0.01))
    assert "hanging" in kinds(check_mesh(merged(a, b, (0.1, 0, 0))))


def test_orders_do_not_mix():
    """hex20 beside hex27: the shared face has a centre node on one side only."""
    a, b = (make(kind, shape=(1, 1, 1), size=(0.1, 0.06, 0.01)) for kind in ("hex20", "hex27"))
    assert "not conforming" in kinds(check_mesh(merged(a, b, (0.1, 0, 0))))


@pytest.mark.parametrize(
    ("step", "kind"),
    [((0.1, 0.06, 0.01), "hinge"), ((0.1, 0.06, 0.0), "hinge"), ((0.3, 0, 0), "disconnected")],
)
def test_pieces_and_hinges(step, kind):
    """Two blocks of one region that share a corner, an edge, or nothing."""
    a = make("hex20", shape=(1, 1, 1), size=(0.1, 0.06, 0.01))
    assert kinds(check_mesh(merged(a, a, step))) == {kind}


def test_hinged_edge_in_one_piece():
    """Nine cells without the middle one are a sound ring; without a corner too, two cells meet in an edge only."""
    mesh = make("hex20", shape=(3, 3, 1), size=(0.2, 0.2, 0.05))
    block = mesh.blocks[0]
    centre = mesh.points[block.nodes].mean(axis=1)
    middle = np.argmin(np.linalg.norm(centre - centre.mean(axis=0), axis=1))
    corner = np.argmin(np.linalg.norm(centre, axis=1))
    for removed, found in (([middle], set()), ([middle, corner], {"hinge"})):
        nodes = np.delete(block.nodes, removed, axis=0)
        used, new = np.unique(nodes, return_inverse=True)
        report = check_mesh(Mesh(mesh.points[used], (CellBlock("hex20", new.reshape(nodes.shape), "thermal"),)))
        assert kinds(report) == found


def test_numbers_groups_and_sizes():
    mesh = make("hex20")
    points = mesh.points.copy()
    points[3, 1] = np.nan
    assert kinds(check_mesh(dataclasses.replace(mesh, points=points))) == {"not finite"}
    assert kinds(check_mesh(renumbered(mesh, lambda n: n - 1))) == {"no such node"}
    loose = np.vstack([mesh.points, [[1, 1, 1]]])
    assert kinds(check_mesh(dataclasses.replace(mesh, points=loose))) == {"unused nodes"}
    assert kinds(check_mesh(mesh, required=["thermal.rim"])) == {"missing group"}
    assert kinds(check_mesh(dataclasses.replace(mesh, points=1e3 * mesh.points))) == {"unit slip"}
    assert kinds(check_mesh(dataclasses.replace(mesh, points=1e-3 * mesh.points))) == {"unit slip"}
    assert kinds(check_mesh(dataclasses.replace(mesh, points=mesh.points / 25.4))) == {"unit slip"}
    assert kinds(check_mesh(Mesh(np.empty((0, 3)), ()))) == {"empty"}


def plate(width, thickness, region="thermal"):
    return make("hex20", size=(width, 0.8 * width, thickness), region=region)


@pytest.mark.parametrize(
    ("width", "thickness"),
    [(0.30, 0.010), (0.356, 0.00635), (1.067, 0.03302), (1.1, 0.033), (0.15, 0.010), (0.05, 0.003), (0.064, 0.006)],
)
def test_real_sizes_raise_no_question(width, thickness):
    """Apollo 0.356 m and 6.35 mm, Shuttle 1.067 m and 33.02 mm (Shuttle reference manual); an arc-jet disc, coupons."""
    assert check_mesh(plate(width, thickness)).findings == ()


@pytest.mark.parametrize(("width", "thickness"), [(0.30, 0.010), (0.356, 0.0178), (1.067, 0.015875), (0.15, 0.010)])
@pytest.mark.parametrize("factor", [0.1, 10.0, 1 / 25.4, 25.4, 1e-3, 1e3])
def test_a_slip_of_the_unit_is_said(width, thickness, factor):
    """mm as cm, cm as mm, mm as inch and back, m as mm and back: error or warning, with value, limit and remedy."""
    findings = check_mesh(plate(factor * width, factor * thickness)).findings
    assert findings
    assert {f.kind for f in findings} <= {"unit slip", "size", "thickness"}
    for finding in findings:
        assert "mm" in finding.value or " m" in finding.value
        assert " to " in finding.limit
        assert ("too large" if factor > 1 else "too small") in finding.remedy


def test_unusual_is_a_warning_and_absurd_an_error():
    """One sign alone may be meant; beyond possibility, or two signs that agree, are not."""
    for size, kind in [
        ((2.6, 0.02), "size"),
        ((0.04, 0.003), "size"),
        ((1.0, 0.1), "thickness"),
        ((0.1, 1e-3), "thickness"),
    ]:
        report = check_mesh(plate(*size))
        assert (kinds(report), kinds(report, errors=False)) == (set(), {kind})
        assert "unless that is meant" in report.warnings[0].remedy
    for size in [(3.0, 0.1), (2.6, 0.061), (5.1, 0.03), (1.0, 0.21), (0.018, 0.9e-3), (4e-3, 1e-3)]:
        assert kinds(check_mesh(plate(*size))) == {"unit slip"}


def test_the_thickness_of_a_retainer_is_not_a_panes():
    """A metal ring may be as thin as a sheet; a thin pane beside a thick one is found whichever comes first."""
    assert check_mesh(plate(0.2, 1e-3, region="thermal_retainer")).findings == ()
    for first, second in (("thermal", "pressure_1"), ("pressure_1", "thermal")):
        a, b = plate(0.3, 0.01, region=first), plate(0.3, 1.5e-3, region=second)
        blocks = (*a.blocks, CellBlock("hex20", b.blocks[0].nodes + a.n_nodes, second))
        (finding,) = check_mesh(Mesh(np.vstack([a.points, b.points - [0, 0, 0.05]]), blocks)).findings
        assert (finding.kind, finding.place) == ("thickness", f"region {second}")


def test_cells_twice():
    mesh = make("hex20", shape=(3, 1, 1))
    twice = renumbered(mesh, lambda n: np.vstack([n, n[:1]]))
    assert {"duplicate cells", "overlapping cells"} <= kinds(check_mesh(twice))
    in_two = Mesh(mesh.points, (*mesh.blocks, CellBlock("hex20", mesh.blocks[0].nodes, "other")))
    assert "duplicate cells" in kinds(check_mesh(in_two))
    collapsed = renumbered(mesh, lambda n: np.where(np.arange(20) == 1, n[:, :1], n))
    assert "collapsed" in kinds(check_mesh(collapsed))


def test_poor_shapes_are_warnings():
    report = check_mesh(make("hex20", shape=(1, 1, 100), size=(0.2, 0.2, 0.05)))
    assert kinds(report, errors=False) == {"aspect"}
    assert not report.errors
    mesh = make("hex20")
    sheared = mesh.points + 200 * mesh.points[:, 2:] * [1, 0, 0]
    assert kinds(check_mesh(dataclasses.replace(mesh, points=sheared)), errors=False) == {"sharp corner"}


def test_faces():
    mesh = make("hex20", shape=(2, 2, 2))
    (outer,) = mesh.faces["thermal.outer"]
    inward = CellBlock("quad8", outer.nodes[:, [0, 3, 2, 1, 7, 6, 5, 4]], "thermal")
    stray = CellBlock("quad8", outer.nodes[:, [0, 2, 1, 3, 4, 5, 6, 7]], "thermal")

    def faces(**blocks):
        return dataclasses.replace(mesh, faces={f"thermal.{k}": (v,) for k, v in blocks.items()})

    assert kinds(check_mesh(faces(outer=inward))) == {"inward face"}
    assert kinds(check_mesh(faces(outer=stray))) == {"stray face"}
    assert kinds(check_mesh(faces(outer=outer, lip=outer))) == {"overlapping faces"}
    assert kinds(check_mesh(dataclasses.replace(mesh, faces={"glass.outer": (outer,)}))) == {"face without region"}


def test_report_says_it_in_twelve_lines():
    mesh = make("hex20", shape=(3, 1, 1))
    bad = renumbered(mesh, lambda n: np.vstack([n[:, ELEMENTS["hex20"].n_nodes :: -1], n[:1]]))
    with pytest.raises(MeshError) as caught:
        check_mesh(bad, required=["x"]).raise_if_errors(place="window.msh")
    message = str(caught.value)
    assert message.startswith("window.msh: ")
    assert "remedy:" in message
    assert len(message.splitlines()) <= 12
    assert str(check_mesh(mesh)) == "no errors, no warnings"


@pytest.mark.parametrize("kind", KINDS)
def test_regions_in_each_other(kind):
    """A pane pushed half a thickness into the next is found; one that only touches it is not."""
    options = {"shape": (3, 2, 2), "bend": 0.02}
    a = make(kind, **options)
    for depth, found in ((0.0, set()), (0.006, {"overlapping regions"})):
        b = make(kind, region="pressure_1", shift=depth - 0.01, **options)
        blocks = (*a.blocks, CellBlock(kind, b.blocks[0].nodes + a.n_nodes, "pressure_1"))
        assert kinds(check_mesh(Mesh(np.vstack([a.points, b.points]), blocks))) == found
