"""What the fork server runs: a file read by deadlight, and by a slow reader of our own where it was accepted."""

from __future__ import annotations

import contextlib
import copy
import functools
import io
import itertools
import json
import math
import os
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from deadlight import cli, cli_study, units
from deadlight.case.load import load_case, load_impact
from deadlight.chain.flaw_file import read_triangles
from deadlight.chain.run import folder_status, rewrite_report
from deadlight.chain.stages import unpack_heat
from deadlight.entry.columns import read_columns
from deadlight.errors import DeadlightError, InputError
from deadlight.material.coupon import read_coupons
from deadlight.material.custom import material_from_table
from deadlight.mesh import _child, abaqus, gmsh, guard, nastran, vtu, xdmf  # noqa: F401  (the child's, imported before)
from deadlight.mesh import read as reading
from deadlight.mesh.elements import quadrature
from deadlight.mesh.mesh import Mesh
from deadlight.mesh.raw import RawMesh
from deadlight.store.history import read_history
from deadlight.store.stage import StageStore
from deadlight.store.summary import read_summary
from deadlight.study import full_store, journal, plan, space
from deadlight.study.folder import study_status
from deadlight.study.kept import is_case
from deadlight.study.read import read_study
from deadlight.view.from_folder import window_view
from hostile import slow_decks, slow_gmsh, slow_study, slow_tables, slow_xml, studies
from hostile.plain import CORNERS, FAMILY, SOLID, Cell, Plain

SLOW = {
    ".msh": slow_gmsh.read, ".inp": slow_decks.read_abaqus, ".bdf": slow_decks.read_nastran, ".vtu": slow_xml.read_vtu,
    ".xdmf": slow_xml.read_xdmf,
}  # fmt: skip
POSED = 60
"""Rows of a study that are posed."""
UNFORESEEN = "not a readable"  # how the guarded child tells an exception that no check foresaw


def warm() -> None:
    """Everything that is imported or made at first use, so that no fork pays for it."""
    import scipy.sparse.csgraph
    import scipy.spatial
    import scipy.special  # noqa: F401

    import deadlight.chain.preview  # noqa: F401

    warnings.simplefilter("error", RuntimeWarning)  # an overflow that nobody foresaw would end on the user's terminal
    slow_tables.si("1 MPa")
    units.quantity("1 mm", "m")
    for family in ("tet", "hex", "wedge", "tri", "quad"):
        for degree in (2, 4, 5):
            quadrature(family, degree)


def _inside(seen: list[RawMesh]) -> Any:
    """What stands for `read_guarded`: the same without a process of its own, for this one is a fork with limits."""

    def read(file: Path, *, form: str, root: Path, timeout_s: float, memory_bytes: int) -> RawMesh:
        with tempfile.TemporaryDirectory() as folder:
            arguments = [str(file.resolve()), str(root.resolve()), form, folder, str(timeout_s), str(memory_bytes)]
            with contextlib.redirect_stderr(io.StringIO()) as said:
                status = _child.main(arguments)
            raw = guard._answer(status, said.getvalue(), Path(folder), path=file, form=form, memory_bytes=memory_bytes)
        seen.append(copy.deepcopy(raw))
        return raw

    return read


def command(arguments: list[str], child: bool = True) -> dict[str, Any]:
    """`deadlight ...` as a user types it: exit status, standard output and error.

    Without `child` a mesh is read in this very process, which saves the start of another.
    """
    if not child:
        reading.read_guarded = _inside([])
    out, err = os.path.join(arguments[-1], "out.txt"), os.path.join(arguments[-1], "err.txt")
    for stream, name in ((1, out), (2, err)):
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, stream)
    status: Any = None
    try:
        cli.main(arguments[:-1])
    except SystemExit as end:
        status = end.code
    os.sys.stdout.flush()
    os.sys.stderr.flush()
    return {"status": status, "out": Path(out).read_text(), "err": Path(err).read_text()}


def mesh(path: str, groups: dict[str, str], required: list[str], unit: str = "mm") -> dict[str, Any]:
    """A mesh read as `read_mesh` does, in this very process; what was accepted is held against the slow reader."""
    seen: list[RawMesh] = []
    reading.read_guarded = _inside(seen)
    try:
        made = reading.read_mesh(path, unit=unit, groups=groups, required=required)
    except InputError as error:
        return {"refused": str(error), "unforeseen": UNFORESEEN in str(error), "kind": type(error).__name__}
    slow = SLOW[Path(path).suffix](Path(path))
    return {"differences": [*_raw_differences(seen[0], slow), *_mesh_differences(made, slow, groups)][:8]}


