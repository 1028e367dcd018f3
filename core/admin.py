"""Core on the compliance desk."""

from django.contrib import admin

from core.adminsite import ReadOnlyAdmin
from core.models import AuditEntry, AuditSeal, Heartbeat


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "verb", "subject", "request_id")
    list_filter = ("verb",)
    search_fields = ("actor", "subject", "request_id")
    ordering = ("-id",)


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnlyAdmin):
    list_display = ("position", "hash", "entry", "sealed_at")
    list_select_related = ("entry",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "at")
