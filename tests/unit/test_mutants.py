"""The faults of mutation testing: one change each, valid Python, none in words or choices; which tests judge them."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".ci"))
from mutants import mutants
from mutation import Court, Ran, Same, disproved, score

SOURCE = '''LIMIT = 0.25


def f(x: float, more: float = 2.0) -> float:
    """Adds 1 to x."""
    if not x < 3 and more >= 0.5:
        raise ValueError(f"{x + 1} is too small")
    return -x**2 + (more * 1e-9) / 4.0
'''


def test_each_mutant_is_one_change_of_the_code():
    found = {(m.line, m.old, m.new) for m in mutants(SOURCE)}
    assert {
        (6, "<", "<="), (6, ">=", ">"), (6, "and", "or"), (6, "not x < 3", "x < 3"), (6, "3", "4"), (6, "0.5", "0.75"),
        (6, "not x < 3 and more >= 0.5", "not (not x < 3 and more >= 0.5)"),
        (8, "-x**2", "x**2"), (8, "**", "*"), (8, "2", "3"), (8, "+", "-"), (8, "*", "/"), (8, "/", "*"),
        (8, "4.0", "6.0"),
    } == found  # fmt: skip


def test_a_mutant_changes_nothing_else():
    for each in mutants(SOURCE):
        changed = each.applied(SOURCE)
        assert changed != SOURCE
        assert changed == SOURCE[: each.start] + each.new + SOURCE[each.end :]


def test_a_mutant_knows_the_statement_it_stands_in():
    source = "def f(x):\n    if (\n        x > 3\n    ):\n        y = [\n            x + 1,\n        ]\n    return y\n"
    assert {(m.old, m.statement) for m in mutants(source) if m.old in (">", "+")} == {(">", (2, 4)), ("+", (5, 7))}


@pytest.fixture
def ran(tmp_path):
    """Two tests of a file run line 2 of a module, one of them line 3; a slow one of another file line 3."""
    coverage = pytest.importorskip("coverage")
    quick, shared, slow = "tests/a.py::test_quick", "tests/a.py::test_shared", "tests/b.py::test_slow"
    data = coverage.CoverageData(basename=str(tmp_path / "data"))
    for test, lines in ((quick, {2, 3}), (shared, {2}), (slow, {3}), ("", {1})):
        data.set_context(test)
        data.add_lines({"/somewhere/deadlight/growth/law.py": lines})
    data.write()
    times = {quick: 0.1, shared: 0.2, slow: 30.0, "tests/a.py::test_other": 0.3}
    (tmp_path / "tests.jsonl").write_text("".join(json.dumps({"test": t, "cpu": c}) + "\n" for t, c in times.items()))
    return Ran(tmp_path, ("growth",))


def test_a_mutant_is_judged_by_the_tests_that_run_it_then_by_their_files(ran):
    court = Court(ran, Path(), "growth", 40.0, 0.0)
    quick, shared, slow = "tests/a.py::test_quick", "tests/a.py::test_shared", "tests/b.py::test_slow"
    assert court.stages("growth/law.py", (2, 2)) == [[quick, shared], ["tests/a.py"]]
    assert court.stages("growth/law.py", (3, 3)) == [[quick, slow], ["tests/a.py", "tests/b.py"]]
    assert court.stages("growth/law.py", (1, 1)) == []  # run when the module is imported, by no test
    assert court.stages("growth/other.py", (1, 1)) == []
    assert Court(ran, Path(), "growth", 5.0, 0.0).stages("growth/law.py", (3, 3)) == [[quick], ["tests/a.py"]]


ROW = {"module": "law.py", "code": "return x > 0.0", "old": ">", "new": ">="}


def same(tmp_path, **changes):
    entry = ROW | {"why": "x is never 0"} | changes
    (tmp_path / "law.py").write_text("def f(x):\n    return x > 0.0\n\n\ndef g(x):\n    return x > 0.5\n")
    text = "".join(f"{k} = {json.dumps(v)}\n" for k, v in entry.items())
    (tmp_path / "same.toml").write_text(f"[[same]]\n{text}")
    return Same(tmp_path / "same.toml", tmp_path)


def test_the_score_leaves_out_what_makes_no_difference(tmp_path):
    first, second = (
        m for m in mutants("def f(x):\n    return x > 0.0\n\n\ndef g(x):\n    return x > 0.5\n") if m.old == ">"
    )
    row = ROW | {"start": first.start, "state": "survived"}
    other = row | {"start": second.start, "code": "return x > 0.5"}
    assert row in same(tmp_path) and other not in same(tmp_path) and row | {"new": "<"} not in same(tmp_path)
    assert row | {"code": "return y > 0.0"} not in same(tmp_path), "judged in another source"
    assert score([row, other, other | {"state": "killed"}], same(tmp_path)) == 50.0


def test_of_several_changes_of_a_line_one_can_be_meant(tmp_path):
    (tmp_path / "law.py").write_text("def f(x):\n    return x > 0.0\n")
    code = "return x[0] + y[0]"
    text = f"def f(x, y):\n    {code}\n"
    rows = [
        {"module": "add.py", "start": m.start, "code": code, "old": "0", "new": m.new}
        for m in mutants(text)
        if m.old == "0"
    ]
    (tmp_path / "add.py").write_text(text)
    found = {"module": "add.py", "code": code, "old": "0", "new": "1"}
    assert [row in same(tmp_path, **found) for row in rows] == [True, True]
    assert [row in same(tmp_path, **found, which=2) for row in rows] == [False, True]
    with pytest.raises(SystemExit, match="no such change"):
        same(tmp_path, **found, which=3)


def test_a_change_that_is_said_to_make_no_difference_must_exist_have_a_reason_and_survive(tmp_path):
    for changes in ({"code": "return x > 1.0"}, {"new": "<"}, {"why": ""}):
        with pytest.raises(SystemExit, match="no such change, or no reason"):
            same(tmp_path, **changes)
    (first, *_) = (m for m in mutants("def f(x):\n    return x > 0.0\n") if m.old == ">")
    row = ROW | {"start": first.start, "state": "killed"}
    assert disproved([row | {"by": "tests/a.py::test"}], same(tmp_path))
    assert not disproved([row | {"by": "signal 9"}, row | {"by": "", "state": "survived"}], same(tmp_path))


def test_the_list_of_such_changes_fits_the_code():
    root = Path(__file__).resolve().parents[2]
    assert Same(root / ".ci" / "same.toml", root / "src" / "deadlight").found
