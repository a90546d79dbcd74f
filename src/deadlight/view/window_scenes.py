"""3D pictures of a `WindowView`: cut open, the crack's face, ribs of growth, pieces leaving, the stack pulled apart.

One camera, one light, a bar with a unit for every colour; maps are even in lightness and fit for colour-blind readers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.view import render
from deadlight.view.grid import linear_fields
from deadlight.view.packed import MAPS, NAMES
from deadlight.view.scenes import png
from deadlight.view.shown import OPENING, RATIO, STRESS, TEMPERATURE, CrackPart, SolidPart, WindowView

Array = np.ndarray[Any, np.dtype[np.float64]]

SIZE = (1500, 1000)
GLASS, METAL, CUT, INK, FRONT, AS_FOUND = "#bcd7ec", "#9a9ea3", "#E69F00", "#222222", "#D55E00", "#8c7fa0"
TIME = "time [s]"
SHORT = {STRESS: "stress [MPa]", RATIO: "K/K_Ic [-]"}  # in a bar's title there is little room
FIELDS = {"temperature": TEMPERATURE, "stress": STRESS, "opening": OPENING}
_TUBE = 0.0022  # of the window's size: radius of fronts and ribs
_PROUD = 4e-4  # of the window's size: how far the cut stays behind the crack


@contextlib.contextmanager
def stage(size: tuple[int, int] = SIZE) -> Iterator[Any]:
    """A white off-screen plotter that is closed whatever happens; RenderUnavailable without GL."""
    plotter = render.pyvista().Plotter(off_screen=True, window_size=size)
    try:
        plotter.set_background("white")
        yield plotter
    finally:
        plotter.close()
        plotter.deep_clean()


def shot(plotter: Any) -> bytes:
    """What the plotter shows, as PNG."""
    return png(plotter.screenshot(return_img=True))


def field_name(view: WindowView, wanted: str) -> str:
    """A field by its full or short name ("stress").

    Raises
    ------
    InputError
        The view has no such field.
    """
    name = FIELDS.get(wanted, wanted)
    if name not in view.field_names:
        raise InputError(f'no field "{wanted}"', place=view.title, remedy=", ".join(view.field_names))
    return name


def bar(name: str, *, left: bool = False, small: bool = False) -> dict[str, Any]:
    """A colour bar at one side of the picture."""
    place = 0.03 if left else 0.87 if small else 0.90
    return {
        "title": f"{SHORT.get(name, NAMES.get(name, name))}\n", "vertical": True, "position_x": place,
        "position_y": 0.15, "height": 0.66, "width": 0.05, "color": "black", "fmt": "%.4g", "n_labels": 6,
        "title_font_size": 15 if small else 22, "label_font_size": 14 if small else 20,
    }  # fmt: skip


def colours(name: str, low: float, high: float) -> dict[str, Any]:
    """Map and range for `add_mesh`: the range is that of the data; white is zero stress."""
    if not high > low:
        high = low + 1.0
    if name != STRESS:
        return {"cmap": MAPS.get(name, "viridis"), "clim": (low, high)}
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    most = max(abs(low), abs(high))
    share = np.linspace(0.5 + 0.5 * low / most, 0.5 + 0.5 * high / most, 256)
    return {"cmap": ListedColormap(colormaps[MAPS[STRESS]](share)), "clim": (low, high)}


def extent(view: WindowView) -> tuple[Array, float]:
    """Middle and diagonal of the window."""
    every = np.concatenate([part.mesh.points for part in view.solids])
    low, high = every.min(axis=0), every.max(axis=0)
    return (low + high) / 2, float(np.linalg.norm(high - low))


def azimuth(view: WindowView) -> float:
    """Direction of the crack seen from the window's axis [rad]."""
    return float(np.arctan2(view.middle[1], view.middle[0]))


