"""Approving a gift: once, by the child's own custodian, with a bank of theirs and their consent."""

from datetime import date
from typing import Any

from django.test import Client

from accounts.models import Consent
from brokerage.models import BrokerAccount, Deposit, Purchase
from core.models import AuditEntry
from gifting.models import Gift
from tenants.models import Tenant
from tests.cast import PASSWORD, Family, halt, make_bank, make_child, make_unconfirmed_bank
from tests.pages.reading import Browser, Page, read


def send(client: Client, gift: Gift, **answers: Any) -> Page:
    return read(client.post(f"/gifts/{gift.pk}/approve/", answers, follow=True))


def approve(family: Family, gift: Gift) -> Page:
    return send(family.client, gift, bank=family.bank.pk, authorize="on")


def status_of(gift: Gift) -> str:
    gift.refresh_from_db()
    return gift.status


def assert_nothing_moved(gift: Gift) -> None:
    assert status_of(gift) == "PENDING"
    assert not Purchase.objects.exists()
    assert not Consent.objects.filter(kind="ACH").exists()


def test_an_approved_gift_is_paid_for_and_bought(family: Family) -> None:
    gift = family.give()

    page = approve(family, gift)
    family.stage.work()

    (deposit,) = family.stage.state()["deposits"]
    gift.refresh_from_db()
    assert page.url == f"/gifts/{gift.pk}/"
    assert "Approved. We are moving the money now." in page.text
    assert (gift.status, gift.decided_by) == ("APPROVED", family.parent)
    assert (deposit["amount"], deposit["accountNo"]) == (50, family.account.number)
    assert AuditEntry.objects.filter(verb="gift.approved", subject__endswith=str(gift.pk)).exists()


def test_the_consent_is_kept_word_for_word_as_it_was_shown(family: Family) -> None:
    gift = family.give()
    shown = read(family.client.get(f"/gifts/{gift.pk}/"))

    approve(family, gift)

    consent = Consent.objects.get(kind="ACH")
    assert consent.text in shown.text
    assert "debit $50.00 once from my Checking ••6789" in consent.text
    assert consent.ip_address == "127.0.0.1"


def test_the_consent_is_kept_as_shown_with_another_bank_too(family: Family) -> None:
    gift = family.give()
    other = make_bank(family.parent, number="000987654321")
    family.stage.work()
    shown = read(family.client.get(f"/gifts/{gift.pk}/"))

    send(family.client, gift, bank=other.pk, authorize="on")

    assert Consent.objects.get(kind="ACH").text in shown.text


def test_the_second_click_finds_it_approved(family: Family) -> None:
    gift = family.give()

    approve(family, gift)
    page = approve(family, gift)

    assert "This gift is already approved." in page.text
    assert Purchase.objects.count() == 1
    assert Consent.objects.filter(kind="ACH").count() == 1


def test_a_refresh_and_the_back_button_approve_once(family: Family) -> None:
    gift = family.give()
    browser = Browser()
    browser.client.force_login(family.parent.user)
    page = browser.open(f"/gifts/{gift.pk}/")

    done = browser.submit(page, to="/approve/", authorize="on")
    refreshed = browser.open(done.url)
    back = browser.submit(page, to="/approve/", authorize="on")
    family.stage.work()

    assert [form for form in refreshed.forms if "approve" in form.action] == []
    assert "This gift is already approved." in back.text
    assert Deposit.objects.count() == len(family.stage.state()["deposits"]) == 1


def test_the_address_of_the_button_shows_the_gift(family: Family) -> None:
    gift = family.give()

    for path in ("approve", "decline"):
        page = read(family.client.get(f"/gifts/{gift.pk}/{path}/", follow=True))
        assert (page.url, page.status) == (f"/gifts/{gift.pk}/", 200)
    assert_nothing_moved(gift)


def test_a_stranger_finds_no_such_gift(family: Family, stranger: Family) -> None:
    gift = family.give()

    page = approve(stranger, gift)

    assert page.status == 404
    assert_nothing_moved(gift)


def test_somebody_not_signed_in_is_asked_to_and_then_sees_the_gift(family: Family) -> None:
    gift = family.give()
    browser = Browser()
    page = browser.open(f"/gifts/{gift.pk}/")

    asked = send(Client(), gift, bank=family.bank.pk, authorize="on")
    inside = browser.submit(page, login="custodian@family.example", password=PASSWORD)

    assert asked.url == page.url == "/account/login/"
    assert inside.url == f"/gifts/{gift.pk}/"
    assert_nothing_moved(gift)


