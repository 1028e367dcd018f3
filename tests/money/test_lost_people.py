"""Whatever is made at the broker once, and its answer lost: there is one, and nobody is failed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Parent
from brokerage.models import (
    BankAccount,
    BrokerAccount,
    BrokerUser,
    Case,
    IdDocument,
    Letter,
    MicroDeposits,
)
from brokerage.operations import add_id_document, confirm_bank, link_bank
from brokerage.operations.banks import BankNumbers
from tests.cast import (
    amounts_sent,
    make_bank,
    make_child,
    make_known,
    make_parent,
    make_unconfirmed_bank,
)
from tests.desk.staff import at_the_desk
from tests.events.conftest import sender
from tests.events.sender import Sender
from tests.money.test_faults import LONGER_THAN_KEYS_LIVE
from tests.pictures import draw
from tests.stage import Stage

__all__ = ["sender"]
HELD_BACK = 400  # seconds until a list shows what was made


def known(stage: Stage, last_name: str = "Sample") -> Parent:
    parent = make_parent("custodian@family.example")
    make_known(parent, last_name=last_name)
    stage.work()
    return parent


def a_parent(_stage: Stage) -> None:
    make_known(make_parent("custodian@family.example"))


def a_child(stage: Stage) -> None:
    make_child(known(stage))


def a_bank_by_numbers(stage: Stage) -> None:
    parent = known(stage)
    bank = make_unconfirmed_bank(parent)
    confirm_bank(bank=bank, cents=amounts_sent(bank), by=parent, at=stage.now())


def small_deposits(stage: Stage) -> None:
    numbers = BankNumbers("021000021", "000123456789", "CHECKING", "Household")
    link_bank(parent=known(stage), numbers=numbers, at=stage.now())


def a_picture(stage: Stage) -> None:
    parent = known(stage, "POOR_PHOTO_QUALITY")
    holder = BrokerUser.objects.get(parent=parent)
    pictures = {"FRONT": draw("JPEG", comment=b"front")}
    add_id_document(
        holder=holder, kind="DRIVER_LICENSE", pictures=pictures, by=parent, at=stage.now()
    )


@dataclass(frozen=True)
class Kind:
    """Something that is made at the broker once.

    :param path: where it is asked for
    :param begin: has it asked for at the next work
    :param table: what the broker keeps of it, and whether a row is of it
    :param done: it is with the broker, and we know
    """

    path: str
    begin: Callable[[Stage], None]
    table: Callable[[Any], Any]
    done: Callable[[], bool]
    is_it: Callable[[Any], bool] = lambda _row: True


KINDS = {
    "a parent": Kind(
        "*/back-office/users",
        a_parent,
        lambda world: world.drivewealth.users,
        lambda: BrokerUser.objects.get().status == "APPROVED",
    ),
    "a child": Kind(
        "*/back-office/users",
        a_child,
        lambda world: world.drivewealth.users,
        lambda: BrokerUser.objects.get(child__isnull=False).status == "APPROVED",
        lambda row: row.user_type == "CUSTODIAL",
    ),
    "an account": Kind(
        "*/back-office/accounts",
        a_child,
        lambda world: world.drivewealth.accounts,
        lambda: BrokerAccount.objects.get().status == "OPEN",
    ),
    "a bank by its numbers": Kind(
        "*/bank-accounts",
        a_bank_by_numbers,
        lambda world: world.drivewealth.bank_accounts,
        lambda: BankAccount.objects.get().status == "ACTIVE",
    ),
    "two small deposits": Kind(
        "/bank/micro-deposits",
        small_deposits,
        lambda world: world.bank.orders,
        lambda: BankAccount.objects.get().status == "VERIFYING",
    ),
    "a picture": Kind(
        "*/back-office/documents",
        a_picture,
        lambda world: [one for user in world.drivewealth.users for one in user.uploads],
        lambda: IdDocument.objects.get().status in ("SENT", "ACCEPTED"),
    ),
}
LISTED = [name for name in KINDS if name not in ("a parent", "a child")]
DAILY = ("an account", "a bank by its numbers")


def slow(value: Any) -> Any:
    """Return another case of the same kind, for `make test-slow`."""
    return pytest.param(value, marks=pytest.mark.slow)


def rows_of(stage: Stage, kind: Kind) -> list[Any]:
    world = stage.box.world
    with world.lock:
        return [row for row in kind.table(world) if kind.is_it(row)]


def fault(stage: Stage, what: Kind, **more: Any) -> None:
    stage.fault(method="POST", path=what.path, **({"times": 1} | more))


def used_up(stage: Stage) -> bool:
    return all(int(fault["left"]) == 0 for fault in stage.state()["faults"])


def work_until_used_up(stage: Stage) -> None:
    for _round in range(20):
        stage.work(rounds=1)
        if used_up(stage):
            return
        stage.advance(20)
    raise AssertionError("nobody called")


def carry_on(stage: Stage) -> None:
    for _time in range(4):
        stage.work()
        stage.advance(200)
    stage.work()


def check_one(stage: Stage, kind: Kind) -> None:
    assert kind.done()
    assert len(rows_of(stage, kind)) == 1
    assert not Case.objects.exclude(kind="IDENTITY").filter(status="OPEN").exists()
    assert not Letter.objects.exclude(kind="CHECK").exists()


def chosen(names: Any) -> list[Any]:
    """Return the kinds: a few day by day, all in `make test-slow`."""
    return [
        pytest.param(KINDS[name], id=name, marks=() if name in DAILY else pytest.mark.slow)
        for name in names
    ]


@pytest.mark.slow
@pytest.mark.documented_too
@pytest.mark.parametrize("trouble", ["drop-before", "drop-after", "malformed"])
@pytest.mark.parametrize("kind", chosen(KINDS))
def test_a_lost_answer_makes_no_twin(stage: Stage, kind: Kind, trouble: str) -> None:
    kind.begin(stage)
    fault(stage, kind, kind=trouble, times=2)

    carry_on(stage)

    assert used_up(stage)
    check_one(stage, kind)


@pytest.mark.documented_too
@pytest.mark.parametrize("code", ["E020", slow("E075"), slow("E099")])
@pytest.mark.parametrize("kind", chosen(LISTED))
def test_a_repeat_refused_as_a_duplicate_takes_the_one_that_is_there(
    stage: Stage, kind: Kind, code: str
) -> None:
    kind.begin(stage)
    fault(stage, kind, kind="drop-after")
    status = 409 if kind.path.startswith("/bank/") else 400
    fault(stage, kind, kind="status", status=status, code=code)

    carry_on(stage)

    assert used_up(stage)
    check_one(stage, kind)


@pytest.mark.documented_too
@pytest.mark.parametrize("code", ["IK025", slow("E101"), slow("IK075")])
@pytest.mark.parametrize("kind", chosen([name for name in LISTED if name != "two small deposits"]))
def test_a_key_it_says_nothing_about_has_us_look(stage: Stage, kind: Kind, code: str) -> None:
    kind.begin(stage)
    fault(stage, kind, kind="drop-after")
    fault(stage, kind, kind="status", status=400, code=code)
    work_until_used_up(stage)
    stage.fault(method="POST", path=kind.path, kind="status", status=400, code=code, times=None)

    carry_on(stage)

    check_one(stage, kind)


@pytest.mark.daily(1)
@pytest.mark.documented_too(daily=True)
@pytest.mark.parametrize("kind", chosen(LISTED))
def test_longer_than_keys_live_it_is_looked_for_first(stage: Stage, kind: Kind) -> None:
    kind.begin(stage)
    fault(stage, kind, kind="drop-after")
    work_until_used_up(stage)

    stage.advance(LONGER_THAN_KEYS_LIVE)
    carry_on(stage)

    check_one(stage, kind)


@pytest.mark.slow
@pytest.mark.documented_too
@pytest.mark.parametrize("kind", chosen(["an account", "a bank by its numbers"]))
def test_a_list_may_show_it_late(stage: Stage, kind: Kind) -> None:
    kind.begin(stage)
    fault(stage, kind, kind="drop-after")
    fault(stage, kind, kind="status", status=400, code="E020", times=None)
    work_until_lost(stage)
    table = kind.table(stage.box.world)
    with stage.box.world.lock:
        (made,) = list(table)
        table.remove(made.id)
    stage.advance(30)
    stage.work(rounds=3)
    assert not kind.done()

    with stage.box.world.lock:
        table.add(made.id, made)
    stage.advance(HELD_BACK)
    carry_on(stage)

    check_one(stage, kind)


def work_until_lost(stage: Stage) -> None:
    for _round in range(20):
        stage.work(rounds=1)
        if int(stage.state()["faults"][0]["left"]) == 0:
            return
        stage.advance(20)
    raise AssertionError("nobody called")


# --- people, whom no list shows -------------------------------------------------------------------


def lose_a_parent(stage: Stage) -> BrokerUser:
    """Have a parent made at the broker, the answer lost, and every repeat refused as known."""
    kind = KINDS["a parent"]
    kind.begin(stage)
    fault(stage, kind, kind="drop-after")
    fault(stage, kind, kind="status", status=400, code="E020", times=None)
    work_until_lost(stage)
    return BrokerUser.objects.get()


def test_a_person_the_broker_says_it_has_waits_for_staff(stage: Stage) -> None:
    user = lose_a_parent(stage)

    carry_on(stage)
    carry_on(stage)

    user.refresh_from_db()
    assert (user.status, user.vendor_id) == ("INTENDED", "")
    assert len(stage.state()["users"]) == 1
    assert Case.objects.get(kind="LOST").status == "OPEN"
    assert not Letter.objects.exists()


def test_an_event_tells_who_it_is(stage: Stage, sender: Sender) -> None:
    user = lose_a_parent(stage)
    (made,) = stage.state()["users"]
    sender.tell(
        "users.created",
        {"userID": made["id"], "firstName": "Pat", "email": "custodian@family.example"},
    )

    carry_on(stage)

    user.refresh_from_db()
    assert (user.vendor_id, user.status) == (made["id"], "APPROVED")
    assert len(stage.state()["users"]) == 1
    assert not Case.objects.filter(status="OPEN").exists()


def test_an_event_about_somebody_of_another_name_is_not_believed(
    stage: Stage, sender: Sender
) -> None:
    user = lose_a_parent(stage)
    world = stage.box.world
    with world.lock:
        (made,) = list(world.drivewealth.users)
        made.documents["BASIC_INFO"]["lastName"] = "Other"
    sender.tell("users.created", {"userID": made.id, "email": "custodian@family.example"})

    carry_on(stage)
    carry_on(stage)

    user.refresh_from_db()
    assert (user.vendor_id, user.status) == ("", "INTENDED")
    assert Case.objects.get(kind="LOST").status == "OPEN"


@pytest.fixture
def desk(stage: Stage, settings: Any) -> Client:
    settings.MFA_TOTP_TOLERANCE = 1
    return at_the_desk()


def act(desk: Client, action: str, **fields: str) -> Any:
    case = Case.objects.get(kind="LOST")
    address = reverse("admin:brokerage_case_act", args=[case.pk, action])
    return desk.post(address, {"reason": "Asked the broker."} | fields, follow=True)


def test_staff_name_the_person_and_it_is_compared(stage: Stage, desk: Client) -> None:
    user = lose_a_parent(stage)
    carry_on(stage)
    carry_on(stage)
    (made,) = stage.state()["users"]

    act(desk, "recognize", payment="nobody-of-this-id")
    carry_on(stage)
    user.refresh_from_db()
    assert (user.vendor_id, user.status) == ("", "INTENDED")

    act_again(desk, "recognize", payment=made["id"])
    carry_on(stage)

    user.refresh_from_db()
    assert (user.vendor_id, user.status) == (made["id"], "APPROVED")
    assert len(stage.state()["users"]) == 1


def act_again(desk: Client, action: str, **fields: str) -> None:
    case = Case.objects.filter(kind="LOST", status="OPEN").get()
    address = reverse("admin:brokerage_case_act", args=[case.pk, action])
    desk.post(address, {"reason": "Asked the broker again."} | fields, follow=True)


@pytest.mark.slow
def test_staff_find_that_it_never_came_and_it_goes_out_under_the_next_key(
    stage: Stage, desk: Client
) -> None:
    user = lose_a_parent(stage)
    world = stage.box.world
    with world.lock:
        (made,) = list(world.drivewealth.users)
        world.drivewealth.users.remove(made.id)
    carry_on(stage)
    carry_on(stage)
    stage.control("POST", "faults/clear", {})
    old = user.key

    act(desk, "send-again")
    carry_on(stage)

    user.refresh_from_db()
    assert (user.status, user.key) == ("APPROVED", uuid5(old, "again"))
    assert len(stage.state()["users"]) == 1


# --- keys -----------------------------------------------------------------------------------------


def test_every_key_follows_from_what_it_is_for(stage: Stage) -> None:
    parent = known(stage)
    child = make_child(parent)
    bank = make_bank(parent)
    stage.work()

    assert BrokerUser.objects.get(parent=parent).key == uuid5(parent.pk, "broker user")
    assert BrokerUser.objects.get(child=child).key == uuid5(child.pk, "broker user")
    assert BrokerAccount.objects.get(child=child).key == uuid5(child.pk, "account")
    assert bank.key == uuid5(parent.pk, f"bank {bank.number_index} 0")
    assert MicroDeposits.objects.get().key == uuid5(bank.key, "micro-deposits 0")
