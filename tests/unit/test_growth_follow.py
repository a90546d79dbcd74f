"""How a record ends and what it keeps: the last geometry, moves made again shorter, margins, energy, progress."""

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from deadlight.errors import NotSolved
from deadlight.growth.follow import LEAST_SHARE, LITTLE, follow
from deadlight.growth.plan import BALANCED, Step
from deadlight.growth.record import CRITICAL, End
from deadlight.growth.shape import Change, Moved, Solved
from support_growth import K_IC, Circle, Power, Still, Wet

A0 = 1e-3
TIME = np.array([0.0, 50.0, 100.0])


def circle(k: Any, time: Any = TIME) -> Circle:
    return Circle(A0, np.asarray(time, dtype=float), lambda a: K_IC * np.broadcast_to(k(a), len(time)))


@pytest.mark.parametrize(
    ("begun", "fall"),
    [(0.008, 1000.0), *itertools.product([0.0005, 0.004, 0.02, 0.1, 0.149, 0.152, 0.3], [0.0, 6.0, 30.0])],
)
def test_the_last_geometry_is_the_crack_at_the_end_of_the_history(begun: float, fall: float) -> None:
    """da/dt = v (a0 / a)^m: a^(m + 1) grows evenly, by m + 1 times the share that a would at its first speed."""
    k = lambda a: 0.5 * (A0 / a) ** (fall / 12.0)  # noqa: E731
    record = follow(circle(k), Power(begun * A0 / 100.0 * 2.0**12, 12.0), Wet())
    radius = (1.0 + (fall + 1.0) * begun) ** (1.0 / (fall + 1.0))
    exact = np.pi * (A0 * radius) ** 2
    assert record.end is End.HISTORY_OVER and record.trace_time[-1] == 100.0
    assert record.trace_area[-1] == pytest.approx(exact, rel=3e-3 * (radius - 1.0) * (1.0 + fall))
    assert abs(record.steps[-1].area - record.trace_area[-1]) <= 1.01 * LITTLE * exact
    assert record.steps[-1].time <= 100.0


@pytest.mark.parametrize("share", [0.8, 0.6])
def test_a_move_whose_geometry_is_not_solved_is_made_shorter(share: float) -> None:
    """A running crack moves by a quarter of its size; K cannot be found beyond a bit more than a share of that."""

    class Hard(Circle):
        def moved(self, move: Any, tilt: Any) -> Moved:
            return Moved(Hard(self.a + float(move[0]), self.time, self.k_of))

        def solve(self) -> Solved:
            if self.a > A0 * (1.0 + 0.25 * (share + 0.01)):
                raise NotSolved("too large")
            return super().solve()

    seed = circle(lambda a: 2.0)
    record = follow(Hard(seed.a, seed.time, seed.k_of), Still(), Wet(), limit=2)
    assert record.steps[1].move[0] == pytest.approx(share * 0.25 * A0, rel=2e-3)
    assert record.steps[1].area == pytest.approx(np.pi * (A0 * (1.0 + 0.25 * share)) ** 2, rel=1e-3)


def test_what_a_shape_took_of_a_move_is_what_is_kept() -> None:
    class Reluctant(Circle):
        def moved(self, move: Any, tilt: Any) -> Moved:
            return Moved(Reluctant(self.a + 0.5 * float(move[0]), self.time, self.k_of), move=0.5 * move)

    seed = circle(lambda a: 2.0)
    record = follow(Reluctant(seed.a, seed.time, seed.k_of), Still(), Wet(), limit=2)
    assert record.steps[1].move[0] == pytest.approx(0.125 * A0, rel=2e-3)


@dataclass(frozen=True)
class Balanced(Circle):
    """Whose energy is off by so much after every step, at each instant."""

    off: tuple[float, ...] = (0.0, 0.0, 0.0)
    born: bool = True

    def moved(self, move: Any, tilt: Any) -> Moved:
        return Moved(replace(self, a=self.a + float(move[0]), born=False))

    def solve(self) -> Solved:
        return replace(super().solve(), balance=None if self.born else np.array(self.off))


def balanced(k: Any, off: Any) -> Any:
    seed = circle(k)
    return follow(Balanced(seed.a, seed.time, seed.k_of, tuple(off)), Still(), Wet(), limit=2)


