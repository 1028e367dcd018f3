"""DriveWealth's words → ours, and ours → its. Tolerant where its own pages disagree."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from brokerage.gateway import (
    AccountState,
    Cash,
    DepositState,
    OrderState,
    Position,
    Quote,
    Security,
)
from core.clock import NEW_YORK
from core.vendors import Unavailable

CENT = Decimal("0.01")
LONGEST_NAME = 120  # of a security, in our table
LONGEST_REASON = 100  # of an account's status, in our table

ACCOUNT_STATUS = {
    "PENDING": "PENDING",
    "OPEN": "OPEN",
    "OPEN_NO_NEW_TRADES": "NO_NEW_TRADES",
    "FROZEN": "FROZEN",
    "CLOSED": "CLOSED",
}
DEPOSIT_STATUS = {
    "STARTED": "PENDING",
    "PENDING": "PENDING",
    "APPROVED": "PENDING",
    "PROCESSING": "PENDING",
    "ON_HOLD": "ON_HOLD",
    "SUCCESSFUL": "SETTLED",
    "FAILED": "FAILED",
    "REJECTED": "FAILED",
    "RETURNED": "RETURNED",
}
DEPOSIT_NUMBERS = {
    0: "STARTED", 1: "PENDING", 2: "SUCCESSFUL", 3: "FAILED", 5: "RETURNED",
    14: "APPROVED", 15: "REJECTED", 16: "ON_HOLD", 17: "PROCESSING",
}  # fmt: skip
RETURN_CODE = re.compile(r"\bR\d{2}\b")  # Nacha's
PULLED = {"ACH", "INSTANT_FUNDING", "ACH_MANUAL"}  # wires and ACH credits are pushed, not asked for
ORDER_STATUS = {
    "NEW": "NEW",
    "PENDING_CANCEL": "NEW",
    "PARTIAL_FILL": "PARTIAL_FILL",
    "FILLED": "FILLED",
    "CANCELED": "CANCELED",
    "CANCELLED": "CANCELED",
    "REJECTED": "REJECTED",
}
SIDES = {"BUY": "BUY", "B": "BUY", "SELL": "SELL", "S": "SELL"}
INSTRUMENT_STATUS = {"ACTIVE", "CLOSE_ONLY", "HALTED", "INACTIVE"}


def name_of(value: Any) -> str:
    """Return a status's name, whether it came as text, as `{"name"}` or as `{"message"}`."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("message") or ""
    return str(value).strip().upper().replace(" ", "_")


def known(table: dict[str, str], vendor_status: str, what: str) -> str:
    """Translate a status; one we never heard of is no answer to act on.

    :raises Unavailable: unknown status
    """
    if vendor_status not in table:
        raise Unavailable(f"DriveWealth sent an unknown {what} status {vendor_status[:40]!r}")
    return table[vendor_status]


def read_id(body: dict[str, Any], *names: str) -> str:
    """Return an identifier, by whichever of the names it came.

    :raises KeyError: none came
    """
    for name in names or ("id",):
        if body.get(name):
            return str(body[name])
    raise KeyError(*names)


# --- accounts ------------------------------------------------------------------------------------


def read_account(body: dict[str, Any]) -> AccountState:
    """Read an account, flat (POST) or wrapped (GET)."""
    account = body.get("account", body)
    vendor_status = name_of(account["status"])
    return AccountState(
        id=account["id"],
        number=account["accountNo"],
        status=known(ACCOUNT_STATUS, vendor_status, "account"),
        vendor_status=vendor_status,
        reason=name_of(account.get("statusChangeReason") or "")[:LONGEST_REASON],
    )


def read_cash(body: dict[str, Any]) -> Cash:
    """Read GET /accounts/{id}/summary/money."""
    cash = body["cash"]
    return Cash(
        balance=cents(cash["cashBalance"]),
        for_trade=cents(cash["cashAvailableForTrade"]),
        unsettled=tuple(sorted(_read_settlement(row) for row in cash.get("cashSettlement") or [])),
    )


def _read_settlement(row: dict[str, Any]) -> tuple[date, Decimal]:
    """Read one row of `cashSettlement`: proceeds of sales and the moment they settle."""
    at = datetime.fromisoformat(row["utcTime"])
    return at.astimezone(NEW_YORK).date(), cents(row["cash"])


def read_positions(body: dict[str, Any]) -> list[Position]:
    """Read GET /accounts/{id}/summary/positions; stocks only, as custodial accounts hold."""
    return [
        Position(
            symbol=row["symbol"],
            instrument_id=row["instrumentID"],
            quantity=number(row["openQty"]),
            average_price=number(row["avgPrice"]),
            cost_basis=cents(row["costBasis"]),
            price=number(row["mktPrice"]),
            market_value=cents(row["marketValue"]),
            unrealized_gain=cents(row["unrealizedPL"]),
        )
        for row in body["equityPositions"]
    ]


# --- money and orders ------------------------------------------------------------------------


