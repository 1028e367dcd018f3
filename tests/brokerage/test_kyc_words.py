"""Every word DriveWealth documents of an identity check, and what we make of it.

Sources: its Errors page (two tables of KYC errors), its guide Customer verification (statuses and
two names of its own), its description (`kyc.status.code`, no list of errors).
"""

from typing import Any

import pytest

from brokerage.drivewealth.kyc import read_kyc
from brokerage.identity import PROBLEMS
from brokerage.models import BrokerUser, Case
from tests.cast import make_known, make_parent, sign_in
from tests.pages.reading import read
from tests.stage import Stage

STATUSES = [
    ("KYC_NOT_READY", "NEEDS_INFO"), ("KYC_READY", "CHECKING"), ("KYC_PROCESSING", "CHECKING"),
    ("KYC_APPROVED", "APPROVED"), ("KYC_INFO_REQUIRED", "NEEDS_INFO"),
    ("KYC_DOC_REQUIRED", "NEEDS_DOCUMENT"), ("KYC_MANUAL_REVIEW", "IN_REVIEW"),
    ("KYC_DENIED", "DENIED"),
]  # fmt: skip
ERRORS = [
    ("K001", "AGE_VALIDATION", "age"), ("K002", "POOR_PHOTO_QUALITY", "photo_quality"),
    ("K003", "POOR_DOC_QUALITY", "document_quality"),
    ("K004", "SUSPECTED_DOCUMENT_FRAUD", "document_suspect"),
    ("K005", "INCORRECT_SIDE", "document_side"), ("K006", "NO_DOC_IN_IMAGE", "document_missing"),
    ("K007", "TWO_DOCS_UPLOADED", "document_two"), ("K008", "EXPIRED_DOCUMENT", "document_expired"),
    ("K009", "MISSING_BACK", "document_back"), ("K010", "UNSUPPORTED_DOCUMENT", "document_kind"),
    ("K011", "DOB_NOT_MATCH_ON_DOC", "document_birth"),
    ("K012", "NAME_NOT_MATCH_ON_DOC", "document_name"),
    ("K050", "INVALID_DOCUMENT", "document_invalid"), ("K101", "ADDRESS_NOT_MATCH", "address"),
    ("K102", "SSN_NOT_MATCH", "ssn"), ("K103", "DOB_NOT_MATCH", "date_of_birth"),
    ("K104", "NAME_NOT_MATCH", "name"), ("K106", "SANCTION_WATCHLIST", "watchlist"),
    ("K107", "SANCTION_OFAC", "ofac"), ("K108", "INVALID_PHONE_NUMBER", "phone"),
    ("K109", "INVALID_EMAIL_ADDRESS", "email"), ("K110", "INVALID_NAME_TOO_LONG", "name_long"),
    ("K111", "UNSUPPORTED_COUNTRY", "country"), ("K801", "AGED_ACCOUNT", "aged"),
    ("K802", "ACCOUNT_INTEGRITY", "integrity"), ("U999", "UNKNOWN", "other"),
]  # fmt: skip
GUIDE = [("K101", "USER_ID_ERROR", "ssn"), ("K102", "USER_DOB_ERROR", "date_of_birth")]
LISTED: list[dict[str, Any]] = [
    {"code": "K106"},
    {"code": "k107"},
    {"description": "User is found in OFAC SDN list"},
    {"description": "The user is on a sanctions list."},
    {"errors": ["SANCTION_OFAC"]},
    {"errors": [{"name": "SANCTION_WATCHLIST"}]},
    {"errors": [{"name": "SANCTION_SOMETHING_NEW", "code": "K199"}]},
    {"errors": [{"code": "K107", "description": "?"}]},
    {"errors": [{"name": "OFAC HIT"}]},
    {"errors": {"name": "SANCTION_OFAC"}},
    {"errors": [{"description": "Possible watch-list match"}]},
]


def kyc(status: str, **said: Any) -> dict[str, Any]:
    told = {"name": status, "description": said.pop("description", "")}
    if "code" in said:
        told["code"] = said.pop("code")
    return {"kyc": {"status": told, "approved": None, "accepted": None} | said}


@pytest.mark.parametrize(("word", "ours"), STATUSES)
def test_every_status_is_known(word: str, ours: str) -> None:
    for status in (word, {"name": word}, {"name": word.lower()}):
        assert read_kyc({"kyc": {"status": status}}).status == ours


@pytest.mark.parametrize(("code", "name", "ours"), ERRORS + GUIDE)
def test_every_objection_is_known_by_its_name(code: str, name: str, ours: str) -> None:
    for error in ({"name": name, "code": code}, {"name": name}, name, name.replace("_", " ")):
        assert read_kyc(kyc("KYC_INFO_REQUIRED", errors=[error])).problems == (ours,)
    assert ours in PROBLEMS


