"""Who may do what for a tenant."""

from enum import StrEnum

from django.utils.translation import gettext as _

from core.errors import NotAllowed, NotNow
from tenants.models import Membership, Role, Tenant


class Permission(StrEnum):
    READ_TENANT_DATA = "read:tenant_data"
    WRITE_TENANT_CONFIG = "write:tenant_config"
    WRITE_MEMBERS = "write:members"
    READ_ANALYTICS = "read:analytics"
    READ_API_LOGS = "read:api_logs"
    WRITE_API_CONFIG = "write:api_config"
    READ_SYSTEM_METRICS = "read:system_metrics"
    READ_USER_DATA = "read:user_data"
    WRITE_SUPPORT_TICKETS = "write:support_tickets"
    READ_ERROR_LOGS = "read:error_logs"


PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.TENANT_ADMIN: frozenset(
        {
            Permission.READ_TENANT_DATA,
            Permission.WRITE_TENANT_CONFIG,
            Permission.WRITE_MEMBERS,
            Permission.READ_ANALYTICS,
            Permission.READ_API_LOGS,
            Permission.WRITE_API_CONFIG,
            Permission.READ_SYSTEM_METRICS,
        }
    ),
    Role.DEVELOPER: frozenset(
        {
            Permission.READ_TENANT_DATA,
            Permission.READ_API_LOGS,
            Permission.WRITE_API_CONFIG,
            Permission.READ_SYSTEM_METRICS,
        }
    ),
    Role.SUPPORT: frozenset(
        {
            Permission.READ_TENANT_DATA,
            Permission.READ_USER_DATA,
            Permission.WRITE_SUPPORT_TICKETS,
            Permission.READ_ERROR_LOGS,
        }
    ),
}


def may(member: Membership, permission: Permission) -> bool:
    """Say whether the member's role holds the permission."""
    return permission in PERMISSIONS[member.role]


def check_may(member: Membership, permission: Permission) -> None:
    """Refuse what the member's role does not hold.

    :raises NotAllowed: the role lacks it
    """
    if not may(member, permission):
        raise NotAllowed(_("Your role does not allow this. Ask an administrator of your company."))


def check_active(tenant: Tenant) -> None:
    """Refuse changes for a tenant that is suspended.

    :raises NotNow: it is
    """
    if not tenant.is_active:
        message = _("%(name)s is suspended. Write to us to have it opened again.")
        raise NotNow(message % {"name": tenant.name}, code="tenant_suspended")
