"""Mutation testing: puts one fault at a time into the modules of K, growth and outcome and sees whether a test fails.

    .ci/coverage python                         first: which test runs which line
    python .ci/mutation.py --group growth --sample 100 --seed 1 --minutes 15

A mutant is judged by the tests that run its statement, the quickest first, then by the whole of their files (a fixture
that several tests share is run by one of them only), each stage for `--patience` seconds at most. A mutant that spends
several times what its tests take counts as killed: the fault made an endless loop. One that no test runs has survived.
What was judged stands in build/mutation/GROUP.jsonl; a run goes on from there. Each mutant runs in a forked child, so
that numpy and scipy are imported once.

A change that nothing can tell from the sound program is no fault. Those that survived and were proved to be such stand
in .ci/same.toml, each with its proof; they are judged like all others, and where a test fails on one of them the
proof is wrong, and the run fails. The share of killed mutants is that of the others; both counts are printed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import os
import random
import re
import resource
import shutil
import sys
import time
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
SOURCE = Path("src/deadlight")
GROUPS = {"K": ("operator", "crack"), "growth": ("growth",), "outcome": ("outcome",)}
START = 0.2  # processor time [s] to begin with a file
FEWEST = 60  # judged mutants on which --least is decided
NOT_SHIPPED = ("make_tables.py", "influence_runs.py")  # they made the tables of the package data, once


class Ran:
    """Which tests ran a line of some rooms, and how long a test takes, as .ci/coverage found it."""

    def __init__(self, folder: Path, rooms: tuple[str, ...]) -> None:
        import coverage

        data = coverage.CoverageData(basename=str(folder / "data"))
        data.read()
        measured = {name.rpartition("/deadlight/")[2]: name for name in data.measured_files()}
        self.lines = {k: data.contexts_by_lineno(v) for k, v in measured.items() if k.partition("/")[0] in rooms}
        rows = (json.loads(line) for line in (folder / "tests.jsonl").read_text(encoding="utf-8").splitlines())
        self.cpu: dict[str, float] = {row["test"]: row["cpu"] for row in rows}
        self.in_file = defaultdict[str, list[str]](list)
        for test in self.cpu:
            self.in_file[test.partition("::")[0]].append(test)

    def tests(self, module: str, statement: tuple[int, int]) -> list[str]:
        """Tests that ran any line of a statement, the quickest first."""
        lines = self.lines.get(module, {})
        found = {test for line in range(statement[0], statement[1] + 1) for test in lines.get(line, ()) if test}
        return sorted(found & self.cpu.keys(), key=lambda test: (self.time(test), test))

    def files(self, tests: list[str]) -> list[str]:
        """The files of some tests, the quickest first."""
        found = {test.partition("::")[0] for test in tests}
        return sorted(found, key=lambda name: (self.time(name), name))

    def time(self, name: str) -> float:
        """Processor time [s] of a whole file, or of a test by itself: the first of a file pays for what all share."""
        file = name.partition("::")[0]
        if name == file:
            return START + sum(self.cpu[test] for test in self.in_file[file])
        return START + self.cpu[name] + (0.0 if self.in_file[file][0] == name else self.cpu[self.in_file[file][0]])

    def within(self, names: list[str], patience: float) -> list[str]:
        """The first of them that together take no longer than this, at least one."""
        spent = np.cumsum([self.time(name) for name in names])
        return names[: max(1, int(np.searchsorted(spent, patience, side="right")))]


class Same:
    """Changes that make no difference, from .ci/same.toml."""

    def __init__(self, path: Path, source: Path) -> None:
        self.found: set[tuple[object, ...]] = set()
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["same"]:
            text = (source / entry["module"]).read_text(encoding="utf-8")
            there = {i for i, line in enumerate(text.splitlines(), 1) if line.strip() == entry["code"]}
            meant = [m for m in mutants(text, there) if (m.old, m.new) == (entry["old"], entry["new"])]
            if "which" in entry:
                meant = meant[entry["which"] - 1 : entry["which"]]
            if not meant or not entry["why"]:
                sys.exit(f"{path.name}: no such change, or no reason: {entry}; take it out or set it right")
            self.found |= {(entry["module"], m.start, entry["code"], m.old, m.new) for m in meant}

    def __contains__(self, row: dict[str, object]) -> bool:
        return tuple(row[key] for key in ("module", "start", "code", "old", "new")) in self.found


def sample(group: str, count: int, seed: int, only: str = "") -> list[tuple[Path, Mutant]]:
    """Mutants of a group, drawn evenly from all of them, or from the modules whose path matches."""
    source = ROOT / SOURCE
    paths = sorted(p for room in GROUPS[group] for p in (source / room).glob("*.py") if p.name not in NOT_SHIPPED)
    paths = [path for path in paths if re.search(only, path.relative_to(source).as_posix())]
    every = [(path.relative_to(source), each) for path in paths for each in mutants(path.read_text(encoding="utf-8"))]
    print(f"{group}: {len(every)} mutants in {len(paths)} modules, {min(count, len(every))} drawn with seed {seed}")
    return random.Random(seed).sample(every, min(count, len(every)))


def _child(tree: Path, tests: list[str], limit: float, log: Path) -> None:
    """Runs the tests in a forked process and leaves it."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit)))
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(tree / "src"))
    os.environ["PYTHONPATH"] = str(tree / "src")
    os.environ["CI"] = "true"  # hypothesis tries the same examples every time
    os.chdir(ROOT)
    import pytest

    status = pytest.main(["-q", "-x", "--no-header", "-p", "no:cacheprovider", "--rootdir", str(ROOT), *tests])
    sys.stdout.flush()
    os._exit(int(status))


