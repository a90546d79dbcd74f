"""Assembly and the whole static solve beside dolfinx + MUMPS, in one run.

    python benchmarks/static.py [--peer PYTHON] [--backend NAME ...] [nx ny nz]
    python benchmarks/static.py 71 71 2 --rss                       # 306 735 unknowns: memory of the whole process
    python benchmarks/static.py 71 71 2 --rss --memory "1 GB"       # where the factor may take less than it needs

PYTHON is an interpreter that has dolfinx (default: /usr/bin/python3; skipped with a line where it has none).
Default plate: 103 335 unknowns, quadratic tetrahedra, one edge held, pressure on the top face.
"""

import argparse
import json
import os
import resource
import subprocess
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
    times = []
    for _ in range(3):  # the quickest of three, as the peer's; the whole solve counts from the last
        t2 = clock()
        values = body.stiffness(lam, mu)
        times.append((clock() - t2)[0])
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
        "solver": f"deadlight + {factored.backend}", "unknowns": matrix.shape[0], "pattern_cpu_s": (t1 - t0)[0],
        "assemble_cpu_s": min(times), "total_cpu_s": (t4 - t2)[0], "total_wall_s": (t4 - t2)[1],
        "residual": residual, "u_max_m": float(np.abs(u).max()), "factor_nnz": factored.nnz,
    }  # fmt: skip


def peer(size, python):
    """The same in dolfinx, or None with a line that says why not."""
    script = Path(__file__).with_name("peer_dolfinx.py")
    try:
        done = subprocess.run([python, script, "static", *map(str, size)], capture_output=True, text=True, check=False)
    except OSError as error:
        print(f"peer skipped: {python}: {error.strerror}")
        return None
    if done.returncode:
        print(f"peer skipped: {python} cannot run dolfinx (Debian: apt-get install python3-dolfinx-real)")
        return None
    return json.loads(done.stdout.splitlines()[-1])


def line(name, row):
    residual = f"{row['residual']:.1e}" if "residual" in row else ""
    print(
        f"{name:<26}{row['unknowns']:>9}{row['assemble_cpu_s']:>9.3f}s{row['total_cpu_s']:>10.2f}s"
        f"{row['total_wall_s']:>7.2f}s   {residual:<8}  {row['u_max_m']:.6e}",
        flush=True,
    )


def main():
    installed = [name for name, there in backends().items() if there and name != "pardiso"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", nargs="*", type=int, default=[41, 41, 2], metavar="nx ny nz", help="cells")
    parser.add_argument("--peer", default="/usr/bin/python3", metavar="PYTHON", help="an interpreter with dolfinx")
    parser.add_argument("--backend", nargs="*", help=f"of {', '.join(installed)}; default all, with --rss cholesky")
    parser.add_argument("--memory", help='what a factorisation may take, as "3 GB" (environment: DEADLIGHT_MEMORY)')
    parser.add_argument("--rss", action="store_true", help="peak memory of the whole process; one backend, no peer")
    options = parser.parse_args()
    if len(options.size) != 3:
        parser.error("give three numbers of cells: nx ny nz")
    chosen = options.backend or (["cholesky"] if options.rss else installed)
    if options.rss and len(chosen) != 1:
        parser.error("--rss measures a process: name one backend")
    if options.memory:
        os.environ["DEADLIGHT_MEMORY"] = options.memory
    print(f"kernels: {kernels.describe()}")
    print(f"{'':<26}{'unknowns':>9}{'assembly':>10}{'total CPU':>11}{'wall':>8}   residual  u_max [m]")
    rows = []
    for backend in chosen:
        rows.append(ours(options.size, backend))
        line(rows[-1]["solver"], rows[-1])
    if options.rss:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"peak memory of this process, mesh and imports included: {peak / 2**20:.2f} GiB")
        return
    reference = peer(options.size, options.peer)
    if reference:
        line(reference["peer"], reference)
        for row in rows:
            assembly = reference["assemble_cpu_s"] / row["assemble_cpu_s"]
            whole = reference["total_cpu_s"] / row["total_cpu_s"]
            print(f"{row['solver']}: assembly {assembly:.1f} x faster, whole solve {whole:.2f} x")


if __name__ == "__main__":
    main()
