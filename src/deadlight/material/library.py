"""The materials that come with the program, by name."""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

import numpy as np

from deadlight.errors import MaterialError
from deadlight.material.constants import SlowGrowth, Strength, Tempering
from deadlight.material.material import QUANTITIES, Material
from deadlight.material.property import Property

FILES = ("glasses", "ceramics", "plastics", "metals", "gaskets")


@functools.cache
def _entries() -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    for file in FILES:
        text = resources.files("deadlight.material").joinpath("data", f"{file}.json").read_text(encoding="utf-8")
        entries |= json.loads(text)["materials"]
    return entries


@functools.cache
def _aliases() -> dict[str, str]:
    return {alias: name for name, entry in _entries().items() for alias in (name, *entry.get("aliases", []))}


def names() -> tuple[str, ...]:
    """Names of the materials in the library, sorted."""
    return tuple(sorted(_entries()))


def material(name: str, *, user: Mapping[str, Mapping[str, Any]] | None = None) -> Material:
    """A material by name: one the user states (`user`, the [materials] tables of a case) before the library's.

    Raises
    ------
    MaterialError
        No such material, with those that are spelt alike; or the user's table is at fault.
    """
    if user and name in user:
        from deadlight.material.custom import material_from_table

        return material_from_table(name, user[name])
    key = _aliases().get(name.strip().lower())
    if key is not None:
        return _build(key)
    known = {**_aliases(), **{text: text for text in user or ()}}
    near = difflib.get_close_matches(name.strip().lower(), known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    there = ", ".join((*(user or ()), *names()))
    remedy = f"{hint}there are: {there}; or state your own in [materials.{name}]"
    raise MaterialError(f'no material named "{name}"', place="material library", remedy=remedy)


@functools.cache
def _build(key: str) -> Material:
    entry = _entries()[key]
    if "base" in entry:
        entry = {**_entries()[entry["base"]], **entry}
    groups = {"slow_growth": SlowGrowth, "strength": Strength, "tempering": Tempering}
    return Material(
        name=key,
        family=entry["family"],
        title=entry["title"],
        properties={name: _property(key, name, row) for name, row in entry["properties"].items()},
        radiation_above=entry.get("conductivity_includes_radiation_above_K"),
        notes=tuple(entry.get("notes", [])),
        **{group: make(**_tuples(entry[group])) for group, make in groups.items() if group in entry},
    )


def _property(owner: str, name: str, row: dict[str, Any]) -> Property:
    return Property(
        name=name,
        unit=QUANTITIES[name][0],
        temperature=np.array(row["temperature_K"], dtype=float),
        value=np.array(row["value"], dtype=float),
        source=row["source"],
        status=row["status"],
        note=row.get("note", ""),
        valid=tuple(row.get("valid_K", (0.0, 0.0))),
        band=tuple(row["band"]) if "band" in row else None,
        owner=owner,
    )


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
