"""The sandbox over HTTP: the WSGI application, its server, and the ways to run it."""

from __future__ import annotations

import io
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask
from werkzeug.routing import Map, RuleFactory
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from sandbox import control
from sandbox.bank import routes as bank_routes
from sandbox.config import Config
from sandbox.drivewealth import routes
from sandbox.faults import FaultyWires, WireCut
from sandbox.plaid import routes as plaid_routes
from sandbox.plaid.courier import Courier
from sandbox.relay import Relay
from sandbox.spinwheel import routes as spinwheel_routes
from sandbox.world import World, build_world

HOUSEKEEPING_PAUSE = 0.25
SHUTDOWN_POLL = 0.02
# A big book takes long to write down; it may cost a tenth of the time at most.
SNAPSHOT_SHARE = 10


class Handler(WSGIRequestHandler):
    """Keeps connections alive, which werkzeug's own handler never does.

    An answer leaves in one piece and without Nagle's delay: otherwise a kept connection costs
    44 ms a call.
    """

    disable_nagle_algorithm = True
    timeout = 120
    _headers_buffer: list[bytes]

    def setup(self) -> None:
        super().setup()
        self._box_server().connections.add(self.connection)

    def finish(self) -> None:
        self._box_server().connections.discard(self.connection)
        super().finish()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        self.log("info", "%s %s %s", self.command, self.path.partition("?")[0], code)

    def log_error(self, format: str, *args: Any) -> None:
        # What goes wrong on one connection, such as its time running out, is no error of ours.
        self.log("info", format, *args)

    def log(self, type: str, message: str, *args: Any) -> None:
        self._box_server().log(type, message, *args)

    def _box_server(self) -> Server:
        return cast(Server, self.server)

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        environ = self.make_environ()
        # The body is taken off the wire whole, used or not: the next request begins after it.
        environ["wsgi.input"] = io.BytesIO(self._read_body(environ))
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            head[:] = [status, headers]

        try:
            chunks = self.server.app(environ, start_response)
            try:
                body = b"".join(chunks)
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
            self._send(head[0], head[1], body)
        except (ConnectionError, TimeoutError) as error:
            self.close_connection = True
            self.connection_dropped(error)
        except WireCut:
            self.close_connection = True

    def _read_body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("wsgi.input_terminated"):
            return bytes(environ["wsgi.input"].read())
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            self.close_connection = True
            return b""
        return self.rfile.read(int(length))

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        names = {name.lower() for name, _ in headers}
        for name, value in headers:
            self.send_header(name, value)
        if "content-length" not in names:
            self.send_header("Content-Length", str(len(body)))
        # send_response and send_header only gather lines; the body joins them in one write.
        self._headers_buffer.append(b"\r\n")
        lines = b"".join(self._headers_buffer)
        self._headers_buffer = []
        self.wfile.write(lines if self.command == "HEAD" else lines + body)


class Server(ThreadedWSGIServer):
    """One thread for each connection; stopping cuts the connections that are still open."""

    daemon_threads = True

    def __init__(self, host: str, port: int, app: Any, quiet: bool) -> None:
        self.quiet = quiet
        self.connections: set[socket.socket] = set()
        super().__init__(host, port, app, handler=Handler)

    def log(self, type: str, message: str, *args: Any) -> None:
        if not self.quiet or type == "error":
            sys.stderr.write(f"sandbox: {message % args if args else message}\n")

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Housekeeper:
    """Plays what falls due while nobody asks, and writes the snapshot."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-housekeeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._world.save()

    def _run(self) -> None:
        pause = HOUSEKEEPING_PAUSE
        while not self._stopping.wait(pause):
            began = time.monotonic()
            try:
                with self._world.turn():
                    pass
                self._world.save()
            except Exception:
                # A defect in one thing due, or a full disk, must not end all housekeeping.
                traceback.print_exc()
            pause = max(HOUSEKEEPING_PAUSE, (time.monotonic() - began) * SNAPSHOT_SHARE)


@dataclass
class Box:
    """A sandbox that is running."""

    url: str
    world: World

    @property
    def bank_url(self) -> str:
        """Return the base address an application is given for micro-deposits."""
        return f"{self.url}{bank_routes.PREFIX}"

    @property
    def plaid_url(self) -> str:
        """Return the host an application is given for Plaid."""
        return f"{self.url}{plaid_routes.PREFIX}"

    @property
    def plaid_script_url(self) -> str:
        """Return the address of the script that stands in for Plaid's in a page."""
        return f"{self.url}{plaid_routes.UI_PREFIX}/link-initialize.js"

    @property
    def spinwheel_url(self) -> str:
        """Return the host an application is given for Spinwheel; its paths begin with /v1."""
        return f"{self.url}{spinwheel_routes.PREFIX}"

    @property
    def drivewealth_url(self) -> str:
        """Return the base address an application is given for DriveWealth."""
        return f"{self.url}{routes.PREFIX}"


class Addresses(Map):
    """The addresses of every world, which are alike: compiled for the first, taken as they are."""

    def add(self, rulefactory: RuleFactory) -> None:
        for rule in rulefactory.get_rules(self):
            if rule.endpoint not in self._rules_by_endpoint:
                super().add(rule)


class App(Flask):
    """One world's application."""

    _addresses = Addresses()

    @staticmethod
    def url_map_class(**_settings: Any) -> Addresses:  # type: ignore[override]
        """Return the one map; which function answers at an address is each application's own."""
        return App._addresses


def build_app(world: World) -> Flask:
    """Return the WSGI application of one world."""
    app = App(__name__)
    routes.mount(app, world)
    bank_routes.mount(app, world)
    plaid_routes.mount(app, world)
    spinwheel_routes.mount(app, world)
    control.mount(app, world)
    app.wsgi_app = FaultyWires(app.wsgi_app, world.faults)  # type: ignore[method-assign]
    return app


@contextmanager
def running(**settings: Any) -> Iterator[Box]:
    """Run a sandbox in threads of this process; settings are those of ``Config``.

    Any free port is taken unless ``port`` says otherwise.
    """
    config = Config(**{"port": 0, **settings})
    with _serving(config) as (box, _):
        yield box


def run(config: Config) -> None:
    """Run a sandbox alone until SIGTERM, SIGINT or SIGHUP, then save and leave.

    Started in the background by a shell, it inherits a deaf ear for SIGINT, which is not kept; that
    for SIGHUP is `nohup`'s and is.

    :raises ValueError: when the snapshot file cannot be read.
    :raises OSError: when the port is taken.
    """
    leaving = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: leaving.set())
    with _serving(config) as (box, _):
        print(f"sandbox listening on {box.url}", flush=True)
        leaving.wait()


@contextmanager
def _serving(config: Config) -> Iterator[tuple[Box, Server]]:
    world = build_world(config)
    server = Server(config.host, config.port, build_app(world), config.quiet)
    threads = [threading.Thread(target=server.serve_forever, args=(SHUTDOWN_POLL,), daemon=True)]
    threads[0].start()
    housekeeper = Housekeeper(world)
    housekeeper.start()
    relay = Relay(world) if config.relay_url else None
    if relay is not None:
        relay.start()
    courier = Courier(world)
    courier.start()
    try:
        yield Box(f"http://{config.host}:{server.server_port}", world), server
    finally:
        server.stop()
        if relay is not None:
            relay.stop()
        courier.stop()
        housekeeper.stop()
