"""A stage comes back bit for bit, or not at all."""

import numpy as np

from deadlight.store.stage import load_stage, save_stage


def test_round_trip(tmp_path):
    arrays = {"time": np.linspace(0, 1, 7), "cells": np.arange(12).reshape(3, 4)}
    save_stage(tmp_path / "heat.npz", arrays, facts={"steps": 7, "warnings": ["a"]})
    loaded, facts = load_stage(tmp_path / "heat.npz")
    assert all((loaded[k] == arrays[k]).all() for k in arrays)
    assert facts == {"steps": 7, "warnings": ["a"]}


def test_every_damaged_byte_is_seen(tmp_path):
    path = tmp_path / "heat.npz"
    save_stage(path, {"x": np.arange(5.0)}, facts={})
    good = path.read_bytes()
    for i in range(0, len(good), 7):
        path.write_bytes(good[:i] + bytes([good[i] ^ 1]) + good[i + 1 :])
        assert load_stage(path) is None
    for n in (0, 10, 40, len(good) - 1):
        path.write_bytes(good[:n])
        assert load_stage(path) is None
    assert load_stage(tmp_path / "none") is None
