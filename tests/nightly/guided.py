"""Coverage-guided fuzzing of the readers with Atheris (Apache-2.0): mutants that reach new code are kept, mutated on.

    pip install 'deadlight[fuzz]'
    python tests/nightly/guided.py --minutes 20 --out out/guided [--subject vtu-zlib-1]

Without `--subject` every subject of `hostile.subjects` has an equal share of the time.  Each runs in a process of its
own; what ends it (an exception that is no refusal, another meaning than the slow reader finds, more than 5 s or 1 GiB)
stands in `out/guided/<subject>/fault-*` and gives exit status 1.  The kept inputs are taken up by the next call.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / "robustness"), str(Path(__file__).parents[1])]

SECONDS, MEGABYTES = 5, 1024
LARGEST = 1 << 16
"""Bytes of an input: libFuzzer mutates small ones best; the controls have 2 to 12 KB."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--out", type=Path, default=Path("out/guided"))
    parser.add_argument("--subject", default="")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        fuzz(given.subject, given.out, 60 * given.minutes)
    from hostile.subjects import subjects

    with tempfile.TemporaryDirectory() as store:
        names = [s.name for s in subjects(Path(store) / "store") if given.subject in ("", s.name)]
    faults = 0
    for name in names:
        call = [sys.executable, __file__, "--inside", "--subject", name, "--out", str(given.out)]
        ended = subprocess.run([*call, "--minutes", str(given.minutes / len(names))], capture_output=True, text=True)
        lines = [row for row in ended.stderr.splitlines() if "cov:" in row or "DONE" in row]
        faults += ended.returncode != 0
        state = "no fault" if ended.returncode == 0 else "FAULT\n" + ended.stdout[-3000:] + ended.stderr[-3000:]
        print(f"{name}: {lines[-1].strip() if lines else 'nothing run'}: {state}", flush=True)
    return int(faults > 0)


def fuzz(name: str, out: Path, seconds: float) -> None:
    """One subject under libFuzzer; does not return."""
    import atheris

    with atheris.instrument_imports(include=["deadlight"]):  # the readers; the rest of the program is left as it is
        from deadlight.mesh import abaqus, gmsh, nastran, vtu, xdmf  # noqa: F401
        from deadlight.study import form, journal, space  # noqa: F401
    from hostile import judge
    from hostile.mutate import mutant
    from hostile.subjects import subjects

    from deadlight.mesh import _child

    judge.warm()
    _child._limit = lambda seconds, size: None  # the limits are those of this process, by libFuzzer
    home = Path(tempfile.mkdtemp(prefix="guided-"))
    (subject,) = (s for s in subjects(home / "store") if s.name == name)
    kept = out / name
    kept.mkdir(parents=True, exist_ok=True)
    (kept / "control").write_bytes(subject.data)

    def once(data: bytes) -> None:
        job: dict[str, Any] = subject.prepare(home / name, data)
        answer = getattr(judge, job.pop("do"))(**job)
        if answer.get("unforeseen") or answer.get("differences"):
            raise AssertionError(answer)

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        if seed % 2:
            return atheris.Mutate(data, most)
        return mutant(data or subject.data, str(seed), toml=subject.toml)[:most]

    options = [f"-max_total_time={max(int(seconds), 1)}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}"]
    options += [f"-max_len={max(LARGEST, 2 * len(subject.data))}", f"-artifact_prefix={kept}/fault-"]
    atheris.Setup([sys.argv[0], *options, str(kept)], once, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
