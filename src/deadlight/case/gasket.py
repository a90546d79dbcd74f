"""What holds a pane in its seat, and what shakes it: gaskets whose grip goes with temperature, stops, vibration."""

from __future__ import annotations

import itertools
from typing import Annotated, Literal

from pydantic import Field, model_validator

from deadlight.case.fields import Distance, Form, Limited, Preload, Ratio, Status, Temperature, Time

Force = Annotated[float, Limited("N", above=0.0, high=1e8)]
Shaking = Annotated[float, Limited("m/s**2", 0.0, 1e4)]


class Gasket(Form):
    """Gaskets of one pane, of lip and seat alike.

    `grip` is the pressure on the glass over temperature, linear between; 0 means charred, shrunk or gone.  `thickness`
    (as fitted) and `clearance` (rim to wall) are those of the drawing unless stated; `limit` is the largest push of
    lip, seat or wall on one piece.
    """

    grip: Annotated[tuple[tuple[Temperature, Preload], ...], Field(min_length=1, max_length=200)]
    friction: Ratio
    thickness: Distance | None = None
    clearance: Distance | None = None
    limit: Force | None = None
    status: Status = "assumption"
    source: str = ""

    @model_validator(mode="after")
    def _rises(self) -> Gasket:
        if any(b[0] <= a[0] for a, b in itertools.pairwise(self.grip)):
            raise ValueError("the temperatures in grip do not rise; sort its rows by temperature")
        return self


class Shock(Form):
    """A short acceleration from any side, at an event or at a time of the case's clock."""

    at: Literal["parachute", "touchdown"] | Time
    peak: Shaking
    status: Status = "assumption"
    source: str = ""


class Retention(Form):
    """Loads on pieces beside pressure and the motion of the vehicle, and friction of glass on glass.

    `vibration` is an amplitude from any side through the whole history.  Friction counts only for what is possible.
    """

    vibration: Shaking = 0.0
    shocks: Annotated[tuple[Shock, ...], Field(max_length=20)] = ()
    glass_friction: Ratio = 0.0
    status: Status = "assumption"
    source: str = ""
