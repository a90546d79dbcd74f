"""A material: its property tables, and the questions that heat, stress and crack ask of it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deadlight.assumption import Assumption
from deadlight.errors import MaterialError
from deadlight.material.constants import SlowGrowth, Strength, Tempering
from deadlight.material.property import REFERENCE, Property
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

FLOWS = ("glass_transition", "strain_point")  # above these it is no longer the elastic solid that is computed
FAMILIES = ("glass", "ceramic", "plastic", "metal", "gasket")
# Every property there can be: SI unit and what it is.
QUANTITIES = {
    "density": ("kg/m**3", "density"),
    "youngs_modulus": ("Pa", "Young's modulus"),
    "poisson": ("", "Poisson's ratio"),
    "mean_expansion": ("1/K", "mean coefficient of thermal expansion up to T"),
    "conductivity": ("W/m/K", "thermal conductivity that conduction uses"),
    "conductivity_lattice": ("W/m/K", "thermal conductivity without internal radiation"),
    "specific_heat": ("J/kg/K", "specific heat capacity"),
    "emissivity": ("", "hemispherical total emissivity"),
    "toughness": ("Pa*m**0.5", "fracture toughness K_Ic"),
    "threshold": ("Pa*m**0.5", "K below which nothing grows"),
    "strain_point": ("K", "strain point (10**13.5 Pa s)"),
    "annealing_point": ("K", "annealing point (10**12 Pa s)"),
    "softening_point": ("K", "softening point (10**6.6 Pa s)"),
    "glass_transition": ("K", "glass transition temperature"),
    "service_max": ("K", "highest service temperature"),
    "stiff_below": ("K", "temperature below which a rubber is stiff"),
    "contact_conductance": ("W/m**2/K", "contact conductance against a pane"),
}
_DEFINING_VISCOSITY = (("strain_point", 13.5), ("annealing_point", 12.0), ("softening_point", 6.6))


@dataclass(frozen=True, eq=False, kw_only=True)
class Material:
    """A material with temperature tables, each with source and status.

    Attributes
    ----------
    name, family, title : str
        Library name; one of `FAMILIES`; what it is in words.
    properties : mapping of str -> Property
        Raw tables by the names of `QUANTITIES`.
    radiation_above : float or None [K]
        `conductivity` contains internal radiation above this temperature: never add radiation inside the glass to it.
        The default of fused silica does, because an opaque slab that radiates from its surface has no other way to
        carry that heat; a model with internal radiation of its own takes `without_internal_radiation()`.
    expansion_reference : float [K]
        Where the mean expansion counts from.
    slow_growth, strength, tempering : groups of constants, or None
    notes : tuple of str
        Limits of the material that no table shows.
    """

    name: str
    family: str
    title: str = ""
    properties: Mapping[str, Property] = field(default_factory=dict)
    radiation_above: float | None = None
    expansion_reference: float = REFERENCE
    slow_growth: SlowGrowth | None = None
    strength: Strength | None = None
    tempering: Tempering | None = None
    notes: tuple[str, ...] = ()

    def table(self, name: str) -> Property:
        """The table of a property.

        Raises
        ------
        MaterialError
            The material has no such property.
        """
        if name not in self.properties:
            unit, meaning = QUANTITIES.get(name, ("", name))
            raise MaterialError(
                f"{meaning} is not known",
                place=f"{self.name}.{name}",
                remedy=f'state it: [materials.my_{self.name}] base = "{self.name}", {name} in {unit or "no unit"}; '
                f"known are {', '.join(self.properties)}",
            )
        return self.properties[name]

    def number(self, name: str) -> float:
        """A property that does not depend on temperature (the first knot's value)."""
        return float(self.table(name).value[0])

    @property
    def density(self) -> float:
        """Density [kg/m**3], taken constant."""
        return self.number("density")

    @property
    def conductivity(self) -> Property:
        """Conductivity [W/m/K]; call it with T, or read `.temperature` and `.value`."""
        return self.table("conductivity")

    @property
    def conductivity_includes_radiation(self) -> bool:
        """Whether `conductivity` contains internal radiation when hot."""
        return self.radiation_above is not None

    @property
    def specific_heat(self) -> Property:
        """Specific heat [J/kg/K]."""
        return self.table("specific_heat")

    def enthalpy(self, T: ArrayLike) -> Array:
        """Specific enthalpy [J/kg], zero at 273.15 K: the exact integral of the specific heat table."""
        return self.specific_heat.integral(T)

    @functools.cached_property
    def youngs_modulus(self) -> Property:
        """Young's modulus [Pa], smooth between its knots."""
        return replace(self.table("youngs_modulus"), between="smooth")

    @functools.cached_property
    def poisson(self) -> Property:
        """Poisson's ratio [-], smooth between its knots."""
        return replace(self.table("poisson"), between="smooth")

    @functools.cached_property
    def thermal_strain(self) -> Property:
        """Free thermal strain [-], zero at 273.15 K.

        At the knots of the mean expansion it is alpha_mean (T - T_reference), exactly what the mean value says; smooth
        between, and past the ends with the end slope.  Stress needs differences of it only.
        """
        mean, start = self.table("mean_expansion"), self.expansion_reference
        ends = [start, max(float(mean.temperature[0]), start) + 300.0] if mean.constant else [start]
        knots = np.union1d(mean.temperature if not mean.constant else [], [*ends, REFERENCE])
        strain = replace(
            mean,
            name="thermal_strain",
            unit="",
            temperature=knots,
            value=mean(knots) * (knots - start),
            valid=mean.valid,
            band=None,
            beyond="slope",
            between="smooth",
        )
        return replace(strain, value=strain.value - strain(REFERENCE))

    @property
    def emissivity(self) -> Property:
        """Hemispherical total emissivity [-]."""
        return self.table("emissivity")

    @property
    def toughness(self) -> Property:
        """Fracture toughness K_Ic [Pa m**0.5]."""
        return self.table("toughness")

    @property
    def threshold(self) -> float:
        """K below which a crack does not grow slowly [Pa m**0.5]."""
        return self.number("threshold")

    @property
    def strain_point(self) -> float:
        """Strain point [K]."""
        return self.number("strain_point")

    @property
    def annealing_point(self) -> float:
        """Annealing point [K]."""
        return self.number("annealing_point")

    @property
    def softening_point(self) -> float:
        """Softening point [K]."""
        return self.number("softening_point")

    def log10_viscosity(self, T: ArrayLike) -> Array:
        """log10 of the viscosity in Pa s at T [K].

        Vogel-Fulcher-Tammann A + B/(T - C) through the three points that define strain (13.5), annealing (12.0) and
        softening (6.6) temperature; +inf at and below C, where it does not flow.  An interpolation: do not read it far
        outside the three points.
        """
        (t1, y1), (t2, y2), (t3, y3) = ((self.number(name), y) for name, y in _DEFINING_VISCOSITY)
        ratio = (y1 - y2) * (t3 - t2) / ((y2 - y3) * (t2 - t1))  # = (t3 - C) / (t1 - C)
        C = (ratio * t1 - t3) / (ratio - 1.0)
        B = (y1 - y3) / (1.0 / (t1 - C) - 1.0 / (t3 - C))
        A = y1 - B / (t1 - C)
        if not (t1 > C and B > 0.0):
            raise MaterialError(
                f"strain, annealing and softening point {t1:.0f}, {t2:.0f}, {t3:.0f} K admit no viscosity curve",
                place=self.name,
                remedy="check the three points",
            )
        T = np.asarray(T, dtype=float)
        with np.errstate(divide="ignore"):
            return np.where(T > C, A + B / np.maximum(T - C, 0.0), np.inf)

    def without_internal_radiation(self) -> Material:
        """The same material with the lattice conductivity, for a model that carries internal radiation itself."""
        if not self.conductivity_includes_radiation:
            return self
        lattice = replace(self.table("conductivity_lattice"), name="conductivity")
        return replace(self, properties={**self.properties, "conductivity": lattice}, radiation_above=None)

    def warnings(self, T_min: float, T_max: float, names: Iterable[str] | None = None) -> tuple[Remark, ...]:
        """What to tell the user when the material runs from T_min to T_max [K].

        `names` restricts it to the properties in use.
        """
        used = [
            n
            for n in (names or self.properties)
            if n in self.properties and self.properties[n].unit != "K" and n != "density"
        ]
        # The mean expansion acts as thermal strain, which goes on with its end slope.
        tables = [self.thermal_strain if n == "mean_expansion" else self.properties[n] for n in used]
        found = [table.out_of_range(T_min, T_max) for table in tables]
        limits = [
            (n, self.number(n)) for n in ("service_max", "glass_transition", "strain_point") if n in self.properties
        ]
        found += [
            Remark(f"{self.name}: {T_max:.0f} K is above its {n.replace('_', ' ')}, {limit:.0f} K", alarm=n in FLOWS)
            for n, limit in limits
            if T_max > limit
        ]
        return tuple(each for each in found if each)

    def assumptions(self, names: Iterable[str] | None = None) -> tuple[Assumption, ...]:
        """Values of status M (memory) or A (assumption), for the list that every result carries.

        `names` restricts the list to the properties and groups a run has used.
        """
        rows = []
        for name in names or self.properties:
            table = self.properties.get(name)
            if table is None or table.status not in "MA":
                continue
            lo, hi = table.temperature[[0, -1]]
            shown = f"{table.value[0]:.6g}"
            if not table.constant:
                shown += f" ... {table.value[-1]:.6g} ({lo:.0f} ... {hi:.0f} K)"
            value = f"{shown} {table.unit}".strip()
            rows.append(Assumption(f"{self.name}.{name}", value, table.source, table.status, table.note))
        for group in ("slow_growth", "strength", "tempering"):
            constants = getattr(self, group)
            if constants is not None and constants.status in "MA" and (names is None or group in names):
                key = f"{self.name}.{group}"
                rows.append(Assumption(key, str(constants), constants.source, constants.status, constants.note))
        return tuple(rows)

    def __repr__(self) -> str:
        return f"Material({self.name}, {self.family}: {', '.join(self.properties)})"
