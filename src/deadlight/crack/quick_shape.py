"""One geometry of a crack of the quick tier as growth needs it: one or two sizes, their K, moved along its line.

Through cracks: two tips on the crack's line, K(t) of the plane problem with the influence tables over the thickness
(`ThroughProblem`).  Surface and corner cracks: depth and (half) length on the face (`FaceProblem`); broken through they
go on as a through crack as long as they were on the face.  The path is straight.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.crack.beside import table_remarks
from deadlight.crack.face_problem import FaceProblem
from deadlight.crack.growth import FAR_SIDE, Toughness
from deadlight.crack.line import CrackLine
from deadlight.crack.section import decompose, thickness_rule
from deadlight.crack.seed import Corner, EdgeThrough, Seed, Through
from deadlight.crack.surface_history import DEEPEST_SHARE
from deadlight.crack.thickness_profile import ThicknessProfile
from deadlight.crack.through import ThroughProblem
from deadlight.growth.reading import Reading
from deadlight.growth.shape import Change, Moved, Solved
from deadlight.growth.stopped import GrowthStopped
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

SHARE = 0.1  # of the (half) length or depth that a tip moves at most in one step
LIGAMENT = 0.5  # of what is left to the rim that a tip moves at most in one step
NARROW = 0.95  # share of the distance to the rim at which the end of a surface crack is at the rim


@dataclass(frozen=True, eq=False)
class QuickCrack:
    """What all geometries of one crack have in common.

    Attributes
    ----------
    seed : Through, EdgeThrough, Surface or Corner
    line : CrackLine
        On which `stress` was sampled, with the tips of the crack as found.
    time : (m,) float [s]
    stress : (m, n_line, n_thick) float [Pa]
    temperature : (m, n_line, n_thick) float [K]
    toughness : callable
        K_Ic [Pa m^0.5] of an array of temperatures [K].
    nu : float
    close : float [m]
        Ligament at the rim that breaks at a stroke.
    """

    seed: Seed
    line: CrackLine
    time: Array
    stress: Array
    temperature: Array
    toughness: Toughness
    nu: float
    close: float

    @property
    def thickness(self) -> float:
        """Of the pane [m]."""
        return self.line.pane.thickness

    def point(self, depth: float | Array, height: float | Array) -> Array:
        """Points (k, 3) [m] at depths below the rim and heights over the middle plane."""
        depth, height = np.broadcast_arrays(np.atleast_1d(depth), height)
        xy = self.line.origin + depth[:, None] * self.line.inward
        return np.column_stack([xy, self.line.pane.z_middle + height])

    def solved(
        self, k: Array, error: Array, warm: Array, *, weight: Array, place: Array, area: float, fronts: list[Array]
    ) -> Solved:
        """A geometry with K_I, its error and the temperature (m, n) of its n points."""
        k3 = np.zeros((*k.shape, 3))
        k3[..., 0] = k
        straight, count = np.zeros(k.shape), k.shape[1]
        reading = Reading(
            time=np.asarray(self.time, dtype=float), k=k3, error=error, effective=k, tilt=straight, twist=straight,
            temperature=warm, toughness=np.asarray(self.toughness(warm), dtype=float), weight=weight, place=place,
            front=np.arange(count), crack=np.zeros(count, dtype=np.int64), closed=(False,) * count, area=area,
        )  # fmt: skip
        return Solved(reading, tuple(fronts), (self.seed.name,))


def quick_shape(crack: QuickCrack) -> ThroughShape | FaceShape:
    """The crack as found."""
    seed, line = crack.seed, crack.line
    if isinstance(seed, (Through, EdgeThrough)):
        return ThroughShape.of(crack, line.outer, line.inner)
    problem = FaceProblem(seed, line, crack.stress, crack.temperature, crack.nu)
    return FaceShape(crack, problem, seed.a, seed.c)


@dataclass(frozen=True, eq=False)
class ThroughShape:
    """A through crack between two depths below the rim [m]; a tip at depth 0 is gone.

    Each tip stands for a front as long as the pane is thick; K is the largest through the thickness, the temperature
    its mean there, as `quick.assess` judges.
    """

    crack: QuickCrack
    problem: ThroughProblem
    outer: float
    inner: float

    tier = "quick"

    @classmethod
    def of(cls, crack: QuickCrack, outer: float, inner: float) -> ThroughShape:
        """With the plane problem of the crack's line."""
        _, weight = thickness_rule(crack.stress.shape[-1])
        line = dataclasses.replace(crack.line, outer=outer, inner=inner)
        problem = ThroughProblem(line, decompose(crack.stress), crack.temperature @ weight, crack.nu)
        return cls(crack, problem, outer, inner)

    @property
    def tips(self) -> Array:
        """Numbers of the tips that there are: rim side 0, centre side 1."""
        return np.array([1]) if self.outer == 0.0 else np.array([0, 1])

    @property
    def area(self) -> float:
        """Of the crack [m^2]."""
        return self.crack.thickness * (self.inner - self.outer)

    def solve(self) -> Solved:
        """K at every instant; NotSolved where contact or integral equation fail."""
        every, tips, t = np.arange(len(self.crack.time)), self.tips, self.crack.thickness
        plane = self.problem.opening(self.outer, self.inner, every)
        profile = self.problem.profile(self.outer, self.inner, every, plane)
        error = self.problem.residual_k(self.outer, self.inner, every, plane)
        if isinstance(profile, ThicknessProfile):
            error = error + profile.error()
        k = profile.front_max[:, tips]
        warm = self.problem.tip_temperature(self.outer, self.inner, every)[:, tips]
        depth = np.array([self.outer, self.inner])[tips]
        heights = t * np.array([-0.5, 0.0, 0.5])
        return self.crack.solved(
            k, np.repeat(error[:, None], len(tips), axis=1), warm, weight=np.full(len(tips), t),
            place=self.crack.point(depth, 0.0), area=self.area, fronts=[self.crack.point(d, heights) for d in depth],
        )  # fmt: skip

    def recalled(self, reading: Reading) -> ThroughShape:
        """Itself."""
        return self

    def forget(self) -> None:
        """Nothing is held that costs."""

    def moved(self, move: Array, tilt: Array) -> Moved:
        """Tips on by `move` (n,), less where that would be too bold a step; `tilt` is zero.

        Raises
        ------
        GrowthStopped
            "severed" where it crosses the pane, "lost" where it meets a rim that the plane problem does not know.
        """
        length, outer = self.problem.line.length, self.outer
        half = (0.5 if outer > 0.0 else 1.0) * (self.inner - outer)
        room = np.full(2, SHARE * half)
        if outer > 0.0:
            room[0] = min(room[0], LIGAMENT * outer)
        move = _limited(move, room[self.tips])
        inner = self.inner + float(move[-1])
        outer -= float(move[0]) if outer > 0.0 else 0.0
        name, changes, added = self.crack.seed.name, [], 0.0
        if 0.0 < outer < self.crack.close:
            if not self.problem.line.rim.free:
                raise GrowthStopped(
                    "lost", f"{name}: its rim-side tip reaches the rim along a line that is not square to it"
                )
            place = self.crack.point(0.0, 0.0)[0]
            changes.append(Change("reaches the edge", name, place, f"{1e3 * inner:.3g} mm deep from the rim"))
            outer, added = 0.0, outer * self.crack.thickness
        if inner > (1.0 - FAR_SIDE) * length:
            if outer == 0.0:
                raise GrowthStopped("severed", f"{name} crosses the pane")
            raise GrowthStopped(
                "lost", f"{name}: its far tip reaches the far rim while {1e3 * outer:.3g} mm of glass hold at the other"
            )
        return Moved(dataclasses.replace(self, outer=outer, inner=inner), tuple(changes), added, move=move)

    def remarks(self) -> tuple[Remark, ...]:
        """Where it leaves the influence tables."""
        influence = self.problem.influence(self.outer, self.inner)
        state, _ = self.problem.state(self.outer, self.inner)
        return table_remarks(influence, state, thickness=self.crack.thickness, nu=self.crack.nu, unsettled=None)


