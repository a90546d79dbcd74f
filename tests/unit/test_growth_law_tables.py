"""Velocities at the edges of their laws: a swing that closes or passes K_Ic, a threshold met, nearly dry air."""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad

from deadlight.errors import InputError
from deadlight.growth.humidity import Humidity, Span
from deadlight.growth.law import ExponentialLaw, SimpleExponential, local_exponent
from deadlight.growth.law_table import TableLaw
from deadlight.growth.moisture import Moisture
from deadlight.growth.threshold import Threshold
from deadlight.growth.waveform import EULER, Gaussian, HalfSine, Sampled, Sine, Triangle, spectrum

T = 298.15
LAW = SimpleExponential(v0=1e-15, beta=4e-5)
SILICA = ExponentialLaw(ln_v0=-1.32, activation_energy=138.5e3, b=0.216)


@pytest.mark.parametrize("law", [LAW, SILICA])
@pytest.mark.parametrize(
    ("k", "amplitude", "critical"),
    [(1e5, 3e5, math.inf), (1e5, 1e5, math.inf), (-1e5, 3e5, math.inf), (4e5, 2e5, 5e5), (4e5, 2e5, 3e5),
     (1e5, 3e5, 2.5e5), (4e5, 2e5, 6.5e5)],
)  # fmt: skip
def test_a_sine_that_closes_the_crack_or_passes_k_ic_is_cut_off_for_exponential_laws_too(law, k, amplitude, critical):
    """The exact mean holds only where K stays between; elsewhere by quadrature of what is left."""

    def cut(phase):
        return float(law.velocity(min(k + amplitude * math.sin(phase), critical), T, 1.0))

    points = [math.asin(x) for x in ((-k) / amplitude, (critical - k) / amplitude) if abs(x) < 1.0]
    exact = quad(cut, -0.5 * math.pi, 0.5 * math.pi, epsrel=1e-11, points=points or None, limit=200)[0] / math.pi
    assert float(Sine().mean(law, k, amplitude, T, 1.0, critical)) == pytest.approx(exact, rel=2e-3)
    mixed = Sine().mean(law, np.array([k, 4e5]), np.array([amplitude, 1e4]), T, 1.0, np.array([critical, math.inf]))
    assert mixed[0] == pytest.approx(exact, rel=2e-3)
    assert mixed[1] == pytest.approx(float(Sine().mean(law, 4e5, 1e4, T, 1.0)), rel=1e-9)


def test_pulses_and_samples_are_held_at_k_ic():
    for shape, w in ((HalfSine(), lambda s: math.sin(math.pi * s)), (Triangle(), lambda s: 1.0 - abs(2.0 * s - 1.0))):
        exact = quad(lambda s, w=w: float(LAW.velocity(min(2e5 + 4e5 * w(s), 4e5), T, 1.0)), 0.0, 0.5, epsrel=1e-10,
                     limit=200)[0] * 2.0  # fmt: skip
        assert float(shape.mean(LAW, 2e5, 4e5, T, 1.0, 4e5)) == pytest.approx(exact, rel=5e-3)
    levels = np.array([-2.0, 0.0, 1.0, 3.0])
    mean = float(Sampled(levels).mean(LAW, 1e5, 1e5, T, 1.0, 3e5))
    assert mean == pytest.approx(sum(float(LAW.velocity(x, T, 1.0)) for x in (1e5, 2e5, 3e5)) / 4.0, rel=1e-12)
    assert Sampled(levels).peak(9.0) == 3.0 and Sine().peak(1.0) == HalfSine().peak(1.0) == 1.0


def test_the_expected_peak_begins_at_one_cycle_in_e_and_is_steady_there():
    """sqrt(2 ln N) is sqrt(2) at N = e; shorter shakings are not smaller."""
    shape = Gaussian(1.0)
    least = math.sqrt(2.0) + EULER / math.sqrt(2.0)
    assert shape.peak(1e-9) == shape.peak(math.e) == pytest.approx(least, rel=1e-12)
    assert shape.peak(math.e * (1.0 + 1e-9)) == pytest.approx(least, rel=1e-8)
    assert shape.peak(math.e**8) == pytest.approx(4.0 + EULER / 4.0)


def test_moments_of_a_spectrum_of_several_lines_are_their_integrals():
    f, s = np.array([5.0, 20.0, 80.0, 350.0]), np.array([0.0, 2.0, 2.0, 0.1])
    m0, m2 = (quad(lambda x, p=p: x**p * np.interp(x, f, s), 5.0, 350.0, points=[20.0, 80.0])[0] for p in (0, 2))
    rms, shape = spectrum(f, s)
    assert rms == pytest.approx(math.sqrt(m0), rel=1e-10)
    assert shape.upcrossings == pytest.approx(math.sqrt(m2 / m0), rel=1e-10)
    assert spectrum([0.0, 1.0], [1.0, 0.0])[0] == pytest.approx(math.sqrt(0.5)), "it may begin at 0 and end at nothing"
    assert spectrum([1.0, 1.5], [1.0, 0.5])[0] > 0.0


@pytest.mark.parametrize(
    ("f", "s"),
    [([-1.0, 2.0], [1.0, 1.0]), ([1.0, math.nan], [1.0, 1.0]), ([1.0, 2.0], [math.inf, 1.0]), ([1.0, 2.0], [1.0]),
     ([[1.0, 2.0]], [[1.0, 2.0]]), ([1.0, 1.0], [1.0, 1.0]), ([1.0, 3.0, 2.0], [1.0, 1.0, 1.0])],
)  # fmt: skip
def test_what_is_no_spectrum_is_refused(f, s):
    with pytest.raises(InputError):
        spectrum(f, s)


