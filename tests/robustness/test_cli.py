"""The command line as users and their scripts meet it: exit statuses, one JSON object, folders that tell the truth."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from deadlight import __version__
from deadlight.chain import files as chain_files
from deadlight.chain import solving as chain_solving
from deadlight.doctor import OPTIONAL_SOLVERS
from deadlight.errors import NotSolved
from deadlight.material.coupon import fit_coupons
from deadlight.store.stage import load_stage
from support_cases import call, one_object, write_case

ROOT = Path(__file__).parents[2]
QUIET = {**os.environ, "OMP_NUM_THREADS": "1", "TERM": "xterm-256color"}
for name in ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TTY_COMPATIBLE"):
    QUIET.pop(name, None)


def shell(*arguments, before="", encoding_of_output="utf-8"):
    """A real process of the program; `before` is Python that runs first, to break something at a chosen place."""
    environment = {**QUIET, "PYTHONIOENCODING": encoding_of_output}
    heard = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)"  # background jobs ignore it
    code = f"import sys\n{heard}\n{before}\nfrom deadlight.cli import main\nmain(sys.argv[1:])\n"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, stdout=pipe, stderr=pipe, encoding="utf-8", env=environment, start_new_session=True
    )


def finish(process):
    stdout, stderr = process.communicate(timeout=120)
    return process.returncode, stdout, stderr


def tree(folder):
    """Every file with its content and time: what must not change."""
    return {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A case and its finished folder, run by a real process."""
    home = tmp_path_factory.mktemp("done")
    case = write_case(home)
    status, stdout, stderr = finish(shell("run", case, "--out", home / "out", "--json", "--no-pictures"))
    assert status == 0, stderr
    return case, home / "out", stdout, stderr


# One object on standard output --------------------------------------------------------------------------------------


def test_json_of_a_run_is_its_summary(done):
    _, out, stdout, stderr = done
    assert one_object(stdout) == json.loads((out / "summary.json").read_text())
    assert stderr == ""
    assert {p.name for p in out.iterdir()} >= {"summary.json", "report.html", "history.parquet", "case.toml", "fields"}


@pytest.mark.parametrize("verb", ["check", "run", "resume", "status", "report", "doctor", "schema", "schema summary"])
def test_every_verb_has_json(done, capfd, verb):
    case, out, _, _ = done
    rest = {"check": [case], "run": [case, "--out", out], "resume": [out], "status": [out], "report": [out]}
    status, stdout, stderr = call(capfd, *verb.split(), *rest.get(verb, []), "--json")
    assert status == 0, stderr
    assert one_object(stdout)
    assert stderr == ""


def test_coupons_from_a_table(tmp_path, capfd):
    """The command says what the library says; a bound that is not finite is null, a file at fault ends with 2."""
    rng = np.random.default_rng(1)
    rows = [f"{110 * rng.weibull(12):.2f}, 1000, 1" for _ in range(10)]
    rows += [f"{60 * v ** (1 / 21) * rng.weibull(12):.2f}, {v}, 0" for v in (0.01, 0.1, 1.0, 10.0) for _ in range(5)]
    table = tmp_path / "coupons.csv"
    table.write_text("\n".join(["strength [MPa], rate [MPa/s], inert", *rows]))
    fit = fit_coupons(table, confidence=0.8)
    status, stdout, stderr = call(capfd, "coupons", table, "--confidence", "0.8", "--json")
    told = one_object(stdout)
    assert (status, stderr) == (0, "")
    assert told["weibull"]["modulus"] == fit.weibull.modulus and told["weibull"]["confidence"] == 0.8
    assert told["fatigue"]["n_bounds"] == list(fit.fatigue.n_bounds)
    status, stdout, _ = call(capfd, "coupons", table)
    assert status == 0 and "WeibullFit(m = " in stdout and "FatigueFit(n = " in stdout

    flat = [f"{strength}, {v}" for v in (0.1, 1.0, 10.0) for strength in (60 + v, 75, 90)]
    table.write_text("\n".join(["strength [MPa], rate [MPa/s]", *flat]))
    status, stdout, _ = call(capfd, "coupons", table, "--json")
    assert status == 0 and one_object(stdout)["fatigue"]["n_bounds"][1] is None
    for text in ("force [N]\n100\n200\n", "strength\n80\n", "strength [MPa]\n80\nnan?\n", ""):
        table.write_text(text)
        status, stdout, _ = call(capfd, "coupons", table, "--json")
        assert status == 2, text
        assert str(table) in one_object(stdout)["error"]["message"]


