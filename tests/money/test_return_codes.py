"""Every code a bank can return a debit with, and what becomes of the next gift."""

import pytest

from brokerage.models import BankAccount, Case, DebitPause, Deposit, Purchase
from brokerage.operations import lift_pause
from brokerage.returns import NOTICES, POLICIES
from core.errors import NotNow
from core.models import AuditEntry
from gifting.operations import authorization_text, retry_gift
from tests.cast import Family
from tests.desk.staff import make_staff
from tests.money.own_deposits import bank_says, hear

pytestmark = pytest.mark.documented_too

# Nacha's codes, by what each stops; R99 and no code stand for what nobody has told us of.
TRY = "R01 R09"
BANK = "R02 R03 R04 R12 R13 R17 R20 R28 R34 R35 R81"
PAYER = "R05 R07 R08 R10 R14 R15 R16 R29 R38 R52"
REVIEW = (
    "R06 R11 R18 R19 R21 R22 R23 R24 R25 R26 R27 R30 R31 R32 R33 R36 R37 R39 R40 R41 R42 R43 R44 "
    "R45 R46 R47 R50 R51 R53 R61 R62 R67 R68 R69 R70 R71 R72 R73 R74 R75 R76 R77 R80 R82 R83 R84 "
    "R85 R99 R00"
)
DAILY = {"R01", "R12", "R13", "R15", "R17", "R11", "R61", "R85", "R99", ""}
TABLE = [
    pytest.param(code, kind, id=code or "none", marks=() if code in DAILY else pytest.mark.slow)
    for kind, codes in {"try": TRY, "bank": BANK, "payer": PAYER, "review": REVIEW}.items()
    for code in [*codes.split(), *([""] if kind == "review" else [])]
]


def return_a_gift(family: Family, code: str) -> Purchase:
    purchase = family.approve(family.give())
    family.stage.work()
    bank_says(family, purchase.deposits.get(), "RETURNED", code)
    hear(family)
    purchase.refresh_from_db()
    assert purchase.status == "RETURNED"
    return purchase


def debited(family: Family) -> int:
    return len(family.stage.state()["deposits"])


@pytest.mark.daily(4)
@pytest.mark.parametrize(("code", "kind"), TABLE)
def test_the_next_gift_after_a_return(family: Family, code: str, kind: str) -> None:
    waiting = family.give("30.00", "KO")
    return_a_gift(family, code)
    family.bank.refresh_from_db()

    if kind == "try":
        family.approve(waiting)
        family.stage.work()
        assert debited(family) == 2
        return
    with pytest.raises(NotNow):
        family.approve(waiting)
    family.stage.work()
    hear(family)
    assert debited(family) == 1
    assert (family.bank.status == "DISABLED") == (kind == "bank")
    pause = DebitPause.objects.filter(lifted_at=None).first()
    assert (pause is not None) == (kind in ("payer", "review"))
    if pause is not None:
        assert (pause.bank_id == family.bank.pk) == (kind == "review")
        lift_pause(pause, by=make_staff(), reason="Looked.", at=family.stage.now())
        family.approve(waiting)
        family.stage.work()
        assert debited(family) == 2
    if kind == "review":
        assert Case.objects.filter(kind="RETURN_RISK", status="OPEN").count() == 1


def test_the_table_is_the_policy_s() -> None:
    told = " ".join([TRY, BANK, PAYER, REVIEW]).split()

    assert sorted(told) == sorted({*POLICIES, "R99", "R00"})
    assert all(policy.meaning and str(policy.sentence) for policy in POLICIES.values())


def test_a_bank_that_is_looked_at_stays_so_when_it_is_linked_anew(family: Family) -> None:
    waiting = family.give("30.00", "KO")
    return_a_gift(family, "R62")
    family.bank.move_to("REMOVED", is_primary=False)
    again = BankAccount.objects.get(pk=family.bank.pk)
    again.pk, again.status, again.vendor_id = None, "INTENDED", ""
    again = BankAccount(
        **{
            field.attname: getattr(again, field.attname)
            for field in BankAccount._meta.fields
            if field.name != "id"
        }
    )
    again.save(force_insert=True)
    again.move_to("ACTIVE", vendor_id="bank_again")
    family.bank = again

    with pytest.raises(NotNow, match="looking into it"):
        family.approve(waiting)


@pytest.mark.slow
def test_another_bank_of_the_parent_goes_on(family: Family, stranger: Family) -> None:
    return_a_gift(family, "R99")

    stranger.approve(stranger.give())
    stranger.stage.work()

    assert debited(family) == 2


@pytest.mark.slow
def test_for_want_of_money_one_bank_is_asked_three_times_and_no_more(family: Family) -> None:
    gift = family.give()
    family.approve(gift)
    for number in range(3):
        family.stage.work()
        gift.refresh_from_db()
        assert gift.purchase is not None
        deposit = gift.purchase.deposits.get()
        bank_says(family, deposit, "RETURNED", "R01" if number % 2 else "R09")
        hear(family)
        gift.refresh_from_db()
        if number < 2:
            try_again(family, gift)
    with pytest.raises(NotNow, match="three times"):
        try_again(family, gift)
    family.stage.work()
    assert debited(family) == 3


def try_again(family: Family, gift: object) -> None:
    retry_gift(
        gift=gift,  # type: ignore[arg-type]
        after=gift.purchase_id,  # type: ignore[attr-defined]
        by=family.parent,
        bank=family.bank,
        authorization=authorization_text(gift, [family.bank]),  # type: ignore[arg-type]
        at=family.stage.now(),
        ip_address="127.0.0.1",
    )


@pytest.mark.parametrize("code", ["C01", "C05", "C09"])
def test_a_notice_of_change_brings_the_money_and_stops_the_next(family: Family, code: str) -> None:
    purchase = family.approve(family.give())
    waiting = family.give("30.00", "KO")
    family.stage.work()
    bank_says(family, purchase.deposits.get(), "SUCCESSFUL", code)
    hear(family)

    assert Deposit.objects.get().status == "SETTLED"
    assert Deposit.objects.get().return_code == ""
    with pytest.raises(NotNow):
        family.approve(waiting)
    new_numbers = code != "C09"
    family.bank.refresh_from_db()
    assert (family.bank.status == "DISABLED") == new_numbers
    assert Case.objects.filter(kind="RETURN_RISK").exists() != new_numbers
    assert code in NOTICES
    assert not AuditEntry.objects.filter(verb="deposit.returned").exists()
