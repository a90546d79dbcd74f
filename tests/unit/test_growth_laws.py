"""Laws of slow growth as objects: what they take, refuse, bound and say of themselves."""

from __future__ import annotations

import importlib
import math
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deadlight.assumption import Assumption
from deadlight.errors import InputError, MaterialError, NotSolved
from deadlight.growth import law_user
from deadlight.growth.law import ExponentialLaw, GrowthLaw, NoGrowth, PowerLaw, SimpleExponential, local_exponent
from deadlight.growth.law_of import law_of
from deadlight.growth.law_table import TableLaw
from deadlight.growth.law_user import checked, user_law
from deadlight.growth.moisture import Moisture
from deadlight.growth.threshold import Threshold
from deadlight.material import material, material_from_table

SILICA = material("fused_silica")
T = 298.15


def test_every_law_is_a_law_and_broadcasts() -> None:
    table = TableLaw(k=[2e5, 8e5], temperature=[T], humidity=[1.0], v=[[[1e-12]], [[1e-3]]])
    laws = [NoGrowth(), law_of(SILICA, "exponential"), law_of(SILICA, "power"), table]
    laws += [SimpleExponential(v0=1e-15, beta=4e-5), Threshold(law=laws[1], k0=3e5)]
    for law in laws:
        assert isinstance(law, GrowthLaw)
        v = law.velocity(np.array([[-1e5, 0.0, 4e5, 7e5]]), T, np.array([[0.0], [0.5], [1.0]]))
        assert v.shape == (3, 4) and (v >= 0.0).all() and (v[:, :2] == 0.0).all()
        assert law.name and all(isinstance(a, Assumption) for a in law.assumptions())


def test_material_constants_carry_their_status_so_that_none_decides_silently() -> None:
    rows = {a.key: a for a in law_of(SILICA, "exponential", threshold="material").assumptions()}
    assert rows["fused_silica.slow_growth"].status == "M"
    assert rows["fused_silica.slow_growth.humidity"].status == "M"
    assert rows["fused_silica.slow_growth.vacuum"].status == "R"
    assert rows["fused_silica.threshold"].status == "R"


@pytest.mark.reference("Wiederhorn et al. 1974, J. Am. Ceram. Soc. 57:336")
def test_vacuum_stops_silica_and_earns_other_glasses_nothing() -> None:
    """Wiederhorn et al. 1974: none in high-silica glass; several others grow in vacuum, by constants not at hand."""
    assert law_of(SILICA, "exponential").velocity(6e5, T, 0.0) == 0.0
    for name in ("soda_lime", "aluminosilicate", "borosilicate"):
        law = law_of(material(name), "exponential")
        assert law.velocity(6e5, T, 0.0) == law.velocity(6e5, T, 1.0) > 0.0


def test_less_water_is_slower_by_its_exponent() -> None:
    law = law_of(SILICA, "exponential")
    assert law.velocity(5e5, T, 0.25) == pytest.approx(0.5 * law.velocity(5e5, T, 1.0), rel=1e-12)
    linear = Moisture(exponent=1.0, least=0.1)
    np.testing.assert_allclose(linear.factor([0.0, 0.05, 0.5, 1.0]), [0.1, 0.1, 0.5, 1.0])
    assert Moisture(exponent=0.0, least=0.0).factor(0.0) == 0.0


def test_local_exponent_is_b_k_over_r_t() -> None:
    law = law_of(SILICA, "exponential")
    assert local_exponent(law, 0.45e6, 298.15, 1.0) == pytest.approx(0.216 * 0.45e6 / (8.314462618 * 298.15), rel=1e-6)
    assert np.isnan(local_exponent(law, 0.45e6, 298.15, 0.0))


def test_power_law_of_a_material_is_tangent_and_never_faster_than_the_exponential() -> None:
    power, exponential = law_of(SILICA, "power"), law_of(SILICA, "exponential")
    k = np.linspace(0.1e6, 0.9e6, 81)
    assert power.velocity(0.45e6, T, 1.0) == pytest.approx(exponential.velocity(0.45e6, T, 1.0), rel=1e-12)
    assert (power.velocity(k, T, 1.0) <= exponential.velocity(k, T, 1.0) * (1 + 1e-9)).all()
    assert isinstance(power, PowerLaw) and power.n == pytest.approx(39.2, abs=0.1)


