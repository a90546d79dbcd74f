"""Small finished, begun and study folders, as runs leave them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from hostile.studies import FAILED, resealed
from hostile.window_case import drawn, write


def write_store(store: Path) -> None:
    """`run` (finished, with report and fields), `begun` (may be resumed), `study` (with a journal)."""
    import numpy as np

    from deadlight.chain.stages import pack_heat
    from deadlight.heat.history import HeatBalance, TemperatureHistory
    from deadlight.store.folder import CaseFolder
    from deadlight.store.stage import StageStore
    from deadlight.study.journal import packed
    from support_view import small_folder

    home = store / "run"
    with CaseFolder(home, case_hash="0" * 16, case_text="schema = 1\n"):
        small_folder(home)
    (home / "pictures").mkdir()
    (home / "pictures/a.svg").write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L9 9"/></svg>')
    picture = {"file": "a.svg", "title": "t", "caption": "c", "section": "s"}
    contents = {"pictures": [picture], "tables": [{"title": "t", "header": ["a"], "rows": [["1"]], "note": ""}]}
    (home / "pictures/contents.json").write_text(json.dumps(contents))
    with CaseFolder(store / "begun", case_hash="0" * 16, case_text="schema = 1\n"):
        case = write(store / "case", drawn(), {})
        (store / "begun/source.txt").write_text(str(case))
        (store / "begun/stages").mkdir()
    one, time = np.ones(2), np.arange(3.0)
    balance = HeatBalance(time, np.ones(2), {"sun": one}, one, one)
    history = TemperatureHistory(time, np.full((3, 4), 300.0), balance, np.ones(1), ("a remark",), {"steps": 2})
    pack_heat(StageStore(store / "begun/stages", "0" * 16), history)
    study = store / "study"
    (study / "full").mkdir(parents=True)
    rows = [resealed({"key": key, **FAILED}) for key in "ab"]
    (study / "quick.journal").write_bytes(b"".join(packed([row]) for row in rows))
    about = {
        "schema": 1,
        "deadlight": "0",
        "digest": "0",
        "name": "a study",
        "source": "study.toml",
        "state": "running",
    }
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
    (study / "study.json").write_text(json.dumps({"about": about, "sum": digest}, indent=1))
