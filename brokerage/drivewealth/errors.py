"""DriveWealth's error codes: what each says, and a plain sentence of ours (its page Errors)."""

import re
from typing import Any

import structlog

from brokerage.gateway import Rejected, Unavailable, Undecided
from core.vendors import Answer, tell_unknown


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


# About how we are known to DriveWealth, not about what was asked: nobody in a family can help, and
# nothing was done. Staff have to see to it; meanwhile all that was asked for waits.
ABOUT_US = _codes(
    """
    C010 E005 E006 H050 H055 H060 H070 H075 IK010 L010 L011 L015 L019 L020 L022 L050 L070 L090 L100
    P020 P045 P050 P075 P087 P088 P090 U060 U062 U064 U065 U070 U072 U075
    """
)
# Of a request whose key it has heard before, and of which it does not say what became.
UNDECIDED = frozenset(("E101", "IK025", "IK075"))
# It has this already.
DUPLICATES = frozenset(("AC003", "E020", "E075", "N015", "U010"))
CONFLICT = 409
# Something went wrong; whether what was asked for was done, it does not say.
DOUBTFUL = _codes(
    """
    A062 A063 A100 B001 D100 E099 E100 K100 N100 O099 OT003 Q100 U100 Y099
    """
)
# Every other one its page tells of: a refusal of what was asked.
REFUSALS = _codes(
    """
    A010 A011 A012 A013 A015 A020 A035 A044 A045 A047 A050 A051 A055 A065 A071 A072 AC001 AC002 B050
    B100 D001 D011 D050 D200 D201 D202 D203 D204 D205 E010 E015 E025 E030 E031 E032 E033 E035 E040
    E050 E090 I010 I011 I012 I013 I014 I015 I016 I017 I018 I019 I050 K001 K002 K003 K004 K005 K006
    K007 K008 K009 K010 K011 K012 K050 K075 K101 K102 K103 K104 K106 K107 K108 K109 K110 K111 K801
    K802 M010 M011 M012 M013 N010 N020 N030 N050 N060 O005 O006 O010 O011 O012 O015 O016 O017 O018
    O019 O050 O098 O105 O123 O124 O125 OT002 R010 R011 S100 T003 T004 T005 T010 T011 T012 T013 U025
    U040 U045 U050 U080 U090 U101 U102 U103 U104 U105 U106 U999 Y025 Y044 Y050 Y051 Y060 Y075 Q050
    """
)
STALE_TOKEN = _codes("H065 H080 H081 H082 H085 H090 H100 L024 L025 L065 L075")
KNOWN = ABOUT_US | UNDECIDED | DUPLICATES | DOUBTFUL | REFUSALS | STALE_TOKEN
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
# The field it objects to, as its documents of a person call it → our name of what is to be looked
# at (brokerage.identity.PROBLEMS). Those we do not send are here too.
FIELDS = {
    "firstName": "name", "middleName": "name", "lastName": "name", "signedBy": "name",
    "emailAddress": "email", "email": "email",
    "phone": "phone", "phoneNumber": "phone",
    "value": "ssn", "idNo": "ssn",
    "birthDay": "date_of_birth", "birthMonth": "date_of_birth", "birthYear": "date_of_birth",
    "dob": "date_of_birth",
    "street1": "address", "street2": "address", "street3": "address", "city": "address",
    "province": "address", "postalCode": "address",
    "company": "employer", "companyID": "employer", "position": "employer", "broker": "employer",
    "directorOf": "director_of",
    "politicallyExposedNames": "politically_exposed",
    "annualIncome": "money", "networthTotal": "money", "networthLiquid": "money",
    "investmentExperience": "money", "riskTolerance": "money", "investmentObjectives": "money",
    "secondaryInvestmentObjectives": "money", "investmentHistory12M": "money",
    # What no answer of the family's is at fault for.
    "country": "unclear", "citizenship": "unclear", "issuingCountry": "unclear",
    "issuingProvince": "unclear", "usTaxPayer": "unclear", "usTaxpayer": "unclear",
    "taxTreatyWithUS": "unclear", "irsBackupWithholdings": "unclear", "gender": "unclear",
    "marital": "unclear", "language": "unclear", "username": "unclear", "userID": "unclear",
    "fundingSources": "unclear", "transferFrequencyPerMonth": "unclear",
    "transferTotalExpected": "unclear", "termsOfUse": "unclear", "customerAgreement": "unclear",
    "marketDataAgreement": "unclear", "rule14b": "unclear", "privacyPolicy": "unclear",
    "dataSharing": "unclear", "documents": "unclear", "data": "unclear", "userType": "unclear",
}  # fmt: skip
CODE = re.compile(r"[A-Za-z0-9_-]+")
LONGEST_CODE = 20
ASK_AGAIN = 900.0  # seconds, where somebody of ours has to see to it first
log = structlog.get_logger()
# Words of more than one document: which it is, the path before them tells, or what may be in them.
SHARED = {"type", "status"}
OF_WORK = ("EMPLOYED", "EDUCATION")


def refusal(answer: Answer, *, reads: bool, label: str) -> Exception:
    """Return what to raise for an answer of 400 to 499.

    :param reads: nothing was to be done, only told
    """
    code = read_code(answer)
    if code and code not in KNOWN:
        tell_unknown("drivewealth", code, path=label, status=answer.status)
    if code in ABOUT_US:
        log.error("vendor_refused", vendor="drivewealth", path=label, code=code)
        reason = f"DriveWealth does not take our requests ({code})"
        return Unavailable(reason, status=answer.status, retry_after=ASK_AGAIN)
    if code in UNDECIDED:
        reason = f"DriveWealth does not say what became of it ({code})"
        return Undecided(reason, status=answer.status)
    if code in DOUBTFUL and reads:
        return Unavailable(f"DriveWealth could not answer ({code})", status=answer.status)
    if not code and (reads or answer.status != CONFLICT):
        # No word of DriveWealth's own: a wall in between, or a key it does not know.
        return Unavailable(f"DriveWealth's door answered {answer.status}", status=answer.status)
    return _rejection(answer)


def read_code(answer: Answer) -> str:
    """Return the code of a refusal; empty where it has none."""
    body = answer.body if isinstance(answer.body, dict) else {}
    code = str(body.get("errorCode") or "")
    return code[:LONGEST_CODE] if CODE.fullmatch(code) else ""


def _rejection(answer: Answer) -> Rejected:
    """Return the refusal of what was asked; its own text is not for people's eyes."""
    body: dict[str, Any] = answer.body if isinstance(answer.body, dict) else {}
    code = read_code(answer)
    details = body.get("errorDetails")
    problem = _problem(details) if isinstance(details, dict) else None
    return Rejected(
        SENTENCES.get(code, "The broker did not accept this."),
        code=code or str(answer.status),
        problems=(problem,) if problem else (),
        duplicate=code in DUPLICATES or answer.status == CONFLICT,
        doubtful=code in DOUBTFUL or (bool(code) and code not in KNOWN),
    )


def _problem(details: dict[str, Any]) -> str | None:
    """Return what an objection is about; None where it names no field."""
    path = str(details.get("field") or "")
    if not path:
        return None
    if "trustedContact" in path:
        return "trusted_contact"
    name = re.split(r"[.\[\]/]+", path.strip("[]"))[-1]
    if name in SHARED:
        allowed = str(details.get("allowedValues") or "")
        is_work = "EMPLOYMENT_INFO" in path or any(word in allowed for word in OF_WORK)
        return "employer" if is_work else "unclear"
    return FIELDS.get(name, "unclear")
