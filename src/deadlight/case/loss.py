"""Loss of a pane in the case: how the opening is heated, the next pane's own flaw, limits it must keep."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from deadlight.case.fields import Angle, CrackSize, Distance, Form, Limited, Name, Ratio, Status, Strength, Uncertain

Share = Annotated[float, Limited("", 0.0, 1.0)]
Aspect = Annotated[float, Limited("", 0.0, 2.0)]
Kelvin = Annotated[float, Limited("K", 0.0, 2000.0)]
Amplification = Annotated[float, Limited("", 1.0, 2.0)]
SomeRatio = Annotated[float, Limited("", 1e-3, 20.0)]

CAVITY = (
    "Everhart et al. 2006 (NTRS 20100035236): floor of an open cavity, length/depth 8 to 20, laminar, mean 0.3; closed "
    "cavities and the downstream edge higher, steps 1.2 to 3 (assumption)"
)


class AugmentedHeating(Uncertain):
    """Heating over that of the outer pane at the same wall temperature."""

    value: Ratio
    band: tuple[Ratio, Ratio] | None = None


class CavityFactor(Uncertain):
    """Heating of the next pane over that of the lost one; a film that heats nothing cannot be scaled back."""

    value: SomeRatio
    band: tuple[SomeRatio, SomeRatio] | None = None


class StepFactor(Uncertain):
    """Peak over static response to a sudden pressure; 2 for a step on an undamped plate."""

    value: Amplification
    band: tuple[Amplification, Amplification] | None = None


class TemperCredit(Uncertain):
    """Share of the temper's compression that is credited."""

    value: Share
    band: tuple[Share, Share] | None = None


class TemperatureLimit(Uncertain):
    """A temperature, or a distance to one."""

    value: Kelvin
    band: tuple[Kelvin, Kelvin] | None = None


class Spot(Form):
    """Opening that a lost piece leaves: where it is over the next pane, and its size."""

    azimuth: Angle = 0.0
    radius: Distance = 0.0
    size: Annotated[float, Limited("m", above=0.0, high=2.0)]


class Loss(Form):
    """Loss of a pane, or of a piece of it.

    `pane` is the outermost if not stated.  `instants` loss times are looked at by the fast column model, the worst and
    the last that is not survived by at most `confirmed` runs of the whole window.
    """

    pane: Name | None = None
    cavity_factor: CavityFactor = CavityFactor.model_validate(
        {"value": "1", "band": ["0.3", "2"], "status": "assumption", "source": CAVITY}
    )
    jet_factor: AugmentedHeating = AugmentedHeating.model_validate(
        {
            "value": "2",
            "band": ["0.5", "3"],
            "status": "assumption",
            "source": "step and reattachment 1.2 to 3; below one in the lee of the opening",
        }
    )
    frame_heating: AugmentedHeating = AugmentedHeating.model_validate(
        {"value": "0", "band": ["0", "1"], "status": "assumption", "source": "the frame of the lost pane shades it"}
    )
    step_factor: StepFactor = StepFactor.model_validate(
        {"value": "2", "band": ["1", "2"], "status": "assumption", "source": "sudden step on an undamped plate"}
    )
    spot: Spot | None = None
    instants: int = Field(default=24, ge=4, le=200, strict=True)
    confirmed: int = Field(default=5, ge=1, le=50, strict=True)


class InitialFlaw(Form):
    """The largest flaw a pane may have: `depth` a, and a/c (0: a long scratch)."""

    aspect: Aspect = 0.0
    status: Status = "assumption"
    source: str = ""

    @model_validator(mode="after")
    def _known_shape(self) -> InitialFlaw:
        if 0.0 < self.aspect < 0.2:
            raise ValueError(f'aspect {self.aspect:g} is flatter than the tables hold; write "0" (a long scratch)')
        return self


class ProofTest(InitialFlaw):
    """The largest flaw that a proof test passes: K reaches K_Ic at `stress`, the net tension on the surface.

    `humidity` of the test, 0 to 1: in humid gas flaws may grow while the load comes off.
    """

    kind: Literal["proof_test"]
    stress: Strength
    humidity: Share | None = None


class Inspection(InitialFlaw):
    """The largest flaw that an inspection misses."""

    kind: Literal["inspection"]
    depth: CrackSize


Flaw = Annotated[ProofTest | Inspection, Field(discriminator="kind")]
