"""What of a crack's faces a leak sees: how far they are apart, not how far they slid."""

from types import SimpleNamespace

import numpy as np
import pytest

from deadlight.chain.leaking import openings

TURN = np.linalg.qr(np.random.default_rng(4).normal(size=(2, 2)))[0]
TURN[:, 0] *= np.sign(np.linalg.det(TURN))  # about the axis of the window, no mirror


def crack(six):
    """Upright, 32 mm long and 9 mm deep, of nine-node squares or six-node triangles; and its normal."""
    u, v = np.meshgrid(np.linspace(0.0, 0.032, 65), np.linspace(0.0, 0.009, 19), indexing="ij")
    flat = np.column_stack([u.ravel(), np.full(u.size, 0.004)]) @ TURN
    number = np.arange(u.size).reshape(u.shape)
    i, j = (k.ravel() for k in np.meshgrid(np.arange(0, 64, 2), np.arange(0, 18, 2), indexing="ij"))

    def at(a, b):
        return number[i + a, j + b]

    if six:
        none = np.full(len(i), -1)
        first = [at(0, 0), at(2, 0), at(2, 2), at(1, 0), at(2, 1), at(1, 1)]
        second = [at(0, 0), at(2, 2), at(0, 2), at(1, 1), at(1, 2), at(0, 1)]
        cells = np.concatenate([np.column_stack([*k, none, none, none]) for k in (first, second)])
    else:
        corners = [at(0, 0), at(2, 0), at(2, 2), at(0, 2)]
        cells = np.column_stack([*corners, at(1, 0), at(2, 1), at(1, 2), at(0, 1), at(1, 1)])
    along = np.append(np.array([1.0, 0.0]) @ TURN, 0.0)
    return np.column_stack([flat, v.ravel()]), cells, along, np.cross(along, [0.0, 0.0, 1.0])


@pytest.mark.parametrize("six", [False, True])
def test_faces_that_slid_shut_let_nothing_through(six):
    points, cells, along, normal = crack(six)
    slid, apart = 3e-5 * along + 2e-5 * np.array([0.0, 0.0, 1.0]), 5e-6 * normal
    fields = [np.tile(d, (len(points), 1)) for d in (slid, slid + apart, slid - apart)]
    mesh = SimpleNamespace(points=points, cells=cells, on_crack=np.ones(len(cells), dtype=bool))
    full = SimpleNamespace(
        intensity=SimpleNamespace(meshed=SimpleNamespace(mesh=mesh)), time=np.arange(3.0),
        history=SimpleNamespace(opening=fields.__getitem__),
    )  # fmt: skip
    found, length = openings(full, 0.009)
    assert found.values == pytest.approx(np.tile([[0.0], [5e-6], [0.0]], (1, len(length))), abs=1e-15)
    assert length.sum() == pytest.approx(0.032)
