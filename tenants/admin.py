"""Tenants on the compliance desk."""

from django.contrib import admin

from core.adminsite import ReadOnlyAdmin
from tenants.models import Tenant


@admin.register(Tenant)
class TenantAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "created_at")
