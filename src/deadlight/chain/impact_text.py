"""How the answer to an impact file is told: text for a reader, plain data, crack tables, whole cases."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from deadlight import __version__
from deadlight.case.load import load_case, parse_case
from deadlight.case.paths import named_files
from deadlight.chain.marked import ImpactAnswer
from deadlight.errors import InputError
from deadlight.impact.seeds import CrackSet
from deadlight.remark import pack
from deadlight.store.atomic import write_bytes

_HEADING = re.compile(r"\s*\[\[?\s*([\w.\-\"]+)\s*\]\]?\s*(#.*)?$")


def describe(found: ImpactAnswer) -> dict[str, Any]:
    """Plain data; SI, crack tables as text with units."""
    told: dict[str, Any] = {"name": found.stated.name}
    if found.damage is not None:
        told["damage"] = found.damage.describe()
    if found.supposed is not None:
        told["supposed_particle_diameter_m"] = list(found.supposed)
    if found.reading is not None:
        told["share_cut"] = found.reading.share_cut
        told["sets"] = [
            {
                "name": each.name,
                "weight": each.weight,
                "cracks": list(tables),
                "rests_on": [list(seed.rests_on) for seed in each.seeds],
                "cut": [{"area_m2": p.area, "centroid_m": list(p.centroid), "at_rim": p.at_rim} for p in each.cut],
                "remarks": [{"text": t, "alarm": a} for t, a in pack(each.remarks)],
            }
            for each, tables in zip(found.reading.sets, found.tables, strict=True)
        ]
    told["assumptions"] = [vars(a) for a in found.assumptions]
    told["remarks"] = [{"text": t, "alarm": a} for t, a in pack(found.remarks)]
    return told


def text(found: ImpactAnswer) -> str:
    """For a reader."""
    lines = [found.stated.name, ""]
    if found.supposed is not None:
        low, high = (1e3 * d for d in found.supposed)
        lines.append(f"particle read off the spall: {low:.3g} to {high:.3g} mm by the relation's scatter; its middle:")
    if found.damage is not None:
        lines += [found.damage.text(), ""]
    if found.reading is not None:
        lines += _sets(found)
    lines.append("rests on (R read, M from memory, D derived, A assumed):")
    lines += [f"  {a.status} {a.key}: {a.value}; {a.source}" for a in found.assumptions]
    lines += [f"{'ALARM' if r.alarm else 'remark'}: {r}" for r in found.remarks]
    return "\n".join(lines).rstrip()


def _sets(found: ImpactAnswer) -> list[str]:
    assert found.reading is not None
    lines = [f"{'set':<16}{'weight':>8}  cracks"]
    for each, tables in zip(found.reading.sets, found.tables, strict=True):
        shown = "; ".join(_short(table) for table in tables) or "none"
        lines.append(f"{each.name:<16}{each.weight:>8.4f}  {shown}")
        lines += [f"{'':<26}{'ALARM' if r.alarm else 'remark'}: {r}" for r in each.remarks]
    return [*lines, ""]


def _short(table: dict[str, Any]) -> str:
    if "line" in table:
        return "through, " + " - ".join(f"({x.removesuffix(' mm')}, {y})" for x, y in table["line"])
    sizes = table.get("radial", table)
    shown = ", ".join(f"{key} {sizes[key]}" for key in ("a", "c", "depth") if key in sizes)
    return f"{table['kind']} from the {table['place']['face']} face, {shown}"


def crack_file(found: ImpactAnswer) -> str:
    """The sets as TOML; the tables under `sets.cracks` are those of a case's [[cracks]].

    Raises
    ------
    InputError
        The impact file states no mark.
    """
    if found.reading is None:
        raise InputError(
            "there is no [mark] to make crack tables of", place=found.stated.name, remedy="state one, or leave --out"
        )
    lines = [
        _comment(f"Cracks consistent with the mark of {found.stated.name}; deadlight {__version__} impact"),
        "# Weights add up to 1; the bound (weight 0) has every quantity at its unfavourable two-sigma end.",
        *(_comment(f"rests on {a.status} {a.key}: {a.value}; {a.source}") for a in found.assumptions),
        *(_comment(f"{'ALARM' if r.alarm else 'remark'}: {r}") for r in found.remarks),
        "schema = 1",
    ]
    for each, tables in zip(found.reading.sets, found.tables, strict=True):
        lines += ["", "[[sets]]", f"name = {_value(each.name)}", f"weight = {_value(f'{each.weight:.10g}')}"]
        lines.append(f"cut = {_value([f'{1e6 * p.area:.6g} mm**2' for p in each.cut])}")
        lines.append(f"remarks = {_value([str(r) for r in each.remarks])}")
        lines += [line for table in tables for line in _table("[[sets.cracks]]", table)]
    return "\n".join(lines) + "\n"


def _comment(words: str) -> str:
    """One line of comment, whatever the words hold."""
    return "# " + "".join(c if c.isprintable() else " " for c in words)


def _table(heading: str, table: dict[str, Any]) -> list[str]:
    return [heading, *(f"{key} = {_value(value)}" for key, value in table.items())]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def write_cracks(found: ImpactAnswer, path: Path) -> None:
    """Writes the crack tables."""
    write_bytes(path, crack_file(found).encode())


def write_cases(found: ImpactAnswer, base: Path, folder: Path) -> list[Path]:
    """One case file for every set that has cracks: the base case with its cracks replaced.

    Files that the base names count from its folder, so the cases go into that folder or the base names none.

    Raises
    ------
    InputError
        The base is no case, has no such pane, or names files that the cases would not find.
    """
    case = load_case(base)
    if found.reading is None:
        raise InputError("there is no [mark] to make cases of", place=found.stated.name, remedy="state one")
    if found.stated.pane.name not in [p.name for p in case.panes]:
        raise InputError(
            f'the case has no pane "{found.stated.pane.name}"', place=str(base), remedy="name the pane as the case does"
        )
    plain = _without_cracks(base.read_text(encoding="utf-8-sig"))
    if named_files(case, base.parent) and folder.resolve() != base.parent.resolve():
        raise InputError(
            "the case names files, which count from its own folder", place=str(base), remedy=f"--cases {base.parent}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for each, tables in zip(found.reading.sets, found.tables, strict=True):
        if not tables:
            continue
        cracks = [line for table in tables for line in _table("[[cracks]]", table)]
        whole = "\n".join([plain.rstrip(), "", *_heading(each), *cracks, ""])
        path = folder / f"{base.stem}_{each.name}.toml"
        parse_case(tomllib.loads(whole), place=str(path), text=whole)
        write_bytes(path, whole.encode())
        load_case(path)
        written.append(path)
    return written


def _heading(each: CrackSet) -> list[str]:
    return [f"# set {each.name}, weight {each.weight:.6g}", *(_comment(r) for r in each.remarks)]


def _without_cracks(whole: str) -> str:
    """A case's text without its [[cracks]] and what belongs to them."""
    kept, inside = [], False
    for line in whole.split("\n"):
        if found := _HEADING.match(line):
            inside = found[1].replace('"', "").split(".")[0] == "cracks"
        if not inside:
            kept.append(line)
    return "\n".join(kept)
