"""Lists the checks against outside references: published numbers and closed forms, standards, experiments.

    python tests/references.py                              # the list and its count
    python tests/references.py --write docs/references.md

A check is a test function with the mark `reference("source", ...)`, or a case of `deadlight verify` whose reference was
published (judges "exact" and "table"). Own independent solutions, symmetry and conservation are checks too, but not
counted here; nor are sources recalled from memory, which are listed apart.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECALLED = "recalled: "
NAMED = re.compile(r"\b1[89]\d\d\b|\b20\d\d\b|ASTM C\d+")  # an author's year or a standard
OWN = re.compile(r"\bown\b|^(isotropy|superposition|symmetry|Betti|Irwin 1957)")  # identities are no numbers of others


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes
    ----------
    where, name : str
        File under tests/, or "verify", and the test or case.
    sources : tuple of str
    """

    where: str
    name: str
    sources: tuple[str, ...]

    @property
    def recalled(self) -> bool:
        """Whether its numbers are from memory: they judge, but count for nothing."""
        return any(source.startswith(RECALLED) for source in self.sources)


def marks(path: Path) -> Iterator[Check]:
    """Marked tests of a file."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            for each in node.decorator_list:
                if isinstance(each, ast.Call) and ast.unparse(each.func) == "pytest.mark.reference":
                    sources = tuple(ast.literal_eval(a) for a in each.args)
                    yield Check(path.relative_to(ROOT / "tests").as_posix(), node.name, sources)


def cases() -> Iterator[Check]:
    """Cases of `deadlight verify` with a published reference; `verification/test_crack_operator_cases.py` runs them."""
    for path in sorted((ROOT / "src" / "deadlight" / "verify" / "data").glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            if case["judge"] in ("exact", "table") and not OWN.search(case["source"]) and NAMED.search(case["source"]):
                yield Check("verify", case["name"], (case["source"],))


def checks() -> list[Check]:
    """All of them, those of memory too."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [*(check for path in files for check in marks(path)), *cases()]


def page(found: list[Check]) -> str:
    """The list as a page of the documentation."""
    counted = [c for c in found if not c.recalled]
    lines = [
        "# Checks against outside references",
        "",
        f"{len(counted)} checks hold the program against numbers, closed forms, standards and experiments of others. "
        "Written by `python tests/references.py --write docs/references.md`.",
        "",
        "| where | check | source |",
        "|---|---|---|",
        *(f"| `{c.where}` | `{c.name}` | {'; '.join(c.sources)} |" for c in counted),
        "",
        "Not counted, because the numbers are from memory:",
        "",
        "| where | check | source |",
        "|---|---|---|",
        *(f"| `{c.where}` | `{c.name}` | {'; '.join(c.sources).removeprefix(RECALLED)} |" for c in found if c.recalled),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Prints or writes the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    found = checks()
    if options.write:
        options.write.write_text(page(found), encoding="utf-8")
        return
    for check in found:
        print(f"{check.where:<45} {check.name:<70} {'; '.join(check.sources)}")
    recalled = sum(check.recalled for check in found)
    print(f"{len(found) - recalled} checks against outside references, {recalled} more recalled")


if __name__ == "__main__":
    main()
