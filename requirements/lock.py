"""Writes `ci.txt`: version and hash of the file of every package that building and testing takes, as pip chooses them.

One file a package, for the Python and platform this runs on (CI: CPython 3.11, Linux, x86-64). Elsewhere pip refuses
the hashes and `make` takes the newest versions instead. Run by `make lock`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def wanted(project: dict[str, Any]) -> list[str]:
    """Requirements of the package, of its extra `test` and of its build."""
    extras = project["project"]["optional-dependencies"]
    names = [
        *project["project"]["dependencies"],
        *extras["test"],
        *extras["animate"],
        *project["build-system"]["requires"],
    ]
    return [name for name in names if not name.startswith("deadlight[")]


def lines(report: dict[str, Any]) -> list[str]:
    """`name==version --hash=sha256:...` of every package that pip would install, by name."""
    found = []
    for entry in report["install"]:
        name, version = entry["metadata"]["name"], entry["metadata"]["version"]
        found.append(
            f"{name.lower()}=={version} --hash=sha256:{entry['download_info']['archive_info']['hashes']['sha256']}"
        )
    return sorted(found)


def main() -> None:
    """Asks pip what it would install, without installing it."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-"]
    answer = subprocess.run([*command, *wanted(project)], check=True, stdout=subprocess.PIPE)
    head = [
        "# Written by `make lock`; see lock.py beside this file.",
        f"# Python {sys.version_info[0]}.{sys.version_info[1]}",
    ]
    (HERE / "ci.txt").write_text("\n".join([*head, *lines(json.loads(answer.stdout))]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
