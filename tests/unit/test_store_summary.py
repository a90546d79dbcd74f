"""summary.json and history.parquet: the contract, whole or not there, and nothing that is not a number."""

import json
import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from deadlight.assumption import Assumption
from deadlight.errors import InputError, MachineError
from deadlight.store import atomic
from deadlight.store.history import UNITS, read_history, write_history
from deadlight.store.summary import (
    Assumed,
    Crack,
    EndReason,
    Event,
    Flip,
    FlipEnd,
    Margin,
    Pane,
    Route,
    Routes,
    Run,
    Summary,
    Verdict,
    read_summary,
    summary_schema,
    worst,
)

CONTRACT = {
    "schema", "deadlight", "case", "case_hash", "verdict", "reasons", "routes", "runs", "margins", "panes", "cracks",
    "events", "assumptions", "warnings", "timings_s", "provenance", "what_ifs", "flips",
}  # fmt: skip


def summary(**change):
    given = {
        "deadlight": "0.1.0",
        "case": "test",
        "case_hash": "abc",
        "verdict": Verdict.NO_GO,
        "reasons": ["the crack reaches the rim"],
    }
    return Summary(**{**given, **change})


def crack(**change):
    return Crack(**{"name": "C1", "pane": "thermal", "case_type": "through", **change})


def test_every_key_is_always_there_and_unknown_is_null(tmp_path):
    made = summary(cracks=[crack()], panes=[Pane(name="thermal", role="thermal")], events=[Event(time_s=1.0, what="x")])
    data = json.loads(made.write(tmp_path / "summary.json").read_text())
    assert set(data) == CONTRACT and data["schema"] == 1
    assert set(data["cracks"][0]) == {
        "name", "pane", "case_type", "state", "end_reason", "time_s", "K_over_KIc_max", "time_of_max_s",
        "a_m", "two_c_m", "numerical_error",
    }  # fmt: skip
    assert set(data["panes"][0]) == {
        "name",
        "role",
        "state",
        "time_s",
        "peak_temperature_K",
        "peak_tension_Pa",
        "cause",
    }
    assert data["cracks"][0]["two_c_m"] is None
    assert data["routes"] == {
        "no_credit": {"verdict": None, "reason": None},
        "credit": {"verdict": None, "reason": None},
    }


def test_round_trip(tmp_path):
    made = summary(
        cracks=[
            crack(
                state="at_edge",
                end_reason=EndReason.REACHED_EDGE.because("the outer tip ran to the rim"),
                K_over_KIc_max=2.3,
                numerical_error=0.02,
            )
        ],
        margins=[
            Margin.of(pane="pressure_1", event="peak", criterion="K", allowable=0.75e6, factor=1.4, applied=0.5e6)
        ],
        timings_s={"heat": 3.0},
        provenance={"kernels": "avx2"},
    )
    assert read_summary(made.write(tmp_path / "summary.json")) == made


def test_numpy_numbers_are_taken():
    made = crack(K_over_KIc_max=np.float32(2.5), two_c_m=np.float64(0.012), time_s=np.int64(3))
    assert made.K_over_KIc_max == 2.5 and type(made.two_c_m) is float


def test_not_finite_is_null_with_a_warning_that_names_it(tmp_path):
    made = summary(
        cracks=[crack(K_over_KIc_max=np.nan, two_c_m=np.inf)],
        timings_s={"heat": np.nan},
        provenance={"x": [1.0, np.float64("nan")]},
        warnings=["first"],
    )
    text = made.write(tmp_path / "summary.json").read_text()
    data = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} written"))
    assert data["cracks"][0]["K_over_KIc_max"] is None and data["timings_s"]["heat"] is None
    warned = " ".join(data["warnings"])
    assert data["warnings"][0] == "first" and len(data["warnings"]) == 5
    for place in ("cracks[0].K_over_KIc_max", "cracks[0].two_c_m", "timings_s.heat", "provenance.x[1]"):
        assert place in warned


def test_no_verdict_stands_beside_a_number_that_is_none(tmp_path):
    """Whoever reads one run, one what-if or one end of a band must not find a GO there."""
    go, mild = Verdict.GO, Verdict.GO_WITH_RESTRICTION
    end = FlipEnd(value="1", verdict=go, credit=mild, no_credit=go)
    made = summary(
        verdict=mild,
        routes=Routes(credit=Route(verdict=mild, reason="a"), no_credit=Route(verdict=None, reason="b")),
        runs=[Run(name="r", verdict=mild, credit=go, no_credit=mild)],
        what_ifs=[Run(name="w", verdict=go, credit=go, K_over_KIc_max=np.nan)],
        flips=[Flip(key="k", path="k", flips=True, stated=end, ends=[end], source="s")],
        assumptions=[Assumed(key="k", value="1", source="s", status="A", decides=False)],
    )
    text = made.write(tmp_path / "summary.json").read_text()
    assert "GO" not in text.replace("NOT_SHOWN", "") and text.count("NOT_SHOWN") == 1 + 1 + 3 + 2 + 6
    data = read_summary(tmp_path / "summary.json")
    assert data.routes.no_credit.verdict is None and data.assumptions[0].decides is None
    sound = summary(verdict=go, what_ifs=[Run(name="w", verdict=go, K_over_KIc_max=0.5)]).plain()
    assert sound["verdict"] == sound["what_ifs"][0]["verdict"] == "GO"