def camera(plotter: Any, view: WindowView, *, near: float = 1.0, tilt: float = 0.75, at: Array | None = None) -> None:
    """From space, tilted, looking into the cut; the same for every picture of a window."""
    middle, size = extent(view)
    heading = azimuth(view) - np.radians(62)
    direction = np.array([np.cos(heading) * np.cos(tilt), np.sin(heading) * np.cos(tilt), np.sin(tilt)])
    focus = middle if at is None else at
    plotter.camera.focal_point = tuple(focus)
    plotter.camera.position = tuple(focus + 1.45 * near * size * direction)
    plotter.camera.up = (0.0, 0.0, 1.0)
    plotter.camera.view_angle = 30
    plotter.reset_camera_clipping_range()


class CutWindow:
    """The solids with a quarter cut away, all instants of some fields on them: made once, drawn often.

    Parameters
    ----------
    fields : names, optional
        All by default.
    whole : bool
        Leave the quarter in.
    """

    def __init__(self, view: WindowView, *, fields: Sequence[str] | None = None, whole: bool = False) -> None:
        self.view = view
        self.parts: list[tuple[SolidPart, Any, Any]] = []
        wanted = view.field_names if fields is None else fields
        _, size = extent(view)
        angle = azimuth(view)
        side = np.array([np.sin(angle), -np.cos(angle), 0.0])  # out of the crack's plane, towards the camera
        along = np.array([np.cos(angle), np.sin(angle), 0.0])
        for part in view.solids:
            chosen = {name: values for name, values in part.fields.items() if name in wanted}
            steps = {f"{name}#{i}": value for name, values in chosen.items() for i, value in enumerate(values)}
            grid = linear_fields(part.mesh, steps)
            edges = grid.extract_surface(algorithm="dataset_surface").extract_feature_edges(
                feature_angle=40, boundary_edges=False, manifold_edges=False, non_manifold_edges=False
            )
            if not whole:
                grid, edges = (_quarter(each, side, along, _PROUD * size) for each in (grid, edges))
            self.parts.append((part, grid.extract_surface(algorithm="dataset_surface"), edges))

    def draw(
        self, plotter: Any, name: str, time: float | None = None, *, range_of: str = "instant", offsets: bool = False,
        legend: bool = True, glass: bool = False, hidden: Sequence[str] = (), small: bool = False,
    ) -> list[tuple[SolidPart, Any]]:  # fmt: skip
        """Adds the window to a plotter.

        Parameters
        ----------
        range_of : "instant" or "history"
            What the bar's range is taken from.
        offsets : bool
            Pull the stack apart.
        glass : bool
            Panes as plain glass.
        small : bool
            Letters for a small picture.

        Returns
        -------
        list of (part, surface)
            Those that are coloured, for `show`.
        """
        coloured = []
        low_step, high_step, share = self.between(time)
        low, high = self.range(name, time, range_of)
        look = colours(name, low, high)
        for part, surface, edges in self.parts:
            if part.name in hidden:
                continue
            move = offset(self.view, part.level) if offsets else np.zeros(3)
            shown = surface.copy()
            shown.points = shown.points + move
            if name in part.fields and not glass:
                a, b = (np.asarray(shown.point_data[f"{name}#{i}"]) for i in (low_step, high_step))
                shown.point_data[name] = (1.0 - share) * a + share * b
                coloured.append((part, shown))
                shown.set_active_scalars(name)
                plotter.add_mesh(
                    shown, scalars=name, show_scalar_bar=legend, scalar_bar_args=bar(name, small=small), ambient=0.4,
                    diffuse=0.6, smooth_shading=False, **look,
                )  # fmt: skip
            else:
                colour = METAL if part.kind == "retainer" else GLASS
                clear = glass and part.kind == "pane"
                plotter.add_mesh(
                    shown, color=colour, opacity=0.25 if clear else 1.0, ambient=0.4, diffuse=0.6, lighting=not clear
                )
            if edges.n_cells:
                drawn = edges.copy()
                drawn.points = drawn.points + move
                plotter.add_mesh(drawn, color="black", line_width=1.0, opacity=0.5)
        return coloured

    def show(self, coloured: Sequence[tuple[SolidPart, Any]], name: str, time: float) -> None:
        """Another time on surfaces that are drawn."""
        a, b, share = self.between(time)
        for _, shown in coloured:
            early, late = (np.asarray(shown.point_data[f"{name}#{i}"]) for i in (a, b))
            shown.point_data[name][:] = (1.0 - share) * early + share * late

    def between(self, time: float | None) -> tuple[int, int, float]:
        """Instants on both sides of a time and the share of the later one; the governing instant without a time."""
        times = self.view.times
        if time is None:
            i = self.view.nearest()
            return i, i, 0.0
        i = int(np.clip(np.searchsorted(times, time, side="right") - 1, 0, max(len(times) - 2, 0)))
        if len(times) < 2:
            return 0, 0, 0.0
        return i, i + 1, float(np.clip((time - times[i]) / (times[i + 1] - times[i]), 0.0, 1.0))

    def range(self, name: str, time: float | None, of: str) -> tuple[float, float]:
        """Extremes of a field over the panes and retainers, at one instant or over the history."""
        a, b, share = self.between(time)
        found = []
        for part in self.view.solids:
            if name in part.fields:
                f = part.fields[name]
                found.append(f if of == "history" else (1.0 - share) * f[a] + share * f[b])
        return min(float(f.min()) for f in found), max(float(f.max()) for f in found)


