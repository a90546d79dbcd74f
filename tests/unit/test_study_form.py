"""STUDY.toml: what it takes, what it says to mistakes, and the rows it makes."""

import re
import tomllib

import numpy as np
import pytest
from scipy import stats

from deadlight.case.change import changed
from deadlight.case.load import parse_case
from deadlight.case.model import Case
from deadlight.errors import CaseError, InputError
from deadlight.study.apply import _Light
from deadlight.study.form import LIGHT, Range, split
from deadlight.study.plan import plan_of
from deadlight.study.read import read_study
from deadlight.study.space import quantile, rows_of
from support_cases import TABLE
from support_study import write_study


def study(folder, *changes):
    return read_study(write_study(folder, *changes))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('low = "3 mm"', 'low = "3 mm", mean = "4 mm"', "mean does nothing with kind = 'uniform'"),
        ('low = "3 mm", ', "", "uniform needs low"),
        ('low = "3 mm"', "low = 3", "low"),
        ('low = "3 mm"', 'low = "3 K"', "is not in K, as the others are"),
        ('low = "3 mm"', 'low = "30 mm"', "is not below high"),
        ('kind = "uniform"', 'kind = "unifrm"', "expected 'uniform'"),
        ("seed = 7", "", "seed: missing"),
        ("samples = 12", "sample = 12", "did you mean samples?"),
        ("[design]", '[design]\nkind = "grid"', "samples does nothing"),
        ('name = "cracks.C1.place.azimuth"', 'name = "cracks.C1.two_c"', "used twice"),
        ('cases = ["case.toml"]', 'cases = ["cases.toml"]', "cannot read the case file"),
        ('cases = ["case.toml"]', 'cases = ["../case.toml"]', "outside"),
        ('cases = ["case.toml"]', 'cases = ["/etc/case.toml"]', "outside"),
        ("[design]", '[design]\nkind = "table"', 'kind = "table" and file'),
    ],
)
def test_a_mistake_is_answered_with_its_place(tmp_path, old, new, told):
    with pytest.raises(CaseError, match=r"study\.toml|cases\.toml") as error:
        study(tmp_path, (old, new))
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("cracks.C9.two_c", "there are C1"),
        ("cracks.C1.twoc", "did you mean two_c?"),
        ("cracks.C1.place", "for example cracks.C1.place.azimuth"),
        ("toughness.outer", "toughness.thermal"),
        ("environment.heating.rato", "did you mean ratio"),
        ("cracks.C1.tilt", "quantity in rad"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_before_anything_is_solved(tmp_path, name, told):
    with pytest.raises(CaseError) as error:
        plan_of(study(tmp_path, ('name = "cracks.C1.two_c"', f'name = "{name}"')))
    assert told in str(error.value)


def test_one_row_at_fault_is_a_failed_case_and_no_end(tmp_path):
    made = plan_of(study(tmp_path, ('low = "0 mm", high = "60 mm"', 'low = "0 mm", high = "20 m"')))
    assert 0 < len(made.refused) < 12
    assert made.count == 12
    assert "at most 10 m" in made.refused[0]["reason"]


def test_number_and_unit():
    assert split(" 1.5e-3 mm ") == (1.5e-3, "mm")
    assert split("0.3") == (0.3, "")
    assert split("20 degC") == (pytest.approx(293.15), "K")
    with pytest.raises(ValueError, match="text with a unit"):
        split("twelve mm")


@pytest.mark.parametrize(("low", "high"), [("0 K", "5 K"), ("216.1 K", "400 K"), ("200 K", "200.01 K")])
def test_a_distribution_that_its_limits_leave_next_to_nothing_of_is_refused(low, high):
    spread = Range(kind="normal", mean="200 K", deviation="5 K", low=low, high=high)
    with pytest.raises(CaseError, match=r"of the normal distribution lies between.*less than 0\.001"):
        quantile(spread, np.array([0.5]))


def test_a_distribution_whose_values_overflow_is_refused():
    spread = Range(kind="lognormal", median="3 mm", deviation="1000")
    with pytest.raises(CaseError, match="deviation 1000 has values that are no number"):
        quantile(spread, np.array([0.1, 0.9]))


@pytest.mark.parametrize(
    ("spread", "law"),
    [
        ({"kind": "uniform", "low": "2 mm", "high": "0.006 m"}, stats.uniform(2, 4)),
        ({"kind": "log_uniform", "low": "1 mm", "high": "100 mm"}, stats.loguniform(1, 100)),
        (
            {"kind": "normal", "mean": "1", "deviation": "0.2", "low": "0.8", "high": "1.4"},
            stats.truncnorm(-1, 2, 1, 0.2),
        ),
        ({"kind": "lognormal", "median": "3 mm", "deviation": "0.5"}, stats.lognorm(s=0.5, scale=3)),
    ],
)
def test_a_range_is_its_distribution(spread, law):
    share = np.linspace(0.01, 0.99, 41)
    assert quantile(Range(**spread), share) == pytest.approx(law.ppf(share), rel=1e-10)


def test_a_table_has_its_values_by_their_weights():
    spread = Range(kind="table", values=("1 mm", "2 mm", "5 mm"), weights=("1", "0", "3"))
    found = quantile(spread, (np.arange(1000) + 0.5) / 1000)
    assert sorted(set(found)) == [1.0, 5.0]
    assert (found == 5.0).mean() == pytest.approx(0.75)


@pytest.mark.parametrize("kind", ["latin_hypercube", "sobol"])
def test_designs_are_the_same_for_the_same_seed_and_fill_their_ranges(tmp_path, kind):
    changes = ("[design]", f'[design]\nkind = "{kind}"'), ("samples = 12", "samples = 64")
    rows = rows_of(study(tmp_path, *changes))
    assert rows == rows_of(study(tmp_path, *changes))
    assert rows != rows_of(study(tmp_path, *changes, ("seed = 7", "seed = 8")))
    sizes = [split(dict(row.values)["cracks.C1.two_c"])[0] for row in rows]
    counted = np.histogram(sizes, bins=16, range=(3.0, 20.0))[0]
    assert counted.min() >= 3 and counted.max() <= 5  # 64 in 16 bins: four each


def test_a_grid_has_every_combination(tmp_path):
    rows = rows_of(study(tmp_path, ("samples = 12", 'kind = "grid"')))
    assert len(rows) == len({row.values for row in rows}) == 3**4
    assert {dict(row.values)["cracks.C1.two_c"] for row in rows} == {"3 mm", "11.5 mm", "20 mm"}


def test_windows_are_few_and_dealt_out_evenly(tmp_path):
    ratio = (
        '[[parameters]]\nname = "environment.heating.ratio"\nspread = { kind = "uniform", low = "0.5", high = "1.5" }\n'
    )
    made = plan_of(study(tmp_path, ("[design]", f"{ratio}[design]\nwindows = 3")))
    assert sorted(len(g.posed) for g in made.groups) == [4, 4, 4]
    assert len({g.key for g in made.groups}) == 3
    assert len({g.case.environment.heating.ratio.value for g in made.groups}) == 3


def test_a_table_of_the_user(tmp_path):
    text = "cracks.C1.two_c [mm],toughness.thermal\n5,0.9\n6,\n"
    (tmp_path / "rows.csv").write_text(text)
    path = write_study(tmp_path)
    path.write_text(
        'schema = 1\nname = "t"\ncases = ["case.toml"]\nseed = 1\n[design]\nkind = "table"\nfile = "rows.csv"\n'
    )
    rows = rows_of(read_study(path))
    assert [row.values for row in rows] == [
        (("cracks.C1.two_c", "5 mm"), ("toughness.thermal", "0.9")),
        (("cracks.C1.two_c", "6 mm"),),
    ]
    (tmp_path / "rows.csv").write_text(text + "7,a,b\n")
    with pytest.raises(InputError, match="line 4"):
        rows_of(read_study(path))


def test_the_hash_of_a_case_is_that_of_its_content(tmp_path):
    one = plan_of(study(tmp_path)).groups[0].posed
    two = plan_of(study(tmp_path, ("samples = 12", "samples = 12\n[full]\nnearest = 3"))).groups[0].posed
    assert [p.key for p in one] == [p.key for p in two]
    assert len({p.key for p in one}) == 12


VARIED = {
    "window": ("window.refine", "0.3", "0.4"),
    "panes": ("panes.thermal.initial_temperature", "290 K", "300 K"),
    "gaps": ("gaps.0.pressure", "100 kPa", "90 kPa"),
    "supports": ("supports.thermal.seat_stiffness", "500 MPa/m", "600 MPa/m"),
    "environment": ("environment.heating.ratio", "0.5", "1.0"),
    "cracks": ("cracks.C1.two_c", "5 mm", "6 mm"),
    "materials": ("materials.own.density", "2200 kg/m**3", "2300 kg/m**3"),
    "growth": ("growth.n", "12", "16"),
    "retention": ("retention.glass_friction", "0.1", "0.2"),
    "hold": ("hold.0.duration", "100 h", "200 h"),
    "loss": ("loss.cavity_factor", "1.5", "1.8"),
    "criteria": ("criteria.K_Ic_factor", "1.2", "1.3"),
    "solver": ("solver.heat_tolerance", "1 K", "2 K"),
    "toughness": ("toughness.thermal", "0.9", "1.1"),
}
"""For every table of a case a number of it that a study may vary; and the factor on K_Ic."""
NOT_VARIED = {"schema_", "name", "mesh", "output", "bands", "variants"}

WHOLE = """schema = 1
name = "every table of a case"
[window]
drawing = "apollo_like"
refine = "0.3"
[[panes]]
name = "thermal"
role = "thermal"
material = "own"
[[panes]]
name = "pressure_1"
role = "pressure"
material = "aluminosilicate_tempered"
[[panes]]
name = "pressure_2"
role = "pressure"
material = "aluminosilicate_tempered"
[[gaps]]
between = ["thermal", "pressure_1"]
state = "sealed"
pressure = "100 kPa"
[[gaps]]
between = ["pressure_1", "pressure_2"]
state = "sealed"
pressure = "52 kPa"
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
[materials.own]
base = "fused_silica"
[growth]
law = "power"
n = "18"
v_c = "1 m/s"
[[hold]]
duration = "10 h"
"""


def case_study(folder, names, values, *cases):
    """A study of cases, each a file's text by its name, by a table of values without a design of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "table.csv").write_text(TABLE)
    for name, text in cases:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "rows.csv").write_text(",".join(names) + "\n" + "".join(",".join(row) + "\n" for row in values))
    listed = ", ".join(f'"{name}"' for name, _ in cases)
    (folder / "study.toml").write_text(
        f'schema = 1\nname = "t"\ncases = [{listed}]\nseed = 1\n[design]\nkind = "table"\nfile = "rows.csv"\n'
    )
    return read_study(folder / "study.toml")


def test_every_table_of_a_case_is_known_to_a_study_as_varied_or_not():
    assert set(VARIED) - {"toughness"} | NOT_VARIED == set(Case.model_fields)
    assert set(LIGHT) == set(_Light.model_fields)


@pytest.mark.parametrize("table", VARIED)
def test_whatever_a_study_varies_its_cases_differ_and_have_keys_of_their_own(tmp_path, table):
    """Two rows that state different numbers are never answered as one."""
    name, *values = VARIED[table]
    unit = values[0].partition(" ")[2]
    head = f"{name} [{unit}]" if unit else name
    made = plan_of(case_study(tmp_path, [head], [[v.partition(" ")[0]] for v in values], ("case.toml", WHOLE)))
    one, two = sorted((p for g in made.groups for p in g.posed), key=lambda p: p.row.index)
    assert not made.refused
    assert one.key != two.key
    assert (one.case, one.toughness) != (two.case, two.toughness)
    if table != "toughness":  # as a case file with that number would be read
        stated = [changed(made.groups[0].base.data, {name: text}) for text in values]
        assert [one.case, two.case] == [parse_case(each) for each in stated]
    shared = table not in ("cracks", "criteria", "growth", "toughness")
    assert len({g.key for g in made.groups}) == (2 if shared else 1), "heat and stress are solved once where they can"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('two_c = "12 mm"', 'two_c = "30 mm"'),
        ('n = "18"', 'n = "40"'),
        ("[growth]", '[criteria]\nK_Ic_factor = "2"\n[growth]'),
    ],
)
def test_cases_that_share_a_window_keep_what_each_of_them_states(tmp_path, old, new):
    assert old in WHOLE
    files = (("one.toml", WHOLE), ("two.toml", WHOLE.replace(old, new)))
    made = plan_of(case_study(tmp_path, ["toughness.thermal"], [["0.9"]], *files))
    assert len({g.key for g in made.groups}) == 1
    assert len({g.own_key for g in made.groups}) == 2, "places of a map are kept by this"
    posed = {p.row.base: p for g in made.groups for p in g.posed}
    for i, (_, text) in enumerate(files):
        assert posed[i].case == parse_case(tomllib.loads(text))
    assert posed[0].key != posed[1].key


def test_a_crack_of_the_same_file_name_in_another_folder_is_another_crack(tmp_path):
    crack = '[[cracks]]\nname = "C2"\npane = "thermal"\nkind = "file"\nfile = "c.stl"\nunit = "mm"\n'
    text = WHOLE.replace("[growth]", f'{crack}[growth]\ntier = "full"')
    for name, data in (("a", b"one"), ("b", b"other")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "c.stl").write_bytes(data)
        (tmp_path / name / "table.csv").write_text(TABLE)
    made = plan_of(case_study(tmp_path, ["toughness.thermal"], [["0.9"]], ("a/one.toml", text), ("b/two.toml", text)))
    assert len({g.key for g in made.groups}) == 1
    assert len({p.key for g in made.groups for p in g.posed}) == 2
    assert {g.base.root.name for g in made.groups} == {"a", "b"}


@pytest.mark.parametrize("name", ["output.fields", "bands.0.low", "variants.0.set"])
def test_what_changes_no_number_is_not_varied(tmp_path, name):
    with pytest.raises(CaseError, match="does nothing in a study"):
        plan_of(case_study(tmp_path, [name], [["1"], ["2"]], ("case.toml", WHOLE)))


@pytest.mark.parametrize("deviation", ["5 degC", "5 °C", "9 degF"])
def test_a_temperature_is_no_deviation_of_one(deviation):
    """5 degC is 278 K: a difference of temperatures is stated in K."""
    limits = {"low": "-50 degC", "high": "90 degC"}
    with pytest.raises(ValueError, match=r"not a difference of two; write it in K"):
        Range(kind="normal", mean="20 degC", deviation=deviation, **limits)
    spread = Range(kind="normal", mean="20 degC", deviation="5 K", **limits)
    assert spread.number("deviation") == 5.0
    assert quantile(spread, stats.norm.cdf([-1.0, 0.0, 1.0])) == pytest.approx([288.15, 293.15, 298.15], abs=1e-6)


def test_a_deviation_in_the_unit_of_its_mean_is_a_difference():
    spread = Range(kind="normal", mean="2 mm", deviation="100 um", low="1 mm", high="3 mm")
    assert spread.number("deviation") == pytest.approx(0.1)
    same = Range(kind="normal", mean="70 degF", deviation="9 degF", low="0 degF", high="140 degF")
    assert same.number("deviation") == 9.0


def test_weights_have_a_finite_sum():
    with pytest.raises(ValueError, match="finite sum"):
        Range(kind="table", values=("1 mm", "2 mm"), weights=("1e308", "1e308"))


@pytest.mark.parametrize("text", ["1e999 mm", "\u0661\u0662 mm"])
def test_a_number_is_finite_and_in_plain_digits(text):
    with pytest.raises(ValueError, match=r"text with a unit|not finite"):
        split(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cracks.C1.two_c [mm],cracks.C1.two_c [cm]\n5,0.6\n", "two columns state cracks.C1.two_c"),
        ("cracks.C1.two_c [mm],cracks.C1.two_c [mm]\n5,6\n", "two columns"),
        ("cracks.0.two_c [mm],cracks.C1.two_c [mm]\n5,6\n", "is the same value as cracks.0.two_c"),
        (
            "criteria.K_Ic_factor.value,criteria.K_Ic_factor\n1.2,1.3\n",
            "is the same value as criteria.K_Ic_factor.value",
        ),
        ("cracks.C1.two_c [mm]\n12 percent\n", "line 2.*12 percent.*heading states mm"),
        ("cracks.C1.two_c [mm]\n12 cm\n", "line 2.*12 cm"),
        ("cracks.C1.two_c [mm]\n5\n\n\n1_0\n", "line 5.*1_0"),
        ('cracks.C1.two_c [mm],toughness.thermal\n5,"1\n6,1\n7,1\n', "line 2.*row of a table"),
        ("cracks.C1.two_c [mm],toughness.thermal\n5\n", "line 2.*1 values"),
        ("cracks.C1.two_c [mm]\n", "1 lines"),
        ("cracks.C1.two_c [mm]\nnan\n", "line 2.*nan"),
    ],
)
def test_a_table_that_could_be_read_two_ways_is_refused(tmp_path, text, told):
    case_study(tmp_path, [], [], ("case.toml", WHOLE))
    (tmp_path / "rows.csv").write_text(text)
    with pytest.raises(InputError) as error:
        plan_of(read_study(tmp_path / "study.toml"))
    assert re.search(told, str(error.value).replace("\n", " ")), str(error.value)
    assert "rows.csv" in str(error.value) or "no row makes a case" in str(error.value)


def test_a_cell_may_state_its_unit_where_its_heading_has_none(tmp_path):
    made = case_study(tmp_path, ["cracks.C1.two_c"], [["5 mm"], ["0.6 cm"]], ("case.toml", WHOLE))
    assert [p.case.cracks[0].two_c for g in plan_of(made).groups for p in g.posed] == pytest.approx([0.005, 0.006])


def test_a_link_out_of_the_folder_is_no_case_of_a_study(tmp_path):
    case_study(tmp_path / "st", ["toughness.thermal"], [["1"]], ("case.toml", WHOLE))
    (tmp_path / "st/case.toml").rename(tmp_path / "case.toml")
    (tmp_path / "st/case.toml").symlink_to(tmp_path / "case.toml")
    with pytest.raises(CaseError, match=r"lies outside[^\n]*\n  remedy: a case stays inside the folder of its study"):
        read_study(tmp_path / "st/study.toml")
