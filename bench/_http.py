"""A load generator that costs little: requests made beforehand, over kept connections."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Load:
    """What a round took. `seconds` of wall clock; `waits` are the single requests' seconds."""

    seconds: float
    waits: list[float]

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the seconds within which that share of the requests was answered."""
        return sorted(self.waits)[min(int(len(self.waits) * share), len(self.waits) - 1)]


def make_post(address: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return a whole POST as it goes over the wire."""
    return make_request("POST", address, body, headers)


def make_request(
    method: str, address: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> bytes:
    """Return a whole request as it goes over the wire."""
    parts = urlsplit(address)
    lines = [f"{method} {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"Content-Length: {len(body)}"] if body or method == "POST" else []
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send(address: str, requests: list[bytes], *, connections: int = 8) -> Load:
    """Send all requests, split over some connections, each waiting for its answer.

    :raises RuntimeError: an answer was no success
    """
    parts = [requests[start::connections] for start in range(connections)]
    started = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        waits = [
            wait for part in pool.map(lambda p: _send_part(address, p), parts) for wait in part
        ]
    return Load(time.perf_counter() - started, waits)


def _send_part(address: str, requests: list[bytes]) -> list[float]:
    parts = urlsplit(address)
    waits = []
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            began = time.perf_counter()
            wire.sendall(request)
            _read_answer(wire)
            waits.append(time.perf_counter() - began)
    return waits


def _read_answer(wire: socket.socket) -> None:
    """Read one answer with an announced length."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _receive(wire)
    head, _blank, body = answer.partition(b"\r\n\r\n")
    if not head.partition(b" ")[2].startswith(b"2"):
        raise RuntimeError(answer.decode(errors="replace"))
    lines = head.lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += _receive(wire)


def _receive(wire: socket.socket) -> bytes:
    piece = wire.recv(65536)
    if not piece:
        raise RuntimeError("The server closed the connection.")
    return piece
