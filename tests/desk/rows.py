"""One row of every table a family may leave empty, however rarely it is filled."""

from accounts.operations import TrustedAnswer, answer_trusted_contact
from brokerage.models import (
    AccountPaper,
    Case,
    DayValue,
    DebitPause,
    IdDocument,
    MicroDeposits,
    Movement,
    ReconciliationBreak,
)
from brokerage.operations import open_case
from core.models import IdempotentRequest
from tenants.models import get_default_tenant
from tests.cast import Family
from tests.prefill.people import fill_every_table, make_event
from tests.tenants.company import make_company


def fill(family: Family) -> None:
    """Make a row of what a purchase alone leaves empty."""
    at, account, parent = family.stage.now(), family.account, family.parent
    ReconciliationBreak.objects.create(
        account=account, kind="CASH", ours=1, theirs=2, last_seen_at=at, created_at=at
    )
    open_case(Case.Kind.BREAK, account, summary="Books differ.", at=at, account=account)
    DebitPause.objects.create(parent=parent, code="R10", created_at=at)
    Movement.objects.get_or_create(
        account=account,
        vendor_id="tran-1",
        defaults={"kind": "DIVIDEND", "happened_at": at, "created_at": at},
    )
    DayValue.objects.get_or_create(
        account=account,
        on=at.date(),
        defaults={"cash": 1, "shares_value": 1, "cost_basis": 1, "paid_in": 1, "read_at": at},
    )
    IdDocument.objects.create(
        holder=account.custodian, kind="PASSPORT", content="c2VjcmV0", created_at=at
    )
    MicroDeposits.objects.get_or_create(
        bank=family.bank, defaults={"amounts": "12,34", "created_at": at}
    )
    AccountPaper.objects.get_or_create(
        account=account,
        vendor_id="20261101-1",
        defaults={"kind": "STATEMENT", "name": "November", "noticed_at": at},
    )
    trusted = TrustedAnswer("Grandma", "Sample", "PARENT", "+13035550177", "gran@family.example")
    answer_trusted_contact(parent=parent, answer=trusted, at=at)
    IdempotentRequest.objects.create(owner="accounts.user:1", key="k" * 16, created_at=at)
    make_company("acme").make_key()
    fill_every_table(get_default_tenant())
    make_event()
