"""Companies' actions: legs laid together, and what the shares cost afterwards worked out.

What is certain is decided by rule: shares for shares keep their cost and dates (26 CFR 1.358-1,
1.307-1), shares for cash alone are sold. Else the broker's figure decides, once it tells one, or
staff file it (the company's Form 8937 says it). Until then nobody is told a gain of those shares.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from brokerage.lots import Acted, Event, Lots, read_history, work_out_account
from brokerage.models import BrokerAccount, Case, CompanyAction, Holding, Instrument, Movement
from brokerage.operations.cases import open_case, settle_case
from brokerage.operations.gains import write_gain
from core import audit
from core.errors import Invalid
from core.queue import enqueue

Kind = CompanyAction.Kind
Status = CompanyAction.Status
Source = CompanyAction.Source
ZERO = Decimal(0)
A_CENT = Decimal("0.01")
KINDS = {
    Movement.Kind.SPLIT: Kind.SPLIT,
    Movement.Kind.STOCK_DIVIDEND: Kind.STOCK_DIVIDEND,
    Movement.Kind.SPINOFF: Kind.SPINOFF,
    Movement.Kind.MERGER: Kind.EXCHANGE,
}
# How far the legs of one event may lie apart.
APART = {Kind.EXCHANGE: timedelta(days=10), Kind.CASH_OUT: timedelta(days=10)}
A_DAY = timedelta(days=1)


# --- laying legs together -------------------------------------------------------------------------


def add_leg(movement: Movement, *, about: str, final: bool = False) -> None:
    """Lay a booked movement by the action it is a leg of, in the caller's transaction.

    :param about: what the legs of one event have in common, e.g. who takes over whom
    :param final: shares for cash alone, no other leg will follow
    """
    kind = Kind.CASH_OUT if final else KINDS.get(Movement.Kind(movement.kind), Kind.TRANSFER)
    apart = APART.get(kind, A_DAY)
    near = CompanyAction.objects.filter(
        account=movement.account_id,
        kind=kind,
        about=about,
        happened_at__range=(movement.happened_at - apart, movement.happened_at + apart),
    )
    action = None if kind == Kind.TRANSFER else near.order_by("happened_at").first()
    if action is None:
        action = CompanyAction.objects.create(
            account_id=movement.account_id,
            kind=kind,
            about=about,
            happened_at=movement.happened_at,
            created_at=movement.created_at,
        )
    elif action.status == Status.SETTLED:  # a leg more than we had reckoned with
        action.move_to(Status.OPEN, basis=None, parent=None, known_by="", settled_at=None)
    Movement.objects.filter(pk=movement.pk).update(action=action)


# --- working out ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """What the new shares cost (None: all that went), out of whose cost, and who says so."""

    known_by: Source
    basis: Decimal | None = None
    parent: UUID | None = None


def settle_actions(account_id: UUID, *, at: datetime) -> bool:
    """Work out what can be of an account's open actions; the rest is for a person to look at."""
    opened = CompanyAction.objects.filter(account=account_id, status=Status.OPEN)
    settled = False
    for action in opened.order_by("happened_at"):
        with transaction.atomic():
            account = BrokerAccount.objects.select_for_update().get(pk=account_id)
            decision = _Worksheet(account, action).decide()
            if decision is None:
                _ask_staff(action, account, at)
                continue
            settled |= _settle(action, decision, at=at, by="reconciliation")
    return settled


def file_basis(
    action: CompanyAction, *, by: User, reason: str, basis: Decimal, parent: str = "", at: datetime
) -> None:
    """Write down what staff have found the new shares to cost, and work the gains out by it.

    :param basis: dollars; nothing where the shares that went are worth nothing
    :param parent: of a spin-off, the symbol of the company that gave the shares
    :raises Invalid: a company whose shares the account does not know
    :raises StaleMove: worked out already
    """
    with transaction.atomic():
        BrokerAccount.objects.select_for_update().get(pk=action.account_id)
        found = Instrument.objects.filter(symbol=parent.upper()).first() if parent else None
        if action.kind == Kind.SPINOFF and found is None:
            raise Invalid(
                "Name the company that gave the shares.", fields={"parent": "Its symbol."}
            )
        decision = Decision(Source.STAFF, basis, found.pk if found else None)
        _settle(action, decision, at=at, by=by, reason=reason[:200])
        enqueue("brokerage.tasks.sync_account", pk=action.account_id)


