"""Pieces of randomly cut panes beside a brute-force flood fill on a fine grid.

python benchmarks/pieces.py [--count 500] [--first 0] [--done pieces.csv]

Patterns in which the flood fill has a gap or a piece within two cells are passed over; pieces that are certainly
thinner than two cells and that the flood fill does not see are counted and left out.  Finished seeds are kept in the
file and not run again.
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
from support_cuts import ACROSS, brute, pattern

COLUMNS = ("seed", "used", "pieces", "brute", "shards", "worst_volume", "closure", "worst_faces", "alarms", "cpu")


def compared(seed: int) -> dict[str, float]:
    """One pattern by both routes."""
    p = pattern(seed)
    true = brute(p)
    if true is None:
        return dict.fromkeys(COLUMNS, 0.0) | {"seed": seed}
    start = time.process_time()
    found = pieces_of(p.skin, p.cracks, 2200.0)
    cpu = time.process_time() - start
    h = p.thickness / ACROSS
    # 3 V / S bounds the radius of the largest ball inside from above: pieces thinner than two cells for certain
    thin = [3.0 * e.volume < h * float(np.linalg.norm(e.faces.vector, axis=1).sum()) for e in found.pieces]
    small = [k for k, t in enumerate(thin) if t and found.pieces[k].volume < np.min(true[0])]
    kept = [e for k, e in enumerate(found.pieces) if k not in small]
    volume = np.array([each.volume for each in kept])
    same = len(volume) == len(true[0])
    worst = np.inf
    if same:
        middle = np.array([each.centroid for each in kept])
        far = np.linalg.norm(middle[:, None] - true[1][None], axis=2)
        match = far.argmin(axis=1)
        same = len(set(match.tolist())) == len(match)
        worst = float(np.abs(volume / true[0][match] - 1.0).max())
    return {
        "seed": seed,
        "used": 1,
        "pieces": len(volume),
        "brute": len(true[0]),
        "shards": len(small),
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
    shards = int(sum(r["shards"] for r in used))
    print(f"pieces thinner than two cells that only the program sees, left out of the comparison: {shards}")
    print(f"other pieces than the flood fill, or a volume off by more than 1 %: {wrong or 'none'}")
    print(f"worst volume {100 * max(r['worst_volume'] for r in used):.3f} %, "
          f"median {100 * float(np.median([r['worst_volume'] for r in used])):.3f} %")  # fmt: skip
    print(f"masses against the pane's: {max(abs(r['closure']) for r in used):.1e}")
    print(f"volume inside faces against that of sections: {max(r['worst_faces'] for r in used):.1e}")
    print(f"patterns with an alarm: {sum(r['alarms'] > 0 for r in used)}; CPU s a pattern: "
          f"{float(np.median([r['cpu'] for r in used])):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
