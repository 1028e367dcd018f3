"""DriveWealth's words → ours, and ours → its. Tolerant where its own pages disagree."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from brokerage.drivewealth.wire import Odd
from brokerage.gateway import (
    Cash,
    DepositState,
    OrderState,
    Position,
    Quote,
    Security,
)
from core.clock import NEW_YORK
from core.vendors import Unfamiliar, tell_unknown

CENT = Decimal("0.01")
LONGEST_NAME = 120  # of a security, in our table
LONGEST_SYMBOL = 20  # likewise; an option's has 21 (OCC)

DEPOSIT_STATUS = {
    "STARTED": "PENDING",
    "PENDING": "PENDING",
    "APPROVED": "PENDING",
    "PROCESSING": "PENDING",
    "ON_HOLD": "ON_HOLD",
    "OTHER": "ON_HOLD",  # "in a suspended state"
    "SUCCESSFUL": "SETTLED",
    "FAILED": "FAILED",
    "REJECTED": "FAILED",
    "RETURNED": "RETURNED",
}
# -1 is "-", an error whose outcome nobody tells: no status to act on.
DEPOSIT_NUMBERS = {
    0: "STARTED", 1: "PENDING", 2: "SUCCESSFUL", 3: "FAILED", 4: "OTHER", 5: "RETURNED",
    14: "APPROVED", 15: "REJECTED", 16: "ON_HOLD", 17: "PROCESSING",
}  # fmt: skip
UUID_TEXT = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MILLISECONDS = re.compile(r"-(1[0-9]{12})-")
RETURN_CODE = re.compile(r"\bR\d{2}\b")  # Nacha's
NOTICE_CODE = re.compile(r"\bC\d{2}\b")  # Nacha's notices of change
PULLED = {"ACH", "INSTANT_FUNDING", "ACH_MANUAL"}  # wires and ACH credits are pushed, not asked for
ORDER_STATUS = {
    "NEW": "NEW",
    "PENDING": "NEW",
    "PENDING_NEW": "NEW",
    "SUSPENDED": "NEW",
    "PENDING_CANCEL": "NEW",
    "PARTIAL_FILL": "PARTIAL_FILL",
    "FILLED": "FILLED",
    "FILL": "FILLED",
    "CANCELED": "CANCELED",
    "CANCELLED": "CANCELED",
    "EXPIRED": "CANCELED",
    "REJECTED": "REJECTED",
}
# Enumerations page; of 3 and 7 no meaning is told, of B (CALCULATED) no more than the name. Those
# are words to wait at.
ORDER_NUMBERS = {
    "0": "NEW", "1": "PARTIAL_FILL", "2": "FILLED", "4": "CANCELED", "6": "PENDING_CANCEL",
    "8": "REJECTED", "9": "SUSPENDED", "A": "PENDING_NEW", "B": "CALCULATED", "C": "EXPIRED",
}  # fmt: skip
SIDES = {"BUY": "BUY", "B": "BUY", "SELL": "SELL", "S": "SELL"}
INSTRUMENT_STATUS = {"ACTIVE", "CLOSE_ONLY", "HALTED", "INACTIVE"}


def name_of(value: Any) -> str:
    """Return a status's name, whether it came as text, as `{"name"}` or as `{"message"}`."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("message") or ""
    return str(value).strip().upper().replace(" ", "_")


def known(table: dict[str, str], vendor_status: str, what: str) -> str:
    """Translate a status; one we never heard of is no answer to act on.

    :raises Unfamiliar: unknown status
    """
    if vendor_status not in table:
        tell_word(what, vendor_status)
        raise Unfamiliar(f"DriveWealth sent an unknown {what} status {vendor_status[:40]!r}")
    return table[vendor_status]


def tell_word(what: str, word: str) -> None:
    """Have an operator look up a word of a vocabulary that we do not know."""
    tell_unknown("drivewealth", re.sub(r"[^A-Z0-9_.-]", "", word.upper())[:40], vocabulary=what)


