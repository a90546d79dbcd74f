"""How many branches the energy that flows to a running crack could feed: a bound, no prediction of branches.

A running crack takes G_c of the G that its body offers; n branches side by side take n G_c at least, whatever their
angles and speeds, so n <= G/G_c = (K/K_Ic)^2.  G at rest is the most that can flow in: at speed v it is about
(1 - v/c_R) of that (Freund 1990, Dynamic Fracture Mechanics, section 6.4).  What is used of it:

- below sqrt(2) K_Ic two cracks cannot be fed: no branching (Johnson & Holloway 1966, Phil. Mag. 14:731; Eshelby 1970,
  in Inelastic Behaviour of Solids: G must double);
- from 2 K_Ic on branching has to be reckoned with: at v = 0.5 c_R, near the speed at which a running crack first can
  branch (Katzav, Adda-Bedia & Arias 2007, Int. J. Fract. 143:245), half of G = 4 G_c is left, enough for two.

Branching of glass is observed at 3 to 4 K_Ic (ratio of branching to initiation reported in J. Eur. Ceram. Soc. 2020,
doi 10.1016/j.jeurceramsoc.2020.05.002), so both limits lie on the safe side of "no branching".  Roughening (mist,
hackle) takes energy earlier and is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from deadlight.errors import InputError
from deadlight.remark import Remark

Array = np.ndarray[Any, np.dtype[np.float64]]
Count = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

POSSIBLE = np.sqrt(2.0)  # K/K_Ic from which energy would do for two
RECKONED = 2.0  # K/K_Ic from which it has to be reckoned with
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Branching:
    """Bound on branches.

    Attributes
    ----------
    ratio : (...) float
        G/G_c with G of the crack at rest.
    most : (...) int64
        Largest number of cracks side by side that it feeds; 0 where the crack does not run.
    possible, reckoned : (...) bool
        Two could be fed; branching has to be reckoned with.
    """

    ratio: Array
    most: Count
    possible: Mask
    reckoned: Mask

    def remark(self) -> Remark:
        """The worst point in a sentence; an alarm from where branching has to be reckoned with."""
        worst, n = float(self.ratio.max(initial=0.0)), int(self.most.max(initial=0))
        if n < 2:
            return Remark(f"G reaches {worst:.3g} G_c: energy cannot feed two branches")
        words = "has to be reckoned with" if self.reckoned.any() else "is possible, not likely"
        bound = f"G reaches {worst:.3g} G_c: energy could feed up to {n} branches (a bound)"
        return Remark(f"{bound}; branching {words}, and is not followed", alarm=bool(self.reckoned.any()))


def branching(effective: Array | float, toughness: Array | float) -> Branching:
    """Bound on the number of branches of a crack.

    Parameters
    ----------
    effective : (...) float [Pa m^0.5]
        sqrt(E' G), as `direction.turn` gives it.
    toughness : (...) float [Pa m^0.5]
        K_Ic at the front's temperature; broadcast.

    Raises
    ------
    InputError
        K that is not finite or negative, toughness that is not above zero.
    """
    k, limit = np.asarray(effective, dtype=np.float64), np.asarray(toughness, dtype=np.float64)
    if not (np.isfinite(k).all() and (k >= 0).all()):
        raise InputError("an effective K that is negative or not finite", place="branching", remedy="sqrt(E' G) >= 0")
    if not (np.isfinite(limit).all() and (limit > 0).all()):
        raise InputError("a toughness that is not above zero", place="branching", remedy="K_Ic at the front")
    ratio = np.asarray((k / limit) ** 2)
    whole = ratio * (1 + ROUNDING)
    return Branching(ratio, np.floor(whole).astype(np.int64), whole >= POSSIBLE**2, whole >= RECKONED**2)
