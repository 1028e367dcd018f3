"""`python -m bench.sync`: accounts read at the broker a second, beside a bare loop.

The demo's journey is played once; then the practice broker's books and ours are multiplied to
10,000 accounts, each with cash and a position that reconcile. Ours is the operation the sweep
calls; the bare loop makes the same HTTP requests from as many threads and one bulk upsert. Every
pass is a process of its own, so that its memory can be told.
"""

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import psycopg

from demo.play import Journey
from demo.processes import ROOT, Broken, Stack

SIZES = {100: 3, 1_000: 3, 10_000: 1}
MOST = max(SIZES)
CLONE = """
    WITH n AS (SELECT generate_series(1, %(most)s) AS i),
    child AS (
        INSERT INTO accounts_child
        SELECT (jsonb_populate_record(c, jsonb_build_object(
            'id', md5('child' || i)::uuid, 'gift_code', 'bench' || i, 'ssn_index', i::text))).*
        FROM accounts_child c, n),
    account AS (
        INSERT INTO brokerage_brokeraccount
        SELECT (jsonb_populate_record(a, jsonb_build_object(
            'id', md5('account' || i)::uuid, 'child_id', md5('child' || i)::uuid,
            'vendor_id', a.vendor_id || '.' || i, 'number', 'BE' || lpad(i::text, 8, '0'),
            'key', gen_random_uuid()))).*
        FROM brokerage_brokeraccount a, n),
    movement AS (
        INSERT INTO brokerage_movement (id, created_at, account_id, vendor_id, kind, vendor_kind,
            amount, quantity, happened_at, status, comment)
        SELECT gen_random_uuid(), d.created_at, md5('account' || i)::uuid, 'm' || i, 'DEPOSIT',
            'CSR', d.amount, 0, d.created_at, 'BOOKED', ''
        FROM brokerage_deposit d, n)
    INSERT INTO brokerage_order
    SELECT (jsonb_populate_record(o, jsonb_build_object(
        'id', gen_random_uuid(), 'account_id', md5('account' || i)::uuid, 'purchase_id', NULL,
        'placed_by_id', (SELECT parent_id FROM accounts_child), 'key', gen_random_uuid(),
        'vendor_id', o.vendor_id || '.' || i))).*
    FROM brokerage_order o, n
"""
RUN = "import django; django.setup(); from bench._sync_run import main; main()"
SETTINGS = {"LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "stocksprout.settings"}
TABLES = """
    CREATE TABLE bench_holding (account text, symbol text, quantity numeric,
                                PRIMARY KEY (account, symbol));
    CREATE TABLE bench_cash (account text PRIMARY KEY, cash numeric);
"""


@dataclass(frozen=True)
class Pass:
    """What one pass took: seconds, megabytes of memory at its peak, statements."""

    number: int
    seconds: float
    grown: float
    statements: int

    @property
    def rate(self) -> float:
        return self.number / self.seconds


def main() -> int:
    """Return 0 where all was measured."""
    stack = Stack("bench")
    try:
        with stack.running():
            Journey(stack).play()
        multiply(stack)
        stack.start("sandbox", "-m", "sandbox", *stack.sandbox_options())
        stack.wait_for("sandbox", f"{stack.sandbox}/_sandbox/clock")
        measure(stack)
    except Broken as reason:
        print(f"The benchmark stopped: {reason}", file=sys.stderr)
        return 1
    finally:
        stack.stop()
    return 0


def multiply(stack: Stack) -> None:
    """Make MOST accounts of the one, at the broker and here."""
    file = stack.folder / "sandbox.json"
    world = json.loads(file.read_text())
    accounts = world["state"]["tables"]["drivewealth.accounts"]
    positions = world["state"]["tables"]["drivewealth.positions"]
    (account,), (position,) = accounts.values(), positions.values()
    for number in range(1, MOST + 1):
        pk = f"{account['id']}.{number}"
        accounts[pk] = account | {"id": pk, "number": f"BE{number:08}"}
        key = f"{pk} {position['instrument_id']}"
        positions[key] = position | {"account_id": pk}
    file.write_text(json.dumps(world))
    with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(CLONE, {"most": MOST})
        connection.execute(TABLES)
        connection.execute("ANALYZE")


def measure(stack: Stack) -> None:
    """Print the passes and the line of the result."""
    print(
        f"{'accounts':>9} {'ours/s':>8} {'bare/s':>8} {'ratio':>6} {'s per 1,000':>12} "
        f"{'memory MB':>10} {'statements each':>16}"
    )
    line = ""
    for number, rounds in SIZES.items():
        pairs = []
        for turn in range(rounds):
            first, second = ("ours", "bare") if turn % 2 else ("bare", "ours")
            done = {way: run(stack, way, number) for way in (first, second)}
            pairs.append((done["ours"], done["bare"]))
        ours = statistics.median(mine.rate for mine, _bare in pairs)
        bare = statistics.median(theirs.rate for _mine, theirs in pairs)
        ratio = statistics.median(mine.rate / theirs.rate for mine, theirs in pairs)
        last = pairs[-1][0]
        print(
            f"{number:>9,} {ours:>8.0f} {bare:>8.0f} {ratio:>6.2f} {1000 / ours:>12.2f} "
            f"{last.grown:>10.1f} {last.statements / number:>16.2f}",
            flush=True,
        )
        line = f"sync: {ours:.0f} accounts/s | bare {bare:.0f} | ratio {ratio:.2f}"
    check_equal(stack)
    print(line)


def run(stack: Stack, way: str, number: int) -> Pass:
    """Make one pass in a process of its own.

    :raises Broken: it failed
    """
    stack.check_alive()
    done = subprocess.run(  # noqa: S603 (our own command line)
        [sys.executable, "-c", RUN, way, str(number)],
        cwd=ROOT,
        env=stack.environment | SETTINGS,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Broken(f"bench._sync_run {way} {number} failed:\n{done.stdout}{done.stderr}"[-4000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return Pass(number, **found)


def check_equal(stack: Stack) -> None:
    """Make sure that every account was read and found equal.

    :raises Broken: some were not
    """
    with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FILTER (WHERE checked_at = synced_at), "
            "(SELECT count(*) FROM brokerage_reconciliationbreak WHERE healed_at IS NULL) "
            "FROM brokerage_brokeraccount"
        ).fetchone()
    if row is None or row[0] < MOST or row[1]:
        raise Broken(f"Equal accounts and open breaks: {row}")


if __name__ == "__main__":
    sys.exit(main())
