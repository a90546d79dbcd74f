"""The files a case names: where they are, that they stay where they may, and what else they bring along."""

from __future__ import annotations

import hashlib
from pathlib import Path

from deadlight.case.crack import Drawn, Marked
from deadlight.case.environment import Table
from deadlight.case.model import Case, MeshFile
from deadlight.case.pane import Pane
from deadlight.errors import CaseError
from deadlight.mesh.brought import brought

LARGEST = 8 << 30  # bytes of all files of a case


def mesh_path(mesh: MeshFile, root: Path) -> tuple[Path, Path]:
    """The mesh file and the folder it must not leave, both resolved.

    Parameters
    ----------
    root : Path
        Folder of the case.

    Raises
    ------
    CaseError
        The file lies outside the declared root, or is not a file.
    """
    fence = (root / mesh.root).resolve()
    if not fence.is_dir():
        raise CaseError(f'root = "{mesh.root}" is not a folder', place="mesh.root", remedy='for example "../.."')
    remedy = f'move it there, or declare the folder that holds both: root = "{_way_up(mesh.file)}" in [mesh]'
    return _inside(mesh.file, root, fence, place="mesh.file", remedy=remedy), fence


def table_path(table: Table, root: Path) -> Path:
    """The trajectory's table, resolved; CaseError if it leaves the case's folder or is not a file."""
    remedy = "a table stays inside the folder of its case: copy it there"
    return _inside(table.file, root, root.resolve(), place="environment.trajectory.file", remedy=remedy)


def stress_path(pane: Pane, root: Path) -> Path:
    """The file of a pane's initial stress, resolved; CaseError if it leaves the case's folder or is not a file."""
    remedy = "a field of stress stays inside the folder of its case: copy it there"
    place = f"panes, {pane.name}.initial_stress.file"
    return _inside(str(pane.initial_stress.file), root, root.resolve(), place=place, remedy=remedy)


def crack_path(crack: Drawn | Marked, root: Path) -> Path:
    """The file of a crack's surface or mark, resolved; CaseError if it leaves the case's folder or is not a file."""
    what = "the surface of a crack" if isinstance(crack, Drawn) else "an impact file"
    remedy = f"{what} stays inside the folder of its case: copy it there"
    return _inside(crack.file, root, root.resolve(), place=f"cracks, {crack.name}.file", remedy=remedy)


def law_path(name: str, root: Path) -> Path:
    """The table of slow growth, resolved; CaseError if it leaves the case's folder or is not a file."""
    remedy = "a table stays inside the folder of its case: copy it there"
    return _inside(name, root, root.resolve(), place="growth.file", remedy=remedy)


def named_files(case: Case, root: Path) -> dict[str, Path]:
    """Every file that decides the numbers: those the case names and those that they name in turn.

    Raises
    ------
    CaseError
        One is missing, is not a plain file, or lies where it must not.
    """
    found: dict[str, Path] = {}
    if case.mesh is not None:
        path, fence = mesh_path(case.mesh, root)
        found[case.mesh.file] = path
        # numbered: two links that change places lead to the same files in another order
        found |= {
            f"{case.mesh.file}: {i} {p.relative_to(fence).as_posix()}": p
            for i, p in enumerate(_brought(path, fence), 1)
        }
    if isinstance(case.environment.trajectory, Table):
        found[case.environment.trajectory.file] = table_path(case.environment.trajectory, root)
    for pane in case.panes:
        if pane.initial_stress.file is not None:
            found[pane.initial_stress.file] = stress_path(pane, root)
    for crack in case.cracks:
        if isinstance(crack, (Drawn, Marked)):
            found[crack.file] = crack_path(crack, root)
    if case.growth.file is not None:
        found[case.growth.file] = law_path(case.growth.file, root)
    total = sum(path.stat().st_size for path in found.values())
    if total > LARGEST:
        raise CaseError(f"its files have {total} bytes", place="the case", remedy=f"at most {LARGEST} bytes")
    return found


def file_digests(case: Case, root: Path) -> dict[str, bytes]:
    """SHA-256 of every file that decides the numbers, read in a stream; CaseError as `named_files`, or unreadable."""
    return {name: file_digest(name, path) for name, path in named_files(case, root).items()}


def file_digest(name: str, path: Path) -> bytes:
    """SHA-256 of a file that a case names; CaseError if it cannot be read."""
    try:
        with open(path, "rb") as opened:
            return hashlib.file_digest(opened, "sha256").digest()
    except OSError as error:
        raise CaseError(
            f'"{name}" cannot be read ({error.strerror})', place=str(path), remedy="check its permissions"
        ) from error


def _brought(path: Path, fence: Path) -> list[Path]:
    try:
        return brought(path, fence)
    except OSError as error:
        raise CaseError(
            f"a file that it includes cannot be read ({error.strerror})",
            place=f"mesh.file, {path}",
            remedy="check its permissions",
        ) from error


def _inside(name: str, root: Path, fence: Path, *, place: str, remedy: str) -> Path:
    try:
        path = (root / name).resolve()
    except (OSError, RuntimeError) as error:  # a loop of links
        raise CaseError(f'"{name}" leads nowhere ({error})', place=place, remedy="name the file") from error
    if not path.is_relative_to(fence):
        raise CaseError(f'"{name}" lies outside {fence}', place=place, remedy=remedy)
    try:
        if not path.is_file():
            what = "is not a plain file" if path.exists() else "does not exist"
            raise CaseError(f'"{name}" {what}', place=place, remedy="paths in a case count from the case's own folder")
        with open(path, "rb"):
            pass
    except OSError as error:
        raise CaseError(
            f'"{name}" cannot be read ({error.strerror})', place=place, remedy="check name and permissions"
        ) from error
    return path


def _way_up(name: str) -> str:
    """The root that a relative path asks for: as many steps up as it takes."""
    ups = [part for part in Path(name).parts if part == ".."]
    return "/".join(ups) or str(Path(name).parent)
