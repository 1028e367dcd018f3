"""The whole of DriveWealth, as the rest of the broker's room asks for it."""

from brokerage.drivewealth.accounts import Accounts
from brokerage.drivewealth.funding import Funding
from brokerage.drivewealth.market import Market
from brokerage.drivewealth.orders import Orders
from brokerage.drivewealth.papers import Papers
from brokerage.drivewealth.people import People


class DriveWealth(People, Accounts, Funding, Orders, Market, Papers):
    """The back-office API (`/back-office`). Satisfies `brokerage.gateway.Broker`."""
