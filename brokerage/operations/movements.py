"""The broker's ledger: what it booked unasked, taken into our books by rule or by compliance."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from accounts.models import User
from brokerage.gateway import DepositState, Transaction, get_broker
from brokerage.models import BrokerAccount, Case, Deposit, Instrument, Movement, OddRows, Order
from brokerage.operations.cases import close_case, open_case, settle_case
from brokerage.operations.company_actions import add_leg, settle_actions
from brokerage.operations.entries import GOING_BACK, find_returned, sort_entries
from brokerage.operations.gains import write_gain
from brokerage.operations.instruments import add_security
from brokerage.operations.oddities import note_odd_rows
from core import audit
from core.errors import Invalid, NotNow
from core.queue import enqueue

Kind = Movement.Kind
Status = Movement.Status
OVERLAP = timedelta(days=7)  # entries may appear late; each is taken once all the same
AHEAD = timedelta(days=1)  # the broker's clock may be before ours
INCOME = (Kind.DIVIDEND, Kind.INTEREST, Kind.DEPOSIT)
# As what staff may take an entry into our books: for what the broker's word does not say.
TAKEN_AS = (
    Kind.DIVIDEND,
    Kind.CAPITAL_RETURN,
    Kind.CASH_IN_LIEU,
    Kind.INTEREST,
    Kind.FEE,
    Kind.TAX,
    Kind.SPLIT,
    Kind.STOCK_DIVIDEND,
    Kind.SPINOFF,
    Kind.MERGER,
)


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
    found, returned = sort_entries(account, entries, at=at)
    _learn(found.unexplained, at)
    pulled = any(one.kind == Kind.DEPOSIT for one in found.unexplained)
    listed = _list_pulled(account) if pulled else []
    booked = _book(account, found.unexplained, listed, at)
    booked |= _book_fees(account, found.fees, at)
    if booked:
        settle_actions(account.pk, at=at)
    explained = _explain_held(account, at)
    return booked or returned or explained


def accept_movement(
    movement: Movement, *, by: User, reason: str, at: datetime, taken_as: str = ""
) -> None:
    """Take an entry that compliance understands into our books, and close its case.

    :param taken_as: what it is, one of TAKEN_AS, where the broker's word does not say it
    :raises StaleMove: it is booked already
    :raises NotNow: it is the return of a deposit, which our books know
    :raises Invalid: it can not be that: no company is named whose shares it is about
    """
    if _explain_if_returned(movement, at):
        raise NotNow("This is the return of a deposit, which is in our books. Nothing is left.")
    kind = Kind(taken_as or movement.kind)
    if kind in Movement.LEGS and movement.instrument_id is None:
        text = "The entry names no company, so it can not be about shares."
        raise Invalid(text, fields={"taken_as": text})
    with transaction.atomic():
        account = BrokerAccount.objects.select_for_update().get(pk=movement.account_id)
        movement.move_to(Status.BOOKED, kind=kind)
        _void_readings(account)
        if kind in Movement.LEGS or (movement.quantity and not movement.amount):
            add_leg(movement, about=_about_security(movement))
        write_gain(account.pk)
        audit.record("movement.accepted", movement, by=by, at=at, amount=movement.amount, kind=kind)
        about = Case.objects.filter(
            kind=Case.Kind.MOVEMENT, subject=audit.name_of(movement), status=Case.Status.OPEN
        )
        for case in about:
            close_case(case, by=by, reason=reason, at=at)
        BrokerAccount.objects.filter(pk=account.pk).update(sync_asked_at=at)
        enqueue("brokerage.tasks.sync_account", pk=account.pk)


def _about_security(movement: Movement) -> str:
    """Return what an entry's action has in common with other legs, from our own row alone."""
    security = movement.instrument
    return (security.vendor_id or security.symbol) if security else ""


def ledger_since(account: BrokerAccount) -> datetime:
    """Return from when on the ledger has to be read: a week before the last nightly audit."""
    if account.audited_at:
        return account.audited_at - OVERLAP
    return (account.opened_at or account.created_at) - AHEAD


def _list_pulled(account: BrokerAccount) -> list[DepositState]:
    """Return bank debits the broker knows and we do not: somebody ordered them past us."""
    ours = Deposit.objects.filter(account=account).exclude(vendor_id="")
    known = set(ours.values_list("vendor_id", flat=True))
    listed = get_broker().list_deposits(account.vendor_id)
    return [state for state in listed if state.pulled and state.id not in known]


def _explain_held(account: BrokerAccount, at: datetime) -> bool:
    """Close what was held and is explained meanwhile: a return the ledger told of first."""
    held = Movement.objects.filter(
        account=account, status=Status.HELD, kind__in=GOING_BACK, amount__lt=0
    )
    explained = [movement for movement in held if _explain_if_returned(movement, at)]
    return bool(explained)


