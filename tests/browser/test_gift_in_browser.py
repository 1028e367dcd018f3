"""A grandparent gives and a parent approves, in a real browser, on a phone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from brokerage.models import Purchase
from gifting.models import Gift
from tests.browser.conftest import Window
from tests.cast import PASSWORD, Family

pytestmark = pytest.mark.browser
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}


def give(page: Page) -> None:
    page.get_by_text("The Walt Disney Company").click()
    page.get_by_text("$50", exact=True).click()
    page.get_by_label("Your name").fill("Grandma")
    page.get_by_label(re.compile("Your e-?mail")).fill("grandma@family.example")
    page.get_by_role("button", name="Look it over").last.click()
    expect(page.get_by_text("Is everything right?")).to_be_visible()
    page.get_by_role("button", name="Send this gift").click()
    expect(page.get_by_role("heading", name="A gift for Sunny")).to_be_visible()


def test_a_gift_is_given_and_approved_on_a_phone(
    live_family: Family, browser: Browser, live_server: Any
) -> None:
    grandma = Window(browser, live_server.url, **PHONE)
    parent = Window(browser, live_server.url, **PHONE)

    grandma.open(f"/g/{live_family.child.gift_code}/")
    assert grandma.fits()
    give(grandma.page)
    gift = Gift.objects.get()
    page = parent.open(f"/gifts/{gift.pk}/")
    page.get_by_label("Email").fill("custodian@family.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    assert parent.fits()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=re.compile("Approve and move")).dblclick()
    expect(page.get_by_text("We are moving the money now")).to_be_visible()

    assert Purchase.objects.get().reference == gift.pk
    assert not grandma.complaints
    assert not parent.complaints


def test_giving_works_without_javascript(
    live_family: Family, browser: Browser, live_server: Any
) -> None:
    plain = Window(browser, live_server.url, java_script_enabled=False, **PHONE)

    plain.open(f"/g/{live_family.child.gift_code}/")
    give(plain.page)

    assert Gift.objects.get().amount == 50


@pytest.mark.slow
@pytest.mark.bought
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_its_window(
    live_family: Family, browser: Browser, live_server: Any, width: int
) -> None:
    purchase = live_family.purchase()
    gift = Gift.objects.get(purchase=purchase)
    window = Window(browser, live_server.url, viewport={"width": width, "height": 900})
    page = window.open("/account/login/")
    page.get_by_label("Email").fill("custodian@family.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    paths = [
        "/home/",
        f"/children/{live_family.child.pk}/",
        f"/gifts/{gift.pk}/",
        f"/t/{gift.token}/",
        "/about-you/",
        "/banks/",
        "/banks/new/",
        "/children/new/",
        "/account/2fa/",
    ]

    for path in paths:
        window.open(path)
        assert window.fits(), path

    assert not window.complaints
