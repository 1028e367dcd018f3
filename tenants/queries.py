"""The guarded doors to tenants' rows: what this member may see, or a 404."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from tenants.models import ApiKey, Membership


def list_memberships(user: Any) -> QuerySet[Membership]:
    """Return the user's places in companies, by the companies' names."""
    return Membership.objects.filter(user=user).select_related("tenant").order_by("tenant__name")


def get_membership_or_404(user: Any, *, slug: str) -> Membership:
    """Return the user's place in this company."""
    return get_object_or_404(list_memberships(user), tenant__slug=slug)


def list_members(member: Membership) -> QuerySet[Membership]:
    """Return everybody of the member's company, oldest first."""
    colleagues = Membership.objects.filter(tenant=member.tenant).select_related("user")
    return colleagues.order_by("created_at", "id")


def get_member_or_404(member: Membership, *, pk: UUID) -> Membership:
    """Return a colleague, or oneself."""
    return get_object_or_404(list_members(member), pk=pk)


def list_keys(member: Membership) -> QuerySet[ApiKey]:
    """Return the keys of the member's company, newest first."""
    return ApiKey.objects.filter(tenant=member.tenant).order_by("-created_at", "id")


def get_key_or_404(member: Membership, *, pk: UUID) -> ApiKey:
    """Return a key of the member's company."""
    return get_object_or_404(list_keys(member), pk=pk)
