"""Vendors that answer as they are told, whatever they are asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prefill.gateway import get_bank_linker, get_phone_verifier


class Odd(ThreadingHTTPServer):
    body: bytes = b"{}"
    asked: int = 0


@contextmanager
def standing_in(settings: Any) -> Iterator[Odd]:
    """Stand in for both vendors."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.asked += 1
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(server.body)))
            self.end_headers()
            try:
                self.wfile.write(server.body)
            except OSError:  # who asked has heard enough
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = Odd(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    before = settings.PLAID, settings.SPINWHEEL
    settings.PLAID, settings.SPINWHEEL = (
        {mode: its | {"base_url": url} for mode, its in vendor.items()} for vendor in before
    )
    _forget()
    try:
        yield server
    finally:
        settings.PLAID, settings.SPINWHEEL = before
        _forget()
        server.shutdown()
        server.server_close()


def _forget() -> None:
    get_bank_linker.cache_clear()
    get_phone_verifier.cache_clear()
