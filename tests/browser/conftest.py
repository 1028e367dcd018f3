"""A real Chromium at a real server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A Chromium for the tests of one file: starting it takes a second."""
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread; Django would take our queries for async.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=20_000)  # the first request of a busy process loads much
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            yield browser
            browser.close()
            connections.close_all()  # those opened under Playwright's event loop are its own


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The file's Chromium with no window open and nothing kept of the test before."""
    yield chromium
    for context in list(chromium.contexts):
        context.close()


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(answer: Any) -> Iterator[str]:
    """Serve a partner's WSGI application at an origin of its own, which is returned."""
    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Window:
    """One window, with everything its console complained of."""

    def __init__(self, browser: Browser, site: str, **options: Any) -> None:
        self.complaints: list[str] = []
        self.site = site
        self.page: Page = browser.new_context(**options).new_page()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def open(self, path: str) -> Page:
        self.page.goto(self.site + path)
        return self.page

    def fits(self) -> bool:
        """Say whether the page is no wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