def order_status(raw: Any, quantity: Decimal) -> tuple[str, str]:
    """Return our status and DriveWealth's; one that is alive and has filled is partly filled.

    :raises Unfamiliar: unknown status
    """
    word = name_of(raw)
    word = ORDER_NUMBERS.get(word, word)
    ours = known(ORDER_STATUS, word, "order")
    return ("PARTIAL_FILL" if ours == "NEW" and quantity else ours), word


def deposit_word(raw: Any) -> str:
    """Return a deposit's status as a word; it comes as text, a number or an object."""
    word = name_of(raw)
    return DEPOSIT_NUMBERS.get(int(word), word) if word.isdecimal() else word


def read_id(body: dict[str, Any], *names: str) -> str:
    """Return an identifier, by whichever of the names it came.

    :raises KeyError: none came
    """
    for name in names or ("id",):
        if body.get(name):
            return str(body[name])
    raise KeyError(*names)


# --- accounts ------------------------------------------------------------------------------------


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


def read_position(row: dict[str, Any]) -> Position:
    """Read one of `equityPositions` of GET /accounts/{id}/summary/positions."""
    return Position(
        symbol=text(row, "symbol"),
        instrument_id=text(row, "instrumentID"),
        quantity=not_below_zero(row, "openQty"),
        average_price=number(row["avgPrice"]),
        cost_basis=cents(row["costBasis"]),
        price=number(row["mktPrice"]),
        market_value=cents(row["marketValue"]),
        unrealized_gain=cents(row["unrealizedPL"]),
    )


# --- money and orders ------------------------------------------------------------------------


def read_made_deposit(body: dict[str, Any]) -> DepositState:
    """Read the answer of POST …/deposits: with a deposit's id, any status is one to ask about."""
    return read_deposit(body, {deposit_word(body["status"]): "PENDING"} | DEPOSIT_STATUS)


def read_deposit(body: dict[str, Any], table: dict[str, str] = DEPOSIT_STATUS) -> DepositState:
    """Read a deposit; its status is text, a number or an object, by endpoint."""
    raw = body["status"]
    vendor_status = deposit_word(raw)
    comment = raw.get("comment", "") if isinstance(raw, dict) else ""
    status = known(table, vendor_status, "deposit")
    return DepositState(
        id=read_id(body, "id", "paymentID"),
        status=status,
        vendor_status=vendor_status,
        amount=cents(body["amount"]),
        reference=_our_reference(body),
        failure=str(body.get("failureReason") or comment or ""),
        return_code=_code(RETURN_CODE, body, comment) if status in {"FAILED", "RETURNED"} else "",
        notice=_code(NOTICE_CODE, body, comment) if status == "SETTLED" else "",
        pulled=name_of(body.get("type") or "ACH") in PULLED,
        created_at=moment(body, "created") or _made_at(str(body.get("id") or "")),
        bank_last4=_last_four(body),
    )


def _our_reference(body: dict[str, Any]) -> str:
    """Return the reference we sent: reads and lists repeat the note, events the metadata."""
    metadata = body.get("metadata")
    told = metadata.get("clientDepositRef") if isinstance(metadata, dict) else None
    if told:
        return str(told)
    found = UUID_TEXT.search(str(body.get("note") or ""))
    return found.group().lower() if found else ""


def _made_at(payment_id: str) -> datetime | None:
    """Read the moment out of a payment's id, `<account number>-<milliseconds>-<letters>`."""
    found = MILLISECONDS.search(payment_id)
    return datetime.fromtimestamp(int(found.group(1)) / 1000, UTC) if found else None


def _last_four(body: dict[str, Any]) -> str:
    """Return the last four digits of the bank account a deposit came from, where they are told."""
    details = body.get("details")
    number = str(details.get("bankAccountNumber") or "") if isinstance(details, dict) else ""
    return number[-4:] if number[-4:].isdecimal() else ""


def _code(pattern: re.Pattern[str], body: dict[str, Any], comment: Any) -> str:
    """Return the bank's code, in whichever field it stands; its pages name none for it."""
    history = body.get("statusHistory") or [{}]
    told = (body.get("failureReason"), comment, body.get("statusComment"), history[-1])
    found = (pattern.search(str(text or "")) for text in told)
    return next((match.group() for match in found if match), "")


