"""Pictures of the cracks of a run: K of both tiers, the stress across a crack, the crack itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.chain.cracks import CrackAnswer
from deadlight.chain.operator_answer import FullAnswer
from deadlight.chain.quick_answer import QuickAnswer
from deadlight.chain.result import RunResult
from deadlight.crack.section import thickness_rule
from deadlight.surface.mesh import T6, SurfaceMesh
from deadlight.view import crack_plots, crack_scene, style
from deadlight.view import plots as draw
from deadlight.view import scenes as scene
from deadlight.view.report import Picture

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

QUICK, CRACKS = "Quick tier", "Crack operator"
# corners and middles of an element as flat triangles
_SIX = np.array([(0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5)])
_NINE = np.array([(0, 4, 8), (0, 8, 7), (4, 1, 5), (4, 5, 8), (8, 5, 2), (8, 2, 6), (7, 8, 6), (7, 6, 3)])


def crack_plots_of(result: RunResult, a: CrackAnswer) -> list[Picture]:
    """Plots of one crack, the judged tier first."""
    found = []
    if a.full:
        found += [_along(result, a, a.full), _worst(result, a, a.full)]
    if a.quick:
        found += [_k_picture(result, a, a.quick), _line_picture(result, a, a.quick)]
    return found


def crack_scenes(result: RunResult) -> list[Picture]:
    """Every crack that the operator solved, coloured by its opening; RenderUnavailable without GL."""
    return [_opening(result, a, a.full) for a in result.cracks if a.full]


def _opening(result: RunResult, a: CrackAnswer, full: FullAnswer) -> Picture:
    front, instant, point = full.worst
    mesh = full.history.operator.mesh
    gap = np.linalg.norm(full.history.opening(instant), axis=1)
    crack, skin = flat_triangles(mesh, mesh.on_crack), flat_triangles(mesh, ~mesh.on_crack)
    corner = mesh.points[crack]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]).sum(axis=0)
    fronts = [mesh.points[np.append(f.nodes, f.nodes[0]) if f.closed else f.nodes] for f in mesh.fronts]
    mouths = [m.points[np.asarray(s.nodes)] for m in full.intensity.meshed.crack_meshes for s in m.mouths]
    worst = full.fronts[front].frame.point[point]
    names = [each.name for each in full.fronts]
    shown = crack_scene.CrackView(mesh.points, crack, skin, gap, fronts, mouths, normal, worst, names)
    t = full.time_of_max
    picture = crack_scene.opening(shown, title=f"{a.stated.name} at {t:.0f} s after {since(result)}")
    caption = (
        "Distance of the faces; the outer face is above. Orange: front; black: where it meets the skin of the pane; "
        f"red: largest K/K_Ic, {full.ratio_max:.2f} ({full.worst_where}). "
        f"{100 * full.history.closed[instant]:.0f} % of the crack is shut. {full.intensity.meshed.choice}."
    )
    return Picture(f"{a.stated.name}, opening", picture, caption, CRACKS)


def flat_triangles(mesh: SurfaceMesh, chosen: Any) -> Index:
    """Flat triangles (t, 3) of the chosen elements (e,) of a surface mesh."""
    six = mesh.cells[chosen & (mesh.kind == T6)]
    nine = mesh.cells[chosen & (mesh.kind != T6)]
    return np.concatenate([six[:, _SIX].reshape(-1, 3), nine[:, _NINE].reshape(-1, 3)])


def _along(result: RunResult, a: CrackAnswer, full: FullAnswer) -> Picture:
    at, instant, point = full.worst
    others = full.other_errors
    fronts = []
    for front in full.fronts:
        error = np.hypot(front.error[instant], others * front.effective[instant].max())
        fronts.append(
            crack_plots.AlongFront(
                front.name, front.frame.arc, front.k[instant], front.effective[instant], error,
                front.toughness[instant], front.carried,
            )
        )  # fmt: skip
    t = full.time_of_max
    made = crack_plots.along_fronts(
        fronts, title=f"{a.stated.name}: K along the front at {t:.0f} s after {since(result)}", worst=(at, point)
    )
    parts = ", ".join(f"{name} {100 * part:.2g} %" for name, part in a.errors.items())
    caption = (
        f"Crack operator. Largest K/K_Ic {full.ratio_max:.3f} at the triangle ({full.worst_where}); error of K there "
        f"{100 * a.numerical_error:.2g} % ({parts}). White circles: next to a free surface, carried on from inside."
    )
    return Picture(f"K along the front of {a.stated.name}", style.svg(made), caption, CRACKS)


def _worst(result: RunResult, a: CrackAnswer, full: FullAnswer) -> Picture:
    at, _, point = full.worst
    front = full.fronts[at]
    label = "worst point"
    curves = {label: front.effective[:, point]}
    pairs, told = [], []
    for gap in a.gaps:
        name = gap.tip.replace("_", " ")
        pairs.append((name, gap.full, gap.quick))
        told.append(f"{name} {gap.text}{', which is NOT enough' if gap.flagged else ''}")
    made = crack_plots.worst_point(
        front.time,
        curves,
        pairs=pairs,
        toughness=front.toughness[:, point],
        band=(label, a.numerical_error * np.full(len(front.time), front.effective[:, point].max())),
        closed=full.history.closed,
        events=marks(result, a),
        title=f"{a.stated.name}: stress intensity of the crack as found",
        since=since(result),
    )
    caption = f"Worst point of the front ({full.worst_where}) with its error band, crack as found."
    if told:
        caption += f" Quick tier beside it: {'; '.join(told)}."
    if len(full.scenarios) > 1:
        shown = ", ".join(f"{s.label}: {s.ratio_max:.3f}" for s in full.scenarios)
        caption += f" K/K_Ic by what the impact left: {shown}; the largest is shown."
    return Picture(f"K of {a.stated.name} over time", style.svg(made), caption, CRACKS)


def _k_picture(result: RunResult, a: CrackAnswer, quick: QuickAnswer) -> Picture:
    r = quick.result
    labels = [tip.replace("_", " ") for tip in r.tips]
    curves = {f"{label}, as found": r.seed_k[:, i] for i, label in enumerate(labels)}
    grown = r.first_time is not None
    if grown:
        curves |= {f"{label}, grown": r.k[:, i] for i, label in enumerate(labels)}
    limit = np.full_like(r.time, _toughness(quick))
    altitude = result.environment.altitude
    figure = draw.k_history(
        r.time,
        curves,
        toughness=limit,
        altitude=altitude(r.time) if altitude else None,
        events=marks(result, a),
        title=f"{r.name}{', quick tier' if a.full else ''}: K through the {'return' if altitude else 'run'}",
        since=since(result),
    )
    low, high = 100 * r.model_error[0], 100 * r.model_error[1]
    caption = (
        "Quick tier. Largest K through the thickness at each front point. "
        f"Numerical error {100 * quick.numerical_error:.2g} %; "
        f"what the quick tier simplifies may move K by {low:+.0f} to {high:+.0f} %."
    )
    if grown:
        caption += " From the first instability on the path is indicative: straight, quasi-static, no support reaction."
    return Picture(
        f"K of {r.name}{' by the quick tier' if a.full else ''}",
        style.svg(figure),
        caption,
        QUICK if a.full else "Stress intensity",
    )


def _toughness(quick: QuickAnswer) -> float:
    """Middle of K_Ic over the history [Pa m^0.5]; NaN for a crack that is never open."""
    k, ratio = quick.result.seed_k, quick.result.seed_ratio
    open_ = ratio > 1e-6
    return float(np.median(k[open_] / ratio[open_])) if open_.any() else float("nan")


def _line_picture(result: RunResult, a: CrackAnswer, quick: QuickAnswer) -> Picture:
    r, line = quick.result, quick.line
    i = int(np.argmin(np.abs(r.time - r.time_of_max)))
    _, weight = thickness_rule(quick.stress.shape[-1])
    position = line.length / 2 - line.depth
    skins = {
        "outer skin": quick.stress[i, :, -1],
        "mean through the thickness": quick.stress[i] @ weight,
        "inner skin": quick.stress[i, :, 0],
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
        QUICK if a.full else "Stress intensity",
    )


TOLD = {
    "K reaches K_Ic": "K = K_Ic",
    "reaches the rim": "at the rim",
    "crosses the pane": "crosses the pane",
    "arrests": "arrests",
}


def marks(result: RunResult, a: CrackAnswer | None) -> list[tuple[float, str]]:
    """Events worth a line in a plot: the flight's or the run's, and the first of each kind of the crack's."""
    flight = ("parachute", "touchdown", "skip_out")
    environment = result.environment
    told = [e for e in environment.events if environment.altitude is None or e.name in flight]
    found = [(e.time, e.name.replace("_", " ")) for e in told]
    if a is not None and a.full:
        return found + ([(a.full.first_time, "K = K_Ic")] if a.full.first_time is not None else [])
    for what, text in TOLD.items():
        events = a.result.events if a is not None and a.result is not None else ()
        first = next((e for e in events if e.what == what), None)
        if first is not None:
            found.append((first.time, text))
    return found


