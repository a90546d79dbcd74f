"""Reads K along the front out of what CalculiX (or another code) made of a deck.

python -m deadlight.export.read_out DIR
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from shapely.geometry import Polygon

from deadlight.errors import DeadlightError, InputError
from deadlight.export.cracked_mesh import CrackedMesh, CrackFront
from deadlight.export.extension import Extension
from deadlight.export.front_k import FrontK, front_k
from deadlight.export.front_line import FrontLine
from deadlight.export.planar_crack import CrackPlane, CutCrack
from deadlight.export.results import read_ccx

Array = np.ndarray[Any, np.dtype[np.float64]]

FORMAT = 1


def keep(path: Path, mesh: CrackedMesh, extensions: Sequence[Extension], *, young: float, nu: float) -> Path:
    """Keeps what the read-out needs beside the deck: the mesh, its fronts and their virtual extensions."""
    plane = mesh.crack.plane
    data: dict[str, Any] = {
        "format": FORMAT, "young": young, "nu": nu, "points": mesh.points, "cells": mesh.cells.astype(np.int32),
        "pairs": mesh.pairs, "origin": plane.origin, "e1": plane.e1, "e2": plane.e2, "outline": plane.outline,
        "region": np.asarray(mesh.crack.region.exterior.coords), "fronts": len(mesh.fronts),
    }  # fmt: skip
    for i, (front, ext) in enumerate(zip(mesh.fronts, extensions)):
        data |= {
            f"front_{i}_nodes": front.nodes, f"front_{i}_closed": front.closed, f"front_{i}_x": front.line.x,
            f"front_{i}_size": front.size, f"ext_{i}_nodes": ext.nodes, f"ext_{i}_move": ext.move,
            f"ext_{i}_work": ext.work, f"ext_{i}_area": ext.area,
        }  # fmt: skip
    with path.open("wb") as file:
        np.savez_compressed(file, **data)
    return path


def kept(path: Path) -> tuple[CrackedMesh, list[Extension], float, float]:
    """Mesh, extensions, Young's modulus [Pa] and Poisson's ratio of a deck."""
    if not path.exists():
        raise InputError(f"no file {path.name}", place=str(path.parent), remedy="the folder that `write_deck` wrote")
    with np.load(path, allow_pickle=False) as data:
        if "format" not in data or int(data["format"]) != FORMAT:
            raise InputError("another format than this version reads", place=str(path), remedy="export the deck again")
        plane = CrackPlane(data["origin"], data["e1"], data["e2"], data["outline"])
        fronts, extensions = [], []
        for i in range(int(data["fronts"])):
            closed = bool(data[f"front_{i}_closed"])
            line = FrontLine(data[f"front_{i}_x"], closed, plane.normal)
            fronts.append(CrackFront(data[f"front_{i}_nodes"], closed, line, float(data[f"front_{i}_size"])))
            extensions.append(Extension(*(data[f"ext_{i}_{name}"] for name in ("nodes", "move", "work", "area"))))
        none = np.zeros((0, 6), dtype=np.int64)
        mesh = CrackedMesh(
            data["points"], data["cells"].astype(np.int64), none, none, {}, data["pairs"], tuple(fronts),
            CutCrack(plane, Polygon(data["region"]), (), ()), {},
        )  # fmt: skip
        return mesh, extensions, float(data["young"]), float(data["nu"])


def read_k(directory: str | Path, results: str | Path | None = None) -> list[FrontK]:
    """K along every front from the displacements in DIR/crack.dat, DIR/crack.frd, or another file.

    Raises
    ------
    InputError
        A file is missing, or belongs to another deck.
    """
    folder = Path(directory)
    mesh, extensions, young, nu = kept(folder / "crack.npz")
    u = read_ccx(folder / "crack" if results is None else results, n_nodes=len(mesh.points))
    return front_k(mesh, u, young=young, nu=nu, extensions=extensions)


def write_k(path: Path, fronts: Sequence[FrontK], source: str) -> Path:
    """K along the fronts as a table."""
    with path.open("w", newline="", encoding="ascii") as file:
        file.write(f"# K along the crack fronts; {source}\n")
        file.write("# |.| end points of a front: not the field of a plane crack, do not compare there\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["front", "s_m", "x_m", "y_m", "z_m", "G_J_m2", "K_I", "K_II", "K_III"])
        for number, k in enumerate(fronts, 1):
            for row in np.column_stack([k.s, k.x, k.g, k.k1, k.k2, k.k3]).tolist():
                writer.writerow([number, *(f"{v:.8g}" for v in row)])
    return path


def main(arguments: Sequence[str]) -> int:
    """Prints K and writes k_results.csv."""
    if len(arguments) not in (1, 2):
        print("usage: python -m deadlight.export.read_out DIR [RESULTS.dat or .frd]", file=sys.stderr)
        return 2
    try:
        fronts = read_k(*arguments)
    except DeadlightError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    for number, k in enumerate(fronts, 1):
        print(f"front {number}:     s [mm]    K_I    K_II   K_III [MPa sqrt(m)]")
        for s, *modes in np.column_stack([k.s, k.k1, k.k2, k.k3]).tolist():
            print(f"          {1e3 * s:9.3f}" + "".join(f"{1e-6 * v:9.4f}" for v in modes))
    write_k(Path(arguments[0]) / "k_results.csv", fronts, "from the displacements of the deck's results")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
