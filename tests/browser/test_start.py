"""From a phone number to a form filled in, in a real browser with Plaid's window."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import KycProfile, Parent
from brokerage.models import BankAccount
from prefill.models import PhoneSession, Rung
from tests.browser.conftest import Window
from tests.cast import PASSWORD, make_parent
from tests.pages.answers import KYC
from tests.stage import Stage

pytestmark = pytest.mark.browser
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
PICKED = (
    "employment_status", "industry", "position", "investment_experience", "risk_tolerance",
    "objective",
)  # fmt: skip
TYPED = ("employer", "annual_income", "net_worth", "liquid_net_worth")


@pytest.fixture
def parent(live_stage: Stage) -> Parent:
    return make_parent("newcomer@family.example")


@pytest.fixture
def window(parent: Parent, browser: Browser, live_server: Any) -> Window:
    window = Window(browser, live_server.url, **PHONE)
    page = window.open("/start/")
    page.get_by_label("Email").fill(parent.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Start with your phone number")).to_be_visible()
    return window


def answer_the_rest(page: Page, **more: str) -> None:
    for name in PICKED:
        page.locator(f"[name={name}]").select_option(KYC[name])
    for name in TYPED:
        page.locator(f"[name={name}]").fill(KYC[name])
    for name, value in more.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=e_sign]").check()
    page.locator("[name=agreements]").check()
    page.get_by_role("button", name="Save and continue").click()


def test_plaid_fills_the_form_and_a_bank_is_linked_without_numbers(
    window: Window, parent: Parent, live_stage: Stage
) -> None:
    page = window.page
    expect(page.get_by_label("Date of birth", exact=True)).to_be_hidden()
    page.get_by_label("Mobile number").fill("(415) 555-0011")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code", exact=True).fill("123456")
    page.get_by_role("button", name="Continue").last.click()
    expect(page.get_by_text("Leslie Knope")).to_be_visible()
    page.get_by_role("button", name="Share").click()

    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    expect(page.get_by_label("First name", exact=True)).to_have_value("Leslie")
    assert window.fits()
    live_stage.work()  # should the banks' answers have taken their time
    page.get_by_label("City").fill("Denver")
    answer_the_rest(page)
    expect(page.get_by_role("heading", name="Which account pays for gifts?")).to_be_visible()
    assert window.fits()
    live_stage.work()
    page.get_by_text("Checking ••0000").first.click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Use this account").click()
    expect(page.get_by_text("Your bank account is being linked")).to_be_visible()

    profile = KycProfile.objects.get(parent=parent)
    assert (profile.first_name, profile.city) == ("Leslie", "Denver")
    assert BankAccount.objects.get().source == "PLAID"
    assert not PhoneSession.objects.exists()
    assert not window.complaints


@pytest.mark.slow
def test_a_number_plaid_does_not_know_is_asked_by_birthday_and_then_by_text(
    window: Window, live_stage: Stage
) -> None:
    page = window.page
    page.get_by_label("Mobile number").fill("303 555 0100")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("status")).to_have_text("Plaid needs your date of birth too.")
    page.get_by_label("Date of birth", exact=True).fill("1980-02-03")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("status")).to_contain_text("We can text you a code instead.")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Text me a code").click()

    expect(page.get_by_role("button", name="Text me a new code")).to_be_disabled()
    page.get_by_label("Code", exact=True).fill("123456")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    expect(page.get_by_text("from your credit file").first).to_be_visible()
    assert len(live_stage.state()["texts"]) == 1
    closed = {row.name: row.state for row in Rung.objects.all()}
    assert closed == {"LAYER": "CLOSED", "LAYER_DOB": "CLOSED", "SMS": "DONE"}
    assert not window.complaints


@pytest.mark.slow
def test_plaid_finds_by_phone_and_birthday(window: Window) -> None:
    page = window.page
    page.get_by_label("Mobile number").fill("+1 415 555 0000")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Date of birth", exact=True).fill("1975-01-18")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code", exact=True).fill("123456")
    page.get_by_role("button", name="Continue").last.click()
    page.get_by_role("button", name="Share").click()

    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    expect(page.get_by_text("from Plaid").first).to_be_visible()
    assert not window.complaints


@pytest.mark.slow
def test_who_closes_plaid_or_can_not_load_it_goes_on_by_text(window: Window) -> None:
    page = window.page
    page.get_by_label("Mobile number").fill("4155550011")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("status")).to_contain_text("You closed Plaid")
    expect(page.get_by_role("button", name="Text me a code")).to_be_visible()

    Rung.objects.all().delete()
    page.route(re.compile("link-initialize"), lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("button", name="Text me a code")).to_be_visible()
    expect(page.get_by_label("Date of birth", exact=True)).to_be_visible()


def test_a_bank_is_connected_by_its_button_and_reconnected(
    window: Window, parent: Parent, live_stage: Stage
) -> None:
    page = window.open("/banks/")
    connect_bank(page, "Connect your bank")
    expect(page.get_by_role("heading", name="About you")).to_be_visible()  # first the form
    [item] = parent.applicant.items.all()
    live_stage.control("POST", f"plaid/items/{item.item_id}", {"error": "ITEM_LOGIN_REQUIRED"})
    live_stage.advance(25 * 3600)
    live_stage.work()

    page = window.open("/banks/")
    assert window.fits()
    page.get_by_role("button", name=f"Reconnect {item.institution_name}").click()
    page.get_by_label("User name").fill("user_good")
    page.get_by_label("Password").fill("pass_good")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Your bank is connected again.")).to_be_visible()
    assert not window.complaints


def connect_bank(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
    page.get_by_role("button", name="Tartan Bank").click()
    page.get_by_label("User name").fill("user_good")
    page.get_by_label("Password").fill("pass_good")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Share").click()
