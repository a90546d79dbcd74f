"""The folder of a study that others made: what is no record of a case is damage, whatever its sums say."""

import hashlib
import io
import json

import numpy as np
import pytest

from deadlight.study.folder import StudyFolder, study_status
from deadlight.study.journal import packed
from deadlight.study.kept import is_case, is_place
from deadlight.study.read import read_study
from support_cases import call
from support_study import kept_record, write_study

DONE = {
    "status": "done", "verdict": "GO", "credit": "GO", "no_credit": None, "ratio_max": 0.5, "highest": 0.6,
    "cracks": [{"name": "C1", "ratio_max": 0.5, "highest": 0.6, "first_time": None, "numerical_error": 0.01}],
    "alarms": [], "remarks": [],
}  # fmt: skip
NOT_ONES = [
    {"key": ["a"]}, {"key": 5}, {"key": ""}, {"status": ...}, {"status": "doen"}, {"status": ["done"]}, {"row": "0"},
    {"row": -1}, {"values": []}, {"values": {"a": 1}}, {"verdict": ...}, {"reason": 5}, {"tier": "slow"}, {"x": 1e999},
    {"x": float("nan")}, {"base": True}, {**DONE, "ratio_max": "0.5"}, {**DONE, "cracks": {}}, {**DONE, "cracks": [5]},
    {**DONE, "cracks": [{"name": "C1"}]}, {**DONE, "highest": float("nan")}, {**DONE, "alarms": [1]},
]  # fmt: skip


def raw_group(records):
    """A group as anybody can write one, NaN and all."""
    import struct
    import zlib

    body = zlib.compress(json.dumps(records).encode())
    summed = struct.pack("<QI", len(body), len(records))
    return b"DLQJ" + summed + hashlib.sha256(summed + body).digest() + body


def write_full(folder, name, record):
    """A case of the crack operator with sums that hold."""
    place = folder / "full" / name
    place.mkdir(parents=True)
    buffer = io.BytesIO()
    np.savez(buffer, k=np.zeros(3))
    parts = {"record.json": json.dumps(record).encode(), "histories.npz": buffer.getvalue()}
    for part, data in parts.items():
        (place / part).write_bytes(data)
    sums = {part: hashlib.sha256(data).hexdigest() for part, data in parts.items()}
    (place / "sums.json").write_text(json.dumps(sums))


def begun(folder):
    """A folder of the small study in which nothing is done, and the study."""
    study = read_study(write_study(folder))
    with StudyFolder(folder / "out", study):
        pass
    return folder / "out", study


def test_records_as_they_are_kept_are_taken():
    assert is_case(kept_record("a"))
    assert is_case(kept_record("a", **DONE))
    assert is_case({**kept_record("a"), "seconds": 0.5, "host": "h", "process": 3, "attempts": 1})


@pytest.mark.parametrize("change", NOT_ONES, ids=str)
def test_what_is_no_record_is_damage_to_status_and_to_batch(tmp_path, capfd, change):
    """With sums, and its own hash, as they should be: whoever writes a folder can make them."""
    record, good = kept_record("bad", **change), kept_record("good")
    out, study = begun(tmp_path)
    (out / "quick.journal").write_bytes(raw_group([record]) + raw_group([good]))
    write_full(out, "bad", kept_record("bad", tier="full", **change) if "tier" not in change else record)
    write_full(out, "good", kept_record("good", tier="full"))
    status, told, err = call(capfd, "status", out, "--json")
    assert status == 0, err
    found = json.loads(told)
    assert (found["quick"], found["full"], found["failed"]) == (1, 1, 2)
    assert len(found["damage"]) == 2
    with StudyFolder(out, study) as opened:
        assert set(opened.quick) == set(opened.full) == {"good"}
        assert len(opened.damage) == 2 and all("run again" in part for part in opened.damage)


def test_a_record_that_was_changed_is_damage_to_status_too(tmp_path):
    out, _ = begun(tmp_path)
    (out / "quick.journal").write_bytes(packed([{**kept_record("a"), "verdict": "GO"}]))
    assert study_status(out)["quick"] == 0
    assert len(study_status(out)["damage"]) == 1


@pytest.mark.parametrize("content", ["[" * 100_000, "[1]", '{"a": "b"}', "NaN"])
def test_what_is_said_of_cases_in_hand_is_read_with_care(tmp_path, content):
    out, study = begun(tmp_path)
    (out / "in_hand.json").write_text(content)
    with StudyFolder(out, study) as opened:
        assert opened.crashed == {}


def test_a_place_of_a_map_has_its_shape():
    row = {
        "place": 0, "x_m": 0.0, "y_m": 0.0, "inside_lip_m": 0.01, "angle_rad": 0.0, "size_m": 0.005, "ratio": 0.5,
        "state": "limited", "highest": None, "answers": 4, "reason": "", "alarm": "",
    }  # fmt: skip

    def sealed(**made):
        return {**made, "content": hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()}

    assert is_place(sealed(key="k", base="case", rows=[row]))
    for change in ({"size_m": "5"}, {"state": "any"}, {"x_m": None}, {"x_m": float("nan")}):
        assert not is_place(sealed(key="k", base="case", rows=[row | change]))
    audited = row | {
        "drawn": True, "gap": None, "flagged": False, "full_runs": 1, "full_size_m": None, "full_highest": 0.5,
    }  # fmt: skip
    assert is_place(sealed(key="audit k", row=audited))
    assert not is_place(sealed(key="audit k", row=row))
    assert not is_place(sealed(key="audit k"))
