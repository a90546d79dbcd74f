"""Coupon statistics against closed forms and against synthetic samples whose truth is known."""

import math

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.material.coupon import fit_coupons, read_coupons, ring_on_ring
from deadlight.material.fatigue import fit_fatigue, life_at_constant_stress, resistance, strength_at_constant_rate
from deadlight.material.weibull import _pivots, fit_weibull

RINGS = {
    "thickness": 0.003,
    "support_diameter": 0.04,
    "load_diameter": 0.02,
    "specimen_diameter": 0.05,
    "poisson": 0.22,
}
# Penny flaw, power law (Evans & Wiederhorn 1974; exact integrals): a0 = 1 mm, n = 18, K_Ic = 0.75 MPa m**0.5,
# v_c = 1 mm/s, Y = 2/sqrt(pi).
PENNY = {"n": 18.0, "v_c": 1e-3, "K_Ic": 0.75e6, "Y": 2.0 / math.sqrt(math.pi)}
INERT = 0.75e6 / (PENNY["Y"] * math.sqrt(1e-3))


@pytest.mark.reference("ASTM C1499")
def test_ring_on_ring_check_case():
    """ASTM C1499: 2000 N on a 3 mm disc of 50 mm, rings 40 and 20 mm, nu 0.22: 109.588 MPa; linear in the force."""
    result = ring_on_ring([2000.0, 1000.0], **RINGS)
    np.testing.assert_allclose(result.stress, [109.588e6, 54.794e6], rtol=1e-5)
    assert result.area == pytest.approx(math.pi * 1e-4)
    assert result.warnings == ()


def test_ring_on_ring_limit_of_ring_moment():
    """D = D_S, ring sizes equal but for d: sigma -> 3 F d/(pi h^2 D_S), the moment (F/pi D_S)(d/2) over h^2/6."""
    d = 1e-7
    stress = ring_on_ring(
        1000.0, thickness=0.003, support_diameter=0.04, load_diameter=0.04 - d, specimen_diameter=0.04, poisson=0.3
    ).stress[0]
    assert stress == pytest.approx(6 / 0.003**2 * 1000.0 / (math.pi * 0.04) * d / 2, rel=1e-4)


def test_ring_on_ring_warns_and_refuses():
    assert any("ratio" in w for w in ring_on_ring(2000.0, **{**RINGS, "load_diameter": 0.03}).warnings)
    assert any(
        "thin" in w for w in ring_on_ring(2000.0, **{**RINGS, "thickness": 0.0005}, youngs_modulus=72e9).warnings
    )
    with pytest.raises(InputError, match="ring-on-ring"):
        ring_on_ring(2000.0, **{**RINGS, "load_diameter": 0.05})


@pytest.mark.reference("ASTM C1368", "Evans & Wiederhorn 1974, Int. J. Fracture 10:379")
def test_constant_rate_and_constant_stress_closed_forms():
    """Penny, power law: inert 21.0187 MPa; 0.1 MPa/s breaks at 16.5812 MPa (165.812 s); 10 MPa lasts 80134.3 s."""
    assert pytest.approx(21.0187e6, rel=1e-5) == INERT
    B = resistance(**PENNY)
    strength = strength_at_constant_rate(1e5, inert_strength=INERT, n=18.0, B=B)
    assert strength == pytest.approx(16.5812e6, rel=1e-5)
    assert strength / 1e5 == pytest.approx(165.812, rel=1e-5)
    assert life_at_constant_stress(10e6, inert_strength=INERT, n=18.0, B=B) == pytest.approx(80134.3, rel=1e-5)
    assert life_at_constant_stress(INERT, inert_strength=INERT, n=18.0, B=B) == 0.0
    assert strength_at_constant_rate(1e15, inert_strength=INERT, n=18.0, B=B) == pytest.approx(INERT, rel=1e-4)


