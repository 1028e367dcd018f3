"""Core on the compliance desk."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.http import HttpRequest
from waffle.models import Switch

from core import audit, clock
from core.adminsite import ReadOnlyAdmin
from core.models import AuditEntry, AuditSeal, Heartbeat, IdempotentRequest, VendorCircuit
from core.switches import HALTS


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


@admin.register(IdempotentRequest)
class IdempotentRequestAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "status", "created_at")


@admin.register(VendorCircuit)
class VendorCircuitAdmin(ReadOnlyAdmin):
    list_display = ("vendor", "failures", "open_until")


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    exclude = ("data",)
    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)


@admin.register(Switch)
class SwitchAdmin(ReadOnlyAdmin):
    """The kill switches: the one thing staff turn by hand, and every turn is written down."""

    list_display = ("name", "active", "what_it_stops", "modified")
    readonly_fields = ("what_it_stops",)

    @admin.display(description="What people read while it is on")
    def what_it_stops(self, switch: Switch) -> str:
        return str(HALTS.get(switch.name, ""))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["name", "active", "note", "what_it_stops", "created", "modified"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["name", "what_it_stops", "created", "modified"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        verb = "switch.turned_on" if obj.active else "switch.turned_off"
        actor = audit.name_of(request.user)  # type: ignore[arg-type]
        audit.record(verb, obj, by=actor, at=clock.now(), name=obj.name, note=obj.note)
