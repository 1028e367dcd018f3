"""One method per thing we ask DriveWealth; each is one HTTP call through the vendor door."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings

from brokerage.drivewealth import events, schemas
from brokerage.drivewealth.errors import rejection
from brokerage.drivewealth.tokens import CredentialsRefused, Minted, TokenStore
from brokerage.gateway import (
    AccountState,
    BankDetails,
    Cash,
    Custodian,
    DepositState,
    Envelope,
    KycState,
    Minor,
    News,
    OrderState,
    Position,
    Quote,
    Security,
)
from core.vendors import Answer, Door, Unavailable

STALE_TOKEN = {
    "L024",
    "L025",
    "L065",
    "L075",
    "H065",
    "H080",
    "H081",
    "H082",
    "H085",
    "H090",
    "H100",
}

UNDECIDED = {"E101", "IK075"}  # a key repeated too often or still at work: the first may count

T = TypeVar("T")


class DriveWealth:
    """The back-office API (`/back-office`). Satisfies `brokerage.gateway.Broker`."""

    def __init__(self) -> None:
        self._door = Door(
            "drivewealth", settings.DRIVEWEALTH_BASE_URL, request_id_header="dw-request-id"
        )
        self._tokens = TokenStore(f"drivewealth:{settings.DRIVEWEALTH_CLIENT_ID}", self._mint)

    # --- people -------------------------------------------------------------------------------

    def create_user(self, person: Custodian | Minor, *, key: UUID) -> str:
        """Make a person known; return the broker's id, all we keep of an answer that echoes."""
        body = self._post("/users", _write_person(person), key=key)
        return _read(schemas.read_id, body)

    def update_user(self, user_id: str, person: Custodian | Minor) -> None:
        """Send a person's details again; the broker checks them anew."""
        documents = {"documents": _write_person(person)["documents"]}
        self._call("PATCH", f"/users/{user_id}", body=documents, label="/users/:id")

    def get_kyc(self, user_id: str) -> KycState:
        """Ask how the identity check stands."""
        path = f"/users/{user_id}/kyc-status"
        return _read(schemas.read_kyc, self._get(path, label="/users/:id/kyc-status"))

    # --- accounts -----------------------------------------------------------------------------

    def create_account(self, *, owner_id: str, key: UUID) -> AccountState:
        """Open a custodial cash account."""
        body = {
            "userID": owner_id,
            "accountType": "LIVE",
            "accountManagementType": "CUSTODIAL",
            "tradingType": "CASH",
        }
        return _read(schemas.read_account, self._post("/accounts", body, key=key))

    def get_account(self, account_id: str) -> AccountState:
        """Ask for an account's status and number."""
        return _read(
            schemas.read_account, self._get(f"/accounts/{account_id}", label="/accounts/:id")
        )

    def get_cash(self, account_id: str) -> Cash:
        """Ask for the cash; `for_trade` is what an order may spend now."""
        path = f"/accounts/{account_id}/summary/money"
        return _read(schemas.read_cash, self._get(path, label="/accounts/:id/summary/money"))

    def list_positions(self, account_id: str) -> list[Position]:
        """Ask for everything the account holds."""
        path = f"/accounts/{account_id}/summary/positions"
        return _read(
            schemas.read_positions, self._get(path, label="/accounts/:id/summary/positions")
        )

    # --- banks and deposits -------------------------------------------------------------------

    def create_bank(self, user_id: str, details: BankDetails, *, key: UUID) -> str:
        """Link a bank account by its numbers; return the broker's id."""
        body = {
            "userID": user_id,
            "bankAccountNickname": details.nickname,
            "bankAccountNumber": details.account_number,
            "bankRoutingNumber": details.routing_number,
            "bankAccountType": details.kind,
        }
        return _read(schemas.read_id, self._post("/bank-accounts", body, key=key))

    def create_deposit(
        self, *, account_number: str, bank_id: str, amount: Decimal, key: UUID
    ) -> DepositState:
        """Debit the bank by ACH; the key doubles as our reference."""
        body = {
            "accountNo": account_number,
            "amount": amount,
            "currency": "USD",
            "type": "ACH",
            "bankAccountID": bank_id,
            "metadata": {"clientDepositRef": str(key)},
        }
        return _read(schemas.read_deposit, self._post("/funding/deposits", body, key=key))

    def get_deposit(self, deposit_id: str) -> DepositState:
        """Ask how a deposit stands."""
        path = f"/funding/deposits/{deposit_id}"
        return _read(schemas.read_deposit, self._get(path, label="/funding/deposits/:id"))

    def find_deposit(self, account_id: str, *, key: UUID) -> DepositState | None:
        """Look for a deposit by our reference, for when the broker no longer remembers the key."""
        path = f"/accounts/{account_id}/funding/deposits"
        rows = self._get(path, label="/accounts/:id/funding/deposits")
        found = (_read(schemas.read_deposit, row) for row in _rows(rows))
        return next((deposit for deposit in found if deposit.reference == str(key)), None)

    # --- orders ---------------------------------------------------------------------------------

    def create_order(
        self, *, account_number: str, symbol: str, amount: Decimal, key: UUID
    ) -> OrderState:
        """Buy for an amount at market, in fractions; outside the session it queues for the next."""
        body = {
            "accountNo": account_number,
            "orderType": "MARKET",
            "symbol": symbol,
            "side": "BUY",
            "amountCash": amount,
            "clientOrderID": str(key),
        }
        return _read(schemas.read_placed_order, self._post("/orders", body, key=key))

    def get_order(self, order_id: str) -> OrderState:
        """Ask how an order stands."""
        return _read(schemas.read_order, self._get(f"/orders/{order_id}", label="/orders/:id"))

    def find_order(
        self, account_id: str, *, key: UUID, since: datetime, until: datetime
    ) -> OrderState | None:
        """Look for an order by our reference among the resting and the closed ones."""
        resting = self._get(
            f"/accounts/{account_id}/summary/orders", label="/accounts/:id/summary/orders"
        )
        closed = self._get(
            f"/accounts/{account_id}/reports/order-history",
            params={"from": since.isoformat(), "to": until.isoformat()},
            label="/accounts/:id/reports/order-history",
        )
        for row in [*_rows(resting), *_rows(closed)]:
            # Lists need not tell the reference; then the order itself is asked.
            if row.get("clientOrderID") in (None, str(key)):
                order_id = _read(schemas.read_order_id, row)
                order = self._get(f"/orders/{order_id}", label="/orders/:id")
                state = _read(schemas.read_order, order)
                if order.get("clientOrderID") == str(key):
                    return state
        return None

    # --- instruments --------------------------------------------------------------------------

    def get_security(self, security_id: str) -> Security:
        """Ask for one instrument."""
        path = f"/instruments/{security_id}"
        return _read(schemas.read_security, self._get(path, label="/instruments/:id"))

    def list_securities(self) -> list[Security]:
        """Ask for the whole catalogue; DriveWealth wants this at most twice a day."""
        rows = _rows(self._get("/instruments", params={"status": "ACTIVE"}, label="/instruments"))
        if not rows:
            raise Unavailable("DriveWealth sent an empty catalogue")
        return [_read(schemas.read_security, row) for row in rows]

    def list_quotes(self, symbols: list[str]) -> list[Quote]:
        """Ask for the last trades of some symbols."""
        rows = self._get("/quotes", params={"symbols": ",".join(symbols)}, label="/quotes")
        return [_read(schemas.read_quote, row) for row in _rows(rows)]

    # --- events -------------------------------------------------------------------------------

    def read_envelope(self, message: str) -> Envelope:
        """Read the outside of an event, as it is accepted."""
        return events.read_envelope(message)

    def read_news(self, message: str) -> News | None:
        """Say what an event is about; None where it is nothing we follow."""
        return events.read_news(message)

    # --- the wire -------------------------------------------------------------------------------

    def _get(self, path: str, *, label: str, params: dict[str, str] | None = None) -> Any:
        return self._call("GET", path, label=label, params=params)

    def _post(self, path: str, body: dict[str, Any], *, key: UUID) -> dict[str, Any]:
        answer = self._call("POST", path, body=body, label=path, key=key)
        if not isinstance(answer, dict):
            raise Unavailable("DriveWealth answered in another shape than it documents")
        return answer

    def _call(
        self,
        method: str,
        path: str,
        *,
        label: str,
        body: Any = None,
        params: dict[str, str] | None = None,
        key: UUID | None = None,
    ) -> Any:
        """Call with the shared token; where it was refused, once more with a new one."""
        token = self._tokens.get()
        answer = self._send(method, path, label, body, params, key, token)
        if answer.status == 401 or _code(answer) in STALE_TOKEN:
            self._tokens.drop(token)
            answer = self._send(method, path, label, body, params, key, self._tokens.get())
            if answer.status == 401 or _code(answer) in STALE_TOKEN:
                raise Unavailable("DriveWealth refuses our token")
        if _code(answer) in UNDECIDED:
            raise Unavailable(f"DriveWealth does not say what became of it ({_code(answer)})")
        if answer.status >= 400:
            raise rejection(answer)
        return answer.body

    def _send(
        self,
        method: str,
        path: str,
        label: str,
        body: Any,
        params: dict[str, str] | None,
        key: UUID | None,
        token: str,
    ) -> Answer:
        headers = {
            "dw-client-app-key": settings.DRIVEWEALTH_APP_KEY,
            "Authorization": f"Bearer {token}",
        }
        if key is not None:
            headers["Idempotency-Key"] = str(key)
        return self._door.send(
            method, "/back-office" + path, headers=headers, body=body, params=params, label=label
        )

    def _mint(self) -> Minted:
        answer = self._door.send(
            "POST",
            "/back-office/auth/tokens",
            headers={"dw-client-app-key": settings.DRIVEWEALTH_APP_KEY},
            body={
                "clientID": settings.DRIVEWEALTH_CLIENT_ID,
                "clientSecret": settings.DRIVEWEALTH_CLIENT_SECRET,
            },
            label="/auth/tokens",
        )
        if answer.status >= 400:
            raise CredentialsRefused(f"DriveWealth refuses our credentials ({answer.status})")
        return _read(_read_minted, answer.body)


def _write_person(person: Custodian | Minor) -> dict[str, Any]:
    if isinstance(person, Minor):
        return schemas.write_minor(person)
    return schemas.write_custodian(person)


def _read(reader: Callable[[Any], T], body: Any) -> T:
    """Read an answer; one of another shape than documented is no answer to act on."""
    try:
        return reader(body)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise Unavailable(
            f"DriveWealth answered in another shape than it documents ({type(error).__name__})"
        ) from error


def _read_minted(body: dict[str, Any]) -> Minted:
    return Minted(str(body["access_token"]), int(body["expires_in"]))


def _rows(body: Any) -> list[dict[str, Any]]:
    """Return the rows of a list, bare or wrapped in `orders`.

    :raises Unavailable: another shape, which must not be taken for "there is none"
    """
    rows = body.get("orders") if isinstance(body, dict) else body
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unavailable("DriveWealth answered in another shape than it documents (no list)")
    return rows


def _code(answer: Answer) -> str:
    return str(answer.body.get("errorCode", "")) if isinstance(answer.body, dict) else ""
