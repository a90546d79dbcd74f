"""Cracks inside a solid: pennies and ellipses in all modes, two pennies, a penny in a bar."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.operator.intensity import FrontIntensity, StressIntensity, stress_intensity
from deadlight.surface.body import disc
from deadlight.surface.chart import Plane
from deadlight.surface.sheet import Sheet
from deadlight.verify import closed_forms as exact
from deadlight.verify.case import Case, Effort, Found, Line, line, made, reference
from deadlight.verify.fronts import ZZ, along, only, parametric, uniaxial, varying

Array = np.ndarray[Any, np.dtype[np.float64]]

X, Y, Z = np.eye(3)
MODES = ("K_I", "K_II", "K_III")


def given(name: str) -> tuple[dict[str, float], float]:
    """Dimensions, material and loads of an embedded case, and its tolerance of K."""
    entry = reference("embedded")[name]
    return entry["given"], entry["tolerance"]["k"]


def _plane(sheet: Sheet) -> Plane:
    assert isinstance(sheet.chart, Plane)
    return sheet.chart


def mode_lines(front: FrontIntensity, phi: Array, expected: tuple[Array, Array, Array], tolerance: float) -> list[Line]:
    """Every mode at every point of a front against its exact values, relative to the mode's peak.

    A mode that is zero is held to the tolerance of the largest one.
    """
    top = max(float(np.abs(k).max()) for k in expected)
    lines = []
    for mode, k in enumerate(expected):
        peak = float(np.abs(k).max()) or top
        lines.append(
            line(
                MODES[mode] if np.abs(k).max() > 0 else f"{MODES[mode]} = 0", np.degrees(phi), front.k[0, :, mode], k,
                scale=peak, tolerance=tolerance, estimate=front.error[0, :, mode],
            )
        )  # fmt: skip
    return lines


def solved(result: StressIntensity, *lines: Line) -> Found:
    """What a case found, with the solution's unknowns and alarms."""
    alarms = tuple(str(r) for r in result.remarks if r.alarm)
    return Found(lines, result.history.operator.n_unknowns, alarms)


def penny_tension(effort: Effort) -> Found:
    g, tolerance = given("penny_tension")
    sheet = Sheet.ellipse(np.zeros(3), Z, X, g["a"], g["a"])
    material: dict[str, Any] = {"young": g["young"], "nu": g["nu"]}
    result = stress_intensity(
        only(ZZ, g["sigma"])[0], sheet, refine=effort.refine, estimate=effort.estimate, contact=False, **material
    )
    front = result.fronts[0]
    phi = parametric(front, _plane(sheet), g["a"], g["a"])
    k = exact.penny_tension(g["sigma"], g["a"])
    zero = np.zeros(len(phi))
    mesh = result.history.operator.mesh
    lift = result.history.opening(0)[:, 2]
    r = np.linalg.norm(mesh.points[:, :2], axis=1)
    inner = r < 0.5 * g["a"]
    opening = exact.penny_opening(r[inner], g["sigma"], g["a"], **material)
    more = reference("embedded")["penny_tension"]["tolerance"]
    return solved(
        result,
        *mode_lines(front, phi, (np.full(len(phi), k), zero, zero), tolerance),
        line("G", np.degrees(phi), front.g[0], (1 - g["nu"] ** 2) / g["young"] * k**2, tolerance=more["g"]),
        line("opening", r[inner] / g["a"], lift[inner], opening, unit="r/a", tolerance=more["opening"]),
    )


def inclined(name: str) -> Case:
    """An ellipse or penny at an angle to uniaxial tension; the solid is turned so that no axis is special."""

    def run(effort: Effort) -> Found:
        g, tolerance = given(name)
        a, b = g["a"], g.get("b", g["a"])
        beta, omega = np.radians(g["angle"]), np.radians(g.get("shear_angle", 0.0))
        turn = _turned()
        major = np.cos(omega) * X - np.sin(omega) * Y
        sheet = Sheet.ellipse(np.zeros(3), turn @ Z, turn @ major, a, b)
        load = uniaxial(g["sigma"], turn @ (np.cos(beta) * Z + np.sin(beta) * X))
        result = stress_intensity(
            load, sheet, young=g["young"], nu=g["nu"], refine=effort.refine, estimate=effort.estimate, contact=False
        )
        front = result.fronts[0]
        phi = parametric(front, _plane(sheet), a, b)
        tension, shear = g["sigma"] * np.cos(beta) ** 2, g["sigma"] * np.cos(beta) * np.sin(beta)
        sliding, tearing = exact.ellipse_shear(phi, shear * np.cos(omega), shear * np.sin(omega), a, b, g["nu"])
        expected = (exact.ellipse_tension(phi, tension, a, b), sliding, tearing)
        return solved(result, *mode_lines(front, phi, expected, tolerance))

    return made("embedded", name, run)


def _turned() -> Array:
    """A rotation with no simple angles."""
    axis = np.array([0.36, -0.48, 0.8])
    cross = np.cross(np.eye(3), axis)
    return np.asarray(np.eye(3) + np.sin(0.7) * cross.T + (1 - np.cos(0.7)) * cross.T @ cross.T)


def ellipse_tension(effort: Effort) -> Found:
    g, tolerance = given("ellipse_tension")
    sheet = Sheet.ellipse(np.zeros(3), Z, X, g["a"], g["b"])
    result = stress_intensity(
        only(ZZ, g["sigma"])[0], sheet, young=g["young"], nu=g["nu"], refine=effort.refine, estimate=effort.estimate
    )
    front = result.fronts[0]
    phi = parametric(front, _plane(sheet), g["a"], g["b"])
    k = exact.ellipse_tension(phi, g["sigma"], g["a"], g["b"])
    return solved(
        result,
        line("K_I", np.degrees(phi), front.k[0, :, 0], k, tolerance=tolerance, estimate=front.error[0, :, 0]),
    )


