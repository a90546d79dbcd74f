"""The surface of a body cut into triangles as small as the cells: nearest points, inside or outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.export.size_field import SizeField
from deadlight.export.solid import Projector, Solid, closest, refined

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Skin:
    """The body's surface cut small: one projector a patch, and one for all of it."""

    patches: dict[int, Projector]
    whole: Projector

    @classmethod
    def build(cls, solid: Solid, size: SizeField) -> Skin:
        corners = {
            int(p): refined(solid.points[solid.triangles[solid.patch == p]], size) for p in np.unique(solid.patch)
        }
        return cls(
            {p: Projector.build(c) for p, c in corners.items()}, Projector.build(np.concatenate([*corners.values()]))
        )

    def signed(self, x: Array, *, reach: Array | float = np.inf) -> Array:
        """Distance to the skin, negative inside. (p,) [m]; beyond `reach` only roughly."""
        near, first = self.whole.tree.query(x)
        normal = self.whole.normal[first]
        out = np.where(((x - self.whole.corners[first].mean(axis=1)) * normal).sum(axis=1) < 0.0, -near, near)
        close = np.flatnonzero(near < reach)
        if len(close):
            out[close] = signed(self.whole, x[close])
        return out


def signed(surface: Projector, x: Array, *, candidates: int = 8) -> Array:
    """Distance to a closed surface, negative inside. (p,) [m]."""
    k = min(candidates, len(surface.corners))
    _, near = surface.tree.query(x, k=k)
    near = near.reshape(len(x), k)
    foot = closest(surface.corners[near.ravel()], np.repeat(x, k, axis=0)).reshape(len(x), k, 3)
    off = x[:, None] - foot
    distance = np.linalg.norm(off, axis=2)
    height = (off * surface.normal[near]).sum(axis=2)
    # at an edge of the body several triangles are equally near: the one seen most steeply decides
    best = distance.min(axis=1)
    ties = distance <= best[:, None] * (1.0 + 1e-9)
    chosen = np.argmax(np.where(ties, np.abs(height), -1.0), axis=1)
    return best * np.where(height[np.arange(len(x)), chosen] < 0.0, -1.0, 1.0)
