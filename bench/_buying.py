"""What the worker processes of `bench.purchases` do: drive purchases, or make the same calls bare.

Each of the process's threads has its own connections, as in `run_worker`.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stocksprout.settings")

import django

django.setup()

import threading

import requests
from django.conf import settings

from brokerage.drivewealth.client import DriveWealth
from brokerage.drivewealth.schemas import read_order_id
from brokerage.models import Purchase
from brokerage.operations import advance_purchase
from core import clock

THREADS = 4
# Steps of the engine in each leg: write and send the deposit; find it settled, reserve the cash and
# write the order, send it; find it filled and book it.
STEPS = {"pay": 2, "order": 3, "book": 1}
_local = threading.local()
_headers: dict[str, str] = {}
_pool = ThreadPoolExecutor(THREADS)


def drive(pks: Sequence[Any], leg: str) -> None:
    """Take purchases through one leg, as the tasks of the queue do."""

    def one(pk: Any) -> None:
        for _step in range(STEPS[leg]):
            advance_purchase(pk, at=clock.now())

    list(_pool.map(one, pks))


def drive_stragglers(pks: Sequence[Any], status: str) -> int:
    """Take one more step with those not there yet; return how many there were."""
    late = list(Purchase.objects.filter(pk__in=pks).exclude(status=status))
    for purchase in late:
        advance_purchase(purchase.pk, at=clock.now())
    return len(late)


@dataclass
class Bare:
    """One purchase without us: where its calls go, and what the broker called its rows."""

    account_id: str
    account_number: str
    bank_id: str
    symbol: str
    deposit_id: str = ""
    order_id: str = ""


def replay(rows: list[Bare], leg: str) -> list[Bare]:
    """Make the calls of one leg with the same client library, and nothing else."""
    _headers["dw-client-app-key"] = settings.DRIVEWEALTH_APP_KEY
    _headers["Authorization"] = f"Bearer {DriveWealth()._tokens.get()}"
    legs: dict[str, Callable[[Bare], None]] = {"pay": _pay, "order": _order, "book": _book}
    list(_pool.map(legs[leg], rows))
    return rows


def _pay(row: Bare) -> None:
    body = {
        "accountNo": row.account_number,
        "amount": 50,
        "currency": "USD",
        "type": "ACH",
        "bankAccountID": row.bank_id,
        "metadata": {"clientDepositRef": str(uuid4())},
    }
    row.deposit_id = _call("POST", "/funding/deposits", body)["id"]


def _order(row: Bare) -> None:
    _call("GET", f"/funding/deposits/{row.deposit_id}")
    _call("GET", f"/funding/deposits/{row.deposit_id}")
    _call("GET", f"/accounts/{row.account_id}/summary/money")
    body = {
        "accountNo": row.account_number,
        "orderType": "MARKET",
        "side": "BUY",
        "symbol": row.symbol,
        "amountCash": 50,
    }
    row.order_id = read_order_id(_call("POST", "/orders", body))


def _book(row: Bare) -> None:
    _call("GET", f"/orders/{row.order_id}")


def _call(method: str, path: str, body: Any = None) -> Any:
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
        _local.session.trust_env = False
    answer = _local.session.request(
        method,
        f"{settings.DRIVEWEALTH_BASE_URL}/back-office{path}",
        json=body,
        headers=_headers | ({"Idempotency-Key": str(uuid4())} if body else {}),
        timeout=30,
        allow_redirects=False,
    )
    answer.raise_for_status()
    return answer.json()
