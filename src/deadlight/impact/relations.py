"""The relations for glass that are known here, each with its source, limits and scatter.

Where a number comes from is in its status: R was read in the source named, M is from memory of it and judges nothing,
A is an engineering assumption.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from deadlight.impact.relation import Bound, Relation

_DEG = math.pi / 180.0
# Shots on monolithic glass: d 0.4 to 3.5 mm, V below 10 km/s; below 55 micron the spall is five times smaller in
# proportion (abstract of "Glass surface spall size resulting from interplanetary dust impacts", IEEE Aerospace 2015).
# How low in speed and how oblique the shots went was not read: those limits are assumptions.
BOUNDS = {
    "diameter": Bound(55e-6, 3.5e-3, (0.4e-3, 3.5e-3), "R: dust below 55 um follows another law, shots 0.4 to 3.5 mm"),
    "density": Bound(500.0, 12e3, (1e3, 8e3), "A"),
    "speed": Bound(2e3, 20e3, (3e3, 10e3), "R: shots below 10 km/s; A: the lower limit, and that more may be asked"),
    "angle": Bound(0.0, 75 * _DEG, (0.0, 60 * _DEG), "A"),
}
_HANDBOOK = "Christiansen et al. 2009, NASA/TM-2009-214785 eq. 6-8"
_CODED = "Christiansen and Burt 2003, Int. J. Impact Eng. 29:153, as coded in a public script"
_DEPTH_SCATTER = "A: 1.3 is the usual band of P, 1.5 covers the rear spall of the measured 2 cm plate"

SILICA_DEPTH = Relation(
    "pit depth in thick fused silica", 0.53, 0.5, 1.06, 2.0 / 3.0, 2.0 / 3.0, 1.5,
    f"{_HANDBOOK}; Cour-Palais 1987, Int. J. Impact Eng. 5:221", "R", _DEPTH_SCATTER, BOUNDS,
)  # fmt: skip
SILICA_SPALL = Relation(
    "diameter of the front spall in fused silica", 30.9, 0.44, 1.33, 0.44, 0.44, 2.0,
    _CODED, "R", "A: factor 1.5 to 2 is usual", BOUNDS,
    note="overshoots the one shot at hand by half: 9.8 cm where 6 to 7 cm were measured (0.16 cm aluminium, 7 km/s)",
)  # fmt: skip
QUARTZ_DEPTH = Relation(
    "pit depth in the second glass", 1.0 / 1.32, 0.5, 19.0 / 18.0, 2.0 / 3.0, 2.0 / 3.0, 1.5,
    _CODED, "R", "A: as for fused silica", BOUNDS,
    note='the script labels this glass "Quartz"; the paper tests fused silica, tempered glass and polycarbonate, so it '
    "may be tempered glass (M)",
)  # fmt: skip
QUARTZ_SPALL = Relation(
    "diameter of the front spall in the second glass", 15.1, 0.44, 1.33, 0.44, 0.44, 2.0,
    _CODED, "R", "A: as for fused silica", BOUNDS, note=QUARTZ_DEPTH.note,
)  # fmt: skip

# 10^-2.823 rho_p^(1/6) rho_t^(-1/2) E^0.370 cos^0.86 in cgs, E = pi/12 rho d^3 V^2, for a target of 2.2 g/cm3.
_GAULT = 10.0**-2.823 * (math.pi / 12.0 * 1e10) ** 0.370 / math.sqrt(2.2)
GAULT_SPALL = Relation(
    "diameter of the front spall, from dense rock", _GAULT, 1.0 / 6.0 + 0.370, 3 * 0.370, 2 * 0.370, 0.86, 2.0,
    "Gault 1973, The Moon 6:32", "M", "A", BOUNDS, note="made for rock, from memory: shown beside, judges nothing",
)  # fmt: skip
FECHTIG_SPALL = Relation(
    "diameter of the front spall, from microcraters", 6.0 / math.sqrt(2.2), 0.71, 1.13, 0.755, 0.755, 2.0,
    "Fechtig 1974, as tabulated for debris analyses", "M", "A", BOUNDS, note="from memory: shown beside, not judged",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A kind of glass whose damage is known.

    Attributes
    ----------
    name : str
    depth, spall : Relation
        Of the pit and of the front spall's diameter.
    beside : tuple of Relation
        Others for the spall, shown for comparison.
    """

    name: str
    depth: Relation
    spall: Relation
    beside: tuple[Relation, ...] = ()


TARGETS = {
    "fused_silica": Target("fused_silica", SILICA_DEPTH, SILICA_SPALL, (GAULT_SPALL, FECHTIG_SPALL)),
    "second_glass": Target("second_glass", QUARTZ_DEPTH, QUARTZ_SPALL),
}
