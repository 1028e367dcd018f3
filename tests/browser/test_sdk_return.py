"""The SDK in a shop's page, with a bank that has people sign in on its own site."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from core import clock
from prefill.models import LinkSession, PlaidItem
from tenants.operations import change_redirect_uris
from tests.browser.conftest import Window, serving
from tests.browser.test_sdk import PHONE, mint, serve_shop
from tests.prefill.cast import make_prefilling_company
from tests.stage import Stage
from tests.tenants.company import Company

pytestmark = pytest.mark.browser
BANK = "Platypus OAuth Bank"
BEGIN = """
([userId, token, baseUrl, plaidScriptUrl]) => import("/sdk.js").then(({ createPrefill }) => {
  const seen = (window.seen = { steps: [], data: [], problems: [] });
  const back = location.search.includes("oauth_state_id=") && sessionStorage.getItem("plaid");
  window.flow = createPrefill({
    userId, token, baseUrl, plaidScriptUrl, redirectUri: `${location.origin}/`,
    onStep: (step) => seen.steps.push(step.action), onData: (data) => seen.data.push(data),
    onError: (problem) => seen.problems.push(problem.code),
    onLink: (link) => sessionStorage.setItem("plaid", JSON.stringify(link)),
    ...(back && { resume: { ...JSON.parse(back), receivedRedirectUri: location.href } }),
  });
})
"""


@pytest.fixture
def acme(live_stage: Stage, settings: Any) -> Company:
    settings.PLAID_SCRIPT_URL = live_stage.box.plaid_script_url
    return make_prefilling_company("acme", aggregation_products=["auth", "identity"])


def leave(page: Page) -> None:
    page.evaluate("flow.openLink()")
    page.get_by_role("button", name=BANK).click()
    page.get_by_role("button", name=f"Continue to {BANK}").click()
    expect(page.get_by_role("heading", name="Let Acme read your accounts?")).to_be_visible()


@pytest.mark.slow
def test_the_shops_page_goes_on_where_the_person_left_it(
    acme: Company, browser: Browser, live_server: Any, live_stage: Stage, settings: Any
) -> None:
    user_id, token = mint(live_server.url, acme.make_key()[1])
    given = [user_id, token, live_server.url, settings.PLAID_SCRIPT_URL]

    with serving(serve_shop(live_server.url, settings.PLAID_SCRIPT_URL)) as shop:
        live_stage.control("POST", "plaid/redirect-uris", {"uri": f"{shop}/"})
        change_redirect_uris(
            acme.tenant, redirect_uris=[f"{shop}/"], by=acme.admin.user, reason="-", at=clock.now()
        )
        window = Window(browser, shop, **PHONE)
        page = window.open("/")
        page.evaluate(BEGIN, given)
        page.wait_for_function("() => seen.steps.length > 0")
        page.evaluate("flow.skip()")  # no text: the bank is next
        page.wait_for_function("() => seen.steps.includes('open_link')")
        leave(page)
        page.get_by_role("button", name="Do not allow").click()
        page.wait_for_url(f"{shop}/?oauth_state_id=*")
        page.evaluate(BEGIN, given)
        page.wait_for_function("() => seen.problems.length > 0 && seen.steps.length > 1")
        refused = page.evaluate("seen.problems")
        page.evaluate("flow.skip()")
        page.wait_for_function("() => seen.steps.includes('open_link')")
        leave(page)
        page.get_by_role("button", name="Allow", exact=True).click()
        page.wait_for_url(f"{shop}/?oauth_state_id=*")
        page.evaluate(BEGIN, given)
        page.get_by_role("button", name="Share").click()
        page.wait_for_function("() => seen.data.length > 0")

        assert refused == ["return_refused"]
        assert page.evaluate("seen.problems") == []
        assert page.evaluate("seen.steps.at(-1)") == "review"
        assert PlaidItem.objects.get().institution_name == BANK
        kinds = LinkSession.objects.values_list("kind", "status", "redirect_uri")
        assert list(kinds) == [("link", "FINISHED", f"{shop}/")]
        assert [text for text in window.complaints if "status of 400" not in text] == []
