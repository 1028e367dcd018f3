"""Tenants, who works for them, and the keys and tokens they call us with."""

from tenants.models.clients import ClientToken
from tenants.models.keys import ApiKey, KeyUse, Mode, Scope
from tenants.models.members import Membership, Role
from tenants.models.tenants import DEFAULT_SLUG, PhoneMethod, Tenant, get_default_tenant

__all__ = [
    "DEFAULT_SLUG",
    "ApiKey",
    "ClientToken",
    "KeyUse",
    "Membership",
    "Mode",
    "PhoneMethod",
    "Role",
    "Scope",
    "Tenant",
    "get_default_tenant",
]