def judge(tree: Path, tests: list[str], limit: float, log: Path) -> tuple[str, float, str]:
    """What the tests say of the tree as it is: "killed" or "survived", processor seconds, what failed first."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    pid = os.fork()
    if pid == 0:
        _child(tree, tests, limit, log)
    _, status = os.waitpid(pid, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    text = log.read_text(errors="replace")
    failed = re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", text, flags=re.M)
    if os.WIFSIGNALED(status):
        return "killed", spent, f"signal {os.WTERMSIG(status)}"
    if os.WEXITSTATUS(status) == 0:
        return "survived", spent, ""
    if not failed:
        raise RuntimeError(f"the tests did not run:\n{text[-2000:]}")
    return "killed", spent, failed[0]


def installed() -> Path:
    """Folder of the installed package: its kernels are not mutated."""
    spec = importlib.util.find_spec("deadlight")
    if spec is None or spec.origin is None:
        raise RuntimeError("deadlight is not installed here: its kernels are needed")
    return Path(spec.origin).parent


@dataclass
class Court:
    """Judges mutants, in several processes with a tree each."""

    ran: Ran
    out: Path
    group: str
    patience: float
    until: float  # time.monotonic()
    trusted: set[str] = field(default_factory=set)  # tests that pass without any fault

    def tree(self) -> Path:
        """A tree of this process, made when it is first asked for."""
        tree = self.out / f"tree-{self.group}-{os.getpid()}"
        if not tree.exists():
            shutil.copytree(ROOT / "src", tree / "src", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
            for kernel in installed().glob("*.so"):
                shutil.copy(kernel, tree / SOURCE)
        return tree

    def stages(self, module: str, statement: tuple[int, int]) -> list[list[str]]:
        """Tests that judge a statement: those that ran it, then all of their files."""
        tests = self.ran.tests(module, statement)
        if not tests:
            return []
        stages = [self.ran.within(tests, self.patience), self.ran.within(self.ran.files(tests), self.patience)]
        again = {test for name in stages[1] for test in self.ran.in_file[name]} - set(stages[0])
        return stages if again else stages[:1]

    def trust(self, test: str) -> None:
        """A test that fails without any fault would kill every mutant it is to judge."""
        if test in self.trusted or test.startswith("signal"):
            return
        which = test if test in self.ran.cpu else test.partition("::")[0]
        log = self.out / f"control-{os.getpid()}.log"
        if judge(self.tree(), [which], 3600.0, log)[0] != "survived":
            raise RuntimeError(f"{test} fails without any fault; see {log}")
        self.trusted.add(test)

    def __call__(self, which: tuple[Path, Mutant]) -> dict[str, object] | None:
        """Judge a mutant; None when the time is spent."""
        if time.monotonic() > self.until:
            return None
        module, mutant = which
        path = self.tree() / SOURCE / module
        source = path.read_text(encoding="utf-8")
        state, by, cpu = "survived", "no test runs it", 0.0
        path.write_text(mutant.applied(source), encoding="utf-8")
        try:
            for tests in self.stages(str(module), mutant.statement):
                limit = 20.0 + 4.0 * sum(self.ran.time(name) for name in tests)
                state, spent, by = judge(self.tree(), tests, limit, self.out / f"{self.group}-{os.getpid()}.log")
                cpu += spent
                if state == "killed":
                    break
        finally:
            path.write_text(source, encoding="utf-8")
        if state == "killed":
            self.trust(by)
        row = {"module": str(module), "line": mutant.line, "code": source.splitlines()[mutant.line - 1].strip()}
        row |= {"start": mutant.start, "old": mutant.old, "new": mutant.new}
        return row | {"state": state, "by": by, "cpu": round(cpu, 1)}


court: Court  # of the forked processes


def _judged(which: tuple[Path, Mutant]) -> dict[str, object] | None:
    return court(which)


def score(found: list[dict[str, object]], same: Same) -> float:
    """Share of killed mutants [%] among those that make a difference."""
    return 100.0 * sum(f["state"] == "killed" for f in found) / max(sum(f not in same for f in found), 1)


def disproved(found: list[dict[str, object]], same: Same) -> list[dict[str, object]]:
    """What a test failed on, though it is said to make no difference; one that ran out of time proves nothing."""
    return [f for f in found if f["state"] == "killed" and f in same and not str(f["by"]).startswith("signal")]


def table(found: list[dict[str, object]], same: Same) -> str:
    """How many were killed, and what survived."""
    killed, alike = sum(f["state"] == "killed" for f in found), sum(f in same for f in found)
    lines = [
        f"{killed} of {len(found)} mutants killed ({100 * killed / max(len(found), 1):.0f} %);"
        f" {alike} make no difference, {killed} of the {len(found) - alike} others are {score(found, same):.0f} %"
    ]
    lines += [
        f"  survived: {f['module']}:{f['line']}  {f['old']!r} -> {f['new']!r}  {f['by']}"
        for f in found
        if f["state"] != "killed" and f not in same
    ]
    return "\n".join(lines)


def main() -> None:
    """Judges a sample of a group."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--group", choices=GROUPS, required=True)
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0, help="No mutant is begun after this time.")
    parser.add_argument("--patience", type=float, default=40.0, help="Seconds that the tests of a mutant may take.")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--ran", type=Path, default=ROOT / "build" / "coverage" / "python", help="From .ci/coverage.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "mutation")
    parser.add_argument("--only", default="", help="Modules whose path matches this regular expression.")
    parser.add_argument("--least", type=float, default=0.0, help="Status 1 if fewer percent are killed.")
    parser.add_argument("--fresh", action="store_true", help="Forget what was judged before.")
    parser.add_argument("--again", action="store_true", help="Judge survivors again.")
    options = parser.parse_args()
    if not (options.ran / "tests.jsonl").exists():
        parser.error(f"{options.ran} does not tell which test runs which line: run .ci/coverage python first")
    same = Same(ROOT / ".ci" / "same.toml", ROOT / SOURCE)
    options.out.mkdir(parents=True, exist_ok=True)
    for old in options.out.glob(f"tree-{options.group}-*"):
        shutil.rmtree(old)
    journal = options.out / f"{options.group}.jsonl"
    if options.fresh:
        journal.unlink(missing_ok=True)
    found = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    if options.again:
        found = [f for f in found if f["state"] == "killed"]
        journal.write_text("".join(json.dumps(f) + "\n" for f in found))
    import pytest  # noqa: F401  imported once, for all children
    import scipy.integrate
    import scipy.interpolate
    import scipy.sparse.linalg
    import scipy.spatial  # noqa: F401

    until = time.monotonic() + 60.0 * options.minutes
    global court
    court = Court(Ran(options.ran, GROUPS[options.group]), options.out, options.group, options.patience, until)
    done = {(f["module"], f["start"], f["new"]) for f in found}
    chosen = sample(options.group, options.sample, options.seed, options.only)
    chosen = [(module, each) for module, each in chosen if (str(module), each.start, each.new) not in done]
    with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
        for row in pool.imap_unordered(_judged, chosen):
            if row is None:
                continue
            found.append(row)
            with journal.open("a") as out:
                out.write(json.dumps(row) + "\n")
            change = f"{row['module']}:{row['line']}  {row['old']!r} -> {row['new']!r}"
            print(f"{row['state']:<9} {row['cpu']:6.1f} s  {change}  {row['by']}", flush=True)
    print(table(found, same))
    if options.least > 0.0 and len(found) < FEWEST:
        sys.exit(f"only {len(found)} mutants were judged, {FEWEST} are needed to say anything: more --minutes")
    if wrong := disproved(found, same):
        sys.exit("killed, though .ci/same.toml says that nothing can tell it:\n" + "\n".join(map(str, wrong)))
    if score(found, same) < options.least:
        sys.exit(1)


if __name__ == "__main__":
    main()
