"""Columns of panes: series of resistances, heat that is put in, starts and what is kept."""

import numpy as np
import pytest

from deadlight.errors import InputError, NotSolved
from deadlight.heat.boundary import Convection, Flux
from deadlight.heat.pair import Contact
from deadlight.outcome.column import Column, Slab, run_column
from support_heat import Table, stuff

GLASS, THIN = stuff(1.3, 2640.0, 850.0), stuff(0.8, 2200.0, 700.0)
UPPER, LOWER = Slab.between("upper", GLASS, 0.030, 0.018), Slab.between("lower", THIN, 0.010, 0.0)
NOTHING = (Convection(face="", coefficient=0.0, temperature=300.0), 1.0)
ALONE = Column((UPPER,), (NOTHING,), (NOTHING,), ())
STEPS = np.linspace(0.0, 100.0, 201)


def content(slab, temperature):
    return slab.material.density * float(np.asarray(slab.material.specific_heat(np.array([300.0])))[0]) * (
        (temperature - 300.0) @ slab.weight
    )  # fmt: skip


def test_two_panes_and_a_contact_are_resistances_in_series():
    """600 K over 1/(0.5 x 50 + 0) is not it: the weight is a share of the face's film, told by the flux itself."""
    outer = (Convection(face="", coefficient=50.0, temperature=900.0), 0.5)
    inner = (Convection(face="", coefficient=20.0, temperature=300.0), 1.0)
    contact = (Contact(face_a="", face_b="", conductance=40.0), 0.008)
    column = Column((UPPER, LOWER), (outer,), (inner,), (contact,))
    found = run_column(column, time=np.linspace(0.0, 4e5, 401), start=[0.0], initial=np.full((1, 42), 300.0))
    q = 600.0 / (1.0 / 25.0 + 0.012 / 1.3 + 1.0 / 40.0 + 0.010 / 0.8 + 1.0 / 20.0)
    faces = [900.0 - q / 25.0, 900.0 - q / 25.0 - q * 0.012 / 1.3, 300.0 + q / 20.0 + q * 0.010 / 0.8, 300.0 + q / 20.0]
    assert found.temperature[-1, 0, [0, 20, 21, 41]] == pytest.approx(faces, rel=1e-6)


def test_heat_that_is_put_in_is_there_from_each_start_on():
    column = Column((UPPER,), ((Flux(face="", flux=1e4), 0.7),), (NOTHING,), ())
    found = run_column(column, time=STEPS, start=[0.0, 20.0], initial=np.full((2, 21), 300.0), kept=7)
    assert [content(UPPER, x) for x in found.temperature[-1]] == pytest.approx([0.7e6, 0.56e6], rel=1e-9)
    assert len(found.time) == 31 and 20.0 in found.time and found.time[-1] == 100.0
    assert np.isnan(found.temperature[:, 1, 0]).tolist() == (found.time < 20.0).tolist()


def test_no_heat_passes_a_gap_that_is_none():
    column = Column((UPPER, LOWER), ((Flux(face="", flux=1e4), 1.0),), ((Flux(face="", flux=-2e3), 1.0),), (None,))
    found = run_column(column, time=STEPS, start=[0.0], initial=np.full((1, 42), 300.0))
    assert content(UPPER, found.of("upper")[-1, 0]) == pytest.approx(1e6, rel=1e-9)
    assert content(LOWER, found.of("lower")[-1, 0]) == pytest.approx(-2e5, rel=1e-9)


@pytest.mark.parametrize("off", [-5e-10, 0.0, 5e-10])
def test_a_start_is_a_step_but_for_rounding(off):
    found = run_column(ALONE, time=STEPS, start=[STEPS[40] + off], initial=np.full((1, 21), 300.0))
    assert found.time[0] == STEPS[40] and found.temperature == pytest.approx(300.0)


def test_temperatures_that_run_away_are_no_result():
    with pytest.raises(NotSolved):
        run_column(ALONE, time=STEPS, start=[0.0], initial=np.full((1, 21), 6000.0))


def test_nodes_run_from_the_outer_face_to_the_inner_closer_towards_both_and_stand_for_all_of_it():
    slab = Slab.between("a", stuff(1.0, 2200.0, 700.0), 0.012, -0.003, 9)
    step = -np.diff(slab.z)
    assert (slab.z[0], slab.z[-1]) == pytest.approx((0.012, -0.003))
    np.testing.assert_allclose(step, step[::-1], rtol=1e-12)
    assert (np.diff(step[:4]) > 0.0).all() and slab.weight.sum() == pytest.approx(0.015)
    assert slab.weight @ slab.z == pytest.approx(0.015 * 0.0045)


