"""A bank account in another name than the parent's is neither linked nor debited."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string

from brokerage.connections import list_choices
from brokerage.models import BankAccount, Case, Deposit, Purchase
from brokerage.operations import accept_owner, describe_names, refuse_owner
from core.errors import StaleMove
from core.models import AuditEntry
from prefill.models import PlaidAccount, PlaidItem
from prefill.operations import get_own_applicant
from tests.cast import Family, halt, make_known, make_parent, resume, sign_in
from tests.desk.leaks import kept_logs
from tests.desk.staff import at_the_desk, make_staff
from tests.money.test_races import in_threads
from tests.pages.answers import BANK
from tests.pages.reading import read
from tests.prefill.banking import PLATYPUS, link_one, make_tenant_with_banks, now

TARTAN = "ins_109511"  # its savings account is somebody else's
SOMEBODY = "Kim Elsewhere"


@pytest.fixture
def news(request: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Deliver the news that names have changed at once, as the queue does."""

    def send(task: str, kwargs: Any) -> None:
        if task == "brokerage.tasks.compare_owners":
            import_string(task)(**kwargs)

    monkeypatch.setattr("core.queue._send", send)
    return request.getfixturevalue("django_capture_on_commit_callbacks")


def connect(family: Family, bank: str = PLATYPUS) -> PlaidItem:
    make_tenant_with_banks()
    return link_one(family.stage, get_own_applicant(family.parent, at=now()), bank)


def choose(family: Family, subtype: str) -> Any:
    """Choose an account on the page; return where that leads."""
    (pk,) = [c.account.pk for c in list_choices(family.parent) if c.account.subtype == subtype]
    form = {"account": str(pk), "authorization": "on"}
    answer = family.client.post("/banks/choose/", form, follow=True)
    family.stage.work()
    return read(answer)


def linked(family: Family) -> BankAccount:
    banks = BankAccount.objects.filter(parent=family.parent, source="PLAID")
    bank: BankAccount = banks.latest("created_at")
    return bank


def say_owners(family: Family, item: PlaidItem, *names: str) -> None:
    """Have the bank tell other names from now on, and read it again."""
    told = {"names": list(names)}
    family.stage.control("POST", f"plaid/items/{item.item_id}/owners", told)
    PlaidItem.objects.filter(pk=item.pk).update(next_step_at=now())
    family.stage.work()


def correct_name(family: Family, **names: str) -> None:
    make_known(family.parent, **names)
    family.stage.work()


def decide(case: Case, action: str, desk: Client | None = None) -> int:
    url = reverse("admin:brokerage_case_act", args=[case.pk, action])
    desk = desk or at_the_desk()
    page: Any = desk.get(url)
    if page.status_code != 200:
        return int(page.status_code)
    answers = {"reason": "Seen a statement.", "names": page.context["form"]["names"].value()}
    return desk.post(url, answers).status_code


def shared(family: Family) -> list[str]:
    """Return for which Items Plaid has made a token for the broker."""
    return [row["id"] for row in family.stage.state()["plaidItems"] if row["processors"]]


def at_broker(family: Family) -> list[str]:
    rows = family.stage.state()["bankAccounts"]
    return [row["status"] for row in rows if row["id"] != family.bank.vendor_id]


def verbs(bank: BankAccount) -> list[str]:
    rows = AuditEntry.objects.filter(subject=f"brokerage.bankaccount:{bank.pk}").order_by("id")
    return [row.verb for row in rows]


def test_an_account_in_the_parents_name_is_linked(family: Family) -> None:
    connect(family)

    choose(family, "checking")

    assert (linked(family).status, linked(family).owner) == ("ACTIVE", "MATCHES")
    assert not Case.objects.exists()


def test_another_persons_account_is_held_with_a_case_and_what_to_do(family: Family) -> None:
    connect(family, TARTAN)
    with kept_logs() as logs:
        page = choose(family, "savings")

    bank, case = linked(family), Case.objects.get()
    told = " ".join(f"{e.verb} {e.detail}" for e in AuditEntry.objects.all()) + case.summary
    assert (bank.status, bank.owner, bank.verified_at) == ("HELD", "DIFFERS", None)
    assert (page.url, shared(family), at_broker(family)) == ("/banks/", [], [])
    assert "names another owner" in page.text
    assert "In another name" in page.text
    assert (case.kind, case.parent) == ("OWNER", family.parent)
    for name in ("Kim", "Elsewhere", "Sample"):
        assert name not in told
        assert name not in logs.getvalue()
    assert "Elsewhere" not in page.text
    approve = family.client.get(f"/gifts/{family.give().pk}/approve/").content.decode()
    assert str(bank) not in approve


