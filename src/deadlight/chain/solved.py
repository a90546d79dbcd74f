"""A window through one history, before any crack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deadlight.chain.viewport import Viewport
from deadlight.entry.environment import Environment
from deadlight.heat.history import TemperatureHistory
from deadlight.stress.history import StressHistory


@dataclass(frozen=True, eq=False)
class Solved:
    """A window through one history, before any crack: shared by all cracks that are asked for."""

    viewport: Viewport
    environment: Environment
    heat_model: Any
    temperature: TemperatureHistory
    stress: dict[str, StressHistory]
