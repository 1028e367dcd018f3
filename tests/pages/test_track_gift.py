"""The gift tracker: every step with its date, the next with the day it is expected."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from brokerage.models import Deposit
from gifting.models import Gift
from tests.cast import Family, make_family
from tests.pages.reading import Page, read
from tests.stage import Stage


def track(gift: Gift) -> Page:
    """Open the secret link as somebody without a session."""
    return read(Client().get(f"/t/{gift.token}/"))


def steps(page: Page) -> list[str]:
    """Return the stations as `title (how it stands)`."""
    found = re.findall(r'tracker__title">(.*?)</h3>', page.html, re.DOTALL)
    return [" ".join(re.sub("<[^>]+>", " ", title).split()) for title in found]


@pytest.mark.parametrize(
    ("token", "status"), [("wrong", 404), ("x" * 500, 404), ("%00", 400), ("a%00b", 400)]
)
def test_a_wrong_link_leads_nowhere(db: None, token: str, status: int) -> None:
    assert Client().get(f"/t/{token}/").status_code == status


def test_a_gifts_number_is_no_link(family: Family) -> None:
    assert Client().get(f"/t/{family.give().pk}/").status_code == 404


def test_a_fresh_gift_waits_for_the_parent(family: Family) -> None:
    page = track(family.give())

    assert steps(page)[:2] == ["Given (done)", "Approved (happening now)"]
    assert "Sunny's parent looks at it first." in page.text
    assert "Expected" not in page.text


def test_a_declined_gift_ends_there_with_the_reason(family: Family) -> None:
    gift, words = family.give(), "Not this one, thank you."
    asked = read(family.client.post(f"/gifts/{gift.pk}/decline/", {"reason": words}))
    assert words not in track(gift).text
    family.client.post(f"/gifts/{gift.pk}/decline/", asked.form_to().fill())

    page = track(gift)

    assert steps(page) == ["Given (done)", "Declined (did not work)"]
    assert words in page.text
    assert page.text.count("Nov 16 at 12:") == 2


def test_an_expired_gift_ends_there(family: Family) -> None:
    gift = family.give()
    family.stage.advance(31 * 86_400)
    family.stage.work()

    page = track(gift)

    assert steps(page) == ["Given (done)", "Expired (did not work)"]
    assert "Nobody answered in time." in page.text


def test_a_failed_transfer_ends_there(family: Family) -> None:
    gift = family.give()
    family.approve(gift)
    family.stage.work()
    deposit = Deposit.objects.get()
    family.stage.control("POST", f"deposits/{deposit.vendor_id}", {"status": "FAILED"})
    family.stage.advance(3700)
    family.stage.work()

    page = track(gift)

    assert steps(page)[-1] == "Money arrived (did not work)"
    assert "The bank transfer did not go through." not in page.text  # the parent's affair
    assert "there is nothing for you to do" in page.text
    assert "Expected" not in page.text


@pytest.mark.bought
def test_a_bought_gift_shows_every_date_and_what_it_became(family: Family) -> None:
    purchase = family.purchase()
    order = purchase.orders.get()

    page = track(purchase.gift)

    assert all("(done)" in step for step in steps(page))
    assert len(re.findall(r"Nov \d+ at \d+:\d\d [AP]M ET", page.text)) == len(steps(page)) == 6
    assert f"{order.quantity:.8f}".rstrip("0") in page.text
    assert f"${order.cost}" in page.text


@pytest.mark.bought
def test_the_parents_own_page_shows_the_same_steps(family: Family) -> None:
    purchase = family.purchase()

    seen_by_parent = read(family.client.get(f"/gifts/{purchase.gift.pk}/"))

    assert steps(seen_by_parent) == steps(track(purchase.gift))


@pytest.mark.daily(2)
@pytest.mark.parametrize(
    ("approved_on", "money_on", "bought_on"),
    [
        (datetime(2026, 11, 16, 18, tzinfo=UTC), "Fri, Nov 20", "Fri, Nov 20"),  # a plain week
        (datetime(2026, 11, 23, 17, tzinfo=UTC), "Mon, Nov 30", "Mon, Nov 30"),  # Thanksgiving
        # Good Friday: banks work, the exchange is closed.
        (datetime(2027, 3, 22, 16, tzinfo=UTC), "Fri, Mar 26", "Mon, Mar 29"),
        # Columbus Day: the exchange is open, banks rest.
        (datetime(2027, 10, 6, 16, tzinfo=UTC), "Wed, Oct 13", "Wed, Oct 13"),
    ],
)
def test_expected_days_keep_both_calendars(
    stage: Stage, approved_on: datetime, money_on: str, bought_on: str
) -> None:
    stage.set_clock(approved_on)
    family = make_family(stage, "custodian@family.example")
    gift = family.give()

    family.approve(gift)
    at_once = track(gift)
    stage.work()
    sent = track(gift)

    for page in (at_once, sent):
        expected = re.findall(r"Expected (\w+, \w+ \d+)", page.text)
        assert expected == [money_on, bought_on]
    assert stage.state()["deposits"][0]["settles"].startswith(_iso(money_on, approved_on.year))


def test_the_expected_days_stay_while_days_pass(family: Family) -> None:
    gift = family.give()
    family.approve(gift)
    family.stage.work()

    family.stage.advance(2 * 86_400)
    family.stage.work()

    assert re.findall(r"Expected (\w+, \w+ \d+)", track(gift).text) == ["Fri, Nov 20"] * 2


def _iso(day: str, year: int) -> str:
    return datetime.strptime(f"{day} {year}", "%a, %b %d %Y").date().isoformat()  # noqa: DTZ007