def test_doctor_names_the_optional_solvers_and_how_to_get_them(capfd, monkeypatch):
    monkeypatch.setattr("deadlight.linalg.sparse.backends", lambda: dict.fromkeys(("cholesky", *OPTIONAL_SOLVERS), 0))
    _, stdout, _ = call(capfd, "doctor", "--json")
    told = one_object(stdout)
    for name in OPTIONAL_SOLVERS:
        assert "not installed" in told[name.upper()]["state"] and "pip install" in told[name.upper()]["remedy"]
        assert told[name.upper()]["good"], "an optional solver that is not there is no fault"


def test_the_module_is_the_command_line():
    command = [sys.executable, "-m", "deadlight", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, env=QUIET, timeout=120)
    assert (done.returncode, done.stdout) == (0, f"deadlight {__version__}\n")


@pytest.mark.parametrize(
    "line", ["run", "run case.toml", "nonsense", "run case.toml --out", "schema nonsense", "status", "check a b", ""]
)
def test_a_command_line_at_fault(tmp_path, monkeypatch, capfd, line):
    monkeypatch.chdir(tmp_path)
    status, stdout, stderr = call(capfd, *line.split(), "--json")
    assert status == 2
    assert one_object(stdout)["error"]["exit_status"] == 2
    assert "Traceback" not in stderr
    if line:
        status, stdout, stderr = call(capfd, *line.split())
        assert status == 2
        assert stdout == ""
        assert stderr.startswith("error ") and "remedy" in stderr
    assert list(tmp_path.iterdir()) == []


NUMBERS = [
    *(("factors", "--kind", kind, name) for kind in ("surface", "through")
      for name in ("--a-over-c", "--a-over-t", "--c-over-t", "--near", "--nu")),
    ("coupons", "coupons.csv", "--confidence"),
    ("animate", "out", "--out", "film.mp4", "--rate"),
]  # fmt: skip
WHOLE = [
    ("animate", "out", "--out", "film.mp4", "--frames"),
    ("view", "out", "--port"),
    ("batch", "s", "--out", "o", "--jobs"),
]


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "-0.1"])
@pytest.mark.parametrize("line", NUMBERS, ids=" ".join)
def test_a_number_on_the_command_line_that_cannot_be(capfd, line, value):
    """NaN is neither below nor above any limit, and was taken for "no rim"; nothing is read before it is refused."""
    status, stdout, _ = call(capfd, *line, value, "--json")
    told = one_object(stdout)["error"]
    assert status == 2 and line[-1].strip("-").replace("-", "_") in told["message"].replace("-", "_")


@pytest.mark.parametrize("value", ["-1", "1e3", "99999999999", "nan"])
@pytest.mark.parametrize("line", WHOLE, ids=" ".join)
def test_a_count_on_the_command_line_that_cannot_be(capfd, line, value):
    status, stdout, _ = call(capfd, *line, value, "--json")
    assert status == 2 and line[-1] in one_object(stdout)["error"]["message"]


def test_a_crack_through_the_pane_with_its_ligament_gone_is_an_edge_crack(capfd):
    status, stdout, _ = call(capfd, "factors", "--kind", "through", "--near", "1", "--json")
    assert status == 2 and "below 1" in one_object(stdout)["error"]["remedy"]


def test_nothing_but_text_goes_into_a_pipe(done):
    case, out, _, _ = done
    for line in (["--help"], ["doctor"], ["run", case, "--out", out], ["check", "none.toml"]):
        _, stdout, stderr = finish(shell(*line))
        assert stdout or stderr
        assert "\x1b" not in stdout + stderr, line


def test_a_terminal_that_cannot_show_a_name(tmp_path):
    case = write_case(tmp_path, ("one round pane", "Luke \u00fc \u7a97"))
    for verb in (["check", case], ["check", tmp_path / "\u7a97.toml"]):
        status, stdout, stderr = finish(shell(*verb, encoding_of_output="ascii"))
        assert status == (0 if verb[1] == case else 2), stderr
        assert "\\u7a97" in stdout + stderr


@pytest.mark.parametrize("verb", ["check", "run", "resume", "status", "report", "doctor", "schema"])
def test_help_has_an_example(capfd, verb):
    status, stdout, _ = call(capfd, verb, "--help")
    assert status == 0
    assert f"Example: deadlight {verb}" in stdout
    assert "--json" in stdout


def test_version_and_help(capfd):
    assert call(capfd, "--version")[:2] == (0, "deadlight 0.1.0\n")
    status, stdout, _ = call(capfd, "--help")
    assert status == 0 and "deadlight run examples/shenzhou20/case.toml" in stdout
    status, stdout, stderr = call(capfd)
    assert status == 2 and "Usage" in stdout and stderr == ""


