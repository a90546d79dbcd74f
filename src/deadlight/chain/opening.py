"""The opening that a lost piece leaves: its jet on a spot of the next pane, the rest still behind the outer pane."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.interpolate import CloughTocher2DInterpolator
from scipy.spatial import KDTree

from deadlight.assumption import Assumption
from deadlight.case.loss import Spot
from deadlight.chain.heating import HeatModel, gap_name, heat_model
from deadlight.chain.viewport import STATUS, Viewport
from deadlight.entry.environment import Environment
from deadlight.errors import CaseError
from deadlight.heat.boundary import STEFAN_BOLTZMANN, Boundary, Convection, Film, Flux, Radiation, evaluate
from deadlight.heat.gas import GapGas
from deadlight.heat.history import TemperatureHistory
from deadlight.heat.trace import face_trace
from deadlight.remark import Remark
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]

BLUR = 0.5  # of the gap: the jet's edge widens on its way to the next pane (assumption)
KEPT = 1e-4  # of the largest singular value: what is left out of the flux from the pane in front
SEEN = 0.1  # relative: a spot whose area on the mesh differs by more is too small for it


@dataclass(frozen=True)
class Opening:
    """Where a piece is missing, as a round hole of the same area.

    Attributes
    ----------
    x, y : float [m]
        Its middle.
    radius : float [m]
    """

    x: float
    y: float
    radius: float

    @classmethod
    def of_spot(cls, spot: Spot) -> Opening:
        """As the case states it, by azimuth, radius and diameter."""
        return cls(spot.radius * math.cos(spot.azimuth), spot.radius * math.sin(spot.azimuth), 0.5 * spot.size)

    @classmethod
    def of_pieces(cls, pieces: Sequence[Any], thickness: float) -> Opening:
        """Of pieces with `volume` [m3] and `centroid` (3,) [m] in a pane of this thickness [m]: all their area, about
        their common middle."""
        volume = np.array([p.volume for p in pieces])
        x, y, _ = volume @ np.array([p.centroid for p in pieces]) / volume.sum()
        return cls(float(x), float(y), math.sqrt(float(volume.sum()) / (math.pi * thickness)))


@dataclass(frozen=True, eq=False)
class OuterPane:
    """The pane in front that still stands round an opening, as the next one sees it.

    Attributes
    ----------
    opening : Opening
    factor : float
        Heating in the jet over that of the outer pane.
    emissivity : float
        Of the exchange between both faces, 1/(1/e1 + 1/e2 - 1).
    arriving : tuple of (Series [W/m2], (n,) float)
        Products of a history and a field on its inner face whose sum is what would arrive from it on a face at 0 K, in
        the run in which nothing is lost.
    place : KDTree
        x, y of the nodes of the fields.
    conductance : Series [W/m2/K]
        Of the gas between.
    blur : float [m]
        Over which the spot fades.
    """

    opening: Opening
    factor: float
    emissivity: float
    arriving: tuple[tuple[Series, Array], ...]
    place: KDTree
    conductance: Series
    blur: float

    def spot(self, position: Array) -> Array:
        """Share of the jet at points (n, 3) [m], 0 behind the pane; its integral is the opening's area. (n,)."""
        o = self.opening
        return self._kept * self._fading(np.hypot(position[:, 0] - o.x, position[:, 1] - o.y))

    def _fading(self, away: Array) -> Array:
        return np.asarray(0.5 * (1.0 - np.tanh((away - self.opening.radius) / self.blur)))

    @functools.cached_property
    def _kept(self) -> float:
        """What a jet that widens keeps of its strength, so that it brings as much as enters."""
        r = np.linspace(0.0, self.opening.radius + 12.0 * self.blur, 4001)
        return 0.5 * self.opening.radius**2 / float(np.trapezoid(r * self._fading(r), r))

    def rest(self, position: Array) -> Array:
        """One less the spot."""
        return np.asarray(1.0 - self.spot(position))

    def from_pane(self, field: Array) -> Callable[[Array], Array]:
        """A field of the inner face as a function of position in the rest; past its edge that of the nearest node."""
        inside = CloughTocher2DInterpolator(self.place.data, field)

        def weight(position: Array) -> Array:
            plane = position[:, :2]
            found = np.asarray(inside(plane))
            lost = np.isnan(found)
            found[lost] = field[self.place.query(plane[lost])[1]]
            return self.rest(position) * found

        return weight


def outer_pane(
    viewport: Viewport, temperature: TemperatureHistory, environment: Environment, opening: Opening
) -> OuterPane:
    """The outermost pane round an opening in it, from the run in which nothing is lost.

    Raises
    ------
    CaseError
        The opening lies outside the clear part of the next pane, or there is no gap between them in the case.
    """
    first, second = viewport.case.panes[:2]
    gap = next((g for g in viewport.case.gaps if g.between == (first.name, second.name)), None)
    if gap is None:
        raise CaseError(
            f"no gap between {first.name} and {second.name}", place="gaps", remedy="state it: a piece is lost into it"
        )
    mesh = viewport.mesh
    inner, outer = (mesh.face_nodes(f) for f in (f"{first.name}.inner", f"{second.name}.outer"))
    reach = np.hypot(*mesh.points[outer][:, :2].T).max()
    if math.hypot(opening.x, opening.y) - opening.radius > reach:
        raise CaseError(
            f"an opening {1e3 * math.hypot(opening.x, opening.y):.3g} mm from the axis looks past {second.name}.outer",
            place="loss.spot",
            remedy=f"nearer than {1e3 * reach:.3g} mm",
        )
    T_outer, T_next = temperature.temperature[:, inner], temperature.temperature[:, outer].mean(axis=1)
    distance = float(mesh.points[inner, 2].mean() - mesh.points[outer, 2].mean())
    gas = GapGas(pressure=environment.gap_pressure[gap_name(gap)])
    pairs = zip(temperature.time, 0.5 * (T_outer.mean(axis=1) + T_next), strict=True)
    h = np.array([float(gas.conductance(float(t), np.array([T]), np.array([distance]))[0]) for t, T in pairs])
    e1, e2 = gap.emissivity
    together = 1.0 / (1.0 / e1 + 1.0 / e2 - 1.0)
    return OuterPane(
        opening,
        viewport.case.loss.jet_factor.value,
        together,
        _products(temperature.time, together * STEFAN_BOLTZMANN * T_outer**4 + h[:, None] * T_outer),
        KDTree(mesh.points[inner][:, :2]),
        Series(temperature.time, h, "gas in the gap", "W/m**2/K"),
        BLUR * distance,
    )


