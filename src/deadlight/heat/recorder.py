"""Collects a run's temperatures, heat balance and extremes as the steps are taken."""

from __future__ import annotations

from typing import Any

import numpy as np

from deadlight.heat.history import HeatBalance
from deadlight.heat.system import HeatSystem, State
from deadlight.heat.tr_bdf2 import Step

Array = np.ndarray[Any, np.dtype[np.float64]]


class Recorder:
    """Keeps every step, or the wanted instants only (parabola through the stages of the step)."""

    def __init__(self, system: HeatSystem, first: State, begin: float, wanted: Array | None) -> None:
        self.system, self.wanted = system, wanted
        self.time: list[float] = []
        self.temperature: list[Array] = []
        self.ends = [begin]
        self.content: list[float] = []
        self.net: list[Array] = []
        self.prescribed: list[float] = []
        self.gross: list[float] = []
        self.lowest, self.highest = first.T.copy(), first.T.copy()
        if wanted is None or (len(wanted) and wanted[0] <= begin):
            self._keep(begin, first.T)

    def _keep(self, t: float, T: Array) -> None:
        self.time.append(t)
        self.temperature.append(T)

    def add(self, step: Step, end: float) -> None:
        """Take over an accepted step that ends at time `end` [s]."""
        np.minimum(self.lowest, step.end.T, out=self.lowest)
        np.maximum(self.highest, step.end.T, out=self.highest)
        change = step.end.content - step.begin.content
        fixed = self.system.fixed
        reaction = (change - step.total("rate"))[fixed] if fixed.any() else np.zeros(0)
        self.ends.append(end)
        self.content.append(float(change.sum()))
        self.net.append(step.total("net"))
        self.prescribed.append(float(reaction.sum()))
        self.gross.append(float(step.total("gross") + np.abs(reaction).sum()))
        if self.wanted is None:
            self._keep(end, step.end.T)
            return
        times = (step.begin.time, step.middle.time, end)
        for t in self.wanted[(self.wanted > self.ends[-2]) & (self.wanted <= end)]:
            T = np.zeros(self.system.n)
            for i, state in enumerate((step.begin, step.middle, step.end)):
                T += np.prod([(t - u) / (times[i] - u) for u in times if u != times[i]]) * state.T
            self._keep(float(t), T)

    def balance(self) -> HeatBalance:
        net = np.array(self.net).reshape(len(self.content), len(self.system.loads))
        loads: dict[str, Array] = {}
        for i, load in enumerate(self.system.loads):
            loads[load.name] = loads.get(load.name, 0.0) + net[:, i]
        return HeatBalance(
            np.array(self.ends), np.array(self.content), loads, np.array(self.prescribed), np.array(self.gross)
        )
