"""Know-your-customer: from documents to a decision a few seconds later."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sandbox.calendars import new_york_day
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.call import Call
from sandbox.drivewealth.documents import age_on
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.records import ADULT, User
from sandbox.wire import iso

INFO, DOC, DENIED, REVIEW = (
    "KYC_INFO_REQUIRED",
    "KYC_DOC_REQUIRED",
    "KYC_DENIED",
    "KYC_MANUAL_REVIEW",
)
APPROVED = "KYC_APPROVED"
# Code and meaning. Of the codes only KS102 was ever seen; the others are made up alike.
STATUSES = {
    "KYC_NOT_READY": ("KS100", "Not all required documents were submitted."),
    "KYC_READY": ("KS101", "The user is waiting for verification."),
    INFO: ("KS102", "More or other information is required."),
    DOC: ("KS103", "An identity document is required."),
    "KYC_PROCESSING": ("KS104", "Verification is running."),
    APPROVED: ("KS105", "The user is verified."),
    REVIEW: ("KS106", "A person is looking at the application."),
    DENIED: ("KS107", "The user was denied."),
}
GRAVITY = (DENIED, REVIEW, DOC, INFO)
LONGEST_NAME = 36
UPLOADS_BECOME = {APPROVED: "APPROVED", DOC: "REJECTED", DENIED: "REJECTED"}


@dataclass(frozen=True)
class Finding:
    """Something wrong with an application, and the status it leads to."""

    code: str
    name: str
    description: str
    status: str


FINDINGS = {
    code: Finding(code, name, description, status)
    for code, name, description, status in (
        # Nothing but another date of birth could cure it, so it asks for information.
        ("K001", "AGE_VALIDATION", "The user is below the minimum age.", INFO),
        ("K002", "POOR_PHOTO_QUALITY", "The photo cannot be read.", DOC),
        ("K003", "POOR_DOC_QUALITY", "The document cannot be read.", DOC),
        ("K004", "SUSPECTED_DOCUMENT_FRAUD", "The document may be forged.", DOC),
        ("K005", "INCORRECT_SIDE", "The wrong side was uploaded.", DOC),
        ("K006", "NO_DOC_IN_IMAGE", "There is no document in the image.", DOC),
        ("K007", "TWO_DOCS_UPLOADED", "There are two documents in the image.", DOC),
        ("K008", "EXPIRED_DOCUMENT", "The document has expired.", DOC),
        ("K009", "MISSING_BACK", "The back of the document is missing.", DOC),
        ("K010", "UNSUPPORTED_DOCUMENT", "The kind of document is not supported.", DOC),
        ("K011", "DOB_NOT_MATCH_ON_DOC", "The document shows another date of birth.", DOC),
        ("K012", "NAME_NOT_MATCH_ON_DOC", "The document shows another name.", DOC),
        ("K050", "INVALID_DOCUMENT", "The document is not valid.", DOC),
        ("K101", "ADDRESS_NOT_MATCH", "The address could not be verified.", INFO),
        ("K102", "SSN_NOT_MATCH", "The SSN could not be verified.", INFO),
        ("K103", "DOB_NOT_MATCH", "The date of birth could not be verified.", INFO),
        ("K104", "NAME_NOT_MATCH", "The name could not be verified.", INFO),
        ("K106", "SANCTION_WATCHLIST", "The user is on a watch list.", DENIED),
        ("K107", "SANCTION_OFAC", "The user is on the OFAC list.", DENIED),
        ("K108", "INVALID_PHONE_NUMBER", "The phone number is not valid.", INFO),
        ("K109", "INVALID_EMAIL_ADDRESS", "The e-mail address is not valid.", INFO),
        ("K110", "INVALID_NAME_TOO_LONG", "The name is longer than 36 characters.", INFO),
        ("K111", "UNSUPPORTED_COUNTRY", "The country is not supported.", INFO),
        ("K801", "AGED_ACCOUNT", "The user was not verified within 30 days.", DENIED),
        ("K802", "ACCOUNT_INTEGRITY", "The account's integrity is in doubt.", REVIEW),
    )
}
BY_NAME = {finding.name: finding for finding in FINDINGS.values()}


def submit(broker: Broker, user: User) -> None:
    """Start verification, or start it again; the decision follows by itself."""
    user.kyc_said = {}
    user.kyc_round += 1
    _move(broker, user, "KYC_READY", [])
    delay, round_ = broker.config.kyc_delay, str(user.kyc_round)
    for share, action in ((delay / 2, "kyc-begins"), (delay, "kyc-decided")):
        broker.agenda.after(share, f"drivewealth.{action}", user_id=user.id, round_=round_)


def begin(broker: Broker, user_id: str, round_: str) -> None:
    user = broker.users.get(user_id)
    if user is not None and str(user.kyc_round) == round_ and user.kyc_status == "KYC_READY":
        _move(broker, user, "KYC_PROCESSING", [])


def decide(broker: Broker, user_id: str, round_: str) -> None:
    """Give the decision of this round; an older round's decision no longer counts."""
    user = broker.users.get(user_id)
    running = ("KYC_READY", "KYC_PROCESSING")
    if user is None or str(user.kyc_round) != round_ or user.kyc_status not in running:
        return
    wished = _word(user)
    if wished in STATUSES:
        settle(broker, user, wished, [])
        return
    findings = _find(broker, user)
    worst = min((GRAVITY.index(finding.status) for finding in findings), default=None)
    status = APPROVED if worst is None else GRAVITY[worst]
    settle(broker, user, status, [finding.code for finding in findings])


