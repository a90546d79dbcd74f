"""Properties that every answer must have: symmetry, reciprocity, energy balance, closure with an exact solution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from deadlight.operator.field import Stress, as_modes
from deadlight.operator.front import front_frame, intensity
from deadlight.operator.intensity import StressIntensity, stress_intensity
from deadlight.operator.load import SurfacePoints
from deadlight.operator.system import CrackOperator
from deadlight.surface.body import Body, block, half_space
from deadlight.surface.chart import Plane
from deadlight.surface.join import surface_mesh
from deadlight.surface.mesh import MOUTH_FIRST, MOUTH_LAST, T6, TIP, SurfaceMesh
from deadlight.surface.sheet import Sheet
from deadlight.verify import closed_forms as exact
from deadlight.verify.case import Case, Effort, Found, Line, line, made, reference
from deadlight.verify.fronts import along, only, parametric, uniaxial, varying

Array = np.ndarray[Any, np.dtype[np.float64]]

X, Y, Z = np.eye(3)
SEED = 20240  # of the random places
CLOSURE_REFINE = 1.5  # a contact edge inside an element is no better known than the element is small


def turned(mesh: SurfaceMesh, axes: Array) -> SurfaceMesh:
    """The mesh with its points multiplied by an orthogonal matrix; nodes of elements stay in their order."""
    return replace(mesh, points=np.ascontiguousarray(mesh.points @ np.asarray(axes).T))


def reversed_elements(mesh: SurfaceMesh) -> SurfaceMesh:
    """The mesh with the node order of every element turned round, as a mirror needs to keep normals where they were."""
    cells = mesh.cells.copy()
    triangle = mesh.kind == T6
    cells[triangle] = cells[triangle][:, [0, 2, 1, 5, 4, 3, 6, 7, 8]]
    cells[~triangle] = cells[~triangle][:, [1, 0, 3, 2, 4, 7, 6, 5, 8]]
    kind = mesh.kind.copy()
    side = kind[kind >= TIP] - TIP
    swap = {0: 0, MOUTH_FIRST: MOUTH_LAST, MOUTH_LAST: MOUTH_FIRST, MOUTH_FIRST + MOUTH_LAST: MOUTH_FIRST + MOUTH_LAST}
    kind[kind >= TIP] = TIP + np.array([swap[int(s)] for s in side], dtype=np.int64)
    return replace(mesh, cells=cells, kind=kind)


def tensor(voigt: Array) -> Array:
    """Six stresses as a matrix. (3, 3)."""
    xx, yy, zz, yz, xz, xy = voigt
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


def voigt(t: Array) -> Array:
    """A symmetric matrix as six stresses. (6,)."""
    return np.array([t[0, 0], t[1, 1], t[2, 2], t[1, 2], t[0, 2], t[0, 1]])


def k_of(mesh: SurfaceMesh, stress: Array, given: dict[str, float]) -> tuple[Array, CrackOperator]:
    """K (n, 3) along the first front of a mesh under a uniform stress (6,), faces free to overlap."""
    operator = CrackOperator.build(mesh, young=given["young"], nu=given["nu"])
    points = SurfacePoints.of(mesh, mesh.on_crack)
    load = points.load(points.traction(np.tile(stress, (1, len(points.area), 1))))
    frame = front_frame(mesh, mesh.fronts[0])
    return intensity(operator.solve(load), mesh.fronts[0], frame, operator.mu, operator.nu)[0], operator


def _slanted(g: dict[str, float]) -> Sheet:
    """A half-penny that leans out of the face's normal, so that all modes are there."""
    return Sheet.ellipse(np.zeros(3), np.array([0.3, 0.8, 0.35]), X, 1.3 * g["a"], g["a"])


