"""Accounts with many deposits: each list is longer than a page, and no row of it is missed."""

from typing import Any

import pytest

from brokerage.models import BrokerAccount, Case, Deposit, Movement, ReconciliationBreak
from brokerage.operations import advance_deposit, audit_account
from tests.cast import Family
from tests.money import auditor, own_deposits


@pytest.mark.parametrize(
    "count", [28, *(pytest.param(many, marks=pytest.mark.slow) for many in (101, 250))]
)
@pytest.mark.documented_too
def test_many_deposits_are_all_found_and_break_nothing(
    family: Family, settings: Any, count: int
) -> None:
    settings.DEPOSIT_DAY_MAX = "1000000.00"
    for _number in range(count):
        deposit = own_deposits.add(family, "10.00")
        advance_deposit(deposit.pk, at=family.stage.now())
    assert Deposit.objects.filter(status="PENDING").count() == count
    family.stage.settle_ach()
    own_deposits.hear(family)

    audit_account(family.account.pk, at=family.stage.now())

    assert Deposit.objects.filter(status="SETTLED").count() == count
    assert not ReconciliationBreak.objects.exists()
    assert not Case.objects.exists()
    assert not Movement.objects.exists()
    account = BrokerAccount.objects.get(pk=family.account.pk)
    assert account.cash == 10 * count == auditor.broker_account(family)["cash"]
