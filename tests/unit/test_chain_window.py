"""Window, materials and files of a case put together: what is refused before anything is solved, and what is told."""

import dataclasses
import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from deadlight.case.load import case_hash, load_case, parse_case
from deadlight.case.paths import file_digests, mesh_path, named_files
from deadlight.chain.outside import environment_of
from deadlight.chain.solving import window_store
from deadlight.chain.viewport import Viewport, _doubt, build_viewport, radius_at, unstated
from deadlight.chain.window_check import check_window
from deadlight.errors import CaseError, InputError, LoadError, MaterialError, MeshError
from deadlight.material.library import material
from deadlight.mesh import _child, xdmf
from deadlight.mesh import deck as deck_lines
from deadlight.mesh.brought import brought
from deadlight.mesh.describe import area_vectors
from deadlight.mesh.mesh import Mesh
from deadlight.mesh.report import Finding
from deadlight.mesh.structure import FORMATS, within
from deadlight.mesh.write import write_mesh
from support_cases import CASE, TABLE, pane, write_case


def case_of(*changes):
    text = CASE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse_case(tomllib.loads(text))


@pytest.fixture(scope="module")
def mesh():
    return pane()


SILICA = {"thermal": material("fused_silica")}


def with_faces(mesh, **faces):
    """The mesh with some faces exchanged or, where None, left out."""
    new = {**mesh.faces, **{f"thermal.{k}": v for k, v in faces.items()}}
    return Mesh(mesh.points, mesh.blocks, {k: v for k, v in new.items() if v is not None})


def test_a_sound_pane_passes(mesh):
    check_window(case_of(), mesh, SILICA)


def test_upside_down_and_without_a_seat(mesh):
    turned = with_faces(mesh, outer=mesh.faces["thermal.inner"], inner=mesh.faces["thermal.outer"])
    with pytest.raises(MeshError, match=r"pane.vtu: thermal.outer lies at z = 0 mm, thermal.inner at 10 mm"):
        check_window(case_of(), turned, SILICA)
    with pytest.raises(MeshError, match="nothing holds the pane"):
        check_window(case_of(), with_faces(mesh, seat_outer=None, seat_inner=None), SILICA)
    free = (*mesh.faces["thermal.outer"], *mesh.faces["thermal.seat_outer"])
    check_window(case_of(), with_faces(mesh, outer=free, seat_outer=None), SILICA)  # one seat may do: the loads decide


def some_of(mesh, name, share):
    """The face group without its last cells, so that this share of its area is left at most."""
    (block,) = mesh.faces[name]
    area = np.cumsum(np.abs(area_vectors(mesh, block)[:, 2]))
    kept = np.flatnonzero(area <= share * area[-1])
    return (dataclasses.replace(block, nodes=block.nodes[kept]),), area[len(kept) - 1] / area[-1], area[-1]


@pytest.mark.parametrize("side", ["outer", "inner"])
def test_a_face_group_that_leaves_part_of_the_pane_out_is_told_then_alarmed_then_refused(mesh, side):
    """Neither heat nor pressure reaches what is in no group; the pane of a disc has the plan area pi R^2."""
    assert check_window(case_of(), mesh, SILICA) == []
    radius = np.linalg.norm(mesh.points[:, :2], axis=1).max()
    for wanted, says in ((0.99, "told"), (0.9, "alarm"), (0.5, "error")):
        faces, left, area = some_of(mesh, f"thermal.{side}", wanted)
        unnamed = 100 * (1.0 - left) * area / (np.pi * radius**2)
        part = with_faces(mesh, **{side: faces})
        if says == "error":
            with pytest.raises(MeshError, match=rf"% of the {side} side of thermal is in none of .*at most 20 %"):
                check_window(case_of(), part, SILICA)
        else:
            (remark,) = check_window(case_of(), part, SILICA)
            assert float(remark.split()[0]) == pytest.approx(unnamed, rel=0.1)
            assert remark.alarm == (says == "alarm")


@pytest.mark.parametrize(
    ("name", "lacks"), [("silicone_rtv", "toughness"), ("alon", "specific heat"), ("viton", "dens")]
)
def test_a_property_that_is_not_known_is_told_before_minutes_are_spent(mesh, name, lacks):
    with pytest.raises(MaterialError, match=lacks) as error:
        check_window(case_of(("fused_silica", name)), mesh, {"thermal": material(name)})
    assert "pane thermal" in str(error.value) and "[materials." in error.value.remedy


def test_toughness_is_not_asked_of_a_pane_without_a_crack(mesh):
    whole = case_of((CASE[CASE.index("[[cracks]]") : CASE.index("[criteria]")], ""))
    check_window(whole, mesh, {"thermal": material("silicone_rtv")})