@pytest.mark.parametrize(("code", "name", "ours"), ERRORS)
def test_every_objection_is_known_by_its_code_beside_the_status(
    code: str, name: str, ours: str
) -> None:
    shapes: list[dict[str, Any]] = [{}, {"errors": []}, {"errors": None}]
    for more in shapes:
        assert read_kyc(kyc("KYC_INFO_REQUIRED", code=code, **more)).problems == (ours,)


def test_the_code_of_a_status_is_no_objection() -> None:
    assert read_kyc(kyc("KYC_INFO_REQUIRED", code="KS102")).problems == ()
    assert read_kyc(kyc("KYC_APPROVED", code="K102")).problems == ()


@pytest.mark.usefixtures("cache_in_memory")
@pytest.mark.parametrize(
    ("said", "problems"),
    [
        (kyc("KYC_INFO_REQUIRED", code="K999"), ("other",)),
        (kyc("KYC_INFO_REQUIRED", errors=[{"name": "USER_SHOE_SIZE_ERROR"}]), ("other",)),
        (kyc("KYC_INFO_REQUIRED", errors=[{"name": "NEW", "code": "K102"}]), ("other",)),
        (kyc("KYC_INFO_REQUIRED", errors=[{}]), ("other",)),
        (kyc("KYC_INFO_REQUIRED", errors=[None, 7]), ("other",)),
    ],
)
def test_an_unknown_objection_is_for_a_person(
    said: dict[str, Any], problems: tuple[str, ...]
) -> None:
    assert read_kyc(said).problems == problems


@pytest.mark.usefixtures("cache_in_memory")
def test_an_unknown_status_is_for_a_person_and_no_outage() -> None:
    state = read_kyc(kyc("KYC_ENHANCED_DUE_DILIGENCE"))

    assert (state.status, state.problems) == ("IN_REVIEW", ("other",))


@pytest.mark.parametrize("said", LISTED)
def test_a_list_is_read_in_any_shape(said: dict[str, Any]) -> None:
    (problem,) = read_kyc(kyc("KYC_DENIED", **said)).problems

    assert problem in {"ofac", "watchlist"}


def test_an_email_address_that_could_not_be_looked_up_is_on_no_list() -> None:
    error = {"name": "INVALID_EMAIL_ADDRESS", "code": "K109", "description": "not in watch list"}

    assert read_kyc(kyc("KYC_INFO_REQUIRED", errors=[error])).problems == ("email",)


CHOSEN: list[tuple[str, dict[str, Any], str, bool]] = [
    ("KYC_INFO_REQUIRED", {"code": "K102"}, "digit by digit", False),
    ("KYC_INFO_REQUIRED", {"errors": [{"name": "USER_DOB_ERROR", "code": "K102"}]},
     "Check your date of birth", False),
    ("KYC_INFO_REQUIRED", {"code": "K999"}, "A person is looking at it", True),
    ("KYC_BRAND_NEW", {}, "A person is looking at it", True),
    ("KYC_DENIED", {"code": "K107"}, "A person is looking at it", True),
    ("KYC_DENIED", {"description": "User is found in OFAC SDN list"},
     "A person is looking at it", True),
]  # fmt: skip
ALL: list[tuple[str, dict[str, Any], str, bool]] = [
    *[("KYC_INFO_REQUIRED", {"code": code}, "", False) for code, _name, _ours in ERRORS],
    *[("KYC_DENIED", said, "A person is looking at it", True) for said in LISTED],
    *[(word, {}, "", False) for word, _ours in STATUSES],
]


def play(stage: Stage, said: list[tuple[str, dict[str, Any], str, bool]]) -> list[Any]:
    """Have each of these said of a parent of its own; return what did not end as it should."""
    parents = []
    for n, _one in enumerate(said):
        parents.append(make_parent(f"parent{n}@family.example"))
        make_known(parents[-1], ssn=f"2345{n + 10:02d}678")
    stage.work(rounds=1)
    for parent, (status, words, _text, _case) in zip(parents, said, strict=True):
        user = BrokerUser.objects.get(parent=parent)
        stage.control("POST", f"users/{user.vendor_id}/kyc-said", {"status": status} | words)
    BrokerUser.objects.update(next_step_at=stage.now())
    stage.work(rounds=2)
    wrong = []
    for parent, (status, words, text, case) in zip(parents, said, strict=True):
        user = BrokerUser.objects.get(parent=parent)
        page = read(sign_in(parent).get("/about-you/"))
        has_case = Case.objects.filter(kind="IDENTITY", parent=parent).exists()
        tells = any(word in page.text for word in ("OFAC", "sanction", "watch list"))
        if text not in page.text or (case and not has_case) or tells or user.failures:
            wrong.append((status, words, user.status, user.problems, has_case, page.text[200:500]))
    return wrong


def test_chosen_words_lead_to_a_sane_end(stage: Stage) -> None:
    assert play(stage, CHOSEN) == []


@pytest.mark.slow
def test_every_word_leads_to_a_sane_end(stage: Stage) -> None:
    assert play(stage, ALL) == []
