"""Thermal stress: faces that a crack cools or that stand in the way of heat, and edge cracks under thermal shock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq

from deadlight.operator.blocked_heat import BlockedHeat, Faces, Insulated, Prescribed, blocked_heat, thermal_load
from deadlight.operator.front import FrontFrame, front_frame, intensity
from deadlight.operator.intensity import StressIntensity
from deadlight.operator.system import CrackOperator
from deadlight.surface.join import surface_mesh
from deadlight.surface.sheet import Sheet
from deadlight.verify import closed_forms as exact
from deadlight.verify.case import Case, Effort, Found, Line, line, made, reference
from deadlight.verify.strips import finer, front_lines, half_plane, strip_crack
from deadlight.verify.surface import X, Z, collected

Array = np.ndarray[Any, np.dtype[np.float64]]

LONG = (5.0, 10.0)  # half lengths of flat cracks in half widths, whose K is carried on to an endless one


@dataclass(frozen=True, eq=False)
class Heated:
    """A crack in a solid without end, loaded by the temperature it disturbs."""

    operator: CrackOperator
    heat: BlockedHeat
    frames: tuple[FrontFrame, ...]
    k: tuple[Array, ...]


def heated(sheet: Sheet, given: dict[str, float], faces: Faces, gradient: float, effort: Effort) -> Heated:
    """K of one crack from its steady disturbance of a temperature gradient along its normal, or from its cold faces."""
    mesh = surface_mesh(None, [sheet], refine=effort.refine).mesh
    operator = CrackOperator.build(mesh, young=given["young"], nu=given["nu"])

    def flux(points: Array, normals: Array) -> Array:
        return np.full((1, len(points)), -gradient)

    heat = blocked_heat(mesh, conductivity=1.0, flux=flux, faces=faces)
    load = thermal_load(heat, alpha=given["alpha"], nu=given["nu"], mu=operator.mu)
    opening = operator.solve(load)
    frames = tuple(front_frame(mesh, front) for front in mesh.fronts)
    k = tuple(intensity(opening, f, frame, operator.mu, operator.nu)[0] for f, frame in zip(mesh.fronts, frames))
    return Heated(operator, heat, frames, k)


def _angle(frame: FrontFrame) -> Array:
    return np.asarray(np.degrees(np.arctan2(frame.point[:, 1], frame.point[:, 0])))


def _warned(*results: Heated) -> tuple[str, ...]:
    return tuple(str(r) for result in results for r in result.heat.remarks if r.alarm)


def penny_cooled_faces(effort: Effort) -> Found:
    entry = reference("thermal")["penny_cooled_faces"]
    g, tolerance = entry["given"], entry["tolerance"]["k"]
    sheet = Sheet.ellipse(np.zeros(3), Z, X, g["a"], g["a"])
    result = heated(sheet, g, Prescribed(-g["drop"], 0.0), 0.0, effort)
    k = exact.penny_cooled(g["young"], g["alpha"], g["nu"], g["drop"], g["a"])
    phi = _angle(result.frames[0])
    lines = [line("K_I", phi, result.k[0][:, 0], k, tolerance=tolerance)]
    return Found(tuple(lines), result.operator.n_unknowns, _warned(result))


def penny_heat_flow(effort: Effort) -> Found:
    entry = reference("thermal")["penny_heat_flow"]
    g, tolerance = entry["given"], entry["tolerance"]["k"]
    a = g["a"]
    sheet = Sheet.ellipse(np.zeros(3), Z, X, a, a)
    result = heated(sheet, g, Insulated(), g["gradient"], effort)
    k = exact.penny_heat_flow(g["young"], g["alpha"], g["nu"], g["gradient"], a)
    phi, found = _angle(result.frames[0]), result.k[0]
    sign = float(np.sign(np.median(found[:, 1])))
    points = result.operator.mesh.points
    r = np.linalg.norm(points[:, :2], axis=1)
    inner = r < 0.7 * a
    jump = 4.0 / np.pi * g["gradient"] * np.sqrt(a**2 - r[inner] ** 2)
    lines = [
        line("|K_II|", phi, sign * found[:, 1], k, tolerance=tolerance),
        line("K_I = 0", phi, found[:, 0], 0.0, scale=k, tolerance=tolerance),
        line("K_III = 0", phi, found[:, 2], 0.0, scale=k, tolerance=tolerance),
        line("jump of T", r[inner] / a, result.heat.theta[0, inner], jump, unit="r/a", tolerance=tolerance),
    ]
    return Found(tuple(lines), result.operator.n_unknowns, _warned(result))


def line_heat_flow(effort: Effort) -> Found:
    """Two flat cracks, long across the plane, carried on to an endless one: K in the middle follows 1 + c (a / L)^2."""
    entry = reference("thermal")["line_heat_flow"]
    g, tolerance = entry["given"], entry["tolerance"]["k"]
    results = [
        heated(Sheet.rectangle(np.zeros(3), Z, X, 2 * g["a"], 2 * long * g["a"]), g, Insulated(), g["gradient"], effort)
        for long in LONG
    ]
    k = exact.line_heat_flow(g["young"], g["alpha"], g["nu"], g["gradient"], g["a"])
    share = (LONG[0] / LONG[1]) ** 2
    short, long = (_middle(result, g["a"]) for result in results)
    far = long + (long - short) * share / (1 - share)
    lines = [
        line("|K_II|", 0.0, abs(far[1]), k, unit="y/a", tolerance=tolerance),
        line("K_I = 0", 0.0, far[0], 0.0, scale=k, unit="y/a", tolerance=tolerance),
    ]
    return Found(tuple(lines), max(r.operator.n_unknowns for r in results), _warned(*results))


def _middle(result: Heated, a: float) -> Array:
    """K (3,) in the middle of the side x = +a of a flat crack, the mean over half a width to either side."""
    point = np.concatenate([frame.point for frame in result.frames])
    k = np.concatenate(result.k)
    near = (point[:, 0] > 0.999 * a) & (np.abs(point[:, 1]) < a)
    return np.asarray(k[near].mean(axis=0))


def edge_shock_halfspace(effort: Effort) -> Found:
    entry = reference("thermal")["edge_shock_halfspace"]
    return half_plane(effort, {f"eta {row['eta']:g}": row["F"] for row in entry["reference"]}, entry["tolerance"])


def quenched_stress(fourier: float, g: dict[str, float]) -> Callable[[Array], Array]:
    """Stress of a free plate quenched on one face by convection, a function of the depth below that face [m] -> [Pa].

    Temperature: Carslaw & Jaeger 1959, Conduction of Heat in Solids, section 3.11 (roots of b tan b = Bi).  Stress of a
    plate free to stretch and to bend: E alpha / (1 - nu) times what its mean and its linear part leave of -T (Boley &
    Weiner 1960, Theory of Thermal Stresses, section 9.9).
    """
    biot, width = g["biot"], g["width"]
    b = np.array([brentq(lambda v: v * np.sin(v) - biot * np.cos(v), n * np.pi, (n + 0.5) * np.pi) for n in range(120)])
    share = 4 * np.sin(b) / (2 * b + np.sin(2 * b)) * np.exp(-(b**2) * fourier)

    def fallen(s: Array) -> Array:
        return np.asarray(1.0 - np.cos(np.multiply.outer(1.0 - s, b)) @ share)

    s, w = np.polynomial.legendre.leggauss(400)
    s, w = 0.5 * (s + 1), 0.5 * w
    mean, bend = fallen(s) @ w, 12 * (fallen(s) * (s - 0.5)) @ w
    size = g["young"] * g["alpha"] * g["drop"] / (1 - g["nu"])
    return lambda z: size * (fallen(z / width) - mean - bend * (z / width - 0.5))


def edge_shock_plate(effort: Effort) -> Found:
    entry = reference("thermal")["edge_shock_plate"]
    g = entry["given"]
    stated = entry["surface_stress"]
    results: list[StressIntensity] = []
    stress = {f: quenched_stress(f, g) for f in stated["fourier"]}
    surface = np.array([stress[f](np.zeros(1))[0] for f in stated["fourier"]])
    lines: list[Line] = []
    lines.append(line("stress at the face", stated["fourier"], surface, stated["value"], unit="Fo", tolerance=0.001))
    depths = sorted({row["a_over_w"] for row in entry["reference"]})
    for depth in depths[:1] if effort.quick else depths:
        result = strip_crack(finer(effort), depth * g["width"], g["width"], [stress[f] for f in stated["fourier"]])
        rows = [row for row in entry["reference"] if row["a_over_w"] == depth]
        peak = max(row["k"] for row in rows)
        for row in rows:
            load = stated["fourier"].index(row["fourier"])
            name = f"K_I, Fo {row['fourier']:g}, a/W {depth:g}"
            lines += front_lines(result, load, name, row["k"], 1.0, entry["tolerance"], peak=peak)
        results.append(result)
    return collected(results, lines)


def cases() -> list[Case]:
    """All cases of the family."""
    return [
        made("thermal", "penny_cooled_faces", penny_cooled_faces),
        made("thermal", "line_heat_flow", line_heat_flow, seconds=5.0),
        made("thermal", "penny_heat_flow", penny_heat_flow),
        made("thermal", "edge_shock_halfspace", edge_shock_halfspace, seconds=24.0),
        made("thermal", "edge_shock_plate", edge_shock_plate, seconds=20.0),
    ]
