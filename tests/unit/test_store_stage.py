"""A stage comes back bit for bit, or not at all."""

import hashlib
import io
import json
import os
import zipfile

import numpy as np
import pytest

from deadlight.chain.stages import pack_heat, unpack_heat
from deadlight.heat.history import HeatBalance, TemperatureHistory
from deadlight.store.stage import StageStore, load_stage, save_stage


def test_round_trip(tmp_path):
    arrays = {"time": np.linspace(0, 1, 7), "cells": np.arange(12).reshape(3, 4)}
    save_stage(tmp_path / "heat.npz", arrays, facts={"steps": 7, "warnings": ["a"]}, of="0")
    loaded, facts = load_stage(tmp_path / "heat.npz", of="0")
    assert all((loaded[k] == arrays[k]).all() for k in arrays)
    assert facts == {"steps": 7, "warnings": ["a"]}


def test_every_damaged_byte_is_seen(tmp_path):
    path = tmp_path / "heat.npz"
    save_stage(path, {"x": np.arange(5.0)}, facts={}, of="0")
    good = path.read_bytes()
    for i in range(0, len(good), 7):
        path.write_bytes(good[:i] + bytes([good[i] ^ 1]) + good[i + 1 :])
        assert load_stage(path, of="0") is None
    for n in (0, 10, 40, len(good) - 1):
        path.write_bytes(good[:n])
        assert load_stage(path, of="0") is None
    assert load_stage(tmp_path / "none", of="0") is None


def signed(path, data):
    """A file whose digest is right, whatever stands in it."""
    path.write_bytes(hashlib.sha256(data).digest() + data)


def archive(*, pack=zipfile.ZIP_STORED, **members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", pack) as out:
        for name, data in members.items():
            out.writestr(f"{name}.npy", data)
    return made.getvalue()


def npy(array):
    made = io.BytesIO()
    np.save(made, array)
    return made.getvalue()


def announced(count):
    """The head of an array of so many numbers, and three of them."""
    made = io.BytesIO()
    np.lib.format.write_array_header_1_0(made, {"descr": "<f8", "fortran_order": False, "shape": (count,)})
    return made.getvalue() + bytes(24)


def text(content):
    return npy(np.frombuffer(content, dtype=np.uint8))


GOOD = json.dumps({"of": "0", "stage": "heat", "facts": {}}).encode()
FORGED = {
    "nothing": b"",
    "no archive": b"PK",
    "no facts": archive(x=npy(np.zeros(3))),
    "no JSON": archive(facts=text(b"{")),
    "no text": archive(facts=text(b"\xff")),
    "a list": archive(facts=text(b"[]")),
    "facts alone": archive(facts=text(b"{}")),
    "facts a number": archive(facts=text(GOOD.replace(b"{}", b"3"))),
    "deep": archive(facts=text(b"[" * 200_000 + b"]" * 200_000)),
    "empty member": archive(facts=text(GOOD), x=b""),
    "80 TB": archive(facts=text(GOOD), x=announced(10**13)),
    "pickle": archive(facts=text(GOOD), x=npy(np.zeros(3)).replace(b"<f8", b"|O ")),
    "packed": archive(pack=zipfile.ZIP_DEFLATED, facts=text(GOOD), x=npy(np.zeros(10_000_000))),
    "another stage": archive(facts=text(GOOD.replace(b"heat", b"cold"))),
    "another run": archive(facts=text(GOOD.replace(b'"0"', b'"1"'))),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_digest_that_is_right_makes_no_stage_of_anything(how, tmp_path):
    signed(tmp_path / "heat.stage", FORGED[how])
    assert load_stage(tmp_path / "heat.stage", of="0") is None
    signed(tmp_path / "heat.stage", archive(facts=text(GOOD), x=npy(np.arange(3.0))))
    assert load_stage(tmp_path / "heat.stage", of="0")[0]["x"].tolist() == [0.0, 1.0, 2.0]


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "heat.stage")
    assert load_stage(tmp_path / "heat.stage", of="0") is None


@pytest.fixture
def kept(tmp_path):
    """A history of three instants at four nodes, kept."""
    one = np.ones(2)
    balance = HeatBalance(np.arange(3.0), one, {"sun": one}, one, one)
    store = StageStore(tmp_path, "0")
    pack_heat(store, TemperatureHistory(np.arange(3.0), np.full((3, 4), 300.0), balance))
    return store


def heat(store, nodes=4, end=2.0):
    return store.load("heat", lambda *given: unpack_heat(*given, nodes=nodes, end=end))


def test_the_stage_of_another_run_is_not_taken(kept, tmp_path):
    """The same mesh under another load has arrays of the same shapes."""
    assert heat(kept).temperature.shape == (3, 4)
    assert heat(StageStore(tmp_path, "1")) is None


@pytest.mark.parametrize("given", [{"nodes": 5}, {"end": 3.0}])
def test_a_history_of_another_mesh_or_time_is_not_taken(kept, given):
    assert heat(kept, **given) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time", None),
        ("time", np.zeros(0)),
        ("time", np.array([0.0, 2.0, 1.0])),
        ("time", np.array(3.0)),
        ("temperature", np.full((2, 4), 300.0)),
        ("temperature", np.full((3, 4), np.nan)),
        ("temperature", np.full((3, 4), "hot")),
        ("b_time", np.arange(7.0)),
        ("load_0", np.ones(1)),
        ("load_0", None),
    ],
)
def test_arrays_that_do_not_fit_together_are_not_taken(kept, name, value):
    arrays, facts = load_stage(kept.folder / "heat.stage", of="0")
    changed = {k: v for k, v in {**arrays, name: value}.items() if v is not None}
    kept.save("heat", changed, facts)
    assert heat(kept) is None
    kept.save("heat", arrays, {k: v for k, v in facts.items() if k != "warnings"})
    assert heat(kept) is None
    kept.save("heat", arrays, facts)
    assert heat(kept).time.tolist() == [0.0, 1.0, 2.0]
