"""Accounts at DriveWealth: opening, changing, what they hold, what moved in them."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from brokerage.drivewealth import account_words, identity, schemas
from brokerage.drivewealth.ledger import read_transaction
from brokerage.drivewealth.pages import read_period
from brokerage.drivewealth.wire import Odd, Wire, part, read, read_rows
from brokerage.gateway import (
    AccountChange,
    AccountState,
    Cash,
    Contact,
    Listing,
    OddRow,
    Position,
    Transaction,
)

THEIR_STATUS = {ours: theirs for theirs, ours in account_words.ACCOUNT_STATUS.items()}
THEIR_REASON = {
    "DUPLICATE": "DUPLICATE_ACCOUNT",
    "DECEASED": "DECEASED",
    "RESTRICTED": "PARTNER_RESTRICTED",
}
MANAGEMENT = {"CUSTODIAL": "CUSTODIAL", "TEEN": "SELF"}
OTHER_POSITIONS = ("optionsPositions", "mutualFundsPositions", "debtPositions")


class Accounts(Wire):
    def create_account(self, *, owner_id: str, key: UUID, kind: str = "CUSTODIAL") -> AccountState:
        """Open a cash account; `kind` is a value of BrokerAccount.Kind.

        A teen account is the adult's own second account: DriveWealth has no user for the teen.
        """
        body = {
            "userID": owner_id,
            "accountType": "LIVE",
            "accountManagementType": MANAGEMENT[kind],
            "tradingType": "CASH",
        }
        return read(account_words.read_opened_account, self._post("/accounts", body, key=key))

    def get_account(self, account_id: str) -> AccountState:
        """Ask for an account's status and number."""
        path = f"/accounts/{part(account_id)}"
        return read(account_words.read_account, self._get(path, label="/accounts/:id"))

    def update_account(self, account_id: str, change: AccountChange) -> AccountState:
        """Change an account's name or status."""
        body = {
            "nickname": change.nickname,
            "status": THEIR_STATUS[change.status] if change.status else None,
            "statusChangeReason": THEIR_REASON[change.reason] if change.reason else None,
            "statusComment": change.comment,
        }
        told = {name: value for name, value in body.items() if value is not None}
        path = f"/accounts/{part(account_id)}"
        answer = self._call("PATCH", path, body=told, label="/accounts/:id")
        return read(account_words.read_account, answer)

    def takes_contact(self) -> bool:
        """Say whether the edition of the description we speak has a trusted contact."""
        return identity.is_newest()

    def tell_contact(self, account_id: str, contact: Contact | None) -> None:
        """Tell whom the account's customer trusts; None: nobody any more.

        It is told when the account is there, not with POST /accounts: what somebody answers
        meanwhile must not change a request that is repeated under its key.
        """
        body = {"trustedContact": identity.write_contact(contact)}
        path = f"/accounts/{part(account_id)}"
        self._call("PATCH", path, body=body, label="/accounts/:id")

    def list_accounts(self, user_id: str) -> Listing[AccountState]:
        """Ask for the accounts a person owns."""
        path = f"/users/{part(user_id)}/accounts"
        found = self._list(path, label="/users/:id/accounts")
        return read_rows(account_words.read_account, found)

    def get_cash(self, account_id: str) -> Cash:
        """Ask for the cash; `for_trade` is what an order may spend now."""
        path = f"/accounts/{part(account_id)}/summary/money"
        return read(schemas.read_cash, self._get(path, label="/accounts/:id/summary/money"))

    def list_positions(self, account_id: str) -> Listing[Position]:
        """Ask for everything the account holds."""
        path = f"/accounts/{part(account_id)}/summary/positions"
        body = self._get(path, label="/accounts/:id/summary/positions")
        return read(_read_positions, body)

    def list_transactions(
        self, account_id: str, *, since: datetime, until: datetime
    ) -> Listing[Transaction]:
        """Ask for every movement of cash or shares in a period, page by page."""
        path = f"/accounts/{part(account_id)}/transactions"
        found = read_period(
            lambda params: self._list(path, params=params, label="/accounts/:id/transactions"),
            names=("finTranID",),
            moments=("tranWhen",),
            since=since,
            until=until,
        )
        entries = read_rows(read_transaction, found)
        return Listing({one.id: one for one in entries}.values(), entries.odd)


def _read_positions(body: dict[str, Any]) -> Listing[Position]:
    """Read what is held; of anything but stocks, which custodial accounts hold, nothing is read."""
    positions = read_rows(schemas.read_position, body["equityPositions"])
    others = [
        odd
        for name in OTHER_POSITIONS
        for odd in read_rows(_refuse_among(name), body.get(name) or []).odd
    ]
    return _tell_apart(Listing(positions, [*positions.odd, *others]))


def _refuse_among(name: str) -> Callable[[Any], Position]:
    def refuse(_row: Any) -> Position:
        raise Odd(f"held among {name}")

    return refuse


def _tell_apart(positions: Listing[Position]) -> Listing[Position]:
    """Keep what is listed once: of two rows for one security nobody says which holds."""
    times = Counter(position.symbol for position in positions)
    twice = [position for position in positions if times[position.symbol] > 1]
    odd = [OddRow("held in more than one row", symbol=position.symbol) for position in twice]
    once = (position for position in positions if times[position.symbol] == 1)
    return Listing(once, [*positions.odd, *odd])
