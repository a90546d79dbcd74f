"""Crack seeds (initial flaws) as the case states them: kind, size, place, how the plane stands, what opens them."""

from __future__ import annotations

import itertools
import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from deadlight.case.fields import (
    Angle,
    CrackNumber,
    CrackSize,
    Distance,
    FileName,
    Form,
    Intensity,
    Length,
    LengthUnit,
    Name,
    ResidualPressure,
    SetNumber,
    Status,
    Tilt,
)


class Place(Form):
    """Where a crack's middle is on the pane.

    By azimuth (from +x, counter-clockwise seen from space) and the distance inside the lip or the radius; or by x and y
    of the window's axes.  A corner or edge crack begins at the rim and takes the azimuth only.
    """

    azimuth: Angle = 0.0
    inside_lip: Length | None = None
    radius: Distance | None = None
    x: Length | None = None
    y: Length | None = None
    face: Literal["outer", "inner"] = "outer"

    @model_validator(mode="after")
    def _one(self) -> Place:
        if (self.x is None) != (self.y is None):
            raise ValueError('x and y go together, for example x = "30 mm", y = "-12 mm"')
        if self.x is not None and "azimuth" in self.model_fields_set:
            raise ValueError("x and y say where the crack is; leave azimuth out")
        if len(self.distances) > 1:
            raise ValueError(
                f"found {' and '.join(self.distances)}; give exactly one of inside_lip, radius, and x with y"
            )
        return self

    @property
    def distances(self) -> tuple[str, ...]:
        """Which ways of saying how far out it is were used."""
        return tuple(key for key in ("inside_lip", "radius", "x") if getattr(self, key) is not None)


