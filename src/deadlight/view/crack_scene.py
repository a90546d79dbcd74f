"""3D picture of a crack in its pane: its face coloured by how far it is open, the skin around it as glass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.view import render
from deadlight.view.scenes import SIZE, png

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]

OPENING_MAP = "viridis"
# crack extents of the piece of glass that is shown, to either side of the crack's middle: in its plane, across, lying
ALONG, ACROSS, LYING = 0.85, 0.5, 0.62
UPRIGHT = 0.7  # of the normal's part along the window's axis: below, the crack stands
FRONT, MOUTH, WORST = "#D55E00", "#111111", "#CC0000"


@dataclass(frozen=True, eq=False)
class CrackView:
    """A crack with the skin around it.

    Attributes
    ----------
    points : (n, 3) float [m]
    crack, skin : (t, 3) int64
        Triangles of the crack and of the pane's skin.
    opening : (n,) float [m]
        Distance of the faces at the points of the crack.
    fronts, mouths : sequence of (k, 3) float [m]
        Polylines.
    normal : (3,) float
        Mean normal of the crack.
    worst : (3,) float [m]
        Where K is nearest to K_Ic.
    names : sequence of str
        Of the fronts; written beside them where there are several.
    """

    points: Array
    crack: Index
    skin: Index
    opening: Array
    fronts: Sequence[Array]
    mouths: Sequence[Array]
    normal: Array
    worst: Array
    names: Sequence[str] = ()


def opening(view: CrackView, *, title: str = "") -> bytes:
    """The crack coloured by its opening, as PNG; RenderUnavailable without GL."""
    pv = render.pyvista()
    plotter = pv.Plotter(off_screen=True, window_size=SIZE)
    try:
        plotter.set_background("white")
        used = view.points[np.unique(view.crack)]
        middle = 0.5 * (used.min(axis=0) + used.max(axis=0))
        extent = float(np.linalg.norm(np.ptp(used, axis=0)))
        _glass(plotter, view, middle, extent)
        surface = _surface(view.points, view.crack)
        surface.point_data["opening [µm]"] = 1e6 * view.opening
        bar = {
            "title": "opening [µm]\n", "vertical": True, "position_x": 0.90, "position_y": 0.15, "height": 0.7,
            "width": 0.05, "color": "black", "title_font_size": 24, "label_font_size": 22, "fmt": "%.3g", "n_labels": 6,
        }  # fmt: skip
        top = max(1e6 * float(view.opening[np.unique(view.crack)].max()), 1e-9)
        plotter.add_mesh(
            surface, scalars="opening [µm]", cmap=OPENING_MAP, clim=(0.0, top), scalar_bar_args=bar, lighting=False
        )
        for lines, colour, width in ((view.mouths, MOUTH, 4), (view.fronts, FRONT, 6)):
            for line in lines:
                plotter.add_mesh(pv.lines_from_points(line), color=colour, line_width=width)
        if len(view.fronts) > 1 and view.names:
            plotter.add_point_labels(
                np.array([line[len(line) // 2] for line in view.fronts]), list(view.names), font_size=26,
                shape_color="white", shape_opacity=0.8, text_color="black", show_points=False, always_visible=True,
            )  # fmt: skip
        plotter.add_mesh(pv.Sphere(radius=0.018 * extent, center=view.worst), color=WORST, ambient=0.5)
        if title:
            plotter.add_text(title, position=(20, SIZE[1] - 50), font_size=13, color="black")
        _camera(plotter, view, middle, extent)
        image = plotter.screenshot(return_img=True)
    finally:
        plotter.close()
    return png(image)


def _surface(points: Array, triangles: Index) -> Any:
    pv = render.pyvista()
    return pv.PolyData(points, np.column_stack([np.full(len(triangles), 3), triangles]).ravel())


def _glass(plotter: Any, view: CrackView, middle: Array, extent: float) -> None:
    """The skin near the crack, faint, with the edges of its faces."""
    if not len(view.skin):
        return
    n, side, up = _axes(view)
    glass = _surface(view.points, view.skin).clean()
    in_plane, off = (ALONG, ACROSS) if abs(n[2]) < UPRIGHT else (LYING, ALONG)
    cuts = [(side, in_plane), (up, in_plane), (n, off)]
    for axis, share in cuts:
        for way in (1.0, -1.0):
            if glass.n_cells:
                glass = glass.clip(normal=tuple(way * axis), origin=tuple(middle + way * share * extent * axis))
    if not glass.n_cells:
        return
    glass = glass.extract_surface(algorithm="dataset_surface")
    plotter.add_mesh(glass, color="#8FB8DE", opacity=0.25, lighting=False)
    edges = glass.extract_feature_edges(
        feature_angle=30, boundary_edges=True, manifold_edges=False, non_manifold_edges=False
    )
    if edges.n_cells:
        plotter.add_mesh(edges, color="#444444", line_width=1.5)


def _axes(view: CrackView) -> tuple[Array, Array, Array]:
    """Normal of the crack, horizontal direction beside it, and the one across both, upwards."""
    n = view.normal / np.linalg.norm(view.normal)
    side = np.cross([0.0, 0.0, 1.0], n) if abs(n[2]) < UPRIGHT else np.cross([0.0, 1.0, 0.0], n)
    side /= np.linalg.norm(side)
    return n, side, np.cross(n, side)


def _camera(plotter: Any, view: CrackView, middle: Array, extent: float) -> None:
    """From the crack's + side, a little from beside and, for an upright crack, a little from space."""
    n, side, up = _axes(view)
    direction = n + 0.5 * side + 0.45 * up
    plotter.camera.focal_point = tuple(middle + 0.1 * extent * side)
    plotter.camera.position = tuple(middle + 3.2 * extent * direction / np.linalg.norm(direction))
    plotter.camera.up = tuple(up)
    plotter.camera.view_angle = 30
    plotter.reset_camera_clipping_range()
