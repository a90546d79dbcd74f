"""Studies: 1000 cracks by the quick tier, 50 K histories by the crack operator, one worker against two.

    python benchmarks/study.py                          # everything but the peer; solves the window first (minutes)
    python benchmarks/study.py --stages out/shenzhou20/stages      # heat and stress of a run of the same case
    python benchmarks/study.py --quick 1000 --full 50 --jobs 1 2 --peer 3

CPU seconds count driver and workers after the window is loaded; wall seconds need an idle machine.  The peer is the
same number of cracks by a conforming mesh in CalculiX, extrapolated from some of them (`conforming.py`): meshing,
solving, reading back, for one load; the operator's figures hold the whole history, contact included.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DEADLIGHT_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np

from deadlight.study.plan import Group, plan_of
from deadlight.study.read import read_study
from deadlight.study.window import StudyWindow
from deadlight.study.work import full_case, quick_case
from deadlight.study.workers import Pool

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "shenzhou20"


def study_file(folder: Path, count: int) -> Path:
    """The shipped study, with the parameters of the crack and its glass alone: one window."""
    shutil.copy(EXAMPLE / "case.toml", folder)
    text = (EXAMPLE / "study.toml").read_text(encoding="utf-8")
    text = re.sub(
        r'\[\[parameters\]\]\nname = "(environment|supports).*?(?=\[\[parameters|\[design)', "", text, flags=re.S
    )
    text = re.sub(r"windows = \d+.*", "windows = 1", text)
    text = re.sub(r"samples = \d+", f"samples = {count}", text)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


def seconds_of(pool_work, tasks: int, jobs: int) -> tuple[float, float, list]:
    """Wall and CPU seconds of some cases, and what they gave, by task."""
    before, begun = os.times(), time.perf_counter()
    found = sorted(Pool(pool_work, jobs, 3600.0, 8e9).run(range(tasks)), key=lambda o: o.task)
    wall, after = time.perf_counter() - begun, os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    return wall, cpu, [o.value for o in found]


def measured(window: StudyWindow, group: Group, what: str, count: int, jobs: list[int]) -> None:
    """One line for every number of workers; the contents must be the same."""
    posed = group.posed[:count]

    def quick(i: int) -> str:
        return quick_case(window, posed[i])["content"]

    def full(i: int) -> str:
        return full_case(window, posed[i])[0]["content"]

    seen, walls = [], {}
    for number in jobs:
        wall, cpu, contents = seconds_of(quick if what == "quick" else full, len(posed), number)
        seen.append(contents)
        walls[number] = wall
        print(
            f"{what:<6} {len(posed):>5} cracks {number:>2} workers  wall {wall:8.1f} s  cpu {cpu:8.1f} s  "
            f"{1e3 * cpu / len(posed):8.1f} ms cpu a crack  {len(posed) / wall:7.2f}/s",
            flush=True,
        )
    if len(seen) > 1:
        same = "yes" if all(each == seen[0] for each in seen) else "NO"
        faster = walls[jobs[0]] / walls[jobs[-1]]
        print(
            f"{what:<6} same contents: {same}; {jobs[0]} to {jobs[-1]} workers: {faster:.2f} times as fast", flush=True
        )


def peer(count: int, of: int) -> None:
    """Some surface cracks by CalculiX, extrapolated."""
    if shutil.which("ccx") is None:
        print("peer: CalculiX (ccx) is not on the PATH: apt-get install calculix-ccx")
        return
    from conforming import plate

    wall, cpu = [], []
    for ratio in np.linspace(0.4, 1.0, count):
        row = plate("ccx", ratio=float(ratio), share=0.6)[-1]  # the finer mesh, one load
        wall.append(row["wall_s"])
        cpu.append(row["cpu_s"])
        print(
            f"peer   a/c {ratio:.2f}: {row['unknowns']} unknowns, {wall[-1]:.1f} s wall, {cpu[-1]:.1f} s cpu",
            flush=True,
        )
    print(f"peer   {of} cracks by a conforming mesh in CalculiX, one load each: {of * np.mean(cpu):.0f} s cpu")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stages", type=Path, help="heat.stage and stress_*.stage of a run of the same case")
    parser.add_argument("--quick", type=int, default=1000)
    parser.add_argument("--full", type=int, default=50)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--peer", type=int, default=0, help="cracks that CalculiX solves")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        group = plan_of(read_study(study_file(Path(name), max(given.quick, given.full, 1)))).groups[0]
        kept = Path(name) / "shared"
        if given.stages:
            shutil.copytree(given.stages, kept)
        begun = time.process_time()
        window = StudyWindow.open(group.case, group.base.root, kept)
        window.pane("thermal")
        print(f"window {time.process_time() - begun:.1f} s cpu", flush=True)
        if given.quick:
            measured(window, group, "quick", given.quick, given.jobs)
        if given.full:
            measured(window, group, "full", given.full, given.jobs)
    if given.peer:
        peer(given.peer, given.full)


if __name__ == "__main__":
    main()
