"""A good verdict is given only where nothing that matters is assumed, cut short or out of range."""

import pytest

from deadlight.mesh.write import write_mesh
from support_cases import call, one_object, pane, write_case

NAMES = ("toughness", "mean_expansion", "conductivity", "specific_heat", "emissivity", "youngs_modulus")
VALUES = ("0.75 MPa*m**0.5", "0.55e-6 1/K", "1.4 W/m/K", "750 J/kg/K", "0.8", "72 GPa")
OWN = '[materials.mine]\nbase = "fused_silica"\n' + "".join(
    f'{n} = {{ value = "{v}", status = "R", source = "x", valid = ["200 K", "1500 K"] }}\n'
    for n, v in zip(NAMES, VALUES)
)
LANDED = "20,70000,7200,60000\n30,60000,6800,20000\n"
READ = (
    ('"500 MPa/m"', '"500 MPa/m"\nstatus = "read"\nsource = "x"'),
    ('"1.4", status = "assumption"', '"1.4", status = "read"'),
    ("12 mm", "2 mm"),
    ("stress_instants = 4", "stress_instants = 60"),
    ('"fused_silica"', '"mine"'),
    ("[criteria]", OWN + "[criteria]"),
)


FINE = 0.5  # at 0.2 the mesh alone makes K uncertain by more than a verdict allows


def verdict(tmp_path, capfd, *changes, table=None, refine=FINE):
    write_mesh(pane(refine), tmp_path / "pane.vtu", unit="mm")
    case = write_case(tmp_path, *READ, *changes)
    if table is not None:
        (tmp_path / "table.csv").write_text(table)
    _, out, _ = call(capfd, "run", case, "--out", tmp_path / "o", "--json", "--no-pictures")
    return one_object(out)


GROUND = """t [s],h [m],V [m/s],q [W/m**2]
0,80000,7500,0
10,60000,6000,60000
30,20000,900,2000
60,8000,200,0
120,0,10,0
"""


def test_control_everything_read_and_landed(tmp_path, capfd):
    found = verdict(tmp_path, capfd, table=GROUND)
    assert found["verdict"] == "GO_WITH_RESTRICTION", found["reasons"]


def test_history_that_ends_in_the_air_is_not_shown(tmp_path, capfd):
    assert verdict(tmp_path, capfd)["verdict"] == "NOT_SHOWN"


def test_mesh_too_coarse_for_k_is_not_shown(tmp_path, capfd):
    found = verdict(tmp_path, capfd, table=GROUND, refine=0.2)
    assert found["verdict"] == "NOT_SHOWN" and found["cracks"][0]["numerical_error"] > 0.05
    assert any("numerical error of K" in text and "mesh" in text for text in found["reasons"])


@pytest.mark.parametrize("ratio", ["15.0"])
def test_glass_past_its_strain_point_is_not_shown(tmp_path, capfd, ratio):
    found = verdict(tmp_path, capfd, ('ratio = "1.0"', f'ratio = "{ratio}"'), table=GROUND)
    assert found["verdict"] != "GO_WITH_RESTRICTION"
    assert any("strain point" in text for text in found["warnings"])
