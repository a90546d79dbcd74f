"""Loss of the outermost pane for the report: the next one by the instant of the loss, and its worst history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deadlight.chain.loss_sweep import LossPoint, LossSweep
from deadlight.view.report import Picture, Table
from deadlight.view.style import BLUE, GREEN, GREY, ORANGE, RED, figure, svg

if TYPE_CHECKING:
    from deadlight.chain.result import RunResult

SECTION = "If the cracked pane is lost"
COLOURS = {"survives": GREEN, "temper lost": ORANGE, "breaks": RED, "not shown": GREY}


def loss_pictures(result: RunResult) -> list[Picture]:
    """The next pane by the instant of the loss, and its history after the worst; none where none was followed."""
    sweep = result.sweep
    return [] if sweep is None else [_by_instant(sweep), _worst(sweep)]


def loss_tables(result: RunResult) -> list[Table]:
    """Every loss time with what becomes of the next pane."""
    through = _through_openings(result)
    sweep = result.sweep
    if sweep is None:
        return through
    rows = [
        [f"{p.time:.0f}", p.state, f"{p.peak_temperature:.0f}", "" if p.ratio is None else f"{p.ratio:.2f}", p.by]
        for p in sweep.points
    ]
    head = ["lost at [s]", f"{sweep.exposed}", "its peak [K]", "K/K_Ic of its flaw", "solved by"]
    return [Table(f"{sweep.pane} lost: {sweep.exposed} by the instant", head, rows), *through]


def _through_openings(result: RunResult) -> list[Table]:
    """Openings of lost pieces and what becomes of the pane that decides behind them."""
    if not result.lost:
        return []
    rows = []
    for each in result.lost:
        loss, hole = each.loss, each.loss.opening
        pane = loss.judged
        rows.append([
            each.what, "whole" if hole is None else f"{2e3 * hole.radius:.3g}",
            "" if hole is None else f"{1e3 * hole.x:.1f}, {1e3 * hole.y:.1f}", pane.name, pane.state,
            f"{pane.peak_temperature:.0f}", "" if pane.flaw is None else f"{pane.flaw.ratio_max:.2f}",
            "" if loss.cabin_lost_at is None else f"{loss.cabin_lost_at:.0f}",
        ])  # fmt: skip
    head = [
        "lost", "opening [mm]", "at [mm]", "pane that decides", "it", "its peak [K]", "K/K_Ic of its flaw",
        "cabin lost at [s]",
    ]  # fmt: skip
    return [Table("A piece is lost", head, rows)]


def _by_instant(sweep: LossSweep) -> Picture:
    made, (upper, lower) = figure(2, height=4.6)
    for panel, value, name in ((upper, _peak, "peak [K]"), (lower, _ratio, "K/K_Ic of its flaw")):
        for state, colour in COLOURS.items():
            for by, marker in (("window", "o"), ("column", ".")):
                chosen = [p for p in sweep.points if p.state == state and p.by == by]
                if chosen:
                    label = f"{state} ({by})"
                    panel.plot([p.time for p in chosen], [value(p) for p in chosen], marker, color=colour, label=label)
        panel.set_ylabel(name, fontsize=9)
    limit = sweep.worst.exposed.limit
    if limit is not None:
        upper.axhline(limit, color=GREY, linewidth=0.9, linestyle="--")
        upper.text(sweep.points[-1].time, limit, "strain point less margin", fontsize=8, ha="right", va="bottom")
    lower.axhline(1.0, color=GREY, linewidth=0.9, linestyle="--")
    if sweep.safe_from is not None and sweep.fails_until is not None:
        for panel in (upper, lower):
            panel.axvspan(sweep.fails_until, sweep.safe_from, color=GREY, alpha=0.15, linewidth=0)
    lower.set_xlabel(f"{sweep.pane} lost at, time from entry interface [s]", fontsize=9)
    upper.legend(fontsize=8, frameon=False, ncols=2)
    title = f"{sweep.exposed} by the instant at which {sweep.pane} is lost"
    upper.set_title(title, fontsize=10, loc="left")
    return Picture(title, svg(made), f"{sweep.sentence[:1].upper()}{sweep.sentence[1:]}.", SECTION)


def _peak(point: LossPoint) -> float:
    return point.peak_temperature


def _ratio(point: LossPoint) -> float:
    return np.nan if point.ratio is None else point.ratio


def _worst(sweep: LossSweep) -> Picture:
    loss = sweep.worst
    made, (upper, lower) = figure(2, height=4.6)
    here: list[tuple[str, float]] = []
    chain, colours = loss, iter((BLUE, ORANGE, GREEN, RED))
    while chain is not None:
        pane, colour = chain.exposed, next(colours, GREY)
        upper.plot(pane.time, pane.hottest, color=colour, label=f"{pane.name}, hottest")
        upper.plot(pane.time, pane.coldest, color=colour, linestyle=":", linewidth=1.0)
        if pane.flaw is not None:
            lower.plot(pane.time, pane.flaw.ratio, color=colour, label=pane.name)
        if pane.fails_at is not None:
            here.append((pane.name, pane.fails_at))
        chain = chain.then  # type: ignore[assignment]
    for name, time in here:
        for panel in (upper, lower):
            panel.axvline(time, color=RED, linewidth=0.9)
        lower.text(time, lower.get_ylim()[1], f" {name} fails", fontsize=8, va="top", color=RED)
    lower.axhline(1.0, color=GREY, linewidth=0.9, linestyle="--")
    upper.set_ylabel("temperature [K]", fontsize=9)
    lower.set_ylabel("K/K_Ic of its flaw", fontsize=9)
    lower.set_xlabel("time from entry interface [s]", fontsize=9)
    upper.legend(fontsize=8, frameon=False)
    title = f"Panes behind {sweep.pane}, lost at its worst instant, {loss.time:.0f} s"
    upper.set_title(title, fontsize=10, loc="left")
    caption = "Hottest (full) and coldest (dotted) place; a pane that fails is taken out and the next one is exposed."
    return Picture(title, svg(made), caption, SECTION)
