"""Makes the influence tables that the package ships, with the crack operator.

    python -m deadlight.crack.make_tables [surface] [corner] [through] [edge] --work DIR [--check N] [--deep M]

Every run of the operator is kept in the work folder, so the command may be stopped and started again.  `--check` and
`--deep` compute N and M random geometries a kind on finer meshes, on one and on two and extrapolated, and write the
worst error into the tables.
"""

from __future__ import annotations

import argparse
import datetime
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadlight import __version__
from deadlight.crack.influence import NEAR_SKIN
from deadlight.crack.influence_basis import WHOLE, Basis, Kind
from deadlight.crack.influence_front import Front
from deadlight.crack.influence_runs import edge_run, face_run, through_run
from deadlight.crack.influence_table import AXES, FOLDER, InfluenceTable, checksum

Array = np.ndarray[Any, np.dtype[np.float64]]

NU = (0.1, 0.25, 0.4)
MIDDLE = 1  # of NU, where every geometry is computed; the others on every other node
FINE = (1.8, 2.6)  # fineness of the surface mesh from which the error of fineness 1 is extrapolated
FINE_THROUGH = (1.4, 1.9)
CHECK_FINE = 1.6  # of the checks, with the table's own correction for fineness
DEEP_FINE = (1.5, 2.2)  # of the deeper checks, extrapolated: neither the table's meshes nor its correction
# Largest change of K by other sizes of the plate, relative to K of uniform stress; the checks have the tables' plate
# and do not see it.  Measured at a/c 0.2 with a/t 0.83 and 0.9, and at c/t 4: far elements much larger than the plate
# is thick.
PLATE: dict[Kind, float] = {"surface": 0.002, "corner": 0.008, "through": 0.005, "edge": 0.015}
SEED, SPREAD = 20261, 12  # random geometries beyond so many are uniform in a/c, a/t and so on
SHORT = (0.02, 0.9, 0.8)  # shares of the axes: one more check, of a through crack hardly longer than half a thickness


@dataclass(frozen=True)
class Work:
    """Folder of finished runs."""

    folder: Path

    def run(self, kind: Kind, first: float, second: float, nu: Sequence[float], refine: float) -> Array:
        """Front coefficients (n_nu, ...) of one geometry, computed once."""
        name = "_".join([kind, *(f"{v:.5f}" for v in (first, second, *nu, refine))])
        path = self.folder / f"{name}.npy"
        if path.exists():
            return np.asarray(np.load(path))
        start = time.process_time()
        if kind == "through":
            found = through_run(first, second, tuple(nu), refine=refine)
        elif kind == "edge":
            found = edge_run(first, tuple(nu), refine=refine)
        else:
            found = face_run(kind, first, second, tuple(nu), refine=refine)
        np.save(path, found)
        print(f"{name}  {time.process_time() - start:.1f} s CPU", flush=True)
        return found


def table(kind: Kind, work: Work) -> Array:
    """Values (nodes 1, nodes 2, nodes nu, ...) of the whole table."""
    first, second = (axis.nodes for axis in AXES[kind][:2])
    base = np.stack([[work.run(kind, u, v, NU[MIDDLE : MIDDLE + 1], 1.0)[0] for v in second] for u in first])
    base = base + _fineness(kind, work, first, second)
    others = [n for n in range(len(NU)) if n != MIDDLE]
    coarse = np.stack([[_change(kind, work, u, v, others) for v in second[::2]] for u in first[::2]])
    full = _carried(coarse, kind)
    out = np.repeat(base[:, :, None], len(NU), axis=2)
    out[:, :, others] += full
    if kind == "through":  # without a rim the tips are mirror images
        sign = np.array([(-1.0) ** i for i, _ in Basis(kind).modes])[:, None]
        mean = 0.5 * (out[:, 0, :, 0] + sign * out[:, 0, :, 1])
        out[:, 0, :, 0], out[:, 0, :, 1] = mean, sign * mean
    return out * parity(kind)


