"""Every check against an outside reference names its source, and there are enough of them."""

from pathlib import Path

import references

ROOT = Path(__file__).resolve().parents[2]


def test_there_are_at_least_120_checks_against_outside_references():
    counted = [c for c in references.checks() if not c.recalled]
    assert len({(c.where, c.name) for c in counted}) == len(counted) >= 120


def test_each_source_names_author_and_year_or_a_standard():
    for check in references.checks():
        assert check.sources, check
        for source in check.sources:
            assert references.NAMED.search(source), (check.name, source)


def test_page_lists_them_as_they_are():
    assert (ROOT / "docs" / "references.md").read_text() == references.page(references.checks()), (
        "run: python tests/references.py --write docs/references.md"
    )
