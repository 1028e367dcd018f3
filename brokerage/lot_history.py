"""Accounts' lots, worked out from what is in our books: orders, movements, companies' actions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from brokerage.lot_actions import Acted, Leg, act
from brokerage.lots import Bought, Changed, Event, Lots, Sold, apply
from brokerage.models import BrokerAccount, CompanyAction, Movement, Order


@dataclass
class History:
    """What bought, sold and changed an account's shares, by instrument, and companies' actions."""

    events: dict[UUID, list[Event]] = field(default_factory=lambda: defaultdict(list))
    actions: list[Acted] = field(default_factory=list)


def work_out_account(
    events: Mapping[UUID, Iterable[Event]], actions: Iterable[Acted] = ()
) -> dict[UUID, Lots]:
    """Work out the lots of all instruments of an account; actions lead from one to another."""
    timeline: list[tuple[datetime, UUID | None, Event | Acted]] = [
        (event.at, instrument, event) for instrument, some in events.items() for event in some
    ]
    timeline += [(action.at, None, action) for action in actions]
    found: dict[UUID, Lots] = defaultdict(Lots)
    for _at, instrument, event in sorted(timeline, key=lambda entry: entry[0]):
        if isinstance(event, Acted):
            act(found, event)
        elif instrument is not None:
            apply(found[instrument], event)
    return dict(found)


def get_lots(account: BrokerAccount) -> dict[UUID, Lots]:
    """Return the lots and sales of each instrument the account ever held, by its id."""
    history = read_history(account)
    return work_out_account(history.events, history.actions)


def read_history(account: BrokerAccount) -> History:
    """Read the history of one account in 3 queries."""
    return read_histories([account.pk])[account.pk]


def read_histories(accounts: Collection[UUID]) -> dict[UUID, History]:
    """Read the histories of accounts in 3 queries, however many there are."""
    found = {pk: History() for pk in accounts}
    for order in Order.objects.filter(account__in=accounts, quantity__gt=0):
        at = order.filled_at or order.sent_at or order.created_at
        found[order.account_id].events[order.instrument_id].append(
            Sold(at, order.pk, order.quantity, order.net)
            if order.side == Order.Side.SELL
            else Bought(at, order.pk, order.quantity, order.net, order.funds_settle_on)
        )
    booked = Movement.objects.filter(account__in=accounts, status=Movement.Status.BOOKED)
    for row in booked.filter(action=None).exclude(quantity=0).exclude(instrument=None):
        if row.instrument_id:
            found[row.account_id].events[row.instrument_id].append(_read_movement(row))
    legs: dict[UUID, list[Movement]] = defaultdict(list)
    for row in booked.filter(action__isnull=False).select_related("action").order_by("created_at"):
        if row.action_id:
            legs[row.action_id].append(row)
    for rows in legs.values():
        if rows[0].action:
            found[rows[0].account_id].actions.append(_read_action(rows[0].action, rows))
    return found


def _read_movement(row: Movement) -> Event:
    """Read shares that moved without an order of ours; those bought past us have a price."""
    if row.quantity > 0 and row.amount < 0:
        return Bought(row.happened_at, row.pk, row.quantity, -row.amount)
    return Changed(row.happened_at, row.quantity, row.amount)


def _read_action(action: CompanyAction, legs: Sequence[Movement]) -> Acted:
    return Acted(
        at=action.happened_at,
        kind=action.kind,
        legs=tuple(Leg(row.instrument_id, row.quantity, row.amount, row.per_share) for row in legs),
        settled=action.status == CompanyAction.Status.SETTLED,
        basis=action.basis,
        parent=action.parent_id,
        pk=action.pk,
        taxed=action.taxed,
        sold_basis=action.sold_basis,
    )
