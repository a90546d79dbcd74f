"""Bound on branching from the energy excess."""

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.growth.branching import branching


def test_number_of_branches_is_bounded_by_the_energy():
    k = np.array([0, 0.99, 1.0, 1.40, np.sqrt(2), 1.99, 2.0, 3.5]) * 0.75e6
    told = branching(k, 0.75e6)
    assert told.most.tolist() == [0, 0, 1, 1, 2, 3, 4, 12]
    assert np.all(told.most <= told.ratio * (1 + 1e-9))
    assert told.possible.tolist() == [False] * 4 + [True] * 4
    assert told.reckoned.tolist() == [False] * 6 + [True] * 2


def test_toughness_of_every_point():
    told = branching(np.full((2, 3), 1.5e6), np.array([0.5e6, 0.75e6, 3e6]))
    assert told.most.tolist() == [[9, 4, 0]] * 2


@pytest.mark.parametrize(
    ("ratio", "words", "alarm"),
    [(1.2, "cannot feed", False), (1.6, "up to 2 branches (a bound); branching is possible", False),
     (3.0, "up to 9 branches (a bound); branching has to be reckoned with, and is not followed", True)],
)  # fmt: skip
def test_sentence(ratio, words, alarm):
    said = branching(np.array([0.1, ratio]), 1.0).remark()
    assert words in said
    assert said.alarm is alarm


@pytest.mark.parametrize(("k", "limit"), [(-1.0, 1.0), (np.nan, 1.0), (1.0, 0.0), (1.0, np.inf)])
def test_refused(k, limit):
    with pytest.raises(InputError):
        branching(k, limit)
