"""A gift whose money did not come is tried again, once per failure, under a new authorization."""

from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail

from brokerage.models import Purchase
from core.errors import NotNow
from gifting.models import Gift
from gifting.operations import authorization_text, retry_gift
from tests.cast import Family
from tests.money import auditor
from tests.money.own_deposits import bank_says, hear
from tests.pages.reading import Page, read


def fail(family: Family, gift: Gift, status: str = "RETURNED", code: str = "R01") -> Purchase:
    """Let the bank not pay for a gift."""
    gift.refresh_from_db()
    purchase = gift.purchase
    assert purchase
    family.stage.work()
    bank_says(family, purchase.deposits.get(), status, code)
    hear(family)
    purchase.refresh_from_db()
    return purchase


def press(family: Family, gift: Gift, **changes: Any) -> Page:
    """Press the button on the gift's page."""
    page = read(family.client.get(f"/gifts/{gift.pk}/"))
    form = page.form_to("/retry/")
    answers = form.fill(authorize="on", **changes)
    return read(family.client.post(form.action, answers, follow=True))


def test_tried_again_it_is_bought_and_both_tries_are_kept_and_told(family: Family) -> None:
    gift = family.give()
    family.approve(gift)
    first = fail(family, gift)
    page = read(family.client.get(f"/gifts/{gift.pk}/"))
    assert "There was not enough money in the bank account." in page.text

    assert "Thank you. We are moving the money now." in press(family, gift).text
    second = fail(family, gift, "FAILED", "R09")
    assert "Tried before" in press(family, gift).text
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()

    gift.refresh_from_db()
    assert gift.purchase is not None
    assert gift.purchase.status == "EXECUTED"
    assert [first.status, second.status] == ["RETURNED", "FAILED"]
    assert len({row.authorization_id for row in Purchase.objects.all()}) == 3
    bad = [letter for letter in mail.outbox if "did not go through" in letter.subject]
    good = [letter for letter in mail.outbox if "now owns" in letter.subject]
    assert (len(bad), len(good)) == (2, 1)
    assert "There was not enough money" in bad[0].body
    auditor.check_books(family)
    assert auditor.verbs(gift) == ["gift.given", "gift.approved", "gift.retried", "gift.retried"]


@pytest.mark.slow
def test_one_form_is_one_new_try(family: Family) -> None:
    gift = family.give()
    family.approve(gift)
    fail(family, gift)
    page = read(family.client.get(f"/gifts/{gift.pk}/"))
    form = page.form_to("/retry/")
    answers = form.fill(authorize="on")

    for _click in range(2):
        answer = read(family.client.post(form.action, answers, follow=True))
    assert "This gift is on its way already." in answer.text
    fail(family, gift)
    answer = read(family.client.post(form.action, answers, follow=True))  # a window left open

    assert "This gift is on its way already." in answer.text
    assert Purchase.objects.count() == 2


def retry(family: Family, gift: Gift, **changes: Any) -> Gift:
    gift.refresh_from_db()
    asked = {
        "gift": gift,
        "after": gift.purchase_id,
        "by": family.parent,
        "bank": family.bank,
        "authorization": authorization_text(gift, [family.bank]),
        "at": family.stage.now(),
        "ip_address": None,
    }
    return retry_gift(**(asked | changes))


@pytest.mark.slow
def test_what_may_not_be_tried_again_is_refused(family: Family) -> None:
    bought, disputed, often = family.give(), family.give(), family.give()
    family.approve(bought)
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()
    family.approve(often)
    for _try in range(2):
        fail(family, often)
        retry(family, often)
    fail(family, often)
    family.approve(disputed)
    fail(family, disputed, code="R11")  # the last: nothing is debited from this bank after it

    for gift, said in ((bought, "on its way"), (disputed, "write to us"), (often, "three times")):
        with pytest.raises(NotNow, match=said):
            retry(family, gift)
        assert "/retry/" not in unescape(family.client.get(f"/gifts/{gift.pk}/").content.decode())
    with pytest.raises(NotNow, match="on its way"):
        retry(family, often, after=uuid4())


@pytest.mark.slow
def test_cash_left_by_a_refused_order_is_not_debited_anew(family: Family) -> None:
    family.stage.control("POST", "next-order", {"outcome": "reject", "reason": "No."})
    gift = family.give()
    family.approve(gift)
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()
    gift.refresh_from_db()
    assert gift.purchase is not None
    assert gift.purchase.status == "FAILED"

    with pytest.raises(NotNow, match="in the child's account already"):
        retry(family, gift)


def test_without_the_tick_nothing_moves(family: Family) -> None:
    gift = family.give()
    family.approve(gift)
    fail(family, gift)
    form = read(family.client.get(f"/gifts/{gift.pk}/")).form_to("/retry/")

    page = read(family.client.post(form.action, form.fill()))

    assert (page.status, list(page.errors)) == (422, ["authorize"])
    assert Purchase.objects.count() == 1


def test_a_stranger_finds_no_gift_to_try_again(family: Family, stranger: Family) -> None:
    gift = family.give()
    family.approve(gift)
    fail(family, gift)

    assert stranger.client.post(f"/gifts/{gift.pk}/retry/").status_code == 404
