"""Stress intensity equations of Newman & Raju for surface and corner cracks in a plate, tension and bending.

Surface semi-ellipse: Newman & Raju 1981, Eng. Fract. Mech. 15:185 (NASA TM-83200).  Corner quarter-ellipse: Newman &
Raju 1984, NASA TM-85793.  a depth, c half surface length (corner: surface length), t thickness, phi parametric angle,
90 degrees at the deepest point.  K = (S_t + H S_b) sqrt(pi a/Q) F; nu = 0.3.  The authors state about 5 % for a/t <=
0.8. The bending equation is 5 % to 12 % low at a/t = 0.6, a/c = 0.4 against finer solutions: `weight_function`
corrects for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from deadlight.remark import Remark


@dataclass(frozen=True)
class PlateCrack:
    """Sizes of a surface or corner crack in a plate.

    Attributes
    ----------
    a, c, t : float [m]
        Depth, half surface length (corner: surface length), plate thickness.
    half_width : float [m]
        Distance from the crack's middle to the nearest side of the plate (corner: plate width).
    """

    a: float
    c: float
    t: float
    half_width: float = math.inf

    @property
    def shape(self) -> float:
        """sqrt(Q), the complete elliptic integral by Rawe's fit."""
        ratio = min(self.a / self.c, self.c / self.a)
        return math.sqrt(1.0 + 1.464 * ratio**1.65)

    def warnings(self) -> tuple[Remark, ...]:
        """What lies outside the range of the equations."""
        found = []
        if not 0.2 <= self.a / self.c <= 2.0:
            found.append(f"a/c = {self.a / self.c:.2f} outside 0.2 ... 2 of the surface-crack equations")
        if self.a / self.t > 0.8:
            found.append(f"a/t = {self.a / self.t:.2f} above 0.8 of the surface-crack equations")
        near = self.near_side()
        return tuple(Remark(text, alarm=True) for text in found) + (() if near is None else (near,))

    def near_side(self) -> Remark | None:
        """An alarm where the side of the plate is nearer than the width factor holds for."""
        if self.c / self.half_width <= 0.5:
            return None
        return Remark(f"c/b = {self.c / self.half_width:.2f} above 0.5 of the surface-crack equations", alarm=True)


def surface_k(crack: PlateCrack, phi: float) -> tuple[float, float]:
    """K [m^0.5] of a semi-elliptical surface crack per unit tension and per unit outer-fibre bending, phi [rad]."""
    x, a_t = crack.a / crack.c, crack.a / crack.t
    s, k = math.sin(phi), math.cos(phi)
    if x <= 1.0:
        m1, m2 = 1.13 - 0.09 * x, -0.54 + 0.89 / (0.2 + x)
        m3 = 0.5 - 1.0 / (0.65 + x) + 14.0 * (1.0 - x) ** 24
        g = 1.0 + (0.1 + 0.35 * a_t**2) * (1.0 - s) ** 2
        angle = (x * x * k * k + s * s) ** 0.25
    else:
        y = 1.0 / x
        m1, m2, m3 = math.sqrt(y) * (1.0 + 0.04 * y), 0.2 * y**4, -0.11 * y**4
        g = 1.0 + (0.1 + 0.35 * y * a_t**2) * (1.0 - s) ** 2
        angle = (y * y * s * s + k * k) ** 0.25
    width = width_factor(crack, "surface")
    k_t = (m1 + m2 * a_t**2 + m3 * a_t**4) * g * angle * width * math.sqrt(math.pi * crack.a) / crack.shape
    return k_t, _bending_factor(x, a_t, s, 0.55) * k_t


def corner_k(crack: PlateCrack, phi: float) -> tuple[float, float]:
    """K [m^0.5] of a quarter-elliptical corner crack per unit tension and per unit outer-fibre bending, phi [rad]."""
    x, a_t = crack.a / crack.c, crack.a / crack.t
    s, k = math.sin(phi), math.cos(phi)
    if x <= 1.0:
        m1, m2 = 1.08 - 0.03 * x, -0.44 + 1.06 / (0.3 + x)
        m3, depth = -0.5 + 0.25 * x + 14.8 * (1.0 - x) ** 15, a_t
        angle = (x * x * k * k + s * s) ** 0.25
    else:
        y = 1.0 / x
        m1, m2, m3, depth = math.sqrt(y) * (1.08 - 0.03 * y), 0.375 * y * y, -0.25 * y * y, crack.c / crack.t
        angle = (y * y * s * s + k * k) ** 0.25
    g1 = 1.0 + (0.08 + 0.4 * depth**2) * (1.0 - s) ** 3
    g2 = 1.0 + (0.08 + 0.15 * depth**2) * (1.0 - k) ** 3
    width = width_factor(crack, "corner")
    k_t = (m1 + m2 * a_t**2 + m3 * a_t**4) * g1 * g2 * angle * width * math.sqrt(math.pi * crack.a) / crack.shape
    return k_t, _bending_factor(x, a_t, s, 0.64) * k_t


def width_factor(crack: PlateCrack, kind: Literal["surface", "corner"]) -> float:
    """What the plate's width adds: K over that in a wide plate."""
    lam = crack.c / crack.half_width * math.sqrt(crack.a / crack.t)
    if kind == "corner":
        return 1.0 - 0.2 * lam + 9.4 * lam**2 - 19.4 * lam**3 + 27.1 * lam**4
    return math.sqrt(1.0 / math.cos(min(0.5 * math.pi * lam, 0.49 * math.pi)))


def _bending_factor(x: float, a_t: float, s: float, constant: float) -> float:
    """H of the bending part; the constant of G2 is 0.55 (surface) or 0.64 (corner)."""
    if x <= 1.0:
        p = 0.2 + x + 0.6 * a_t
        h1 = 1.0 - 0.34 * a_t - 0.11 * x * a_t
        g1, g2 = -1.22 - 0.12 * x, constant - 1.05 * x**0.75 + 0.47 * x**1.5
    else:
        y = 1.0 / x
        p = 0.2 + y + 0.6 * a_t
        h1 = 1.0 - (0.04 + 0.41 * y) * a_t + (0.55 - 1.93 * y**0.75 + 1.38 * y**1.5) * a_t**2
        g1, g2 = -2.11 + 0.77 * y, constant - 0.72 * y**0.75 + 0.14 * y**1.5
    h2 = 1.0 + g1 * a_t + g2 * a_t**2
    return h1 + (h2 - h1) * s**p
