"""What computed a result: versions, kernels, solver.  Nothing that names the machine, its user or its folders."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

from deadlight import __version__, kernels

PACKAGES = ("numpy", "scipy", "pymetis", "meshio", "pyvista", "pyarrow", "pydantic", "pint")


def provenance(*, solver: str | None = None, **more: Any) -> dict[str, Any]:
    """Versions of what took part, the kernels' description, the sparse solver, and whatever else the run adds."""
    versions: dict[str, str | None] = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = None
    return {
        "deadlight": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "kernels": kernels.describe(),
        "solver": solver,
        "packages": versions,
        **more,
    }