def turned_and_mirrored(effort: Effort) -> Found:
    """K of one surface mesh, turned and mirrored.

    A mirrored mesh whose elements keep their order has its crack's + side where the - side was, and normals into the
    body: the same integrals, so K_I stays and K_II and K_III change sign to rounding.  With reversed elements (+ stays
    +, only K_III changes sign) touching pairs meet the rules from the other side: equal but for the rules' error.
    """
    entry = reference("property")["turned_and_mirrored"]
    g, tolerance = entry["given"], entry["tolerance"]["k"]
    mesh = surface_mesh(half_space(), [_slanted(g)], refine=0.7 * effort.refine).mesh
    stress = np.array([1.0, 2.0, 0.0, 0.0, 0.0, 0.7])
    k, operator = k_of(mesh, stress, g)
    turn = _rotation(np.array([0.6, 0.0, 0.8]), 1.1)
    mirror = np.diag([-1.0, 1.0, 1.0]) @ turn
    lines = []
    same: Callable[[SurfaceMesh], SurfaceMesh] = lambda m: m  # noqa: E731
    variants = [
        ("turned", turn, same, (1, 1, 1), tolerance),
        ("mirrored, sides swapped", mirror, same, (1, -1, -1), tolerance),
        ("mirrored, elements reversed", mirror, reversed_elements, (1, 1, -1), entry["tolerance"]["rule"]),
    ]
    where = np.arange(len(k)) / (len(k) - 1)
    for name, axes, then, sign, allowed in variants:
        other, _ = k_of(then(turned(mesh, axes)), voigt(axes @ tensor(stress) @ axes.T), g)
        for mode, label in enumerate(("K_I", "K_II", "K_III")):
            scale = float(np.abs(k).max())
            lines.append(
                line(
                    f"{label} {name}", where, other[:, mode], sign[mode] * k[:, mode], scale=scale, tolerance=allowed,
                    unit="of the front",
                )
            )  # fmt: skip
    return Found(tuple(lines), operator.n_unknowns)


def _rotation(axis: Array, angle: float) -> Array:
    """Rodrigues' formula."""
    cross = np.cross(np.eye(3), axis)
    return np.asarray(np.eye(3) + np.sin(angle) * cross.T + (1 - np.cos(angle)) * cross.T @ cross.T)


def reciprocity(effort: Effort) -> Found:
    entry = reference("property")["reciprocity"]
    g = entry["given"]
    mesh = surface_mesh(half_space(), [_slanted(g)], refine=0.7 * effort.refine).mesh
    operator = CrackOperator.build(mesh, young=g["young"], nu=g["nu"])
    points = SurfacePoints.of(mesh, mesh.on_crack)
    x = points.point / g["a"]
    stress = np.zeros((2, len(x), 6))
    stress[0, :, 1], stress[1, :, 1], stress[1, :, 5] = 1.0 + x[:, 0], x[:, 2] ** 2, 1.0 - x[:, 0] * x[:, 2]
    load = points.load(points.traction(stress))
    opening = operator.solve(load)
    work = np.einsum("ani,bni->ab", load, opening)
    lines = [line("b1.D2 = b2.D1", 0.0, work[0, 1], work[1, 0], tolerance=entry["tolerance"]["work"], unit="")]
    return Found(tuple(lines), operator.n_unknowns)


def pressure_is_tension(effort: Effort) -> Found:
    entry = reference("property")["pressure_is_tension"]
    g, tolerance = entry["given"], entry["tolerance"]["k"]
    a = g["a"]
    sheet = Sheet.ellipse(5 * a * Z, Y, X, 2 * a, a)
    material = {"young": g["young"], "nu": g["nu"], "refine": effort.refine, "estimate": False}
    body = block(12 * a, 12 * a, 5 * a)
    tension = stress_intensity(only(1, 1e6)[0], sheet, body, **material)
    pressed = stress_intensity(np.zeros(6), sheet, body, pressure=1e6, **material)
    phi = parametric(tension.fronts[0], _plane(sheet), 2 * a, a)
    scale = np.abs(tension.fronts[0].k).max()
    found, expected = pressed.fronts[0].k[0, :, 0], tension.fronts[0].k[0, :, 0]
    lines = [line("K_I", np.degrees(phi), found, expected, scale=scale, tolerance=tolerance)]
    return Found(tuple(lines), tension.history.operator.n_unknowns)


