"""Stand-ins for a material in tests: the methods that stress asks for, in closed form."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Linear:
    """E = E0 (1 + slope (T - T0)), constant Poisson's ratio and expansion."""

    E: float = 70e9
    nu: float = 0.22
    alpha: float = 9e-6
    density: float = 2500.0
    slope: float = 0.0
    T0: float = 0.0

    def youngs_modulus(self, T: np.ndarray) -> np.ndarray:
        return self.E * (1 + self.slope * (T - self.T0))

    def poisson(self, T: np.ndarray) -> np.ndarray:
        return np.full(np.shape(T), self.nu)

    def thermal_strain(self, T: np.ndarray) -> np.ndarray:
        return self.alpha * np.asarray(T)

    def warnings(self, T_min: float, T_max: float, names: object = None) -> tuple[str, ...]:
        return ()
