"""The journal: what is committed comes back bit for bit, what is torn or damaged is told and left out."""

import random

import pytest

from deadlight.errors import MachineError
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
