"""The text an applicant agrees to before anybody looks for them, kept word for word.

15 U.S.C. 1681b(a)(2): a consumer reporting agency may furnish a report in accordance with the
written instructions of the consumer to whom it relates.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.errors import Invalid
from prefill.models import Applicant, ApplicantConsent
from tenants.models import DEFAULT_SLUG, Tenant

EDITION = "2026-11"
LONGEST_USER_AGENT = 300


@dataclass(frozen=True)
class Instructions:
    """That a person agreed to the text of this version; where and with what, as far as known."""

    text_version: str
    ip_address: str | None
    user_agent: str = ""


def get_written_instructions(tenant: Tenant) -> tuple[str, str]:
    """Return the version of the text a tenant's applicant agrees to, and the text.

    The version ends in a hash of the text: no two texts have the same, whatever the tenant is
    called by then.
    """
    text = _(
        "I give %(companies)s, my written "
        "instructions under the Fair Credit Reporting Act to get information about me from "
        "consumer reporting agencies: my name, my addresses, my e-mail, my date of birth and the "
        "last four digits of my Social Security number. It is used to check who I am and to fill "
        "in my form, which I can correct before I send it, and for nothing else. I am not "
        "applying for credit. I agree to get one text message with a code at this number each "
        "time I ask for one; message and data rates may apply. I do not have to agree: I can "
        "fill in the form by hand."
    ) % {"companies": _name_companies(tenant)}
    return f"{EDITION}.{hashlib.sha256(text.encode()).hexdigest()[:8]}", text


def _name_companies(tenant: Tenant) -> str:
    """Return who is given the instructions; a tenant's customer gives them to us as well."""
    company = {"company": tenant.shown_name}
    if tenant.slug == DEFAULT_SLUG:
        return _("%(company)s, and Spinwheel, which works for it") % company
    return _("%(company)s, and StockSprout and Spinwheel, which work for it") % company


def check_instructions(given: Instructions, tenant: Tenant) -> None:
    """Refuse an agreement to another text than the one in force.

    :raises Invalid: consent_outdated
    """
    version, _text = get_written_instructions(tenant)
    if given.text_version != version:
        message = _("The text to agree to has changed. Please read it again.")
        raise Invalid(message, code="consent_outdated", fields={"text_version": message})


def record_instructions(
    applicant: Applicant, given: Instructions, tenant: Tenant, *, at: datetime
) -> ApplicantConsent:
    """Keep the agreement, in the caller's transaction."""
    version, text = get_written_instructions(tenant)
    return ApplicantConsent.objects.create(
        tenant_id=applicant.tenant_id,
        applicant=applicant,
        kind=ApplicantConsent.Kind.WRITTEN_INSTRUCTIONS,
        text_version=version,
        text=text,
        given_at=at,
        ip_address=given.ip_address or None,
        user_agent=given.user_agent.replace("\0", "")[:LONGEST_USER_AGENT],
    )
