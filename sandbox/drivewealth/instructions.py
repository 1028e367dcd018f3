"""Where to send money that is pushed: a virtual account of its own for every brokerage account."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.records import Account

BANK = "Sandbox Bank, N.A."
ROUTING = "021000021"
BANK_ADDRESS = {
    "addressLine1": "1 Invented Plaza",
    "city": "New York",
    "stateProvince": "NY",
    "zipPostalCode": "10001",
    "country": "USA",
}


def get_deposit_instructions(broker: Broker, call: Call) -> dict[str, Any]:
    """Return what to tell a bank for a wire from abroad, an ACH push and a domestic wire."""
    account = broker.account(call.path["account_id"])
    if account.status not in ("OPEN", "OPEN_NO_NEW_TRADES"):
        raise Refusal("A055", "The account takes no deposits now.")
    common = _common(broker, account)
    wire = common | {"paymentType": "WIRE"}
    routed = {"bankRoutingNumber": ROUTING}
    return {
        "id": f"bank_{uuid.uuid5(uuid.NAMESPACE_URL, account.id)}",
        "accountID": account.id,
        "accountNo": account.number,
        "wireDetails": wire | {"bankSwiftCode": "SBOXUS33"},
        "achDetails": common | routed | {"bankRoutingNumberType": "ACH", "paymentType": "ACH"},
        "wireDomesticDetails": wire | routed | {"bankRoutingNumberType": "ABA"},
    }


def _common(broker: Broker, account: Account) -> dict[str, Any]:
    holder = broker.user(account.user_id)
    home = holder.documents["ADDRESS_INFO"]
    digest = hashlib.sha256(account.id.encode()).hexdigest()
    return {
        "bankAccountNumber": f"9{int(digest[:12], 16) % 10**11:011d}",
        "bankName": BANK,
        "bankAddress": BANK_ADDRESS,
        "beneficiaryName": f"{holder.basic['firstName']} {holder.basic['lastName']}",
        "beneficiaryAddress": {
            "addressLine1": home["street1"],
            "city": home["city"],
            "stateProvince": home["province"],
            "zipPostalCode": home["postalCode"],
            "country": home["country"],
        },
        "virtualAccountID": digest[:32],
    }
