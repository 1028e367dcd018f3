"""Every type of event DriveWealth documents: what it makes us ask, and that nothing else does."""

from collections import Counter
from typing import Any

import pytest
import structlog
from django.core.cache import cache

from brokerage.models import BrokerEvent, Deposit, Instrument, Order
from sandbox.drivewealth import words
from tests.cast import Family
from tests.events.sender import Sender
from tests.stage import Stage

KYC = "GET /users/<user_id>/kyc-status"
ACCOUNT = "GET /accounts/<account_id>"
CASH = "GET /accounts/<account_id>/summary/money"
DEPOSIT = "GET /funding/deposits/<deposit_id>"
BANK = "GET /bank-accounts/<bank_account_id>"
PAPERS = "GET /accounts/<account_id>/statements"
INSTRUMENT = "GET /instruments/<instrument_id>"

NOT_FOLLOWED = (
    "transfers.cancelRebill.created", "transfers.cancelRebill.updated", "documents.created",
    "settlements.created", "settlements.updated", "settlements.completed",
    "reports.instantFundingSettlement.created", "reports.instantFundingSettlement.updated",
    "reports.instantFundingSettlement.completed", "reconciliations.created",
    "reconciliations.updated", "reconciliations.completed", "assets.transfer.created",
    "assets.transfer.updated", "assets.transfer.completed", "entity.created", "entity.updated",
    "mam.allocationlist.accepted", "mam.allocationlist.processing", "mam.allocationlist.complete",
    "mam.allocationlist.rejected",
)  # fmt: skip
# type, payload with our rows' ids put in, what is asked, how the event ends
TABLE: list[tuple[str, dict[str, Any], str, str]] = [
    ("users.created", {"userID": "{user}", "firstName": "Pat"}, KYC, "DONE"),
    ("users.updated", {"userID": "{user}", "current": {}}, KYC, "DONE"),
    ("user.inforequired.created", {"userID": "{user}"}, KYC, "DONE"),
    ("kyc.created", {"userID": "{child}", "current": {}}, KYC, "DONE"),
    ("kyc.updated", {"userID": "{user}", "current": {"status": "KYC_DENIED"}}, KYC, "DONE"),
    ("accounts.created", {"accountID": "{account}"}, ACCOUNT, "DONE"),
    ("accounts.updated", {"accountID": "{account}", "current": {}}, ACCOUNT, "DONE"),
    ("orders.created", {"id": "{order}", "status": "NEW"}, "", "DONE"),
    ("orders.updated", {"id": "{order}", "status": "PARTIAL_FILL"}, "", "DONE"),
    ("orders.completed", {"id": "{order}", "status": "REJECTED"}, "", "DONE"),
    ("deposits.created", {"id": "{deposit}", "status": 0}, DEPOSIT, "DONE"),
    ("deposits.updated", {"paymentID": "{deposit}", "status": 5}, DEPOSIT, "DONE"),
    ("redemptions.created", {"accountID": "{account}", "amount": -5}, CASH, "DONE"),
    ("redemptions.updated", {"accountID": "{account}", "amount": -5}, CASH, "DONE"),
    ("transactions.created", {"accountID": "{account}", "transaction": {}}, CASH, "DONE"),
    ("positions.updated", {"accountID": "{account}"}, CASH, "DONE"),
    ("bankAccounts.created", {"id": "{bank}"}, "", "DONE"),
    ("bankAccounts.updated", {"id": "{bank}"}, "", "DONE"),
    ("bankAccounts.deleted", {"id": "{bank}"}, "", "DONE"),
    ("bankAccounts.created", {"userID": "{user}", "status": "ACTIVE"}, BANK, "DONE"),
    ("bankAccounts.updated", {"userID": "{user}", "status": "DISABLED"}, BANK, "DONE"),
    ("bankAccounts.deleted", {"userID": "{user}", "status": "DELETED"}, BANK, "DONE"),
    ("bankAccount.created", {"userID": "{user}", "plaidProcessorToken": "p"}, BANK, "DONE"),
    ("instruments.created", {"instrumentID": "{instrument}"}, INSTRUMENT, "DONE"),
    ("instruments.updated", {"instrumentID": "{instrument}"}, INSTRUMENT, "DONE"),
    ("statements.created", {"accountID": "{account}", "statement": {}}, PAPERS, "DONE"),
    ("tradeconfirms.created", {"accountID": "{account}"}, PAPERS, "DONE"),
    ("taxforms.created", {"accountID": "{account}"}, PAPERS, "DONE"),
    ("accounts.commission.updated", {"accountID": "{account}"}, ACCOUNT, "DONE"),
    ("account.exclusions.created", {"accountID": "{account}", "current": {}}, ACCOUNT, "DONE"),
    ("account.exclusions.updated", {"accountID": "{account}", "current": {}}, ACCOUNT, "DONE"),
    ("account.exclusions.deleted", {"accountID": "{account}", "previous": {}}, ACCOUNT, "DONE"),
    ("violations.created", {"accountID": "{account}", "currentViolations": {}}, ACCOUNT, "DONE"),
    ("violations.removed", {"accountID": "{account}", "currentViolations": {}}, ACCOUNT, "DONE"),
    ("transfers.cancelRebill.completed", {"accountID": "{account}"}, CASH, "DONE"),
    *[(type_, {"accountID": "{account}"}, "", "IGNORED") for type_ in NOT_FOLLOWED],
    ("auth.tokens.created", {"token": "t"}, "", "IGNORED"),
    ("something.never.heard.of", {"userID": "{user}"}, "", "IGNORED"),
]


