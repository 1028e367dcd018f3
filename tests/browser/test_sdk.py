"""The SDK in a real browser, at the real site and the practice vendors."""

import re
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings as project
from playwright.sync_api import Browser, Locator, Page, expect
from werkzeug.wrappers import Response

from prefill.models import Applicant
from tests.browser.conftest import Window, serving
from tests.cast import PASSWORD
from tests.prefill.cast import make_prefilling_company
from tests.stage import Stage
from tests.tenants.company import Company

pytestmark = pytest.mark.browser
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
BEGIN = """
([userId, token, baseUrl, plaidScriptUrl]) => import("/sdk.js").then(({ createPrefill }) => {
  const seen = (window.seen = { steps: [], data: [], problems: [] });
  window.flow = createPrefill({
    userId, token, baseUrl, plaidScriptUrl, onStep: (step) => seen.steps.push(step.action),
    onData: (data) => seen.data.push(data), onError: (problem) => seen.problems.push(problem),
  });
})
"""


@pytest.fixture
def acme(live_stage: Stage, settings: Any) -> Company:
    settings.PLAID_SCRIPT_URL = live_stage.box.plaid_script_url
    company = make_prefilling_company("acme")
    company.make_key()
    return company


def begin(window: Window, company: Company) -> Page:
    """Sign in as a developer, open the page to try it and press Begin."""
    page = window.open(company.address("try/"))
    page.get_by_label("Email").fill("developer@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Your phone number")).to_be_visible()
    assert window.fits()
    return page


def card(page: Page) -> Locator:
    """Return what is asked at the present step."""
    return page.locator("[data-shown]:visible")


def give_phone(page: Page, number: str) -> None:
    card(page).get_by_label("Mobile number").fill(number)
    card(page).get_by_role("button", name="Continue").click()


def agree(page: Page) -> None:
    """Give the date of birth, first to Plaid and then for a code, and agree to the text."""
    expect(page.get_by_role("heading", name="Your date of birth")).to_be_visible()
    card(page).get_by_label("Date of birth").fill("1985-06-15")
    card(page).get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="A code by text")).to_be_visible()
    expect(card(page).get_by_label("Date of birth")).to_have_value("1985-06-15")
    card(page).get_by_label("I agree").check()
    card(page).get_by_role("button", name="Continue").click()


def send_code(page: Page, code: str) -> None:
    card(page).get_by_label("Code").fill(code)
    page.get_by_role("button", name="Confirm").click()


def pass_layer(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Code").fill("123456")
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("button", name="Share").click()


def logged(page: Page) -> list[str]:
    return page.locator("[data-log] li").all_inner_texts()


def test_layer_fills_the_form(acme: Company, browser: Browser, live_server: Any) -> None:
    window = Window(browser, live_server.url, **PHONE)
    page = begin(window, acme)

    give_phone(page, "+1 415 555 0011")
    pass_layer(page)

    expect(page.get_by_role("heading", name="Your details")).to_be_visible()
    expect(card(page).get_by_label("First name")).to_have_value("Leslie")
    expect(page.locator("#source_first_name")).to_have_text("from Plaid")
    expect(card(page).get_by_label("City")).to_have_value("Pawnee")
    assert any("plaid/exchange-token → 200" in line for line in logged(page))
    assert logged(page)[-1] == "next_step → review"
    assert Applicant.objects.get().is_phone_verified
    assert window.fits()
    assert not window.complaints


@pytest.mark.slow
def test_who_plaid_does_not_know_gets_a_code_by_text(
    acme: Company, browser: Browser, live_server: Any
) -> None:
    window = Window(browser, live_server.url, **PHONE)
    page = begin(window, acme)

    give_phone(page, "(212) 555-0100")
    agree(page)
    expect(page.get_by_role("heading", name="The code we texted you")).to_be_visible()
    send_code(page, "000000")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("[data-attempts]")).to_have_text("2")
    card(page).get_by_label("Code").fill("123456")
    page.get_by_role("button", name="Confirm").dblclick()
    expect(page.get_by_role("heading", name="Your details")).to_be_visible()
    expect(page.locator("#source_first_name")).to_have_text("from your credit file")
    card(page).get_by_label("First name").fill("Ada")
    page.get_by_role("button", name="Keep my changes").click()

    expect(page.locator("#source_first_name")).to_have_text("you typed this")
    expect(card(page).get_by_label("First name")).to_have_value("Ada")
    assert [line for line in logged(page) if "phone/confirm" in line] == [
        "POST phone/confirm → 422",
        "POST phone/confirm → 200",
    ]
    assert "+12125550100" not in page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert [text for text in window.complaints if "status of 422" not in text] == []


