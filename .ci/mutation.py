"""Mutation testing: puts one fault at a time into the modules of K, growth and outcome and sees whether a test fails.

    python .ci/mutation.py --group growth --sample 40 --seed 1 --cpu-minutes 30 --out build/mutation

A mutant is judged by the test files of its room (`TESTS`) and those that import its module; the fewer imports lie
between a file and the module, the earlier it runs, until a test fails. A mutant that spends its limit of processor time
counts as killed: the fault made an endless loop. What was judged stands in OUT/GROUP.jsonl; a run goes on from there.
Each mutant runs in a forked child, so that numpy and scipy are imported once.
"""

from __future__ import annotations

import argparse
import ast
import functools
import json
import os
import random
import re
import resource
import shutil
import sys
import time
from pathlib import Path

from mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
GROUPS = {"K": ("operator", "crack"), "growth": ("growth",), "outcome": ("outcome",)}
# Room or module -> further test files, the quickest first.
TESTS = {
    "operator/blocked_heat": ("verification/test_blocked_heat_steady", "verification/test_blocked_heat_transient"),
    "operator": (
        "unit/test_operator_kernel", "unit/test_operator_leading", "verification/test_operator_contact",
        "unit/test_growth_causes", "verification/test_crack_operator_cases",
    ),
    "crack/influence": ("unit/test_influence_shapes", "verification/test_influence_tables"),
    "crack": (
        "unit/test_crack_seed", "unit/test_quick_tier", "verification/test_surface_crack",
        "verification/test_through_crack_disc", "verification/test_through_crack_growth", "verification/test_quick_rim",
        "verification/test_quick_growth", "unit/test_quick_growing",
    ),
    "growth": (
        "unit/test_growth_laws", "unit/test_growth_size_history", "unit/test_growth_waveform",
        "unit/test_growth_humidity", "verification/test_slow_growth", "verification/test_growth_in_time",
        "verification/test_growth_direction", "unit/test_growth_bend", "unit/test_growth_ends",
        "unit/test_growth_banded", "unit/test_branching", "unit/test_growth_region", "robustness/test_growth_fuzz",
        "verification/test_growth_energy", "verification/test_growth_by_operator", "verification/test_kinked_cracks",
    ),
    "outcome": (
        "verification/test_leak", "verification/test_pieces", "verification/test_retention", "unit/test_free_body",
        "verification/test_pane_outcome", "verification/test_pane_loss_estimates", "verification/test_pane_loss",
    ),
}  # fmt: skip
MUTANT_CPU = 240  # [s]


