"""`python -m bench.events`: signed events accepted per second, and how soon they are processed.

Accepting: the site's own server (granian as in the demo) against a bare Django view with one insert
on the same server and database, in alternating rounds. Processing: the journey of the demo is
played, then 2,000 events a minute about its rows are sent while a worker runs.
"""

import hashlib
import hmac
import json
import statistics
import sys
import time
from typing import Any
from uuid import uuid4

import psycopg

from bench._http import Load, make_post, send
from demo.play import Journey
from demo.processes import Broken, Stack, free_port

ROUNDS = 9
EACH = 2000  # requests a round
WARM_UP = 300
A_MINUTE = 2000
SECONDS = 30


class BenchStack(Stack):
    """The demo's processes, and one more server with the bare view."""

    def __init__(self) -> None:
        super().__init__("bench")
        self.bare_port = free_port(8100)
        self.environment |= {
            "DRIVEWEALTH_WEBHOOK_RATE": "1000000",
            "LOG_LEVEL": "WARNING",
            "SWEEP_SECONDS": "5",
        }

    @property
    def secret(self) -> str:
        return self.environment["DRIVEWEALTH_WEBHOOK_SECRET"]

    @property
    def events_address(self) -> str:
        return f"{self.site}/api/webhooks/drivewealth"

    @property
    def bare_address(self) -> str:
        return f"http://127.0.0.1:{self.bare_port}/bare"

    def connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.environment["DATABASE_URL"], autocommit=True)


def main() -> int:
    """Return 0 where all was measured."""
    stack = BenchStack()
    try:
        with stack.running(worker=False):
            ratio_line = measure_accepting(stack)
            measure_processing(stack)
            print(ratio_line)
    except Broken as reason:
        print(f"The benchmark stopped: {reason}", file=sys.stderr)
        return 1
    return 0


# --- accepting ------------------------------------------------------------------------------------


def measure_accepting(stack: BenchStack) -> str:
    """Print the rounds; return the line of the result."""
    with stack.connect() as connection:
        connection.execute("CREATE TABLE bench_bare (id bigserial PRIMARY KEY, body text NOT NULL)")
    stack.serve("bare", stack.bare_port, "bench._bare:application")
    wait_for_bare(stack)
    rounds = [(send_ours(stack, WARM_UP), send_bare(stack, WARM_UP))]
    print(f"{'round':>6} {'events/s':>9} {'bare/s':>9} {'ratio':>6} {'p95 ms':>7} {'bare p95':>8}")
    for number in range(1, ROUNDS + 1):
        if number % 2:
            ours, bare = send_ours(stack, EACH), send_bare(stack, EACH)
        else:
            bare, ours = send_bare(stack, EACH), send_ours(stack, EACH)
        rounds.append((ours, bare))
        p95, bare_p95 = ours.percentile(0.95) * 1000, bare.percentile(0.95) * 1000
        ratio = ours.rate / bare.rate
        print(
            f"{number:>6} {ours.rate:>9.0f} {bare.rate:>9.0f} {ratio:>6.2f} "
            f"{p95:>7.1f} {bare_p95:>8.1f}",
            flush=True,
        )
    ours_rate = statistics.median(ours.rate for ours, _bare in rounds[1:])
    bare_rate = statistics.median(bare.rate for _ours, bare in rounds[1:])
    ratio = statistics.median(ours.rate / bare.rate for ours, bare in rounds[1:])
    check_stored(stack)
    return f"events: {ours_rate:.0f} events/s | bare {bare_rate:.0f} | ratio {ratio:.2f}"


def send_ours(stack: BenchStack, count: int) -> Load:
    """Send events, each with an id and a signature of its own."""
    posts = [signed_post(stack, event("auth.tokens.created", filler())) for _number in range(count)]
    return send(stack.events_address, posts)


def send_bare(stack: BenchStack, count: int) -> Load:
    """Send the same bodies to the bare view."""
    bodies = [event("auth.tokens.created", filler()) for _number in range(count)]
    posts = [make_post(stack.bare_address, body, HEADERS) for body in bodies]
    return send(stack.bare_address, posts)


