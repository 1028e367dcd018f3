"""What an account is worth now: cash, positions, resting orders."""

from __future__ import annotations

from typing import Any

from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.orders import order_row
from sandbox.drivewealth.positions import position_json
from sandbox.drivewealth.records import ZERO, Account
from sandbox.wire import iso

PENDING = ("STARTED", "PENDING", "ON_HOLD", "APPROVED")


def get_money(broker: Broker, call: Call) -> dict[str, Any]:
    account = broker.account(call.path["account_id"])
    available = max(account.cash - broker.reserved(account.id), ZERO)
    deposits = broker.deposits.where("account_id", account.id)
    pending = sum((row.amount for row in deposits if row.status in PENDING), ZERO)
    return _head(broker, account) | {
        "cash": {
            "cashAvailableForTrade": available,
            "cashAvailableForWithdrawal": available,
            "cashBalance": account.cash,
            "noBuyingPowerReason": ["NEGATIVE_CASH_BALANCE"] if account.cash < 0 else [],
            "cashSettlement": [{"utcTime": iso(broker.now()), "cash": account.cash}],
            "cashPendingSettlement": ZERO,
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


def get_order_history(broker: Broker, call: Call) -> list[dict[str, Any]]:
    """Return the closed orders of a period, newest first."""
    account = broker.account(call.path["account_id"])
    since, until = call.period()
    rows = [
        order_row(broker, order)
        for order in broker.orders.where("account_id", account.id)
        if not order.is_open and since <= order.created <= until
    ]
    return rows[::-1][: call.limit()]


def _head(broker: Broker, account: Account) -> dict[str, Any]:
    return {
        "accountID": account.id,
        "accountNo": account.number,
        "tradingType": account.trading_type,
        "updated": iso(broker.now()),
    }
