"""What follows when a bank takes a debit back; and lifting a pause that came of it."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import Parent, User
from brokerage.books import get_books
from brokerage.models import BankAccount, Case, DebitPause, Deposit, Notice, Order, Purchase
from brokerage.notices import write_notice
from brokerage.operations.banks import disable_bank
from brokerage.operations.cases import open_case
from brokerage.returns import ReturnPolicy, Stops, get_notice_policy, get_policy
from core import audit
from core.errors import StaleMove

ZERO = Decimal("0.00")


def take_consequences(deposit: Deposit, *, at: datetime) -> None:
    """Do what the policy for the return code says, in the transaction that records the return."""
    if deposit.status == Deposit.Status.FAILED and not deposit.return_code:
        return  # no bank sent it back: the broker did not carry it out
    _apply(get_policy(deposit.return_code), deposit, deposit.return_code, at)


def take_notice(deposit: Deposit, code: str, *, at: datetime) -> None:
    """Do what a notice of change says, in the transaction that records the deposit's arrival."""
    _apply(get_notice_policy(code), deposit, code, at)


def _apply(policy: ReturnPolicy, deposit: Deposit, code: str, at: datetime) -> None:
    payer = deposit.bank.parent
    if policy.stops == Stops.BANK:
        disable_bank(deposit.bank, reason=str(policy.sentence), at=at)
    elif policy.stops == Stops.REVIEW:
        _pause_debits(payer, code, at, bank=deposit.bank)
    elif policy.stops == Stops.PAYER:
        _pause_debits(payer, code, at)
    if policy.opens_case:
        summary = f"Return {code or '(no code)'}: {policy.meaning}. Stops {policy.stops.value}."
        kind = Case.Kind.RETURN_RISK
        open_case(kind, deposit, summary=summary, at=at, account=deposit.account, parent=payer)


def book_loss(deposit: Deposit, *, at: datetime) -> None:
    """Have staff decide who bears it where the returned money had bought shares already.

    The child's other money and shares are left alone.
    """
    if deposit.settled_at is None:
        return  # it never was in the account
    loss = _loss(deposit)
    if loss <= 0:
        return
    open_case(
        Case.Kind.RETURN_LOSS,
        deposit,
        summary=f"Return {deposit.return_code or '(no code)'} after shares were bought.",
        at=at,
        account=deposit.account,
        parent=deposit.bank.parent,
        loss=loss,
    )


def _loss(deposit: Deposit) -> Decimal:
    """Return the dollars of this deposit that are spent: by its purchase, or else by anyone."""
    bought = Order.objects.filter(purchase=deposit.purchase_id, quantity__gt=0)
    spent = ZERO
    if deposit.purchase_id:
        spent = sum((order.net for order in bought), ZERO)
    cash = get_books(deposit.account).cash
    short = max(-cash, ZERO) - max(-(cash + deposit.amount), ZERO)
    return min(max(spent, short), deposit.amount)


def _pause_debits(
    payer: Parent, code: str, at: datetime, *, bank: BankAccount | None = None
) -> None:
    """Stop debits of a parent's banks, or of one of them, until staff lift the pause."""
    pause, created = DebitPause.objects.get_or_create(
        parent=payer, bank=bank, lifted_at=None, defaults={"code": code[:4], "created_at": at}
    )
    if created:
        audit.record("debits.paused", pause, by="brokerage", at=at, code=code)
        if bank is None:  # of one bank the return itself tells
            write_notice(Notice.Kind.DEBITS_PAUSED, payer, pause, at=at)


@transaction.atomic
def lift_pause(pause: DebitPause, *, by: User, reason: str, at: datetime) -> None:
    """Let money be debited from this parent's banks again; what waited goes on at once.

    :raises StaleMove: lifted already
    """
    waiting = DebitPause.objects.filter(pk=pause.pk, lifted_at__isnull=True)
    if not waiting.update(lifted_at=at, lifted_by=by, reason=reason[:500]):
        raise StaleMove("This pause is lifted already.")
    audit.record("debits.resumed", pause, by=by, at=at)
    write_notice(Notice.Kind.DEBITS_RESUMED, pause.parent, pause, at=at)
    theirs = {"bank__parent": pause.parent_id, "leased_until__isnull": True}
    Purchase.objects.filter(status__in=["QUEUED", "FUNDING"], **theirs).update(next_step_at=at)
    own = Deposit.objects.filter(status=Deposit.Status.INTENDED, purchase__isnull=True, **theirs)
    own.update(next_step_at=at)
