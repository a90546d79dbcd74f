"""A whole run judged by the crack operator, what it leaves in its folder, and the deck that is made of it."""

import csv
import json
import pickle

import numpy as np
import pytest

from deadlight.case.load import load_case
from deadlight.chain.export_deck import export_folder
from deadlight.chain.run import run_case, run_case_file
from deadlight.errors import CaseError, InputError
from deadlight.store.history import read_history
from support_cases import call, one_object, write_case

SMALL = ('kind = "through"\ntwo_c = "12 mm"\n', 'kind = "surface"\na = "0.3 mm"\nc = "0.3 mm"\n')
RESIDUAL = (
    "[criteria]",
    'residual = { kind = "impact", pressure = ["0 MPa", "20 MPa"] }\n[growth]\ntier = "full"\n[criteria]',
)
SECOND = (
    "[criteria]",
    '[[cracks]]\nname = "Bowl"\npane = "thermal"\nkind = "spall"\na = "0.3 mm"\nc = "0.3 mm"\ndepth = "0.2 mm"\n'
    'dish = "0.1 mm"\nplace = { radius = "20 mm" }\n[criteria]',
)
COARSE = ("[solver]", '[solver]\ncrack_refine = "0.6"')


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Case file, folder and summary of a finished run with two cracks."""
    home = tmp_path_factory.mktemp("full")
    case = write_case(home / "case", SMALL, RESIDUAL, SECOND, COARSE)
    return case, home / "out", run_case_file(case, home / "out", pictures=False)


def test_summary_is_filled_from_the_operator(done):
    _, _, summary = done
    crack, bowl = summary["cracks"]
    assert crack["case_type"] == "surface" and bowl["case_type"] == "embedded"
    # 2/pi times 1.0 (deepest) to 1.2 (face) times 20 MPa (pi a)^0.5 over 0.75 MPa m^0.5, and the flight's own stress
    assert 0.52 < crack["K_over_KIc_max"] < 0.85
    assert crack["state"] == "dormant" and crack["end_reason"].startswith("no_growth: K stays below")
    assert 1e-3 < crack["numerical_error"] < 0.06
    assert (crack["a_m"], crack["two_c_m"]) == pytest.approx((0.3e-3, 0.6e-3))
    assert summary["margins"][0]["criterion"] == "K/K_Ic of C1 (crack operator)"
    assumed = {a["key"]: a["value"] for a in summary["assumptions"]}
    assert "impact residual 20 MPa" in assumed["cracks.C1.residual"]
    assert "patch" in assumed["operator.C1.skin"] and "operator.criterion" in assumed
    assert not [w for w in summary["warnings"] if "written as null" in w]
    assert any("quick tier" in w and "residual" in w for w in summary["warnings"])


def test_growth_is_told_by_the_name_of_its_crack(tmp_path):
    """40 MPa in a bowl that takes 20: it runs, and events, state and reasons call it by its name in the case."""
    pushed = RESIDUAL[1].replace("20 MPa", "40 MPa").replace('"full"', '"full"\ngeometries = 2')
    case = write_case(tmp_path / "case", SMALL, ("[criteria]", pushed), COARSE)
    summary = run_case_file(case, tmp_path / "out", pictures=False)
    told = [e for e in summary["events"] if e["what"].startswith("C1: ")]
    assert any(e["what"].startswith("C1: K reaches K_Ic") and e["causes"] for e in told)
    crack = summary["cracks"][0]
    assert crack["time_s"] == told[-1]["time_s"] and crack["state"] != "dormant"
    assert "crack C1 in pane" not in crack["end_reason"]


@pytest.mark.parametrize("tier", ["full", "quick"])
def test_a_result_with_growth_goes_to_another_process(tmp_path, tier):
    """Bands are asked in processes of their own, which are sent the coarse model's result."""
    law = f'[growth]\ntier = "{tier}"\nlaw = "power"\nn = "18"\nv_c = "1 mm/s"\ngeometries = 2\n[criteria]'
    changes = [("[criteria]", law), COARSE, *([SMALL] if tier == "full" else [])]
    result = run_case(load_case(write_case(tmp_path, *changes)), root=tmp_path)
    assert result.growths, "without a record of growth nothing is tried"
    again = pickle.loads(pickle.dumps(result))
    assert again.cracks[0].judged.ratio_max == result.cracks[0].judged.ratio_max


