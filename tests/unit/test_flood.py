"""Pieces of both routes matched: by middle and volume; a piece without volume has no part."""

from types import SimpleNamespace

import numpy as np

from deadlight.outcome.flood import Flood


def test_a_piece_without_volume_has_no_part() -> None:
    none, nowhere = np.zeros((0, 3)), np.zeros(0, dtype=np.int64)
    flood = Flood(1e-3, none, nowhere, np.array([2e-6, 1e-6]), np.array([[0.0, 0, 0], [0.1, 0, 0]]), np.ones(2), ())
    integrals = np.zeros((3, 10))
    integrals[0, :2] = 1e-6, 1e-6 * 0.1
    integrals[2, 0] = 2e-6
    with np.errstate(all="raise"):
        assert flood.match(SimpleNamespace(integrals=integrals)).tolist() == [1, -1, 0]
