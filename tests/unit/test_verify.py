"""The verification room: reference numbers, closed forms, lines, the table and the command."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from deadlight.cli import app
from deadlight.errors import InputError, NotSolved
from deadlight.verify import closed_forms as exact
from deadlight.verify import run
from deadlight.verify.case import FAMILIES, JUDGES, Case, Effort, Found, line, reference
from deadlight.verify.fronts import LoadCases, along, uniaxial
from deadlight.verify.page import BEGIN, END, rewritten, section
from deadlight.verify.run import Verification, all_cases, chosen, run_case, verify
from deadlight.verify.table import text
from deadlight.verify.thermal import quenched_stress


@pytest.mark.parametrize("family", FAMILIES)
def test_every_reference_says_where_it_comes_from(family):
    for name, entry in reference(family).items():
        assert entry["judge"] in JUDGES, name
        assert len(entry["source"]) > 5 and len(entry["known"]) > 5, name
        assert all(np.all(np.array(t) > 0) for t in entry["tolerance"].values()), name


def test_every_case_of_the_data_is_run_once():
    names = [case.name for case in all_cases()]
    assert len(set(names)) == len(names)
    assert set(names) == {name for family in FAMILIES for name in reference(family)}


@pytest.mark.reference("Electricite de France 2010, code_aster V6.04.159, SSLV154, SSLV134, V7.01.311")
def test_closed_forms_against_printed_numbers():
    """code_aster V6.04.159 and SSLV154: 0.252, 0.297, 0.208 MPa m^0.5; SSLV134 D: G = 7.356 J/m2; V7.01.311: 161.2 kPa
    m^0.5; the ellipse is a table that other code computed."""
    phi = np.radians([0.0, 90.0])
    two, three = exact.ellipse_shear(phi, 5e5, 0.0, 0.2, 0.2, 0.3)
    assert exact.penny_tension(5e5, 0.2) == pytest.approx(0.252e6, abs=500)
    assert (two[0], three[1]) == pytest.approx((0.297e6, 0.208e6), abs=500)
    torsion = exact.penny_torsion(1e6, 2.0)
    assert torsion**2 * 1.3 / 2e11 == pytest.approx(7.356, abs=1e-3)
    assert exact.penny_cooled(2e11, 1e-6, 0.3, 1.0, 1.0) == pytest.approx(161.2e3, rel=1e-3)
    phi = np.radians([0, 30, 60, 90])
    one = exact.ellipse_tension(phi, 5e5, 0.002, 0.001)
    two, three = exact.ellipse_shear(phi, 5e5, 0.0, 0.002, 0.001, 0.22)
    assert one == pytest.approx([16363.1, 18820.2, 21970.3, 23140.9], rel=1e-5)
    assert two == pytest.approx([19543.9, 14715.7, 7277.96, 0.0], rel=1e-5, abs=1e-6)
    assert three == pytest.approx([0.0, 13253.9, 19665.0, 21558.6], rel=1e-5, abs=1e-6)


def test_shear_of_an_ellipse_goes_over_into_that_of_a_circle():
    phi = np.linspace(0, np.pi, 7)
    circle, nearly = (exact.ellipse_shear(phi, 1.0, 0.4, 1.0, b, 0.3) for b in (1.0, 1 - 1e-5))
    assert np.abs(np.array(circle) - np.array(nearly)).max() < 1e-4


def test_opening_of_a_partly_closed_penny_closes_smoothly_and_obeys_superposition():
    c = exact.penny_partly_closed(1.0, 3.0)
    assert c == pytest.approx(np.sqrt(0.5))
    assert exact.penny_partly_closed(1.0, 1.0) == 1.0  # nothing closes
    r = np.array([0.0, 0.9 * c, c, 0.9])
    opening = exact.penny_partly_closed_opening(r, 1.0, 1.0, 3.0, 1.0, 0.0)
    assert opening[0] == pytest.approx(16 / (3 * np.pi) * c)
    assert (opening[2:] == 0).all()


def test_quenched_plate_carries_no_force_and_no_moment():
    given = reference("thermal")["edge_shock_plate"]["given"]
    stress = quenched_stress(0.05, given)
    s, w = np.polynomial.legendre.leggauss(60)
    z = 0.5 * given["width"] * (1 + s)
    assert abs(stress(z) @ w) < 1e-9 * np.abs(stress(z)).max()
    assert abs((stress(z) * s) @ w) < 1e-9 * np.abs(stress(z)).max()


@pytest.mark.parametrize("turned", [False, True])
def test_values_along_a_front(turned):
    phi = np.linspace(-np.pi, np.pi, 40, endpoint=False)
    wanted = np.radians([-179.0, 0.0, 33.0, 179.0])
    order = phi[::-1] if turned else phi
    assert along(order, np.cos(order)[None], wanted, closed=True)[0] == pytest.approx(np.cos(wanted), abs=1e-3)
    half = np.linspace(0.0, np.pi, 17)
    half = half[::-1] if turned else half
    inside = np.array([0.3, 1.0, 3.0])
    assert along(half, np.sin(half), inside, closed=False) == pytest.approx(np.sin(inside), abs=2e-3)


def test_loads_one_at_a_time():
    loads = LoadCases([uniaxial(2.0, np.array([0.0, 0.6, 0.8])), lambda x: np.ones((len(x), 6))])
    modes = loads.sample_modes(np.zeros((3, 3)))
    assert modes.shape == (2, 3, 6)
    assert modes[0, 0] == pytest.approx([0, 0.72, 1.28, 0.96, 0, 0])
    assert (loads.amplitudes == np.eye(2)).all()


def case_of(run_, judge="exact", name="made_up"):
    return Case(name, "a case", "embedded", judge, "nobody", "made up", run_)


def found(error, estimate=0.02):
    return Found((line("K_I", [0.0, 90.0], np.array([1.0, 1.0 + error]), 1.0, tolerance=0.01, estimate=estimate),), 12)


def test_worst_place_is_named_and_a_miss_is_no_pass():
    good, bad = (run_case(case_of(lambda _, e=e: found(e)), Effort()) for e in (0.005, -0.015))
    assert good.passed and not bad.passed
    table = text(Verification((good, bad), Effort()))
    assert "-1.50 % (90 deg)" in table and "MISS" in table
    assert "1 of 2 cases with a reference pass" in table
    assert "at 100.0 % of 2 points" in table


def test_fits_judge_nothing_but_are_flagged():
    off = run_case(case_of(lambda _: found(0.1), judge="fit"), Effort())
    result = Verification((off,), Effort())
    assert result.passed
    assert "OUT OF BAND" in text(result)


def test_a_number_that_is_none_is_a_miss():
    assert not run_case(case_of(lambda _: found(np.nan)), Effort()).passed


def test_a_case_without_an_answer_is_an_outcome():
    def fails(_):
        raise NotSolved("no way")

    outcome = run_case(case_of(fails), Effort())
    assert outcome.failure == "no way" and not outcome.passed
    assert "NOT SOLVED" in text(Verification((outcome,), Effort()))


def test_estimates_count_exact_cases_only():
    parts = [run_case(case_of(lambda _: found(0.005, 0.001), judge=j), Effort()) for j in ("exact", "computed", "fit")]
    share, ratio, count = Verification(tuple(parts), Effort()).bracketed()
    assert (share, count) == (0.0, 1)
    assert ratio == pytest.approx(0.2)


def test_unknown_case_is_refused_with_the_names():
    with pytest.raises(InputError, match="no_such"):
        chosen(["no_such"], quick=False)


def test_quick_run_is_a_part_of_the_whole():
    quick = {c.name for c in chosen([], quick=True)}
    assert quick < {c.name for c in all_cases()}
    assert {"penny_tension", "halfspace_semicircle", "reciprocity"} <= quick


def test_command_prints_the_table_and_json():
    answer = CliRunner().invoke(app, ["verify", "--case", "reciprocity"])
    assert answer.exit_code == 0, answer.output
    assert "b1.D2 = b2.D1" in answer.output
    answer = CliRunner().invoke(app, ["verify", "--case", "reciprocity", "--json"])
    told = json.loads(answer.stdout)
    assert told["passed"] and told["cases"][0]["lines"][0]["passed"]


def test_command_fails_where_a_case_does(monkeypatch):
    monkeypatch.setattr(run, "all_cases", lambda: (case_of(lambda _: found(0.1)),))
    assert CliRunner().invoke(app, ["verify"]).exit_code == NotSolved.exit_status
    assert not verify().passed


def test_table_of_the_page_is_replaced_and_nothing_else():
    good, lost = (
        run_case(case_of(lambda _: found(0.005)), Effort()),
        run_case(case_of(lambda _: found(np.nan)), Effort()),
    )
    told = section(Verification((good, lost), Effort()), date="2026-01-02", version="1.0")
    page = rewritten(f"before\n{BEGIN}\nold\n{END}\nafter\n", told)
    assert page.startswith("before\n") and page.endswith("\nafter\n") and "old" not in page
    assert "0.50 % (K_I at 90 deg) | 1.00 % | pass |" in page and "MISS" in page
    assert "2026-01-02" in page
    for wrong in ("no marks", f"{END}\n{BEGIN}", f"{BEGIN}{BEGIN}{END}"):
        with pytest.raises(InputError, match="no place"):
            rewritten(wrong, told)


def test_command_writes_the_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n{BEGIN}\n{END}\n")
    answer = CliRunner().invoke(app, ["verify", "--case", "penny_life", "--write", str(page)])
    assert answer.exit_code == 0, answer.output
    assert re.search(r"Run on 20\d\d-\d\d-\d\d", page.read_text()) and "`penny_life`" in page.read_text()
    answer = CliRunner().invoke(app, ["verify", "--case", "penny_life", "--write", str(tmp_path / "none.md")])
    assert answer.exit_code != 0


def test_accuracy_page_shows_every_case_with_date_and_source():
    text = (Path(__file__).resolve().parents[2] / "docs" / "accuracy.md").read_text()
    table = text[text.index(BEGIN) : text.index(END)]
    assert re.search(r"Run on 20\d\d-\d\d-\d\d", table), "run: deadlight verify --write docs/accuracy.md"
    rows = [
        [c.strip() for c in line.split(" | ")] for line in table.splitlines() if line.startswith("| ") and "`" in line
    ]
    assert [row[1].split("`")[1] for row in rows] == [case.name for case in all_cases()]
    assert all(len(row[3]) > 5 for row in rows)
    assert not [row for row in rows if "MISS" in row[-1]]
