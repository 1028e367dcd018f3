"""`python -m bench.portfolio`: one child's portfolio over the API, beside a bare view.

The demo's journey is played once and the child given 20 holdings. Ours is the site's own endpoint
with a mobile app's token; the bare view reads the same rows by as many queries, without middleware,
sign-in or serializers, on the same server and database, in alternating rounds.
"""

import json
import statistics
import sys
from typing import Any

import psycopg
import requests

from bench._http import Load, make_request, send
from demo.play import PARENT, Journey
from demo.processes import Broken, Stack, free_port

ROUNDS = 7
EACH = 400  # requests a round
WARM_UP = 60
HOLDINGS = 20
FILL = """
    INSERT INTO brokerage_holding (account_id, instrument_id, quantity, average_price, cost_basis,
                                   price, market_value, unrealized_gain, synced_at)
    SELECT account.id, instrument.id, 1.25, 40, 50, 44, 55, 5, now()
    FROM brokerage_brokeraccount account,
         (SELECT id FROM brokerage_instrument ORDER BY symbol LIMIT %s) instrument
    ON CONFLICT DO NOTHING
"""


class BenchStack(Stack):
    """The demo's processes, and one more server with the bare view."""

    def __init__(self) -> None:
        super().__init__("bench")
        self.bare_port = free_port(8100)
        self.environment |= {"API_RATE": "1000000/min"}


def main() -> int:
    """Return 0 where all was measured."""
    stack = BenchStack()
    try:
        with stack.running():
            journey = Journey(stack)
            journey.play()
            stack.end("worker")
            with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as connection:
                connection.execute(FILL, [HOLDINGS])
            print(measure(stack, journey))
    except Broken as reason:
        print(f"The benchmark stopped: {reason}", file=sys.stderr)
        return 1
    return 0


def measure(stack: BenchStack, journey: Journey) -> str:
    """Print the rounds; return the line of the result."""
    stack.serve("bare", stack.bare_port, "bench._bare_portfolio:application")
    bare_address = f"http://127.0.0.1:{stack.bare_port}/bare/{journey.child_id}"
    stack.wait_for("bare", bare_address)
    address = f"{stack.site}/api/portfolio/{journey.child_id}"
    token = {"Authorization": f"Bearer {sign_in(stack, journey)}"}
    check_same(address, bare_address, token)
    ours, bare = (make_request("GET", address, headers=token), make_request("GET", bare_address))
    for one, request in ((address, ours), (bare_address, bare)):
        send(one, [request] * WARM_UP)
    rounds: list[tuple[Load, Load]] = []
    print(f"{'round':>6} {'ours/s':>8} {'bare/s':>8} {'ratio':>6} {'p95 ms':>7} {'bare p95':>8}")
    for number in range(1, ROUNDS + 1):
        if number % 2:
            mine, theirs = send(address, [ours] * EACH), send(bare_address, [bare] * EACH)
        else:
            theirs, mine = send(bare_address, [bare] * EACH), send(address, [ours] * EACH)
        rounds.append((mine, theirs))
        p95, bare_p95 = mine.percentile(0.95) * 1000, theirs.percentile(0.95) * 1000
        print(
            f"{number:>6} {mine.rate:>8.0f} {theirs.rate:>8.0f} {mine.rate / theirs.rate:>6.2f} "
            f"{p95:>7.1f} {bare_p95:>8.1f}",
            flush=True,
        )
    rate = statistics.median(mine.rate for mine, _bare in rounds)
    bare_rate = statistics.median(theirs.rate for _mine, theirs in rounds)
    ratio = statistics.median(mine.rate / theirs.rate for mine, theirs in rounds)
    return f"portfolio: {rate:.0f} requests/s | bare {bare_rate:.0f} | ratio {ratio:.2f}"


def sign_in(stack: Stack, journey: Journey) -> str:
    """Return the access token of a mobile app."""
    answer = requests.post(
        f"{stack.site}/_allauth/app/v1/auth/login",
        json={"email": PARENT, "password": journey.password},
        timeout=10,
    )
    return str(answer.json()["meta"]["access_token"])


def check_same(address: str, bare_address: str, headers: dict[str, str]) -> None:
    """Make sure that both tell the same holdings.

    :raises Broken: they do not
    """
    told: list[Any] = [
        json.loads(requests.get(one, headers=headers, timeout=10).content)["holdings"]
        for one in (address, bare_address)
    ]
    symbols = [sorted(row["symbol"] for row in rows) for rows in told]
    if symbols[0] != symbols[1] or len(symbols[0]) < HOLDINGS:
        raise Broken(f"The two endpoints do not tell the same: {symbols}")


if __name__ == "__main__":
    sys.exit(main())