def test_reader_of_a_pipe_that_leaves():
    """`deadlight schema case | head -1`: no traceback, and not the status of something done."""
    process = shell("schema", "case")
    process.stdout.close()
    assert process.wait(60) == 128 + signal.SIGPIPE
    assert process.stderr.read() == ""
    process.stderr.close()


def test_published_schema_is_current(capfd):
    _, stdout, _ = call(capfd, "schema", "case")
    assert stdout == (ROOT / "docs/case.schema.json").read_text(), "deadlight schema case > docs/case.schema.json"


def test_check_understands_and_writes_nothing(done, capfd):
    case, _, _, _ = done
    before = tree(case.parent)
    status, stdout, stderr = call(capfd, "check", case)
    assert status == 0, stderr
    assert "thermal.seat_outer" in stdout
    assert "crack C1: through in thermal" in stdout
    assert "peak cold-wall flux at the window 60 kW/m2 at 2" in stdout
    assert "ends at 60.0 km" in stdout
    assert tree(case.parent) == before


# A finished folder --------------------------------------------------------------------------------------------------


def test_a_finished_folder_is_only_read(done, capfd, monkeypatch):
    case, out, stdout, _ = done
    before = tree(out)
    monkeypatch.setattr("deadlight.chain.run._solve", lambda *_, **__: pytest.fail("it was solved again"))
    status, again, stderr = call(capfd, "run", case, "--out", out, "--json")
    assert status == 0, stderr
    assert one_object(again) == one_object(stdout)
    assert tree(out) == before


def test_another_case_is_refused_and_the_folder_left_alone(done, tmp_path, capfd):
    _, out, _, _ = done
    other = write_case(tmp_path, ('two_c = "12 mm"', 'two_c = "11 mm"'))
    before = tree(out)
    status, stdout, stderr = call(capfd, "run", other, "--out", out)
    assert (status, stdout) == (2, "")
    assert "another case" in stderr and "--out" in stderr
    assert tree(out) == before


def test_a_changed_table_is_another_case(tmp_path, capfd, done):
    _, out, _, _ = done
    other = write_case(tmp_path)
    table = tmp_path / "table.csv"
    table.write_text(table.read_text().replace("7500", "7501"))
    status, _, stderr = call(capfd, "run", other, "--out", out)
    assert status == 2 and "another case" in stderr


def test_out_that_cannot_be_a_result_folder(tmp_path, capfd, monkeypatch):
    case = write_case(tmp_path / "home")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.tex").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file/below", tmp_path / "full", tmp_path / ("x" * 300)):
        status, stdout, stderr = call(capfd, "run", case, "--out", out)
        assert (status, stdout) == (2, ""), stderr
        assert str(out) in stderr and "--out" in stderr and "Traceback" not in stderr
    assert (tmp_path / "full/thesis.tex").read_text() == "mine"
    assert (tmp_path / "file").read_text() == "mine"

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    system = SimpleNamespace(open=refuse, O_RDWR=os.O_RDWR, O_CREAT=os.O_CREAT)
    monkeypatch.setattr("deadlight.store.folder.os", system)
    status, stdout, _ = call(capfd, "run", case, "--out", tmp_path / "locked", "--json")
    assert status == 4
    assert "Permission denied" in one_object(stdout)["error"]["message"]


def test_a_corrected_case_takes_the_folder_it_failed_in(tmp_path, capfd):
    out = tmp_path / "out"
    wrong = write_case(tmp_path, ('inside_lip = "5 mm"', 'inside_lip = "-50 mm"'))
    assert call(capfd, "run", wrong, "--out", out)[0] == 2
    assert not (out / "summary.json").exists()
    right = write_case(tmp_path)
    status, _, stderr = call(capfd, "run", right, "--out", out, "--no-pictures")
    assert status == 0, stderr
    assert json.loads((out / "summary.json").read_text())["cracks"][0]["K_over_KIc_max"] > 0.1


# A run that does not end well ---------------------------------------------------------------------------------------

