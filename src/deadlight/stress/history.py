"""The uncracked stress history of a pane: a few spatial modes with amplitudes in time."""

from __future__ import annotations

import functools
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.fem.locate import Locator
from deadlight.mesh.mesh import Mesh
from deadlight.remark import pack, unpack
from deadlight.stress.seats import SeatHistory

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class StressError:
    """What was checked, in parts of the allowed error (tolerance of a node's own peak, or the floor): 1 is the limit.

    Attributes
    ----------
    held_out : float
        Largest over all nodes of the last instants that were solved in full and not used to build the answer.
    condensation : float
        Largest over all nodes and instants of the modes against the uncondensed stress.
    tolerance : float
        Relative to the node's own peak.
    floor : float [Pa]
    solved : tuple of int
        Instants solved in full.
    checked : tuple of int
        Those among them that were held out in the last check.
    balance : float
        Largest unbalanced resultant over the sum of force magnitudes of all instants solved in full.
    residual : float
        Largest residual of those solutions over their load.
    """

    held_out: float
    condensation: float
    tolerance: float
    floor: float
    solved: tuple[int, ...]
    checked: tuple[int, ...]
    balance: float
    residual: float

    @property
    def total(self) -> float:
        """Bound on the whole: 1 means 0.5 % of the node's own peak, or 2 kPa, at the default tolerance."""
        return self.held_out + self.condensation


