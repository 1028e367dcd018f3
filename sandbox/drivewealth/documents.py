"""What each document of an application must hold, as the vendor's guide tabulates it.

The guide does not say which documents a minor needs; here a minor needs the four that identify
it and CUSTODIAN_INFO, and needs neither phone nor e-mail.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.config import Config
from sandbox.drivewealth import alphabet, fields
from sandbox.drivewealth.editions import FUNDING_SOURCES, OLDER, POSITIONS
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.records import ADULT, CHILD

Document = dict[str, Any]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


IDENTITY = ("BASIC_INFO", "IDENTIFICATION_INFO", "PERSONAL_INFO", "ADDRESS_INFO")
REQUIRED_DOCUMENTS = {
    ADULT: (*IDENTITY, "EMPLOYMENT_INFO", "INVESTOR_PROFILE_INFO", "DISCLOSURES"),
    CHILD: (*IDENTITY, "CUSTODIAN_INFO"),
}

WORKING = ("EMPLOYED", "SELF_EMPLOYED")
EMPLOYMENT_TYPES = _words(
    "AGRICULTURE MINING UTILITIES CONSTRUCTION MANUFACTURING WHOLESALE RETAIL TRANSPORT "
    "INFORMATION FINANCE REAL_ESTATE PROFESSIONAL MANAGEMENT EDUCATION HEALTH ART FOOD PUBLIC WASTE"
)
COUNTRY = re.compile(r"[A-Z]{3}")
POST_OFFICE_BOX = re.compile(r"\bP\.?\s*O\.?\s*BOX\b", re.IGNORECASE)
US_STATES = _words(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
    "NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR GU VI AS MP"
)


@dataclass(frozen=True)
class Field:
    """One field of a document: its JSON type and, for an ENUM, its words."""

    name: str
    kind: str = "STRING"
    required: bool = True
    allowed: Collection[str] = ()


def _optional(name: str, kind: str = "STRING", allowed: Collection[str] = ()) -> Field:
    return Field(name, kind, required=False, allowed=allowed)


DOCUMENTS: dict[str, tuple[Field, ...]] = {
    "BASIC_INFO": (
        Field("firstName"),
        Field("lastName"),
        Field("country", "COUNTRY"),
        Field("phone"),
        Field("emailAddress"),
        _optional("language", "ENUM", ("en_US", "zh_CN", "es_ES", "pt_BR")),
    ),
    "IDENTIFICATION_INFO": (
        Field("value"),
        Field("type", "ENUM", allowed=("SSN", "EIN", "FTIN", "PASSPORT", "ALIEN_ID", "OTHER")),
        Field("citizenship", "COUNTRY"),
        _optional("usTaxPayer", "BOOL"),
    ),
    "TAX_INFO": (Field("taxTreatyWithUS", "BOOL"), _optional("usTaxpayer", "BOOL")),
    "PERSONAL_INFO": (
        Field("birthDay", "INT"),
        Field("birthMonth", "INT"),
        Field("birthYear", "INT"),
        Field("politicallyExposedNames"),
        _optional("marital", "ENUM", ("SINGLE", "DIVORCED", "MARRIED", "WIDOWED", "PARTNER")),
        _optional("gender"),
    ),
    "ADDRESS_INFO": (
        Field("street1"),
        _optional("street2"),
        Field("city"),
        Field("province"),
        Field("postalCode"),
        Field("country", "COUNTRY"),
    ),
    "EMPLOYMENT_INFO": (
        Field(
            "status",
            "ENUM",
            allowed=("EMPLOYED", "RETIRED", "STUDENT", "UNEMPLOYED", "SELF_EMPLOYED"),
        ),
        Field("broker", "BOOL"),
        Field("directorOf"),
        _optional("company"),
        _optional("type", "ENUM", EMPLOYMENT_TYPES),
        _optional("position", "ENUM", POSITIONS),
    ),
    "INVESTOR_PROFILE_INFO": (
        Field(
            "investmentExperience",
            "ENUM",
            allowed=("NONE", "YRS_1_2", "YRS_3_5", "YRS_5_10", "YRS_10_"),
        ),
        Field("annualIncome", "DECIMAL"),
        Field("networthTotal", "DECIMAL"),
        Field("networthLiquid", "DECIMAL"),
        Field("riskTolerance", "ENUM", allowed=("LOW", "MODERATE", "SPECULATION", "HIGH")),
        Field(
            "investmentObjectives",
            "ENUM",
            allowed=_words(
                "CAPITAL_PRESERVATION GROWTH INCOME SPECULATION NEW "
                "LONG_TERM INFREQUENT FREQUENT ACTIVE_DAILY"
            ),
        ),
    ),
    "DISCLOSURES": (
        Field("termsOfUse", "BOOL"),
        Field("customerAgreement", "BOOL"),
        Field("marketDataAgreement", "BOOL"),
        Field("rule14b", "BOOL"),
        Field("privacyPolicy", "BOOL"),
        Field("dataSharing", "BOOL"),
        Field("signedBy"),
        _optional("extendedHoursAgreement", "BOOL"),
    ),
    "COMPLIANCE_AML_INFO": (
        Field("fundingSources", "WORDS", allowed=FUNDING_SOURCES),
        _optional("transferFrequencyPerMonth", "INT"),
        _optional("transferTotalExpected", "DECIMAL"),
        _optional("investmentHistory12M", "INT"),
    ),
    "CUSTODIAN_INFO": (Field("userID"),),
    "MARGIN_DISCLOSURE": (),
    "KYC_VERIFICATION_INFO": (),
}
# Of the older edition alone.
OLDER_REQUIRES = {
    "BASIC_INFO": (Field("language", "ENUM", allowed=("en_US", "zh_CN", "es_ES", "pt_BR")),),
    "IDENTIFICATION_INFO": (Field("usTaxPayer", "BOOL"),),
}
NOT_IN_OLDER = ("COMPLIANCE_AML_INFO",)


def read_documents(body: Mapping[str, Any], config: Config) -> dict[str, Document]:
    """Return the documents of a request by type, their shape checked, their content not yet."""
    unknown = NOT_IN_OLDER if config.edition == OLDER else ()
    known = [type_ for type_ in DOCUMENTS if type_ not in unknown]
    listed = body.get("documents")
    if not isinstance(listed, list) or not listed:
        raise Refusal("E032").naming("documents", "ARRAY", "documents is required")
    documents: dict[str, Document] = {}
    for item in listed:
        if not isinstance(item, dict):
            raise Refusal("E032").naming("documents", "ARRAY", "a document must be an object")
        type_ = fields.choice(item, "type", known)
        data = item.get("data")
        if not isinstance(data, dict):
            raise Refusal("E032").naming("data", "OBJECT", f"{type_} has no data")
        if type_ in documents:
            raise Refusal("E033").naming("documents", "ARRAY", f"{type_} is given twice")
        documents[type_] = data
    return documents


def check_documents(
    user_type: str, documents: Mapping[str, Document], today: date, config: Config
) -> None:
    """Refuse an application that lacks a document or a field, or says something impossible."""
    required = REQUIRED_DOCUMENTS[user_type]
    if config.requires_funding_sources and user_type == ADULT:
        required = (*required, "COMPLIANCE_AML_INFO")
    for type_ in required:
        if type_ not in documents:
            raise Refusal("U040").naming("documents", "ARRAY", f"{type_} is required")
    for type_, data in documents.items():
        more = OLDER_REQUIRES.get(type_, ()) if config.edition == OLDER else ()
        for field in (*DOCUMENTS[type_], *more):
            _check_field(user_type, type_, field, data)
    _check_letters(documents)
    _check_identity(documents["IDENTIFICATION_INFO"])
    _check_birth(user_type, documents["PERSONAL_INFO"], today)
    _check_address(documents["ADDRESS_INFO"])
    if "EMPLOYMENT_INFO" in documents:
        _check_employment(documents["EMPLOYMENT_INFO"], config)


def age_on(day: date, born: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _check_field(user_type: str, type_: str, field: Field, data: Document) -> None:
    spared = user_type == CHILD and field.name in ("phone", "emailAddress")
    if data.get(field.name) in (None, "") and (spared or not field.required):
        return
    match field.kind:
        case "ENUM":
            fields.choice(data, field.name, field.allowed)
        case "BOOL":
            if data.get(field.name) is None:
                raise Refusal("E032").naming(field.name, "BOOL", f"{type_}: required")
            fields.flag(data, field.name)
        case "INT":
            fields.whole_number(data, field.name)
        case "DECIMAL":
            fields.number(data, field.name)
        case "WORDS":
            fields.choices(data, field.name, field.allowed)
        case "COUNTRY":
            if not COUNTRY.fullmatch(fields.text(data, field.name)):
                raise Refusal("E033").naming(field.name, "STRING", "not an ISO 3166 alpha-3 code")
        case _:
            fields.text(data, field.name)


def _check_letters(documents: Mapping[str, Document]) -> None:
    """Hold names and the address to the vendor's alphabet."""
    basic, address = documents["BASIC_INFO"], documents["ADDRESS_INFO"]
    for name in ("firstName", "lastName"):
        alphabet.check_name(basic, name)
    alphabet.check_email(basic, "emailAddress")
    if "DISCLOSURES" in documents:
        alphabet.check_name(documents["DISCLOSURES"], "signedBy")
    if address["country"] == "USA":
        alphabet.check_us_address(address)


