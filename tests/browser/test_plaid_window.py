"""The stand-in for Plaid's window, in a page whose policy allows its origin and nothing inline."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.wrappers import Response

from sandbox.server import running
from tests.browser.conftest import Window, serving
from tests.sandbox.plaids import PlaidCaller

pytestmark = pytest.mark.browser
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
SCRIPT = """
const log = (window.log = []);
const token = new URL(location.href).searchParams.get("token");
window.handler = Plaid.create({
  token,
  onSuccess: (publicToken, metadata) => log.push(["SUCCESS", publicToken, metadata]),
  onExit: (error) => log.push(["EXITED", error && error.error_code]),
  onLoad: () => log.push(["LOADED"]),
  onEvent: (name, metadata) => {
    log.push([name, metadata.error_code || metadata.view_name || ""]);
    if (name === "LAYER_READY") window.handler.open();
  },
});
"""


@pytest.fixture
def caller() -> Iterator[PlaidCaller]:
    with running() as box:
        caller = PlaidCaller(box)
        yield caller
        caller.close()


@pytest.fixture
def site(caller: PlaidCaller) -> Iterator[str]:
    """Serve a partner's page with the script, under a strict policy, from another origin."""
    box = caller.box
    policy = f"default-src 'none'; script-src 'self' {box.url}; connect-src {box.url}"
    scripts = f'<script src="{box.plaid_script_url}"></script><script src="/page.js"></script>'
    page = f"<!doctype html><html lang=en><title>Page</title><body>{scripts}</body></html>"

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        is_script = environ["PATH_INFO"] == "/page.js"
        if environ["PATH_INFO"] not in ("/", "/page.js"):
            return Response(status=204)(environ, start_response)
        kind = "text/javascript" if is_script else "text/html"
        headers = {"Content-Security-Policy": policy}
        response = Response(SCRIPT if is_script else page, headers=headers, content_type=kind)
        return response(environ, start_response)

    with serving(answer) as address:
        yield address


def open_page(browser: Browser, site: str, token: str) -> Window:
    window = Window(browser, site, **PHONE)
    window.open(f"/?token={token}")
    return window


def events(page: Page) -> list[str]:
    return [row[0] for row in page.evaluate("log") if row[0] != "TRANSITION_VIEW"]


def heard(page: Page, name: str) -> Any:
    """Return what the page was told with an event, once it was."""
    page.wait_for_function("name => log.some(row => row[0] === name)", arg=name)
    return page.evaluate("name => log.find(row => row[0] === name)", name)


@pytest.mark.slow
def test_layer_ends_with_a_public_token(browser: Browser, caller: PlaidCaller, site: str) -> None:
    window = open_page(browser, site, caller.layer_token())
    page = window.page

    page.evaluate("handler.submit({phone_number: '+12125550142'})")
    heard(page, "LAYER_NOT_AVAILABLE")
    page.evaluate("handler.submit({date_of_birth: '1980-01-01'})")
    heard(page, "LAYER_AUTOFILL_NOT_AVAILABLE")
    page.evaluate("handler.submit({phone_number: '+14155550011'})")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_have_text("That code is not right.")
    page.get_by_label("Code").fill("123456")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Leslie Knope")).to_be_visible()
    assert window.fits()
    page.get_by_label("First Gingham Credit Union").uncheck()
    page.get_by_role("button", name="Share").click()

    public = heard(page, "SUCCESS")[1]
    found = caller.ask("user_account_session_get", public_token=public)
    assert len(found["items"]) == 1
    assert [name for name in events(page) if name != "LOADED"] == [
        "LAYER_NOT_AVAILABLE",
        "LAYER_AUTOFILL_NOT_AVAILABLE",
        "LAYER_READY",
        "OPEN",
        "SUBMIT_OTP",
        "ERROR",
        "SUBMIT_OTP",
        "VERIFY_PHONE",
        "HANDOFF",
        "SUCCESS",
    ]
    # A wrong code is a 400, which the browser itself mentions; the policy never spoke up.
    assert [text for text in window.complaints if "status of 400" not in text] == []


@pytest.mark.slow
def test_link_chooses_a_bank_and_its_accounts_or_is_left(
    browser: Browser, caller: PlaidCaller, site: str
) -> None:
    page = open_page(browser, site, caller.link_token()).page
    page.evaluate("handler.open()")
    page.get_by_role("button", name="Tartan Bank").click()
    page.get_by_label("User name").fill("user_good")
    page.get_by_label("Password").fill("pass_good")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label(re.compile("Plaid Saving")).uncheck()
    page.get_by_role("button", name="Share").click()
    _, public, metadata = heard(page, "SUCCESS")
    access = caller.ask("item_public_token_exchange", public_token=public)["access_token"]

    [account] = caller.ask("accounts_get", access_token=access)["accounts"]
    assert metadata["accounts"][0]["id"] == account["account_id"]
    assert metadata["institution"]["name"] == "Tartan Bank"

    page = open_page(browser, site, caller.link_token()).page
    page.evaluate("handler.open()")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    assert heard(page, "EXITED")[1] is None
    expect(page.get_by_role("dialog")).to_have_count(0)
    page = open_page(browser, site, "link-sandbox-unknown").page
    page.evaluate("handler.open()")
    assert heard(page, "EXITED")[1] == "INVALID_LINK_TOKEN"


@pytest.mark.slow
@pytest.mark.slow
def test_embedded_it_begins_in_the_page_and_says_where_it_was_left(
    browser: Browser, caller: PlaidCaller, site: str
) -> None:
    page = open_page(browser, site, caller.link_token()).page
    page.evaluate(
        """token => {
          window.embedded = Plaid.createEmbedded({
            token,
            onSuccess: (publicToken) => log.push(["SUCCESS", publicToken]),
            onExit: (error, metadata) => log.push(["EXITED", metadata]),
            onEvent: (name, metadata) => log.push([name, metadata]),
          }, document.body);
        }""",
        caller.link_token(),
    )
    page.get_by_role("button", name="Tartan Bank").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    left, event = heard(page, "EXITED")[1], heard(page, "EXIT")[1]
    page.evaluate("embedded.destroy()")

    assert left["status"] == event["exit_status"] == "requires_credentials"
    assert left["request_id"]
    assert event["request_id"]
    expect(page.get_by_role("button", name="Tartan Bank")).to_have_count(0)
