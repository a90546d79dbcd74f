"""One-instant stress problems for verification tests."""

from collections.abc import Callable, Sequence

import numpy as np

from deadlight.mesh.mesh import Mesh
from deadlight.series import Series
from deadlight.stress.held import Equilibrium
from deadlight.stress.loads import InitialStress, Loads
from deadlight.stress.problem import PaneProblem
from deadlight.stress.supports import Fixed, Seat
from support_materials import Linear


def where(mesh: Mesh, test: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return np.flatnonzero(test(mesh.points))


def nearest(mesh: Mesh, *point: float) -> int:
    return int(np.argmin(np.linalg.norm(mesh.points - np.array(point), axis=1)))


def symmetry(mesh: Mesh) -> list[Fixed]:
    """Planes x = 0 and y = 0."""
    return [
        Fixed(where(mesh, lambda p: np.abs(p[:, 0]) < 1e-12), (0,)),
        Fixed(where(mesh, lambda p: np.abs(p[:, 1]) < 1e-12), (1,)),
    ]


def problem(
    mesh: Mesh,
    supports: Sequence[Seat | Fixed],
    *,
    material: Linear | None = None,
    temperature: np.ndarray | float = 0.0,
    pressures: dict[str, float] | None = None,
    acceleration: tuple[float, float, float] | None = None,
    initial_stress: InitialStress | None = None,
) -> PaneProblem:
    """Stress-free at 0; one instant, or one a row of `temperature`."""
    T = np.atleast_2d(
        np.broadcast_to(temperature, np.shape(temperature) if np.ndim(temperature) else mesh.n_nodes)
    ).astype(float)
    loads = Loads(
        {face: Series.constant(p) for face, p in (pressures or {}).items()},
        None if acceleration is None else Series.constant(acceleration),
    )
    return PaneProblem(
        mesh, material or Linear(), np.arange(float(len(T))), T, loads, supports, initial_stress or InitialStress(), 0.0
    )


def solved(case: PaneProblem) -> tuple[Equilibrium, np.ndarray]:
    """Equilibrium and nodal stress (n_nodes, 6) of the first instant."""
    found = case.equilibrium(np.array([0]))
    return found, case.stress_of(np.array([0]), found.displacement)[0]
