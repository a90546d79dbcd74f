"""The faults that mutation testing puts in: each is one change, valid Python, and none in words or choices."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".ci"))
from mutants import mutants

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
