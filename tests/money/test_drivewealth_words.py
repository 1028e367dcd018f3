"""Every word DriveWealth documents, played by its stand-in, and where each leads our books."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
import structlog
from django.core.cache import cache

from brokerage.drivewealth import errors
from brokerage.gateway import get_broker
from brokerage.models import (
    BankAccount,
    BrokerAccount,
    BrokerUser,
    Case,
    DebitPause,
    Deposit,
    IdDocument,
    Instrument,
    Letter,
    Movement,
    OddRows,
    Order,
)
from brokerage.operations import audit_account
from brokerage.operations.instruments import refresh_security
from sandbox.drivewealth import words
from tests.cast import Family, make_child, make_known, make_parent
from tests.money import own_deposits
from tests.money.test_lost_people import a_picture, work_until_used_up
from tests.money.trading import Desk
from tests.stage import Stage

pytestmark = pytest.mark.documented_too

NEW = "A_WORD_OF_TOMORROW"
DOLLARS = Decimal(20)


def odd(stage: Stage, path: str, **more: Any) -> None:
    stage.control("POST", "odd", {"path": path} | more)


def even(stage: Stage) -> None:
    stage.control("POST", "odd/clear", {})


def wake(row: Any, stage: Stage) -> None:
    type(row).objects.filter(pk=row.pk).update(next_step_at=stage.now())
    stage.work(rounds=2)
    row.refresh_from_db()


def few(names: Iterable[Any], daily: Iterable[Any]) -> list[Any]:
    """Return all; those not chosen for every day belong to `make test-slow`."""
    chosen = set(daily)
    return [pytest.param(n, marks=() if n in chosen else pytest.mark.slow) for n in names]


def told_words(lines: list[Any]) -> list[str]:
    return [str(line["word"]) for line in lines if line["event"] == "vendor_word_unknown"]


# --- accounts -------------------------------------------------------------------------------------

# What an open account becomes, and whether a person is asked to look.
ACCOUNTS = {
    "PENDING": ("NO_NEW_TRADES", True),
    "OPEN": ("OPEN", False),
    "OPEN_NO_NEW_TRADES": ("NO_NEW_TRADES", True),
    "FROZEN": ("FROZEN", True),
    "CLOSED": ("CLOSED", True),
}


def test_every_word_of_an_account_has_an_end() -> None:
    assert set(words.ACCOUNTS) == set(ACCOUNTS)


@pytest.mark.parametrize("word", few([*ACCOUNTS, NEW], ["PENDING", NEW]))
def test_a_word_of_an_account_leads_to_a_sane_end(family: Family, word: str) -> None:
    cache.clear()
    account, stage = family.account, family.stage
    ours, looked_at = ACCOUNTS.get(word, ("NO_NEW_TRADES", True))
    for shape in (word, {"name": word, "description": "?"}, words.ACCOUNTS.get(word, 77)):
        odd(stage, f"*/accounts/{account.vendor_id}", inside="account", change={"status": shape})
        with structlog.testing.capture_logs() as lines:
            wake(account, stage)
        assert (account.status, account.failures, account.trouble) == (ours, 0, "")
        assert Case.objects.filter(kind="ACCOUNT", status="OPEN").exists() == looked_at
        assert told_words(lines) in ([], [word], ["77"])
        even(stage)
        if word == "CLOSED":
            return
        Case.objects.all().delete()
        wake(account, stage)
        assert account.status == "OPEN"


@pytest.mark.slow
def test_an_account_being_opened_waits_under_a_new_word(stage: Stage) -> None:
    parent = make_parent("custodian@family.example")
    make_known(parent)
    make_child(parent)
    odd(stage, "*/back-office/accounts/*", inside="account", change={"status": {"name": NEW}})
    stage.work()
    account = BrokerAccount.objects.get()
    assert (account.status, account.failures) == ("PENDING", 0)
    assert Case.objects.get(status="OPEN").kind == "ODD"

    even(stage)
    wake(account, stage)

    assert account.status == "OPEN"
    assert not Case.objects.filter(status="OPEN").exists()
    assert len(stage.state()["accounts"]) == 1


def test_an_account_closed_for_good_is_not_reopened_by_a_word(family: Family) -> None:
    account, stage = family.account, family.stage
    odd(stage, f"*/accounts/{account.vendor_id}", inside="account", change={"status": "CLOSED"})
    wake(account, stage)
    even(stage)
    wake(account, stage)

    assert (account.status, account.failures, account.parked_at) == ("CLOSED", 0, None)
    assert Case.objects.filter(kind="ACCOUNT", status="OPEN").exists()


# --- people ---------------------------------------------------------------------------------------

# How a user stands beside a check that was passed.
USERS = {"PENDING": "APPROVED", "APPROVED": "APPROVED", "REVOKED": "DENIED", "CLOSED": "DENIED"}


def test_every_word_of_a_user_has_an_end() -> None:
    assert set(words.USERS) == set(USERS)


@pytest.mark.parametrize("word", few([*USERS, NEW], ["REVOKED"]))
def test_a_word_of_a_user_leads_to_a_sane_end(family: Family, word: str) -> None:
    user, stage = family.account.custodian, family.stage
    odd(stage, f"*/users/{user.vendor_id}/kyc-status", change={"status": {"name": word}})

    wake(user, stage)

    ours = USERS.get(word, "APPROVED")
    assert (user.status, user.failures) == (ours, 0)
    assert Case.objects.filter(kind="IDENTITY").exists() == (ours == "DENIED")
    odd(stage, f"*/users/{user.vendor_id}", inside="user", change={"status": {"name": word}})
    told = get_broker().get_user(user.vendor_id).status
    assert told == (word if word in USERS else "PENDING")


def test_a_new_word_of_a_check_is_told_to_staff_once(family: Family) -> None:
    cache.clear()
    user, stage = family.account.custodian, family.stage
    said = {"status": NEW, "errors": [{"name": "A_NEW_OBJECTION", "code": "K555"}]}
    stage.control("POST", f"users/{user.vendor_id}/kyc-said", said)

    with structlog.testing.capture_logs() as lines:
        wake(user, stage)
        wake(user, stage)

    assert sorted(told_words(lines)) == ["A_NEW_OBJECTION", NEW]
    assert (user.status, user.failures) == ("IN_REVIEW", 0)


# --- banks and pictures ---------------------------------------------------------------------------

BANKS = {"ACTIVE": "ACTIVE", "DISABLED": "DISABLED", "DELETED": "REMOVED"}


def test_every_word_of_a_bank_has_an_end() -> None:
    assert set(words.BANKS) == set(BANKS)


@pytest.mark.parametrize("word", few([*BANKS, NEW], [NEW]))
def test_a_word_of_a_bank_leads_to_a_sane_end(family: Family, word: str) -> None:
    cache.clear()
    bank, stage = family.bank, family.stage
    odd(stage, f"*/bank-accounts/{bank.vendor_id}", change={"status": word})

    with structlog.testing.capture_logs() as lines:
        wake(bank, stage)
        wake(bank, stage)

    assert (bank.status, bank.failures) == (BANKS.get(word, "ACTIVE"), 0)
    assert told_words(lines) == ([] if word in BANKS else [NEW])
    assert Case.objects.filter(kind="ODD").count() == (word not in BANKS)
    assert len(stage.state()["bankAccounts"]) == 1


PICTURES = {
    "NOT_SUBMITTED": "SENT", "PENDING": "SENT", "APPROVED": "ACCEPTED", "REJECTED": "REFUSED",
}  # fmt: skip


def test_every_word_of_a_picture_has_an_end() -> None:
    assert set(words.DOCUMENTS) == set(PICTURES)


@pytest.mark.slow
@pytest.mark.parametrize("word", [*PICTURES, NEW])
def test_a_word_of_a_picture_leads_to_a_sane_end(stage: Stage, word: str) -> None:
    a_picture(stage)
    odd(stage, "*/users/*/documents", change={"status": {"name": word}}, which="all")

    stage.work(rounds=6)

    document = IdDocument.objects.get()
    assert (document.status, document.failures) == (PICTURES.get(word, "SENT"), 0)


# --- deposits -------------------------------------------------------------------------------------

DEPOSITS = {
    "STARTED": "PENDING", "PENDING": "PENDING", "APPROVED": "PENDING", "PROCESSING": "PENDING",
    "ON_HOLD": "ON_HOLD", "OTHER": "ON_HOLD", "SUCCESSFUL": "SETTLED", "FAILED": "FAILED",
    "REJECTED": "FAILED", "RETURNED": "RETURNED", "-": "",
}  # fmt: skip


def test_every_word_of_a_deposit_has_an_end() -> None:
    assert set(words.DEPOSITS) == set(DEPOSITS)


@pytest.mark.parametrize("word", few([*DEPOSITS, NEW], ["PROCESSING", "OTHER", "-"]))
def test_a_word_of_a_deposit_leads_to_a_sane_end(family: Family, settings: Any, word: str) -> None:
    """Play it as one answers, as lists do and as events do; what is unknown changes nothing."""
    cache.clear()
    settings.DEPOSIT_DAY_MAX = 100_000
    stage, number = family.stage, words.DEPOSITS.get(word, 99)
    title = word.replace("_", " ").title()
    shapes = (word, number, {"id": number, "message": title, "comment": "", "updated": "?"}, title)
    for place, shape in enumerate(shapes, start=1):
        deposit = own_deposits.add(family, f"{place * DOLLARS}")
        stage.work(rounds=3)
        deposit.refresh_from_db()
        odd(stage, f"*/funding/deposits/{deposit.vendor_id}", change={"status": shape})
        wake(deposit, stage)
        ours = DEPOSITS.get(word) or "PENDING"
        assert (deposit.status, deposit.failures) == (ours, 0), shape
        assert Case.objects.filter(kind="ODD").exists() == (not DEPOSITS.get(word))
        DebitPause.objects.update(lifted_at=stage.now())  # a return stops the next debit
        even(stage)
    assert len(stage.state()["deposits"]) == len(shapes)


@pytest.mark.slow
@pytest.mark.parametrize("word", words.REDEMPTIONS)
def test_a_word_of_a_withdrawal_nobody_asked_for_disturbs_no_list(
    family: Family, word: str
) -> None:
    """Among deposits, where it has no business; a withdrawal itself is read in the ledger alone."""
    purchase = family.buy()
    row = {"id": "XX-1-R1", "amount": -5, "status": {"message": word}, "note": "theirs"}
    odd(family.stage, "*/accounts/*/funding/deposits", add=row)

    family.stage.advance(7200)
    audit_account(family.account.pk, at=family.stage.now())

    assert family.account.audited_at
    assert Deposit.objects.get(purchase=purchase).status == "SETTLED"


# --- orders ---------------------------------------------------------------------------------------

# What becomes of one that rests, with as many shares filled as the word says.
ORDERS = {
    "NEW": "NEW", "PENDING_NEW": "NEW", "SUSPENDED": "NEW", "PENDING_CANCEL": "NEW",
    "PARTIAL_FILL": "PARTIAL_FILL", "FILL": "FILLED", "FILLED": "FILLED", "CANCELED": "CANCELED",
    "EXPIRED": "CANCELED", "REJECTED": "REJECTED", "CALCULATED": "", "3": "", "7": "",
}  # fmt: skip
FILLED = {"cumulativeQuantity": "1", "averagePrice": "32", "totalOrderAmount": "32"}


def test_every_word_of_an_order_has_an_end() -> None:
    assert {*words.ORDERS, *words.MORE_ORDERS} == set(ORDERS)


@pytest.mark.daily(1)
@pytest.mark.funded
@pytest.mark.parametrize("word", few([*ORDERS, NEW], ["EXPIRED", "CALCULATED", "7"]))
def test_a_word_of_an_order_leads_to_a_sane_end(family: Family, word: str) -> None:
    cache.clear()
    desk, stage, ours = Desk(family), family.stage, ORDERS.get(word, "")
    made = len(stage.state()["orders"])
    shapes = [word, {"name": word}, words.ORDERS.get(word, word)]
    for shape in shapes:
        desk.wish("rest")
        order = desk.trade(quantity="1", side="BUY")
        filled = FILLED if ours in ("FILLED", "PARTIAL_FILL") else {}
        odd(stage, f"*/orders/{order.vendor_id}", change={"status": shape} | filled)
        wake(order, stage)
        assert (order.status, order.failures) == (ours or "NEW", 0), shape
        assert Case.objects.filter(kind="ODD", status="OPEN").exists() == (not ours)
        even(stage)
        stage.control("POST", f"orders/{order.vendor_id}", {"outcome": "cancel"})
        if order.status in Order.UNDER_WAY:
            wake(order, stage)
    assert len(stage.state()["orders"]) == made + len(shapes)


# --- the ledger and the shop ----------------------------------------------------------------------


@pytest.mark.bought
def test_every_kind_of_entry_leads_to_a_sane_end(family: Family) -> None:
    """Explained by a row of ours, booked by its rule, or held for a person; no list fails."""
    cache.clear()
    stage = family.stage
    for place, kind in enumerate([*words.ENTRIES, "ZZZ"], start=1):
        row = {
            "finTranID": f"XX.{place}", "finTranTypeID": kind, "accountAmount": f"0.{place:02d}",
            "tranWhen": stage.now().isoformat(), "comment": "?",
        }  # fmt: skip
        odd(stage, "*/transactions", add=row)

    stage.advance(7200)
    with structlog.testing.capture_logs() as lines:
        audit_account(family.account.pk, at=stage.now())
        audit_account(family.account.pk, at=stage.now())

    assert family.account.audited_at
    assert not OddRows.objects.filter(what="TRANSACTIONS").exists()
    assert told_words(lines) == ["ZZZ"]
    seen = set(Movement.objects.values_list("vendor_kind", flat=True))
    unseen = {*words.ENTRIES, "ZZZ"} - seen
    assert unseen <= {"SPUR", "SSAL"}  # an order of nobody's is a break of the orders
    held = set(Movement.objects.filter(status="HELD").values_list("vendor_kind", flat=True))
    assert {"ZZZ", "STCK", "CCPUR", "ACATS_STOCK"} <= held


SECURITIES = {
    "ACTIVE": "ACTIVE", "INACTIVE": "INACTIVE", "CLOSE_ONLY": "CLOSE_ONLY", "HALTED": "HALTED",
    "EXPIRED": "INACTIVE",
}  # fmt: skip


def test_every_word_of_a_security_leads_to_a_sane_end(family: Family) -> None:
    cache.clear()
    assert set(words.INSTRUMENTS) == set(SECURITIES)
    stage, disney = family.stage, Instrument.objects.get(symbol="DIS")
    others = Instrument.objects.filter(status="ACTIVE").exclude(symbol="DIS").count()
    ends, told = [], []
    for word in [*SECURITIES, NEW]:
        odd(stage, "*/instruments/*", change={"status": word})
        with structlog.testing.capture_logs() as lines:
            refresh_security(disney, at=stage.now())
        disney.refresh_from_db()
        ends.append(disney.status)
        told += told_words(lines)
        even(stage)
    assert ends == [*SECURITIES.values(), "HALTED"]
    assert told == [NEW]
    odd(stage, "*/instruments", change={"status": NEW}, which="all")
    assert {one.status for one in get_broker().list_securities()} == {"HALTED"}
    assert Instrument.objects.filter(status="ACTIVE").exclude(symbol="DIS").count() == others


# --- error codes ----------------------------------------------------------------------------------

CODES = [code for codes in words.ERRORS.values() for code in codes]
REFUSED, WAITS = "FAILED", "PENDING"
ONE_OF_EACH = ("Y025", "H055", "E101", "E075", "E099", "L025")


def test_every_code_has_an_end() -> None:
    assert set(CODES) == set(errors.KNOWN)
    kinds = (errors.ABOUT_US, errors.UNDECIDED, errors.DUPLICATES, errors.DOUBTFUL,
             errors.REFUSALS, errors.STALE_TOKEN)  # fmt: skip
    assert sum(map(len, kinds)) == len(errors.KNOWN)


def meant(code: str) -> str:
    """Return what becomes of a deposit whose first try is answered so, and the next one well."""
    return REFUSED if code in errors.REFUSALS else WAITS


def play_on_deposits(family: Family, codes: Iterable[str]) -> list[Any]:
    """Have each said to a first try; return those that did not end as they should."""
    stage, wrong = family.stage, []
    for place, code in enumerate(codes, start=1):
        made = len(stage.state()["deposits"])
        stage.fault(method="POST", path="*/funding/deposits", kind="status", status=400, code=code)
        deposit = own_deposits.add(family, f"{20 + place}.00")
        stage.work(rounds=2)
        stage.advance(3700)  # a token may be replaced so often an hour
        stage.work(rounds=3)
        deposit.refresh_from_db()
        fresh = len(stage.state()["deposits"]) - made
        if (deposit.status, fresh) != (meant(code), int(meant(code) == WAITS)):
            wrong.append((code, deposit.status, fresh, deposit.trouble))
    return wrong


@pytest.mark.slow
def test_one_code_of_each_kind_leads_a_deposit_to_a_sane_end(family: Family, settings: Any) -> None:
    settings.DEPOSIT_DAY_MAX = settings.DEPOSIT_MAX = 1_000_000
    assert play_on_deposits(family, ONE_OF_EACH) == []
    assert not Case.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize("table", words.ERRORS)
def test_every_code_leads_a_deposit_to_a_sane_end(
    family: Family, settings: Any, table: str
) -> None:
    settings.DEPOSIT_DAY_MAX = settings.DEPOSIT_MAX = 1_000_000
    assert play_on_deposits(family, words.ERRORS[table]) == []


@pytest.mark.slow
@pytest.mark.funded
@pytest.mark.parametrize("code", CODES)
def test_every_code_leads_an_order_to_a_sane_end(family: Family, code: str) -> None:
    desk, stage = Desk(family), family.stage
    made = len(stage.state()["orders"])
    stage.fault(method="POST", path="*/back-office/orders", kind="status", status=400, code=code)

    order = desk.trade(amount="20.00", side="BUY")
    desk.pass_time(1000)
    order = desk.look(order)

    refused = code in errors.REFUSALS
    assert order.status == ("REJECTED" if refused else "FILLED")
    assert len(stage.state()["orders"]) - made == int(not refused)


def test_a_code_nobody_told_us_of_is_told_once_and_looked_into(
    family: Family, settings: Any
) -> None:
    cache.clear()
    stage = family.stage
    stage.fault(method="POST", path="*/funding/deposits", kind="status", status=400, code="Z001",
                times=2)  # fmt: skip
    deposit = own_deposits.add(family)

    with structlog.testing.capture_logs() as lines:
        work_until_used_up(stage)
        stage.advance(60)
        stage.work(rounds=3)

    deposit.refresh_from_db()
    assert told_words(lines) == ["Z001"]
    assert (deposit.status, len(stage.state()["deposits"])) == ("PENDING", 1)


@pytest.mark.parametrize("code", few(sorted(errors.ABOUT_US - errors.STALE_TOKEN), ["H055"]))
def test_what_is_about_us_bothers_no_family(stage: Stage, code: str) -> None:
    """Our key, our rights, our clock: the parent waits, and nothing is asked of them."""
    make_known(make_parent("custodian@family.example"))
    stage.fault(method="POST", path="*/back-office/users", kind="status", status=400, code=code)

    stage.work(rounds=3)
    user = BrokerUser.objects.get()
    assert (user.status, user.failures, user.problems) == ("INTENDED", 0, [])
    stage.advance(1000)
    stage.work()

    user.refresh_from_db()
    assert user.status == "APPROVED"
    assert not Letter.objects.exists()
    assert not BankAccount.objects.exists()
