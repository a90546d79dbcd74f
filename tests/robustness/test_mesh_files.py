"""Broken, hostile and unsupported mesh files: each is refused with one clear message; sound controls are read."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from deadlight.errors import MeshError
from deadlight.mesh import guard
from deadlight.mesh.read import read_mesh


def swap(text, old, new):
    assert old in text, "the test's own replacement must hit"
    return text.replace(old, new, 1)


# A 100 mm cube of one hexahedron with its top face as a group, in every text format.
CUBE = [(0, 0, 0), (100, 0, 0), (100, 100, 0), (0, 100, 0), (0, 0, 100), (100, 0, 100), (100, 100, 100), (0, 100, 100)]
NODES22 = "\n".join(f"{i} {x} {y} {z}" for i, (x, y, z) in enumerate(CUBE, 1))
GMSH22 = f"""$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
2
2 2 "thermal.outer"
3 1 "thermal"
$EndPhysicalNames
$Nodes
8
{NODES22}
$EndNodes
$Elements
2
1 3 2 2 1 5 6 7 8
2 5 2 1 1 1 2 3 4 5 6 7 8
$EndElements
"""
COORDINATES = "\n".join(f"{x} {y} {z}" for x, y, z in CUBE)
TAGS = "\n".join(str(i) for i in range(1, 9))
GMSH41 = f"""$MeshFormat
4.1 0 8
$EndMeshFormat
$PhysicalNames
2
2 2 "thermal.outer"
3 1 "thermal"
$EndPhysicalNames
$Entities
0 0 2 1
1 0 0 0 1 1 1 1 2 0
7 0 0 0 1 1 1 0 0
1 0 0 0 1 1 1 1 1 0
$EndEntities
$Nodes
1 8 1 8
3 1 0 8
{TAGS}
{COORDINATES}
$EndNodes
$Elements
3 3 1 3
2 1 3 1
1 5 6 7 8
2 7 3 1
2 1 2 6 5
3 1 5 1
3 1 2 3 4 5 6 7 8
$EndElements
"""
ABAQUS_NODES = "\n".join(f"{i}, {x}., {y}., {z}." for i, (x, y, z) in enumerate(CUBE, 1))
ABAQUS = f"""*Heading
** a comment
*Node
{ABAQUS_NODES}
*Element, type=C3D8R,
 elset=thermal