def test_start_above_the_strain_point(mesh):
    """Fused silica's strain point in the library is 1166 K."""
    hot = case_of(('material = "fused_silica"', 'material = "fused_silica"\ninitial_temperature = "1200 K"'))
    with pytest.raises(CaseError, match="1200 K, at or above the strain point of fused_silica, 1166 K"):
        check_window(hot, mesh, SILICA)


def test_materials_nobody_uses_are_checked_and_told(tmp_path):
    own = '[materials.mine]\nbase = "fused_silica"\ndensity = "2300 kg/m**3"\n[criteria]'
    window = (
        CASE[CASE.index("[mesh]") : CASE.index("[[panes]]")],
        '[window]\ndrawing = "shenzhou_like"\nrefine = "0.2"\n',
    )
    panes = '[[panes]]\nname = "pressure_1"\nrole = "pressure"\nmaterial = "bk7"\n'
    panes += panes.replace("pressure_1", "pressure_2") + "[supports"
    case = case_of(window, ("[supports", panes), ("[criteria]", own))
    viewport = build_viewport(case, root=tmp_path)
    assert "materials.mine is stated, but nothing is made of it" in viewport.warnings
    used = case_of(
        window, ("[supports", panes), ("[criteria]", own), ('material = "fused_silica"', 'material = "mine"')
    )
    viewport = build_viewport(used, root=tmp_path)
    assert not any("mine" in text for text in viewport.warnings)
    assert viewport.materials["thermal"].density == 2300


@pytest.mark.parametrize("azimuth", [0.0, 0.3, 2.0, 5.5])
def test_radius_of_a_square(azimuth):
    """Half side over the larger of |cos| and |sin|."""
    square = np.array([[1.0, 1.0, 0], [-1.0, 1.0, 0], [-1.0, -1.0, 0], [1.0, -1.0, 0], [0.2, 0.1, 0]])
    expected = 1 / max(abs(math.cos(azimuth)), abs(math.sin(azimuth)))
    assert radius_at(square, azimuth) == pytest.approx(expected, rel=1e-12)
    with pytest.raises(MeshError, match="axis"):
        radius_at(square + np.array([3.0, 0, 0]), azimuth + math.pi if abs(math.sin(azimuth)) < 0.5 else math.pi)


def test_defaults_are_listed_and_what_is_stated_is_not():
    left_out = {".".join(key): value for key, value in unstated(case_of())}
    assert left_out["panes.thermal.initial_temperature"] == "293.15"
    assert left_out["supports.thermal.preload"] == "50000.0"
    assert "supports.thermal.seat_stiffness" not in left_out
    assert "solver.heat_tolerance" not in left_out


def test_a_table_environment(tmp_path, mesh):
    """Flux, enthalpy and end come from the table; a value the atmosphere refuses is told with the table's name."""
    (tmp_path / "table.csv").write_text(TABLE)
    viewport = Viewport(case_of(), mesh, SILICA)
    found = environment_of(viewport, root=tmp_path)
    assert found.end == 30.0
    assert float(found.film(20.0) * found.recovery_enthalpy(20.0)) == pytest.approx(60e3, rel=1e-6)
    (tmp_path / "table.csv").write_text(TABLE.replace("80000", "8e6"))
    with pytest.raises(LoadError, match=r"table\.csv: .*altitude"):
        environment_of(viewport, root=tmp_path)


def test_two_panes_in_the_wrong_order(mesh):
    """A second pane that lies above the first one."""
    lifted = [dataclasses.replace(b, region="cover", nodes=b.nodes + mesh.n_nodes) for b in mesh.blocks]
    faces = {
        f"cover.{name.split('.')[1]}": tuple(
            dataclasses.replace(b, region="cover" if b.region else b.region, nodes=b.nodes + mesh.n_nodes)
            for b in blocks
        )
        for name, blocks in mesh.faces.items()
    }
    both = Mesh(
        np.concatenate([mesh.points, mesh.points + np.array([0, 0, 0.02])]),
        (*mesh.blocks, *lifted),
        {**mesh.faces, **faces},
    )
    second = '[[panes]]\nname = "cover"\nrole = "pressure"\nmaterial = "fused_silica"\n[supports'
    case = case_of(("[supports", second))
    with pytest.raises(MeshError, match="not below the pane before it"):
        check_window(case, both, {**SILICA, "cover": SILICA["thermal"]})


# Files of a case ----------------------------------------------------------------------------------------------------


