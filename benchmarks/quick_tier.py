"""Accuracy and cost of the quick crack tier: `python benchmarks/quick_tier.py`.

Every reference is a closed form, a published constant or an independent solution named in tests/verification.
"""

from __future__ import annotations

import math
import time

import numpy as np
from scipy.special import erfc

from deadlight.crack.disc import line_crack
from deadlight.crack.line import crack_line
from deadlight.crack.newman_raju import PlateCrack, surface_k
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.quick import assess
from deadlight.crack.quick_growth import quick_record
from deadlight.crack.rim_kernel import Rim
from deadlight.crack.seed import Place, Surface, Through
from deadlight.crack.skin_contact import opened
from deadlight.crack.weight_function import deepest_rule, surface_rule
from deadlight.growth.humidity import Humidity
from deadlight.growth.law_of import law_of
from deadlight.material import material

ROOT = math.sqrt(math.pi)
SHEET = Rim(free=False)


def row(what: str, value: float, reference: float) -> None:
    print(f"{what:62s} {value:10.6f} {reference:10.6f} {100.0 * (value / reference - 1.0):+9.4f} %")


def through() -> None:
    def solve(outer: float, inner: float, rim: Rim, t: float = 1.0, nu: float = 0.3, order: int = 16):
        return line_crack(outer, inner, rim=rim, thickness=t, nu=nu, order=order)

    edge = solve(0.0, 1.0, Rim())
    row("edge crack, half-plane, uniform (Koiter)", edge.membrane.k[1].sum() / ROOT, 1.12152226)
    row("edge crack, half-plane, linear", edge.membrane.k[1] @ edge.depth / ROOT, 0.682862)
    for eta, reference in ((0.1, 1.04463), (0.5, 0.755822), (1.0, 0.484315), (2.0, 0.237272)):
        row(f"edge crack, cooled half-space, eta {eta}", edge.membrane.k[1] @ erfc(eta * edge.depth) / ROOT, reference)
    for a, reference in ((0.5, 0.793), (1.0, 1.1215), (1.5, 0.693), (2.0, 0.5882), (3.0, 0.4768), (5.0, 0.369)):
        crack = solve(0.0, a, Rim(), order=96)
        band = np.clip((1.05 - crack.depth) / 0.1, 0.0, 1.0) if a > 1.0 else np.ones(len(crack.depth))
        row(f"edge crack in a cold band, a/s {a} (jump smeared 0.1 s)", crack.membrane.k[1] @ band / ROOT, reference)
    for ratio in (0.1, 0.5, 0.8):
        crack = solve(1.0 - ratio, 1.0 + ratio, Rim(1.0))
        fit = np.polynomial.polynomial.polyval(ratio, [1.0, -0.5, 1.6873, -2.671, 3.2027, -1.8935])
        k = crack.membrane.k[1].sum() / math.sqrt(math.pi * ratio)
        row(f"central crack in a disc, c/R {ratio} (Tada/Fett fit, 0.5 %)", k, fit / math.sqrt(1.0 - ratio))
        row(
            f"  against 64 unknowns, c/R {ratio}",
            k,
            solve(1.0 - ratio, 1.0 + ratio, Rim(1.0), order=64).membrane.k[1].sum() / math.sqrt(math.pi * ratio),
        )
    for ligament in (1.0, 0.5, 0.1, 0.02):
        pair = [solve(ligament, 2.0 + ligament, Rim(), order=n).membrane.k[0].sum() / ROOT for n in (16, 96)]
        row(f"tip at {ligament} half lengths from a straight edge, 96 unknowns", *pair)
    for t in (10.0, 1.0, 0.1):
        row(
            f"bending, sheet, t/c {t:g}, 96 unknowns",
            *(solve(1.0, 3.0, SHEET, t=t, order=n).bending.k[1].sum() / ROOT for n in (16, 96)),
        )
    row(
        "bending, sheet, thin limit sqrt((1+nu)/(3+nu)), t/c 0.01",
        solve(1.0, 3.0, SHEET, t=0.01, order=128).bending.k[1].sum() / ROOT,
        math.sqrt(1.3 / 3.3),
    )
    thick = solve(1.0, 3.0, SHEET, t=1e4)
    one = np.ones((1, len(thick.depth)))
    row("closed skin, pure bending, thick: skin K", opened(thick, 0.0 * one, one).front_max[0, 1] / ROOT, 0.5)