def test_closed_form_agrees_with_integrated_crack_growth():
    """da/dt = v_c (Y sigma sqrt(a) / K_Ic)^n integrated numerically to K = K_Ic gives the same strength."""
    from scipy.integrate import solve_ivp

    rate, Y = 1e5, PENNY["Y"]

    def ratio(t, a):
        return Y * rate * t * math.sqrt(a[0]) / PENNY["K_Ic"]

    def done(t, a):
        return ratio(t, a) - 1.0

    done.terminal = True
    found = solve_ivp(lambda t, a: [1e-3 * ratio(t, a) ** 18], (1.0, 400.0), [1e-3], events=done, rtol=1e-9, atol=1e-14)
    exact = strength_at_constant_rate(rate, inert_strength=INERT, n=18.0, B=resistance(**PENNY))
    assert rate * found.t_events[0][0] == pytest.approx(exact, rel=1e-5)


def test_weibull_recovers_a_large_sample():
    rng = np.random.default_rng(7)
    x = 130e6 * rng.weibull(10.0, 20_000)
    fit = fit_weibull(x)
    assert fit.modulus == pytest.approx(10.0, rel=0.02)
    assert fit.scale == pytest.approx(130e6, rel=0.002)
    assert fit.method == "likelihood ratio" and fit.modulus_bounds[0] < 10 < fit.modulus_bounds[1]


@pytest.mark.reference("recalled: ASTM C1239; Thoman, Bain & Antle 1969, Technometrics 11:445")
@pytest.mark.parametrize(("n", "factor"), [(5, 0.700), (10, 0.859), (20, 0.931)])
def test_unbiasing_factor(n, factor):
    """Unbiasing factors of the modulus in ASTM C1239 (Thoman, Bain & Antle 1969): 0.700, 0.859, 0.931; from memory."""
    assert 1.0 / _pivots(n)[0].mean() == pytest.approx(factor, abs=0.006)


def coverage(bounds, truth):
    bounds = np.array(bounds)
    return ((bounds[:, 0] <= truth) & (truth <= bounds[:, 1])).mean()


@pytest.mark.parametrize("n", [8, 30])
def test_weibull_bounds_cover_the_truth(n):
    """90 % bounds hold the truth in 90 % of 400 samples: +-3 sigma of a binomial is 4.5 %."""
    rng = np.random.default_rng(11 + n)
    fits = [fit_weibull(x) for x in 130e6 * rng.weibull(10.0, (400, n))]
    assert coverage([f.modulus_bounds for f in fits], 10.0) == pytest.approx(0.90, abs=0.045)
    assert coverage([f.scale_bounds for f in fits], 130e6) == pytest.approx(0.90, abs=0.045)
    assert np.mean([f.modulus_unbiased for f in fits]) == pytest.approx(10.0, rel=0.05)
    assert np.mean([f.modulus for f in fits]) > np.mean([f.modulus_unbiased for f in fits])


def test_censored_weibull_bounds_cover_the_truth():
    """A second flaw mode takes about a third of the specimens; left out of the count, it would bias the scale."""
    rng = np.random.default_rng(3)
    first, second = 130e6 * rng.weibull(8.0, (300, 40)), 145e6 * rng.weibull(6.0, (300, 40))
    x, censored = np.minimum(first, second), second < first
    fits = [fit_weibull(a, censored=c) for a, c in zip(x, censored)]
    assert coverage([f.modulus_bounds for f in fits], 8.0) == pytest.approx(0.90, abs=0.055)
    assert coverage([f.scale_bounds for f in fits], 130e6) == pytest.approx(0.90, abs=0.055)
    naive = np.mean([fit_weibull(a[~c]).scale for a, c in zip(x, censored)])
    assert naive < 0.97 * 130e6


def test_censoring_nothing_is_the_complete_sample():
    x = 130e6 * np.random.default_rng(5).weibull(10.0, 25)
    a, b = fit_weibull(x), fit_weibull(x, censored=np.zeros(25, dtype=bool))
    assert a == b
    assert fit_weibull(2.0 * x).modulus == pytest.approx(a.modulus) and fit_weibull(2.0 * x).scale == pytest.approx(
        2 * a.scale
    )