@pytest.mark.slow
def test_where_nothing_can_be_texted_a_bank_is_next(
    acme: Company, browser: Browser, live_server: Any
) -> None:
    window = Window(browser, live_server.url, **PHONE)
    page = begin(window, acme)

    give_phone(page, "212 555 0109")
    agree(page)
    page.get_by_role("button", name="Choose your bank").click()
    page.get_by_role("button", name="Tartan Bank").click()
    page.get_by_label("User name").fill("user_good")
    page.get_by_label("Password").fill("pass_good")
    page.get_by_role("dialog").get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Share").click()

    expect(page.get_by_role("heading", name="Your details")).to_be_visible()
    expect(page.locator("#source_first_name")).to_have_text("from your bank")
    expect(page.get_by_text("bank accounts")).to_be_visible()


@pytest.mark.slow
def test_a_closed_window_leads_on_and_no_step_is_forced(
    acme: Company, browser: Browser, live_server: Any
) -> None:
    window = Window(browser, live_server.url, **PHONE)
    page = begin(window, acme)

    give_phone(page, "+14155550011")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="A code by text")).to_be_visible()
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("button", name="I type it myself").click()

    expect(page.get_by_role("heading", name="Your details")).to_be_visible()
    card(page).get_by_label("First name").fill("Ada")
    page.get_by_role("button", name="Keep my changes").click()
    expect(page.locator("[data-log]")).to_contain_text(re.compile("PATCH prefill/… → 200"))
    assert not window.complaints


@pytest.mark.slow
def test_a_shop_of_another_origin_uses_it_and_goes_on_after_a_reload(
    acme: Company, browser: Browser, live_server: Any, settings: Any
) -> None:
    user_id, token = mint(live_server.url, acme.make_key()[1])
    given = [user_id, token, live_server.url, settings.PLAID_SCRIPT_URL]

    with serving(serve_shop(live_server.url, settings.PLAID_SCRIPT_URL)) as shop:
        window = Window(browser, shop, **PHONE)
        page = window.open("/")
        page.evaluate(BEGIN, given)
        page.wait_for_function("() => seen.steps.includes('open_layer')")
        page.evaluate("flow.start({phoneNumber: '+14155550011'})")
        pass_layer(page)
        page.wait_for_function("() => seen.data.length > 0")
        window.open("/")
        page.evaluate(BEGIN, given)
        page.wait_for_function("() => seen.data.length > 0")

        assert page.evaluate("seen.steps") == ["review"]
        assert page.evaluate("seen.data[0].personal_info.last_name") == "Knope"
        assert page.evaluate("seen.problems") == []
        assert not window.complaints


def serve_shop(site: str, plaid: str) -> Any:
    """Return a shop's server, which has its own copy of the SDK and a strict policy."""
    origin = plaid.split("/plaid-ui", maxsplit=1)[0]
    policy = f"default-src 'none'; script-src 'self' {origin}; connect-src {site} {origin}"
    code = (Path(project.BASE_DIR) / "static" / "sdk" / "stocksprout.js").read_text()
    page = "<!doctype html><html lang=en><title>Shop</title><body></body></html>"

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/sdk.js":
            return Response(code, content_type="text/javascript")(environ, start_response)
        headers = {"Content-Security-Policy": policy}
        status = 200 if environ["PATH_INFO"] == "/" else 204
        response = Response(page, status=status, headers=headers, content_type="text/html")
        return response(environ, start_response)

    return answer


def mint(site: str, key: str) -> tuple[str, str]:
    """Make a user and a token for their browser, as the shop's server does."""
    headers = {"Authorization": f"Bearer {key}"}
    asked: dict[str, Any] = {"external_id": "customer-1"}
    user = requests.post(f"{site}/api/v1/users", json=asked, headers=headers, timeout=10)
    asked = {"user_id": user.json()["user_id"]}
    made = requests.post(f"{site}/api/v1/client-tokens", json=asked, headers=headers, timeout=10)
    return asked["user_id"], made.json()["client_token"]
