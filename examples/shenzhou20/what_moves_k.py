"""What moves K of the Shenzhou-like rim crack: distance from the lip, gasket, shading, the lip's width, a flush edge.

    python examples/shenzhou20/what_moves_k.py [refine]

One run of the chain a variant, in memory.  K is that of the crack as found (12 mm, radial), the larger tip, over the
whole return, by the quick tier.
"""

import copy
import sys
import tomllib
from pathlib import Path

from deadlight.case.load import parse_case
from deadlight.chain.run import run_case

HERE = Path(__file__).parent
VARIANTS = {
    "as shipped": {},
    "gasket conductance halved (30 W/m2/K)": {"supports": {"thermal": {"gasket_conductance": "30 W/m**2/K"}}},
    "no shading": {"supports": {"thermal": {"shading": "none"}}},
    "rim side-heated (0.5 of the window's flux)": {
        "supports": {"thermal": {"shading": "side_heated", "rim_heating": "0.5"}}
    },
    "lip half as wide (7.5 mm)": {"window": {"lip_width": "7.5 mm"}},
    "flush edge, cone": {"window": {"edge": "flush_bevel"}},
    "flush edge, step": {"window": {"edge": "flush_step"}},
}


def merged(base, change):
    out = copy.deepcopy(base)
    for key, value in change.items():
        out[key] = merged(out.get(key, {}), value) if isinstance(value, dict) else value
    return out


def run(base, change, places=("5 mm",)):
    data = merged(base, change)
    seed = data["cracks"][0]
    data["cracks"] = [merged(seed, {"name": f"C{i}", "place": {"inside_lip": p}}) for i, p in enumerate(places)]
    return run_case(parse_case(data, place=str(HERE)), root=HERE)


def row(label, answer):
    r = answer.result
    k = float(r.seed_k[:, :].max()) / 1e6
    first = f"{r.first_time:.0f} s" if r.first_time is not None else "never"
    print(f"{label:<46}{k:>8.3f}{r.ratio_max:>9.2f}{r.time_of_max:>9.0f} s{first:>9}   {r.state}", flush=True)
    return k


def main(refine="1.0"):
    base = tomllib.loads((HERE / "case.toml").read_text())
    base = merged(base, {"window": {"refine": refine}, "growth": {"tier": "quick"}})  # a trend: the quick tier will do
    print(f"{'variant':<46}{'K':>8}{'K/K_Ic':>9}{'at':>11}{'first':>9}   end state     (K in MPa m^0.5)")
    places = ("0 mm", "5 mm", "10 mm", "20 mm")
    shipped = run(base, {}, places)
    by_place = [row(f"centre {p} inside the lip", a) for p, a in zip(places, shipped.cracks)]
    k = {label: row(label, run(base, change).cracks[0]) for label, change in VARIANTS.items() if change}
    assert by_place == sorted(by_place, reverse=True), "K must fall as the crack moves away from the cool rim"
    assert k["no shading"] < by_place[1], "without shade the rim follows the pane and K falls"
    return by_place, k


if __name__ == "__main__":
    main(*sys.argv[1:])
