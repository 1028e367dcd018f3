"""How the SDK asks: repeats, waits and new tokens, in a page whose server answers as told.

The server is played at the browser's edge: what is shown here is what goes wrong on the way.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Request, Route

from tests.browser.conftest import Window

pytestmark = pytest.mark.browser
SITE = "https://site.example"
SDK = Path(settings.BASE_DIR) / "static" / "sdk" / "stocksprout.js"
POLICY = f"default-src 'none'; script-src {SITE}; connect-src {SITE}"
USER = "11111111-2222-3333-4444-555555555555"
BEGIN = """
async ([site, options]) => {
  const { createPrefill } = await import(`${site}/sdk.js`);
  const seen = (window.seen = { steps: [], data: [], problems: [], requests: [] });
  let made = 0;
  window.flow = createPrefill({
    userId: "%s", getToken: () => `sct_test_${++made}`,
    onStep: (step) => seen.steps.push(step), onData: (data) => seen.data.push(data),
    onError: (problem) => seen.problems.push(problem),
    onRequest: (request) => seen.requests.push(request), ...options,
  });
}
"""
CODE = {
    "action": "enter_code", "session_id": "s1", "resend_at": None,
    "expires_at": "2026-11-16T17:05:00Z", "attempts_left": 3,
}  # fmt: skip
REVIEW = {"action": "review", "optional": []}
WRONG = {"type": "about:blank", "title": "x", "status": 422, "code": "wrong_code", "detail": "No."}


@dataclass
class Site:
    """A page and its API; `answers` are given one after the other, by what is asked."""

    page: Page
    window: Window
    answers: dict[str, list[Any]] = field(default_factory=dict)
    heard: list[Request] = field(default_factory=list)

    def answer(self, route: Route, request: Request) -> None:
        path = request.url.removeprefix(SITE)
        headers = {"Content-Security-Policy": POLICY}
        if path == "/":
            page = "<!doctype html><html lang=en><title>Shop</title><body></body></html>"
            return route.fulfill(body=page, content_type="text/html", headers=headers)
        if path == "/sdk.js":
            return route.fulfill(body=SDK.read_text(), content_type="text/javascript")
        self.heard.append(request)
        waiting = self.answers[f"{request.method} {path.removeprefix('/api/v1/')}"]
        given = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if given is None:
            return route.abort("connectionreset")
        status, body, *more = given
        text = body if isinstance(body, str) else json.dumps(body)
        return route.fulfill(status=status, body=text, headers=more[0] if more else {})

    def begin(self, step: dict[str, Any], **options: Any) -> None:
        """Load the page and let the SDK find the person at this step."""
        look = {"user_id": USER, "personal_info": {"first_name": "Ada"}, "next_step": step}
        self.answers.setdefault(f"GET prefill/{USER}", [(200, look)])
        self.page.goto(f"{SITE}/")
        self.page.evaluate(BEGIN % USER, [SITE, options])
        self.page.wait_for_function("() => seen.steps.length + seen.problems.length > 0")

    def do(self, call: str) -> Any:
        return self.page.evaluate(f"async () => (await flow.{call}) ?? null")

    def seen(self, name: str) -> Any:
        return self.page.evaluate(f"seen.{name}")

    def keys(self, path: str) -> list[str | None]:
        return [one.headers.get("idempotency-key") for one in self.heard if one.url.endswith(path)]


@pytest.fixture
def site(browser: Browser) -> Iterator[Site]:
    window = Window(browser, SITE, viewport={"width": 390, "height": 844})
    site = Site(window.page, window)
    window.page.route(f"{SITE}/**", site.answer)
    yield site
    # What was answered with an error the browser itself mentions; the SDK says nothing.
    said = [text for text in window.complaints if "Failed to load resource" not in text]
    kept = window.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert (said, kept) == ([], [0, 0, ""])


def test_a_lost_answer_is_asked_for_again_under_the_same_key(site: Site) -> None:
    confirm = "POST phone/confirm"
    site.answers[confirm] = [None, (502, "<html>"), (200, {"next_step": REVIEW})]
    site.begin(CODE)

    site.do("enterCode('123456')")

    keys = site.keys("phone/confirm")
    assert len(keys) == 3
    assert None not in keys
    assert len(set(keys)) == 1
    assert [step["action"] for step in site.seen("steps")] == ["enter_code", "review"]
    assert site.seen("data")[0]["personal_info"]["first_name"] == "Ada"
    assert site.seen("problems") == []


@pytest.mark.slow
def test_pressed_again_after_no_answer_at_all_it_is_the_same_request(site: Site) -> None:
    site.answers["POST phone/confirm"] = [None, None, None, (200, {"next_step": REVIEW})]
    site.begin(CODE)

    site.do("enterCode('123456')")
    problems = site.seen("problems")
    site.do("enterCode('123456')")

    assert [problem["code"] for problem in problems] == ["network"]
    assert len(set(site.keys("phone/confirm"))) == 1
    assert site.seen("steps")[-1]["action"] == "review"


def test_a_refused_code_is_another_request_and_the_step_is_asked_for(site: Site) -> None:
    fewer = {"user_id": USER, "next_step": CODE | {"attempts_left": 2}}
    first = {"user_id": USER, "next_step": CODE}
    site.answers[f"GET prefill/{USER}"] = [(200, first), (200, fewer)]
    site.answers["POST phone/confirm"] = [(422, WRONG)]
    site.begin(CODE)

    site.do("enterCode('000000')")
    site.do("enterCode('000000')")

    assert len(set(site.keys("phone/confirm"))) == 2
    assert [problem["code"] for problem in site.seen("problems")] == ["wrong_code"] * 2
    assert [step["attempts_left"] for step in site.seen("steps")] == [3, 2, 2]


def test_a_second_press_joins_the_first(site: Site) -> None:
    site.answers["POST phone/confirm"] = [(200, {"next_step": REVIEW})]
    site.begin(CODE)

    site.page.evaluate("Promise.all([flow.enterCode('123456'), flow.enterCode('123456')])")

    assert len(site.keys("phone/confirm")) == 1
    assert site.seen("problems") == []


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "tries"), [("1", 2), ("600", 1)])
def test_a_short_wait_is_waited_and_a_long_one_told(site: Site, seconds: str, tries: int) -> None:
    full = WRONG | {"status": 429, "code": "throttled"}
    wait = (429, full, {"Retry-After": seconds})
    site.answers["POST phone/confirm"] = [wait, (200, {"next_step": REVIEW})]
    site.begin(CODE)

    took = site.page.evaluate(
        "async () => { const t = Date.now(); await flow.enterCode('1'); return Date.now() - t; }"
    )

    assert len(site.keys("phone/confirm")) == tries
    assert (took >= 1000) == (tries == 2)
    told = [problem["retry_after"] for problem in site.seen("problems")]
    assert told == ([] if tries == 2 else [600])


def test_an_ended_token_is_replaced_once(site: Site) -> None:
    ended = WRONG | {"status": 401, "code": "expired_key"}
    site.answers["POST phone/confirm"] = [(401, ended), (200, {"next_step": REVIEW}), (401, ended)]
    site.begin(CODE)

    site.do("enterCode('123456')")
    tokens = [one.headers["authorization"] for one in site.heard if one.url.endswith("confirm")]

    assert tokens == ["Bearer sct_test_1", "Bearer sct_test_2"]
    assert len(set(site.keys("phone/confirm"))) == 1
    assert site.seen("steps")[-1]["action"] == "review"


def test_who_has_no_new_token_is_told(site: Site) -> None:
    ended = WRONG | {"status": 401, "code": "expired_key"}
    site.answers[f"GET prefill/{USER}"] = [(401, ended)]

    site.begin(CODE, getToken=None, token="sct_test_given")

    assert [problem["code"] for problem in site.seen("problems")] == ["expired_key"]
    assert len(site.heard) == 1


def test_without_plaids_script_the_person_goes_on_by_text(site: Site) -> None:
    link = {"session_id": "l1", "link_token": "t", "kind": "layer", "next_step": {}}
    site.answers["POST plaid/link-token"] = [(200, link)]
    site.answers["GET phone/consent-text"] = [(200, {"text": "We ask.", "text_version": "1"})]
    site.answers["POST phone/verify"] = [(202, {"next_step": CODE})]
    site.begin({"action": "open_layer"}, plaidScriptUrl="https://cdn.plaid.com/blocked.js")

    site.do("giveDateOfBirth('1985-06-15')")
    site.do("start({phoneNumber: '212 555 0100'})")
    site.do("giveDateOfBirth('1985-06-15', {instructionsAccepted: true})")

    assert site.seen("steps")[0]["action"] == "verify_phone"
    assert [problem["code"] for problem in site.seen("problems")] == ["missing"]
    [sent] = [one.post_data_json for one in site.heard if one.url.endswith("phone/verify")]
    assert sent == {
        "user_id": USER,
        "phone_number": "212 555 0100",
        "date_of_birth": "1985-06-15",
        "consent": {"accepted": True, "text_version": "1"},
    }
    assert site.seen("steps")[-1]["action"] == "enter_code"
    site.window.complaints.clear()  # the policy spoke up against the script: that is the block


def test_steps_that_are_skipped_lead_to_typing(site: Site) -> None:
    closed = WRONG | {"status": 409, "code": "aggregation_unavailable"}
    site.answers["POST plaid/link-token"] = [(409, closed)]
    site.begin(CODE)

    site.do("skip()")
    site.do("skip()")

    assert [step["action"] for step in site.seen("steps")] == ["enter_code", "type_it"]


def test_a_step_that_was_taken_meanwhile_is_not_skipped(site: Site) -> None:
    site.answers["POST phone/confirm"] = [(200, {"next_step": REVIEW})]
    site.begin(CODE)

    site.page.evaluate("Promise.all([flow.enterCode('123456'), flow.skip()])")

    assert [step["action"] for step in site.seen("steps")] == ["enter_code", "review"]


def test_a_flow_that_is_destroyed_says_and_asks_nothing_more(site: Site) -> None:
    site.answers["POST phone/confirm"] = [None]
    site.begin(CODE)

    site.page.evaluate(
        "async () => { const done = flow.enterCode('1'); flow.destroy(); await done; "
        "await flow.start(); }"
    )

    assert len(site.seen("steps")) == 1
    assert site.seen("problems") == []
    assert len(site.keys("phone/confirm")) == 0
