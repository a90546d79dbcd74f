"""A case around each control mesh, and the case of a drawn disc: what hostile files are put into."""

from __future__ import annotations

from pathlib import Path

from hostile.controls import Control
from hostile.subjects import LAW, TABLE

HEAD = """schema = 1
name = "hostile"
"""
MESH = """[[panes]]
name = "thermal"
role = "thermal"
material = "fused_silica"
[[panes]]
name = "pressure_1"
role = "pressure"
material = "aluminosilicate_tempered"
[[gaps]]
between = ["thermal", "pressure_1"]
state = "sealed"
pressure = "100 kPa"
"""
FLIGHT = """[environment.trajectory]
kind = "table"
file = "table.csv"
columns = { time = "t [s]", altitude = "h [km]", speed = "V [km/s]", cold_wall_flux = "q [kW/m**2]" }
[environment.heating]
ratio = "1.0"
"""
DISC = """[window]
drawing = "disc_article"
refine = "0.3"
[[panes]]
name = "thermal"
role = "thermal"
material = "fused_silica"
"""


def around(control: Control, unit: str = "mm") -> str:
    """The case text for a control mesh."""
    groups = "".join(f'"{ours}" = "{theirs}"\n' for ours, theirs in control.groups.items())
    mapped = f"[mesh.groups]\n{groups}" if groups else ""
    return f'{HEAD}[mesh]\nfile = "{control.file}"\nunit = "{unit}"\n{mapped}{MESH}{FLIGHT}'


def drawn(more: str = "") -> str:
    """The case text of a drawn disc, with more tables."""
    return HEAD + DISC + FLIGHT + more


def write(folder: Path, text: str | bytes, files: dict[str, bytes]) -> Path:
    """The case and the files beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in {"table.csv": TABLE.encode(), "law.csv": LAW.encode(), **files}.items():
        (folder / name).write_bytes(data)
    (folder / "case.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / "case.toml"
