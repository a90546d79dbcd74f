"""What runs in the guarded child: limits first, then the reader; the answer is two files in a folder of our own.

    python -P -m deadlight.mesh._child FILE ROOT FORMAT OUT SECONDS BYTES

Exit status 0 with OUT/mesh.npz, or 2 with OUT/error.json (found, place, remedy); anything else is a reader that died.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported only after the limits are set
    from deadlight.mesh.raw import RawMesh

VALUES = "VTU values"


def _limit(seconds: int, size: int) -> None:
    try:
        import resource
    except ImportError:  # no such limits on this system: the wall-clock limit of the parent remains
        return
    limits = ((resource.RLIMIT_AS, size), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0))
    for which, wanted in limits:
        _, hard = resource.getrlimit(which)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(which, (value, value))


def main(arguments: list[str]) -> int:
    path, root, form, out = Path(arguments[0]), Path(arguments[1]), arguments[2], Path(arguments[3])
    _limit(int(float(arguments[4])) + 1, int(arguments[5]))
    from deadlight.errors import MeshError

    try:
        _read(path, root, form).save(out / "mesh.npz")
        return 0
    except MeshError as error:
        answer = {"found": error.found, "place": error.place, "remedy": error.remedy}
    except MemoryError:
        answer = {"found": "", "place": str(path), "remedy": "memory"}
    except SystemExit as error:
        answer = {"found": f"the {form} reader gave up (exit {error.code})", "place": str(path), "remedy": ""}
    except Exception as error:  # whatever a reader raises on hostile content ends here as one sentence
        text = " ".join(f"{type(error).__name__}: {error}".split())[:160].rstrip(": ")
        answer = {
            "found": f"not a readable {form} file ({text})",
            "place": str(path),
            "remedy": "",
        }
    (out / "error.json").write_text(json.dumps(answer))
    return 2


def _read(path: Path, root: Path, form: str) -> RawMesh:
    from deadlight.mesh import abaqus, gmsh, nastran, structure, vtu, xdmf

    readers = {
        "Gmsh": gmsh.read,
        "Abaqus": abaqus.read,
        "Nastran": nastran.read,
        "VTU": vtu.read_vtu,
        "XDMF": xdmf.read_xdmf,
        VALUES: vtu.read_vtu_values,
    }
    raw = readers[form](path, root)
    if form != VALUES:  # values on any points need no cells
        structure.complete(raw, place=str(path))
    return raw


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
