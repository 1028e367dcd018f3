"""An ACH originator with a JSON API: one address takes orders, one tells how an order stands.

What we expect of it is written in docs/banks.md.
"""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings

from brokerage.gateway import Rejected
from brokerage.microdeposits import Order, Sent
from core.vendors import Answer, Door, Unavailable

PATH = "/micro-deposits"
STATUSES = {"PENDING", "POSTED", "RETURNED"}
REFUSALS = {400, 422}  # of the order itself; any other 4xx is about us, and is waited out
CONFLICT = 409  # it has taken an order under this key, or says so
ENTRY_DESCRIPTION = "ACCTVERIFY"  # Nacha: in every micro-entry since 16 September 2022


class Originator:
    """Each method is one HTTP request."""

    def __init__(self) -> None:
        self._door = Door(
            "micro-deposits", settings.MICRO_DEPOSITS_URL, request_id_header="X-Request-Id"
        )

    def send(self, order: Order, *, key: UUID) -> Sent:
        """Have two amounts sent; the key doubles as our reference."""
        body = {
            "routingNumber": order.routing_number,
            "accountNumber": order.account_number,
            "accountType": order.kind,
            "amounts": [f"{amount:.2f}" for amount in order.amounts],
            "entryDescription": ENTRY_DESCRIPTION,
            "reference": str(key),
        }
        return _read(self._call("POST", PATH, body=body, label=PATH, key=key))

    def get(self, order_id: str) -> Sent:
        """Ask how an order stands."""
        path = f"{PATH}/{quote(order_id, safe='')}"
        return _read(self._call("GET", path, label=f"{PATH}/:id"))

    def find(self, *, key: UUID) -> Sent | None:
        """Look for an order by our reference, for when its answer was lost."""
        answer = self._call("GET", PATH, params={"reference": str(key)}, label=PATH)
        orders = answer.body.get("orders") if isinstance(answer.body, dict) else None
        if not isinstance(orders, list):
            raise Unavailable("micro-deposits answered in another shape than agreed (no list)")
        return _read(replace(answer, body=orders[0])) if orders else None

    def _call(
        self,
        method: str,
        path: str,
        *,
        label: str,
        body: Any = None,
        params: dict[str, str] | None = None,
        key: UUID | None = None,
    ) -> Answer:
        if not settings.MICRO_DEPOSITS_URL:
            raise Unavailable("no sender of micro-deposits is configured", sent=False)
        headers = {"Authorization": f"Bearer {settings.MICRO_DEPOSITS_KEY}"}
        if key is not None:
            headers["Idempotency-Key"] = str(key)
        answer = self._door.send(
            method, path, headers=headers, body=body, params=params, label=label
        )
        if answer.status < 400:
            return answer
        code = str(answer.body.get("code", "")) if isinstance(answer.body, dict) else ""
        if answer.status in REFUSALS and code:
            raise Rejected("The numbers were not accepted.", code=code[:20])
        if answer.status == CONFLICT:
            raise Rejected("It was sent already.", code=code[:20] or "conflict", duplicate=True)
        raise Unavailable(f"micro-deposits answered {answer.status}", status=answer.status)


def _read(answer: Answer) -> Sent:
    """Read an order; one of another shape than agreed is no answer to act on.

    :raises Unavailable: another shape
    """
    try:
        return _read_order(answer.body)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unavailable(
            f"micro-deposits answered in another shape than agreed ({type(error).__name__})"
        ) from error


def _read_order(body: dict[str, Any]) -> Sent:
    if body["status"] not in STATUSES:
        raise ValueError("no known status")
    if not (isinstance(body["id"], str) and 0 < len(body["id"]) <= 100):
        raise ValueError("no usable id")
    return Sent(
        id=body["id"],
        status=body["status"],
        expected_on=date.fromisoformat(body["expectedOn"]) if body.get("expectedOn") else None,
        return_code=str(body.get("returnCode") or "")[:4],
    )
