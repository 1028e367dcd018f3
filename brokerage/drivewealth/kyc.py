"""DriveWealth's identity check: its statuses and objections, and what we make of each.

A word nobody told us of means that a person has to look, never that something failed.
"""

import re
from typing import Any

from brokerage.drivewealth import schemas
from brokerage.gateway import KycState

KYC_STATUS = {
    "KYC_NOT_READY": "NEEDS_INFO",
    "KYC_READY": "CHECKING",
    "KYC_PROCESSING": "CHECKING",
    "KYC_APPROVED": "APPROVED",
    "KYC_INFO_REQUIRED": "NEEDS_INFO",
    "KYC_DOC_REQUIRED": "NEEDS_DOCUMENT",
    "KYC_MANUAL_REVIEW": "IN_REVIEW",
    "KYC_DENIED": "DENIED",
}
# Code, name, our name (developer.drivewealth.com, Errors, the two tables of KYC errors).
# Its bank codes K050 and K110 are others: this table is for the identity check alone. The last two
# stand in its guide (Customer verification) under the codes of others.
_KYC_ERRORS = (
    ("K001", "AGE_VALIDATION", "age"),
    ("K002", "POOR_PHOTO_QUALITY", "photo_quality"),
    ("K003", "POOR_DOC_QUALITY", "document_quality"),
    ("K004", "SUSPECTED_DOCUMENT_FRAUD", "document_suspect"),
    ("K005", "INCORRECT_SIDE", "document_side"),
    ("K006", "NO_DOC_IN_IMAGE", "document_missing"),
    ("K007", "TWO_DOCS_UPLOADED", "document_two"),
    ("K008", "EXPIRED_DOCUMENT", "document_expired"),
    ("K009", "MISSING_BACK", "document_back"),
    ("K010", "UNSUPPORTED_DOCUMENT", "document_kind"),
    ("K011", "DOB_NOT_MATCH_ON_DOC", "document_birth"),
    ("K012", "NAME_NOT_MATCH_ON_DOC", "document_name"),
    ("K050", "INVALID_DOCUMENT", "document_invalid"),
    ("K101", "ADDRESS_NOT_MATCH", "address"),
    ("K102", "SSN_NOT_MATCH", "ssn"),
    ("K103", "DOB_NOT_MATCH", "date_of_birth"),
    ("K104", "NAME_NOT_MATCH", "name"),
    ("K106", "SANCTION_WATCHLIST", "watchlist"),
    ("K107", "SANCTION_OFAC", "ofac"),
    ("K108", "INVALID_PHONE_NUMBER", "phone"),
    ("K109", "INVALID_EMAIL_ADDRESS", "email"),
    ("K110", "INVALID_NAME_TOO_LONG", "name_long"),
    ("K111", "UNSUPPORTED_COUNTRY", "country"),
    ("K801", "AGED_ACCOUNT", "aged"),
    ("K802", "ACCOUNT_INTEGRITY", "integrity"),
    ("U999", "UNKNOWN", "other"),
    ("", "USER_ID_ERROR", "ssn"),
    ("", "USER_DOB_ERROR", "date_of_birth"),
)
KYC_PROBLEMS = {word: ours for code, name, ours in _KYC_ERRORS for word in (code, name) if word}
UNKNOWN_PROBLEM = "other"
OF_LISTS = {code: ours for code, _name, ours in _KYC_ERRORS if ours in {"watchlist", "ofac"}}
OF_THE_CHECK = re.compile(r"KS[0-9]+")  # the code of a status, not of an objection
LISTS = re.compile(r"(OFAC|\bSDN\b)|SANCTION|WATCH[ _-]?LIST", re.IGNORECASE)
LONGEST_STATUS = 40  # in our table
MEANT_FOR_A_PERSON = "IN_REVIEW"
# How a user stands, beside the check (Enumerations, User Status): rejected, or ended.
ENDED_USERS = {"REVOKED", "CLOSED"}


def read_kyc(body: dict[str, Any]) -> KycState:
    """Read GET /users/{id}/kyc-status.

    Objections stand in `errors`, where there are any; the description knows but one code, beside
    the status. One status that we do not know is for a person to look at.
    """
    kyc = body["kyc"]
    vendor_status = schemas.name_of(kyc["status"])
    standing = schemas.name_of(body.get("status") or "")
    if standing in ENDED_USERS:
        return _refuse(body, standing)
    if vendor_status not in KYC_STATUS:
        schemas.tell_word("identity check", vendor_status)
    status = KYC_STATUS.get(vendor_status, MEANT_FOR_A_PERSON)
    problems = [_read_problem(error) for error in _list_errors(kyc)]
    if status not in {"APPROVED", "CHECKING"}:
        problems = problems or _read_beside_status(kyc)
    if vendor_status not in KYC_STATUS:
        problems.append(UNKNOWN_PROBLEM)
    return KycState(
        status=status,
        vendor_status=vendor_status[:LONGEST_STATUS],
        problems=tuple(dict.fromkeys(problems)),
        first_name=str(body.get("firstName") or ""),
        last_name=str(body.get("lastName") or ""),
    )


def _refuse(body: dict[str, Any], standing: str) -> KycState:
    """Read the check of somebody the broker keeps no more, whatever the check itself once said."""
    return KycState(
        status="DENIED",
        vendor_status=f"USER_{standing}",
        problems=(UNKNOWN_PROBLEM,),
        first_name=str(body.get("firstName") or ""),
        last_name=str(body.get("lastName") or ""),
    )


def _list_errors(kyc: dict[str, Any]) -> list[Any]:
    """Return the objections, whether there are several, one or none."""
    found = kyc.get("errors") or kyc.get("details") or []
    return list(found) if isinstance(found, list) else [found]


def _read_beside_status(kyc: dict[str, Any]) -> list[str]:
    """Return what the status itself says of an objection: its code, or a list in its words."""
    status = kyc["status"] if isinstance(kyc["status"], dict) else {}
    code = schemas.name_of(status.get("code") or "")
    told = f"{status.get('description') or ''} {kyc.get('statusComment') or ''}"
    if code in KYC_PROBLEMS:
        return [KYC_PROBLEMS[code]]
    if listed := _read_list(f"{code} {told}"):
        return [listed]
    if not code or OF_THE_CHECK.fullmatch(code):
        return []
    schemas.tell_word("identity check", code)
    return [UNKNOWN_PROBLEM]


def _read_problem(error: Any) -> str:
    """Return our name of an objection: by its name, or by its code where it has no name.

    DriveWealth's pages give one code to different errors, so a code beside a name that we do not
    know proves nothing. That somebody is on a list is read in any shape it comes in.
    """
    if not isinstance(error, dict):
        word = schemas.name_of(error)
        found = KYC_PROBLEMS.get(word) or _read_list(word)
        if not found and isinstance(error, str):
            schemas.tell_word("identity check", word)
        return found or UNKNOWN_PROBLEM
    name = schemas.name_of(error.get("name") or "")
    code = schemas.name_of(error.get("code") or "")
    ours = KYC_PROBLEMS.get(name or code)
    if ours is None or (ours == UNKNOWN_PROBLEM and code in OF_LISTS):
        listed = _read_list(f"{name} {error.get('description') or ''}")
        ours = OF_LISTS.get(code) or listed or ours
    if ours is None and (name or code):
        schemas.tell_word("identity check", name or code)
    return ours or UNKNOWN_PROBLEM


def _read_list(text: str) -> str:
    """Return which list somebody is on by a text that names one; empty where it names none."""
    found = LISTS.search(text)
    if found is None:
        return ""
    return "ofac" if found[1] else "watchlist"