def test_files_brought_along_belong_to_the_case(tmp_path):
    """What decides the numbers: a deck's includes to any depth and the heavy data of XDMF, inside the root only."""
    (tmp_path / "table.csv").write_text(TABLE)
    (tmp_path / "secret.inp").write_text("*NODE\n")
    home = tmp_path / "home"
    (home / "sub").mkdir(parents=True)
    (home / "table.csv").write_text(TABLE)
    (home / "pane.inp").write_text("*Include, input=sub/nodes.inp\n*INCLUDE,INPUT=../secret.inp\n")
    (home / "sub/nodes.inp").write_text('*include, input="deep.inp"\n*include, input=../pane.inp\n')
    (home / "sub/deep.inp").write_text("*NODE\n")
    found = named_files(case_of(("pane.vtu", "pane.inp")), home)
    assert sorted(p.name for p in found.values()) == ["deep.inp", "nodes.inp", "pane.inp", "table.csv"]
    (home / "pane.xdmf").write_text('<Xdmf><DataItem Format="HDF">pane.h5:/data0</DataItem></Xdmf>')
    (home / "pane.h5").write_bytes(b"heavy")
    found = named_files(case_of(("pane.vtu", "pane.xdmf")), home)
    assert {p.name for p in found.values()} == {"pane.xdmf", "pane.h5", "table.csv"}


BOX = (
    "*NODE\n1, 0, 0, 0\n2, 1, 0, 0\n3, 0, 1, 0\n4, 0, 0, 1\n",
    "*ELEMENT, TYPE=C3D4, ELSET=thermal\n1, 1, 2, 3, 4\n",
)
GRIDS = "GRID,1,,0.,0.,0.\nGRID,2,,1.,0.,0.\nGRID,3,,0.,1.,0.\nGRID,4,,0.,0.,1.\n"
XDMF = """<Xdmf Version="3.0"><Domain><Grid>
<Geometry GeometryType="XYZ">
<DataItem Dimensions="4 3" Format="Binary" Precision="8">a&#38;b&#46;bin</DataItem></Geometry>
<Topology TopologyType="Tetrahedron" NumberOfElements="1"><DataItem DataType="Int" Dimensions="1 4">0 1 2 3</DataItem>
</Topology></Grid></Domain></Xdmf>"""
DECKS = {
    "blank": ("pane.inp", {"pane.inp": "*INCLUDE, INPUT=my nodes.inp\n" + BOX[1], "my nodes.inp": BOX[0]}),
    "parameter": ("pane.inp", {"pane.inp": "*INCLUDE, FOO=1, INPUT=n.inp\n" + BOX[1], "n.inp": BOX[0]}),
    "nested": (
        "pane.inp",
        {"pane.inp": "*include, input=a.inc\n" + BOX[1], "a.inc": '*Include,Input="b.txt"\n', "b.txt": BOX[0]},
    ),
    "names": (
        "pane.inp",
        {
            "pane.inp": "*INCLUDE, INPUT=a/x.inp\n*INCLUDE, INPUT=b/x.inp\n",
            "a/x.inp": BOX[0],
            "b/x.inp": BOX[1],
        },
    ),
    "returns": ("pane.inp", {"pane.inp": "*HEADING\r*INCLUDE, INPUT=n.inp\r" + BOX[1], "n.inp": BOX[0]}),
    "dat": ("pane.dat", {"pane.dat": "INCLUDE 'my grids.dat'\nCTETRA,1,1,1,2,3,4\n", "my grids.dat": GRIDS}),
    "fem": ("pane.fem", {"pane.fem": "include n.xyz\nCTETRA,1,1,1,2,3,4\n", "n.xyz": GRIDS}),
    "xdmf": ("pane.xdmf", {"pane.xdmf": XDMF, "a&b.bin": np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]])}),
}


@pytest.mark.parametrize("deck", DECKS)
def test_every_file_that_a_mesh_reader_opens_is_in_the_hash(deck, tmp_path, monkeypatch):
    """Whatever a reader takes numbers from decides them: changed, it makes another case."""
    main, files = DECKS[deck]
    (tmp_path / "table.csv").write_text(TABLE)
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content.tobytes())
    opened = []
    for reader in (deck_lines, xdmf):
        monkeypatch.setattr(reader, "within", lambda *a, **k: opened.append(within(*a, **k)) or opened[-1])
    _child._read(tmp_path / main, tmp_path, FORMATS[Path(main).suffix])
    monkeypatch.undo()
    assert {p.relative_to(tmp_path).as_posix() for p in opened} == set(files) - {main}
    case = case_of(('file = "pane.vtu"', f'file = "{main}"'))
    before = case_hash(case, version="1", files=file_digests(case, tmp_path))
    assert set(opened) <= set(named_files(case, tmp_path).values())
    for path in opened:
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert case_hash(case, version="1", files=file_digests(case, tmp_path)) != before
        path.write_bytes(whole)
    assert case_hash(case, version="1", files=file_digests(case, tmp_path)) == before


def test_a_deck_that_includes_itself_or_has_endless_lines_is_looked_through_once(tmp_path):
    (tmp_path / "a.inp").write_text("*INCLUDE, INPUT=b.inp\n" * 50 + "x" * 70000 + "*INCLUDE, INPUT=c.inp\n")
    (tmp_path / "b.inp").write_text("*INCLUDE, INPUT=a.inp\n" * 50)
    (tmp_path / "c.inp").write_text("")
    assert brought(tmp_path / "a.inp", tmp_path) == [tmp_path / "b.inp"]


