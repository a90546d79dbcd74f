"""Reads a case file: TOML in, a frozen `Case` out, or one clear message."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from deadlight.case.change import changed
from deadlight.case.fields import Form
from deadlight.case.keys import unknown_key
from deadlight.case.mark import ImpactFile
from deadlight.case.model import Case
from deadlight.case.paths import named_files
from deadlight.errors import CaseError, Lines
from deadlight.errors import shown as one_line

MAX_BYTES = 1 << 20
MAX_PROBLEMS = 5
MAX_DEPTH = 20
# Tables of several kinds, by their key.
KINDS = {
    "trajectory": 'kind = "entry" or kind = "table"',
    "outline": 'kind = "round", kind = "rounded_rectangle" or kind = "trapezoid"',
    "cracks": "kind = through, edge, surface, corner, embedded, spall, crater, file or impact, in quotes",
}
NESTED = "a case is nested at most four deep"
AnyForm = TypeVar("AnyForm", bound=Form)


def load_case(path: str | Path) -> Case:
    """Reads and validates a case file.

    Raises
    ------
    CaseError
        The file is missing, not TOML, too large, or a value is at fault; every problem with its place.
    """
    path = Path(path)
    data, text = read_toml(path)
    case = parse_case(data, place=str(path), text=text)
    try:
        named_files(case, path.parent)
    except CaseError as error:
        raise CaseError(error.found, place=f"{path}: {error.place}", remedy=error.remedy) from error
    return case


def load_impact(path: str | Path) -> ImpactFile:
    """Reads and validates an impact file; CaseError as for a case."""
    data, text = read_toml(Path(path))
    return parse_form(ImpactFile, data, place=str(path), text=text)


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """Content of a file as plain data and as text; CaseError if it is none or not TOML."""
    text = _text(path)
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        raise CaseError(
            f"not valid TOML: {_short(str(error))}",
            place=str(path),
            remedy="this table is already there; change it instead of adding it again"
            if "twice" in str(error) or "overwrite" in str(error)
            else "text values stand in quotes; see examples/shenzhou20/case.toml",
        ) from error
    except RecursionError as error:
        raise CaseError("values are nested too deeply", place=str(path), remedy=NESTED) from error
    except ValueError as error:  # an integer of thousands of digits, a date that is none
        raise CaseError(
            f"not valid TOML: {_short(str(error))}",
            place=str(path),
            remedy='write numbers as text with a unit, "0.2 mm"',
        ) from error


def _text(path: Path) -> str:
    """Content of the case file; CaseError if it is none, too large, not text or nested beyond reason."""
    try:
        if path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "not a plain file"
            raise CaseError(
                f"is {kind}, not a case file", place=str(path), remedy="name the case file itself, CASE.toml"
            )
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte
        if isinstance(error, CaseError):
            raise
        why = getattr(error, "strerror", None) or str(error)
        raise CaseError(
            f"cannot read the case file ({why})",
            place=str(path),
            remedy="check the path; examples/ has cases to start from",
        ) from error
    if len(raw) > MAX_BYTES:
        raise CaseError(
            f"the case file has more than {MAX_BYTES} bytes",
            place=str(path),
            remedy=f"a case is at most {MAX_BYTES} bytes; tables go into files of their own",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaseError(
            f"byte {error.start} is not UTF-8 text", place=str(path), remedy="save the file as UTF-8"
        ) from error
    deep = next((row for row, line in enumerate(text.splitlines(), 1) if _depth(line) > MAX_DEPTH), None)
    if deep is not None:
        raise CaseError("values are nested too deeply", place=f"{path} (line {deep})", remedy=NESTED)
    return text


def _depth(line: str) -> int:
    """Upper bound of how deep one line can nest: tomllib walks dotted keys and brackets once a level."""
    key = line.partition("=")[0]
    return max(key.count("."), line.count("[") - line.count("]"), line.count("{") - line.count("}"))


def _short(text: str, most: int = 300) -> str:
    return text if len(text) <= most else text[:most] + " ..."


def parse_case(data: dict[str, Any], *, place: str = "case", text: str = "") -> Case:
    """Validates a case given as plain data; CaseError names every key at fault (the first five)."""
    case = parse_form(Case, data, place=place, text=text).read_from(data)
    for what, changes in case_changes(case):
        parse_form(Case, changed(data, changes), place=f"{place}, {what}", text="")
    return case


def case_changes(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a case says may be otherwise, as where it stands and the keys changed."""
    for band in case.bands:
        for end in ("low", "high"):
            yield f"bands, {band.key}, {end}", {band.key: getattr(band, end)}
    for variant in case.variants:
        yield f"variants.{variant.name}", variant.set


def parse_form(form: type[AnyForm], data: dict[str, Any], *, place: str, text: str) -> AnyForm:
    """Validates plain data against a form; CaseError names every key at fault."""
    try:
        return form.model_validate(data)
    except ValidationError as error:
        items = _distinct(error.errors())
        count = len(items)
        shown = [_problem(item, text, form) for item in items[:MAX_PROBLEMS]]
        if count > MAX_PROBLEMS:
            shown.append(f"  ... and {count - MAX_PROBLEMS} more")
        found = [f"{count} value{'s' * (count > 1)} at fault", *map(one_line, shown)]
        raise CaseError(Lines("\n".join(found)), place=place) from error


