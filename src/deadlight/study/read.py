"""Reads a study and the cases it names."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deadlight import __version__
from deadlight.case.load import parse_case, parse_form, read_toml
from deadlight.case.model import Case
from deadlight.case.paths import file_digests, named_files
from deadlight.entry.columns import LARGEST
from deadlight.errors import CaseError
from deadlight.store.json_file import read_plain
from deadlight.study.form import StudyForm


@dataclass(frozen=True, eq=False)
class Base:
    """A case that the study varies.

    Attributes
    ----------
    name : str
        File's stem: what the trajectory is called in tables.
    path : Path
    data : dict
        As stated, text with units.
    case : Case
    files : dict of name -> SHA-256 of its bytes
    light : frozenset of names
        Of the files that only cracks name: heat and stress do not depend on them.
    """

    name: str
    path: Path
    data: dict[str, Any]
    case: Case
    files: dict[str, bytes]
    light: frozenset[str]

    @property
    def root(self) -> Path:
        return self.path.parent


@dataclass(frozen=True, eq=False)
class Study:
    """A study as it was read.

    Attributes
    ----------
    path : Path
    form : StudyForm
    bases : tuple of Base
    table : bytes
        Of the design's file; empty without one.
    """

    path: Path
    form: StudyForm
    bases: tuple[Base, ...]
    table: bytes = b""

    @property
    def digest(self) -> str:
        """Hash of everything that decides the numbers: form, cases, the files they name, version."""
        content = {
            "form": self.form.model_dump(mode="json", by_alias=True, exclude={"limits"}),
            "cases": [b.case.model_dump(mode="json", by_alias=True) for b in self.bases],
            "files": [{n: d.hex() for n, d in sorted(b.files.items())} for b in self.bases],
            "table": hashlib.sha256(self.table).hexdigest(),
            "version": __version__,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def read_study(path: str | Path) -> Study:
    """Reads and validates a study file and its cases.

    Raises
    ------
    CaseError
        A file is missing or a value is at fault, with its place.
    """
    path = Path(path)
    data, text = read_toml(path)
    form = parse_form(StudyForm, data, place=str(path), text=text)
    bases = tuple(_base(_fenced(path, name, "cases", "case")) for name in form.cases)
    names = [b.name for b in bases]
    if len(set(names)) < len(names):
        raise CaseError("two cases have the same file name", place=f"{path}: cases", remedy="names differ in tables")
    table = b""
    if form.design.file is not None:
        source = _fenced(path, form.design.file, "design.file", "table")
        try:
            table = read_plain(source, LARGEST)
        except (OSError, ValueError) as error:
            raise CaseError(f"cannot be read ({error})", place=f"{path}: design.file", remedy="a CSV file") from error
    return Study(path, form, bases, table)


def _fenced(study: Path, name: str, key: str, what: str) -> Path:
    """A file that a study names; CaseError where it lies outside the study's folder."""
    place, fence = study.parent / name, study.parent.resolve()
    try:
        inside = place.resolve().is_relative_to(fence)
    except (OSError, RuntimeError):  # a loop of links
        inside = False
    if not inside:
        remedy = f"a {what} stays inside the folder of its study: copy it there"
        raise CaseError(f'"{name}" lies outside {fence}', place=f"{study}: {key}", remedy=remedy)
    return place


def _base(path: Path) -> Base:
    data, text = read_toml(path)
    case = parse_case(data, place=str(path), text=text)
    files = file_digests(case, path.parent)
    bare = case.model_copy(update={"cracks": ()})  # a law of growth stays: loss of a pane, kept with heat, needs it
    light = frozenset(files) - frozenset(named_files(bare, path.parent))
    return Base(path.stem, path, data, case, files, light)