class Impact(Form):
    """Residual stress that an impact left, as a load of its own that stays.

    As a `pressure` that opens the crack, the same all over its faces, or as the `K` (mode I) that it makes where it is
    largest along the front.  Two values are the low and the high end of what is possible; both are computed.
    """

    kind: Literal["impact"]
    pressure: tuple[ResidualPressure, ...] = ()
    K: tuple[Intensity, ...] = ()
    status: Status = "assumption"
    source: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_value(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {k: (v,) if k in ("pressure", "K") and isinstance(v, str) else v for k, v in data.items()}

    @model_validator(mode="after")
    def _band(self) -> Impact:
        if bool(self.pressure) == bool(self.K):
            raise ValueError('give exactly one of pressure = ["0 MPa", "20 MPa"] and K = ["0 Pa*m**0.5", ...]')
        band = self.pressure or self.K
        if len(band) > 2 or (len(band) == 2 and band[1] <= band[0]):
            raise ValueError(f"found {len(band)} values, expected one, or a low and a high one that is larger")
        return self

    @property
    def band(self) -> tuple[float, ...]:
        """One value or low and high [Pa], or [Pa m^0.5] where K was stated."""
        return self.pressure or self.K


class Seed(Form):
    """What every crack states."""

    name: Name
    pane: Name
    pressure: Literal["none", "outer", "inner"] = "none"
    residual: Impact | None = None
    ONLY_FULL: ClassVar[bool] = True  # the quick tier has no answer for it

    @property
    def quick(self) -> bool:
        """Whether the quick tier knows such a crack."""
        return not self.ONLY_FULL


def _turned(orientation: str, angle: float | None) -> None:
    if (orientation == "angle") != (angle is not None):
        raise ValueError('orientation = "angle" and angle = "30 deg" (from the outward radius) go together')


class Placed(Seed):
    """A crack with a middle, or a beginning, on a face."""

    place: Place
    orientation: Literal["radial", "hoop", "angle"] = "radial"
    angle: Angle | None = None
    tilt: Tilt = 0.0
    AT_RIM: ClassVar[bool] = False

    @model_validator(mode="after")
    def _placed(self) -> Placed:
        _turned(self.orientation, self.angle)
        if self.AT_RIM and self.place.distances:
            raise ValueError(
                f"{self.place.distances[0]} does nothing here: this crack begins at the rim, at its azimuth"
            )
        if not self.AT_RIM and not self.place.distances:
            raise ValueError('place needs one of inside_lip (for example "5 mm"), radius, and x with y')
        return self


class Through(Seed):
    """Through the whole thickness: straight, `two_c` long, or bent along a `line` of points (x, y)."""

    kind: Literal["through"]
    two_c: CrackSize | None = None
    line: Annotated[tuple[tuple[Length, Length], ...], Field(max_length=200)] = ()
    place: Place | None = None
    orientation: Literal["radial", "hoop", "angle"] = "radial"
    angle: Angle | None = None
    tilt: Tilt = 0.0
    ONLY_FULL: ClassVar[bool] = False

    @model_validator(mode="after")
    def _straight_or_bent(self) -> Through:
        if (self.two_c is None) == (not self.line):
            raise ValueError('a through crack is sized by two_c, or by line = [["10 mm", "0 mm"], ["20 mm", "3 mm"]]')
        if not self.line:
            if self.place is None or not self.place.distances:
                raise ValueError('place is missing; for example place = { azimuth = "30 deg", inside_lip = "5 mm" }')
            _turned(self.orientation, self.angle)
            return self
        stated = [key for key in ("place", "orientation", "angle", "tilt") if key in self.model_fields_set]
        if stated:
            raise ValueError(f"{stated[0]} does nothing beside line, which says where the crack is; leave it out")
        if len(self.line) < 2:
            raise ValueError("line has one point, expected at least two")
        if any(math.dist(a, b) < 1e-6 for a, b in itertools.pairwise(self.line)):
            raise ValueError("two points of line in a row are the same; leave one out")
        return self

    @property
    def quick(self) -> bool:
        return not self.line


class Edge(Placed):
    """Through the whole thickness from the rim inwards, `depth` along its line."""

    kind: Literal["edge"]
    depth: CrackSize
    orientation: Literal["radial", "angle"] = "radial"
    ONLY_FULL: ClassVar[bool] = False
    AT_RIM: ClassVar[bool] = True


class Surface(Placed):
    """Half-elliptical, from a face: depth `a`, half length `c` on the face."""

    kind: Literal["surface"]
    a: CrackSize
    c: CrackSize
    ONLY_FULL: ClassVar[bool] = False


class Corner(Placed):
    """Quarter-elliptical, at the corner of a face and the rim: `a` along the rim, `c` along the face."""

    kind: Literal["corner"]
    a: CrackSize
    c: CrackSize
    orientation: Literal["radial", "angle"] = "radial"
    ONLY_FULL: ClassVar[bool] = False
    AT_RIM: ClassVar[bool] = True


class Embedded(Placed):
    """Elliptical, inside the glass: half axes `a` (through the thickness) and `c`, centre `depth` below the face."""

    kind: Literal["embedded"]
    a: CrackSize
    c: CrackSize
    depth: CrackSize


class Spall(Placed):
    """Lateral crack, along the face: half axes `c` (along its line) and `a` (across), `depth` of its middle below it.

    `dish` is how much nearer to the face its edge lies than its middle.
    """

    kind: Literal["spall"]
    a: CrackSize
    c: CrackSize
    depth: CrackSize
    dish: Distance = 0.0

    @model_validator(mode="after")
    def _inside(self) -> Spall:
        if self.dish >= self.depth:
            raise ValueError(
                f"dish {1e3 * self.dish:g} mm lifts the edge to the face or out of it; expected less than the depth "
                f"{1e3 * self.depth:g} mm"
            )
        return self


class Pit(Form):
    """Hole that an impact left."""

    diameter: CrackSize
    depth: CrackSize


class Radials(Form):
    """Cracks that go out from a pit: half length `c` from its middle along the face, depth `a` from the face."""

    number: CrackNumber = 2
    a: CrackSize
    c: CrackSize


class Crater(Placed):
    """Impact pit with radial cracks; the first lies along the line that `orientation` gives."""

    kind: Literal["crater"]
    pit: Pit
    radial: Radials
    ONLY_FULL: ClassVar[bool] = False

    @model_validator(mode="after")
    def _contains_the_pit(self) -> Crater:
        for size, of, pit, what in (
            (self.radial.a, "a", self.pit.depth, "depth"),
            (self.radial.c, "c", 0.5 * self.pit.diameter, "half the diameter"),
        ):
            if size < pit:
                raise ValueError(
                    f"radial.{of} = {1e3 * size:g} mm is less than {what} of the pit, {1e3 * pit:g} mm; it counts from "
                    f"the {'face' if of == 'a' else 'middle of the pit'} and holds the pit"
                )
        if self.radial.number != 2:
            more = self.radial.number > 2
            raise ValueError(
                f"radial.number is {self.radial.number}; "
                + ("cracks that cross are not in this version: " if more else "one crack alone is taken as a pair: ")
                + "number = 2, the longest with the one opposite, as one plane"
            )
        return self

    @property
    def a(self) -> float:
        """Depth of the envelope [m]."""
        return self.radial.a

    @property
    def c(self) -> float:
        """Half length of the envelope [m]."""
        return self.radial.c


class Drawn(Seed):
    """Any surface, from a file of triangles (STL, VTU, Gmsh) in the axes of the window."""

    kind: Literal["file"]
    file: FileName
    unit: LengthUnit


class Marked(Seed):
    """The cracks that an impact file leads to: its mark, or the particle whose spall it has, read as sets of cracks.

    `take` is the bounding set, the set of most cracked length, or the number of one.  Of a set the longest crack
    through the pane is followed (`crack` = its letter for another one); the others are told.
    """

    kind: Literal["impact"]
    file: FileName
    take: Literal["bound", "longest"] | SetNumber = "bound"
    crack: Annotated[str, Field(pattern=r"^[a-z]$")] | None = None

    @model_validator(mode="after")
    def _of_the_file(self) -> Marked:
        stated = [key for key in ("pressure", "residual") if key in self.model_fields_set]
        if stated:
            raise ValueError(f"{stated[0]} does nothing here: the impact file has it; leave it out")
        return self


Crack = Annotated[
    Through | Edge | Surface | Corner | Embedded | Spall | Crater | Drawn | Marked, Field(discriminator="kind")
]