KILL_IN_STRESS = """
import os, signal
import deadlight.chain.solving as run
run.pane_stress = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
"""
KILL_IN_FILES = """
import os, signal
import deadlight.chain.files as files
files.write_report = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("kill", "kept", "verb"), [(KILL_IN_STRESS, 1, "run"), (KILL_IN_FILES, 2, "resume")])
def test_a_killed_run_is_taken_up_where_it_was(done, tmp_path, capfd, monkeypatch, kill, kept, verb):
    case, out = write_case(tmp_path), tmp_path / "out"
    status, stdout, _ = finish(shell("run", case, "--out", out, "--no-pictures", before=kill))
    assert (status, stdout) == (-signal.SIGKILL, "")
    assert not (out / "summary.json").exists()
    assert not (out / "report.html").exists()
    told = one_object(call(capfd, "status", out, "--json")[1])
    assert (told["state"], told["writing"], told["summary"]) == ("interrupted", False, None)
    stages = tree(out / "stages")
    assert len(stages) == kept
    status, stdout, _ = call(capfd, "report", out)
    assert status == 2

    def never(*_, **__):
        raise AssertionError("this stage is on disk")

    monkeypatch.setattr(chain_files, "_scenes", lambda result: ((), "left out"))
    monkeypatch.setattr(chain_solving, "solve_heat", never)
    if kept == 2:
        monkeypatch.setattr(chain_solving, "pane_stress", never)
    rest = [case, "--out", out, "--no-pictures"] if verb == "run" else [out]
    status, stdout, stderr = call(capfd, verb, *rest, "--json")
    assert status == 0, stderr
    assert stages.items() <= tree(out / "stages").items()
    fresh = json.loads(done[2])["cracks"][0]  # stress modes are kept in single precision
    assert one_object(stdout)["cracks"][0]["K_over_KIc_max"] == pytest.approx(fresh["K_over_KIc_max"], rel=1e-6)
    told = one_object(call(capfd, "status", out, "--json")[1])
    assert (told["state"], told["writing"], told["summary"]) == ("finished", False, "summary.json")


def test_a_stage_damaged_on_disk_is_computed_again(done, tmp_path, capfd):
    case, out = write_case(tmp_path), tmp_path / "out"
    finish(shell("run", case, "--out", out, "--no-pictures", before=KILL_IN_STRESS))
    stage = out / "stages/heat.stage"
    whole = stage.read_bytes()
    stage.write_bytes(whole[: len(whole) // 2])
    status, stdout, stderr = call(capfd, "run", case, "--out", out, "--json", "--no-pictures")
    assert status == 0, stderr
    (tmp_path / "heat.stage").write_bytes(whole)
    again, before = (load_stage(path, of=one_object(stdout)["case_hash"]) for path in (stage, tmp_path / "heat.stage"))
    assert np.array_equal(again[0]["temperature"], before[0]["temperature"])
    fresh = json.loads(done[2])["cracks"][0]
    assert one_object(stdout)["cracks"][0]["K_over_KIc_max"] == pytest.approx(fresh["K_over_KIc_max"], rel=1e-9)


WAIT_IN_HEAT = """
import time
import deadlight.chain.solving as run
def solve_heat(*a, **k):
    print("in heat", file=sys.stderr, flush=True)
    time.sleep(100)