@pytest.mark.parametrize(
    ("off", "power", "share"),
    [
        (0.06, 1.0, 0.5),
        (-0.06, 1.0, 0.5),
        (0.06, 0.4, 1.0),
        (0.029, 1.0, 1.0),
        (0.9, 1.0, LEAST_SHARE),
        (0.06, -1.0, 0.5),
    ],
)
def test_a_run_over_which_k_changed_much_and_energy_is_off_is_made_again_by_the_root_of_what_is_balanced(
    off: float, power: float, share: float
) -> None:
    """K goes with a power of the radius, which a step makes a quarter larger: ln K changes by 0.22 or 0.09."""
    record = balanced(lambda a: 2.0 * (a / A0) ** power, [off, 0.0, 0.0])
    assert record.steps[1].move[0] == pytest.approx(share * 0.25 * A0, rel=2e-3)
    assert np.sqrt(BALANCED / 0.06) == 0.5


def test_energy_is_that_of_the_instant_of_the_step_and_an_alarm_beyond_three_percent() -> None:
    """K reaches K_Ic halfway between the first two instants, so the second is nearer by a hair."""
    for off, alarms in (([0.01, 0.04, 0.02], 1), ([0.5, 0.02, 0.5], 0), ([0.5, -0.04, 0.5], 1)):
        record = balanced(lambda a: np.array([0.4, 1.55, 1.55]), off)
        assert record.steps[1].energy == off[1]
        told = [r for r in record.remarks if "energy of the step" in r]
        assert len(told) == alarms and all(r.alarm for r in told)
        if alarms:
            assert f"geometry 1 of the growth: energy of the step off by {100 * off[1]:+.2g} % (limit 3 %)" in told[0]


def test_a_step_that_sweeps_nothing_is_no_growth() -> None:
    class Stuck(Circle):
        def moved(self, move: Any, tilt: Any) -> Moved:
            return Moved(Stuck(self.a * (1.0 + 1e-10), self.time, self.k_of))

    seed = circle(lambda a: 2.0)
    record = follow(Stuck(seed.a, seed.time, seed.k_of), Still(), Wet())
    assert record.end is End.LOST and "which is no growth" in record.sentence and len(record.steps) == 1


def test_what_opens_at_a_stroke_is_told_and_counts_for_no_front() -> None:
    """A run by a quarter, then twice the area at one time; at twice the radius K falls below K_Ic."""

    class Opening(Circle):
        def moved(self, move: Any, tilt: Any) -> Moved:
            a = self.a + float(move[0])
            wide = np.sqrt(2.0) * a
            change = Change("breaks through", "C1", np.zeros(3), "at inner")
            return Moved(Opening(wide, self.time, self.k_of), (change,), np.pi * (wide**2 - a**2))

    seed = circle(lambda a: 1.5 if a < 2.0 * A0 else 0.5)
    record = follow(Opening(seed.a, seed.time, seed.k_of), Still(), Wet(), limit=30)
    first = np.pi * (1.25 * A0) ** 2
    assert record.steps[1].area == pytest.approx(2.0 * first, rel=2e-3)
    assert record.steps[1].added == pytest.approx(first, rel=2e-3)
    assert record.trace_area[:4] == pytest.approx([np.pi * A0**2, np.pi * A0**2, first, 2.0 * first], rel=2e-3)
    assert record.trace_ratio[3] == pytest.approx(1.5)
    what = [(e.what, e.indicative) for e in record.events if e.time == 0.0]
    assert (CRITICAL, False) in what and ("breaks through", True) in what
    assert record.end is End.HISTORY_OVER and record.trace_time[-1] == 100.0
    cut = follow(Opening(seed.a, seed.time, seed.k_of), Still(), Wet(), limit=2)
    assert cut.end is End.STEPS_SPENT and cut.trace_area[-1] == cut.steps[-1].area


