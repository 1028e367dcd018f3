"""The rows of the broker's room, one file a noun."""

from brokerage.models.accounts import BrokerAccount, BrokerUser
from brokerage.models.actions import CompanyAction
from brokerage.models.banks import BankAccount, MicroDeposits
from brokerage.models.books import DayValue, Movement, ReconciliationBreak
from brokerage.models.cases import Case, DebitPause
from brokerage.models.contacts import ContactNotice
from brokerage.models.deposits import Deposit
from brokerage.models.events import BrokerEvent
from brokerage.models.letters import Letter
from brokerage.models.notices import Notice
from brokerage.models.oddities import OddRows
from brokerage.models.orders import Order
from brokerage.models.papers import AccountPaper, IdDocument
from brokerage.models.positions import Holding, Instrument
from brokerage.models.purchases import Purchase

__all__ = [
    "AccountPaper",
    "BankAccount",
    "BrokerAccount",
    "BrokerEvent",
    "BrokerUser",
    "Case",
    "CompanyAction",
    "ContactNotice",
    "DayValue",
    "DebitPause",
    "Deposit",
    "Holding",
    "IdDocument",
    "Instrument",
    "Letter",
    "MicroDeposits",
    "Movement",
    "Notice",
    "OddRows",
    "Order",
    "Purchase",
    "ReconciliationBreak",
]