def test_millimetres_stated_as_centimetres_are_said(tmp_path):
    """A pane of 200 mm and 10 mm read as 2 m and 100 mm: one sentence with value, limit and remedy."""
    case = load_case(write_case(tmp_path, ('unit = "mm"', 'unit = "cm"')))
    viewport = build_viewport(case, root=tmp_path)
    (warning,) = viewport.warnings
    assert warning.alarm  # a pane ten times too large must not pass for GO
    assert warning.startswith("thickness (1): region thermal: least extent 100 mm, usual is 2 mm to 60 mm; correct")
    assert f"warning: {warning}" in viewport.text()


def test_an_unusual_size_counts_once_the_case_confirms_it_and_only_if_it_is_true(tmp_path):
    """200 mm across in the drawing: in millimetres it is true, in centimetres it is not, whatever is usual."""
    thin = dataclasses.replace(pane(), points=pane().points * np.array([1.0, 1.0, 0.15]))  # 1.5 mm thick
    case = load_case(write_case(tmp_path))
    write_mesh(thin, tmp_path / case.mesh.file, unit=case.mesh.unit)
    extent = float(np.ptp(thin.points, axis=0).max())
    (warning,) = build_viewport(case, root=tmp_path).warnings
    assert warning.startswith("thickness") and warning.alarm and 'confirm it by extent = "..."' in warning
    true = case.model_copy(update={"mesh": case.mesh.model_copy(update={"extent": 1.005 * extent})})
    (warning,) = build_viewport(true, root=tmp_path).warnings
    assert warning.startswith("thickness") and not warning.alarm
    slip = true.model_copy(update={"mesh": true.mesh.model_copy(update={"unit": "cm"})})
    with pytest.raises(MeshError, match=r"mesh\.extent: the mesh extends over 2 m in cm, extent says"):
        build_viewport(slip, root=tmp_path)


def test_cells_in_which_fields_mean_nothing_are_an_alarm():
    for kind in ("sharp corner", "aspect", "folded at a node"):
        assert _doubt(Finding(kind, False, 1, "cell 0", "0", "1", "remesh"), confirmed=True).alarm
    assert not _doubt(Finding("coincident nodes", False, 1, "node 0", "0", "1", "merge"), confirmed=False).alarm


def test_a_loop_of_links_and_a_pipe_are_no_files(tmp_path):
    import os

    (tmp_path / "table.csv").write_text(TABLE)
    (tmp_path / "pane.vtu").symlink_to(tmp_path / "other.vtu")
    (tmp_path / "other.vtu").symlink_to(tmp_path / "pane.vtu")
    with pytest.raises(InputError, match=r"mesh\.file"):
        named_files(case_of(), tmp_path)
    (tmp_path / "pane.vtu").unlink()
    os.mkfifo(tmp_path / "pane.vtu")
    with pytest.raises(CaseError, match="not a plain file"):
        named_files(case_of(), tmp_path)


def test_root_may_only_widen_as_far_as_declared(tmp_path):
    (tmp_path / "a/b/case").mkdir(parents=True)
    (tmp_path / "a/pane.vtu").write_bytes(b"x")
    (tmp_path / "pane.vtu").write_bytes(b"x")
    root = tmp_path / "a/b/case"
    stated = case_of(('file = "pane.vtu"', 'file = "../../pane.vtu"\nroot = "../.."')).mesh
    assert mesh_path(stated, root) == ((tmp_path / "a/pane.vtu").resolve(), (tmp_path / "a").resolve())
    far = case_of(('file = "pane.vtu"', 'file = "../../../pane.vtu"\nroot = "../.."')).mesh
    with pytest.raises(CaseError, match="outside"):
        mesh_path(far, root)
    with pytest.raises(CaseError, match="not a folder"):
        mesh_path(case_of(('file = "pane.vtu"', 'file = "pane.vtu"\nroot = "none"')).mesh, root)


def test_a_table_of_the_flight_counts_for_heat_whatever_else_it_is(tmp_path):
    """It may be the law of growth too, which heat does not depend on."""
    write_case(tmp_path)
    case = case_of()
    both = case.model_copy(update={"growth": case.growth.model_copy(update={"file": "table.csv"})})
    first = window_store(both, tmp_path, tmp_path / "kept").of
    (tmp_path / "table.csv").write_text(TABLE.replace("60000", "61000"))
    assert window_store(both, tmp_path, tmp_path / "kept").of != first
    assert window_store(case, tmp_path, tmp_path / "kept").of == window_store(both, tmp_path, tmp_path / "kept").of
