"""Readers against meshio and VTK, text forms of the formats, groups of several kinds, node orders, elevation."""

import dataclasses
import re
import sys

import meshio
import numpy as np
import pytest
from test_mesh_formats import SOLIDS, make, two

from deadlight.errors import MeshError
from deadlight.mesh import abaqus, gmsh, nastran
from deadlight.mesh.describe import describe
from deadlight.mesh.elements import ELEMENTS, ELEVATED, MESHIO
from deadlight.mesh.elevate import elevate
from deadlight.mesh.groups import region_of_cells
from deadlight.mesh.kinds import meshio_with_kinds
from deadlight.mesh.mesh import CellBlock, cell_volumes
from deadlight.mesh.order import in_vtk_order, midside_offset, mirrored
from deadlight.mesh.raw import RawBlock, RawMesh
from deadlight.mesh.read import read_mesh
from deadlight.mesh.write import write_mesh

TO_MESHIO = {ours: theirs for theirs, ours in MESHIO.items()}


# meshio cannot write the 27-node hexahedron in decks, and writes the 18-node wedge in the wrong order.
WRITTEN = [
    (form, suffix, reader, kind)
    for form, suffix, reader, left_out in [
        ("gmsh22", ".msh", gmsh, {"wedge18"}),
        ("gmsh", ".msh", gmsh, {"wedge18"}),
        ("abaqus", ".inp", abaqus, {"hex27", "wedge18"}),
        ("nastran", ".bdf", nastran, {"hex27", "wedge18"}),
    ]
    for kind in SOLIDS
    if kind not in left_out
]


@pytest.mark.parametrize(("form", "suffix", "reader", "kind"), WRITTEN)
def test_our_readers_agree_with_meshio(tmp_path, form, suffix, reader, kind):
    """A file that meshio writes means the same to ours, node by node."""
    meshio_with_kinds()
    mesh = make(kind)
    block = mesh.blocks[0]
    path = tmp_path / f"a{suffix}"
    tags = {"gmsh:physical": [np.full(len(block.nodes), 4)], "gmsh:geometrical": [np.full(len(block.nodes), 1)]}
    data = {"point_data": {"gmsh:dim_tags": np.tile([3, 1], (mesh.n_nodes, 1))}} if form == "gmsh" else {}
    cells = [(TO_MESHIO[kind], block.nodes)]
    made = meshio.Mesh(mesh.points, cells, cell_data=tags if form.startswith("gmsh") else {}, **data)
    made.write(path, file_format=form)
    raw = reader.read(path, tmp_path)
    (ours,) = raw.blocks
    assert ours.kind == kind
    np.testing.assert_allclose(raw.points[ours.nodes], mesh.points[block.nodes], atol=1e-12)


@pytest.mark.parametrize("kind", SOLIDS)
def test_vtk_reads_our_vtu(tmp_path, kind):
    """VTK's own reader finds the same volume, up to its flat subdivision of straight cells (exact here)."""
    pyvista = pytest.importorskip("pyvista")
    mesh = make(kind)
    write_mesh(dataclasses.replace(mesh, faces={}), tmp_path / "a.vtu")
    grid = pyvista.read(tmp_path / "a.vtu")
    assert abs(grid.compute_cell_sizes()["Volume"].sum()) == pytest.approx(mesh.volumes(), rel=1e-6)
    assert "thermal" in grid.cell_data


@pytest.mark.parametrize(("kind", "table"), [(k, t) for t in (gmsh.TO_VTK, nastran.TO_VTK) for k in t])
def test_other_node_orders_are_recognised(kind, table):
    """Cells that stand in another format's order are put in VTK's; shuffled ones are refused."""
    mesh = make(kind, shape=(1, 1, 1), bend=0.02)
    nodes = mesh.blocks[0].nodes
    foreign = nodes[:, np.argsort(table[kind])]
    block = RawBlock(kind, foreign, np.arange(len(foreign)))
    found, name = in_vtk_order(mesh.points, block, place="a.vtu")
    np.testing.assert_array_equal(found, nodes)
    assert name
    shuffled = RawBlock(kind, np.roll(nodes, 1, axis=1), np.arange(len(nodes)))
    with pytest.raises(MeshError, match="mid-side"):
        in_vtk_order(mesh.points, shuffled, place="a.vtu")


@pytest.mark.parametrize("kind", ["wedge6", "wedge15", "wedge18"])
def test_wedges_of_the_other_convention_are_turned_over(tmp_path, kind):
    """VTK's manual has the first triangle outward, most programs inward: either gives the same, positive volume."""
    mesh = make(kind)
    block = mesh.blocks[0]
    other = dataclasses.replace(mesh, blocks=(CellBlock(kind, block.nodes[:, mirrored(kind)], "thermal"),), faces={})
    assert cell_volumes(other.points, other.blocks[0]).max() < 0
    write_mesh(other, tmp_path / "a.vtu")
    back = read_mesh(tmp_path / "a.vtu", unit="m")
    assert back.volumes() == pytest.approx(mesh.volumes(), rel=1e-12)
    assert any("turned over" in note for note in back.notes)