@dataclass(frozen=True, eq=False)
class StressHistory:
    """Nodal stress sigma(x, t) = sum_r amplitudes[t, r] modes[r, x].

    Attributes
    ----------
    time : (m,) float [s]
    modes : (r, n_nodes, 6) float [Pa]
        xx, yy, zz, yz, xz, xy; tension positive.
    amplitudes : (m, r) float
    mesh : Mesh
        The pane's own mesh.
    error : StressError
    warnings : tuple of str
    open_fraction : (m,) float
        Share of the seat area that has lifted off.
    shear_traction : float [Pa]
        Largest shear that the soft in-plane restraint carries.
    seats : SeatHistory or None
        Spring law of the seats at their points; None where the pane has none, or it was not kept.
    """

    time: Array
    modes: Array
    amplitudes: Array
    mesh: Mesh
    error: StressError
    warnings: tuple[str, ...]
    open_fraction: Array
    shear_traction: float = 0.0
    seats: SeatHistory | None = None

    def __repr__(self) -> str:
        return (
            f"StressHistory({len(self.time)} instants, {self.time[0]:g} to {self.time[-1]:g} s, "
            f"{len(self.modes)} modes, {self.mesh.n_nodes} nodes, error {self.error.total:.2f} of the allowed)"
        )

    def stress(self, instant: int) -> Array:
        """Nodal stress at an instant of `time`. (n_nodes, 6) [Pa]."""
        return np.tensordot(self.amplitudes[instant], self.modes, axes=1)

    def amplitude_at(self, t: Any) -> Array:
        """Amplitudes at any time [s], linear between instants. (r,) or (k, r).

        Raises
        ------
        InputError
            Before the first or after the last instant.
        """
        t = np.asarray(t, dtype=float)
        if not (np.all(t >= self.time[0]) and np.all(t <= self.time[-1])):
            raise InputError(
                f"time {np.min(t):g} to {np.max(t):g} s",
                place="stress history",
                remedy=f"it runs from {self.time[0]:g} to {self.time[-1]:g} s",
            )
        return np.stack([np.interp(t, self.time, a) for a in self.amplitudes.T], axis=-1)

    def at_time(self, t: float) -> Array:
        """Nodal stress at any time [s] of the history, linear between instants. (n_nodes, 6) [Pa]."""
        return np.tensordot(self.amplitude_at(t), self.modes, axes=1)

    @functools.cached_property
    def locator(self) -> Locator:
        return Locator.build(self.mesh)

    def sample_modes(self, points: Array) -> Array:
        """Modes at points (p, 3) [m] of the pane. (r, p, 6) [Pa].

        Raises
        ------
        InputError
            A point outside the pane.
        """
        at = self.locator.interpolation(points)
        flat = self.modes.transpose(1, 0, 2).reshape(self.mesh.n_nodes, -1)
        return np.asarray(at @ flat).reshape(at.shape[0], len(self.modes), 6).transpose(1, 0, 2)

    def sample(self, points: Array) -> Array:
        """Stress at points (p, 3) [m] at every instant. (m, p, 6) [Pa]; InputError for a point outside the pane."""
        return np.tensordot(self.amplitudes, self.sample_modes(points), axes=1)

    def sample_field(self, field: Array, points: Array) -> Array:
        """Any nodal field (..., n_nodes) of the pane, a temperature history (m, n_nodes) say, at points. (..., p)."""
        field = np.asarray(field, dtype=float)
        if field.shape[-1] != self.mesh.n_nodes:
            raise InputError(
                f"field of shape {field.shape}",
                place="sampling",
                remedy=f"its last axis is the pane's nodes, {self.mesh.n_nodes}",
            )
        flat = field.reshape(-1, self.mesh.n_nodes)
        return np.asarray(self.locator.interpolation(points) @ flat.T).T.reshape(*field.shape[:-1], -1)

    def summary(self) -> str:
        """One line for reports: how the history was made and how far it may be off."""
        e = self.error
        return (
            f"{len(self.modes)} modes of {len(self.time)} instants; {len(e.solved)} solved in full; error at most "
            f"{e.total:.2f} of {100 * e.tolerance:g} % of a node's own peak or {e.floor / 1e3:g} kPa; "
            f"reactions balance to {e.balance:.0e}; seats lift over at most "
            f"{100 * self.open_fraction.max():.0f} % of their area"
        )

    def pack(self) -> tuple[dict[str, Array], dict[str, Any]]:
        """Arrays and plain facts from which `unpack` makes it again, mesh apart; modes in single precision (6e-8)."""
        names = ("time", "amplitudes", "open_fraction")
        facts = {"error": asdict(self.error), "warnings": pack(self.warnings), "shear_traction": self.shear_traction}
        arrays = {name: getattr(self, name) for name in names}
        kept = self.seats.pack() if self.seats is not None else {}
        return {**arrays, "modes": self.modes.astype(np.float32), **kept}, facts

    @classmethod
    def unpack(cls, mesh: Mesh, arrays: dict[str, Array], facts: dict[str, Any]) -> StressHistory:
        """The history that `pack` took apart, on the pane's mesh.

        Raises
        ------
        InputError
            It belongs to another mesh, or its arrays do not fit together.
        """
        if arrays["modes"].shape[1] != mesh.n_nodes:
            raise InputError(
                f"a stress history of {arrays['modes'].shape[1]} nodes for a mesh of {mesh.n_nodes}",
                place="stored stress",
                remedy="remove the stored stage and compute it again",
            )
        stated = facts["error"]
        error = StressError(**{**stated, "solved": tuple(stated["solved"]), "checked": tuple(stated["checked"])})
        m, r, n = len(arrays["time"]), len(arrays["modes"]), mesh.n_nodes
        shapes = {"time": (m,), "modes": (r, n, 6), "amplitudes": (m, r), "open_fraction": (m,)}
        if any(arrays[name].shape != shape for name, shape in shapes.items()):
            found = ", ".join(f"{name} {arrays[name].shape}" for name in shapes)
            raise InputError(found, place="stored stress", remedy=f"expected {shapes}: compute it again")
        own = {name: np.asarray(arrays[name], dtype=float) for name in ("time", "modes", "amplitudes", "open_fraction")}
        return cls(
            mesh=mesh,
            error=error,
            warnings=unpack(facts["warnings"]),
            shear_traction=facts["shear_traction"],
            seats=SeatHistory.unpack(arrays, instants=m) if "seat_law" in arrays else None,
            **own,
        )

    def von_mises(self, instant: int) -> Array:
        """Von Mises stress at the nodes. (n_nodes,) [Pa]."""
        s = self.stress(instant)
        normal = (s[:, 0] - s[:, 1]) ** 2 + (s[:, 1] - s[:, 2]) ** 2 + (s[:, 2] - s[:, 0]) ** 2
        return np.asarray(np.sqrt(normal / 2 + 3 * np.sum(s[:, 3:] ** 2, axis=1)))

    def largest_principal(self, instant: int) -> Array:
        """Largest principal stress at the nodes, tension positive. (n_nodes,) [Pa]."""
        from deadlight.fem.skin import tensor

        return np.asarray(np.linalg.eigvalsh(tensor(self.stress(instant)))[:, 2], dtype=float)