def test_staff_compare_the_names_and_accept(family: Family) -> None:
    connect(family, TARTAN)
    choose(family, "savings")
    desk, case = at_the_desk(), Case.objects.get()
    page = desk.get(reverse("admin:brokerage_case_change", args=[case.pk])).content.decode()

    decide(case, "accept-owner", desk)
    family.stage.work()

    family.bank = linked(family)
    case.refresh_from_db()
    assert "On the form: Pat Sample. At the bank: Kim Elsewhere." in page
    assert "Close the case" not in page
    assert (family.bank.status, family.bank.owner) == ("ACTIVE", "ACCEPTED")
    assert (case.status, case.finding) == ("CLOSED", "Seen a statement.")
    assert family.buy().status == "EXECUTED"
    entry = AuditEntry.objects.get(verb="bank.owner_accepted")
    assert entry.detail == {"reason": "Seen a statement."}
    assert decide(case, "refuse-owner", desk) == 404
    family.client.post(f"/banks/{family.bank.pk}/remove/")
    choose(family, "savings")
    assert (linked(family).status, linked(family).owner) == ("ACTIVE", "ACCEPTED")


def test_a_decision_holds_for_the_names_that_were_read_and_no_others(family: Family) -> None:
    item = connect(family, TARTAN)
    choose(family, "savings")
    desk, case = at_the_desk(), Case.objects.get()
    url = reverse("admin:brokerage_case_act", args=[case.pk, "accept-owner"])
    page: Any = desk.get(url)
    read_before = page.context["form"]["names"].value()

    say_owners(family, item, "Robin Stranger")
    late = desk.post(url, {"reason": "Hers.", "names": read_before}, follow=True)
    unread = desk.post(url, {"reason": "Hers."})

    assert read_before == "On the form: Pat Sample. At the bank: Kim Elsewhere."
    assert "The names are others by now" in late.content.decode()
    assert unread.status_code == 200  # the form again, with what is missing
    assert linked(family).status == "HELD"
    assert not AuditEntry.objects.filter(verb="bank.owner_accepted").exists()
    decide(case, "accept-owner", desk)
    assert linked(family).owner == "ACCEPTED"


def test_staff_refuse_and_choosing_it_again_changes_nothing(family: Family) -> None:
    connect(family, TARTAN)
    choose(family, "savings")
    case = Case.objects.get()

    decide(case, "refuse-owner")
    again = choose(family, "savings")

    bank = linked(family)
    assert (bank.status, bank.owner, shared(family)) == ("REFUSED", "REFUSED", [])
    assert (again.status, Case.objects.count()) == (422, 1)
    assert "could not see that this account is yours" in again.errors["account"]
    assert "could not see" in read(family.client.get("/banks/")).text
    assert verbs(bank) == ["bank.linked", "bank.held", "bank.owner_refused"]


def test_a_corrected_name_lets_it_go_on(family: Family, news: Any) -> None:
    connect(family, TARTAN)
    choose(family, "savings")

    with news(execute=True):
        correct_name(family, first_name="Kim", last_name="Elsewhere")
    family.stage.work()

    case = Case.objects.get()
    assert (linked(family).status, linked(family).owner) == ("ACTIVE", "MATCHES")
    assert (case.status, case.finding) == ("CLOSED", "The names match by now.")
    assert decide(case, "accept-owner") == 404


def test_where_the_news_of_the_name_is_lost_it_is_seen_within_a_day(family: Family) -> None:
    connect(family, TARTAN)
    choose(family, "savings")
    correct_name(family, first_name="Kim", last_name="Elsewhere")
    before = linked(family).status

    family.stage.advance(24 * 3600 + 60)
    family.stage.work()

    assert (before, linked(family).status) == ("HELD", "ACTIVE")


def test_a_bank_that_tells_no_name_is_taken_and_marked(family: Family) -> None:
    item = connect(family)
    PlaidAccount.objects.update(owner_names=None)
    say_owners(family, item)

    choose(family, "checking")

    assert (linked(family).status, linked(family).owner) == ("ACTIVE", "UNKNOWN")
    assert not Case.objects.exists()


@pytest.mark.daily(2)
@pytest.mark.parametrize("heard", [True, False])
@pytest.mark.parametrize("cause", ["bank", "form"])
def test_what_differs_later_is_not_debited(
    family: Family, news: Any, cause: str, heard: bool
) -> None:
    item = connect(family)
    choose(family, "checking")
    family.bank = linked(family)
    halt("halt-deposits")
    waiting = family.approve(family.give())

    with news(execute=heard):
        if cause == "bank":
            say_owners(family, item, SOMEBODY)
        else:
            correct_name(family, last_name="Otherwise")
    told = linked(family).status
    resume("halt-deposits")
    family.stage.advance(90)
    family.stage.work()

    waiting.refresh_from_db()
    bank = linked(family)
    assert told == "DISABLED" or not heard
    assert (waiting.status, bank.status, bank.owner) == (
        Purchase.Status.FAILED, "DISABLED", "DIFFERS",
    )  # fmt: skip
    assert not Deposit.objects.exists()
    assert Case.objects.get().kind == "OWNER"
    assert "names another owner" in read(family.client.get("/banks/")).text


