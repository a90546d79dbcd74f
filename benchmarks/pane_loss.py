"""Loss of the outermost pane at every instant of a case: states, what was solved, CPU seconds.

python benchmarks/pane_loss.py examples/shenzhou20/case.toml [--kept FOLDER/stages] [--instants 24] [--confirmed 5]

`--kept` takes heat and stress of the window from a folder of `deadlight run`; without it they are solved first.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from deadlight.case.load import load_case
from deadlight.chain.loss_sweep import loss_sweep
from deadlight.chain.solving import StageClock, nothing, solve_stages, window_store
from deadlight.chain.viewport import build_viewport
from deadlight.progress import silent


def main() -> None:
    """Prints one line a loss time, then the windows that were solved."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", type=Path)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--instants", type=int)
    parser.add_argument("--confirmed", type=int)
    asked = parser.parse_args()
    case, root = load_case(asked.case), asked.case.parent
    store = window_store(case, root, asked.kept) if asked.kept else None
    solved = solve_stages(build_viewport(case, root=root), root, store, silent, StageClock(), record=nothing)
    begun = time.process_time()
    found = loss_sweep(solved, case.panes[0].name, instants=asked.instants, confirmed=asked.confirmed, root=root)
    spent = time.process_time() - begun
    print(f"{'lost [s]':>9} {'state':<12} {'by':<7} {'peak [K]':>9} {'K/K_Ic':>7}")
    for p in found.points:
        ratio = "" if p.ratio is None else f"{p.ratio:7.2f}"
        print(f"{p.time:9.1f} {p.state:<12} {p.by:<7} {p.peak_temperature:9.1f} {ratio}")
    for loss in found.confirmed:
        heat = loss.run.temperature.info["cpu_seconds"]
        print(f"lost at {loss.time:.1f} s: {loss.judged.sentence}; heat {heat:.1f} CPU s")
    print(found.sentence)
    print(f"{len(found.points)} loss times, {len(found.confirmed)} whole windows, {spent:.1f} CPU s")


if __name__ == "__main__":
    main()
