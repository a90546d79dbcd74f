"""The uncracked stress that loads a crack, in any form a user has it: constant, function of place, history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from deadlight.errors import InputError

Array = np.ndarray[Any, np.dtype[np.float64]]
ONE_INSTANT = np.zeros(1)


@runtime_checkable
class StressModes(Protocol):
    """Stress sigma(x, t) = sum_r amplitudes[t, r] modes_r(x); `deadlight.stress.history.StressHistory` is one.

    Attributes
    ----------
    time : (m,) float [s]
    amplitudes : (m, r) float
    """

    @property
    def time(self) -> Array: ...

    @property
    def amplitudes(self) -> Array: ...

    def sample_modes(self, points: Array) -> Array:
        """Modes (r, p, 6) [Pa], Voigt xx yy zz yz xz xy, at points (p, 3) [m]."""


Stress = StressModes | Callable[[Array], Array] | Sequence[float] | Array


@dataclass(frozen=True, eq=False)
class SteadyStress:
    """Stress that does not change: one mode. `function`: points (p, 3) [m] -> (p, 6) [Pa]."""

    function: Callable[[Array], Array]
    time: Array
    amplitudes: Array

    def sample_modes(self, points: Array) -> Array:
        found = np.asarray(self.function(points), dtype=float)
        if found.shape != (len(points), 6):
            raise InputError(
                f"a stress of shape {found.shape} at {len(points)} points",
                place="stress field",
                remedy="return (p, 6): xx, yy, zz, yz, xz, xy [Pa] at points (p, 3)",
            )
        return found[None]


@dataclass(frozen=True, eq=False)
class SumOfStress:
    """Several stresses acting together, on the instants of the first that has more than one."""

    parts: tuple[StressModes, ...]
    time: Array
    amplitudes: Array

    def sample_modes(self, points: Array) -> Array:
        return np.concatenate([part.sample_modes(points) for part in self.parts])


def as_modes(stress: Stress) -> StressModes:
    """A stress in the form the operator takes.

    Parameters
    ----------
    stress : StressModes, function of points (p, 3) [m] returning (p, 6) [Pa], or six numbers [Pa]
        Voigt order xx, yy, zz, yz, xz, xy; tension positive.

    Raises
    ------
    InputError
        None of these.
    """
    if isinstance(stress, StressModes):
        return stress
    if callable(stress):
        return SteadyStress(stress, ONE_INSTANT, np.ones((1, 1)))
    constant = np.asarray(stress, dtype=float)
    if constant.shape != (6,) or not np.isfinite(constant).all():
        raise InputError(
            f"a stress of shape {constant.shape}" if constant.shape != (6,) else f"a stress of {constant}",
            place="stress field",
            remedy="six finite numbers xx, yy, zz, yz, xz, xy [Pa], a function of points, or a stress history",
        )
    return SteadyStress(lambda points: np.tile(constant, (len(points), 1)), ONE_INSTANT, np.ones((1, 1)))


def together(stresses: Sequence[Stress]) -> StressModes:
    """Several stresses as one: a history and a residual stress, say.

    Raises
    ------
    InputError
        Two histories on different instants.
    """
    parts = tuple(as_modes(s) for s in stresses)
    if len(parts) == 1:
        return parts[0]
    time = next((p.time for p in parts if len(p.time) > 1), parts[0].time)
    columns = []
    for part in parts:
        if len(part.time) == 1:
            columns.append(np.repeat(part.amplitudes, len(time), axis=0))
        elif len(part.time) == len(time) and np.array_equal(part.time, time):
            columns.append(part.amplitudes)
        else:
            raise InputError(
                f"{len(part.time)} instants beside {len(time)}", place="stress fields", remedy="give all on one clock"
            )
    return SumOfStress(parts, time, np.concatenate(columns, axis=1))
