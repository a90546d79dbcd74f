"""One page served to a browser on this machine, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from deadlight.errors import InputError

HERE = "127.0.0.1"  # never to the network: a page has no password


def server_of(page: str, *, port: int = 0) -> ThreadingHTTPServer:
    """A server of one page; port 0 takes any free one.

    Raises
    ------
    InputError
        The port is taken.
    """
    content = page.encode()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there = self.path == "/"
            self.send_response(200 if there else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content) if there else 0))
            self.end_headers()
            if there:
                self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    try:
        return ThreadingHTTPServer((HERE, port), Page)
    except OSError as error:
        raise InputError(f"port {port}: {error.strerror}", place="command line", remedy="--port 0") from error


def serve(page: str, *, port: int = 0, told: Callable[[str], None]) -> None:
    """Serves until Ctrl-C."""
    with server_of(page, port=port) as server:
        number = server.server_address[1]
        told(f"http://{HERE}:{number}/   (Ctrl-C ends; from elsewhere: ssh -L {number}:{HERE}:{number} THIS-MACHINE)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            told("ended")
