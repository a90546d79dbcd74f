"""Which pictures and tables a run shows, and from what."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from deadlight.chain.cracks import TOO_COARSE, CrackAnswer
from deadlight.chain.outside import cold_wall_flux
from deadlight.chain.result import RunResult
from deadlight.crack.section import thickness_rule
from deadlight.mesh.mesh import Mesh
from deadlight.store.fields import largest_principal
from deadlight.stress.history import StressHistory
from deadlight.view import plots as draw
from deadlight.view import scenes as scene
from deadlight.view import style
from deadlight.view.report import Picture, Table

Array = np.ndarray[Any, np.dtype[np.float64]]


def governing(result: RunResult) -> tuple[CrackAnswer | None, float]:
    """The crack with the largest share of its toughness and when; without cracks the hottest instant."""
    if result.cracks:
        top = max(result.cracks, key=lambda a: a.result.ratio_max)
        return top, top.result.time_of_max
    return None, float(result.temperature.time[np.argmax(result.temperature.temperature.max(axis=1))])


def scenes(result: RunResult) -> tuple[Picture, ...]:
    """The stack at the governing instant, by temperature and largest principal stress; RenderUnavailable without GL."""
    top, t = governing(result)
    mesh = result.viewport.mesh
    marks = [_mark(result, a) for a in result.cracks]
    azimuth = top.stated.place.azimuth if top else 0.0
    pane = top.stated.pane if top else result.viewport.case.panes[0].name
    stress = np.zeros(mesh.n_nodes)
    stress[mesh.region_nodes(pane)] = largest_principal(result.stress[pane].at_time(t))
    hot = scene.temperature(
        mesh,
        result.temperature.at(t),
        cracks=marks,
        title=f"temperature {t:.0f} s after {since(result)}",
        azimuth=azimuth,
    )
    pulled = scene.stress(
        mesh, pane, stress, cracks=marks, title=f"largest principal stress in {pane}, {t:.0f} s", azimuth=azimuth
    )
    end = "return" if result.environment.altitude is not None else "run"
    grown = f"what it grows to by the end of the {end} (indicative)"
    caption = f"A quarter is cut away. Black: crack as found; orange: {grown}."
    return (
        Picture("Window, temperature", hot, caption, "The window at the governing instant"),
        Picture("Window, stress", pulled, caption, "The window at the governing instant"),
    )


def plots(result: RunResult) -> tuple[Picture, ...]:
    """K, crack-line stress, temperatures, environment, pressures."""
    found: list[Picture] = []
    for a in result.cracks:
        found += [_k_picture(result, a), _line_picture(result, a)]
    measured = [_thermocouples(result)] if result.thermocouples else []
    found += [_temperatures(result), *measured, _environment(result), _pressures(result)]
    return tuple(found)


def _k_picture(result: RunResult, a: CrackAnswer) -> Picture:
    r = a.result
    labels = [tip.replace("_", " ") for tip in r.tips]
    curves = {f"{label}, as found": r.seed_k[:, i] for i, label in enumerate(labels)}
    grown = r.first_time is not None
    if grown:
        curves |= {f"{label}, grown": r.k[:, i] for i, label in enumerate(labels)}
    limit = np.full_like(r.time, _toughness(a))
    altitude = result.environment.altitude
    figure = draw.k_history(
        r.time,
        curves,
        toughness=limit,
        altitude=altitude(r.time) if altitude else None,
        events=_marks(result, a),
        title=f"{r.name}: stress intensity through the {'return' if altitude else 'run'}",
        since=since(result),
    )
    low, high = 100 * r.model_error[0], 100 * r.model_error[1]
    caption = (
        "Quick tier. Largest K through the thickness at each front point. "
        f"Numerical error {100 * a.numerical_error:.2g} %; "
        f"what the quick tier simplifies may move K by {low:+.0f} to {high:+.0f} %."
    )
    if grown:
        caption += " From the first instability on the path is indicative: straight, quasi-static, no support reaction."
    return Picture(f"K of {r.name}", style.svg(figure), caption, "Stress intensity")


def _toughness(a: CrackAnswer) -> float:
    """Middle of K_Ic over the history [Pa m^0.5]; NaN for a crack that is never open."""
    open_ = a.result.seed_ratio > 1e-6
    return float(np.median(a.result.seed_k[open_] / a.result.seed_ratio[open_])) if open_.any() else float("nan")


def _line_picture(result: RunResult, a: CrackAnswer) -> Picture:
    r, line = a.result, a.line
    i = int(np.argmin(np.abs(r.time - r.time_of_max)))
    _, weight = thickness_rule(a.stress.shape[-1])
    position = line.length / 2 - line.depth
    skins = {
        "outer skin": a.stress[i, :, -1],
        "mean through the thickness": a.stress[i] @ weight,
        "inner skin": a.stress[i, :, 0],
    }
    tips = (line.length / 2 - line.inner, line.length / 2 - line.outer)
    grown = None
    if r.first_time is not None and r.kind == "through":
        size = r.final_size
        grown = (line.length / 2 - size["centre_side_depth_m"], line.length / 2 - size["rim_side_depth_m"])
    figure = draw.crack_line_stress(
        position,
        skins,
        tips=tips,
        lip=line.length / 2 - line.pane.lip_inset,
        rim=line.length / 2,
        time_s=float(r.time[i]),
        grown=grown,
        since=since(result),
    )
    return Picture(
        f"Stress across {r.name}",
        style.svg(figure),
        "Uncracked pane, along the crack's own line from the window's centre to the rim.",
        "Stress intensity",
    )


def _temperatures(result: RunResult) -> Picture:
    mesh, h = result.viewport.mesh, result.temperature
    panes = result.viewport.case.panes
    first = panes[0].name
    curves = {
        "outer face, centre": h.temperature[:, _centre(mesh, f"{first}.outer")],
        "inner face, centre": h.temperature[:, _centre(mesh, f"{first}.inner")],
    }
    if f"{first}.rim" in mesh.faces:
        curves["rim, mean"] = h.temperature[:, mesh.face_nodes(f"{first}.rim")].mean(axis=1)
    if f"{first}_retainer" in mesh.regions:
        curves["retainer, mean"] = h.temperature[:, mesh.region_nodes(f"{first}_retainer")].mean(axis=1)
    if len(panes) > 1:
        curves[f"{panes[1].name}, outer face, centre"] = h.temperature[:, _centre(mesh, f"{panes[1].name}.outer")]
    figure = draw.histories(h.time, curves, label="temperature [K]", events=_marks(result, None), since=since(result))
    return Picture("Temperatures", style.svg(figure), "", "Heat")


def _thermocouples(result: RunResult) -> Picture:
    figure = draw.histories(
        result.temperature.time,
        result.thermocouples,
        label="temperature [K]",
        events=_marks(result, None),
        since=since(result),
    )
    return Picture("Thermocouples", style.svg(figure), "Computed, at the places the case states.", "Heat")


def _environment(result: RunResult) -> Picture:
    e, t = result.environment, result.temperature.time
    case = result.viewport.case
    ratio, flies = case.environment.heating.ratio.value, e.altitude is not None
    altitude, speed = (s(t) if s else None for s in (e.altitude, e.speed))
    figure = draw.environment(
        t,
        flux=cold_wall_flux(case, e, t),
        load_factor=np.linalg.norm(e.acceleration(t), axis=-1) / 9.80665 if flies else None,
        altitude=altitude,
        speed=speed,
        events=_marks(result, None),
        since=since(result),
    )
    return Picture(
        "Return" if flies else "Run",
        style.svg(figure),
        f"Cold-wall flux at the window with heating ratio {ratio:g}.",
        "Environment",
    )


def _pressures(result: RunResult) -> Picture:
    e, t = result.environment, result.temperature.time
    behind = "cabin" if e.altitude is not None else "behind"
    curves = {"outside": e.outer_pressure(t), behind: e.cabin_pressure(t)} | {
        f"gap {name}": s(t) for name, s in e.gap_pressure.items()
    }
    figure = draw.histories(t, curves, label="pressure [kPa]", scale=1e-3, since=since(result))
    return Picture("Pressures", style.svg(figure), "", "Environment")


def tables(result: RunResult) -> tuple[Table, ...]:
    """Balances and cross-checks, with their limits."""
    h = result.temperature
    rows = [
        ["heat balance, worst step", f"{float(h.balance.defect.max()):.1e}", "1e-8 of the gross heat of the step"],
        [
            "heat steps (rejected)",
            f"{h.info.get('steps', 0):.0f} ({h.info.get('rejected', 0):.0f})",
            f"local error {result.viewport.case.solver.heat_tolerance:g} K",
        ],
    ]
    for name, s in result.stress.items():
        rows.append(_stress_row(name, s))
    rows += [_k_row(a) for a in result.cracks]
    rows += _thermocouple_rows(result)
    rows += [
        [f"gap {name}: mass balance", f"{g.mass_balance:.1e}", "1e-6 of the mass that passed"]
        for name, g in result.environment.gaps.items()
    ]
    rows += [
        [f"unpaired area {name}", f"{100 * share:.2g} %", "of the first face, adiabatic"]
        for name, share in h.unpaired.items()
        if share > 0
    ]
    return (Table("Checks", ["what", "found", "limit or remark"], rows),)


def _stress_row(name: str, s: StressHistory) -> list[str]:
    e = s.error
    allowed = f"{100 * e.tolerance:g} % of a node's own peak or {e.floor / 1e3:g} kPa"
    found = f"{len(s.modes)} modes, {len(e.solved)} instants solved, error {e.total:.2f} of the allowed"
    return [f"stress of {name}", f"{found}, balance {e.balance:.0e}", f"{allowed}; balance 1e-9"]


def _k_row(a: CrackAnswer) -> list[str]:
    parts = ", ".join(f"{name} {100 * part:.2g} %" for name, part in a.errors.items())
    limit = f"{100 * TOO_COARSE:g} %; without the error of the heat steps in time"
    return [f"K of {a.result.name}: numerical error", f"{100 * a.numerical_error:.2g} % ({parts})", limit]


def _thermocouple_rows(result: RunResult) -> list[list[str]]:
    """Peak of every thermocouple, when, and where it is."""
    rows, time = [], result.temperature.time
    for each in result.environment.thermocouples:
        reading = result.thermocouples[each.name]
        i = int(np.argmax(reading))
        x, y, z = (f"{1e3 * c:z.2f}" for c in each.position)
        rows.append(
            [f"thermocouple {each.name}: peak", f"{reading[i]:.1f} K at {time[i]:.0f} s", f"at ({x}, {y}, {z}) mm"]
        )
    return rows


def since(result: RunResult) -> str:
    """What the clock starts with."""
    return draw.ENTRY if result.environment.altitude is not None else "the start of the run"


def seed_line(result: RunResult, a: CrackAnswer) -> Array:
    """Ends of the crack as found, on the face it is seen on. (2, 3) [m]."""
    pane = a.line.pane
    z = pane.z_middle + (0.5 if a.stated.place.face == "outer" else -0.5) * pane.thickness
    return np.array([[*a.line.position(depth), z] for depth in (a.line.inner, a.line.outer)])


def away_from_supports(mesh: Mesh, pane: str, thicknesses: float) -> Array:
    """Nodes of a pane that lie at least this many thicknesses inside its seats and rim, as a mask (n_nodes,)."""
    t = float(np.ptp(mesh.points[:, 2]))
    edge = [f for f in ("rim", "seat_outer", "seat_inner", "lip") if f"{pane}.{f}" in mesh.faces]
    if not edge:
        return np.ones(mesh.n_nodes, dtype=bool)
    from scipy.spatial import KDTree

    near = mesh.points[np.unique(np.concatenate([mesh.face_nodes(f"{pane}.{f}") for f in edge]))]
    distance, _ = KDTree(near[:, :2]).query(mesh.points[:, :2])
    return np.asarray(distance > thicknesses * t)


def file_name(i: int, picture: Picture) -> str:
    """A safe file name from the picture's place and title."""
    kind = "png" if picture.data.startswith(b"\x89PNG") else "svg"
    return f"{i:02d}_{re.sub(r'[^A-Za-z0-9]+', '_', picture.title)[:60]}.{kind}"


