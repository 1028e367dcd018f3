"""A practice person for a tenant's developer to try the SDK with."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import NotNow
from prefill.models import Applicant
from prefill.operations.applicants import make_applicant
from tenants.models import ApiKey, Membership, Mode
from tenants.operations import create_client_token
from tenants.operations.acting import lock_for
from tenants.rules import Permission


@transaction.atomic
def start_trial(*, member: Membership, key: ApiKey, at: datetime) -> tuple[Applicant, str]:
    """Make a practice person and a browser's token for them; return both.

    :raises NotAllowed: the member may not use keys
    :raises NotNow: the tenant is suspended, or the key is live or over
    """
    actor = lock_for(member, Permission.WRITE_API_CONFIG)
    if key.mode != Mode.TEST or not key.works_at(at):
        raise NotNow(_("Choose a sandbox key that works."), code="key_unusable")
    applicant = make_applicant(tenant=actor.tenant, mode=Mode.TEST, by=actor.user, at=at)
    _token, text = create_client_token(key=key, subject=applicant.pk, at=at)
    return applicant, text
