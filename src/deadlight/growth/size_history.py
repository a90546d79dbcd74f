"""A crack of one or a few sizes through its history, K given as a function of size and time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deadlight.growth.humidity import Humidity
from deadlight.growth.law import GrowthLaw
from deadlight.growth.size_model import Intensity, Shaking, SizeModel
from deadlight.growth.size_record import SizeHistory
from deadlight.growth.size_walk import SizeWalk

Array = np.ndarray[Any, np.dtype[np.float64]]

TOLERANCE = 1e-8


def size_history(
    k: Intensity,
    law: GrowthLaw,
    *,
    start: ArrayLike,
    time: ArrayLike,
    toughness: float | Callable[[Array], ArrayLike],
    temperature: float | Intensity = 298.15,
    humidity: Humidity | None = None,
    limit: ArrayLike = np.inf,
    follow: bool = False,
    shaking: Sequence[Shaking] = (),
    tolerance: float = TOLERANCE,
    step: float | None = None,
) -> SizeHistory:
    """Follow a crack through slow growth, and if wanted through runs, on one clock.

    Parameters
    ----------
    k : callable
        K (p,) [Pa m**0.5] at sizes (p,) [m] and a time [s]; continuous between the instants of `time`, where it may
        jump (the value after the jump counts).  Closed: 0 or less.
    law : GrowthLaw
    start : float or (p,) float [m]
        Sizes at the first instant.
    time : (m,) float [s]
        Rising; sizes are given at them.  Nothing may rise and fall again between two of them.
    toughness : float or callable
        K_Ic [Pa m**0.5], or by temperature [K].
    temperature : float or callable
        At the tips [K], or (p,) by sizes and time.
    humidity : Humidity
        Wet if not given.
    limit : float or (p,) float [m]
        Sizes at which it is followed no more (a face, a rim).
    follow : bool
        Whether to go on after K reached K_Ic: a run at frozen time until K < K_Ic, then slow growth with K held to
        K_Ic, and another run at each later instant at which K is above K_Ic.
    shaking : sequence of Shaking
        Must not overlap.
    tolerance : float
        Relative, of size and time in each step.
    step : float or None [m]
        Fixed steps in s in place of error control, for tests of the order.

    Raises
    ------
    InputError
        Times do not rise, shakings overlap, a size or K cannot be.
    NotSolved
        The integrator gave up.
    """
    model = SizeModel(k, law, toughness, temperature, humidity or Humidity())
    return SizeWalk(model, start, time, limit, follow, shaking, tolerance, step).go()
