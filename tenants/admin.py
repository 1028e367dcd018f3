"""Tenants on the compliance desk: for reading; staff suspend and reinstate."""

from typing import ClassVar

from django.contrib import admin

from core.adminsite import ReadOnlyAdmin
from core.deskactions import ActingAdmin, DeskAction
from tenants.models import DEFAULT_SLUG, ApiKey, Membership, Tenant
from tenants.operations import reinstate_tenant, suspend_tenant


@admin.register(Tenant)
class TenantAdmin(ActingAdmin):
    list_display = ("name", "slug", "status", "created_at")
    list_filter = ("status",)
    search_fields = ("name", "slug")
    desk_actions: ClassVar[tuple[DeskAction, ...]] = (
        DeskAction(
            "suspend",
            "Suspend",
            suspend_tenant,
            lambda tenant: tenant.is_active and tenant.slug != DEFAULT_SLUG,
            done="Its keys open nothing any more.",
            explanation="All its keys are refused at once, and its portal is for reading only.",
        ),
        DeskAction(
            "reinstate",
            "Reinstate",
            reinstate_tenant,
            lambda tenant: not tenant.is_active,
            done="Its keys work again.",
        ),
    )


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "tenant", "role", "created_at")
    list_filter = ("role", "tenant")
    search_fields = ("user__email", "tenant__name")
    list_select_related = ("user", "tenant")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    exclude = ("digest", "form_key")
    list_display = ("prefix", "tenant", "name", "mode", "created_at", "last_used_at", "revoked_at")
    list_filter = ("mode", "tenant")
    search_fields = ("prefix", "name", "tenant__name")
    list_select_related = ("tenant",)
