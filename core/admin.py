"""Core on the compliance desk."""

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.http import HttpRequest
from waffle.models import Switch

from core import audit, clock
from core.adminsite import ReadOnlyAdmin
from core.forms import FreeText
from core.models import (
    AuditEntry,
    AuditSeal,
    HaltEnd,
    Heartbeat,
    IdempotentRequest,
    VendorCircuit,
)
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


@admin.register(HaltEnd)
class HaltEndAdmin(ReadOnlyAdmin):
    list_display = ("name", "back_at")


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


class SwitchForm(forms.ModelForm):  # type: ignore[type-arg]
    """A switch, with the moment people are told to come back."""

    back_at = forms.SplitDateTimeField(
        required=False,
        label="Back at",
        help_text="New York time. People read it while the switch is on; empty: in an hour.",
        widget=AdminSplitDateTime,
    )

    note = FreeText(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        help_text="Why it is on or off.",
        reader="Staff and auditors read it; it is kept for ever. Families do not.",
    )

    class Meta:
        model = Switch
        fields = ("active", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        end = HaltEnd.objects.filter(name=self.instance.name).first()
        self.initial["back_at"] = end.back_at if end else None

    def clean_back_at(self) -> Any:
        """Refuse a moment that is over, unless the switch goes off."""
        back_at = self.cleaned_data["back_at"]
        if back_at and self.cleaned_data.get("active") and back_at <= clock.now():
            raise forms.ValidationError("This moment is over. Name a later one, or none.")
        return back_at


@admin.register(Switch)
class SwitchAdmin(ReadOnlyAdmin):
    """The kill switches: the one thing staff turn by hand, and every turn is written down."""

    form = SwitchForm
    list_display = ("name", "active", "what_it_stops", "modified")
    readonly_fields = ("what_it_stops",)

    @admin.display(description="What people read while it is on")
    def what_it_stops(self, switch: Switch) -> str:
        return str(HALTS.get(switch.name, ""))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["name", "active", "back_at", "note", "what_it_stops", "created", "modified"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["name", "what_it_stops", "created", "modified"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        back_at = form.cleaned_data.get("back_at") if obj.active else None
        HaltEnd.objects.filter(name=obj.name).delete()
        if back_at:
            HaltEnd.objects.create(name=obj.name, back_at=back_at)
        verb = "switch.turned_on" if obj.active else "switch.turned_off"
        actor = audit.name_of(request.user)  # type: ignore[arg-type]
        audit.record(
            verb, obj, by=actor, at=clock.now(), name=obj.name, note=obj.note, back_at=back_at
        )
