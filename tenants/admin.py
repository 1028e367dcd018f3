"""Tenants on the compliance desk: for reading; staff suspend and reinstate."""

from typing import ClassVar

from django import forms
from django.contrib import admin

from core.adminsite import ReadOnlyAdmin
from core.deskactions import ActingAdmin, DeskAction, ReasonForm
from core.forms import LinesField
from tenants.models import DEFAULT_SLUG, ApiKey, Membership, Tenant
from tenants.operations import change_redirect_uris, reinstate_tenant, suspend_tenant


class RedirectURIsForm(ReasonForm):
    redirect_uris = LinesField(
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 80}),
        help_text="One a line: https, without a query or fragment.",
    )
    field_order = ("redirect_uris", "reason")

    def clean_redirect_uris(self) -> list[str]:
        """Return the lines that are not empty."""
        lines = self.cleaned_data["redirect_uris"].splitlines()
        return [line.strip() for line in lines if line.strip()]


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
        DeskAction(
            "redirect-uris",
            "Redirect URIs",
            change_redirect_uris,
            lambda tenant: tenant.slug != DEFAULT_SLUG,
            done="The list is in force.",
            explanation="Where banks with a site of their own may lead its customers back to. "
            "Register each in Plaid's dashboard too.",
            form=RedirectURIsForm,
            initial=lambda tenant: {"redirect_uris": "\n".join(tenant.redirect_uris)},
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
