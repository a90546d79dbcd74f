"""Crack seeds in the case form: every kind reads, and what cannot be is refused with the key and a remedy."""

import re
from pathlib import Path

import pytest

from deadlight.case.keys import unknown_key
from deadlight.case.load import load_case
from deadlight.errors import CaseError

EXAMPLE = (Path(__file__).parents[2] / "examples/shenzhou20/case.toml").read_text()
AT = 'place = { azimuth = "30 deg", inside_lip = "5 mm" }'
CRATER = 'kind = "crater"\npit = { diameter = "1 mm", depth = "0.4 mm" }\n'
RADIAL = 'radial = { a = "0.9 mm", c = "1.5 mm" }\n'


@pytest.fixture
def read(tmp_path):
    """The first crack of the shipped case with its [[cracks]] replaced."""

    def go(text, tier="full"):
        body = f'[[cracks]]\nname = "C1"\npane = "thermal"\n{text}\n\n[growth]\ntier = "{tier}"\n'
        whole = re.sub(r"\[\[cracks\]\].*?\[growth\]\ntier = [^\n]*\n", lambda _: body, EXAMPLE, flags=re.S)
        (tmp_path / "case.toml").write_text(whole)
        (tmp_path / "c.stl").write_text("solid\nendsolid\n")
        return load_case(tmp_path / "case.toml").cracks[0]

    return go


