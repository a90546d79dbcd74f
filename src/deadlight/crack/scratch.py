"""Weight function of a long scratch: an edge crack in a plate, for any stress over its depth.

Bueckner 1970 (Z. Angew. Math. Mech. 50:529) for the free strip, a/t from 0 to 0.5:

    m(x) = 2/sqrt(2 pi (a - x)) [1 + m1 (1 - x/a) + m2 (1 - x/a)^2]
    m1 = 0.6147 + 17.1844 r^2 + 8.7822 r^6,   m2 = 0.2502 + 3.2889 r^2 + 70.0444 r^6,   r = a/t

Uniform stress at a/t = 0 gives 1.130 sqrt(pi a), 0.7 % above the exact 1.1215.  The strip may bend freely in its plane,
which a scratch in a plate may not: high for deep ones.
"""

from __future__ import annotations

import math

import numpy as np

from deadlight.crack.newman_raju import PlateCrack
from deadlight.crack.weight_function import DepthRule, deepest_rule, surface_rule
from deadlight.errors import InputError

DEEPEST = 0.5  # a/t to which the coefficients stand
POINTS = 8
UNIFORM = 2.0 / math.sqrt(2.0 * math.pi) * (2.0 + 0.6147 * 2.0 / 3.0 + 0.2502 * 2.0 / 5.0) / math.sqrt(math.pi)
"""K/(stress sqrt(pi a)) of a shallow scratch by this weight function."""


def scratch_rule(a: float, thickness: float) -> DepthRule:
    """K = row @ stress(x) of a scratch of depth a [m] in a plate.

    Raises
    ------
    InputError
        A depth that is not positive or more than half the thickness.
    """
    ratio = a / thickness
    if not 0.0 < ratio <= DEEPEST:
        raise InputError(
            f"a flaw {1e3 * a:.3g} mm deep in a pane of {1e3 * thickness:.3g} mm",
            place="scratch",
            remedy=f"above 0 and at most {DEEPEST:g} of the thickness",
        )
    m1 = 0.6147 + 17.1844 * ratio**2 + 8.7822 * ratio**6
    m2 = 0.2502 + 3.2889 * ratio**2 + 70.0444 * ratio**6
    node, weight = np.polynomial.legendre.leggauss(POINTS)
    u, du = 0.5 * (node + 1.0), 0.5 * weight
    # x = a (1 - u^2), a - x = a u^2: the square root of the tip is gone
    row = 4.0 * math.sqrt(a / (2.0 * math.pi)) * du * (1.0 + m1 * u**2 + m2 * u**4)
    return DepthRule(a * (1.0 - u**2), row)


def flaw_rules(a: float, aspect: float, thickness: float) -> tuple[DepthRule, ...]:
    """Rules of the front points of a flaw: scratch (aspect 0), or half ellipse with a/c = aspect (deepest, surface).

    Raises
    ------
    InputError
        Too deep.
    """
    if aspect == 0.0:
        return (scratch_rule(a, thickness),)
    scratch_rule(a, thickness)  # the same limit of depth
    crack = PlateCrack(a=a, c=a / aspect, t=thickness)
    return deepest_rule(crack), surface_rule(crack)


def depth_of_proof(stress: float, toughness: float, aspect: float, thickness: float) -> float:
    """Largest flaw [m] that a proof stress [Pa] passes: K = K_Ic there, in a pane that the test bends.

    A pane is proof-loaded by pressure: the stress falls to nothing at the middle of the thickness, which passes deeper
    flaws than a uniform one.  The root of a monotone function, by bisection; what is deeper than half the thickness is
    not known to pass.

    Raises
    ------
    InputError
        The stress passes flaws deeper than half the thickness: it proves nothing.
    """
    deep = DEEPEST * thickness

    def k(a: float) -> float:
        return max(float(r.row @ (1.0 - 2.0 * r.x / thickness)) for r in flaw_rules(a, aspect, thickness)) * stress

    if k(deep) < toughness:
        raise InputError(
            f"a proof stress of {stress / 1e6:.3g} MPa passes flaws deeper than half the thickness",
            place="initial_flaw.stress",
            remedy="a higher proof stress, or an inspection limit",
        )
    low, high = 0.0, deep
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if k(middle) > toughness else (middle, high)
    return high
