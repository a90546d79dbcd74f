"""Forces on a piece as a table of plain text, and the state in one line."""

from __future__ import annotations

import math

import numpy as np

from deadlight.outcome.retention import HELD, LEAVES, Retention

COLUMNS = ("Fx N", "Fy N", "Fz N", "Mx Nm", "My Nm", "Mz Nm")


def stated(found: Retention) -> str:
    """The state, the margin and the way out in one line."""
    sure, most = found.factor["all"]
    if found.state == HELD:
        how = "clamped" if found.clamped else "pressed into its seat"
        return f"piece {found.piece}: held, {how}; disturbing loads x {_number(sure)} before it moves"
    way = ", ".join(f"{x:+.2f}" for x in found.way[:3])
    if found.state == LEAVES:
        return f"piece {found.piece}: leaves along ({way})"
    moved = 1e3 * float(np.linalg.norm(found.moved[:3]))
    return f"piece {found.piece}: loose along ({way}), moves {moved:.2g} mm; lost at x {_number(most)} at the latest"


def force_table(found: Retention) -> str:
    """One row a force: name, kind, components [N], moment about the centroid [N m], place [mm].

    The sum is that of loads and pushes: nothing, or what is unbalanced.
    """
    head = f"{'force':<14}{'kind':<12}" + "".join(f"{c:>11}" for c in COLUMNS)
    lines = [stated(found), head + f"{'at x, y, z mm':>24}"]
    force, moment = np.zeros(3), np.zeros(3)
    for a in found.acting:
        if a.kind != "unbalanced":
            force, moment = force + a.force, moment + a.moment
        at = ", ".join(f"{1e3 * x:.1f}" for x in a.place)
        lines.append(
            f"{a.name:<14.14}{a.kind:<12}" + "".join(f"{x:>11.4g}" for x in (*a.force, *a.moment)) + f"{at:>24}"
        )
    largest = max((float(np.abs(a.force).max()) for a in found.acting), default=1.0)
    size = max((float(np.abs(a.moment).max()) for a in found.acting), default=1.0)
    force, moment = _clean(force, largest), _clean(moment, max(size, 1e-3 * largest))
    lines.append(f"{'sum':<26}" + "".join(f"{x:>11.4g}" for x in (*force, *moment)))
    for name, (sure, most) in found.factor.items():
        lines.append(f"{name}: x {_number(sure)} in place without friction of pushes, x {_number(most)} at the most")
    return "\n".join(lines)


def _clean(x: np.ndarray, size: float) -> np.ndarray:
    return np.where(np.abs(x) < 1e-6 * size, 0.0, x)


def _number(value: float) -> str:
    if math.isinf(value):
        return "any" if value > 0.0 else "none (not even without them)"
    return f"{value:.3g}"