def _quarter(data: Any, side: Array, along: Array, proud: float) -> Any:
    """What is left when the quarter beside the crack's plane is cut away."""
    pv = render.pyvista()
    behind = data.clip(normal=tuple(side), origin=tuple(-proud * side))
    beside = data.clip(normal=tuple(-side), origin=tuple(-proud * side)).clip(normal=tuple(along), origin=(0, 0, 0))
    return pv.merge([p for p in (behind, beside) if p.n_cells], merge_points=False)


def offset(view: WindowView, level: int) -> Array:
    """How far a pane is moved when the stack is pulled apart. (3,) [m]."""
    _, size = extent(view)
    levels = max(part.level for part in view.solids)
    return np.array([0.0, 0.0, (levels / 2 - level) * 0.36 * size])


def surface_of(part: CrackPart) -> Any:
    """The crack's triangles."""
    pv = render.pyvista()
    return pv.PolyData(part.points, np.column_stack([np.full(len(part.triangles), 3), part.triangles]).ravel())


def draw_cracks(
    plotter: Any, view: WindowView, *, colour: str = OPENING, time: float | None = None, offsets: bool = False,
    legend: bool = True, left: bool = True, range_of: str = "instant",
) -> None:  # fmt: skip
    """Crack faces coloured by a field, fronts, and lines of cracks that only the quick tier knows."""
    pv = render.pyvista()
    _, size = extent(view)
    i = view.nearest(time)
    for part in view.cracks:
        move = offset(view, part.level) if offsets else np.zeros(3)
        if len(part.line) > 1:
            line = pv.lines_from_points(part.line + move + [0.0, 0.0, _PROUD * size])
            plotter.add_mesh(line.tube(radius=_TUBE * size), color=INK, ambient=0.5)
        if not len(part.triangles):
            continue
        surface = surface_of(part)
        surface.points = surface.points + move
        if colour in part.fields:
            values = part.fields[colour][i]
            surface.point_data[colour] = values
            every = part.fields[colour] if range_of == "history" else values
            plotter.add_mesh(
                surface, scalars=colour, show_scalar_bar=legend, scalar_bar_args=bar(colour, left=left),
                lighting=False, **colours(colour, float(every.min()), float(every.max())),
            )  # fmt: skip
        else:
            plotter.add_mesh(surface, color=AS_FOUND, lighting=False)
    for front in view.fronts:
        if len(front.points) < 2:  # a point of the quick tier
            continue
        move = offset(view, front.level) if offsets else np.zeros(3)
        line = pv.lines_from_points(front.points + move)
        plotter.add_mesh(line.tube(radius=0.5 * _TUBE * size), color=FRONT, lighting=False)


def told(view: WindowView, time: float | None) -> str:
    """When a picture is taken."""
    moment = float(view.times[view.nearest()]) if time is None else time
    return f"{moment:.0f} s after {view.since}"


def title(plotter: Any, text: str) -> None:
    """A line at the top."""
    width, height = plotter.window_size
    plotter.add_text(text, position=(20, height - 50), font_size=max(8, round(13 * width / SIZE[0])), color="black")
