"""A set of calls that goes through every compiled kernel; prints a hash of the bits each gives.

`.ci/sanitize` runs it with the kernels as they are shipped and as they are built with bounds checks: the lines must be
the same.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

import support_meshes
from deadlight import _skins
from deadlight.fem.elasticity import ElasticBody
from deadlight.fem.locate import Locator
from deadlight.fem.pattern import Pattern
from deadlight.heat.boundary import Convection
from deadlight.heat.correction import Correction
from deadlight.heat.solve import solve_heat
from deadlight.heat.volume import Volume
from deadlight.linalg.sparse import factor
from deadlight.operator.blocked_heat import blocked_heat
from deadlight.operator.intensity import stress_intensity
from deadlight.surface.body import half_space
from deadlight.surface.sheet import Sheet
from support_blocked_heat import penny
from support_heat import SILICA, box

G = np.linspace(0.0, 0.02, 4)


def elasticity() -> list[Any]:
    """Stiffness and product of every kind of cell, right-hand sides that are no multiple of the lanes."""
    found = []
    for kind in support_meshes.SOLIDS:
        mesh = support_meshes.box(kind, (3, 2, 2), distortion=0.2)
        rng = np.random.default_rng(3)
        lam, mu = rng.uniform(1, 2, (2, mesh.n_nodes))
        body = ElasticBody.build(mesh)
        found += [body.stiffness(lam, mu), body.apply(lam, mu, rng.normal(size=(mesh.n_nodes, 3, 11)))]
    return found


def heat() -> list[Any]:
    """Vectors, matrices and single-precision corrections of elements with tables, and a short history."""
    found = []
    for kind in ("tet10", "hex20", "wedge15"):
        mesh = box(G, G, G, kind=kind, warp=0.05)
        pattern = Pattern.build([b.nodes for b in mesh.blocks], mesh.n_nodes)
        volume = Volume(mesh, {"body": SILICA}, pattern.slots, datum=300.0)
        T = np.random.default_rng(5).uniform(250.0, 900.0, mesh.n_nodes)
        none, whole = np.zeros(mesh.n_nodes, dtype=bool), np.zeros(mesh.n_nodes, dtype=int)
        correction = Correction(pattern.indptr, pattern.indices, fixed=none, bodies=whole)
        capacity, conductance = volume.matrices(T, pattern.nnz)
        correction.update(capacity + conductance)
        found += [pattern.indptr, pattern.indices, *pattern.slots, *volume.vectors(T), capacity, conductance]
        found.append(correction.solve(T, absolute=0.0))
    film = Convection(face="body.z1", coefficient=200.0, temperature=900.0)
    mesh = box(G, G, G, kind="hex20")
    history = solve_heat(mesh, {"body": SILICA}, boundaries=[film], initial=300.0, time_span=(0.0, 20.0))
    return [*found, history.time, history.temperature]


def sparse() -> list[Any]:
    """Analysis, factor and solutions, one and many right-hand sides."""
    random = sp.random_array((400, 400), density=0.05, rng=np.random.default_rng(0))
    found = []
    for matrix in (sp.csr_array(random @ random.T + sp.eye_array(400)), laplacian(17)):
        made = factor(matrix, backend="cholesky")
        b = np.random.default_rng(2).normal(size=(matrix.shape[0], 70))
        found += [made.solve(b), made.solve(b[:, 0])]
    return found


def laplacian(n: int) -> Any:
    line = sp.diags_array([-np.ones(n - 1), np.full(n, 2.0), -np.ones(n - 1)], offsets=[-1, 0, 1])
    one = sp.eye_array(n)
    return sp.csr_array(
        sp.kron(sp.kron(line, one), one) + sp.kron(sp.kron(one, line), one) + sp.kron(sp.kron(one, one), line)
    )


def crack_operator() -> list[Any]:
    """A half-penny that leans, in a half-space: far, near and touching pairs of all kinds of elements."""
    sheet = Sheet.ellipse(np.zeros(3), np.array([0.3, 0.8, 0.35]), np.array([1.0, 0.0, 0.0]), 1.3e-3, 1e-3)
    found = stress_intensity(
        np.array([1.0, 2.0, 0.0, 0.0, 0.0, 0.7]) * 1e6, sheet, half_space(), young=70e9, nu=0.22, refine=0.5
    )
    return [part for front in found.fronts for part in (front.k, front.error, front.g)]


def blocked() -> list[Any]:
    mesh = penny(1.0, (0, 0.5, 1.0), 6, face=(0.5, (0, 1, 3)))
    time = np.linspace(0.0, 1.0, 8)
    found = blocked_heat(
        mesh, conductivity=1.0, diffusivity=1.0, time=time, face_film=1.0,
        flux=lambda x, n: time[:, None] * np.ones(len(x)),
    )  # fmt: skip
    return [found.theta, found.unit_load]


def located() -> list[Any]:
    """Cells and weights of points in every family of cells."""
    found = []
    for kind in ("tet10", "hex20", "wedge15"):
        mesh = box(G, G, G, kind=kind, warp=0.05)
        points = np.random.default_rng(7).uniform(0.002, 0.018, (200, 3))
        at = Locator.build(mesh).interpolation(points)
        found += [at.indptr, at.indices, at.data]
    return found


def skins() -> list[Any]:
    """Skins of a through crack that touch."""
    rng = np.random.default_rng(8)
    root = rng.normal(size=(24, 24))
    return list(_skins.complementary(root @ root.T + 24.0 * np.eye(24), rng.normal(size=(50, 24)), 40, 1e-12))


CALLS: tuple[Callable[[], list[Any]], ...] = (elasticity, heat, sparse, crack_operator, blocked, located, skins)


def lines() -> list[str]:
    """One line a call: its name and a hash of all bits it gave, for one thread and for two."""
    found = []
    for call in CALLS:
        for threads in ("1", "2"):
            os.environ["DEADLIGHT_THREADS"] = threads
            digest = hashlib.sha256()
            for part in call():
                digest.update(np.ascontiguousarray(part).tobytes())
            found.append(f"{call.__name__} {threads} {digest.hexdigest()[:32]}")
    return found


if __name__ == "__main__":
    print("\n".join(lines()))
