"""A real headless Chromium for tests, spoken to over a pipe (Chrome DevTools Protocol)."""

from __future__ import annotations

import base64
import io
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import image

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--remote-debugging-pipe",
    "--hide-scrollbars", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage",
)  # fmt: skip
PROGRAM = next((found for name in NAMES if (found := shutil.which(name))), None)
needs_browser = pytest.mark.skipif(
    PROGRAM is None, reason="no Chromium: pages are not opened here (apt-get install chromium-headless-shell)"
)
# pages of a test are kept in this folder when it is named
KEPT = os.environ.get("DEADLIGHT_SCREENSHOTS")


class Browser:
    """One page of one browser process.

    Attributes
    ----------
    requests : list of str
        Addresses that the page asked for.
    complaints : list of str
        Console errors and exceptions that nobody caught.
    dialogs : int
        Alerts that a script opened.
    """

    def __init__(self, folder: Path, width: int = 1300, height: int = 900) -> None:
        assert PROGRAM
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()

        def wired() -> None:  # the protocol reads from 3 and writes to 4
            reading, writing = os.dup(to_read), os.dup(from_write)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        command = [PROGRAM, *FLAGS, f"--user-data-dir={folder}", f"--window-size={width},{height}", "about:blank"]
        self._process = subprocess.Popen(
            command, preexec_fn=wired, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_read)
        os.close(from_write)
        self._out, self._in, self._rest, self._number = to_write, from_read, b"", 0
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.dialogs = 0
        pages = self._call("Target.getTargets", session=None)["targetInfos"]
        page = next(each["targetId"] for each in pages if each["type"] == "page")
        self._session = self._call("Target.attachToTarget", session=None, targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._call(f"{domain}.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._out)
        os.close(self._in)
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _message(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            if not select.select([self._in], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self._in, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self._rest += part
        first, self._rest = self._rest.split(b"\0", 1)
        return json.loads(first)

    def _call(self, method: str, session: str | None = "", **given: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": given}
        if session is not None:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + 120
        while True:
            answer = self._message(until)
            self._note(answer)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _note(self, answer: dict[str, Any]) -> None:
        told, kind = answer.get("params", {}), answer.get("method")
        if kind == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif kind == "Page.javascriptDialogOpening":
            self.dialogs += 1
        elif kind == "Runtime.exceptionThrown":
            self.complaints.append(str(told["exceptionDetails"]))
        elif kind == "Runtime.consoleAPICalled" and told["type"] in ("error", "assert", "warning"):
            self.complaints.append(str(told["args"]))
        elif kind == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.complaints.append(str(told["entry"]))

    def open(self, path: Path | str) -> None:
        """Opens a file or an address and waits until it is loaded."""
        address = path.resolve().as_uri() if isinstance(path, Path) else path
        self._call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")

    def run(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait(self, expression: str, seconds: float = 60.0) -> None:
        """Waits until an expression is true."""
        until = time.monotonic() + seconds
        while not self.run(expression):
            if time.monotonic() > until:
                raise TimeoutError(f"not true: {expression}; {self.complaints}")
            time.sleep(0.05)

    def picture(self, expression: str) -> np.ndarray[Any, Any]:
        """Pixels (h, w, 3) in 0..1 of a canvas."""
        address = self.run(f"({expression}).toDataURL('image/png')")
        return image.imread(io.BytesIO(base64.b64decode(address.split(",", 1)[1])))[..., :3]

    def keep(self, name: str) -> None:
        """Keeps a screenshot of the whole page as an artefact, if a folder is named for them."""
        if KEPT:
            shot = self._call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
            Path(KEPT).mkdir(parents=True, exist_ok=True)
            (Path(KEPT) / f"{name}.png").write_bytes(base64.b64decode(shot))
