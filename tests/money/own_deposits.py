"""Deposits outside gifts, as tests ask for them and the bank answers."""

from decimal import Decimal
from uuid import UUID, uuid4

from brokerage.deposit_forms import authorization_text
from brokerage.models import Deposit
from brokerage.operations import start_deposit
from brokerage.operations.deposits import DepositRequest
from tests.cast import Family


def add(family: Family, amount: str = "40.00", *, form_key: UUID | None = None) -> Deposit:
    """Have the parent add money."""
    asked = DepositRequest(
        account=family.account,
        bank=family.bank,
        amount=Decimal(amount),
        authorization=authorization_text(family.child, [family.bank]),
        form_key=form_key or uuid4(),
        ip_address="127.0.0.1",
    )
    return start_deposit(asked, by=family.parent, at=family.stage.now())


def bank_says(family: Family, deposit: Deposit, status: str, code: str = "") -> None:
    """Let the bank decide on a deposit."""
    body = {"status": status, "code": code}
    family.stage.control("POST", f"deposits/{deposit.vendor_id}", body)


def hear(family: Family) -> None:
    """Let the next look at what is under way come."""
    family.stage.advance(3700)
    family.stage.work()
