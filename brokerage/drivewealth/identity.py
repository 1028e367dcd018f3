"""People in DriveWealth's words: who somebody is, and what its identity check says of it."""

from typing import Any

from brokerage.drivewealth import schemas
from brokerage.gateway import Custodian, KycState, Minor, Person

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
# Code, name, our name (developer.drivewealth.com, KYC errors). Its bank codes K050 and K110 are
# others: this table is for the identity check alone.
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
)
KYC_PROBLEMS = {word: ours for code, name, ours in _KYC_ERRORS for word in (code, name)}
UNKNOWN_PROBLEM = "other"
EXPERIENCE = {
    "NONE": "NONE",
    "YEARS_1_2": "YRS_1_2",
    "YEARS_3_5": "YRS_3_5",
    "YEARS_5_10": "YRS_5_10",
    "YEARS_10": "YRS_10_",  # its own trailing underscore
}


def write_custodian(person: Custodian) -> dict[str, Any]:
    """Return the body of POST /users for an adult (INDIVIDUAL_TRADER)."""
    employment: dict[str, Any] = {
        "status": person.employment_status,
        "broker": person.works_at_broker,
        "directorOf": person.director_of or "NULL",
    }
    if person.employment_status in {"EMPLOYED", "SELF_EMPLOYED"}:
        employment |= {"company": person.employer, "type": person.industry}
    investor = {
        "investmentExperience": EXPERIENCE[person.investment_experience],
        "annualIncome": person.annual_income,
        "networthTotal": person.net_worth,
        "networthLiquid": person.liquid_net_worth,
        "riskTolerance": person.risk_tolerance,
        "investmentObjectives": person.objective,
    }
    agreements = (
        "termsOfUse", "customerAgreement", "marketDataAgreement",
        "rule14b", "privacyPolicy", "dataSharing",
    )  # fmt: skip
    signed = dict.fromkeys(agreements, True) | {
        "signedBy": f"{person.first_name} {person.last_name}"
    }
    documents = [
        *_identity(person, exposed=person.politically_exposed),
        {"type": "EMPLOYMENT_INFO", "data": employment},
        {"type": "INVESTOR_PROFILE_INFO", "data": investor},
        {"type": "DISCLOSURES", "data": signed},
    ]
    return {"userType": "INDIVIDUAL_TRADER", "documents": documents}


def write_minor(person: Minor) -> dict[str, Any]:
    """Return the body of POST /users for the child of a custodial account (CUSTODIAL)."""
    link = {"type": "CUSTODIAN_INFO", "data": {"userID": person.custodian_id}}
    return {"userType": "CUSTODIAL", "documents": [*_identity(person), link]}


def _identity(person: Person, *, exposed: str = "") -> list[dict[str, Any]]:
    born, home = person.date_of_birth, person.address
    return [
        {
            "type": "BASIC_INFO",
            "data": {
                "firstName": person.first_name,
                "lastName": person.last_name,
                "country": "USA",
                "phone": person.phone.removeprefix("+"),
                "emailAddress": person.email,
                "language": "en_US",
            },
        },
        {
            "type": "IDENTIFICATION_INFO",
            "data": {
                "value": person.ssn,
                "type": "SSN",
                "citizenship": "USA",
                "usTaxPayer": True,
            },
        },
        {
            "type": "PERSONAL_INFO",
            "data": {
                "birthDay": born.day,
                "birthMonth": born.month,
                "birthYear": born.year,
                "politicallyExposedNames": exposed or "NULL",
            },
        },
        {
            "type": "ADDRESS_INFO",
            "data": {
                "street1": home.street1,
                "street2": home.street2,
                "city": home.city,
                "province": home.state,
                "postalCode": home.postal_code,
                "country": "USA",
            },
        },
    ]


def read_kyc(body: dict[str, Any]) -> KycState:
    """Read GET /users/{id}/kyc-status."""
    kyc = body["kyc"]
    vendor_status = schemas.name_of(kyc["status"])
    return KycState(
        status=schemas.known(KYC_STATUS, vendor_status, "KYC"),
        vendor_status=vendor_status,
        problems=tuple(dict.fromkeys(_read_problem(error) for error in kyc.get("errors") or [])),
    )


def _read_problem(error: Any) -> str:
    """Return our name of an objection: by its name, or by its code where it has no name.

    DriveWealth's pages give one code to different errors, so a code beside a name that we do not
    know proves nothing.
    """
    if isinstance(error, dict):
        word = schemas.name_of(error.get("name") or "") or schemas.name_of(error.get("code") or "")
    else:
        word = schemas.name_of(error)
    return KYC_PROBLEMS.get(word, UNKNOWN_PROBLEM)
