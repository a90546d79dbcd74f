"""Materials stated by the user: what is understood, and one clear message for each kind of slip."""

import numpy as np
import pytest

from deadlight.errors import MaterialError
from deadlight.material import material, material_from_table, names
from deadlight.material.spread import spread

GLASS = {
    "family": "glass",
    "density": "2.2 g/cm**3",
    "youngs_modulus": "72.7 GPa",
    "poisson": "0.17",
    "mean_expansion": "0.55e-6 1/K",
    "conductivity": [["300 K", "1.38 W/m/K"], ["326.85 degC", "1.75 W/m/K"]],
    "specific_heat": {
        "table": [["300 K", "745 J/kg/K"], ["600 K", "1040 J/kg/K"]],
        "source": "vendor sheet",
        "status": "R",
    },
    "toughness": "0.68 ksi*in**0.5",
    "slow_growth": {"ln_v0": "-1.32", "activation_energy": "138.5 kJ/mol", "b": "0.216 m**2.5/mol", "n": "38"},
    "tempering": {"surface_compression": "69 MPa"},
    "strength": {"modulus": "10", "scale": "130 MPa", "area": "1 cm**2"},
}


def test_a_stated_glass_is_read_in_si():
    m = material_from_table("mine", GLASS)
    assert m.density == pytest.approx(2200.0)
    assert m.conductivity(450.0) == pytest.approx(0.5 * (1.38 + 1.75))
    assert m.toughness(300.0) == pytest.approx(0.68 * 6894757.293 * np.sqrt(0.0254), rel=1e-9)
    assert m.specific_heat.source == "vendor sheet" and m.specific_heat.status == "R"
    assert m.properties["density"].status == "U"
    assert m.slow_growth.activation_energy == pytest.approx(138500.0)
    assert m.tempering.core_tension == pytest.approx(34.5e6)
    assert m.strength.failure_probability(130e6, 1e-4) == pytest.approx(1 - np.exp(-1))
    assert not m.conductivity_includes_radiation


def test_base_fills_what_is_not_stated():
    m = material_from_table("mine", {"base": "fused_silica", "youngs_modulus": "73.1 GPa"})
    assert m.youngs_modulus(900.0) == pytest.approx(73.1e9)
    assert m.conductivity(1000.0) == material("fused_silica").conductivity(1000.0)
    assert m.conductivity_includes_radiation and m.slow_growth is material("fused_silica").slow_growth
    assert "mine" in m.conductivity.out_of_range(100.0, 2000.0)


def test_expansion_may_count_from_another_temperature():
    """The same strain differences from mean values counted from 20 C: alpha (T - 293.15), zero shifted to 273.15 K."""
    m = material_from_table(
        "mine",
        {
            **GLASS,
            "mean_expansion": [["373.15 K", "4e-6 1/K"], ["573.15 K", "5e-6 1/K"]],
            "expansion_reference": "20 degC",
        },
    )
    assert m.thermal_strain(573.15) - m.thermal_strain(293.15) == pytest.approx(5e-6 * 280.0)
    assert m.thermal_strain(373.15) - m.thermal_strain(293.15) == pytest.approx(4e-6 * 80.0)
    assert m.thermal_strain(273.15) == pytest.approx(0.0, abs=1e-15)


HOT = [["300 K", "1.38 W/m/K"], ["1000 K", "2.87 W/m/K"]]


