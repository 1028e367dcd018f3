"""Entries of the broker's ledger, told apart: what our deposits and orders caused, and the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from brokerage.gateway import Transaction
from brokerage.models import BrokerAccount, Deposit, Movement, Order
from brokerage.operations.deposits import recheck_deposit

Kind = Movement.Kind
TRADES = ("BUY", "SELL")
GOING_BACK = (Kind.DEPOSIT, Kind.ADJUSTMENT)  # as either, DriveWealth books a return
SETTLING = timedelta(hours=1)  # the broker's ledger may be ahead of what it says of a deposit
A_DAY = timedelta(days=1)


@dataclass
class Sorted:
    """Entries nothing of ours caused, and fees with the order each is of."""

    unexplained: list[Transaction] = field(default_factory=list)
    fees: list[tuple[Transaction, Order]] = field(default_factory=list)


def sort_entries(
    account: BrokerAccount, entries: Sequence[Transaction], *, at: datetime
) -> tuple[Sorted, bool]:
    """Tell new entries apart; the flag says whether a deposit was found to have gone back.

    What may still find its explanation (an order whose answer is awaited, a return told a moment
    ago) is left for the next time.

    :raises Unavailable: the broker gave no usable answer
    """
    ids = [one.id for one in entries]
    known = set(
        Movement.objects.filter(account=account, vendor_id__in=ids)
        .values_list("vendor_id", flat=True)
    )  # fmt: skip
    new = [one for one in entries if one.id not in known]
    back = [one for one in new if one.kind in GOING_BACK and one.amount < 0]
    money = [one for one in new if one.kind == Kind.DEPOSIT and one.amount >= 0]
    found = Sorted()
    moved = _take_returns(account, back, found, at)
    found.unexplained += _foreign_credits(account, money)
    _sort_orders(account, new, found)
    taken = {id(one) for one in (*back, *money)}
    found.unexplained += [
        one
        for one in new
        if id(one) not in taken and one.kind not in TRADES and not _is_of_order(one)
    ]
    return found, moved


# --- money going back -----------------------------------------------------------------------------


def _take_returns(
    account: BrokerAccount, entries: Sequence[Transaction], found: Sorted, at: datetime
) -> bool:
    """Lay each entry by the deposit it takes back; say whether any was news to us."""
    moved = False
    for one in entries:
        happened_at = one.at or at
        deposit, news = find_returned(account, one.id, one, happened_at, at=at)
        moved |= news
        if deposit is not None:
            Deposit.objects.filter(pk=deposit.pk).update(taken_back_by=one.id)
        elif not (_candidates(account, one.id, one) and at - happened_at < SETTLING):
            found.unexplained.append(one)
    return moved


def find_returned(
    account: BrokerAccount,
    entry_id: str,
    entry: Transaction | Movement,
    happened_at: datetime,
    *,
    at: datetime,
) -> tuple[Deposit | None, bool]:
    """Return the returned deposit an entry is about, and whether its return was news to us.

    The comment may name it; else amount and time decide, and each deposit explains one entry. One
    that we believe to be there still is asked for: an entry alone proves no return. What came and
    went between two looks counts in our books neither way, and so explains its entry too.

    :raises Unavailable: the broker gave no usable answer
    """
    rows = _candidates(account, entry_id, entry)
    rows = [row for row in rows if _since(row) <= happened_at + A_DAY]
    for row in rows:
        if row.status == Deposit.Status.RETURNED:
            return row, False
    for row in rows:
        recheck_deposit(row.pk, at=at)
        row.refresh_from_db()
        if row.status == Deposit.Status.RETURNED:
            return row, True
    return None, False


def _since(deposit: Deposit) -> datetime:
    """Return since when a deposit's money may have been in the account."""
    return deposit.settled_at or deposit.sent_at or deposit.created_at


def _candidates(
    account: BrokerAccount, entry_id: str, entry: Transaction | Movement
) -> list[Deposit]:
    """Return the deposits an entry may take back: those it names, else those of its amount."""
    open_ones = Deposit.objects.filter(
        account=account,
        amount=-entry.amount,
        status__in=(Deposit.Status.SETTLED, Deposit.Status.RETURNED),
        taken_back_by__in=("", entry_id),
    ).order_by("-taken_back_by", "-settled_at")
    rows = list(open_ones)
    named = [row for row in rows if row.vendor_id and row.vendor_id in entry.comment]
    return named or rows


# --- money coming in ------------------------------------------------------------------------------


def _foreign_credits(account: BrokerAccount, entries: Sequence[Transaction]) -> list[Transaction]:
    """Part money that was sent past us from money our deposits brought.

    The broker's comment names the deposit; where it names none, the amount decides, and each
    deposit explains one credit.
    """
    if not entries:
        return []
    since = min((one.at for one in entries if one.at), default=None)
    recent = Q(settled_at__isnull=True) | Q(settled_at__gte=since) if since else Q()
    deposits = list(Deposit.objects.filter(account=account).exclude(status=Deposit.Status.FAILED))
    by_id = {row.vendor_id: row for row in deposits if row.vendor_id}
    in_time = set(Deposit.objects.filter(recent, account=account).values_list("pk", flat=True))
    left = {row.pk: row for row in deposits if row.pk in in_time}
    nameless = []
    for one in entries:
        named = next((by_id[word] for word in one.comment.split() if word in by_id), None)
        if named is None:
            nameless.append(one)
        else:
            left.pop(named.pk, None)
    foreign = []
    for one in nameless:
        same = next((row for row in left.values() if row.amount == one.amount), None)
        if same is None:
            foreign.append(one)
        else:
            del left[same.pk]
    return foreign


# --- orders and their fees ------------------------------------------------------------------------


def _is_of_order(one: Transaction) -> bool:
    return one.kind == Kind.FEE and bool(one.order_id)


def _sort_orders(account: BrokerAccount, entries: Sequence[Transaction], found: Sorted) -> None:
    """Find trades and fees of orders that are not ours; none while an answer is awaited."""
    about = [one for one in entries if one.kind in TRADES or _is_of_order(one)]
    if not about:
        return
    orders = Order.objects.filter(account=account)
    ours = {row.vendor_id: row for row in orders.exclude(vendor_id="")}
    awaited = orders.filter(status=Order.Status.INTENDED).exists()
    for one in about:
        order = ours.get(one.order_id)
        if order is not None and _is_of_order(one):
            found.fees.append((one, order))
        elif order is None and not awaited:
            found.unexplained.append(one)
