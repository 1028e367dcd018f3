"""DriveWealth's error codes → a plain sentence of ours (developer.drivewealth.com, Errors)."""

import re
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
# Words of more than one document: which it is, the path before them tells, or what may be in them.
SHARED = {"type", "status"}
OF_WORK = ("EMPLOYED", "EDUCATION")


def rejection(answer: Answer) -> Rejected:
    """Return what to raise for an answer of 400 to 499; its own text is not for people's eyes."""
    body: dict[str, Any] = answer.body if isinstance(answer.body, dict) else {}
    code = str(body.get("errorCode", ""))[:20]
    details = body.get("errorDetails")
    problem = _problem(details) if isinstance(details, dict) else None
    return Rejected(
        SENTENCES.get(code, "The broker did not accept this."),
        code=code or str(answer.status),
        problems=(problem,) if problem else (),
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
