"""Reads a mesh file in a child process with limits, so that no file can hang, fill or kill the program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from deadlight.errors import MachineError, MeshError
from deadlight.mesh.raw import RawMesh

AGAIN = "the file is damaged or not what its extension says: export the mesh again, Gmsh 4.1 or VTU read best"


def read_guarded(path: Path, *, form: str, root: Path, timeout_s: float, memory_bytes: int) -> RawMesh:
    """What the file says.

    Parameters
    ----------
    path, root : Path
        The file, and the folder that includes and heavy data must not leave.
    form : str
        "Gmsh", "Abaqus", "Nastran", "VTU" or "XDMF"; "VTU values" for points and their values alone.
    timeout_s : float [s]
        Limit of wall-clock and of processor time.
    memory_bytes : int [B]
        Limit of the child's address space.

    Raises
    ------
    MeshError
        The file is at fault, or the reader ran out of its limits or died on it.
    MachineError
        The child could not be started.
    """
    with tempfile.TemporaryDirectory(prefix="deadlight-mesh-") as folder:
        out = Path(folder)
        command = [sys.executable, "-P", "-m", "deadlight.mesh._child", str(path.resolve()), str(root.resolve()), form]
        command += [folder, str(timeout_s), str(int(memory_bytes))]
        threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=path.resolve().parent,
                env={**os.environ, **threads, "PYTHONWARNINGS": "default"},
                start_new_session=True,
            )
        except OSError as error:
            raise MachineError(f"the mesh reader could not be started: {error}") from error
        try:
            _, stderr = child.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            _stop(child)
            raise MeshError(
                f"reading took longer than {timeout_s:g} s",
                place=str(path),
                remedy="the file is damaged, or give a larger timeout_s",
            ) from None
        except BaseException:
            _stop(child)
            raise
        return _answer(
            child.returncode, stderr.decode("utf-8", "replace"), out, path=path, form=form, memory_bytes=memory_bytes
        )


def _stop(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        child.kill()
    child.communicate()


def _answer(status: int, stderr: str, out: Path, *, path: Path, form: str, memory_bytes: int) -> RawMesh:
    too_big = MeshError(
        f"reading needs more than {memory_bytes / 2**30:.3g} GiB",
        place=str(path),
        remedy="a count in the file is wrong, or give a larger memory_bytes",
    )
    if status == 0 and (out / "mesh.npz").exists():
        return RawMesh.load(out / "mesh.npz")
    if (out / "error.json").exists():
        error = json.loads((out / "error.json").read_text())
        if error["remedy"] == "memory":
            raise too_big
        raise MeshError(
            error["found"],
            place=error["place"].replace(str(path.resolve()), str(path)),
            remedy=error["remedy"] or AGAIN,
        )
    last = next((line.strip() for line in reversed(stderr.splitlines()) if line.strip()), "")
    if "MemoryError" in last or "memory" in last.lower():
        raise too_big
    if status == -signal.SIGXCPU:
        raise MeshError("reading took too much processor time", place=str(path), remedy=AGAIN)
    if "No module named" in last:
        raise MachineError(f"the mesh reader could not be started: {last}")
    how = f"was killed by signal {-status}" if status < 0 else f"left with status {status}"
    raise MeshError(f"the {form} reader {how} on this file", place=str(path), remedy=AGAIN)
