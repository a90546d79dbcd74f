"""The user's own law, from an installed package: entry points of the group `deadlight.growth_laws`.

A package states in its pyproject.toml

    [project.entry-points."deadlight.growth_laws"]
    my_law = "my_package.my_module:make"

and `make(material, **parameters)` returns an object that is a `GrowthLaw`.  Through Python any such object will do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deadlight.assumption import Assumption
from deadlight.errors import InputError, NotSolved
from deadlight.growth.law import GrowthLaw
from deadlight.remark import Remark, unique

Array = np.ndarray[Any, np.dtype[np.float64]]

GROUP = "deadlight.growth_laws"
_K = np.array([0.0, 2e5, 5e5, 8e5])
_T, _H = 298.15, np.array([[0.0], [0.5], [1.0]])


def installed_laws() -> dict[str, Callable[..., Any]]:
    """Names of the installed laws and what loads them (not loaded yet)."""
    return {point.name: point.load for point in entry_points(group=GROUP)}


def user_law(name: str, material: Any, parameters: Mapping[str, float] | None = None) -> GrowthLaw:
    """The installed law `name` for a material.

    Raises
    ------
    InputError
        No such law is installed, it cannot be loaded or made, or what it makes is no law.
    """
    place = f"growth law {name}"
    known = installed_laws()
    if name not in known:
        there = ", ".join(sorted(known)) or "none"
        raise InputError(
            f'no law named "{name}" is installed; there are: {there}',
            place=place,
            remedy=f'install a package with an entry point of the group "{GROUP}"',
        )
    try:
        made = known[name]()(material, **dict(parameters or {}))
    except Exception as error:  # foreign code: anything can come out of it
        raise InputError(
            f"cannot be made: {type(error).__name__}: {error}", place=place, remedy="see the package that brings it"
        ) from error
    return checked(made, place=place)


def checked(law: Any, *, place: str = "growth law") -> GrowthLaw:
    """A foreign object as a law whose answers are looked at: `UserLaw` round it.

    Raises
    ------
    InputError
        It lacks a member, or a trial at four K and three humidities gives no velocities that can be.
    """
    missing = [m for m in ("name", "velocity", "assumptions", "warnings") if not hasattr(law, m)]
    if missing:
        raise InputError(f"{type(law).__name__} has no {', '.join(missing)}", place=place, remedy="see GrowthLaw")
    found = UserLaw(law)
    try:
        tried = found.velocity(_K, _T, _H)
        rows = [*found.assumptions(), *found.warnings(float(_K[-1]), _T, _T)]
    except Exception as error:
        raise InputError(
            f"a trial failed: {type(error).__name__}: {error}", place=place, remedy="see GrowthLaw.velocity"
        ) from error
    if (tried[:, 0] != 0.0).any():
        raise InputError("velocity at K = 0 is not 0", place=place, remedy="a closed crack does not grow")
    if (np.diff(tried, axis=1) < 0.0).any():
        raise InputError("the velocity falls with K", place=place, remedy="it must rise with K or stay")
    del rows
    return found


class UserLaw:
    """A foreign law whose every answer is checked: finite, not negative, of the right shape."""

    def __init__(self, law: Any) -> None:
        self.law = law
        self.name = str(law.name)

    def velocity(self, k: ArrayLike, temperature: ArrayLike, humidity: ArrayLike) -> Array:
        """Velocity [m/s]; NotSolved if the law gives none that can be."""
        v = np.asarray(self.law.velocity(k, temperature, humidity), dtype=float)
        shape = np.broadcast(k, temperature, humidity).shape
        if v.shape != shape:
            raise NotSolved(f"growth law {self.name}: velocities {v.shape}, expected {shape}")
        if not np.isfinite(v).all() or (v < 0.0).any():
            raise NotSolved(f"growth law {self.name}: a velocity is negative or not a number")
        return v

    def assumptions(self) -> tuple[Assumption, ...]:
        """The law's own, and that it is a foreign one."""
        return (
            Assumption("growth.law", f"{self.name} (a user's law)", type(self.law).__module__, "A"),
            *self.law.assumptions(),
        )

    def warnings(self, k_max: float, T_min: float, T_max: float) -> tuple[Remark, ...]:
        """The law's own."""
        return unique(self.law.warnings(k_max, T_min, T_max))
