"""meshio made to hold every kind of cell that deadlight knows."""

from __future__ import annotations

from typing import Any

from deadlight.mesh.elements import ELEMENTS, MESHIO


def meshio_with_kinds() -> Any:
    """meshio, with the dimension of the kinds that it names but cannot construct (wedge15 in 5.3.5) filled in."""
    import meshio
    from meshio import _mesh

    for theirs, ours in MESHIO.items():
        _mesh.topological_dimension.setdefault(theirs, ELEMENTS[ours].dim)
    return meshio