def test_power_law_follows_the_toughness_with_temperature() -> None:
    soft = material_from_table("soft", {"base": "fused_silica", "toughness": [["300 K", "0.8 MPa*m**0.5"],
                                                                             ["400 K", "0.4 MPa*m**0.5"]]})  # fmt: skip
    law = law_of(soft, "power", n=20.0, v_c=1e-3)
    assert law.velocity(0.4e6, 400.0, 1.0) == pytest.approx(1e-3, rel=1e-12)
    assert law.velocity(0.4e6, 300.0, 1.0) == pytest.approx(1e-3 * 0.5**20, rel=1e-12)


def test_temperatures_beyond_the_data_are_an_alarm() -> None:
    law = law_of(SILICA, "exponential", threshold="material")
    assert not law.warnings(7e5, 280.0, 350.0)
    found = law.warnings(7e5, 280.0, 800.0)
    assert len(found) == 2 and all(r.alarm for r in found)
    assert law_of(SILICA, "power").warnings(7e5, 280.0, 400.0)[0].alarm


def test_far_beyond_k_ic_numbers_stay_finite() -> None:
    for law in (law_of(SILICA, "exponential"), law_of(SILICA, "power")):
        assert np.isfinite(law.velocity(1e9, 300.0, 1.0))


@pytest.mark.parametrize(
    ("kind", "named", "says"),
    [
        ("power", {"n": 20.0}, "n and v_c"),
        ("none", {"v_c": 1e-3}, "no constant"),
        ("none", {"threshold": 3e5}, "leave it out"),
        ("exponential", {"n": 20.0, "v_c": 1e-3}, "beta and v0"),
        ("exponential", {"v0": -1.0, "beta": 1e-5}, "positive"),
        ("table", {}, "it takes file"),
        ("quadratic", {}, "one of none, exponential"),
    ],
)
def test_constants_stated_in_vain_are_refused(kind: Any, named: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        law_of(SILICA, kind, **named)


def test_a_material_without_constants_says_what_to_state() -> None:
    with pytest.raises(MaterialError, match="slow_growth = "):
        law_of(material("vycor"), "exponential")
    assert law_of(material("vycor"), "none").velocity(1e6, T, 1.0) == 0.0


def test_a_users_constants_reach_the_law() -> None:
    constants = {"ln_v0": "2", "activation_energy": "120 kJ/mol", "b": "0.15 m**2.5/mol", "humidity_exponent": "1",
                 "least_humidity": "0", "source": "coupons"}  # fmt: skip
    law = law_of(material_from_table("mine", {"base": "fused_silica", "slow_growth": constants}), "exponential")
    expected = math.exp(2.0 + (0.15 * 5e5 - 120e3) / (8.314462618 * T))
    np.testing.assert_allclose(law.velocity(5e5, T, [0.0, 0.2, 1.0]), [0.0, 0.2 * expected, expected], rtol=1e-12)
    assert {a.source for a in law.assumptions()} == {"coupons"}
    with pytest.raises(MaterialError, match="within"):
        material_from_table("mine", {"base": "fused_silica", "slow_growth": {**constants, "least_humidity": "1.2"}})


def test_what_cannot_be_is_refused() -> None:
    law = law_of(SILICA, "exponential")
    for k, temperature, humidity in ((np.nan, T, 1.0), (5e5, 0.0, 1.0), (5e5, T, 1.5), (5e5, T, -0.1)):
        with pytest.raises(InputError):
            law.velocity(k, temperature, humidity)


# --- table ---


def _three_regions(k: np.ndarray, temperature: np.ndarray, humidity: np.ndarray) -> np.ndarray:
    """1/v = 1/v_I + 1/v_II, plus v_III: reaction, transport of vapour, and growth without water."""
    one = ExponentialLaw(ln_v0=-1.32, activation_energy=138.5e3, b=0.216, moisture=Moisture(exponent=1.0, least=0.0))
    three = ExponentialLaw(ln_v0=20.0, activation_energy=450e3, b=0.5, moisture=Moisture(exponent=0.0))
    first = one.velocity(k, temperature, humidity)
    second = 1e-3 * humidity
    with np.errstate(divide="ignore", invalid="ignore"):
        both = np.where(humidity > 0.0, first * second / (first + second), 0.0)
    return both + three.velocity(k, temperature, humidity)


def _table(tmp_path: Path) -> tuple[TableLaw, tuple[np.ndarray, ...]]:
    axes = np.linspace(3e5, 8e5, 101), np.array([280.0, 310.0, 350.0]), np.array([0.0, 0.01, 0.1, 1.0])
    k, temperature, humidity = (g.ravel() for g in np.meshgrid(*axes, indexing="ij"))
    v = _three_regions(k, temperature, humidity)
    path = tmp_path / "law.csv"
    rows = np.column_stack([k / 1e6, temperature, humidity, v])[np.random.default_rng(1).permutation(len(k))]
    head = "K [MPa*m**0.5],T [K],humidity,v [m/s]"
    np.savetxt(path, rows, delimiter=",", header=head, comments="", fmt="%.17g")
    return TableLaw.from_file(path), axes


def test_table_meets_its_knots_and_follows_three_regions_between(tmp_path: Path) -> None:
    law, axes = _table(tmp_path)
    k, temperature, humidity = np.meshgrid(*axes, indexing="ij")
    np.testing.assert_allclose(
        law.velocity(k, temperature, humidity), _three_regions(k, temperature, humidity), rtol=1e-9
    )
    mid = np.linspace(3.1e5, 7.9e5, 97)
    np.testing.assert_allclose(law.velocity(mid, 310.0, 0.1), _three_regions(mid, 310.0, np.array(0.1)), rtol=0.05)
    # a pure rate is met exactly between knots: ln v linear in K and 1/T, and in ln h
    rate = ExponentialLaw(ln_v0=-1.32, activation_energy=138.5e3, b=0.216, moisture=Moisture(exponent=0.7, least=0.0))
    axes = np.array([3e5, 7e5]), np.array([280.0, 350.0]), np.array([0.01, 1.0])
    exact = TableLaw(k=axes[0], temperature=axes[1], humidity=axes[2],
                     v=rate.velocity(axes[0][:, None, None], axes[1][:, None], axes[2]))  # fmt: skip
    for point in ((4e5, 300.0, 0.3), (6.5e5, 345.0, 0.02)):
        assert exact.velocity(*point) == pytest.approx(float(rate.velocity(*point)), rel=1e-11)


def test_table_is_linear_in_ln_v_between_uneven_knots() -> None:
    law = TableLaw(k=[2e5, 4e5, 8e5], temperature=[0.5], humidity=[1.0], v=[[[1e-12]], [[1e-10]], [[1e-3]]])
    assert law.velocity(3e5, 0.5, 1.0) == pytest.approx(1e-11, rel=1e-9)
    assert law.velocity(6e5, 0.5, 1.0) == pytest.approx(10**-6.5, rel=1e-9)


def test_table_never_extrapolates_silently(tmp_path: Path) -> None:
    law, _ = _table(tmp_path)
    assert law.velocity(9e5, 300.0, 1.0) == law.velocity(8e5, 300.0, 1.0)
    assert [r.alarm for r in law.warnings(9e5, 290.0, 340.0)] == [True]
    assert [r.alarm for r in law.warnings(7e5, 290.0, 900.0)] == [True]
    assert [r.alarm for r in law.warnings(7e5, 250.0, 340.0)] == [True]  # the rate of silica falls with T at high K
    colder = TableLaw(k=law.k[:40], temperature=law.temperature, humidity=law.humidity, v=law.v[:40])
    assert [r.alarm for r in colder.warnings(4e5, 250.0, 340.0)] == [False]
    assert law.velocity(1e5, 300.0, 1.0) == law.velocity(3e5, 300.0, 1.0) > 0.0
    dry = law.velocity(5e5, 300.0, np.array([0.0, 0.0025, 0.01]))
    assert dry[1] == pytest.approx(dry[0] + 0.5 * (dry[2] - dry[0]), rel=1e-9)


def test_table_may_state_no_growth_in_vacuum() -> None:
    law = TableLaw(k=[2e5, 8e5], temperature=[T], humidity=[0.0, 0.5], v=[[[0.0, 1e-12]], [[0.0, 1e-3]]])
    assert law.velocity(5e5, T, 0.0) == 0.0
    assert law.velocity(5e5, T, 0.5) == pytest.approx(10**-7.5, rel=1e-9)
    assert [r.alarm for r in law.warnings(5e5, T, T)] == [True]  # its humidities end at 0.5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"k": [8e5, 2e5]}, "k does not rise"),
        ({"k": [[2e5, 8e5]]}, "k does not rise"),
        ({"temperature": []}, "temperature does not rise"),
        ({"k": [-1e5, 8e5]}, "leaves what can be"),
        ({"temperature": [0.0]}, "leaves what can be"),
        ({"v": [[[1e-3]], [[1e-12]]]}, "falls with K"),
        ({"v": [[[0.0]], [[1e-3]]]}, "velocity is 0"),
        ({"v": [[[1e-3]]]}, "velocities"),
        ({"humidity": [0.0]}, "vacuum only"),
        ({"humidity": [1.1]}, "leaves what can be"),
        ({"v": [[[np.nan]], [[1e-3]]]}, "not a number"),
    ],
)
def test_table_refuses_what_cannot_be(change: dict[str, Any], says: str) -> None:
    good: dict[str, Any] = {"k": [2e5, 8e5], "temperature": [T], "humidity": [1.0], "v": [[[1e-12]], [[1e-3]]]}
    with pytest.raises(InputError, match=says):
        TableLaw(**{**good, **change})


