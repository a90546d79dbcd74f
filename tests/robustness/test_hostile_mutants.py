"""Mutants of sound files: 500 here, 20 000 by tests/nightly/input_mutants.py; none may crash, hang or be misread."""

from collections import Counter

from hostile.campaign import campaign, controls_judged
from hostile.mutate import mutant

SOUND = ("refused", "accepted")
COUNT, SEED = 500, 7


def test_controls_are_accepted_and_mean_the_same_to_slow_readers():
    outcomes = list(controls_judged())
    assert [(o.subject, o.kind, o.seen) for o in outcomes if o.kind != "accepted"] == []
    assert len(outcomes) >= 50


def test_mutants_are_refused_or_read_as_slow_readers_read_them():
    """0 crash, 0 hang, 0 traceback, 0 misread; each below 5 s of processor time and 1 GiB, by the fork server."""
    outcomes = list(campaign(0, COUNT, SEED))
    assert [o for o in outcomes if o.kind not in SOUND] == []
    tally = Counter(o.kind for o in outcomes)
    assert sum(tally.values()) == COUNT
    assert tally["accepted"] >= 30, "a fuzzer whose mutants are all refused proves little of the readers"
    assert tally["refused"] >= 200


def test_a_mutant_is_the_same_for_the_same_seed():
    data = b"1 2 3\n4 5 6\n"
    assert mutant(data, "1/1") == mutant(data, "1/1") != data
    assert len({mutant(data, f"1/{i}") for i in range(20)}) > 10


def test_any_bytes_have_mutants():
    """Also numbers beyond all floats, which other mutants put there."""
    for data in (b"1e999", b"-1e400 1e400", b"x", b"\xff\x00", b"9" * 40):
        assert all(isinstance(mutant(data, f"2/{i}"), bytes) for i in range(200))
