"""The case folder: one writer, one case, and finished only with a whole summary."""

import json
import os
import signal
import subprocess
import sys

import pytest

from deadlight.errors import CaseError, MachineError
from deadlight.store import folder as store
from deadlight.store.folder import CaseFolder, folder_status
from deadlight.store.provenance import provenance
from deadlight.store.summary import Summary, Verdict


def summary(case_hash="abc"):
    return Summary(deadlight="0.1.0", case="t", case_hash=case_hash, verdict=Verdict.NOT_SHOWN, reasons=["none"])


def opened(path, case_hash="abc"):
    return CaseFolder(path, case_hash=case_hash, case_text="schema = 1\n")


def test_a_run_from_start_to_finish(tmp_path):
    path = tmp_path / "out" / "case"
    with opened(path) as run:
        assert not run.resumed and not run.finished
        assert (path / "case.toml").read_text() == "schema = 1\n"
        assert folder_status(path)["state"] == "started" and folder_status(path)["writing"]
        run.record("running", stage="heat")
        run.write_provenance(provenance(solver="superlu"))
        run.finish(summary())
        assert run.finished
    status = folder_status(path)
    assert status["state"] == "finished" and not status["writing"] and status["summary"] == "summary.json"
    with opened(path) as again:
        assert again.resumed and again.finished


def test_another_case_is_refused_and_nothing_changes(tmp_path):
    with opened(tmp_path) as run:
        run.finish(summary())
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(CaseError, match="another case") as caught:
        opened(tmp_path, "xyz")
    assert caught.value.exit_status == 2 and "--out" in caught.value.remedy
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_folder_of_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(CaseError, match=r"thesis\.tex"):
        opened(tmp_path)
    assert os.listdir(tmp_path) == ["thesis.tex"]
    with pytest.raises(CaseError, match="holds no run"):
        folder_status(tmp_path)
    with pytest.raises(CaseError, match="folder"):
        opened(tmp_path / "thesis.tex")


def test_two_runs_do_not_write_the_same_folder(tmp_path):
    with opened(tmp_path), pytest.raises(MachineError, match="another run"):
        opened(tmp_path)
    with opened(tmp_path) as run:  # free again
        assert run.resumed


def test_a_killed_run_leaves_no_lock_and_no_result(tmp_path):
    code = (
        "import sys, time; from deadlight.store.folder import CaseFolder\n"
        "run = CaseFolder(sys.argv[1], case_hash='abc', case_text=''); run.record('running', stage='heat')\n"
        "open(run.file('.summary.json.x.tmp'), 'w').write('{'); print('ready', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline().strip() == "ready"
    with pytest.raises(MachineError, match="another run"):
        opened(tmp_path)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    status = folder_status(tmp_path)
    assert status["state"] == "interrupted" and status["stage"] == "heat" and status["summary"] is None
    with opened(tmp_path) as run:
        assert run.resumed and not run.finished
        assert not list(tmp_path.glob(".*.tmp"))


@pytest.mark.parametrize(
    "content", ["", '{"schema": 1, "verdict": "GO"', '{"schema": 1, "verdict": "GO", "case_hash": "abc"}']
)
def test_a_cut_summary_is_not_a_result(tmp_path, content):
    with opened(tmp_path):
        pass
    (tmp_path / "summary.json").write_text(content)
    assert folder_status(tmp_path)["state"] == "interrupted"
    with opened(tmp_path) as run:
        assert not run.finished
        assert not (tmp_path / "summary.json").exists()


def test_a_failure_is_recorded_without_a_summary(tmp_path):
    with pytest.raises(ZeroDivisionError), opened(tmp_path):
        1 / 0  # noqa: B018
    status = folder_status(tmp_path)
    assert status["state"] == "failed" and "ZeroDivisionError" in status["message"] and status["summary"] is None
    with opened(tmp_path) as run:
        assert run.resumed


def test_summary_of_another_case_is_refused(tmp_path):
    with opened(tmp_path) as run, pytest.raises(CaseError, match="xyz"):
        run.finish(summary("xyz"))
    assert not (tmp_path / "summary.json").exists()


@pytest.mark.parametrize("content", ["{", "[]", '{"schema": 9, "case_hash": "abc", "state": "x"}'])
def test_a_broken_status_is_refused(tmp_path, content):
    (tmp_path / store.STATUS).write_text(content)
    with pytest.raises(CaseError) as caught:
        opened(tmp_path)
    assert caught.value.remedy


def test_provenance_names_versions_and_not_the_machine():
    import getpass
    import socket

    data = provenance(solver="superlu", case_files={"mesh": "sha"})
    assert data["solver"] == "superlu" and data["packages"]["numpy"] and data["case_files"] == {"mesh": "sha"}
    text = json.dumps(data)
    assert socket.gethostname() not in text and os.getcwd() not in text
    assert getpass.getuser() not in text.replace("root", "") or getpass.getuser() == "root"
