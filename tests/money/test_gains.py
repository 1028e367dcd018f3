"""When the gain of an account's sales is written: in the step that changes its lots."""

from decimal import Decimal

import pytest

from brokerage.lot_history import get_lots
from brokerage.models import BrokerAccount
from brokerage.operations import advance_order
from tests.cast import Family
from tests.money.trading import Desk


@pytest.mark.funded
def test_a_gain_is_written_with_the_part_of_a_sale_that_has_filled(family: Family) -> None:
    desk = Desk(family)
    desk.trade(amount="60.00")
    desk.move_price("40.00")
    desk.wish("partial-then-fill", fraction=0.5, seconds=500_000)
    order = desk.place(side="SELL", quantity="1.5")

    for _look in range(3):  # by its own steps alone: no other reading writes gains meanwhile
        family.stage.advance(30)
        advance_order(order.pk, at=family.stage.now())

    order = desk.look(order)
    account = BrokerAccount.objects.get(pk=family.account.pk)
    assert (order.status, order.quantity) == ("PARTIAL_FILL", Decimal("0.75"))
    gain = sum(lots.gain for lots in get_lots(account).values())
    assert account.realized_gain == gain > 0