def test_table_file_must_be_a_full_grid(tmp_path: Path) -> None:
    path = tmp_path / "law.csv"
    path.write_text("K [MPa*m**0.5],T [K],humidity,v [m/s]\n0.3,300,1,1e-9\n0.4,300,1,1e-8\n0.4,320,1,1e-7\n")
    with pytest.raises(InputError, match="3 rows, but 2 K, 2 temperatures"):
        TableLaw.from_file(path)


# --- user ---


class Mine:
    """A foreign law."""

    name = "mine"

    def __init__(self, material: Any, speed: float = 1e-6) -> None:
        self.speed, self.glass = speed, material.name

    def velocity(self, k: Any, temperature: Any, humidity: Any) -> Any:
        k, temperature, humidity = np.broadcast_arrays(k, temperature, humidity)
        return np.where(k > 3e5, self.speed * humidity, 0.0)

    def assumptions(self) -> tuple[Assumption, ...]:
        return (Assumption("mine.speed", f"{self.speed:g} m/s", self.glass, "A"),)

    def warnings(self, k_max: float, T_min: float, T_max: float) -> tuple[str, ...]:
        return ("beyond",) if k_max > 1e6 else ()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package on the path whose metadata bring the entry point, as an installed one does."""
    info = tmp_path / "mine-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        f"[{law_user.GROUP}]\nmine = test_growth_laws:Mine\nbroken = no_such_module:make\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    importlib.invalidate_caches()


def test_an_installed_law_is_found_without_a_fork(installed: None) -> None:
    law = law_of(SILICA, "user", user="mine", parameters={"speed": 2e-6})
    assert law.velocity(4e5, T, 0.5) == 1e-6
    assert {a.key for a in law.assumptions()} == {"growth.law", "mine.speed"}
    assert law.warnings(2e6, T, T) == ("beyond",)
    with pytest.raises(InputError, match=r'no law named "yours" is installed; there are: .*mine'):
        user_law("yours", SILICA)
    with pytest.raises(InputError, match="cannot be made: ModuleNotFoundError"):
        user_law("broken", SILICA)
    with pytest.raises(InputError, match="cannot be made: TypeError"):
        user_law("mine", SILICA, {"colour": 1.0})


def test_a_foreign_law_is_looked_at() -> None:
    class Half:
        name = "half"

    class Falling(Mine):
        def velocity(self, k: Any, temperature: Any, humidity: Any) -> Any:
            return np.where(k > 0, 1.0 / np.maximum(k, 1.0), 0.0) * np.ones_like(humidity)

    class Late(Mine):
        def velocity(self, k: Any, temperature: Any, humidity: Any) -> Any:
            return np.where(np.asarray(k) > 9e5, np.nan, super().velocity(k, temperature, humidity))

    with pytest.raises(InputError, match="has no velocity, assumptions, warnings"):
        checked(Half())
    with pytest.raises(InputError, match="falls with K"):
        checked(Falling(SILICA))
    law = checked(Late(SILICA))
    with pytest.raises(NotSolved, match="negative or not a number"):
        law.velocity(1e6, T, 1.0)


def test_rows_that_are_no_grid_cost_no_memory(tmp_path):
    """3000 rows with a K, temperature and humidity of their own: a grid of them would take 200 GB."""
    rows = (f"{0.3 + 1e-4 * i},{250 + 0.01 * i},{(i + 1) / 3000},1e-9" for i in range(3000))
    path = tmp_path / "law.csv"
    path.write_text("\n".join(["K [MPa*m**0.5],T [K],humidity,v [m/s]", *rows]))
    tracemalloc.start()
    with pytest.raises(InputError, match="3000 rows, but 3000 K, 3000 temperatures"):
        TableLaw.from_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6
