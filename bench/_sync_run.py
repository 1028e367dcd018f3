"""One measured pass for `bench.sync`, `ours` or `bare`, in a process where Django is set up."""

import json
import resource
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import local
from typing import Any

import requests
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from brokerage.gateway import get_broker
from brokerage.models import BrokerAccount
from brokerage.operations import sync_accounts
from core import clock

WARM_UP = 40
sent: Counter[str] = Counter()
mine = local()
UPSERT = """
    INSERT INTO bench_holding SELECT * FROM unnest(%s::text[], %s::text[], %s::numeric[])
    ON CONFLICT (account, symbol) DO UPDATE SET quantity = excluded.quantity
"""
CASH = """
    INSERT INTO bench_cash SELECT * FROM unnest(%s::text[], %s::numeric[])
    ON CONFLICT (account) DO UPDATE SET cash = excluded.cash
"""


def main() -> None:
    way, number = sys.argv[1], int(sys.argv[2])
    run = ours if way == "ours" else bare
    run(WARM_UP)
    count_statements()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    run(number)
    seconds = time.perf_counter() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps({"seconds": seconds, "grown": grown / 1024, "statements": sent["statements"]}))


def ours(number: int) -> None:
    """Sync through the operation the sweep calls."""
    accounts = BrokerAccount.objects.order_by("created_at", "pk").values_list("pk", flat=True)
    done = sync_accounts(accounts[:number].iterator(), at=clock.now())
    if done != number:
        raise SystemExit(f"{done} of {number} accounts were read")


def bare(number: int) -> None:
    """Make the same HTTP requests from as many threads, then one bulk upsert for each table."""
    accounts = BrokerAccount.objects.order_by("created_at", "pk")
    ids = list(accounts.values_list("vendor_id", flat=True)[:number])
    get_broker().sign_in()
    token = get_broker()._tokens.get()  # type: ignore[attr-defined]
    headers = {
        "dw-client-app-key": settings.DRIVEWEALTH_APP_KEY,
        "Authorization": f"Bearer {token}",
    }

    def read(pk: str) -> tuple[str, Any, Any]:
        if not hasattr(mine, "session"):
            mine.session = requests.Session()
            mine.session.trust_env = False
            mine.session.headers.update(headers)
        base = f"{settings.DRIVEWEALTH_BASE_URL}/back-office/accounts/{pk}/summary"
        money = mine.session.get(f"{base}/money", timeout=20).json(parse_float=Decimal)
        positions = mine.session.get(f"{base}/positions", timeout=20).json(parse_float=Decimal)
        return pk, money["cash"]["cashBalance"], positions["equityPositions"]

    with ThreadPoolExecutor(settings.SYNC_PARALLEL) as pool:
        found = list(pool.map(read, ids))
    held = [(pk, row["symbol"], row["openQty"]) for pk, _cash, rows in found for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [list(column) for column in zip(*held, strict=True)])
        cursor.execute(CASH, [[pk for pk, *_rest in found], [row[1] for row in found]])


def count_statements() -> None:
    """Count every statement sent to the database from here on, whichever thread sends it."""
    execute = CursorWrapper.execute

    def counted(self: Any, sql: Any, params: Any = None) -> Any:
        sent["statements"] += 1
        return execute(self, sql, params)

    CursorWrapper.execute = counted  # type: ignore[method-assign]
