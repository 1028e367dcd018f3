"""Killed at any moment of an own order, it is at the broker once and booked once."""

from functools import partial

import pytest
from django.core.cache import cache

from brokerage.models import Order
from brokerage.operations import advance_order
from core.driven import LEASE
from tests.cast import Family
from tests.money import auditor
from tests.money.processes import KILLED, start, steps_counted, wait
from tests.money.test_crash import until_killed
from tests.money.trading import FLAT, Desk, fund

pytestmark = pytest.mark.documented_too

STEPS = 16  # commits and calls of one order, counted below


def buy(desk: Desk) -> None:
    """Place an order and drive it alone to its end."""
    order = desk.place(amount="60.00")
    while order.next_step_at is not None:
        if order.next_step_at > desk.family.stage.now():
            desk.family.stage.advance(3)
        advance_order(order.pk, at=desk.family.stage.now())
        order.refresh_from_db()


@pytest.fixture
def desk(live_family: Family) -> Desk:
    desk = fund(live_family, "100.00")
    desk.ticket()  # terms and price are read before
    return desk


def test_every_step_of_an_order_is_killed_below(desk: Desk) -> None:
    with steps_counted() as steps:
        buy(desk)

    assert len(steps) == STEPS, "\n".join(steps)


@pytest.mark.slow
@pytest.mark.parametrize("step", range(STEPS))
def test_killed_before_any_step_it_is_one_order(desk: Desk, step: int) -> None:
    assert wait(start(partial(until_killed, partial(buy, desk), step))) == KILLED

    desk.family.stage.advance(LEASE.total_seconds())
    cache.clear()
    if not Order.objects.filter(purchase=None).exists():
        desk.place(amount="60.00")  # nothing was committed: the parent clicks again
    desk.pass_time(30)
    desk.pass_time(400)

    (order,) = Order.objects.filter(purchase=None)
    rows = [row for row in desk.family.stage.state()["orders"] if row["symbol"] == FLAT]
    assert (order.status, order.cost) == ("FILLED", 60)
    assert [row["status"] for row in rows] == ["FILLED"]
    auditor.check_books(desk.family)
    auditor.check_trail()
