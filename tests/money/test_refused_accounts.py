"""What the broker refuses to open or close: asked once, told, and asked again at a word."""

from typing import Any

import pytest
from django.core import mail

from accounts.models import Parent
from brokerage.models import BrokerAccount, Case, Letter
from core.models import AuditEntry
from tests.api.calling import sign_in_by_app
from tests.cast import make_child, make_known, make_parent, sign_in
from tests.desk.staff import at_the_desk
from tests.pages.reading import read
from tests.stage import Stage

pytestmark = pytest.mark.documented_too

EMAIL = "custodian@family.example"


@pytest.fixture
def parent(stage: Stage) -> Parent:
    parent = make_parent(EMAIL)
    make_known(parent)
    return parent


def refuse(stage: Stage, times: int | None = None, **fault: Any) -> None:
    order = {"method": "POST", "path": "*/accounts", "kind": "status", "status": 400}
    stage.fault(**(order | {"code": "A035", "times": times} | fault))


def count(stage: Stage, call: str) -> int:
    return sum(n for name, n in stage.box.world.calls.items() if call in name)


def faults(stage: Stage) -> int:
    return int(stage.control("GET", "faults")["faults"][0]["hits"])


def letters(subject: str) -> list[Any]:
    return [letter for letter in mail.outbox if subject in letter.subject]


def test_an_account_that_is_refused_is_asked_for_once_and_told(
    stage: Stage, parent: Parent
) -> None:
    refuse(stage)
    child = make_child(parent)
    stage.work()
    for _hour in range(3):
        stage.advance(3700)
        stage.work(rounds=2)

    account = BrokerAccount.objects.get()
    assert (account.status, account.vendor_status) == ("REFUSED", "A035")
    assert faults(stage) == 1
    (case,) = Case.objects.filter(kind="ACCOUNT", status="OPEN")
    assert "A035" in case.summary
    (letter,) = letters("has not opened Sunny's account")
    assert letter.to == [EMAIL]
    client = sign_in(parent)
    page = read(client.get(f"/children/{child.pk}/account/"))
    assert "has not opened this account" in page.text
    assert "no money moves" in page.text
    told = sign_in_by_app(EMAIL).get(f"/api/children/{child.pk}/account-status")
    assert told.status == 200
    assert "open" not in str(told.body.get("status", "")).lower()


def test_staff_have_a_refused_account_asked_for_again(stage: Stage, parent: Parent) -> None:
    refuse(stage, times=1)
    make_child(parent)
    stage.work()
    account = BrokerAccount.objects.get()
    key = account.key

    desk = at_the_desk()
    url = f"/admin/brokerage/brokeraccount/{account.pk}/act/open-again/"
    answer = desk.post(url, {"reason": "They added us to the list."}, follow=True)
    stage.work()

    account.refresh_from_db()
    assert answer.status_code == 200
    assert (account.status, account.key) == ("OPEN", key)
    assert not Case.objects.filter(kind="ACCOUNT", status="OPEN").exists()
    assert AuditEntry.objects.filter(verb="account.asked_again").count() == 1
    again = desk.get(url)
    assert again.status_code == 404  # there is nothing to ask for any more


def test_a_refused_account_is_asked_for_again_once_its_people_are_approved_anew(
    stage: Stage, parent: Parent
) -> None:
    refuse(stage, times=1)
    make_child(parent)
    stage.work()
    (minor,) = [user for user in stage.box.world.drivewealth.users if user.custodian_id]

    for status in ("KYC_INFO_REQUIRED", "KYC_APPROVED"):
        stage.control("POST", f"users/{minor.id}/kyc", {"status": status})
        from brokerage.models import BrokerUser

        BrokerUser.objects.update(next_step_at=stage.now())
        stage.work()

    assert BrokerAccount.objects.get().status == "OPEN"


def test_a_letter_waits_for_the_mail_server_and_keeps_nothing_else_waiting(
    stage: Stage, parent: Parent, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    refuse(stage)
    make_child(parent)
    stage.work()

    letter = Letter.objects.get(kind="ACCOUNT")
    assert (letter.sent_at, letter.failures) == (None, 0)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    stage.advance(3600)
    stage.work(rounds=2)

    letter.refresh_from_db()
    assert letter.sent_at is not None


def test_a_closing_that_is_refused_is_not_asked_for_for_ever(stage: Stage, parent: Parent) -> None:
    make_child(parent)
    stage.work()
    BrokerAccount.objects.update(close_asked_at=stage.now(), next_step_at=stage.now())
    refuse(stage, method="PATCH", path="*/accounts/*", code="A055")
    for _hour in range(3):
        stage.work(rounds=2)
        stage.advance(3700)

    account = BrokerAccount.objects.get()
    assert faults(stage) == 1
    assert account.close_refused_at is not None
    assert Case.objects.filter(kind="ACCOUNT", status="OPEN").count() == 1
    stage.control("DELETE", "faults")
    desk = at_the_desk()
    url = f"/admin/brokerage/brokeraccount/{account.pk}/act/close-again/"
    desk.post(url, {"reason": "It is empty now."})
    stage.work()

    account.refresh_from_db()
    assert account.status == "CLOSED"


def test_a_person_who_is_refused_for_nothing_of_theirs_is_a_case_and_not_asked_again(
    stage: Stage, parent: Parent
) -> None:
    from brokerage.models import BrokerUser

    stage.control("POST", "reset")
    stage.fault(method="POST", path="*/users", kind="status", status=400, code="E025", times=None)
    for _hour in range(3):
        stage.work(rounds=3)
        stage.advance(3700)

    user = BrokerUser.objects.get(parent=parent)
    assert (user.status, user.problems) == ("NEEDS_INFO", ["unclear"])
    assert faults(stage) == 1
    assert Case.objects.filter(kind="IDENTITY", status="OPEN").count() == 1
    page = read(sign_in(parent).get("/about-you/"))
    assert "A person is looking at it" in page.text
    assert "Save and continue" not in page.text  # nothing to type would help
    stage.control("DELETE", "faults")
    desk = at_the_desk()
    desk.post(
        f"/admin/brokerage/brokeruser/{user.pk}/act/send-again/", {"reason": "Settled with them."}
    )
    stage.work()

    assert BrokerUser.objects.get(parent=parent).status == "APPROVED"


def test_the_parent_is_written_to_when_the_check_needs_them_and_when_it_is_decided(
    stage: Stage,
) -> None:
    parent = make_parent("other@family.example")
    make_known(parent, last_name="SSN_NOT_MATCH")
    stage.work()

    (letter,) = letters("The broker has a question about you")
    assert "digit by digit" in letter.body
    make_known(parent, last_name="Sample")
    stage.work()

    assert letters("The broker has confirmed who you are")


@pytest.mark.parametrize("name", ["SANCTION_OFAC", "SUSPECTED_DOCUMENT_FRAUD", "KYC_MANUAL_REVIEW"])
def test_nobody_is_written_to_of_what_only_the_desk_may_know(stage: Stage, name: str) -> None:
    parent = make_parent("other@family.example")
    make_known(parent, last_name=name)
    stage.work()

    assert mail.outbox == []
