"""A pane's stress history as the crack operator takes it, located once for every set of points."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.stress.history import StressHistory

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class SampledStress:
    """Stress sigma(x, t) = sum_r amplitudes[t, r] modes_r(x) of a pane.

    Attributes
    ----------
    history : StressHistory
    time : (m,) float [s]
    amplitudes : (m, r) float
    nodal : sparse (n_nodes, n_nodes) or None
        Applied to the nodal modes before they are interpolated.
    """

    history: StressHistory
    time: Array
    amplitudes: Array
    nodal: scipy.sparse.csr_matrix | None = None
    _known: dict[bytes, scipy.sparse.csr_matrix] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, history: StressHistory) -> SampledStress:
        return cls(history, history.time, history.amplitudes)

    def at(self, instants: Any) -> SampledStress:
        """The same at some instants only."""
        return replace(self, time=self.time[instants], amplitudes=self.amplitudes[instants])

    def scaled(self, factor: Array) -> SampledStress:
        """The same with every mode times its factor (r,)."""
        return replace(self, amplitudes=self.amplitudes * factor)

    def coarsened(self, nodal: scipy.sparse.csr_matrix) -> SampledStress:
        """The same with other nodal values, made from these by a matrix."""
        return replace(self, nodal=nodal)

    def sample_modes(self, points: Array) -> Array:
        """Modes at points (p, 3) [m]. (r, p, 6) [Pa]; InputError for a point outside the pane."""
        at = self._interpolation(points)
        if self.nodal is not None:
            at = at @ self.nodal
        near = np.unique(at.indices)  # a crack meets few nodes of its pane
        flat = self.history.modes[:, near].transpose(1, 0, 2).reshape(len(near), -1)
        return np.asarray(at[:, near] @ flat).reshape(len(points), -1, 6).transpose(1, 0, 2)

    def sample_field(self, values: Array, points: Array) -> Array:
        """A nodal field (m, n_nodes) at points (p, 3). (m, p)."""
        return np.asarray(self._interpolation(points) @ values.T).T

    def _interpolation(self, points: Array) -> scipy.sparse.csr_matrix:
        points = np.ascontiguousarray(points, dtype=float)
        key = points.tobytes()
        if key not in self._known:
            self._known[key] = self.history.locator.interpolation(points)
        return self._known[key]
