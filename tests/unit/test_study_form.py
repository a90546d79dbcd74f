"""STUDY.toml: what it takes, what it says to mistakes, and the rows it makes."""

import numpy as np
import pytest
from scipy import stats

from deadlight.errors import CaseError
from deadlight.study.form import Range, split
from deadlight.study.plan import plan_of
from deadlight.study.read import read_study
from deadlight.study.space import quantile, rows_of
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
    with pytest.raises(CaseError, match="line 4"):
        rows_of(read_study(path))


def test_the_hash_of_a_case_is_that_of_its_content(tmp_path):
    one = plan_of(study(tmp_path)).groups[0].posed
    two = plan_of(study(tmp_path, ("samples = 12", "samples = 12\n[full]\nnearest = 3"))).groups[0].posed
    assert [p.key for p in one] == [p.key for p in two]
    assert len({p.key for p in one}) == 12