run.solve_heat = solve_heat
"""


def test_ctrl_c_and_a_folder_in_use(tmp_path, capfd):
    case, out = write_case(tmp_path), tmp_path / "out"
    process = shell("run", case, "--out", out, before=WAIT_IN_HEAT)
    while "in heat" not in (line := process.stderr.readline()):
        assert line, "the run ended by itself"
    told = one_object(call(capfd, "status", out, "--json")[1])
    assert (told["state"], told["stage"], told["writing"]) == ("running", "heat", True)
    status, stdout, _ = call(capfd, "run", case, "--out", out, "--json")
    assert status == 4
    assert "another run is writing" in one_object(stdout)["error"]["message"]
    process.send_signal(signal.SIGINT)
    status, stdout, stderr = finish(process)
    assert (status, stdout) == (130, "")
    assert "stopped; run the same command again" in stderr
    assert "Traceback" not in stderr
    told = one_object(call(capfd, "status", out, "--json")[1])
    assert (told["state"], told["writing"]) == ("interrupted", False)


def test_resume_when_the_case_file_went_or_changed(tmp_path, capfd):
    case, out = write_case(tmp_path), tmp_path / "out"
    finish(shell("run", case, "--out", out, before=KILL_IN_STRESS))
    whole = case.read_text()
    case.write_text(whole.replace("12 mm", "13 mm"))
    status, _, stderr = call(capfd, "resume", out)
    assert status == 2 and "another case" in stderr
    case.unlink()
    status, stdout, stderr = call(capfd, "resume", out, "--json")
    assert status == 2
    assert "case.toml" in one_object(stdout)["error"]["message"]
    for verb in ("resume", "status", "report"):
        status, _, stderr = call(capfd, verb, tmp_path / "nowhere")
        assert status == 2 and "nowhere" in stderr and "remedy" in stderr


@pytest.mark.parametrize("stage", ["solve_heat", "pane_stress"])
def test_not_solved_is_told_and_shown_as_not_shown(tmp_path, capfd, monkeypatch, stage):
    def give_up(*_, **__):
        raise NotSolved("residual 3e-4 after 200 iterations, allowed 1e-9")

    case, out = write_case(tmp_path), tmp_path / "out"
    monkeypatch.setattr(chain_solving, stage, give_up)
    status, stdout, _ = call(capfd, "run", case, "--out", out, "--json")
    told = one_object(stdout)
    assert status == 3
    assert told == json.loads((out / "summary.json").read_text())
    assert told["verdict"] == "NOT_SHOWN"
    assert "residual 3e-4" in told["reasons"][0]
    assert told["runs"] == [] and told["margins"] == []
    assert told["cracks"][0]["end_reason"].startswith("not_solved: ")
    assert told["cracks"][0]["K_over_KIc_max"] is None
    assert not (out / "report.html").exists()
    monkeypatch.undo()
    status, stdout, _ = call(capfd, "run", case, "--out", out)
    assert status == 3
    assert "NOT_SHOWN" in stdout and "residual 3e-4" in stdout and "report.html" not in stdout


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (MemoryError(), 4, "out of memory"),
        (OSError(28, "No space left on device", "/big/disk"), 4, "/big/disk: No space left on device"),
        (ImportError("No module named 'scipy'"), 4, "doctor"),
        (KeyError("seat"), 1, "fault of deadlight itself"),
    ],
)
def test_machine_and_own_faults(tmp_path, capfd, monkeypatch, error, status, words):
    def fail(*_, **__):
        raise error

    case, out = write_case(tmp_path), tmp_path / "out"
    monkeypatch.setattr(chain_solving, "solve_heat", fail)
    found, stdout, _ = call(capfd, "run", case, "--out", out, "--json")
    told = one_object(stdout)["error"]
    assert (found, told["exit_status"]) == (status, status)
    assert words in told["message"]
    assert not (out / "summary.json").exists()
    assert one_object(call(capfd, "status", out, "--json")[1])["state"] == "failed"


def test_a_full_disk_while_files_are_written(tmp_path, capfd, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", "history.parquet")

    case, out = write_case(tmp_path), tmp_path / "out"
    monkeypatch.setattr(chain_files, "write_history", full)
    status, stdout, stderr = call(capfd, "run", case, "--out", out, "--no-pictures")
    assert (status, stdout) == (4, "")
    assert "No space left on device" in stderr and "Traceback" not in stderr
    assert not (out / "summary.json").exists()
    monkeypatch.undo()
    assert call(capfd, "run", case, "--out", out, "--no-pictures")[0] == 0


# Meshes of the user's own -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pane.vtu", "pane.msh", "pane.inp", "pane.bdf"])
def test_own_mesh_is_understood(done, tmp_path, capfd, name):
    status, stdout, stderr = call(capfd, "check", write_case(tmp_path, mesh=name), "--json")
    assert status == 0, stderr
    told = one_object(stdout)
    ours = one_object(call(capfd, "check", done[0], "--json")[1])
    assert told["regions"]["thermal"]["nodes"] == 1125
    assert told["regions"]["thermal"]["volume_m3"] == pytest.approx(3.14e-4, rel=2e-3)  # pi r2 t, chords at the rim
    assert told["faces"] == ours["faces"]
    assert set(told["faces"]) == {f"thermal.{f}" for f in ("outer", "inner", "rim", "seat_outer", "seat_inner")}


def test_own_names_are_mapped_by_groups(done, tmp_path, capfd):
    groups = "\n".join(
        ["[mesh.groups]", 'thermal = "VOL_1"', '"thermal.outer" = "F_OUT"', '"thermal.inner" = "F_IN"']
        + [f'"thermal.{face}" = "F_{face}"' for face in ("rim", "seat_outer", "seat_inner")]
    )
    path = write_case(tmp_path, ('unit = "mm"\n', f'unit = "mm"\n{groups}\n'), mesh="pane.inp")
    deck = (tmp_path / "pane.inp").read_text().replace('ELSET="thermal"', "ELSET=VOL_1")
    deck = deck.replace('"thermal.outer"', "F_OUT").replace('"thermal.inner"', "F_IN").replace('"thermal.', '"F_')
    (tmp_path / "pane.inp").write_text(deck)
    status, stdout, stderr = call(capfd, "run", path, "--out", tmp_path / "out", "--json", "--no-pictures")
    assert status == 0, stderr
    told, ours = one_object(stdout)["cracks"][0], json.loads(done[2])["cracks"][0]
    assert told["K_over_KIc_max"] == pytest.approx(ours["K_over_KIc_max"], rel=1e-4)