def _settle(
    action: CompanyAction, decision: Decision, *, at: datetime, by: User | str, **detail: object
) -> bool:
    action.move_to(
        Status.SETTLED,
        basis=decision.basis,
        parent_id=decision.parent,
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
        **detail,
    )
    write_gain(action.account_id)
    finding = f"What the shares cost is known: {decision.known_by.label.lower()}."
    settle_case(Case.Kind.ACTION, action, finding=finding, at=at)
    return True


def _ask_staff(action: CompanyAction, account: BrokerAccount, at: datetime) -> None:
    open_case(
        Case.Kind.ACTION,
        action,
        summary=f"{action.get_kind_display()}: the broker does not tell what the shares cost "
        "afterwards. File it on the action.",
        at=at,
        account=account,
    )


class _Worksheet:
    """One action with the account's lots around it and the broker's figures after it."""

    def __init__(self, account: BrokerAccount, action: CompanyAction) -> None:
        self._action = action
        self._events, self._actions = read_history(account)
        self._acted = next(one for one in self._actions if one.pk == action.pk)
        self._net = self._acted.net()
        self._came = [pk for pk, quantity in self._net.items() if quantity > 0]
        booked_at = action.legs.aggregate(last=Max("created_at"))["last"]
        fresh = account.synced_at is not None and account.synced_at >= booked_at
        held = Holding.objects.filter(account=account) if fresh else Holding.objects.none()
        self._theirs = dict(held.values_list("instrument", "cost_basis"))

    def decide(self) -> Decision | None:
        """Return what follows; None while it can not be known."""
        if self._action.kind == Kind.CASH_OUT or self._action.kind == Kind.STOCK_DIVIDEND:
            return Decision(Source.RULE)
        if self._action.kind == Kind.SPLIT:
            return self._split()
        if self._action.kind == Kind.SPINOFF:
            return self._spin_off()
        if self._action.kind == Kind.TRANSFER:
            return self._transfer()
        return self._exchange()

    def _split(self) -> Decision | None:
        if len(self._net) != 1:
            return None
        (instrument,) = self._net
        lots = self._lots(settled=False).get(instrument, Lots())
        if lots.quantity <= 0:
            # Of a split told in two legs only the first has come, unless cash came for all.
            return Decision(Source.RULE) if self._acted.cash > 0 else None
        if not self._acted.cash:
            return Decision(Source.RULE)
        left = self._theirs.get(instrument, ZERO)
        return Decision(Source.BROKER, left) if ZERO < left <= lots.cost else None

    def _exchange(self) -> Decision | None:
        """Decide a merger or change of symbol; both what came and what went must be known."""
        if len(self._came) != 1 or len(self._net) < 2:
            return None
        if not self._acted.cash:
            return Decision(Source.RULE)
        (into,) = self._came
        others = self._cost(into, ZERO)
        most = self._cost(into, None) - others + self._acted.cash
        carried = self._theirs.get(into, ZERO) - others
        return Decision(Source.BROKER, carried) if ZERO < carried <= most else None

    def _spin_off(self) -> Decision | None:
        """Take the broker's figure, and for parent the one company whose cost fell by as much."""
        if len(self._came) != 1:
            return None
        (into,) = self._came
        carried = self._theirs.get(into, ZERO) - self._cost(into, ZERO)
        parents = [
            instrument
            for instrument, lots in self._lots(settled=False).items()
            if instrument != into
            and instrument in self._theirs
            and abs(lots.cost - self._theirs[instrument] - carried) <= A_CENT
        ]
        if carried <= 0 or len(parents) != 1:
            return None
        return Decision(Source.BROKER, carried, parents[0])

    def _transfer(self) -> Decision | None:
        if not self._came:
            return Decision(Source.RULE)
        (into,) = self._came
        carried = self._theirs.get(into, ZERO) - self._cost(into, ZERO)
        return Decision(Source.BROKER, carried) if carried > 0 else None

    def _cost(self, instrument: UUID, basis: Decimal | None) -> Decimal:
        """Return what shares would cost if those of this action cost so much."""
        return self._lots(settled=True, basis=basis).get(instrument, Lots()).cost

    def _lots(self, *, settled: bool, basis: Decimal | None = None) -> dict[UUID, Lots]:
        events: dict[UUID, list[Event]] = self._events
        supposed = replace(self._acted, settled=settled, basis=basis)
        actions: Sequence[Acted] = [
            supposed if one.pk == self._acted.pk else one for one in self._actions
        ]
        return work_out_account(events, actions)
