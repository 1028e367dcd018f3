"""Pages about something under way move by themselves; without JavaScript a link looks again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Parent
from brokerage.models import BankAccount
from brokerage.operations import advance_bank, confirm_bank
from core import clock
from tests.browser.conftest import Window
from tests.cast import (
    PASSWORD,
    Family,
    amounts_sent,
    make_known,
    make_parent,
    make_unconfirmed_bank,
)
from tests.pages.reading import read
from tests.stage import Stage

pytestmark = pytest.mark.browser
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
LOOK_AGAIN = "Look whether something has changed"


def sign_in(window: Window, parent: Parent, path: str) -> Page:
    page = window.open(path)
    page.get_by_label("Email").fill(parent.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("main[data-follow]")).to_be_visible()
    # A mark that a reload by hand would take away.
    page.evaluate("window.sameWindow = true")
    return page


def link_another(family: Family) -> BankAccount:
    """Have a bank that the broker has not been told of yet."""
    bank = make_unconfirmed_bank(family.parent, number="000987654321")
    cents = amounts_sent(bank)
    confirm_bank(bank=bank, cents=cents, by=family.parent, at=clock.now())
    return bank


@pytest.mark.slow
def test_an_identity_check_moves_on_the_page(
    live_stage: Stage, browser: Browser, live_server: Any
) -> None:
    parent = make_parent("newcomer@family.example")
    make_known(parent)
    window = Window(browser, live_server.url, **PHONE)
    page = sign_in(window, parent, "/about-you/")
    expect(page.get_by_text("We are sending your answers to the broker")).to_be_visible()

    live_stage.work()

    expect(page.get_by_text("You are confirmed")).to_be_visible()
    expect(page.locator("main[data-follow]")).to_have_count(0)  # it is at its end
    assert not window.complaints


@pytest.mark.slow
def test_a_bank_moves_on_the_page(live_family: Family, browser: Browser, live_server: Any) -> None:
    bank = link_another(live_family)
    window = Window(browser, live_server.url, **PHONE)
    page = sign_in(window, live_family.parent, "/banks/")
    row = page.locator("li", has_text=bank.last4)
    expect(row.get_by_text("Being linked")).to_be_visible()

    advance_bank(bank.pk, at=clock.now())

    expect(row.get_by_text("Linked", exact=True)).to_be_visible()
    assert not window.complaints


def test_a_gift_moves_on_the_parents_page_and_on_the_givers(
    live_family: Family, browser: Browser, live_server: Any
) -> None:
    gift = live_family.give()
    live_family.approve(gift)
    parents = Window(browser, live_server.url, **PHONE)
    page = sign_in(parents, live_family.parent, f"/gifts/{gift.pk}/")
    tracker = Window(browser, live_server.url, **PHONE)
    followed = tracker.open(f"/t/{gift.token}/")
    before = page.locator("main").inner_text(), followed.locator("main").inner_text()

    live_family.stage.work()
    live_family.stage.settle_ach()
    live_family.stage.work()

    for shown, past in zip((page, followed), before, strict=True):
        expect(shown.locator("main")).not_to_have_text(past)
        expect(shown.locator("main[data-follow]")).to_have_count(0)  # the shares are there
    assert not parents.complaints
    assert not tracker.complaints


@pytest.mark.slow
def test_nothing_is_taken_from_under_who_is_typing(
    live_family: Family, browser: Browser, live_server: Any
) -> None:
    bank = link_another(live_family)
    window = Window(browser, live_server.url, **PHONE)
    page = sign_in(window, live_family.parent, "/banks/")
    page.locator("main").dispatch_event("input", {"bubbles": True})

    advance_bank(bank.pk, at=clock.now())
    page.wait_for_timeout(6000)  # longer than the first look takes

    row = page.locator("li", has_text=bank.last4)
    expect(row.get_by_text("Being linked")).to_be_visible()
    assert page.evaluate("window.sameWindow") is True


@pytest.mark.slow
def test_without_javascript_a_link_looks_again(
    live_family: Family, browser: Browser, live_server: Any
) -> None:
    bank = link_another(live_family)
    plain = Window(browser, live_server.url, java_script_enabled=False, **PHONE)
    page = plain.open("/banks/")
    page.get_by_label("Email").fill(live_family.parent.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    row = page.locator("li", has_text=bank.last4)
    expect(row.get_by_text("Being linked")).to_be_visible()

    advance_bank(bank.pk, at=clock.now())
    page.get_by_role("link", name=LOOK_AGAIN).click()

    expect(row.get_by_text("Linked", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=LOOK_AGAIN)).to_have_count(0)
    assert plain.fits()


def test_every_page_that_follows_something_has_the_link_for_no_javascript(family: Family) -> None:
    gift = family.give()
    family.approve(gift)

    page = read(family.client.get(f"/gifts/{gift.pk}/"))

    assert "data-follow" in page.html
    assert f'<noscript><p><a href="/gifts/{gift.pk}/">{LOOK_AGAIN}' in page.html
