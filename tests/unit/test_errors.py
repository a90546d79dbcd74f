"""What an error says of a file that anybody may have written: bounded, and nothing that a terminal obeys."""

import json

import pytest

from deadlight.errors import LONGEST, MOST, CaseError, InputError, Lines, MachineError, shown
from deadlight.terminal import out
from support_cases import call, write_case

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
HOSTILE = ["x\n" * 60, "x" * 320_102, EVIL, "\r" + EVIL + "\n  remedy: rm -rf", "\udc80"]


def within_bounds(text):
    lines = text.split("\n")
    assert len(lines) <= MOST and max(map(len, lines)) <= 2 * LONGEST + 100
    assert all(c.isprintable() for line in lines for c in line)
    return lines


@pytest.mark.parametrize("value", HOSTILE)
def test_what_is_quoted_makes_no_line_of_its_own_and_none_is_endless(value):
    said = InputError(f'found "{value}"', place=f"file {value}", remedy=f"one of {value}")
    first, remedy = within_bounds(str(said))
    assert first.startswith("file ") and remedy.startswith("  remedy: one of")
    (only,) = within_bounds(str(InputError(value)))
    if len(value) > LONGEST:
        assert f"({len(value)} characters)" in only


def test_lines_of_our_own_stay_lines_and_the_remedy_is_kept():
    ours = Lines("\n".join(f"line {i}" for i in range(40)))
    lines = within_bounds(str(InputError(ours, place="here", remedy="less")))
    assert lines[0] == "here: line 0" and lines[-1] == "  remedy: less"
    assert lines[-2] == "  ... and 30 more lines" and len(lines) == MOST
    again = CaseError(InputError(ours).found, place="there")  # as it is handed on with another place
    assert str(again).split("\n")[1] == "line 1"


def test_what_fits_is_said_as_it_is():
    assert (
        str(InputError("found 3 m", place="a.toml", remedy="at most 2 m")) == "a.toml: found 3 m\n  remedy: at most 2 m"
    )
    assert shown("5 µm, K_Ic 0.75 MPa√m, ÄÖ 字") == "5 µm, K_Ic 0.75 MPa√m, ÄÖ 字"


@pytest.mark.parametrize(
    "change",
    [
        ("two_c = ", 'two_c = "1\\n' + "x\\n" * 60 + '" #'),
        ('material = "fused_silica"', 'material = "' + "x\\n" * 60 + '"'),
        ('material = "fused_silica"', 'material = "' + "x" * 50_000 + '"'),
        ("role = ", 'role = "\\u001b]0;owned\\u0007" #'),
    ],
)
def test_a_hostile_value_of_a_case_is_told_in_bounds(tmp_path, capfd, change):
    case = write_case(tmp_path, change)
    status, _, stderr = call(capfd, "check", case)
    assert status == 2
    within_bounds(stderr.rstrip("\n"))
    status, stdout, _ = call(capfd, "check", case, "--json")
    within_bounds(json.loads(stdout)["error"]["message"])
    assert len(stdout) < 10_000


def test_what_is_no_error_reaches_no_terminal_either(capsys):
    out.print(f"note: {EVIL}", markup=False)
    assert not set(capsys.readouterr().out) & set("\x1b\x07\x9b\u202e")
    assert str(MachineError("as it is\n  remedy: none")) == "as it is\n  remedy: none"
