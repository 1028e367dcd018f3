"""A bank that Plaid vouches for no more is debited no more, until it is linked anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils.module_loading import import_string

from brokerage.connections import link_connected_account, list_choices
from brokerage.models import BankAccount, Deposit, Purchase
from core.errors import DomainError
from prefill.models import PlaidEvent, PlaidItem
from prefill.operations import (
    erase_applicant,
    get_own_applicant,
    remove_item,
)
from tests.cast import Family, halt, resume
from tests.prefill.banking import link_one, make_tenant_with_banks, now

Way = Callable[[Family, PlaidItem], Any]


def connect(family: Family) -> PlaidItem:
    """Pay for gifts from a bank connected by Plaid."""
    make_tenant_with_banks()
    item = link_one(family.stage, get_own_applicant(family.parent, at=now()))
    family.bank = choose(family)
    assert family.bank.status == "ACTIVE"
    return item


def choose(family: Family) -> BankAccount:
    choice = next(c for c in list_choices(family.parent) if c.account.subtype == "checking")
    bank = link_connected_account(parent=family.parent, account_pk=choice.account.pk, at=now())
    family.stage.work()
    bank.refresh_from_db()
    return bank


def read_again(family: Family, item: PlaidItem) -> None:
    PlaidItem.objects.filter(pk=item.pk).update(next_step_at=now())
    family.stage.work()


def withdraw(family: Family, item: PlaidItem) -> None:
    told = {"error": "USER_PERMISSION_REVOKED"}
    family.stage.control("POST", f"plaid/items/{item.item_id}", told)
    read_again(family, item)


def take_account_back(family: Family, item: PlaidItem) -> None:
    account = item.accounts.get(subtype="checking").account_id
    PlaidEvent.objects.create(
        mode="live", digest="0", type="ITEM.USER_ACCOUNT_REVOKED", received_at=now(),
        next_step_at=now(), payload=json.dumps({"item_id": item.item_id, "account_id": account}),
    )  # fmt: skip
    family.stage.work()


def close(family: Family, item: PlaidItem) -> None:
    """Have the bank close the chosen account."""
    family.stage.control("POST", f"plaid/items/{item.item_id}/closings", {"subtype": "checking"})
    read_again(family, item)


def close_after_reconnecting(family: Family, item: PlaidItem) -> None:
    """Have it closed when it has gone by another id for a while."""
    close(family, link_one(family.stage, item.applicant))


def withdraw_after_reconnecting(family: Family, item: PlaidItem) -> None:
    take_account_back(family, link_one(family.stage, item.applicant))


def change_ids(family: Family, item: PlaidItem) -> None:
    """Have Plaid give out other ids and no numbers: nothing but its face shows the account."""
    family.stage.control("POST", f"plaid/items/{item.item_id}/ids", {})
    no_numbers = {"status": 400, "code": "PRODUCTS_NOT_SUPPORTED", "times": 1}
    family.stage.fault(kind="status", path="/plaid/auth/get", **no_numbers)
    read_again(family, item)


WAYS: dict[str, tuple[Way, str]] = {
    "removed": (lambda f, i: remove_item(i, by=f.parent.user, at=now()), "You removed"),
    "withdrawn": (withdraw, "was withdrawn at the bank"),
    "one account": (take_account_back, "was withdrawn at the bank"),
    "closed": (close, "does not show us this account"),
    "closed later": (close_after_reconnecting, "does not show us this account"),
    "one account later": (withdraw_after_reconnecting, "was withdrawn at the bank"),
    "nothing to know it by": (change_ids, "connected this bank anew"),
    "erased": (lambda f, i: erase_applicant(i.applicant, by="tests", at=now()), "You removed"),
}


@pytest.fixture
def news(request: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Deliver what is told after a commit at once, as the queue does."""

    def send(task: str, kwargs: Any) -> None:
        if task == "brokerage.tasks.end_plaid_bank":
            import_string(task)(**kwargs)

    monkeypatch.setattr("core.queue._send", send)
    return request.getfixturevalue("django_capture_on_commit_callbacks")


@pytest.mark.daily(3)
@pytest.mark.parametrize("way", WAYS)
def test_no_debit_is_asked_for_any_more(family: Family, news: Any, way: str) -> None:
    item = connect(family)
    kept = BankAccount.objects.exclude(pk=family.bank.pk).get()
    halt("halt-deposits")
    waiting = family.approve(family.give())
    end, said = WAYS[way]

    with news(execute=True):
        end(family, item)

    family.bank.refresh_from_db()
    kept.refresh_from_db()
    assert (family.bank.status, family.bank.verified_at) == ("DISABLED", None)
    assert said in family.client.get("/banks/").content.decode()
    assert (kept.status, kept.is_primary) == ("ACTIVE", True)
    with pytest.raises(DomainError):
        family.approve(family.give())
    resume("halt-deposits")
    family.stage.advance(90)
    family.stage.work()
    waiting.refresh_from_db()
    assert waiting.status == Purchase.Status.FAILED
    assert not Deposit.objects.exists()


@pytest.mark.daily(2)
@pytest.mark.parametrize("way", sorted(WAYS.keys() - {"one account", "one account later"}))
def test_where_the_news_is_lost_it_shows_before_the_debit(family: Family, way: str) -> None:
    item = connect(family)
    halt("halt-deposits")
    waiting = family.approve(family.give())
    end, said = WAYS[way]

    end(family, item)
    resume("halt-deposits")
    family.stage.advance(90)
    family.stage.work()

    waiting.refresh_from_db()
    assert waiting.status == Purchase.Status.FAILED
    assert not family.stage.state()["deposits"]
    assert said in family.client.get("/banks/").content.decode()


@pytest.mark.slow
def test_a_mended_connection_pays_again_once_the_account_is_chosen_anew(
    family: Family, news: Any
) -> None:
    item = connect(family)
    with news(execute=True):
        withdraw(family, item)
        assert not list_choices(family.parent)
        family.stage.control("POST", f"plaid/items/{item.item_id}", {"error": "HEALTHY"})
        read_again(family, item)
    first = family.bank
    first.refresh_from_db()
    before = first.status

    family.bank = choose(family)

    first.refresh_from_db()
    assert (before, first.status, family.bank.status) == ("DISABLED", "REMOVED", "ACTIVE")
    assert family.bank.number_index == first.number_index
    assert family.buy().status == Purchase.Status.EXECUTED
    assert not [c for c in list_choices(family.parent) if c.account.subtype == "checking"]


def test_an_account_chosen_again_leaves_no_dead_twin(family: Family, news: Any) -> None:
    item = connect(family)
    with news(execute=True):
        change_ids(family, item)
    first = family.bank
    first.refresh_from_db()
    before = first.status

    family.bank = choose(family)

    first.refresh_from_db()
    assert (before, first.status, family.bank.status) == ("DISABLED", "REMOVED", "ACTIVE")
    assert BankAccount.objects.filter(source="PLAID").exclude(status="REMOVED").count() == 1


def test_a_link_that_is_just_being_made_is_undone(family: Family, news: Any) -> None:
    item = connect(family)
    choice = next(c for c in list_choices(family.parent) if c.account.subtype == "savings")
    bank = link_connected_account(parent=family.parent, account_pk=choice.account.pk, at=now())

    with news(execute=True):
        remove_item(item, by=family.parent.user, at=now())
    family.stage.work()

    bank.refresh_from_db()
    assert bank.status == "REMOVED"
    told = [row for row in family.stage.state()["bankAccounts"] if row["id"] == bank.vendor_id]
    assert not [row for row in told if row["status"] == "ACTIVE"]
