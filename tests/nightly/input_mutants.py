"""Mutation fuzzing of every kind of input file, as many as asked for, resumable.

    python tests/nightly/input_mutants.py --count 20000 --seed 1 --out out/mutants.jsonl

One line a mutant goes to the file; a second call goes on after the last one.  Exit status 1 if any mutant ended in a
crash, a hang, a traceback, too much memory, an unfit message, or was accepted with another meaning than the slow
readers find.  `--names vtu` keeps to the subjects with that in their name.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "robustness"), str(Path(__file__).parents[1])]

from hostile.campaign import campaign  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/mutants.jsonl"))
    parser.add_argument("--names", default="")
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    done = [json.loads(line) for line in given.out.read_text().splitlines()] if given.out.exists() else []
    tally = Counter(row["kind"] for row in done)
    most = [max((row[key] for row in done), default=0) for key in ("seconds", "memory")]
    start = time.monotonic()
    with given.out.open("a") as out:
        for outcome in campaign(len(done), given.count - len(done), given.seed, given.names):
            tally[outcome.kind] += 1
            most = [max(most[0], outcome.seconds), max(most[1], outcome.memory)]
            row = dataclasses.asdict(outcome)
            row["seen"] = row["seen"][:200] if outcome.kind in ("refused", "accepted") else row["seen"]
            out.write(json.dumps(row) + "\n")
            out.flush()
            if outcome.kind not in ("refused", "accepted"):
                print(f"{outcome.index} {outcome.subject}: {outcome.kind}: {outcome.seen}", flush=True)
    told = ", ".join(f"{n} {kind}" for kind, n in sorted(tally.items()))
    print(f"{sum(tally.values())} mutants: {told}; at most {most[0]:.2f} s and {most[1] / 2**20:.0f} MiB each")
    print(f"{time.monotonic() - start:.0f} s for the last {given.count - len(done)}")
    return int(any(kind not in ("refused", "accepted") for kind in tally))


if __name__ == "__main__":
    sys.exit(main())
