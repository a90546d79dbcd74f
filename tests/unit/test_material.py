"""Materials: tables, exact integrals, the library, and what it says when something is missing."""

import itertools

import numpy as np
import pytest

from deadlight.errors import InputError, MaterialError
from deadlight.material import Property, material, names


def table(**change):
    given = {
        "name": "conductivity",
        "unit": "W/m/K",
        "temperature": [300, 400, 700],
        "value": [1.0, 2.0, 1.0],
        "source": "test",
        "status": "A",
        "owner": "test",
    }
    return Property(**{**given, **change})


def test_table_is_piecewise_linear_and_holds_its_ends():
    np.testing.assert_allclose(table()([[200, 350], [550, 900]]), [[1.0, 1.5], [1.5, 1.0]])
    assert table()(350.0) == pytest.approx(1.5)


def test_table_with_slope_beyond_goes_on_straight():
    np.testing.assert_allclose(table(beyond="slope")([200, 1000]), [0.0, 0.0], atol=1e-14)


@pytest.mark.parametrize("beyond", ["hold", "slope"])
def test_integral_is_exact(beyond):
    """Against the midpoint rule between all kinks (exact for linear pieces), from 273.15 K, on both sides."""
    k = table(beyond=beyond)
    for T in (150.0, 273.15, 280.0, 300.0, 333.0, 500.0, 700.0, 950.0):
        kinks = np.unique([x for x in (273.15, 300.0, 400.0, 700.0, T) if min(T, 273.15) <= x <= max(T, 273.15)])
        exact = sum((b - a) * k(0.5 * (a + b)) for a, b in itertools.pairwise(kinks)) * np.sign(T - 273.15)
        assert k.integral(T) == pytest.approx(exact, abs=1e-10)


def test_enthalpy_differentiates_to_specific_heat():
    silica = material("fused_silica")
    T = np.linspace(210.0, 1700.0, 37) + 0.5
    slope = (silica.enthalpy(T + 0.01) - silica.enthalpy(T - 0.01)) / 0.02
    np.testing.assert_allclose(slope, silica.specific_heat(T), rtol=1e-7)
    assert silica.enthalpy(273.15) == 0.0


def test_thermal_strain_is_what_the_mean_expansion_says():
    """Mean expansion 0-100 C 0.51e-6, 0-300 C 0.59e-6, 0-900 C 0.48e-6 (Heraeus quartz glass data sheet)."""
    strain = material("fused_silica").thermal_strain
    np.testing.assert_allclose(strain([273.15, 373.15, 573.15, 1173.15]), [0.0, 0.51e-4, 1.77e-4, 4.32e-4], rtol=1e-12)
    assert strain(1273.15) > strain(1173.15)  # goes on growing past the table
    np.testing.assert_allclose(
        material("aluminosilicate").thermal_strain([173.15, 293.15, 973.15]),
        4.6e-6 * np.array([-100, 20, 700]),
        rtol=1e-12,
    )


@pytest.mark.reference("Incropera & DeWitt 1996, table A.2", "Wiederhorn et al. 1974, J. Am. Ceram. Soc. 57:336")
def test_fused_silica_reads_as_its_sources():
    """Incropera & DeWitt Table A.2 (k, cp), Corning 7980 sheet (points), Wiederhorn et al. 1974 (K_Ic)."""
    silica = material("fused_silica")
    assert silica.conductivity(1000.0) == pytest.approx(2.87)
    assert silica.specific_heat(600.0) == pytest.approx(1040.0)
    assert silica.youngs_modulus(293.0) == pytest.approx(72.7e9)
    assert silica.poisson(293.0) == pytest.approx(0.167)
    assert silica.toughness(300.0) == pytest.approx(0.75e6)
    assert (silica.strain_point, silica.annealing_point, silica.softening_point) == (1166, 1315, 1858)
    assert silica.density == 2200.0


def test_fused_silica_agrees_with_an_independent_data_sheet():
    """Quartz glass: mean specific heat 0-900 C 1052 J/kg/K, mean expansion 0-600 C 0.54e-6 1/K (Wikipedia)."""
    silica = material("fused_silica")
    assert silica.enthalpy(1173.15) / 900.0 == pytest.approx(1052.0, rel=0.01)
    assert silica.thermal_strain(873.15) / 600.0 == pytest.approx(0.54e-6, rel=0.01)


def test_stress_per_kelvin_ranks_the_glasses():
    """E alpha/(1 - nu): fused silica 48 kPa/K, aluminosilicate 1723 521, BK7 857."""
    expected = {"fused_silica": 48e3, "aluminosilicate": 521e3, "borosilicate": 260e3, "bk7": 857e3, "vycor": 63e3}
    for name, value in expected.items():
        m = material(name)
        alpha = m.thermal_strain(573.15) / 300.0 if name != "fused_silica" else 5.5e-7
        assert m.youngs_modulus(293.15) * alpha / (1 - m.poisson(293.15)) == pytest.approx(value, rel=0.01)


