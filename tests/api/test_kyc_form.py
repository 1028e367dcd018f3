"""The custodian's form over the API: what it begins with, and handing it in."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import jsonschema  # type: ignore[import-untyped]
import pytest
from django.db import connections

from accounts.models import Consent, KycProfile, Parent, TrustedContact
from brokerage.api import examples
from brokerage.models import BrokerUser
from core.models import AuditEntry, IdempotentRequest
from prefill.models import FieldTally, FieldValue, HeldSsn
from tests.api.calling import Caller, sign_in_by_app
from tests.api.test_schema import OPENAPI, _plain
from tests.cast import halt, make_known, make_parent, make_user, sign_in
from tests.pages.answers import KYC
from tests.pages.reading import read
from tests.prefill.walking import Walker
from tests.stage import Stage

URL, FORM, TRUSTED = "/api/kyc", "/api/kyc/form", "/api/kyc/trusted-contact"
EMAIL = "custodian@family.example"
PERSON = {
    "phoneNumber": "+13035550100", "firstName": "Robin", "lastName": "Vendor",
    "emailAddress": "robin@vendor.example", "ssnLastFourDigits": "4321", "dob": "1980-02-03",
    "addressLine1": "9 Vendor Way", "city": "Boulder", "state": "CO", "zip": "80301",
}  # fmt: skip
NAMES = {
    "date_of_birth": "birthdate", "postal_code": "postalCode", "first_name": "firstName",
    "last_name": "lastName", "employment_status": "employmentStatus",
    "annual_income": "annualIncome", "net_worth": "netWorth",
    "liquid_net_worth": "liquidNetWorth", "investment_experience": "investmentExperience",
    "risk_tolerance": "riskTolerance",
}  # fmt: skip
NUMBERS = {"annual_income", "net_worth", "liquid_net_worth"}
ANSWERS: dict[str, Any] = {
    NAMES.get(name, name): int(value) if name in NUMBERS else value
    for name, value in KYC.items()
    if name not in {"e_sign", "agreements"}
}


@pytest.fixture
def parent(db: None) -> Parent:
    return make_parent(EMAIL)


@pytest.fixture
def phone(parent: Parent) -> Caller:
    return sign_in_by_app(EMAIL)


def body_for(caller: Caller, **changes: Any) -> dict[str, Any]:
    """Return everything the form asks for, with the versions it shows; None leaves a field out."""
    form = caller.get(FORM).body
    agreed = {
        text["name"]: {"accepted": True, "textVersion": text["textVersion"]}
        for text in form["consents"]
    }
    body = ANSWERS | {"consents": agreed}
    if form["trustedContact"]["isAsked"]:
        version = form["trustedContact"]["disclosureVersion"]
        body |= {"trustedContact": {"declined": True, "disclosureVersion": version}}
    return {name: value for name, value in (body | changes).items() if value is not None}


def questions(form: Any) -> dict[str, Any]:
    return {
        question["name"]: question
        for section in form["sections"]
        for question in section["questions"]
    }


def nothing_is_kept() -> bool:
    tables: Any = (KycProfile, Consent, TrustedContact, BrokerUser)
    return not any(table.objects.exists() for table in tables)


def test_the_form_handed_in_makes_the_parent_known(
    stage: Stage, parent: Parent, phone: Caller
) -> None:
    before = phone.get(FORM).body
    sent = phone.post(URL, body_for(phone))
    after = phone.get(FORM).body
    stage.work()

    profile = KycProfile.objects.get(parent=parent)
    assert (before["canSubmit"], before["isCorrection"], before["ssnOnFile"]) == (True, False, None)
    assert (sent.status, sent.body["status"]) == (201, "intended")
    assert (profile.ssn, profile.phone, profile.street2) == ("123456789", "+13035550123", "Unit 4")
    assert {c.kind: c.text for c in Consent.objects.all()} == {
        kind: text["text"]
        for kind, text in zip(("E_SIGN", "BROKER"), before["consents"], strict=True)
    }
    assert {c.ip_address for c in Consent.objects.all()} == {"127.0.0.1"}
    assert TrustedContact.objects.get().status == "DECLINED"
    assert (after["canSubmit"], after["sections"], after["consents"]) == (False, [], [])
    assert phone.get(URL).body["status"] == "approved"
    assert "123456789" not in json.dumps([sent.body, str(after)])


def test_the_questions_are_those_of_the_page(parent: Parent, phone: Caller) -> None:
    page = read(sign_in(parent).get("/about-you/")).form_to()
    form = phone.get(FORM).body
    asked = questions(form)

    consents = {"e_sign", "agreements"}
    assert len(asked) == len(
        page.names - consents - {"csrfmiddlewaretoken", "later", "agreed_version"}
    )
    state = {choice["label"]: choice["value"] for choice in asked["state"]["choices"]}
    shown = {text: value for text, value in page.options["state"].items() if value}
    assert state == shown
    assert asked["annualIncome"]["answerType"] == "integer"
    assert [name for name, one in asked.items() if one["required"]] == [
        name for name in ANSWERS if name not in {"street2", "employer", "industry", "position"}
    ]  # fmt: skip


def test_prefill_begins_the_form_and_an_edit_is_marked_as_typed(
    stage: Stage, parent: Parent, phone: Caller
) -> None:
    stage.control("POST", "spinwheel/people", PERSON)
    walker = Walker(stage, parent).sign_in()
    review = walker.enter(walker.ask_for_code())
    asked = questions(phone.get(FORM).body)

    values = {name: asked[name]["value"] for name in ("firstName", "birthdate", "street1", "phone")}
    sources = {name: asked[name]["source"] for name in ("firstName", "phone", "city", "employer")}
    assert values == {
        "firstName": "Robin", "birthdate": "1980-02-03", "street1": "9 Vendor Way",
        "phone": "(303) 555-0100",
    }  # fmt: skip
    assert sources == {
        "firstName": "from your credit file", "phone": "your verified phone",
        "city": "from your credit file", "employer": None,
    }  # fmt: skip
    assert all(source in review.text for source in sources.values() if source)
    assert "source" not in asked["firstName"]["help"]

    told = {name: one["value"] for name, one in asked.items() if one["value"] is not None}
    keyed = Caller(phone.client, phone.headers | {"Idempotency-Key": str(uuid4())})
    sent = keyed.post(URL, body_for(phone, **told | {"city": "Denver"}))

    assert sent.status == 201, sent.body
    edited = {row.path: (row.shown, row.edited) for row in FieldTally.objects.all()}
    assert edited["addresses"] == (1, 1)
    assert edited["personal_info.first_name"] == (1, 0)
    assert FieldValue.objects.filter(path="addresses", source="user").exists()


def test_plaids_number_is_used_where_none_is_sent_and_shown_nowhere(
    stage: Stage, parent: Parent, phone: Caller
) -> None:
    walker = Walker(stage, parent).sign_in()
    walker.pass_layer()
    ssn = HeldSsn.objects.get().ssn
    form = phone.get(FORM)
    born = questions(form.body)["birthdate"]["value"]

    other = phone.post(URL, body_for(phone, ssn=None, birthdate="1981-02-03"))
    held = HeldSsn.objects.exists()
    sent = phone.post(URL, body_for(phone, ssn=None, birthdate=born))

    assert form.body["ssnOnFile"] == {"last4": ssn[-4:], "source": "from Plaid"}
    assert questions(form.body)["ssn"]["required"] is False
    assert f"ending in {ssn[-4:]} from Plaid" in questions(form.body)["ssn"]["help"]
    assert (other.problem(), list(other.fields), held) == ((400, "ssn_of_another"), ["ssn"], True)
    assert sent.status == 201, sent.body
    assert KycProfile.objects.get().ssn == ssn
    assert not HeldSsn.objects.exists()
    assert ssn not in json.dumps([str(form.body), str(other.body), str(sent.body)])


REQUIRED = [name for name in ANSWERS if name not in {"street2", "position"}]


def test_every_missing_answer_is_named_and_nothing_is_kept(phone: Caller) -> None:
    whole = body_for(phone)
    for name in [*REQUIRED, "consents", "trustedContact"]:
        answer = phone.post(URL, {key: value for key, value in whole.items() if key != name})

        assert answer.problem() == (400, "invalid"), name
        assert list(answer.fields) == [name]
    assert nothing_is_kept()


@pytest.mark.daily(8)
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("firstName", "R2D2", "letters of the name"),
        ("firstName", 7, "This is text"),
        ("firstName", ["Pat"], "Not a valid string"),
        ("lastName", "nul\x00", ""),
        ("ssn", "000-12-3456", "Check each digit"),
        ("ssn", "12345678", "nine digits"),
        ("ssn", "1" * 5000, ""),
        ("phone", "555", "US phone number"),
        ("birthdate", "2999-01-01", "future"),
        ("birthdate", "06/15/1985", "wrong format"),
        ("street1", "P.O. Box 12", "P.O. box"),
        ("state", "XX", "not a valid choice"),
        ("postalCode", "8020", "five digits"),
        ("employmentStatus", "PIRATE", "not a valid choice"),
        ("annualIncome", -1, "greater than or equal to 0"),
        ("annualIncome", 1.5, "valid integer"),
        ("annualIncome", "90_000", "valid integer"),
        ("annualIncome", " 90000", "valid integer"),
        ("annualIncome", "９００００", "valid integer"),
        ("annualIncome", True, "valid integer"),
        ("annualIncome", int("9" * 40), "valid integer"),
        ("liquidNetWorth", 150001, "more than everything you own"),
        ("worksAtBroker", "perhaps", "valid boolean"),
        ("worksAtbroker", True, "no such field"),
    ],
)
def test_an_answer_that_can_not_be_is_named(
    phone: Caller, name: str, value: Any, said: str
) -> None:
    answer = phone.post(URL, body_for(phone, **{name: value}))

    assert answer.problem() == (400, "invalid")
    assert list(answer.fields) == [name]
    assert said in answer.fields[name]
    assert nothing_is_kept()


def test_a_minor_is_refused_by_the_operation_in_the_apis_names(stage: Stage, phone: Caller) -> None:
    answer = phone.post(URL, body_for(phone, birthdate="2008-11-17"))

    assert answer.problem() == (400, "custodian_too_young")
    assert list(answer.fields) == ["birthdate"]
    assert nothing_is_kept()


def test_nothing_is_handed_in_without_agreement_to_the_text_in_force(phone: Caller) -> None:
    whole = body_for(phone)
    for part, change, code, field in (
        ("eSign", {"accepted": False}, "invalid", "consents.eSign"),
        ("agreements", {"accepted": False}, "invalid", "consents.agreements"),
        ("agreements", {"textVersion": "2025-01.old"}, "consent_outdated",
         "consents.agreements.textVersion"),
    ):  # fmt: skip
        consents = whole["consents"] | {part: whole["consents"][part] | change}
        answer = phone.post(URL, whole | {"consents": consents})
        assert (answer.problem(), list(answer.fields)) == ((400, code), [field])
    old = whole["trustedContact"] | {"disclosureVersion": "2025-01.old"}
    outdated = phone.post(URL, whole | {"trustedContact": old})

    assert outdated.problem() == (400, "consent_outdated")
    assert list(outdated.fields) == ["trustedContact.disclosureVersion"]
    assert nothing_is_kept()


def test_a_second_one_is_a_conflict_and_a_repeat_gets_the_first_answer(phone: Caller) -> None:
    whole = body_for(phone)
    keyed = Caller(phone.client, phone.headers | {"Idempotency-Key": str(uuid4())})
    first, repeat = keyed.post(URL, whole), keyed.post(URL, whole)
    reused = keyed.post(URL, whole | {"firstName": "Sam"})
    second = phone.post(URL, whole | {"firstName": "Sam"})

    assert (first.status, repeat.status, repeat.body) == (201, 201, first.body)
    assert repeat.headers["Idempotent-Replayed"] == "true"
    assert reused.problem() == (422, "idempotency_key_reused")
    assert second.problem() == (409, "already_submitted")
    assert KycProfile.objects.get().first_name == "Pat"
    assert AuditEntry.objects.filter(verb="kyc.submitted").count() == 1
    assert Consent.objects.count() == 2
    assert whole["ssn"] not in str(IdempotentRequest.objects.values())


def test_a_refused_one_leaves_its_key_free(phone: Caller) -> None:
    keyed = Caller(phone.client, phone.headers | {"Idempotency-Key": str(uuid4())})
    whole = body_for(phone)

    assert keyed.post(URL, whole | {"phone": "555"}).problem()[0] == 400
    assert keyed.post(URL, whole).status == 201


def test_what_the_broker_wants_corrected_is_corrected(
    stage: Stage, parent: Parent, phone: Caller
) -> None:
    make_known(parent, last_name="SSN_NOT_MATCH")  # the broker's magic word for this error
    stage.work()
    form = phone.get(FORM).body
    asked = questions(form)
    version = form["trustedContact"]["disclosureVersion"]

    sent = phone.post(URL, body_for(phone, ssn="123-45-6780"))
    stage.work()

    assert (form["canSubmit"], form["isCorrection"]) == (True, True)
    assert form["ssnOnFile"] == {"last4": "6789", "source": "you typed this"}
    assert (asked["city"]["value"], asked["city"]["source"]) == ("Denver", None)
    assert (asked["ssn"]["value"], asked["birthdate"]["value"]) == (None, "1985-06-15")
    assert (sent.status, sent.body["allowedActions"]) == (200, ["wait"])
    assert phone.get(URL).body["status"] == "approved"
    assert version
    assert phone.post(URL, body_for(phone)).problem() == (409, "already_submitted")


def test_a_halt_is_a_conflict(phone: Caller) -> None:
    halt("halt-accounts")

    assert phone.post(URL, body_for(phone)).problem() == (503, "halted")
    assert nothing_is_kept()


def test_nobody_else_comes_in_and_a_stranger_finds_only_their_own(
    parent: Parent, phone: Caller, nobody: Caller
) -> None:
    version = phone.get(TRUSTED).body["disclosureVersion"]
    person = examples.TRUSTED_CONTACT_IN | {"firstName": "Philippa", "disclosureVersion": version}
    phone.post(URL, body_for(phone, firstName="Wilhelmina", trustedContact=person))
    make_parent("stranger@elsewhere.example")
    staff = make_user("officer@stocksprout.example")
    staff.is_staff = True
    staff.save()
    stranger, officer = sign_in_by_app("stranger@elsewhere.example"), Caller(nobody.client)
    doors = [("GET", FORM), ("POST", URL)]
    doors += [(method, TRUSTED) for method in ("GET", "PUT", "DELETE")]
    for method, path in doors:
        assert nobody.call(method, path, "{}").problem() == (401, "not_authenticated")
    officer.client.force_login(staff)
    for method, path in doors:
        assert officer.call(method, path, "{}").problem() == (403, "not_allowed")
    form = stranger.get(FORM).body

    assert (form["canSubmit"], form["ssnOnFile"]) == (True, None)
    assert "Wilhelmina" not in str(form)
    assert stranger.call("DELETE", TRUSTED).body["status"] == "declined"
    assert phone.get(TRUSTED).body["person"]["firstName"] == "Philippa"


@pytest.mark.parametrize("text", ["", "[]", '"x"', "{", "null", '{"consents": []}'])
def test_what_is_no_form_is_a_bad_request(phone: Caller, text: str) -> None:
    assert phone.call("POST", URL, text).problem()[0] == 400
    assert nothing_is_kept()


def test_of_two_at_once_one_is_taken(live_stage: Stage) -> None:
    make_parent(EMAIL)
    phones = [sign_in_by_app(EMAIL) for _ in "ab"]
    bodies = [body_for(phones[0], firstName=name) for name in ("Pat", "Sam")]

    def send(number: int) -> int:
        try:
            return phones[number].post(URL, bodies[number]).status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(send, range(2)))

    assert sorted(statuses) == [201, 409]
    assert Consent.objects.count() == 2
    assert TrustedContact.objects.count() == 1


def test_the_form_and_the_examples_are_as_the_schema_says(phone: Caller) -> None:
    schema = json.loads(phone.client.get("/api/schema", headers={"Accept": OPENAPI}).content)
    asked = schema["paths"][FORM]["get"]["responses"]["200"]["content"]["application/json"]
    sent = schema["paths"][URL]["post"]
    answered = sent["responses"]["201"]["content"]["application/json"]
    body = json.loads(json.dumps(phone.get(FORM).body))
    taken = phone.post(URL, body_for(phone)).body
    trusted = schema["paths"][TRUSTED]["put"]
    named = trusted["responses"]["200"]["content"]["application/json"]

    for told, shape in (
        (body, asked),
        (examples.KYC_FORM, asked),
        (examples.KYC_IN, sent["requestBody"]["content"]["application/json"]),
        (taken, answered),
        (examples.KYC_OUT, answered),
        (phone.get(TRUSTED).body, named),
        (examples.TRUSTED_CONTACT_OUT, named),
        (examples.TRUSTED_CONTACT_IN, trusted["requestBody"]["content"]["application/json"]),
    ):
        whole = shape["schema"] | {"components": schema["components"]}
        jsonschema.validate(told, _plain(whole))
    assert sent["requestBody"]["content"]["application/json"]["examples"]
    refusals = {"400", "401", "403", "409", "422"}
    assert refusals <= sent["responses"].keys()
