"""DriveWealth's error codes → a plain sentence of ours (developer.drivewealth.com, Errors)."""

from typing import Any

from brokerage.gateway import Rejected
from core.vendors import Answer

SENTENCES = {
    "A051": "The broker has restricted this account.",
    "E020": "The broker has this already.",
    "I050": "The broker does not trade this share.",
    "K050": "The broker does not know this bank account any more.",
    "O098": "The account is not open for buying.",
    "O123": "The order expired.",
    "O124": "A corporate action stopped the order.",
    "U040": "The broker misses a document.",
    "Y025": "The broker does not allow this deposit.",
    "Y044": "The amount is below the broker's minimum.",
}
FIELDS = {
    "firstName": "name", "lastName": "name", "emailAddress": "email", "phone": "phone",
    "value": "ssn", "birthDay": "date_of_birth", "birthMonth": "date_of_birth",
    "birthYear": "date_of_birth", "street1": "address", "city": "address",
    "province": "address", "postalCode": "address", "company": "employer",
}  # fmt: skip


def rejection(answer: Answer) -> Rejected:
    """Return what to raise for an answer of 400 to 499; its own text is not for people's eyes."""
    body: dict[str, Any] = answer.body if isinstance(answer.body, dict) else {}
    code = str(body.get("errorCode", ""))[:20]
    details = body.get("errorDetails")
    name = str(details.get("field", "")) if isinstance(details, dict) else ""
    problem = FIELDS.get(name.rsplit(".", 1)[-1])
    return Rejected(
        SENTENCES.get(code, "The broker did not accept this."),
        code=code or str(answer.status),
        problems=(problem,) if problem else (),
    )
