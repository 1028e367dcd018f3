"""Companies whose applicants' forms are filled, and what lies on the applicants' phones."""

from datetime import date
from typing import Any

from core import clock
from core.models import AuditEntry
from prefill.agreements import Instructions, get_written_instructions
from prefill.models import Applicant, FieldValue, PhoneSession, Rung
from prefill.operations import make_applicant, start_phone
from tenants.models import Tenant
from tenants.operations import TenantSettings, change_settings
from tests.stage import Stage
from tests.tenants.company import Company, make_company

BORN = date(1988, 7, 4)
CODE = "123456"  # Spinwheel's practice code, and the one of a text while another lives
SECOND_CODE = "234567"
IP_ADDRESS = "203.0.113.7"


def make_prefilling_company(slug: str, **changes: Any) -> Company:
    """Make a company that verifies phones and links banks."""
    company = make_company(slug)
    chosen: dict[str, Any] = {
        "phone_enabled": True,
        "phone_method": "sms",
        "phone_max_attempts": 3,
        "aggregation_enabled": True,
        "aggregation_products": ["auth", "identity", "layer"],
        "country_codes": ["US"],
    }
    change_settings(member=company.admin, chosen=TenantSettings(**chosen | changes), at=clock.now())
    company.tenant.refresh_from_db()
    return company


def make_person(company: Company, *, mode: str = "test") -> Applicant:
    """Make one of the company's applicants."""
    return make_applicant(tenant=company.tenant, mode=mode, by="tests", at=clock.now())


def agree(tenant: Tenant) -> Instructions:
    """Agree to the text in force."""
    version, _text = get_written_instructions(tenant)
    return Instructions(version, IP_ADDRESS, "Mozilla/5.0")


def start(applicant: Applicant, phone: str, **changes: Any) -> PhoneSession:
    """Have a code texted, now."""
    asked: dict[str, Any] = {
        "applicant": applicant,
        "phone": phone,
        "date_of_birth": BORN,
        "instructions": agree(applicant.tenant),
        "ip_address": None,
        "by": "tests",
        "at": clock.now(),
    }
    return start_phone(**asked | changes)


def number(outcome: str, area: str = "212") -> str:
    """Return a number whose last two digits steer what Spinwheel does."""
    return f"+1{area}55501{outcome}"


def texts(stage: Stage, phone: str) -> list[str]:
    """Return the codes that lie on a phone, oldest first."""
    return [text["text"][:6] for text in stage.state()["texts"] if text["to"] == phone]


def rung(applicant: Applicant, name: str = "SMS") -> tuple[str, str] | None:
    """Return how a rung stands, and why."""
    row = Rung.objects.filter(applicant=applicant, name=name).first()
    return (row.state, row.reason) if row else None


def values(applicant: Applicant, source: str) -> dict[str, str]:
    """Return what a source told, as JSON by path."""
    rows = FieldValue.objects.filter(applicant=applicant, source=source)
    return {row.path: row.value for row in rows}


def trail(subject: Any) -> list[str]:
    """Return the verbs of a row's audit entries, oldest first."""
    name = f"{subject._meta.label_lower}:{subject.pk}"
    return list(
        AuditEntry.objects.filter(subject=name).order_by("id").values_list("verb", flat=True)
    )
