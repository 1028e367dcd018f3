"""`python -m bench.purchases`: purchases a second through the engine, and what their calls cost.

Approved gift → deposit → settled → order → filled → booked, against the practice broker in a
process of its own, driven by worker processes of four threads each. Bare: the same calls by the
same client library, from as many processes and threads, with no database. Days pass by the broker's
clock between the legs; that time is not counted.

It is measured twice. First the broker answers at once, from the same machine: that is the price of
our own work. Then it answers after 50 ms, as one across the internet does: that is what a purchase
costs in production, and the line of the result.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from types import SimpleNamespace
from typing import Any

from demo.processes import Broken, Stack, make_database

ROUNDS = 3
DISTANCES = (0.0, 0.05)  # seconds until the broker answers
FAMILIES = 20
EACH = 8  # purchases of one family in a round
PROCESSES = 2
LEGS = ("pay", "order", "book")


class BenchStack(Stack):
    """A database and the practice broker; nothing else runs."""

    def __init__(self) -> None:
        super().__init__("bench")
        self.environment |= {"LOG_LEVEL": "ERROR", "DRIVEWEALTH_WEBHOOK_SECRET": ""}

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Have both ready, and this process speak to them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for file in ("clock", "sandbox.json"):
            (self.folder / file).unlink(missing_ok=True)
        try:
            self.environment["DATABASE_URL"] = make_database(self.database)
            self.manage("migrate", "--verbosity", "0")
            options = ["--port", self.sandbox_port, "--clock-file", self.folder / "clock"]
            self.start("sandbox", "-m", "sandbox", *map(str, options))
            self.wait_for("sandbox", f"{self.sandbox}/_sandbox/clock")
            os.environ |= self.environment
            yield
        finally:
            self.stop()


def main() -> int:
    """Return 0 where all was measured."""
    stack = BenchStack()
    try:
        with stack.standing():
            print(measure(stack))
    except Broken as reason:
        print(f"The benchmark stopped: {reason}", file=sys.stderr)
        return 1
    return 0


def measure(stack: BenchStack) -> str:
    """Print the rounds; return the line of the result."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stocksprout.settings")
    django.setup()
    from tests.stage import Stage

    stage = Stage(SimpleNamespace(url=stack.sandbox))  # type: ignore[arg-type]
    stage.go_to("next-market-open")
    families = make_families(stage)
    crews = [ProcessPoolExecutor(1, mp_context=get_context("spawn")) for _ in range(PROCESSES)]
    try:
        for distance in DISTANCES:
            stage.control("DELETE", "faults")
            if distance:
                stage.fault(path="*/back-office/*", kind="delay", seconds=distance, times=None)
            line = measure_at(distance, stage, crews, families)
    finally:
        for crew in crews:
            crew.shutdown()
    return line


def measure_at(distance: float, stage: Any, crews: list[Any], families: list[Any]) -> str:
    """Print the rounds at one distance; return the line of the result."""
    rates: list[tuple[float, float]] = []
    print(f"The broker answers after {distance * 1000:.0f} ms.")
    print(f"{'round':>6} {'purchases/s':>12} {'bare/s':>9} {'ratio':>6}   seconds by leg (bare)")
    for number in range(ROUNDS + 1):  # the first warms up
        acts = [lambda: buy(stage, crews, families), lambda: ask(stage, crews, families)]
        first = number % 2
        seconds: list[dict[str, float]] = [{}, {}]
        for place in (first, 1 - first):
            seconds[place] = acts[place]()
        count = FAMILIES * EACH
        ours, bare = (count / sum(one.values()) for one in seconds)
        legs = ", ".join(f"{leg} {seconds[0][leg]:.2f} ({seconds[1][leg]:.2f})" for leg in LEGS)
        print(
            f"{number or 'warm':>6} {ours:>12.1f} {bare:>9.1f} {ours / bare:>6.2f}   {legs}",
            flush=True,
        )
        if number:
            rates.append((ours, bare))
    ours, bare = (statistics.median(one) for one in zip(*rates, strict=True))
    ratio = statistics.median(ours / bare for ours, bare in rates)
    return f"purchases: {ours:.0f} purchases/s | bare {bare:.0f} | ratio {ratio:.2f}"


def make_families(stage: Any) -> list[Any]:
    """Open accounts for families, each with a bank."""
    from django.test import Client

    from tests import cast

    print(f"Opening {FAMILIES} accounts …", flush=True)
    people = []
    for number in range(FAMILIES):
        parent = cast.make_parent(f"parent{number}@family.example")
        cast.make_known(parent, ssn=f"123{number:06d}")
        people.append((parent, cast.make_child(parent, ssn=f"234{number:06d}")))
    stage.work(rounds=2)
    banks = [
        cast.make_bank(parent, number=f"00012345{n:04d}") for n, (parent, _c) in enumerate(people)
    ]
    stage.work()
    for bank in banks:
        bank.refresh_from_db()
    pairs = zip(people, banks, strict=True)
    families = [cast.Family(stage, p, child, bank, Client()) for (p, child), bank in pairs]
    if any(family.account.status != "OPEN" or not family.bank.vendor_id for family in families):
        raise Broken("Some accounts did not open.")
    return families


def timed(stage: Any, crews: list[Any], act: Callable[[list[Any], str], None]) -> dict[str, float]:
    """Do the legs, days passing in between; return the seconds of each."""
    seconds = {}
    for leg in LEGS:
        started = time.perf_counter()
        act(crews, leg)
        seconds[leg] = time.perf_counter() - started
        if leg == "pay":
            stage.settle_ach()
        elif leg == "order":
            stage.advance(5)
    return seconds


def buy(stage: Any, crews: list[Any], families: list[Any]) -> dict[str, float]:
    """Take gifts, approve them, and have the engine buy; the buying is timed."""
    from django_q.models import OrmQ

    from bench._buying import drive, drive_stragglers
    from brokerage.models import Purchase

    pks = [family.approve(family.give()).pk for _n in range(EACH) for family in families]
    ends = {"pay": "FUNDING", "order": "ORDERING", "book": "EXECUTED"}

    def act(crews: list[Any], leg: str) -> None:
        parts = [pks[place :: len(crews)] for place in range(len(crews))]
        done = [crew.submit(drive, part, leg) for crew, part in zip(crews, parts, strict=True)]
        for one in done:
            one.result()
        for _try in range(10):
            if not drive_stragglers(pks, ends[leg]):
                return
        raise Broken(f"Purchases got stuck on the way to {ends[leg]}.")

    seconds = timed(stage, crews, act)
    if Purchase.objects.filter(pk__in=pks, status="EXECUTED").count() != len(pks):
        raise Broken("Not every purchase ended in shares.")
    OrmQ.objects.all().delete()
    return seconds


def ask(stage: Any, crews: list[Any], families: list[Any]) -> dict[str, float]:
    """Make the calls of as many purchases, and nothing else."""
    from bench._buying import Bare, replay

    rows = []
    for _number in range(EACH):
        for family in families:
            account = family.account
            rows.append(Bare(account.vendor_id, account.number, family.bank.vendor_id, "DIS"))
    parts = [rows[place::PROCESSES] for place in range(PROCESSES)]

    def act(crews: list[Any], leg: str) -> None:
        done = [crew.submit(replay, part, leg) for crew, part in zip(crews, parts, strict=True)]
        parts[:] = [one.result() for one in done]

    return timed(stage, crews, act)


if __name__ == "__main__":
    sys.exit(main())
