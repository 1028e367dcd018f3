"""Making, rotating and revoking keys, and noting their use."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import Invalid, NotNow
from tenants.models import ApiKey, Membership, Mode, Scope
from tenants.operations.acting import lock_for
from tenants.rules import Permission
from tenants.secrets import make_key

USE_NOTED_EVERY = timedelta(minutes=1)
LONGEST_OVERLAP = timedelta(days=90)
MOST_KEYS = 50  # that work at once, of one tenant


@transaction.atomic
def create_key(
    *,
    member: Membership,
    name: str,
    mode: str,
    scopes: Sequence[str],
    form_key: UUID,
    at: datetime,
) -> tuple[ApiKey, str]:
    """Make a key; return it and its text, which is kept nowhere and shown once.

    :param form_key: of the form that asked: sent twice, it makes one key
    :raises NotAllowed: the role may not
    :raises Invalid: an unknown mode or scope, or none
    :raises NotNow: suspended, made already, or too many keys
    """
    actor = lock_for(member, Permission.WRITE_API_CONFIG)
    if mode not in Mode.values:
        raise Invalid(_("Choose sandbox or live."), fields={"mode": _("Choose sandbox or live.")})
    if not scopes or not set(scopes) <= set(Scope.values):
        message = _("Choose what the key may be used for.")
        raise Invalid(message, fields={"scopes": message})
    key, text = _make(actor, name, mode, sorted(set(scopes)), form_key, at)
    audit.record("api_key.created", key, by=actor.user, at=at, mode=mode, scopes=key.scopes)
    return key, text


@transaction.atomic
def rotate_key(
    *, member: Membership, key: ApiKey, overlap: timedelta, form_key: UUID, at: datetime
) -> tuple[ApiKey, str]:
    """Make a key in another's place; the old one works until `at + overlap`.

    :raises NotAllowed: the role may not
    :raises Invalid: an overlap below nothing or past 90 days
    :raises NotNow: suspended, or the key is revoked, expired or was rotated already
    """
    actor = lock_for(member, Permission.WRITE_API_CONFIG)
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        message = _("The old key can go on for up to 90 days.")
        raise Invalid(message, fields={"overlap": message})
    old = ApiKey.objects.select_for_update().get(pk=key.pk, tenant=actor.tenant)
    if not old.works_at(at) or old.replaced_by_id:
        raise NotNow(_("This key was rotated or revoked already."), code="key_not_active")
    new, text = _make(actor, old.name, old.mode, old.scopes, form_key, at)
    old.replaced_by, old.expires_at = new, at + overlap
    old.save(update_fields=["replaced_by", "expires_at"])
    audit.record(
        "api_key.rotated", old, by=actor.user, at=at, to=new.pk, works_until=old.expires_at
    )
    return new, text


@transaction.atomic
def revoke_key(*, member: Membership, key: ApiKey, at: datetime) -> None:
    """End a key at once and for ever; a repeat changes nothing.

    :raises NotAllowed: the role may not
    :raises NotNow: the tenant is suspended
    """
    actor = lock_for(member, Permission.WRITE_API_CONFIG)
    rows = ApiKey.objects.filter(pk=key.pk, tenant=actor.tenant, revoked_at=None)
    if rows.update(revoked_at=at):
        audit.record("api_key.revoked", key, by=actor.user, at=at)


def note_use(key: ApiKey, *, at: datetime) -> None:
    """Write down that the key was used, at most once a minute and without waiting for anybody.

    Who finds the row held by another request leaves it: that one has just noted the same.
    """
    before = at - USE_NOTED_EVERY
    if key.last_used_at and key.last_used_at > before:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tenants_apikey SET last_used_at = %(at)s WHERE id IN ("
            "SELECT id FROM tenants_apikey WHERE id = %(id)s"
            " AND (last_used_at IS NULL OR last_used_at <= %(before)s)"
            " FOR NO KEY UPDATE SKIP LOCKED)",
            {"at": at, "id": key.pk, "before": before},
        )


def _make(
    actor: Membership,
    name: str,
    mode: str,
    scopes: Sequence[str],
    form_key: UUID,
    at: datetime,
) -> tuple[ApiKey, str]:
    """Write a key, in the caller's transaction and under the tenant's lock."""
    keys = ApiKey.objects.filter(tenant=actor.tenant)
    if ApiKey.objects.filter(form_key=form_key).exists():
        message = _(
            "This key is made already. Its secret was shown once and can not be read again."
        )
        raise NotNow(message, code="key_made")
    if sum(key.works_at(at) for key in keys.filter(revoked_at=None)) >= MOST_KEYS:
        message = _("You have %(most)d keys. Revoke one that you do not use first.")
        raise NotNow(message % {"most": MOST_KEYS}, code="too_many_keys")
    new = make_key(mode)
    key = ApiKey.objects.create(
        tenant=actor.tenant,
        name=name,
        mode=mode,
        prefix=new.prefix,
        digest=new.digest,
        scopes=list(scopes),
        form_key=form_key,
        created_by=actor.user,
        created_at=at,
    )
    return key, new.text
