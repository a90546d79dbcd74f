"""The case: what the engineer states, as frozen objects in SI.  `docs/case.schema.json` is its published form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from deadlight.case.bands import Band, Variant
from deadlight.case.cover import with_cover
from deadlight.case.crack import Crack
from deadlight.case.drawing import Window
from deadlight.case.environment import Environment
from deadlight.case.fields import CrackRefine, Factor, FileName, Form, LengthUnit, Name, PlanSize, Tolerance, distinct
from deadlight.case.gasket import Retention
from deadlight.case.growth import Growth
from deadlight.case.hold import Hold
from deadlight.case.loss import Loss, TemperatureLimit, TemperCredit
from deadlight.case.pane import Gap, Pane, Support


class MeshFile(Form):
    """A mesh from a file; a mesh file has no unit, so it is stated.

    `file` and `root` count from the case's folder; what the mesh names (includes, heavy data) stays inside `root` too.
    `extent` is the largest overall extent along x, y or z, from the drawing: it confirms the unit of a window whose
    size is unusual.
    """

    file: FileName
    root: FileName = "."
    unit: LengthUnit
    extent: PlanSize | None = None
    groups: dict[str, str] = {}


class Criteria(Form):
    """Factors: none has a default that could pass unseen.

    `next_pane_factor` multiplies what loads the next pane when one is lost, `temper_credit` the compression of its
    temper; it must stay `strain_margin` below its strain point, seals and frames below their limits.
    """

    K_Ic_factor: Factor | None = None
    next_pane_factor: Factor | None = None
    temper_credit: TemperCredit | None = None
    strain_margin: TemperatureLimit | None = None
    seal_limit: TemperatureLimit | None = None
    frame_limit: TemperatureLimit | None = None


class Solver(Form):
    """Numerical choices, printed with the result.

    `heat_tolerance` is a difference of temperatures: in K.  `crack_refine` is the fineness of the operator's surface
    mesh: 1 aims at a few tenths of a percent of K.  With `bands` = false the verdict is
    not asked again at the ends of the bands of values that are not known.
    """

    heat_tolerance: Tolerance = 0.5
    stress_instants: int = Field(default=60, ge=4, le=200, strict=True)
    crack_refine: CrackRefine = 1.0
    bands: bool = Field(default=True, strict=True)


class Output(Form):
    fields: int = Field(default=12, ge=0, le=200, strict=True)


class Case(Form):
    """One window, one return, its cracks."""

    schema_: Literal[1] = Field(alias="schema")
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
    mesh: MeshFile | None = None
    window: Window | None = None
    panes: Annotated[tuple[Pane, ...], Field(min_length=1, max_length=6)]
    gaps: tuple[Gap, ...] = ()
    supports: dict[Name, Support] = {}
    environment: Environment
    cracks: tuple[Crack, ...] = ()
    materials: dict[str, dict[str, Any]] = {}
    growth: Growth = Growth()
    retention: Retention = Retention()
    hold: tuple[Hold, ...] = ()
    loss: Loss = Loss()
    criteria: Criteria = Criteria()
    solver: Solver = Solver()
    output: Output = Output()
    bands: tuple[Band, ...] = ()
    variants: tuple[Variant, ...] = ()
    _stated: Mapping[str, Any] | None = PrivateAttr(default=None)

    def __eq__(self, other: object) -> bool:
        """What is stated in effect counts, not the text it was read from."""
        return isinstance(other, Case) and self.__dict__ == other.__dict__

    __hash__ = Form.__hash__

    @property
    def stated(self) -> Mapping[str, Any] | None:
        """Plain data the case was read from; None for one that was made otherwise."""
        return self._stated

    def read_from(self, data: Mapping[str, Any]) -> Self:
        """This case, knowing what it was read from."""
        self._stated = data
        return self

    def with_cracks(self, cracks: Iterable[Crack]) -> Self:
        """The same window and return with other cracks."""
        return self.model_copy(update={"cracks": tuple(cracks)})

    @model_validator(mode="before")
    @classmethod
    def _covered(cls, data: Any) -> Any:
        return with_cover(data)

    @model_validator(mode="after")
    def _consistent(self) -> Case:
        if (self.mesh is None) == (self.window is None):
            raise ValueError("give exactly one of [mesh] (a file of yours) and [window] (our generator)")
        names = [p.name for p in self.panes]
        distinct("pane", names)
        distinct("crack", [c.name for c in self.cracks])
        if any(c.name.lower() == "vent" for c in self.cracks):
            raise ValueError('a crack named "vent": its gas is told apart from that of a gap\'s vent by the name')
        distinct("variant", [v.name for v in self.variants])
        beyond = [c for c in self.cracks if not c.quick and self.growth.tier == "quick"]
        if beyond:
            what = "along a line" if beyond[0].kind == "through" else beyond[0].kind
            raise ValueError(
                f'crack {beyond[0].name}: the quick tier has no answer for this kind ({what}); write tier = "full" in '
                "[growth]"
            )
        if self.window is not None:
            self.window.matches(names)
        ring = [n for n in names if n.endswith("_retainer")]
        if ring:
            raise ValueError(f"pane name {ring[0]!r} ends as a retainer's does; name the pane otherwise")
        arcjet = self.environment.arcjet
        stated = {
            "cracks": {c.pane for c in self.cracks},
            "supports": set(self.supports),
            "hold": {n for h in self.hold for n in h.swing},
            "growth.humidity": {s.pane for s in self.growth.humidity if s.pane is not None},
            "gaps": {n for g in self.gaps for n in g.between},
            "environment.arcjet.thermocouples": {t.pane for t in arcjet.thermocouples if t.pane} if arcjet else set(),
        }
        for where, used_names in stated.items():
            unknown = used_names - set(names)
            if unknown:
                raise ValueError(f"{where} names the pane {sorted(unknown)[0]!r}, but the panes are {', '.join(names)}")
        vain = [n for n, s in self.supports.items() if arcjet and "structure_temperature" in s.model_fields_set]
        if vain:
            raise ValueError(
                f"supports.{vain[0]}.structure_temperature does nothing with [environment.arcjet]: "
                "its holder_temperature is taken"
            )
        self._check_gaps(names)
        if self.loss.pane is not None and self.loss.pane not in names:
            raise ValueError(f"loss.pane is {self.loss.pane!r}, but the panes are {', '.join(names)}")
        return self

    def _check_gaps(self, names: list[str]) -> None:
        order = f"(order outermost first: {', '.join(names)})"
        for gap in self.gaps:
            first, second = (names.index(n) for n in gap.between)
            if abs(first - second) != 1:
                raise ValueError(f"a gap lies between neighbouring panes; {' and '.join(gap.between)} are not {order}")
            if first > second:
                raise ValueError(
                    f"the gap between {' and '.join(gap.between)} is named inside out; "
                    f"write the outer pane first {order}"
                )
        pairs = [gap.between for gap in self.gaps]
        twice = [pair for pair in pairs if pairs.count(pair) > 1]
        if twice:
            raise ValueError(f"the gap between {' and '.join(twice[0])} is stated twice; leave one out")

    def idle(self, key: tuple[str, ...]) -> bool:
        """Whether a key of the form, by its path, does nothing here: what belongs to a flight, in a facility."""
        if self.environment.arcjet is None:
            return False
        flight = {("environment", "pressure"), ("environment", "acceleration")}
        ends = {("heating", "sky_temperature"), ("heating", "water_quench")}
        return key[:2] in flight or key[-2:] in ends or key[-1] == "structure_temperature"

    def support(self, pane: str) -> Support:
        """The pane's support, or the printed defaults."""
        return self.supports.get(pane, Support())
