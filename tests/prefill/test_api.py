"""`/api/v1/` about applicants: the whole journey, and what is wrong with a request."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from core.models import AuditEntry, IdempotentRequest
from prefill.models import Applicant, ApplicantConsent, PhoneSession
from tests.api.calling import Answer, Caller, with_key
from tests.prefill.cast import CODE, make_prefilling_company, number, texts
from tests.sandbox.plaids import PlaidCaller
from tests.stage import Stage
from tests.tenants.company import Company, server

V1 = "/api/v1"
BORN = "1988-07-04"


@pytest.fixture
def shop(acme: Company) -> Caller:
    """The company's server."""
    return server(acme.make_key()[1])


def make_user(shop: Caller, **about: Any) -> str:
    answer = shop.post(f"{V1}/users", about)
    assert answer.status == 201, answer.body
    user_id: str = answer.body["user_id"]
    return user_id


def consent(shop: Caller, **changes: Any) -> dict[str, Any]:
    version = shop.get(f"{V1}/phone/consent-text").body["text_version"]
    return {"accepted": True, "text_version": version} | changes


def verify(shop: Caller, phone: str, **changes: Any) -> Answer:
    asked: dict[str, Any] = {"phone_number": phone, "date_of_birth": BORN}
    asked["consent"] = consent(shop, ip_address="203.0.113.7")
    return with_key(shop).post(f"{V1}/phone/verify", asked | changes)


def step(answer: Answer) -> str:
    action: str = answer.body["next_step"]["action"]
    return action


def test_a_phone_and_a_code_fill_the_form(shop: Caller, stage: Stage) -> None:
    started = verify(shop, number("00"))

    assert (started.status, step(started)) == (202, "enter_code")
    assert started.body["status"] == "pending"
    assert texts(stage, number("00")) == [CODE]
    session, user = started.body["session_id"], started.body["user_id"]
    status = shop.get(f"{V1}/phone/status/{session}")
    assert (status.status, status.body["attempts_left"]) == (200, 3)
    wrong = shop.post(f"{V1}/phone/confirm", {"session_id": session, "verification_code": "000000"})
    assert wrong.problem() == (422, "wrong_code")
    done = shop.post(f"{V1}/phone/confirm", {"session_id": session, "verification_code": CODE})
    assert (done.status, done.body["status"], done.body["identified"]) == (200, "verified", True)
    assert step(done) == "review"
    form = shop.get(f"{V1}/prefill/{user}").body
    assert form["personal_info"]["phone_number"] == number("00")
    assert form["personal_info"]["date_of_birth"] == BORN
    assert form["provenance"]["personal_info.first_name"]["source"] == "bureau"
    assert 0 < float(form["coverage"]) <= 1
    assert shop.get(f"{V1}/users/{user}").body["phone_verified"] is True
    agreed = ApplicantConsent.objects.get()
    assert (str(agreed.applicant_id), agreed.ip_address) == (user, "203.0.113.7")


def test_a_correction_stands_above_every_source(shop: Caller) -> None:
    started = verify(shop, number("00")).body
    shop.post(
        f"{V1}/phone/confirm", {"session_id": started["session_id"], "verification_code": CODE}
    )
    path = f"{V1}/prefill/{started['user_id']}"
    changes = {"personal_info.first_name": "Robin", "employment.income": "92000"}

    edited = shop.patch(path, {"changes": changes})

    assert edited.status == 200
    assert edited.body["personal_info"]["first_name"] == "Robin"
    assert edited.body["employment"]["income"] == "92000.00"
    source = edited.body["provenance"]["personal_info.first_name"]["source"]
    assert source == "user"
    refused = shop.patch(path, {"changes": {"personal_info.email": "no", "shoe_size": "9"}})
    assert refused.problem() == (400, "invalid")
    assert set(refused.fields) == {"personal_info.email", "shoe_size"}


def test_users_are_made_changed_and_erased(shop: Caller) -> None:
    user = make_user(shop, external_id="customer-7", metadata={"plan": "gold", "age": 4})
    path = f"{V1}/users/{user}"

    assert shop.post(f"{V1}/users", {"external_id": "customer-7"}).problem() == (
        409, "user_exists",
    )  # fmt: skip
    shown = shop.get(path).body
    assert (shown["external_id"], shown["metadata"]) == ("customer-7", {"plan": "gold", "age": 4})
    assert (shown["mode"], shown["next_step"]["action"]) == ("test", "open_layer")
    changed = shop.patch(path, {"metadata": {"plan": None}}).body
    assert (changed["external_id"], changed["metadata"]) == ("customer-7", {"plan": None})

    keyed = Caller(shop.client, shop.headers | {"Idempotency-Key": str(uuid4())})
    names = {"changes": {"personal_info.first_name": "Quincy"}}
    assert keyed.patch(f"{V1}/prefill/{user}", names).status == 200
    assert "Quincy" in IdempotentRequest.objects.get().body

    erased = shop.call("DELETE", path)

    assert (erased.status, erased.body["status"]) == (202, "erasing")
    assert not IdempotentRequest.objects.exists()
    assert keyed.patch(f"{V1}/prefill/{user}", names).problem() == (404, "not_found")
    assert shop.get(path).problem() == (404, "not_found")
    assert shop.call("DELETE", path).problem() == (404, "not_found")
    assert make_user(shop, external_id="customer-7") != user