def test_the_margin_after_is_that_of_the_rest_of_the_history() -> None:
    """Never at K_Ic: of all of it.  After a run: of what came later.  Never open: none."""
    assert follow(circle(lambda a: [0.2, 0.8, 0.4]), Still(), Wet()).margin_after == pytest.approx(0.25)
    assert follow(circle(lambda a: [-0.5, -0.5, 0.0]), Still(), Wet()).margin_after == np.inf
    ran = follow(circle(lambda a: np.array([1.5, 0.6, 0.3]) * (A0 / a) ** 0.5), Still(), Wet())
    rest = (A0 / np.sqrt(ran.trace_area[-1] / np.pi)) ** 0.5
    assert ran.margin_after == pytest.approx(1.0 / (0.6 * rest) - 1.0, rel=0.02)
    assert ran.trace_area[-1] == pytest.approx(np.pi * (2.25 * A0) ** 2, rel=0.01)
    still = follow(circle(lambda a: np.array([0.0, 0.5, 1.0 + 1e-9]) * A0 / a), Still(), Wet())
    assert still.first_critical == pytest.approx(100.0) and still.margin_after == 0.0


def test_creep_that_is_not_followed_is_told() -> None:
    record = follow(circle(lambda a: 0.5), Power(1e-10 * 2.0**4, 4.0), Wet())
    assert not record.grew and record.creep == pytest.approx(1e-8, rel=1e-6)
    assert follow(circle(lambda a: 0.5), Power(1e-7 * 2.0**4, 4.0), Wet()).grew


def test_progress_is_told_with_area_and_k_and_its_share_of_the_history() -> None:
    """The clock begins at -100 s: halfway at -50 s."""
    told: list[tuple[float, str]] = []
    time = np.array([-100.0, -50.0, 0.0])
    record = follow(
        circle(lambda a: 0.5, time), Power(0.5 * A0 / 100.0 * 2.0**4, 4.0), Wet(),
        progress=lambda what, share, note: told.append((share, note)),
    )  # fmt: skip
    assert len(told) == len(record.steps) - 1 > 1
    for i, (step, (share, note)) in enumerate(zip(record.steps[1:], told)):
        assert share == pytest.approx((step.time + 100.0) / 100.0)
        area, at = 1e6 * step.area, step.time
        assert note == f"{i + 2} geometries, {area:.4g} mm^2, K/K_Ic 0.50 at {at:.4g} s"


def test_a_running_step_is_made_again_up_to_where_it_comes_to_rest() -> None:
    """K falls to K_Ic at 1.1025 times the radius, within the first step: the last geometry stands near there."""
    record = follow(circle(lambda a: 1.5 * (A0 / a) ** (np.log(1.5) / np.log(1.1025))), Still(), Wet())
    assert record.steps[1].area == pytest.approx(np.pi * (1.1025 * A0) ** 2, rel=0.02)
    assert record.trace_area[-1] == pytest.approx(np.pi * (1.1025 * A0) ** 2, rel=0.01)
    assert Step().run == 0.25
    (told,) = (e.detail for e in record.events if e.what == "runs")
    assert told == f"from {1e6 * np.pi * A0**2:.4g} to {1e6 * record.trace_area[-1]:.4g} mm^2 of crack"


def test_a_run_begins_at_the_area_to_which_slow_growth_brought_the_crack() -> None:
    """K goes with the root of the radius: at K_Ic where that is 1.5625 times the first."""
    record = follow(circle(lambda a: 0.8 * (a / A0) ** 0.5), Power(1.5e-4, 12.0), Wet(), limit=12)
    (told,) = (e.detail for e in record.events if e.what == "runs")
    start = float(told.split()[1])
    assert start == pytest.approx(1e6 * np.pi * (1.5625 * A0) ** 2, rel=2e-3)
    before = record.area_at(record.first_critical - 1e-9)
    assert 1e6 * before == pytest.approx(start, rel=1e-3)


@pytest.mark.parametrize(("k", "most"), [(1.2, 1), (1.5, 2), (2.3, 5)])
def test_a_run_could_feed_as_many_branches_as_its_energy_has_times_the_toughness(k: float, most: int) -> None:
    record = follow(circle(lambda a: k * (A0 / a) ** 0.5), Still(), Wet())
    assert record.branching is not None and record.branching.most[0] == most
    assert record.branching.ratio[0] == pytest.approx(k**2) and record.branching.ratio[-1] >= 1.0
    assert (np.diff(record.branching.ratio) <= 0.0).all()
    assert follow(circle(lambda a: 0.5), Still(), Wet()).branching is None
