"""What a long computation prints about where it is."""

from __future__ import annotations

from deadlight import terminal


def test_a_stage_that_comes_again_counts_its_seconds_anew(monkeypatch, capsys):
    """As for the second return of a case: neither time since the first one's begin nor a guess of hours."""
    now = [100.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    lines = terminal._Lines()
    calls = (100, 0.0, ""), (110, 0.5, "first"), (120, 1.0, ""), (1000, 0.0, "second"), (1010, 0.25, "")
    for at, share, note in calls:
        now[0] = at
        lines("heat", share, note)
    assert capsys.readouterr().err.splitlines() == [
        "heat: 0 % after 0.0 s",
        "heat: 50 % after 10.0 s, 10 s left first",
        "heat: 100 % after 20.0 s",
        "heat: 0 % after 0.0 s second",
        "heat: 25 % after 10.0 s, 30 s left",
    ]