def test_margin_of_safety():
    """MS = allowable / (factor applied) - 1: 3 / (1.5 x 1) - 1 = 1; zero at factor 3."""
    made = Margin.of(pane="p", event="e", criterion="c", allowable=3.0, factor=1.5, applied=1.0)
    assert made.margin_of_safety == pytest.approx(1.0) and made.flips_at_factor == pytest.approx(3.0)
    assert (
        Margin.of(pane="p", event="e", criterion="c", allowable=3.0, factor=1.5, applied=0.0).margin_of_safety is None
    )


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "MAYBE"},
        {"reasons": []},
        {"extra": 1},
        {"runs": [{"name": "ballistic", "verdict": "NO_GO"}], "verdict": "GO"},
        {"cracks": [{"name": "C", "pane": "p", "case_type": "through", "end_reason": "it stopped"}]},
        {"cracks": [{"name": "C", "pane": "p", "case_type": "through", "numerical_error": 0.0}]},
        {"panes": [{"name": "p", "role": "thermal", "state": "broken"}]},
    ],
)
def test_what_breaks_the_contract_is_refused(change):
    with pytest.raises(ValidationError):
        summary(**change)


def test_worst_of_runs():
    assert worst(["GO", "NOT_SHOWN", "GO_WITH_RESTRICTION"]) is Verdict.NOT_SHOWN
    assert worst([]) is Verdict.NOT_SHOWN
    assert summary(runs=[Run(name="lifting", verdict="GO")]).verdict is Verdict.NO_GO


def test_assumption_keeps_its_note():
    row = Assumed.of(Assumption("k", "1", "source", "A", "decides the rim"), decides=True)
    assert row.source == "source; decides the rim" and row.decides is True


def test_schema_is_published_with_every_key():
    schema = summary_schema()
    assert set(schema["properties"]) == CONTRACT
    assert set(schema["$defs"]["Verdict"]["enum"]) == {"GO", "GO_WITH_RESTRICTION", "NO_GO", "NOT_SHOWN"}
    json.dumps(schema)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 2}', '{"schema": 1, "case": "x"}'])
def test_broken_summary_is_refused(tmp_path, text):
    path = tmp_path / "summary.json"
    path.write_text(text)
    with pytest.raises(InputError, match="summary") as caught:
        read_summary(path)
    assert caught.value.remedy


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    path = summary().write(tmp_path / "summary.json")
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(MachineError, match="No space left"):
        summary(case="other").write(path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["summary.json"]


def test_an_error_while_writing_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), atomic.replacing(tmp_path / "x") as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert os.listdir(tmp_path) == []


def columns(n=5):
    base = {
        name: np.linspace(0.0, 1.0, n)
        for name in ("front_position", "time_s", "K_I", "K_II", "K_III", "T_K", "velocity_m_s", "a_m", "two_c_m")
    }
    return {"crack": ["C1"] * (n - 1) + ["C2"], **base}


def test_history_round_trip_with_units(tmp_path):
    given = columns()
    given["K_I"] = np.array([1.0, np.nan, 2.0, np.inf, -1.0]) * 1e6
    given["bending"] = np.arange(5.0)
    path = write_history(tmp_path / "history.parquet", given, {"bending": "Pa"})
    read = read_history(path)
    np.testing.assert_array_equal(read["K_I"], np.array([1.0, np.nan, 2.0, np.nan, -1.0]) * 1e6)
    assert (
        read.units["K_I"] == "Pa*m**0.5" and read.units["bending"] == "Pa" and read.units["two_c_m"] == UNITS["two_c_m"]
    )
    assert len(read) == 5 and len(read.of("C1")) == 4 and list(read.of("C2")["crack"]) == ["C2"]
    with pytest.raises(InputError, match="no column"):
        read["J"]


def test_history_of_no_rows(tmp_path):
    given = {name: values[:0] for name, values in columns().items()}
    assert len(read_history(write_history(tmp_path / "h.parquet", given))) == 0


def test_history_refuses_what_it_cannot_label(tmp_path):
    path = tmp_path / "history.parquet"
    with pytest.raises(InputError, match="no unit"):
        write_history(path, {**columns(), "bending": np.zeros(5)})
    with pytest.raises(InputError, match="different length"):
        write_history(path, {**columns(), "a_m": np.zeros(4)})
    with pytest.raises(InputError, match="T_K"):
        write_history(path, {k: v for k, v in columns().items() if k != "T_K"})
    assert not path.exists()


def test_cut_history_is_refused(tmp_path):
    path = write_history(tmp_path / "history.parquet", columns())
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="history"):
        read_history(path)


def test_columns_that_changed_places_are_refused(tmp_path):
    """Pages have checksums; what says which page is whose, and its unit, is held to a sum of the column."""
    path = write_history(tmp_path / "history.parquet", {**columns(), "T_K": np.linspace(300.0, 900.0, 5)})
    table = pq.read_table(path)
    other = {"T_K": "time_s", "time_s": "T_K"}
    arrays = [table[other.get(name, name)] for name in table.column_names]
    pq.write_table(pa.Table.from_arrays(arrays, schema=table.schema), path)
    with pytest.raises(InputError, match=r'column "(T_K|time_s)" is damaged'):
        read_history(path)
    for other in ({b"unit": b"mm"}, {b"unit": b"P\xa9"}, {b"sha256": b"\xff"}):
        fields = [f.with_metadata({**f.metadata, **other}) if f.name == "K_I" else f for f in table.schema]
        pq.write_table(table.cast(pa.schema(fields, metadata=table.schema.metadata)), path)
        with pytest.raises(InputError, match='column "K_I" is damaged'):
            read_history(path)
