"""The deck: what is written, what comes back, what is refused."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from deadlight.crack.newman_raju import PlateCrack, surface_k
from deadlight.errors import InputError
from deadlight.export import abaqus_text, read_out
from deadlight.export.deck import Deck, write_deck
from deadlight.export.planar_crack import CrackPlane
from deadlight.export.results import read_ccx
from deadlight.export.seats import Bed, springs
from deadlight.export.solid import Solid, block
from deadlight.mesh.mesh import CellBlock, Mesh

X, _, Z = np.eye(3)
BODY = block([-0.02, -0.02, 0.0], [0.02, 0.02, 0.01])
CRACK = CrackPlane.ellipse(np.array([0.0, 0.0, 0.01]), X, Z, 2e-3, 2e-3)


def bending(x: np.ndarray) -> np.ndarray:
    """Stress yy from 10 MPa on the outer face down to -2 MPa on the inner one."""
    return np.stack([10e6 * (1.2 * x[:, 2] / 0.01 - 0.2) if i == 1 else 0.0 * x[:, 0] for i in range(6)], axis=1)


def seat(x: np.ndarray, n: np.ndarray) -> np.ndarray:
    return (n[:, 2] < -0.9) & (np.abs(x[:, 0]) > 0.015)


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Deck:
    return write_deck(
        tmp_path_factory.mktemp("deck"), body=BODY, crack=CRACK, stress=bending, young=72e9, nu=0.17,
        seats=[Bed("inner", seat, 1e11, 5e9)], instant="t = 412 s", expected={"K_I": "0.51 MPa sqrt(m), operator"},
        front_size=3e-4,
    )  # fmt: skip


def folder(deck: Deck) -> Path:
    return deck.files[0].parent


def test_files_and_story(deck: Deck) -> None:
    names = {f.name for f in deck.files}
    assert names == {"crack.inp", "README.txt", "crack.npz", "through_thickness.csv", "k_own.csv"}
    text = deck.files[0].read_text()
    for wanted in ("t = 412 s", "0.51 MPa sqrt(m)", "TYPE=C3D10", "NSET=CRACK_PLUS", "NSET=FRONT_1", "SPRINGA"):
        assert wanted in text
    assert max(map(len, text.splitlines())) < 200 and not deck.remarks


def test_numbers_of_a_deck_fit_into_twenty_columns(deck: Deck) -> None:
    """CalculiX reads 20 characters of a number: a longer one loses its exponent without a word."""
    for line in deck.files[0].read_text().splitlines():
        if not line.startswith("*"):
            assert all(len(field.strip()) <= 20 for field in line.split(",")), line


def test_forces_of_the_two_faces_cancel(deck: Deck) -> None:
    lines = deck.files[0].read_text().split("*CLOAD\n")[1].split("*")[0].split()
    joined = "".join(f"{w}\n" if w[-1] != "," else w for w in lines).split()
    rows = np.array([line.split(",") for line in joined], float)
    total = np.zeros(3)
    np.add.at(total, rows[:, 1].astype(int) - 1, rows[:, 2])
    assert np.abs(total).max() < 1e-9 * np.abs(rows[:, 2]).sum()


@pytest.mark.reference("Newman & Raju 1981, Eng. Fract. Mech. 15:185")
def test_own_k_is_that_of_the_surface_crack(deck: Deck) -> None:
    """Newman & Raju 1981, membrane 4 MPa and bending 6 MPa; the equations are for nu 0.3 and good to 5 %."""
    k = deck.own[0]
    crack = PlateCrack(2e-3, 2e-3, 10e-3, 20e-3)
    for row, phi in ((len(k.k1) // 2, 0.5 * np.pi), (len(k.k1) // 4, 0.25 * np.pi)):
        tension, bent = surface_k(crack, phi)
        assert k.k1[row] == pytest.approx(4e6 * tension + 6e6 * bent, rel=0.05)
    assert np.abs(k.k2).max() < 0.02 * k.k1.max() and np.abs(k.k3).max() < 0.02 * k.k1.max()


def test_through_thickness_table(deck: Deck) -> None:
    path = next(f for f in deck.files if f.suffix == ".csv" and "through" in f.name)
    lines = path.read_text().splitlines()
    rows = np.array(list(csv.reader(lines[7:])), dtype=float)
    assert lines[0].startswith("# deadlight") and "t = 412 s" in lines[1] and lines[6].startswith("x_over_t")
    np.testing.assert_allclose(rows[[0, -1], 1], [10.0, -2.0], atol=1e-3)
    np.testing.assert_allclose(rows[:, 1], 10 - 12 * rows[:, 0], atol=1e-3)


def test_read_out_of_the_deck_gives_what_went_in(deck: Deck, capsys: pytest.CaptureFixture[str]) -> None:
    """Displacements of our own solution, written as a table of another code."""
    mesh, extensions, young, nu = read_out.kept(folder(deck) / "crack.npz")
    from deadlight.export.deck import pull
    from deadlight.export.solve import crack_forces, solve

    held = springs(deck.mesh, [Bed("inner", seat, 1e11, 5e9)], young=72e9).matrix(len(mesh.points))
    u = solve(deck.mesh, crack_forces(deck.mesh, pull(bending)), young=young, nu=nu, springs=held)
    table = folder(deck) / "results.csv"
    with table.open("w") as file:
        file.write("node, ux, uy, uz\n")
        file.writelines(f"{i}, {a!r}, {b!r}, {c!r}\n" for i, (a, b, c) in enumerate(u.tolist(), 1))
    assert read_out.main([str(folder(deck)), str(table)]) == 0
    assert "K_I" in capsys.readouterr().out and (folder(deck) / "k_results.csv").exists()
    np.testing.assert_allclose(read_out.read_k(folder(deck), table)[0].k1, deck.own[0].k1, rtol=1e-9)
    assert len(extensions) == 1


@pytest.mark.skipif(shutil.which("ccx") is None, reason="CalculiX is not installed")
def test_calculix_gives_the_same_k(deck: Deck) -> None:
    done = subprocess.run(["ccx", "crack"], cwd=folder(deck), capture_output=True, text=True, timeout=300, check=False)
    assert "*ERROR" not in done.stdout and done.returncode == 0
    for results in ("crack.dat", "crack.frd"):
        found = read_out.read_k(folder(deck), folder(deck) / results)
        np.testing.assert_allclose(found[0].k1, deck.own[0].k1, rtol=2e-4)


def test_closed_faces_are_an_alarm(tmp_path: Path) -> None:
    shut = lambda x: -bending(x)  # noqa: E731
    made = write_deck(tmp_path, body=BODY, crack=CRACK, stress=shut, young=72e9, nu=0.2, front_size=5e-4)
    assert len(made.remarks) == 1 and made.remarks[0].alarm and "overlap" in (tmp_path / "README.txt").read_text()


def test_a_finite_element_mesh_is_a_body(tmp_path: Path) -> None:
    """The same block as one hexahedron, its crack free: held at three points."""
    low, high = BODY.points.min(axis=0), BODY.points.max(axis=0)
    corner = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]])
    mesh = Mesh(low + corner * (high - low), (CellBlock("hex8", np.arange(8)[None], "pane"),))
    assert Solid.from_mesh(mesh, "pane").volume == pytest.approx(BODY.volume)
    made = write_deck(
        tmp_path, body=mesh, region="pane", crack=CRACK, stress=bending, young=72e9, nu=0.17, front_size=5e-4,
        check=False,
    )  # fmt: skip
    assert made.own == () and "six displacements" in (tmp_path / "README.txt").read_text()


def test_wrong_inputs_are_named(tmp_path: Path, deck: Deck) -> None:
    with pytest.raises(InputError, match="touches no face"):
        springs(deck.mesh, [Bed("nowhere", lambda x, n: x[:, 0] > 9.0, 1e11)], young=72e9)
    with pytest.raises(InputError, match="not finite"):
        write_deck(tmp_path, body=BODY, crack=CRACK, stress=lambda x: np.full((len(x), 6), np.nan), young=7e10, nu=0.2,
                   front_size=5e-4)  # fmt: skip
    with pytest.raises(InputError, match=r"crack\.npz"):
        read_out.read_k(tmp_path / "nothing")
    assert read_out.main([]) == 2 and read_out.main([str(tmp_path / "nothing")]) == 2


def test_results_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "crack.dat"
    with pytest.raises(InputError, match="no file"):
        read_ccx(path, n_nodes=2)
    path.write_text("nothing\n")
    with pytest.raises(InputError, match="no nodal displacements"):
        read_ccx(path, n_nodes=2)
    path.write_text(" displacements (vx,vy,vz) for set ALL and time  0.1E+01\n\n 1 1.0E-3 2.0E-3 3.0E-3\n\n")
    with pytest.raises(InputError, match="1 of 2 nodes"):
        read_ccx(path, n_nodes=2)
    np.testing.assert_allclose(read_ccx(path, n_nodes=1), [[1e-3, 2e-3, 3e-3]])


def test_long_sets_and_elements_are_wrapped() -> None:
    text = abaqus_text.elements([CellBlock("hex20", np.arange(20)[None])], set_name="PANE")
    assert [line.count(",") for line in text.splitlines()[1:]] == [16, 4]
    assert max(map(len, abaqus_text.node_set("S", np.arange(1000)).splitlines())) < 120


def test_a_seat_on_a_named_face_has_its_area(deck: Deck) -> None:
    """A band of the inner face that no edge of the cracked mesh follows: the parts of its triangles are counted."""
    x = np.linspace(-0.02, 0.02, 9)
    grid = np.stack(np.meshgrid(x, x, [0.0, 0.01], indexing="ij"), axis=-1).reshape(-1, 3)
    i, j = (g.ravel() for g in np.meshgrid(np.arange(8), np.arange(8), indexing="ij"))
    corner = np.stack([2 * (9 * (i + a) + j + b) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))], axis=1)
    band = corner[(i == 0) | (i == 7)][:, ::-1]
    mesh = Mesh(
        grid, (CellBlock("hex8", np.concatenate([corner, corner + 1], axis=1), "pane"),),
        {"pane.seat": (CellBlock("quad4", band, "pane"),)},
    )  # fmt: skip
    held = springs(deck.mesh, [Bed.on_face(mesh, "pane.seat", 1e11, 5e9)], young=72e9)
    assert held.area[0] == pytest.approx(2 * 0.005 * 0.04, rel=0.03)
    assert held.shear.sum() == pytest.approx(5e9 * held.area[0], rel=0.01)
    np.testing.assert_allclose(held.normal[:, 2], -1.0)
