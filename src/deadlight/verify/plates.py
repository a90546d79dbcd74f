"""A round pane of one glass: heat through its thickness, and the stress of pressure and of that heat."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.heat.boundary import Flux
from deadlight.heat.solve import solve_heat
from deadlight.material.custom import material_from_table
from deadlight.material.material import Material
from deadlight.mesh.mesh import Mesh
from deadlight.mesh.outline import Outline
from deadlight.mesh.section import MeshControl
from deadlight.mesh.window import make_window
from deadlight.mesh.window_drawing import PaneDrawing, WindowDrawing
from deadlight.series import Series
from deadlight.stress.loads import InitialStress, Loads
from deadlight.stress.problem import PaneProblem
from deadlight.stress.supports import Fixed
from deadlight.verify.case import Case, Effort, Found, line, made, reference

Array = np.ndarray[Any, np.dtype[np.float64]]

START = 300.0  # [K] before anything happens
HEATED = ("pane.outer", "pane.seat_outer")  # the whole outer face


def glass(given: dict[str, float]) -> Material:
    """Constants at every temperature."""
    return material_from_table(
        "plain",
        {
            "family": "glass",
            "density": f"{given['density']} kg/m**3",
            "conductivity": f"{given['conductivity']} W/m/K",
            "specific_heat": f"{given['specific_heat']} J/kg/K",
            "youngs_modulus": f"{given['young']} Pa",
            "poisson": f"{given['nu']}",
            "mean_expansion": f"{given['alpha']} 1/K",
            "toughness": "0.75 MPa*m**0.5",
        },
    )


def pane(given: dict[str, float], *, layers: int, rings: int = 2, around: int = 24) -> Mesh:
    """Round pane of the case's radius and thickness, layers alike, inner face at z = 0."""
    drawing = PaneDrawing(
        name="pane",
        outline=Outline.round(given["radius"]),
        thickness=given["thickness"],
        lip_width=0.1 * given["radius"],
        seat_width=0.1 * given["radius"],
    )
    control = MeshControl(layers=layers, first_layer=1.0 / layers, around=around, rings=rings, growth=1.0)
    return make_window(WindowDrawing(panes=(drawing,)), controls={"pane": control})


def on_axis(mesh: Mesh) -> Array:
    """Nodes on the axis of the pane, from the inner face up. (n,) int64."""
    near = np.flatnonzero(np.hypot(mesh.points[:, 0], mesh.points[:, 1]) < 1e-9)
    return np.asarray(near[np.argsort(mesh.points[near, 2])])


def heated_plate(z: Array, given: dict[str, float]) -> Array:
    """Rise of temperature of a plate with a flux on the face z = h and none at z = 0 [K].

    Carslaw & Jaeger 1959, section 3.8 (3): (F h / k) (Fo + (3 s^2 - 1)/6 - (2/pi^2) sum (-1)^n/n^2 exp(-n^2 pi^2 Fo)
    cos(n pi s)), s = z/h, Fo = k t/(rho c h^2).
    """
    h, s = given["thickness"], z / given["thickness"]
    fourier = given["conductivity"] * given["time"] / (given["density"] * given["specific_heat"] * h**2)
    n = np.arange(1, 200)[:, None]
    series = ((-1.0) ** n / n**2 * np.exp(-fourier * (n * np.pi) ** 2) * np.cos(n * np.pi * s)).sum(axis=0)
    scale = given["flux"] * h / given["conductivity"]
    return np.asarray(scale * (fourier + (3.0 * s**2 - 1.0) / 6.0 - 2.0 / np.pi**2 * series))


def free_plate_stress(z: Array, rise: Array, given: dict[str, float]) -> Array:
    """Stress in the plane of a free plate far from its edge [Pa]; `rise` (n,) on an even grid from 0 to h, z (m,).

    Boley & Weiner 1960, section 9.2: (E alpha/(1 - nu)) (-T + mean + 12 (z - h/2) M/h^3), M the moment of T.
    """
    h = given["thickness"]
    grid = np.linspace(0.0, h, len(rise))
    mean = np.trapezoid(rise, grid) / h
    moment = np.trapezoid(rise * (grid - 0.5 * h), grid)
    stiff = given["young"] * given["alpha"] / (1.0 - given["nu"])
    return np.asarray(stiff * (-np.interp(z, grid, rise) + mean + 12.0 * (z - 0.5 * h) * moment / h**3))