def _mark(result: RunResult, a: CrackAnswer) -> scene.CrackMark:
    start, end = seed_line(result, a)
    r = a.result
    depth = a.line.pane.thickness if r.kind == "through" else float(a.stated.a or 0.0)
    if r.first_time is None or r.kind != "through":
        return scene.CrackMark(start, end, depth)
    size, z = r.final_size, start[2]
    grown = [np.array([*a.line.position(size[key]), z]) for key in ("centre_side_depth_m", "rim_side_depth_m")]
    return scene.CrackMark(start, end, depth, grown[0], grown[1])


TOLD = {
    "K reaches K_Ic": "K = K_Ic",
    "reaches the rim": "at the rim",
    "crosses the pane": "crosses the pane",
    "arrests": "arrests",
}


def _marks(result: RunResult, a: CrackAnswer | None) -> list[tuple[float, str]]:
    """Events worth a line in a plot: the flight's or the run's, and the first of each kind of the crack's."""
    flight = ("parachute", "touchdown", "skip_out")
    environment = result.environment
    told = [e for e in environment.events if environment.altitude is None or e.name in flight]
    found = [(e.time, e.name.replace("_", " ")) for e in told]
    for what, text in TOLD.items():
        first = next((e for e in a.result.events if e.what == what), None) if a is not None else None
        if first is not None:
            found.append((first.time, text))
    return found


def _centre(mesh: Mesh, face: str) -> int:
    nodes = mesh.face_nodes(face)
    return int(nodes[np.argmin(np.hypot(mesh.points[nodes, 0], mesh.points[nodes, 1]))])
