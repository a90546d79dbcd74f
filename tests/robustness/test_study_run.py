"""A study from file to folder: the same results however it is run, interrupted anywhere, damaged anywhere."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from deadlight.chain.solving import answer_cracks
from deadlight.errors import CaseError, MachineError
from deadlight.study import run as study_run
from deadlight.study import work
from deadlight.study.folder import study_status
from deadlight.study.run import How, resume_study, run_study
from deadlight.study.table import read_table
from support_cases import call, one_object
from support_study import small_window, with_window, write_study

COLUMNS = ("key", "content", "ratio_max", "verdict", "status")


def contents(out):
    table = read_table(out)
    return {name: table.column(name).to_pylist() for name in COLUMNS}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    run_study(write_study(folder), with_window(folder / "out"), how=How(jobs=1))
    return contents(folder / "out")


def test_the_quick_path_of_a_study_is_the_quick_tier(tmp_path):
    group, window = small_window(tmp_path)
    for posed in group.posed[:4]:
        cracks = posed.case.cracks
        lean = window.quick(type(posed)(posed.row, posed.case, {}, posed.key))
        case = window.solved.viewport.case
        case = case.model_copy(update={"growth": case.growth.model_copy(update={"tier": "quick"})})
        solved = type(window.solved)(
            type(window.solved.viewport)(
                case,
                *[getattr(window.solved.viewport, n) for n in ("mesh", "materials", "warnings", "carried", "notes")],
            ),
            *[getattr(window.solved, n) for n in ("environment", "heat_model", "temperature", "stress")],
        )
        whole = answer_cracks(solved, cracks, root=window.root)
        mine, other = lean.answers[0], whole.cracks[0]
        assert mine.result.seed_k == pytest.approx(other.result.seed_k, rel=1e-9, abs=1e-3, nan_ok=True)
        assert mine.errors == pytest.approx(other.errors, rel=1e-6)
        assert mine.judged.highest == pytest.approx(other.judged.highest, rel=1e-9)
        assert mine.judged.first_time == pytest.approx(other.judged.first_time)
        assert [str(w) for w in lean.remarks if w.alarm] == [str(w) for w in whole.warnings if w.alarm]
        if mine.judged.first_time is None:
            assert [str(w) for w in lean.remarks] == [str(w) for w in whole.warnings]


def test_two_workers_give_the_same_bits(tmp_path, reference):
    run_study(write_study(tmp_path), with_window(tmp_path / "out"), how=How(jobs=2))
    assert contents(tmp_path / "out") == reference


def test_a_case_of_a_study_is_judged_with_its_toughness(tmp_path):
    group, window = small_window(tmp_path)
    posed = group.posed[0]
    plain = window.quick(type(posed)(posed.row, posed.case, {}, posed.key)).answers[0].judged.ratio_max
    weak = window.quick(type(posed)(posed.row, posed.case, {"thermal": 0.5}, posed.key)).answers[0].judged.ratio_max
    assert weak == pytest.approx(2.0 * plain, rel=1e-12)


def test_the_verbs_on_a_study(tmp_path, capfd, reference):
    path, out = write_study(tmp_path), with_window(tmp_path / "out")
    status, told, _ = call(capfd, "batch", path, "--out", out, "--jobs", 1, "--json")
    assert status == 0
    assert one_object(told)["cases"] == 12
    status, told, _ = call(capfd, "status", out, "--json")
    assert (status, one_object(told)["state"], one_object(told)["quick"]) == (0, "finished", 12)
    status, told, _ = call(capfd, "resume", out)
    assert status == 0 and "12 cases" in told
    assert contents(out) == reference


def test_another_study_in_the_folder_is_refused(tmp_path):
    out = with_window(tmp_path / "out")
    run_study(write_study(tmp_path, ("samples = 12", "samples = 2")), out)
    with pytest.raises(CaseError, match="holds another study"):
        run_study(write_study(tmp_path), out)


def test_a_folder_of_other_files_is_refused(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "letters.parquet").write_text("not ours")
    with pytest.raises(CaseError, match=r"not a study's \(letters.parquet\)"):
        run_study(write_study(tmp_path), out)
    assert [f.name for f in out.iterdir()] == ["letters.parquet"]


def test_only_what_is_missing_is_run(tmp_path, monkeypatch, reference):
    path, out = write_study(tmp_path), with_window(tmp_path / "out")
    seen = []

    def stopping(window, posed):
        if len(seen) == 5:
            raise KeyboardInterrupt
        seen.append(posed.key)
        return work.quick_case(window, posed)

    monkeypatch.setattr(study_run, "quick_case", stopping)
    with pytest.raises(KeyboardInterrupt):
        run_study(path, out, how=How(jobs=1))
    assert study_status(out)["state"] == "interrupted"
    assert study_status(out)["quick"] == 5
    again = []
    monkeypatch.setattr(study_run, "quick_case", lambda w, p: again.append(p.key) or work.quick_case(w, p))
    resume_study(out)
    assert not set(again) & set(seen)
    assert len(again) == 7
    assert contents(out) == reference


def aborting(window, posed):
    if posed.row.index == 3:
        os.abort()
    return work.quick_case(window, posed)


def hungry(window, posed):
    if posed.row.index == 4:
        hoard = []
        while True:
            hoard.append(np.ones(10_000_000))
    return work.quick_case(window, posed)


def slow(window, posed):
    if posed.row.index == 5:
        time.sleep(1e3)
    return work.quick_case(window, posed)


@pytest.mark.parametrize(
    ("fault", "row", "seconds", "told"),
    [(aborting, 3, 60, "SIGABRT"), (hungry, 4, 60, "out of memory"), (slow, 5, 3, "longer than 3 s")],
)
def test_a_case_that_breaks_its_process_is_recorded_and_the_study_ends(
    tmp_path, monkeypatch, reference, fault, row, seconds, told
):
    limits = ('time = "60 s"', f'time = "{seconds} s"\nmemory = "400 MB"')
    monkeypatch.setattr(study_run, "quick_case", fault)
    run_study(write_study(tmp_path, limits), with_window(tmp_path / "out"), how=How(jobs=2))
    table = read_table(tmp_path / "out").to_pylist()
    assert [r["row"] for r in table] == list(range(12))
    assert table[row]["status"] == "failed"
    assert told in table[row]["reason"]
    assert [r["content"] for r in table if r["row"] != row] == [
        c for i, c in enumerate(reference["content"]) if i != row
    ]


def test_workers_killed_from_outside_cost_nothing(tmp_path, monkeypatch, reference):
    folder = tmp_path / "killed"
    folder.mkdir()

    def killed(window, posed):
        mark = folder / posed.key
        if not mark.exists():  # the first time only
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return work.quick_case(window, posed)

    monkeypatch.setattr(study_run, "quick_case", killed)
    run_study(write_study(tmp_path), with_window(tmp_path / "out"), how=How(jobs=2))
    assert len(list(folder.iterdir())) == 12
    assert contents(tmp_path / "out") == reference


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_driver_that_is_killed_is_taken_up(tmp_path, reference, jobs):
    path, out = write_study(tmp_path), with_window(tmp_path / "out")
    code = (
        "import time, deadlight.study.run as r, deadlight.study.work as w\n"
        "r.EVERY = 0.0\n"
        "r.quick_case = lambda window, posed: (time.sleep(0.3), w.quick_case(window, posed))[1]\n"
        f"r.run_study({str(path)!r}, {str(out)!r}, how=r.How({jobs}))\n"
    )
    driver = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    journal = out / "quick.journal"
    until = time.monotonic() + 60
    while time.monotonic() < until and (not journal.exists() or journal.stat().st_size < 2000):
        time.sleep(0.05)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    done = study_status(out)
    assert done["state"] == "interrupted"
    assert 0 < done["quick"] < 12
    resume_study(out, how=How(jobs))
    assert contents(out) == reference


def test_a_damaged_journal_is_told_and_run_again(tmp_path, reference):
    path, out = write_study(tmp_path), with_window(tmp_path / "out")
    run_study(path, out)
    journal = out / "quick.journal"
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 4
    journal.write_bytes(data)
    assert study_status(out)["state"] == "damaged"
    found = resume_study(out)
    assert any("journal" in part for part in found["damage"])
    assert contents(out) == reference
    (out / "study.json").write_bytes((out / "study.json").read_bytes().replace(b"small", b"smoll"))
    with pytest.raises(CaseError, match=r"study\.json"):
        study_status(out)


def test_what_a_study_says_is_plain_data(tmp_path):
    out = with_window(tmp_path / "out")
    found = run_study(write_study(tmp_path), out)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert Path(out / "answers.json").exists()


def test_a_map_with_its_answers_and_report(tmp_path):
    wanted = '[map]\ncrack = "C1"\nplaces = 6\nangles = ["0 deg", "90 deg"]\nlow = "4 mm"\nhigh = "20 mm"\n[limits]'
    path, out = (
        write_study(tmp_path, ("[limits]", wanted), ("samples = 12", "samples = 30")),
        with_window(tmp_path / "out"),
    )
    found = run_study(path, out, how=How(jobs=2))
    assert found["returns"][0]["reaches"]["count"] == 30
    assert found["label"].startswith("conditional on assumed inputs: cracks.C1.two_c")
    assert len(found["returns"][0]["contributors"]) == 4
    assert found["maps"][0]["places"] >= 6
    page = (out / "report.html").read_text()
    for word in (
        "Allowable damage",
        "Fragility",
        "Go/no-go chart",
        "What it turns on",
        "conditional on assumed inputs",
    ):
        assert word in page
    kept = (out / "map.journal").stat().st_size
    again = resume_study(out)
    assert (out / "map.journal").stat().st_size == kept
    assert again["maps"] == found["maps"]
    (out / "study.json").write_text("torn")  # and the remedy that its message names
    with pytest.raises(CaseError, match="remove it, then deadlight batch"):
        run_study(path, out)
    (out / "study.json").unlink()
    again = run_study(path, out, how=How(jobs=2))
    assert (out / "map.journal").stat().st_size == kept
    assert (again["maps"], again["cases"]) == (found["maps"], found["cases"])


@pytest.mark.parametrize(("where", "jobs"), [("pictures", 2), ("in_hand.json", 1)])
def test_a_disk_that_is_full_is_told_wherever_it_is_met(tmp_path, monkeypatch, reference, where, jobs):
    real = Path.write_bytes

    def no_room(self, data):
        if where in (self.name, self.parent.name):
            raise OSError(28, "No space left on device")
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", no_room)
    out = with_window(tmp_path / "out")
    with pytest.raises(MachineError, match="No space left"):
        run_study(write_study(tmp_path), out, how=How(jobs))
    monkeypatch.undo()
    run_study(write_study(tmp_path), out, how=How(1))
    assert contents(out) == reference
