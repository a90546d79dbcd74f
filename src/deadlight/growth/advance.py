"""One step of the full tier: front nodes move out, and the cracks' surfaces, outlines and mesh follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from deadlight.growth.bend import Bend, bend
from deadlight.growth.reading import Array
from deadlight.growth.region import Grown, Transition
from deadlight.growth.region import Moved as FrontMove
from deadlight.growth.regrow import MOST, regrow
from deadlight.growth.shape import Change
from deadlight.growth.stopped import GrowthStopped
from deadlight.operator.front import front_frame
from deadlight.remark import Remark
from deadlight.surface.body import Body
from deadlight.surface.chart import Drawn
from deadlight.surface.grading import GROWTH
from deadlight.surface.join import MeshedCracks
from deadlight.surface.section import Line
from deadlight.surface.sheet import Sheet
from deadlight.surface.skin_mesh import Skin

WORDS = {
    "breaks_through": "breaks through",
    "reaches_edge": "reaches the edge",
    "fronts_meet": "fronts meet",
    "joins": "joins another crack",
    "reaches_crack": "stops at another crack",
}
SMOOTHED = 0.1  # of the largest advance: smoothing that moved a node by more is told


@dataclass(frozen=True, eq=False)
class Advanced:
    """Cracks after a step.

    Attributes
    ----------
    sheets : tuple of Sheet
    meshed : MeshedCracks
    changes : tuple of Change
    added : float [m^2]
        Area that the changes opened besides what the fronts swept.
    gained : float [m^2]
        By which the surfaces of all cracks grew.
    points : tuple of (n, 3) float [m]
        Where the front nodes of each front were sent.
    remarks : tuple of Remark
    skin : tuple of (list of Line or None)
        For every sheet the lines in which its surface meets the skin.
    """

    sheets: tuple[Sheet, ...]
    meshed: MeshedCracks
    changes: tuple[Change, ...]
    added: float
    gained: float
    points: tuple[Array, ...]
    remarks: tuple[Remark, ...]
    skin: tuple[list[Line] | None, ...]


@dataclass
class _Surfaces:
    """The surface on which each crack grows in this step, found when it is asked for."""

    sheets: Sequence[Sheet]
    old: dict[int, list[Array]] = field(default_factory=dict)
    new: dict[int, list[Array]] = field(default_factory=dict)
    found: dict[int, Bend] = field(default_factory=dict)

    def __call__(self, number: int) -> Drawn | None:
        if number not in self.new:
            return None
        if number not in self.found:
            self.found[number] = bend(self.sheets[number], self.old[number], self.new[number])
        return self.found[number].chart


def advanced(
    meshed: MeshedCracks,
    sheets: Sequence[Sheet],
    move: Array,
    tilt: Array,
    *,
    body: Body | None,
    refine: float,
    back: Skin | None,
    growth: float = GROWTH,
    most: int = MOST,
) -> Advanced:
    """The cracks after their front nodes have moved.

    Parameters
    ----------
    meshed, sheets
        The cracks, and their mesh.
    move, tilt : (n,) float [m], [rad]
        Of the nodes of all fronts, in the order of `meshed.mesh.fronts`: how far, and turned from straight ahead
        towards the crack's normal.

    Raises
    ------
    GrowthStopped
        It cannot be followed.
    """
    count = sum(len(front.nodes) for front in meshed.mesh.fronts)
    if not len(move) == len(tilt) == count:
        raise GrowthStopped("lost", f"moves of {len(move)} points for fronts of {count}: they belong to other cracks")
    surfaces, steps, start = _Surfaces(sheets), [], 0
    for i, front in enumerate(meshed.mesh.fronts):
        frame = front_frame(meshed.mesh, front)
        rows = slice(start, start + len(frame.point))
        start = rows.stop
        way = np.cos(tilt[rows])[:, None] * frame.ahead + np.sin(tilt[rows])[:, None] * frame.normal
        points = frame.point + move[rows][:, None] * way
        steps.append(FrontMove(i, points, frame.point))
        sheet = meshed.sheet[front.crack]
        if tilt[rows].any() or not _on(sheets[sheet].chart, points, float(move[rows].max())):
            surfaces.old.setdefault(sheet, []).append(frame.point)
            surfaces.new.setdefault(sheet, []).append(points)
    grown, mesh = regrow(
        meshed, sheets, steps, body, chart=surfaces, refine=refine, back=back, growth=growth, most=most
    )
    changes = tuple(_change(t, sheets) for t in grown.transitions)
    added = float(sum(t.added_area for t in grown.transitions))
    reached = tuple(s.start + grown.share * (s.points - s.start) for s in steps)
    remarks = tuple(_remarks(grown, surfaces))
    return Advanced(grown.sheets, mesh, changes, added, grown.gained, reached, remarks, grown.skin)


def _on(chart: Drawn, points: Array, far: float) -> bool:
    """Whether points ahead of a front lie on its surface carried on, as they do on a plane."""
    return float(np.abs(chart.signed(points)).max()) <= 1e-6 * max(far, 1e-300)


def _change(t: Transition, sheets: Sequence[Sheet]) -> Change:
    area = f"{1e6 * t.added_area:.3g} mm^2 at a stroke" if t.added_area > 0.0 else ""
    where = f"at {t.face}" if t.face else ""
    return Change(WORDS.get(t.kind, t.kind), sheets[t.crack].name, t.place, ", ".join(x for x in (where, area) if x))


def _remarks(grown: Grown, surfaces: _Surfaces) -> list[Remark]:
    """How the step was made, where it was not just as asked."""
    found = [Remark(f"growth: {b.note}", alarm=b.alarm) for b in surfaces.found.values() if b.kind != "kept" and b.note]
    if grown.share != 1.0:
        found.append(Remark(f"growth: a step was made {grown.share:g} times as long as planned, to get a mesh"))
    worst = max((s.most for s in grown.smoothing), default=0.0)
    if worst > SMOOTHED:
        found.append(Remark(f"growth: smoothing moved a front node by {100 * worst:.0f} % of the step"))
    return found
