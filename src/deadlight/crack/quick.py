"""The quick tier: one crack seed under a stress history, answered by influence functions; screening and cross-check.

Through cracks: `through` and `growth` (plane integral equation with free rim, stretching and bending, line contact of
the skins; over the thickness what `influence` adds).  Surface and corner cracks: `surface_history` (influence tables).
Shear counts as tension of the same energy (`CrackLine.acting_stress`).  Not included: slow growth below K_Ic
(`quick_growth` follows it), turning of the path, inertia, other cracks.  The three-dimensional crack operator judges;
this stands beside it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from deadlight.assumption import Assumption
from deadlight.crack.beside import plane_beside, table_remarks
from deadlight.crack.disc import ORDER, line_crack
from deadlight.crack.growth import INNER, OUTER, Run, Toughness, Walk, rest, walk
from deadlight.crack.influence_table import AXES
from deadlight.crack.line import CrackLine, crack_line
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.result import NOT_FOLLOWED, Event, QuickResult, State, ends_at_peak, first_crossing, margin
from deadlight.crack.rim_kernel import Rim
from deadlight.crack.section import decompose, thickness_rule
from deadlight.crack.seed import EdgeThrough, Seed, Through
from deadlight.crack.skin_contact import Opening
from deadlight.crack.thickness_profile import ThicknessProfile
from deadlight.crack.through import ThroughProblem, interpolation
from deadlight.errors import InputError
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]

TIPS = ("rim_side", "centre_side")
STEP = 0.25e-3
SOURCE = "quick tier"
SAFETY = 2.0  # on the change that doubling the unknowns makes: a kinked stress converges with the second order
# thicknesses; tension along the crack makes a straight path unstable (Cotterell & Rice 1980, Int. J. Fracture 16:155)
WANDERS = 5.0
EDGE_IMAGE = 0.25  # of K_b: what the plane image at the rim may be wrong by, for a crack that has reached it
HOLD = 0.9  # K/K_Ic that a tip must keep between two advances for them to count as one continuous growth


def assess(
    seed: Seed,
    *,
    pane: PaneShape,
    time: Array,
    stress: Array,
    temperature: Array,
    toughness: Toughness,
    nu: float,
    young: float | None = None,
    line: CrackLine | None = None,
    order: int = ORDER,
    step: float = STEP,
    contact: bool = True,
    follow: bool = True,
) -> QuickResult:
    """K history, first time critical and growth of one crack.

    Parameters
    ----------
    seed : Through, EdgeThrough, Surface or Corner
    pane : PaneShape
    time : (m,) float [s]
    stress : (m, n_line, n_thick) float [Pa]
        Stress that opens the crack, in the uncracked pane at `line.points()`; see `CrackLine.acting_stress`.
    temperature : (m, n_line, n_thick) float [K]
    toughness : callable
        K_Ic [Pa m^0.5] of an array of temperatures [K].
    nu : float
        Poisson's ratio.
    young : float or None [Pa]
        For the slit area only; K does not depend on it.
    line : CrackLine or None
        As used for sampling; laid anew with the default spacing when None.
    order, step : int and float [m]
        Unknowns of the integral equation; growth step (and the resolution of an arrest position).
    contact : bool
        False lets the faces cross, for comparison.
    follow : bool
        False leaves the crack as found also where K reaches K_Ic; the line then need not reach beyond it.

    Raises
    ------
    InputError
        Crack outside the pane, arrays of the wrong shape, values that are not finite.
    NotSolved
        The integral equation or the contact was not solved.
    """
    line = line if line is not None else crack_line(seed, pane)
    _check(seed, line, time, stress, temperature, nu)
    if not isinstance(seed, (Through, EdgeThrough)):
        from deadlight.crack.surface_history import assess_face_crack

        return assess_face_crack(
            seed, line=line, time=time, stress=stress, temperature=temperature, toughness=toughness, nu=nu,
            follow=follow,
        )  # fmt: skip
    _, weight = thickness_rule(stress.shape[-1])
    problem = ThroughProblem(line, decompose(stress), temperature @ weight, nu, order, contact)
    path = walk(problem, toughness, step=step) if follow else rest(problem, toughness)
    return _result(seed, problem, path, time=time, toughness=toughness, young=young, step=step)


def _check(seed: Seed, line: CrackLine, time: Array, stress: Array, temperature: Array, nu: float) -> None:
    place = f"crack {seed.name}"
    wanted = (len(time), *line.shape)
    for what, array in (("stress", stress), ("temperature", temperature)):
        if array.shape != wanted:
            raise InputError(
                f"{what} of shape {array.shape}, the crack line has (instants, along, through) = {wanted}",
                place=place,
                remedy="sample the histories at CrackLine.points() of this seed",
            )
        if not np.isfinite(array).all():
            row = int(np.argmax(~np.isfinite(array).reshape(len(time), -1).all(axis=1)))
            raise InputError(f"{what} is not finite at {time[row]:g} s", place=place, remedy="check the history")
    if not 0.0 <= nu < 0.5:
        raise InputError(f"Poisson's ratio {nu:g}", place=place, remedy="give a value in [0, 0.5)")


def _result(
    seed: Seed,
    problem: ThroughProblem,
    path: Walk,
    *,
    time: Array,
    toughness: Toughness,
    young: float | None,
    step: float,
) -> QuickResult:
    line, every = problem.line, np.arange(len(time))
    opening = problem.opening(line.outer, line.inner, every)
    profile = problem.profile(line.outer, line.inner, every, opening)
    front = problem.tip_temperature(line.outer, line.inner, every)
    gone = np.array([np.nan if line.outer == 0.0 else 1.0, 1.0])
    seed_k = profile.front_max * gone
    seed_ratio = seed_k / toughness(front)
    first_time, first_tip = first_crossing(time, seed_ratio)
    state, reason, sentence = _ending(path, seed_ratio, time, line)
    last = max((run.instant for run in path.runs), default=0)
    top = int(np.nanargmax(np.nanmax(seed_ratio, axis=1)))
    bound = problem.residual_k(line.outer, line.inner, every)
    peak = float(np.nanmax(seed_k[top]))
    rim_size = np.stack([path.outer, path.inner], axis=1)
    return QuickResult(
        name=seed.name,
        kind=seed.kind,
        state=state,
        end_reason=reason,
        end_sentence=sentence,
        time=time,
        tips=TIPS,
        seed_k=seed_k,
        seed_membrane=opening.membrane * gone,
        seed_bending=opening.bending * gone,
        seed_energy=profile.front_energy * gone,
        temperature=front,
        seed_ratio=seed_ratio,
        k=_k_of(path, toughness),
        ratio=path.ratio,
        front_temperature=path.temperature,
        membrane=path.membrane,
        bending=path.bending,
        size=rim_size,
        size_names=("rim_side_depth_m", "centre_side_depth_m"),
        closed_outer=opening.closed_plus,
        closed_inner=opening.closed_minus,
        residual_bound=bound,
        slit_area=path.area / young if young else None,
        first_time=first_time,
        first_tip=None if first_tip is None else TIPS[first_tip],
        ratio_max=float(np.nanmax(seed_ratio[top])),
        time_of_max=float(time[top]),
        margin_after=_margin_after(path, seed_ratio, last),
        numerical_error=_numerical_error(problem, path, seed_k, top),
        model_error=_band(problem, profile, float(bound[top]), peak, top),
        events=_events(path, line, time, first_time, first_tip, step),
        warnings=(
            *line.warnings,
            *_tables(problem, profile, path, peak, top),
            *plane_beside(peak, float(np.nanmax(opening.front_max[top] * gone))),
            *_warnings(path, line, seed_ratio, bound, seed_k),
            *ends_at_peak(time, seed_k),
        ),
        assumptions=_assumptions(line, step),
        handbook_k=opening.front_max * gone,
    )


def _k_of(path: Walk, toughness: Toughness) -> Array:
    """K along the grown crack (m, 2): its share of K_Ic times that."""
    k, there = np.full(path.ratio.shape, np.nan), np.isfinite(path.ratio)
    k[there] = path.ratio[there] * toughness(path.temperature[there])
    return k


def _tables(
    problem: ThroughProblem, profile: Opening | ThicknessProfile, path: Walk, peak: float, top: int
) -> tuple[Remark, ...]:
    """What the influence tables do not hold of the crack as found, and of the grown one."""
    line = problem.line
    given: dict[str, Any] = {"thickness": line.pane.thickness, "nu": problem.nu}
    beyond = float(profile.beyond([top])[0]) if isinstance(profile, ThicknessProfile) else 0.0
    crack, _ = problem.state(line.outer, line.inner)
    unsettled = beyond / peak if peak > 0.0 else 0.0
    found = table_remarks(problem.influence(line.outer, line.inner), crack, **given, unsettled=unsettled)
    end = float(path.outer[-1]), float(path.inner[-1])
    if not path.runs or path.split is not None or (end[0] == 0.0 and not line.rim.free):
        return found
    grown = table_remarks(problem.influence(*end), problem.state(*end)[0], **given, unsettled=None)
    return found + tuple(each.of("grown crack") for each in grown if str(each) not in map(str, found))


def _margin_after(path: Walk, seed_ratio: Array, last: int) -> float:
    if not path.runs:
        return margin(seed_ratio)
    later = path.ratio[last:]
    return margin(later) if np.isfinite(later).any() else float("nan")


def _band(
    problem: ThroughProblem, profile: Opening | ThicknessProfile, bound: float, peak: float, top: int
) -> tuple[float, float]:
    """Relative band of the peak K that the simplifications leave.

    With the influence tables: what they do not hold of the stress, and their error.  Without: the residual part, the
    plane image that bending sees at the rim, and plane strain at the front of a crack long against the thickness, which
    lifts K by up to 1/sqrt(1 - nu^2).  Past the largest c/(c + ligament) of the tables the image counts again.  Always:
    a rim that the line meets off its normal.
    """
    if peak <= 0.0:
        return 0.0, 0.0
    line = problem.line
    if isinstance(profile, ThicknessProfile):
        middle = 0.5 * (line.outer + line.inner)
        near = line.rim.free and line.outer > 0.0 and (middle - line.outer) / middle > AXES["through"][1].largest
        share = bound + float(profile.error([top])[0]) + (_image(problem, top) if near else 0.0)
        return -share / peak, share / peak + line.askew_here
    share = (bound + _image(problem, top)) / peak
    return -share, share + 1.0 / math.sqrt(1.0 - problem.nu**2) - 1.0 + line.askew_here


def _image(problem: ThroughProblem, top: int) -> float:
    """What the plane image at the rim adds to K of bending [Pa m^0.5]."""
    line, here = problem.line, np.array([top])
    crack, to_points = problem.state(line.outer, line.inner)
    bending = problem.section.bending[here] @ to_points.T
    if line.outer == 0.0:  # as much as the tables add to a deep edge crack
        return EDGE_IMAGE * float(np.abs(bending @ crack.bending.k.T).max())
    given: dict[str, Any] = {"thickness": line.pane.thickness, "nu": problem.nu, "order": problem.order}
    sheet = line_crack(line.outer, line.inner, rim=Rim(free=False), **given)
    flat = problem.section.bending[here] @ interpolation(line.depth, sheet.depth).T
    return float(np.abs(bending @ crack.bending.k.T - flat @ sheet.bending.k.T).max())


def _numerical_error(problem: ThroughProblem, path: Walk, seed_k: Array, top: int) -> float:
    """Twice the unknowns, and half the samples of the line (fourth order: a fifteenth of that change), at the peak."""
    here, line = np.array([top]), problem.line
    fine = ThroughProblem(line, problem.section, problem.temperature, problem.nu, 2 * problem.order, problem.contact)
    scale = float(np.nanmax(seed_k[top]))
    if scale <= 0.0:
        return 0.0
    at_seed = problem.profile(line.outer, line.inner, here).front_max
    error = SAFETY * float(np.abs(fine.profile(line.outer, line.inner, here).front_max - at_seed).max()) / scale
    crack, to_points = problem.state(line.outer, line.inner)
    every_other = np.union1d(np.arange(0, len(line.depth), 2), [len(line.depth) - 1])
    coarse = np.zeros_like(to_points)
    coarse[:, every_other] = interpolation(line.depth[every_other], crack.depth)
    row = problem.section.membrane[top]
    change = np.abs(crack.membrane.k @ ((to_points - coarse) @ row)).max() / 15.0
    error += float(change) / scale
    if path.runs and path.split is None and line.rim.free:
        last = np.array([path.runs[-1].instant])
        grown = problem.profile(path.outer[-1], path.inner[-1], last).front_max
        check = fine.profile(path.outer[-1], path.inner[-1], last).front_max
        reference = float(grown[0, INNER])
        if reference > 0.0:
            error = max(error, SAFETY * abs(float(check[0, INNER]) - reference) / reference)
    return error


def _ending(path: Walk, seed_ratio: Array, time: Array, line: CrackLine) -> tuple[State, str, str]:
    if not path.runs:
        if np.nanmax(seed_ratio) <= 0.0:
            return "closed", "never_open", "The crack is shut over the whole history."
        if np.nanmax(seed_ratio) >= 1.0:
            return "growing", NOT_FOLLOWED[0], NOT_FOLLOWED[1].format(np.nanmax(seed_ratio))
        return "dormant", "below_toughness", f"K stays below K_Ic; the largest share is {np.nanmax(seed_ratio):.2f}."
    if path.split is not None:
        return "unstable", "crossed_pane", f"The crack crosses the pane at {time[path.split]:.1f} s."
    last = path.runs[-1].instant
    if (
        last >= len(time) - 2
        and np.nanmax(path.before[last]) >= 1.0
        and not (path.outer[-1] == 0.0 and not line.rim.free)
    ):
        return "growing", "history_ended", "The crack is still growing when the history ends."
    if path.reached_rim is not None:
        return (
            "at_edge",
            "reached_rim" if line.rim.free else "reached_rim_not_followed",
            f"The rim-side tip reaches the rim at {time[path.reached_rim]:.1f} s; the other tip rests"
            f" {path.inner[-1] * 1e3:.1f} mm below the rim.",
        )
    return (
        "arrested",
        "arrested_in_lower_stress",
        f"Growth ends at {time[last]:.1f} s with tips {path.outer[-1] * 1e3:.1f} mm and"
        f" {path.inner[-1] * 1e3:.1f} mm below the rim.",
    )


def _events(
    path: Walk, line: CrackLine, time: Array, first_time: float | None, first_tip: int | None, step: float
) -> tuple[Event, ...]:
    def at(depth: float) -> tuple[float, float]:
        x, y = line.position(depth)
        return float(x), float(y)

    events: list[Event] = []
    if first_time is not None and first_tip is not None:
        events.append(Event(first_time, "K reaches K_Ic", TIPS[first_tip], at((line.outer, line.inner)[first_tip])))
    for tip in (OUTER, INNER):
        for number, group in enumerate(_continuous(path, tip)):
            start, stop = group[0], group[-1]
            longest = max(abs(run.stop - run.start) for run in group)
            kind = f"jumps {longest * 1e3:.1f} mm at one instant" if longest > 2.5 * step else "stable growth"
            begin = "starts to grow" if not number else "grows again"
            detail = f"{abs(stop.stop - start.start) * 1e3:.2f} mm in all, {kind}"
            # the crossing lies between this instant and the one before
            when, _ = first_crossing(time[: start.instant + 1][-2:], path.before[: start.instant + 1][-2:, [tip]])
            events.append(
                Event(
                    when if when is not None else float(time[start.instant]), begin, TIPS[tip], at(start.start), detail
                )
            )
            end = {0.0: "reaches the rim", line.length: "crosses the pane"}.get(stop.stop, "arrests")
            events.append(
                Event(
                    float(time[stop.instant]), end, TIPS[tip], at(stop.stop), f"{stop.stop * 1e3:.2f} mm below the rim"
                )
            )
    return tuple(sorted(events, key=lambda event: event.time))


def _continuous(path: Walk, tip: int) -> list[list[Run]]:
    """Advances of one tip, gathered where K held near K_Ic in between."""
    groups: list[list[Run]] = []
    for run in (run for run in path.runs if run.tip == tip):
        between = slice(groups[-1][-1].instant + 1, run.instant + 1) if groups else slice(0, 0)
        held = path.before[between, tip]
        if groups and (held >= HOLD).all():
            groups[-1].append(run)
        else:
            groups.append([run])
    return groups


def _warnings(path: Walk, line: CrackLine, seed_ratio: Array, bound: Array, seed_k: Array) -> tuple[str, ...]:
    found = []
    peak = np.nanmax(seed_k)
    if peak > 0.0 and bound.max() > 0.25 * peak:
        found.append(
            "through-thickness stress that is neither stretching nor bending may add up to"
            f" {bound.max() * 1e-6:.3f} MPa*m**0.5 to a peak K of {peak * 1e-6:.3f}: the quick tier is coarse here"
        )
    if path.reached_rim is not None and not line.rim.free:
        found.append("the rim was reached along a line that is not square to it: growth was not followed further")
    if path.runs and path.inner[-1] - path.outer[-1] > WANDERS * line.pane.thickness:
        found.append(
            f"the path is kept straight; a run longer than about {WANDERS:g} thicknesses under tension along the crack"
            " turns or wanders: read the grown length as how much of the pane is cut, not as a place"
        )
    if path.inner[-1] - path.outer[-1] > 0.5 * line.length and path.split is None:
        found.append("the grown crack spans more than half the pane: the support's reaction to it is left out")
    return tuple(found)


def _assumptions(line: CrackLine, step: float) -> tuple[Assumption, ...]:
    texts = {
        "criterion": "largest K_I through the thickness against K_Ic(T) at the tip's mean temperature",
        "path": "straight along the crack line; no turning or branching; shear counts as tension of the same energy",
        "growth": f"quasi-static in steps of {step * 1e3:g} mm or 1 % of the crack, no overshoot by inertia",
        "slow_growth": "not included: slow growth below K_Ic",
        "contact": "skins touch in a line without friction; faces at full contact carry no K",
        "modulus": "one modulus over the pane (enters only the slit area)",
        "load": "fixed uncracked stress: supports do not react to the crack",
    }
    return tuple(Assumption(f"quick.{key}", text, SOURCE, "A") for key, text in texts.items()) + tuple(
        Assumption("quick.rim", text, SOURCE, "A") for text in line.assumptions
    )