@pytest.mark.slow
def test_one_that_differed_later_comes_back_by_staffs_word_alone(family: Family) -> None:
    item = connect(family)
    choose(family, "checking")
    say_owners(family, item, SOMEBODY)
    family.stage.advance(24 * 3600 + 60)
    family.stage.work()
    before = linked(family).status

    decide(Case.objects.get(), "accept-owner")
    family.stage.work()
    accepted = linked(family).status
    say_owners(family, item, "Lee Nobody")
    family.stage.advance(24 * 3600 + 60)
    family.stage.work()

    assert (before, accepted) == ("DISABLED", "ACTIVE")
    assert (linked(family).status, linked(family).owner) == ("DISABLED", "DIFFERS")
    assert Case.objects.filter(status="OPEN").count() == 1


def test_a_joint_account_is_the_parents_too(family: Family) -> None:
    item = connect(family)
    say_owners(family, item, SOMEBODY, "SAMPLE PAT Q")

    choose(family, "checking")

    assert linked(family).owner == "MATCHES"


@pytest.mark.slow
def test_removing_a_held_bank_or_its_connection_closes_the_case(family: Family) -> None:
    item = connect(family, TARTAN)
    choose(family, "savings")
    family.client.post(f"/banks/{linked(family).pk}/remove/")
    first = Case.objects.get().status
    choose(family, "savings")

    family.client.post(f"/banks/connections/{item.pk}/remove/")
    family.stage.advance(24 * 3600 + 60)
    family.stage.work()

    assert first == "CLOSED"
    assert set(Case.objects.values_list("status", flat=True)) == {"CLOSED"}
    assert linked(family).status == "REMOVED"
    assert (shared(family), at_broker(family)) == ([], [])
    assert not PlaidAccount.objects.filter(owner_names__isnull=False).exists()


def test_a_lost_answer_of_the_broker_links_an_accepted_bank_once(family: Family) -> None:
    connect(family, TARTAN)
    choose(family, "savings")
    family.stage.fault(method="POST", path="*/bank-accounts", kind="drop-after", times=1)
    decide(Case.objects.get(), "accept-owner")

    family.stage.work()
    family.stage.advance(30)
    family.stage.work()

    assert linked(family).status == "ACTIVE"
    assert at_broker(family) == ["ACTIVE"]


def test_it_is_not_linked_by_its_numbers_instead(family: Family) -> None:
    connect(family, TARTAN)
    choose(family, "savings")

    def type_numbers(number: str) -> Any:
        form = BANK | {"account_number": number, "account_number_again": number}
        return read(family.client.post("/banks/new/", form))

    listed = type_numbers("1111222233331177")
    family.client.post(f"/banks/{linked(family).pk}/remove/")
    removed = type_numbers("1111222233331177")
    other = type_numbers("1111222233331178")

    assert "another owner" in listed.errors["account_number"]
    assert "another owner" in removed.errors["account_number"]
    assert other.status == 302


def test_a_stranger_neither_sees_nor_touches_it(family: Family) -> None:
    connect(family, TARTAN)
    choose(family, "savings")
    bank, case = linked(family), Case.objects.get()
    parent = make_parent("stranger@elsewhere.example")
    make_known(parent, ssn="321456789")
    stranger = sign_in(parent)
    account = PlaidAccount.objects.get(subtype="savings")

    answers = [
        stranger.post(f"/banks/{bank.pk}/remove/").status_code,
        stranger.delete(f"/api/bank-accounts/{bank.pk}").status_code,
        stranger.post(
            reverse("admin:brokerage_case_act", args=[case.pk, "accept-owner"]), {"reason": "x"}
        ).status_code,
    ]
    stolen = stranger.post("/banks/choose/", {"account": str(account.pk), "authorization": "on"})

    assert answers[:2] == [404, 404]
    assert answers[2] in {302, 403}
    assert stolen.status_code in {302, 422}
    assert linked(family).status == "HELD"
    (own,) = [
        row
        for row in family.client.get("/api/bank-accounts").json()["bankAccounts"]
        if row["id"] == str(bank.pk)
    ]
    assert own["status"] == "held"
    assert "names another owner" in own["note"]


def test_names_are_kept_encrypted_and_for_parents_of_ours_only(family: Family) -> None:
    item = connect(family)
    names = item.accounts.get(subtype="checking").owner_names

    assert json.loads(str(names)) == ["Pat Sample"]


def test_two_decisions_at_once_are_one(live_family: Family) -> None:
    connect(live_family, TARTAN)
    choose(live_family, "savings")
    case, staff = Case.objects.get(), make_staff()
    names = describe_names(case)

    def decide_by(act: Any) -> str:
        try:
            act(case, by=staff, reason="Seen a statement.", names=names, at=now())
        except StaleMove:
            return "late"
        return "done"

    answers = in_threads(
        partial(decide_by, accept_owner), partial(decide_by, refuse_owner),
        partial(decide_by, accept_owner),
    )  # fmt: skip

    told = AuditEntry.objects.filter(verb__in=["bank.owner_accepted", "bank.owner_refused"])
    assert sorted(answers) == ["done", "late", "late"]
    assert told.count() == AuditEntry.objects.filter(verb="case.closed").count() == 1
    live_family.stage.work()
    refused = told.get().verb == "bank.owner_refused"
    assert linked(live_family).status == ("REFUSED" if refused else "ACTIVE")