def penny_torsion(effort: Effort) -> Found:
    g, tolerance = given("penny_torsion")
    sheet = Sheet.ellipse(np.zeros(3), Z, X, g["a"], g["a"])

    def load(x: Array) -> Array:
        out = np.zeros((len(x), 6))
        out[:, 3], out[:, 4] = g["tau"] / g["a"] * x[:, 0], -g["tau"] / g["a"] * x[:, 1]
        return out

    result = stress_intensity(
        load, sheet, young=g["young"], nu=g["nu"], refine=effort.refine, estimate=effort.estimate, contact=False
    )
    front = result.fronts[0]
    phi = parametric(front, _plane(sheet), g["a"], g["a"])
    zero = np.zeros(len(phi))  # the + face moves along +theta, t = b x n = -theta
    k = np.full(len(phi), -exact.penny_torsion(g["tau"], g["a"]))
    return solved(result, *mode_lines(front, phi, (zero, zero, k), tolerance))


def penny_linear_pressure(effort: Effort) -> Found:
    g, tolerance = given("penny_linear_pressure")
    sheet = Sheet.ellipse(np.zeros(3), Z, X, g["a"], g["a"])
    result = stress_intensity(
        varying(ZZ, lambda x: g["p1"] * x[:, 0] / g["a"]), sheet, young=g["young"], nu=g["nu"], pressure=g["p0"],
        refine=effort.refine, estimate=effort.estimate,
    )  # fmt: skip
    front = result.fronts[0]
    phi = parametric(front, _plane(sheet), g["a"], g["a"])
    k = exact.penny_linear(phi, g["p0"], g["p1"], g["a"])
    return solved(
        result, line("K_I", np.degrees(phi), front.k[0, :, 0], k, tolerance=tolerance, estimate=front.error[0, :, 0])
    )


def coplanar_pennies(effort: Effort) -> Found:
    g, tolerance = given("coplanar_pennies")
    found, unknowns, remarks = [], 0, []
    one = exact.penny_tension(1.0, g["a"])
    for row in reference("embedded")["coplanar_pennies"]["reference"][: 1 if effort.quick else None]:
        half = 0.5 * row["distance"] * X
        pair = [Sheet.ellipse(-half, Z, X, g["a"], g["a"], "left"), Sheet.ellipse(half, Z, X, g["a"], g["a"], "right")]
        result = stress_intensity(
            only(ZZ, 1.0)[0], pair, young=1e9, nu=g["nu"], refine=effort.refine, estimate=effort.estimate
        )
        front = next(f for f in result.fronts if f.crack == "left")
        phi = parametric(front, _plane(pair[0]), g["a"], g["a"])
        theta = np.radians(row["theta"])
        for sign, side in ((1, "above"), (-1, "below")):
            value = along(phi, front.k[0, :, 0] / one, sign * theta, closed=True)
            own = along(phi, front.error[0, :, 0] / one, sign * theta, closed=True)
            what = f"K_I, d/a {row['distance']:g}, {side}"
            found.append(line(what, row["theta"], value, row["ratio"], tolerance=tolerance, estimate=own))
        unknowns = max(unknowns, result.history.operator.n_unknowns)
        remarks += [str(r) for r in result.remarks if r.alarm]
    return Found(tuple(found), unknowns, tuple(remarks))


def penny_round_bar(effort: Effort) -> Found:
    g, tolerance = given("penny_round_bar")
    a, found, unknowns, remarks = g["a"], [], 0, []
    for row in reference("embedded")["penny_round_bar"]["reference"][1 if effort.quick else 0 :]:
        radius = a / row["a_over_b"]
        half = 3.0 * radius
        bar = disc(radius, 2 * half)
        sheet = Sheet.ellipse(half * Z, Z, X, a, a)
        result = stress_intensity(
            only(ZZ, 1.0)[0], sheet, bar, young=1e9, nu=g["nu"], refine=effort.refine, estimate=effort.estimate
        )
        front = result.fronts[0]
        phi = parametric(front, _plane(sheet), a, a)
        ratio = front.k[0, :, 0] / exact.penny_tension(1.0, a)
        own = front.error[0, :, 0] / exact.penny_tension(1.0, a)
        what = f"K_I, a/b {row['a_over_b']:g}"
        found.append(line(what, np.degrees(phi), ratio, row["ratio"], tolerance=tolerance, estimate=own))
        unknowns = max(unknowns, result.history.operator.n_unknowns)
        remarks += [str(r) for r in result.remarks if r.alarm]
    return Found(tuple(found), unknowns, tuple(remarks))


def cases() -> list[Case]:
    """All cases of the family."""
    return [
        made("embedded", "penny_tension", penny_tension),
        inclined("penny_inclined_45"),
        made("embedded", "ellipse_tension", ellipse_tension),
        inclined("ellipse_inclined_w0"),
        inclined("ellipse_inclined_w90"),
        made("embedded", "penny_torsion", penny_torsion),
        made("embedded", "penny_linear_pressure", penny_linear_pressure),
        made("embedded", "coplanar_pennies", coplanar_pennies),
        made("embedded", "penny_round_bar", penny_round_bar, seconds=6.0),
    ]
