"""K_I, K_II, K_III along any cracks in a body, from any uncracked stress: the operator's front door."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.operator.estimate import compared
from deadlight.operator.field import Stress, StressModes, together
from deadlight.operator.front import FrontFrame, energy_release
from deadlight.operator.history import CrackHistory, follow
from deadlight.operator.pairs import Fineness
from deadlight.operator.supports import SeatSprings
from deadlight.operator.system import CrackOperator
from deadlight.remark import Remark
from deadlight.stress.seats import SeatHistory
from deadlight.surface.bevels import without_bevels
from deadlight.surface.body import Body
from deadlight.surface.grading import GROWTH
from deadlight.surface.join import MeshedCracks, surface_mesh
from deadlight.surface.sheet import Sheet
from deadlight.surface.skin_mesh import Skin, shared_background

Array = np.ndarray[Any, np.dtype[np.float64]]

COARSER = 0.7  # fineness of the second mesh that the error estimate compares with
STIFF = 0.02  # seat stiffness times the body's size over E from which the springs' model itself is felt
TOLERATED = 0.05  # relative error of K beyond which it is an alarm, not a number


@dataclass(frozen=True, eq=False)
class FrontIntensity:
    """What is known along one front.

    Attributes
    ----------
    crack : str
    frame : FrontFrame
        Places and directions of the n front points.
    time : (m,) float [s]
    k : (m, n, 3) float [Pa m^0.5]
        K_I, K_II, K_III.
    k_open : (m, n, 3) float
        Without contact of the faces.
    error : (m, n, 3) float [Pa m^0.5]
        Estimated numerical error of each; NaN when no estimate was asked for.
    g : (m, n) float [J/m^2]
        Energy release rate.
    """

    crack: str
    frame: FrontFrame
    time: Array
    k: Array
    k_open: Array
    error: Array
    g: Array

    @property
    def relative_error(self) -> Array:
        """Error of the front's largest K at each instant, relative to it. (m,)."""
        size = np.abs(self.k).max(axis=(1, 2))
        worst = self.error.max(axis=(1, 2))
        return np.asarray(np.divide(worst, size, out=np.zeros_like(worst), where=size > 0))


@dataclass(frozen=True, eq=False)
class StressIntensity:
    """Answer for the cracks of one body.

    Attributes
    ----------
    fronts : tuple of FrontIntensity
    history : CrackHistory
        Openings, contact, the operator itself.
    meshed : MeshedCracks
    doubts : tuple of Remark
        Alarms about the error of K, over all instants and front points.
    seconds : dict of str -> float
        Wall time of the parts.
    """

    fronts: tuple[FrontIntensity, ...]
    history: CrackHistory
    meshed: MeshedCracks
    doubts: tuple[Remark, ...]
    seconds: dict[str, float]

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What must be known before the numbers are used; an alarm where they must not be."""
        return (*self.meshed.remarks, *self.doubts)

    def __repr__(self) -> str:
        operator = self.history.operator
        lines = [f"{operator.mesh}, {operator.n_unknowns} unknowns, {self.meshed.choice}"]
        for front in self.fronts:
            top = np.unravel_index(np.abs(front.k).argmax(), front.k.shape)
            mode = ("K_I", "K_II", "K_III")[top[2]]
            value, error = front.k[top] / 1e6, front.error[top] / 1e6
            lines.append(
                f"  {front.crack}: largest {mode} {value:.4g} +- {error:.2g} MPa m^0.5 at {front.time[top[0]]:g} s"
            )
        return "\n".join([*lines, *(f"  {'ALARM: ' if r.alarm else ''}{r}" for r in self.remarks)])


def stress_intensity(
    stress: Stress | Sequence[Stress],
    cracks: Sheet | Sequence[Sheet],
    body: Body | None = None,
    *,
    young: float,
    nu: float,
    pressure: Array | float = 0.0,
    contact: bool = True,
    stick: bool = False,
    seats: SeatHistory | None = None,
    estimate: bool = True,
    refine: float = 1.0,
    growth: float = GROWTH,
    extent: str = "auto",
    back: Skin | None = None,
    fineness: Fineness | None = None,
    meshed: MeshedCracks | None = None,
    keep_factor: bool = True,
) -> StressIntensity:
    """Stress intensity factors of cracks the stress knows nothing of.

    Parameters
    ----------
    stress : the uncracked stress, see `deadlight.operator.field.as_modes`, or several that act together
        A residual stress is simply one more.
    cracks : Sheet or several
        Clipped to the body.
    body : Body or None
        None: infinite solid.
    young, nu : float [Pa], 1
        Of the homogeneous, isotropic body.
    pressure : float or (m,) float [Pa]
        In the cracks, opening them.
    contact : bool
        Crack faces cannot overlap.
    stick : bool
        Faces that shut hold together until they open; otherwise they slide without friction.
    seats : SeatHistory or None
        Of the uncracked pane, on the instants of the stress: they follow the cracked pane and cannot pull.  Without
        them, and round a crack so small that a patch of the skin is meshed, the body is free.
    estimate : bool
        Solve a second, coarser mesh for the error of K; about a third more time.
    refine : float
        Fineness of the surface mesh; 1 aims at a few tenths of a percent.
    growth : float
        Of the skin's element size with distance from the cracks.
    extent : "auto", "patch" or "whole"
        Mesh a patch of the skin round the crack, or all of it; "auto" by rule, said in the answer.
    back : Skin or None
        Background mesh of the body's skin; without it one is made for each `refine` and kept with the body.
    meshed : MeshedCracks or None
        `surface_mesh(body, cracks, refine=refine, growth=growth, extent=extent, back=back)`, where it is at hand.
    keep_factor : bool
        False: the factor of the matrix, hundreds of megabytes, goes before a second mesh is solved for the estimate.

    Returns
    -------
    StressIntensity

    Raises
    ------
    InputError
        A crack does not fit the body, or a number cannot be.
    NotSolved
        The mesh or the matrix failed; the message says where.
    """
    _check(young, nu, refine)
    sheets = [cracks] if isinstance(cracks, Sheet) else list(cracks)
    modes = together(_several(stress))
    start = time.perf_counter()
    how: dict[str, Any] = {"refine": refine, "growth": growth, "extent": extent, "back": back}
    meshed = meshed or surface_mesh(body, sheets, **how)
    seconds = {"mesh": time.perf_counter() - start}
    given: dict[str, Any] = {"young": young, "nu": nu, "fineness": fineness}
    asked: dict[str, Any] = {"pressure": pressure, "contact": contact, "stick": stick}
    history = _answer(meshed, modes, seats, given, asked)
    seconds |= history.operator.seconds | history.seconds
    if not keep_factor:
        history = replace(history, operator=history.operator.without_factor())
    errors = [np.full_like(k, np.nan) for k in history.k]
    if estimate:
        start = time.perf_counter()
        how |= {"refine": COARSER * refine, "growth": growth / COARSER, "back": _coarser(body, back)}
        errors = compared(history, _answer(surface_mesh(body, sheets, **how), modes, seats, given, asked))
        seconds["estimate"] = time.perf_counter() - start
    names = [sheets[meshed.sheet[f.crack]].name for f in meshed.mesh.fronts]
    fronts = tuple(
        FrontIntensity(name, frame, history.time, k, k_open, error, energy_release(k, young, nu))
        for name, frame, k, k_open, error in zip(names, history.frames, history.k, history.k_open, errors)
    )
    doubts = (*_doubts(fronts), *_stiff_seats(seats, meshed, young))
    return StressIntensity(fronts, history, meshed, doubts, seconds)


def _coarser(body: Body | None, back: Skin | None) -> Skin | None:
    """A given background as much coarser as the cracks' second mesh."""
    if body is None or back is None or not len(back.cells):
        return None
    return shared_background(without_bevels(body).plain, back.size, COARSER * back.refine)