def imported(text: str) -> set[str]:
    """Modules of the package that a source text imports, as "growth/law.py"."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("deadlight"):
            base = node.module.replace(".", "/").removeprefix("deadlight").lstrip("/")
            found |= {f"{base}.py"} | {f"{base}/{each.name}.py".lstrip("/") for each in node.names}
    return found


@functools.cache
def imports() -> dict[str, set[str]]:
    """Every module of the package, and every test file by its path, with the modules it imports."""
    source = ROOT / "src" / "deadlight"
    modules = {str(p.relative_to(source)): p for p in source.rglob("*.py")}
    found = {name: imported(path.read_text(encoding="utf-8")) & modules.keys() for name, path in modules.items()}
    tests = (ROOT / "tests").rglob("test_*.py")
    return found | {str(p): imported(p.read_text(encoding="utf-8")) & modules.keys() for p in tests}


def away(test: Path, module: str) -> int:
    """Imports between a test file and a module; 99 if it never gets there."""
    graph, seen, now = imports(), set[str](), {str(test)}
    for distance in range(1, 8):
        now = {each for name in now for each in graph.get(name, ())} - seen
        if module in now:
            return distance
        seen |= now
    return 99


def test_files(module: Path) -> list[Path]:
    """Files that judge a module of src/deadlight, the nearest first, of these the quickest."""
    room = [name for prefix, names in TESTS.items() if str(module).startswith(prefix) for name in names]
    known = [ROOT / "tests" / f"{name}.py" for name in dict.fromkeys(room)]
    direct = [p for p in sorted((ROOT / "tests").rglob("test_*.py")) if str(module) in imports()[str(p)]]
    every = list(dict.fromkeys([*known, *direct]))
    return sorted(every, key=lambda p: (away(p, str(module)), known.index(p) if p in known else len(known)))


def sample(group: str, count: int, seed: int, only: str = "") -> list[tuple[Path, Mutant]]:
    """Mutants of a group, drawn evenly from all of them, or from the modules whose path matches."""
    source = ROOT / "src" / "deadlight"
    paths = sorted(p for room in GROUPS[group] for p in (source / room).glob("*.py") if p.name != "make_tables.py")
    paths = [path for path in paths if re.search(only, path.relative_to(source).as_posix())]
    every = [(path.relative_to(source), each) for path in paths for each in mutants(path.read_text(encoding="utf-8"))]
    print(f"{group}: {len(every)} mutants in {len(paths)} modules, {min(count, len(every))} drawn with seed {seed}")
    return random.Random(seed).sample(every, min(count, len(every)))


def _child(tree: Path, files: list[Path], log: Path, *more: str) -> None:
    """Runs the tests in a forked process and leaves it."""
    resource.setrlimit(resource.RLIMIT_CPU, (MUTANT_CPU, MUTANT_CPU))
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(tree / "src"))
    os.environ["PYTHONPATH"] = str(tree / "src")
    import pytest

    arguments = ["-q", "-x", "--no-header", "-p", "no:cacheprovider", "--rootdir", str(ROOT), *more]
    status = pytest.main([*arguments, *map(str, files)])
    sys.stdout.flush()
    os._exit(int(status))


def judge(tree: Path, files: list[Path], log: Path, *more: str) -> tuple[str, float, str]:
    """What the tests say of the tree as it is: "killed" or "survived", processor seconds, what failed first."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    pid = os.fork()
    if pid == 0:
        _child(tree, files, log, *more)
    _, status = os.waitpid(pid, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    text = log.read_text(errors="replace")
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", text, flags=re.M)
    if os.WIFSIGNALED(status):
        return "killed", spent, f"signal {os.WTERMSIG(status)}"
    if os.WEXITSTATUS(status) == 0:
        return "survived", spent, ""
    if not failed:
        raise RuntimeError(f"the tests did not run:\n{text[-2000:]}")
    return "killed", spent, failed[0]


def table(found: list[dict[str, object]]) -> str:
    """How many were killed, and what survived."""
    killed = sum(f["state"] == "killed" for f in found)
    lines = [f"{killed} of {len(found)} mutants killed ({100 * killed / max(len(found), 1):.0f} %)"]
    lines += [
        f"  survived: {f['module']}:{f['line']}  {f['old']!r} -> {f['new']!r}" for f in found if f["state"] != "killed"
    ]
    return "\n".join(lines)


def main() -> None:
    """Judges a sample of a group."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--group", choices=GROUPS, required=True)
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cpu-minutes", type=float, default=60.0)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "mutation")
    parser.add_argument("--files", type=int, default=4, help="Test files that judge a mutant at most.")
    parser.add_argument("--only", default="", help="Modules whose path matches this regular expression.")
    parser.add_argument("--least", type=float, default=0.0, help="Status 1 if fewer percent are killed.")
    parser.add_argument("--fresh", action="store_true", help="Forget what was judged before.")
    parser.add_argument("--again", action="store_true", help="Judge survivors again.")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    journal = options.out / f"{options.group}.jsonl"
    if options.fresh:
        journal.unlink(missing_ok=True)
    found = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    if options.again:
        found = [f for f in found if f["state"] == "killed"]
        journal.write_text("".join(json.dumps(f) + "\n" for f in found))
    tree = options.out / f"tree-{options.group}"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(ROOT / "src", tree / "src")
    import pytest  # noqa: F401  imported once, for all children
    import scipy.integrate
    import scipy.interpolate
    import scipy.sparse.linalg
    import scipy.spatial  # noqa: F401

    done = {(f["module"], f["start"], f["new"]) for f in found}
    spent = 0.0
    chosen = sample(options.group, options.sample, options.seed, options.only)
    # a file that cannot even be imported would kill every mutant it is to judge
    files = sorted({file for module, _ in chosen for file in test_files(module)[: options.files]})
    for some, more in ((files, ["--collect-only"]), (test_files(chosen[0][0])[:1], [])):
        control = judge(tree, some, options.out / "control.log", *more)
        if control[0] != "survived":
            raise RuntimeError(f"the tests fail without any fault: {control[2]}; see {options.out / 'control.log'}")
    for module, each in chosen:
        if (str(module), each.start, each.new) in done or spent > 60.0 * options.cpu_minutes:
            continue
        path = tree / "src" / "deadlight" / module
        source = path.read_text(encoding="utf-8")
        path.write_text(each.applied(source), encoding="utf-8")
        for stale in path.parent.glob(f"__pycache__/{path.stem}.*"):
            stale.unlink()
        begun = time.monotonic()
        state, cpu, by = judge(tree, test_files(module)[: options.files], options.out / f"{options.group}.log")
        path.write_text(source, encoding="utf-8")
        spent += cpu
        row = {"module": str(module), "line": each.line, "start": each.start, "old": each.old, "new": each.new}
        row |= {"state": state, "by": by, "cpu": round(cpu, 1), "wall": round(time.monotonic() - begun, 1)}
        found.append(row)
        with journal.open("a") as out:
            out.write(json.dumps(row) + "\n")
        print(f"{state:<9} {cpu:6.1f} s  {module}:{each.line}  {each.old!r} -> {each.new!r}  {by}", flush=True)
    print(table(found))
    if 100.0 * sum(f["state"] == "killed" for f in found) < options.least * len(found):
        sys.exit(1)


if __name__ == "__main__":
    main()
