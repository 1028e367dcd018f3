"""Adding, changing and removing those who work for a tenant."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import Invalid, NotNow
from tenants.models import Membership, Role
from tenants.operations.acting import lock_for
from tenants.rules import Permission


@transaction.atomic
def add_member(*, member: Membership, email: str, role: str, at: datetime) -> Membership:
    """Give somebody who has signed up a place in the member's company.

    :raises NotAllowed: only administrators may
    :raises Invalid: nobody has signed up with the address, or no such role
    :raises NotNow: suspended, or they are a member already
    """
    actor = lock_for(member, Permission.WRITE_MEMBERS)
    _check_role(role)
    user = get_user_model().objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None:
        message = _("Nobody has signed up with this address yet. Ask them to sign up first.")
        raise Invalid(message, code="no_such_user", fields={"email": message})
    new, created = Membership.objects.get_or_create(
        tenant=actor.tenant, user=user, defaults={"role": role, "created_at": at}
    )
    if not created:
        message = _("They are a member already. You can change their role below.")
        raise NotNow(message, code="member_already", fields={"email": message})
    audit.record(
        "member.added", new, by=actor.user, at=at, role=role, tenant=actor.tenant_id, user=user.pk
    )
    return new


@transaction.atomic
def change_role(*, member: Membership, colleague: Membership, role: str, at: datetime) -> None:
    """Change what a colleague may do; the role they have already changes nothing.

    :raises NotAllowed: only administrators may
    :raises Invalid: no such role
    :raises NotNow: suspended, or nobody would be left to administer
    """
    actor = lock_for(member, Permission.WRITE_MEMBERS)
    _check_role(role)
    row = Membership.objects.get(pk=colleague.pk, tenant=actor.tenant)
    if row.role == role:
        return
    _check_administrator_stays(row)
    before, row.role = row.role, role
    row.save(update_fields=["role"])
    audit.record("member.role_changed", row, by=actor.user, at=at, before=before, role=role)


@transaction.atomic
def remove_member(*, member: Membership, colleague: Membership, at: datetime) -> None:
    """Take a colleague's place away; the keys they made go on.

    :raises NotAllowed: only administrators may
    :raises NotNow: suspended, or nobody would be left to administer
    """
    actor = lock_for(member, Permission.WRITE_MEMBERS)
    row = Membership.objects.filter(pk=colleague.pk, tenant=actor.tenant).first()
    if row is None:
        return
    _check_administrator_stays(row)
    audit.record(
        "member.removed", row, by=actor.user, at=at, tenant=actor.tenant_id, user=row.user_id
    )
    row.delete()


def _check_role(role: str) -> None:
    if role not in Role.values:
        raise Invalid(_("Choose a role."), fields={"role": _("Choose a role.")})


def _check_administrator_stays(row: Membership) -> None:
    """Refuse to take the last administrator away, under the tenant's lock."""
    others = Membership.objects.filter(tenant=row.tenant_id, role=Role.TENANT_ADMIN)
    if row.role == Role.TENANT_ADMIN and not others.exclude(pk=row.pk).exists():
        message = _("Your company needs an administrator. Make somebody else one first.")
        raise NotNow(message, code="last_administrator")
