"""Plaid on the parents' pages: its number in the form, an account without numbers, its script."""

import pytest
from django.test import Client

from accounts.models import KycProfile
from accounts.operations import KycAnswers
from brokerage.models import BankAccount
from brokerage.prefilled import submit_answers
from prefill.models import Applicant, HeldSsn
from tests.cast import KYC as CAST
from tests.cast import halt, make_known, resume, sign_in
from tests.prefill.walking import (
    Walker,
    fill_in,
)
from tests.stage import Stage


@pytest.mark.slow
def test_plaids_number_is_used_once_and_shown_nowhere(walker: Walker) -> None:
    assert walker.pass_layer().status_code == 200
    review = walker.open("/start/")
    ssn = HeldSsn.objects.get().ssn
    halt("halt-accounts")
    refused = fill_in(walker, review, ssn="", street2="")
    kept = HeldSsn.objects.exists()
    resume("halt-accounts")
    choose = fill_in(walker, refused, ssn="")

    profile = KycProfile.objects.get(parent=walker.parent)
    assert f"ending in {ssn[-4:]} from Plaid" in review.text
    assert "from Plaid" in review.text
    assert (refused.status, kept) == (422, True)
    assert profile.ssn == ssn
    assert not HeldSsn.objects.exists()
    assert choose.url == "/banks/choose/", choose.errors
    assert not walker.texts()
    for page in walker.seen:
        assert ssn not in page.html
        assert f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}" not in page.html


def test_a_typed_number_is_taken_and_plaids_goes(walker: Walker) -> None:
    walker.pass_layer()

    fill_in(walker, walker.open("/start/"), ssn="123-45-6789")

    assert KycProfile.objects.get().ssn == "123456789"
    assert not HeldSsn.objects.exists()


@pytest.mark.slow
def test_plaids_number_is_not_used_for_another_person(walker: Walker) -> None:
    walker.pass_layer()
    review = walker.open("/start/")

    refused = fill_in(walker, review, ssn="", date_of_birth="1981-02-03", first_name="Sam")
    taken = fill_in(walker, refused, ssn="123-45-6789", date_of_birth="1981-02-03")

    assert "came with another date of birth" in refused.errors["ssn"]
    assert taken.url == "/banks/choose/"
    assert KycProfile.objects.get().ssn == "123456789"
    assert not HeldSsn.objects.exists()


def test_a_correction_keeps_the_number_that_was_handed_in(walker: Walker) -> None:
    """Handed in by another way (the app) while Plaid's number is held here."""
    walker.pass_layer()
    make_known(walker.parent, ssn="123456789", last_name="NAME_NOT_MATCH")
    walker.stage.work()
    answers = KycAnswers.from_mapping(CAST | {"ssn": "", "city": "Boulder"})

    submit_answers(parent=walker.parent, answers=answers, at=walker.stage.now(), ip_address=None)

    profile = KycProfile.objects.get(parent=walker.parent)
    assert (profile.ssn, profile.city) == ("123456789", "Boulder")
    assert not HeldSsn.objects.exists()


@pytest.mark.slow
def test_a_connected_account_is_linked_without_its_numbers(
    walker: Walker, outsider: Walker
) -> None:
    walker.pass_layer()
    choose = fill_in(walker, walker.open("/start/"), ssn="")
    account = choose.form_to().pick("account", "Checking ••0000")
    unsure = walker.submit(choose, account=account)
    walker.stage.work()
    make_known(outsider.parent, ssn="321456789")
    foreign = sign_in(outsider.parent).post("/banks/choose/", {"account": account})
    home = walker.submit(choose, account=account, authorization="on")
    again = walker.submit(choose, account=account, authorization="on")
    walker.stage.work()

    bank = BankAccount.objects.get()
    assert "authorization" in unsure.errors
    assert foreign.status_code == 422
    assert home.url == "/home/"
    assert again.status == 422
    assert (bank.parent, bank.source, bank.last4, bank.status) == (
        walker.parent, "PLAID", "0000", "ACTIVE",
    )  # fmt: skip


@pytest.mark.slow
def test_a_connection_is_repaired_and_removed_by_its_owner_alone(
    walker: Walker, outsider: Walker
) -> None:
    walker.pass_layer()
    item = Applicant.objects.get(parent=walker.parent).items.order_by("created_at").first()
    assert item
    walker.stage.control("POST", f"plaid/items/{item.item_id}", {"error": "ITEM_LOGIN_REQUIRED"})
    walker.stage.advance(25 * 3600)
    walker.stage.work()
    item.refresh_from_db()
    page = walker.open("/banks/")
    remove = f"/banks/connections/{item.pk}/remove/"
    foreign = sign_in(outsider.parent).post(remove).status_code
    asked = walker.open(remove)
    removed = walker.submit(asked)

    assert f"Reconnect {item.institution_name}" in page.text
    assert "wants you to sign in again" in page.text
    assert foreign == 404
    assert "Plaid ends our access" in asked.text
    assert removed.url == "/banks/"
    assert remove not in removed.links


def test_the_script_is_answered_its_own_person_only(walker: Walker, outsider: Walker) -> None:
    walker.open("/start/phone/")
    started = walker.ask("/links/", kind="layer").json()
    outsider.open("/start/phone/")
    path = f"/links/{started['session']}/events/"

    left = walker.ask(path, name="EXIT").json()

    assert left == {"next": "/start/phone/"}
    assert outsider.ask(path, name="EXIT").status_code == 404
    assert Client().post(path).status_code == 401
    assert Client(enforce_csrf_checks=True).post(path).status_code == 403
    assert walker.ask("/links/", kind="layer", item="nonsense").status_code == 404
    assert walker.ask("/links/finish/").status_code == 400
    nested = b"[" * 100_000 + b"]" * 100_000
    deep = sign_in(walker.parent).post("/links/", nested, content_type="application/json")
    assert deep.status_code == 400


def test_only_pages_with_plaids_script_let_it_in(walker: Walker, stage: Stage) -> None:
    def policy(path: str) -> str:
        return str(walker.client.get(path).headers["Content-Security-Policy"])

    def opener(path: str) -> str:
        return str(walker.client.get(path).headers["Cross-Origin-Opener-Policy"])

    for path in ("/start/phone/", "/start/bank/", "/banks/"):
        assert stage.box.url in policy(path)
        assert opener(path) == "same-origin-allow-popups"
    for path in ("/home/", "/about-you/", "/banks/new/"):
        assert opener(path) == "same-origin"
        assert "http" not in policy(path)
    assert all(not page.inline for page in walker.seen)
