"""Which pictures and tables a run shows, and from what."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from deadlight.chain.away import away_from_supports
from deadlight.chain.crack_figures import crack_mark, crack_plots_of, crack_scenes, marks, seed_line, since
from deadlight.chain.cracks import TOO_COARSE, CrackAnswer
from deadlight.chain.growth_figures import growth_pictures, growth_tables
from deadlight.chain.loss_figures import loss_pictures, loss_tables
from deadlight.chain.outside import cold_wall_flux
from deadlight.chain.piece_figures import piece_pictures, piece_tables
from deadlight.chain.result import RunResult
from deadlight.mesh.mesh import Mesh
from deadlight.store.fields import largest_principal
from deadlight.stress.history import StressHistory
from deadlight.view import plots as draw
from deadlight.view import scenes as scene
from deadlight.view import style
from deadlight.view.report import Picture, Table

Array = np.ndarray[Any, np.dtype[np.float64]]
STRESS_INSTANTS = 80  # of the curve of a pane's largest stress
STRESS_INSET = 1.0  # thicknesses inside the supports


def governing(result: RunResult) -> tuple[CrackAnswer | None, float]:
    """The crack with the largest share of its toughness and when; without cracks the hottest instant."""
    if result.cracks:
        top = max(result.cracks, key=lambda a: a.judged.ratio_max)
        return top, top.judged.time_of_max
    return None, float(result.temperature.time[np.argmax(result.temperature.temperature.max(axis=1))])


def scenes(result: RunResult) -> tuple[Picture, ...]:
    """The stack at the governing instant, by temperature and largest principal stress; RenderUnavailable without GL."""
    top, t = governing(result)
    mesh = result.viewport.mesh
    marks = [crack_mark(a) for a in result.cracks]
    at = seed_line(top).mean(axis=0) if top else np.zeros(3)
    azimuth = float(np.arctan2(at[1], at[0]))
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
        *crack_scenes(result),
    )


def plots(result: RunResult) -> tuple[Picture, ...]:
    """K, crack-line stress, temperatures, environment, pressures."""
    found: list[Picture] = []
    for a in result.cracks:
        found += crack_plots_of(result, a)
    found += growth_pictures(result, since(result))
    found += piece_pictures(result)
    found += loss_pictures(result)
    measured = [_thermocouples(result)] if result.thermocouples else []
    found += [_temperatures(result), *measured, _stresses(result), _environment(result), _pressures(result)]
    return tuple(found)


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
    figure = draw.histories(h.time, curves, label="temperature [K]", events=marks(result, None), since=since(result))
    return Picture("Temperatures", style.svg(figure), "", "Heat")


def _stresses(result: RunResult) -> Picture:
    """Largest principal stress of every pane in time, one thickness inside its supports."""
    curves, time = {}, np.zeros(0)
    for name, history in result.stress.items():
        inside = away_from_supports(history.mesh, name, STRESS_INSET)
        chosen = np.unique(np.linspace(0, len(history.time) - 1, STRESS_INSTANTS).astype(int))
        time = history.time[chosen]
        curves[name] = np.array([float(largest_principal(history.stress(i)[inside]).max()) for i in chosen])
    figure = draw.histories(
        time,
        curves,
        label="largest principal\nstress [MPa]",
        scale=1e-6,
        events=marks(result, None),
        since=since(result),
    )
    told = f"Uncracked panes, {STRESS_INSET:g} thickness inside rim and supports; tension is positive."
    return Picture("Stress in the panes", style.svg(figure), told, "Stress")


def _thermocouples(result: RunResult) -> Picture:
    figure = draw.histories(
        result.temperature.time,
        result.thermocouples,
        label="temperature [K]",
        events=marks(result, None),
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
        events=marks(result, None),
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
    for a in result.cracks:
        rows += _k_rows(a)
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
    return (
        Table("Checks", ["what", "found", "limit or remark"], rows),
        *growth_tables(result),
        *piece_tables(result),
        *loss_tables(result),
    )


def _stress_row(name: str, s: StressHistory) -> list[str]:
    e = s.error
    allowed = f"{100 * e.tolerance:g} % of a node's own peak or {e.floor / 1e3:g} kPa"
    found = f"{len(s.modes)} modes, {len(e.solved)} instants solved, error {e.total:.2f} of the allowed"
    return [f"stress of {name}", f"{found}, balance {e.balance:.0e}", f"{allowed}; balance 1e-9"]


def _k_rows(a: CrackAnswer) -> list[list[str]]:
    parts = ", ".join(f"{name} {100 * part:.2g} %" for name, part in a.errors.items())
    limit = f"{100 * TOO_COARSE:g} %; without the error of the heat steps in time"
    rows = [[f"K of {a.stated.name}: numerical error", f"{100 * a.numerical_error:.2g} % ({parts})", limit]]
    for gap in a.gaps:
        what = f"K of {a.stated.name}, {gap.tip.replace('_', ' ')}: quick tier"
        rows.append([what, gap.text, "NOT explained" if gap.flagged else "explained"])
    if a.full:
        h, o = a.full.history, a.full.history.operator
        name, parts = a.stated.name, ", ".join(f"{k} {v:.2f}" for k, v in a.full.intensity.seconds.items())
        rows += [
            [f"{name}: crack operator", f"{o.mesh}, {o.n_unknowns} unknowns", f"{a.seconds:.1f} s ({parts})"],
            [f"{name}: rigid motions of the pane", f"{o.rigid_residual:.1e}", "0 but for quadrature; 1e-4"],
            [f"{name}: traction left out", f"{h.left_out:.1e}", "1e-5 of the largest"],
        ]
    return rows


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


def file_name(i: int, picture: Picture) -> str:
    """A safe file name from the picture's place and title."""
    kind = "png" if picture.data.startswith(b"\x89PNG") else "svg"
    return f"{i:02d}_{re.sub(r'[^A-Za-z0-9]+', '_', picture.title)[:60]}.{kind}"


def _centre(mesh: Mesh, face: str) -> int:
    nodes = mesh.face_nodes(face)
    return int(nodes[np.argmin(np.hypot(mesh.points[nodes, 0], mesh.points[nodes, 1]))])
