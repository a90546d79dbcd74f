"""What is followed when a piece is lost, and what the no-credit route makes of it; solved windows stand in as stubs."""

from types import SimpleNamespace

import pytest

from deadlight.chain import lost_pieces as room
from deadlight.chain.no_credit import no_credit_route
from deadlight.chain.opening import Opening
from deadlight.errors import NotSolved
from deadlight.store.summary import Verdict


def pane(state: str, margin: float | None = 0.4) -> SimpleNamespace:
    flaw = SimpleNamespace(margin=margin, time_of_max=80.0, ratio_max=0.5, factored=0.7)
    return SimpleNamespace(
        name="pressure", state=state, flaw=flaw, over_seal=None, over_frame=None, limit=700.0, peak_temperature=600.0,
        time_of_peak=90.0, sentence=f"pressure {state}", seal_temperature=None, frame_temperature=None,
    )  # fmt: skip


def loss(state: str, time: float = 60.0, opening: Opening | None = None) -> SimpleNamespace:
    found = SimpleNamespace(key="loss.jet_factor", value="2")
    return SimpleNamespace(
        time=time, judged=pane(state), opening=opening, cabin_lost_at=None, remarks=(), assumptions=(found,),
        pane="thermal", then=None,
    )  # fmt: skip


def sweep(state: str = "survives") -> SimpleNamespace:
    whole = loss(state)
    return SimpleNamespace(
        confirmed=(whole,), worst=whole, points=(SimpleNamespace(state=state),), fails_until=None, kept_from=0.0,
        remarks=(), assumptions=(), bears="pressure", sentence="whenever thermal is lost, pressure survives",
    )  # fmt: skip


def case(factor: float | None = 1.4) -> SimpleNamespace:
    stated = None if factor is None else SimpleNamespace(value=factor, source="", status="assumption")
    return SimpleNamespace(
        environment=SimpleNamespace(arcjet=None),
        panes=(SimpleNamespace(name="thermal"), SimpleNamespace(name="pressure")),
        criteria=SimpleNamespace(next_pane_factor=stated, temper_credit=None),
        loss=SimpleNamespace(spot=object()),
    )


GLASS = {"thermal": "fused_silica", "pressure": "aluminosilicate_tempered"}


@pytest.mark.parametrize(
    ("behind", "verdict"),
    [
        ("survives", Verdict.GO),
        ("breaks", Verdict.NO_GO),
        ("temper lost", Verdict.NO_GO),
        ("not shown", Verdict.NOT_SHOWN),
    ],
)
def test_the_no_credit_route_is_no_better_than_what_is_behind_an_opening(behind: str, verdict: Verdict) -> None:
    lost = room.LostPiece("piece 1 gone", loss(behind, opening=Opening(0.0, 0.0, 0.01)), False)
    assert no_credit_route(case(), ["thermal"], sweep(), GLASS).verdict is Verdict.GO
    found = no_credit_route(case(), ["thermal"], sweep(), GLASS, [lost])
    assert found.verdict is verdict
    assert any("piece 1 gone (opening 20 mm across)" in text for text in found.reasons)
    assert "loss.jet_factor" in found.rests_on
    assert any("a piece of the outermost pane" in m.event for m in found.margins)


def test_a_stated_opening_is_followed_from_the_worst_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def follows(_: object, name: str, time: float, **__: object) -> SimpleNamespace:
        asked.append((name, time))
        return loss("survives")

    monkeypatch.setattr(room, "lose_piece", follows)
    solved = SimpleNamespace(viewport=SimpleNamespace(case=case()))
    found, told = room.lost_pieces(solved, [], sweep())
    assert asked == [("thermal", 60.0)] and not told
    assert found[0].stated


def test_what_cannot_be_followed_is_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise NotSolved("no heat")

    monkeypatch.setattr(room, "lose_piece", fails)
    solved = SimpleNamespace(viewport=SimpleNamespace(case=case()))
    found, told = room.lost_pieces(solved, [], sweep())
    assert not found and told[0].alarm and "not known" in told[0]
