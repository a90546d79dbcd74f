"""A report holds the pictures of its own folder and nothing else of the disk."""

import json
import os

import pytest

from deadlight.chain.files import _contents
from deadlight.errors import InputError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.fixture
def folder(tmp_path):
    """A result folder with two pictures, and a file beside it that is nobody's business."""
    home = tmp_path / "out"
    (home / "pictures").mkdir(parents=True)
    (home / "pictures/a.png").write_bytes(PNG)
    (home / "pictures/b.svg").write_bytes(SVG)
    (tmp_path / "secret.png").write_bytes(PNG + b"secret")
    return home


def listed(folder, *names):
    pictures = [{"file": name, "title": "t", "caption": "c", "section": "s"} for name in names]
    (folder / "pictures/contents.json").write_text(json.dumps({"pictures": pictures, "tables": []}))
    return [p.data for p in _contents(folder)[0]]


def test_pictures_are_taken(folder):
    assert listed(folder, "a.png", "b.svg") == [PNG, SVG]


@pytest.mark.parametrize("how", ["link", "folder", "pipe", "text", "up", "absolute", "all", "number"])
def test_what_a_link_or_a_name_leads_to_is_no_picture(folder, how):
    place, secret = folder / "pictures/a.png", folder.parent / "secret.png"
    name = {"up": "../../secret.png", "absolute": str(secret), "number": 3}.get(how, "a.png")
    place.unlink()
    if how == "link":
        place.symlink_to(secret)
    elif how == "folder":
        place.mkdir()
    elif how == "pipe":
        os.mkfifo(place)
    elif how == "text":
        place.write_bytes(b"root:x:0:0")
    elif how == "all":  # the whole folder of pictures is elsewhere
        secret.rename(folder.parent / "a.png")
        (folder / "pictures").rename(folder / "kept")
        (folder / "pictures").symlink_to(folder.parent)
    with pytest.raises(InputError, match=r"contents\.json"):
        listed(folder, name)