def _canonical(raw: RawMesh) -> dict[int, Cell]:
    """Cells of the raw mesh by number, in file numbers."""
    found = {}
    for block in raw.blocks:
        numbers = raw.node_ids[block.nodes].tolist()
        for number, nodes in zip(block.ids.tolist(), numbers):
            found[number] = Cell.of(number, block.kind, nodes, "vtk")
    return found


def _raw_differences(raw: RawMesh, slow: Plain) -> list[str]:
    told = []
    nodes = dict(zip(raw.node_ids.tolist(), map(tuple, raw.points.tolist())))
    if nodes != slow.nodes:
        odd = [n for n in {*nodes, *slow.nodes} if nodes.get(n) != slow.nodes.get(n)]
        told.append(f"{len(odd)} nodes, {odd[0]}: {nodes.get(odd[0])} against {slow.nodes.get(odd[0])}")
    cells, theirs = _canonical(raw), {cell.number: cell for cell in slow.cells}
    if cells != theirs or len(slow.cells) != sum(len(b.nodes) for b in raw.blocks):
        odd = [n for n in {*cells, *theirs} if cells.get(n) != theirs.get(n)]
        told.append(f"{len(odd)} cells, {[(cells.get(n), theirs.get(n)) for n in odd[:1]]}")
    groups = {
        name: {int(raw.blocks[b].ids[c]) for b, members in parts for c in members}
        for name, parts in raw.cell_groups.items()
    }
    if groups != {name: members for name, members in slow.groups.items() if members}:
        told.append(f"groups {groups} against {slow.groups}")
    node_sets = {name: set(raw.node_ids[rows].tolist()) for name, rows in raw.node_groups.items()}
    if node_sets != slow.node_sets:
        told.append(f"node sets {node_sets} against {slow.node_sets}")
    sides = {
        name: {frozenset(row) for _, part in parts for row in raw.node_ids[part].tolist()}
        for name, parts in raw.facets.items()
    }
    if sides != slow.sides:
        told.append(f"sides {sides} against {slow.sides}")
    return told


def _mesh_differences(mesh: Mesh, slow: Plain, groups: dict[str, str]) -> list[str]:
    """Whether the final mesh has the file's solids in the regions of their groups, in metres, and the faces."""
    scale = 0.001

    def place(nodes: Any) -> frozenset[tuple[float, ...]]:
        return frozenset(tuple(v * scale for v in slow.nodes[n]) for n in nodes)

    ours: Counter[Any] = Counter()
    for block in mesh.blocks:
        corners = mesh.points[block.nodes[:, : CORNERS[block.element.family]]]
        ours.update((frozenset(map(tuple, cell)), block.region) for cell in corners.tolist())
    theirs: Counter[Any] = Counter()
    solid = [cell for cell in slow.cells if FAMILY[cell.kind] in SOLID]
    lower = {name.lower(): name for name in [*slow.groups, *slow.sides, *slow.node_sets]}

    def members(name: str) -> set[int]:
        wanted = groups.get(name, name)
        return slow.groups.get(wanted) or slow.groups.get(lower.get(wanted.lower(), ""), set())

    grouped = any(cell.number in group for group in slow.groups.values() for cell in solid)
    for cell in solid:
        regions = [r for r in mesh.regions if cell.number in members(r)] if grouped else list(mesh.regions)
        if not regions:
            regions = [r for r in mesh.regions if r in groups and groups[r].startswith("pid:")] or ["?"]
        hit = next((r for r in regions if ours[place(cell.corners), r]), regions[0])
        theirs[place(cell.corners), hit] += 1
    told = [] if ours == theirs else [f"cells in regions: {list((ours - theirs) or (theirs - ours))[:1]}"]
    by_number = {cell.number: cell for cell in slow.cells}
    for name, blocks in mesh.faces.items():
        found = {
            frozenset(map(tuple, cell))
            for b in blocks
            for cell in mesh.points[b.nodes[:, : b.element.corners]].tolist()
        }
        wanted = {place(by_number[n].corners) for n in members(name) if FAMILY[by_number[n].kind] in ("tri", "quad")}
        wanted |= {place(side) for side in slow.sides.get(groups.get(name, name), ())}
        if wanted and found != wanted:
            told.append(f"face {name}: {len(found)} sides against {len(wanted)}")
    return told


def case(path: str, control: str) -> dict[str, Any]:
    """A case file with its materials; what was accepted is held against tomllib and pint."""
    try:
        found = load_case(path)
        made = {name: material_from_table(name, table) for name, table in found.materials.items()}
    except InputError as error:
        return {"refused": str(error), "kind": type(error).__name__}
    understood = found.model_dump(by_alias=True)
    told = slow_tables.case_differences(Path(path).read_bytes(), Path(control).read_bytes(), understood)
    for name, one in made.items():
        tables = {key: (p.temperature.tolist(), p.value.tolist()) for key, p in one.properties.items()}
        told += slow_tables.property_differences(dict(found.materials[name]), tables)
    return {"differences": told[:8]}