def surface() -> None:
    for a_c, deep, face in (
        (1.0, (0.65825, 0.46617), (0.72087, 0.16616)),
        (0.6, (0.81609, 0.54124), (0.70503, 0.15641)),
    ):
        crack = PlateCrack(1.0, 1.0 / a_c, 1e3)
        for name, rule, reference in (("90 deg", deepest_rule(crack), deep), ("10 deg", surface_rule(crack), face)):
            row(f"half-space, a/c {a_c}, {name}, uniform", rule.row.sum() / ROOT, reference[0])
            row(f"half-space, a/c {a_c}, {name}, linear", rule.row @ rule.x / ROOT, reference[1])
    crack = PlateCrack(1.0, 1.0, 1e3)
    for name, rule, reference in (("90 deg", deepest_rule(crack), 0.41025), ("10 deg", surface_rule(crack), 0.62846)):
        row(f"half-space, a/c 1, {name}, erfc(z/2a) (not fitted)", rule.row @ erfc(0.5 * rule.x) / ROOT, reference)
    for a_c, ratio in ((0.4, 0.314), (1.0, 0.178)):
        rule = deepest_rule(PlateCrack(0.6, 0.6 / a_c, 1.0))
        row(
            f"a/t 0.6, a/c {a_c}: K bending / K tension, deepest",
            rule.row @ (1.0 - 2.0 * rule.x) / rule.row.sum(),
            ratio,
        )
    plate = PlateCrack(0.002, 0.004, 0.010, 0.040)
    row("Newman-Raju tension, deepest [MPa m^0.5 at 10 MPa]", 10.0 * surface_k(plate, math.pi / 2)[0], 0.729860)


def cost() -> None:
    pane = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150)
    clock = np.linspace(0.0, 600.0, 600)
    for name, seed, level in (
        ("through, dormant", Through(two_c=0.012, place=Place(inside_lip=0.0)), 5e6),
        ("through, grows to the rim and far in", Through(two_c=0.012, place=Place(inside_lip=0.0)), 20e6),
        ("surface, dormant", Surface(a=0.001, c=0.002, place=Place(inside_lip=0.0)), 5e6),
        ("surface, breaks through", Surface(a=0.001, c=0.002, place=Place(inside_lip=0.0)), 25e6),
    ):
        line = crack_line(seed, pane)
        profile = 1.15 / (1.0 + np.exp((line.depth - 0.013) / 0.0025)) - 0.15
        stress = level * np.sin(math.pi * clock / 600.0)[:, None, None] * profile[:, None] + 2e6 * line.zeta
        kelvin = np.full_like(stress, 400.0)
        start = time.process_time()
        answer = assess(
            seed,
            pane=pane,
            time=clock,
            stress=stress,
            temperature=kelvin,
            toughness=lambda t: np.full_like(t, 0.75e6),
            nu=0.17,
        )
        print(f"{name:40s} {time.process_time() - start:6.3f} s CPU for 600 instants, {answer.state}")
        start = time.process_time()
        record = quick_record(
            seed,
            line,
            time=clock,
            stress=stress,
            temperature=kelvin,
            toughness=lambda t: np.full_like(t, 0.75e6),
            nu=0.17,
            law=law_of(material("fused_silica"), "exponential"),
            clock=Humidity(),
        )
        seconds = time.process_time() - start
        print(f"{'':30s} its record {seconds:6.3f} s CPU, {record.builds} geometries, {record.end}")
        for event in record.events:
            print(f"{'':43s} {event.time:6.1f} s {event.what} {event.detail}")


if __name__ == "__main__":
    print(f"{'':62s} {'here':>10s} {'reference':>10s}")
    through()
    surface()
    cost()