def _check_identity(data: Document) -> None:
    value = data["value"]
    if data["type"] == "SSN" and not re.fullmatch(r"\d{9}", value):
        raise Refusal("E033").naming("value", detail="an SSN has nine digits and nothing else")


def _check_birth(user_type: str, data: Document, today: date) -> None:
    try:
        born = date(data["birthYear"], data["birthMonth"], data["birthDay"])
    except (ValueError, OverflowError):
        raise Refusal("E033").naming("birthDay", "DATE", "there is no such day") from None
    if born > today or age_on(today, born) > 120:
        raise Refusal("E033").naming("birthYear", "INT", "the date of birth cannot be")
    if user_type == CHILD and age_on(today, born) >= 18:
        raise Refusal("E033").naming("birthYear", "INT", "a CUSTODIAL user must be a minor")


def _check_address(data: Document) -> None:
    if POST_OFFICE_BOX.search(data["street1"]):
        raise Refusal("E033").naming("street1", detail="a post office box is not an address")
    if data["country"] != "USA":
        return
    if data["province"] not in US_STATES:
        raise Refusal("E033").naming("province", detail="not a two-letter state")


def _check_employment(data: Document, config: Config) -> None:
    if config.requires_position and data["status"] in WORKING and not data.get("position"):
        raise Refusal("E032").naming("position", "ENUM", "position is required")
    if data["status"] in WORKING and not (data.get("company") or data.get("type")):
        raise Refusal("E032").naming("company", detail="company or type is required")
