"""A bank that has people sign in on its own site, on a phone: there and back."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Parent
from core.models import AuditEntry
from prefill.models import LinkSession, PlaidItem, Rung
from tests.browser.conftest import Window
from tests.cast import PASSWORD, make_parent
from tests.stage import Stage

pytestmark = pytest.mark.browser
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
BANK = "Platypus OAuth Bank"


@pytest.fixture
def parent(live_stage: Stage) -> Parent:
    return make_parent("newcomer@family.example")


@pytest.fixture
def window(
    parent: Parent, live_stage: Stage, settings: Any, browser: Browser, live_server: Any
) -> Window:
    back = f"{live_server.url}/links/back/"
    live_stage.control("POST", "plaid/redirect-uris", {"uri": back})
    settings.PLAID = {mode: its | {"redirect_uri": back} for mode, its in settings.PLAID.items()}
    window = Window(browser, live_server.url, **PHONE)
    page = window.open("/start/bank/")
    page.get_by_label("Email").fill(parent.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Connect your bank", exact=True)).to_be_visible()
    return window


def go_to_bank(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()
    if button.startswith("Connect"):
        page.get_by_role("button", name=BANK).click()
    page.get_by_role("button", name=f"Continue to {BANK}").click()
    expect(page.get_by_role("heading", name="Let StockSprout read your accounts?")).to_be_visible()


def test_a_bank_is_connected_and_reconnected_on_its_own_site(
    window: Window, parent: Parent, live_stage: Stage
) -> None:
    page = window.page
    go_to_bank(page, "Connect your bank")
    token = LinkSession.objects.get().link_token
    assert token not in page.url
    assert window.fits()
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.get_by_role("heading", name="Choose the accounts to share")).to_be_visible()
    assert page.url == f"{window.site}/links/back/"
    assert window.fits()
    assert token not in page.content()
    page.get_by_role("button", name="Share").click()

    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    expect(page.get_by_text("Your bank is connected.")).to_be_visible()
    [item] = parent.applicant.items.all()
    assert (item.institution_name, item.accounts.count()) == (BANK, 2)
    verbs = AuditEntry.objects.filter(verb__startswith="link.").order_by("id")
    assert [row.verb for row in verbs] == ["link.started", "link.reopened", "link.finished"]
    page.go_back()  # the way back is over once it was gone
    page.reload()
    expect(page.get_by_role("heading", name="We can not go on from here")).to_be_visible()

    live_stage.control("POST", f"plaid/items/{item.item_id}", {"error": "ITEM_LOGIN_REQUIRED"})
    live_stage.advance(25 * 3600)
    live_stage.work()
    go_to_bank(window.open("/banks/"), f"Reconnect {BANK}")
    page.get_by_role("button", name="Allow", exact=True).click()

    expect(page.get_by_text("Your bank is connected again.")).to_be_visible()
    assert page.url == f"{window.site}/banks/"
    item.refresh_from_db()
    assert item.status == PlaidItem.Status.ACTIVE
    assert [text for text in window.complaints if "410" not in text] == []


@pytest.mark.slow
def test_who_does_not_allow_it_or_is_sent_a_forged_way_back_can_begin_once_more(
    window: Window,
) -> None:
    page = window.page
    go_to_bank(page, "Connect your bank")
    page.get_by_role("button", name="Do not allow").click()
    expect(page.get_by_text("Your bank is not connected.")).to_be_visible()
    page.get_by_role("link", name="Begin once more").click()
    go_to_bank(page, "Connect your bank")
    window.open("/links/back/?oauth_state_id=0b7c5a54-forged")
    expect(page.get_by_text("Your bank is not connected.")).to_be_visible()
    assert window.fits()
    page.get_by_role("link", name="Begin once more").click()
    go_to_bank(page, "Connect your bank")
    page.get_by_role("button", name="Allow", exact=True).click()
    page.get_by_role("button", name="Share").click()

    expect(page.get_by_role("heading", name="About you")).to_be_visible()
    session = LinkSession.objects.get()  # the same all the time, and never told to be left
    assert session.status == LinkSession.Status.FINISHED
    assert [(row.name, row.state) for row in Rung.objects.all()] == [("LINK", "DONE")]