def _distinct(items: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without "too short" of a list some of whose rows are at fault: pydantic counts the good rows only."""
    rows = {item["loc"][:i] for item in items for i, part in enumerate(item["loc"]) if isinstance(part, int)}
    return [item for item in items if item["type"] != "too_short" or item["loc"] not in rows]


def _problem(item: ErrorDetails, text: str, form: type[Form]) -> str:
    """One line: place, line number, found value, what was expected."""
    raw = item["loc"]
    # pydantic puts the chosen kind of a table into the path; the file has no such key
    owner = [next((p for p in reversed(raw[:i]) if not isinstance(p, int)), None) for i in range(len(raw))]
    loc = [str(p) for i, p in enumerate(raw) if isinstance(p, int) or owner[i] not in KINDS]
    row = _line_of(text, loc)
    key = _short(".".join(loc), 80) or "case"
    return f"  {key}{f' (line {row})' if row else ''}: {_short(_message(item, loc, form))}"


def _message(item: ErrorDetails, loc: list[str], form: type[Form]) -> str:
    kind, found = item["type"], _short(repr(item["input"]), 60)
    if kind == "extra_forbidden":
        return unknown_key(item["loc"], form)
    if kind == "missing":
        return "one value too few" if loc and loc[-1].isdigit() else "missing; this key has no default"
    if kind == "value_error":
        return item["msg"].removeprefix("Value error, ").replace("\n  remedy:", "; remedy:")
    if kind == "string_pattern_mismatch":
        plain = "letters, digits and _ only, a letter first, at most 40"
        controls = "text without control characters"
        return f"found {found}, expected {controls if loc in (['name'], ['mesh', 'file']) else plain}"
    if kind.startswith("union_tag"):
        owner = next((part for part in reversed(loc) if not part.isdigit()), "")
        if "tag" in item.get("ctx", {}):
            found = f'kind = "{_short(str(item["ctx"]["tag"]), 60)}"'
        return f"found {found}, expected a table with {KINDS.get(owner, 'a known kind')}"
    if kind in ("too_short", "too_long"):
        bound, key = ("at least", "min_length") if kind == "too_short" else ("at most", "max_length")
        return f"found {item['ctx']['actual_length']} of them, expected {bound} {item['ctx'][key]}"
    return f"found {found}, expected {item['msg'].removeprefix('Input should be ').removeprefix('Input should ')}"


def _line_of(text: str, loc: list[str]) -> int | None:
    """Line of the key, found by walking the file's own headings; None where it cannot be told for certain."""
    names = [p for p in loc if not p.isdigit()]
    if not text or not names:
        return None
    index: dict[tuple[str, ...], int] = {}
    path: list[str] = []
    for name, after in itertools.pairwise([*loc, ""]):
        if not name.isdigit():
            path.append(name)
            if after.isdigit():
                index[tuple(path)] = int(after)
    seen: dict[tuple[str, ...], int] = {}
    heading: list[str] = []
    for row, line in enumerate(text.splitlines(), 1):
        match = re.match(r"\s*\[\[?([\w.\-\"]+)\]\]?\s*(#.*)?$", line)
        if match:
            heading = match.group(1).replace('"', "").split(".")
            if line.lstrip().startswith("[["):
                seen[tuple(heading)] = seen.get(tuple(heading), -1) + 1
            continue
        key = re.match(r"\s*[\"']?([\w\-]+)[\"']?\s*=", line)
        above = [tuple(heading[: i + 1]) for i in range(len(heading))]
        if key and all(seen.get(h, 0) == index[h] for h in above if h in index):
            found = [*heading, key.group(1)]
            if found == names[: len(found)] and len(found) >= min(len(names), len(heading) + 1):
                return row
    return None


def case_hash(case: Case, *, version: str, files: dict[str, bytes]) -> str:
    """Hash of what decides the numbers: validated input, the files it leads to, and the solver's version.

    Parameters
    ----------
    files : dict of str -> bytes
        SHA-256 of each file (`case.paths.file_digests`).
    """
    content = json.dumps(case.model_dump(mode="json", by_alias=True), sort_keys=True)
    digest = hashlib.sha256(f"{version}\n{content}".encode())
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name])
    return digest.hexdigest()[:16]


def window_of(case: Case) -> Case:
    """The case without what heat and stress do not depend on: cracks, criteria, growth, output, what is beside it."""
    return case.model_copy(
        update={
            "cracks": (), "criteria": type(case.criteria)(), "growth": type(case.growth)(), "name": "-",
            "output": type(case.output)(), "bands": (), "variants": (),
        }
    )  # fmt: skip


def case_schema() -> dict[str, Any]:
    """JSON schema of the case form (2020-12)."""
    return Case.model_json_schema(by_alias=True, mode="validation")


def impact_schema() -> dict[str, Any]:
    """JSON schema of an impact file (2020-12)."""
    return ImpactFile.model_json_schema(by_alias=True, mode="validation")
