"""What may go wrong while a study runs, done to it on purpose: nothing lost, doubled or wrong, and every fault named.

    python benchmarks/study_faults.py                   # all
    python benchmarks/study_faults.py --kills 20 --drivers 5 --damaged 8 --only workers drivers

The study is a small one (one round pane, half a minute of heating, 60 cracks by the quick tier).  Its results without
any fault are the reference: after every fault they are the same to the bit, or what failed is named with its reason.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DEADLIGHT_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import numpy as np
import pyarrow as pa

from deadlight.errors import DeadlightError, InputError, MachineError
from deadlight.study import full_store, journal, work
from deadlight.study import run as study_run
from deadlight.study.folder import study_status
from deadlight.study.run import How, resume_study, run_study
from deadlight.study.table import read_table
from support_study import with_window, write_study

CASES = 60
SIZE = ("samples = 12", f"samples = {CASES}")
Row = dict[str, Any]


def contents(out: Path) -> list[Row]:
    table = read_table(out)
    return table.select(["row", "key", "content", "status", "verdict"]).to_pylist()


def said(fault: str, tried: int, outcome: str, good: bool) -> bool:
    print(f"{fault:<44} {tried:>5}  {'ok  ' if good else 'FAIL'}  {outcome}", flush=True)
    return good


def workers(place: Path, reference: list[Row], kills: int) -> bool:
    """kill -9 of workers, from outside, again and again."""
    out = with_window(place / "workers")
    log = place / "kills"
    killer = (
        "import os, random, signal, sys, time\n"
        f"driver, wanted, done = {os.getpid()}, {kills}, 0\n"
        "rng = random.Random(1)\n"
        "while done < wanted and os.path.exists(f'/proc/{driver}'):\n"
        "    time.sleep(rng.uniform(0.05, 0.4))\n"
        "    mine = open(f'/proc/{driver}/task/{driver}/children').read().split()\n"
        "    same = open(f'/proc/{driver}/cmdline').read()\n"
        "    alike = lambda p: os.path.exists(f'/proc/{p}') and open(f'/proc/{p}/cmdline').read() == same\n"
        "    mine = [int(p) for p in mine if alike(p)]\n"  # workers are forked; other children are none
        "    if mine:\n"
        "        try:\n"
        "            os.kill(rng.choice(mine), signal.SIGKILL); done += 1\n"
        f"            open({str(log)!r}, 'w').write(str(done))\n"
        "        except ProcessLookupError: pass\n"
    )

    def slower(window: Any, posed: Any) -> Any:
        time.sleep(0.25)  # so that a case is in hand when its worker is killed
        return work.quick_case(window, posed)

    begun = subprocess.Popen([sys.executable, "-c", killer])
    study_run.quick_case = slower
    try:
        rounds = 0
        while begun.poll() is None or not rounds:
            rounds += 1
            shutil.rmtree(out)
            run_study(write_study(place, SIZE), with_window(out), how=How(2))
            if contents(out) != reference:
                break
    finally:
        study_run.quick_case = work.quick_case
        begun.kill()
        begun.wait()
    killed = int(log.read_text())
    return said(
        "worker killed (kill -9)", killed, f"{rounds} studies, all results as without", contents(out) == reference
    )


def drivers(place: Path, reference: list[Row], kills: int) -> bool:
    """kill -9 of the driver, until the study is through."""
    out, path = with_window(place / "drivers"), write_study(place, SIZE)
    code = (
        "import time, deadlight.study.run as r, deadlight.study.work as w\n"
        "r.EVERY = 0.0\n"
        "r.quick_case = lambda window, posed: (time.sleep(0.2), w.quick_case(window, posed))[1]\n"
        f"r.run_study({str(path)!r}, {str(out)!r}, how=r.How(2))\n"
    )
    rng, done, rounds = random.Random(2), 0, 0
    while done < kills:
        rounds += 1
        if rounds > 1 and study_status(out)["state"] == "finished":
            if contents(out) != reference:
                break
            shutil.rmtree(out)
            with_window(out)
        before = study_status(out)["quick"] if (out / "study.json").exists() else 0
        driver = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60 + rng.uniform(0.0, 2.0)
        while driver.poll() is None and time.monotonic() < until:
            time.sleep(rng.uniform(0.01, 0.1))
            with contextlib.suppress(InputError, OSError):
                if (out / "study.json").exists() and study_status(out)["quick"] > before + rng.randrange(6):
                    break
        if driver.poll() is None:
            driver.send_signal(signal.SIGKILL)
            done += 1
        driver.wait()
        now = study_status(out)["quick"] if (out / "study.json").exists() else before
        if now < before:
            return said("driver killed (kill -9)", done, f"cases lost: {before} to {now}", False)
    resume_study(out, how=How(2))
    return said(
        "driver killed (kill -9)", done, "taken up each time, no case lost or doubled", contents(out) == reference
    )


def single(place: Path, reference: list[Row]) -> bool:
    """Cases that end or burden their process."""

    def aborting(window: Any, posed: Any) -> Any:
        if posed.row.index == 3:
            os.abort()
        return work.quick_case(window, posed)

    def segfault(window: Any, posed: Any) -> Any:
        if posed.row.index == 3:
            os.kill(os.getpid(), signal.SIGSEGV)
        return work.quick_case(window, posed)

    def hungry(window: Any, posed: Any) -> Any:
        hoard = []
        while posed.row.index == 3:
            hoard.append(np.ones(4_000_000))
        return work.quick_case(window, posed)

    def endless(window: Any, posed: Any) -> Any:
        while posed.row.index == 3:
            time.sleep(0.1)
        return work.quick_case(window, posed)

    good = True
    for fault, name in (
        (aborting, "abort()"),
        (segfault, "segmentation fault"),
        (hungry, "out of memory"),
        (endless, "endless"),
    ):
        out = with_window(place / fault.__name__)
        study_run.quick_case = fault
        try:
            seconds = 3 if fault is endless else 60
            run_study(
                write_study(place, SIZE, ('time = "60 s"', f'time = "{seconds} s"\nmemory = "300 MB"')), out, how=How(2)
            )
        finally:
            study_run.quick_case = work.quick_case
        rows = read_table(out).to_pylist()
        others = [r for r in contents(out) if r["row"] != 3] == [r for r in reference if r["row"] != 3]
        reason = rows[3]["reason"]
        good &= said(f"a case: {name}", 1, reason, rows[3]["status"] == "failed" and others)
    return good


def disk_full(place: Path, reference: list[Row]) -> bool:
    """No room left, at ten points of a study: on a small file system of its own, or as if where none can be mounted."""
    disk = place / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        return _as_if_full(place, reference)
    try:
        return _small_disk(place, disk, reference)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def _small_disk(place: Path, disk: Path, reference: list[Row]) -> bool:
    """A file beside the study leaves it a tenth, two tenths ... of what it needs beyond heat and stress."""
    whole = sum(_blocks(f) for f in (place / "reference").rglob("*") if "shared" not in f.parts)
    study_run.EVERY, told, good = 0.0, set(), True
    try:
        for point in range(10):
            out, ballast = with_window(disk / f"full{point}"), disk / "ballast"
            room = os.statvfs(disk)
            leave = (point + 0.5) / 11.0 * whole
            with open(ballast, "wb") as file:
                os.posix_fallocate(file.fileno(), 0, int(room.f_bavail * room.f_bsize - leave))
            path = write_study(place, SIZE)
            try:
                run_study(path, out, how=How(1 + point % 2))
                told.add("went through")
            except MachineError as error:
                told.add(str(error).splitlines()[0].rsplit("(", 1)[-1].rstrip(")"))
            half = study_status(out)["quick"] if (out / "study.json").exists() else 0
            ballast.unlink()
            run_study(path, out, how=How(1))
            good &= contents(out) == reference and half <= CASES
            shutil.rmtree(out)
    finally:
        study_run.EVERY = 2.0
    good &= "went through" not in told
    return said("disk full at ten points (tmpfs)", 10, f"stops ({', '.join(sorted(told))}), goes on as without", good)


def _blocks(file: Path) -> int:
    return -(-file.stat().st_size // 4096) * 4096 + 4096


def _as_if_full(place: Path, reference: list[Row]) -> bool:
    real_pwrite, real_write, good = os.pwrite, Path.write_bytes, True
    size = len(journal.packed([{"x": 1}])) * 40
    for point in range(10):
        out, path, left = with_window(place / f"full{point}"), write_study(place, SIZE), [point * size // 3]

        def short(handle: int, data: bytes, at: int, left: list[int] = left) -> int:
            if left[0] <= 0:
                raise OSError(28, "No space left on device")
            done = real_pwrite(handle, data[: left[0]], at)
            left[0] -= done
            return done

        def no_room(self: Path, data: bytes, left: list[int] = left, point: int = point) -> int:
            if left[0] <= 0 and point % 2:
                raise OSError(28, "No space left on device")
            return real_write(self, data)

        study_run.EVERY, os.pwrite, Path.write_bytes = 0.0, short, no_room
        told = "went through"
        try:
            run_study(path, out, how=How(1))
        except MachineError as error:
            told = str(error).splitlines()[0].split(": ", 1)[-1]
        finally:
            study_run.EVERY, os.pwrite, Path.write_bytes = 2.0, real_pwrite, real_write
        run_study(path, out, how=How(1))
        good &= contents(out) == reference and told != "went through"
    return said("disk full at ten points (as if)", 10, f"stops ({told}), then goes on; results as without", good)


def power_cut(place: Path, reference: list[Row]) -> bool:
    """The power fails at every step of a commit, with what was not flushed gone, torn, or zero."""
    records = [{"key": f"k{i}", "content": "", "x": i / 3} for i in range(4)]
    good, count = True, 0
    path = place / "cut.journal"
    made = journal.Journal(path)
    made.append(records[:2])
    made.close()
    before = path.read_bytes()
    whole = before + journal.packed(records[2:])
    for stop in range(len(before), len(whole) + 1):
        for tail in (b"", b"\0" * (len(whole) - stop), os.urandom(len(whole) - stop)):
            path.write_bytes(whole[:stop] + tail)
            again = journal.Journal(path)
            seen = again.found.records
            missing = [r for r in records if r not in seen]
            again.append(missing)
            again.close()
            count += 1
            good &= seen in (records[:2], records) and journal.scan(path).records == records
    steps = full_steps(place)
    for i, state in enumerate(steps):
        folder = place / f"cut{i}"
        shutil.copytree(state, folder)
        found, damaged = full_store.read_all(folder)
        full_store.sweep(folder)
        good &= set(found) <= {"old", "new"} and found.get("old", {}).get("x") == 1.0 and not damaged
        full_store.write_case(folder, full_record("new", 2.0), {"k": np.arange(3.0)})
        good &= full_store.read_all(folder)[0].keys() == {"old", "new"} and not list(folder.glob(".*"))
        count += 1
    return said("power cut at every step of a commit", count, "the commit is there whole, or not", good)


def full_record(key: str, x: float) -> Row:
    from deadlight.study.record import content_hash

    made = {"key": key, "x": x}
    return {**made, "content": content_hash(made)}


def full_steps(place: Path) -> list[Path]:
    """Copies of the folder of full cases after every call to the system of a commit; then the same with files cut."""
    folder, copies = place / "steps", []
    folder.mkdir()
    full_store.write_case(folder, full_record("old", 1.0), {"k": np.arange(2.0)})
    real = {name: getattr(os, name) for name in ("write", "fsync", "replace")}

    def kept(name: str) -> Any:
        def call(*arguments: Any) -> Any:
            copies.append(shutil.copytree(folder, place / f"step{len(copies)}"))
            found = real[name](*arguments)
            copies.append(shutil.copytree(folder, place / f"step{len(copies)}"))
            return found

        return call

    try:
        for name in real:
            setattr(os, name, kept(name))
        full_store.write_case(folder, full_record("new", 2.0), {"k": np.arange(3.0)})
    finally:
        for name, call in real.items():
            setattr(os, name, call)
    for state in list(copies):
        for hidden in state.glob(".*/*"):  # what was not flushed may be cut short
            cut = shutil.copytree(state, place / f"cutstep{len(copies)}")
            target = cut / hidden.parent.name / hidden.name
            target.write_bytes(hidden.read_bytes()[: hidden.stat().st_size // 2])
            copies.append(cut)
    return copies


def damaged(place: Path, reference: list[Row], count: int) -> bool:
    """Bits flipped, bytes cut off, files emptied or removed in copies of a finished store."""
    path, origin = write_study(place, SIZE), with_window(place / "origin")
    run_study(path, origin, how=How(2))
    rng, same, refused, wrong = random.Random(4), 0, 0, []
    files = [
        f for f in sorted(origin.rglob("*")) if f.is_file() and f.name not in (".lock",) and "pictures" not in f.parts
    ]
    for i in range(count):
        out = place / f"damaged{i}"
        shutil.copytree(origin, out)
        victim = out / files[i % len(files)].relative_to(origin)
        hurt(victim, rng, i // len(files))
        try:
            rows_before = contents(out)
        except (DeadlightError, pa.ArrowInvalid):
            rows_before = None
        if rows_before is not None and rows_before != reference:
            wrong.append(f"{victim.name}: other numbers read from it, without a word")
        try:
            run_study(path, out, how=How(1))
            same += 1
            if contents(out) != reference:
                wrong.append(f"{victim.name}: other numbers when the study was taken up")
        except DeadlightError as error:
            refused += 1
            if victim.name.split(".")[0] not in str(error):
                wrong.append(f"{victim.name}: refused as {error}")
        shutil.rmtree(out)
    outcome = "; ".join([f"{same} with the same numbers, {refused} refused by name", *wrong])
    return said("damaged copies of a store", count, outcome, not wrong)


def hurt(victim: Path, rng: random.Random, how: int) -> None:
    data = bytearray(victim.read_bytes())
    if how % 4 == 0 and data:
        for _ in range(3):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif how % 4 == 1:
        data = data[: len(data) // 2]
    elif how % 4 == 2 and data:
        at = rng.randrange(len(data))
        data[at : at + 64] = bytes(64)
    else:
        data = bytearray()
    victim.write_bytes(data)


def shuffled(place: Path, reference: list[Row]) -> bool:
    """Cases in another order, by two workers."""
    out = with_window(place / "shuffled")
    real = study_run.ordered
    study_run.ordered = lambda posed: random.Random(5).sample(list(posed), len(posed))
    try:
        run_study(write_study(place, SIZE), out, how=How(2))
    finally:
        study_run.ordered = real
    return said("order shuffled, two workers", 1, "the same hashes", contents(out) == reference)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--drivers", type=int, default=30)
    parser.add_argument("--damaged", type=int, default=64)
    parser.add_argument(
        "--only", nargs="+", default=["shuffled", "workers", "drivers", "single", "disk", "power", "damaged"]
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        out = with_window(place / "reference")
        run_study(write_study(place, SIZE), out, how=How(1))
        reference = contents(out)
        print(f"{'fault':<44} {'tried':>5}        outcome", flush=True)
        tests = {
            "shuffled": lambda: shuffled(place, reference),
            "workers": lambda: workers(place, reference, given.kills),
            "drivers": lambda: drivers(place, reference, given.drivers),
            "single": lambda: single(place, reference),
            "disk": lambda: disk_full(place, reference),
            "power": lambda: power_cut(place, reference),
            "damaged": lambda: damaged(place, reference, given.damaged),
        }
        good = all([tests[name]() for name in given.only])
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
