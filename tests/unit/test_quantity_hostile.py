"""Text that a unit parser may read as something else, or never finish reading: refused at once."""

import time

import pytest

from deadlight.errors import InputError
from deadlight.units import quantity

ODD = [
    "7 620 m", "5,5 m", "10,000 m", "1_0 m", "5 m; 3", "5 m # three", "3 m + 2 mm", "5 m-2 m", "5 m*1e9", "1/3 m",
    "50 % of it",
    "9**9**9**9 m", "(9)**9 m", "5⁹⁹⁹⁹⁹⁹⁹ m", "5 m**9999999999", "5 m**99**99**99", "5 m\x00", "m", "",
    "nan m", "inf m", "1e999 m",
    "1" * 5000 + " m", "5 " + "a" * 5000 + "!", "5 " + "m " * 5000, "5 " + "(" * 500 + "m",
]  # fmt: skip


@pytest.mark.parametrize("text", ODD, ids=lambda text: repr(text[:16]))
def test_refused_at_once_and_shortly(text):
    begun = time.process_time()
    with pytest.raises(InputError) as error:
        quantity(text, "m")
    assert time.process_time() - begun < 1.0
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("5 m²", "m**2", 5.0),
        ("1 W m⁻² K⁻¹", "W/m**2/K", 1.0),
        ("5 W/(m**2*K)", "W/m**2/K", 5.0),
        ("0.5e-6/K", "1/K", 0.5e-6),
        ("1e3 kg m^-3", "kg/m**3", 1e3),
        ("25 °C", "K", 298.15),
        ("5mm", "m", 0.005),
        ("50%", "", 0.5),
    ],
)
def test_usual_spellings_are_read(text, unit, value):
    assert quantity(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "unit"), [("-1.45", "rad"), ("30 deg", ""), ("1 rad", ""), ("50 %", "rad"), ("1 deg/s", "rad")]
)
def test_an_angle_is_no_pure_number(text, unit):
    """Radians are dimensionless to a unit parser: "-1.45" meant in degrees would be taken as -83 degrees."""
    with pytest.raises(InputError, match="expected"):
        quantity(text, unit)


@pytest.mark.parametrize(
    ("text", "value"), [("180 deg", 3.141592653589793), ("1 rad", 1.0), ("60 arcmin", 0.017453292519943295)]
)
def test_angles(text, value):
    assert quantity(text, "rad") == pytest.approx(value, rel=1e-12)
