"""What loads a pane apart from temperature: face pressures, inertia, and the stress it carries from the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.mesh.mesh import Mesh
from deadlight.series import Series

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Loads:
    """Mechanical loads as functions of time.

    Attributes
    ----------
    pressures : mapping of face name -> Series [Pa]
        Positive pushes on the face it is named for.
    acceleration : Series of (3,) [m/s2] or None
        Apparent acceleration: the body force is density times this vector (a pane in a decelerating vehicle is pushed
        against its velocity change: minus the vehicle's acceleration, plus gravity).
    """

    pressures: Mapping[str, Series] = field(default_factory=dict)
    acceleration: Series | None = None

    def __post_init__(self) -> None:
        if self.acceleration is not None and self.acceleration.values.shape[1:] != (3,):
            raise InputError(
                f"acceleration has values of shape {self.acceleration.values.shape}",
                place="loads",
                remedy="three components (m, 3) an instant",
            )

    def amplitudes(self, time: Array) -> Array:
        """Pressures, then the three components of the acceleration. (m, faces [+ 3])."""
        columns = [np.broadcast_to(series(time), time.shape) for series in self.pressures.values()]
        if self.acceleration is not None:
            columns += list(np.broadcast_to(self.acceleration(time), (len(time), 3)).T)
        return np.stack(columns, axis=1) if columns else np.zeros((len(time), 0))


@dataclass(frozen=True, eq=False)
class InitialStress:
    """Stress that the pane carries before any load; near edges the solution redistributes it.

    Attributes
    ----------
    kind : "none", "temper" or "field"
    surface_compression : float [Pa]
        Of a tempered pane, positive.
    field : (n_nodes, 6) float [Pa] or None
        Of kind "field": xx, yy, zz, yz, xz, xy.
    """

    kind: str = "none"
    surface_compression: float = 0.0
    field: Array | None = None

    def nodal(self, mesh: Mesh) -> Array:
        """Stress at the nodes. (n_nodes, 6) [Pa].

        A tempered pane has the parabola S/2 (1 - 3 s^2), s = -1 .. 1 through the thickness: compression S at the faces,
        tension S/2 in the middle, zero 0.211 h below each face, no resultant and no moment (Gardon 1980, Thermal
        tempering of glass, in Uhlmann & Kreidl vol. 5).  The thickness direction is z.

        Raises
        ------
        InputError
            An unknown kind or a field of the wrong shape.
        """
        stress = np.zeros((mesh.n_nodes, 6))
        if self.kind == "none":
            return stress
        if self.kind == "temper" and np.isfinite(self.surface_compression) and self.surface_compression >= 0:
            z = mesh.points[:, 2]
            s = (2 * z - z.max() - z.min()) / (z.max() - z.min())
            stress[:, :2] = (self.surface_compression / 2 * (1 - 3 * s**2))[:, None]
            return stress
        shape = "none" if self.field is None else str(np.shape(self.field))
        if self.kind == "field" and self.field is not None and np.shape(self.field) == stress.shape:
            return np.asarray(self.field, dtype=float)
        raise InputError(
            f'kind "{self.kind}", surface compression {self.surface_compression:g} Pa, field of shape {shape}',
            place="initial stress",
            remedy=f'"none", "temper" with a compression from 0, or "field" with values {stress.shape}',
        )
