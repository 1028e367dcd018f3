"""Bodies in every shape in which they come off the wire, taken by the web server of production."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from django.conf import settings as site

from accounts.models import Child
from brokerage.models import BrokerEvent, Deposit
from demo.processes import free_port
from gifting.models import Gift
from tests.api.calling import sign_in_by_app, with_key
from tests.cast import Family
from tests.events.sender import ADDRESS, SECRET, envelope, signature
from tests.machines.workers import environment

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
EVENT = {"userID": "nobody", "previous": {}, "current": {}}


class Wire:
    """A socket to the site: what is sent is what is written here, byte by byte."""

    def __init__(self, family: Family, log: Path) -> None:
        self.port = free_port(0)
        words = ["-m", "granian", "--interface", "wsgi", "--port", str(self.port)]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *words, "stocksprout.wsgi:application"],
                cwd=site.BASE_DIR,
                env=environment(family.stage, DRIVEWEALTH_WEBHOOK_SECRET=SECRET),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while not self.is_up():
            assert time.monotonic() < deadline, log.read_text()

    def end(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def is_up(self) -> bool:
        with suppress(requests.ConnectionError):
            return requests.get(f"http://127.0.0.1:{self.port}/healthy", timeout=10).ok
        time.sleep(0.1)
        return False

    def send(self, path: str, headers: dict[str, str], *parts: bytes) -> tuple[int, str]:
        """Send a POST, its parts a moment apart; return status and body."""
        lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as wire:
            wire.sendall("\r\n".join([*lines, "", ""]).encode())
            for part in parts:
                time.sleep(0.05)
                with suppress(BrokenPipeError):  # it may have been answered already
                    wire.sendall(part)
            answer = b"".join(iter(lambda: wire.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body.decode()

    def break_off(self, path: str, headers: dict[str, str], part: bytes) -> None:
        """Send a part of a POST and hang up."""
        lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as wire:
            wire.sendall("\r\n".join([*lines, "", ""]).encode() + part)
            time.sleep(0.3)
        time.sleep(1)


def chunks(body: bytes, size: int) -> list[bytes]:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return [*(b"%x\r\n%s\r\n" % (len(part), part) for part in parts), b"0\r\n\r\n"]


@pytest.fixture
def wire(live_family: Family, tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(live_family, tmp_path / "site.log")
    yield wire
    wire.end()


def test_bodies_sent_in_chunks_are_read_by_every_door(wire: Wire, live_family: Family) -> None:
    chunked = {"Transfer-Encoding": "chunked"}

    for size in (7, 10_000):
        event = envelope("users.updated", EVENT)
        body, stamp = json.dumps(event).encode(), str(int(time.time()))
        signed = {"X-Relay-Timestamp": stamp, "X-Relay-Signature": signature(body, stamp)}
        assert wire.send(ADDRESS, JSON | signed | chunked, *chunks(body, size)) == (200, "")
        assert BrokerEvent.objects.filter(event_id=event["id"]).exists()

    token = with_key(sign_in_by_app("custodian@family.example")).headers
    body = json.dumps(
        {"childId": str(live_family.child.pk), "amount": "40.00", "authorize": True}
    ).encode()
    status, text = wire.send("/api/deposits", JSON | token | chunked, *chunks(body, 11))
    assert (status, f"{Deposit.objects.get().amount}") == (201, "40.00"), text

    sign_in = json.dumps({"email": "custodian@family.example", "password": "no"}).encode()
    status, text = wire.send("/_allauth/app/v1/auth/login", JSON | chunked, *chunks(sign_in, 9))
    assert "password" in text
    assert "required" not in text


@pytest.mark.slow
def test_bodies_in_chunks_have_bounds_and_are_whole(wire: Wire, live_family: Family) -> None:
    chunked = {"Transfer-Encoding": "chunked"}
    token = with_key(sign_in_by_app("custodian@family.example")).headers
    large = b'{"amount": "' + b"4" * 300_000 + b'"}'

    status, text = wire.send("/api/deposits", JSON | token | chunked, *chunks(large, 65536))
    assert (status, json.loads(text)["code"]) == (413, "too_large")
    assert wire.send(ADDRESS, JSON | chunked, *chunks(large, 65536))[0] == 413
    status, text = wire.send("/account/login/", FORM | chunked, *chunks(b"login=a&password=b", 6))
    assert (status, json.loads(text)["code"]) == (411, "length_required")
    status, _text = wire.send("/healthy", {"Transfer-Encoding": "gzip, chunked"}, b"0\r\n\r\n")
    assert status == 501

    parts = {"Content-Type": "multipart/form-data; boundary=here"}
    form = b'--here\r\nContent-Disposition: form-data; name="login"\r\n\r\na\r\n'
    page = "/account/login/"
    assert wire.send(page, parts | chunked, *chunks(form, 20))[0] == 400
    # Whole, it is read, and then wants the token of a form.
    assert wire.send(page, parts | chunked, *chunks(form + b"--here--\r\n", 20))[0] == 403


@pytest.mark.slow
def test_a_form_whose_connection_broke_does_nothing(wire: Wire, live_family: Family) -> None:
    link = f"/g/{Child.objects.get().gift_code}/"
    page = requests.get(f"http://127.0.0.1:{wire.port}{link}", timeout=30)
    token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    key = page.text.split('name="form_key" value="')[1].split('"')[0]
    share = page.text.split('name="instrument" value="')[1].split('"')[0]
    cookie = {"Cookie": f"csrftoken={page.cookies['csrftoken']}", "Origin": "http://127.0.0.1"}
    body = (
        f"csrfmiddlewaretoken={token}&form_key={key}&instrument={share}&giver_name=Ann"
        "&giver_email=ann%40family.example&message=&amount=1000&confirm=1"
    ).encode()
    announced = FORM | cookie | {"Content-Length": str(len(body))}

    wire.break_off(link, announced, body[:-1])
    assert not Gift.objects.exists()

    status, _text = wire.send(link, announced, body[:30], body[30:])
    assert (status, f"{Gift.objects.get().amount}") == (302, "1000.00")
