"""Back from a bank's own site: whose browser goes on, and with what."""

import re
from typing import Any

import pytest
import requests
from django.test import Client

from accounts.models import Parent
from core.models import AuditEntry
from prefill.models import LinkSession, PlaidItem
from tests.cast import PASSWORD, make_parent, sign_in
from tests.prefill.walking import Walker
from tests.stage import Stage

PLATYPUS_OAUTH = "ins_127287"
BACK = "/links/back/"
REGISTERED = "http://127.0.0.1:8000/links/back/"


@pytest.fixture
def parent(stage: Stage) -> Parent:
    return make_parent("newcomer@family.example")


@pytest.fixture
def walker(stage: Stage, parent: Parent) -> Walker:
    return Walker(stage, parent).sign_in()


def begin(walker: Walker, kind: str = "link", **more: Any) -> dict[str, str]:
    """Press the button of a page; return the session and its link token."""
    walker.open("/start/bank/")
    answer = walker.ask("/links/", kind=kind, **more)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def visit_bank(stage: Stage, token: str) -> str:
    """Allow the access on the bank's own site; return the address it leads back to."""
    window = f"{stage.box.url}/plaid-ui"
    asked = {"token": token, "institution_id": PLATYPUS_OAUTH}
    path = requests.post(f"{window}/handoff", json=asked, timeout=10).json()["path"]
    page = stage.box.url + path
    answer = requests.post(page, data={"decision": "allow"}, allow_redirects=False, timeout=10)
    return answer.headers["Location"]


def finish_in_window(stage: Stage, token: str, address: str) -> str:
    """Go on in Plaid's window at this address; return the public token."""
    window = f"{stage.box.url}/plaid-ui"
    asked = {"token": token, "received_redirect_uri": address}
    back = requests.post(f"{window}/session", json=asked, timeout=10).json()
    chosen = [row["account_id"] for row in back["accounts"]]
    shared = {"token": token, "account_ids": chosen}
    return str(requests.post(f"{window}/finish", json=shared, timeout=10).json()["public_token"])


def path_of(address: str) -> str:
    assert address.startswith(f"{REGISTERED}?oauth_state_id=")
    return address.removeprefix("http://127.0.0.1:8000")


def test_the_browser_that_left_goes_on_with_its_token_once(walker: Walker, stage: Stage) -> None:
    begun = begin(walker)
    address = visit_bank(stage, begun["token"])
    page = walker.open(path_of(address))
    response = walker.client.get(path_of(address))
    reopened = walker.ask(f"/links/{begun['session']}/reopen/")
    public = finish_in_window(stage, reopened.json()["token"], address)
    finished = walker.ask("/links/finish/", public_token=public)
    replayed = walker.open(path_of(address))
    again = walker.ask(f"/links/{begun['session']}/reopen/")

    assert "Back from your bank" in page.text
    assert begun["token"] not in page.html + address
    assert f'data-reopen-url="/links/{begun["session"]}/reopen/"' in page.html
    assert 'data-done-url="/about-you/"' in page.html
    policy = response["Content-Security-Policy"]
    assert f"script-src 'self' {stage.box.url}" in policy
    assert "'unsafe" not in policy
    assert response["Cache-Control"] == "no-store, private"
    assert response["Referrer-Policy"] == "same-origin"
    assert reopened.json() == begun
    assert finished.status_code == 200
    assert PlaidItem.objects.get().institution_id == PLATYPUS_OAUTH
    assert (replayed.status, again.status_code) == (410, 409)
    assert "We can not go on from here" in replayed.text
    assert "/start/" in replayed.links
    assert again.json()["code"] == "link_over"
    verbs = AuditEntry.objects.filter(verb__startswith="link.").order_by("id")
    assert [row.verb for row in verbs] == ["link.started", "link.reopened", "link.finished"]


def test_nobody_else_and_no_other_browser_goes_on(walker: Walker, stage: Stage) -> None:
    begun = begin(walker)
    back = path_of(visit_bank(stage, begun["token"]))
    reopen = f"/links/{begun['session']}/reopen/"
    other = Walker(stage, make_parent("stranger@elsewhere.example")).sign_in()
    own_other_browser = Walker(stage, walker.parent).sign_in()
    stranger, elsewhere = other.open(back), own_other_browser.open(back)
    other.open("/start/bank/")

    assert (stranger.status, elsewhere.status) == (410, 410)
    assert "open this page's address there" in elsewhere.text
    assert begun["session"] not in stranger.html + elsewhere.html
    assert other.ask(reopen).status_code == 404
    assert Client().post(reopen, {}, content_type="application/json").status_code == 401
    sent_away = Client().get(back)
    assert sent_away.status_code == 302
    assert sent_away["Location"].startswith("/account/login/?next=/links/back/")
    forging = Client(enforce_csrf_checks=True)
    forging.force_login(walker.parent.user)
    assert forging.post(reopen, {}, content_type="application/json").status_code == 403
    # Somebody else who signs in with the very same browser finds nothing of it there.
    walker.client.force_login(other.parent.user)
    assert walker.open(back).status == 410
    assert LinkSession.objects.get(pk=begun["session"]).status == "CREATED"


