"""DriveWealth's events: the envelope, and what each type asks us to look at again.

Source: developer.drivewealth.com, "Events via SQS". An event is at-least-once, in any order, and
its payload is an extract; only identifiers are read here, states are asked for over REST.
"""

import re
from datetime import UTC, datetime
from typing import Any

from brokerage.gateway import Envelope, Malformed, News, Subject
from core.vendors import load_json, tell_unknown

PLAIN = re.compile(r"[!-~]+")  # printable ASCII, no blank
LONGEST_ID = 100
LONGEST_TYPE = 60

# type → (what it is about, the names under which its identifier may come)
USER = (Subject.USER, ("userID",))
ACCOUNT = (Subject.ACCOUNT, ("accountID",))
CONTENTS = (Subject.CONTENTS, ("accountID",))
BANK = (Subject.BANK, ("id", "bankAccountID"))
BANKS = (Subject.BANKS, ("userID",))  # as documented: the event does not say which of the user's
DEPOSIT = (Subject.DEPOSIT, ("id", "paymentID"))
ORDER = (Subject.ORDER, ("id", "orderId", "orderID"))
SECURITY = (Subject.SECURITY, ("instrumentID", "id"))
PAPERS = (Subject.PAPERS, ("accountID",))
TYPES: dict[str, tuple[Subject, tuple[str, ...]]] = {
    "users.created": USER,
    "users.updated": USER,
    "user.inforequired.created": USER,  # singular, as documented
    "kyc.created": USER,
    "kyc.updated": USER,
    "accounts.created": ACCOUNT,
    "accounts.updated": ACCOUNT,
    "accounts.commission.updated": ACCOUNT,
    "account.exclusions.created": ACCOUNT,  # singular, as documented
    "account.exclusions.updated": ACCOUNT,
    "account.exclusions.deleted": ACCOUNT,
    "violations.created": ACCOUNT,
    "violations.removed": ACCOUNT,
    "orders.created": ORDER,
    "orders.updated": ORDER,
    "orders.completed": ORDER,  # filled, rejected and canceled alike
    "deposits.created": DEPOSIT,
    "deposits.updated": DEPOSIT,
    "redemptions.created": CONTENTS,
    "redemptions.updated": CONTENTS,
    "transactions.created": CONTENTS,
    "positions.updated": CONTENTS,  # corporate actions and the broker's own corrections
    "transfers.cancelRebill.completed": CONTENTS,  # an order was undone, or booked anew
    "bankAccounts.created": BANK,
    "bankAccounts.updated": BANK,
    "bankAccounts.deleted": BANK,
    "bankAccount.created": BANK,  # singular where it was linked by Plaid, as documented
    "bankAccount.updated": BANK,
    "bankAccount.deleted": BANK,
    "instruments.created": SECURITY,
    "instruments.updated": SECURITY,
    "statements.created": PAPERS,
    "tradeconfirms.created": PAPERS,
    "taxforms.created": PAPERS,
}
# Of what we neither do nor have: bulk funding, managed money, firms as customers; a W-9 on file; a
# correction or a transfer before it is done; the making of a token.
NOT_FOLLOWED = re.compile(
    r"(settlements|reports|reconciliations|entity|mam|documents|assets|auth)[.].*"
    r"|transfers[.]cancelRebill[.](created|updated)"
)


def read_envelope(message: str) -> Envelope:
    """Read id, type and time; the payload must be there but is not looked into.

    :raises Malformed: not such an object
    """
    body = _read_object(message)
    if not isinstance(body.get("payload"), dict):
        raise Malformed("`payload` must be an object.")
    return Envelope(
        id=_plain(body, "id", LONGEST_ID),
        type=_plain(body, "type", LONGEST_TYPE),
        happened_at=_moment(body.get("timestamp")),
    )


def read_news(message: str) -> News | None:
    """Say what an accepted event is about; None for types we do not follow, known or not.

    :raises Malformed: a type we follow, without the identifier it is documented to have
    """
    body = _read_object(message)
    if body["type"] not in TYPES:
        if not NOT_FOLLOWED.fullmatch(body["type"]):
            tell_unknown("drivewealth", body["type"], vocabulary="event")
        return None
    told = TYPES[body["type"]]
    payload: dict[str, Any] = body["payload"]
    for subject, names in (BANK, BANKS) if told is BANK else (told,):
        for name in names:
            if isinstance(payload.get(name), str) and payload[name]:
                return News(
                    subject, payload[name], reference=_reference(payload), **_parting(payload)
                )
    raise Malformed(f"`payload` has no {told[1][0]}.")


def _reference(payload: dict[str, Any]) -> str:
    """Return our reference where an event repeats it."""
    metadata = payload.get("metadata")
    told = metadata.get("clientDepositRef") if isinstance(metadata, dict) else None
    return str(told or payload.get("note") or payload.get("clientOrderID") or "")[:100]


def _parting(payload: dict[str, Any]) -> dict[str, str]:
    """Return of a spin-off whose shares came, and who gave them: no list tells the latter."""
    spinoff, current = payload.get("spinoff"), payload.get("current")
    if not isinstance(spinoff, dict) or not isinstance(current, dict):
        return {}
    giver = str(spinoff.get("parentCompanySymbol") or "")[:20]
    return {"giver": giver, "came": str(current.get("symbol") or "")[:20]}


def _read_object(message: str) -> dict[str, Any]:
    try:
        body = load_json(message)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not valid JSON.") from error
    if not isinstance(body, dict):
        raise Malformed("The body must be a JSON object.")
    return body


def _plain(body: dict[str, Any], name: str, longest: int) -> str:
    value = body.get(name)
    if not (isinstance(value, str) and len(value) <= longest and PLAIN.fullmatch(value)):
        raise Malformed(f"`{name}` must be plain text of 1 to {longest} characters.")
    return value


def _moment(value: Any) -> datetime:
    """Read an ISO 8601 moment; of nanoseconds the last three digits are cut."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Malformed("`timestamp` must be a moment in ISO 8601.") from error
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as error:
        raise Malformed("`timestamp` is out of range.") from error