def test_without_the_ticked_box_nothing_moves(family: Family) -> None:
    gift = family.give()

    page = send(family.client, gift, bank=family.bank.pk)

    assert page.status == 422
    assert "Tick the box to authorize the bank transfer." in page.errors["authorize"]
    assert_nothing_moved(gift)


def test_without_a_bank_the_page_says_to_link_one(family: Family) -> None:
    gift = family.give()
    family.client.post(f"/banks/{family.bank.pk}/remove/")

    shown = read(family.client.get(f"/gifts/{gift.pk}/"))
    sent = approve(family, gift)

    for page in (shown, sent):
        assert "Link your bank first" in page.text
        assert 'href="/banks/">Connect your bank</a>' in page.html
    assert sent.status == 422
    Tenant.objects.update(aggregation_enabled=False)
    by_numbers = read(family.client.get(f"/gifts/{gift.pk}/"))
    assert 'href="/banks/new/">Link a bank</a>' in by_numbers.html
    assert_nothing_moved(gift)


def test_a_bank_that_is_none_is_refused(family: Family) -> None:
    gift = family.give()

    for bank in ("", "nonsense", "7e3c4b1a-5d2f-4c60-9b1e-2a8f0c6d9e11"):
        page = send(family.client, gift, bank=bank, authorize="on")
        assert page.status == 422
        assert page.errors["bank"]
    assert_nothing_moved(gift)


def test_another_parents_bank_is_refused(family: Family, stranger: Family) -> None:
    gift = family.give()

    page = send(family.client, gift, bank=stranger.bank.pk, authorize="on")

    assert "Choose one of your linked banks." in page.errors["bank"]
    assert_nothing_moved(gift)


def test_a_bank_still_being_linked_is_refused(family: Family) -> None:
    gift = family.give()
    fresh = make_unconfirmed_bank(family.parent, number="000987654321")

    page = send(family.client, gift, bank=fresh.pk, authorize="on")

    assert "Choose one of your linked banks." in page.errors["bank"]
    assert_nothing_moved(gift)


def test_another_linked_bank_of_ones_own_pays(family: Family) -> None:
    gift = family.give()
    other = make_bank(family.parent, number="000987654321")
    family.stage.work()

    send(family.client, gift, bank=other.pk, authorize="on")

    purchase = Purchase.objects.get()
    assert purchase.bank == other
    assert purchase.authorization == Consent.objects.get(kind="ACH")


def test_an_account_not_open_yet_takes_no_gift(family: Family) -> None:
    second = make_child(family.parent, ssn="345678912", born=date(2022, 5, 5))
    gift = Family(family.stage, family.parent, second, family.bank, family.client).give()

    shown = read(family.client.get(f"/gifts/{gift.pk}/"))
    approve(family, gift)

    assert "We are opening the account." in shown.text
    assert [form for form in shown.forms if "approve" in form.action] == []
    assert_nothing_moved(gift)


def test_a_frozen_account_takes_no_gift(family: Family) -> None:
    gift = family.give()
    family.account.move_to(BrokerAccount.Status.FROZEN)

    shown = read(family.client.get(f"/gifts/{gift.pk}/"))
    sent = approve(family, gift)

    assert "The broker has frozen this account." in shown.text
    assert "The account is not open yet." in sent.text or "frozen" in sent.text
    assert_nothing_moved(gift)


def test_an_expired_gift_can_not_be_approved(family: Family) -> None:
    gift = family.give()
    family.stage.advance(30 * 86_400 + 60)

    page = approve(family, gift)

    assert "This gift has expired." in page.text
    assert_nothing_moved(gift)


def test_a_gift_on_its_last_day_can(family: Family) -> None:
    gift = family.give()
    family.stage.advance(30 * 86_400 - 600)

    approve(family, gift)

    assert status_of(gift) == "APPROVED"


def test_a_share_that_is_no_longer_traded_can_not_be_bought(family: Family) -> None:
    gift = family.give()
    gift.instrument.status = "HALTED"
    gift.instrument.save()

    page = approve(family, gift)

    assert "This share can not be bought at the moment." in page.text
    assert_nothing_moved(gift)


def test_nothing_is_approved_while_approvals_are_halted(family: Family) -> None:
    gift = family.give()
    halt("halt-approvals")

    page = approve(family, gift)

    assert "Approvals are paused." in page.text
    assert_nothing_moved(gift)


def test_a_declined_gift_can_not_be_approved(family: Family) -> None:
    gift = family.give()
    family.client.post(f"/gifts/{gift.pk}/decline/")

    page = approve(family, gift)

    assert "This gift is already declined." in page.text
    assert not Purchase.objects.exists()
