"""Every notebook runs and its last cell asserts a number; every picture of the gallery is made by its script."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT / "examples"))
sys.path.insert(0, str(ROOT / "docs"))
import gallery  # noqa: E402
import make_api  # noqa: E402

from deadlight.case.load import load_case  # noqa: E402
from deadlight.store.shapes import FrontShape, PieceShape, write_fronts, write_pieces  # noqa: E402
from support_view import small_folder  # noqa: E402

NOTEBOOKS = sorted((ROOT / "examples").rglob("*.ipynb"))
needs_gl = pytest.mark.skipif(
    "not __import__('deadlight.view.render').view.render.available()",
    reason="no GL library: the gallery is not made here",
)


def code(path: Path) -> list[str]:
    """Its code cells."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") for cell in cells), "kept without outputs"
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = code(path)
    assert "assert " in cells[-1], "a notebook asserts a number at its end"
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells):
        exec(compile(cell, f"{path.name}, cell {number}", "exec"), space)


def test_the_ten_commands_of_the_tutorial(tmp_path: Path) -> None:
    """At most ten; what they change is a valid case with just these changes; the verbs are checked with all pages."""
    page = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"<!-- ten -->\n```sh\n(.*?)```", page, flags=re.S)
    commands = block.strip().splitlines()
    assert len(commands) <= 10
    example = tmp_path / "examples" / "own_window"
    example.mkdir(parents=True)
    shipped = (ROOT / "examples/own_window/case.toml").read_text(encoding="utf-8")
    (example / "case.toml").write_text(shipped, encoding="utf-8")
    for command in commands:
        if command.startswith(("mkdir", "cp", "sed")):
            subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    changed = load_case(tmp_path / "mine" / "case.toml")
    assert changed.name == "my first window"
    assert changed.cracks[0].two_c == pytest.approx(0.012)  # type: ignore[union-attr]
    assert not changed.solver.bands
    new = set((tmp_path / "mine/case.toml").read_text(encoding="utf-8").splitlines()) - set(shipped.splitlines())
    assert len(new) == 3


@pytest.mark.pictures
@needs_gl
def test_the_gallery_is_what_its_page_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    view = small_folder(tmp_path / "run")
    plain = gallery.make(tmp_path / "run", tmp_path / "bare", frames=3)
    told = capsys.readouterr().out
    assert "growth: left out, no growth was followed" in told and "pieces: left out" in told
    write_fronts(
        tmp_path / "run",
        [FrontShape(r.pane, r.step, r.time, r.indicative, r.points, r.ratio) for r in view.ribs],
    )
    p = view.pieces[0]
    write_pieces(tmp_path / "run", [PieceShape("thermal", 1, "leaves", p.corners, p.cut, p.way, p.mass)])
    made = {path.name for path in gallery.make(tmp_path / "run", tmp_path / "out", frames=3)}
    assert len(made) == len(plain) + 3
    page = (ROOT / "docs/gallery.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"pictures/(gallery_\w+\.\w+)", page))
    assert shown and shown <= made
    assert all((ROOT / "docs/pictures" / name).stat().st_size > 5000 for name in shown)


@pytest.mark.pictures
@needs_gl
def test_python_of_the_page_on_looking_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_folder(tmp_path / "out" / "looked")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/howto-view.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, flags=re.S)
    exec(compile(block, "howto-view.md", "exec"), {})
    assert (tmp_path / "stress.png").stat().st_size > 5000


def test_the_api_reference_has_every_room_and_its_docstrings(tmp_path: Path) -> None:
    written = {path.stem: path for path in make_api.make(tmp_path)}
    source = ROOT / "src" / "deadlight"
    packages = {p.parent.name for p in source.glob("*/__init__.py")}
    assert packages and packages <= set(written)
    text = written["view"].read_text(encoding="utf-8")
    assert "### WindowView" in text and "Instants of the fields." in text
    bare = [line for line in text.splitlines() if line.startswith("### _")]
    assert not bare