def say(broker: Broker, user: User, status: str, said: dict[str, Any]) -> None:
    """Have the vendor say a status and objections nobody here knows the words of.

    ``said``: what stands in `kyc` of the answer, `code` beside the status; where it has no
    `errors`, there are none, as in the vendor's description.
    """
    user.kyc_said = {"status": status, **said}
    broker.publish(
        "kyc.updated",
        {"userID": user.id, "previous": {}, "current": {"status": status, "details": []}},
    )


def settle(broker: Broker, user: User, status: str, codes: list[str]) -> None:
    """Record a decision and what follows from it for the user."""
    user.kyc_said = {}
    _move(broker, user, status, codes)
    for upload in user.uploads:
        upload["status"] = UPLOADS_BECOME.get(status, upload.get("status", "PENDING"))
    if status == APPROVED and user.status != "APPROVED":
        before, user.status = user.status, "APPROVED"
        broker.publish(
            "users.updated",
            {
                "userID": user.id,
                "previous": {"status": {"name": before}},
                "current": {"status": {"name": user.status}},
            },
        )
    if status == INFO:
        account = next(iter(broker.accounts.where("user_id", user.id)), None)
        broker.publish(
            "user.inforequired.created",
            {
                "userID": user.id,
                "accountID": account.id if account else None,
                "accountNo": account.number if account else None,
                "driveClientLink": None,
            },
        )


def get_kyc_status(broker: Broker, call: Call) -> dict[str, Any]:
    user = broker.user(call.path["user_id"])
    code, description = STATUSES[user.kyc_status]
    approved = iso(user.updated) if user.kyc_status == APPROVED else None
    kyc = {
        "status": {"name": user.kyc_status, "code": code, "description": description},
        "statusComment": description,
        "updated": iso(user.updated),
        "approved": approved,
        "accepted": approved,
        "errors": [
            {"name": finding.name, "code": finding.code, "description": finding.description}
            for finding in (FINDINGS[code] for code in user.kyc_errors)
        ],
    }
    if user.kyc_said:
        kyc = _said(user.kyc_said)
    return {
        "userID": user.id,
        "firstName": user.basic["firstName"],
        "lastName": user.basic["lastName"],
        "identity": {"number": user.masked_number, "dob": user.born.isoformat()},
        "accounts": [
            {
                "id": account.id,
                "accountNo": account.number,
                "accountStatus": {"name": account.status},
                "accountManagementType": account.management_type,
            }
            for account in broker.accounts.where("user_id", user.id)
        ],
        "kyc": kyc,
        "status": {"name": user.status, "description": user.status.title()},
        "partnerID": {"id": "sandbox", "name": "Sandbox Partner"},
        "documents": [{"type": upload["type"]} for upload in user.uploads],
    }


def _said(said: dict[str, Any]) -> dict[str, Any]:
    status = {"name": said["status"], "description": said.get("description", "")}
    if "code" in said:
        status["code"] = said["code"]
    errors = {"errors": said["errors"]} if "errors" in said else {}
    return {"status": status, "approved": None, "accepted": None} | errors


def check_decision(status: str, names: list[str]) -> list[str]:
    """Return the codes of errors given by name or code, for an operator's decision."""
    if status not in STATUSES:
        raise Refusal("E033").naming("status", "ENUM", "not a KYC status", ", ".join(STATUSES))
    codes = [BY_NAME[name].code if name in BY_NAME else name for name in names]
    if any(code not in FINDINGS for code in codes):
        raise Refusal("E033").naming("errors", "ARRAY", "not a KYC error", ", ".join(BY_NAME))
    return codes


def _word(user: User) -> str:
    """Return the word a last name may stand for; a name has spaces where a word has underscores."""
    return str(user.basic["lastName"]).upper().replace(" ", "_")


def _find(broker: Broker, user: User) -> list[Finding]:
    """Return what is wrong. A last name that is an error's name is that error (vendor's way)."""
    basic, found = user.basic, []
    if _word(user) in BY_NAME:
        found.append(BY_NAME[_word(user)].code)
    if user.user_type == ADULT and age_on(new_york_day(broker.now()), user.born) < 18:
        found.append("K001")
    if any(len(str(basic[name])) > LONGEST_NAME for name in ("firstName", "lastName")):
        found.append("K110")
    if not re.fullmatch(r"\+?[\d\s().-]{10,20}", str(basic.get("phone") or "0000000000")):
        found.append("K108")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(basic.get("emailAddress") or "a@b.c")):
        found.append("K109")
    if user.documents["ADDRESS_INFO"]["country"] != "USA":
        found.append("K111")
    findings = [FINDINGS[code] for code in dict.fromkeys(found)]
    # A picture of a document, until it is turned down, answers every question about documents.
    shown = any(upload.get("status") != "REJECTED" for upload in user.uploads)
    return [item for item in findings if item.status != DOC or not shown]


def _move(broker: Broker, user: User, status: str, codes: list[str]) -> None:
    before, first = user.kyc_status, user.kyc_round == 1 and status == "KYC_READY"
    user.kyc_status, user.kyc_errors, user.updated = status, codes, broker.now()
    broker.publish(
        "kyc.created" if first else "kyc.updated",
        {
            "userID": user.id,
            "previous": {"status": before},
            "current": {
                "status": status,
                "statusMessage": STATUSES[status][1],
                "details": [FINDINGS[code].name for code in codes],
            },
        },
    )
