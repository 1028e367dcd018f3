"""Ways an applicant went past without trying them."""

from datetime import datetime

from core import audit
from prefill.ladder import set_rung
from prefill.models import Applicant, Rung
from prefill.operations.applicants import By, lock_applicant
from tenants.walls import inside


def skip_layer(applicant: Applicant, *, by: By, at: datetime) -> None:
    """Go on without Plaid Layer: the person's browser does not open it.

    :raises NotNow: erased (`user_erased`)
    """
    with inside(applicant.tenant_id):
        present = lock_applicant(applicant)
        for name in (Rung.Name.LAYER, Rung.Name.LAYER_DOB):
            set_rung(present, name, Rung.State.CLOSED, reason="skipped", at=at)
        audit.record("layer.skipped", present, by=by, at=at)