def check_stored(stack: BenchStack) -> None:
    """Make sure that every event that was answered is there.

    :raises Broken: some are not
    """
    with stack.connect() as connection:
        query = "SELECT count(*) FROM brokerage_brokerevent WHERE type = 'auth.tokens.created'"
        row = connection.execute(query).fetchone()
        if row is None or row[0] != WARM_UP + ROUNDS * EACH:
            raise Broken(f"{row} events are stored.")
        connection.execute("DELETE FROM brokerage_brokerevent WHERE type = 'auth.tokens.created'")


HEADERS = {"Content-Type": "application/json"}


def filler() -> dict[str, Any]:
    """Return a payload of an order's size."""
    return {f"field{number}": f"value {number}" for number in range(25)}


def event(type_: str, payload: dict[str, Any]) -> bytes:
    """Return an event's bytes as they lie in DriveWealth's queue."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    envelope = {"id": f"event_{uuid4()}", "type": type_, "timestamp": f"{moment}.239726118Z"}
    return json.dumps(envelope | {"payload": payload}).encode()


def signed_post(stack: BenchStack, body: bytes) -> bytes:
    """Return a request signed as the relay signs."""
    stamp = str(int(time.time()))
    digest = hmac.digest(stack.secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    signature = {"X-Relay-Timestamp": stamp, "X-Relay-Signature": f"v1={digest.hex()}"}
    return make_post(stack.events_address, body, HEADERS | signature)


def wait_for_bare(stack: BenchStack) -> None:
    """Wait until the bare server takes a request."""
    for _try in range(300):
        stack.check_alive()
        try:
            send_bare(stack, 1)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Broken("The bare server does not answer.")


# --- processing -----------------------------------------------------------------------------------


def measure_processing(stack: BenchStack) -> None:
    """Play the journey, then send a flood about its rows and print how soon each was processed."""
    stack.start_worker()
    journey = Journey(stack)
    journey.play()
    broker = journey.broker()
    kinds = [
        ("orders.updated", {"id": broker["orders"][0]["id"]}),
        ("deposits.updated", {"id": broker["deposits"][0]["id"]}),
        ("transactions.created", {"accountID": broker["accounts"][0]["id"]}),
        ("accounts.updated", {"accountID": broker["accounts"][0]["id"]}),
        ("kyc.updated", {"userID": broker["users"][0]["id"]}),
    ]
    with stack.connect() as connection:
        connection.execute("DELETE FROM brokerage_brokerevent")
        flood(stack, kinds)
        waits = wait_until_done(connection)
    median, p95 = statistics.median(waits), sorted(waits)[int(len(waits) * 0.95)]
    print(
        f"\nprocessed under {A_MINUTE:,} events/min, {len(waits)} events: "
        f"median {median:.2f} s, p95 {p95:.2f} s, longest {max(waits):.2f} s"
    )


def flood(stack: BenchStack, kinds: list[tuple[str, dict[str, Any]]]) -> None:
    """Send the kinds in turn, evenly, at the rate of the flood."""
    started = time.monotonic()
    for number in range(A_MINUTE * SECONDS // 60):
        due = started + number * 60 / A_MINUTE
        time.sleep(max(due - time.monotonic(), 0))
        body = event(*kinds[number % len(kinds)])
        send(stack.events_address, [signed_post(stack, body)], connections=1)


def wait_until_done(connection: "psycopg.Connection[Any]") -> list[float]:
    """Return each event's seconds from acceptance to its end.

    :raises Broken: some came to no end, or to a bad one
    """
    for _try in range(300):
        query = (
            "SELECT status, extract(epoch FROM handled_at - received_at)::float "
            "FROM brokerage_brokerevent"
        )
        rows = connection.execute(query).fetchall()
        if all(status == "DONE" for status, _seconds in rows):
            return [seconds for _status, seconds in rows]
        time.sleep(0.2)
    raise Broken(f"Events are left: { {status for status, _seconds in rows} }")


if __name__ == "__main__":
    sys.exit(main())
