"""Attempts that are refused: the field is named, one audit row is left, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from core.models import AuditEntry
from prefill.agreements import get_written_instructions
from tenants.models import get_default_tenant
from tests.prefill.cast import CODE, number
from tests.prefill.following import (
    BORN,
    PHONE,
    SECRETS,
    V1,
    Follower,
    begin,
    exchange,
    pass_link,
    text,
)
from tests.prefill.test_erased_meanwhile import list_models
from tests.stage import Stage
from tests.tenants.company import Company


@pytest.fixture
def person(acme: Company, stage: Stage) -> Follower:
    return begin(acme, stage)


def trail(verb: str) -> list[Any]:
    return list(
        AuditEntry.objects.filter(verb=verb).order_by("id").values_list("detail", flat=True)
    )


def test_refused_attempts_leave_one_row_each_and_nothing_else(
    person: Follower, stage: Stage
) -> None:
    version = person.shop.get(f"{V1}/phone/consent-text").body["text_version"]
    session = text(person)
    good: dict[str, Any] = {
        "user_id": person.user, "phone_number": PHONE, "date_of_birth": BORN,
        "consent": {"accepted": True, "text_version": version},
    }  # fmt: skip
    nobody = {name: value for name, value in good.items() if name != "user_id"}
    young, old = {"date_of_birth": "2015-07-04"}, {"accepted": True, "text_version": "old"}
    link = {"user_id": person.user}
    verify, confirm, finish = "phone/verify", "phone/confirm", "plaid/exchange-token"
    about_user, about_code = "applicant.phone_refused", "phone_session.confirm_refused"
    table: list[tuple[str, dict[str, Any], str, str, str]] = [
        (verify, good | {"phone_number": "+12125"}, "phone_number", "phone_invalid", about_user),
        (verify, good | {"phone_number": "+18005550142"}, "phone_number", "phone_kind", about_user),
        (verify, good | {"country_code": "CA"}, "country_code", "phone_country", about_user),
        (verify, good | young, "date_of_birth", "not_an_adult", about_user),
        (verify, good | {"consent": old}, "text_version", "consent_outdated", about_user),
        (verify, good | {"method": "voice"}, "method", "method_not_supported", about_user),
        (verify, nobody | young, "date_of_birth", "not_an_adult", "phone.refused"),
        (confirm, {"session_id": session, "verification_code": "12345"}, "verification_code",
         "code_malformed", about_code),
        (finish, link | {"public_token": "a\nb"}, "public_token", "invalid",
         "applicant.link_refused"),
        (finish, link | {"public_token": "unknown"}, "", "no_session", "applicant.link_refused"),
    ]  # fmt: skip
    for path, body, name, code, verb in table:
        before, rows = _count_rows(), AuditEntry.objects.count()

        refused = person.shop.post(f"{V1}/{path}", body)

        assert refused.problem()[1] == code, (path, body)
        assert set(refused.fields) == ({name} - {""})
        entry = AuditEntry.objects.latest("id")
        assert (entry.verb, entry.detail) == (verb, {"code": code})
        assert AuditEntry.objects.count() == rows + 1
        assert _count_rows() == before
    assert len(person.texts()) == 1


def test_wrong_codes_and_used_tokens_are_told_as_well(person: Follower) -> None:
    wrong = {"session_id": text(person), "verification_code": "765432"}
    for _try in range(4):
        person.post("phone/confirm", wrong)
    public = pass_link(person)
    exchange(person, public)
    pass_link(person)
    other = exchange(person, f"{public}x")

    assert other.problem() == (409, "connect_again")
    codes = [row["code"] for row in trail("phone_session.confirm_refused")]
    assert codes == ["wrong_code", "wrong_code", "too_many_attempts", "too_many_attempts"]
    assert trail("applicant.link_refused") == [{"code": "connect_again"}]
    written = str(list(AuditEntry.objects.values_list("detail", "actor", "subject")))
    assert [secret for secret in [*SECRETS, "765432", public] if secret in written] == []


def _count_rows() -> dict[str, int]:
    return {model.__name__: model._base_manager.count() for model in list_models()}


def test_a_birthday_typed_for_a_code_need_not_be_typed_again(person: Follower) -> None:
    person.phone = number("04")  # nobody is found by it
    person.post("phone/confirm", {"session_id": text(person), "verification_code": CODE})

    form = person.shop.get(f"{V1}/prefill/{person.user}").body

    assert form["personal_info"]["date_of_birth"] == BORN
    assert form["provenance"]["personal_info.date_of_birth"]["source"] == "user"
    person.phone, person.born = number("04", "303"), "1988-07-05"  # it was mistyped
    text(person)
    form = person.shop.get(f"{V1}/prefill/{person.user}").body
    assert form["personal_info"]["date_of_birth"] == "1988-07-05"


def test_the_text_agreed_to_names_each_company_once(acme: Company) -> None:
    _version, ours = get_written_instructions(get_default_tenant())
    _version, theirs = get_written_instructions(acme.tenant)

    assert ours.startswith("I give StockSprout, and Spinwheel, which works for it, my written")
    assert theirs.startswith("I give Acme, and StockSprout and Spinwheel, which work for it, my")
