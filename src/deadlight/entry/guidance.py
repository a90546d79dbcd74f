"""How the lift is pointed in the vertical plane during an entry."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from deadlight.series import Series


@dataclass(frozen=True)
class Moment:
    """What a guidance law sees: s, m, m/s, rad; drag and gravity in m/s**2, radius from the centre in m."""

    time: float
    altitude: float
    speed: float
    angle: float
    drag: float
    gravity: float
    radius: float


class Guidance(Protocol):
    """A law with phases; `share` is the vertical part of the lift over all of it, -1 to 1."""

    def share(self, moment: Moment, phase: int, lift_to_drag: float) -> float:
        """Vertical share of the lift now."""
        ...

    def margin(self, altitude: float, speed: float, angle: float, phase: int) -> float:
        """Positive while the phase lasts; its fall through zero ends it. Infinite for the last phase."""
        ...


@dataclass(frozen=True)
class ConstantLift:
    """Constant vertical share of the lift: cosine of a constant bank, or the mean over bank reversals."""

    fraction: float = 1.0

    def share(self, moment: Moment, phase: int, lift_to_drag: float) -> float:
        return self.fraction

    def margin(self, altitude: float, speed: float, angle: float, phase: int) -> float:
        return math.inf


@dataclass(frozen=True)
class BankSchedule:
    """Vertical share cos(bank) with the bank angle [rad] given over time."""

    bank: Series

    def share(self, moment: Moment, phase: int, lift_to_drag: float) -> float:
        return math.cos(self.bank(moment.time))

    def margin(self, altitude: float, speed: float, angle: float, phase: int) -> float:
        return math.inf


@dataclass(frozen=True)
class HoldAngle:
    """Full lift up in the dive, then hold a flight path angle: a stand-in for a lunar-return guidance.

    Phase 0 ends when the angle rises above `capture`; phase 1 holds `shallow` until the speed falls to
    `slow`; phase 2 holds `angle`. The lift that holds an angle is that of equilibrium plus a
    proportional term, V dgamma/dt = -gain V (gamma - wanted), within what the vehicle has.

    Attributes
    ----------
    angle, shallow, capture : float [rad]
    slow : float [m/s]
    gain : float [1/s]
    """

    angle: float = math.radians(-1.5)
    shallow: float = math.radians(-0.9)
    capture: float = math.radians(-0.6)
    slow: float = 7800.0
    gain: float = 0.05

    def share(self, moment: Moment, phase: int, lift_to_drag: float) -> float:
        if phase == 0 or lift_to_drag == 0.0:
            return 1.0
        wanted = self.shallow if phase == 1 else self.angle
        equilibrium = (moment.gravity - moment.speed**2 / moment.radius) * math.cos(moment.angle)
        need = equilibrium - self.gain * moment.speed * (moment.angle - wanted)
        return max(-1.0, min(1.0, need / max(lift_to_drag * moment.drag, 1e-12)))

    def margin(self, altitude: float, speed: float, angle: float, phase: int) -> float:
        if phase == 0:
            return self.capture - angle
        return (speed - self.slow) / self.slow if phase == 1 else math.inf
