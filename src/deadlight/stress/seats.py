"""What the seats of a pane did in time: their spring law at every point of their beds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.mesh.mesh import Mesh
from deadlight.stress.supports import Springs

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class SeatHistory:
    """Seats at their quadrature points.

    Attributes
    ----------
    point, normal : (p, 3) float
        Place [m] and the pane's outward normal.
    area : (p,) float [m^2]
    stiffness, shear : (p,) float [Pa/m]
        Normal and tangential.
    law : (m, p) float [Pa]
        preload + stiffness * u.n: the pressure on the pane where positive; negative where the seat has lifted.
    """

    point: Array
    normal: Array
    area: Array
    stiffness: Array
    shear: Array
    law: Array

    @classmethod
    def of(cls, mesh: Mesh, springs: Springs, law: Array) -> SeatHistory:
        """From the springs of a pane and their law (p, m)."""
        faces = [face for face, _ in springs.points]
        point = [np.einsum("pn,pni->pi", f.shape, mesh.points[f.nodes]) for f in faces]
        shear = [np.full(len(f.area), k) for f, k in springs.points]
        none = np.zeros((0, 3))
        return cls(
            np.concatenate([none, *point]),
            np.concatenate([none, *(f.normal for f in faces)]),
            springs.area,
            springs.stiffness,
            np.concatenate([np.zeros(0), *shear]),
            np.ascontiguousarray(law.T),
        )

    def pressure(self) -> Array:
        """On the pane. (m, p) [Pa]."""
        return np.maximum(self.law, 0.0)

    def pack(self) -> dict[str, Array]:
        """Arrays from which `unpack` makes it again; the law in single precision."""
        names = ("point", "normal", "area", "stiffness", "shear")
        return {f"seat_{n}": getattr(self, n) for n in names} | {"seat_law": self.law.astype(np.float32)}

    @classmethod
    def unpack(cls, arrays: dict[str, Array], *, instants: int) -> SeatHistory:
        """What `pack` took apart, of so many instants; InputError where the arrays do not fit together."""
        p = len(arrays["seat_point"])
        shapes = {"point": (p, 3), "normal": (p, 3), "area": (p,), "stiffness": (p,), "shear": (p,)}
        names = {**shapes, "law": (instants, p)}
        if any(arrays[f"seat_{n}"].shape != shape for n, shape in names.items()):
            found = ", ".join(f"{n} {arrays[f'seat_{n}'].shape}" for n in names)
            raise InputError(found, place="stored seats", remedy=f"expected {names}: compute it again")
        return cls(**{n: np.asarray(arrays[f"seat_{n}"], dtype=float) for n in names})