@pytest.mark.parametrize(
    ("link_token", "exchange"),
    [("plaid/link-token", "plaid/exchange-token"), ("data/connect", "data/exchange")],
)
def test_a_bank_is_linked_listed_and_removed(
    shop: Caller, stage: Stage, link_token: str, exchange: str
) -> None:
    user = make_user(shop)
    asked = {
        "user_id": user, "kind": "link", "client_name": "Acme", "country_codes": ["US"],
        "products": ["identity", "accounts"], "language": "en",
    }  # fmt: skip
    started = shop.post(f"{V1}/{link_token}", asked)
    assert (started.status, started.body["kind"]) == (200, "link")
    public = PlaidCaller(stage.box).pass_link(started.body["link_token"])

    finished = shop.post(f"{V1}/{exchange}", {"user_id": user, "public_token": public})

    assert finished.status == 200, finished.body
    assert finished.body["prefill_available"] is True
    [item] = finished.body["items"]
    assert (item["status"], item["needs_reconnect"]) == ("active", False)
    listed = shop.get(f"{V1}/plaid/accounts/{user}").body
    assert listed["accounts"] == finished.body["accounts"]
    assert {account["item_id"] for account in listed["accounts"]} == {item["item_id"]}
    again = shop.post(f"{V1}/{exchange}", {"user_id": user, "public_token": public})
    assert [row["item_id"] for row in again.body["items"]] == [item["item_id"]]
    removed = shop.call("DELETE", f"{V1}/plaid/items/{item['item_id']}")
    assert (removed.status, removed.body["status"]) == (202, "removing")
    left = shop.get(f"{V1}/plaid/accounts/{user}").body
    assert (left["items"], left["accounts"]) == ([], [])


def test_layer_that_knows_nobody_leads_down_the_ladder(shop: Caller) -> None:
    user = make_user(shop)
    started = shop.post(f"{V1}/plaid/link-token", {"user_id": user}).body
    assert started["kind"] == "layer"

    def tell(name: str) -> str:
        event = {"session_id": started["session_id"], "event_name": name}
        return step(shop.post(f"{V1}/plaid/events", event))

    assert tell("LAYER_NOT_AVAILABLE") == "submit_date_of_birth"
    assert tell("LAYER_AUTOFILL_NOT_AVAILABLE") == "verify_phone"


def test_a_browser_does_it_all_with_its_token(acme: Company, shop: Caller, stage: Stage) -> None:
    user = make_user(shop)
    made = shop.post(f"{V1}/client-tokens", {"user_id": user})
    assert made.status == 201
    browser = Caller(Client(REMOTE_ADDR="198.51.100.4"), {"X-API-Key": made.body["client_token"]})

    started = verify(browser, number("00"))

    assert started.body["user_id"] == user
    assert ApplicantConsent.objects.get().ip_address == "198.51.100.4"
    assert PhoneSession.objects.get().ip_address == "198.51.100.4"
    done = browser.post(
        f"{V1}/phone/confirm",
        {"session_id": started.body["session_id"], "verification_code": CODE},
    )
    assert step(done) == "review"
    assert browser.get(f"{V1}/prefill/{user}").status == 200
    assert shop.get(f"{V1}/users/{user}").status == 200
    assert browser.get(f"{V1}/users/{user}").problem() == (403, "insufficient_scope")
    entry = AuditEntry.objects.filter(verb="phone_session.code_requested").get()
    assert entry.actor.startswith("tenants.clienttoken:")
    stage.advance(31 * 60)
    assert browser.get(f"{V1}/prefill/{user}").problem() == (401, "expired_token")


WRONG: list[tuple[str, dict[str, Any], set[str]]] = [
    ("users", {"name": "Pat"}, {"name"}),
    ("users", {"external_id": "x" * 300}, {"external_id"}),
    ("users", {"external_id": 7}, {"external_id"}),
    ("users", {"metadata": {"a": [1]}}, {"metadata"}),
    ("users", {"metadata": {"a": "\x00"}}, {"metadata.a"}),
    ("users", {"metadata": {"a": "\ud800"}}, {"metadata.a"}),
    ("users", {"\ud800": 1}, {"body"}),
    ("client-tokens", {"user_id": "me"}, {"user_id"}),
    ("phone/verify", {}, {"phone_number", "date_of_birth", "consent"}),
    ("phone/verify", {"phone_number": "+12125550100", "date_of_birth": BORN,
                      "consent": {"accepted": False, "text_version": "1"}}, {"consent.accepted"}),
    ("phone/verify", {"phone_number": "+12125550100", "date_of_birth": "4 July",
                      "consent": {"accepted": True, "text_version": "1", "ip": "1"}},
     {"date_of_birth", "consent.ip"}),
    ("phone/confirm", {"session_id": "7", "verification_code": ""},
     {"session_id", "verification_code"}),
    ("plaid/link-token", {"user_id": str(uuid4()), "kind": "update"}, {"item_id"}),
    ("plaid/link-token", {"user_id": str(uuid4()), "redirect_uri": "http://shop.example"},
     {"redirect_uri"}),
    ("plaid/link-token", {"user_id": str(uuid4()), "client_name": "Other", "products": ["assets"],
                          "country_codes": ["CA"]}, {"client_name", "products", "country_codes"}),
    ("plaid/exchange-token", {"user_id": str(uuid4())}, {"public_token"}),
    ("plaid/events", {"session_id": str(uuid4()), "event_name": "drop table"}, {"event_name"}),
]  # fmt: skip


