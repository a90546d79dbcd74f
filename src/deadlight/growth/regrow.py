"""A step of growth and its mesh: what cannot be meshed is tried again in other ways, in a stated order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from deadlight.errors import InputError, NotSolved
from deadlight.growth.region import Grown, Moved, Shaping, grown
from deadlight.growth.settle import SHRUNK
from deadlight.growth.skin_section import Section
from deadlight.growth.stopped import GrowthStopped
from deadlight.surface.body import Body
from deadlight.surface.chart import Drawn
from deadlight.surface.join import MeshedCracks, surface_mesh
from deadlight.surface.sheet import Sheet

MOST = 4500  # nodes of a surface mesh


@dataclass(frozen=True)
class Rung:
    """One way to try a step: its share, and how boldly shapes are smoothed and ligaments broken."""

    name: str
    share: float
    shaping: Shaping


LADDER = (
    Rung("as asked", 1.0, Shaping()),
    Rung("smoother", 1.0, Shaping(smooth=2.5, close=0.08)),
    Rung("larger break-through", 1.0, Shaping(smooth=2.5, ligament=0.25, close=0.1)),
    Rung("0.6 of the step", 0.6, Shaping()),
    Rung("0.6 of the step, smoother", 0.6, Shaping(smooth=2.5, ligament=0.15, close=0.1)),
    Rung("0.3 of the step, smoother", 0.3, Shaping(smooth=2.5, ligament=0.12, close=0.08)),
    Rung("1.2 of the step, larger break-through", 1.2, Shaping(smooth=4.0, ligament=0.25, close=0.15)),
    Rung("break-through of two fifths", 1.0, Shaping(smooth=2.5, ligament=0.4, close=0.1)),
    Rung("0.1 of the step, much smoother", 0.1, Shaping(smooth=6.0)),
)


def regrow(
    meshed: MeshedCracks,
    sheets: Sequence[Sheet],
    moved: Sequence[Moved],
    body: Body | None,
    *,
    chart: Callable[[int], Drawn | None] | None = None,
    ladder: Sequence[Rung] = LADDER,
    most: int = MOST,
    **options: Any,
) -> tuple[Grown, MeshedCracks]:
    """Cracks after a step, and their mesh.

    Parameters
    ----------
    meshed, sheets, moved, body, chart
        As for `grown`.
    ladder : sequence of Rung
        Tried in order until one can be meshed.
    most : int
        Nodes of a surface mesh.
    **options
        For `surface_mesh`.

    Returns
    -------
    Grown, MeshedCracks
        `Grown.share` is the share of the step that was taken, `Grown.tries` what failed before.

    Raises
    ------
    GrowthStopped
        "severed", "reaches_crack", or "not_meshed" when no rung of the ladder led to a mesh; the old state is as good
        as before.
    """
    tries: list[str] = []
    known: dict[int, Section] = {}
    for rung in (r for r in ladder if chart is None or r.share <= 1.0):  # a new chart ends where it was asked to
        steps = [replace(m, points=m.start + rung.share * (m.points - m.start)) for m in moved]
        try:
            found = grown(meshed, sheets, steps, body, chart=chart, shaping=rung.shaping, known=known)
            if found.severed:
                raise GrowthStopped("severed", _severed(found, sheets), found.sheets)
            after = surface_mesh(body, found.sheets, skin=found.skin, **options)
            _check_size(after, most)
            _check_area(meshed, after, found)
        except GrowthStopped as stop:
            if stop.reason in ("severed", "reaches_crack"):
                raise
            tries.append(f"{rung.name}: {stop.sentence}")
        except (InputError, NotSolved, shapely.errors.GEOSException) as error:
            if "cuts the body in two" in str(error):
                text = f"no edge of a crack is left inside the body ({error})"
                raise GrowthStopped("severed", text, found.sheets) from error
            tries.append(f"{rung.name}: {error.found if isinstance(error, InputError) else error}")
        else:
            return replace(found, share=rung.share, tries=tuple(tries)), after
    raise GrowthStopped("not_meshed", f"no mesh of the grown cracks in {len(tries)} tries; the first: {tries[0]}")


def _check_size(after: MeshedCracks, most: int) -> None:
    """Refuse a mesh that only a front next to skin makes so fine: its matrix would take gigabytes."""
    if len(after.mesh.points) > most:
        raise NotSolved(f"a surface mesh of {len(after.mesh.points)} nodes (limit {most})")


def _severed(found: Grown, sheets: Sequence[Sheet]) -> str:
    cut = [t for t in found.transitions if t.kind == "severs"]
    return "; ".join(
        f"{sheets[t.crack].name} has no edge left inside the body, near "
        f"({', '.join(f'{1e3 * v:.4g}' for v in t.place)}) mm"
        for t in cut
    )


def _check_area(before: MeshedCracks, after: MeshedCracks, found: Grown) -> None:
    """The meshed cracks may not be smaller than those before, where both are in the same chart."""
    for new, olds in enumerate(found.came_from):
        mine = [k for k, s in enumerate(before.sheet) if s in olds]
        now = [k for k, s in enumerate(after.sheet) if s == new]
        charts = {id(before.domains[k].chart) for k in mine} | {id(after.domains[k].chart) for k in now}
        if len(charts) == 1 and not _area(after, now) >= _area(before, mine) * (1.0 - 100 * SHRUNK):
            raise GrowthStopped(
                "lost_area",
                f"crack {new} would shrink from {1e6 * _area(before, mine):.9g} to {1e6 * _area(after, now):.9g} mm2",
            )


def _area(meshed: MeshedCracks, numbers: Sequence[int]) -> float:
    total = 0.0
    for k in numbers:
        for loop in meshed.domains[k].loops:
            x = np.concatenate([p.points[:-1] for p in loop])
            x = x - x.mean(axis=0)
            y = np.roll(x, -1, axis=0)
            total += 0.5 * float((x[:, 0] * y[:, 1] - x[:, 1] * y[:, 0]).sum())
    return total
