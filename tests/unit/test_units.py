"""Text with a unit in, SI float out; a bare number is refused with the fix."""

import pytest

from deadlight.errors import InputError
from deadlight.units import quantity


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("0.2 mm", "m", 0.2e-3),
        ("0.75 MPa*m**0.5", "Pa*m**0.5", 0.75e6),
        ("0.68 ksi*in**0.5", "Pa*m**0.5", 0.68 * 6894757.293168361 * 0.0254**0.5),
        ("1200 degC", "K", 1473.15),
        ("20 BTU/ft**2/s", "W/m**2", 20 * 1055.05585262 / 0.3048**2),
        ("50 %", "", 0.5),
        ("0.3", "", 0.3),
        ("-1.45 deg", "rad", -1.45 * 3.141592653589793 / 180),
        ("-75 d", "s", -75 * 86400.0),
        ("05 mm", "m", 5e-3),  # to pint alone 0 times 5 mm
        ("-010 mm", "m", -10e-3),
        ("007", "", 7.0),
        ("5/K", "1/K", 5.0),
        ("44 1/(MPa*m**0.5)", "1/(Pa*m**0.5)", 44e-6),
    ],
)
def test_value(text, unit, value):
    assert quantity(text, unit) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize(
    "text",
    [0.2, 3, True, None, "0.2", "2 furlongz", "5 kg", "nan m", "inf m", "", "m", "__import__('os')", "0.2 mm mm mm"]
    + ["2e3e2 m", "0.5e-6e6 mm", "2e3E-1 m", "2e3e2"],  # a second power of ten was no unit, and was dropped
)
def test_refused_with_place_and_example(text):
    with pytest.raises(InputError) as error:
        quantity(text, "m", place="cracks.0.two_c")
    assert "cracks.0.two_c" in str(error.value)
    assert "remedy" in str(error.value)
    assert "mm" in str(error.value) or " m" in str(error.value)


@pytest.mark.parametrize("text", ["12 px", "3 css_pixel", "7 pica", "2 px/m*m", "5 point"])
def test_pixels_and_printers_units_are_no_lengths_of_a_window(text):
    with pytest.raises(InputError, match="unknown unit"):
        quantity(text, "m")