def test_hot_conductivity_of_glass_must_say_whether_it_holds_radiation():
    with pytest.raises(MaterialError, match="internal radiation"):
        material_from_table("mine", {**GLASS, "conductivity": HOT})
    key = "conductivity_includes_radiation_above"
    assert material_from_table("mine", {**GLASS, "conductivity": HOT, key: "650 K"}).radiation_above == 650.0
    assert material_from_table("mine", {**GLASS, "conductivity": HOT, key: "never"}).radiation_above is None


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"youngs_modulus": "1 MPa"}, "materials.mine.youngs_modulus", ["1e+06 Pa", "no glass", "2e+10"]),
        ({"density": "2.2 kg/m**3"}, "density", ["2.2 kg/m**3", "1900"]),
        ({"toughness": "0.75 Pa*m**0.5"}, "toughness", ["no glass"]),
        ({"emissivity": "1.2"}, "emissivity", ["1.2", "between 0.01 and 1"]),
        ({"density": 2200}, "density", ["bare number", "kg/m**3"]),
        ({"density": "2200 kg"}, "density", ["2200 kg"]),
        ({"poisson": "nan"}, "poisson", ["not finite"]),
        ({"conductivity": [["300 K", "1.38 W/m/K"], ["1.75 W/m/K"]]}, "conductivity", ["row 2"]),
        ({"conductivity": [["600 K", "1.4 W/m/K"], ["300 K", "1.7 W/m/K"]]}, "conductivity", ["do not increase"]),
        ({"conductivity": [["300 K", "1.4 W/m/K"], ["600 K", "170 W/m/K"]]}, "conductivity", ["170"]),
        ({"conductivty": "1 W/m/K"}, "materials.mine", ["did you mean conductivity"]),
        ({"family": "wood"}, "materials.mine", ["wood", "glass"]),
        ({"specific_heat": {"source": "x"}}, "specific_heat", ["a value or a table"]),
        ({"specific_heat": {"value": "745 J/kg/K", "color": "x"}}, "specific_heat", ["color"]),
        ({"slow_growth": {"ln_v0": "-1.3"}}, "slow_growth", ["activation_energy is missing"]),
        ({"strength": {"modulus": "-10", "scale": "130 MPa", "area": "1 cm**2"}}, "strength", ["positive"]),
        ({"strain_point": "1300 K", "softening_point": "1200 K"}, "materials.mine", ["not below"]),
        ({"threshold": "0.9 MPa*m**0.5"}, "materials.mine", ["threshold"]),
        ({"toughness": {"value": "0.75 MPa*m**0.5", "band": ["0.8 MPa*m**0.5", "0.7 MPa*m**0.5"]}}, "band", ["rising"]),
        ({"toughness": {"value": "0.75 MPa*m**0.5", "band": ["0 Pa*m**0.5", "1e30 Pa*m**0.5"]}}, "band", ["no glass"]),
        ({"toughness": {"value": "0.9 MPa*m**0.5", "band": ["0.7 MPa*m**0.5", "0.8 MPa*m**0.5"]}}, "band", ["round"]),
        ({"toughness": {"value": "0.75 MPa*m**0.5", "valid": ["0 K", "1e30 K"]}}, "valid", ["4000 K"]),
        ({"slow_growth": {**GLASS["slow_growth"], "b": "1e300 m**2.5/mol"}}, "slow_growth.b", ["0.001 and 10"]),
        ({"slow_growth": {**GLASS["slow_growth"], "b": "0.216e-6 m**2.5/mol"}}, "slow_growth.b", ["0.001 and 10"]),
        ({"slow_growth": {**GLASS["slow_growth"], "humidity_exponent": "1e300"}}, "humidity_exponent", ["0 and 5"]),
        ({"slow_growth": {**GLASS["slow_growth"], "status": "Z"}}, "slow_growth.status", ['"Z"', "R, M, D, A, U"]),
        ({"conductivity_includes_radiation_above": "1e300 K"}, "radiation_above", ["100 and 3500 K"]),
        ({"base": "fused_silica", "scale": {"emissivity": "10"}}, "scale.emissivity", ["no glass"]),
        ({"base": "fused_silica", "scale": {"poisson": "5"}}, "scale.poisson", ["no glass"]),
        ({"base": "fused_silica", "scale": {"toughness": "10"}}, "scale.toughness", ["7.", "2e+06"]),
        ({"base": "fused_silica", "scale": {"youngs_modulus": "10"}}, "scale.youngs_modulus", ["no glass"]),
        ({"base": "fused_silca"}, "library", ["did you mean fused_silica"]),
    ],
)
def test_each_slip_has_its_message(change, place, words):
    with pytest.raises(MaterialError) as caught:
        material_from_table("mine", {**GLASS, **change})
    assert place in caught.value.place and caught.value.remedy
    for word in words:
        assert word in str(caught.value)


def test_a_material_needs_a_family_or_a_base():
    with pytest.raises(MaterialError, match="neither family nor base"):
        material_from_table("mine", {"density": "2200 kg/m**3"})
    with pytest.raises(MaterialError, match="no property"):
        material_from_table("mine", {"family": "glass"})


def test_library_stays_inside_the_limits_it_sets_for_users():
    """Every library value, written as text and read back as a user's own, passes the same limits."""
    from deadlight.material.material import QUANTITIES

    for name in names():
        m = material(name)
        for key, table in m.properties.items():
            unit = QUANTITIES[key][0]
            rows = [[f"{T!r} K", f"{v!r} {unit}"] for T, v in zip(table.temperature.tolist(), table.value.tolist())]
            given = {"family": m.family, key: rows, "conductivity_includes_radiation_above": "never"}
            again = material_from_table("again", given).table(key)
            np.testing.assert_allclose(again.value, table.value, rtol=1e-12)


def test_the_users_table_goes_before_the_library():
    user = {"mine": GLASS, "fused_silica": {"base": "fused_silica", "density": "2210 kg/m**3"}}
    assert material("mine", user=user).density == pytest.approx(2200.0)
    assert material("fused_silica", user=user).density == pytest.approx(2210.0)
    assert material("aluminosilicate", user=user) is material("aluminosilicate")
    with pytest.raises(MaterialError, match="did you mean mine"):
        material("mime", user=user)


def test_a_band_goes_along_with_the_scale_of_its_table():
    """What the bands are moved through are factors on the table as it stands, scaled or not."""
    stated = {
        **GLASS,
        "toughness": {"value": "0.8 MPa*m**0.5", "band": ["0.7 MPa*m**0.5", "1 MPa*m**0.5"], "status": "A"},
    }
    plain, scaled = (material_from_table("mine", {**stated, **more}) for more in ({}, {"scale": {"toughness": "0.9"}}))
    assert scaled.toughness(300.0) == pytest.approx(0.9 * plain.toughness(300.0))
    assert spread(scaled, "toughness")[:2] == pytest.approx(spread(plain, "toughness")[:2]) == (0.875, 1.25)


def test_every_spread_of_the_library_is_a_scale_that_is_taken():
    """The ends that the bands are moved to are not refused as what no member of the family has."""
    for name in names():
        for key in material(name).properties:
            for factor in (spread(material(name), key) or ())[:2]:
                assert material_from_table(name, {"scale": {key: f"{factor:.6g}"}}).table(key)
