"""Every kind of alarm is raised by what it is about, keeps its flag to the verdict, and survives the disk."""

import dataclasses
import json
import math
import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.chain.result import RunResult
from deadlight.chain.stages import pack_heat, unpack_heat
from deadlight.crack.beside import table_remarks
from deadlight.crack.disc import line_crack
from deadlight.crack.face_problem import FaceProblem
from deadlight.crack.influence import through_influence
from deadlight.crack.line import crack_line
from deadlight.crack.newman_raju import PlateCrack
from deadlight.crack.pane_shape import PaneShape
from deadlight.crack.quick import assess
from deadlight.crack.result import ends_at_peak
from deadlight.crack.rim_kernel import Rim
from deadlight.crack.seed import Corner, Place, Surface, Through
from deadlight.entry.flight import Trajectory
from deadlight.entry.heating import prescribed_heating, stagnation_heating
from deadlight.entry.trajectory import Vehicle, fly
from deadlight.heat.caution import out_of_range
from deadlight.heat.history import TemperatureHistory
from deadlight.heat.pair import Gap
from deadlight.heat.solve import solve_heat
from deadlight.material.library import material
from deadlight.remark import Remark, pack, remark, unique, unpack
from deadlight.series import Series
from deadlight.store.stage import StageStore
from deadlight.stress.history import StressError, StressHistory
from deadlight.stress.solve import _warnings as stress_warnings
from support_heat import box, merged, moved, stuff

ONE = np.array([0.0, 1.0])
VEHICLE = Vehicle(ballistic_coefficient=360.0, lift_to_drag=0.3)


def flagged(texts):
    """The alarms among remarks; a text that lost its class is none."""
    return [each for each in texts if getattr(each, "alarm", False)]


def test_a_remark_is_its_text_and_keeps_its_flag():
    loud = Remark("hot", alarm=True)
    assert loud == "hot" and f"{loud}" == "hot" and json.dumps([loud]) == '["hot"]'
    assert loud.of("pane") == "pane: hot" and loud.of("pane").alarm
    assert not remark("hot").alarm and remark(loud) is loud
    assert pickle.loads(pickle.dumps(loud)).alarm
    assert [each.alarm for each in unique(["hot", "cold", loud])] == [True, False]
    back = unpack(json.loads(json.dumps(pack([loud, "cold"]))))
    assert back == ("hot", "cold") and [each.alarm for each in back] == [True, False]
    assert unpack(["flags not kept"])[0].alarm


def test_flags_survive_the_stages(tmp_path):
    zero = np.zeros(1)
    balance = SimpleNamespace(time=np.array([0.0, 1.0]), content=zero, loads={"q": zero}, prescribed=zero, gross=zero)
    said = (Remark("a", alarm=True), "b")
    heat = TemperatureHistory(zero, np.full((1, 2), 300.0), balance, zero, said)
    store = StageStore(tmp_path, "0")
    pack_heat(store, heat)
    assert flagged(store.load("heat", lambda *kept: unpack_heat(*kept, nodes=2)).warnings) == ["a"]
    mesh = box(ONE, ONE, ONE)
    error = StressError(0.1, 0.1, 0.005, 2000.0, (0,), (0,), 0.0, 0.0)
    modes = np.zeros((1, mesh.n_nodes, 6))
    history = StressHistory(zero, modes, np.ones((1, 1)), mesh, error, said, zero)
    assert flagged(StressHistory.unpack(mesh, *history.pack()).warnings) == ["a"]


def test_return_that_is_not_complete():
    skip = fly(vehicle=VEHICLE, altitude=122e3, speed=11000.0, flight_path_angle=math.radians(-4.9))
    assert len(flagged(skip.warnings)) == 1
    short = fly(vehicle=VEHICLE, altitude=122e3, speed=7800.0, flight_path_angle=math.radians(-1.45), time_limit=50.0)
    assert len(flagged(short.warnings)) == 1


def test_table_that_ends_in_the_air_or_before_its_heating():
    rows = {"time": [0.0, 60.0, 120.0], "speed": [7500.0, 3000.0, 100.0]}
    air = Trajectory.from_arrays(altitude=[80e3, 40e3, 20e3], **rows)
    assert len(flagged(air.warnings)) == 1
    ground = Trajectory.from_arrays(altitude=[80e3, 40e3, 0.0], **rows)
    assert not flagged(ground.warnings)
    flux = Series(np.array([0.0, 60.0]), np.array([0.0, 5e4]), "flux", "W/m**2")
    said = flagged(prescribed_heating(ground, cold_wall_flux=flux).warnings)
    assert len([text for text in said if "held constant after" in text]) == 1


