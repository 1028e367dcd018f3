"""An applicant of whom every table of prefill has a row, and raw answers."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from core import clock
from prefill.engine.prefill import Prefill
from prefill.ladder import set_rung
from prefill.models import (
    Applicant,
    ApplicantConsent,
    HeldSsn,
    LinkSession,
    PhoneSession,
    PlaidAccount,
    PlaidEvent,
    PlaidItem,
    PlaidTransaction,
    Rung,
    Source,
)
from prefill.operations import (
    edit_prefill,
    get_prefill,
    import_raw,
    make_applicant,
    process_import,
    show_prefill,
)
from tenants.models import Tenant
from tenants.walls import inside

P = "personal_info."
PHONE, STREET, EMAIL, SSN = "+13035550142", "77 Quince Court", "quincy@person.example", "538927416"
PROFILE: dict[str, Any] = {
    "firstName": "QUINCY", "lastName": "MCALLISTER", "phoneNumber": PHONE, "emailAddress": EMAIL,
    "ssnLastFourDigits": "7416", "ssn": SSN, "dob": "1984-02-29",
    "addresses": [{"addressLine1": STREET.upper(), "city": "TRENTON", "state": "NJ",
                   "zip": "08608"}],
}  # fmt: skip


def make_person(tenant: Tenant, mode: str = "test", **told: Any) -> Applicant:
    """Make one of a tenant's users."""
    return make_applicant(tenant=tenant, mode=mode, by="tests", at=clock.now(), **told)


def take(applicant: Applicant, source: str, kind: str, payload: Any, **later: float) -> list[str]:
    """Import an answer as an operation that asked the vendor does."""
    at = clock.now() + timedelta(**later)
    with inside(applicant.tenant_id):
        raw = import_raw(applicant=applicant, source=source, kind=kind, payload=payload, at=at)
        return process_import(raw, at=at)


def fill_every_table(tenant: Tenant, mode: str = "test", *, external_id: str = "u-1") -> Applicant:
    """Make one row in each table that belongs to a tenant; return whose they are."""
    at = clock.now()
    applicant = make_person(tenant, mode, external_id=external_id, metadata={"plan": "gold"})
    take(applicant, Source.BUREAU, "profile", {"emailAddress": EMAIL, "ssn": SSN})
    show_prefill(applicant, at=at)
    whose: dict[str, Any] = {"applicant": applicant, "tenant": tenant}
    with inside(tenant.pk):
        set_rung(applicant, Rung.Name.SMS, Rung.State.OFFERED, at=at)
    ApplicantConsent.objects.create(
        **whose, kind="WRITTEN_INSTRUCTIONS", text_version="1", text="I agree.", given_at=at,
        ip_address="192.0.2.7",
    )  # fmt: skip
    PhoneSession.objects.create(
        **whose, mode=mode, phone=PHONE, phone_index="index", date_of_birth="1984-02-29",
        max_attempts=3, expires_at=at + timedelta(minutes=5), spinwheel_user_id=f"sw-{tenant.slug}",
        ip_address="192.0.2.7", created_at=at,
    )  # fmt: skip
    LinkSession.objects.create(
        **whose, mode=mode, kind="link", link_token="link-sandbox-1",
        token_index=f"index {tenant.slug} {mode}", expires_at=at, created_at=at,
    )  # fmt: skip
    item = PlaidItem.objects.create(
        **whose, mode=mode, item_id=f"item {tenant.slug} {mode}", access_token="access-sandbox-1",
        institution_name="First Platypus Bank", created_at=at,
    )  # fmt: skip
    account = make_account(item, "100.10")
    PlaidTransaction.objects.create(
        tenant=tenant, account=account, transaction_id=f"tx {tenant.slug} {mode}",
        amount=Decimal("12.40"), happened_on=at.date(), name="Book Cellar",
    )  # fmt: skip
    HeldSsn.objects.create(**whose, ssn=SSN, held_until=at + timedelta(hours=2))
    Applicant.objects.filter(pk=applicant.pk).update(phone=PHONE, phone_verified_at=at)
    return applicant


def make_account(item: PlaidItem, current: str, **changes: Any) -> PlaidAccount:
    about = {"name": "Everyday", "type": "depository", "subtype": "checking", "mask": "0000",
             "currency": "USD", "account_id": f"a {current}"}  # fmt: skip
    return PlaidAccount.objects.create(
        tenant=item.tenant, item=item, current=Decimal(current), updated_at=clock.now(),
        **about | changes,
    )  # fmt: skip


def make_event() -> PlaidEvent:
    at = clock.now()
    return PlaidEvent.objects.create(
        mode="test", digest="d" * 64, type="ITEM.ERROR", payload="{}", received_at=at
    )


def known(applicant: Applicant) -> Prefill:
    return get_prefill(applicant, at=clock.now())


def person(applicant: Applicant) -> dict[str, Any]:
    found: dict[str, Any] = known(applicant).as_data()["personal_info"]
    return found


def edit(applicant: Applicant, **changes: Any) -> Prefill:
    said = {P + name: value for name, value in changes.items()}
    return edit_prefill(applicant, said, by="tests", at=clock.now())