@pytest.mark.parametrize("kind", [k for k in ELEVATED if ELEMENTS[k].dim == 3])
def test_elevation_shares_nodes(kind):
    """New nodes stand in the middle of their edges, as many as there are edges; volume is unchanged."""
    mesh = make(kind, shape=(3, 2, 2))
    points, (block,), raised = elevate(mesh.points, mesh.blocks)
    assert raised == len(mesh.blocks[0].nodes)
    assert midside_offset(points, block.kind, block.nodes).max() < 1e-14
    assert len(np.unique(np.round(points, 9), axis=0)) == len(points) == make(ELEVATED[kind], shape=(3, 2, 2)).n_nodes
    assert cell_volumes(points, block).sum() == pytest.approx(mesh.volumes(), rel=1e-12)


def test_elevation_beside_quadratic_cells():
    """A linear cell takes over the mid-side nodes of its quadratic neighbour."""
    mesh = make("hex20", shape=(2, 1, 1))
    nodes = mesh.blocks[0].nodes
    blocks = (CellBlock("hex20", nodes[:1], "thermal"), CellBlock("hex8", nodes[1:, :8], "thermal"))
    points, new, raised = elevate(mesh.points, blocks)
    assert raised == 1
    shared = np.intersect1d(new[0].nodes, new[1].nodes)
    assert len(shared) == 8
    assert len(points) == mesh.n_nodes + 8


def test_a_cell_twice_in_one_group_is_refused():
    raw = RawMesh(np.zeros((4, 3)), np.arange(4), [RawBlock("tet4", np.array([[0, 1, 2, 3]]), np.array([7]))])
    raw.cell_groups["thermal"] = [(0, np.array([0])), (0, np.array([0]))]
    with pytest.raises(MeshError, match=r'cell 7 is twice in the group "thermal"'):
        region_of_cells(raw, {}, place="file")


def test_groups_overlap_and_unite(tmp_path):
    """Abaqus sets: a set of everything is left out, a true overlap is refused, and mapping decides."""
    write_mesh(two("hex8"), tmp_path / "a.inp")
    text = (tmp_path / "a.inp").read_text()
    every = "*ELSET, ELSET=ALL, GENERATE\n1, 4, 1\n"
    (tmp_path / "b.inp").write_text(text + every)
    mesh = read_mesh(tmp_path / "b.inp", unit="m")
    assert set(mesh.regions) == {"thermal", "pressure_1"}
    assert any('"ALL" left out' in note for note in mesh.notes)
    spot = "*ELSET, ELSET=SPOT\n2\n"
    (tmp_path / "c.inp").write_text(text + spot)
    with pytest.raises(MeshError, match=r"is in the groups"):
        read_mesh(tmp_path / "c.inp", unit="m")
    chosen = {"thermal": "thermal", "pressure_1": "pressure_1"}
    assert set(read_mesh(tmp_path / "c.inp", unit="m", groups=chosen).regions) == set(chosen)
    with pytest.raises(MeshError, match=r"belong to no group"):
        (tmp_path / "d.inp").write_text(text.replace(', ELSET="pressure_1"', "").split("*SURFACE")[0])
        read_mesh(tmp_path / "d.inp", unit="m")


def test_mapped_names_carry_over_to_faces(tmp_path):
    """groups = {"thermal": "VOL_1"} also makes "VOL_1.outer" the face "thermal.outer"."""
    write_mesh(make("hex20", region="VOL_1"), tmp_path / "a.msh")
    mesh = read_mesh(tmp_path / "a.msh", unit="m", groups={"thermal": "VOL_1"}, required=["thermal.outer"])
    assert set(mesh.faces) == {"thermal.outer", "thermal.inner"}
    renamed = read_mesh(tmp_path / "a.msh", unit="m", groups={"thermal": "vol_1", "thermal.lip": "VOL_1.outer"})
    assert set(renamed.faces) == {"thermal.lip", "thermal.inner"}


def test_units(tmp_path):
    write_mesh(make("tet10"), tmp_path / "a.msh", unit="in")
    assert read_mesh(tmp_path / "a.msh", unit="in").volumes() == pytest.approx(make("tet10").volumes(), rel=1e-12)


def test_the_child_leaves_no_trace(tmp_path, capfd):
    """Nothing on standard output or error, nothing beside the file, meshio not imported here by reading."""
    write_mesh(make("hex20"), tmp_path / "a.vtu")
    loaded = "meshio.ansys" in sys.modules
    read_mesh(tmp_path / "a.vtu", unit="m")
    assert ("meshio.ansys" in sys.modules) == loaded
    assert capfd.readouterr() == ("", "")
    assert [p.name for p in tmp_path.iterdir()] == ["a.vtu"]


