"""A bank connected anew goes on being debited where its account is the same beyond doubt."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils.module_loading import import_string

from brokerage.connections import list_choices
from brokerage.models import BankAccount, Case, Deposit, Purchase
from brokerage.operations.vouching import find_plaid_account
from core.errors import NotNow
from core.models import AuditEntry
from prefill.models import PlaidEvent, PlaidItem
from prefill.operations import finish_repair, get_own_applicant, remove_item, start_link
from sandbox.plaid.banks import HOUNDSTOOTH, TOKENIZING
from tests.cast import Family, halt, resume
from tests.prefill.banking import Window, link_one, make_tenant_with_banks, now, vendor_items
from tests.prefill.test_ended_banks import choose, read_again

Way = Callable[[Family, PlaidItem], Any]
OTHER_CUSTOMER = {"username": "user_yuppie", "owner": "Kim Elsewhere"}


@pytest.fixture
def news(request: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Deliver what is told after a commit at once, as the queue does."""
    told = {"brokerage.tasks.end_plaid_bank", "brokerage.tasks.compare_owners"}

    def send(task: str, kwargs: Any) -> None:
        if task in told:
            import_string(task)(**kwargs)

    monkeypatch.setattr("core.queue._send", send)
    return request.getfixturevalue("django_capture_on_commit_callbacks")


def connect(family: Family, bank: str = "ins_109508") -> PlaidItem:
    """Pay for gifts from a bank connected by Plaid."""
    make_tenant_with_banks()
    item = link_one(family.stage, get_own_applicant(family.parent, at=now()), bank)
    family.bank = choose(family)
    return item


def link_again(family: Family, item: PlaidItem, **login: str) -> PlaidItem:
    again = link_one(family.stage, item.applicant, item.institution_id or "ins_109508", **login)
    family.stage.work()
    return again


def show(family: Family, item: PlaidItem, **face: str) -> None:
    item.refresh_from_db()
    for subtype in ("checking", "savings"):
        path = f"plaid/institutions/{item.institution_id}"
        family.stage.control("POST", path, {"subtype": subtype} | face)


def link_after_a_change_of_name(family: Family, item: PlaidItem) -> None:
    show(family, item, name="Everyday Plus", officialName="Renamed")
    link_again(family, item)


def link_with_its_digits_hidden(family: Family, item: PlaidItem) -> None:
    show(family, item, mask="")
    link_again(family, item)


def link_with_one_mask_for_all(family: Family, item: PlaidItem) -> None:
    show(family, item, mask="0000", name="Account")
    link_again(family, item)


def sign_in_again(family: Family, item: PlaidItem) -> None:
    """Reconnect it in Plaid's update mode, as the button on the page does."""
    started = start_link(
        applicant=item.applicant, kind="update", item=item, by=family.parent.user, at=now()
    )
    Window(family.stage.box).pass_link(started.link_token, item.institution_id)
    finish_repair(session=started.session, by=family.parent.user, at=now())


def break_login(family: Family, item: PlaidItem) -> None:
    told = {"error": "ITEM_LOGIN_REQUIRED"}
    family.stage.control("POST", f"plaid/items/{item.item_id}", told)
    read_again(family, item)
    item.refresh_from_db()
    assert item.status == PlaidItem.Status.NEEDS_USER


def repair_a_broken_login(family: Family, item: PlaidItem) -> None:
    break_login(family, item)
    sign_in_again(family, item)


def link_beside_a_broken_login(family: Family, item: PlaidItem) -> None:
    break_login(family, item)
    link_again(family, item)


def get_other_ids_in_place(family: Family, item: PlaidItem) -> None:
    family.stage.control("POST", f"plaid/items/{item.item_id}/ids", {})
    read_again(family, item)


def link_while_numbers_do_not_come(family: Family, item: PlaidItem) -> None:
    family.stage.fault(kind="status", path="/plaid/auth/get", status=500, times=2)
    link_again(family, item)
    family.stage.advance(3600)
    family.stage.work()


