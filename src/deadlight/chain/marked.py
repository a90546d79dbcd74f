"""From an impact file to damage and crack tables: the form's values become the objects of the impact room."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from deadlight.assumption import Assumption
from deadlight.case.crack import Crack
from deadlight.case.fields import Uncertain
from deadlight.case.load import load_impact
from deadlight.case.mark import FocusDepth, ImpactFile, Length, MarkedPane, MarkForm, MarkResidual, Striker
from deadlight.chain.drawn import outline_of
from deadlight.chain.viewport import STATUS
from deadlight.errors import InputError
from deadlight.impact.damage import Damage, damage
from deadlight.impact.mark import Arm, Focus, Hidden, Mark, Residual
from deadlight.impact.particle import Particle
from deadlight.impact.plan import Plan
from deadlight.impact.relations import TARGETS
from deadlight.impact.sample import sample
from deadlight.impact.seeds import CrackSeed, Reading, read_mark
from deadlight.impact.view import Measured, View
from deadlight.remark import Remark, unique

AROUND = 512  # points of an outline in plan: a circle of 150 mm is 3 um smaller
SAID = {"yes": True, "no": False, "unknown": None}
CRACK: TypeAdapter[Any] = TypeAdapter(Crack)


@dataclass(frozen=True, eq=False)
class ImpactAnswer:
    """What an impact file comes to.

    Attributes
    ----------
    stated : ImpactFile
    damage : Damage or None
        Of the stated particle, or of the one whose spall the mark has.
    supposed : (low, high) of the particle's diameter [m], or None
        What the scatter of the spall relation leaves, where the particle is read off the mark.
    reading : Reading or None
    tables : tuple of tuple of dict
        Of every set, the crack tables as text with units, as a case file takes them.
    remarks : tuple of Remark
    """

    stated: ImpactFile
    damage: Damage | None
    supposed: tuple[float, float] | None
    reading: Reading | None
    tables: tuple[tuple[dict[str, Any], ...], ...]
    remarks: tuple[Remark, ...]

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """What everything here rests on, each key once."""
        found: list[Assumption] = []
        if (p := self.stated.particle) is not None:
            text = f"{p.density:g} kg/m3, {1e-3 * p.speed:g} km/s, {math.degrees(p.angle):.3g} deg from the normal"
            found.append(Assumption("impact.particle", text, p.source or "impact file", STATUS[p.status]))
        found += self.damage.assumptions if self.damage is not None else ()
        found += self.reading.assumptions if self.reading is not None else ()
        return tuple({a.key: a for a in found}.values())

    def cracks(self, index: int) -> tuple[Any, ...]:
        """The cracks of one set as objects of the case form."""
        return tuple(CRACK.validate_python(table) for table in self.tables[index])


def read_impact(path: str | Path) -> ImpactAnswer:
    """Reads an impact file and answers it.

    Raises
    ------
    CaseError, InputError
        The file is at fault, a relation is asked outside its limits, or the mark does not fit the pane.
    """
    return answer(load_impact(path))


def answer(stated: ImpactFile) -> ImpactAnswer:
    """Damage and crack sets of what was stated; InputError where it cannot be."""
    plan = plan_of(stated.pane)
    remarks: list[Remark] = []
    found, supposed, particle = None, None, None
    if stated.particle is not None:
        particle, supposed = _particle(stated)
        if particle is not None:
            found = damage(particle, thickness=plan.thickness, target=stated.particle.target)
            remarks += found.remarks
    if stated.mark is None:
        return ImpactAnswer(stated, found, supposed, None, (), unique(remarks))
    mark = mark_of(stated.mark, plan)
    target = TARGETS[stated.particle.target if stated.particle else "fused_silica"]
    reading = read_mark(mark, sample(mark, count=stated.mark.samples, particle=particle, target=target))
    remarks += _doubts(stated.mark, reading)
    pane, residual = stated.pane.name, stated.mark.residual
    tables = tuple(tuple(table_of(seed, pane, residual) for seed in each.seeds) for each in reading.sets)
    made = ImpactAnswer(stated, found, supposed, reading, tables, unique(remarks))
    for index in range(len(tables)):
        made.cracks(index)  # what the case form would refuse is a fault here, not the user's
    return made


def plan_of(pane: MarkedPane) -> Plan:
    """The pane in plan; MeshError where the outline cannot be made."""
    outline = outline_of(pane.outline).grid(around=AROUND).offset(0.0)
    return Plan(outline, pane.thickness, pane.lip_width)


def mark_of(form: MarkForm, plan: Plan) -> Mark:
    """The mark as the impact room knows it."""
    image = form.image
    pixel = image.pixel_size
    return Mark(
        name=form.name,
        plan=plan,
        view=View(image.side, pixel, image.scale_error * pixel, image.tilt, image.leaning),
        face=form.face,
        azimuth=form.azimuth,
        from_lip=_measured(form.from_lip),
        arms=tuple(
            Arm(arm.angle, _measured(arm.length), SAID[arm.through], arm.angle_error, SAID[arm.under_lip])
            for arm in form.arms
        ),
        hidden_width=form.hidden.width,
        hidden=Hidden(form.hidden.kind, form.hidden.size or 0.0, form.hidden.source, STATUS[form.hidden.status]),
        detection=form.detection,
        index=form.index.value,
        index_error=0.25 * (form.index.band[1] - form.index.band[0]) if form.index.band else 0.0,
        pit_diameter=_maybe(form.pit_diameter),
        spall_diameter=_maybe(form.spall_diameter),
        spall_attached=form.spall_attached,
        pit_depth=_focus(form.pit_depth),
        crack_depth=_focus(form.crack_depth),
        through_share=form.through.value if form.through else 1.0,
        residual=Residual(*form.residual.K, form.residual.arrested) if form.residual else None,
        assumptions=_stated(form),
    )


def table_of(seed: CrackSeed, pane: str, residual: MarkResidual | None) -> dict[str, Any]:
    """A crack seed as a table of text with units, as a case file has it."""
    table = _text(seed.table)
    table["pane"] = pane
    if "residual" in table and residual is not None:
        table["residual"] |= {"status": residual.status, "source": residual.source or "stated with the mark"}
    made: dict[str, Any] = table
    return made


def _text(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _text(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_text(v, key) for v in value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if key == "angle":
            return f"{math.degrees(value):.3f} deg"
        return f"{1e-6 * value:.4f} MPa*m**0.5" if key == "K" else f"{1e3 * value:.4f} mm"
    return value


def _particle(stated: ImpactFile) -> tuple[Particle | None, tuple[float, float] | None]:
    """The particle that is stated, or the one whose spall the mark has, with what the scatter leaves of its size."""
    form = stated.particle
    assert isinstance(form, Striker)
    if form.diameter is not None:
        return Particle(form.diameter, form.density, form.speed, form.angle), None
    mark = stated.mark
    if mark is None or mark.spall_diameter is None:
        return None, None
    value, _, pixels = mark.spall_diameter.parts
    size = value * (mark.image.pixel_size if pixels else 1.0)
    if not size > 0.0:
        raise InputError("spall_diameter is in pixels, without a scale", place="mark.image", remedy='pixel = "20 um"')
    like = Particle(1e-3, form.density, form.speed, form.angle)
    found, (small, large) = TARGETS[form.target].spall.particle_for(size, like)
    return found, (small.diameter, large.diameter)


def _doubts(form: MarkForm, reading: Reading) -> list[Remark]:
    remarks = []
    if reading.share_cut > 0.0 or reading.sets[-1].cut:
        where = f"in {100 * reading.share_cut:.3g} % of the sets" if reading.share_cut else "in the bounding set only"
        remarks.append(Remark(f"a piece may be cut off already at t = 0, {where}", alarm=True))
    if form.residual is None:
        remarks.append(
            Remark("the residual stress of the impact is not stated: K of the crack tables leaves it out", alarm=True)
        )
    if form.image.tilt > 0.0 and form.image.leaning == "radial":
        text = "the lip's edge stands above the glass: seen obliquely, from_lip is off by its height times tan(tilt)"
        remarks.append(Remark(text))
    if any(len(each.seeds) > 1 for each in reading.sets):
        remarks.append(Remark("cracks of one set may cross: their K is computed one by one, without each other"))
    return remarks


def _stated(form: MarkForm) -> tuple[Assumption, ...]:
    """The values of the file that carry a status."""
    found = [_assumption("mark.index", form.index)]
    if form.through is not None:
        found.append(_assumption("mark.through_share", form.through))
    if form.residual is not None:
        low, high = (1e-6 * k for k in form.residual.K)
        text = f"K {low:g} to {high:g} MPa m^0.5"
        found.append(
            Assumption("mark.residual", text, form.residual.source or "impact file", STATUS[form.residual.status])
        )
    return tuple(found)


def _assumption(key: str, value: Uncertain) -> Assumption:
    band = f" ({value.band[0]:g} .. {value.band[1]:g})" if value.band else ""
    return Assumption(key, f"{value.value:g}{band}", value.source or "impact file", STATUS[value.status])


def _measured(form: Length) -> Measured:
    return Measured(*form.parts)


def _maybe(form: Length | None) -> Measured | None:
    return _measured(form) if form is not None else None


def _focus(form: FocusDepth | None) -> Focus | None:
    return Focus(_measured(form.travel), form.from_face) if form is not None else None
