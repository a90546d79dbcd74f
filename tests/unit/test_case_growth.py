"""[growth] of a case: law, direction, humidity; what it becomes for the growth room."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deadlight.case.growth import Growth
from deadlight.case.load import load_case
from deadlight.chain.growth_law import growth_law, humidity_at
from deadlight.errors import CaseError
from deadlight.growth.direction import CRITERIA
from deadlight.growth.law import ExponentialLaw, NoGrowth, PowerLaw, SimpleExponential
from deadlight.growth.law_table import TableLaw
from deadlight.growth.threshold import Threshold
from deadlight.material import material

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / "examples/shenzhou20/case.toml").read_text(encoding="utf-8")
SILICA = material("fused_silica")


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def build(text: str, files: dict[str, str] | None = None) -> Any:
        assert "[growth]\n" in EXAMPLE
        (tmp_path / "case.toml").write_text(EXAMPLE.replace("[growth]\n", f"[growth]\n{text}\n", 1), encoding="utf-8")
        for name, content in (files or {}).items():
            (tmp_path / name).write_text(content, encoding="utf-8")
        return load_case(tmp_path / "case.toml")

    return build


def test_without_a_law_nothing_changes() -> None:
    case = load_case(ROOT / "examples/shenzhou20/case.toml")
    assert case.growth.law == "none"
    law = growth_law(case, SILICA, root=ROOT)
    assert isinstance(law, NoGrowth) and law.velocity(7e5, 300.0, 1.0) == 0.0
    assert (humidity_at(case, "thermal").at([-1e6, 0.0, 600.0]) == 1.0).all()


def test_every_criterion_of_direction_can_be_stated() -> None:
    for criterion in CRITERIA:
        assert Growth.model_validate({"direction": criterion}).direction == criterion
    assert Growth().direction == "local_symmetry"


def test_laws_of_a_case(read: Any, tmp_path: Path) -> None:
    def law(text: str, **files: str) -> Any:
        return growth_law(read(text, {"law.csv": files["csv"]} if files else None), SILICA, root=tmp_path)

    assert isinstance(law('law = "exponential"'), ExponentialLaw)
    simple = law('law = "exponential"\nv0 = "2.6e-15 m/s"\nbeta = "44.4 1/(MPa*m**0.5)"')
    assert isinstance(simple, SimpleExponential)
    assert simple.velocity(5e5, 300.0, 1.0) == pytest.approx(2.6e-15 * math.exp(22.2), rel=1e-12)
    power = law('law = "power"\nn = "18"\nv_c = "1 mm/s"')
    assert isinstance(power, PowerLaw) and power.velocity(SILICA.toughness(300.0), 300.0, 1.0) == pytest.approx(1e-3)
    for text, k0 in (('threshold = "0.31 MPa*m**0.5"', 0.31e6), ('threshold = "material"', SILICA.threshold)):
        cut = law(f'law = "exponential"\n{text}')
        assert isinstance(cut, Threshold) and cut.at(300.0) == k0
    table = law(
        'law = "table"\nfile = "law.csv"', csv="K [MPa*m**0.5],T [K],humidity,v [m/s]\n0.3,300,1,1e-9\n0.6,300,1,1e-3\n"
    )
    assert isinstance(table, TableLaw) and table.velocity(4.5e5, 300.0, 1.0) == pytest.approx(1e-6)


def test_humidity_on_the_clock_and_by_pane(read: Any) -> None:
    case = read(
        'law = "exponential"\nhumidity = ['
        '{ until = "-10 h", state = "cabin", relative = "60 %" }, '
        '{ until = "5 min", state = "vacuum", retained_water = "0" }, { state = "air" }, '
        '{ pane = "thermal", state = "vacuum" }]'
    )
    other = case.panes[1].name
    np.testing.assert_allclose(humidity_at(case, other).at([-1e6, -36000.0, 0.0, 300.0]), [0.6, 0.0, 0.0, 1.0])
    assert (humidity_at(case, "thermal").at([-1e6, 0.0, 1e6]) == 1.0).all()


def test_the_table_is_one_of_the_files_of_the_case(read: Any, tmp_path: Path) -> None:
    from deadlight.case.paths import named_files

    case = read('law = "table"\nfile = "law.csv"', {"law.csv": "x"})
    assert named_files(case, tmp_path)["law.csv"] == (tmp_path / "law.csv").resolve()
    with pytest.raises(CaseError, match=r"growth\.file"):
        read('law = "table"\nfile = "../law.csv"')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('law = "cubic"', ["law", "cubic"]),
        ('law = "power"\nn = "18"', ["growth", "n and v_c"]),
        ('n = "18"\nv_c = "1 mm/s"', ["no constant"]),
        ('law = "exponential"\ngeometries = 0', ["geometries = 0"]),
        ('threshold = "material"', ["leave it out"]),
        ('law = "exponential"\nthreshold = "glass"', ["threshold", "0.75 MPa"]),
        ('law = "exponential"\nthreshold = "0 MPa*m**0.5"', ["threshold", "above 0"]),
        ('law = "exponential"\nv0 = "1 m"\nbeta = "1"', ["v0"]),
        ('law = "user"', ["it takes user"]),
        ('law = "table"\nfile = "none.csv"', ["growth.file", "does not exist"]),
        ('direction = "straight"', ["direction"]),
        ('humidity = [{ state = "vacuum" }]', ["humidity does nothing"]),
        ('law = "power"\nhumidity = [{ state = "vacuum", relative = "1" }]', ["relative does nothing"]),
        ('law = "power"\nhumidity = [{ relative = "120 %" }]', ["relative", "at most 1"]),
        ('law = "power"\nhumidity = [{ until = "5 s" }, { until = "1 s" }]', ["do not rise"]),
        ('law = "power"\nhumidity = [{ pane = "fourth" }]', ["growth.humidity", "fourth"]),
        ('law = "power"\nhumidty = []', ["did you mean humidity"]),
    ],
)
def test_mistake_is_named(read: Any, text: str, words: list[str]) -> None:
    with pytest.raises(CaseError) as error:
        read(text)
    missing = [word for word in words if word not in str(error.value)]
    assert not missing, f"{missing} not in:\n{error.value}"


def test_no_tier_leaves_a_stated_law_out() -> None:
    for tier in ("quick", "full"):
        with pytest.raises(ValueError, match="geometries = 0"):
            Growth.model_validate({"tier": tier, "law": "exponential", "geometries": 0})


def test_a_glass_without_constants_is_named_with_the_law(read: Any, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"growth: vycor.slow_growth"):
        growth_law(read('law = "exponential"'), material("vycor"), root=tmp_path)
    with pytest.raises(CaseError, match="no law named"):
        growth_law(read('law = "user"\nuser = "absent"'), SILICA, root=tmp_path)