def link_three_times(family: Family, item: PlaidItem) -> None:
    for _time in range(3):
        link_again(family, item)


WAYS: dict[str, Way] = {
    "anew": link_again,
    "renamed": link_after_a_change_of_name,
    "digits hidden": link_with_its_digits_hidden,
    "one mask for all": link_with_one_mask_for_all,
    "broken, repaired": repair_a_broken_login,
    "broken, anew": link_beside_a_broken_login,
    "other ids": get_other_ids_in_place,
    "numbers late": link_while_numbers_do_not_come,
    "three times": link_three_times,
}


def now_debited(family: Family) -> BankAccount:
    """Return the parent's bank by Plaid, the only one however often it was connected."""
    bank = BankAccount.objects.get(parent=family.parent, source="PLAID")
    assert bank.pk == family.bank.pk
    return bank


CHOSEN = [
    ("anew", "ins_109508"),
    ("renamed", "ins_109508"),
    ("broken, repaired", "ins_109508"),
    ("numbers late", "ins_109508"),
    ("other ids", "ins_109508"),
    ("one mask for all", HOUNDSTOOTH),
    ("broken, anew", TOKENIZING),
    ("three times", TOKENIZING),
]
ALL = [(way, bank) for way in WAYS for bank in ("ins_109508", HOUNDSTOOTH, TOKENIZING)]


@pytest.mark.daily(3)
@pytest.mark.parametrize(
    ("way", "bank"),
    [pytest.param(*c, marks=[] if c in CHOSEN else pytest.mark.slow, id="-".join(c)) for c in ALL],
)
def test_the_same_account_goes_on(family: Family, way: str, bank: str) -> None:
    item = connect(family, bank)
    family.client.post(f"/banks/{family.bank.pk}/primary/")
    halt("halt-deposits")
    waiting = family.approve(family.give())

    WAYS[way](family, item)
    page = family.client.get("/banks/").content.decode()
    resume("halt-deposits")
    family.stage.advance(90)
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()

    waiting.refresh_from_db()
    paying = now_debited(family)
    assert (paying.status, paying.is_primary, paying.owner) == ("ACTIVE", True, "MATCHES")
    assert (waiting.status, waiting.bank) == (Purchase.Status.EXECUTED, paying)
    assert Deposit.objects.count() == 1
    assert "do not debit" not in page
    assert "twice" not in page
    assert PlaidItem.objects.exclude(status="REMOVED").count() == 1
    found = find_plaid_account(paying)
    assert found is not None
    assert found.pk not in [choice.account.pk for choice in list_choices(family.parent)]


@pytest.mark.parametrize("bank", ["ins_109508", TOKENIZING])
def test_the_older_login_is_removed_once_nothing_uses_it(family: Family, bank: str) -> None:
    """Numbers that a bank gave to one login may end with it."""
    item = connect(family, bank)
    link_again(family, item)
    lives_on = bank == TOKENIZING
    after_linking = len(vendor_items(family.stage))

    family.client.post(f"/banks/{family.bank.pk}/remove/")
    family.stage.work()

    assert after_linking == (2 if lives_on else 1)
    assert len(vendor_items(family.stage)) == 1
    item.refresh_from_db()
    assert not item.superseded
    ended = AuditEntry.objects.filter(verb="item.sharing_ended").count()
    assert ended == (1 if lives_on else 0)


ENDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "ITEM.USER_PERMISSION_REVOKED": lambda ref: {},
    "ITEM.USER_ACCOUNT_REVOKED": lambda ref: {"account_id": ref},
    "AUTH.DEFAULT_UPDATE": lambda ref: {"account_ids_with_updated_auth": {ref: ["ACCOUNT_NUMBER"]}},
    "ITEM.PENDING_DISCONNECT": lambda ref: {"reason": "INSTITUTION_MIGRATION"},
}


