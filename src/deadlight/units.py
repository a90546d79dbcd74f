"""Text with a unit in, SI float out: parsed once, at the edge of the program."""

from __future__ import annotations

import functools
import math
import re
from typing import Any

from deadlight.errors import InputError

# What a bare number is answered with: an example of the kind of quantity, by SI dimension.
_EXAMPLES = {
    "m": "0.2 mm",
    "m**2": "20 mm**2",
    "s": "300 s",
    "K": "1200 degC",
    "Pa": "30 MPa",
    "m/s": "7620 m/s",
    "kg": "3 kg",
    "kg/m**3": "2200 kg/m**3",
    "kg/m**2": "510 kg/m**2",
    "rad": "30 deg",
    "": "0.3",
    "W/m**2": "20 kW/m**2",
    "W/m**2/K": "60 W/m**2/K",
    "W/m/K": "1.38 W/m/K",
    "J/kg": "1 MJ/kg",
    "J/kg/K": "745 J/kg/K",
    "1/K": "0.55e-6 1/K",
    "1/m": "2 1/m",
    "Pa/m": "500 MPa/m",
    "Pa/s": "1 MPa/s",
    "Pa*m**0.5": "0.75 MPa*m**0.5",
    "1/(Pa*m**0.5)": "44 1/(MPa*m**0.5)",
    "m/s**2": "9.81 m/s**2",
}


_PLAIN = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
LONGEST = 100  # characters of a quantity
_NUMBER = r"\s*([-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|nan|inf(?:inity)?))(?![\d.,])"
_POWER = r"(?:\*\*|\^)\s*[-+]?\d{1,2}(?:\.\d{1,3})?(?!\s*(?:\*\*|\^))"
_SUPER = r"(?<![\d\s⁰¹²³⁻⁴-⁹])[⁰¹²³⁻⁴-⁹]{1,3}+"
_UNIT = rf"(?:1\s*+/|[^\W\d_⁰¹²³⁴-⁹][^\W⁰¹²³⁴-⁹]*+|%|°|{_SUPER}|(?<![\d\s]){_POWER}|[*/·()\s])"
# One number, then a unit.  Without this "7 620 m/s" would be 7 times 620, and "9**9**9**9 m" would never end.
_FORM = re.compile(rf"{_NUMBER}(?!\s*(?:\*\*|\^)){_UNIT}*+")


# Lengths on paper to pint: "12 px" would be 3.2 mm.
_ON_PAPER = {"css_pixel", "pixel", "point", "scaled_point", "pica", "didot", "cicero"}


@functools.cache
def _registry() -> Any:
    import pint  # imported at use: 0.3 s

    registry: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    registry.define("percent = 0.01 = %")
    return registry


def _is_angle(units: Any) -> bool:
    """Whether units are those of a plane angle and nothing else."""
    names = set(units._units)
    return bool(names) and names <= {"degree", "radian", "arcminute", "arcsecond", "milliarcsecond", "turn", "grade"}


def example(unit: str) -> str:
    """A value in words that would have been understood where `unit` is wanted."""
    return _EXAMPLES.get(unit, f"1 {unit}")


def plain_number(text: str) -> float:
    """A finite number written in decimal; ValueError for anything else that Python would take ("1_000", "nan", "٣")."""
    if not _PLAIN.fullmatch(text.strip(" \t\r\n")):
        raise ValueError(f"not a number: {text!r}")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"not finite: {text!r}")
    return value


def quantity(text: Any, unit: str, *, place: str = "") -> float:
    """SI value of a physical number written as text with a unit.

    Parameters
    ----------
    text : str
        For instance "0.2 mm", "0.75 MPa*m**0.5", "0.68 ksi*in**0.5", "1200 degC", "50 %".
    unit : str
        The SI unit that is wanted, "" for a pure number.
    place : str
        Where the text stands, for the message.

    Raises
    ------
    InputError
        A bare number, an unknown unit, the wrong kind of quantity, or a value that is not finite.
    """
    import pint

    if isinstance(text, bool) or not isinstance(text, str):
        shown = f"{text} (a bare number has no unit)" if isinstance(text, (int, float)) else repr(text)
        raise InputError(
            f"found {shown}, expected text with a unit",
            place=place,
            remedy=f'write it as text, for example "{example(unit)}"',
        )
    whole, text = text, text if len(text) <= LONGEST else text[:LONGEST] + " ..."
    try:
        form = _FORM.fullmatch(text) if len(whole) <= LONGEST else None
        if form is None:
            raise ValueError("not one number and a unit")
        # pint sees "1" in the number's place: to it "05 mm" is 0, and a word more
        named = _registry().Quantity("1" + text[form.end(1) :].replace("°C", "degC").replace("µ", "u"))
        if named.magnitude != 1:  # "2e3e2 m": what follows the number began with another power of ten
            raise ValueError("more than one number")
        value = _registry().Quantity(float(form[1]), named.units)
        magnitude = float(value.to(unit or "dimensionless").magnitude)
        if printed := _ON_PAPER & set(value.units._units):
            raise pint.errors.UndefinedUnitError(printed.pop())
        if _is_angle(value.units) != (unit == "rad"):  # to pint an angle is a pure number: "-1.45" would be radians
            raise pint.errors.DimensionalityError(value.units, unit)
    except (pint.errors.DimensionalityError, pint.errors.OffsetUnitCalculusError) as error:
        # lengths are rarely meant in metres here: an example cannot be copied wrongly by a factor of a thousand
        bare = unit not in ("", "m") and text.strip().replace(".", "", 1).lstrip("+-").isdigit()
        hint = f'"{text.strip()} {unit}"?' if bare else f'for example "{example(unit)}"'
        raise InputError(
            f'found "{text}", expected a quantity in {unit or "no unit (a pure number)"}',
            place=place,
            remedy=f"write it with its unit, {hint}",
        ) from error
    except pint.errors.UndefinedUnitError as error:
        raise InputError(
            f'found "{text}": unknown unit {error.args[0]!r}', place=place, remedy=f'for example "{example(unit)}"'
        ) from error
    except Exception as error:  # pint raises tokenize, assertion and attribute errors on text it cannot parse
        raise InputError(
            f'found "{text}", which is not a number with a unit', place=place, remedy=f'for example "{example(unit)}"'
        ) from error
    if not math.isfinite(magnitude):
        raise InputError(f'found "{text}", which is not finite', place=place, remedy=f'for example "{example(unit)}"')
    return magnitude