def _plane(sheet: Sheet) -> Plane:
    assert isinstance(sheet.chart, Plane)
    return sheet.chart


def potential_energy(result: StressIntensity, stress: Stress) -> float:
    """-1/2 b.D [J], b the load of the uncracked stress: energy of the cracked body less that of the uncracked one."""
    mesh = result.history.operator.mesh
    points = SurfacePoints.of(mesh, mesh.on_crack)
    load = points.load(points.traction(as_modes(stress).sample_modes(points.point)))
    return -0.5 * float((load[0] * result.history.opening(0)).sum())


def energy_balance(effort: Effort) -> Found:
    entry = reference("property")["energy_balance"]
    g = entry["given"]
    a = g["a"]
    mixed = uniaxial(1e6, np.array([0.6, 0.48, 0.64]))
    flaws: list[tuple[str, Array, tuple[float, float], Array, Array, Body | None, Stress]] = [
        ("ellipse, all modes", np.zeros(3), (2 * a, a), Z, X, None, mixed),
        ("half-penny", np.zeros(3), (a, a), Y, X, half_space(), varying(1, lambda x: 1e6 * (1 + x[:, 2] / a))),
        ("crack in a plate", 3 * a * Z, (2 * a, a), Y, X, block(16 * a, 16 * a, 3 * a), only(1, 1e6)[0]),
    ]
    lines, unknowns = [], 0
    for name, centre, (A, B), normal, major, body, stress in flaws[: 2 if effort.quick else None]:
        step = g["step"] * min(A, B)

        def solve(d: float) -> tuple[StressIntensity, Sheet]:
            sheet = Sheet.ellipse(centre, normal, major, A + d, B + d)  # noqa: B023 (used at once)
            given = {"young": g["young"], "nu": g["nu"], "estimate": False, "contact": False, "refine": effort.refine}
            return stress_intensity(stress, sheet, body, **given), sheet  # noqa: B023

        middle, sheet = solve(0.0)
        change = potential_energy(solve(step)[0], stress) - potential_energy(solve(-step)[0], stress)
        released = _released(middle, _plane(sheet), A, B)
        lines.append(line(name, 0.0, released, -change / (2 * step), tolerance=entry["tolerance"]["g"], unit=""))
        unknowns = max(unknowns, middle.history.operator.n_unknowns)
    return Found(tuple(lines), unknowns)


def _released(result: StressIntensity, plane: Plane, A: float, B: float) -> float:
    """int G v ds for the front of an ellipse whose half axes both grow by 1: v ds = (B cos^2 + A sin^2) dphi.

    Simpson's rule on every element of the front, whose nodes lie a little off the middle in phi.
    """
    front = result.fronts[0]
    phi = np.unwrap(parametric(front, plane, A, B))
    value = front.g[0] * (B * np.cos(phi) ** 2 + A * np.sin(phi) ** 2)
    if result.meshed.mesh.fronts[0].closed:
        phi, value = np.append(phi, phi[0] + np.sign(phi[1] - phi[0]) * 2 * np.pi), np.append(value, value[0])
    h, f0, f1, f2 = phi[2::2] - phi[:-2:2], value[:-2:2], value[1::2], value[2::2]
    at = (phi[1::2] - phi[:-2:2]) / h
    weight = 1.0 / (6.0 * at * (1.0 - at))  # exact for parabolas through the middle node's true place
    left, right = 0.5 - weight * (1 - at), 0.5 - weight * at
    return float(abs((h * (left * f0 + weight * f1 + right * f2)).sum()))


def meshed_elsewhere(effort: Effort) -> Found:
    return scatter(4 if effort.quick else 12, effort)


