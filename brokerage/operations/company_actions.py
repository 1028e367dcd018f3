"""Companies' actions: legs laid together, and what the shares cost afterwards worked out.

What neither rule nor the broker's figure decides (`action_worksheet`) staff file: the company's
Form 8937 says it. Until then nobody is told a gain of those shares.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from accounts.models import User
from brokerage.models import BrokerAccount, Case, CompanyAction, Instrument, Movement, Notice
from brokerage.notices import write_notice
from brokerage.operations.action_worksheet import Decision, Worksheet
from brokerage.operations.cases import open_case, settle_case
from brokerage.operations.gains import write_gain
from core import audit
from core.errors import Invalid
from core.queue import enqueue

Kind = CompanyAction.Kind
Status = CompanyAction.Status
Source = CompanyAction.Source
KINDS = {
    Movement.Kind.SPLIT: Kind.SPLIT,
    Movement.Kind.STOCK_DIVIDEND: Kind.STOCK_DIVIDEND,
    Movement.Kind.SPINOFF: Kind.SPINOFF,
    Movement.Kind.MERGER: Kind.EXCHANGE,
    Movement.Kind.CAPITAL_RETURN: Kind.CAPITAL_RETURN,
    Movement.Kind.DISTRIBUTION: Kind.CAPITAL_RETURN,
    Movement.Kind.CASH_IN_LIEU: Kind.CASH_IN_LIEU,
}
# Which are events of their own, whatever else happens to the shares on that day.
ALONE = (Kind.TRANSFER, Kind.CAPITAL_RETURN)
# Which may leave a part of a share that is paid in cash, weeks later it may be.
LEAVE_PARTS = (Kind.SPLIT, Kind.STOCK_DIVIDEND, Kind.SPINOFF, Kind.EXCHANGE)
# How far the legs of one event may lie apart.
APART = {Kind.EXCHANGE: timedelta(days=10), Kind.CASH_OUT: timedelta(days=10)}
A_DAY = timedelta(days=1)
CASH_COMES_WITHIN = timedelta(days=60)


# --- laying legs together -------------------------------------------------------------------------


def add_leg(
    movement: Movement, *, about: str, final: bool = False, taxed: bool | None = None
) -> None:
    """Lay a booked movement by the action it is a leg of, in the caller's transaction.

    :param about: what the legs of one event have in common, e.g. who takes over whom
    :param final: shares for cash alone, no other leg will follow
    :param taxed: whether what came is income of that day; None where the broker does not say
    """
    kind = Kind.CASH_OUT if final else KINDS.get(Movement.Kind(movement.kind), Kind.TRANSFER)
    action = _find_action(movement, kind, about)
    if action is None:
        action = CompanyAction.objects.create(
            account_id=movement.account_id,
            kind=kind,
            about=about,
            taxed=taxed,
            happened_at=movement.happened_at,
            created_at=movement.created_at,
        )
    elif action.status == Status.SETTLED:  # a leg more than we had reckoned with
        action.move_to(
            Status.OPEN, basis=None, sold_basis=None, parent=None, known_by="", settled_at=None
        )
    if taxed is not None and action.taxed not in (None, taxed):
        CompanyAction.objects.filter(pk=action.pk).update(taxed=None)
    Movement.objects.filter(pk=movement.pk).update(action=action)


def _find_action(movement: Movement, kind: Kind, about: str) -> CompanyAction | None:
    if kind in ALONE:
        return None
    apart = APART.get(kind, A_DAY)
    ours = CompanyAction.objects.filter(account=movement.account_id)
    near = ours.filter(
        kind=kind,
        about=about,
        happened_at__range=(movement.happened_at - apart, movement.happened_at + apart),
    )
    found = near.order_by("happened_at").first()
    if found is not None or movement.quantity:
        return found
    since = (movement.happened_at - CASH_COMES_WITHIN, movement.happened_at + A_DAY)
    left = ours.filter(kind__in=LEAVE_PARTS, happened_at__range=since).order_by("-happened_at")
    if kind in LEAVE_PARTS:
        left = left.filter(kind=kind)
    named = left.filter(legs__instrument=movement.instrument_id).first()
    spun_off = list(left.filter(kind=Kind.SPINOFF)[:2])  # it may be told of the parent's shares
    return named or (spun_off[0] if len(spun_off) == 1 else None)


# --- working out ----------------------------------------------------------------------------------


def settle_actions(account_id: UUID, *, at: datetime) -> bool:
    """Work out what can be of an account's open actions; the rest is for a person to look at.

    Nobody is asked, and nobody told, before the broker's figures have been read once.
    """
    opened = CompanyAction.objects.filter(account=account_id, status=Status.OPEN)
    settled = False
    for action in opened.order_by("happened_at"):
        with transaction.atomic():
            account = BrokerAccount.objects.select_for_update().get(pk=account_id)
            sheet = Worksheet(account, action)
            decision = sheet.decide()
            if decision is not None:
                _settle(action, decision, at=at, by="reconciliation")
                settled = True
            elif sheet.fresh:
                _ask_staff(action, account, at)
    return settled


def file_basis(
    action: CompanyAction,
    *,
    by: User,
    reason: str,
    basis: Decimal,
    parent: str = "",
    sold_basis: Decimal | None = None,
    taxed: bool = False,
    at: datetime,
) -> None:
    """Write down what staff have found the new shares to cost, and work the gains out by it.

    :param basis: dollars; nothing where the shares that went are worth nothing, or where the cost
        stays and is spread over all shares
    :param parent: of a spin-off, the symbol of the company that gave the shares
    :param sold_basis: of a spin-off, dollars the part of a share cost that was paid in cash
    :param taxed: what came is income of that day
    :raises Invalid: a company whose shares the account does not know, or more than they had cost
    :raises StaleMove: worked out already
    """
    with transaction.atomic():
        account = BrokerAccount.objects.select_for_update().get(pk=action.account_id)
        found = Instrument.objects.filter(symbol=parent.upper()).first() if parent else None
        if action.kind == Kind.SPINOFF and found is None:
            text = "Name the company that gave the shares."
            raise Invalid(text, fields={"parent": "Its symbol."})
        most = Worksheet(account, action).most_basis(found.pk if found else None)
        if most is not None and basis + (sold_basis or 0) > most:
            text = f"All of those shares had cost ${most}: it can not be more."
            raise Invalid(text, fields={"basis": text})
        stays = action.kind == Kind.CAPITAL_RETURN or (
            action.kind == Kind.STOCK_DIVIDEND and not taxed and not basis
        )
        decision = Decision(
            Source.STAFF, None if stays else basis, found.pk if found else None, taxed, sold_basis
        )
        _settle(action, decision, at=at, by=by, reason=reason[:200])
        enqueue("brokerage.tasks.sync_account", pk=action.account_id)


@transaction.atomic
def hint_parent(account: BrokerAccount, *, child: str, parent: str) -> None:
    """Keep whose shares were parted with, as an event told; the broker's figures decide.

    :param child: the symbol of the shares that came
    """
    giver = Instrument.objects.filter(symbol=parent).first()
    if giver is not None:
        legs = Movement.objects.filter(account=account, instrument__symbol=child)
        opened = CompanyAction.objects.filter(
            pk__in=legs.values("action"), kind=Kind.SPINOFF, status=Status.OPEN, parent=None
        )
        if opened.update(parent=giver):
            write_gain(account.pk)


def _settle(
    action: CompanyAction, decision: Decision, *, at: datetime, by: User | str, **detail: object
) -> None:
    action.move_to(
        Status.SETTLED,
        basis=decision.basis,
        parent_id=decision.parent,
        taxed=decision.taxed,
        sold_basis=decision.sold_basis,
        known_by=decision.known_by,
        settled_at=at,
    )
    audit.record(
        "company_action.settled",
        action,
        by=by,
        at=at,
        known_by=decision.known_by,
        basis=decision.basis,
        taxed=decision.taxed,
        **detail,
    )
    write_gain(action.account_id)
    finding = f"What the shares cost is known: {decision.known_by.label.lower()}."
    settle_case(Case.Kind.ACTION, action, finding=finding, at=at)
    told = Notice.objects.filter(kind=Notice.Kind.ACTION_OPEN, about=audit.name_of(action))
    if action.kind != Kind.CAPITAL_RETURN or told.exists():
        _write_to_family(Notice.Kind.ACTION_SETTLED, action, at)


def _ask_staff(action: CompanyAction, account: BrokerAccount, at: datetime) -> None:
    open_case(
        Case.Kind.ACTION,
        action,
        summary=f"{action.get_kind_display()}: the broker does not tell what the shares cost "
        "afterwards. File it on the action.",
        at=at,
        account=account,
    )
    _write_to_family(Notice.Kind.ACTION_OPEN, action, at)


def _write_to_family(kind: Notice.Kind, action: CompanyAction, at: datetime) -> None:
    """Write once of what has happened so far; of a leg that comes later, once more."""
    parent = action.account.child.parent
    if parent is not None:
        write_notice(kind, parent, action, at=at, occasion=str(action.legs.count()))
