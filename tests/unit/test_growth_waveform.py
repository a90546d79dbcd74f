"""Mean velocity over a waveform: exact factors, quadrature, clipping at closure and at K_Ic."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import iv, ndtr

from deadlight.errors import InputError
from deadlight.growth.law import ExponentialLaw, PowerLaw, SimpleExponential
from deadlight.growth.moisture import Moisture
from deadlight.growth.threshold import Threshold
from deadlight.growth.waveform import Gaussian, HalfSine, Sampled, Sine, Square, Triangle, spectrum

T = 298.15
LAW = SimpleExponential(v0=1e-15, beta=4e-5)
SILICA = ExponentialLaw(ln_v0=-1.32, activation_energy=138.5e3, b=0.216, moisture=Moisture(least=0.0))
POWER = PowerLaw(n=18.0, v_c=1e-3, k_ref=0.75e6)


@pytest.mark.parametrize("law", [LAW, SILICA])
@pytest.mark.parametrize("amplitude", [0.0, 1e4, 1e5, 3e5])
def test_sine_is_bessel_and_the_quadrature_agrees(law: SimpleExponential | ExponentialLaw, amplitude: float) -> None:
    mean = float(Sine().mean(law, 4e5, amplitude, T, 1.0))
    exact = float(law.velocity(4e5, T, 1.0)) * iv(0, float(law.slope(T)) * amplitude)
    assert mean == pytest.approx(exact, rel=1e-12)
    # by levels: a threshold at next to nothing takes the exact form away
    assert float(Sine().mean(Threshold(law=law, k0=1.0), 4e5, amplitude, T, 1.0)) == pytest.approx(exact, rel=1e-10)


def test_sine_closes_in_its_trough_and_is_held_at_its_critical_value() -> None:
    def clipped(phase: float, critical: float) -> float:
        return float(POWER.velocity(min(1e5 + 4e5 * math.sin(phase), critical), T, 1.0))

    for critical in (math.inf, 3e5):
        points = [math.asin(-0.25), math.asin(0.5)]
        exact = quad(clipped, -0.5 * math.pi, 0.5 * math.pi, (critical,), epsrel=1e-11, points=points)[0] / math.pi
        tolerance = 1e-9 if critical == math.inf else 2e-3  # a kink between nodes
        assert float(Sine().mean(POWER, 1e5, 4e5, T, 1.0, critical)) == pytest.approx(exact, rel=tolerance)


def test_pulses_against_quadrature() -> None:
    k, a = 2e5, 4e5
    for shape, w in ((HalfSine(), lambda s: math.sin(math.pi * s)), (Triangle(), lambda s: 1.0 - abs(2.0 * s - 1.0))):
        exact = quad(lambda s, w=w: float(LAW.velocity(k + a * w(s), T, 1.0)), 0.0, 1.0, epsrel=1e-12, points=[0.5])[0]
        assert float(shape.mean(LAW, k, a, T, 1.0)) == pytest.approx(exact, rel=1e-10)
        assert shape.peak(1.0) == pytest.approx(1.0, abs=1e-3)
    assert float(Square().mean(LAW, k, a, T, 1.0)) == pytest.approx(float(LAW.velocity(k + a, T, 1.0)), rel=1e-14)
    phase = (np.arange(2000) + 0.5) * math.pi / 1000
    assert float(Sampled(np.sin(phase)).mean(LAW, 4e5, 1e5, T, 1.0)) == pytest.approx(
        float(Sine().mean(LAW, 4e5, 1e5, T, 1.0)), rel=1e-10
    )


@pytest.mark.parametrize("rms", [1e3, 2e4, 1e5, 2e5])
def test_gaussian_is_exact_for_the_exponential_law(rms: float) -> None:
    """E[exp(beta X); 0 < K < K_Ic] = exp(s**2/2) (Phi(high - s) - Phi(low - s)), s = beta rms; above, v(K_Ic)."""
    k, k_ic = 3e5, 0.75e6
    s, low, high = LAW.beta * rms, -k / rms, (k_ic - k) / rms
    exact = float(LAW.velocity(k, T, 1.0)) * math.exp(0.5 * s * s) * (ndtr(high - s) - ndtr(low - s))
    exact += float(LAW.velocity(k_ic, T, 1.0)) * ndtr(-high)
    assert float(Gaussian(50.0).mean(LAW, k, rms, T, 1.0, k_ic)) == pytest.approx(exact, rel=1e-9)
    if rms <= 2e4:  # beyond, its tail meets the largest velocity that a law gives
        free = float(LAW.velocity(k, T, 1.0)) * math.exp(0.5 * s * s) * ndtr(s - low)
        assert float(Gaussian(50.0).mean(LAW, k, rms, T, 1.0)) == pytest.approx(free, rel=1e-9)


def test_gaussian_is_a_sine_of_rayleigh_amplitude() -> None:
    """Narrow band: amplitudes A with density A exp(-A**2/2 rms**2)/rms**2; both averages are the same."""
    rms, k = 3e4, 4e5
    x, weight = np.polynomial.legendre.leggauss(200)
    a = 6.5 * rms * (x + 1.0)
    density = a / rms**2 * np.exp(-0.5 * (a / rms) ** 2) * 6.5 * rms * weight
    rayleigh = (Sine().mean(LAW, np.full(200, k), a, T, 1.0) * density).sum()
    assert rayleigh == pytest.approx(float(Gaussian(50.0).mean(LAW, k, rms, T, 1.0)), rel=1e-6)


def test_without_amplitude_every_waveform_is_the_steady_velocity() -> None:
    for shape in (Sine(), HalfSine(), Triangle(), Square(), Gaussian(10.0)):
        for law in (LAW, POWER, SILICA):
            k = np.array([[2e5, 4e5]])
            np.testing.assert_allclose(shape.mean(law, k, 0.0, T, np.ones((3, 1))),
                                       np.broadcast_to(law.velocity(k, T, 1.0), (3, 2)), rtol=1e-12)  # fmt: skip


def test_growth_under_vibration_is_never_less_than_at_the_mean() -> None:
    """Jensen: every law here is convex in K."""
    for shape in (Sine(), Gaussian(10.0)):
        for law in (LAW, POWER, SILICA):
            assert shape.mean(law, 4e5, 1e5, T, 1.0) > law.velocity(4e5, T, 1.0)


@pytest.mark.reference("Rice 1944, Bell Syst. Tech. J. 23:282")
def test_spectrum_gives_rms_and_upcrossings() -> None:
    """Flat 20 to 2000 Hz: m0 = S df, m2 = S (f2**3 - f1**3)/3 (Rice 1944)."""
    rms, shape = spectrum([20.0, 2000.0], [0.04, 0.04])
    assert rms == pytest.approx(math.sqrt(0.04 * 1980.0), rel=1e-12)
    assert shape.upcrossings == pytest.approx(math.sqrt((2000.0**3 - 20.0**3) / 3.0 / 1980.0), rel=1e-12)
    ramp, _ = spectrum([10.0, 20.0], [0.0, 2.0])
    assert ramp == pytest.approx(math.sqrt(10.0), rel=1e-12)
    assert float(shape.exceedances(3.0, 10.0)) == pytest.approx(shape.upcrossings * 10.0 * math.exp(-4.5), rel=1e-12)
    for f, s in (([1.0], [1.0]), ([2.0, 1.0], [1.0, 1.0]), ([1.0, 2.0], [0.0, 0.0]), ([1.0, 2.0], [-1.0, 2.0])):
        with pytest.raises(InputError):
            spectrum(f, s)


def test_expected_peak_grows_with_the_duration() -> None:
    peaks = [Gaussian(100.0).peak(t) for t in (1e-4, 0.01, 0.1, 1.0, 100.0, 1e4)]
    assert all(a <= b + 1e-12 for a, b in itertools.pairwise(peaks[1:])) and peaks[-1] == pytest.approx(5.37, abs=0.01)
    with pytest.raises(InputError):
        Gaussian(0.0)
    with pytest.raises(InputError):
        Sampled(np.zeros(0))


@pytest.mark.parametrize(("k", "amplitude", "critical"), [(1e5, 4e5, math.inf), (4e5, 3e5, 5e5), (1e5, 4e5, 3e5)])
def test_the_exact_mean_of_a_sine_is_left_where_the_crack_closes_or_reaches_its_critical_value(
    k: float, amplitude: float, critical: float
) -> None:
    """Either alone and both, for an exponential law; held against a fine sum over the time."""
    phase = (np.arange(200_000) + 0.5) * math.pi / 100_000
    level = np.minimum(k + amplitude * np.sin(phase), critical)
    exact = float(np.where(level > 0.0, LAW.velocity(np.maximum(level, 0.0), T, 1.0), 0.0).mean())
    assert float(Sine().mean(LAW, k, amplitude, T, 1.0, critical)) == pytest.approx(exact, rel=5e-3)


def test_each_crack_is_held_at_its_own_critical_value() -> None:
    k, critical = np.array([[2e5], [3e5]]), np.array([3e5, 4e5, math.inf])
    for shape in (Square(), HalfSine(), Triangle(), Sine(), Gaussian(10.0), Sampled(np.array([-1.0, 0.5, 1.0]))):
        found = shape.mean(LAW, k, 1e5, T, 1.0, np.broadcast_to(critical, (2, 3)))
        assert found.shape == (2, 3)
        for i in range(2):
            for j in range(3):
                alone = float(shape.mean(LAW, k[i, 0], 1e5, T, 1.0, critical[j]))
                assert found[i, j] == pytest.approx(alone, rel=1e-6)
    assert float(Square().mean(LAW, 2e5, 5e5, T, 1.0, 3e5)) == pytest.approx(float(LAW.velocity(3e5, T, 1.0)))


def test_shaken_and_steady_cracks_are_told_apart_one_by_one() -> None:
    found = Gaussian(10.0).mean(LAW, 3e5, np.array([0.0, 2e4]), T, 1.0, 0.75e6)
    assert found[0] == pytest.approx(float(LAW.velocity(3e5, T, 1.0)), rel=1e-12)
    assert found[1] == pytest.approx(float(LAW.velocity(3e5, T, 1.0)) * math.exp(0.5 * (LAW.beta * 2e4) ** 2), rel=1e-6)


def test_a_waveform_known_in_time_has_its_largest_level_as_peak() -> None:
    assert Sine().peak(9.0) == HalfSine().peak(9.0) == Square().peak(9.0) == 1.0
    assert Sampled(np.array([0.5, -3.0, 2.5])).peak(1e-3) == 2.5


def test_samples_count_alike_and_are_one_row_of_numbers() -> None:
    made = Sampled(np.array([0.0, 1.0, 1.0, -1.0]))
    v = [float(LAW.velocity(x, T, 1.0)) for x in (3e5, 4e5, 2e5)]
    assert float(made.mean(LAW, 3e5, 1e5, T, 1.0)) == pytest.approx((v[0] + 2.0 * v[1] + v[2]) / 4.0, rel=1e-12)
    for bad in (np.ones((2, 2)), np.array([1.0, math.nan]), np.array([math.inf])):
        with pytest.raises(InputError):
            Sampled(bad)


@pytest.mark.parametrize("rate", [0.0, -1.0, math.inf, math.nan])
def test_upcrossings_are_a_rate(rate: float) -> None:
    with pytest.raises(InputError):
        Gaussian(rate)


@pytest.mark.reference("Davenport 1964, eq. 14")
def test_the_expected_peak_is_that_of_davenport_and_no_less_for_few_upcrossings() -> None:
    """sqrt(2 ln n) + gamma/sqrt(2 ln n): 4 + gamma/4 for e^8 upcrossings; held at e of them below."""
    gamma = float(np.euler_gamma)
    assert Gaussian(50.0).peak(math.exp(8.0) / 50.0) == pytest.approx(4.0 + 0.25 * gamma, rel=1e-12)
    least = math.sqrt(2.0) + gamma / math.sqrt(2.0)
    for count in (1e-9, 1.0, math.e * (1.0 - 1e-12), math.e * (1.0 + 1e-12)):
        assert Gaussian(2.0).peak(count / 2.0) == pytest.approx(least, rel=1e-9)
    assert Gaussian(2.0).peak(0.5 * math.exp(1.5)) == pytest.approx(math.sqrt(3.0) + gamma / math.sqrt(3.0), rel=1e-12)


def test_moments_of_a_spectrum_of_lines_from_no_frequency_on() -> None:
    """Densities 0, 1, 0 at 0, 1, 3 Hz: m0 = 3/2, m2 = 1/4 + 3."""
    rms, shape = spectrum([0.0, 1.0, 3.0], [0.0, 1.0, 0.0])
    assert rms == pytest.approx(math.sqrt(1.5), rel=1e-12)
    assert shape.upcrossings == pytest.approx(math.sqrt(3.25 / 1.5), rel=1e-12)


@pytest.mark.parametrize(
    ("f", "s"),
    [([1.0], [1.0]), ([1.0, 2.0], [1.0]), ([1.0, math.nan], [1.0, 1.0]), ([1.0, 2.0], [1.0, math.inf]),
     ([[1.0, 2.0]], [[1.0, 1.0]])],
)  # fmt: skip
def test_a_spectrum_has_two_points_or_more_that_are_numbers(f: list[float], s: list[float]) -> None:
    with pytest.raises(InputError, match="frequencies"):
        spectrum(f, s)


@pytest.mark.parametrize(
    ("f", "s"),
    [([-1.0, 2.0], [1.0, 1.0]), ([1.0, 2.0, 2.0], [1.0, 1.0, 1.0]), ([1.0, 3.0, 2.0], [1.0, 1.0, 1.0]),
     ([1.0, 2.0], [1.0, -1.0]), ([1.0, 2.0], [0.0, 0.0])],
)  # fmt: skip
def test_frequencies_rise_from_zero_or_more_and_some_density_is_above_zero(f: list[float], s: list[float]) -> None:
    with pytest.raises(InputError, match="no spectrum"):
        spectrum(f, s)


@pytest.mark.parametrize("critical", [math.inf, 0.5e6])
def test_vibration_does_not_see_the_unit_of_k(critical: float) -> None:
    """In Pa and in MPa, also where the crack closes for a part of the time."""
    small = SimpleExponential(v0=LAW.v0, beta=LAW.beta * 1e6)
    for k, rms in ((3e5, 5e4), (1e5, 2e5), (-1e5, 2e5)):
        for shape in (Gaussian(0.5), Sine(), HalfSine()):
            found = float(shape.mean(small, 1e-6 * k, 1e-6 * rms, T, 1.0, 1e-6 * critical))
            assert found == pytest.approx(float(shape.mean(LAW, k, rms, T, 1.0, critical)), rel=1e-9)
