"""The journal: what is committed comes back bit for bit, what is torn or damaged is told and left out."""

import hashlib
import os
import random
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest

from deadlight.errors import MachineError
from deadlight.store.json_file import read_json, read_plain
from deadlight.study import journal
from deadlight.study.journal import Journal, packed, scan

GROUPS = [[{"key": f"k{i}{j}", "x": 0.1 * i + 1e-17 * j} for j in range(3)] for i in range(5)]


def written(path):
    made = Journal(path)
    for group in GROUPS:
        made.append(group)
    made.close()
    return path.read_bytes()


def test_what_is_committed_comes_back(tmp_path):
    path = tmp_path / "j"
    written(path)
    found = scan(path)
    assert found.records == [r for group in GROUPS for r in group]
    assert found.damage == []
    assert len(found.groups) == 5


def test_a_tail_cut_anywhere_costs_the_last_group_only(tmp_path):
    path = tmp_path / "j"
    data = written(path)
    last = scan(path).groups[-1]
    for cut in [*range(last[0] + 1, last[1], 7), last[1] - 1]:
        path.write_bytes(data[:cut])
        opened = Journal(path)
        assert len(opened.found.records) == 12
        assert [d.tail for d in opened.found.damage] == [True]
        opened.append(GROUPS[4])
        opened.close()
        assert path.read_bytes() == data


def test_a_flipped_bit_anywhere_is_found_and_costs_its_group(tmp_path):
    path = tmp_path / "j"
    data = written(path)
    rng = random.Random(3)
    for _ in range(60):
        at = rng.randrange(len(data))
        broken = bytearray(data)
        broken[at] ^= 1 << rng.randrange(8)
        path.write_bytes(broken)
        found = scan(path)
        assert len(found.damage) == 1
        assert found.damage[0].start <= at < found.damage[0].stop
        assert len(found.records) == 12
        assert all(record in [r for group in GROUPS for r in group] for record in found.records)
        opened = Journal(path)
        missing = [g for g in GROUPS if g[0] not in found.records]
        opened.append(missing[0])
        opened.close()
        again = scan(path)
        assert not again.damage
        assert sorted(r["key"] for r in again.records) == sorted(r["key"] for g in GROUPS for r in g)


def test_a_length_that_is_damaged_asks_for_no_memory(tmp_path):
    path = tmp_path / "j"
    data = bytearray(packed(GROUPS[0]))
    data[4:12] = b"\xff" * 8
    path.write_bytes(bytes(data))
    assert scan(path).records == []


def test_a_full_disk_leaves_the_journal_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "j"
    data = written(path)
    real = journal.os.pwrite
    for room in (0, 1, 47, 48, 60):
        left = [room]

        def short(handle, content, at, left=left):
            if left[0] <= 0:
                raise OSError(28, "No space left on device")
            done = real(handle, content[: left[0]], at)
            left[0] -= done
            return done

        opened = Journal(path)
        monkeypatch.setattr(journal.os, "pwrite", short)
        with pytest.raises(MachineError, match="free disk space"):
            opened.append([{"key": "new", "x": 1.0}])
        monkeypatch.setattr(journal.os, "pwrite", real)
        assert path.read_bytes() == data
        opened.append([])
        opened.close()


