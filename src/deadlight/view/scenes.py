"""3D pictures of a window: cut open, coloured by a field, with the crack.  Every function returns PNG bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.mesh.mesh import Mesh
from deadlight.view import render
from deadlight.view.grid import linear_grid

Array = np.ndarray[Any, np.dtype[np.float64]]
SIZE = (1500, 1000)
SEED, GROWN = "#111111", "#D55E00"
# perceptually uniform; diverging about zero stress where compression matters; from zero up where there is only tension
TEMPERATURE_MAP, STRESS_MAP, TENSION_MAP = "inferno", "RdBu_r", "YlOrRd"


@dataclass(frozen=True, eq=False)
class CrackMark:
    """A crack to draw: a straight strip through the thickness, or a semi-ellipse on a face.

    Attributes
    ----------
    start, end : (3,) float [m]
        Ends of the seed, on the pane's outer face.
    grown_start, grown_end : (3,) float [m] or None
        Ends after growth.
    depth : float [m]
        How far the crack reaches along -z from those points (+z where negative).
    path : (k, 3) float [m] or None
        The seed's line where it is not straight.
    """

    start: Array
    end: Array
    depth: float
    grown_start: Array | None = None
    grown_end: Array | None = None
    path: Array | None = None


def temperature(
    mesh: Mesh, values: Array, *, cracks: Sequence[CrackMark] = (), title: str = "", azimuth: float = 0.0
) -> bytes:
    """The whole stack with the wedge around `azimuth` [rad] cut away, coloured by temperature (n_nodes,) [K]."""
    return _cut_open(
        mesh,
        "temperature [K]",
        values,
        TEMPERATURE_MAP,
        (float(values.min()), float(values.max())),
        cracks,
        title,
        azimuth,
    )


def stress(
    mesh: Mesh, pane: str, values: Array, *, cracks: Sequence[CrackMark] = (), title: str = "", azimuth: float = 0.0
) -> bytes:
    """One pane cut open, coloured by a stress (n_nodes of the whole mesh,) [Pa]; white is zero, red is tension."""
    inside = mesh.region_nodes(pane)
    largest = float(np.abs(values[inside]).max()) / 1e6 or 1.0
    only, parent = mesh.submesh(pane)
    return _cut_open(
        only, "stress [MPa]", values[parent] / 1e6, STRESS_MAP, (-largest, largest), cracks, title, azimuth
    )


def _cut_open(
    mesh: Mesh,
    name: str,
    values: Array,
    colours: str,
    limits: tuple[float, float],
    cracks: Sequence[CrackMark],
    title: str,
    azimuth: float,
) -> bytes:
    pv = render.pyvista()
    plotter = pv.Plotter(off_screen=True, window_size=SIZE)
    try:
        plotter.set_background("white")
        whole = linear_grid(mesh, name=name, values=values)
        # the crack stays in the glass, just beyond the cut
        wedge = azimuth - np.radians(105), azimuth - np.radians(15)
        surface = _without_wedge(whole, *wedge).extract_surface(algorithm="dataset_surface")
        bar = {
            "title": f"{name}\n", "vertical": True, "position_x": 0.90, "position_y": 0.15, "height": 0.7,
            "width": 0.05, "color": "black", "title_font_size": 24, "label_font_size": 22, "fmt": "%.4g", "n_labels": 6,
        }  # fmt: skip
        plotter.add_mesh(
            surface,
            scalars=name,
            cmap=colours,
            clim=limits,
            scalar_bar_args=bar,
            smooth_shading=False,
            ambient=0.35,
            diffuse=0.65,
        )
        # the outlines of the panes, taken before the cut: its slivers would show as specks
        edges = whole.extract_surface(algorithm="dataset_surface").extract_feature_edges(
            feature_angle=40, boundary_edges=False, manifold_edges=False, non_manifold_edges=False
        )
        plotter.add_mesh(_without_wedge(edges, *wedge), color="black", line_width=1.0, opacity=0.5)
        for crack in cracks:
            _draw(plotter, crack)
        if title:
            plotter.add_text(title, position=(20, SIZE[1] - 50), font_size=13, color="black")
        _camera(plotter, mesh, azimuth)
        image = plotter.screenshot(return_img=True)
    finally:
        plotter.close()
    return png(image)


def _without_wedge(whole: Any, start: float, stop: float) -> Any:
    """Cells or lines left when the wedge between two azimuths (less than 180 degrees apart) is cut away."""
    pv = render.pyvista()
    normals = [np.array([np.sin(start), -np.cos(start), 0.0]), np.array([-np.sin(stop), np.cos(stop), 0.0])]
    beside = whole.clip(normal=tuple(-normals[0]), origin=(0, 0, 0))
    behind = whole.clip(normal=tuple(normals[0]), origin=(0, 0, 0)).clip(normal=tuple(-normals[1]), origin=(0, 0, 0))
    return pv.merge([p for p in (beside, behind) if p.n_cells], merge_points=False)


def _draw(plotter: Any, crack: CrackMark) -> None:
    """The seed black, what it grew to orange; lifted a hair above the face so that it is seen."""
    pv = render.pyvista()
    lift = np.array([0, 0, 3e-4])
    width = 9
    if crack.grown_start is not None and crack.grown_end is not None:
        plotter.add_mesh(pv.Line(crack.grown_start + lift, crack.grown_end + lift), color=GROWN, line_width=width)
        down = np.array([0, 0, crack.depth])
        corners = np.array([crack.grown_start, crack.grown_end, crack.grown_end - down, crack.grown_start - down])
        plotter.add_mesh(pv.PolyData(corners, faces=[4, 0, 1, 2, 3]), color=GROWN, opacity=0.6)
    seed = pv.Line(crack.start + 1.5 * lift, crack.end + 1.5 * lift)
    if crack.path is not None:
        seed = pv.lines_from_points(crack.path + 1.5 * lift)
    plotter.add_mesh(seed, color=SEED, line_width=width)


def _camera(plotter: Any, mesh: Mesh, azimuth: float) -> None:
    """From space, tilted, looking at the cut."""
    lo, hi = mesh.points.min(axis=0), mesh.points.max(axis=0)
    middle, size = (lo + hi) / 2, float(np.linalg.norm(hi - lo))
    heading = azimuth - np.pi / 3
    direction = np.array([np.cos(heading) * 0.72, np.sin(heading) * 0.72, 0.69])
    plotter.camera.focal_point = tuple(middle + np.array([0.04 * size, 0, 0]))
    plotter.camera.position = tuple(middle + 1.28 * size * direction)
    plotter.camera.up = (0.0, 0.0, 1.0)
    plotter.camera.view_angle = 30
    plotter.reset_camera_clipping_range()


def png(image: Any) -> bytes:
    """An image array as PNG."""
    from matplotlib import image as writer

    buffer = io.BytesIO()
    writer.imsave(buffer, image, format="png")
    return buffer.getvalue()