@pytest.mark.daily(2)
@pytest.mark.parametrize("bank", ["ins_109508", TOKENIZING])
@pytest.mark.parametrize("type_", ENDS)
def test_news_of_the_older_login_ends_what_rests_on_its_numbers(
    family: Family, news: Any, type_: str, bank: str
) -> None:
    item = connect(family, bank)
    account = item.accounts.get(subtype="checking").account_id
    older = item.item_id
    link_again(family, item)
    told = {"item_id": older} | ENDS[type_](account)

    with news(execute=True):
        PlaidEvent.objects.create(
            mode="live", digest="0", type=type_, received_at=now(), next_step_at=now(),
            payload=json.dumps(told),
        )  # fmt: skip
        family.stage.work()

    ends = bank == TOKENIZING and type_ != "ITEM.PENDING_DISCONNECT"
    assert now_debited(family).status == ("DISABLED" if ends else "ACTIVE")
    assert PlaidEvent.objects.get(digest="0").status == PlaidEvent.Status.DONE
    item.refresh_from_db()
    assert item.status == PlaidItem.Status.ACTIVE  # the newer login is another one


def test_removing_the_connection_removes_every_login_it_had(family: Family) -> None:
    item = connect(family, TOKENIZING)
    again = link_again(family, item)

    remove_item(again, by=family.parent.user, at=now())
    family.stage.work()

    assert not vendor_items(family.stage)


@pytest.mark.slow
def test_another_persons_login_at_the_bank_takes_nothing_over(family: Family) -> None:
    """Their accounts look the same down to the last digits."""
    item = connect(family)

    other = link_again(family, item, **OTHER_CUSTOMER)

    bank = now_debited(family)
    assert other.pk != item.pk
    assert (bank.status, bank.owner) == ("ACTIVE", "MATCHES")
    assert family.buy().status == Purchase.Status.EXECUTED
    theirs = [c for c in list_choices(family.parent) if c.account.item_id == other.pk]
    assert len(theirs) == 2  # of their own, to be chosen and judged by their owner's name
    assert not item.accounts.exclude(earlier_ids=[])


def test_a_joint_account_in_another_login_takes_nothing_over(family: Family) -> None:
    """A login that shows only the one account must not close the others."""
    item = connect(family)
    savings = next(c for c in list_choices(family.parent) if c.account.subtype == "savings")

    other = link_again(family, item, only="checking")

    assert other.pk != item.pk
    assert now_debited(family).status == "ACTIVE"
    item.refresh_from_db()
    assert item.accounts.filter(closed_at=None).count() == 2
    left = list_choices(family.parent)
    assert [c.account.pk for c in left] == [savings.account.pk]  # the joint one is linked already


def test_the_owner_is_looked_at_again(family: Family, news: Any) -> None:
    """Who signs in anew may be told another name of the very same account."""
    item = connect(family)

    with news(execute=True):
        link_again(family, item, owner="Kim Elsewhere")

    bank = now_debited(family)
    assert (bank.status, bank.owner) == ("DISABLED", "DIFFERS")
    assert Case.objects.filter(kind=Case.Kind.OWNER, status="OPEN").count() == 1
    with pytest.raises(NotNow):
        family.approve(family.give())


def test_a_login_withdrawn_at_the_bank_is_not_revived_by_a_new_one(
    family: Family, news: Any
) -> None:
    """Who took the permission back gives it again by choosing the account."""
    item = connect(family)
    told = {"error": "USER_PERMISSION_REVOKED"}
    family.stage.control("POST", f"plaid/items/{item.item_id}", told)
    with news(execute=True):
        read_again(family, item)
    assert now_debited(family).status == "DISABLED"

    with news(execute=True):
        link_again(family, item)
    before = now_debited(family).status
    choose(family)

    assert before == "DISABLED"
    statuses = BankAccount.objects.filter(source="PLAID").values_list("status", flat=True)
    assert sorted(statuses) == ["ACTIVE", "REMOVED"]