@pytest.mark.parametrize(
    "body",
    [
        b'[{"key":["a"]}]', b'[{"key":"a","x":NaN}]', b'[{"key":"a","x":Infinity}]', b'["a"]', b'{"key":"a"}', b"[[]]",
        b'[{"nokey":1}]', b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_body_whose_sum_holds_and_that_nobody_wrote_is_damage(tmp_path, body):
    packed_body = zlib.compress(body)
    (tmp_path / "j").write_bytes(packed(GROUPS[0]) + group(packed_body) + packed(GROUPS[1]))
    found = scan(tmp_path / "j")
    assert found.records == GROUPS[0] + GROUPS[1]
    assert len(found.damage) == 1 and not found.damage[0].tail


def group(body, count=1):
    """A group by its description in the journal's docstring, not by its code."""
    summed = struct.pack("<QI", len(body), count)
    return b"DLQJ" + summed + hashlib.sha256(summed + body).digest() + body


def test_what_unpacks_to_far_more_than_records_do_is_damage(tmp_path):
    bomb = zlib.compress(b"[" + b" " * 50_000_000 + b'{"key":"a"}]', 9)
    (tmp_path / "j").write_bytes(group(bomb))
    begun = time.process_time()
    assert scan(tmp_path / "j").records == []
    assert time.process_time() - begun < 1.0


def test_a_body_with_something_behind_it_is_damage(tmp_path):
    (tmp_path / "j").write_bytes(group(zlib.compress(b'[{"key":"a"}]') + b"more"))
    assert scan(tmp_path / "j").records == []


def test_the_search_behind_damage_hashes_no_more_than_in_proportion_to_the_file(tmp_path, monkeypatch):
    """Heads in a row, each with a length that reaches to the end: all of them hashed would be quadratic."""
    hashed = []
    real = journal._sum
    monkeypatch.setattr(journal, "_sum", lambda length, count, body: hashed.append(length) or real(length, count, body))
    for size in (20_000, 80_000):
        hashed.clear()
        heads = [b"DLQJ" + struct.pack("<QI", size - at - 48, 1) + bytes(32) for at in range(0, size - 48, 48)]
        data = b"".join(heads)
        (tmp_path / "j").write_bytes(packed(GROUPS[0]) + data + bytes(size - len(data)))
        found = scan(tmp_path / "j")
        assert found.records == GROUPS[0]
        assert [str(d).rpartition(": ")[2] for d in found.damage] == ["damaged"]
        assert sum(hashed) < 4 * size


def test_groups_behind_many_false_heads_are_found(tmp_path):
    data = packed(GROUPS[0]) + b"DLQJ" * 100 + packed(GROUPS[1]) + b"DLQJ" + bytes(60) + packed(GROUPS[2])
    (tmp_path / "j").write_bytes(data)
    assert scan(tmp_path / "j").records == GROUPS[0] + GROUPS[1] + GROUPS[2]


def test_many_records_are_written_as_several_groups_and_all_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "GROUP", 400)
    rows = [{"key": f"k{i}", "x": "y" * (i % 500)} for i in range(40)]
    made = Journal(tmp_path / "j")
    made.append(rows)
    made.close()
    found = scan(tmp_path / "j")
    assert found.records == rows and not found.damage
    assert 2 < len(found.groups) < 40


def test_a_journal_that_is_a_pipe_or_a_device_is_told_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device").symlink_to("/dev/zero")
    for name in ("pipe", "device"):
        with pytest.raises(MachineError, match="not a plain file"):
            scan(tmp_path / name)
        with pytest.raises(OSError, match="not a plain file"):
            read_json(tmp_path / name)


def test_a_last_group_that_is_whole_but_wrong_is_damage_and_no_cut(tmp_path):
    """What is being written is shorter than it says; only that may be passed over while somebody writes."""
    data = bytearray(written(tmp_path / "j"))
    data[-1] ^= 1
    (tmp_path / "j").write_bytes(bytes(data))
    assert [d.tail for d in scan(tmp_path / "j").damage] == [False]


def test_a_small_journal_asks_for_little_memory(tmp_path):
    path = tmp_path / "j"
    written(path)
    tracemalloc.start()
    scan(path)
    assert tracemalloc.get_traced_memory()[1] < 5e6
    tracemalloc.stop()


def test_a_plain_file_is_read_whole_and_not_beyond_its_limit(tmp_path):
    (tmp_path / "f").write_bytes(b"x" * 100)
    assert read_plain(tmp_path / "f", 100) == b"x" * 100
    with pytest.raises(ValueError, match="more than 99 bytes"):
        read_plain(tmp_path / "f", 99)
    assert read_plain(Path("/proc/self/status"), 10**6).startswith(b"Name:"), "its size is said to be 0"
    with pytest.raises(ValueError, match="more than 9 bytes"):
        read_plain(Path("/proc/self/status"), 9)