def scatter(samples: int, effort: Effort) -> Found:
    """K_I of one half-penny at random places and angles of a face, against the mean of all."""
    entry = reference("property")["meshed_elsewhere"]
    g = entry["given"]
    body = block(g["side"], g["side"], g["thickness"])
    draw = np.random.default_rng(SEED)
    phi = np.array([20.0, 45.0, 70.0, 90.0, 110.0, 135.0, 160.0])
    stress = np.array([1e6, 1e6, 0, 0, 0, 0])
    values, places, unknowns = [], [], 0
    for _ in range(samples):
        x, y = draw.uniform(-g["reach"], g["reach"], 2)
        turn = draw.uniform(0, np.pi)
        normal = np.array([np.cos(turn), np.sin(turn), 0.0])
        sheet = Sheet.ellipse(np.array([x, y, g["thickness"]]), normal, np.cross(normal, Z), g["a"], g["a"])
        result = stress_intensity(
            stress, sheet, body, young=g["young"], nu=g["nu"], estimate=False, contact=False, refine=effort.refine
        )
        where = parametric(result.fronts[0], _plane(sheet), g["a"], g["a"])
        where = np.where(np.abs(np.unwrap(where) - where).max() > 0, np.mod(where, 2 * np.pi), where)
        sign = 1.0 if np.median(where) > 0 else -1.0
        values.append(along(where, result.fronts[0].k[0, :, 0], np.radians(sign * phi), closed=False))
        places.append(np.degrees(turn))
        unknowns = max(unknowns, result.history.operator.n_unknowns)
    k, allowed = np.array(values), entry["tolerance"]["k"]
    lines = [
        line(f"K_I at {p:g} deg", np.array(places), v, v.mean(), tolerance=allowed, unit="deg turned")
        for p, v in zip(phi, k.T)
    ]
    return Found(tuple(lines), unknowns)


def closure(effort: Effort) -> Found:
    entry = reference("property")["closure"]
    g, tolerance = entry["given"], entry["tolerance"]
    a = g["a"]
    sheet = Sheet.ellipse(np.zeros(3), Z, X, a, a)
    stress = varying(2, lambda x: g["sigma"] * (1 - g["fall"] * (x[:, 0] ** 2 + x[:, 1] ** 2) / a**2))
    result = stress_intensity(
        stress, sheet, young=g["young"], nu=g["nu"], estimate=False, refine=CLOSURE_REFINE * effort.refine
    )
    radius = exact.penny_partly_closed(a, g["fall"])
    points = result.history.operator.mesh.points
    r = np.linalg.norm(points[:, :2], axis=1)
    inner = r < 0.6 * a
    lift = exact.penny_partly_closed_opening(r[inner], g["sigma"], a, g["fall"], g["young"], g["nu"])
    found = result.history.opening(0)[inner, 2]
    slope, level = np.polyfit(r[inner] ** 2, np.maximum(found, 0.0) ** (2 / 3), 1)  # opening ~ (c^2 - r^2)^(3/2)
    open_area = 1 - float(result.history.closed[0])
    lines: list[Line] = [
        line("radius, of the opening", 0.0, np.sqrt(-level / slope), radius, tolerance=tolerance["radius"], unit=""),
        line("open area", 0.0, open_area, radius**2 / a**2, tolerance=tolerance["area"], unit=""),
        line("opening", r[inner] / a, found, lift, scale=lift.max(), tolerance=tolerance["opening"], unit="r/a"),
    ]
    return Found(tuple(lines), result.history.operator.n_unknowns)


def cases() -> list[Case]:
    """All cases of the family."""
    return [
        made("property", "turned_and_mirrored", turned_and_mirrored, seconds=4.0),
        made("property", "reciprocity", reciprocity, seconds=1.0),
        made("property", "pressure_is_tension", pressure_is_tension, seconds=8.0),
        made("property", "energy_balance", energy_balance, seconds=10.0),
        made("property", "meshed_elsewhere", meshed_elsewhere, seconds=12.0),
        made("property", "closure", closure, seconds=1.0),
    ]
