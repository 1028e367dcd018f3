"""Declining a gift: no money moves, and the giver is told once, kindly."""

import pytest
from django.core import mail
from django.test import Client

from brokerage.models import Purchase
from gifting.models import Gift
from tests.cast import Family, sign_in
from tests.pages.reading import Browser, Page, read


def decline(client: Client, gift: Gift, reason: str = "") -> Page:
    """Decline, and look over the words where there are any."""
    path = f"/gifts/{gift.pk}/decline/"
    page = read(client.post(path, {"reason": reason}, follow=True))
    if "Decline this gift?" in page.title:
        page = read(client.post(path, page.form_to(path).fill(), follow=True))
    return page


def letters_to_the_giver() -> list[str]:
    return [str(m.body) for m in mail.outbox if "was not taken" in m.subject]


def test_a_declined_gift_moves_no_money_and_the_giver_is_told_once(family: Family) -> None:
    gift = family.give()

    page = decline(family.client, gift, "Thank you, but not this one.")
    family.stage.work()
    family.stage.work()

    gift.refresh_from_db()
    assert "Declined. No money has moved." in page.text
    assert (gift.status, gift.decided_by) == ("DECLINED", family.parent)
    assert not Purchase.objects.exists()
    assert family.stage.state()["deposits"] == []
    (letter,) = letters_to_the_giver()
    assert "“Thank you, but not this one.”" in letter


def test_the_reason_is_what_the_page_lets_one_write(family: Family) -> None:
    gift = family.give()
    browser = Browser()
    browser.client.force_login(family.parent.user)
    page = browser.open(f"/gifts/{gift.pk}/")
    longest = int(page.html.split('name="reason"')[1].split('maxlength="')[1].split('"')[0])

    over = browser.submit(page, to="/decline/", reason="x" * longest)
    browser.submit(over, to="/decline/")

    gift.refresh_from_db()
    assert gift.reason == "x" * longest


def test_the_parent_sees_what_the_giver_will_read_before_it_is_sent(family: Family) -> None:
    gift = family.give()
    page = read(family.client.get(f"/gifts/{gift.pk}/"))

    over = read(family.client.post(f"/gifts/{gift.pk}/decline/", {"reason": "Not <this> one"}))
    gift.refresh_from_db()
    waiting = gift.status
    changed = over.form_to("/decline/").fill(reason="Another time")
    family.client.post(f"/gifts/{gift.pk}/decline/", changed)
    family.stage.work()

    assert "Your words are sent to Grandma as they stand." in page.text
    assert "This is what Grandma reads from you" in over.text
    assert "Not <this> one" in over.text
    assert waiting == "PENDING"
    (letter,) = letters_to_the_giver()
    assert "“Another time”" in letter


def test_without_words_one_press_declines(family: Family) -> None:
    gift = family.give()

    family.client.post(f"/gifts/{gift.pk}/decline/", {"reason": "  "})

    gift.refresh_from_db()
    assert (gift.status, gift.reason) == ("DECLINED", "")


def test_a_reason_too_long_is_not_dropped_in_silence(family: Family) -> None:
    gift = family.give()

    page = decline(family.client, gift, "x" * 501)

    gift.refresh_from_db()
    assert "200 characters" in page.text
    assert gift.status == "PENDING"


def test_the_second_click_finds_it_declined(family: Family) -> None:
    gift = family.give()

    decline(family.client, gift, "First")
    page = decline(family.client, gift, "Second")
    family.stage.work()

    gift.refresh_from_db()
    assert "This gift is already declined." in page.text
    assert gift.reason == "First"
    assert len(letters_to_the_giver()) == 1


def test_an_approved_gift_can_not_be_declined(family: Family) -> None:
    gift = family.give()
    family.approve(gift)

    page = decline(family.client, gift)

    gift.refresh_from_db()
    assert "This gift is already approved." in page.text
    assert gift.status == "APPROVED"


def test_a_stranger_finds_no_such_gift(family: Family, stranger: Family) -> None:
    gift = family.give()

    page = decline(stranger.client, gift)

    gift.refresh_from_db()
    assert page.status == 404
    assert gift.status == "PENDING"


@pytest.mark.parametrize("signed_in", [True, False])
def test_neither_a_visitor_nor_a_link_declines(family: Family, signed_in: bool) -> None:
    gift = family.give()

    if signed_in:
        sign_in(family.parent).get(f"/gifts/{gift.pk}/decline/")
    else:
        assert decline(Client(), gift).url == "/account/login/"

    gift.refresh_from_db()
    assert gift.status == "PENDING"


def test_a_gift_nobody_decides_about_expires_and_the_giver_is_told(family: Family) -> None:
    gift = family.give()

    family.stage.advance(30 * 86_400 + 60)
    family.stage.work()

    gift.refresh_from_db()
    assert gift.status == "EXPIRED"
    (letter,) = letters_to_the_giver()
    assert "Nobody answered in time." in letter