@dataclass(frozen=True, eq=False)
class FaceShape:
    """A half-elliptical surface or quarter-elliptical corner crack, depth a and (half) length c [m].

    Two points: the deepest, and the end on the face with the larger K/K_Ic of each instant (both ends of a surface
    crack move alike).  K is that of the tensile part of the stress, an upper bound (`FaceProblem`).
    """

    crack: QuickCrack
    problem: FaceProblem
    a: float
    c: float

    tier = "quick"

    @property
    def quarters(self) -> int:
        """Quarters of an ellipse that the crack is."""
        return 1 if isinstance(self.problem.seed, Corner) else 2

    def _area(self, a: float, c: float) -> float:
        return self.quarters * 0.25 * np.pi * a * c

    def solve(self) -> Solved:
        """K at every instant."""
        found, warm = self.problem.k(self.a, self.c), self.problem.tip_temperature(self.a, self.c)
        ratio = found.upper / self.crack.toughness(warm)
        rows, end = np.arange(len(ratio)), 1 + ratio[:, 1:].argmax(axis=1)

        def two(x: Array) -> Array:
            return np.stack([x[:, 0], x[rows, end]], axis=1)

        part = 0.25 * np.pi * self.quarters
        side = int(end[ratio.max(axis=1).argmax()])
        towards = -self.c if self.problem.tips[side] == "rim_side" else self.c
        place = np.array([self._at(0.0, self.a), self._at(towards, 0.0)])
        phi = np.linspace(0.0, 0.5 * np.pi * self.quarters, 33)
        front = np.array([self._at(self.c * x, self.a * y) for x, y in zip(np.cos(phi), np.sin(phi))])
        return self.crack.solved(
            two(found.upper), two(found.error), two(warm), weight=part * np.array([self.c, self.a]), place=place,
            area=self._area(self.a, self.c), fronts=[front],
        )  # fmt: skip

    def _at(self, along: float, below: float) -> Array:
        """A point (3,) [m] that far from the middle along the line, inwards, and below the face."""
        height = 0.5 * self.crack.thickness - below
        sign = 1.0 if self.problem.seed.place.face == "outer" else -1.0
        return np.asarray(self.crack.point(self.problem.middle + along, sign * height)[0])

    def recalled(self, reading: Reading) -> FaceShape:
        """Itself."""
        return self

    def forget(self) -> None:
        """Nothing is held that costs."""

    def moved(self, move: Array, tilt: Array) -> Moved:
        """a and c on by `move` (2,), less where that would be too bold a step; `tilt` is zero.

        Raises
        ------
        GrowthStopped
            "lost" where its end on the face reaches the rim, or it crosses the pane when it breaks through.
        """
        move = _limited(move, SHARE * np.array([self.a, self.c]))
        a, c = self.a + float(move[0]), self.c + float(move[1])
        if a >= DEEPEST_SHARE * self.crack.thickness:
            return self._through(a, c, move)
        if c >= NARROW * self.problem.plate(a, c).half_width:
            raise GrowthStopped("lost", f"{self.crack.seed.name}: its end on the face reaches the rim")
        return Moved(dataclasses.replace(self, a=a, c=c), move=move)

    def _through(self, a: float, c: float, move: Array) -> Moved:
        """Broken through: a through crack as long as it is on the face."""
        name, middle = self.crack.seed.name, self.problem.middle
        outer, changes = max(middle - c, 0.0), []
        changes.append(Change("breaks through", name, self._at(0.0, self.crack.thickness), f"{2e3 * c:.3g} mm long"))
        if outer < self.crack.close and self.quarters == 2:
            if not self.crack.line.rim.free:
                raise GrowthStopped("lost", f"{name}: breaks through and reaches a rim that is not square to its line")
            changes.append(Change("reaches the edge", name, self.crack.point(0.0, 0.0)[0]))
        outer = 0.0 if outer < self.crack.close else outer
        if middle + c > (1.0 - FAR_SIDE) * self.crack.line.length:
            raise GrowthStopped("lost", f"{name}: its end on the face reaches the far rim")
        shape = ThroughShape.of(self.crack, outer, middle + c)
        return Moved(shape, tuple(changes), shape.area - self._area(a, c), move=move)

    def remarks(self) -> tuple[Remark, ...]:
        """Where it leaves the influence tables, or comes near another face."""
        near = self.problem.plate(self.a, self.c).near_side()
        found = self.problem.k(self.a, self.c).remarks
        return found if near is None else (*found, near)


def _limited(move: Array, room: Array) -> Array:
    """A move (n,) [m], all of it smaller where a point has less room than it asks for."""
    asked = np.maximum(np.asarray(move, dtype=float), 0.0)
    return asked * min(1.0, float((room / np.maximum(asked, 1e-300)).min()))