def test_radiation_of_the_shock_layer_left_out():
    fast = fly(vehicle=VEHICLE, altitude=122e3, speed=11400.0, flight_path_angle=math.radians(-6.5))
    assert len(flagged(stagnation_heating(fast, nose_radius=4.7).warnings)) == 1


def test_values_used_where_they_do_not_hold():
    silica = material("fused_silica")
    assert not flagged(silica.warnings(250.0, 600.0, ["conductivity", "toughness"]))
    assert flagged(silica.warnings(250.0, 3000.0, ["conductivity"]))
    assert any("strain point" in each for each in flagged(silica.warnings(250.0, 2000.0, ["poisson"])))
    table = SimpleNamespace(temperature=np.array([300.0, 500.0]))
    assert out_of_range(table, 300.0, 501.0, "k").alarm and out_of_range(table, 300.0, 500.0, "k") is None


def test_glass_that_radiates_through_the_next_pane():
    mesh = merged(moved(box(ONE, ONE, [0.0, 0.2], region="a"), (0, 0, 0.1)), box(ONE, ONE, [-0.2, 0.0], region="b"))
    gap = Gap(face_a="a.z0", face_b="b.z1", emissivities=(0.8, 0.8), reach=0.2)
    stated = {"a": stuff(1, 2000, 900), "b": stuff(1, 2000, 900)}
    for start, count in ((690.0, 0), (900.0, 2)):
        history = solve_heat(mesh, stated, pairs=[gap], initial=start, time_span=(0.0, 1.0))
        assert len(flagged(history.warnings)) == count


@pytest.mark.parametrize(("held_out", "balance", "count"), [(0.5, 1e-12, 0), (1.5, 1e-12, 1), (0.5, 1e-3, 1)])
def test_stress_beyond_its_allowed_error_or_out_of_balance(held_out, balance, count):
    error = StressError(held_out, 0.3, 0.005, 2000.0, (0,), (0,), balance, 0.0)
    problem = SimpleNamespace(time=np.zeros(1), material=None)
    assert len(flagged(stress_warnings(problem, error, np.zeros(1), 0.0, 1e6, 3))) == count


def hot(peak, kind):
    """What a run says of a pane of tempered aluminosilicate that reaches `peak` [K]."""
    glass = material("aluminosilicate_tempered")
    pane = SimpleNamespace(name="p", initial_stress=SimpleNamespace(kind=kind))
    view = SimpleNamespace(
        case=SimpleNamespace(panes=[pane]),
        materials={"p": glass},
        mesh=SimpleNamespace(region_nodes=lambda name: np.array([0])),
    )
    temperature = SimpleNamespace(temperature=np.array([[peak + glass.strain_point]]))
    return RunResult(view, None, None, temperature, {}, (), {})._relaxation()


def test_glass_that_flows_or_loses_its_temper():
    assert len(flagged(hot(10.0, "none"))) == 1
    assert len(flagged(hot(-100.0, "temper_profile"))) == 1
    assert hot(-100.0, "none") == [] and hot(-200.0, "temper_profile") == []


def test_history_that_ends_while_k_rises():
    """Through and surface cracks; a K that stays level at its end has had its peak."""
    time = np.linspace(0.0, 10.0, 11)
    for seed in (
        Through(two_c=0.012, place=Place(inside_lip=0.0)),
        Surface(a=1e-3, c=2e-3, place=Place(inside_lip=0.01)),
    ):
        pane = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150)
        line = crack_line(seed, pane)
        for course, count in ((time, 1), (time[::-1], 0), (np.minimum(time, 5.0), 0)):
            stress = 1e5 * course[:, None, None] * np.ones((11, *line.shape))
            found = assess(
                seed, pane=pane, time=time, stress=stress, temperature=np.full(stress.shape, 300.0),
                toughness=lambda t: np.full(np.shape(t), 1e9), nu=0.2, line=line,
            )  # fmt: skip
            assert len([each for each in flagged(found.warnings) if "still rises" in each]) == count
    assert ends_at_peak(time, np.zeros((11, 2))) == ()


def test_crack_outside_the_equations_and_aslant_to_the_rim():
    assert len(flagged(PlateCrack(9.5e-3, 9.5e-3, 0.01).warnings())) == 1
    box_pane = PaneShape(thickness=0.010, lip_inset=0.015, half_sizes=(0.2, 0.15), corner_radius=0.02)
    for angle, count in ((0.0, 0), (math.radians(35.0), 1), (math.radians(70.0), 1)):
        seed = Through(two_c=0.012, place=Place(position=(0.17, 0.0), plane="angle", angle=angle))
        assert len(flagged(crack_line(seed, box_pane).warnings)) == count


