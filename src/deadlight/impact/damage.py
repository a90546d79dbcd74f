"""What a particle does to a pane: pit, spall, rear face, cracks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from deadlight.assumption import Assumption
from deadlight.errors import InputError
from deadlight.impact.particle import Particle
from deadlight.impact.relation import Sized
from deadlight.impact.relations import TARGETS, Target
from deadlight.impact.system import CRACK_DEPTH, LATERAL_DEPTH, RADIAL, REAR_PENNY
from deadlight.remark import Remark, pack, unique

# Thickness over pit depth below which the rear face suffers (Christiansen et al. 2009, eq. 6-10 to 6-12; R).
PERFORATED, DETACHED, ATTACHED = 2.0, 3.0, 7.0
LIMITS_SOURCE = "Christiansen et al. 2009, NASA/TM-2009-214785 eq. 6-10 to 6-12"
REAR = ("perforated", "detached rear spall", "attached rear spall or cracks", "whole")


def rear_face(thickness: float, pit: float) -> str:
    """What happens to the rear face of a pane `thickness` [m] whose pit would be `pit` [m] deep in thick glass."""
    for limit, state in zip((PERFORATED, DETACHED, ATTACHED), REAR, strict=False):
        if thickness < limit * pit:
            return state
    return REAR[-1]


@dataclass(frozen=True)
class Damage:
    """What one particle does to one pane; lengths [m], each with the band of its scatter.

    Attributes
    ----------
    particle : Particle
    target : Target
    thickness : float
    pit : Sized
        Depth in thick glass, P.
    spall : Sized
        Diameter of the front spall.
    beside : tuple of (name, status, Sized)
        Other relations for the spall.
    """

    particle: Particle
    target: Target
    thickness: float
    pit: Sized
    spall: Sized
    beside: tuple[tuple[str, str, Sized], ...] = ()

    @property
    def rear(self) -> str:
        """State of the rear face for the middle of the band."""
        return rear_face(self.thickness, self.pit.value)

    @property
    def rear_band(self) -> tuple[str, ...]:
        """Every state that the scatter of the pit's depth allows, worst first."""
        ends = [REAR.index(rear_face(self.thickness, pit)) for pit in (self.pit.high, self.pit.low)]
        return REAR[ends[0] : ends[1] + 1]

    @property
    def limits(self) -> dict[str, Sized]:
        """Thickness below which the pane is perforated, spalls at the rear, or is marked there."""
        factors = {"perforated": PERFORATED, "detached rear spall": DETACHED, "rear face marked": ATTACHED}
        return {name: self.pit.times(factor) for name, factor in factors.items()}

    @property
    def cracks(self) -> dict[str, tuple[float, float]]:
        """Bands of the crack system [m]: from the low end of what it hangs on to the high end."""
        pit, spall = self.pit, self.spall.times(0.5)
        bands = {
            "depth of cracks under the pit": (CRACK_DEPTH.low * pit.low, CRACK_DEPTH.high * pit.high),
            "half length of radial cracks": (RADIAL.low * spall.low, RADIAL.high * spall.high),
            "radius of the lateral crack": (spall.low, spall.high),
            "depth of the lateral crack": (LATERAL_DEPTH.low * pit.low, LATERAL_DEPTH.high * pit.high),
        }
        if self.rear_band[0] != REAR[-1]:
            bands["radius of a crack at the rear face"] = (REAR_PENNY.low * pit.low, REAR_PENNY.high * pit.high)
        return bands

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What must be said, alarms among them."""
        own = [*self.pit.remarks, *self.spall.remarks]
        if self.cracks["depth of cracks under the pit"][1] >= self.thickness:
            own.append(Remark("cracks under the pit may go through the whole thickness", alarm=True))
        if self.rear == REAR[0]:
            own.append(Remark("the pane is perforated: there is a hole, not a crack", alarm=True))
        return unique(own)

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What every number here rests on."""
        text = f"rear face: t < {PERFORATED:g} P, {DETACHED:g} P, {ATTACHED:g} P"
        return (
            self.target.depth.assumption("impact.pit_depth"),
            self.target.spall.assumption("impact.spall_diameter"),
            Assumption("impact.rear_face", text, LIMITS_SOURCE, "R"),
            *(share.assumption() for share in (CRACK_DEPTH, RADIAL, LATERAL_DEPTH, REAR_PENNY)),
        )

    def describe(self) -> dict[str, Any]:
        """Plain data; SI."""
        p = self.particle
        return {
            "particle": {
                "diameter_m": p.diameter, "density_kg_m3": p.density, "speed_m_s": p.speed, "angle_rad": p.angle,
                "mass_kg": p.mass, "energy_J": p.energy,
            },
            "target": self.target.name,
            "thickness_m": self.thickness,
            "pit_depth_m": _band(self.pit),
            "spall_diameter_m": _band(self.spall),
            "spall_beside_m": {name: {"status": s, **_band(sized)} for name, s, sized in self.beside},
            "thickness_limits_m": {name: _band(sized) for name, sized in self.limits.items()},
            "rear_face": self.rear,
            "rear_face_band": list(self.rear_band),
            "cracks_m": {name: list(band) for name, band in self.cracks.items()},
            "assumptions": [vars(a) for a in self.assumptions],
            "remarks": [{"text": text, "alarm": alarm} for text, alarm in pack(self.remarks)],
        }  # fmt: skip

    def text(self) -> str:
        """The same for a reader."""
        p, depth, spall = self.particle, self.target.depth, self.target.spall
        lines = [
            f"particle: {1e3 * p.diameter:.4g} mm, {p.density:.4g} kg/m3, {1e-3 * p.speed:.4g} km/s, "
            f"{math.degrees(p.angle):.3g} deg from the normal; {1e6 * p.mass:.3g} mg, {p.energy:.3g} J",
            f"target: {self.target.name}, {1e3 * self.thickness:.4g} mm",
            "",
            f"{'':<42}{'low':>9}{'middle':>9}{'high':>9} mm",
            _row(f"pit depth P in thick glass [{depth.status}]", self.pit),
            _row(f"diameter of the front spall [{spall.status}]", self.spall),
            *(_row(f"  beside: {name} [{status}]", sized) for name, status, sized in self.beside),
            *(_row(f"thickness limit, {name} [R]", sized) for name, sized in self.limits.items()),
            "",
            f"rear face: {self.rear}"
            + (f" (the scatter allows: {', '.join(self.rear_band)})" if len(self.rear_band) > 1 else ""),
            *(f"{name} [A]: {1e3 * low:.3g} to {1e3 * high:.3g} mm" for name, (low, high) in self.cracks.items()),
        ]
        return "\n".join(lines)


def damage(particle: Particle, *, thickness: float, target: str = "fused_silica") -> Damage:
    """Damage of a pane by a particle.

    Parameters
    ----------
    thickness : float [m]
    target : str
        Key of `TARGETS`.

    Raises
    ------
    InputError
        No relation for this glass, the thickness is not positive, or the particle lies outside the limits.
    """
    if target not in TARGETS:
        raise InputError(
            f'no damage relation for "{target}"', place="target", remedy=f"one of {', '.join(TARGETS)}; or state a mark"
        )
    if not (math.isfinite(thickness) and thickness > 0.0):
        raise InputError(f"thickness {1e3 * thickness:g} mm", place="pane", remedy="give a positive thickness")
    found = TARGETS[target]
    beside = tuple((each.name.rsplit(", ")[-1], each.status, each(particle)) for each in found.beside)
    return Damage(particle, found, thickness, found.depth(particle), found.spall(particle), beside)


def _band(sized: Sized) -> dict[str, float]:
    return {"low": sized.low, "value": sized.value, "high": sized.high}


def _row(name: str, sized: Sized) -> str:
    return f"{name:<42}" + "".join(f"{1e3 * v:>9.3f}" for v in (sized.low, sized.value, sized.high))
