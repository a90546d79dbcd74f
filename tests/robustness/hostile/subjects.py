"""Everything that is mutated: sound files of every kind, and what the fork server is asked about each mutant."""

from __future__ import annotations

import hashlib
import io
import shutil
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hostile import studies
from hostile.controls import PARTS, controls

ROOT = Path(__file__).parents[3]
EXAMPLES = ("apollo_side/case", "arc_jet/case", "own_mesh/case", "own_window/case", "shenzhou20/case",
            "shuttle_thermal_pane/case", "shenzhou20/ballistic")  # fmt: skip
MATERIALS = """schema = 1
name = "materials of the user's own"
[window]
drawing = "disc_article"
[[panes]]
name = "thermal"
role = "thermal"
material = "own"
[environment.trajectory]
kind = "table"
file = "table.csv"
columns = { time = "t [s]", altitude = "h [km]", speed = "V [km/s]", cold_wall_flux = "q [kW/m**2]" }
[environment.heating]
ratio = "1.0"
[materials.own]
family = "glass"
title = "a glass of ours"
density = "2200 kg/m**3"
youngs_modulus = [["293 K", "72 GPa"], ["900 K", "78 GPa"], ["1300 K", "80 GPa"]]
poisson = "0.17"
mean_expansion = { table = [["300 K", "0.5e-6 1/K"], ["1000 K", "0.55e-6 1/K"]], source = "sheet", status = "R" }
conductivity = [["300 K", "1.38 W/m/K"], ["700 K", "1.8 W/m/K"], ["1200 K", "2.8 W/m/K"]]
conductivity_includes_radiation_above = "700 K"
specific_heat = [["300 K", "745 J/kg/K"], ["1200 K", "1200 J/kg/K"]]
emissivity = "0.85"
toughness = { value = "0.75 MPa*m**0.5", band = ["0.7 MPa*m**0.5", "0.8 MPa*m**0.5"] }
strain_point = "1120 degC"
annealing_point = "1215 degC"
softening_point = "1665 degC"
[materials.own.strength]
modulus = "9"
scale = "90 MPa"
area = "314 mm**2"
[materials.thinner]
base = "fused_silica"
emissivity = { value = "0.8", status = "A", source = "a test" }
"""
TABLE = "t [s],h [km],V [km/s],q [kW/m**2]\n0,80,7.5,0\n10,75.0,7.4,60\n# a remark\n20,70,7.2,6e1\n30,60.5,6.8,20\n"
LAW = "K [MPa*m**0.5],T [K],humidity,v [m/s]\n" + "".join(
    f"{k},{t},{h},{v * (1 + h):.4g}\n" for k, v in ((0.3, 1e-12), (0.5, 1e-8)) for t in (250, 300) for h in (0.1, 1)
)
COUPONS = "strength [MPa],rate [MPa/s],inert,censored\n" + "".join(
    f"{(61 + i) * 10 ** (i % 3 / 20):.4g},{10 ** (i % 3)},0,0\n" for i in range(12)
)
CORNERS = [(0, 0, 11), (20, 0, 11), (20, 0, 4), (10, 0, 2), (0, 0, 4)]
FAN = [(0, 1, 2), (0, 2, 3), (0, 3, 4)]


@dataclass(frozen=True)
class Subject:
    """A sound file and how it is judged.

    Attributes
    ----------
    prepare : callable (folder, data) -> dict
        Writes the file with this content, and what belongs to it; returns the job for the fork server.
    """

    name: str
    data: bytes
    prepare: Callable[[Path, bytes], dict[str, Any]]
    toml: bool = False


def stl(binary: bool) -> bytes:
    """A crack surface of three triangles."""
    if binary:
        rows = b"".join(struct.pack("<12fH", 0, 1, 0, *(float(v) for i in tri for v in CORNERS[i]), 0) for tri in FAN)
        return b"a crack surface".ljust(80, b" ") + struct.pack("<I", len(FAN)) + rows
    facets = ""
    for tri in FAN:
        rows_ = "".join("      vertex {} {} {}\n".format(*map(float, CORNERS[i])) for i in tri)
        facets += f"  facet normal 0 1 0\n    outer loop\n{rows_}    endloop\n  endfacet\n"
    return f"solid crack\n{facets}endsolid crack\n".encode()


def subjects(store: Path) -> list[Subject]:
    """All of them; `store` is a folder for what stored results are made from."""
    made = [_mesh(control) for control in controls().values()]
    made += [
        _case(f"case-{name.replace('/', '-')}", (ROOT / f"examples/{name}.toml").read_bytes()) for name in EXAMPLES
    ]
    made.append(_case("case-materials", MATERIALS.encode()))
    made.append(_toml("impact", (ROOT / "examples/shenzhou20/impact.toml").read_bytes(), "impact"))
    units = {"time": ["t [s]", "s"], "altitude": ["h [km]", "m"], "speed": ["V [km/s]", "m/s"]}
    made.append(_plain("table", "table.csv", TABLE.encode(), do="table", columns=units))
    law = {"k": ["K [MPa*m**0.5]", "Pa*m**0.5"], "T": ["T [K]", "K"], "h": ["humidity", ""], "v": ["v [m/s]", "m/s"]}
    made.append(_plain("law", "law.csv", LAW.encode(), do="table", columns=law))
    made.append(_plain("coupons", "coupons.csv", COUPONS.encode(), do="coupons"))
    made += [_plain(f"stl-{b}", "crack.stl", stl(b == "binary"), do="surface") for b in ("text", "binary")]
    made += _stored(store)
    return made + studies.subjects(store)