def _products(time: Array, flux: Array) -> tuple[tuple[Series, Array], ...]:
    """A flux (m, n) as a few products of histories and fields, to `KEPT` of its largest value."""
    u, s, v = np.linalg.svd(flux, full_matrices=False)
    rank = int(np.searchsorted(-s, -KEPT * s[0])) if s[0] > 0 else 0
    names = (f"arriving {r}" for r in range(rank))
    return tuple((Series(time, u[:, r] * s[r], name, "W/m**2"), v[r]) for r, name in enumerate(names))


def model_behind(viewport: Viewport, environment: Environment, front: OuterPane | None) -> HeatModel:
    """Heat model of what is left: bare, or with the next pane's outer face behind an outer pane with an opening."""
    model = heat_model(viewport, environment)
    if front is None:
        return model
    face = f"{viewport.case.panes[0].name}.outer"
    kept = [b for b in model.boundaries if getattr(b, "face", "") != face]
    bare = [b for b in model.boundaries if getattr(b, "face", "") == face]
    return replace(model, boundaries=(*kept, *(_in_spot(b, front) for b in bare), *_behind(face, front)))


def _in_spot(boundary: Boundary, front: OuterPane) -> Boundary:
    """What acts on the bare face, in the spot only; the film times the jet's factor."""
    assert isinstance(boundary, Convection | Film | Flux | Radiation)  # nothing else acts on an outer face
    share = front.factor if isinstance(boundary, Film) else 1.0
    stated = boundary.weight

    def weight(position: Array) -> Array:
        return share * front.spot(position) * evaluate(stated, position)

    if isinstance(boundary, Film):
        return replace(boundary, ratio=weight)
    return replace(boundary, weight=weight)


def _behind(face: str, front: OuterPane) -> tuple[Boundary, ...]:
    return (
        Radiation(face=face, emissivity=front.emissivity, sky_temperature=0.0, weight=front.rest),
        Convection(face=face, coefficient=front.conductance, temperature=0.0, weight=front.rest),
        *(Flux(face=face, flux=history, weight=front.from_pane(field)) for history, field in front.arriving),
    )


def opening_remarks(viewport: Viewport, front: OuterPane) -> tuple[Remark, ...]:
    """An alarm where the mesh of the next pane does not see the spot."""
    name = viewport.case.panes[0].name
    trace = face_trace(viewport.mesh, f"{name}.outer")
    found = float(trace.weight @ front.spot(trace.position))
    o = front.opening
    # on a fine polar grid of the disc and its fading edge, where it lies over the face
    reach = np.hypot(*trace.position[:, :2].T).max()
    r = np.linspace(0.0, o.radius + 4.0 * front.blur, 400)
    angle = np.linspace(0.0, 2.0 * math.pi, 90, endpoint=False)
    x, y = o.x + r[:, None] * np.cos(angle), o.y + r[:, None] * np.sin(angle)
    points = np.stack([x, y, np.zeros_like(x)], axis=-1).reshape(-1, 3)
    value = front.spot(points).reshape(x.shape) * (np.hypot(x, y) <= reach)
    true = float(np.trapezoid(r * value.mean(axis=1), r) * 2.0 * math.pi)
    if abs(found / true - 1.0) <= SEEN:
        return ()
    text = f"{name}: the opening of {2e3 * o.radius:.3g} mm has {1e4 * found:.3g} cm2 on its mesh, {1e4 * true:.3g} cm2"
    return (Remark(f"{text} in truth: the mesh is too coarse for it", alarm=True),)


def opening_assumptions(viewport: Viewport, front: OuterPane) -> tuple[Assumption, ...]:
    """What the heating through an opening rests on."""
    jet = viewport.case.loss.jet_factor
    band = f", band {jet.band[0]:g} to {jet.band[1]:g}" if jet.band else ""
    o = front.opening
    where = f"round, {2e3 * o.radius:.3g} mm across at ({1e3 * o.x:.3g}, {1e3 * o.y:.3g}) mm"
    fixed = "set in the program, not in the case"
    return (
        Assumption(
            "loss.jet_factor",
            f"{jet.value:g}{band}: heating in the opening over that of the outer pane",
            jet.source or "case",
            STATUS[jet.status],
        ),
        Assumption("loss.opening", f"{where}; it widens over half the gap and keeps its strength in all", fixed, "A"),
        Assumption(
            "loss.rest",
            "the outer pane round the opening keeps the temperatures of the run in which nothing is lost",
            fixed,
            "A",
        ),
    )
