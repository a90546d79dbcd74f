"""A two-pane window that is solved in seconds, on a return of two minutes."""

import functools
from pathlib import Path

from deadlight.case.load import load_case
from deadlight.chain.solving import Solved, solve_window

TABLE = """t [s],h [m],V [m/s],q [W/m**2]
0,90000,7500,0
20,75000,7400,150000
60,65000,7000,300000
90,50000,4000,100000
110,30000,900,5000
150,12000,250,0
"""
CASE = """schema = 1
name = "two round panes, two minutes"
[window]
refine = "0.4"
gaps = ["10 mm"]
[[window.panes]]
name = "thermal"
outline = { kind = "round", radius = "60 mm" }
thickness = "8 mm"
lip_width = "8 mm"
seat_width = "8 mm"
mesh = { layers = "4", first_layer = "0.1" }
[[window.panes]]
name = "pressure"
outline = { kind = "round", radius = "60 mm" }
thickness = "10 mm"
lip_width = "8 mm"
seat_width = "8 mm"
mesh = { layers = "6", first_layer = "0.05" }
[[panes]]
name = "thermal"
role = "thermal"
material = "fused_silica"
[[panes]]
name = "pressure"
role = "pressure"
material = "aluminosilicate_tempered"
initial_stress = { kind = "temper_profile", surface_compression = "69 MPa" }
initial_flaw = { kind = "inspection", depth = "0.1 mm", status = "assumption", source = "test" }
[[gaps]]
between = ["thermal", "pressure"]
state = "vented"
vent = { area = "20 mm**2" }
[environment.trajectory]
kind = "table"
file = "table.csv"
columns = { time = "t [s]", altitude = "h [m]", speed = "V [m/s]", cold_wall_flux = "q [W/m**2]" }
[environment.heating]
ratio = "1.0"
[solver]
heat_tolerance = "1 K"
stress_instants = 12
[loss]
instants = 8
confirmed = 3
"""


def write_loss_case(folder: Path, *changes: tuple[str, str]) -> Path:
    """The case with its table in a folder; each change is (old, new) and must hit."""
    text = CASE
    for old, new in changes:
        assert old in text, f"the test's own replacement must hit: {old}"
        text = text.replace(old, new, 1)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.csv").write_text(TABLE)
    (folder / "case.toml").write_text(text, encoding="utf-8")
    return folder / "case.toml"


@functools.cache
def solved_window(folder: Path, *changes: tuple[str, str]) -> Solved:
    """The window solved before any loss; once a session for the same changes."""
    path = write_loss_case(folder, *changes)
    return solve_window(load_case(path), root=path.parent)
