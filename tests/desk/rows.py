"""One row of every table a family may leave empty, however rarely it is filled."""

from accounts import waiting
from accounts.models import Withdrawal
from accounts.operations import TrustedAnswer, answer_trusted_contact
from accounts.security_models import KnownBrowser, SecurityNote
from brokerage.models import (
    AccountPaper,
    Case,
    CompanyAction,
    ContactNotice,
    DayValue,
    DebitPause,
    IdDocument,
    Letter,
    MicroDeposits,
    Movement,
    Notice,
    OddRows,
    ReconciliationBreak,
)
from brokerage.operations import open_case
from core.models import HaltEnd, IdempotentRequest
from gifting.models import PutAway
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
    CompanyAction.objects.create(
        account=account, kind="SPLIT", about="split-1", happened_at=at, created_at=at
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
    _write_to(family)
    trusted = TrustedAnswer("Grandma", "Sample", "PARENT", "+13035550177", "gran@family.example")
    contact = answer_trusted_contact(parent=parent, answer=trusted, at=at)
    ContactNotice.objects.get_or_create(
        account=account, defaults={"answer": contact, "created_at": at}
    )
    waiting.join(email="waiting@family.example", state="TX", at=at)
    PutAway.objects.create(parent=parent, what="gift:1", at=at)
    IdempotentRequest.objects.create(owner="accounts.user:1", key="k" * 16, created_at=at)
    make_company("acme").make_key()
    fill_every_table(get_default_tenant())
    make_event()


def _write_to(family: Family) -> None:
    """Make a row of each kind of mail, and of what a sign-in leaves."""
    at, parent = family.stage.now(), family.parent
    HaltEnd.objects.get_or_create(name="halt-gifts", defaults={"back_at": at})
    OddRows.objects.create(what="ORDERS", why="no status", number=1, last_seen_at=at, created_at=at)
    Letter.objects.create(kind="CHECK", user=family.account.custodian, created_at=at)
    Notice.objects.create(
        parent=parent, kind="FROM_STAFF", about="x:1", occasion="x", said="Hello", created_at=at
    )
    Withdrawal.objects.create(parent=parent, kind="ACH", withdrawn_at=at, ip_address="203.0.113.5")
    SecurityNote.objects.create(
        user=parent.user, kind="new_sign_in", to=parent.user.email, subject="A new sign-in",
        body="From 203.0.113.5", created_at=at,
    )  # fmt: skip
    KnownBrowser.objects.create(
        user=parent.user, token_hash="t", traces="u", address="a", created_at=at, seen_at=at
    )