def stressing_rates(rng, *, n=20.0, B=1e13, inert=100e6, m=12.0, per_rate=10, rates=(1e3, 1e4, 1e5, 1e6, 1e7)):
    """Strengths of specimens of Weibull inert strength by the exact constant-rate equation."""
    rate = np.repeat(rates, per_rate)
    initial = inert * rng.weibull(m, len(rate))
    return (
        np.array([strength_at_constant_rate(r, inert_strength=s, n=n, B=B) for r, s in zip(rate, initial)]),
        rate,
        inert * rng.weibull(m, 20),
    )


@pytest.mark.reference("ASTM C1368")
def test_fatigue_recovers_n_and_B_without_scatter():
    """Far below the inert strength the exact strengths lie on the line of C1368: n and B to 0.1 %, no warning."""
    rates = np.logspace(1, 6, 11)
    B = resistance(**PENNY)
    strength = [strength_at_constant_rate(r, inert_strength=2 * INERT, n=18.0, B=B) for r in rates]
    slow = np.array(strength) < 1.3 * INERT
    fit = fit_fatigue(np.array(strength)[slow], rates[slow], inert=[2 * INERT] * 3)
    assert fit.n == pytest.approx(18.0, rel=1e-3)
    assert pytest.approx(B, rel=0.02) == fit.B
    assert not any("inert" in w for w in fit.warnings)


def test_fast_rates_near_the_inert_strength_are_flagged():
    """Fast rates bend the line and overstate n: the known trap of the first issue of C1368."""
    B = resistance(**PENNY)
    rates = np.logspace(4, 9, 11)
    fit = fit_fatigue(
        [strength_at_constant_rate(r, inert_strength=INERT, n=18.0, B=B) for r in rates], rates, inert=[INERT] * 3
    )
    assert fit.n > 25.0
    assert any("near the inert strength" in w for w in fit.warnings)


def test_fatigue_bounds_cover_the_truth():
    """90 % bounds of n, ln D and ln B over 300 synthetic tests (Weibull m = 12, five rates of ten)."""
    rng = np.random.default_rng(17)
    n, B, inert, m = 20.0, 1e13, 100e6, 12.0
    fits = [
        fit_fatigue(s, r, inert=i) for s, r, i in (stressing_rates(rng, n=n, B=B, inert=inert, m=m) for _ in range(300))
    ]
    mean_log_inert = math.log(inert) - np.euler_gamma / m
    D = math.exp((math.log(B * (n + 1)) + (n - 2) * mean_log_inert) / (n + 1))
    assert coverage([f.n_bounds for f in fits], n) == pytest.approx(0.90, abs=0.055)
    assert coverage([f.D_bounds for f in fits], D) == pytest.approx(0.90, abs=0.055)
    assert coverage([f.B_bounds for f in fits], B) == pytest.approx(0.90, abs=0.06)
    assert np.median([f.n for f in fits]) == pytest.approx(n, rel=0.03)


def test_coupon_file_end_to_end(tmp_path):
    """A file in MPa gives the same as the arrays, and the inert rows make the Weibull fit."""
    strength, rate, inert = stressing_rates(np.random.default_rng(1))
    rows = [f"{s / 1e6!r}, {r / 1e6!r}, 0" for s, r in zip(strength.tolist(), rate.tolist())]
    rows += [f"{s / 1e6!r}, 100, 1" for s in inert.tolist()]
    path = tmp_path / "coupons.csv"
    path.write_text("# bare, humid\nstrength [MPa], rate [MPa/s], inert\n" + "\n".join(rows) + "\n")
    fit = fit_coupons(path)
    assert fit.fatigue.n == pytest.approx(fit_fatigue(strength, rate, inert=inert).n, rel=1e-12)
    assert fit.weibull.modulus == pytest.approx(fit_weibull(inert).modulus, rel=1e-12)
    assert "n = " in repr(fit.fatigue) and "MPa" in repr(fit.weibull)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("strength\n100\n", "no unit"),
        ("strength [MPa]\n100\nabc\n", "line 3"),
        ("strength [MPa], rate [MPa/s]\n100\n", "1 values"),
        ("strength [m]\n100\n", "expected a quantity in Pa"),
        ("colour\n1\n", "colour"),
        ("inert\n1\n", "no strength"),
        ("strength [MPa]\n", "no coupon"),
        ("strength [MPa]\n100\n-3\n90\n95\n", "line 3, strength.*-3"),
    ],
)
def test_bad_coupon_files(tmp_path, text, words):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        fit_coupons(path)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("strength", "rate", "words"),
    [
        ([1e7, 1.1e7], [1, 10], "at least 4"),
        ([1e7] * 5, [1, 2, 3, 4, 5], "decade"),
        ([5e7, 4e7, 3e7, 2e7], [1, 10, 100, 1000], "slope"),
    ],
)
def test_bad_rate_tests(strength, rate, words):
    with pytest.raises(InputError, match=words):
        fit_fatigue(strength, rate)


