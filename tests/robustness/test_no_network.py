"""A case, its report and a study need no network: sockets to elsewhere are refused, in children too; none is tried."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support_cases import write_case
from support_study import with_window, write_study

REFUSE = """
import os, sys

WATCHED = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
           "socket.gethostbyname", "socket.gethostbyaddr"}

def refuse(event, args):
    pipe = event in ("socket.connect", "socket.bind") and isinstance(args[1], (str, bytes))  # of this machine
    if event in WATCHED and not pipe:
        with open(os.environ["NO_NETWORK_LOG"], "a") as log:
            log.write(f"{event} {args}\\n")
        raise OSError("no network in this test")

sys.addaudithook(refuse)
"""


@pytest.fixture
def alone(tmp_path):
    """Runs Python with every connection but those of the machine's own pipes refused; what was tried."""
    place, log = tmp_path / "hook", tmp_path / "tried.log"
    place.mkdir()
    (place / "sitecustomize.py").write_text(REFUSE)
    paths = [str(place), *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "NO_NETWORK_LOG": str(log)}

    def run(*arguments):
        done = subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True, check=False)
        return done, log.read_text() if log.exists() else ""

    return run


def test_the_refusal_works(alone):
    done, tried = alone("-c", "import socket; socket.create_connection(('127.0.0.1', 9), timeout=5)")
    assert done.returncode != 0 and "no network in this test" in done.stderr
    assert "socket.getaddrinfo" in tried or "socket.connect" in tried


def test_a_case_and_its_report(alone, tmp_path):
    case, out = write_case(tmp_path / "case"), tmp_path / "out"
    done, tried = alone("-m", "deadlight", "run", str(case), "--out", str(out))
    assert (out / "summary.json").exists(), done.stderr
    (out / "report.html").unlink()
    again, tried = alone("-m", "deadlight", "report", str(out))
    assert again.returncode == 0 and (out / "report.html").exists(), again.stderr
    assert tried == ""


def test_a_study(alone, tmp_path):
    study = write_study(tmp_path / "study", ("samples = 12", "samples = 3"))
    out = with_window(Path(tmp_path / "out"))
    done, tried = alone("-m", "deadlight", "batch", str(study), "--out", str(out), "--jobs", "1")
    assert done.returncode == 0 and (out / "answers.json").exists(), done.stderr
    assert tried == ""