def parity(kind: Kind) -> Array:
    """Ones where a shape can have a function along the front by symmetry, zeros elsewhere. (n_modes, terms)."""
    i, j = np.array(Basis(kind).modes).T
    term = np.arange(Front(kind).terms)
    if kind == "corner":
        return np.ones((len(i), len(term)))
    if kind in WHOLE:
        return ((j[:, None] + term) % 2 == 0).astype(float)
    return ((term >= len(term) // 2) == (i[:, None] % 2 == 1)).astype(float)


def _change(kind: Kind, work: Work, u: float, v: float, others: list[int]) -> Array:
    """What other Poisson's ratios change, on the same mesh. (len(others), ...)."""
    middle = work.run(kind, u, v, NU[MIDDLE : MIDDLE + 1], 1.0)
    return work.run(kind, u, v, [NU[n] for n in others], 1.0) - middle


def _carried(coarse: Array, kind: Kind) -> Array:
    """Values on every other node (n1, n2, ...) brought to all nodes."""
    one, two = AXES[kind][:2]
    at_one = one.thinned.weights(one.nodes)
    at_two = two.thinned.weights(two.nodes)
    return np.asarray(np.einsum("pa,qb,ab...->pq...", at_one, at_two, coarse))


def _fineness(kind: Kind, work: Work, first: Array, second: Array) -> Array:
    """What a mesh without end would change, second order in the element size; it is a matter of the crack's own mesh.

    Taken where the body costs least: a surface crack in a half-space, a corner crack in a quarter space, a through
    crack at one ligament.
    """
    column = 2 if kind == "through" else 0
    low, high = FINE_THROUGH if kind in WHOLE else FINE
    out = []
    for u in first[:: 2 if kind == "corner" else 1]:
        at = kind, u, float(second[column]), NU[MIDDLE : MIDDLE + 1]
        coarse, fine, usual = (work.run(*at, f)[0] for f in (low, high, 1.0))
        out.append(fine + (fine - coarse) / ((high / low) ** 2 - 1.0) - usual)
    found = np.stack(out)
    if kind == "corner":
        found = np.tensordot(AXES[kind][0].thinned.weights(first), found, axes=1)
    return found[:, None]


def check(kind: Kind, made: InfluenceTable, work: Work, count: int, deep: int) -> tuple[Array, Array]:
    """Geometries (n, 3) and their errors (n, ..., n_modes, n_places), relative to K of uniform stress.

    The first `count` of a row of random geometries on a finer mesh, less what the table holds its second order for; the
    first `deep` of the same row, and a short crack, on two finer meshes and extrapolated.  What the operator itself
    lacks is a matter of `tests/verification`, where the tables stand beside solutions that are not the operator's.
    """
    axes = AXES[kind]
    shift = _fineness(kind, work, axes[0].nodes, axes[1].nodes)[:, 0] * parity(kind)
    shares = np.random.default_rng(SEED).random((max(count, deep), 3))
    row = [_geometry(kind, n, share) for n, share in enumerate(shares)]
    points, errors = [], []
    for u, v, nu in row[:count]:
        true = work.run(kind, u, v, [nu], CHECK_FINE)[0]
        true = true + np.tensordot(axes[0].weights(u)[0], shift, axes=1) / CHECK_FINE**2
        points.append((u, v, nu))
        errors.append(_error(made, (u, v, nu), true))
    low, high = DEEP_FINE
    for u, v, nu in row[:deep] + ([_geometry(kind, 0, np.array(SHORT))] if deep and kind in WHOLE else []):
        coarse, fine = (work.run(kind, u, v, [nu], each)[0] for each in DEEP_FINE)
        points.append((u, v, nu))
        errors.append(_error(made, (u, v, nu), fine + (fine - coarse) / ((high / low) ** 2 - 1.0)))
    for (u, v, nu), error in zip(points, errors):
        print(f"  {kind} {u:.3f} {v:.3f} nu {nu:.3f}: uniform stress within {100 * error[..., 0, :].max():.2f} %")
    return np.array(points), np.array(errors)


def _geometry(kind: Kind, n: int, share: Array) -> tuple[float, float, float]:
    """The n-th geometry: shares of the axes' variables; late ones of the axes, which else lie dense at an upper end."""
    u, v, nu = (
        axis.plain(axis.low + (axis.high - axis.low) * s)
        if n < SPREAD
        else axis.smallest + (axis.largest - axis.smallest) * s
        for axis, s in zip(AXES[kind], share)
    )
    return u, v, nu


def _error(made: InfluenceTable, at: tuple[float, float, float], true: Array) -> Array:
    """Of the table at a geometry, (..., n_modes, n_places), relative to K of uniform stress."""
    difference = (made.coefficients(*at) - true) @ Front(made.kind).functions(made.places).T
    return np.asarray(np.abs(difference) / np.abs(made.uniform(*at, made.places))[..., None, :])


def _far(kind: Kind) -> Array:
    """Ones for the shapes that open a crack widely enough for the plate's far sides to answer. (n_modes,)."""
    return np.array([float(max(i, j) <= 1) for i, j in Basis(kind).modes])


def make(kind: Kind, work: Work, checks: int, deep: int, folder: Path, operator: str = "") -> Path:
    """Computes one table, checks it and writes it."""
    values = table(kind, work).astype(np.float32).astype(float)
    made = InfluenceTable(kind, values, np.zeros(values.shape[-2]), {})
    none = np.zeros((0, 3)), np.zeros((0, values.shape[-2]))
    points, errors = check(kind, made, work, checks, deep) if checks else none
    worst = errors.reshape(len(errors), -1, values.shape[-2], len(made.places)) if checks else None
    by_mode = np.zeros(values.shape[-2]) if worst is None else np.sqrt((worst**2).mean(axis=(1, 3))).max(axis=0)
    by_mode = by_mode + PLATE[kind] * _far(kind)
    inside = np.abs(made.places) <= (NEAR_SKIN if kind in WHOLE else np.inf)
    facts = {
        "operator": operator,
        "plate_error": PLATE[kind],
        "made": datetime.date.today().isoformat(),
        "version": __version__,
        "poisson": list(NU),
        "settings": f"fineness 1, extrapolated from {FINE_THROUGH if kind in WHOLE else FINE}",
        "checks": points.round(5).tolist(),
        "check_errors": [] if worst is None else worst[:, :, 0].max(axis=(1, 2)).round(6).tolist(),
        "check_errors_inside": [] if worst is None else worst[:, :, 0][..., inside].max(axis=(1, 2)).round(6).tolist(),
        "checksum": checksum(values, by_mode),
    }
    path = folder / f"influence_{kind}.npz"
    InfluenceTable(kind, values, by_mode, facts).save(path)
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB, fit error of uniform stress {100 * by_mode[0]:.2f} %")
    return path


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", default=list(AXES))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--check", type=int, default=20)
    parser.add_argument("--deep", type=int, default=12)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--operator", default="", help="commit of the operator that made the runs, for the file")
    given = parser.parse_args(arguments)
    given.work.mkdir(parents=True, exist_ok=True)
    given.out.mkdir(parents=True, exist_ok=True)
    for kind in given.kinds:
        make(kind, Work(given.work), given.check, given.deep, given.out, given.operator)


if __name__ == "__main__":
    main()
