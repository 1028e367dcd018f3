"""The whole main job, from sign-up to shares, through the pages alone."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from tests.pages import answers
from tests.pages.reading import Browser, Page
from tests.stage import Stage

EMAIL = "custodian@family.example"
GIVER = "grandma@family.example"


def test_a_parent_opens_an_account_and_a_grandparents_gift_becomes_shares(stage: Stage) -> None:
    parent, giver = Browser(), Browser()

    open_everything(stage, parent)
    child_url, gift_link = find_gift_link(parent)
    tracker_url = give(giver, gift_link)
    stage.work()
    approve_by_the_link_in_the_mail(parent)
    stage.work()
    money_is_shown_on_its_way(parent.open(child_url))
    let_the_week_pass(stage)

    shares, cost = bought_at_the_broker(stage)
    page = parent.open(child_url)
    assert shares in page.text
    assert f"Paid for the shares held now ${cost}" in page.text
    assert "Checked with the broker Nov 23 at 10:" in page.text
    every_step_has_its_date(giver.open(tracker_url))
    assert subjects_to(GIVER).count("Sunny now owns a piece of The Walt Disney Company") == 1
    assert len(subjects_to(GIVER)) == 2
    for page in parent.seen + giver.seen:
        assert page.status == 200, page.url
        assert page.inline == [], page.url


@pytest.mark.slow
def test_the_giver_needs_no_account_and_sees_nothing_of_the_parents(stage: Stage) -> None:
    parent, giver = Browser(), Browser()
    open_everything(stage, parent)
    _url, gift_link = find_gift_link(parent)

    tracker_url = give(giver, gift_link)

    assert "sessionid" not in giver.client.cookies
    for page in (giver.open(gift_link), giver.open(tracker_url)):
        assert "Sample" not in page.html  # the family's name
        assert EMAIL not in page.html
        assert "/home/" not in page.links


def open_everything(stage: Stage, parent: Browser) -> None:
    """Sign up, be known, add a child, link a bank."""
    sign_up(parent)
    home = parent.submit(parent.open("/about-you/"), **answers.KYC)
    assert "The broker is checking your answers" in home.text
    stage.work()
    assert "You are confirmed" in parent.open("/about-you/").text
    child = parent.submit(parent.open("/children/new/"), **answers.CHILD)
    assert "Sunny is added" in child.text
    banks = parent.submit(parent.open("/banks/new/"), **answers.BANK)
    assert "Checking ••6789" in banks.text
    stage.work(rounds=3)
    stage.go_to("next-banking-day")
    waiting = parent.open("/banks/")
    link = next(link for link in waiting.links if link.endswith("/confirm/"))
    first, second = (line["amount"] for line in stage.state()["bankStatement"])
    parent.submit(parent.open(link), first=first, second=second)
    stage.work()
    assert "Linked" in parent.open("/banks/").text
    assert "Getting ready" not in parent.open("/home/").text


def sign_up(parent: Browser) -> None:
    page = parent.open("/account/signup/")
    sent = parent.submit(page, email=EMAIL, password1="four green sprouts")
    assert "Look in your mail" in sent.text
    confirm = parent.open(link_in(mail.outbox[-1]))
    assert EMAIL in confirm.text
    home = parent.submit(confirm, to="/account/confirm-email/")
    assert home.url == "/home/"
    assert "Tell us about yourself" in home.text


def find_gift_link(parent: Browser) -> tuple[str, str]:
    home = parent.open("/home/")
    child_url = next(link for link in home.links if re.fullmatch(r"/children/[0-9a-f-]{36}/", link))
    found = re.search(r'value="(http[^"]+/g/[^"]+)"', parent.open(child_url).html)
    assert found
    return child_url, found[1]


def give(giver: Browser, gift_link: str) -> str:
    page = giver.open(gift_link)
    shown = giver.submit(
        page,
        instrument=page.form_to().pick("instrument", "The Walt Disney Company"),
        quick=page.form_to().pick("quick", "$50"),
        giver_name="Grandma",
        giver_email=GIVER,
        message="For your first day at school",
    )
    assert "Is everything right?" in shown.text
    tracker = giver.submit(shown, confirm="1")
    assert "Thank you!" in tracker.text
    assert "Sunny's parent looks at it first." in tracker.text
    return tracker.url


def approve_by_the_link_in_the_mail(parent: Browser) -> None:
    letter = next(m for m in mail.outbox if m.subject.startswith("Grandma gives Sunny $50.00"))
    assert letter.to == [EMAIL]
    assert "For your first day at school" in letter.body
    gift = parent.open(link_in(letter))
    assert "I authorize StockSprout and its broker to debit $50.00 once" in gift.text
    done = parent.submit(gift, to="/approve/", authorize="on")
    assert "Approved. We are moving the money now." in done.text


def money_is_shown_on_its_way(page: Page) -> None:
    assert "On its way $50.00" in page.text
    assert "Money on its way" in page.text


def let_the_week_pass(stage: Stage) -> None:
    """Let the worker look in on every banking morning, and once the exchange is open."""
    for _day in range(4):
        stage.go_to("next-banking-day")
        stage.work()
    stage.advance(1800)
    stage.work()


def bought_at_the_broker(stage: Stage) -> tuple[str, str]:
    """Return shares and cost as pages write them."""
    (account,) = stage.state()["accounts"]
    (held,) = account["positions"]
    assert held["symbol"] == "DIS"
    return f"{Decimal(held['quantity']):.8f}".rstrip("0"), f"{Decimal(held['cost']):.2f}"


def every_step_has_its_date(page: Page) -> None:
    for step in (
        "Given (done) Nov 17 at 10:",
        "Approved (done) Nov 17 at 10:",
        "Bank transfer started (done) Nov 17 at 10:",
        "Money arrived (done) Nov 23 at 10:",
        "Share bought (done) Nov 23 at 10:",
        "Checked with the broker (done)",
    ):
        assert step in page.text, (step, page.text)


def subjects_to(address: str) -> list[str]:
    return [str(letter.subject) for letter in mail.outbox if letter.to == [address]]


def link_in(letter: Any) -> str:
    found: list[str] = re.findall(r"https?://\S+", letter.body)
    return found[0]
