"""News of a custodian's own order is heard before its next look is due."""

import pytest

from tests.cast import Family
from tests.events.sender import Sender
from tests.money.trading import Desk

pytestmark = pytest.mark.documented_too


@pytest.mark.slow
@pytest.mark.funded
def test_an_event_has_a_resting_order_looked_at(family: Family, sender: Sender) -> None:
    desk = Desk(family)
    order = desk.trade(quantity="1", kind="LIMIT", price="30", time_in_force="GTC")
    assert desk.look(order).status == "NEW"
    desk.move_price("29.00")

    event = sender.tell("orders.completed", {"id": order.vendor_id, "status": "FILLED"})
    family.stage.work()

    event.refresh_from_db()
    assert (event.status, desk.look(order).status) == ("DONE", "FILLED")
