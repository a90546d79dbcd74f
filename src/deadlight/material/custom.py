"""A material that the user states: text with units in, checked against what its family can physically be."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from deadlight import units
from deadlight.errors import InputError, MaterialError
from deadlight.material.constants import SlowGrowth, Strength, Tempering
from deadlight.material.library import material
from deadlight.material.material import FAMILIES, QUANTITIES, Material
from deadlight.material.property import REFERENCE, STATUS, Property

# What no member of a family is: a value outside is a wrong unit or a slip.  Order of `FAMILIES`.
_LIMITS: dict[str, tuple[tuple[float, float], ...]] = {
    "density": ((1900, 8000), (1500, 12000), (800, 2500), (1500, 22700), (50, 4000)),
    "youngs_modulus": ((2e10, 2e11), (5e10, 7e11), (1e8, 1e10), (1e10, 5e11), (1e4, 1e10)),
    "poisson": ((0.05, 0.35), (0.05, 0.4), (0.2, 0.5), (0.2, 0.45), (0.0, 0.49999)),
    "mean_expansion": ((-1e-6, 2e-5), (-1e-6, 2e-5), (1e-5, 3e-4), (-1e-6, 4e-5), (-1e-6, 1e-3)),
    "conductivity": ((0.3, 50), (0.5, 500), (0.05, 1), (2, 450), (0.005, 20)),
    "specific_heat": ((100, 2500), (100, 2500), (500, 4000), (80, 2500), (200, 4000)),
    "emissivity": ((0.01, 1.0),) * 5,
    "toughness": ((3e5, 2e6), (5e5, 2e7), (3e5, 1e7), (3e6, 3e8), (1e3, 1e8)),
    "contact_conductance": ((0.1, 1e5),) * 5,
}
_LIMITS["conductivity_lattice"] = _LIMITS["conductivity"]
_LIMITS["threshold"] = tuple((0.0, hi) for _, hi in _LIMITS["toughness"])
_TEMPERATURE_LIMITS = (100.0, 3500.0)
_ROW_TEMPERATURES = (1.0, 4000.0)  # K: of the rows of a table; a slip of degC for K shows where it falls below
_GROUP_LIMITS: dict[str, tuple[float, float]] = {
    "ln_v0": (-1e3, 1e3),
    "activation_energy": (1e3, 5e6),
    "b": (1e-3, 10.0),  # n = b K_Ic/(R T) of 1 to 1000 at room temperature; glasses have 0.1 to 0.25
    "humidity_exponent": (0.0, 5.0),  # the order of the reaction with water; 0.5 to 2 are reported
    "n": (1.0, 1e3),
    "modulus": (0.5, 500.0),
    "scale": (1e5, 5e10),
    "area": (1e-10, 10.0),
    "surface_compression": (1e5, 2e9),
}
_ABOVE_NEEDS_STATEMENT = 700.0  # K: from here on the conductivity of clear glass may contain internal radiation

_GROUPS: dict[str, tuple[type, dict[str, str]]] = {
    "slow_growth": (
        SlowGrowth,
        {
            "ln_v0": "",
            "activation_energy": "J/mol",
            "b": "m**2.5/mol",
            "n": "",
            "humidity_exponent": "",
            "least_humidity": "",
        },
    ),
    "strength": (Strength, {"modulus": "", "scale": "Pa", "area": "m**2"}),
    "tempering": (Tempering, {"surface_compression": "Pa"}),
}
_OPTIONAL = ("n", "humidity_exponent", "least_humidity")
_MAY_BE_ZERO = ("humidity_exponent", "least_humidity")
_OTHER = ("base", "family", "title", "notes", "expansion_reference", "conductivity_includes_radiation_above", "scale")


def material_from_table(name: str, table: Mapping[str, Any], *, place: str = "") -> Material:
    """A material from a case file's [materials.<name>] table or the same as a dict.

    Parameters
    ----------
    name : str
    table : mapping
        `base` (a library material whose values stand where none is given) or `family`; then any of `QUANTITIES` as
        text ("1.38 W/m/K"), as rows [["300 K", "1.38 W/m/K"], ...], or as a table with `value` or `table`, `source`,
        `status`, `note`, `valid` (two temperatures), `band` (two values).  `mean_expansion` counts from
        `expansion_reference` (273.15 K if not said).  A glass whose conductivity goes above 700 K must say
        `conductivity_includes_radiation_above`: a temperature, or "never".
        Groups: `slow_growth`, `strength`, `tempering`.
        `scale`: factors on whole tables, { emissivity = "0.9" }; alone, under a name of the library, it is that
        material's.
    place : str
        Where the table stands, for messages.

    Raises
    ------
    MaterialError
        Unknown key, missing family, wrong unit, rows out of order, or a value no member of the family has.
    """
    place = place or f"materials.{name}"
    try:
        return _read(name, table, place)
    except InputError as error:
        if isinstance(error, MaterialError):
            raise
        raise MaterialError(error.found, place=error.place, remedy=error.remedy) from error


def _read(name: str, table: Mapping[str, Any], place: str) -> Material:
    known = (*_OTHER, *QUANTITIES, *_GROUPS)
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=2)
            hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}"
            raise MaterialError(f'unknown key "{key}"', place=place, remedy=hint)
    for key in ("base", "family", "title"):
        if not isinstance(table.get(key, ""), str):
            raise MaterialError(f"found {key} = {table[key]!r}", place=place, remedy=f'{key} = "a text"')
    notes = table.get("notes", [])
    if not isinstance(notes, list | tuple) or not all(isinstance(note, str) for note in notes):
        raise MaterialError(f"found notes = {notes!r}", place=place, remedy='notes = ["one text", "another"]')
    base = material(table.get("base", name)) if "base" in table or set(table) == {"scale"} else None
    family = table.get("family", base.family if base else None)
    if family not in FAMILIES:
        found = f'family "{family}"' if family else "neither family nor base is given"
        raise MaterialError(found, place=place, remedy=f"family is one of {', '.join(FAMILIES)}")
    stated = {key: _property(name, key, table[key], family, f"{place}.{key}") for key in QUANTITIES if key in table}
    if not stated and base is None:
        raise MaterialError("no property is given", place=place, remedy=f"any of {', '.join(QUANTITIES)}")
    start = base.expansion_reference if base and "mean_expansion" not in stated else REFERENCE
    if "expansion_reference" in table:
        start = _temperature(table["expansion_reference"], f"{place}.expansion_reference", _TEMPERATURE_LIMITS)
    inherited = {key: replace(p, owner=name) for key, p in base.properties.items()} if base else {}
    built = Material(
        name=name,
        family=family,
        title=str(table.get("title", base.title if base else name)),
        properties=_scaled({**inherited, **stated}, table.get("scale", {}), family, f"{place}.scale"),
        radiation_above=_radiation(table, stated, base, family, place),
        expansion_reference=start,
        notes=tuple(notes) or (base.notes if base else ()),
        **{group: _group(group, table, place) or (getattr(base, group) if base else None) for group in _GROUPS},
    )
    _check_order(built, place)
    return built


def _scaled(properties: dict[str, Property], scale: Any, family: str, place: str) -> dict[str, Property]:
    """The tables with factors on their values and bands."""
    if not isinstance(scale, Mapping):
        raise MaterialError(
            f"found {scale!r}, expected a table", place=place, remedy='for example { emissivity = "0.9" }'
        )
    found = dict(properties)
    for key, text in scale.items():
        if key not in properties:
            remedy = f"known are {', '.join(properties)}"
            raise MaterialError(f'no property "{key}" to scale', place=place, remedy=remedy)
        factor = units.quantity(text, "", place=f"{place}.{key}")
        if not 0.1 <= factor <= 10.0:
            raise MaterialError(f'found "{text}"', place=f"{place}.{key}", remedy="a factor between 0.1 and 10")
        p = properties[key]
        _check_limits(key, family, factor * p.value, f"{place}.{key}")
        band = None if p.band is None else (factor * p.band[0], factor * p.band[1])
        found[key] = replace(p, value=factor * p.value, band=band, note=f"{p.note}; times {factor:g}".lstrip("; "))
    return found


def _property(owner: str, key: str, given: Any, family: str, place: str) -> Property:
    unit = QUANTITIES[key][0]
    row = (
        dict(given) if isinstance(given, Mapping) else {"table" if isinstance(given, list | tuple) else "value": given}
    )
    allowed = ("value", "table", "source", "status", "note", "valid", "band")
    if unknown := [k for k in row if k not in allowed]:
        raise MaterialError(f'unknown key "{unknown[0]}"', place=place, remedy=f"known are {', '.join(allowed)}")
    if ("value" in row) == ("table" in row):
        raise MaterialError("needs a value or a table, one of them", place=place, remedy=f'"{units.example(unit)}"')
    if "value" in row:
        T, v = [293.15], [units.quantity(row["value"], unit, place=place)]
    else:
        T, v = _rows(row["table"], unit, place)
    _check_limits(key, family, np.array(v), place)
    pairs: dict[str, Any] = {
        k: _pair(row[k], "K" if k == "valid" else unit, f"{place}.{k}") for k in ("valid", "band") if k in row
    }
    if "band" in pairs:
        _check_limits(key, family, np.array(pairs["band"]), f"{place}.band")
        if not pairs["band"][0] <= v[0] <= pairs["band"][1]:
            found = f"{row['band']!r} does not hold the value of {v[0]:.6g} {unit}".rstrip()
            raise MaterialError(found, place=f"{place}.band", remedy="a band round the (first) value")
    if "valid" in pairs and not 0.0 <= pairs["valid"][0] < pairs["valid"][1] <= _ROW_TEMPERATURES[1]:
        remedy = f"between 0 and {_ROW_TEMPERATURES[1]:g} K; is the unit right?"
        raise MaterialError(f"found {row['valid']!r}", place=f"{place}.valid", remedy=remedy)
    return Property(
        name=key,
        unit=unit,
        temperature=np.array(T),
        value=np.array(v),
        source=str(row.get("source", "stated by the user")),
        status=str(row.get("status", "U")),
        note=str(row.get("note", "")),
        owner=owner,
        **pairs,
    )


def _rows(table: Any, unit: str, place: str) -> tuple[list[float], list[float]]:
    T, v = [], []
    if not isinstance(table, list | tuple):
        remedy = f'[["300 K", "{units.example(unit)}"], ...]'
        raise MaterialError(f"found {table!r}, expected rows", place=place, remedy=remedy)
    for number, row in enumerate(table, start=1):
        if not isinstance(row, list | tuple) or len(row) != 2:
            remedy = f'["300 K", "{units.example(unit)}"]'
            raise MaterialError(
                f"row {number} is {row!r}, expected a temperature and a value", place=place, remedy=remedy
            )
        T.append(_temperature(row[0], f"{place}, row {number}", _ROW_TEMPERATURES))
        v.append(units.quantity(row[1], unit, place=f"{place}, row {number}"))
    return T, v


def _temperature(text: Any, place: str, limits: tuple[float, float]) -> float:
    value = units.quantity(text, "K", place=place)
    if not limits[0] <= value <= limits[1]:
        remedy = f"between {limits[0]:g} and {limits[1]:g} K; is the unit right?"
        raise MaterialError(f'found "{text}", which is {value:.6g} K', place=place, remedy=remedy)
    return value


def _pair(given: Any, unit: str, place: str) -> tuple[float, float]:
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise MaterialError(
            f"found {given!r}, expected two values", place=place, remedy="the lower, then the upper one"
        )
    lo, hi = (units.quantity(text, unit, place=place) for text in given)
    if not lo < hi:
        raise MaterialError(
            f"found {given!r}: not in rising order", place=place, remedy="the lower, then the upper one"
        )
    return lo, hi


def _check_limits(key: str, family: str, value: np.ndarray, place: str) -> None:
    unit = QUANTITIES[key][0]
    lo, hi = _TEMPERATURE_LIMITS if unit == "K" else _LIMITS[key][FAMILIES.index(family)]
    bad = ~((value >= lo) & (value <= hi))
    if bad.any():
        raise MaterialError(
            f"{value[bad][0]:.6g} {unit}: no {family} has that {QUANTITIES[key][1]}".replace(" : ", ": "),
            place=place,
            remedy=f"between {lo:g} and {hi:g} {unit}; is the unit right?".replace(" ;", ";"),
        )


def _check_order(m: Material, place: str) -> None:
    points = [(n, m.number(n)) for n in ("strain_point", "annealing_point", "softening_point") if n in m.properties]
    for (low, a), (high, b) in itertools.pairwise(points):
        if a >= b:
            raise MaterialError(
                f"{low} {a:.0f} K is not below {high} {b:.0f} K", place=place, remedy="check the points"
            )
    if {"threshold", "toughness"} <= set(m.properties) and m.threshold >= m.toughness.value.min():
        raise MaterialError("the threshold is not below the toughness", place=place, remedy="check both")


def _radiation(
    table: Mapping[str, Any], stated: Mapping[str, Property], base: Material | None, family: str, place: str
) -> float | None:
    key = "conductivity_includes_radiation_above"
    if key in table:
        return None if table[key] == "never" else _temperature(table[key], f"{place}.{key}", _TEMPERATURE_LIMITS)
    if "conductivity" not in stated:
        return base.radiation_above if base else None
    top = float(stated["conductivity"].temperature[-1])
    if family == "glass" and top > _ABOVE_NEEDS_STATEMENT:
        raise MaterialError(
            f"the conductivity goes up to {top:.0f} K: does it contain internal radiation?",
            place=f"{place}.conductivity",
            remedy=f'{key} = "700 K" if measured on a thick clear sample, "never" for the lattice part alone',
        )
    return None


def _group(group: str, table: Mapping[str, Any], place: str) -> Any:
    if group not in table:
        return None
    make, fields = _GROUPS[group]
    given, place = table[group], f"{place}.{group}"
    if not isinstance(given, Mapping):
        raise MaterialError(f"found {given!r}, expected a table", place=place, remedy=f"with {', '.join(fields)}")
    texts = {"source": str(given.get("source", "stated by the user")), "status": str(given.get("status", "U"))}
    if texts["status"] not in STATUS:
        remedy = f"one of {', '.join(STATUS)}"
        raise MaterialError(f'status "{texts["status"]}"', place=f"{place}.status", remedy=remedy)
    values: dict[str, Any] = {}
    for field, unit in fields.items():
        if field in given:
            values[field] = units.quantity(given[field], unit, place=f"{place}.{field}")
        elif field not in _OPTIONAL:
            raise MaterialError(f"{field} is missing", place=place, remedy=f'for example "{units.example(unit)}"')
    if unknown := [k for k in given if k not in (*fields, "source", "status", "note")]:
        raise MaterialError(f'unknown key "{unknown[0]}"', place=place, remedy=f"known are {', '.join(fields)}")
    if any(v < 0 or (v == 0 and k not in _MAY_BE_ZERO) for k, v in values.items() if k != "ln_v0"):
        raise MaterialError(f"found {values}: every value but ln_v0 is positive", place=place, remedy="check the signs")
    for key, (low, high) in _GROUP_LIMITS.items():
        if key in values and not low <= values[key] <= high:
            remedy = f"between {low:g} and {high:g} {fields[key]}".rstrip() + "; is the unit right?"
            raise MaterialError(f'found "{given[key]}"', place=f"{place}.{key}", remedy=remedy)
    if not 0.0 <= values.get("least_humidity", 0.0) <= 1.0:
        remedy = "0: no growth in vacuum; 1: as in water"
        raise MaterialError("least_humidity is not within 0..1", place=place, remedy=remedy)
    if "humidity_exponent" in values:
        values |= {"humidity_source": texts["source"], "humidity_status": "R"}
    if "least_humidity" in values:
        values |= {"vacuum_source": texts["source"], "vacuum_status": "R"}
    if group == "tempering":
        values["band"] = (values["surface_compression"],) * 2
    return make(**values, **texts, note=str(given.get("note", "")))