def screened(seed, *, membrane, bending=0.0, nu=0.17):
    """What the quick tier says of a crack under steady stress, far from K_Ic; pane 10 mm thick, 150 mm in radius."""
    pane = PaneShape(thickness=0.010, lip_inset=0.015, radius=0.150)
    line, time = crack_line(seed, pane), np.linspace(0.0, 10.0, 3)
    stress = np.ones((3, *line.shape)) * (membrane + bending * line.zeta) * np.array([0.5, 1.0, 0.5])[:, None, None]
    return assess(
        seed, pane=pane, time=time, stress=stress, temperature=np.full(stress.shape, 300.0),
        toughness=lambda t: np.full(np.shape(t), 1e9), nu=nu, line=line,
    )  # fmt: skip


def test_through_crack_outside_the_influence_tables():
    """Longer: a remark; nearer to the rim: an alarm; shorter or another nu: a remark, the plane problem's band."""
    inside = screened(Through(two_c=0.02, place=Place(inside_lip=0.02)), membrane=1e6)
    assert inside.warnings == ()
    long = screened(Through(two_c=0.1, place=Place(inside_lip=0.09)), membrane=1e6)
    assert "c/t = 5 above 4" in " ".join(long.warnings) and not flagged(long.warnings)
    close = screened(Through(two_c=0.029, place=Place(inside_lip=0.0)), membrane=1e6)
    assert [text[:20] for text in flagged(close.warnings)] == ["c/(c + ligament) = 0"]
    short = screened(Through(two_c=0.004, place=Place(inside_lip=0.01)), membrane=1e6)
    other = screened(Through(two_c=0.02, place=Place(inside_lip=0.02)), membrane=1e6, nu=0.45)
    for found in (short, other):
        assert "plane problem alone" in " ".join(found.warnings) and not flagged(found.warnings)
        assert found.model_error[1] >= 1.0 / math.sqrt(1.0 - 0.17**2) - 1.0


def test_table_s_end_is_an_alarm_where_it_matters():
    crack = line_crack(0.05, 0.15, rim=Rim(), thickness=0.010, nu=0.2)
    influence = through_influence(c=0.05, ligament=0.05, thickness=0.010, nu=0.2)
    for share, count in ((0.01, 0), (0.08, 1), (None, 0)):
        found = table_remarks(influence, crack, thickness=0.010, nu=0.2, unsettled=share)
        assert len(found) == 1 and len(flagged(found)) == count
    assert not table_remarks(influence, crack, thickness=0.020, nu=0.2, unsettled=0.0)


def test_handbook_far_off_is_an_alarm_where_it_fits(monkeypatch):
    """Uniform tension on a shallow crack: a handbook that is half as high again is wrong, or the tables are."""
    flaw = Surface(a=1e-3, c=2e-3, place=Place(inside_lip=0.05))
    plain = screened(flaw, membrane=1e6)
    assert not any("handbook" in text for text in plain.warnings)
    assert np.allclose(plain.handbook_k, plain.seed_k, rtol=0.1)
    rule = FaceProblem.handbook
    for factor, alarm in ((1.15, False), (1.5, True), (0.6, True)):
        monkeypatch.setattr(FaceProblem, "handbook", lambda self, a, c, by=factor: by * rule(self, a, c))
        said = [remark(text) for text in screened(flaw, membrane=1e6).warnings if "handbook" in text]
        assert [each.alarm for each in said] == [alarm], factor
    # not made for them: partly in compression, a corner, longer than 0.2 allows
    for seed, load in (
        (dataclasses.replace(flaw, a=6e-3, c=8e-3), {"membrane": 0.0, "bending": 1e6}),
        (Corner(a=1e-3, c=2e-3, place=Place(inside_lip=0.0)), {"membrane": 1e6}),
        (dataclasses.replace(flaw, a=0.3e-3), {"membrane": 1e6}),
    ):
        said = [remark(text) for text in screened(seed, **load).warnings if "handbook" in text]
        assert [each.alarm for each in said] == [False], seed


def test_alarms_of_a_run_are_those_of_its_stages_whatever_their_words():
    stage = {name: SimpleNamespace(warnings=()) for name in ("viewport", "environment", "temperature")}
    stage["viewport"] = SimpleNamespace(warnings=("NOT_SHOWN, above its strain point",), case=SimpleNamespace(panes=[]))
    stress = {"p": SimpleNamespace(warnings=(Remark("quiet words", alarm=True),))}
    said = (Remark("more", alarm=True), "less")
    crack = SimpleNamespace(stated=SimpleNamespace(name="C1"), warnings=said, growth=None)
    result = RunResult(stage["viewport"], stage["environment"], None, stage["temperature"], stress, (crack,), {})
    assert result.alarms == ["p: quiet words", "C1: more"]