def impact(path: str, control: str) -> dict[str, Any]:
    """An impact file, likewise."""
    try:
        found = load_impact(path)
    except InputError as error:
        return {"refused": str(error), "kind": type(error).__name__}
    understood = found.model_dump(by_alias=True)
    return {
        "differences": slow_tables.case_differences(Path(path).read_bytes(), Path(control).read_bytes(), understood)[:8]
    }


def table(path: str, columns: dict[str, list[str]]) -> dict[str, Any]:
    """Columns of a table, each asked for as [header with unit, SI unit]; held against csv and pint."""
    try:
        found = read_columns(path, columns={name: (stated, unit) for name, (stated, unit) in columns.items()})
    except InputError as error:
        return {"refused": str(error), "kind": type(error).__name__}
    slow = slow_tables.columns(Path(path), {name: stated for name, (stated, _) in columns.items()})
    told = []
    for name, values in found.items():
        ours, theirs = values.tolist(), slow[name]
        if len(ours) != len(theirs) or any(abs(a - b) > 1e-12 * max(abs(a), abs(b)) for a, b in zip(ours, theirs)):
            told.append(f"{name}: {theirs[:4]} ..., understood {ours[:4]} ...")
    return {"differences": told}


def coupons(path: str) -> dict[str, Any]:
    """A table of coupons, held against csv and pint."""
    try:
        found = read_coupons(path)
    except InputError as error:
        return {"refused": str(error), "kind": type(error).__name__}
    header = [
        line for line in Path(path).read_text("utf-8-sig").splitlines() if line.strip() and line.lstrip()[0] != "#"
    ]
    stated = {cell.partition("[")[0].strip().lower(): cell.strip() for cell in header[0].split(",")}
    slow = slow_tables.columns(Path(path), stated)
    ours = {name: found[name].tolist() for name in stated}
    close = all(abs(a - b) <= 1e-12 * abs(b) for name in stated for a, b in zip(ours[name], slow[name]))
    same = close and all(len(ours[n]) == len(slow[n]) for n in stated)
    return {"differences": [] if same else [f"{slow} understood {ours}"]}


def surface(path: str) -> dict[str, Any]:
    """Triangles of a crack surface, held against struct; corners closer than the reader welds count as one."""
    try:
        points, cells = read_triangles(Path(path), unit="mm")
    except InputError as error:
        return {"refused": str(error), "kind": type(error).__name__}
    slow = slow_tables.triangles(Path(path))
    spans = [max(v) - min(v) for v in zip(*(p for t in slow for p in t))] or [0.0]
    near = 1e-5 * (max(spans) or 1.0)
    wanted = [t for t in slow if min(_apart(t[0], t[1]), _apart(t[1], t[2]), _apart(t[2], t[0])) > near]
    ours = [tuple(tuple(1e3 * v for v in points[i].tolist()) for i in row) for row in cells.tolist()]
    told = [] if len(ours) >= len(wanted) else [f"{len(ours)} triangles of {len(wanted)}"]
    for triangle in wanted:
        hit = any(max(_apart(a, b) for a, b in zip(triangle, other)) <= near for other in ours)
        told += [] if hit else [f"{triangle} is missing"]
    return {"differences": told[:4]}


def _apart(a: Any, b: Any) -> float:
    return max(abs(x - y) for x, y in zip(a, b))


def folder(path: str, verbs: list[str], sound: dict[str, list[float | None]]) -> dict[str, Any]:
    """A stored folder through the verbs that read one; `sound` are the columns of its history before it was spoilt."""
    told = []
    for verb in verbs:
        try:
            if verb == "status":
                target = Path(path)
                cli_study.status(target) if cli_study.is_study(target) else folder_status(target)
            elif verb == "view":
                window_view(path)
            elif verb == "history":
                read_history(Path(path) / "history.parquet")
            elif verb == "report":
                rewrite_report(path)
        except DeadlightError as error:
            told.append(str(error))
    return (
        {"refused": "\n".join(told[:1]), "kind": "folder"} if told else {"differences": _stored(Path(path), sound)[:8]}
    )


def stage(path: str, nodes: int, end: float, of: str) -> dict[str, Any]:
    """A kept heat stage: taken only as a history of this mesh and time, whatever its digest says."""
    read = functools.partial(unpack_heat, nodes=nodes, end=end)
    kept = StageStore(Path(path).parent, of).load(Path(path).stem, read)
    if kept is None:
        return {"refused": "not taken\n  remedy: it is computed again", "kind": "stage"}
    time, temperature, balance = kept.time.tolist(), kept.temperature, kept.balance
    told = [] if temperature.shape == (len(time), nodes) else [f"temperatures {temperature.shape}"]
    told += [] if all(b > a for a, b in itertools.pairwise(time)) and time[0] < 1e-6 else [f"times {time}"]
    rows = (balance.content, balance.prescribed, balance.gross, *balance.loads.values())
    told += [] if {len(row) for row in rows} == {len(balance.time) - 1} else ["rows of the balance"]
    told += [] if all(math.isfinite(v) for v in [*time, *temperature.ravel().tolist()]) else ["no number"]
    return {"differences": told}