def since(result: RunResult) -> str:
    """What the clock starts with."""
    return draw.ENTRY if result.environment.altitude is not None else "the start of the run"


def seed_line(a: CrackAnswer) -> Array:
    """The crack as found: its line on the face it is seen on, or its edge where it has none. (k, 3) [m]."""
    if a.line is None:
        assert a.full is not None  # a crack has an answer of one tier
        meshes = a.full.intensity.meshed.crack_meshes
        mouths = [m.points[np.asarray(s.nodes)] for m in meshes for s in m.mouths]
        return max(mouths, key=lambda x: float(x[:, 2].mean())) if mouths else a.full.fronts[0].frame.point
    pane = a.line.pane
    place = getattr(a.stated, "place", None)
    z = pane.z_middle + (-0.5 if place is not None and place.face == "inner" else 0.5) * pane.thickness
    return np.array([[*a.line.position(depth), z] for depth in (a.line.inner, a.line.outer)])


def crack_mark(a: CrackAnswer) -> scene.CrackMark:
    """How a crack shows in a picture of the whole window."""
    path = seed_line(a)
    quick = a.quick
    if quick is None:
        return scene.CrackMark(path[0], path[-1], 0.0, path=path)
    r, line = quick.result, quick.line
    depth = line.pane.thickness if r.kind == "through" else float(getattr(a.stated, "a", 0.0))
    if a.judged.first_time is None or r.first_time is None or r.kind != "through":
        return scene.CrackMark(path[0], path[1], depth)
    size, z = r.final_size, path[0][2]
    grown = [np.array([*line.position(size[key]), z]) for key in ("centre_side_depth_m", "rim_side_depth_m")]
    return scene.CrackMark(path[0], path[1], depth, grown[0], grown[1])
