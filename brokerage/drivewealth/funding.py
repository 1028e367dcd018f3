"""Money into accounts at DriveWealth: linked banks, deposits, where to send money to."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from brokerage.drivewealth import schemas
from brokerage.drivewealth.identity import is_newest
from brokerage.drivewealth.pages import read_payments
from brokerage.drivewealth.wire import Wire, part, read, read_rows
from brokerage.gateway import (
    BankDetails,
    BankState,
    Coordinates,
    DepositInstructions,
    DepositState,
    Listing,
    PlaidBank,
    Rejected,
    Trace,
    Unavailable,
)

BANK_STATUS = {"ACTIVE": "ACTIVE", "DISABLED": "DISABLED", "DELETED": "REMOVED"}
BANK_GONE = "K050"  # at bank endpoints; among KYC codes it means something else
TOKEN_REFUSED = "K110"  # noqa: S105 - likewise


class Funding(Wire):
    def create_bank(self, user_id: str, details: BankDetails | PlaidBank, *, key: UUID) -> str:
        """Link a bank account by its numbers or Plaid's token; return the broker's id.

        :raises Rejected: among others with our code `bank_token`: Plaid's token is no good
        """
        body = {"userID": user_id, "bankAccountNickname": details.nickname}
        if isinstance(details, PlaidBank):
            body["plaidProcessorToken"] = details.processor_token
            if is_newest() and details.account_id:
                body["plaidBankAccountID"] = details.account_id
                body["bankAccountType"] = details.kind
        else:
            body |= {
                "bankAccountNumber": details.account_number,
                "bankRoutingNumber": details.routing_number,
                "bankAccountType": details.kind,
            }
        try:
            return read(schemas.read_id, self._post("/bank-accounts", body, key=key))
        except Rejected as refusal:
            if refusal.code != TOKEN_REFUSED:
                raise
            raise Rejected(refusal.reason, code="bank_token") from refusal

    def get_bank(self, bank_id: str) -> BankState:
        """Ask how a linked bank stands; one the broker does not know any more is REMOVED."""
        path = f"/bank-accounts/{part(bank_id)}"
        try:
            return read(_read_bank, self._get(path, label="/bank-accounts/:id"))
        except Rejected as refusal:
            if refusal.code != BANK_GONE:
                raise
            return BankState(id=bank_id, status="REMOVED", last4="")

    def list_banks(self, user_id: str) -> Listing[BankState]:
        """Ask for a person's linked banks."""
        path = f"/users/{part(user_id)}/bank-accounts"
        found = self._list(path, label="/users/:id/bank-accounts")
        return read_rows(_read_bank, found)

    def remove_bank(self, bank_id: str) -> None:
        """Unlink a bank; one that is gone already is fine."""
        path = f"/bank-accounts/{part(bank_id)}"
        try:
            self._call("DELETE", path, label="/bank-accounts/:id")
        except Rejected as refusal:
            if refusal.code != BANK_GONE:
                raise

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
            # Answers are documented to repeat the note, events the metadata.
            "note": str(key),
            "metadata": {"clientDepositRef": str(key)},
        }
        return read(schemas.read_made_deposit, self._post("/funding/deposits", body, key=key))

    def get_deposit(self, deposit_id: str) -> DepositState:
        """Ask how a deposit stands."""
        path = f"/funding/deposits/{part(deposit_id)}"
        return read(schemas.read_deposit, self._get(path, label="/funding/deposits/:id"))

    def list_deposits(self, account_id: str) -> Listing[DepositState]:
        """Ask for every deposit into an account, also those nobody made through us."""
        path = f"/accounts/{part(account_id)}/funding/deposits"
        found = read_payments(
            lambda params: self._list(path, params=params, label="/accounts/:id/funding/deposits"),
            names=("id", "paymentID"),
        )
        return read_rows(schemas.read_deposit, found)

    def trace_deposit(self, account_id: str, *, key: UUID, amount: Decimal) -> Trace[DepositState]:
        """Look for a deposit by our reference, for when its answer was lost.

        Lists and reads are documented to repeat `note`; where a list tells no reference the
        deposit itself is asked.

        :raises Unavailable: among others where a row that can not be read may be the one
        """
        listed, reference, nameless = self.list_deposits(account_id), str(key), []
        for row in listed:
            if row.reference == reference:
                return Trace(found=row)
        for row in listed:
            if row.reference or row.amount != amount:
                continue
            whole = self.get_deposit(row.id)
            if whole.reference == reference:
                return Trace(found=whole)
            if not whole.reference:
                nameless.append(whole)
        if listed.odd:
            raise Unavailable("DriveWealth lists deposits that can not be told apart")
        return Trace(nameless=tuple(nameless))

    def get_deposit_instructions(self, account_id: str) -> DepositInstructions:
        """Ask where money for this account may be sent by wire or ACH credit."""
        path = f"/accounts/{part(account_id)}/funding/deposit-instructions"
        return read(
            _read_instructions, self._get(path, label="/accounts/:id/funding/deposit-instructions")
        )


def _read_bank(row: dict[str, Any]) -> BankState:
    details = row.get("bankAccountDetails") or {}
    # Its pages spell the same field both ways.
    nickname = details.get("bankAccountNickname") or details.get("bankAccountNickName") or ""
    return BankState(
        id=schemas.read_id(row),
        status=schemas.known(BANK_STATUS, schemas.name_of(row["status"]), "bank"),
        last4=str(details.get("bankAccountNumber") or "")[-4:],
        bank_name=str(details.get("bankName") or ""),
        nickname=str(nickname),
        routing_number=str(details.get("bankRoutingNumber") or ""),
    )


def _read_instructions(body: dict[str, Any]) -> DepositInstructions:
    """Read GET …/deposit-instructions; `wireDetails` are for wires from abroad (SWIFT)."""
    return DepositInstructions(
        wire=_read_coordinates(body.get("wireDomesticDetails")),
        foreign_wire=_read_coordinates(body.get("wireDetails")),
        ach=_read_coordinates(body.get("achDetails")),
    )


def _read_coordinates(details: dict[str, Any] | None) -> Coordinates | None:
    """Read one way to pay in; one without an account number is none."""
    if not details or not details.get("bankAccountNumber"):
        return None
    return Coordinates(
        beneficiary=str(details.get("beneficiaryName") or ""),
        beneficiary_address=_read_address(details.get("beneficiaryAddress")),
        account_number=str(details["bankAccountNumber"]),
        routing_number=str(details.get("bankRoutingNumber") or ""),
        bank=str(details.get("bankName") or ""),
        bank_address=_read_address(details.get("bankAddress")),
        swift=str(details.get("bankSwiftCode") or ""),
    )


def _read_address(address: Any) -> str:
    """Return an address in one line, whether it came in parts or as text."""
    if not isinstance(address, dict):
        return str(address or "")
    names = ("addressLine1", "addressLine2", "city", "stateProvince", "zipPostalCode", "country")
    return ", ".join(str(address[name]) for name in names if address.get(name))
