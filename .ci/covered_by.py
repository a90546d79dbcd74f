"""A pytest plugin for .ci/coverage: every line is noted with the tests that ran it, every test with its processor time.

Loaded by `-p covered_by`; the times go to the file that COVERED_BY_TIMES names, a JSON line a test.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import coverage
import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A context of coverage for each test, its fixtures included: what a mutant of a line is judged by."""
    measured = coverage.Coverage.current()
    assert measured is not None, "covered_by is for `coverage run -m pytest`"
    measured.switch_context(item.nodeid)
    begun = os.times()
    result = yield
    spent = sum(os.times()[:4]) - sum(begun[:4])  # with that of its children
    row = {"test": item.nodeid, "cpu": round(spent, 3)}
    with open(os.environ["COVERED_BY_TIMES"], "a", encoding="utf-8") as out:
        out.write(json.dumps(row) + "\n")
    measured.switch_context("")
    return result
