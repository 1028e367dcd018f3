"""The whole of DriveWealth, as the rest of the broker's room asks for it."""

from brokerage.drivewealth import events
from brokerage.drivewealth.accounts import Accounts
from brokerage.drivewealth.funding import Funding
from brokerage.drivewealth.market import Market
from brokerage.drivewealth.orders import Orders
from brokerage.drivewealth.papers import Papers
from brokerage.drivewealth.people import People
from brokerage.gateway import Envelope, News


class DriveWealth(People, Accounts, Funding, Orders, Market, Papers):
    """The back-office API (`/back-office`). Satisfies `brokerage.gateway.Broker`."""

    def read_envelope(self, message: str) -> Envelope:
        """Read the outside of an event, as it is accepted."""
        return events.read_envelope(message)

    def read_news(self, message: str) -> News | None:
        """Say what an event is about; None where it is nothing we follow."""
        return events.read_news(message)
