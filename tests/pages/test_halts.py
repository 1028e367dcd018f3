"""Kill switches: each page and each call they close says so first, and when to come back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from waffle.models import Switch

from core import clock
from core.models import AuditEntry, HaltEnd
from core.switches import HALTS
from gifting.models import Gift
from tests.api.calling import Caller
from tests.cast import Family, halt, make_known, make_parent, resume, sign_in
from tests.desk.staff import at_the_desk
from tests.pages import answers
from tests.pages.reading import read

KEY = "Idempotency-Key"


@dataclass(frozen=True)
class Closed:
    """A page a switch closes, and what its button says while it is open."""

    url: Callable[[Family, Gift], str]
    button: str
    sent: dict[str, str]
    signed_in: bool = True


@dataclass(frozen=True)
class Refused:
    """A call a switch refuses."""

    method: str
    url: Callable[[Family, Gift], str]
    body: Callable[[Family], Any]


GIFT = {"quick": "25", "giver_name": "Aunt", "giver_email": "aunt@family.example"}
APPROVAL = {"authorize": "on"}
MONEY = {"amount": "25", "authorize": "on"}
ORDER = {"symbol": "DIS", "amount": "5.00"}
PAGES: dict[str, list[Closed]] = {
    "halt-accounts": [Closed(lambda f, g: "/children/new/", "Add this child", answers.CHILD)],
    "halt-gifts": [Closed(lambda f, g: f"/g/{f.child.gift_code}/", "Look it over", GIFT, False)],
    "halt-approvals": [
        Closed(lambda f, g: f"/gifts/{g.pk}/", "Approve and move", {"authorize": "on"})
    ],
    "halt-deposits": [
        Closed(lambda f, g: f"/children/{f.child.pk}/add-money/", "Add this money", MONEY)
    ],
    "halt-orders": [
        Closed(lambda f, g: f"/children/{f.child.pk}/orders/new/", "Read it over", ORDER)
    ],
}
CALLS: dict[str, list[Refused]] = {
    "halt-accounts": [
        Refused(
            "POST",
            lambda f, g: "/api/children",
            lambda f: {
                "firstName": "Rain",
                "lastName": "Sample",
                "birthdate": "2020-01-02",
                "ssn": "345-67-8912",
                "governingState": "CO",
                "agreeToUtma": True,
            },
        )
    ],
    "halt-gifts": [],  # nobody gives over the API
    "halt-approvals": [
        Refused("PATCH", lambda f, g: f"/api/gifts/{g.pk}/approve", lambda f: {"authorize": True}),
        Refused("POST", lambda f, g: f"/api/gifts/{g.pk}/retry", lambda f: {"authorize": True}),
    ],
    "halt-deposits": [
        Refused(
            "POST",
            lambda f, g: "/api/deposits",
            lambda f: {"childId": str(f.child.pk), "amount": "25.00", "authorize": True},
        )
    ],
    "halt-orders": [
        Refused(
            "POST",
            lambda f, g: f"/api/children/{f.child.pk}/orders",
            lambda f: {"symbol": "DIS", "side": "BUY", "amount": "5.00"},
        )
    ],
}
EVERY_PAGE = [(name, page) for name in HALTS for page in PAGES[name]]
EVERY_CALL = [(name, call) for name in HALTS for call in CALLS[name]]


def test_every_switch_closes_a_page() -> None:
    assert set(PAGES) == set(CALLS) == set(HALTS)
    assert all(PAGES.values())


@pytest.mark.parametrize(("name", "page"), EVERY_PAGE, ids=[name for name, _page in EVERY_PAGE])
def test_a_page_says_on_top_that_its_action_is_closed_and_offers_no_button(
    name: str, page: Closed, family: Family
) -> None:
    gift = family.give()
    client = family.client if page.signed_in else Client()
    url = page.url(family, gift)

    before = read(client.get(url))
    halt(name)
    while_halted = read(client.get(url))
    resume(name)
    after = read(client.get(url))

    sentence = str(HALTS[name])
    assert (while_halted.status, before.status) == (200, 200)
    assert sentence in while_halted.text
    assert "Please look in again in an hour." in while_halted.text
    assert page.button not in while_halted.text
    for page_open in (before, after):
        assert page.button in page_open.text
        assert sentence not in page_open.text


@pytest.mark.parametrize(("name", "page"), EVERY_PAGE, ids=[name for name, _page in EVERY_PAGE])
def test_a_page_says_when_to_come_back_once_staff_know(
    name: str, page: Closed, family: Family
) -> None:
    gift = family.give()
    halt(name)
    HaltEnd.objects.create(name=name, back_at=clock.now() + timedelta(hours=3, minutes=30))
    client = family.client if page.signed_in else Client()

    shown = read(client.get(page.url(family, gift)))

    assert "We expect to be back on Mon, Nov 16 (Nov 16 at 3:3" in shown.text


@pytest.mark.daily(4)
@pytest.mark.parametrize(("name", "page"), EVERY_PAGE, ids=[name for name, _page in EVERY_PAGE])
@pytest.mark.parametrize("filled", [True, False], ids=["filled in", "empty"])
def test_a_form_sent_into_a_halt_hears_of_it_once(
    name: str, page: Closed, filled: bool, family: Family
) -> None:
    gift = family.give()
    client = family.client if page.signed_in else Client()
    url = page.url(family, gift)
    form = next(f for f in read(client.get(url)).forms if page.sent.keys() <= f.names)
    halt(name)

    told = read(
        client.post(form.action or url, form.fill(**page.sent) if filled else {}, follow=True)
    )

    assert told.text.count(str(HALTS[name])) == 1
    assert told.text.count("Please look in again in an hour.") == 1


def test_the_identity_form_sent_into_a_halt_hears_of_it_once(db: None) -> None:
    client = sign_in(make_parent("custodian@family.example"))
    halt("halt-accounts")

    page = read(client.post("/about-you/", answers.KYC))

    assert page.status == 422
    assert page.text.count(str(HALTS["halt-accounts"])) == 1
    assert page.form_to().values["first_name"] == "Pat"


def test_a_retry_sent_into_a_halt_hears_of_it_once(family: Family) -> None:
    gift = family.give()
    halt("halt-approvals")

    page = read(family.client.post(f"/gifts/{gift.pk}/retry/", {"authorize": "on"}, follow=True))

    assert page.text.count(str(HALTS["halt-approvals"])) == 1


@pytest.mark.parametrize(("name", "call"), EVERY_CALL, ids=[name for name, _call in EVERY_CALL])
def test_a_call_is_refused_with_the_seconds_to_wait(
    name: str, call: Refused, family: Family
) -> None:
    gift = family.give()
    if "retry" in call.url(family, gift):
        family.approve(gift)
    halt(name)
    HaltEnd.objects.create(name=name, back_at=clock.now() + timedelta(minutes=10))
    caller = Caller(family.client, {KEY: str(uuid4())})

    send = caller.patch if call.method == "PATCH" else caller.post
    answer = send(call.url(family, gift), call.body(family))

    assert answer.problem() == (503, "halted")
    assert str(HALTS[name]) in answer.body["detail"]
    assert 590 <= int(answer.headers["Retry-After"]) <= 601
    assert len(family.stage.state()["deposits"]) == 0
    assert len(family.stage.state()["orders"]) == 0


@pytest.mark.parametrize("name", sorted(HALTS))
def test_an_app_can_ask_first(name: str, db: None) -> None:
    nobody, action = Caller(Client()), name.removeprefix("halt-")

    halt(name)

    rows = {row["action"]: row for row in nobody.get("/api/status").body["actions"]}
    assert {row["action"] for row in rows.values() if not row["isOpen"]} == {action}
    assert len(rows) == len(HALTS)
    assert str(HALTS[name]) in rows[action]["detail"]
    assert (rows[action]["backAt"], rows[action]["retryAfterSeconds"]) == (None, 3600)


def test_the_identity_form_is_closed_before_it_is_filled_in(db: None) -> None:
    halt("halt-accounts")

    page = read(sign_in(make_parent("custodian@family.example")).get("/about-you/"))

    assert "New accounts are paused." in page.text
    assert "Save and continue" not in page.text
    assert "ssn" not in {name for form in page.forms for name in form.names}


def test_the_way_to_the_identity_form_says_so_too(db: None) -> None:
    halt("halt-accounts")

    page = read(sign_in(make_parent("custodian@family.example")).get("/start/", follow=True))

    assert "New accounts are paused." in page.text


def test_what_is_only_delayed_is_still_offered(family: Family) -> None:
    halt("halt-deposits")
    gift = family.give()

    linking = read(family.client.get("/banks/new/"))
    approving = read(family.client.get(f"/gifts/{gift.pk}/"))
    family.approve(gift)
    approved = read(family.client.get(f"/gifts/{gift.pk}/"))

    assert "Bank transfers are paused." in linking.text
    assert "Link this account" in linking.text
    assert "Bank transfers are paused." in approving.text
    assert "Approve and move" in approving.text
    assert "Bank transfers are paused." in approved.text


def test_a_form_sent_into_a_halt_keeps_what_was_typed(db: None) -> None:
    parent = make_parent("custodian@family.example")
    make_known(parent)
    client = sign_in(parent)
    halt("halt-accounts")

    page = read(client.post("/children/new/", answers.CHILD))

    assert page.status == 422
    assert page.form_to().values["first_name"] == "Sunny"
    assert "leave this page open, and send it then" in page.text


def test_a_decided_gift_has_nothing_a_switch_could_close(family: Family) -> None:
    gift = family.give()
    family.client.post(f"/gifts/{gift.pk}/decline/")
    halt("halt-approvals")

    assert "Approvals are paused" not in read(family.client.get(f"/gifts/{gift.pk}/")).text


def test_a_declined_gift_needs_no_switch(family: Family) -> None:
    gift = family.give()
    halt("halt-approvals")

    family.client.post(f"/gifts/{gift.pk}/decline/")

    gift.refresh_from_db()
    assert gift.status == "DECLINED"


def test_staff_say_when_they_are_back_and_it_is_written_down(db: None) -> None:
    desk, switch = at_the_desk(), Switch.objects.get(name="halt-gifts")
    url = f"/admin/waffle/switch/{switch.pk}/change/"
    form = next(form for form in read(desk.get(url)).forms if "active" in form.names)

    gone = form.fill(active="on", back_at_0="2020-01-01", back_at_1="12:00:00")
    refused = read(desk.post(url, gone))
    desk.post(url, form.fill(active="on", back_at_0="2099-01-05", back_at_1="15:30:00"))
    told = Caller(Client()).get("/api/status").body["actions"]
    desk.post(url, form.fill(back_at_0="", back_at_1=""))

    assert "This moment is over." in refused.text
    (row,) = [row for row in told if not row["isOpen"]]
    assert row["backAt"] == "2099-01-05T15:30:00-05:00"
    assert AuditEntry.objects.get(verb="switch.turned_on").detail["back_at"].startswith("2099-01")
    assert not HaltEnd.objects.exists()


def test_the_shares_of_a_gift_wait_and_say_so(family: Family) -> None:
    gift = family.give()
    family.approve(gift)
    halt("halt-orders")
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()

    page = read(family.client.get(f"/gifts/{gift.pk}/"))

    assert "Buying and selling are paused." in page.text
    assert not family.stage.state()["orders"]
