"""Assembly and the whole static solve beside dolfinx + MUMPS, in one run.

    python benchmarks/static.py [--peer PYTHON] [--backend NAME ...] [nx ny nz]

PYTHON is an interpreter that has dolfinx (default: /usr/bin/python3; skipped with a line where it has none).
Default plate: 103 335 unknowns, quadratic tetrahedra, one edge held, pressure on the top face.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
from plate import plate

from deadlight import kernels
from deadlight.fem.elasticity import ElasticBody, lame
from deadlight.fem.geometry import face_points
from deadlight.linalg.sparse import backends, factor

E, NU = 72.7e9, 0.167


def clock():
    return np.array([time.process_time(), time.perf_counter()])


def ours(size, backend):
    mesh = plate(*size)
    t0 = clock()
    body = ElasticBody.build(mesh)
    t1 = clock()
    lam, mu = lame(np.full(body.n_fields, E), np.full(body.n_fields, NU))
    values = body.stiffness(lam, mu)
    t2 = clock()
    values = body.stiffness(lam, mu)  # the second assembly, as the peer's
    t3 = clock()
    matrix = body.pattern.matrix(values, block=3)
    held = np.zeros(matrix.shape[0], dtype=bool)
    held[(3 * mesh.face_nodes("plate.edge")[:, None] + np.arange(3)).ravel()] = True
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    matrix.data[(held[row] | held[matrix.indices]) & (row != matrix.indices)] = 0.0
    load = face_points(mesh, "plate.top").nodal_force(1e5, mesh.n_nodes).ravel()
    load[held] = 0.0
    factored = factor(matrix, block=3, backend=backend)
    u = factored.solve(load)
    t4 = clock()
    residual = np.abs(matrix @ u - load).max() / np.abs(load).max()
    return {
        "solver": f"deadlight + {backend}", "unknowns": matrix.shape[0], "pattern_cpu_s": (t1 - t0)[0], "assemble_cpu_s": (t3 - t2)[0],
        "total_cpu_s": (t4 - t2)[0], "total_wall_s": (t4 - t2)[1], "residual": residual, "u_max_m": float(np.abs(u).max()), "factor_nnz": factored.nnz,
    }  # fmt: skip


def peer(size, python):
    script = Path(__file__).with_name("peer_dolfinx.py")
    done = subprocess.run([python, str(script), "static", *map(str, size)], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"no peer: {python} cannot run dolfinx (Debian: apt-get install python3-dolfinx-real)", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", nargs="*", type=int, default=[41, 41, 2])
    parser.add_argument("--peer", default="/usr/bin/python3")
    parser.add_argument(
        "--backend", nargs="*", default=[n for n, there in backends().items() if there and n != "pardiso"]
    )
    options = parser.parse_args()
    print(f"kernels: {kernels.describe()}")
    rows = [ours(options.size, b) for b in options.backend]
    reference = peer(options.size, options.peer)
    print(f"{'':<26}{'unknowns':>9}{'assembly':>10}{'total CPU':>11}{'wall':>8}   residual  u_max")
    for r in rows:
        print(
            f"{r['solver']:<26}{r['unknowns']:>9}{r['assemble_cpu_s']:>9.3f}s{r['total_cpu_s']:>10.2f}s{r['total_wall_s']:>7.2f}s   {r['residual']:.1e}  {r['u_max_m']:.6e}"
        )
    if reference:
        r = reference
        print(
            f"{r['peer']:<26}{r['unknowns']:>9}{r['assemble_cpu_s']:>9.3f}s{r['total_cpu_s']:>10.2f}s{r['total_wall_s']:>7.2f}s   {'':<8} {r['u_max_m']:.6e}"
        )
        for row in rows:
            print(
                f"{row['solver']}: assembly {r['assemble_cpu_s'] / row['assemble_cpu_s']:.1f} x faster, whole solve {r['total_cpu_s'] / row['total_cpu_s']:.2f} x"
            )