1, 1, 2, 3, 4, 5, 6, 7,
8
*Elset, elset=top
1,
*Surface, type=ELEMENT, name=F_OUT
top, S2
*Nset, nset=BOTTOM, generate
1, 4, 1
*Step
*Static
"""
NASTRAN_NODES = "\n".join(f"GRID,{i},,{x}.,{y}.,{z}." for i, (x, y, z) in enumerate(CUBE, 1))
NASTRAN = f"""SOL 101
CEND
BEGIN BULK
$ a comment
{NASTRAN_NODES}
CHEXA   1       7       1       2       3       4       5       6       +
+       7       8
CQUAD4  2       9       5       6       7       8
PSOLID,7,1
ENDDATA
"""
VTU = """<?xml version="1.0"?>
<VTKFile type="UnstructuredGrid" version="0.1" byte_order="LittleEndian"><UnstructuredGrid>
<Piece NumberOfPoints="8" NumberOfCells="2">
<Points><DataArray type="Float64" NumberOfComponents="3" format="ascii">{points}</DataArray></Points>
<Cells><DataArray type="Int64" Name="connectivity" format="ascii">0 1 2 3 4 5 6 7 4 5 6 7</DataArray>
<DataArray type="Int64" Name="offsets" format="ascii">8 12</DataArray>
<DataArray type="UInt8" Name="types" format="ascii">12 9</DataArray></Cells>
<CellData><DataArray type="Int32" Name="region" format="ascii">3 5</DataArray></CellData>
</Piece></UnstructuredGrid></VTKFile>
""".replace("{points}", COORDINATES)
XDMF = f"""<?xml version="1.0"?>
<Xdmf Version="3.0"><Domain><Grid Name="Grid">
<Geometry GeometryType="XYZ"><DataItem DataType="Float" Dimensions="8 3" Format="XML" Precision="8">
{COORDINATES}</DataItem></Geometry>
<Topology TopologyType="Hexahedron" NumberOfElements="1">
<DataItem DataType="Int" Dimensions="1 8" Format="XML" Precision="8">
0 1 2 3 4 5 6 7</DataItem></Topology>
</Grid></Domain></Xdmf>
"""
CAE = swap(ABAQUS, "*Node", "*Part, name=P\n*Node")
CAE = swap(
    CAE, "*Elset", "*End Part\n*Assembly, name=A\n*Instance, name=P-1, part=P\n*End Instance\n*Elset, instance=P-1"
)
CONTROLS = {
    "a.msh": (GMSH22, {}, ["thermal.outer"]),
    "b.msh": (GMSH41, {}, ["thermal.outer"]),
    "a.inp": (ABAQUS, {"thermal.outer": "F_OUT", "thermal.inner": "bottom"}, ["thermal.outer", "thermal.inner"]),
    "cae.inp": (CAE, {"thermal.outer": "F_OUT"}, ["thermal.outer"]),
    "a.bdf": (NASTRAN, {"thermal": "pid:7", "thermal.outer": "PID:9"}, ["thermal.outer"]),
    "a.vtu": (VTU, {"thermal": "region:3", "thermal.outer": "region:5"}, ["thermal.outer"]),
    "a.xdmf": (XDMF, {"thermal": "body"}, []),
}


def write(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("name", CONTROLS)
def test_controls_are_read(tmp_path, name):
    """The sound files that the broken ones are made from: one litre, faces of 100 cm2, pointing out."""
    text, groups, faces = CONTROLS[name]
    mesh = read_mesh(write(tmp_path, name, text), unit="mm", groups=groups, required=["thermal", *faces])
    assert mesh.regions == ("thermal",)
    assert mesh.volumes("thermal") == pytest.approx(1e-3, rel=1e-12)
    assert sorted(mesh.faces) == sorted(faces)
    for face in faces:
        (block,) = mesh.face(face)
        x = mesh.points[block.nodes[0]]
        normal = np.cross(x[1] - x[0], x[2] - x[0])
        assert normal == pytest.approx([0, 0, 0.01 if face.endswith("outer") else -0.01])
    assert any("elevated" in note for note in mesh.notes)
    assert len(mesh.points) == 20


REFUSED = {
    "empty": ("e.msh", "", "empty"),
    "garbage": ("g.msh", bytes(range(256)) * 20, r"\$MeshFormat"),
    "garbage_text": ("g.inp", bytes(range(256)) * 20, "binary"),
    "garbage_vtu": ("g.vtu", bytes(range(1, 256)) * 20, "</VTKFile>"),
    "extension_unknown": ("g.stl", GMSH22, "extension"),
    "extension_wrong": ("g.inp", GMSH22, "content is Gmsh"),
    "version": ("g.msh", swap(GMSH22, "2.2 0 8", "1.0 0 8"), "4.1 or 2.2"),
    "truncated_msh": ("t.msh", GMSH22[: GMSH22.index("$EndNodes") - 20], "truncated"),
    "truncated_41": ("t.msh", GMSH41[: GMSH41.index("$EndElements")], "truncated"),
    "truncated_inp": ("t.inp", ABAQUS[: ABAQUS.index("8\n*Elset")], "truncated"),
    "truncated_bdf": ("t.bdf", swap(NASTRAN, "ENDDATA\n", ""), "ENDDATA"),
    "truncated_vtu": ("t.vtu", VTU[:400], "truncated"),
    "truncated_xdmf": ("t.xdmf", XDMF[:400], "truncated"),
    "few_nodes": ("c.msh", swap(GMSH22, "$Nodes\n8", "$Nodes\n9"), "truncated"),
    "huge_count": ("c.msh", swap(GMSH22, "$Nodes\n8", "$Nodes\n8000000000"), "truncated"),
    "huge_count_41": ("c.msh", swap(GMSH41, "3 1 0 8\n", "3 1 0 9000000000000\n"), "truncated"),
    "negative_count": ("c.msh", swap(GMSH41, "3 1 0 8\n", "3 1 0 -8\n"), "truncated"),
    "huge_vtu": ("c.vtu", swap(VTU, 'NumberOfPoints="8"', 'NumberOfPoints="80000000000"'), "NumberOfPoints"),
    "more_elements": ("c.msh", swap(GMSH22, "$Elements\n2", "$Elements\n1"), "announced"),
    "negative_index": ("n.msh", swap(GMSH22, "5 2 1 1 1 2 3", "5 2 1 1 -1 2 3"), "node -1"),
    "zero_index": ("n.msh", swap(GMSH41, "3 1 2 3 4 5", "3 0 2 3 4 5"), "node 0"),
    "negative_vtu": ("n.vtu", swap(VTU, "0 1 2 3 4 5 6 7 4", "-1 1 2 3 4 5 6 7 4"), "index -1"),
    "beyond_vtu": ("n.vtu", swap(VTU, "0 1 2 3 4 5 6 7 4", "8 1 2 3 4 5 6 7 4"), "index 8"),
    "missing_node_inp": ("n.inp", swap(ABAQUS, "1, 1, 2, 3", "1, 11, 2, 3"), "node 11"),
    "missing_node_bdf": ("n.bdf", swap(NASTRAN, "7       1       2", "7       11      2"), "node 11"),
    "repeated_tag": ("r.msh", swap(GMSH22, "\n8 0 100 100", "\n7 0 100 100"), "node number 7"),
    "repeated_tag_41": ("r.msh", swap(GMSH41, "7\n8\n0", "7\n7\n0"), "node number 7"),
    "repeated_tag_inp": ("r.inp", swap(ABAQUS, "\n8, 0.", "\n7, 0."), "node number 7"),
    "repeated_tag_bdf": ("r.bdf", swap(NASTRAN, "GRID,8", "GRID,7"), "node number 7"),
    "text_number": ("x.msh", swap(GMSH22, "100 100 100", "100 1oo 100"), "text where a number"),
    "text_number_inp": ("x.inp", swap(ABAQUS, "100., 100., 100.", "100., abc, 100."), "line 10"),
    "text_number_bdf": ("x.bdf", swap(NASTRAN, "GRID,7,,100.", "GRID,7,,1x0."), '"1x0."'),
    "text_number_vtu": ("x.vtu", swap(VTU, "100 100 100", "100 1oo 100"), 'line 4.*"1oo"'),
    "nan": ("x.msh", swap(GMSH22, "100 100 100", "100 nan 100"), "finite"),
    "inf": ("x.inp", swap(ABAQUS, "100., 100., 100.", "100., inf, 100."), "finite"),
    "inverted": ("i.msh", swap(GMSH22, "1 1 1 2 3 4 5 6 7 8", "1 1 5 6 7 8 1 2 3 4"), "inverted"),
    "collapsed": ("i.msh", swap(GMSH22, "1 1 1 2 3 4 5 6 7 8", "1 1 1 2 2 4 5 6 7 8"), "twice"),
    "pyramid": ("p.msh", swap(GMSH22, "2 5 2 1 1 1 2 3 4 5 6 7 8", "2 7 2 1 1 1 2 3 4 5"), "pyramid"),
    "pyramid_inp": ("p.inp", swap(ABAQUS, "C3D8R", "C3D5").replace("5, 6, 7,\n8", "5"), "pyramid"),
    "surface_only": ("p.msh", swap(GMSH22, "2 5 2 1 1 1 2 3 4 5 6 7 8", "2 3 2 2 1 1 2 3 4"), "no solid"),
    "unknown_type": ("p.inp", swap(ABAQUS, "C3D8R", "CIN3D8"), "CIN3D8"),
    "unused_element_type": ("p.msh", swap(GMSH22, "2 5 2 1 1 1", "2 99 2 1 1 1"), "element type 99"),
    "loose_group": ("f.msh", swap(GMSH22, "1 3 2 2 1 5 6 7 8", "1 3 2 2 1 1 2 7 8"), "not on the boundary"),
    "instance_moved": ("s.inp", swap(ABAQUS, "*Elset", "*Instance, name=a, part=b\n0., 0., 5.\n*Elset"), "INSTANCE"),
    "two_instances": ("s.inp", swap(ABAQUS, "*Elset", "*Instance, name=a\n*Instance, name=b\n*Elset"), "INSTANCE"),
    "local_system_inp": ("s.inp", swap(ABAQUS, "*Node\n", "*Node, system=C\n"), "global Cartesian"),
    "system_inp": ("s.inp", swap(ABAQUS, "*Node\n", "*System\n1., 0., 0.\n*Node\n"), "SYSTEM"),
    "local_system_bdf": ("s.bdf", swap(NASTRAN, "GRID,7,,", "GRID,7,3,"), "coordinate system 3"),
    "grdset": ("s.bdf", swap(NASTRAN, "$ a comment", "GRDSET,,4"), "coordinate system 4"),
    "two_bulks": ("s.bdf", swap(NASTRAN, "CQUAD4", "BEGIN BULK\nCQUAD4"), "second BEGIN BULK"),
    "half_quadratic": ("s.bdf", swap(NASTRAN, "+       7       8", "+       7       8       1"), "9 nodes"),
    "doctype": ("d.vtu", swap(VTU, "<VTKFile", '<!DOCTYPE x [<!ENTITY a "b">]>\n<VTKFile'), "DOCTYPE"),
    "entity_xdmf": ("d.xdmf", swap(XDMF, "<Xdmf", '<!DOCTYPE x [<!ENTITY a SYSTEM "/etc/x">]>\n<Xdmf'), "DOCTYPE"),
    "two_pieces": ("d.vtu", swap(VTU, "</Piece>", '</Piece><Piece NumberOfPoints="1"></Piece>'), "2 pieces"),
    "offsets": ("d.vtu", swap(VTU, ">8 12<", ">7 12<"), "7 nodes"),
    "type_unknown_vtu": ("d.vtu", swap(VTU, ">12 9<", ">200 9<"), "VTK type 200"),
    "reader_exits": ("d.vtu", swap(VTU, 'version="0.1"', 'version="9.9"'), "export the mesh again"),
    "lz4": ("d.vtu", swap(VTU, 'version="0.1"', 'version="0.1" compressor="vtkLZ4DataCompressor"'), "LZ4"),
    "broken_vtu": ("d.vtu", swap(VTU, "</Points>", ""), "broken XML"),
    "raw_vtu": (
        "d.vtu",
        swap(
            swap(VTU, "</UnstructuredGrid>", '</UnstructuredGrid><AppendedData encoding="raw">_\1\0\0</AppendedData>'),
            'format="ascii"',
            'format="appended" offset="7"',
        ),
        "offset=.* bytes of appended data",
    ),
    "broken_xml": ("d.xdmf", swap(XDMF, "</Topology>", ""), "XML"),
    "xdmf_numbers": ("d.xdmf", swap(XDMF, "0 1 2 3 4 5 6 7", "0 1 2 3 4 5 6"), "7 numbers, Dimensions announce 8"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_one_clear_message(tmp_path, case):
    """Name of the file, what was found, a remedy; at most 12 lines; never a traceback or another exception."""
    name, text, expected = REFUSED[case]
    path = write(tmp_path, name, text)
    groups = {"thermal": "region:3"} if name.endswith(".vtu") else {}
    with pytest.raises(MeshError, match=expected) as caught:
        read_mesh(path, unit="mm", groups=groups)
    message = str(caught.value)
    assert name in message
    assert "remedy:" in message
    assert "Traceback" not in message
    assert len(message.splitlines()) <= 12
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("unit", ["", "7", "kg", "furlongs per fortnight", "-1 mm", None])
def test_wrong_unit(tmp_path, unit):
    with pytest.raises(MeshError, match="unit"):
        read_mesh(write(tmp_path, "a.msh", GMSH22), unit=unit)


@pytest.mark.parametrize("unit", ["m", "um"])
def test_unit_slip(tmp_path, unit):
    """100 m and 0.1 mm are no windows."""
    with pytest.raises(MeshError, match="unit slip"):
        read_mesh(write(tmp_path, "a.msh", GMSH22), unit=unit)


def test_missing_groups(tmp_path):
    path = write(tmp_path, "a.msh", GMSH22)
    with pytest.raises(MeshError, match=r"VOL_1.*\n.*thermal.outer"):
        read_mesh(path, unit="mm", groups={"thermal": "VOL_1"})
    with pytest.raises(MeshError, match=r"no group for thermal.inner"):
        read_mesh(path, unit="mm", required=["thermal.inner"])
    with pytest.raises(MeshError, match="has no face"):
        read_mesh(path, unit="mm", groups={"thermal.inner": "thermal"})
    with pytest.raises(MeshError, match="no solid cell"):
        read_mesh(path, unit="mm", groups={"thermal": "thermal.outer"})


def test_no_file_and_no_folder(tmp_path):
    with pytest.raises(MeshError, match="no such file"):
        read_mesh(tmp_path / "a.msh", unit="mm")
    with pytest.raises(MeshError, match="not a file"):
        read_mesh(tmp_path, unit="mm")


def test_paths_stay_in_the_folder(tmp_path):
    """Includes and heavy data inside the root are followed, outside they are refused, and so is the mesh itself."""
    inner = tmp_path / "case"
    inner.mkdir()
    nodes = f"*Node\n{ABAQUS_NODES}\n"
    deck = swap(ABAQUS, nodes, "*Include, input={}\n")
    write(inner, "nodes.inc", nodes)
    write(tmp_path, "nodes.inc", nodes)
    mesh = read_mesh(write(inner, "in.inp", deck.format("nodes.inc")), unit="mm")
    assert mesh.volumes() == pytest.approx(1e-3)
    outside = write(inner, "out.inp", deck.format("../nodes.inc"))
    with pytest.raises(MeshError, match="outside"):
        read_mesh(outside, unit="mm")
    assert read_mesh(outside, unit="mm", root=tmp_path).volumes() == pytest.approx(1e-3)
    with pytest.raises(MeshError, match="lies outside"):
        read_mesh(outside, unit="mm", root=write(tmp_path, "x", "").parent / "other")
    generated = swap(ABAQUS, "1, 4, 1", "1, 4, 0")
    with pytest.raises(MeshError, match=r"first, last, step"):
        read_mesh(write(inner, "step.inp", generated), unit="mm")
    with pytest.raises(MeshError, match="nested"):
        read_mesh(write(inner, "loop.inp", "*Include, input=loop.inp\n*Node\n"), unit="mm")
    with pytest.raises(MeshError, match="does not exist"):
        read_mesh(write(inner, "gone.bdf", "INCLUDE 'gone.inc'\nBEGIN BULK\nENDDATA\n"), unit="mm")
    inline = re.compile(r'Format="XML" Precision="8">\s*0 0 0.*?<', flags=re.DOTALL)
    heavy = inline.sub('Format="HDF" Precision="8">../secret.h5:/x<', XDMF)
    assert "secret" in heavy
    with pytest.raises(MeshError, match="outside"):
        read_mesh(write(inner, "heavy.xdmf", heavy), unit="mm")


def test_time_and_memory_limits(tmp_path, monkeypatch):
    """A reader that hangs is stopped; one that wants more memory than allowed is refused, and says so."""
    path = write(tmp_path, "a.msh", GMSH22)
    with pytest.raises(MeshError, match=r"longer than 0\.01 s"):
        read_mesh(path, unit="mm", timeout_s=0.01)
    big = write(tmp_path, "b.inp", "*Node\n" + "".join(f"{i}, 0., 0., 0.\n" for i in range(1, 1_000_000)))
    with pytest.raises(MeshError, match=r"needs more than 0.2\d* GiB"):
        read_mesh(big, unit="mm", memory_bytes=260 * 2**20)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("import os; os.abort()", "killed by signal 6"),
        ("import sys; sys.exit(3)", "left with status 3"),
        ("raise MemoryError", "needs more than"),
    ],
)
def test_a_reader_that_dies(tmp_path, monkeypatch, body, expected):
    """Abort, exit and memory error in the child become one message."""
    impostor = write(tmp_path, "impostor.py", body)
    real = guard.subprocess.Popen

    def start(command, **options):
        return real([sys.executable, str(impostor), *command[4:]], **options)

    monkeypatch.setattr(guard.subprocess, "Popen", start)
    with pytest.raises(MeshError, match=expected):
        read_mesh(write(tmp_path, "a.msh", GMSH22), unit="mm")


def test_truncation_anywhere_never_escapes(tmp_path):
    """Every text control cut at 12 places: read in full, or refused with MeshError; nothing else."""
    from deadlight.mesh._child import _read

    for name, (text, _, _) in CONTROLS.items():
        form = {"msh": "Gmsh", "inp": "Abaqus", "bdf": "Nastran", "vtu": "VTU", "xdmf": "XDMF"}[name.split(".")[1]]
        for cut in np.linspace(1, len(text) - 1, 40).astype(int):
            path = write(tmp_path, name, text[:cut])
            try:
                raw = _read(path, Path(tmp_path), form)
            except MeshError:
                continue
            assert np.isfinite(raw.points).all()
            assert len(raw.points) == 8
