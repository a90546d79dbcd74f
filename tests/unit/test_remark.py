"""What a result says of itself."""

from deadlight.remark import Remark, alike, unique


def test_a_text_is_told_once_and_is_an_alarm_if_it_is_one_anywhere():
    told = unique(["a", Remark("a", alarm=True), "b"])
    assert told == ("a", "b") and [t.alarm for t in told] == [True, False]


def test_what_later_runs_say_in_other_numbers_is_counted():
    runs = [
        ["needed to 814 K", "lifts off at 0 s"],
        ["needed to 800.5 K", "lifts off at 1.3e+02 s"],
        ["lifts off at 180 s", "something else"],
    ]
    assert alike(runs, "loss time") == (
        "needed to 814 K (alike at 1 other loss time)",
        "lifts off at 0 s (alike at 2 other loss times)",
        "something else",
    )


def test_all_that_one_run_says_is_told_and_names_are_no_numbers():
    first = ["pressure_1: to 9 K", "pressure_2: to 9 K", "step 3 is off", "step 4 is off"]
    told = alike([first, ["step 5 is off"]], "run")
    assert told == (
        "pressure_1: to 9 K", "pressure_2: to 9 K",
        "step 3 is off (alike at 1 other run)", "step 4 is off (alike at 1 other run)",
    )  # fmt: skip


def test_an_alarm_of_a_later_run_is_told_beside_a_plain_remark():
    told = alike([["to 814 K"], [Remark("to 900 K", alarm=True)]], "run")
    assert [(str(t).split(" (")[0], t.alarm) for t in told] == [("to 814 K", False), ("to 900 K", True)]
