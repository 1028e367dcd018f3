"""Orders at DriveWealth. One order speaks in words, a list of orders in numbers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from brokerage.drivewealth import schemas
from brokerage.drivewealth.pages import read_period
from brokerage.drivewealth.schemas import told
from brokerage.drivewealth.wire import Wire, part, read, read_rows
from brokerage.gateway import Listing, OrderRequest, OrderState, Trace, Unavailable

HISTORY = "/accounts/:id/reports/order-history"
KINDS = {"1": "MARKET", "2": "LIMIT", "3": "STOP", "6": "MARKET_IF_TOUCHED"}
KINDS |= {name: name for name in KINDS.values()}


class Orders(Wire):
    def create_order(self, request: OrderRequest, *, key: UUID) -> OrderState:
        """Place an order; outside the session it queues for the next. The key is our reference."""
        return read(schemas.read_placed_order, self._post("/orders", write(request, key), key=key))

    def get_order(self, order_id: str) -> OrderState:
        """Ask how an order stands."""
        return read(schemas.read_order, self._get(f"/orders/{part(order_id)}", label="/orders/:id"))

    def get_order_by_number(self, number: str) -> OrderState:
        """Ask how an order stands, by the number people see."""
        path = f"/orders/byOrderNo/{part(number)}"
        return read(schemas.read_order, self._get(path, label="/orders/byOrderNo/:number"))

    def cancel_order(self, order_id: str) -> None:
        """Ask to cancel what has not filled; whether it worked, `get_order` tells later."""
        body = {"method": "CANCEL"}
        self._call("PATCH", f"/orders/{part(order_id)}", body=body, label="/orders/:id")

    def list_resting_orders(self, account_id: str) -> Listing[OrderState]:
        """Ask for the orders that still wait or fill."""
        return read_rows(read_row, self._resting(account_id))

    def list_closed_orders(
        self, account_id: str, *, since: datetime, until: datetime
    ) -> Listing[OrderState]:
        """Ask for the orders of a period that have ended."""
        return read_rows(read_row, self._closed(account_id, since, until))

    def trace_order(
        self, account_id: str, *, key: UUID, symbol: str, since: datetime, until: datetime
    ) -> Trace[OrderState]:
        """Look for an order by our reference among the resting and the closed ones.

        Lists need not tell the reference; then the order itself is asked, where its security may be
        the one.

        :raises Unavailable: among others where a row that can not be read may be the one
        """
        listed = [*self._resting(account_id), *self._closed(account_id, since, until)]
        found, nameless = read_rows(_read_pointer, listed), {}
        for order_id, reference, its_symbol in found:
            if reference not in ("", str(key)) or its_symbol not in ("", symbol):
                continue
            state = self.get_order(order_id)
            if state.reference == str(key):
                return Trace(found=state)
            if not state.reference:
                nameless[state.id] = state
        if found.odd:
            raise Unavailable("DriveWealth lists orders that can not be told apart")
        return Trace(nameless=tuple(nameless.values()))

    def _resting(self, account_id: str) -> list[Any]:
        path = f"/accounts/{part(account_id)}/summary/orders"
        return self._list(path, label="/accounts/:id/summary/orders")

    def _closed(self, account_id: str, since: datetime, until: datetime) -> list[Any]:
        path, label = f"/accounts/{part(account_id)}/reports/order-history", HISTORY
        return read_period(
            lambda params: self._list(path, params=params, label=label),
            names=("orderID", "orderId", "id"),
            moments=("createdWhen", "created"),
            since=since,
            until=until,
        )


def write(request: OrderRequest, key: UUID) -> dict[str, Any]:
    """Return the body of POST /orders."""
    body: dict[str, Any] = {
        "accountNo": request.account_number,
        "orderType": request.kind,
        "symbol": request.symbol,
        "side": request.side,
        "quantity": request.quantity,
        "amountCash": request.amount,
        "price": request.price,
        "timeInForce": request.time_in_force or None,
        "expiration": request.expires_on.isoformat() if request.expires_on else None,
        "clientOrderID": str(key),
    }
    return {name: value for name, value in body.items() if value is not None}


def _read_pointer(row: dict[str, Any]) -> tuple[str, str, str]:
    """Return an order's id, our reference and its security, empty where the list tells none."""
    reference, symbol = row.get("clientOrderID"), row.get("symbol")
    return schemas.read_order_id(row), str(reference or ""), str(symbol or "")


def read_row(row: dict[str, Any]) -> OrderState:
    """Read one row of summary/orders or order-history: other names than the order itself has.

    The price paid is `executedPrice`; what it cost is quantity times price, to the cent.
    """
    raw = row["orderStatus"] if "orderStatus" in row else row["status"]
    quantity = schemas.number(row.get("cumQty") or row.get("cumulativeQuantity") or 0)
    status, vendor_status = schemas.order_status(raw, quantity)
    price = told(row, "averagePriceRaw", "averagePrice", "executedPrice")
    kind = row.get("orderType", row.get("type", ""))
    return OrderState(
        id=schemas.read_order_id(row),
        number=str(row.get("orderNo") or ""),
        status=status,
        vendor_status=vendor_status,
        quantity=quantity,
        average_price=price,
        cost=schemas.read_cost(row, quantity, price),
        fees=schemas.cents(abs(told(row, "fees", "commission") or 0)),
        executed_at=schemas.moment(row, "executedWhen", "lastExecuted"),
        symbol=str(row.get("symbol") or ""),
        side=schemas.SIDES.get(schemas.name_of(row.get("side") or ""), ""),
        kind=KINDS.get(schemas.name_of(kind), ""),
        asked_quantity=told(row, "orderQty", "quantity"),
        asked_amount=told(row, "orderCashAmt", "amountCash"),
        price=told(row, "limitPrice", "stopPrice", "price"),
        reference=str(row.get("clientOrderID") or ""),
        created_at=schemas.moment(row, "createdWhen", "created"),
        expires_at=schemas.moment(row, "isoTimeRestingOrderExpires", "orderExpires"),
    )
