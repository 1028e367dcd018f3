"""The gift tracker: every step with its date, and the day the next one is expected.

Two read it. Why money did not come is between parent, bank and broker: the giver is told that it
did not, and that the parent knows.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brokerage.models import Deposit, Order, Purchase
from brokerage.operations.deposits import ACH_DAYS
from core.calendars import add_banking_days, session_at_or_after
from core.clock import NEW_YORK
from gifting.models import Gift

ARRIVED = gettext_lazy("Money arrived")
GIVER_TEXT = gettext_lazy(
    "It did not work out this time. %s's parent knows, and decides what comes next; there is "
    "nothing for you to do."
)
ACH_TEXT = gettext_lazy("Banks take four to five working days.")


@dataclass
class Step:
    """One station on a gift's way."""

    title: str
    text: str = ""
    at: datetime | None = None
    expected_on: date | None = None
    done: bool = False
    current: bool = False
    failed: bool = False


def track(gift: Gift, *, at: datetime) -> list[Step]:
    """Return the stations of a gift as its parent reads them; reads its purchase, if any."""
    steps = [Step(_("Given"), at=gift.given_at, done=True), _decision(gift)]
    if gift.status in (Gift.Status.DECLINED, Gift.Status.EXPIRED):
        return steps
    purchase = gift.purchase
    deposit = purchase.deposits.order_by("-created_at").first() if purchase else None
    order = purchase.orders.order_by("-created_at").first() if purchase else None
    steps += [_transfer(gift, deposit), _arrival(gift, deposit, at), _bought(gift, order, at)]
    steps.append(_checked(purchase, order))
    return _mark(steps, purchase)


def track_for_giver(gift: Gift, *, at: datetime) -> list[Step]:
    """Return the stations of a gift as its giver reads them."""
    steps = track(gift, at=at)
    if gift.purchase is None or gift.purchase.status == Purchase.Status.CANCELED:
        return steps
    for step in steps:
        if step.failed:
            step.text = str(GIVER_TEXT) % gift.child.first_name
        elif step.title == str(ARRIVED) and step.text:
            step.text = str(ACH_TEXT)
    return steps


def _decision(gift: Gift) -> Step:
    name = gift.child.first_name
    if gift.status == Gift.Status.PENDING:
        return Step(_("Approved"), _("%s's parent looks at it first.") % name, current=True)
    if gift.status == Gift.Status.APPROVED:
        return Step(_("Approved"), at=gift.decided_at, done=True)
    title = _("Declined") if gift.status == Gift.Status.DECLINED else _("Expired")
    return Step(title, gift.reason or _("No money has moved."), at=gift.decided_at, failed=True)


def _transfer(gift: Gift, deposit: Deposit | None) -> Step:
    sent = deposit.sent_at if deposit else None
    return Step(_("Bank transfer started"), at=sent, done=sent is not None)


def _arrival(gift: Gift, deposit: Deposit | None, at: datetime) -> Step:
    text = str(ACH_TEXT)
    if deposit and deposit.status in (Deposit.Status.FAILED, Deposit.Status.RETURNED):
        return Step(str(ARRIVED), deposit.failure, failed=True)
    if deposit and deposit.status == Deposit.Status.ON_HOLD:
        text = _("The broker holds the transfer for a check.")
    arrived = deposit.settled_at if deposit else None
    return Step(
        str(ARRIVED),
        "" if arrived else text,
        at=arrived,
        expected_on=_money_due(gift, deposit, at),
        done=arrived is not None,
    )


def _money_due(gift: Gift, deposit: Deposit | None, at: datetime) -> date | None:
    """Return the banking day the money should arrive; None before the approval."""
    if gift.status != Gift.Status.APPROVED:
        return None
    planned = deposit.expected_on if deposit else None
    return planned or add_banking_days(at.astimezone(NEW_YORK).date(), ACH_DAYS)


def _bought(gift: Gift, order: Order | None, at: datetime) -> Step:
    title = _("Share bought")
    if (
        order
        and order.status in (Order.Status.REJECTED, Order.Status.CANCELED)
        and not order.quantity
    ):
        return Step(title, _("The broker did not carry out the order."), failed=True)
    if order and order.quantity:
        return Step(title, at=order.filled_at or order.sent_at, done=True)
    expected = None
    if order:
        expected = order.expected_on or session_at_or_after(at).on
    elif gift.purchase:
        expected = _first_session(_money_due(gift, gift.purchase.deposits.first(), at))
    return Step(title, _("At the market price of that moment."), expected_on=expected)


def _first_session(money_on: date | None) -> date | None:
    """Return the first trading day on which the arrived money can buy."""
    if money_on is None:
        return None
    return session_at_or_after(
        datetime(money_on.year, money_on.month, money_on.day, 10, 0, tzinfo=NEW_YORK)
    ).on


def _checked(purchase: Purchase | None, order: Order | None) -> Step:
    step = Step(_("Checked with the broker"), _("Our books and the broker's show the same shares."))
    checked = purchase.account.checked_at if purchase else None
    ended = purchase.ended_at if purchase else None
    if order and order.quantity and checked and ended and checked >= ended:
        step.done, step.at = True, max(checked, ended)
    return step


def _mark(steps: list[Step], purchase: Purchase | None) -> list[Step]:
    """Mark the station a gift stands at, and cut off what comes after a failure."""
    if purchase and purchase.status in ("FAILED", "RETURNED", "CANCELED"):
        if not any(step.failed for step in steps):
            steps.insert(
                -1, Step(_("Stopped"), purchase.failure, at=purchase.ended_at, failed=True)
            )
        end = next(i for i, step in enumerate(steps) if step.failed)
        return steps[: end + 1]
    if not any(step.current for step in steps):
        for step in steps:
            if not step.done:
                step.current = True
                break
    return steps
