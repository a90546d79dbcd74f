"""The time in orbit between impact and return, on the clock of the case: before entry interface it is negative."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from deadlight.case.fields import Form, GasPressure, Limited, Name, Status, Temperature

Duration = Annotated[float, Limited("s", above=0.0, high=1e9)]
Lag = Annotated[float, Limited("K", 0.0, 500.0)]
GapName = Annotated[str, Field(pattern=r"^[A-Za-z]\w*/[A-Za-z]\w*$")]


class Hold(Form):
    """One phase of it, in order of time; the last one ends at entry interface.

    `swing` is the lowest and the highest temperature of a pane in a thermal cycle of `period`; a pane that is not
    named keeps its initial temperature.  `rim` is how far the rim lags behind the middle at both ends of the cycle.
    Gaps keep the pressure stated in `gaps`; else a sealed one has its filling at its temperature, a vented one that
    outside.
    Humidity is that of `growth.humidity`, whose clock reaches back as well.
    """

    duration: Duration
    period: Duration = 5520.0
    swing: dict[Name, tuple[Temperature, Temperature]] = {}
    rim: dict[Name, Lag] = {}
    cabin: GasPressure | None = None
    outer: GasPressure = 0.0
    gaps: dict[GapName, GasPressure] = {}
    status: Status = "assumption"
    source: str = ""

    @model_validator(mode="after")
    def _possible(self) -> Hold:
        for pane, (low, high) in self.swing.items():
            if high < low:
                raise ValueError(f"swing of {pane} goes from {low:g} to {high:g} K; write the lower one first")
        vain = sorted(set(self.rim) - set(self.swing))
        if vain:
            raise ValueError(f"rim of {vain[0]} does nothing without its swing; state both or neither")
        return self
