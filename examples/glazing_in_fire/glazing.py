"""A framed window pane in a radiant fire: hot centre, cool rim under the frame, first crack at the edge.

The chain is the one of a spacecraft window: mesh from a drawing, transient conduction, thermo-elastic stress in gaskets
that cannot pull.  What differs is the glass (E alpha 0.63 MPa/K, fused silica 0.04) and the heating (a fire).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.integrate import simpson
from scipy.interpolate import PchipInterpolator

from deadlight.heat.boundary import Boundary, Convection, Flux, Radiation
from deadlight.heat.history import TemperatureHistory
from deadlight.heat.solve import solve_heat
from deadlight.material.library import material
from deadlight.material.material import Material
from deadlight.mesh.mesh import Mesh
from deadlight.mesh.outline import Outline
from deadlight.mesh.section import MeshControl
from deadlight.mesh.window import make_window
from deadlight.mesh.window_drawing import PaneDrawing, WindowDrawing
from deadlight.series import Series
from deadlight.stress.history import StressHistory
from deadlight.stress.solve import solve_stress
from deadlight.stress.supports import Seat

Array = np.ndarray[Any, np.dtype[np.float64]]

AMBIENT = 293.0  # K
PRELOAD = 5e3  # Pa, of the beading; A
# Float glass as in the strip problem of Keski-Rahkonen 1988 worked here: E alpha = 0.63 MPa/K.
FLOAT: Material = material(
    "float",
    user={
        "float": {
            "base": "soda_lime",
            "youngs_modulus": "70 GPa",
            "mean_expansion": "9e-6 1/K",
            "conductivity": "0.95 W/m/K",
            "specific_heat": "820 J/kg/K",
        }
    },
)
COARSE = MeshControl(layers=1, around=52, rings=5, growth=0.6)
FINE = MeshControl(layers=3, first_layer=0.2, around=80, rings=8, growth=0.5)


@dataclass(frozen=True, kw_only=True)
class Pane:
    """A rectangular pane whose edges are covered on both faces by a frame.

    Attributes
    ----------
    width, height, thickness : float [m]
    shade : float [m]
        Width that the frame covers.
    glass : Material
    gasket : float [Pa/m]
        Normal stiffness of the beading; A: 3 mm of ceramic fibre or soft rubber.
    """

    width: float = 0.6
    height: float = 0.6
    thickness: float = 0.006
    shade: float = 0.02
    glass: Material = FLOAT
    gasket: float = 1e8

    def mesh(self, control: MeshControl = COARSE) -> Mesh:
        """Whole pane; the generator needs a corner radius above the covered width, a cut pane has a sharp corner.

        Two free edges meet there, so the corner carries no stress either way.
        """
        outline = Outline.rounded_rectangle(self.width, self.height, self.shade / 0.9)
        drawing = PaneDrawing(
            name="pane", outline=outline, thickness=self.thickness, lip_width=self.shade, seat_width=self.shade
        )
        return make_window(WindowDrawing(panes=(drawing,)), controls={"pane": control})


@dataclass(frozen=True, kw_only=True)
class Fire:
    """Radiant heating of one face and the losses of both.

    Attributes
    ----------
    flux : float or Series [W/m2]
        Incident.
    absorptance : float
        Of the face; the pane is opaque here.
    emissivity : float
        Of both faces, to surroundings at ambient temperature.
    film : (float, float) [W/m2/K]
        Natural convection at the heated and the other face.
    frame_film : float [W/m2/K]
        Conductance from the covered bands to a frame that stays at ambient temperature; 0: insulated.
    covered : bool
        False heats and cools the rim band like the rest: a pane without a frame.
    """

    flux: float | Series = 8000.0
    absorptance: float = 0.88
    emissivity: float = 0.88
    film: tuple[float, float] = (10.0, 8.0)
    frame_film: float = 0.0
    covered: bool = True

    def boundaries(self) -> list[Boundary]:
        """What acts on the faces of the pane."""
        hot, cold = ["pane.outer"], ["pane.inner"]
        if not self.covered:
            hot, cold = [*hot, "pane.seat_outer"], [*cold, "pane.seat_inner"]
        found: list[Boundary] = [Flux(face=face, flux=self.flux, weight=self.absorptance) for face in hot]
        for faces, film in ((hot, self.film[0]), (cold, self.film[1])):
            for face in faces:
                found.append(Convection(face=face, coefficient=film, temperature=AMBIENT))
                found.append(Radiation(face=face, emissivity=self.emissivity, sky_temperature=AMBIENT))
        if self.covered and self.frame_film:
            bands = ("pane.seat_outer", "pane.seat_inner", "pane.rim")
            found += [Convection(face=face, coefficient=self.frame_film, temperature=AMBIENT) for face in bands]
        return found


@dataclass(frozen=True, eq=False)
class Exposure:
    """What a pane goes through in a fire, (m,) each.

    Attributes
    ----------
    time : float [s]
    centre, fire_side, edge : float [K]
        Temperature of the centre (mean over the thickness; heated face) and of the edge (mean over it at mid-side).
    edge_stress : float [Pa]
        Largest principal stress of all nodes on the rim.
    pane_stress : float [Pa]
        Largest principal stress anywhere in the pane.
    origin : (m, 3) float [m]
        Where on the rim `edge_stress` is.
    rim_stress : (m, n_rim) float [Pa]
    rim_points : (n_rim, 3) float [m]
    """

    time: Array
    centre: Array
    fire_side: Array
    edge: Array
    edge_stress: Array
    pane_stress: Array
    origin: Array
    rim_stress: Array
    rim_points: Array
    warnings: tuple[str, ...] = field(default=())

    @property
    def difference(self) -> Array:
        """Centre minus edge, thickness means [K]."""
        return self.centre - self.edge

    def first_crack(self, strength: Array | float) -> tuple[Array, Array]:
        """Time [s] of first crack and centre minus edge [K] then, for edge strengths [Pa]; inf and nan where it holds.

        The edge stress rises to one maximum (ValueError where it does not); an edge it does not reach there holds.
        """
        top = int(np.argmax(self.edge_stress)) + 1
        time = np.concatenate([[0.0], self.time])
        stress = np.concatenate([[0.0], self.edge_stress[:top]])
        strength = np.asarray(strength, dtype=float)
        cracked = strength <= stress[-1]
        when = PchipInterpolator(stress, time[: top + 1])(np.minimum(strength, stress[-1]))
        difference = PchipInterpolator(time, np.concatenate([[0.0], self.difference]))(when)
        return np.where(cracked, when, np.inf), np.where(cracked, difference, np.nan)


def expose(pane: Pane, fire: Fire, times: Sequence[float] | Array, *, control: MeshControl = COARSE) -> Exposure:
    """Heat and stress of a pane in a fire at some instants [s], the first above zero."""
    return exposure(pane, *solved(pane, fire, times, control=control))


def solved(
    pane: Pane, fire: Fire, times: Sequence[float] | Array, *, control: MeshControl = COARSE
) -> tuple[Mesh, TemperatureHistory, StressHistory]:
    """Mesh, heat and stress of a pane in a fire at some instants [s], the first above zero."""
    mesh = pane.mesh(control)
    heat = solve_heat(
        mesh,
        {"pane": pane.glass},
        boundaries=fire.boundaries(),
        initial=AMBIENT,
        time_span=(0.0, float(times[-1])),
        tolerance=0.3,
        output_times=np.asarray(times, dtype=float),
    )
    return mesh, heat, pane_stress(pane, mesh, heat)


def exposure(pane: Pane, mesh: Mesh, heat: TemperatureHistory, stress: StressHistory) -> Exposure:
    """What a solved pane goes through."""
    principal = np.stack([stress.largest_principal(i) for i in range(len(stress.time))])
    rim = mesh.face_nodes("pane.rim")
    worst = rim[np.argmax(principal[:, rim], axis=1)]
    x = mesh.points
    centre, middle = column(x, 0.0, 0.0), column(x, pane.width / 2, 0.0)
    fire_side = centre[np.argmax(x[centre, 2])]
    T = heat.temperature
    return Exposure(
        heat.time,
        through_thickness(x[centre, 2], T[:, centre]),
        T[:, fire_side],
        through_thickness(x[middle, 2], T[:, middle]),
        principal[:, rim].max(axis=1),
        principal.max(axis=1),
        x[worst],
        principal[:, rim],
        x[rim],
        (*heat.warnings, *stress.warnings),
    )


def pane_stress(pane: Pane, mesh: Mesh, heat: TemperatureHistory) -> StressHistory:
    """Stress history of the pane between its beadings."""
    seats = [Seat("pane.seat_outer", pane.gasket, PRELOAD), Seat("pane.seat_inner", pane.gasket, PRELOAD)]
    return solve_stress(
        mesh,
        pane.glass,
        time=heat.time,
        temperature=heat.temperature,
        supports=seats,
        stress_free_temperature=AMBIENT,
    )


def column(points: Array, x: float, y: float) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Numbers of the nodes of the vertical cell edge next to a place in plan."""
    inside = (points[:, 2] > points[:, 2].min() + 1e-9) & (points[:, 2] < points[:, 2].max() - 1e-9)
    distance = np.where(inside, np.hypot(points[:, 0] - x, points[:, 1] - y), np.inf)
    nearest = points[np.argmin(distance), :2]
    return np.flatnonzero(np.hypot(*(points[:, :2] - nearest).T) < 1e-9)


def through_thickness(z: Array, values: Array) -> Array:
    """Mean of (m, k) values at heights z (k,). (m,)."""
    order = np.argsort(z)
    return np.asarray(simpson(values[:, order], x=z[order], axis=1)) / (z.max() - z.min())


@dataclass(frozen=True, kw_only=True)
class EdgeStrength:
    """Weibull distribution of the edge strength of cut annealed float panes (assumption, see the module's table).

    Quartiles at 41 and 57 MPa: what E alpha dT gives for the two measured differences at first crack, 65 K (Zhang et
    al. 2023) and 90 K (Skelly, Roby & Beyler 1991).  Its 5 % and 95 % points then differ by a factor 2.3; cut edges
    are said to scatter by 2 to 3.
    """

    lower: float = 41e6
    upper: float = 57e6

    @property
    def modulus(self) -> float:
        return float(np.log(np.log(4.0) / np.log(4.0 / 3.0)) / np.log(self.upper / self.lower))

    @property
    def scale(self) -> float:
        return float(self.upper / np.log(4.0) ** (1.0 / self.modulus))

    def sample(self, n: int, *, seed: int = 1) -> Array:
        """n strengths [Pa]."""
        return self.scale * np.random.default_rng(seed).weibull(self.modulus, n)