def read_placed_order(body: dict[str, Any]) -> OrderState:
    """Read the answer of POST /orders: identifiers only, no status yet."""
    return OrderState(read_order_id(body), str(body.get("orderNo") or ""), "NEW", "NEW")


def read_order_id(body: dict[str, Any]) -> str:
    """Return an order's identifier; its name differs by endpoint."""
    return read_id(body, "orderId", "orderID", "id")


def read_order(body: dict[str, Any]) -> OrderState:
    """Read GET /orders/{id}."""
    quantity = number(body.get("cumulativeQuantity") or 0)
    status, vendor_status = order_status(body["status"], quantity)
    message = body.get("statusMessage") or {}
    executed = body.get("lastExecuted")
    price = told(body, "averagePriceRaw", "averagePrice")
    return OrderState(
        id=body["id"],
        number=body.get("orderNo", ""),
        status=status,
        vendor_status=vendor_status,
        quantity=quantity,
        average_price=price,
        cost=read_cost(body, quantity, price),
        fees=cents(abs(told(body, "fees") or 0)),
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


def read_cost(body: dict[str, Any], quantity: Decimal, price: Decimal | None) -> Decimal:
    """Return the dollars of what filled, before fees; the total of a sale may come below zero."""
    if not quantity:
        return Decimal(0)
    total = told(body, "totalOrderAmount")
    return cents(abs(total) if total is not None else quantity * (price or 0))


def read_security(row: dict[str, Any]) -> Security:
    """Read one row of GET /instruments; only the deprecated `type` tells an ETF from a stock.

    Only `id` and `status` are sure to be there: bonds and funds have no symbol.

    :raises Odd: nothing that can be ordered by a symbol
    """
    kinds = {"EQUITY": "STOCK", "ETF": "ETF", "ETN": "ETF"}
    kind = kinds.get(name_of(row.get("type") or "EQUITY"), "OTHER")
    if name_of(row.get("instrumentType") or "EQUITY") != "EQUITY":
        kind = "OTHER"
    symbol = row.get("symbol")
    if not isinstance(symbol, str) or not symbol.strip():
        raise Odd(f"no symbol ({_word(row.get('instrumentType'))})")
    if len(symbol) > LONGEST_SYMBOL:
        raise Odd(f"symbol too long ({_word(row.get('instrumentType'))})")
    return Security(
        id=text(row, "id"),
        symbol=symbol,
        name=str(row.get("name") or symbol)[:LONGEST_NAME],
        kind=kind,
        status=security_status(row["status"]),
    )


def security_status(raw: Any) -> str:
    """Return how a security trades; a word nobody told us of is one to wait at, as at a halt.

    :raises Odd: none is told
    """
    status = name_of(raw or "")
    if not status:
        raise Odd("no status")
    if status == "EXPIRED":
        return "INACTIVE"
    if status not in INSTRUMENT_STATUS:
        tell_word("instrument status", status)
        return "HALTED"
    return status


def _word(raw: Any) -> str:
    """Return a word of a vocabulary, for staff."""
    return re.sub(r"[^A-Z0-9_]", "", name_of(raw or ""))[:30] or "no type"


def read_quote(row: dict[str, Any]) -> Quote:
    """Read one row of GET /quotes."""
    return Quote(
        symbol=text(row, "symbol"),
        price=above_zero(row, "lastTrade"),
        bid=told(row, "bid"),
        ask=told(row, "ask"),
        previous_close=told(row, "priorClose"),
        halted=row.get("marketCondition") == "TRADING_HALT",
    )


def text(row: dict[str, Any], name: str) -> str:
    """Return a text we can not do without.

    :raises Odd: it is missing, empty, or something else
    """
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise Odd(f"no {name}")
    return value


def not_below_zero(row: dict[str, Any], name: str) -> Decimal:
    """Return a number that makes no sense below zero.

    :raises Odd: it is below
    """
    value = number(row[name])
    if value < 0:
        raise Odd(f"{name} below zero")
    return value


def above_zero(row: dict[str, Any], name: str) -> Decimal:
    """Return a number above zero.

    :raises Odd: it is missing, or not above
    """
    value = told(row, name)
    if value is None or value < 0:
        raise Odd(f"no {name}")
    return value


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
