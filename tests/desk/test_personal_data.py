"""After the whole main job no personal number stands in the clear: database, logs, error pages."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import structlog
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django_q.tasks import async_task

from accounts.models import Consent, Parent
from brokerage.models import BankAccount, Instrument, Purchase
from core import clock
from gifting.models import Contributor
from tests.cast import amounts_sent, make_parent, sign_in
from tests.desk.leaks import dump_database, find_traces, kept_logs
from tests.desk.staff import at_the_desk
from tests.pages.answers import BANK, CHILD, KYC
from tests.stage import Stage

SECRETS = {
    "the parent's SSN": "538-92-7416",
    "the child's SSN": "617-35-2948",
    "the bank account number": "7739104628845",
    "the routing number": "021000021",
    "the phone number": "(303) 867-4291",
    "the street": "4417 Thistledown Crescent",
    "the unit": "Apartment 17Q",
    "the parent's birthday": "1983-11-27",
    "the child's birthday": "2017-08-23",
    "the trusted contact's name": "Philippa",
    "the trusted contact's phone": "(303) 867-4588",
    "the trusted contact's address": "philippa@gran.example",
    "the giver's address": "wilhelmina@gran.example",
    "the giver's words": "Thirty-one candles",
}
IN_OTHER_LETTERS = {
    "the parent's SSN": "538927416",
    "the child's SSN": "617352948",
    "the phone number": "3038674291",
    "the trusted contact's phone": "3038674588",
}


@dataclass
class Traces:
    """What the whole main job left behind."""

    database: str
    logs: str
    error_pages: str


@pytest.fixture
def traces(stage: Stage, django_capture_on_commit_callbacks: Any, settings: Any) -> Traces:
    """Play the main job through the pages, with mistakes and faults on the way."""
    with kept_logs() as logs, django_capture_on_commit_callbacks(execute=True):
        parent = make_parent("custodian@family.example")
        client = sign_in(parent)
        tell_everything(stage, client)
        tracker = give_and_approve(stage, client, parent)
        at_the_desk().get("/admin/accounts/kycprofile/")
        pages = [tracker, *faults(client, parent, settings)]
    return Traces(dump_database(), logs.getvalue(), "\n".join(pages))


def tell_everything(stage: Stage, client: Client) -> None:
    about_you = KYC | {
        "ssn": SECRETS["the parent's SSN"],
        "phone": SECRETS["the phone number"],
        "street1": SECRETS["the street"],
        "street2": SECRETS["the unit"],
        "date_of_birth": SECRETS["the parent's birthday"],
        "trusted_first_name": SECRETS["the trusted contact's name"],
        "trusted_last_name": "Sample",
        "trusted_phone": SECRETS["the trusted contact's phone"],
        "trusted_email": SECRETS["the trusted contact's address"],
        "trusted_adult": "on",
    }
    child = CHILD | {
        "ssn": SECRETS["the child's SSN"],
        "date_of_birth": SECRETS["the child's birthday"],
    }
    number = SECRETS["the bank account number"]
    bank = BANK | {"account_number": number, "account_number_again": number}
    client.post("/about-you/", about_you | {"postal_code": "wrong"})
    assert client.post("/about-you/", about_you).status_code == 302
    stage.work()
    assert client.post("/children/new/", child).status_code == 302
    assert client.post("/children/new/", child).status_code == 422
    assert client.post("/banks/new/", bank).status_code == 302
    assert client.post("/banks/new/", bank).status_code == 422
    stage.work()
    linked = BankAccount.objects.get()
    first, second = amounts_sent(linked)
    answers = {"tries_left": 3, "first": first, "second": second}
    assert client.post(f"/banks/{linked.pk}/confirm/", answers).status_code == 302
    stage.work()


def give_and_approve(stage: Stage, client: Client, parent: Parent) -> str:
    """Return the giver's page once the share is bought."""
    child = parent.children.get()
    offer = {
        "form_key": "7e3c4b1a-5d2f-4c60-9b1e-2a8f0c6d9e11",
        "instrument": Instrument.objects.get(symbol="DIS").pk,
        "quick": "50",
        "giver_name": "Grandma",
        "giver_email": SECRETS["the giver's address"],
        "message": SECRETS["the giver's words"],
        "confirm": "1",
    }
    Client().post(f"/g/{child.gift_code}/", offer)
    gift = child.gifts.get()
    stage.work()
    client.post(f"/gifts/{gift.pk}/approve/", {"bank": parent.banks.get().pk, "authorize": "on"})
    stage.fault(method="GET", path="*/deposits/*", kind="status", status=500, times=1)
    stage.work()
    stage.settle_ach()
    stage.work()
    assert Purchase.objects.get().status == "EXECUTED"
    assert any(SECRETS["the giver's words"] in letter.body for letter in mail.outbox)
    page = Client().get(f"/t/{gift.token}/").content.decode()
    return page.replace(SECRETS["the giver's words"], "")