@pytest.mark.parametrize("off", [-5e-10, 5e-10])
def test_no_number_is_told_where_there_is_none_but_for_rounding_of_a_start(off):
    starts = [STEPS[10], STEPS[40] + off]
    found = run_column(ALONE, time=STEPS, start=starts, initial=np.full((2, 21), 300.0), kept=7)
    np.testing.assert_array_equal(np.isnan(found.temperature), found.no_number()["temperature"])
    assert found.time.tolist() == sorted({*STEPS[10::7], STEPS[40], STEPS[-1]})


def test_a_start_is_one_of_the_steps_the_last_too():
    last = run_column(ALONE, time=STEPS, start=[STEPS[-1]], initial=np.full((1, 21), 310.0))
    assert last.time.tolist() == [STEPS[-1]] and (last.temperature == 310.0).all()
    for start in (STEPS[3] + 0.1, STEPS[-1] + 1.0, STEPS[0] - 1.0, STEPS[-1] + 2e-9):
        with pytest.raises(InputError, match="no step"):
            run_column(ALONE, time=STEPS, start=[STEPS[0], start], initial=np.full((2, 21), 300.0))
    for shape in ((2, 21), (1, 20), (21, 1)):
        with pytest.raises(InputError, match="initial temperatures"):
            run_column(ALONE, time=STEPS, start=[0.0], initial=np.full(shape, 300.0))


class Warmer:
    """Between two faces: passes heat by 1e-3 (Ta + Tb)/distance, so with the difference of the squares."""

    def density(self, t, T_a, T_b, distance):
        h = 1e-3 * (T_a + T_b) / distance
        return h * (T_a - T_b), h


def test_heat_through_panes_and_a_gap_that_pass_more_when_hot():
    """Integrals of k over T in each pane, k = 0.5 + 2e-3 T; a flux q goes in, a film of 25 W/m2/K takes it out."""
    q, k = 2000.0, Table(np.array([0.0, 5000.0]), np.array([0.5, 10.5]))
    slabs = [Slab.between(n, stuff(k, 10.0, 10.0), a, b, 9) for n, a, b in (("a", 0.03, 0.018), ("b", 0.01, 0.0))]
    inner = (Convection(face="", coefficient=25.0, temperature=300.0), 1.0)
    column = Column(tuple(slabs), ((Flux(face="", flux=q), 1.0),), (inner,), ((Warmer(), 0.008),))
    time = np.linspace(0.0, 4000.0, 2001)
    found = run_column(column, time=time, start=[0.0], initial=np.full((1, 18), 400.0)).temperature[-1, 0]

    def above(T, length):
        """Temperature at the other end of a pane: k integrated from T is q times its length."""
        return (-0.5 + np.sqrt((0.5 + 2e-3 * T) ** 2 + 4e-3 * q * length)) / 2e-3

    cold = 300.0 + q / 25.0
    next_face = above(cold, 0.010)
    behind = np.sqrt(next_face**2 + q * 0.008 / 1e-3)
    assert found[[17, 9, 8, 0]] == pytest.approx([cold, next_face, behind, above(behind, 0.012)], rel=1e-6)


def test_a_start_may_be_off_its_step_by_the_limit_itself():
    found = run_column(ALONE, time=STEPS, start=[1e-9, 20.0], initial=np.full((2, 21), 300.0))
    assert found.time[0] == 0.0 and not np.isnan(found.temperature[0, 0]).any()
    np.testing.assert_array_equal(np.isnan(found.temperature), found.no_number()["temperature"])


def test_what_acts_is_asked_from_the_first_start_on_at_the_ends_of_steps():
    asked = []

    class Asked:
        def density(self, t, T, field):
            asked.append(t)
            return np.zeros_like(T), np.zeros_like(T)

    column = Column((UPPER,), ((Asked(), 1.0),), (NOTHING,), ())
    run_column(column, time=STEPS, start=[STEPS[190], STEPS[195]], initial=np.full((2, 21), 300.0))
    assert asked == STEPS[191:].tolist()
