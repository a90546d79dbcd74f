"""The same case gives the same bits: every number of the summary, every field, history and kept stage.

In another process, with other hashes of strings, from an interrupted folder.  With another number of threads the
solutions of the sparse factor round differently: verdict and figures stay.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deadlight.chain.run import run_case_file
from deadlight.store.history import read_history
from deadlight.store.stage import load_stage
from support_cases import write_case

OF_THE_RUN = ("timings_s", "provenance")  # how long it took, and by what
REPEATS = 20


def bits(folder: Path) -> dict[str, str]:
    """A hash of every part of a finished folder that answers anything."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    kept = {k: v for k, v in summary.items() if k not in OF_THE_RUN}
    found = {"summary": hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()}
    columns = read_history(folder / "history.parquet").columns
    found["history"] = digest(columns[name] for name in sorted(columns))
    for path in sorted((folder / "fields").iterdir()):
        found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    for path in sorted((folder / "stages").iterdir()):
        arrays, _ = load_stage(path, of=summary["case_hash"])
        found[path.name] = digest(arrays[name] for name in sorted(arrays))
    return found


def digest(arrays) -> str:
    made = hashlib.sha256()
    for array in arrays:
        plain = np.asarray(array)
        made.update(repr(plain.tolist()).encode() if plain.dtype == object else np.ascontiguousarray(plain).tobytes())
    return made.hexdigest()


def run(case: Path, folder: Path) -> dict[str, str]:
    run_case_file(case, folder, pictures=False)
    return bits(folder)


def run_elsewhere(case: Path, folder: Path, **environment: str) -> dict[str, str]:
    """In a process of its own."""
    code = (
        "import sys; from pathlib import Path; from deadlight.chain.run import run_case_file; "
        "run_case_file(Path(sys.argv[1]), Path(sys.argv[2]), pictures=False)"
    )
    given = {**os.environ, **environment, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    subprocess.run([sys.executable, "-c", code, str(case), str(folder)], check=True, env=given, timeout=300)
    return bits(folder)


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """Case, folder and bits of a run."""
    home = tmp_path_factory.mktemp("once")
    case = write_case(home / "case")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEADLIGHT_THREADS", "1")
        return case, home / "out", run(case, home / "out")


def test_another_process_gives_the_same_bits(once, tmp_path):
    case, _, first = once
    assert len(first) >= 7
    assert run_elsewhere(case, tmp_path / "out", PYTHONHASHSEED="4711", DEADLIGHT_THREADS="1") == first


@pytest.mark.slow
def test_two_threads_give_the_same_verdict_and_figures(once, tmp_path):
    case, folder, _ = once
    run_elsewhere(case, tmp_path / "out", DEADLIGHT_THREADS="2")
    one, two = (json.loads((f / "summary.json").read_text(encoding="utf-8")) for f in (folder, tmp_path / "out"))
    assert (one["verdict"], one["routes"], one["reasons"]) == (two["verdict"], two["routes"], two["reasons"])
    for a, b in zip(one["cracks"], two["cracks"]):
        assert a["state"] == b["state"] and b["K_over_KIc_max"] == pytest.approx(a["K_over_KIc_max"], rel=1e-4)


@pytest.mark.parametrize(
    "kept", [["heat.stage"], pytest.param(["heat.stage", "stress_thermal.stage"], marks=pytest.mark.slow)]
)
def test_a_run_that_was_cut_off_gives_the_same_bits(once, tmp_path, kept, monkeypatch):
    """With what its first stages left."""
    monkeypatch.setenv("DEADLIGHT_THREADS", "1")
    case, folder, first = once
    (tmp_path / "stages").mkdir()
    for name in ("case.toml", "source.txt", "status.json", *(f"stages/{k}" for k in kept)):
        shutil.copy(folder / name, tmp_path / name)
    status = json.loads((tmp_path / "status.json").read_text(encoding="utf-8"))
    (tmp_path / "status.json").write_text(json.dumps({**status, "state": "running"}), encoding="utf-8")
    assert run(case, tmp_path) == first


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_twenty_repeats_give_the_same_bits(once, tmp_path):
    case, _, first = once
    for i in range(REPEATS):
        folder = tmp_path / "out"
        assert run_elsewhere(case, folder, DEADLIGHT_THREADS="1", PYTHONHASHSEED=str(i)) == first, i
        shutil.rmtree(folder)
