"""Tenants, who works for them, and the keys their servers call us with."""

from tenants.models.keys import ApiKey, KeyUse, Mode, Scope
from tenants.models.members import Membership, Role
from tenants.models.tenants import DEFAULT_SLUG, PhoneMethod, Tenant, get_default_tenant

__all__ = [
    "DEFAULT_SLUG",
    "ApiKey",
    "KeyUse",
    "Membership",
    "Mode",
    "PhoneMethod",
    "Role",
    "Scope",
    "Tenant",
    "get_default_tenant",
]
