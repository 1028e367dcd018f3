"""Making applicants, changing what a tenant says of them, and locking them for a write."""

import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts.models import Parent
from core import audit
from core.errors import Invalid, NotNow
from prefill.models import Applicant
from tenants.models import Mode, Tenant
from tenants.walls import inside

LONGEST_ID = 255
MOST_METADATA = 4096  # characters of JSON

By = models.Model | str


def make_applicant(
    *,
    tenant: Tenant,
    mode: str,
    external_id: str = "",
    metadata: dict[str, Any] | None = None,
    by: By,
    at: datetime,
) -> Applicant:
    """Make somebody a tenant's form is filled for.

    :raises Invalid: an external id or metadata we do not keep
    :raises NotNow: the tenant has somebody of this external id (`user_exists`)
    """
    about = {"metadata": _clean_metadata(metadata or {}), "created_at": at}
    external_id = _clean_external_id(external_id)
    with inside(tenant.pk):
        if external_id:
            applicant, created = Applicant.objects.get_or_create(
                tenant=tenant, mode=mode, external_id=external_id, defaults=about
            )
            if not created:
                raise _exists()
        else:
            applicant = Applicant.objects.create(tenant=tenant, mode=mode, **about)
        audit.record("applicant.made", applicant, by=by, at=at, mode=mode)
    return applicant


def get_own_applicant(parent: Parent, *, at: datetime) -> Applicant:
    """Return the applicant a parent of ours is, made if they are none yet."""
    with inside(parent.tenant_id):
        applicant, created = Applicant.objects.get_or_create(
            parent_id=parent.pk,
            defaults={"tenant_id": parent.tenant_id, "mode": Mode.LIVE, "created_at": at},
        )
        if created:
            audit.record("applicant.made", applicant, by=parent, at=at, mode=Mode.LIVE)
    return applicant


def change_applicant(
    applicant: Applicant,
    *,
    external_id: str | None = None,
    metadata: dict[str, Any] | None = None,
    by: By,
    at: datetime,
) -> Applicant:
    """Change what the tenant says of them; None leaves a part as it is.

    :raises Invalid: an external id or metadata we do not keep
    :raises NotNow: erased (`user_erased`), or the external id is another's (`user_exists`)
    """
    changes: dict[str, Any] = {}
    if external_id is not None:
        changes["external_id"] = _clean_external_id(external_id)
    if metadata is not None:
        changes["metadata"] = _clean_metadata(metadata)
    with inside(applicant.tenant_id):
        present = lock_applicant(applicant)
        changed = sorted(name for name, new in changes.items() if getattr(present, name) != new)
        for name in changed:
            setattr(present, name, changes[name])
        if changed:
            _save(present, changed)
            audit.record("applicant.changed", present, by=by, at=at, changed=changed)
    return present


def lock_applicant(applicant: Applicant) -> Applicant:
    """Return the applicant read again and locked, in the caller's transaction.

    Who writes anything of an applicant locks this row first, so that nothing comes in after an
    erasure. New rows that only refer to it do not wait.

    :raises NotNow: erased meanwhile (`user_erased`)
    """
    rows = Applicant.objects.select_for_update(no_key=True, of=("self",)).select_related("tenant")
    present: Applicant = rows.get(pk=applicant.pk)
    if present.status != Applicant.Status.ACTIVE:
        raise NotNow(_("This person's data has been erased."), code="user_erased")
    return present


def _save(applicant: Applicant, changed: list[str]) -> None:
    try:
        with transaction.atomic():
            applicant.save(update_fields=changed)
    except IntegrityError as error:
        if "external_id" in changed:
            raise _exists() from error
        raise


def _exists() -> NotNow:
    return NotNow(_("There is a user of this external id already."), code="user_exists")


def _clean_external_id(text: str) -> str:
    tidy = text.strip()
    if len(tidy) > LONGEST_ID or not tidy.isprintable():
        message = _("Use up to %d printable characters.") % LONGEST_ID
        raise Invalid(message, fields={"external_id": message})
    return tidy


def _clean_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(metadata, allow_nan=False)
    except (TypeError, ValueError):
        text = ""
    if not text or len(text) > MOST_METADATA or "\\u0000" in text:
        message = _("Send an object of up to %d characters of JSON.") % MOST_METADATA
        raise Invalid(message, fields={"metadata": message})
    return metadata
