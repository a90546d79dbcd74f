"""Hostile files of every kind through the command line: each refused as specified, each control accepted."""

import json
import re
import shutil
from pathlib import Path

import pytest
from hostile import studies, window_case
from hostile.controls import controls
from hostile.recipes_case import KINDS, OTHERS, RECORDS
from hostile.recipes_mesh import MESHES
from hostile.server import MEMORY, SECONDS, Server
from hostile.stored import write_store

LINES, LONGEST = 12, 1200
OWN_PROCESS = ("truncated", "bomb", "huge", "loop")
"""Hostile meshes, of every format, that are read in the guarded child as users' are; the others in the fork itself."""
CONTROLS = controls()


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    write_store(folder / "store")
    return folder


def asked(server, arguments, folder, child=True):
    """Exit status, standard output and error of a command within the limits of time and memory."""
    ended = server.ask(do="command", arguments=[*arguments, str(folder)], child=child)
    assert not ended["error"] and ended["signal"] is None, ended
    assert ended["seconds"] <= SECONDS and ended["memory"] <= MEMORY, ended
    return ended["answer"]


def refused(answer, file, says):
    message = answer["err"]
    lines = [row for row in message.splitlines() if not re.match(r"(window|environment|heat|stress): ", row)]
    assert answer["status"] == 2, message
    assert answer["out"] == ""
    assert "Traceback" not in message and "Warning" not in message
    assert message.startswith("error ")
    assert len(lines) <= LINES and max(map(len, lines)) <= LONGEST
    assert file in message, message
    assert "not a readable" not in message, "what no check foresaw"
    assert re.search(says, message, re.DOTALL), message


def mesh_case(home, name, control, data):
    folder = home / name
    path = window_case.write(folder, window_case.around(control), {control.file: data, **control.beside})
    return ["check", str(path)], folder


@pytest.mark.parametrize("name", CONTROLS)
def test_control_mesh_is_accepted(server, home, name):
    control = CONTROLS[name]
    arguments, folder = mesh_case(home, f"control-{name}", control, control.data)
    answer = asked(server, arguments, folder)
    assert answer["status"] == 0, answer["err"]
    assert answer["err"] == ""
    assert "thermal" in answer["out"]


@pytest.mark.parametrize("recipe", MESHES, ids=lambda r: r.name)
def test_hostile_mesh_is_refused(server, home, recipe):
    control = CONTROLS[recipe.control]
    arguments, folder = mesh_case(home, recipe.name, control, recipe.change(control.data))
    child = any(word in recipe.name for word in OWN_PROCESS)
    refused(asked(server, arguments, folder, child), control.file, recipe.says)


@pytest.mark.parametrize("kind", KINDS)
def test_other_control_is_accepted(server, home, kind):
    arguments, _ = KINDS[kind](home / f"control-{kind}", lambda data: data)
    answer = asked(server, arguments, home / f"control-{kind}")
    if kind == "source":  # its case file is sound and read; the folder is of another case, and is told so
        assert answer["status"] == 2 and "another case" in answer["err"]
        return
    if kind in ("study-file", "study-table"):  # likewise: the study is read and posed before its folder is looked at
        assert answer["status"] == 2 and "another study" in answer["err"], answer["err"]
        return
    assert answer["status"] == 0, answer["err"]


@pytest.mark.parametrize("recipe", OTHERS, ids=lambda r: r.name)
def test_other_hostile_file_is_refused(server, home, recipe):
    arguments, file = KINDS[recipe.kind](home / recipe.name, recipe.change)
    refused(asked(server, arguments, home / recipe.name), file, recipe.says)


def record_folder(home, name, kind, change):
    """A study's folder with the record of one case, changed behind sums that hold; its key is "a"."""
    folder = home / name
    shutil.copytree(home / "store/study", folder)
    (folder / "quick.journal").unlink()
    tier = {"key": "a", **studies.DONE, "tier": kind}
    if kind == "quick":
        (folder / "quick.journal").write_bytes(studies.journal_of(change(json.dumps([tier]).encode())))
    else:
        studies.write_full(folder / "full/a", change(json.dumps(tier).encode()))
    return folder


@pytest.mark.parametrize("kind", ["quick", "full"])
def test_control_record_is_taken(server, home, kind):
    folder = record_folder(home, f"control-record-{kind}", kind, lambda data: data)
    answer = asked(server, ["status", str(folder), "--json"], folder)
    found = json.loads(answer["out"])
    assert (answer["status"], found[kind], found["damage"]) == (0, 1, [])


@pytest.mark.parametrize("recipe", RECORDS, ids=lambda r: r.name)
def test_hostile_record_is_damage(server, home, recipe):
    folder = record_folder(home, recipe.name, recipe.kind, recipe.change)
    answer = asked(server, ["status", str(folder), "--json"], folder)
    assert (answer["status"], answer["err"]) == (0, "")
    found = json.loads(answer["out"])
    assert found[recipe.kind] == 0
    assert len(found["damage"]) == 1 and "damaged" in found["damage"][0]


def test_every_recipe_has_a_name_of_its_own_and_differs_from_its_control():
    names = [r.name for r in (*MESHES, *OTHERS, *RECORDS)]
    assert len(set(names)) == len(names) >= 80
    assert all(r.change(CONTROLS[r.control].data) != CONTROLS[r.control].data for r in MESHES)


def test_meshes_beside_the_case_stay_inside(server, home):
    """A link that leads out of the folder is followed before the look."""
    control = CONTROLS["abaqus-1"]
    arguments, folder = mesh_case(home, "link", control, control.data)
    (home / "secret.inp").write_bytes(control.data)
    (folder / control.file).unlink()
    (folder / control.file).symlink_to(home / "secret.inp")
    refused(asked(server, arguments, folder), control.file, "outside")
    shutil.rmtree(folder)
    assert Path(home / "secret.inp").exists()
