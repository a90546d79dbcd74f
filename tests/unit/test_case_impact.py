"""A crack stated by an impact file: what of it becomes the crack that is followed."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from deadlight.case.load import case_hash, load_case
from deadlight.case.paths import file_digests, named_files
from deadlight.chain.crack_surfaces import as_found
from deadlight.chain.from_impact import length, read_marks
from deadlight.chain.marked import CRACK, read_impact
from deadlight.chain.viewport import build_viewport
from deadlight.errors import CaseError
from deadlight.outcome.pieces import pieces_of
from support_cases import CASE, write_case

ROOT = Path(__file__).parents[2]
OLD = CASE[CASE.index("[[cracks]]") : CASE.index("[criteria]")]


def stated(folder: Path, *, radius: str = "100 mm", more: str = "") -> Path:
    mark = (ROOT / "examples/shenzhou20/impact.toml").read_text(encoding="utf-8").replace("150 mm", radius)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mark.toml").write_text(mark, encoding="utf-8")
    new = f'[[cracks]]\nname = "M"\npane = "thermal"\nkind = "impact"\nfile = "mark.toml"\n{more}\n'
    return write_case(folder, (OLD, new + '[growth]\ntier = "full"\n'))


def test_the_longest_through_crack_of_the_bounding_set_is_followed(tmp_path: Path) -> None:
    path = stated(tmp_path)
    case = load_case(path)
    found = read_marks(case, tmp_path)
    answer = read_impact(tmp_path / "mark.toml")
    bound = answer.cracks(len(answer.tables) - 1)
    (crack,) = found.case.cracks
    through = [c for c in bound if c.kind == "through"]
    assert crack == max(through, key=length)
    assert all(length(c) <= length(crack) for c in through)
    assert crack.name.startswith("M1_bound") and crack.name in found.notes[0]
    alarms = [r for r in found.remarks if r.alarm]
    assert len(bound) == 1 or any("are not followed" in r for r in alarms)
    assert any(a.key == "mark.index" for a in found.assumptions)
    viewport = build_viewport(case, root=tmp_path)
    assert viewport.case.cracks == (crack,) and set(found.assumptions) <= set(viewport.assumptions)
    assert any(crack.name in note for note in viewport.notes)


def test_other_sets_and_cracks_can_be_taken(tmp_path: Path) -> None:
    answer = read_impact(stated(tmp_path).parent / "mark.toml")
    first = read_marks(load_case(stated(tmp_path, more='take = "1"\ncrack = "a"')), tmp_path).case.cracks[0]
    assert first == answer.cracks(0)[0]
    longest = read_marks(load_case(stated(tmp_path, more='take = "longest"')), tmp_path)
    total = [sum(map(length, answer.cracks(i))) for i in range(len(answer.tables))]
    assert answer.reading is not None
    assert answer.reading.sets[int(np.argmax(total))].name in longest.notes[0]


def test_the_impact_file_belongs_to_the_case(tmp_path: Path) -> None:
    case = load_case(stated(tmp_path))
    files = named_files(case, tmp_path)
    assert files["mark.toml"] == (tmp_path / "mark.toml").resolve()
    one = case_hash(case, version="1", files=file_digests(case, tmp_path))
    files["mark.toml"].write_text(files["mark.toml"].read_text() + "\n")
    assert one != case_hash(case, version="1", files=file_digests(case, tmp_path))


@pytest.mark.parametrize(
    ("more", "what"),
    [('take = "900"', "set 900 of"), ('crack = "z"', "crack 'z' of"), ('pressure = "outer"', "does nothing here")],
)
def test_what_is_not_there_is_refused(tmp_path: Path, more: str, what: str) -> None:
    with pytest.raises(CaseError, match=what):
        read_marks(load_case(stated(tmp_path, more=more)), tmp_path)


def test_a_mark_of_another_pane_is_refused(tmp_path: Path) -> None:
    path = stated(tmp_path)
    mark = tmp_path / "mark.toml"
    mark.write_text(mark.read_text(encoding="utf-8").replace('name = "thermal"', 'name = "other"'), encoding="utf-8")
    with pytest.raises(CaseError, match="of the pane 'other'"):
        read_marks(load_case(path), tmp_path)


def test_lengths() -> None:
    answer = read_impact(ROOT / "examples/shenzhou20/impact.toml")
    for crack in answer.cracks(0):
        assert length(crack) > 0.0


def test_the_other_cracks_of_the_mark_count_for_what_is_cut_off(tmp_path: Path) -> None:
    """Arms at 50 and -45 deg run under the retainer; led on to the rim by hand they cut a wedge off with the third."""
    viewport = build_viewport(load_case(stated(tmp_path)), root=tmp_path)
    surfaces = as_found(viewport, [c for c in viewport.beside if c.kind == "through"], 0.01)
    assert len(surfaces) == sum(c.kind == "through" for c in viewport.beside)
    # a bent line across the pane cuts it in two: 60 mm wide legs at right angles about (0, 20) mm
    bent = CRACK.validate_python({
        "name": "B", "pane": "thermal", "kind": "through",
        "line": [["-120 mm", "140 mm"], ["0 mm", "20 mm"], ["120 mm", "140 mm"]],
    })  # fmt: skip
    (surface,) = as_found(viewport, [bent], 0.01)
    pane, _ = viewport.mesh.submesh("thermal")
    cut = pieces_of(pane, [surface], 2200.0, check=False)
    # between the legs y > 20 + |x| of a disc of 100 mm: x of the corner = (-20 + sqrt(2 100^2 - 20^2)) / 2 = 60 mm
    x = (-0.02 + np.sqrt(2 * 0.1**2 - 0.02**2)) / 2
    half = 0.5 * 0.1**2 * np.arcsin(x / 0.1) + 0.5 * x * np.sqrt(0.1**2 - x**2) - 0.02 * x - 0.5 * x**2
    assert len(cut.pieces) == 2 and cut.pieces[1].volume == pytest.approx(2 * half * 0.01, rel=1e-3)


def test_an_arm_that_two_pairs_share_is_there_once(tmp_path: Path) -> None:
    """Three arms come as two pairs; what is beside the followed pair is the third arm alone, from the pit."""
    found = read_marks(load_case(stated(tmp_path, more='take = "7"')), tmp_path)
    (followed,), pairs = found.case.cracks, read_impact(tmp_path / "mark.toml").cracks(6)
    assert [len(c.line) for c in pairs] == [3, 3]
    other = next(c for c in pairs if c.name != followed.name)
    (arm,) = found.beside
    assert len(arm.line) == 2 and set(arm.line) < set(other.line)
    assert not {frozenset(arm.line)} & {frozenset(s) for s in itertools.pairwise(followed.line)}
    assert followed.line[1] in arm.line, "it begins at the pit"