def test_at_its_threshold_nothing_grows_and_just_above_it_the_law_holds():
    law = Threshold(law=LAW, k0=3e5)
    assert law.velocity(3e5, T, 1.0) == 0.0
    assert law.velocity(np.nextafter(3e5, 1e6), T, 1.0) == pytest.approx(float(LAW.velocity(3e5, T, 1.0)), rel=1e-12)
    warm = Threshold(law=LAW, k0=lambda temperature: 1e3 * temperature)
    assert warm.velocity(np.array([2.9e5, 3.1e5]), np.array([290.0, 300.0]), 1.0).tolist() == [
        0.0, float(LAW.velocity(3.1e5, 300.0, 1.0))
    ]  # fmt: skip
    values = [law.assumptions()[-1].value, warm.assumptions()[-1].value]
    assert values == ["0.3 MPa m**0.5", "0.27315 ... 0.36315 MPa m**0.5"]


@pytest.mark.parametrize(
    ("low", "high", "warned"), [(273.15, 363.15, False), (273.1, 300.0, True), (300.0, 363.2, True)]
)
def test_a_threshold_warns_beyond_either_end_of_its_temperatures(low, high, warned):
    calm = ExponentialLaw(ln_v0=-1.0, activation_energy=1e5, b=0.2, valid=(0.0, 1e4))
    assert bool(Threshold(law=calm, k0=1e5).warnings(5e5, low, high)) is warned
    own = ExponentialLaw(ln_v0=-1.0, activation_energy=1e5, b=0.2, valid=(273.15, 363.15))
    assert bool(own.warnings(5e5, low, high)) is warned


def test_between_vacuum_and_the_first_humidity_a_table_rises_by_the_root_of_humidity():
    """From 1 to 5 nm/s at humidity 0.4: a quarter of that humidity is halfway."""
    law = TableLaw(k=[2e5, 8e5], temperature=[T], humidity=[0.0, 0.4, 1.0],
                   v=[[[1e-9, 5e-9, 6e-9]], [[1e-9, 5e-9, 6e-9]]])  # fmt: skip
    h = np.array([0.0, 0.1, 0.225, 0.4])
    np.testing.assert_allclose(law.velocity(5e5, T, h), [1e-9, 3e-9, 4e-9, 5e-9], rtol=1e-12)
    assert law.velocity(5e5, T, math.sqrt(0.4)) == pytest.approx(math.sqrt(30.0) * 1e-9)


@pytest.mark.parametrize("at", [{"k": math.inf}, {"temperature": math.nan}, {"humidity": 1.01}, {"humidity": -0.01}])
def test_a_table_is_not_asked_for_what_cannot_be(at):
    law = TableLaw(k=[2e5, 8e5], temperature=[T], humidity=[1.0], v=[[[1e-12]], [[1e-3]]])
    with pytest.raises(InputError):
        law.velocity(**{"k": 5e5, "temperature": T, "humidity": 1.0, **at})


def test_a_table_says_where_it_was_left_and_by_what():
    law = TableLaw(k=[2e5, 8e5], temperature=[280.0, 320.0], humidity=[0.5, 1.0], v=np.geomspace(1e-9, 1e-6, 8).reshape(
        2, 2, 2))  # fmt: skip
    assert str(law) == "v by table, 0.2 ... 0.8 MPa m**0.5, 280 ... 320 K, 0.5 ... 1 humidity"
    for k, low, high, count in ((8e5, 280.0, 320.0, 0), (8.01e5, 280.0, 320.0, 1), (8e5, 279.9, 320.0, 1),
                                (8e5, 280.0, 320.1, 1), (9e5, 270.0, 330.0, 3)):  # fmt: skip
        assert len(law.warnings(k, low, high)) == count


@pytest.mark.parametrize("named", [{"exponent": -0.1}, {"exponent": math.inf}, {"exponent": math.nan},
                                   {"least": -0.1}, {"least": 1.1}, {"least": math.nan}])  # fmt: skip
def test_moisture_refuses_what_cannot_be(named):
    with pytest.raises(InputError):
        Moisture(**named)


def test_moisture_says_what_dryness_earns():
    said = [[a.value for a in Moisture(least=x).assumptions("x")] for x in (1.0, 0.3, 0.0)]
    assert said[0] == ["the velocity in water at any humidity, vacuum included"]
    assert said[1] == ["when drier than 0.3, as at that humidity", "v proportional to humidity**0.5"]
    assert said[2][0] == "no growth in vacuum"
    np.testing.assert_allclose(Moisture(exponent=1.0, least=0.3).factor([0.0, 0.2, 0.4]), [0.3, 0.3, 0.4])


def test_ends_of_spans_must_differ_and_the_last_says_whether_more_is_to_come():
    with pytest.raises(InputError, match="do not rise"):
        Humidity((Span(until=10.0), Span(until=10.0)))
    told = [Humidity(spans).assumptions()[0].value for spans in (
        (Span(until=0.0, relative=0.5), Span(relative=0.3)), (Span(until=0.0), Span(until=9.0, relative=0.25)))]
    assert told == [
        "air 50 % until 0 s; air 30 %",
        "air 100 % (nothing shown) until 0 s; air 25 % until 9 s; then 100 % (nothing shown)",
    ]  # fmt: skip
    assert str(Span(state="vacuum", retained_water=0.0)) == "vacuum, retained water 0 %"


def test_a_faster_law_has_the_larger_exponent():
    """v = v0 exp(beta K): d ln v / d ln K = beta K, and so by the slope."""
    for k, law in itertools.product((1e5, 4e5, 7e5), (LAW, SILICA)):
        assert local_exponent(law, k, T, 1.0) == pytest.approx(float(law.slope(T)) * k, rel=1e-6)
