"""K of the largest flaw a pane may have, wherever on its surface it is worst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

from deadlight.assumption import Assumption
from deadlight.case.loss import Inspection, ProofTest
from deadlight.case.pane import Pane
from deadlight.chain.viewport import STATUS
from deadlight.crack.scratch import depth_of_proof, flaw_rules
from deadlight.fem.locate import Locator
from deadlight.fem.skin import Skin, tensor
from deadlight.material.material import Material
from deadlight.mesh.mesh import Mesh
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]
Index = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

SHALLOW = 0.1  # of the thickness: flaws over whose depth a stress hardly changes sign


@dataclass(frozen=True, eq=False)
class PaneSurface:
    """Smooth points of a pane's surface.

    Attributes
    ----------
    mesh : Mesh
        The pane's own.
    nodes : (p,) int
    normal : (p, 3) float
    tangent : (p, 2, 3) float
        Unit vectors along the surface.
    """

    mesh: Mesh
    nodes: Index
    normal: Array
    tangent: Array

    @classmethod
    def build(cls, mesh: Mesh) -> PaneSurface:
        skin = Skin.build(mesh)
        return cls(mesh, skin.nodes, skin.normal, _tangents(skin.normal))

    @property
    def rim(self) -> Mask:
        """Points of the rim: the surface stands nearer to upright than to level. (p,)."""
        return np.asarray(np.abs(self.normal[:, 2]) < 0.5)

    def along(self, field: Array) -> Array:
        """Components 11, 22, 12 along the surface of tensors (..., p, 6). (..., p, 3)."""
        t = self.tangent
        found = np.einsum("pai,...pij,pbj->...pab", t, tensor(field), t, optimize=True)
        return np.stack([found[..., 0, 0], found[..., 1, 1], found[..., 0, 1]], axis=-1)


@dataclass(frozen=True, eq=False)
class FlawScan:
    """One flaw at every smooth point of a pane's surface, square to it, in the worst direction along it.

    Attributes
    ----------
    mesh : Mesh
        The pane's own.
    depth, aspect : float [m], -
        a, and a/c (0: a long scratch).
    surface : PaneSurface
        Its points.
    rules : tuple of (p, n_nodes) sparse [m^0.5]
        One a front point: K of every component of a nodal stress field.
    depths : tuple of (p, q) float and rows (q,)
        Heights z [m] of the rules' points, and their weights.
    assumptions, remarks : tuples
    """

    mesh: Mesh
    depth: float
    aspect: float
    surface: PaneSurface
    rules: tuple[scipy.sparse.csr_matrix, ...]
    depths: tuple[tuple[Array, Array], ...]
    assumptions: tuple[Assumption, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @classmethod
    def build(cls, surface: PaneSurface, pane: Pane, material: Material) -> FlawScan:
        """Lays the flaw that the case states for a pane at every point of its surface.

        Raises
        ------
        InputError
            The flaw is too deep for its pane.
        """
        flaw, mesh = pane.initial_flaw, surface.mesh
        assert flaw is not None
        thickness = float(np.ptp(mesh.points[:, 2]))
        depth, told = _depth(pane.name, flaw, material, thickness)
        locator = Locator.build(mesh)
        normal, start = surface.normal, mesh.points[surface.nodes]
        rules, depths = [], []
        for rule in flaw_rules(depth, flaw.aspect, thickness):  # one or two front points
            at = start[:, None, :] - rule.x[None, :, None] * normal[:, None, :]
            values = locator.interpolation(at.reshape(-1, 3), place=f"flaw of {pane.name}")
            p, q = at.shape[:2]
            sums = scipy.sparse.csr_matrix((np.tile(rule.row, p), np.arange(p * q), np.arange(0, p * q + 1, q)))
            rules.append((sums @ values).tocsr())
            depths.append((at[:, :, 2], rule.row))
        assumed = _assumed(pane.name, flaw, depth)
        return cls(mesh, depth, flaw.aspect, surface, tuple(rules), tuple(depths), assumed, told)

    def components(self, stress: Array) -> tuple[Array, ...]:
        """K of a nodal stress (..., n_nodes, 6) [Pa] along the surface: 11, 22, 12. One (..., p, 3) a front point."""
        fields = stress.reshape(-1, *stress.shape[-2:])
        shape = (*stress.shape[:-2], len(self.surface.nodes), 6)
        return tuple(self.surface.along(np.stack([rule @ s for s in fields]).reshape(shape)) for rule in self.rules)

    def of_profile(self, change: Array, z: Array, column: Index) -> tuple[Array, ...]:
        """K of an equal biaxial stress that depends on the height in a column. One (m, p) a front point.

        Parameters
        ----------
        change : (m, c, n) float [Pa]
        z : (n,) float [m]
            Rising.
        column : (p,) int
            Of every point.
        """
        found = []
        for heights, row in self.depths:
            upper = np.clip(np.searchsorted(z, heights), 1, len(z) - 1)
            share = np.clip((heights - z[upper - 1]) / (z[upper] - z[upper - 1]), 0.0, 1.0)
            at = np.arange(len(column))[:, None]
            picked = change[:, column]  # (m, p, n)
            values = (1 - share) * picked[:, at, upper - 1] + share * picked[:, at, upper]
            found.append(values @ row)
        return tuple(found)


def largest(k: Array) -> Array:
    """K of the worst direction along the surface, from components (..., 3); 0 where the flaw is shut. (...)."""
    mean, half = 0.5 * (k[..., 0] + k[..., 1]), 0.5 * (k[..., 0] - k[..., 1])
    return np.asarray(np.maximum(mean + np.hypot(half, k[..., 2]), 0.0))


def _tangents(normal: Array) -> Array:
    aside = np.where(np.abs(normal[:, 2:]) < 0.9, np.array([[0.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0]]))
    first = np.cross(normal, aside)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return np.stack([first, np.cross(normal, first)], axis=1)


def _depth(
    name: str, flaw: ProofTest | Inspection, material: Material, thickness: float
) -> tuple[float, tuple[Remark, ...]]:
    if isinstance(flaw, Inspection):
        return flaw.depth, _deep(name, flaw.depth, thickness)
    found = depth_of_proof(flaw.stress, float(material.toughness(293.15)), flaw.aspect, thickness)
    told = _deep(name, found, thickness)
    if flaw.humidity is None or flaw.humidity <= 0.02:
        return found, told
    text = f"{name}: the proof test was at {100 * flaw.humidity:g} % humidity; growth while the load came off is not in"
    return found, (*told, Remark(f"{text} the flaw of {1e3 * found:.3g} mm", alarm=True))


def _deep(name: str, depth: float, thickness: float) -> tuple[Remark, ...]:
    """What superposition leaves out of a flaw that reaches where the stress may have changed its sign."""
    if depth <= SHALLOW * thickness:
        return ()
    text = f"{name}: its flaw of {1e3 * depth:.3g} mm is deeper than {100 * SHALLOW:g} % of the thickness: where the"
    why = "stress changes sign over that depth its faces touch, and K may be larger than found"
    return (Remark(f"{text} {why}", alarm=True),)


def _assumed(name: str, flaw: ProofTest | Inspection, depth: float) -> tuple[Assumption, ...]:
    shape = "long scratch" if flaw.aspect == 0 else f"half ellipse a/c {flaw.aspect:g}"
    if isinstance(flaw, ProofTest):
        dry = "humidity not stated" if flaw.humidity is None else f"{100 * flaw.humidity:g} % humidity"
        how = f"largest that a proof stress of {flaw.stress / 1e6:g} MPa passes in bending ({dry})"
    else:
        how = "largest that an inspection misses"
    value = f"{1e3 * depth:.3g} mm deep, {shape}: {how}, anywhere on the surface"
    return (Assumption(f"panes.{name}.initial_flaw", value, flaw.source or "case", STATUS[flaw.status]),)
