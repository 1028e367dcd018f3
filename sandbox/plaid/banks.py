"""Institutions, the accounts one finds there, and what has moved on them.

First Platypus Bank and its numbers are Plaid's; the numbers elsewhere and all movements are ours.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

TARTAN = "ins_109511"
HOUNDSTOOTH = "ins_109512"
TOKENIZING = "ins_990001"  # ours
SOMEBODY_ELSE = "Kim Elsewhere"  # whose savings account Tartan Bank shows to whoever signs in
PRODUCTS = ("auth", "balance", "identity", "transactions", "transfer")
ROUTING = "011401533"
WIRE_ROUTING = "021000021"
HISTORY = timedelta(days=30)
EVERY = 2  # days between two movements
LOCATION = ("address", "city", "region", "postal_code", "country", "lat", "lon", "store_number")
PAYMENT_META = (
    "reference_number", "ppd_id", "payee", "by_order_of", "payer", "payment_method",
    "payment_processor", "reason",
)  # fmt: skip
SHOPS = (
    ("Corner Grocery", "18.42", "GENERAL_MERCHANDISE", "GENERAL_MERCHANDISE_OTHER"),
    ("City Transit", "2.90", "TRANSPORTATION", "TRANSPORTATION_PUBLIC_TRANSIT"),
    ("Paycheck", "-1250.00", "INCOME", "INCOME_WAGES"),
    ("Book Cellar", "23.10", "GENERAL_MERCHANDISE", "GENERAL_MERCHANDISE_BOOKSTORES"),
    ("Sunny Cafe", "6.75", "FOOD_AND_DRINK", "FOOD_AND_DRINK_COFFEE"),
)


@dataclass(frozen=True)
class Institution:
    """One bank. Its number makes the account numbers differ from the next one's.

    With `oauth` people sign in on its own site. With `tokenizes` each login gets numbers of its own
    for ACH, and an account is known by its `persistent_account_id`, as at Chase, PNC and US Bank.
    With `twins` there are two checking accounts of one name, in no order to rely on.
    """

    id: str
    name: str
    number: int
    oauth: bool = False
    tokenizes: bool = False
    twins: bool = False


INSTITUTIONS = {
    institution.id: institution
    for institution in (
        Institution("ins_109508", "First Platypus Bank", 0),
        Institution("ins_109509", "First Gingham Credit Union", 1),
        Institution("ins_109510", "Tattersall Federal Credit Union", 2),
        Institution(TARTAN, "Tartan Bank", 3),
        Institution(HOUNDSTOOTH, "Houndstooth Bank", 5, twins=True),
        Institution("ins_127287", "Platypus OAuth Bank", 4, oauth=True),
        Institution(TOKENIZING, "Tokenizing Bank", 6, tokenizes=True),
    )
}
# name, official name, subtype, last four, available, current
ACCOUNTS = (
    ("Plaid Checking", "Plaid Gold Standard 0% Interest Checking", "checking", 0, "100", "110"),
    ("Plaid Saving", "Plaid Silver Standard 0.1% Interest Saving", "savings", 1111, "200", "210"),
)


def institution_json(institution: Institution) -> Json:
    return {
        "institution_id": institution.id,
        "name": institution.name,
        "products": list(PRODUCTS),
        "country_codes": ["US"],
        "routing_numbers": [ROUTING],
        "oauth": institution.oauth,
        "connection_availability": "SUPPORTED",
        "dtc_numbers": [],
        "url": None,
        "logo": None,
        "primary_color": None,
    }


def open_accounts(
    institution: Institution, seed: str, only: str = "", customer: int = 0
) -> list[Json]:
    """Return the accounts a person has there, with ids that follow from `seed`.

    Another customer's look the same, down to the last digits, and have other numbers.
    """
    accounts = []
    rows = [row for row in ACCOUNTS if only in ("", row[2])]
    if institution.twins:
        name, official, subtype, number, *_amounts = ACCOUNTS[0]
        rows.append((name, official, subtype, number + 7, "300", "310"))
        rows.sort(key=lambda row: _account_id(f"{seed} {row[3]}"))
    for name, official, subtype, number, available, current in rows:
        last_four = f"{number + institution.number * 22:04d}"
        account = {
            "account_id": _account_id(f"{seed} {subtype} {number}"),
            "name": name,
            "official_name": official,
            "type": "depository",
            "subtype": subtype,
            "mask": last_four,
            "number": f"{111122223333 + customer}{last_four}",
            "available": Decimal(available),
            "current": Decimal(current),
            "owners": _owners_elsewhere(institution, subtype),
        }
        if institution.tokenizes:
            account["persistent_account_id"] = _account_id(f"{institution.id} {number} {customer}")
            account["number"] = str(int(_account_id(f"{seed} {number}"), 16))[:12] + last_four
        accounts.append(account)
    return accounts


def _owners_elsewhere(institution: Institution, subtype: str) -> list[str] | None:
    """Return who owns an account that is not the owner's who signs in; None for all others."""
    return [SOMEBODY_ELSE] if (institution.id, subtype) == (TARTAN, "savings") else None


def account_json(account: Json) -> Json:
    """Spell an account as every endpoint does: without its number."""
    return {
        "account_id": account["account_id"],
        "balances": {
            "available": account["available"],
            "current": account["current"],
            "limit": None,
            "iso_currency_code": "USD",
            "unofficial_currency_code": None,
        },
        "mask": account["mask"],
        "name": account["name"],
        "official_name": account["official_name"],
        "type": account["type"],
        "subtype": account["subtype"],
        "holder_category": "personal",
    } | {key: account[key] for key in ("persistent_account_id",) if key in account}


def movements(account_id: str, opened: date, today: date) -> list[Json]:
    """Return what moved on an account from a month before it was linked until today."""
    day, number, found = opened - HISTORY, 0, []
    while day <= today:
        found.append(_movement(account_id, day, number))
        day, number = day + timedelta(days=EVERY), number + 1
    return found


def _movement(account_id: str, day: date, number: int) -> Json:
    name, amount, primary, detailed = SHOPS[number % len(SHOPS)]
    return {
        "account_id": account_id,
        "transaction_id": _account_id(f"{account_id} {number}"),
        "amount": Decimal(amount),
        "iso_currency_code": "USD",
        "unofficial_currency_code": None,
        "date": day.isoformat(),
        "datetime": None,
        "authorized_date": day.isoformat(),
        "authorized_datetime": None,
        "name": name,
        "merchant_name": name,
        "payment_channel": "other" if amount.startswith("-") else "in store",
        "pending": False,
        "pending_transaction_id": None,
        "transaction_code": None,
        "account_owner": None,
        "category": None,
        "location": dict.fromkeys(LOCATION),
        "payment_meta": dict.fromkeys(PAYMENT_META),
        "personal_finance_category": {"primary": primary, "detailed": detailed},
    }


def _account_id(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()[:37]
