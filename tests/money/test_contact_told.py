"""The trusted contact at the broker: told when an account opens, of changes, and taken back."""

from typing import Any

import pytest

from accounts.models import Parent, TrustedContact
from accounts.operations import TrustedAnswer, answer_trusted_contact
from brokerage.models import BrokerAccount, Case, ContactNotice
from core import clock
from core.errors import DomainError
from tests.cast import make_child, make_known, make_parent, sign_in
from tests.desk.staff import at_the_desk
from tests.pages.reading import read
from tests.stage import Stage

pytestmark = pytest.mark.documented_too

ROBIN = TrustedAnswer("Robín", "O'Dell", "SIBLING", "+13035550177", "robin@family.example")
KIM = TrustedAnswer("Kim", "Sample", "FRIEND", "", "kim@family.example")


@pytest.fixture
def parent(stage: Stage) -> Parent:
    parent = make_parent("custodian@family.example")
    make_known(parent)
    return parent


def name(parent: Parent, answer: TrustedAnswer) -> None:
    answer_trusted_contact(parent=parent, answer=answer, at=clock.now())


def at_broker(stage: Stage) -> list[Any]:
    return [account.trusted_contact for account in stage.box.world.drivewealth.accounts]


def broker_line(parent: Parent) -> str:
    page = read(sign_in(parent).get("/about-you/trusted-contact/"))
    return page.text.partition("The broker ")[2][:60]


@pytest.mark.slow
def test_a_contact_is_told_when_the_account_is_there_and_of_each_change(
    stage: Stage, parent: Parent
) -> None:
    name(parent, ROBIN)
    assert "Is told once" in broker_line(parent)
    make_child(parent)
    make_child(parent, ssn="345678912")
    stage.work()

    robin = {
        "firstName": "Robin", "lastName": "ODell", "email": "robin@family.example",
        "phoneNumber": "+13035550177",
    }  # fmt: skip
    assert at_broker(stage) == [robin, robin]
    assert "Has this since" in broker_line(parent)

    name(parent, KIM)
    assert "Is told once" in broker_line(parent)
    stage.work()
    kim = {"firstName": "Kim", "lastName": "Sample", "email": "kim@family.example"}
    assert at_broker(stage) == [kim, kim]

    name(parent, TrustedAnswer())
    stage.work()
    assert at_broker(stage) == [None, None]
    assert set(ContactNotice.objects.values_list("status", flat=True)) == {"TOLD"}
    assert not Case.objects.exists()


def test_who_names_nobody_has_nothing_told(stage: Stage, parent: Parent) -> None:
    name(parent, TrustedAnswer())
    make_child(parent)
    stage.work()

    assert at_broker(stage) == [None]
    assert not ContactNotice.objects.exists()


def test_a_broker_that_is_away_is_told_later(stage: Stage, parent: Parent) -> None:
    make_child(parent)
    stage.work()
    stage.fault(method="PATCH", path="*/accounts/*", kind="drop-after", times=2)
    name(parent, KIM)
    stage.work()
    stage.advance(120)
    stage.work()

    assert at_broker(stage)[0]["firstName"] == "Kim"
    assert ContactNotice.objects.get().status == "TOLD"


@pytest.mark.slow
def test_a_contact_the_broker_refuses_is_a_case_and_told_again_at_staffs_word(
    stage: Stage, parent: Parent
) -> None:
    make_child(parent)
    stage.work()
    stage.fault(
        method="PATCH", path="*/accounts/*", kind="status", status=400, code="E033", times=1
    )
    name(parent, KIM)
    for _hour in range(2):
        stage.work()
        stage.advance(3700)

    notice = ContactNotice.objects.get()
    assert (notice.status, notice.refusal, at_broker(stage)) == ("REFUSED", "E033", [None])
    assert BrokerAccount.objects.get().status == "OPEN"
    (case,) = Case.objects.filter(kind="CONTACT", status="OPEN")
    assert "Kim" not in case.summary
    assert "Has not taken it" in broker_line(parent)
    desk = at_the_desk()
    desk.post(
        f"/admin/brokerage/contactnotice/{notice.pk}/act/tell-again/", {"reason": "They said so."}
    )
    stage.work()

    assert at_broker(stage)[0]["firstName"] == "Kim"
    assert not Case.objects.filter(kind="CONTACT", status="OPEN").exists()


def test_a_broker_without_a_place_for_it_is_not_told_and_the_page_says_so(
    stage: Stage, parent: Parent, settings: Any
) -> None:
    settings.DRIVEWEALTH_DESCRIPTION = "1.0"
    name(parent, KIM)
    make_child(parent)
    stage.work()

    assert TrustedContact.objects.get().broker_word == "NOT_TAKEN"
    assert not ContactNotice.objects.exists()
    assert "Has no place for it" in broker_line(parent)


def test_a_task_that_was_lost_is_made_up_for_by_the_sweep(stage: Stage, parent: Parent) -> None:
    make_child(parent)
    stage.work()
    name(parent, KIM)
    ContactNotice.objects.update(next_step_at=None)
    stage.work()

    assert at_broker(stage)[0]["firstName"] == "Kim"


def test_oneself_is_no_trusted_contact_by_any_door(parent: Parent) -> None:
    with pytest.raises(DomainError) as refused:
        name(parent, TrustedAnswer("Kim", "Sample", "", "+13035550123"))

    assert list(refused.value.fields) == ["trusted_phone"]
