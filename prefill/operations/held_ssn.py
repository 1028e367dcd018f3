"""The full number Plaid gave, until its owner's form is in."""

from datetime import datetime

from core import audit
from prefill.models import Applicant, HeldSsn
from prefill.operations.applicants import lock_applicant
from tenants.walls import inside


def get_held_last4(applicant: Applicant, *, at: datetime) -> str:
    """Return the last four digits of the number that is held, or nothing."""
    held = HeldSsn.objects.filter(applicant=applicant, held_until__gt=at).first()
    return held.ssn[-4:] if held else ""


def take_held_ssn(applicant: Applicant, *, at: datetime) -> str:
    """Delete the number that is held and return it; empty where there is none any more.

    In the caller's transaction, so that a refused form leaves it where it is.

    :raises NotNow: erased (`user_erased`)
    """
    with inside(applicant.tenant_id):
        lock_applicant(applicant)
        held = HeldSsn.objects.select_for_update().filter(applicant=applicant).first()
        if held is None:
            return ""
        ssn = held.ssn if held.held_until > at else ""
        HeldSsn.objects.filter(applicant=applicant).delete()
        audit.record("held_ssn.taken", applicant, by="prefill", at=at)
    return ssn
