"""Every write about tenants, their members and their keys."""

from tenants.operations.clients import create_client_token
from tenants.operations.keys import create_key, note_use, revoke_key, rotate_key
from tenants.operations.members import add_member, change_role, remove_member
from tenants.operations.tenants import (
    Branding,
    TenantSettings,
    change_branding,
    change_redirect_uris,
    change_settings,
    make_tenant,
    reinstate_tenant,
    suspend_tenant,
)

__all__ = [
    "Branding",
    "TenantSettings",
    "add_member",
    "change_branding",
    "change_redirect_uris",
    "change_role",
    "change_settings",
    "create_client_token",
    "create_key",
    "make_tenant",
    "note_use",
    "reinstate_tenant",
    "remove_member",
    "revoke_key",
    "rotate_key",
    "suspend_tenant",
]
