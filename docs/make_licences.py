"""Lists the licence of every package that deadlight brings along, read from what is installed.

    python docs/make_licences.py                            # the table, and what is not allowed
    python docs/make_licences.py --write docs/licences.md

The packages are those of the lock file. Allowed are licences without conditions on what is done with the program, and
weak copyleft for libraries that are used as they are; GPL, AGPL and terms against commercial use are not.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU",
    "MPL-2.0", "PSF-2.0", "Zlib",
}  # fmt: skip
# Words of old metadata and of classifiers.
WORDS = {
    "apache": "Apache-2.0", "bsd 3": "BSD-3-Clause", "3-clause": "BSD-3-Clause", "bsd 2": "BSD-2-Clause", "bsd": "BSD",
    "isc license": "ISC", "mit": "MIT", "mozilla public license 2.0": "MPL-2.0", "mpl-2.0": "MPL-2.0",
    "python software foundation": "PSF-2.0", "psf": "PSF-2.0",
    "license agreement for matplotlib": "PSF-2.0", "historical permission": "HPND",
}  # fmt: skip
# What the metadata cannot say: code of others inside a wheel.
INSIDE = {
    "imageio-ffmpeg": "carries the program ffmpeg (GPL), run beside, not linked; films only (extra `animate`)",
    "shapely": "carries GEOS (LGPL-2.1), linked dynamically",
    "numpy": "carries OpenBLAS (BSD) and the GCC runtime (GPL with runtime exception)",
    "scipy": "carries OpenBLAS (BSD) and the GCC runtime (GPL with runtime exception)",
}


def pinned() -> list[str]:
    """Names in the lock file: everything that building, running and testing takes."""
    lines = (ROOT / "requirements" / "ci.txt").read_text(encoding="utf-8").splitlines()
    return [re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in lines if "==" in line]


def installed() -> dict[str, metadata.Distribution]:
    """Those of them that are installed here; the tools of the build may not be."""
    return {d.metadata["Name"]: d for name in pinned() for d in metadata.distributions(name=name)}


def licences(package: metadata.Distribution) -> set[str]:
    """Licences that a package states: its SPDX expression, else its classifiers, else its words; or none."""
    meta = package.metadata
    expression = meta.get("License-Expression") or ""
    if not expression and re.fullmatch(r"[\w.-]+(?: (?:AND|OR) [\w.-]+)*", meta.get("License") or ""):
        expression = meta["License"]
    parts = {part for part in re.split(r"[()\s]+|\bAND\b|\bOR\b|\bWITH\b", expression) if part}
    if parts and parts <= ALLOWED | {"LGPL-2.1-only"}:
        return parts
    told = [c.removeprefix("License :: ") for c in meta.get_all("Classifier") or () if c.startswith("License :: ")]
    for text in [*told, expression, (meta.get("License") or "")[:200]]:
        for word, licence in WORDS.items():
            if word in text.lower():
                return {licence}
    return parts


def rows() -> Iterator[tuple[str, str, str]]:
    """Name, licence and what is inside, of every package."""
    for name, package in sorted(installed().items()):
        name = re.sub(r"[-_.]+", "-", name).lower()
        yield name, " and ".join(sorted(licences(package))) or "unknown", INSIDE.get(name, "")


def refused() -> list[str]:
    """Packages whose licence is unknown or not allowed."""
    return [f"{name}: {licence}" for name, licence, _ in rows() if not set(licence.split(" and ")) <= ALLOWED]


def page() -> str:
    """The table as a page of the documentation."""
    head = [
        "# Licences",
        "",
        "deadlight is under Apache-2.0 ([LICENSE](../LICENSE)). What building, running and testing it takes, with the",
        "licence that each package states; written by `python docs/make_licences.py --write docs/licences.md`.",
        "Optional solvers are not installed unless asked for; `pardiso` is Intel's MKL, whose own terms speak against",
        "uses where a failure may cause injury or death.",
        "",
        "| package | licence | |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *(f"| {name} | {licence} | {inside} |" for name, licence, inside in rows())]) + "\n"


def main() -> None:
    """Prints or writes the table; status 1 if a licence is not allowed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    if options.write:
        options.write.write_text(page(), encoding="utf-8")
    else:
        print(page())
    if wrong := refused():
        sys.exit("not allowed: " + "; ".join(wrong))


if __name__ == "__main__":
    main()