def read_deposit(body: dict[str, Any]) -> DepositState:
    """Read a deposit; its status is text, a number or an object, by endpoint."""
    raw = body["status"]
    vendor_status = DEPOSIT_NUMBERS.get(raw, str(raw)) if isinstance(raw, int) else name_of(raw)
    comment = raw.get("comment", "") if isinstance(raw, dict) else ""
    status = known(DEPOSIT_STATUS, vendor_status, "deposit")
    return DepositState(
        id=body.get("id") or body["paymentID"],
        status=status,
        vendor_status=vendor_status,
        amount=cents(body["amount"]),
        reference=(body.get("metadata") or {}).get("clientDepositRef", ""),
        failure=str(body.get("failureReason") or comment or ""),
        return_code=_return_code(body, comment) if status in {"FAILED", "RETURNED"} else "",
        pulled=name_of(body.get("type") or "ACH") in PULLED,
    )


def _return_code(body: dict[str, Any], comment: Any) -> str:
    """Return the bank's code, in whichever field it stands; its pages name none for it."""
    history = body.get("statusHistory") or [{}]
    told = (body.get("failureReason"), comment, body.get("statusComment"), history[-1])
    found = (RETURN_CODE.search(str(text or "")) for text in told)
    return next((match.group() for match in found if match), "")


def read_placed_order(body: dict[str, Any]) -> OrderState:
    """Read the answer of POST /orders: identifiers only, no status yet."""
    return OrderState(read_order_id(body), str(body.get("orderNo") or ""), "NEW", "NEW")


def read_order_id(body: dict[str, Any]) -> str:
    """Return an order's identifier; its name differs by endpoint."""
    return read_id(body, "orderId", "orderID", "id")


def read_order(body: dict[str, Any]) -> OrderState:
    """Read GET /orders/{id}."""
    vendor_status = name_of(body["status"])
    message = body.get("statusMessage") or {}
    executed = body.get("lastExecuted")
    price = body.get("averagePriceRaw") or body.get("averagePrice")
    return OrderState(
        id=body["id"],
        number=body.get("orderNo", ""),
        status=known(ORDER_STATUS, vendor_status, "order"),
        vendor_status=vendor_status,
        quantity=number(body.get("cumulativeQuantity") or 0),
        average_price=number(price) if price else None,
        cost=_read_cost(body),
        executed_at=datetime.fromisoformat(executed) if executed else None,
        failure=str(message.get("message") or "") if isinstance(message, dict) else str(message),
        symbol=str(body.get("symbol") or ""),
        side=SIDES.get(name_of(body.get("side") or ""), ""),
        kind=name_of(body.get("type") or ""),
        asked_quantity=told(body, "quantity"),
        asked_amount=told(body, "amountCash"),
        price=told(body, "price"),
        reference=str(body.get("clientOrderID") or ""),
        created_at=moment(body, "created"),
        expires_at=moment(body, "orderExpires", "OrderExpires"),
        canceling=vendor_status == "PENDING_CANCEL",
    )


def _read_cost(body: dict[str, Any]) -> Decimal:
    """Return the dollars of what filled, fees included.

    DriveWealth does not say whether the total of a sale is before or after its fees: what is
    received is never more than shares times price less the fees.
    """
    quantity = number(body.get("cumulativeQuantity") or 0)
    if not quantity:
        return Decimal(0)
    total = cents(body.get("totalOrderAmount") or 0)
    fees, price = told(body, "fees"), told(body, "averagePriceRaw", "averagePrice")
    if SIDES.get(name_of(body.get("side") or "")) == "SELL" and fees and price:
        return min(total, cents(quantity * price - fees))
    return total


def read_security(row: dict[str, Any]) -> Security:
    """Read one row of GET /instruments; only the deprecated `type` tells an ETF from a stock."""
    kinds = {"EQUITY": "STOCK", "ETF": "ETF", "ETN": "ETF"}
    kind = kinds.get(name_of(row.get("type") or "EQUITY"), "OTHER")
    if name_of(row.get("instrumentType") or "EQUITY") != "EQUITY":
        kind = "OTHER"
    status = name_of(row["status"])
    return Security(
        id=row["id"],
        symbol=row["symbol"],
        name=row["name"][:LONGEST_NAME],
        kind=kind,
        status=status if status in INSTRUMENT_STATUS else "INACTIVE",
    )


def read_quote(row: dict[str, Any]) -> Quote:
    """Read one row of GET /quotes."""
    return Quote(
        symbol=row["symbol"],
        price=number(row["lastTrade"]),
        bid=told(row, "bid"),
        ask=told(row, "ask"),
        previous_close=told(row, "priorClose"),
        halted=row.get("marketCondition") == "TRADING_HALT",
    )


def told(body: dict[str, Any], *names: str) -> Decimal | None:
    """Return a number we can do without; None where it is not told, zero, or not a number."""
    value = next((body[name] for name in names if body.get(name)), None)
    try:
        return (number(value) or None) if value is not None else None
    except (ValueError, ArithmeticError):
        return None


def moment(body: dict[str, Any], *names: str) -> datetime | None:
    """Return a moment we can do without; one without a zone is in UTC."""
    value = next((body[name] for name in names if body.get(name)), None)
    try:
        at = datetime.fromisoformat(value) if value is not None else None
    except (ValueError, TypeError):
        return None
    return at.replace(tzinfo=UTC) if at and not at.tzinfo else at


def number(value: Any) -> Decimal:
    """Read a number, exactly.

    :raises ValueError: not a finite one
    """
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        raise ValueError("not a finite number")
    return exact


def cents(value: Any) -> Decimal:
    """Read an amount of dollars, to the cent."""
    return number(value).quantize(CENT)
