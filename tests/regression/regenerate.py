"""The shipped examples on a coarse mesh, and the reference figures kept of them.

    python tests/regression/regenerate.py                  # every example: about two minutes; writes reference.json
    python tests/regression/regenerate.py arc_jet/case     # only these, the others stay as they are

The figures are no truth: on a mesh this coarse K is some percent off.  They say that a change of the program changed an
answer, which is then either meant (regenerate, and say why in the change) or a defect.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from deadlight.case.load import parse_case
from deadlight.chain.result import RunResult
from deadlight.chain.run import run_case

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
REFERENCE = HERE / "reference.json"
CASES = {
    path.relative_to(EXAMPLES).with_suffix("").as_posix(): path
    for path in sorted(EXAMPLES.glob("*/*.toml"))
    if "[[panes]]" in path.read_text(encoding="utf-8")  # others state an impact
}
REFINE, HEAT_TOLERANCE, STRESS_INSTANTS, CRACK_REFINE = "0.2", "5 K", 24, "0.6"
GEOMETRIES = 3  # of growth


def coarse(path: Path) -> RunResult:
    """The case run on a coarse mesh with a coarse clock; its file stays as it is."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    if "window" in data:  # a mesh of one's own is as fine as it is
        data["window"]["refine"] = REFINE
    if data.get("growth", {}).get("tier") == "full":
        data["growth"]["geometries"] = GEOMETRIES
    data["solver"] = {
        **data.get("solver", {}),
        "heat_tolerance": HEAT_TOLERANCE,
        "stress_instants": STRESS_INSTANTS,
        "crack_refine": CRACK_REFINE,
        "bands": False,  # a dozen coarse runs of their own
    }
    return run_case(parse_case(data, place=str(path)), root=path.parent)


def figures(result: RunResult) -> dict[str, Any]:
    """Peak temperature of the outermost face [K]; of each crack the largest K [Pa m^0.5], its instant [s], the end.

    K and instant of the quick tier, and of the operator where the case asks for it.
    """
    outermost = result.viewport.case.panes[0].name
    nodes = result.viewport.mesh.face_nodes(f"{outermost}.outer")
    cracks: dict[str, dict[str, Any]] = {}
    for crack in result.cracks:
        name = crack.stated.name
        cracks[name] = {"state": crack.growth.state(name) if crack.growth else None}
        if crack.result:  # not every crack is one of the quick tier's kinds
            k, when, state = crack.result.seed_k, crack.result.time_of_max, crack.result.state
            cracks[name] = {"K_Pa_sqrt_m": float(np.nanmax(k)), "time_of_max_s": float(when), "state": state}
    for crack in result.cracks:
        if crack.full:
            k = max(float(front.effective.max()) for front in crack.full.fronts)
            cracks[crack.stated.name] |= {"full_K_Pa_sqrt_m": k, "full_time_of_max_s": crack.full.time_of_max}
    return {"outer_peak_K": float(result.temperature.temperature[:, nodes].max()), "cracks": cracks}


def main(*names: str) -> None:
    """Runs the named examples, or all, and writes their figures into reference.json."""
    kept = json.loads(REFERENCE.read_text(encoding="utf-8")) if names and REFERENCE.exists() else {}
    for name in names or CASES:
        kept[name] = figures(coarse(CASES[name]))
        print(name, json.dumps(kept[name]), flush=True)
    REFERENCE.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
