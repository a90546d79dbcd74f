"""The guard between stages: every number of any depth is looked at, and what may be missing is missing only there."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from pydantic import BaseModel

from deadlight.errors import DeadlightError, NotFinite, NotSolved
from deadlight.finite import ANY, UNLIMITED, first_not_finite, not_finite, require_finite

NAN, INF = float("nan"), float("inf")


class Form(BaseModel):
    value: float = 1.0


@dataclasses.dataclass(frozen=True, eq=False)
class Result:
    k: np.ndarray
    limit: float = 1.0
    factors: Any = None
    inner: Any = None

    def no_number(self):
        return {"k": np.arange(len(self.k)) > 2, "limit": UNLIMITED, "factors": ANY}


@dataclasses.dataclass(frozen=True)
class Plain:
    value: float
    more: Any = None


class Held:
    """Of the program, and no dataclass."""

    __module__ = "deadlight.made_here"

    def __init__(self, value):
        self.value = value

    def held(self):
        return self.value


def keeping(size):
    def function():
        return size

    return function


def unfilled():
    def function():
        return later

    if unfilled is None:
        later = 1.0
    return function


K = np.array([1.0, 2.0, 3.0, NAN])


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (NAN, "it is nan"),
        (-INF, "it is -inf"),
        (np.float32(NAN), "it is nan"),
        (np.array(INF), "it is inf"),
        (np.array([[1.0, 2.0], [NAN, NAN]]), "it[1, 0] is nan, not a finite number (2 of 4 such)"),
        (np.array([1.0, complex(0.0, NAN)]), "it[1] is"),
        (Plain(1.0, {"a": (1.0, [2.0, INF])}), "it.more[a][1][1] is inf"),
        (Form.model_construct(value=NAN), "it.value is nan"),
        (scipy.sparse.csr_array(np.array([[1.0, NAN]])), "it.data[1] is nan"),
        (Held(Plain(NAN)), "it.value.value is nan"),
        (np.array([Plain(1.0), Plain(NAN)], dtype=object), "it[1].value is nan"),
        (Result(np.array([1.0, NAN, 3.0, NAN])), "it.k[1] is nan, not a finite number"),
        (Result(np.array([1.0, 2.0, 3.0, 4.0])), "it.k[3] is 4.0, where there should be no number"),
        (Result(K, limit=NAN), "it.limit is nan"),
        (Result(K, limit=-INF), "it.limit is -inf"),
        (Result(K, inner=Plain(INF)), "it.inner.value is inf"),
        (Plain(1.0, keeping(Plain(NAN))), "it.more[size].value is nan"),
        (functools.partial(keeping(NAN), 1.0), "it[function][size] is nan"),
        (functools.partial(print, 1.0, NAN), "it[given][1] is nan"),
        (functools.partial(print, sep=NAN), "it[given][sep] is nan"),
        (Held(NAN).held, "it[self].value is nan"),
    ],
)
def test_what_is_not_finite_is_found_and_named(value, place):
    found = first_not_finite(value, "it")
    assert found is not None and found.startswith(place), found


@pytest.mark.parametrize(
    "value",
    [
        None, 1, "nan", b"nan", True, 1.5, np.arange(3), np.array(["nan"]), Plain(1.0, float), Form(),
        Result(K), Result(K, limit=INF), Result(K, factors=(NAN, INF)), {"a": [1.0, (2.0,)]}, print,
        functools.partial(keeping(1.0), 1.0, sep=2.0), Held(1.0).held, unfilled(),
    ],
)  # fmt: skip
def test_what_is_in_order_passes(value):
    assert first_not_finite(value, "it") is None
    require_finite("heat", it=value)


def test_a_part_that_several_share_is_looked_at_once_and_a_ring_ends():
    ring: dict[str, Any] = {"value": NAN}
    ring["self"] = ring
    assert list(not_finite((ring, ring), "it")) == ["it[0][value] is nan, not a finite number"]


def test_the_error_names_stage_and_quantity_and_is_no_failed_solver():
    with pytest.raises(NotFinite, match=r"^stage heat: history\.value is nan") as caught:
        require_finite("heat", model=1.0, history=Plain(NAN))
    assert isinstance(caught.value, DeadlightError) and not isinstance(caught.value, NotSolved)
    assert caught.value.exit_status == 3
