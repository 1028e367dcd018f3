"""The whole way of a bank while Plaid tells exactly what its own description says, no more."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest

from brokerage.models import BankAccount
from prefill.models import PlaidItem, PlaidTransaction
from prefill.operations import get_own_applicant, get_prefill, remove_item
from sandbox.documented import shape
from sandbox.plaid.answers import description
from sandbox.plaid.banks import HOUNDSTOOTH, TOKENIZING
from sandbox.plaid.routes import ENDPOINTS
from sandbox.plaid.words import ITEM_WEBHOOKS
from tests.cast import Family
from tests.prefill.banking import (
    PLATYPUS,
    Window,
    layer,
    link_one,
    make_person,
    make_tenant_with_banks,
    now,
    start,
    vendor_items,
)
from tests.stage import Stage

SCHEMA = re.compile(r"(?<!^)(?=[A-Z][a-z])|(?<=[a-z0-9])(?=[A-Z])")
# Plaid publishes no schema of this one; it goes out with what all webhooks of an Item have.
WITHOUT_SCHEMA = {"AUTH.SMS_MICRODEPOSITS_VERIFICATION"}


@pytest.fixture
def told_less(stage: Stage) -> Stage:
    stage.control("POST", "plaid/answers", {"answers": "documented"})
    return stage


# --- the description ------------------------------------------------------------------------------


def test_every_endpoint_and_webhook_is_described_and_says_where() -> None:
    calls = {shape(f"POST {path}") for path in ENDPOINTS}
    hooks = {f"{type_}.{code}" for type_, codes in ITEM_WEBHOOKS.items() for code in codes}
    entries = [*description().calls.values(), *description().events.values()]

    assert {shape(call) for call in description().calls} == calls
    assert hooks - WITHOUT_SCHEMA <= description().events.keys()
    for entry in entries:
        assert entry.source.split(":")[0] in description().texts
        assert len(set(entry.names)) == len(entry.names)


@pytest.mark.parametrize(
    "entry", [*description().calls.values(), *description().events.values()],
    ids=[*description().calls, *description().events],
)  # fmt: skip
def test_the_names_are_those_of_plaids_own_client(entry: Any) -> None:
    """plaid-python is generated from the description: a newer one shows what has changed."""
    name = entry.source.partition(": ")[2]
    model = getattr(importlib.import_module(f"plaid.model.{SCHEMA.sub('_', name).lower()}"), name)
    types = model.openapi_types
    types = types if isinstance(types, dict) else types.fget(model)

    told = {field.partition(".")[0] for field in entry.names}
    assert told == {model.attribute_map[field] for field in types}


# --- the way --------------------------------------------------------------------------------------


def test_layer_fills_the_form_and_brings_banks(told_less: Stage) -> None:
    person = make_person()

    finished = layer(told_less, person)
    told_less.work()

    prefill = get_prefill(person, at=now())
    assert prefill.value("personal_info.first_name") == "Leslie"
    assert prefill.value("personal_info.ssn_last4") == "4321"
    assert len(finished.items) == 2
    assert {item.institution_name for item in PlaidItem.objects.all()} == {
        "First Platypus Bank", "First Gingham Credit Union",
    }  # fmt: skip


def test_a_bank_is_read_followed_repaired_and_removed(told_less: Stage) -> None:
    item = link_one(told_less, make_person())
    told_less.advance(70)
    told_less.work()
    moved = PlaidTransaction.objects.count()
    told_less.control("POST", f"plaid/items/{item.item_id}", {"error": "ITEM_LOGIN_REQUIRED"})
    PlaidItem.objects.filter(pk=item.pk).update(next_step_at=now())
    told_less.work()
    item.refresh_from_db()
    broken = item.status
    token = start(item.applicant, "update", item=item).link_token
    Window(told_less.box).pass_link(token)
    PlaidItem.objects.filter(pk=item.pk).update(next_step_at=now())
    told_less.work()
    item.refresh_from_db()
    mended = item.status
    remove_item(item, by="tests", at=now())
    told_less.work()

    assert moved == 32
    assert (broken, mended) == ("NEEDS_USER", "ACTIVE")
    assert vendor_items(told_less) == []
    prefill = get_prefill(item.applicant, at=now())
    assert prefill.value("personal_info.first_name") == "Alberta"


@pytest.mark.parametrize("bank", [PLATYPUS, HOUNDSTOOTH, TOKENIZING])
def test_the_same_bank_again_is_the_same_bank(told_less: Stage, bank: str) -> None:
    person = make_person()
    first = link_one(told_less, person, bank)
    before = {str(row.current): row.pk for row in first.accounts.all()}

    again = link_one(told_less, person, bank)

    assert again.pk == first.pk
    assert {str(row.current): row.pk for row in again.accounts.all()} == before


def test_an_account_is_shared_with_the_broker_and_pays(family: Family) -> None:
    family.stage.control("POST", "plaid/answers", {"answers": "documented"})
    make_tenant_with_banks()
    item = link_one(family.stage, get_own_applicant(family.parent, at=now()))
    account = item.accounts.get(subtype="checking")
    family.client.post("/banks/choose/", {"account": str(account.pk), "authorization": "on"})
    family.stage.work()

    family.bank = BankAccount.objects.get(source="PLAID")

    assert (family.bank.status, family.bank.owner) == ("ACTIVE", "MATCHES")
    assert family.buy().status == "EXECUTED"
