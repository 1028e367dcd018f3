"""Everything that is wrong is told at once: what a field can not be, and what the rules forbid."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Child, KycProfile, TrustedContact
from brokerage.models import BankAccount, DebitPause, Deposit, Instrument, Order
from core import clock
from gifting.models import Gift, GiftLink
from tests.api.calling import Caller, with_key
from tests.cast import Family, make_parent, sign_in
from tests.pages import answers
from tests.pages.reading import read

EMAIL = "custodian@family.example"


@dataclass(frozen=True)
class Mistakes:
    """A form with mistakes of both sorts; `form` are those of fields, `rules` the others'."""

    url: Callable[[Family], str]
    sent: Callable[[Family], dict[str, Any]]
    form: dict[str, str]
    rules: dict[str, str]
    above: list[str] = field(default_factory=list)


def _dis(_family: Family) -> str:
    return str(Instrument.objects.get(symbol="DIS").pk)


FORMS = {
    "child: whose number, which state, without last name": Mistakes(
        lambda f: "/children/new/",
        lambda f: {
            "first_name": "Rain",
            "date_of_birth": "1990-07-07",
            "ssn": "123-45-6789",
            "governing_state": "CO",
        },
        {"last_name": "Please fill this in.", "agree": "Please tick this box"},
        {"ssn": "your own number", "date_of_birth": "account of their own"},
    ),
    "child: one who is there, one too close in age": Mistakes(
        lambda f: "/children/new/",
        lambda f: answers.CHILD | {"governing_state": "", "ssn": "23456-7891"},
        {"governing_state": "Please choose one."},
        {"ssn": "added this child already", "first_name": "by this name and birthday"},
    ),
    "trusted contact: oneself in two ways, of no age": Mistakes(
        lambda f: "/about-you/trusted-contact/",
        lambda f: {
            "trusted_first_name": "Pat",
            "trusted_last_name": "Sample",
            "trusted_phone": "(303) 555-0123",
            "trusted_email": "CUSTODIAN@family.example.",
        },
        {"trusted_adult": "at least 18"},
        {
            "trusted_phone": "your own number",
            "trusted_email": "your own e-mail",
            "trusted_first_name": "your own name",
        },
    ),
    "money: more than a day's, box not ticked": Mistakes(
        lambda f: f"/children/{f.child.pk}/add-money/",
        lambda f: {"form_key": uuid4(), "amount": "$50,000,000", "bank": f.bank.pk},
        {"authorize": "Tick the box"},
        {"amount": "Choose an amount between"},
    ),
    "order: an unreadable price, more dollars than there are": Mistakes(
        lambda f: f"/children/{f.child.pk}/orders/new/",
        lambda f: {
            "form_key": uuid4(),
            "side": "BUY",
            "symbol": "VOO",
            "amount": "5.001",
            "price": "much",
            "kind": "MARKET",
        },
        {"price": "Enter the price"},
        {"amount": "dollars and cents", "symbol": "single stocks only"},
    ),
    "order: nothing chosen, a price without shares": Mistakes(
        lambda f: f"/children/{f.child.pk}/orders/new/",
        lambda f: {"form_key": uuid4(), "side": "BUY", "kind": "LIMIT", "amount": "7"},
        {"symbol": "Choose a company."},
        {"price": "Enter the price", "quantity": "needs a number of shares"},
    ),
    "gift: too small, without name, to look over": Mistakes(
        lambda f: f"/g/{f.child.gift_code}/",
        lambda f: {
            "form_key": uuid4(),
            "instrument": _dis(f),
            "amount": "0.03",
            "giver_email": "aunt@family.example",
        },
        {"giver_name": "Please fill this in."},
        {"amount": "Choose an amount between"},
    ),
    "link: a name there is, a day gone by, half a gift": Mistakes(
        lambda f: f"/children/{f.child.pk}/links/",
        lambda f: {"name": "Party", "open_until": "2020-02-02", "most_gifts": "0"},
        {"most_gifts": "greater than or equal to 1"},
        {"name": "a link of this name", "open_until": "still to come"},
    ),
    "bank: linked already, box not ticked": Mistakes(
        lambda f: "/banks/new/",
        lambda f: (
            {k: v for k, v in answers.BANK.items() if k != "authorization"}
            | {"account_type": "GOLD"}
        ),
        {"authorization": "Please tick this box", "account_type": "Please choose one of these."},
        {"account_number": "linked already"},
    ),
    "approval: expired and paused, box not ticked": Mistakes(
        lambda f: f"/gifts/{Gift.objects.get().pk}/approve/",
        lambda f: {"bank": f.bank.pk},
        {"authorize": "Tick the box"},
        {},
        ["This gift has expired", "paused since one was returned"],
    ),
}


@pytest.fixture
def busy(family: Family) -> Family:
    """A family with a link of their own, and a gift that waited too long under a pause."""
    GiftLink.objects.create(child=family.child, code="party", name="Party", created_at=clock.now())
    family.give()
    return family


@pytest.mark.parametrize("case", FORMS.values(), ids=list(FORMS))
def test_mistakes_of_both_sorts_come_in_one_answer(case: Mistakes, busy: Family) -> None:
    if "expired" in str(case.above):
        Gift.objects.update(expires_at=clock.now() - timedelta(days=1))
        DebitPause.objects.create(parent=busy.parent, code="R10", created_at=clock.now())
    before = [model.objects.count() for model in (Child, Deposit, Order, GiftLink, BankAccount)]

    page = read(busy.client.post(case.url(busy), case.sent(busy)))

    assert page.status == 422
    for name, said in (case.form | case.rules).items():
        assert said in page.errors.get(name, ""), (name, page.errors)
    for said in case.above:
        assert said in page.text
    assert page.title.startswith("Error:")
    assert "autofocus" in page.html
    after = [model.objects.count() for model in (Child, Deposit, Order, GiftLink, BankAccount)]
    assert after == before


