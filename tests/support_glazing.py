"""Glazing in fire: the heated strip as a thin 3D solid, and the framed pane of the example."""

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
from scipy.interpolate import PchipInterpolator

from deadlight.heat.boundary import Convection, Source
from deadlight.heat.solve import solve_heat
from deadlight.stress.solve import solve_stress
from deadlight.stress.supports import Fixed
from support_heat import Table, box, constant

H, THICKNESS = 0.3, 0.006  # half width and thickness of the strip [m]
LENGTH = 1.2  # half length [m]: four half widths, so the ends' disturbance has decayed by exp(-2.1 * 4) = 2e-4
# The reference is uniform through the thickness: the strip is made ten times thinner, with its heating and loss.
THIN = 10.0
E, NU, ALPHA, K, RHO, C = 70e9, 0.22, 9e-6, 0.95, 2500.0, 820.0


@dataclass(frozen=True)
class Glass:
    """Constant properties of the strip, temperatures as rises above the start."""

    density: float = RHO
    conductivity: Table = constant(K)  # noqa: RUF009 - frozen
    specific_heat: Table = constant(C)  # noqa: RUF009 - frozen

    def youngs_modulus(self, T: np.ndarray) -> np.ndarray:
        return np.full(np.shape(T), E)

    def poisson(self, T: np.ndarray) -> np.ndarray:
        return np.full(np.shape(T), NU)

    def thermal_strain(self, T: np.ndarray) -> np.ndarray:
        return ALPHA * np.asarray(T, dtype=float)


@dataclass(frozen=True)
class Strip:
    """Temperature rise [K] and stress along the strip [Pa] at mid-length, (m,) each; `warnings` of heat and stress."""

    time: np.ndarray
    T_centre: np.ndarray
    T_line: np.ndarray
    T_edge: np.ndarray
    T_mean: np.ndarray
    sigma_centre: np.ndarray
    sigma_edge: np.ndarray
    across: float
    warnings: tuple[str, ...]

    def first_crack(self, strength: float) -> tuple[float, float]:
        """Time [s] at which the edge stress reaches a strength [Pa], and the centre-to-edge difference [K] then."""
        time = np.concatenate([[0.0], self.time])
        stress = np.concatenate([[0.0], self.sigma_edge])
        assert stress[0] < strength < stress[-1] and (np.diff(stress) > 0).all()
        t = float(PchipInterpolator(stress, time)(strength))
        return t, float(PchipInterpolator(time, np.concatenate([[0.0], self.T_centre - self.T_edge]))(t))


def strip(times: np.ndarray, *, shade: float = 0.02, flux: float = 8000.0, loss: float = 20.0, fine: int = 13) -> Strip:
    """Quarter of a long strip |y| < H, edges and ends free, heated on |y| < H - shade, `fine` points over the shade."""
    s = np.linspace(0.0, 1.0, fine)[1:]
    near = min(0.06, 3.0 * shade)
    y = np.concatenate(
        [np.linspace(0.0, H - shade - near, 8), H - shade - near * (1.0 - s) ** 1.6, H - shade * (1.0 - s)]
    )
    x = LENGTH * (1.0 - (1.0 - np.linspace(0.0, 1.0, 11)) ** 1.5)
    mesh = box(x, y, [0.0, THICKNESS / THIN])
    heated = Source(region="body", power=flux / THICKNESS, weight=lambda p: (p[:, 1] < H - shade).astype(float))
    losses = [Convection(face=f, coefficient=loss / (2.0 * THIN), temperature=0.0) for f in ("body.z0", "body.z1")]
    glass = Glass()
    heat = solve_heat(
        mesh,
        {"body": glass},
        boundaries=[heated, *losses],
        initial=0.0,
        time_span=(0.0, float(times[-1])),
        tolerance=0.01,
        output_times=times,
    )
    assert heat.balance.defect.max() <= 1e-8
    at = mesh.points
    origin = np.flatnonzero(np.linalg.norm(at, axis=1) < 1e-12)
    supports = [
        Fixed(np.flatnonzero(at[:, 0] == 0.0), (0,)),
        Fixed(np.flatnonzero(at[:, 1] == 0.0), (1,)),
        Fixed(origin, (2,)),
    ]
    stress = solve_stress(
        mesh, glass, time=heat.time, temperature=heat.temperature, supports=supports, stress_free_temperature=0.0
    )
    line = np.flatnonzero((at[:, 0] == 0.0) & (at[:, 2] == 0.0))
    line = line[np.argsort(at[line, 1])]
    y, T = at[line, 1], heat.temperature[:, line]
    sigma = np.stack([stress.stress(i)[line] for i in range(len(heat.time))])
    dy = np.diff(y)[::2] * 2.0  # Simpson on the quadratic elements
    return Strip(
        heat.time,
        T[:, 0],
        T[:, np.argmin(np.abs(y - (H - shade)))],
        T[:, -1],
        (T[:, :-2:2] + 4.0 * T[:, 1::2] + T[:, 2::2]) / 6.0 @ dy / H,
        sigma[:, 0, 0],
        sigma[:, -1, 0],
        float(np.abs(sigma[:, :, 1]).max()),
        (*heat.warnings, *stress.warnings),
    )


def example(name: str = "glazing") -> ModuleType:
    """A module of examples/glazing_in_fire: the framed pane, or its `cracking`."""
    if name not in sys.modules:
        if name != "glazing":
            example()  # others import it
        path = Path(__file__).parents[1] / "examples" / "glazing_in_fire" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
