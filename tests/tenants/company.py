"""Two companies with their people, and their servers that call."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.test import Client

from core import clock
from tenants.models import ApiKey, Membership, Role, Tenant
from tenants.operations import add_member, create_key, make_tenant
from tests.api.calling import Caller
from tests.cast import make_user

EVERY_SCOPE = ["tenant:read", "phone", "plaid", "prefill", "users:read", "users:write"]


@dataclass
class Company:
    """A tenant with one member of each role."""

    tenant: Tenant
    members: dict[str, Membership]

    @property
    def admin(self) -> Membership:
        return self.members[Role.TENANT_ADMIN]

    def address(self, path: str = "") -> str:
        return f"/tenant/{self.tenant.slug}/{path}"

    def sign_in(self, role: str) -> Client:
        client = Client()
        client.force_login(self.members[role].user)
        return client

    def make_key(self, **changes: Any) -> tuple[ApiKey, str]:
        asked: dict[str, Any] = {
            "name": "Checkout server", "mode": "test", "scopes": EVERY_SCOPE, "form_key": uuid4(),
        }  # fmt: skip
        return create_key(member=self.admin, at=clock.now(), **asked | changes)


def make_company(slug: str) -> Company:
    """Make a company by the command's way, and give it a developer and somebody in support."""
    admin = make_user(f"admin@{slug}.example")
    tenant = make_tenant(
        slug=slug, name=slug.title(), admin_email=admin.email, by="tests", at=clock.now()
    )
    members = {Role.TENANT_ADMIN: Membership.objects.get(tenant=tenant)}
    for role in (Role.DEVELOPER, Role.SUPPORT):
        user = make_user(f"{role}@{slug}.example")
        members[role] = add_member(
            member=members[Role.TENANT_ADMIN], email=user.email, role=role, at=clock.now()
        )
    return Company(tenant, {str(role): member for role, member in members.items()})


def server(key: str) -> Caller:
    """Return a server that sends the key the standard way."""
    return Caller(Client(), {"Authorization": f"Bearer {key}"})