def test_every_documented_type_is_in_the_table() -> None:
    assert {*words.EVENTS} - {row[0] for row in TABLE} == set()


def test_a_type_nobody_told_us_of_is_told_to_staff_once(family: Family, sender: Sender) -> None:
    cache.clear()
    with structlog.testing.capture_logs() as lines:
        for type_ in ("something.new.happened", "something.new.happened", "settlements.created"):
            sender.tell(type_, {"accountID": "a"})
        family.stage.work(2)

    told = [line["word"] for line in lines if line["event"] == "vendor_word_unknown"]
    assert told == ["something.new.happened"]
    assert set(BrokerEvent.objects.values_list("status", flat=True)) == {"IGNORED"}


@pytest.fixture
def bought(family: Family) -> Family:
    """A family whose child owns a share, with nothing left to do."""
    assert family.purchase().status == "EXECUTED"
    family.stage.work()
    return family


def ids(family: Family) -> dict[str, str]:
    """Return the broker's ids of everything this family has there."""
    account = family.account
    return {
        "user": account.custodian.vendor_id,
        "child": account.owner.vendor_id,
        "account": account.vendor_id,
        "bank": family.bank.vendor_id,
        "deposit": Deposit.objects.get(account=account).vendor_id,
        "order": Order.objects.get(account=account).vendor_id,
        "instrument": Instrument.objects.get(symbol="DIS").vendor_id,
    }


def fill_in(payload: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {
        key: value.format(**names) if isinstance(value, str) else value
        for key, value in payload.items()
    }


def asked(stage: Stage) -> Counter[str]:
    calls = Counter(stage.state()["calls"])
    calls.pop("POST /auth/tokens", None)
    return calls


def holdings(family: Family) -> Any:
    account = family.account
    return (
        account.status,
        account.cash,
        list(account.purchases.values_list("status", flat=True)),
        list(account.deposits.values_list("status", "amount")),
        list(account.orders.values_list("status", "quantity", "cost")),
        list(account.holdings.values_list("quantity", flat=True)),
    )


@pytest.mark.slow
@pytest.mark.parametrize(("type_", "payload", "question", "end"), TABLE)
@pytest.mark.bought
def test_an_event_makes_us_ask_and_says_nothing_itself(
    bought: Family, sender: Sender, type_: str, payload: dict[str, Any], question: str, end: str
) -> None:
    stage = bought.stage
    before, calls = holdings(bought), asked(stage)

    event = sender.tell(type_, fill_in(payload, ids(bought)))
    stage.work()

    event.refresh_from_db()
    assert (event.status, event.attempts, event.trouble) == (end, 0, "")
    assert event.handled_at
    assert holdings(bought) == before
    news = asked(stage) - calls
    assert not question or news[question] == 1
    assert not [call for call in news if call.startswith("POST")]


@pytest.mark.slow
def test_events_about_nobody_of_ours_are_given_up(family: Family, sender: Sender) -> None:
    names = ("user", "child", "account", "bank", "deposit", "order")
    foreign = dict.fromkeys(names, "somebody-else")
    followed = [row for row in TABLE if row[3] == "DONE" and "instrument" not in row[0]]
    before = holdings(family)

    told = [sender.tell(type_, fill_in(payload, foreign)) for type_, payload, *_rest in followed]
    family.stage.work(2)
    assert {(e.status, e.attempts > 0) for e in read_again(told)} == {("RECEIVED", True)}
    for _try in range(6):
        family.stage.advance(1200)
        family.stage.work(2)

    assert {event.status for event in read_again(told)} == {"PARKED"}
    assert holdings(family) == before


def read_again(events: list[BrokerEvent]) -> list[BrokerEvent]:
    return list(BrokerEvent.objects.filter(pk__in=[event.pk for event in events]))


def test_an_instrument_we_have_not_heard_of_comes_with_the_next_catalogue(
    family: Family, sender: Sender
) -> None:
    event = sender.tell("instruments.created", {"instrumentID": "unheard-of"})
    family.stage.work(2)

    event.refresh_from_db()
    assert event.status == "DONE"


def test_an_event_without_the_id_it_should_have_is_kept_for_a_person(
    family: Family, sender: Sender
) -> None:
    event = sender.tell("orders.updated", {"status": "NEW"})
    family.stage.work(3)

    event.refresh_from_db()
    assert event.status == "PARKED"


@pytest.mark.bought
def test_every_event_the_practice_broker_published_ends_well(
    bought: Family, sender: Sender
) -> None:
    published = bought.stage.control("GET", "events?limit=1000")["events"]
    assert len({row["event"]["type"] for row in published}) >= 10
    before = holdings(bought)

    for row in reversed(published):
        assert sender.post(row["event"]).status_code == 200
    bought.stage.work()

    ends = Counter(BrokerEvent.objects.values_list("type", "status"))
    assert {status for _type, status in ends} <= {"DONE", "IGNORED"}, ends
    assert holdings(bought) == before
