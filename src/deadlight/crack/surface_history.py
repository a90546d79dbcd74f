"""Surface and corner cracks under a stress history: K at the deepest and surface points, growth, breakthrough."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.crack.beside import handbook_beside
from deadlight.crack.face_problem import FaceK, FaceProblem
from deadlight.crack.growth import Toughness
from deadlight.crack.line import CrackLine
from deadlight.crack.result import NOT_FOLLOWED, Event, QuickResult, State, ends_at_peak, first_crossing, margin
from deadlight.crack.section import thickness_rule
from deadlight.crack.seed import Corner, EdgeThrough, Surface, Through
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

GROWTH = 0.02  # share of its size by which a point moves on in one step
DEEPEST_SHARE = 0.8  # a/t at which breakthrough is taken for granted


def assess_face_crack(
    seed: Surface | Corner,
    *,
    line: CrackLine,
    time: Array,
    stress: Array,
    temperature: Array,
    toughness: Toughness,
    nu: float,
    follow: bool = True,
) -> QuickResult:
    """K history and growth of a surface or corner crack; arguments as `quick.assess`."""
    problem = FaceProblem(seed, line, stress, temperature, nu)
    found = problem.k(seed.a, seed.c)
    upper, handbook = found.upper, problem.handbook(seed.a, seed.c)
    front = problem.tip_temperature(seed.a, seed.c)
    ratio = upper / toughness(front)
    if follow:
        path = _grow(problem, toughness, len(time))
    else:
        path = _Path(np.full((len(time), 2), [seed.a, seed.c]), upper, ratio, front, [])
    first_time, first_tip = first_crossing(time, ratio)
    top = int(np.argmax(ratio.max(axis=1)))
    tip = int(np.argmax(ratio[top]))
    peak = float(upper[top, tip])
    state, reason, sentence = _ending(path, ratio, time, seed)
    nothing = np.full(upper.shape, np.nan)
    result = QuickResult(
        name=seed.name,
        kind=seed.kind,
        state=state,
        end_reason=reason,
        end_sentence=sentence,
        time=time,
        tips=problem.tips,
        seed_k=upper,
        seed_membrane=nothing,
        seed_bending=nothing,
        seed_energy=nothing,
        temperature=front,
        seed_ratio=ratio,
        k=path.k,
        ratio=path.ratio,
        front_temperature=path.temperature,
        membrane=nothing,
        bending=nothing,
        size=path.size,
        size_names=("a_m", "c_m"),
        closed_outer=np.full(len(time), np.nan),
        closed_inner=np.full(len(time), np.nan),
        residual_bound=np.zeros(len(time)),
        slit_area=None,
        first_time=first_time,
        first_tip=None if first_tip is None else problem.tips[first_tip],
        ratio_max=float(ratio[top, tip]),
        time_of_max=float(time[top]),
        margin_after=_margin_after(path, ratio),
        numerical_error=_sampling_error(problem, peak, top, tip),
        model_error=_band(found, top, tip),
        events=_events(problem, path, time, first_time, first_tip),
        warnings=(
            *line.warnings,
            *_warnings(problem, found, seed.a, seed.c),
            *path.warnings,
            *handbook_beside(problem, found, handbook, top, tip),
            *ends_at_peak(time, upper),
        ),
        assumptions=_assumptions(),
        handbook_k=handbook,
    )
    if path.through is None:
        return result
    return _go_through(result, problem, path, toughness=toughness, nu=nu)


def _band(found: FaceK, top: int, tip: int) -> tuple[float, float]:
    """Relative band of the peak K: error of the tables, of the stress's fit and of the plate's width; closure below."""
    peak = float(found.upper[top, tip])
    if peak <= 0.0:
        return 0.0, 0.0
    share = float(found.error[top, tip]) / peak
    return min(0.0, float(found.plain[top, tip]) / peak - 1.0) - share, share


def _warnings(problem: FaceProblem, found: FaceK, a: float, c: float) -> tuple[Remark, ...]:
    near = problem.plate(a, c).near_side()
    return found.remarks if near is None else (*found.remarks, near)


def _margin_after(path: _Path, ratio: Array) -> float:
    if path.last is None:
        return margin(ratio)
    return float("nan") if path.stopped is not None else margin(path.ratio[path.last :])


@dataclasses.dataclass
class _Path:
    """Growth of a and c; filled as it goes."""

    size: Array
    k: Array
    ratio: Array
    temperature: Array
    runs: list[tuple[int, str]]
    last: int | None = None
    through: int | None = None
    stopped: int | None = None
    warnings: tuple[str, ...] = ()


def _grow(problem: FaceProblem, toughness: Toughness, count: int) -> _Path:
    """Move a or c on while its K is at K_Ic, instant by instant."""
    a, c = problem.seed.a, problem.seed.c
    tips = len(problem.tips)
    k, ratio, front = (np.full((count, tips), np.nan) for _ in range(3))
    path = _Path(np.full((count, 2), np.nan), k, ratio, front, [])
    thickness, now = problem.line.pane.thickness, 0
    while now < count:
        k = problem.k(a, c).upper
        front = problem.tip_temperature(a, c)
        ratio = k / toughness(front)
        over = np.flatnonzero((ratio[now:] >= 1.0).any(axis=1))
        quiet = count if not len(over) else now + int(over[0])
        path.size[now:quiet], path.k[now:quiet], path.ratio[now:quiet] = (a, c), k[now:quiet], ratio[now:quiet]
        path.temperature[now:quiet] = front[now:quiet]
        if quiet == count:
            break
        now = quiet
        name = "a" if ratio[now, 0] >= ratio[now, 1:].max() else "c"
        a, c = (a * (1.0 + GROWTH), c) if name == "a" else (a, c * (1.0 + GROWTH))
        if not path.runs or path.runs[-1] != (now, name):
            path.runs.append((now, name))
        path.last = now
        if a >= DEEPEST_SHARE * thickness:
            path.through = now
            path.size[now:] = thickness, c
            break
        if c >= 0.95 * problem.plate(a, c).half_width:
            path.stopped = now
            path.size[now:] = a, c
            break
    if path.runs:
        deep = min(a, DEEPEST_SHARE * thickness)
        path.warnings = _warnings(problem, problem.k(deep, c), deep, c)
    return path


def _ending(path: _Path, ratio: Array, time: Array, seed: Surface | Corner) -> tuple[State, str, str]:
    if path.through is not None:
        return "through", "broke_through", f"Breaks through the thickness at {time[path.through]:.1f} s."
    if path.stopped is not None:
        return (
            "at_edge",
            "reached_rim",
            f"Its end on the face reaches the rim at {time[path.stopped]:.1f} s; not followed further.",
        )
    if path.last is not None:
        a, c = path.size[-1] * 1e3
        return (
            "arrested",
            "arrested_in_lower_stress",
            f"Growth ends at {time[path.last]:.1f} s with a = {a:.2f} mm, c = {c:.2f} mm.",
        )
    if ratio.max() <= 0.0:
        return "closed", "never_open", "The crack is shut over the whole history."
    if ratio.max() >= 1.0:
        return "growing", NOT_FOLLOWED[0], NOT_FOLLOWED[1].format(ratio.max())
    return "dormant", "below_toughness", f"K stays below K_Ic; the largest share is {ratio.max():.2f}."


def _events(
    problem: FaceProblem, path: _Path, time: Array, first_time: float | None, first_tip: int | None
) -> tuple[Event, ...]:
    x, y = (float(v) for v in problem.line.position(problem.middle))
    events = []
    if first_time is not None and first_tip is not None:
        events.append(Event(first_time, "K reaches K_Ic", problem.tips[first_tip], (x, y)))
    if path.last is not None:
        first = path.runs[0]
        where = "deepest" if first[1] == "a" else "surface"
        a, c = path.size[path.last] * 1e3
        events.append(Event(float(time[first[0]]), "starts to grow", where, (x, y)))
        if path.through is not None:
            events.append(
                Event(
                    float(time[path.through]), "breaks through the thickness", "deepest", (x, y), f"2c = {2 * c:.2f} mm"
                )
            )
        elif path.stopped is not None:
            events.append(Event(float(time[path.stopped]), "reaches the rim", "surface", (x, y), f"a = {a:.2f} mm"))
        else:
            events.append(Event(float(time[path.last]), "arrests", where, (x, y), f"a = {a:.2f} mm, c = {c:.2f} mm"))
    return tuple(events)


def _go_through(
    result: QuickResult, problem: FaceProblem, path: _Path, *, toughness: Toughness, nu: float
) -> QuickResult:
    """Follow the crack as a through crack as long as its surface length, from the instant it broke through."""
    from deadlight.crack.quick import assess

    start, line, seed = path.through or 0, problem.line, problem.seed
    c = float(path.size[start, 1])
    outer, inner = max(problem.middle - c, 0.0), problem.middle + c
    made: Through | EdgeThrough
    if problem.kind == "corner":
        made = EdgeThrough(depth=c, place=seed.place, name=seed.name)
    else:
        made = Through(two_c=2.0 * c, place=seed.place, name=seed.name)
    after = assess(
        made,
        pane=line.pane,
        time=result.time[start:],
        stress=problem.stress[start:],
        temperature=problem.temperature[start:],
        toughness=toughness,
        nu=nu,
        line=dataclasses.replace(line, outer=outer, inner=inner),
    )
    size = path.size.copy()
    size[start:, 0] = line.pane.thickness
    size[start:, 1] = (after.size[:, 1] - after.size[:, 0]) * (1.0 if problem.kind == "corner" else 0.5)
    k, ratio, front = path.k.copy(), path.ratio.copy(), path.temperature.copy()
    membrane, bending = result.membrane.copy(), result.bending.copy()
    columns = (1,) if problem.kind == "corner" else (1, 2)
    source = (1,) if problem.kind == "corner" else (0, 1)
    k[start:, columns], ratio[start:, columns] = after.k[:, source], after.ratio[:, source]
    front[start:, columns] = after.front_temperature[:, source]
    membrane[start:, columns], bending[start:, columns] = after.membrane[:, source], after.bending[:, source]
    if after.state in ("dormant", "closed"):
        state: State = "through"
        sentence = result.end_sentence + " As a through crack it rests."
    else:
        state, sentence = after.state, result.end_sentence + " " + after.end_sentence
    return dataclasses.replace(
        result,
        state=state,
        end_reason=result.end_reason if state == "through" else after.end_reason,
        end_sentence=sentence,
        size=size,
        k=k,
        ratio=ratio,
        front_temperature=front,
        membrane=membrane,
        bending=bending,
        margin_after=after.margin_after,
        events=result.events + tuple(event for event in after.events if event.what != "K reaches K_Ic"),
        warnings=result.warnings + after.warnings,
        assumptions=result.assumptions + after.assumptions,
    )


def _sampling_error(problem: FaceProblem, peak: float, top: int, tip: int) -> float:
    """Change of the peak K without the highest polynomial through the thickness and with half the samples of the line.

    The latter is of fourth order: a fifteenth of the change.
    """
    if peak <= 0.0:
        return 0.0
    a, c, line, stress = problem.seed.a, problem.seed.c, problem.line, problem.stress[[top]]
    zeta, weight = thickness_rule(len(line.zeta))
    degree = len(zeta) - 1
    highest = np.polynomial.legendre.legvander(zeta, degree)[:, degree]
    part = (stress @ (weight * highest)) * (2 * degree + 1)
    less = dataclasses.replace(problem, stress=stress - part[..., None] * highest).k(a, c).upper[0, tip]
    every_other = np.union1d(np.arange(0, len(line.depth), 2), [len(line.depth) - 1])
    sparse = dataclasses.replace(line, depth=line.depth[every_other])
    coarse = dataclasses.replace(problem, line=sparse, stress=stress[:, every_other]).k(a, c).upper[0, tip]
    return (abs(float(less) - peak) + abs(float(coarse) - peak) / 15.0) / peak


def _assumptions() -> tuple[Assumption, ...]:
    texts = {
        "surface": "influence tables of the crack operator, Newman-Raju width factor; a half-ellipse stays one",
        "face_contact": "a partly shut crack is judged by K of the tensile part of the stress (upper bound)",
        "slow_growth": "not included: slow growth below K_Ic",
        "breakthrough": f"broken through at a/t = {DEEPEST_SHARE:g}, then a through crack 2c long",
    }
    return tuple(Assumption(f"quick.{key}", text, "quick tier", "A") for key, text in texts.items())