KINDS = {
    "through": f'two_c = "12 mm"\n{AT}\ntilt = "10 deg"',
    "edge": 'depth = "6 mm"\nplace = { azimuth = "30 deg" }\norientation = "angle"\nangle = "20 deg"',
    "surface": 'a = "1 mm"\nc = "2 mm"\nplace = { x = "10 mm", y = "-3 mm", face = "inner" }',
    "corner": 'a = "1 mm"\nc = "2 mm"\nplace = { azimuth = "30 deg" }',
    "embedded": f'a = "1 mm"\nc = "2 mm"\ndepth = "3 mm"\n{AT}',
    "spall": f'a = "1 mm"\nc = "2 mm"\ndepth = "1 mm"\ndish = "0.3 mm"\n{AT}',
    "file": 'file = "c.stl"\nunit = "mm"',
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reads(read, kind):
    crack = read(f'kind = "{kind}"\n{KINDS[kind]}')
    assert crack.kind == kind and crack.pressure == "none" and crack.residual is None


def test_crater_line_residual_and_si(read):
    crack = read(CRATER + RADIAL + AT + '\nresidual = { kind = "impact", pressure = ["0 MPa", "40 MPa"] }')
    assert (crack.a, crack.c) == pytest.approx((0.9e-3, 1.5e-3)) and crack.residual.band == (0.0, 40e6)
    crack = read('kind = "through"\nline = [["100 mm", "0 mm"], ["108 mm", "3 mm"]]')
    assert crack.line[1] == pytest.approx((0.108, 0.003)) and not crack.quick
    one = read(f'kind = "surface"\na = "1 mm"\nc = "1 mm"\n{AT}\nresidual = {{ kind = "impact", pressure = "3 MPa" }}')
    assert one.residual.band == (3e6,)


@pytest.mark.parametrize("kind", ["embedded", "spall", "file"])
def test_kind_that_the_quick_tier_does_not_know_asks_for_the_full_one(read, kind):
    with pytest.raises(CaseError, match=r'C1.*tier = "full"'):
        read(f'kind = "{kind}"\n{KINDS[kind]}', tier="quick")


SURFACE = 'kind = "surface"\na = "1 mm"\nc = "2 mm"\n'
REFUSED = [
    ('kind = "thru"\ntwo_c = "3 mm"', ["cracks.0", '"thru"', "through", "spall"]),
    ('two_c = "3 mm"', ["cracks.0", "kind"]),
    (f'kind = "through"\na = "1 mm"\n{AT}', ["cracks.0.a", "unknown key", "through", "two_c"]),
    (f'kind = "through"\n{AT}', ["two_c", "line"]),
    (f'kind = "through"\nline = [["1 mm", "0 mm"], ["3 mm", "2 mm"]]\n{AT}', ["place", "leave it out"]),
    ('kind = "through"\nline = [["1 mm", "0 mm"]]', ["at least two"]),
    ('kind = "through"\nline = [["1 mm", "0 mm"], ["1 mm", "0 mm"]]', ["the same"]),
    ('kind = "through"\nline = [["1 mm", "0 mm"], ["3 mm", "2"]]', ["line.1.1", '"2"', "unit"]),
    (SURFACE, ["cracks.0.place", "missing"]),
    (SURFACE + 'place = { azimuth = "3 deg" }', ["inside_lip", "radius"]),
    (SURFACE + 'place = { azimut = "3 deg", radius = "5 mm" }', ["place.azimut", "did you mean azimuth"]),
    (SURFACE + 'place = { x = "3 mm" }', ["x and y"]),
    (SURFACE + 'place = { x = "3 mm", y = "3 mm", azimuth = "3 deg" }', ["leave azimuth out"]),
    (SURFACE + 'place = { radius = "3 mm", inside_lip = "3 mm" }', ["exactly one"]),
    (SURFACE + AT + '\norientation = "angle"', ["angle", "go together"]),
    (SURFACE + AT + '\ntilt = "95 deg"', ["cracks.0.tilt", "95 deg", "85"]),
    (SURFACE + AT + '\npressure = "cabin"', ["cracks.0.pressure", "cabin", "outer"]),
    (SURFACE + AT + '\nresidual = { kind = "impact" }', ["residual", "exactly one"]),
    (SURFACE + AT + '\nresidual = { kind = "impact", pressure = ["3 MPa", "1 MPa"] }', ["residual", "larger"]),
    (SURFACE + AT + '\nresidual = { kind = "impact", K = "3 MPa" }', ["residual.K", "3 MPa"]),
    ('kind = "corner"\na = "1 mm"\nc = "2 mm"\nplace = { radius = "3 mm" }', ["radius", "rim"]),
    ('kind = "edge"\ndepth = "1 mm"\nplace = { azimuth = "3 deg" }\norientation = "hoop"', ["orientation", "hoop"]),
    (f'kind = "spall"\na = "1 mm"\nc = "2 mm"\ndepth = "1 mm"\ndish = "1 mm"\n{AT}', ["dish", "1 mm"]),
    (CRATER + 'radial = { a = "0.3 mm", c = "1.5 mm" }\n' + AT, ["radial.a", "0.3 mm", "pit"]),
    (CRATER + 'radial = { a = "0.9 mm", c = "0.4 mm" }\n' + AT, ["radial.c", "pit"]),
    (CRATER + 'radial = { number = "3", a = "0.9 mm", c = "1 mm" }\n' + AT, ["radial.number is 3", "cross"]),
    (CRATER + 'radial = { number = "2.5", a = "0.9 mm", c = "1 mm" }\n' + AT, ["number", "whole number"]),
    ('kind = "file"\nfile = "../c.stl"\nunit = "mm"', ["C1.file", "outside"]),
    ('kind = "file"\nfile = "none.stl"\nunit = "mm"', ["C1.file", "does not exist"]),
    ('kind = "file"\nfile = "c.stl"\nunit = "parsec"', ["unit", "parsec"]),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_mistake_is_named(read, text, words):
    with pytest.raises(CaseError) as error:
        read(text)
    message = str(error.value)
    missing = [word for word in words if word not in message]
    assert not missing, f"{missing} not in:\n{message}"
    assert len(message.splitlines()) <= 8


def test_unknown_keys_name_the_likely_one():
    assert unknown_key(("environment", "trajectory", "entry", "spede")) == "unknown key; did you mean speed?"
    assert "material" in unknown_key(("panes", 0, "matrial"))
    assert "seat_stiffness" in unknown_key(("supports", "thermal", "seat_stifness"))
    assert "there are tier" in unknown_key(("growth", "zzz"))
