"""One crack through the tiers that the case asks for."""

from __future__ import annotations

import time as clock
from typing import Any

import numpy as np

from deadlight.case.crack import Crack
from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.laid import Laid
from deadlight.chain.load_error import root_sum_square
from deadlight.chain.loading import sides
from deadlight.chain.operator_answer import full_answer
from deadlight.chain.quick_answer import QuickAnswer, quick_answer
from deadlight.chain.tiers import tier_gaps
from deadlight.chain.viewport import Viewport
from deadlight.entry.environment import Environment
from deadlight.heat.history import TemperatureHistory
from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]


def assess_crack(
    viewport: Viewport, laid: Laid, environment: Environment, history: StressHistory, heat: TemperatureHistory,
    quick: QuickAnswer | None = None,
) -> CrackAnswer:  # fmt: skip
    """Both tiers for one crack, as far as they are asked for and know it.

    Parameters
    ----------
    history : StressHistory
        Of the crack's pane, at the instants of `heat`.
    quick : QuickAnswer, optional
        Where the quick tier's is known already.
    """
    crack = laid.stated
    temperature = heat.temperature[:, viewport.mesh.region_nodes(crack.pane)]
    material = viewport.materials[crack.pane]
    if quick is None and laid.quick:
        quick = quick_answer(viewport, crack, history, temperature, material)
    if laid.flaw is None:
        return CrackAnswer(crack, quick=quick)
    begun = clock.perf_counter()
    full = full_answer(
        laid.flaw,
        history,
        temperature,
        material,
        gas=gas_pressure(viewport, crack, environment, history.time),
        refine=viewport.case.solver.crack_refine,
    )
    seconds = clock.perf_counter() - begun
    errors = root_sum_square(full.errors), quick.numerical_error if quick else 0.0
    gaps = tier_gaps(laid.flaw, full, quick, errors)
    return CrackAnswer(crack, laid.flaw, quick, full, gaps, notes=laid.warnings, seconds=seconds)


def gas_pressure(viewport: Viewport, crack: Crack, environment: Environment, time: Array) -> Array | float:
    """Pressure of the gas in a crack that is open to the outer or the inner side of its pane [Pa]."""
    if crack.pressure == "none":
        return 0.0
    outer, inner = sides(viewport.case, crack.pane, environment)
    return np.asarray((outer if crack.pressure == "outer" else inner)(time), dtype=float)
