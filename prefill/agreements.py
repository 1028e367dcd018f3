"""The text an applicant agrees to before anybody looks for them, kept word for word.

15 U.S.C. 1681b(a)(2): a consumer reporting agency may furnish a report in accordance with the
written instructions of the consumer to whom it relates.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.documents import INSTRUCTIONS, get_document
from core.errors import Invalid
from prefill.models import Applicant, ApplicantConsent
from tenants.models import DEFAULT_SLUG, Tenant

LONGEST_USER_AGENT = 300
# Spinwheel's own: its partners must show the sentence that names it, with the link, beside the
# button that has a code texted (docs.spinwheel.io, Connect by SMS and User Consent).
END_USER_AGREEMENT = "https://spinwheel.io/legal/end-user-agreement"
AGREEMENT_NAME = "Spinwheel End User Agreement"
BUTTON = "Continue"  # what companies label theirs, unless they put their own word into the text


@dataclass(frozen=True)
class Instructions:
    """That a person agreed to the text of this version; where and with what, as far as known.

    `button` is the label of what they pressed: the text names it.
    """

    text_version: str
    ip_address: str | None
    user_agent: str = ""
    button: str = BUTTON


def get_written_instructions(tenant: Tenant, button: str = BUTTON) -> tuple[str, str]:
    """Return the version of the text a tenant's applicant agrees to, and the text.

    The version ends in a hash of the text: no two texts have the same, whatever the tenant is
    called by then. The button's label, which differs from page to page, is no part of it.
    """
    document = get_document(INSTRUCTIONS)
    text = document.fill(companies=_name_companies(tenant))
    version = f"{document.edition}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    return version, text.replace("{button}", button)


def show_instructions(text: str) -> SafeString:
    """Return the text for a page, with the vendor's agreement as a link."""
    link = format_html(
        '<a href="{}" target="_blank" rel="noopener">{}</a>', END_USER_AGREEMENT, AGREEMENT_NAME
    )
    plain = escape(text).replace("\n\n", "<br><br>")
    return mark_safe(plain.replace(f"{AGREEMENT_NAME}, {END_USER_AGREEMENT}", link))  # noqa: S308


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
    version, text = get_written_instructions(tenant, given.button)
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
