"""The full number Plaid gave, until its owner's form is in."""

import json
from datetime import date, datetime

from django.utils.translation import gettext as _

from core import audit
from core.errors import Invalid
from prefill.models import Applicant, FieldValue, HeldSsn, Source
from prefill.operations.applicants import lock_applicant
from tenants.walls import inside


def get_held_last4(applicant: Applicant, *, at: datetime) -> str:
    """Return the last four digits of the number that is held, or nothing."""
    held = HeldSsn.objects.filter(applicant=applicant, held_until__gt=at).first()
    return held.ssn[-4:] if held else ""


def take_held_ssn(applicant: Applicant, *, born: date, wanted: bool, at: datetime) -> str:
    """Delete the number that is held and return it; empty where there is none any more.

    In the caller's transaction, so that a refused form leaves it where it is.

    :param born: the day of birth of whom it is used for
    :param wanted: whether it is used; else it is deleted only
    :raises Invalid: it came with another day of birth: it is somebody else's
    :raises NotNow: erased (`user_erased`)
    """
    with inside(applicant.tenant_id):
        lock_applicant(applicant)
        held = HeldSsn.objects.select_for_update().filter(applicant=applicant).first()
        if held is None:
            return ""
        ssn = held.ssn if held.held_until > at and wanted else ""
        if ssn and not _came_with(applicant, born):
            message = _("The number from Plaid came with another date of birth. Type this one's.")
            raise Invalid(message, code="ssn_of_another", fields={"ssn": message})
        HeldSsn.objects.filter(applicant=applicant).delete()
        audit.record("held_ssn.taken", applicant, by="prefill", at=at)
    return ssn


def _came_with(applicant: Applicant, born: date) -> bool:
    """Say whether Plaid told this day of birth, or none."""
    told = FieldValue.objects.filter(
        applicant=applicant, source=Source.LAYER, path="personal_info.date_of_birth"
    ).first()
    return told is None or json.loads(told.value) == born.isoformat()
