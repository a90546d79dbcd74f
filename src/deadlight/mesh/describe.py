"""What was understood of a mesh, as a table: regions with their cells and volume, faces with their area."""

from __future__ import annotations

import numpy as np

from deadlight.mesh.elements import MASS_DEGREE, quadrature
from deadlight.mesh.mesh import CellBlock, Mesh, cell_volumes


def describe(mesh: Mesh) -> str:
    """Echo of a mesh: extent, regions (cells, kinds, volume), faces (cells, area, mean outward normal), notes.

    Examples
    --------
    >>> print(describe(read_mesh("window.msh", unit="mm")))  # doctest: +SKIP
    """
    extent = " x ".join(f"{1e3 * d:.4g}" for d in np.ptp(mesh.points, axis=0))
    rows = [f"{mesh.n_nodes} nodes, {mesh.n_cells} cells, {extent} mm"]
    rows.append(f"{'region':<28}{'cells':>9}  {'kinds':<20}{'volume [cm3]':>14}")
    for region in mesh.regions:
        blocks = mesh.region_blocks(region)
        kinds = ", ".join(dict.fromkeys(b.kind for b in blocks))
        rows.append(
            f"{region:<28}{sum(len(b.nodes) for b in blocks):>9}  {kinds:<20}{1e6 * mesh.volumes(region):>14.5g}"
        )
    if mesh.faces:
        rows.append(f"{'face':<28}{'cells':>9}  {'mean normal':<20}{'area [cm2]':>14}")
    for name, faces in mesh.faces.items():
        area = sum(float(cell_volumes(mesh.points, b).sum()) for b in faces)
        vector = np.sum([area_vectors(mesh, b).sum(axis=0) for b in faces], axis=0) + 0.0  # no -0
        shown = "({:+.2f}, {:+.2f}, {:+.2f})".format(*(vector / area)) if area > 0 else "-"
        rows.append(f"{name:<28}{sum(len(b.nodes) for b in faces):>9}  {shown:<20}{1e4 * area:>14.5g}")
    return "\n".join([*rows, *(f"note: {note}" for note in mesh.notes)])


def area_vectors(mesh: Mesh, block: CellBlock) -> np.ndarray:
    """Integral of the normal [m2] over each of some 2D cells. (n, 3)."""
    xi, w = quadrature(block.element.family, MASS_DEGREE[block.element.family])
    tangent = np.einsum("cni,qnj->qcij", mesh.points[block.nodes], block.element.dshape(xi))
    return np.asarray(np.einsum("q,qci->ci", w, np.cross(tangent[..., 0], tangent[..., 1])))