def test_history_has_every_front_point_of_both_tiers(done):
    _, out, summary = done
    rows = read_history(out / "history.parquet").of("C1")
    full, quick = rows["tier"] == "full", rows["tier"] == "quick"
    points = np.unique(rows["front_position"][full])
    assert points[0] == 0.0 and points[-1] == pytest.approx(1.0) and len(points) > 10
    assert full.sum() == len(points) * len(np.unique(rows["time_s"]))
    for name in (
        "K_I",
        "K_II",
        "K_III",
        "K_eff",
        "K_open",
        "K_Ic",
        "K_error",
        "T_K",
        "x_m",
        "y_m",
        "z_m",
        "closed_area",
    ):
        assert np.isfinite(rows[name][full]).all(), name
    assert np.nanmax(rows["K_eff"][full] / rows["K_Ic"][full]) == pytest.approx(summary["cracks"][0]["K_over_KIc_max"])
    assert np.all(rows["crack_pressure"][full] == 20e6)
    assert np.isnan(rows["K_seed"][full]).all() and np.isfinite(rows["K_seed"][quick]).all()
    assert not np.any(read_history(out / "history.parquet").of("Bowl")["tier"] == "quick")


def test_folder_has_crack_face_and_pictures(done):
    _, out, _ = done
    face = next((out / "fields").glob("*crack_C1.vtu")).read_bytes()
    assert b"opening [um]" in face
    titles = {p["title"] for p in json.loads((out / "pictures/contents.json").read_text())["pictures"]}
    assert {"K along the front of C1", "K of C1 over time", "K along the front of Bowl"} <= titles
    report = (out / "report.html").read_text()
    assert "Crack operator" in report and "unknowns" in report


def test_check_says_the_same_place(done, capfd):
    case, _, _ = done
    status, stdout, _ = call(capfd, "check", case)
    assert status == 0 and "crack Bowl: spall in thermal" in stdout and "meets no face" in stdout
    status, stdout, _ = call(capfd, "check", case, "--json")
    assert "inside the lip" in one_object(stdout)["laid"]["C1"][0]


@pytest.mark.parametrize(
    ("crack", "instant", "words"),
    [
        (None, "worst", ["2 cracks", "C1, Bowl"]),
        ("C9", "worst", ["C9", "C1, Bowl"]),
        ("C1", "soon", ["soon", "seconds"]),
        ("C1", "1e6", ["1e+06 s", "0 to"]),
        ("Bowl", "worst", ["not flat", "spall"]),
    ],
)
def test_export_refuses_what_it_cannot_write(done, tmp_path, crack, instant, words):
    _, out, _ = done
    with pytest.raises(InputError) as error:
        export_folder(out, tmp_path / "deck", crack=crack, instant=instant)
    assert all(word in str(error.value) for word in words), str(error.value)
    assert not (tmp_path / "deck").exists()


def test_export_refuses_a_folder_that_is_not_finished_or_not_of_this_case(done, tmp_path):
    case, out, _ = done
    with pytest.raises(CaseError, match="holds no run"):
        export_folder(tmp_path, tmp_path / "deck")
    text = case.read_text()
    try:
        case.write_text(text.replace('a = "0.3 mm"', 'a = "0.31 mm"', 1))
        with pytest.raises(CaseError, match="another one than when the run was made"):
            export_folder(out, tmp_path / "deck", crack="C1")
    finally:
        case.write_text(text)


@pytest.mark.slow
def test_deck_gives_the_governing_k(done, tmp_path, capfd):
    """Our own finite elements on the deck's mesh, 2 % (they and CalculiX solve the same deck)."""
    _, out, summary = done
    status, stdout, stderr = call(
        capfd, "export", out, "--crack", "C1", "--instant", "worst", "--out", tmp_path / "deck", "--json"
    )
    assert status == 0, stderr
    assert {p.rsplit("/", 1)[-1] for p in one_object(stdout)["files"]} >= {"crack.inp", "through_thickness.csv"}
    with open(tmp_path / "deck/k_own.csv") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    column = next(name for name in rows[0] if name.lower().startswith(("k1", "k_i", "ki")))
    scale = 1e6 if "MPa" in column else 1.0
    k = np.array([float(row[column]) for row in rows]) * scale
    middle = len(k) // 2
    rows = read_history(out / "history.parquet").of("C1")
    now = (rows["tier"] == "full") & (rows["time_s"] == summary["cracks"][0]["time_of_max_s"])
    deepest = np.argmin(rows["z_m"][now])
    assert k[middle] == pytest.approx(rows["K_open"][now][deepest], rel=0.02)
    assert "crack operator" in (tmp_path / "deck/README.txt").read_text()
