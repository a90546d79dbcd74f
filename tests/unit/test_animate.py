"""The film of a run: it opens, window and cursor move, what is missing is told."""

from __future__ import annotations

import builtins
import itertools
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from deadlight.errors import InputError, MachineError
from deadlight.view import animate as film
from support_view import small_view

needs_gl = pytest.mark.skipif(
    "not __import__('deadlight.view.render').view.render.available()",
    reason="no GL library: films are not tested here",
)


@pytest.mark.pictures
@needs_gl
def test_window_and_cursor_move() -> None:
    frames = list(film.drawn(small_view(), field="temperature", frames=5))
    assert all(f.shape == (720, 1280, 3) and f.dtype == np.uint8 for f in frames)
    for a, b in itertools.pairwise(frames):
        apart = np.abs(a.astype(int) - b).max(axis=2) > 10
        assert apart[100:, :650].mean() > 0.02, "the window stands still"
        assert apart[:, 800:].any(), "the cursor stands still"
    cursor = (frames[2][:, 800:] == film.CURSOR).all(axis=2)
    column = np.flatnonzero(cursor.sum(axis=0) > 300)
    assert len(column) == 2  # two pixels wide, over both panels


@pytest.mark.pictures
@needs_gl
def test_gif_and_mp4_open(tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg")
    view = small_view()
    gif = film.animate(view, tmp_path / "a.gif", frames=4)
    with Image.open(gif) as opened:
        assert opened.n_frames == 4 and opened.size == film.GIF_SIZE
    mp4 = film.animate(view, tmp_path / "a.mp4", frames=6, field="stress", rate=6.0)
    decode = [film.encoder(), "-loglevel", "error", "-i", str(mp4), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(decode, capture_output=True, check=True).stdout
    read = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 720, 1280, 3)
    assert len(read) == 6
    first = next(film.drawn(view, field="stress", frames=6))
    assert np.abs(read[0].astype(int) - first).mean() < 4  # but for what the codec loses
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.gif", "a.mp4"]


def test_what_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="mp4"):
        film.animate(small_view(), tmp_path / "a.avi")
    with pytest.raises(InputError, match="frames"):
        film.animate(small_view(), tmp_path / "a.gif", frames=1)
    real = builtins.__import__

    def without(name: str, *given: Any, **more: Any) -> Any:
        if name == "imageio_ffmpeg":
            raise ImportError(name)
        return real(name, *given, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MachineError, match=r"deadlight\[animate\]"):
        film._mp4(tmp_path / "a.mp4", iter([]), 12.0)
