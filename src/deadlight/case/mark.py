"""The form of an impact file: the particle, or the mark as it was measured, and the pane it is on."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from deadlight.case.drawing import Round, RoundedRectangle, Trapezoid
from deadlight.case.fields import (
    Angle,
    CrackSize,
    Form,
    Limited,
    Name,
    Overhang,
    Status,
    Thickness,
    Uncertain,
)
from deadlight.units import quantity

_PIXELS = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(?:px|pixels?)\s*")
_LONGEST = 2.0  # [m] of anything measured on a window
_MOST_PIXELS = 1e6  # of an image's side; the largest stitched ones have some 1e5

Density = Annotated[float, Limited("kg/m**3", above=0.0, high=25e3)]
ImpactSpeed = Annotated[float, Limited("m/s", above=0.0, high=100e3)]
Incidence = Annotated[float, Limited("rad", 0.0, 1.57)]
PixelSize = Annotated[float, Limited("m", above=0.0, high=0.05)]
PixelCount = Annotated[float, Limited("", above=0.0, high=_MOST_PIXELS)]
Probability = Annotated[float, Limited("", 0.0, 1.0)]
# A crack that stays as it is has K below K_Ic, 0.6 to 1.2 MPa m^0.5 of window glasses and 2 at most; more is a slip.
ArrestedIntensity = Annotated[float, Limited("Pa*m**0.5", 0.0, 4e6)]
RefractiveIndex = Annotated[float, Limited("", 1.0, 3.9)]


def length_or_pixels(text: Any) -> tuple[float, bool]:
    """A length [m] or, from "412 px", a number of pixels of the image (pint's px is a length: 1/96 inch)."""
    if isinstance(text, str) and (found := _PIXELS.fullmatch(text)):
        return float(found[1]), True
    return quantity(text, "m"), False


class Length(Form):
    """A measured length, of the image ("412 px") or of the pane ("8.2 mm"), with one standard deviation."""

    value: str
    error: str

    @model_validator(mode="before")
    @classmethod
    def _both_parts(cls, data: Any) -> Any:
        if isinstance(data, str):
            raise ValueError(f'found "{data}"; a measured length has an error: {{ value = "{data}", error = "..." }}')
        return data

    @model_validator(mode="after")
    def _one_kind(self) -> Length:
        (value, pixels), (error, of_error) = length_or_pixels(self.value), length_or_pixels(self.error)
        if pixels != of_error:
            raise ValueError(f'value "{self.value}" and error "{self.error}"; give both in pixels or both as lengths')
        most = _MOST_PIXELS if pixels else _LONGEST
        if not (0.0 < value <= most and 0.0 <= error <= most):
            found = f'found "{self.value[:60]}" with error "{self.error[:60]}"'
            raise ValueError(f"{found}, expected a length above 0 and at most {most:g} {'px' if pixels else 'm'}")
        return self

    @property
    def parts(self) -> tuple[float, float, bool]:
        """Value, error, and whether they are pixels."""
        value, pixels = length_or_pixels(self.value)
        return value, length_or_pixels(self.error)[0], pixels


class Striker(Form):
    """The particle, known or supposed."""

    target: Literal["fused_silica", "second_glass"] = "fused_silica"
    diameter: CrackSize | None = None
    density: Density
    speed: ImpactSpeed
    angle: Incidence
    status: Status = "assumption"
    source: str = ""


class MarkedPane(Form):
    """The pane that was struck, as a plan."""

    name: Name
    outline: Annotated[Round | RoundedRectangle | Trapezoid, Field(discriminator="kind")]
    thickness: Thickness
    lip_width: Overhang = 0.0


class Image(Form):
    """Scale of the image: the size of a pixel, or a scale bar and its length in pixels; and how it was taken."""

    side: Literal["outside", "inside"]
    pixel: PixelSize | None = None
    scale_bar: PixelSize | None = None
    scale_pixels: PixelCount | None = None
    scale_error: Probability = 0.0
    tilt: Incidence = 0.0
    leaning: Literal["radial", "tangential"] = "radial"

    @model_validator(mode="after")
    def _one_scale(self) -> Image:
        if (self.scale_bar is None) != (self.scale_pixels is None):
            raise ValueError('scale_bar = "10 mm" and scale_pixels = "512" go together')
        if self.pixel is not None and self.scale_bar is not None:
            raise ValueError("found pixel and scale_bar; give one of them")
        return self

    @property
    def pixel_size(self) -> float:
        """[m]; 0 where no scale is stated."""
        if self.scale_bar is not None and self.scale_pixels is not None:
            return self.scale_bar / self.scale_pixels
        return self.pixel or 0.0


class MarkArm(Form):
    """A crack from the mark's middle: angle from the outward radius, counter-clockwise as the image shows it."""

    angle: Angle
    angle_error: Annotated[float, Limited("rad", 0.0, 0.35)] = 0.0
    length: Length
    through: Literal["yes", "no", "unknown"] = "unknown"
    under_lip: Literal["yes", "no", "unknown"] = "unknown"


class HiddenPart(Form):
    """How much further a crack goes under the band that cannot be seen; of `width` from the rim."""

    kind: Literal["none", "uniform", "exponential", "to_rim"]
    width: Overhang
    size: CrackSize | None = None
    status: Status = "assumption"
    source: str = ""


class FocusDepth(Form):
    """Travel of the focus from a face to the deepest point that can be seen; refraction is corrected for."""

    travel: Length
    from_face: Literal["outer", "inner"]


class Index(Uncertain):
    """Refractive index of the glass."""

    value: RefractiveIndex
    band: tuple[RefractiveIndex, RefractiveIndex] | None = None


class Share(Uncertain):
    """A probability."""

    value: Probability
    band: tuple[Probability, Probability] | None = None


class MarkResidual(Form):
    """Mode I intensity that the impact's residual stress keeps up: its low and high end, as the cracks are now.

    With `arrested`, the length from the pit to the tips when they stopped, the high end is K at that moment, and falls
    as the arms go on.
    """

    K: tuple[ArrestedIntensity, ArrestedIntensity]
    arrested: CrackSize | None = None
    status: Status = "assumption"
    source: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> MarkResidual:
        if self.K[0] > self.K[1]:
            raise ValueError("K is the low and the high end, in this order")
        return self


class MarkForm(Form):
    """The mark as it was measured."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,19}$")]
    face: Literal["outer", "inner"] = "outer"
    azimuth: Angle
    from_lip: Length
    detection: Annotated[float, Limited("m", above=0.0, high=5e-3)]
    image: Image
    hidden: HiddenPart
    arms: Annotated[tuple[MarkArm, ...], Field(min_length=1, max_length=12)]
    index: Index
    pit_diameter: Length | None = None
    spall_diameter: Length | None = None
    spall_attached: bool = False
    pit_depth: FocusDepth | None = None
    crack_depth: FocusDepth | None = None
    through: Share | None = None
    residual: MarkResidual | None = None
    samples: Literal[4, 8, 16, 32, 64] = 16

    @model_validator(mode="after")
    def _on_a_window(self) -> MarkForm:
        """What was measured in pixels is no longer than a window either."""
        depths = {key: depth.travel for key in ("pit_depth", "crack_depth") if (depth := getattr(self, key))}
        sizes = {key: size for key in ("from_lip", "pit_diameter", "spall_diameter") if (size := getattr(self, key))}
        arms = {f"arms.{i}.length": arm.length for i, arm in enumerate(self.arms)}
        for key, length in (sizes | depths | arms).items():
            value, error, pixels = length.parts
            pixel = self.image.pixel_size
            if pixels and (long := max(value, error) * pixel) > _LONGEST:
                raise ValueError(
                    f'{key} "{length.value}" with error "{length.error}" is {long:.4g} m at {pixel:g} m '
                    f"a pixel, expected at most {_LONGEST:g} m; check the scale"
                )
        return self

    @model_validator(mode="after")
    def _depth_known(self) -> MarkForm:
        if self.through is None and any(arm.through == "unknown" for arm in self.arms):
            raise ValueError(
                'some arms are through = "unknown"; state how likely it is: through = { value = "0.5", status = ..., '
                "source = ... }"
            )
        return self


class ImpactFile(Form):
    """An impact: a particle with a diameter, a mark, or both."""

    schema_: Literal[1] = Field(alias="schema")
    name: Annotated[str, Field(min_length=1, max_length=200)]
    pane: MarkedPane
    particle: Striker | None = None
    mark: MarkForm | None = None

    @model_validator(mode="after")
    def _something(self) -> ImpactFile:
        if self.mark is None and (self.particle is None or self.particle.diameter is None):
            raise ValueError("neither a [mark] nor a [particle] with a diameter is stated")
        return self