FLAGGED = "strength [MPa],rate [MPa/s],inert,censored\n"


def written(folder, rows):
    path = folder / "coupons.csv"
    path.write_text(FLAGGED + "".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("name", ["inert", "censored"])
@pytest.mark.parametrize("flag", [7, -5, 0.4, 12, 1.0001])
def test_a_flag_is_zero_or_one(tmp_path, name, flag):
    """A column that slipped by one puts strengths and rates where flags are."""
    row = [60, 1, flag, 0] if name == "inert" else [60, 1, 0, flag]
    with pytest.raises(InputError, match=rf"line 3, {name}.*\n.*0 or 1"):
        read_coupons(written(tmp_path, [[70, 1, 0, 0], row]))


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ([80e-6, 1, 0, 0], "strength"),
        ([80e3, 1, 0, 0], "strength"),
        (["1e300", 1, 0, 0], "strength"),
        (["1e-300", 1, 1, 0], "strength"),
        ([80, 0, 0, 0], "rate"),
        ([80, -3, 0, 1], "rate"),
        ([80, 0, 0, 1], "rate"),
        ([80, 1e30, 0, 0], "rate"),
    ],
)
def test_a_coupon_that_cannot_be_is_named_with_its_line(tmp_path, row, name):
    """80 Pa and 80 GPa are slips of a unit; a censored coupon's rate is used, so that it must be one."""
    with pytest.raises(InputError, match=f"line 3, {name}"):
        read_coupons(written(tmp_path, [[70, 1, 0, 0], row]))


def test_the_rate_of_an_inert_coupon_counts_for_nothing(tmp_path):
    rows = [[80 + i, 0, 1, 0] for i in range(4)] + [
        [60 * v ** (1 / 21) + i, v, 0, 0] for i in (0, 1) for v in (1, 10, 100)
    ]
    assert fit_coupons(written(tmp_path, rows)).weibull.n == 4


@pytest.mark.parametrize("inert", [(90, 91, 92), (130, 131, 132)])
def test_a_resistance_that_is_no_number_is_refused_with_the_reason(tmp_path, inert):
    """Strengths from 100 to 100.03 MPa over three decades: n = 2.3e4, and B = D^(n+1) (n+1) / S^(n-2) is (D/S)^n.

    Below the inert strength that is e^(-6000), above it e^(+2000): neither is a float.
    """
    rows = [[100 + 0.01 * i, 10**i, 0, 0] for i in range(4)] + [[s, 1, 1, 0] for s in inert]
    with pytest.raises(InputError, match=r"ln B = .*hardly rise"):
        fit_coupons(written(tmp_path, rows))


def test_bounds_of_a_resistance_may_be_none_where_it_is_a_number_itself():
    """Scatter of 30 % over four rates at 99.99 %: B is, its bounds are not; they are 0 and inf, never a traceback."""
    rate = np.array([1e5, 1e6, 1e7, 1e8])
    strength = 60e6 * (rate / 1e6) ** (1 / 61) * np.array([1.0, 1.05, 0.95, 1.0])
    fit = fit_fatigue(strength, rate, inert=[120e6, 125e6], confidence=0.9999)
    assert 0.0 < fit.B < math.inf and fit.B_bounds == (0.0, math.inf)
