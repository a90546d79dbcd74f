"""Checks of a crack's mesh: no element folded, right-hand normals that agree with the chart, no area lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deadlight.errors import NotSolved
from deadlight.surface.mesh import T6, Array, Index

if TYPE_CHECKING:
    from deadlight.surface.crack_domain import CrackDomain, CrackMesh, Piece

LEAST = 0.02  # smallest Jacobian of an element in units of its mean


def t6_slopes(s: Array, t: Array) -> tuple[Array, Array]:
    """Derivatives by s and t of the six shape functions, VTK order. (p,) -> (p, 6) twice."""
    w, z = 1.0 - s - t, np.zeros_like(s)
    ds = [1.0 - 4.0 * w, 4.0 * s - 1.0, z, 4.0 * (w - s), 4.0 * t, -4.0 * t]
    dt = [1.0 - 4.0 * w, z, 4.0 * t - 1.0, -4.0 * s, 4.0 * s, 4.0 * (w - t)]
    return np.stack(ds, axis=1), np.stack(dt, axis=1)


def q9_slopes(s: Array, t: Array) -> tuple[Array, Array]:
    """Derivatives by s and t (0 .. 1) of the nine shape functions, VTK order. (p,) -> (p, 9) twice."""
    def line(x: Array) -> tuple[Array, Array]:
        f = np.stack([(1.0 - x) * (1.0 - 2.0 * x), x * (2.0 * x - 1.0), 4.0 * x * (1.0 - x)])
        return f, np.stack([4.0 * x - 3.0, 4.0 * x - 1.0, 4.0 - 8.0 * x])

    (f, df), (g, dg) = line(s), line(t)
    i, j = [0, 1, 1, 0, 2, 1, 2, 0, 2], [0, 0, 1, 1, 0, 2, 1, 2, 2]
    return (df[i] * g[j]).T, (f[i] * dg[j]).T


def jacobians(points: Array, cells: Index, quads: bool) -> tuple[Array, Array]:
    """Vectors x_s cross x_t (e, p, 3) at points inside the elements, and weights (p,) that integrate them."""
    x, w = np.polynomial.legendre.leggauss(4)
    x, w = 0.5 * (x + 1.0), 0.5 * w
    s, t = (g.ravel() for g in np.meshgrid(x, x, indexing="ij"))
    weight = np.outer(w, w).ravel()
    if not quads:  # collapsed square
        s, weight = s * (1.0 - t), weight * (1.0 - t)
    ds, dt = q9_slopes(s, t) if quads else t6_slopes(s, t)
    corner = points[cells[:, : ds.shape[1]]]
    xs, xt = np.einsum("pn,enk->epk", ds, corner), np.einsum("pn,enk->epk", dt, corner)
    return np.cross(xs, xt), weight


def check_crack_mesh(mesh: CrackMesh, domain: CrackDomain, *, place: str = "") -> float:
    """Raise NotSolved for a folded element, a wrong normal or an area that is lost.

    Returns
    -------
    float
        Area [chart units] of the mesh over that of the outline, less 1.
    """
    area = 0.0
    where = f"{place}: " if place else ""
    flat = np.column_stack([mesh.uv, np.zeros(len(mesh.uv))])
    for quads in (False, True):
        cells = mesh.cells[(mesh.kind != T6) == quads]
        if not len(cells):
            continue
        vector, weight = jacobians(mesh.points, cells, quads)
        centre = mesh.uv[cells[:, 8]] if quads else mesh.uv[cells[:, :3]].mean(axis=1)
        along = np.einsum("epk,ek->ep", vector, domain.chart.normal(centre))
        if quads:  # x_t vanishes like t at the front
            mean = along @ weight
        else:
            mean = 2.0 * (along @ weight)
        bad = along.min(axis=1) <= (0.0 if quads else LEAST) * mean
        if bad.any():
            at = mesh.points[cells[int(np.flatnonzero(bad)[0]), 0]]
            raise NotSolved(
                f"{where}{int(bad.sum())} of {len(cells)} {'ring elements' if quads else 'triangles'} of the crack "
                f"are folded, the first at ({', '.join(f'{1e3 * v:.4g}' for v in at)}) mm"
            )
        area += float((jacobians(flat, cells, quads)[0][..., 2] @ weight).sum())
    ideal = sum(_signed_area(loop) for loop in domain.loops)
    off = area / ideal - 1.0
    if abs(off) > 0.02:
        raise NotSolved(f"{where}the mesh covers {area:.6g} of an area of {ideal:.6g}")
    return off


def _signed_area(loop: tuple[Piece, ...]) -> float:
    x = np.concatenate([piece.points[:-1] for piece in loop])
    x = x - x.mean(axis=0)
    y = np.roll(x, -1, axis=0)
    return 0.5 * float((x[:, 0] * y[:, 1] - x[:, 1] * y[:, 0]).sum())
