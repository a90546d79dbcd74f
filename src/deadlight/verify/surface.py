"""Cracks that reach a face: half-space references, and the fits of Newman and Raju for plates as a sanity check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import erfc

from deadlight.operator.intensity import StressIntensity, stress_intensity
from deadlight.surface.body import Body, block, half_space
from deadlight.surface.chart import Plane
from deadlight.surface.sheet import Sheet
from deadlight.verify.case import Case, Effort, Found, Line, line, made, reference
from deadlight.verify.fronts import LoadCases, along, parametric, varying

Array = np.ndarray[Any, np.dtype[np.float64]]

X, Y, Z = np.eye(3)
YY = 1
YOUNG = 7e10  # K of a given stress does not depend on it


@dataclass(frozen=True, eq=False)
class Flaw:
    """Part of an ellipse, half axes c along the face and a into the depth, in a body under given stresses."""

    sheet: Sheet
    c: float
    a: float
    body: Body
    nu: float
    loads: LoadCases

    def solve(self, effort: Effort) -> StressIntensity:
        return stress_intensity(
            self.loads, self.sheet, self.body, young=YOUNG, nu=self.nu, refine=effort.refine, estimate=effort.estimate,
            contact=False,
        )  # fmt: skip

    def at(self, result: StressIntensity, load: int, phi: Array) -> tuple[Array, Array]:
        """K_I and its estimated error at parametric angles [deg]."""
        front = result.fronts[0]
        assert isinstance(self.sheet.chart, Plane)
        where = parametric(front, self.sheet.chart, self.c, self.a)
        value = np.stack([front.k[load, :, 0], front.error[load, :, 0]])
        closed = result.meshed.mesh.fronts[0].closed
        if not closed:  # the surface points lie at 0 and 180 deg, whichever way rounding turns them
            where = np.where(where < -0.5 * np.pi, np.pi, where)
        k, error = along(where, value, np.radians(phi), closed=closed)
        return k, error


def surface_flaw(a: float, c: float, body: Body, top: float, nu: float, profiles: Sequence[Any]) -> Flaw:
    """Semi-ellipse in the plane y = 0 whose middle lies on the face z = top; `profiles` are functions of the depth."""
    sheet = Sheet.ellipse(top * Z, Y, X, c, a)  # e2 = y x x = -z points into the depth
    loads = LoadCases([varying(YY, lambda x, f=f: f(top - x[:, 2])) for f in profiles])  # type: ignore[misc]
    return Flaw(sheet, c, a, body, nu, loads)


def both_ends(
    flaw: Flaw, result: StressIntensity, load: int, what: str, phi: Array, expected: Array, allowed: Any
) -> Line:
    """K_I at parametric angles from both ends of a symmetric front: phi and 180 deg - phi."""
    twice = np.concatenate([phi, 180.0 - phi])
    k, error = flaw.at(result, load, twice)
    tolerance = np.tile(np.broadcast_to(allowed, phi.shape), 2)
    return line(what, twice, k, np.tile(expected, 2), tolerance=tolerance, estimate=error)


def collected(results: Sequence[StressIntensity], lines: Sequence[Line]) -> Found:
    """What a case of several solutions found: unknowns of the largest, alarms of all."""
    alarms = tuple(str(r) for result in results for r in result.remarks if r.alarm)
    return Found(tuple(lines), max(r.history.operator.n_unknowns for r in results), alarms)


def half_space_crack(name: str) -> Case:
    """A semi-ellipse in a half-space under stresses that vary with the depth."""

    def run(effort: Effort) -> Found:
        entry = reference("surface")[name]
        a, c, nu = entry["given"]["a"], entry["given"]["c"], entry["given"]["nu"]
        profile = {
            "uniform": np.ones_like,
            "linear": lambda z: z / a,
            "erfc": lambda z: erfc(0.5 * z / a),
        }
        names = [key for key in entry["reference"] if key != "phi"]
        flaw = surface_flaw(a, c, half_space(), 0.0, nu, [profile[n] for n in names])
        result = flaw.solve(effort)
        phi, allowed = np.array(entry["reference"]["phi"], dtype=float), np.array(entry["tolerance"]["k"])
        lines = []
        for load, what in enumerate(names):
            expected = np.array(entry["reference"][what]) * np.sqrt(np.pi * a)
            lines.append(both_ends(flaw, result, load, f"K_I, {what}", phi, expected, allowed))
        return collected([result], lines)

    return made("surface", name, run, seconds=3.0)


def plate_table(effort: Effort) -> Found:
    entry = reference("surface")["plate_table"]
    results, lines = [], []
    effort = replace(effort, estimate=False)  # eight large meshes: a sanity check need not cost twice
    phi = 90.0 * np.array(entry["two_phi_over_pi"][1:])
    rows = entry["reference"]
    for row in rows[5:6] if effort.quick else rows:
        a, c = 1.0, 1.0 / row["a_over_c"]
        t, wide = a / row["a_over_t"], 10.0 * c
        flaw = surface_flaw(a, c, block(wide, wide, t), t, entry["given"]["nu"], [np.ones_like])
        result = flaw.solve(effort)
        shape = 1.0 + 1.464 * row["a_over_c"] ** 1.65
        expected = np.array(row["F"][1:]) * np.sqrt(np.pi * a / shape)
        what = f"K_I, a/c {row['a_over_c']:g}, a/t {row['a_over_t']:g}"
        lines.append(both_ends(flaw, result, 0, what, phi, expected, entry["tolerance"]["k"]))
        results.append(result)
    return collected(results, lines)


def plate_fit(name: str) -> Case:
    """A semi-ellipse in a plate of finite width against the equation of Newman and Raju."""

    def run(effort: Effort) -> Found:
        entry = reference("surface")[name]
        g = entry["given"]
        body = block(2 * g["half_width"], 2 * max(g["half_width"], 5 * g["c"]), g["t"])
        flaw = surface_flaw(
            g["a"], g["c"], body, g["t"], g["nu"], [lambda z: g["tension"] + g["bending"] * (1 - 2 * z / g["t"])]
        )
        result = flaw.solve(effort)
        phi, k = (np.array(entry["reference"][key][1:], dtype=float) for key in ("phi", "k"))
        return collected([result], [both_ends(flaw, result, 0, "K_I", phi, k, entry["tolerance"]["k"])])

    return made("surface", name, run, seconds=8.0)


def plate_corner(effort: Effort) -> Found:
    entry = reference("surface")["plate_corner"]
    g = entry["given"]
    body = block(g["width"], 2 * g["width"], g["t"])
    corner = np.array([0.5 * g["width"], 0.0, g["t"]])
    sheet = Sheet.ellipse(corner, -Y, -X, g["c"], g["a"])  # e2 = (-y) x (-x) = -z points into the depth
    loads = LoadCases([(0, g["tension"], 0, 0, 0, 0)])
    flaw = Flaw(sheet, g["c"], g["a"], body, g["nu"], loads)
    result = flaw.solve(effort)
    phi = np.array(entry["reference"]["phi"], dtype=float)
    k, error = flaw.at(result, 0, phi)
    expected = np.array(entry["reference"]["k"])
    return collected([result], [line("K_I", phi, k, expected, tolerance=entry["tolerance"]["k"], estimate=error)])


def plate_embedded(effort: Effort) -> Found:
    entry = reference("surface")["plate_embedded"]
    g = entry["given"]
    body = block(2 * g["half_width"], 2 * g["half_width"], g["t"])
    sheet = Sheet.ellipse(0.5 * g["t"] * Z, Y, X, g["c"], g["a"])
    loads = LoadCases([(0, g["tension"], 0, 0, 0, 0)])
    flaw = Flaw(sheet, g["c"], g["a"], body, g["nu"], loads)
    result = flaw.solve(effort)
    phi = np.array(entry["reference"]["phi"], dtype=float)
    k, error = flaw.at(result, 0, phi)
    expected = np.array(entry["reference"]["k"])
    return collected([result], [line("K_I", phi, k, expected, tolerance=entry["tolerance"]["k"], estimate=error)])


def cases() -> list[Case]:
    """All cases of the family."""
    return [
        half_space_crack("halfspace_semicircle"),
        half_space_crack("halfspace_semiellipse"),
        made("surface", "plate_table", plate_table, seconds=30.0),
        plate_fit("plate_tension"),
        plate_fit("plate_bending"),
        made("surface", "plate_corner", plate_corner, seconds=6.0),
        made("surface", "plate_embedded", plate_embedded, seconds=5.0),
    ]