def test_regions_keep_the_order_of_the_file(tmp_path):
    """Small panes are not moved before big ones; groups of the user change names, not order."""
    mesh = two("hex20")
    bigger = make("hex20", shape=(3, 1, 1), region="outermost", shift=0.05)
    n = mesh.n_nodes
    blocks = (CellBlock("hex20", bigger.blocks[0].nodes + n, "outermost"), *mesh.blocks)
    all_three = dataclasses.replace(mesh, points=np.vstack([mesh.points, bigger.points]), blocks=blocks)
    write_mesh(all_three, tmp_path / "a.vtu")
    assert read_mesh(tmp_path / "a.vtu", unit="m").regions == ("outermost", "thermal", "pressure_1")
    groups = {"cabin": "pressure_1"}
    assert read_mesh(tmp_path / "a.vtu", unit="m", groups=groups).regions == ("outermost", "thermal", "cabin")


def test_description_names_regions_and_faces():
    """Volume in cm3, area in cm2, mean outward normal."""
    text = describe(make("hex20", bend=0.3))
    assert re.search(r"thermal +2 +hex20 +120\b", text)
    assert re.search(r"thermal.inner +2 +\(-?\+?0.00, \+0.00, -1.00\) +1\d\d", text)


@pytest.mark.parametrize("compressor", ["None", "ZLib", "LZMA"])
@pytest.mark.parametrize("header", ["UInt32", "UInt64"])
@pytest.mark.parametrize("encode", [False, True])
def test_vtu_as_paraview_saves_it(tmp_path, compressor, header, encode):
    """Appended data, raw or base64: points, cells and groups as in our own file (meshio alone mixes up raw arrays)."""
    vtk = pytest.importorskip("vtkmodules.vtkIOXML")
    mesh = two("wedge15", shape=(3, 2, 1))
    write_mesh(mesh, tmp_path / "a.vtu")
    source = vtk.vtkXMLUnstructuredGridReader()
    source.SetFileName(str(tmp_path / "a.vtu"))
    source.Update()
    writer = vtk.vtkXMLUnstructuredGridWriter()
    writer.SetFileName(str(tmp_path / "b.vtu"))
    writer.SetInputData(source.GetOutput())
    writer.SetDataModeToAppended()
    writer.SetEncodeAppendedData(encode)
    getattr(writer, f"SetHeaderTypeTo{header}")()
    getattr(writer, f"SetCompressorTypeTo{compressor}")()
    assert writer.Write()
    ours, theirs = (read_mesh(tmp_path / name, unit="m") for name in ("a.vtu", "b.vtu"))
    np.testing.assert_array_equal(ours.points, theirs.points)
    assert ours.regions == theirs.regions
    for a, b in zip(ours.blocks, theirs.blocks):
        np.testing.assert_array_equal(a.nodes, b.nodes)
    assert {n: len(ours.face_nodes(n)) for n in ours.faces} == {n: len(theirs.face_nodes(n)) for n in theirs.faces}


def test_gmsh_text_with_kinds_that_alternate(tmp_path):
    """Version 2.2 text: hundreds of cells whose kinds and numbers of tags alternate, node numbers with gaps."""
    mesh = make("hex8", shape=(10, 10, 3))
    hexes = mesh.blocks[0].nodes * 10 + 7
    quads = np.concatenate([b.nodes for b in mesh.faces["thermal.outer"]]) * 10 + 7
    rows = [f"5 2 1 1 {' '.join(map(str, row))}" for row in hexes]
    for i, row in enumerate(quads):
        rows.insert(3 * i, f"3 {'2 2 1' if i % 2 else '3 2 1 0'} {' '.join(map(str, row))}")
    rows.insert(5, "15 2 0 1 7")
    numbered = "\n".join(f"{i} {row}" for i, row in enumerate(rows, 1))
    points = "\n".join(f"{10 * i + 7} {x!r} {y!r} {z!r}" for i, (x, y, z) in enumerate(mesh.points.tolist()))
    text = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$PhysicalNames\n2\n"
    text += '2 2 "thermal.outer"\n3 1 "thermal"\n$EndPhysicalNames\n'
    text += f"$Nodes\n{mesh.n_nodes}\n{points}\n$EndNodes\n$Elements\n{len(rows)}\n{numbered}\n$EndElements\n"
    (tmp_path / "a.msh").write_text(text)
    back = read_mesh(tmp_path / "a.msh", unit="m")
    assert back.volumes() == pytest.approx(mesh.volumes(), rel=1e-12)
    assert sum(len(b.nodes) for b in back.face("thermal.outer")) == 100
    assert any("1 vertex cells" in note for note in back.notes)
