"""Columns of panes: series of resistances, heat that is put in, starts and what is kept."""

import numpy as np
import pytest

from deadlight.errors import NotSolved
from deadlight.heat.boundary import Convection, Flux
from deadlight.heat.pair import Contact
from deadlight.outcome.column import Column, Slab, run_column
from support_heat import stuff

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