def test_conductivity_with_radiation_is_marked_and_can_be_taken_off():
    silica = material("fused_silica")
    assert silica.conductivity_includes_radiation
    assert silica.radiation_above == 700.0
    bare = silica.without_internal_radiation()
    assert not bare.conductivity_includes_radiation
    assert bare.conductivity(1100.0) == pytest.approx(2.225)
    np.testing.assert_allclose(bare.conductivity([300, 600]), silica.conductivity([300, 600]))
    assert bare.without_internal_radiation() is bare


def test_viscosity_passes_the_three_defining_points_and_falls():
    """Definitions: strain point 10**13.5, annealing point 10**12, softening point 10**6.6 Pa s."""
    silica = material("fused_silica")
    np.testing.assert_allclose(silica.log10_viscosity([1166, 1315, 1858]), [13.5, 12.0, 6.6], rtol=1e-12)
    assert (np.diff(silica.log10_viscosity(np.linspace(1100, 1900, 50))) < 0).all()
    assert np.isinf(material("borosilicate").log10_viscosity(50.0))


@pytest.mark.reference("recalled: Wiederhorn & Bolz 1970, J. Am. Ceram. Soc. 53:543")
def test_slow_growth_velocities():
    """Wiederhorn & Bolz 1970 constants at 0.5 MPa m**0.5 and 298.15 K: 1.216e-6, 1.659e-7, 2.902e-4, 1.124e-5 m/s."""
    expected = {"fused_silica": 1.216e-6, "aluminosilicate": 1.659e-7, "borosilicate": 2.902e-4, "soda_lime": 1.124e-5}
    for name, v in expected.items():
        assert material(name).slow_growth.velocity(0.5e6, 298.15) == pytest.approx(
            v, rel=0.06
        )  # E* is rounded to 0.1 kJ/mol in the tables
    assert material("fused_silica").slow_growth.local_exponent(0.45e6, 298.15) == pytest.approx(39, abs=0.5)


def test_temper_profile_balances_itself():
    temper = material("aluminosilicate_tempered").tempering
    s, w = np.polynomial.legendre.leggauss(4)
    assert w @ temper.stress(s) == pytest.approx(0.0, abs=1.0)
    assert temper.stress(1.0) == pytest.approx(-temper.surface_compression)
    assert temper.stress(1.0 / np.sqrt(3.0)) == pytest.approx(0.0, abs=1e-3)
    assert material("aluminosilicate").tempering is None


def test_every_value_of_the_library_has_source_status_and_sense():
    for name in names():
        m = material(name)
        assert m.title and m.properties
        for table in m.properties.values():
            assert table.source and table.status in "RMDA"
            assert (table.value > 0).all()
            assert table.valid[0] < table.valid[1]
        if m.family == "glass":
            assert 5e10 < m.youngs_modulus(293.15) < 1e11
            assert 2000 < m.density < 2700


def test_missing_property_names_material_property_and_remedy():
    with pytest.raises(MaterialError) as caught:
        material("alon").specific_heat  # noqa: B018
    text = str(caught.value)
    assert "alon.specific_heat" in text and "J/kg/K" in text and "remedy" in text
    assert isinstance(caught.value, InputError)


def test_unknown_material_shows_close_matches():
    with pytest.raises(MaterialError, match="did you mean fused_silica"):
        material("fused_silicia")
    assert material("Aluminosilicate_1723") is material("aluminosilicate")


def test_out_of_range_warns_with_both_ranges():
    silica = material("fused_silica")
    assert silica.conductivity.out_of_range(250.0, 1200.0) is None
    text = silica.conductivity.out_of_range(250.0, 1350.0)
    assert "1350 K" in text and "200 K to 1200 K" in text and "held" in text
    warned = silica.warnings(250.0, 1350.0, ["conductivity", "mean_expansion", "density"])
    assert len(warned) == 3 and "end slope" in warned[1] and "strain point" in warned[2]
    assert silica.warnings(250.0, 1000.0, ["conductivity", "specific_heat"]) == ()


def test_assumptions_list_memory_and_assumed_values_only():
    rows = material("fused_silica").assumptions(["density", "conductivity", "emissivity", "poisson"])
    assert [(r.key, r.status) for r in rows] == [
        ("fused_silica.conductivity", "M"),
        ("fused_silica.emissivity", "A"),
    ]
    assert all(r.value and r.source for r in rows)
    assert any(r.key.endswith("slow_growth") for r in material("fused_silica").assumptions())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"temperature": [300, 300, 400]}, "do not increase"),
        ({"value": [1.0, np.nan, 2.0]}, "not finite"),
        ({"value": [1.0, 2.0]}, "3"),
        ({"status": "X"}, "status"),
    ],
)
def test_bad_tables_are_refused(change, message):
    with pytest.raises(MaterialError, match=message):
        table(**change)


def test_tables_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        material("fused_silica").conductivity.value[0] = 0.0