def _answer(
    meshed: MeshedCracks, modes: StressModes, seats: SeatHistory | None, given: dict[str, Any], asked: dict[str, Any]
) -> CrackHistory:
    held = seats is not None and len(seats.area) > 0 and meshed.back is not None
    springs = SeatSprings.of(meshed.mesh, seats) if held else None
    operator = CrackOperator.build(meshed.mesh, springs=springs.matrix if springs else None, **given)
    return follow(operator, modes, seats=springs, **asked)


def _stiff_seats(seats: SeatHistory | None, meshed: MeshedCracks, young: float) -> list[Remark]:
    """A spring on D of a face holds the body to one outside it that is as soft as itself: good for soft seats only."""
    if seats is None or not len(seats.area) or meshed.back is None:
        return []
    share = float(seats.stiffness.max() * np.ptp(meshed.mesh.points, axis=0).max() / young)
    if share <= STIFF:
        return []
    stiffness = seats.stiffness.max() / 1e6
    text = f"seats of {stiffness:.3g} MPa/m follow the crack as if softer by a share of up to {share:.2g}"
    return [Remark(f"{text} (limit {STIFF:g})", alarm=share > 10 * STIFF)]


def _several(stress: Stress | Sequence[Stress]) -> Sequence[Stress]:
    if isinstance(stress, (list, tuple)) and not all(isinstance(s, (int, float)) for s in stress):
        return stress
    return [stress]  # type: ignore[list-item]


def _check(young: float, nu: float, refine: float) -> None:
    if not (np.isfinite(young) and young > 0 and -1 < nu < 0.5):
        raise InputError(f"E = {young:g} Pa, nu = {nu:g}", place="crack operator", remedy="E above 0, nu in (-1, 0.5)")
    if not (np.isfinite(refine) and 0.2 <= refine <= 5):
        raise InputError(f"refine = {refine:g}", place="crack operator", remedy="0.2 to 5; 1 is the usual mesh")


def _doubts(fronts: Sequence[FrontIntensity]) -> list[Remark]:
    found = []
    for front in fronts:
        peak = np.abs(front.k).max()
        worst = np.nanmax(front.error, initial=0.0)
        if peak > 0 and worst > TOLERATED * peak:
            text = f"{front.crack}: the error of K is estimated at {100 * worst / peak:.2g} % of its largest value"
            found.append(Remark(f"{text}, over {100 * TOLERATED:g} %: refine the surface mesh", alarm=True))
    return found