def _mesh(control: Any) -> Subject:
    def prepare(folder: Path, data: bytes) -> dict[str, Any]:
        path = str(control.write(folder, data))
        return {"do": "mesh", "path": path, "groups": control.groups, "required": list(PARTS)}

    return Subject(control.name, control.data, prepare)


def _plain(name: str, file: str, content: bytes, **job: Any) -> Subject:
    def prepare(folder: Path, data: bytes) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(data)
        return {**job, "path": str(folder / file)}

    return Subject(name, content, prepare)


def _toml(name: str, content: bytes, do: str) -> Subject:
    def prepare(folder: Path, data: bytes) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "control.toml").write_bytes(content)
        (folder / "case.toml").write_bytes(data)
        (folder / "table.csv").write_text(TABLE)
        (folder / "history.csv").write_text(TABLE)
        return {"do": do, "path": str(folder / "case.toml"), "control": str(folder / "control.toml")}

    return Subject(name, content, prepare, toml=True)


def _case(name: str, content: bytes) -> Subject:
    """A case; the mesh that an example names lies elsewhere: any file stands for it, it is not read here."""
    content = content.replace(b'root = "../.."', b'root = "."').replace(b"../../meshes/", b"")
    inner = _toml(name, content, "case")

    def prepare(folder: Path, data: bytes) -> dict[str, Any]:
        job = inner.prepare(folder, data)
        (folder / "own_disc.inp").write_bytes(b"")
        return job

    return Subject(name, content, prepare, toml=True)


def _stored(store: Path) -> list[Subject]:
    """Files of a finished folder, each spoilt in turn among sound ones."""
    from deadlight.store.history import read_history
    from hostile.stored import write_store

    write_store(store)
    home, study = store / "run", store / "study"
    files = [(home, name, ["status", "view"]) for name in ("summary.json", "status.json", "run.pvd")]
    files += [(home, "history.parquet", ["history", "view"]), (home, "fields/run_0000_thermal.vtu", ["view"])]
    files += [(home, f"pictures/{name}", ["report"]) for name in ("contents.json", "a.svg")]
    files += [(study, "study.json", ["status"]), (study, "quick.journal", ["status"])]
    columns = {
        name: [None if isinstance(v, float) and v != v else v for v in values.tolist()]
        for name, values in read_history(home / "history.parquet").columns.items()
    }
    kept = (store / "begun/stages/heat.stage").read_bytes()
    job = {"do": "stage", "nodes": 4, "end": 2.0, "of": "0" * 16}
    made = [_of_folder(source, name, verbs, columns) for source, name, verbs in files]
    return [*made, _plain("store-heat.stage", "heat.stage", kept, **job), *_signed(kept, job)]


def _signed(kept: bytes, job: dict[str, Any]) -> list[Subject]:
    """A stage whose digest is made again after it was spoilt: the archive, its first array, and its facts."""

    def whole(data: bytes) -> bytes:
        return data

    def member(name: str) -> tuple[bytes, Callable[[bytes], bytes]]:
        def packed(data: bytes) -> bytes:
            made = io.BytesIO()
            with zipfile.ZipFile(io.BytesIO(kept[32:])) as source, zipfile.ZipFile(made, "w") as target:
                for each in source.namelist():
                    target.writestr(each, data if each == name else source.read(each))
            return made.getvalue()

        with zipfile.ZipFile(io.BytesIO(kept[32:])) as source:
            return source.read(name), packed

    parts = {"archive": (kept[32:], whole), "array": member("temperature.npy"), "facts": member("facts.npy")}

    def subject(name: str, content: bytes, packed: Callable[[bytes], bytes]) -> Subject:
        def prepare(folder: Path, data: bytes) -> dict[str, Any]:
            folder.mkdir(parents=True, exist_ok=True)
            body = packed(data)
            (folder / "heat.stage").write_bytes(hashlib.sha256(body).digest() + body)
            return {**job, "path": str(folder / "heat.stage")}

        return Subject(f"store-signed-{name}", content, prepare)

    return [subject(name, *part) for name, part in parts.items()]


def _of_folder(source: Path, name: str, verbs: list[str], sound: dict[str, Any]) -> Subject:
    def prepare(folder: Path, data: bytes) -> dict[str, Any]:
        target = folder / "stored"
        if not target.exists():
            shutil.copytree(source, target)
        (target / name).write_bytes(data)
        return {"do": "folder", "path": str(target), "verbs": verbs, "sound": sound}

    return Subject(f"store-{Path(name).name}", (source / name).read_bytes(), prepare)
