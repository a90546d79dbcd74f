"""A case small enough to run in seconds, and the command line called in the test's own process."""

import contextlib
import json

from deadlight.cli import main
from deadlight.mesh.outline import Outline
from deadlight.mesh.window import make_window
from deadlight.mesh.window_drawing import PaneDrawing, WindowDrawing
from deadlight.mesh.write import write_mesh

TABLE = """t [s],h [m],V [m/s],q [W/m**2]
0,80000,7500,0
10,75000,7400,60000
20,70000,7200,60000
30,60000,6800,20000
"""
CASE = """schema = 1
name = "one round pane, half a minute"
[mesh]
file = "pane.vtu"
unit = "mm"
[[panes]]
name = "thermal"
role = "thermal"
material = "fused_silica"
[supports.thermal]
seat_stiffness = "500 MPa/m"
[environment.trajectory]
kind = "table"
file = "table.csv"
columns = { time = "t [s]", altitude = "h [m]", speed = "V [m/s]", cold_wall_flux = "q [W/m**2]" }
[environment.heating]
ratio = "1.0"
[[cracks]]
name = "C1"
pane = "thermal"
kind = "through"
two_c = "12 mm"
place = { azimuth = "30 deg", inside_lip = "5 mm" }
[criteria]
K_Ic_factor = { value = "1.4", status = "assumption", source = "test" }
[solver]
heat_tolerance = "20 K"
stress_instants = 4
bands = false
[output]
fields = 1
"""


def pane(refine=0.2):
    """One round pane, 200 mm across and 10 mm thick, without a retainer."""
    drawn = PaneDrawing(
        name="thermal", role="thermal", outline=Outline.round(0.1), thickness=0.01, lip_width=0.015, seat_width=0.012
    )
    return make_window(WindowDrawing(name="one", panes=(drawn,), gaps=()), refine=refine)


def write_case(folder, *changes, mesh="pane.vtu"):
    """The case with its mesh and table in a folder; each change is (old, new) and must hit."""
    folder.mkdir(parents=True, exist_ok=True)
    text = CASE.replace("pane.vtu", mesh)
    for old, new in changes:
        assert old in text, f"the test's own replacement must hit: {old}"
        text = text.replace(old, new, 1)
    (folder / "table.csv").write_text(TABLE)
    if not (folder / mesh).exists():
        write_mesh(pane(), folder / mesh, unit="mm")
    (folder / "case.toml").write_text(text, encoding="utf-8")
    return folder / "case.toml"


def call(capfd, *arguments):
    """Exit status, standard output and standard error of `deadlight ...`."""
    capfd.readouterr()
    status = None
    with contextlib.suppress(SystemExit):
        try:
            main([str(a) for a in arguments])
        except SystemExit as end:
            status = end.code
            raise
    told = capfd.readouterr()
    return status, told.out, told.err


def one_object(text):
    """The one JSON object that standard output is."""
    value = json.loads(text)
    assert isinstance(value, dict)
    return value