def study(path: str) -> dict[str, Any]:
    """A study posed; what was accepted is held against the rows that tomllib, csv and pint find."""
    plan.rows_of = lambda made: space.rows_of(made)[:POSED]  # as many as there are time for
    try:
        read = read_study(path)
        made = plan.plan_of(read)
    except InputError as error:
        return {"refused": str(error), "kind": type(error).__name__}
    text = Path(path).read_bytes()
    by_table = read.form.design.kind == "table"
    slow: Any = (
        slow_study.table_rows((Path(path).parent / "rows.csv").read_bytes()) if by_table else slow_study.grid_rows(text)
    )
    told = []
    posed = [p for group in made.groups for p in group.posed]
    for each in posed if slow is not None else ():
        case = each.case.model_dump(by_alias=True)
        for name, stated in slow[each.row.index % len(slow)].items():
            value = slow_tables.si(stated)[0] if by_table else stated  # of rows that are not refused
            ours = slow_study.understood(case, each.toughness, name)
            if not abs(value - ours) <= 1e-9 * max(abs(value), abs(ours)):
                told.append(f"row {each.row.index}: {name} is {value!r}, understood {ours!r}")
    states = {(each.row.base, each.row.values) for each in posed}
    if len({each.key for each in posed}) > len(states):
        told.append("more keys than rows")
    count = len(slow) * len(read.bases) if slow is not None else made.count
    if made.count != min(count, POSED):
        told.append(f"{made.count} rows of {count}")
    values = {json.dumps([c.case.model_dump(mode="json"), c.toughness, c.row.base], sort_keys=True) for c in posed}
    if len({each.key for each in posed}) < len(values) and len(read.bases) == 1:
        told.append(f"{len(values)} cases have {len({each.key for each in posed})} keys")
    return {"differences": told[:8]}


def records(path: str, tier: str, text: str) -> dict[str, Any]:
    """Records of a study's folder behind sums that hold: what is taken is what json and a slow look take."""
    place = Path(path)
    told = study_status(place)
    if tier == "quick":
        taken = journal.scan(place / "quick.journal", is_case).records
    else:
        taken = list(full_store.read_all(place / "full")[0].values())
    try:
        stated = slow_study.plain_json(text.encode("latin-1"))
    except (ValueError, RecursionError):
        stated = None
    rows = stated if tier == "quick" and isinstance(stated, list) else [stated]
    if tier == "full" and isinstance(stated, dict) and stated.get("key") != "a":
        rows = [None]  # another name than its folder's
    sound = rows if all(map(slow_study.is_record, rows)) else []
    if json.dumps(taken, sort_keys=True) != json.dumps(sound, sort_keys=True):
        return {"differences": [f"{sound} taken as {taken}"[:600]]}
    if told[tier] != len({r["key"] for r in taken}):
        return {"differences": [f"status counts {told[tier]}"]}
    return (
        {"differences": []}
        if taken or not rows
        else {"refused": f"{told['damage']}\n  remedy: run again", "kind": "folder"}
    )


def _stored(path: Path, sound: dict[str, list[float | None]]) -> list[str]:
    """Where what was taken from a folder is not what json, struct and the sound history say."""
    if not (path / "summary.json").exists():
        found = journal.scan(path / "quick.journal", is_case).records
        sound = [studies.resealed({"key": key, **studies.FAILED}) for key in "ab"]
        return [] if all(r in sound for r in found) else [f"cases {found}"]
    told = []
    for name, ours in (
        ("summary.json", read_summary(path / "summary.json").plain()),
        ("status.json", folder_status(path)),
    ):
        text = json.loads((path / name).read_bytes())
        told += [
            f"{name}: {key} {ours.get(key)!r}"
            for key, value in text.items()
            if ours.get(key) != value and key != "state"
        ]
    for name, ours in read_history(path / "history.parquet").columns.items():
        values = [None if isinstance(v, float) and v != v else v for v in ours.tolist()]
        if name in sound and values != sound[name]:
            told.append(f"history: {name} is another")
    shown = window_view(path)
    for solid in shown.solids:
        file = path / "fields" / f"run_0000_{solid.name}.vtu"
        slow = list(slow_xml.read_vtu(file).nodes.values()) if file.exists() else []
        if file.exists() and slow != [tuple(p) for p in solid.mesh.points.tolist()]:
            told.append(f"{file.name}: other points")
    return told
