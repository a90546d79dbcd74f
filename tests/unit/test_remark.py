"""What a result says of itself."""

from deadlight.remark import Remark, alike, unique


def test_a_text_is_told_once_and_is_an_alarm_if_it_is_one_anywhere():
    told = unique(["a", Remark("a", alarm=True), "b"])
    assert told == ("a", "b") and [t.alarm for t in told] == [True, False]


def test_remarks_of_like_runs_differ_in_numbers_only():
    runs = [
        ["needed to 814 K", "lifts off at 0 s"],
        [Remark("needed to 800.5 K", alarm=True), "lifts off at 1.3e+02 s"],
        ["lifts off at 180 s", "something else"],
    ]
    told = alike(runs, "loss time")
    assert told == (
        "needed to 800.5 K (alike at 1 other loss time)",
        "lifts off at 0 s (alike at 2 other loss times)",
        "something else",
    )
    assert [t.alarm for t in told] == [True, False, False], "an alarm is never told as none"
