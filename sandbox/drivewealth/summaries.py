"""What an account is worth now: cash, positions, resting orders."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.orders import closed_row, order_row
from sandbox.drivewealth.positions import position_json
from sandbox.drivewealth.records import ZERO, Account, Proceeds
from sandbox.wire import iso

PENDING = ("STARTED", "PENDING", "ON_HOLD", "APPROVED")


def get_money(broker: Broker, call: Call) -> dict[str, Any]:
    account = broker.account(call.path["account_id"])
    reserved, unsettled = broker.reserved(account.id), broker.unsettled(account.id)
    unsettled_cash = sum((row.amount for row in unsettled), ZERO)
    deposits = broker.deposits.where("account_id", account.id)
    pending = sum((row.amount for row in deposits if row.status in PENDING), ZERO)
    return _head(broker, account) | {
        "cash": {
            # As the vendor's guide reads: proceeds of a sale trade at once, and leave on T+1.
            "cashAvailableForTrade": max(account.cash - reserved, ZERO),
            "cashAvailableForWithdrawal": max(account.cash - reserved - unsettled_cash, ZERO),
            "cashBalance": account.cash,
            "noBuyingPowerReason": ["NEGATIVE_CASH_BALANCE"] if account.cash < 0 else [],
            "cashSettlement": _settlements(unsettled),
            "cashPendingSettlement": unsettled_cash,
            "pendingPaymentsAmount": pending,
        },
        "payments": {
            "buyingPower": {
                "pendingDepositsAmountAvailable": ZERO,
                "pendingDepositsAmountNotAvailable": pending,
            },
            "redemptions": {"amountWithheldFromRedemptions": pending},
        },
    }


def get_positions(broker: Broker, call: Call) -> dict[str, Any]:
    account = broker.account(call.path["account_id"])
    rows = [position_json(broker, row) for row in broker.positions.where("account_id", account.id)]
    value = sum((row["marketValue"] for row in rows), ZERO)
    return _head(broker, account) | {
        "equityValue": value,
        "optionsValue": ZERO,
        "debtValue": ZERO,
        "positionsValue": value,
        "equityPositions": rows,
        "optionsPositions": [],
        "mutualFundsPositions": [],
        "debtPositions": [],
    }


def get_orders(broker: Broker, call: Call) -> dict[str, Any]:
    """Return the resting orders, in the spelling lists have."""
    account = broker.account(call.path["account_id"])
    rows = [order_row(broker, order) for order in broker.open_orders(account.id)]
    return _head(broker, account) | {"orders": rows}


def get_order_history(broker: Broker, call: Call) -> dict[str, Any]:
    """Return a page of the closed orders of a period, wrapped as the resting ones are."""
    account = broker.account(call.path["account_id"])
    closed = [row for row in broker.orders.where("account_id", account.id) if not row.is_open]
    page = call.page(closed, lambda row: row.created)
    return _head(broker, account) | {"orders": [closed_row(broker, row) for row in page]}


def _settlements(rows: list[Proceeds]) -> list[dict[str, Any]]:
    """Return what settles when, one row a moment, the earliest first."""
    by_moment: dict[datetime, Decimal] = {}
    for row in rows:
        by_moment[row.settles] = by_moment.get(row.settles, ZERO) + row.amount
    return [{"utcTime": iso(at), "cash": cash} for at, cash in sorted(by_moment.items())]


def _head(broker: Broker, account: Account) -> dict[str, Any]:
    return {
        "accountID": account.id,
        "accountNo": account.number,
        "tradingType": account.trading_type,
        "updated": iso(broker.now()),
    }
