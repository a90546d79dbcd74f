"""What the user must know about a heat run: input that makes no sense (errors), results on thin ice (warnings)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.heat.boundary import Boundary, Prescribed, Radiation, Source
from deadlight.heat.load import BoundLoad, BoundPair
from deadlight.heat.pair import Contact, Gap, Pair
from deadlight.heat.system import HeatSystem
from deadlight.heat.tables import HeatMaterial
from deadlight.mesh.mesh import Mesh
from deadlight.remark import Remark, remark, unique

Array = np.ndarray[Any, np.dtype[np.float64]]

TRANSPARENT_ABOVE = (
    700.0  # K: 16 % of a black body's power lies below 3.5 micron, where silica is clear; 38 % at 1000 K
)
SLACK = 0.5  # K: a consistent capacity undershoots by less ahead of a steep front
UNPAIRED = 0.02  # area fraction of a gap's face without a partner that is worth a word


def check_run(
    mesh: Mesh,
    boundaries: Sequence[Boundary],
    pairs: Sequence[Pair],
    start: Array,
    span: tuple[float, float],
    tolerance: float,
    fixed_step: float | None,
) -> None:
    """Raise InputError for times, temperatures or names that make no sense (MeshError: no such face or region)."""
    if not (np.isfinite(span).all() and span[1] > span[0]):
        raise InputError(f"time span {span}", place="heat", remedy="the end must come after the beginning")
    if not tolerance > 0.0:
        raise InputError(f"tolerance {tolerance} K", place="heat", remedy="a positive temperature, for example 0.1 K")
    if fixed_step is not None and not fixed_step > 0.0:
        raise InputError(f"fixed step {fixed_step} s", place="heat", remedy="a positive time")
    if not np.isfinite(start).all():
        node = int(np.argmax(~np.isfinite(start)))
        raise InputError(
            f"initial temperature {start[node]} at node {node}", place="heat", remedy="a finite temperature"
        )
    for b in boundaries:
        if isinstance(b, Source):
            mesh.region_blocks(b.region)
        else:
            mesh.face(b.face)
    for p in pairs:
        mesh.face(p.face_a)
        mesh.face(p.face_b)
    if start.min() <= 0.0 and (
        any(isinstance(b, Radiation) for b in boundaries) or any(isinstance(p, Gap) for p in pairs)
    ):
        raise InputError(
            f"initial temperature {start.min():g} K with radiation", place="heat", remedy="state temperatures in kelvin"
        )
    fixed = [b.face for b in boundaries if isinstance(b, Prescribed)]
    both = [p for p in pairs if isinstance(p, Contact) and (p.face_a in fixed or p.face_b in fixed)]
    if both and not any(f not in fixed for p in both for f in (p.face_a, p.face_b)):
        raise InputError("a contact between two prescribed faces", place="heat", remedy="remove it: it has no effect")


def cautions(
    mesh: Mesh, materials: Mapping[str, HeatMaterial], system: HeatSystem, lowest: Array, highest: Array
) -> tuple[Remark, ...]:
    """Warnings of a finished run from the extremes (n,) [K] every node went through."""
    found = [*_tables(mesh, materials, lowest, highest), *_doubled(system, materials)]
    for load in system.loads:
        if isinstance(load, BoundPair):
            found += _pair(load, materials, highest)
        elif isinstance(load.boundary, Radiation):
            found += _emissivity(load, lowest, highest)
    return unique(found)


def _tables(mesh: Mesh, materials: Mapping[str, HeatMaterial], lowest: Array, highest: Array) -> list[Remark]:
    found = []
    for region in mesh.regions:
        nodes = mesh.region_nodes(region)
        low, high = float(lowest[nodes].min()) + SLACK, float(highest[nodes].max()) - SLACK
        for name in ("conductivity", "specific_heat"):
            text = out_of_range(getattr(materials[region], name), low, high, f"{region}: {name}")
            if text:
                found.append(text)
    return found


def out_of_range(table: Any, low: float, high: float, name: str) -> Remark | None:
    """A warning where temperatures low..high [K] leave a table."""
    if hasattr(table, "out_of_range"):
        text = table.out_of_range(low, high)
        return remark(text).of(name) if text else None
    knots = np.asarray(table.temperature)
    if len(knots) < 2 or (low >= knots[0] and high <= knots[-1]):
        return None
    return Remark(
        f"{name} used from {low:.0f} K to {high:.0f} K, its table runs from {knots[0]:.0f} K to {knots[-1]:.0f} K: "
        "held at the end value",
        alarm=True,
    )


def _emissivity(load: BoundLoad, lowest: Array, highest: Array) -> list[str]:
    table = load.boundary.emissivity  # type: ignore[union-attr]
    if not hasattr(table, "temperature"):
        return []
    nodes = np.unique(load.operator.indices)
    text = out_of_range(table, float(lowest[nodes].min()), float(highest[nodes].max()), f"{load.place}: emissivity")
    return [text] if text else []


def _pair(load: BoundPair, materials: Mapping[str, HeatMaterial], highest: Array) -> list[str]:
    found = []
    fraction = load.pairing.unpaired_fraction
    if fraction > UNPAIRED:
        what = (
            "sees its surroundings instead"
            if getattr(load.pair, "unpaired_sky", None) is not None
            else "is adiabatic there"
        )
        found.append(
            f"{load.name}: {100 * fraction:.1f} % of {load.pair.face_a} has no partner within {load.pair.reach:g} m "
            f"and {what}"
        )
    if isinstance(load.pair, Gap):
        for face, matrix in ((load.pair.face_a, load.pairing.a), (load.pair.face_b, load.pairing.b)):
            # only glass is seen through; a metal partner absorbs what reaches it
            if matrix.nnz and all(_is_glass(materials, f) for f in (load.pair.face_a, load.pair.face_b)):
                peak = float(highest[np.unique(matrix.indices)].max())
                if peak > TRANSPARENT_ABOVE:
                    text = (
                        f"NOT_SHOWN next pane of {face}: it reaches {peak:.0f} K; above {TRANSPARENT_ABOVE:.0f} K "
                        "glass sends part of its radiation through the next pane; here its face absorbs all"
                    )
                    found.append(Remark(text, alarm=True))
    return found


def _is_glass(materials: Mapping[str, HeatMaterial], face: str) -> bool:
    material = materials.get(face.split(".")[0])
    return getattr(material, "family", "glass") in ("glass", "ceramic")


def _doubled(system: HeatSystem, materials: Mapping[str, HeatMaterial]) -> list[str]:
    sources = [x for x in system.loads if isinstance(x, BoundLoad) and isinstance(x.boundary, Source)]
    return [
        f"{x.place}: heat is released in depth while the conductivity already contains internal radiation: if the "
        "source is radiation it is counted twice; use the lattice conductivity"
        for x in sources
        if getattr(materials[x.place], "conductivity_includes_radiation", False)
    ]