def _explain_if_returned(movement: Movement, at: datetime) -> bool:
    if movement.kind not in GOING_BACK or movement.amount >= 0:
        return False
    deposit, _news = find_returned(
        movement.account, movement.vendor_id, movement, movement.happened_at, at=at
    )
    if deposit is None:
        return False
    with transaction.atomic():
        movement.move_to(Status.EXPLAINED)
        Deposit.objects.filter(pk=deposit.pk).update(taken_back_by=movement.vendor_id)
        audit.record("movement.explained", movement, by="reconciliation", at=at)
        finding = "It is the return of a deposit, which our books know."
        settle_case(Case.Kind.MOVEMENT, movement, finding=finding, at=at)
        write_gain(movement.account_id)
    return True


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
    instruments = _find_instruments(entries)
    debits = Counter(state.amount for state in pulled)
    booked = False
    with transaction.atomic():
        BrokerAccount.objects.select_for_update().get(pk=account.pk)
        for one in entries:
            instrument = instruments.get(one.instrument_id) or instruments.get(one.symbol)
            if instrument is None and _shares(one):
                continue  # comes again: nobody could tell us of it yet
            foreign = one.kind == Kind.DEPOSIT and debits[abs(one.amount)] > 0
            clear = not foreign and _is_clear(one, instrument)
            booked |= _write(account, one, instrument, booked=clear, at=at)
        if booked:
            _void_readings(account)
        write_gain(account.pk)
    return booked


def _book_fees(
    account: BrokerAccount, fees: Sequence[tuple[Transaction, Order]], at: datetime
) -> bool:
    """Write what the broker took for our orders by the order; say whether that was news."""
    news = False
    for one, order in fees:
        with transaction.atomic():
            BrokerAccount.objects.select_for_update().get(pk=account.pk)
            _write(account, one, None, booked=True, order=order, at=at)
            entries = Movement.objects.filter(order=order, status=Status.BOOKED)
            taken = -(entries.aggregate(total=Sum("amount"))["total"] or Decimal(0))
            if Order.objects.filter(pk=order.pk).exclude(fees=taken).update(fees=taken):
                _void_readings(account)
                write_gain(account.pk)
                news = True
    return news


def _is_clear(one: Transaction, instrument: Instrument | None) -> bool:
    """Say whether an entry explains itself: income, tax on it, money sent, shares split.

    What prose alone tells is for a person.
    """
    if one.kind in INCOME:
        return one.amount > 0
    if one.kind == Kind.TAX:
        return one.amount < 0
    if instrument is None or one.guessed:
        return False
    if one.kind in Movement.SHARES:
        return one.amount >= 0 and bool(one.quantity or one.amount)
    return one.kind in Movement.LEGS and one.amount > 0


def _find_instruments(entries: Sequence[Transaction]) -> dict[str, Instrument]:
    """Return the instruments entries are about, by the broker's id and by symbol."""
    ids = [one.instrument_id for one in entries if one.instrument_id]
    symbols = [one.symbol for one in entries if one.symbol]
    found = {row.symbol: row for row in Instrument.objects.filter(symbol__in=symbols)}
    return found | {row.vendor_id: row for row in Instrument.objects.filter(vendor_id__in=ids)}


def _learn(entries: Sequence[Transaction], at: datetime) -> None:
    """Ask for what a company's action gave and no catalogue of ours has: it need not be traded."""
    moved = [one for one in entries if one.instrument_id and _shares(one)]
    known = _find_instruments(moved)
    for one in moved:
        if one.instrument_id not in known and one.symbol not in known:
            add_security(one.instrument_id, at=at)


def _write(
    account: BrokerAccount,
    one: Transaction,
    instrument: Instrument | None,
    *,
    booked: bool,
    at: datetime,
    order: Order | None = None,
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
            "per_share": one.per_share,
            "order": order,
            "happened_at": one.at or at,
            "status": Status.BOOKED if booked else Status.HELD,
            "comment": f"{one.order_id} {one.comment}".strip()[:200],
            "created_at": at,
        },
    )
    if not created:
        return False
    if booked and movement.kind in Movement.LEGS:
        add_leg(movement, about=_about(one), final=one.final, taxed=one.taxed)
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


def _about(one: Transaction) -> str:
    """Return what the legs of one company's action have in common."""
    if one.acquiree or one.acquirer:
        return f"{one.acquiree} {one.acquirer}"
    return "" if one.kind == Kind.MERGER else one.instrument_id or one.symbol


def _shares(one: Transaction) -> Decimal:
    """Return how many shares an entry brought, or, below zero, took."""
    if one.kind == "SELL":
        return -abs(one.quantity)
    return Decimal(0) if one.kind == Kind.FEE else one.quantity


def _void_readings(account: BrokerAccount) -> None:
    """Have readings that were begun before our books changed count for nothing."""
    BrokerAccount.objects.filter(pk=account.pk).update(spending=F("spending") + 1)
