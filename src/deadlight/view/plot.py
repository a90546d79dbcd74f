"""`view.plot...`: every 3D picture of a window by one short call; in a notebook the picture shows itself."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from deadlight.errors import InputError
from deadlight.store import atomic
from deadlight.view import render
from deadlight.view import window_scenes as scene
from deadlight.view.shown import OPENING, RATIO, CrackPart, Rib, WindowView

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Drawn:
    """A picture.

    Attributes
    ----------
    data : bytes
        PNG.
    caption : str
    """

    data: bytes
    caption: str

    def save(self, path: str | Path) -> Path:
        """Writes the PNG whole or not at all."""
        atomic.write_bytes(path, self.data)
        return Path(path)

    def _repr_png_(self) -> bytes:
        return self.data

    def __repr__(self) -> str:
        return f"Drawn({self.caption!r}, {len(self.data)} bytes)"


@dataclass(frozen=True, eq=False)
class Plots:
    """Pictures of one window; RenderUnavailable without GL.

    `time` [s] is on the run's clock, by default when K is nearest to K_Ic; fields between stored instants are
    interpolated.  `size` is in pixels.
    """

    view: WindowView
    size: tuple[int, int] = scene.SIZE

    @functools.cached_property
    def _cut(self) -> scene.CutWindow:
        return scene.CutWindow(self.view)

    @functools.cached_property
    def _whole(self) -> scene.CutWindow:
        return scene.CutWindow(self.view, whole=True)

    def window(self, field: str = "temperature", *, time: float | None = None, cut: bool = True) -> Drawn:
        """Panes, rim and retainer, a quarter cut away beside the crack; `field` "temperature" or "stress"."""
        name = scene.field_name(self.view, field)
        with scene.stage(self.size) as plotter:
            (self._cut if cut else self._whole).draw(plotter, name, time)
            scene.draw_cracks(plotter, self.view, time=time)
            scene.title(plotter, f"{scene.NAMES[name].split(' [')[0]}, {scene.told(self.view, time)}")
            scene.camera(plotter, self.view)
            return Drawn(scene.shot(plotter), f"{name} at {scene.told(self.view, time)}")

    def exploded(self, field: str = "temperature", *, time: float | None = None) -> Drawn:
        """The stack pulled apart along its axis."""
        name = scene.field_name(self.view, field)
        with scene.stage(self.size) as plotter:
            self._whole.draw(plotter, name, time, offsets=True)
            scene.draw_cracks(plotter, self.view, time=time, offsets=True)
            scene.title(
                plotter, f"{scene.NAMES[name].split(' [')[0]}, stack pulled apart, {scene.told(self.view, time)}"
            )
            scene.camera(plotter, self.view, near=1.5, tilt=0.5)
            return Drawn(scene.shot(plotter), f"{name}, stack pulled apart")

    def crack(self, colour: str = "opening", *, name: str | None = None, time: float | None = None) -> Drawn:
        """The face of a crack in clear glass; `colour` "opening", "K" (K/K_Ic) or "time" (when a front was there)."""
        part = self._crack(name)
        surface, values, key, caption = self._coloured(part, colour, time)
        _, size = scene.extent(self.view)
        with scene.stage(self.size) as plotter:
            self._glass(plotter, {part.level})
            surface.point_data[key] = values
            low, high = float(values.min()), float(values.max())
            plotter.add_mesh(
                surface, scalars=key, lighting=False, scalar_bar_args=scene.bar(key), **scene.colours(key, low, high)
            )  # fmt: skip
            if key == scene.TIME:  # as found, between the fronts it began with
                plotter.add_mesh(scene.surface_of(part), color=scene.AS_FOUND, lighting=False)
            for front in self.view.fronts:
                if front.crack == part.name and len(front.points) > 1:
                    self._tube(plotter, front.points, 0.25 * 0.0022 * size, scene.FRONT)
            scene.title(plotter, f"{part.name}: {caption}")
            points = np.asarray(surface.points)
            reach = float(np.linalg.norm(np.ptp(points, axis=0)))
            near = float(np.clip(2.6 * reach / size, 0.02, 1.0))
            scene.camera(plotter, self.view, near=near, tilt=0.35, at=points.mean(axis=0))
            return Drawn(scene.shot(plotter), f"{part.name}: {caption}")

    def growth(self) -> Drawn:
        """Fronts one after the other as ribs, coloured by time; dashed where they are only indicative."""
        ribs = self._ribs()
        _, size = scene.extent(self.view)
        low, high = min(r.time for r in ribs), max(r.time for r in ribs)
        points = np.concatenate([r.points for r in ribs])
        reach = float(np.linalg.norm(np.ptp(points, axis=0)))
        radius = min(0.0016 * size, 0.012 * reach)
        with scene.stage(self.size) as plotter:
            self._glass(plotter, {r.level for r in ribs})
            look = scene.colours(scene.TIME, low, high)
            for number, rib in enumerate(ribs):
                for stretch in dashes(rib.points, min(0.008 * size, 0.05 * reach)) if rib.indicative else [rib.points]:
                    line = render.pyvista().lines_from_points(stretch).tube(radius=radius)
                    line.point_data[scene.TIME] = np.full(line.n_points, rib.time)
                    plotter.add_mesh(
                        line, scalars=scene.TIME, lighting=False, show_scalar_bar=number == 0,
                        scalar_bar_args=scene.bar(scene.TIME), **look,
                    )  # fmt: skip
            dashed = any(r.indicative for r in ribs)
            scene.title(
                plotter, "fronts of the growth" + ("; dashed: after an instability, indicative" if dashed else "")
            )
            points = np.concatenate([r.points for r in ribs])
            reach = float(np.linalg.norm(np.ptp(points, axis=0)))
            middle = (points.min(axis=0) + points.max(axis=0)) / 2
            scene.camera(plotter, self.view, near=float(np.clip(1.5 * reach / size, 0.05, 1.0)), tilt=0.6, at=middle)
            return Drawn(scene.shot(plotter), f"{len(ribs)} fronts")

    def pieces(self, *, far: float = 0.35) -> Drawn:
        """Pieces that cracks cut off, a little apart; those that leave on their way, `far` window sizes out."""
        pieces = self.view.pieces
        if not pieces:
            raise InputError("no pieces: no crack cuts anything off", place=self.view.title)
        pv = render.pyvista()
        _, size = scene.extent(self.view)
        levels = {p.level for p in pieces}
        middle = np.mean([p.corners.mean(axis=(0, 1)) for p in pieces], axis=0)
        with scene.stage(self.size) as plotter:
            self._glass(plotter, {p.level for p in self.view.panes} - levels)
            for piece in pieces:
                away = piece.corners.mean(axis=(0, 1)) - middle
                apart = 0.02 * size * away / max(float(np.linalg.norm(away)), 1e-12)  # so that the cut is seen
                move = far * size * piece.way if piece.state == "leaves" else apart
                for chosen, colour in ((~piece.cut, "#9ec5e3"), (piece.cut, scene.CUT)):
                    corners = piece.corners[chosen] + move
                    if not len(corners):
                        continue
                    faces = np.column_stack([np.full(len(corners), 3), np.arange(3 * len(corners)).reshape(-1, 3)])
                    plotter.add_mesh(
                        pv.PolyData(corners.reshape(-1, 3), faces.ravel()), color=colour, ambient=0.4, diffuse=0.6
                    )
            states = ", ".join(f"{p.name}: {1e3 * p.mass:.3g} g {p.state or 'not judged'}" for p in pieces[:4])
            scene.title(plotter, states + (" ..." if len(pieces) > 4 else ""))
            scene.camera(plotter, self.view, near=1.25)
            return Drawn(scene.shot(plotter), states)

    def _glass(self, plotter: Any, levels: set[int]) -> None:
        """Some panes as clear glass, nothing else."""
        hidden = [p.name for p in self.view.solids if p.kind == "retainer" or p.level not in levels]
        self._whole.draw(plotter, self.view.field_names[0], glass=True, legend=False, hidden=hidden)

    def _tube(self, plotter: Any, points: Array, radius: float, colour: str) -> None:
        plotter.add_mesh(render.pyvista().lines_from_points(points).tube(radius=radius), color=colour, lighting=False)

    def _crack(self, name: str | None) -> CrackPart:
        solved = [part for part in self.view.cracks if len(part.triangles)]
        found = [part for part in solved if name in (None, part.name)]
        if not found:
            remedy = ", ".join(part.name for part in solved) or 'tier = "full" in [growth] solves a crack in 3D'
            raise InputError(f"no crack face {name or ''}".strip(), place=self.view.title, remedy=remedy)
        return found[0]

    def _ribs(self) -> tuple[Rib, ...]:
        if not self.view.ribs:
            raise InputError("no growth was followed", place=self.view.title, remedy="[growth] law in the case")
        return self.view.ribs

    def _coloured(self, part: CrackPart, colour: str, time: float | None) -> tuple[Any, Array, str, str]:
        """Surface, values, name with unit, and what is told."""
        if colour == "opening":
            i = self.view.nearest(time)
            told = f"opening, {self.view.times[i]:.0f} s after {self.view.since}"
            return scene.surface_of(part), part.fields[OPENING][i], OPENING, told
        if colour not in ("K", "time"):
            raise InputError(f'no colour "{colour}" of a crack', place="plot.crack", remedy="opening, K, time")
        ribs = [r for r in self.view.ribs if r.level == part.level]
        if len({r.step for r in ribs}) < 2:  # as found: K of its own fronts, carried inwards from the nearest
            if colour == "time":
                self._ribs()
            fronts = [f for f in self.view.fronts if f.crack == part.name]
            moment = self.view.governing_time if time is None else time
            points = np.concatenate([f.points for f in fronts])
            ratio = np.concatenate([f.ratio[int(np.abs(f.time - moment).argmin())] for f in fronts])
            _, nearest = cKDTree(points).query(part.points)
            told = f"K/K_Ic of the nearest point of its front, {moment:.0f} s"
            return scene.surface_of(part), ratio[nearest], RATIO, told
        swept, values = ribbon(ribs, colour)
        key, told = (
            (scene.TIME, "when its front was there") if colour == "time" else (RATIO, "K/K_Ic when its front was there")
        )
        return swept, values, key, told


def dashes(line: Array, length: float) -> list[Array]:
    """Every other stretch of a polyline (n, 3), each about `length` long."""
    step = np.linalg.norm(np.diff(line, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(step)])
    count = max(3, 2 * int(arc[-1] / (2 * length)) + 1)
    ends = np.linspace(0.0, arc[-1], count + 1)
    found = []
    for i in range(0, count, 2):
        at = np.unique(np.concatenate([[ends[i]], arc[(arc > ends[i]) & (arc < ends[i + 1])], [ends[i + 1]]]))
        found.append(np.column_stack([np.interp(at, arc, line[:, k]) for k in range(3)]))
    return found


def ribbon(ribs: list[Rib], colour: str, points: int = 25) -> tuple[Any, Array]:
    """The surface between fronts that follow each other, and what it is coloured by: "time" [s] or "K" (K/K_Ic).

    Fronts are joined to the nearest one of the geometry before.
    """
    corners: list[Array] = []
    values: list[Array] = []
    faces = []
    steps: dict[int, list[Rib]] = {}
    for rib in ribs:
        steps.setdefault(rib.step, []).append(rib)
    order = sorted(steps)
    for before, after in itertools.pairwise(order):
        for rib in steps[after]:
            here = rib.points.mean(axis=0)
            old = min(steps[before], key=lambda r: float(np.linalg.norm(r.points.mean(axis=0) - here)))
            a, va = _even(old, colour, points)
            b, vb = _even(rib, colour, points)
            if np.linalg.norm(a - b) > np.linalg.norm(a[::-1] - b):
                a, va = a[::-1], va[::-1]
            start = sum(len(x) for x in corners)
            corners += [a, b]
            values += [va, vb]
            i = start + np.arange(points - 1)
            faces.append(np.column_stack([np.full(points - 1, 4), i, i + 1, i + points + 1, i + points]))
    pv = render.pyvista()
    return pv.PolyData(np.concatenate(corners), np.concatenate(faces).ravel()), np.concatenate(values)


def _even(rib: Rib, colour: str, count: int) -> tuple[Array, Array]:
    """Points of a front at even distances, and their values."""
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(rib.points, axis=0), axis=1))])
    at = np.linspace(0.0, arc[-1], count)
    given = np.full(len(arc), rib.time) if colour == "time" else rib.ratio
    return np.column_stack([np.interp(at, arc, rib.points[:, k]) for k in range(3)]), np.interp(at, arc, given)
