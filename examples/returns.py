"""The four shipped returns side by side with hand estimates made before the program existed.

    python examples/returns.py [refine]

The estimates are planning figures: one-dimensional opaque slab, one heating ratio, two-zone rim, K of an infinite
plate.  They are no oracle; the last column says what the difference is made of.
"""

import sys
import tomllib
from pathlib import Path

import numpy as np

from deadlight.case.load import parse_case
from deadlight.chain.run import run_case
from deadlight.crack.section import thickness_rule

HERE = Path(__file__).parent
# case: (file, estimates); the estimate of K is for the through rim crack of the case
RETURNS = {
    "Shenzhou lifting": (
        "shenzhou20/case.toml",
        {"peak g": 4.065, "flux": 161.6, "outer": 1053, "inner": 894.6, "next": 482.1, "hoop": 16.6, "K": 1.20},
    ),
    "Shenzhou ballistic": (
        "shenzhou20/ballistic.toml",
        {"peak g": 9.717, "flux": 185.0, "outer": 1086, "inner": 881.3, "next": 427.8, "hoop": 17.3, "K": 1.18},
    ),
    "Apollo": (
        "apollo_side/case.toml",
        {"peak g": 6.57, "flux": 116.0, "outer": 637, "inner": 474.2, "next": 325.8, "hoop": 4.35, "K": 0.422},
    ),
    "Shuttle": (
        "shuttle_thermal_pane/case.toml",
        {"flux": 26.6, "outer": 707, "inner": 650.7, "next": 414.3, "hoop": 5.7, "K": 0.553},
    ),
}
WHY = {
    "peak g": "same equations; the estimate steps by 0.1 s",
    "flux": "same correlations, hot wall; before re-radiation",
    "outer": "3D: the edge of the clear pane loses heat to the shaded rim; variable emissivity",
    "inner": "",
    "next": "gas conduction in the gap, retainers, wider outer pane",
    "hoop": "rim temperature solved with lip, gaskets and retainer; thickness mean at the rim",
    "K": "real gradient along the crack, free rim, bending; the estimate has an infinite sheet and radius-independent "
    "re-radiation",
}


def figures(result):
    mesh, heat, env = result.viewport.mesh, result.temperature, result.environment
    panes = [p.name for p in result.viewport.case.panes]
    t = heat.time
    through = next(a for a in result.cracks if a.result.kind == "through")
    _, weight = thickness_rule(through.stress.shape[-1])
    heating = result.viewport.case.environment.heating
    nodes = mesh.face_nodes(f"{panes[0]}.outer")
    middle = nodes[np.argmin(np.hypot(*mesh.points[nodes, :2].T))]
    flux = env.wall_flux(
        t, heat.temperature[:, middle], ratio=heating.ratio.value, radiative_ratio=heating.radiative_ratio
    )
    found = {
        "flux": flux.max() / 1e3,
        "outer": heat.temperature[:, mesh.face_nodes(f"{panes[0]}.outer")].max(),
        "inner": heat.temperature[:, mesh.face_nodes(f"{panes[0]}.inner")].max(),
        "next": heat.temperature[:, mesh.face_nodes(f"{panes[1]}.outer")].max(),
        "hoop": (through.stress @ weight).max() / 1e6,
        "K": np.nanmax(through.result.seed_k) / 1e6,
    }
    if env.trajectory is not None:
        found["peak g"] = float(np.linalg.norm(env.trajectory.load_factor, axis=1).max())
    return found, through


def main(refine="1.0"):
    units = {"peak g": "g", "flux": "kW/m2", "outer": "K", "inner": "K", "next": "K", "hoop": "MPa", "K": "MPa m^0.5"}
    for name, (file, estimate) in RETURNS.items():
        path = HERE / file
        data = tomllib.loads(path.read_text())
        data["window"]["refine"] = refine
        result = run_case(parse_case(data, place=file), root=path.parent)
        found, through = figures(result)
        print(f"\n{name}: {through.result.state}, {through.result.end_sentence}")
        for key, guess in estimate.items():
            off = 100 * (found[key] / guess - 1)
            print(
                f"  {key:<7}{found[key]:>9.4g} {units[key]:<10} estimate {guess:>8.4g}   {off:>+6.0f} %   {WHY[key]}",
                flush=True,
            )
        assert 0.5 < found["outer"] / estimate["outer"] < 1.5


if __name__ == "__main__":
    main(*sys.argv[1:])
