"""The rows of the broker's room, one file a noun."""

from brokerage.models.accounts import BrokerAccount, BrokerUser
from brokerage.models.banks import BankAccount
from brokerage.models.events import BrokerEvent
from brokerage.models.positions import Holding, Instrument, ReconciliationBreak
from brokerage.models.purchases import Deposit, Order, Purchase

__all__ = [
    "BankAccount",
    "BrokerAccount",
    "BrokerEvent",
    "BrokerUser",
    "Deposit",
    "Holding",
    "Instrument",
    "Order",
    "Purchase",
    "ReconciliationBreak",
]
