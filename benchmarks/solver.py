"""Sparse direct solvers side by side on one matrix: order, factor, solve, CPU seconds, memory.

    python benchmarks/solver.py                            # 89 k unknowns, every backend installed
    python benchmarks/solver.py --cells 65 65 2 --threads 2 --backends cholesky cholmod      # 257 k
    python benchmarks/solver.py --backends cholesky --memory "0.2 GB"    # where the factor does not fit
    python benchmarks/solver.py --grid 46 46 46            # a solid block of 27-point couplings, more fill

The matrix is the stiffness of a glass plate 300 x 300 x 10 mm of quadratic tetrahedra (six to a brick), its rim on soft
springs; or, with --grid, every node coupled with its 26 neighbours and its three unknowns with each other.

Each backend runs in a process of its own: its peak memory, above the matrix, is its own; RSS is that of the whole
process with the matrix and 50 solutions. CPU seconds (order to factor) count all threads. "again" is a refactorisation;
the residual is |b - A x| / (|A| |x| + |b|), Frobenius norms.
Peers: pip install "scikit-sparse==0.4.16" python-mumps pypardiso (libsuitesparse-dev, libmumps-seq-dev and an OpenBLAS
from the distribution).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time

import numpy as np
import scipy.sparse as sp

COLUMNS = {
    "backend": 11,
    "n": 7,
    "nnz(L) M": 9,
    "order s": 8,
    "factor s": 9,
    "wall s": 7,
    "CPU s": 7,
    "again s": 8,
    "solve 1 s": 10,
    "solve 50 s": 11,
    "residual": 9,
    "peak MiB": 10,
    "RSS MiB": 10,
}


def tet_plate(nx: int, ny: int, nz: int) -> sp.csr_array:
    """Stiffness [N/m] of nx x ny x nz bricks of six 10-node tetrahedra each."""
    from plate import SIDE, plate

    from deadlight.fem.elasticity import ElasticBody, lame

    mesh = plate(nx, ny, nz)
    body = ElasticBody.build(mesh)
    lam, mu = lame(np.full(body.n_fields, 72.0e9), np.full(body.n_fields, 0.17))
    rim = ((mesh.points[:, :2] == 0.0) | (mesh.points[:, :2] == SIDE)).any(axis=1)
    springs = np.where(rim[:, None], [1e3, 1e3, 1e4], 0.0).ravel()
    return sp.csr_array(body.pattern.matrix(body.stiffness(lam, mu), 3) + sp.diags_array(springs))


def grid(nx: int, ny: int, nz: int) -> sp.csr_array:
    """Symmetric positive definite, three unknowns a node, 27 nodes a row."""

    def mass(m: int) -> sp.dia_array:
        return sp.diags_array([np.ones(m - 1), np.full(m, 4.0), np.ones(m - 1)], offsets=[-1, 0, 1])

    def stiffness(m: int) -> sp.dia_array:
        return sp.diags_array([-np.ones(m - 1), np.full(m, 2.0), -np.ones(m - 1)], offsets=[-1, 0, 1])

    scalar = (
        sp.kron(sp.kron(stiffness(nx), mass(ny)), mass(nz))
        + sp.kron(sp.kron(mass(nx), stiffness(ny)), mass(nz))
        + sp.kron(sp.kron(mass(nx), mass(ny)), stiffness(nz))
    )
    coupling = np.array([[2.0, 0.3, 0.2], [0.3, 2.0, 0.1], [0.2, 0.1, 2.0]])
    return sp.csr_array(sp.kron(scalar, coupling) + 1e-3 * sp.eye_array(3 * nx * ny * nz))


def measure(matrix: sp.csr_array, backend: str, threads: int) -> dict[str, float | str]:
    """One row of the table."""
    from deadlight.linalg.sparse import factor

    rhs = np.random.default_rng(0).normal(size=(matrix.shape[0], 50))
    factor(sp.csr_array(sp.eye_array(200)), backend=backend, threads=threads)  # imports are not timed
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    made = factor(matrix, block=3, backend=backend, threads=threads)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held
    row: dict[str, float | str] = {
        "backend": made.backend,
        "n": made.n,
        "nnz(L) M": made.nnz / 1e6,
        "order s": made.seconds.order + made.seconds.analyse,
        "factor s": made.seconds.factor,
        "wall s": wall,
        "CPU s": cpu,
        "peak MiB": peak / 1024,
    }
    for name, b in (("solve 1 s", rhs[:, 0]), ("solve 50 s", rhs)):
        start = time.perf_counter()
        x = made.solve(b)
        row[name] = time.perf_counter() - start
        scale = np.linalg.norm(matrix.data) * np.linalg.norm(x) + np.linalg.norm(b)
        row["residual"] = float(np.linalg.norm(matrix @ x - b) / scale)
    start = time.perf_counter()
    made = made.refactor(matrix)
    row["again s"] = time.perf_counter() - start
    row["RSS MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return row


def main() -> None:
    from deadlight.linalg.sparse import backends

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, nargs=3, default=(38, 38, 2), help="bricks of six tetrahedra")
    parser.add_argument("--grid", type=int, nargs=3, help="nodes of the 27-point grid, instead of --cells")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--backends", nargs="*", default=[name for name, present in backends().items() if present])
    parser.add_argument("--memory", help="limit for a factorisation (cholesky falls back to conjugate gradients)")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(
            json.dumps(
                measure(
                    grid(*options.grid) if options.grid else tet_plate(*options.cells), options.one, options.threads
                )
            )
        )
        return
    environment = os.environ | {f"{name}_NUM_THREADS": str(options.threads) for name in ("OMP", "OPENBLAS", "MKL")}
    if options.memory:
        environment["DEADLIGHT_MEMORY"] = options.memory
    kind, size = ("grid", options.grid) if options.grid else ("cells", options.cells)
    print(f"{options.threads} thread(s), {kind} {' x '.join(map(str, size))}; load {os.getloadavg()[0]:.1f}")
    print("".join(f"{name:>{width}}" for name, width in COLUMNS.items()))
    shape = [f"--{kind}", *map(str, size), "--threads", str(options.threads)]
    for backend in options.backends:
        done = subprocess.run(
            [sys.executable, __file__, "--one", backend, *shape], env=environment, capture_output=True, text=True
        )
        if done.returncode:
            print(f"{backend:>11}  failed: {done.stderr.strip().splitlines()[-1]}")
            continue
        row = json.loads(done.stdout.splitlines()[-1])
        cells = (row[name] for name in COLUMNS)
        print(
            "".join(
                f"{c:>{w}}" if isinstance(c, (str, int)) else f"{c:>{w}.3g}" for c, w in zip(cells, COLUMNS.values())
            )
        )


if __name__ == "__main__":
    main()
