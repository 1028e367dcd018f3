"""A bank account or a picture of an ID that the broker refuses: what the family and staff learn."""

from __future__ import annotations

from datetime import date

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.operations import ChildDetails, add_child
from brokerage.connections import list_choices
from brokerage.models import BankAccount, Case, IdDocument
from brokerage.operations.cases import close_case
from prefill.operations import get_own_applicant
from tests.cast import Family, amounts_sent, make_known, make_parent, sign_in
from tests.desk.staff import make_staff
from tests.pages.answers import BANK
from tests.pages.reading import Page, read
from tests.pages.test_id_documents import blurred
from tests.pages.test_to_do import kinds, rows
from tests.pictures import draw
from tests.prefill.banking import link_one, make_tenant_with_banks, now
from tests.stage import Stage

OTHER = BANK | {"account_number": "000555000555", "account_number_again": "000555000555"}


def refuse_banks(stage: Stage, times: int = 1) -> None:
    stage.fault(
        method="POST", path="*/bank-accounts", kind="status", status=400, code="K075", times=times
    )


def link(family: Family, form: dict[str, str] = OTHER) -> BankAccount:
    family.client.post("/banks/new/", form)
    family.stage.work()
    bank = BankAccount.objects.latest("created_at")
    first, second = amounts_sent(bank)
    page = read(family.client.get(f"/banks/{bank.pk}/confirm/"))
    amounts = {"first": f"0.{first:02d}", "second": f"0.{second:02d}"}
    family.client.post(f"/banks/{bank.pk}/confirm/", page.form_to("").fill(**amounts))
    family.stage.work()
    bank.refresh_from_db()
    return bank


def mails(about: str) -> list[str]:
    return [str(letter.body) for letter in mail.outbox if about in letter.subject]


def test_a_refused_bank_is_told_to_the_family_and_to_staff(family: Family) -> None:
    refuse_banks(family.stage)

    bank = link(family)

    (said,) = mails("is not linked")
    assert bank.status == "REFUSED"
    assert "We are asking the broker why" in said
    assert "you can link another account" in said
    (case,) = Case.objects.filter(kind=Case.Kind.BANK)
    assert (case.parent, case.status) == (family.parent, "OPEN")
    assert bank.account_number not in case.summary
    assert "bank_refused" in kinds(family.client)
    assert "We are asking the broker why" in read(family.client.get("/home/")).text


def test_it_is_not_asked_for_again_until_staff_have_looked(family: Family) -> None:
    refuse_banks(family.stage)
    bank = link(family)
    (case,) = Case.objects.filter(kind=Case.Kind.BANK)

    family.client.post(f"/banks/{bank.pk}/remove/")
    again = read(family.client.post("/banks/new/", OTHER))
    other = read(family.client.post("/banks/new/", BANK | _numbers("000777000777"), follow=True))
    close_case(case, by=make_staff(), reason="The broker takes it now.", at=now())
    later = link(family)

    assert "The broker did not take this account" in again.errors["account_number"]
    assert other.url == "/banks/"
    assert (bank.status, later.status) == ("REFUSED", "ACTIVE")


def _numbers(number: str) -> dict[str, str]:
    return {"account_number": number, "account_number_again": number}


def test_a_refused_plaid_account_is_no_choice_until_staff_have_looked(family: Family) -> None:
    make_tenant_with_banks()
    link_one(family.stage, get_own_applicant(family.parent, at=now()))
    family.client.post(f"/banks/{family.bank.pk}/remove/")
    first = list_choices(family.parent)[0].account
    refuse_banks(family.stage)

    family.client.post("/banks/choose/", {"account": str(first.pk), "authorization": "on"})
    family.stage.work()

    assert BankAccount.objects.get(source="PLAID").status == "REFUSED"
    assert len(mails("is not linked")) == 1
    left = [choice.account.pk for choice in list_choices(family.parent)]
    assert left
    assert first.pk not in left
    assert "bank_choose" in kinds(family.client)  # the other one


@pytest.mark.daily(1)
@pytest.mark.parametrize("whose", ["parent", "child"])
def test_refused_pictures_are_told_and_end_with_staff(stage: Stage, whose: str) -> None:
    client, url, about = _asked_for_a_picture(stage, whose)
    mail.outbox.clear()
    told, asked = [], []

    for number in range(3):
        stage.fault(
            method="POST", path="*/documents", kind="status", status=400, code="D011", times=1
        )
        picture = draw("JPEG", comment=f"picture {number}".encode())
        send_to(client, url, picture)
        stage.work()
        told.append(len(mails("did not accept the picture")))
        asked.append([row["kind"] for row in rows(client) if "identity" in row["kind"]])
        stage.advance(60)

    assert told == [1, 2, 3]
    assert asked == [[about], [about], []]
    assert "Please take a new one" in mails("did not accept")[0]
    assert "a person is looking at it" in mails("did not accept")[2]
    (case,) = Case.objects.filter(kind=Case.Kind.DOCUMENT, status="OPEN")
    page = send_to(client, url, draw("JPEG", comment=b"one more"))
    assert IdDocument.objects.count() == 3
    assert "asks for no document now" in page.text
    close_case(case, by=make_staff(), reason="Another kind of ID will do.", at=now())
    assert about in kinds(client)
    send_to(client, url, draw("JPEG", comment=b"a good one"))
    stage.work()
    assert about not in kinds(client)
    assert not Case.objects.filter(kind=Case.Kind.DOCUMENT, status="OPEN").exists()


def _asked_for_a_picture(stage: Stage, whose: str) -> tuple[Client, str, str]:
    if whose == "parent":
        return sign_in(blurred(stage)), "/about-you/documents/", "identity"
    parent = make_parent("custodian@family.example")
    make_known(parent)
    stage.work()
    details = ChildDetails("Sunny", "POOR_PHOTO_QUALITY", date(2019, 4, 1), "234567891", "CO")
    child = add_child(parent=parent, details=details, at=now(), ip_address="127.0.0.1")
    stage.work()
    return sign_in(parent), f"/children/{child.pk}/documents/", "child_identity"


def send_to(client: Client, url: str, picture: bytes) -> Page:
    front = SimpleUploadedFile("front.jpg", picture)
    return read(client.post(url, {"kind": "DRIVER_LICENSE", "front": front}, follow=True))