def test_the_custodians_form_says_all_of_it_at_once(db: None) -> None:
    parent = make_parent(EMAIL)
    mistaken = answers.KYC | {
        "date_of_birth": "2015-01-01",
        "postal_code": "8020",
        "employer": "",
        "trusted_first_name": "Pat",
        "trusted_last_name": "Sample",
        "trusted_phone": answers.KYC["phone"],
        "trusted_adult": "on",
    }

    page = read(sign_in(parent).post("/about-you/", mistaken))

    said = {
        "date_of_birth": "at least 18",
        "postal_code": "ZIP",
        "employer": "name of your employer",
        "trusted_phone": "your own number",
        "trusted_first_name": "your own name",
    }
    assert page.status == 422
    for name, text in said.items():
        assert text in page.errors.get(name, ""), (name, page.errors)
    assert not KycProfile.objects.exists()


def test_a_name_the_broker_writes_otherwise_is_not_shown_before_the_faults(family: Family) -> None:
    told = answers.CHILD | {"first_name": "Zoë", "ssn": "123456789", "date_of_birth": "2018-03-03"}

    page = read(family.client.post("/children/new/", told))

    assert page.status == 422
    assert "your own number" in page.errors["ssn"]


def test_a_picture_nobody_asked_for_is_told_that_and_no_more(family: Family) -> None:
    page = read(
        family.client.post("/about-you/documents/", {"front": SimpleUploadedFile("id.jpg", b"abc")})
    )

    assert page.status == 422
    assert "asks for no document now" in page.text
    assert not [link for link in page.links if link.startswith("#id_")]


# --- the same over the API ------------------------------------------------------------------------

BODIES: dict[str, tuple[Callable[[Family], str], str, dict[str, Any], dict[str, str]]] = {
    "child": (
        lambda f: "/api/children",
        "post",
        {
            "firstName": "Rain",
            "birthdate": "1984-01-01",
            "ssn": "123456789",
            "governingState": "CO",
            "agreeToUtma": False,
        },
        {
            "lastName": "invalid",
            "agreeToUtma": "invalid",
            "ssn": "ssn_of_custodian",
            "birthdate": "not_a_minor",
        },
    ),
    "bank": (
        lambda f: "/api/bank-accounts",
        "post",
        {
            "routingNumber": "021000021",
            "accountNumber": "000123456789",
            "accountType": "GOLD",
            "authorize": True,
        },
        {"accountType": "invalid", "accountNumber": "bank_known"},
    ),
    "deposit": (
        lambda f: "/api/deposits",
        "post",
        {"childId": "", "amount": "50000000.00", "authorize": False},
        {"authorize": "invalid", "amount": "amount"},
    ),
    "order": (
        lambda f: f"/api/children/{f.child.pk}/orders",
        "post",
        {"symbol": "VOO", "side": "BUY", "type": "MARKET", "quantity": "x", "price": "3"},
        {"quantity": "invalid", "price": "price", "symbol": "instrument"},
    ),
    "link": (
        lambda f: f"/api/children/{f.child.pk}/gift-links",
        "post",
        {"name": "Party", "openUntil": "2020-02-02", "mostGifts": 0},
        {"mostGifts": "invalid", "name": "link_known", "openUntil": "invalid"},
    ),
}


@pytest.mark.parametrize("case", BODIES.values(), ids=list(BODIES))
def test_a_body_with_mistakes_of_both_sorts_gets_one_answer(
    case: tuple[Callable[[Family], str], str, dict[str, Any], dict[str, str]], busy: Family
) -> None:
    url, _method, body, codes = case
    sent = body | ({"childId": str(busy.child.pk)} if "childId" in body else {})

    refused = with_key(Caller(busy.client)).post(url(busy), sent)

    assert refused.problem() == (400, "invalid")
    assert set(refused.fields) == set(codes)
    assert refused.body["codes"] == codes


def test_rules_alone_keep_their_code_and_name_every_field(family: Family) -> None:
    body = {
        "firstName": "Rain",
        "lastName": "Sample",
        "birthdate": "1984-01-01",
        "ssn": "123456789",
        "governingState": "CO",
        "agreeToUtma": True,
    }

    refused = Caller(family.client).post("/api/children", body)

    assert refused.problem() == (400, "not_a_minor")
    assert refused.body["codes"] == {"birthdate": "not_a_minor", "ssn": "ssn_of_custodian"}


def test_whom_the_customer_trusts_is_refused_at_once_over_the_api(family: Family) -> None:
    now = Caller(family.client).get("/api/kyc/trusted-contact").body
    body = {
        "firstName": "Pat",
        "lastName": "Sample",
        "phone": "(303) 555-0123",
        "isAdult": False,
        "disclosureVersion": now["disclosureVersion"],
    }

    refused = Caller(family.client).call("PUT", "/api/kyc/trusted-contact", json.dumps(body))

    assert refused.body["codes"]["phone"] == "trusted_not_another"
    assert refused.body["codes"]["firstName"] == "trusted_not_another"
    assert "18" in refused.fields["isAdult"]
    assert not TrustedContact.objects.filter(status="NAMED").exists()
