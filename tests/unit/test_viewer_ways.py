"""The ways to the viewer besides the file: a window on a desktop (drawn off screen here), a page served here."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from deadlight.errors import InputError
from deadlight.view.desktop import Desktop
from deadlight.view.served import HERE, server_of
from deadlight.view.shown import STRESS
from support_cases import call, one_object
from support_view import small_folder, small_view

needs_gl = pytest.mark.skipif(
    "not __import__('deadlight.view.render').view.render.available()",
    reason="no GL library: the desktop's viewer is not tested here",
)


@pytest.mark.pictures
@needs_gl
def test_the_desktop_viewer_answers_its_controls() -> None:
    view = small_view()
    shown = Desktop(view, off_screen=True)

    def picture() -> np.ndarray:
        shown.plotter.render()
        return np.asarray(shown.plotter.screenshot(return_img=True)).astype(int)

    try:
        last = picture()
        assert last.std() > 10
        for change in (
            lambda: shown.at_time(100.0), shown.next_field, shown.turn_cut, lambda: shown.toggle("thermal", False),
            lambda: shown.toggle("thermal", True), lambda: shown.pick(view.fronts[0].points[3] + 1e-4),
        ):  # fmt: skip
            change()
            now = picture()
            assert (np.abs(now - last).max(axis=2) > 20).mean() > 2e-4
            last = now
        assert shown.field == STRESS and not shown.cut
        front = view.fronts[0]
        assert shown.point is not None and shown.point[0] is front and shown.point[1] == 3
        assert f"K/K_Ic = {front.ratio[10, 3]:.3f}" in shown.reading  # at 100 s
        assert len(shown.plotter.scalar_bars) == 2
    finally:
        shown.plotter.close()


def test_a_page_is_served_to_this_machine_only() -> None:
    with server_of("<p>page</p>") as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            host, port = server.server_address[:2]
            assert host == HERE == "127.0.0.1"
            with urllib.request.urlopen(f"http://{host}:{port}/", timeout=10) as answer:
                assert answer.read() == b"<p>page</p>"
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"http://{host}:{port}/other", timeout=10)
            with pytest.raises(InputError, match="port"):
                server_of("", port=int(port))
        finally:
            server.shutdown()


def test_the_verbs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    small_folder(tmp_path / "run")
    status, out, _ = call(capfd, "view", tmp_path / "run", "--html", tmp_path / "v.html", "--json")
    assert status == 0 and (tmp_path / "v.html").stat().st_size == one_object(out)["bytes"] < 15e6
    for wrong in (
        ("view", tmp_path / "nothing", "--html", tmp_path / "w.html"), ("view", tmp_path / "run", "--json"),
        ("animate", tmp_path / "run", "--out", tmp_path / "a.avi"),
    ):  # fmt: skip
        assert call(capfd, *wrong)[0] == 2
