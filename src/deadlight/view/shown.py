"""What is shown of a window: its parts with their fields in time, cracks, fronts with K, ribs of growth, pieces.

Pictures, the animation and both viewers take this; it is made from a result folder (`from_folder.py`) or from a run in
memory (`chain/shown.py`).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from deadlight.errors import InputError
from deadlight.mesh.mesh import Mesh

if TYPE_CHECKING:
    from deadlight.view.plot import Plots

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

TEMPERATURE, STRESS, OPENING, RATIO = "temperature [K]", "stress_max [MPa]", "opening [um]", "K/K_Ic [-]"


@dataclass(frozen=True, eq=False)
class SolidPart:
    """A pane or a retainer.

    Attributes
    ----------
    name : str
    kind : "pane" or "retainer"
    level : int
        Place of its pane in the stack, 0 outermost.
    mesh : Mesh
    fields : dict of "name [unit]" -> (steps, n_nodes) float
    """

    name: str
    kind: str
    level: int
    mesh: Mesh
    fields: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class CrackPart:
    """The surface of a crack.

    Attributes
    ----------
    name : str
    level : int
        Of its pane.
    points : (n, 3) float [m]
    triangles : (t, 3) int64
        Empty where only a line is known.
    line : (k, 3) float [m]
        The crack's line where there is no surface, else empty.
    fields : dict of "name [unit]" -> (steps, n) float
    """

    name: str
    level: int
    points: Array
    triangles: Index
    line: Array
    fields: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class FrontPart:
    """K of one front over time.

    Attributes
    ----------
    name, crack : str
    level : int
    points : (n, 3) float [m]
    time : (m,) float [s]
    k, toughness, error : (m, n) float [Pa m^0.5]
        What is held against K_Ic, K_Ic, and the error of K.
    """

    name: str
    crack: str
    level: int
    points: Array
    time: Array
    k: Array
    toughness: Array
    error: Array

    @property
    def ratio(self) -> Array:
        """K over K_Ic. (m, n)."""
        return self.k / self.toughness


@dataclass(frozen=True, eq=False)
class Rib:
    """One front of one geometry of the growth.

    Attributes
    ----------
    pane : str
    level : int
    step : int
        Number of the geometry.
    points : (n, 3) float [m]
    time : float [s]
        When the crack had this shape first.
    indicative : bool
        After an instability.
    ratio : (n,) float
        K/K_Ic then, along it.
    """

    pane: str
    level: int
    step: int
    points: Array
    time: float
    indicative: bool
    ratio: Array


@dataclass(frozen=True, eq=False)
class PiecePart:
    """A piece that cracks cut off a pane.

    Attributes
    ----------
    name : str
    level : int
    corners : (f, 3, 3) float [m]
        Plain triangles of its closed surface.
    cut : (f,) bool
        Which of them are cut faces.
    state : str
        "held", "loose", "leaves", or "" where that is not known.
    way : (3,) float
        Unit direction it leaves along; zeros where it does not.
    mass : float [kg]
    """

    name: str
    level: int
    corners: Array
    cut: Mask
    state: str
    way: Array
    mass: float


@dataclass(frozen=True, eq=False)
class WindowView:
    """A window through its history, as pictures and viewers need it.

    Attributes
    ----------
    title : str
    times : (steps,) float [s]
        Instants of the fields.
    since : str
        What the clock starts with.
    solids, cracks, fronts, ribs, pieces : tuples of parts
    altitude : (p, 2) float [s], [m]
        Empty in a test facility.
    events : tuple of (float [s], str)
    """

    title: str
    times: Array
    since: str
    solids: tuple[SolidPart, ...]
    cracks: tuple[CrackPart, ...] = ()
    fronts: tuple[FrontPart, ...] = ()
    ribs: tuple[Rib, ...] = ()
    pieces: tuple[PiecePart, ...] = ()
    altitude: Array = field(default_factory=lambda: np.zeros((0, 2)))
    events: tuple[tuple[float, str], ...] = ()

    @functools.cached_property
    def plot(self) -> Plots:
        """3D pictures: `view.plot.window("stress").save("stress.png")`."""
        from deadlight.view.plot import Plots  # it takes views

        return Plots(self)

    @property
    def field_names(self) -> tuple[str, ...]:
        """Fields that some pane has."""
        return tuple(dict.fromkeys(name for part in self.solids for name in part.fields))

    @property
    def panes(self) -> tuple[SolidPart, ...]:
        return tuple(part for part in self.solids if part.kind == "pane")

    @functools.cached_property
    def worst(self) -> tuple[FrontPart | None, int, int]:
        """Front, instant and point where K is nearest to K_Ic; (None, 0, 0) without any front."""
        best: tuple[FrontPart | None, int, int] = (None, 0, 0)
        top = -np.inf
        for front in self.fronts:
            ratio = np.where(np.isfinite(front.ratio), front.ratio, -np.inf)
            i, j = np.unravel_index(int(ratio.argmax()), ratio.shape)
            if ratio[i, j] > top:
                top, best = ratio[i, j], (front, int(i), int(j))
        return best

    @property
    def governing_time(self) -> float:
        """When K is nearest to K_Ic, or the hottest instant without a crack [s]."""
        front, instant, _ = self.worst
        if front is not None:
            return float(front.time[instant])
        heat = [part.fields[TEMPERATURE].max(axis=1) for part in self.solids if TEMPERATURE in part.fields]
        return float(self.times[int(np.max(heat, axis=0).argmax())]) if heat else float(self.times[0])

    def nearest(self, time: float | None = None) -> int:
        """Instant of the fields nearest to a time; without one, to the governing time."""
        return int(np.abs(self.times - (self.governing_time if time is None else time)).argmin())

    def extremes(self, name: str, step: int | None = None) -> tuple[float, float]:
        """Smallest and largest value of a field over all parts that have it, at one instant or at all.

        Raises
        ------
        InputError
            No part has such a field.
        """
        every = [*(part.fields for part in self.solids), *(part.fields for part in self.cracks)]
        found = [fields[name] for fields in every if name in fields]
        found = [f if step is None else f[step] for f in found if f.size]
        if not found:
            known = [*self.field_names, *(n for c in self.cracks for n in c.fields)]
            raise InputError(f'no field "{name}"', place=self.title, remedy=", ".join(dict.fromkeys(known)))
        return min(float(f.min()) for f in found), max(float(f.max()) for f in found)

    @property
    def middle(self) -> Array:
        """Where cracks are, or the window's middle. (3,) [m]."""
        front, _, point = self.worst
        if front is not None:
            return front.points[point]
        lines = [c.line if len(c.line) else c.points for c in self.cracks]
        return np.concatenate(lines).mean(axis=0) if lines else np.zeros(3)