def test_what_took_too_long_or_never_left_begins_once_more(walker: Walker, stage: Stage) -> None:
    nothing = walker.open(f"{BACK}?oauth_state_id=anything")
    begun = begin(walker)
    stateless = walker.open(BACK)
    back = path_of(visit_bank(stage, begun["token"]))
    assert walker.open(back).status == 200
    stage.advance(4 * 3600 + 1)
    late = walker.open(back)
    walker.open("/start/bank/")
    reopened = walker.ask(f"/links/{begun['session']}/reopen/")

    assert [page.status for page in (nothing, stateless, late)] == [410, 410, 410]
    assert "open this page's address there" not in stateless.text
    assert (reopened.status_code, reopened.json()["code"]) == (409, "link_over")


def test_without_javascript_the_page_says_what_to_do(walker: Walker, stage: Stage) -> None:
    page = walker.open(path_of(visit_bank(stage, begin(walker)["token"])))

    assert "needs JavaScript" in page.text
    assert "/start/bank/" in page.links


def test_the_window_opened_last_goes_on(walker: Walker) -> None:
    begun = begin(walker, "layer")  # ready for a number, and perhaps never opened
    waiting = walker.open(f"{BACK}?oauth_state_id=anything")
    begin(walker, "link")
    linking = walker.open(f"{BACK}?oauth_state_id=anything")
    walker.open("/start/bank/")
    walker.ask(f"/links/{begun['session']}/events/", name="OPEN")
    opened = walker.open(f"{BACK}?oauth_state_id=anything")

    assert (waiting.status, linking.status, opened.status) == (410, 200, 200)
    assert 'data-back="link"' in linking.html
    assert 'data-back="layer"' in opened.html
    assert 'data-done-url="/start/"' in opened.html


def test_every_kind_of_session_says_where_the_way_back_ends(walker: Walker, stage: Stage) -> None:
    begun = begin(walker)
    address = visit_bank(stage, begun["token"])
    public = finish_in_window(stage, begun["token"], address)
    walker.ask("/links/finish/", public_token=public)
    item = PlaidItem.objects.get()
    repair = begin(walker, "update", item=str(item.pk))
    begin(walker, "layer")
    page = walker.open(path_of(visit_bank(stage, repair["token"])))

    told = {row["kind"]: row["redirectUri"] for row in stage.state()["plaidLinks"]}
    assert told == dict.fromkeys(["link", "update", "layer"], REGISTERED)
    assert 'data-back="update"' in page.html
    assert 'data-done-url="/banks/"' in page.html


def test_where_plaid_does_not_know_our_page_banks_are_connected_without_it(
    walker: Walker, stage: Stage, settings: Any
) -> None:
    before = begin(walker)
    unknown = "https://stocksprout.example/links/back/"
    settings.PLAID = {mode: its | {"redirect_uri": unknown} for mode, its in settings.PLAID.items()}
    begun, layer = begin(walker), begin(walker, "layer")

    rows = {row.pk: row.redirect_uri for row in LinkSession.objects.all()}
    assert sorted(rows.values()) == ["", "", REGISTERED]
    assert before["token"] not in (
        begun["token"],
        layer["token"],
    )  # another way back, another token
    assert [row["redirectUri"] for row in stage.state()["plaidLinks"]] == [REGISTERED, None, None]


def test_a_sign_in_leads_on_to_the_page(stage: Stage, parent: Parent) -> None:
    visitor = Client()
    asked = visitor.get(f"{BACK}?oauth_state_id=anything", follow=True)
    form = re.search(r'name="next" value="([^"]+)"', asked.content.decode())
    assert form
    answer = visitor.post(
        "/account/login/",
        {"login": parent.user.email, "password": PASSWORD, "next": form[1]},
        follow=True,
    )

    assert answer.status_code == 410
    assert sign_in(parent).get(BACK).status_code == 410
