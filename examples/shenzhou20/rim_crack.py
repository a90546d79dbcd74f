"""A 12 mm radial through crack at four distances inside the lip, two returns: when it runs, where it ends.

    python examples/shenzhou20/rim_crack.py [--case ballistic.toml] [--inside 0 5 10 20] [--out DIR] [--kept DIR]

Heat and stress are solved once a return, and kept in the folder given; every position then costs the crack operator's
growth, about two minutes.  The quick tier stands
beside the full one.  With --out the path of every crack is drawn.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from deadlight.case.load import load_case
from deadlight.chain.growth_figures import growth_pictures
from deadlight.chain.solving import answer_cracks, solve_window

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", default="case.toml", help="of this folder")
    parser.add_argument("--inside", type=float, nargs="+", default=[0.0, 5.0, 10.0, 20.0], help="mm inside the lip")
    parser.add_argument("--out", type=Path, help="folder for the pictures")
    parser.add_argument("--kept", type=Path, help="folder for heat and stress of this return")
    options = parser.parse_args()
    case = load_case(HERE / options.case)
    say = Say()
    solved = solve_window(case, root=HERE, kept_in=options.kept, progress=say)
    (seed,) = case.cracks
    print("inside lip | full: K/K_Ic, first K_Ic, end | quick: K/K_Ic, first K_Ic, end | builds, s")
    for inside in options.inside:
        begun = time.perf_counter()
        crack = seed.model_copy(update={"place": seed.place.model_copy(update={"inside_lip": 1e-3 * inside})})
        result = answer_cracks(solved, [crack], root=HERE, progress=say)
        (answer,) = result.cracks
        quick, grown = answer.result, answer.growth
        full = f"{answer.judged.ratio_max:.3f}, {at(answer.judged.first_time)}, " + (
            f"{grown.state(crack.name)}: {grown.sentence}" if grown else "no growth"
        )
        beside = f"{quick.ratio_max:.3f}, {at(quick.first_time)}, {quick.end_sentence}" if quick else "no answer"
        builds = grown.record.builds if grown else 0
        print(f"{inside:g} mm | {full} | {beside} | {builds}, {time.perf_counter() - begun:.0f} s", flush=True)
        for event in grown.record.events if grown else ():
            x, y, z = (f"{1e3 * c:.1f}" for c in event.place)
            print(f"    {event.time:7.1f} s  {event.what}  at ({x}, {y}, {z}) mm  {event.told}")
        if options.out and grown:
            options.out.mkdir(parents=True, exist_ok=True)
            for picture in growth_pictures(result, "entry"):
                name = f"{Path(options.case).stem}_{inside:g}mm_{picture.title.replace(' ', '_').replace('/', '_')}.svg"
                (options.out / name).write_bytes(picture.data)


def at(time_s: float | None) -> str:
    """A time, or that there is none."""
    return "never" if time_s is None else f"{time_s:.0f} s"


class Say:
    """Stages on standard error, no more than one line every five seconds."""

    def __init__(self) -> None:
        self.last = 0.0

    def __call__(self, stage: str, share: float, note: str = "") -> None:
        if time.monotonic() - self.last > 5.0:
            self.last = time.monotonic()
            print(f"  {stage} {100 * share:.0f} % {note}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
