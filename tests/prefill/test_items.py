"""Linked banks: what is read of them, what moved, the broker's token, and their end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.errors import NotNow
from core.models import AuditEntry
from prefill.gateway import Movement, MovementPage, Rejected, Unavailable, get_bank_linker
from prefill.models import PlaidAccount, PlaidItem, PlaidTransaction, RawImport
from prefill.operations import (
    VendorAway,
    advance_item,
    create_processor_token,
    erase_applicant,
    get_prefill,
    import_item,
    remove_item,
    sync_movements,
)
from prefill.plaid import client
from tests.prefill.banking import link_one, make_person, now, vendor_items
from tests.stage import Stage

pytestmark = pytest.mark.documented_too

SYNC, ACCOUNTS = "/plaid/transactions/sync", "/plaid/accounts/get"
MUTATED = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"


@pytest.fixture
def item(stage: Stage) -> PlaidItem:
    return link_one(stage, make_person())


@pytest.fixture
def small_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "MOVEMENTS_A_PAGE", 10)
        yield


def calls(stage: Stage, path: str) -> int:
    return int(stage.box.world.calls[f"POST {path}"])


def movements(item: PlaidItem) -> Any:
    return PlaidTransaction.objects.filter(account__item=item)


def test_a_bank_fills_the_form(stage: Stage, item: PlaidItem) -> None:
    checking = item.accounts.get(subtype="checking")
    prefill = get_prefill(item.applicant, at=now())

    assert item.institution_name == "First Platypus Bank"
    assert [checking.mask, checking.available, checking.current] == ["0000", 100, 110]
    assert prefill.value("personal_info.first_name") == "Alberta"
    assert prefill.provenance()["personal_info.first_name"]["source"] == "bank"
    assert len(prefill.as_data()["financial_info"]["bank_accounts"]) == 2
    raw = RawImport.objects.get(applicant=item.applicant)
    assert (raw.kind, raw.origin) == ("identity", item.item_id)
    assert "access-sandbox" not in raw.payload
    trail = str(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert "Alberta" not in trail
    assert "access-" not in trail


def test_what_moved_is_taken_over_once_and_followed(
    stage: Stage, item: PlaidItem, small_pages: None
) -> None:
    stage.advance(70)
    stage.work()
    item.refresh_from_db()
    at_first = movements(item).count()
    assert at_first == 32
    assert movements(item).filter(amount=Decimal("-1250"), category="INCOME").exists()

    stage.advance(4 * 24 * 3600)
    stage.work()
    assert movements(item).count() == at_first + 4
    before = calls(stage, SYNC)
    item.refresh_from_db()
    assert not sync_movements(item, at=now())
    assert calls(stage, SYNC) == before + 1


def test_a_crash_between_two_pages_repeats_nothing(
    stage: Stage, item: PlaidItem, small_pages: None
) -> None:
    stage.advance(3)
    stage.fault(kind="delay", path=SYNC, seconds=0, times=2)
    stage.fault(kind="drop-after", path=SYNC, times=1)

    with pytest.raises(Unavailable):
        sync_movements(item, at=now())
    assert not movements(item).exists()
    assert PlaidItem.objects.get(pk=item.pk).cursor == ""

    sync_movements(item, at=now())
    assert movements(item).count() == 32
    assert PlaidItem.objects.get(pk=item.pk).cursor == item.cursor != ""


def test_a_paging_that_mutates_starts_over_from_its_first_page(
    stage: Stage, item: PlaidItem, small_pages: None
) -> None:
    stage.advance(3)
    stage.fault(kind="delay", path=SYNC, seconds=0, times=2)
    stage.fault(kind="status", path=SYNC, status=400, code=MUTATED, times=1)

    sync_movements(item, at=now())

    assert movements(item).count() == 32
    assert calls(stage, SYNC) == 2 + 4  # two, a refusal, all four


def test_the_last_word_about_a_movement_counts(stage: Stage, item: PlaidItem) -> None:
    account = item.accounts.get(subtype="checking")
    pages: list[MovementPage] = []

    def told(number: int, amount: str, **changes: Any) -> Movement:
        fields: dict[str, Any] = {
            "transaction_id": f"t{number}", "account_id": account.account_id,
            "amount": Decimal(amount), "currency": "USD", "happened_on": now().date(),
            "name": "Corner Grocery", "category": "", "is_pending": False,
        }  # fmt: skip
        return Movement(**fields | changes)

    linker = get_bank_linker("test")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linker, "list_movements", lambda _access, _cursor: pages.pop(0))
        pages[:] = [
            MovementPage((told(1, "1", is_pending=True), told(2, "2")), (), "c1", True),
            MovementPage(
                (told(2, "2.50"), told(9, "9", account_id="unknown")), ("t1",), "c2", False
            ),
        ]
        sync_movements(item, at=now())
        assert [(row.transaction_id, row.amount) for row in movements(item)] == [
            ("t2", Decimal("2.5"))
        ]
        pages[:] = [MovementPage((told(3, "3"),), ("t2", "never-known"), "c3", False)]
        sync_movements(item, at=now())

    assert [row.transaction_id for row in movements(item)] == ["t3"]
    assert PlaidItem.objects.get(pk=item.pk).cursor == "c3"


def test_the_bank_that_must_be_reconnected_is_not_asked_again(
    stage: Stage, item: PlaidItem
) -> None:
    stage.work()
    stage.control("POST", f"plaid/items/{item.item_id}", {"error": "ITEM_LOGIN_REQUIRED"})
    stage.advance(25 * 3600)
    stage.work()
    item.refresh_from_db()
    assert (item.status, item.next_step_at) == ("NEEDS_USER", None)

    before = calls(stage, ACCOUNTS)
    stage.advance(48 * 3600)
    stage.work()

    assert calls(stage, ACCOUNTS) == before
    assert item.accounts.filter(closed_at=None).count() == 2


def test_a_bank_that_is_down_waits_and_keeps_its_data(stage: Stage, item: PlaidItem) -> None:
    stage.work()
    stage.fault(kind="status", path=ACCOUNTS, status=400, code="INSTITUTION_DOWN", times=1)
    PlaidItem.objects.filter(pk=item.pk).update(next_step_at=now())
    at = now()
    advance_item(item.pk, at=at)

    item.refresh_from_db()
    assert item.next_step_at is not None
    assert item.next_step_at - at >= timedelta(minutes=5)
    assert (item.status, item.failures) == ("ACTIVE", 0)
    stage.advance(320)
    stage.work()
    item.refresh_from_db()
    assert item.trouble == ""


def test_what_the_bank_shows_no_more_is_closed(stage: Stage, item: PlaidItem) -> None:
    """And comes back as the same account where it does."""
    extra = PlaidAccount.objects.create(
        item=item, tenant_id=item.tenant_id, account_id="gone", name="Old", type="depository",
        mask="7777", updated_at=now(),
    )  # fmt: skip
    import_item(item, at=now())

    extra.refresh_from_db()
    assert extra.closed_at is not None
    assert item.accounts.filter(closed_at=None).count() == 2


def test_the_broker_gets_a_token_for_one_account_that_can_be_debited(
    stage: Stage, item: PlaidItem
) -> None:
    account = item.accounts.get(subtype="checking")

    assert create_processor_token(account, by="tests", at=now()).startswith("processor-")

    assert vendor_items(stage)[0]["processors"] == ["drivewealth"]
    assert AuditEntry.objects.get(verb="item.shared").detail == {"account": str(account.pk)}
    for changes in ({"type": "credit", "subtype": "credit card"}, {"subtype": "cd"}):
        for name, value in changes.items():
            setattr(account, name, value)
        with pytest.raises(NotNow) as refused:
            create_processor_token(account, by="tests", at=now())
        assert refused.value.code == "no_debits"


def test_no_token_for_what_must_be_reconnected_or_does_not_answer(
    stage: Stage, item: PlaidItem
) -> None:
    account = item.accounts.get(subtype="savings")
    stage.fault(kind="html", path="/plaid/auth/get", status=500, times=1)
    with pytest.raises(VendorAway):
        create_processor_token(account, by="tests", at=now())
    stage.control("POST", f"plaid/items/{item.item_id}", {"error": "ITEM_LOGIN_REQUIRED"})
    for _time in range(2):
        with pytest.raises(NotNow) as refused:
            create_processor_token(account, by="tests", at=now())
        assert refused.value.code == "needs_user"
    item.refresh_from_db()
    assert item.status == "NEEDS_USER"


def test_a_removed_bank_is_forgotten_by_plaid_too(stage: Stage, item: PlaidItem) -> None:
    stage.work()
    stage.fault(kind="html", path="/plaid/item/remove", status=500, times=1)
    for _time in range(2):
        remove_item(item, by="tests", at=now())
    stage.work()

    item.refresh_from_db()
    assert [item.status, item.access_token, item.next_step_at] == ["REMOVED", None, None]
    assert vendor_items(stage) == []
    assert not movements(item).exists()
    assert not item.accounts.filter(closed_at=None).exists()
    assert AuditEntry.objects.filter(verb="item.removed").count() == 1
    assert AuditEntry.objects.filter(verb="item.forgotten").count() == 1


def test_a_removal_that_a_step_wrote_over_is_found_again(stage: Stage, item: PlaidItem) -> None:
    remove_item(item, by="tests", at=now())
    PlaidItem.objects.filter(pk=item.pk).update(next_step_at=now() + timedelta(days=1))
    stage.work()

    assert vendor_items(stage) == []


def test_nothing_is_written_of_somebody_erased_meanwhile(stage: Stage, item: PlaidItem) -> None:
    erase_applicant(item.applicant, by="tests", at=now())

    with pytest.raises(NotNow) as erased:
        import_item(item, at=now())
    assert erased.value.code == "user_erased"
    stage.work()
    assert vendor_items(stage) == []

    assert not RawImport.objects.exists()
    assert not movements(item).exists()


def test_withdrawn_access_is_revoked_and_can_be_removed(stage: Stage, item: PlaidItem) -> None:
    linker = get_bank_linker("test")
    assert linker is not None
    linker.remove_item(str(item.access_token))

    with pytest.raises(Rejected):
        import_item(item, at=now())
    item.refresh_from_db()
    assert item.status == "REVOKED"
    remove_item(item, by="tests", at=now())
    stage.work()
    item.refresh_from_db()
    assert item.access_token is None
