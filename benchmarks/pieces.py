"""Pieces of randomly cut panes beside a brute-force flood fill on a fine grid.

python benchmarks/pieces.py [--count 500] [--first 0] [--done pieces.csv]

Patterns in which a gap or a piece is within two cells of the grid are passed over.  Finished seeds are kept in the file
and not run again.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from deadlight.outcome.pieces import pieces_of
from support_cuts import brute, pattern

COLUMNS = ("seed", "used", "pieces", "brute", "worst_volume", "closure", "worst_faces", "alarms", "cpu")


def compared(seed: int) -> dict[str, float]:
    """One pattern by both routes."""
    p = pattern(seed)
    true = brute(p)
    if true is None:
        return dict.fromkeys(COLUMNS, 0.0) | {"seed": seed}
    start = time.process_time()
    found = pieces_of(p.skin, p.cracks, 2200.0)
    cpu = time.process_time() - start
    volume = np.array([each.volume for each in found.pieces])
    same = len(volume) == len(true[0])
    worst = np.inf
    if same:
        middle = np.array([each.centroid for each in found.pieces])
        far = np.linalg.norm(middle[:, None] - true[1][None], axis=2)
        match = far.argmin(axis=1)
        same = len(set(match.tolist())) == len(match)
        worst = float(np.abs(volume / true[0][match] - 1.0).max())
    return {
        "seed": seed,
        "used": 1,
        "pieces": len(volume),
        "brute": len(true[0]),
        "worst_volume": worst if same else np.inf,
        "closure": found.closure,
        "worst_faces": max(abs(each.volume_error) for each in found.pieces),
        "alarms": sum(r.alarm for r in found.remarks),
        "cpu": cpu,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--done", type=Path, default=Path("pieces.csv"))
    asked = parser.parse_args()
    rows: dict[int, dict[str, float]] = {}
    if asked.done.exists():
        with asked.done.open(encoding="utf-8") as file:
            rows = {int(r["seed"]): {k: float(v) for k, v in r.items()} for r in csv.DictReader(file)}
    else:
        asked.done.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    seed = asked.first
    while sum(r["used"] > 0 for s, r in rows.items() if s >= asked.first) < asked.count:
        if seed not in rows:
            rows[seed] = compared(seed)
            with asked.done.open("a", encoding="utf-8") as file:
                file.write(",".join(f"{rows[seed][c]:.9g}" for c in COLUMNS) + "\n")
        seed += 1
    used = [r for s, r in sorted(rows.items()) if r["used"] > 0 and s >= asked.first]
    wrong = [int(r["seed"]) for r in used if r["pieces"] != r["brute"] or not r["worst_volume"] <= 0.01]
    print(f"{len(used)} patterns (of {len(rows)} drawn), {int(sum(r['pieces'] for r in used))} pieces")
    print(f"other pieces than the flood fill, or a volume off by more than 1 %: {wrong or 'none'}")
    print(f"worst volume {100 * max(r['worst_volume'] for r in used):.3f} %, "
          f"median {100 * float(np.median([r['worst_volume'] for r in used])):.3f} %")  # fmt: skip
    print(f"masses against the pane's: {max(abs(r['closure']) for r in used):.1e}")
    print(f"volume inside faces against that of sections: {max(r['worst_faces'] for r in used):.1e}")
    print(f"patterns with an alarm: {sum(r['alarms'] > 0 for r in used)}; CPU s a pattern: "
          f"{float(np.median([r['cpu'] for r in used])):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