def faults(client: Client, parent: Parent, settings: Any) -> list[str]:
    """Return the error pages of requests that carry everything."""
    everything = dict(enumerate(SECRETS.values()))
    sent = {f"field{n}": value for n, value in everything.items()}
    broken = Client(raise_request_exception=False)
    broken.force_login(parent.user)
    stern = Client(enforce_csrf_checks=True)
    settings.GIFT_MIN = "broken"
    code, instrument = parent.children.get().gift_code, Instrument.objects.get(symbol="DIS").pk
    offer = {"form_key": "0" * 32, "instrument": instrument, "quick": "50", "giver_name": "Grandma"}
    offer |= {"giver_email": SECRETS["the giver's address"], "message": str(sent)[:400]}
    answers = [
        broken.post(f"/g/{code}/", offer),
        client.get("/nowhere/"),
        client.get("/nowhere/", {"q": SECRETS["the parent's SSN"]}),
        stern.post("/about-you/", sent),
        client.post("/api/children", {"ssn": SECRETS["the child's SSN"]}, "application/json"),
        client.post("/api/children", SECRETS["the child's SSN"], "text/plain"),
    ]
    assert [answer.status_code for answer in answers] == [500, 404, 404, 403, 400, 415]
    return [answer.content.decode() for answer in answers]


def test_the_main_job_leaves_no_personal_data_in_the_clear(traces: Traces) -> None:
    found = [
        (name, where, shapes)
        for name, secret in [*SECRETS.items(), *IN_OTHER_LETTERS.items()]
        for where, text in vars(traces).items()
        if (shapes := find_traces(secret, text))
    ]

    assert found == []
    for secret in ("correct horse battery", "sandbox-secret", "sandbox-app-key", "Bearer ", "/t/"):
        assert secret not in traces.logs
    assert "--- accounts_trustedcontact" in traces.database
    assert "--- accounts_kycprofile" in traces.database
    assert "vendor_call" in traces.logs
    assert "Something went wrong on our side" in traces.error_pages


def test_a_fault_mails_nobody_what_was_sent(known: Parent, settings: Any) -> None:
    settings.ADMINS = [("Operations", "operations@stocksprout.example")]
    settings.ACCOUNT_LOGIN_METHODS = "broken"
    mail.outbox.clear()

    answer = Client(raise_request_exception=False).post(
        "/account/login/", {"login": "custodian@family.example", "field": SECRETS["the street"]}
    )

    assert answer.status_code == 500
    assert not [m for m in mail.outbox if SECRETS["the street"] in m.body]


PLACES = [
    "a text column",
    "a text kept for ever",
    "a column of bytes",
    "a session",
    "a queued task",
    "the cache",
]


@pytest.fixture
def known(stage: Stage) -> Parent:
    parent = make_parent("custodian@family.example")
    sign_in(parent).post("/about-you/", KYC)
    Contributor.objects.create(name="Grandma", email="g@family.example", created_at=_now())
    return parent


@pytest.mark.parametrize("place", PLACES)
def test_a_number_in_the_clear_would_be_found(known: Parent, place: str) -> None:
    secret = SECRETS["the parent's SSN"]
    assert not find_traces(secret, dump_database())

    PLANTS[place](secret)

    assert find_traces(secret, dump_database())


def test_a_word_in_the_log_would_be_found() -> None:
    with kept_logs() as logs:
        structlog.get_logger("tests").info("moved", street=SECRETS["the street"])
        logging.getLogger("tests").warning("giver wrote %s", SECRETS["the giver's words"])

    assert find_traces(SECRETS["the street"], logs.getvalue())
    assert find_traces(SECRETS["the giver's words"], logs.getvalue())


@pytest.mark.parametrize("name", ["the parent's SSN", "the bank account number"])
def test_the_log_blanks_a_number_somebody_logs_by_mistake(name: str) -> None:
    with kept_logs() as logs:
        structlog.get_logger("tests").info("moved", note=f"number {SECRETS[name]} of the parent")
        logging.getLogger("tests").warning("refused %s", SECRETS[name])

    assert "refused" in logs.getvalue()
    assert not find_traces(SECRETS[name], logs.getvalue())


def _now() -> Any:
    return clock.now()


def _execute(statement: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _keep_in_a_session(secret: str) -> None:
    client = Client()
    client.get("/account/login/")
    session: Any = client.session
    session["form"] = {"ssn": secret}
    session.save()
    assert Session.objects.exists()


def _queue(secret: str) -> None:
    async_task("brokerage.tasks.advance_bank", number=secret)


def _cache(secret: str) -> None:
    cache.set("draft", {"ssn": secret})


PLANTS: dict[str, Callable[[str], object]] = {
    "a text column": lambda secret: Contributor.objects.update(name=secret),
    "a text kept for ever": lambda secret: Consent.objects.create(
        parent=Parent.objects.get(), kind="ACH", text=f"Pay from {secret}.", given_at=_now()
    ),
    "a column of bytes": lambda secret: _execute(
        "UPDATE accounts_kycprofile SET ssn = %s", [secret.encode()]
    ),
    "a session": _keep_in_a_session,
    "a queued task": _queue,
    "the cache": _cache,
}
