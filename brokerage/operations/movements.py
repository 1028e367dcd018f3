"""The broker's ledger: what it booked unasked, taken into our books by rule or by compliance."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from accounts.models import User
from brokerage.gateway import DepositState, Transaction, get_broker
from brokerage.models import BrokerAccount, Case, Deposit, Instrument, Movement, OddRows, Order
from brokerage.operations.cases import close_case, open_case
from brokerage.operations.deposits import recheck_deposit
from brokerage.operations.oddities import note_odd_rows
from core import audit
from core.queue import enqueue

Kind = Movement.Kind
Status = Movement.Status
OVERLAP = timedelta(days=7)  # entries may appear late; each is taken once all the same
AHEAD = timedelta(days=1)  # the broker's clock may be before ours
TRADES = ("BUY", "SELL")
INCOME = (Kind.DIVIDEND, Kind.INTEREST, Kind.DEPOSIT)


def read_ledger(pk: UUID, *, at: datetime) -> bool:
    """Take over what the broker booked that no deposit or order of ours caused.

    Returns whether our books have changed. A settled deposit that the ledger shows going back is
    looked at at once.

    :raises Unavailable: the broker gave no usable answer
    """
    account = BrokerAccount.objects.get(pk=pk)
    entries = get_broker().list_transactions(
        account.vendor_id, since=ledger_since(account), until=at + AHEAD
    )
    note_odd_rows({(account.pk, OddRows.What.TRANSACTIONS): entries}, at=at)
    unexplained, returned = _sort(account, entries)
    listed = _list_pulled(account) if any(one.kind == Kind.DEPOSIT for one in unexplained) else []
    booked = _book(account, unexplained, listed, at)
    for deposit in returned:
        recheck_deposit(deposit.pk, at=at)
    return booked or bool(returned)


def accept_movement(movement: Movement, *, by: User, reason: str, at: datetime) -> None:
    """Take an entry that compliance understands into our books, and close its case.

    :raises StaleMove: it is booked already
    """
    with transaction.atomic():
        account = BrokerAccount.objects.select_for_update().get(pk=movement.account_id)
        movement.move_to(Status.BOOKED)
        _void_readings(account)
        audit.record("movement.accepted", movement, by=by, at=at, amount=movement.amount)
        about = Case.objects.filter(
            kind=Case.Kind.MOVEMENT, subject=audit.name_of(movement), status=Case.Status.OPEN
        )
        for case in about:
            close_case(case, by=by, reason=reason, at=at)
        BrokerAccount.objects.filter(pk=account.pk).update(sync_asked_at=at)
        enqueue("brokerage.tasks.sync_account", pk=account.pk)


def ledger_since(account: BrokerAccount) -> datetime:
    """Return from when on the ledger has to be read: a week before the last nightly audit."""
    if account.audited_at:
        return account.audited_at - OVERLAP
    return (account.opened_at or account.created_at) - AHEAD


# --- which entries are ours -----------------------------------------------------------------------


def _sort(
    account: BrokerAccount, entries: Sequence[Transaction]
) -> tuple[list[Transaction], list[Deposit]]:
    """Return the entries nothing of ours caused, and our settled deposits that went back."""
    known = set(
        Movement.objects.filter(account=account, vendor_id__in=[one.id for one in entries])
        .values_list("vendor_id", flat=True)
    )  # fmt: skip
    new = [one for one in entries if one.id not in known]
    money = [one for one in new if one.kind == Kind.DEPOSIT]
    trades = [one for one in new if one.kind in TRADES]
    rest = [one for one in new if one.kind != Kind.DEPOSIT and one.kind not in TRADES]
    pushed, returned = _match_deposits(account, money)
    return [*pushed, *_foreign_trades(account, trades), *rest], returned


def _match_deposits(
    account: BrokerAccount, entries: Sequence[Transaction]
) -> tuple[list[Transaction], list[Deposit]]:
    """Part money our deposits brought, or took back, from money that was sent past us.

    The broker's comment names the deposit; where it names none, the amount decides, and each
    deposit explains one credit and one return.
    """
    if not entries:
        return [], []
    since = min((one.at for one in entries if one.at), default=None)
    recent = Q(settled_at__isnull=True) | Q(settled_at__gte=since) if since else Q()
    deposits = list(Deposit.objects.filter(account=account).exclude(status=Deposit.Status.FAILED))
    by_id = {row.vendor_id: row for row in deposits if row.vendor_id}
    in_time = set(Deposit.objects.filter(recent, account=account).values_list("pk", flat=True))
    left = {row.pk: row for row in deposits if row.pk in in_time}
    gone, nameless, returned = dict(left), [], []
    for one in entries:
        named = next((by_id[word] for word in one.comment.split() if word in by_id), None)
        if named is None:
            nameless.append(one)
        elif one.amount > 0:
            left.pop(named.pk, None)
        else:
            gone.pop(named.pk, None)
            returned.append(named)
    pushed = []
    for one in nameless:
        pool = left if one.amount > 0 else gone
        same = next((row for row in pool.values() if row.amount == abs(one.amount)), None)
        if same is None:
            pushed.append(one)
            continue
        del pool[same.pk]
        if one.amount < 0:
            returned.append(same)
    return pushed, [row for row in returned if row.status == Deposit.Status.SETTLED]


def _foreign_trades(account: BrokerAccount, entries: Sequence[Transaction]) -> list[Transaction]:
    """Return trades of orders that are not ours; none while an answer to an order is awaited."""
    if not entries:
        return []
    orders = Order.objects.filter(account=account)
    if orders.filter(status=Order.Status.INTENDED).exists():
        return []
    ours = set(orders.values_list("vendor_id", flat=True))
    return [one for one in entries if one.order_id not in ours]


def _list_pulled(account: BrokerAccount) -> list[DepositState]:
    """Return bank debits the broker knows and we do not: somebody ordered them past us."""
    ours = Deposit.objects.filter(account=account).exclude(vendor_id="")
    known = set(ours.values_list("vendor_id", flat=True))
    listed = get_broker().list_deposits(account.vendor_id)
    return [state for state in listed if state.pulled and state.id not in known]


# --- booking --------------------------------------------------------------------------------------


def _book(
    account: BrokerAccount,
    entries: Sequence[Transaction],
    pulled: Sequence[DepositState],
    at: datetime,
) -> bool:
    """Write the entries down, each once; return whether any of them is in our books now."""
    if not entries:
        return False
    symbols = [one.symbol for one in entries if one.symbol]
    instruments = {row.symbol: row for row in Instrument.objects.filter(symbol__in=symbols)}
    debits = Counter(state.amount for state in pulled)
    booked = False
    with transaction.atomic():
        BrokerAccount.objects.select_for_update().get(pk=account.pk)
        for one in entries:
            instrument = instruments.get(one.symbol)
            if instrument is None and _shares(one):  # comes again, once the catalogue has it
                enqueue("brokerage.tasks.sync_instruments")
                continue
            foreign = one.kind == Kind.DEPOSIT and debits[abs(one.amount)] > 0
            clear = not foreign and _is_clear(one, instrument)
            booked |= _write(account, one, instrument, booked=clear, at=at)
        if booked:
            _void_readings(account)
    return booked


def _is_clear(one: Transaction, instrument: Instrument | None) -> bool:
    """Say whether an entry explains itself: income, tax on it, money sent, shares split."""
    if one.kind in INCOME:
        return one.amount > 0
    if one.kind == Kind.TAX:
        return one.amount < 0
    if one.kind == Kind.CORPORATE_ACTION:
        return one.amount == 0 and instrument is not None and one.quantity != 0
    return False


def _write(
    account: BrokerAccount,
    one: Transaction,
    instrument: Instrument | None,
    *,
    booked: bool,
    at: datetime,
) -> bool:
    """Write one entry, unless another worker did; return whether it is booked by this."""
    movement, created = Movement.objects.get_or_create(
        account=account,
        vendor_id=one.id,
        defaults={
            "kind": one.kind if one.kind in Kind.values else Kind.OTHER,
            "vendor_kind": one.vendor_kind[:40],
            "amount": one.amount,
            "instrument": instrument,
            "quantity": _shares(one),
            "happened_at": one.at or at,
            "status": Status.BOOKED if booked else Status.HELD,
            "comment": f"{one.order_id} {one.comment}".strip()[:200],
            "created_at": at,
        },
    )
    if not created:
        return False
    audit.record(
        "movement.booked" if booked else "movement.held",
        movement,
        by="reconciliation",
        at=at,
        kind=movement.kind,
        amount=movement.amount,
    )
    if not booked:
        open_case(
            Case.Kind.MOVEMENT,
            movement,
            summary=f"The broker booked {movement.get_kind_display().lower()} of "
            f"${movement.amount} that nothing of ours explains.",
            at=at,
            account=account,
        )
    return booked


def _shares(one: Transaction) -> Decimal:
    """Return how many shares an entry brought; of other kinds than these it moves cash alone."""
    if one.kind == "SELL":
        return -abs(one.quantity)
    if one.kind in ("BUY", Kind.CORPORATE_ACTION, Kind.TRANSFER):
        return one.quantity
    return Decimal(0)


def _void_readings(account: BrokerAccount) -> None:
    """Have readings that were begun before our books changed count for nothing."""
    BrokerAccount.objects.filter(pk=account.pk).update(spending=F("spending") + 1)
