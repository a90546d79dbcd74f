"""A pane of a case, the gaps between panes and how a pane is held."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from deadlight.case.fields import (
    Area,
    Clearance,
    Conductance,
    Emissivity,
    Form,
    GasPressure,
    Name,
    Preload,
    Ratio,
    Status,
    Stiffness,
    Temperature,
)
from deadlight.case.gasket import Gasket
from deadlight.case.loss import Flaw
from deadlight.case.stress_form import InitialStress


class Pane(Form):
    """One pane, outermost first in the list."""

    name: Name
    role: Literal["thermal", "redundant", "pressure"]
    material: str
    initial_temperature: Temperature = 293.15
    stress_free_temperature: Temperature = 293.15
    initial_stress: InitialStress = InitialStress()
    initial_flaw: Flaw | None = None


class Vent(Form):
    """Opening of a vented gap."""

    area: Area
    discharge: Emissivity = 0.6


class Gap(Form):
    """Gas space between two neighbouring panes."""

    between: tuple[Name, Name]
    state: Literal["vented", "sealed", "blocked"]
    vent: Vent | None = None
    pressure: GasPressure = 0.0
    fill_temperature: Temperature = 293.15
    emissivity: tuple[Emissivity, Emissivity] = (0.85, 0.85)

    @model_validator(mode="after")
    def _complete(self) -> Gap:
        if self.state == "vented" and self.vent is None:
            raise ValueError('a vented gap needs vent = { area = "20 mm**2" }')
        if self.state == "sealed" and self.vent is not None:
            raise ValueError(
                'a sealed gap has no vent; leave vent out, or state = "blocked" for one that should be open'
            )
        if self.state == "vented" and "pressure" in self.model_fields_set:
            raise ValueError(
                "a vented gap takes its pressure from outside; leave pressure out, or seal or block the gap"
            )
        return self


class Support(Form):
    """How one pane is held and what its rim touches.  A seat cannot pull."""

    seat_stiffness: Stiffness = 500e6
    preload: Preload = 50e3
    gasket_conductance: Conductance = 60.0
    clearance_conductance: Clearance = 0.0
    structure_conductance: Conductance = 100.0
    structure_temperature: Temperature = 293.15
    shading: Literal["lip", "none", "side_heated"] = "lip"
    lip_heating: Ratio = 0.0
    rim_heating: Ratio = 0.0
    retainer_material: str = "titanium_6al4v"
    retainer_emissivity: Emissivity = 0.6
    gasket: Gasket | None = None
    status: Status = "assumption"
    source: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Support:
        if self.shading == "side_heated" and self.rim_heating <= 0:
            raise ValueError(
                'shading = "side_heated" needs rim_heating = "0.5": '
                "the share of the window's heat flux that reaches the rim"
            )
        if self.shading != "side_heated" and self.rim_heating > 0:
            raise ValueError(
                f'rim_heating does nothing with shading = "{self.shading}"; write "side_heated" or leave it out'
            )
        return self