def test_what_is_wrong_is_named(shop: Caller) -> None:
    for path, body, fields in WRONG:
        answer = shop.post(f"{V1}/{path}", body)

        assert answer.status == 400, (path, body, answer.body)
        assert set(answer.fields) == fields, (path, body)
    assert not Applicant.objects.exists()


@pytest.mark.parametrize(
    ("phone", "changes", "expected"),
    [
        ("12", {}, (400, "phone_invalid")),
        (number("00"), {"method": "voice"}, (422, "method_not_supported")),
        (number("00"), {"date_of_birth": "2015-01-01"}, (400, "not_an_adult")),
    ],
)
def test_who_can_not_be_texted_leaves_nobody_behind(
    shop: Caller, stage: Stage, phone: str, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert verify(shop, phone, **changes).problem() == expected

    assert not Applicant.objects.filter(status="ACTIVE").exists()
    assert stage.state()["texts"] == []


def test_too_many_texts_say_when_to_come_again(shop: Caller, settings: Any) -> None:
    settings.SMS_PER_DAY = 1
    assert verify(shop, number("00")).status == 202

    refused = verify(shop, number("00", "303"))

    assert refused.problem() == (429, "too_many_texts")
    assert int(refused.headers["Retry-After"]) > 60
    assert refused.headers["RateLimit-Remaining"]


def test_a_repeated_request_texts_once_also_without_a_user(
    acme: Company, stage: Stage, shop: Caller
) -> None:
    keyed = Caller(shop.client, shop.headers | {"Idempotency-Key": str(uuid4())})
    asked = {"phone_number": number("00"), "date_of_birth": BORN, "consent": consent(shop)}

    first, again = (keyed.post(f"{V1}/phone/verify", asked) for _ in "ab")

    assert (first.status, again.body) == (202, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Applicant.objects.count() == 1
    assert len(texts(stage, number("00"))) == 1


def test_a_text_to_somebody_new_wants_a_key(stage: Stage, shop: Caller) -> None:
    """A repeat would make another user and pay for another text."""
    asked = {"phone_number": number("00"), "date_of_birth": BORN, "consent": consent(shop)}

    bare = [shop.post(f"{V1}/phone/verify", asked) for _ in "ab"]
    named = [shop.post(f"{V1}/phone/verify", asked | {"user_id": make_user(shop)}) for _ in "a"]

    assert [one.problem() for one in bare] == [(400, "idempotency_key_required")] * 2
    assert "Idempotency-Key" in bare[0].fields
    assert [one.status for one in named] == [202]
    assert Applicant.objects.count() == 1
    assert len(texts(stage, number("00"))) == 1


def test_a_repeat_for_a_known_user_texts_once_also_without_a_key(
    stage: Stage, shop: Caller
) -> None:
    asked = {"phone_number": number("00"), "date_of_birth": BORN, "consent": consent(shop)}
    asked["user_id"] = make_user(shop)

    first, again = (shop.post(f"{V1}/phone/verify", asked) for _ in "ab")

    assert (first.status, again.status) == (202, 202)
    assert first.body["session_id"] == again.body["session_id"]
    assert len(texts(stage, number("00"))) == 1


def test_a_vendor_that_is_down_shows_another_way(shop: Caller, stage: Stage) -> None:
    user = make_user(shop)
    stage.fault(kind="status", path="/plaid/session/token/create", status=500, times=9)

    refused = shop.post(f"{V1}/plaid/link-token", {"user_id": user})

    assert refused.problem() == (503, "vendor_unavailable")
    assert step(shop.get(f"{V1}/users/{user}")) == "verify_phone"


def test_what_the_company_did_not_switch_on_is_refused(stage: Stage) -> None:
    closed = make_prefilling_company("closed", phone_enabled=False, aggregation_enabled=False)
    shop = server(closed.make_key()[1])
    user = make_user(shop)

    assert step(shop.get(f"{V1}/users/{user}")) == "type_it"
    assert verify(shop, number("00"), user_id=user).problem() == (409, "phone_unavailable")
    link = {"user_id": user, "kind": "link"}
    assert shop.post(f"{V1}/plaid/link-token", link).problem() == (409, "aggregation_unavailable")