def plate_flux(effort: Effort) -> Found:
    """Temperature through a pane whose outer face is heated, insulated elsewhere."""
    entry = reference("heat")["plate_flux"]
    given = entry["given"]
    mesh = pane(given, layers=8)
    history = solve_heat(
        mesh,
        {"pane": glass(given)},
        boundaries=[Flux(face=face, flux=given["flux"]) for face in HEATED],
        initial=START,
        time_span=(0.0, given["time"]),
        tolerance=0.02 / effort.refine,
    )
    axis = on_axis(mesh)
    z = mesh.points[axis, 2]
    exact = heated_plate(z, given)
    found = history.temperature[-1][axis] - START
    tolerance = entry["tolerance"]["temperature"]
    made_line = line("rise", 1e3 * z, found, exact, unit="mm", scale=float(exact.max()), tolerance=tolerance)
    return Found((made_line,), mesh.n_nodes)


def _solve(
    mesh: Mesh, given: dict[str, float], fixed: list[Fixed], *, rise: Array, pressure: float
) -> tuple[Array, Array]:
    """Displacement (n_nodes, 3) and stress (n_nodes, 6) of one instant."""
    loads = Loads({face: Series.constant(pressure) for face in HEATED} if pressure else {}, None)
    temperature = START + rise[None]
    problem = PaneProblem(mesh, glass(given), np.zeros(1), temperature, loads, fixed, InitialStress(), START)
    now = np.array([0])
    found = problem.equilibrium(now)
    return found.displacement[:, :, 0], problem.stress_of(now, found.displacement)[0]


def free_plate_heated(effort: Effort) -> Found:
    """Stress of the same heat in a pane that nothing holds."""
    entry = reference("stress")["free_plate_heated"]
    given = entry["given"]
    mesh = pane(given, layers=8)
    axis = on_axis(mesh)
    beside = int(np.argmin(np.linalg.norm(mesh.points - [0.5 * given["radius"], 0.0, 0.0], axis=1)))
    held = [Fixed([int(axis[0])]), Fixed([int(axis[-1])], (0, 1)), Fixed([beside], (1,))]
    _, stress = _solve(mesh, given, held, rise=heated_plate(mesh.points[:, 2], given), pressure=0.0)
    z = mesh.points[axis, 2]
    through = heated_plate(np.linspace(0.0, given["thickness"], 2001), given)
    exact = free_plate_stress(z, through, given)
    top, tolerance = float(np.abs(exact).max()), entry["tolerance"]["stress"]
    lines = [
        line(name, 1e3 * z, stress[axis, k], exact, unit="mm", scale=top, tolerance=tolerance)
        for k, name in ((0, "stress along x"), (1, "stress along y"))
    ]
    return Found(tuple(lines), 3 * mesh.n_nodes)


def clamped_plate(effort: Effort) -> Found:
    """Deflection and stress at the centre of a clamped pane under pressure."""
    entry = reference("stress")["clamped_plate"]
    given, tolerance = entry["given"], entry["tolerance"]
    mesh = pane(given, layers=2, rings=4, around=96)  # the cells next to the axis decide
    held = [Fixed(mesh.face_nodes("pane.rim"))]
    moved, stress = _solve(mesh, given, held, rise=np.zeros(mesh.n_nodes), pressure=given["pressure"])
    axis = on_axis(mesh)
    middle, bottom = int(axis[len(axis) // 2]), int(axis[0])
    expected = entry["reference"]
    return Found(
        (
            line(
                "deflection", 0.0, -moved[middle, 2], expected["deflection"], unit="", tolerance=tolerance["deflection"]
            ),
            line("stress", 0.0, stress[bottom, 0], expected["stress"], unit="", tolerance=tolerance["stress"]),
        ),
        3 * mesh.n_nodes,
    )


def cases() -> list[Case]:
    """The cases of heat and of stress."""
    return [
        made("heat", "plate_flux", plate_flux, seconds=3.0),
        made("stress", "free_plate_heated", free_plate_heated, seconds=5.0),
        made("stress", "clamped_plate", clamped_plate, seconds=5.0),
    ]
