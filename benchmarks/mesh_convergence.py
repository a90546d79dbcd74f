"""K of the shipped case by the quick tier against the mesh: one number, `refine`, makes every element smaller.

    python benchmarks/mesh_convergence.py [refine ...]          (default 0.7 1.0 1.3)

Heat, stress and the crack as found; no growth, no loss of a pane, no bands.  Prints nodes, unknowns of the stress
solution of the cracked pane, largest K, first time at K_Ic, CPU seconds and the peak memory of the process so far.
"""

import itertools
import resource
import sys
import time
import tomllib
from pathlib import Path

from deadlight.case.load import parse_case
from deadlight.chain.solving import answer_cracks, solve_window

CASE = Path(__file__).resolve().parent.parent / "examples/shenzhou20/case.toml"


def main(*refine):
    print(
        f"{'refine':>7}{'nodes':>9}{'unknowns':>10}{'K [MPa m^0.5]':>15}{'at [s]':>8}{'K_Ic at [s]':>13}"
        f"{'CPU [s]':>9}{'peak [GiB]':>11}"
    )
    found = []
    for text in refine or ("0.7", "1.0", "1.3"):
        data = tomllib.loads(CASE.read_text())
        data["window"]["refine"] = text
        data["growth"]["tier"] = "quick"
        begun = time.process_time()
        case = parse_case(data, place=str(CASE))
        result = answer_cracks(solve_window(case, root=CASE.parent), case.cracks, root=CASE.parent)
        r = result.cracks[0].result
        nodes = len(result.viewport.mesh.region_nodes("thermal"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        found.append(float(r.seed_k.max()) / 1e6)
        first = "never" if r.first_time is None else f"{r.first_time:.1f}"
        print(
            f"{text:>7}{result.viewport.mesh.n_nodes:>9}{3 * nodes:>10}{found[-1]:>15.4f}{r.time_of_max:>8.0f}"
            f"{first:>13}{time.process_time() - begun:>9.0f}{peak:>11.2f}",
            flush=True,
        )
    for a, b in itertools.pairwise(found):
        print(f"change of K to the next finer mesh: {100 * (b / a - 1):+.2f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
