"""A published damage relation: its law in the units of its source, where it holds, how much it scatters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from deadlight.assumption import STATUSES, Assumption
from deadlight.errors import InputError
from deadlight.impact.particle import Particle
from deadlight.remark import Remark

CM, G_CM3, KM_S = 1e-2, 1e3, 1e3  # of the sources' units in SI
# What a bound is on: how to read it off a particle [SI], its unit in words and the factor to it.
OF = {
    "diameter": (lambda p: p.diameter, "mm", 1e3),
    "density": (lambda p: p.density, "kg/m3", 1.0),
    "speed": (lambda p: p.speed, "km/s", 1e-3),
    "angle": (lambda p: p.angle, "deg", 180.0 / math.pi),
}


@dataclass(frozen=True)
class Bound:
    """Values between which a relation is taken, and those between which it was tested.

    Attributes
    ----------
    low, high : float [SI]
        Outside them the relation is refused.
    tested : (low, high) [SI]
        Outside them, but inside the limits, the answer carries an alarm: it is extrapolated.
    basis : str
        What the limits rest on, with a status R, M, D or A before it.
    """

    low: float
    high: float
    tested: tuple[float, float]
    basis: str


@dataclass(frozen=True)
class Sized:
    """A size with the band of its scatter.

    Attributes
    ----------
    value, low, high : float [m]
    remarks : tuple of Remark
        Alarms where the relation was extrapolated.
    """

    value: float
    low: float
    high: float
    remarks: tuple[Remark, ...] = ()

    def times(self, factor: float) -> Sized:
        """The same multiple of all three."""
        return replace(self, value=factor * self.value, low=factor * self.low, high=factor * self.high)


@dataclass(frozen=True)
class Relation:
    """size = k rho^r d^m V^v cos(angle)^c, in cm, g/cm3 and km/s.

    Attributes
    ----------
    name : str
        What it gives, in words.
    k, rho, d, v, cos : float
        Factor and exponents.
    scatter : float
        Measured sizes lie between value/scatter and value*scatter.
    source : str
    status : str
        R read in the source, M from memory of it, D derived, A assumption; of the law itself.
    scatter_basis : str
        What the scatter rests on, with its status.
    bounds : mapping of diameter, density, speed, angle -> Bound
    note : str
        What is known against it; told with every answer.
    """

    name: str
    k: float
    rho: float
    d: float
    v: float
    cos: float
    scatter: float
    source: str
    status: str
    scatter_basis: str
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    note: str = ""

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise InputError(f'status "{self.status}"', place=self.name, remedy=f"one of {', '.join(STATUSES)}")
        if self.scatter < 1.0:
            raise InputError(f"scatter {self.scatter:g} is below 1", place=self.name, remedy="a factor of 1 or more")

    def __call__(self, particle: Particle) -> Sized:
        """Size [m] that a particle makes, with its band.

        Raises
        ------
        InputError
            The particle lies outside the limits of the relation.
        """
        remarks = self.checked(particle)
        value = self._factor(particle) * (particle.diameter / CM) ** self.d * CM
        return Sized(value, value / self.scatter, value * self.scatter, remarks)

    def particle_for(self, size: float, particle: Particle) -> tuple[Particle, tuple[Particle, Particle]]:
        """The particle whose mark has this size [m], of the stated density, speed and angle.

        Returns
        -------
        Particle, and (smallest, largest) that the scatter allows.

        Raises
        ------
        InputError
            The size is not positive, or the particle it asks for lies outside the limits.
        """
        if not (math.isfinite(size) and size > 0.0):
            raise InputError(f"{1e3 * size:g} mm is no size of a mark", place=self.name, remedy="a length above 0")
        found = []
        for share in (1.0, 1.0 / self.scatter, self.scatter):
            diameter = (share * size / CM / self._factor(particle)) ** (1.0 / self.d) * CM
            found.append(replace(particle, diameter=diameter))
        self.checked(found[0])
        return found[0], (found[1], found[2])

    def _factor(self, particle: Particle) -> float:
        density, speed = particle.density / G_CM3, particle.speed / KM_S
        return self.k * density**self.rho * speed**self.v * math.cos(particle.angle) ** self.cos

    def checked(self, particle: Particle) -> tuple[Remark, ...]:
        """Alarms for what lies outside the tested values; InputError for what lies outside the limits."""
        remarks = [Remark(f"{self.name}: {self.note}")] if self.note else []
        for key, bound in self.bounds.items():
            read, unit, scale = OF[key]
            value = read(particle)
            shown = f"{key} {scale * value:.4g} {unit}"
            if not bound.low * (1 - 1e-12) <= value <= bound.high * (1 + 1e-12):
                raise InputError(
                    f"{shown} is outside {scale * bound.low:.4g} .. {scale * bound.high:.4g} {unit}, "
                    f"where the relation is taken ({bound.basis})",
                    place=f"{self.name} ({self.source})",
                    remedy="state the mark as measured instead, or a relation of your own",
                )
            low, high = bound.tested
            if not low * (1 - 1e-12) <= value <= high * (1 + 1e-12):
                remarks.append(
                    Remark(
                        f"{self.name}: {shown} is outside the tested {scale * low:.4g} .. {scale * high:.4g} {unit} "
                        f"({bound.basis}); extrapolated",
                        alarm=True,
                    )
                )
        return tuple(remarks)

    def assumption(self, key: str) -> Assumption:
        """The relation as an entry of the list of assumptions."""
        law = (
            f"{self.k:.4g} rho^{self.rho:.4g} d^{self.d:.4g} V^{self.v:.4g} cos^{self.cos:.4g} (cm, g/cm3, km/s), "
            f"within a factor {self.scatter:g}"
        )
        note = "; ".join(text for text in (f"scatter: {self.scatter_basis}", self.note) if text)
        return Assumption(key, law, self.source, self.status, note)
