"""The compliance desk: staff only, with a second factor; everything readable, no free hand."""

from typing import TYPE_CHECKING, Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

from core.fields import EncryptedMixin

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class StaffSite(admin.AdminSite):
    site_header = "StockSprout compliance"
    site_title = "StockSprout compliance"
    index_title = "Desk"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **_options: Any) -> None:
        """Show other packages' tables for reading only, whatever they would let staff do.

        (A scheduled task, for one, names the function it calls.) What core shows its own way is
        left as it is: core registers first.
        """
        models_ = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        ours = admin_class is not None and issubclass(admin_class, ReadOnlyAdmin)
        for model in models_:
            if ours or not self.is_registered(model):
                super().register(model, admin_class if ours else ReadOnlyAdmin)

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in active staff whose present session has passed a second factor."""
        user = request.user
        return bool(user.is_active and user.is_staff and _passed_second_factor(request))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Send everybody who may not enter yet to the page that lets them.

        :raises PermissionDenied: signed in, but not staff
        """
        user, onward = request.user, request.GET.get("next") or reverse("admin:index")
        if not user.is_authenticated:
            return redirect_to_login(onward)
        if not user.is_staff:
            raise PermissionDenied
        if is_mfa_enabled(user):
            return redirect_to_login(onward, reverse("mfa_reauthenticate"))
        return redirect("mfa_activate_totp")


def _passed_second_factor(request: HttpRequest) -> bool:
    return any(
        record.get("method") == "mfa"
        for record in get_authentication_records(request, request.user)
    )


class ReadOnlyAdmin(_ModelAdmin):
    """Show every field but encrypted ones, change none; staff act through operations."""

    actions = None  # an action needs no right to change

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        hidden = set(self.exclude or ())
        shown = [
            field.name
            for field in self.opts.fields
            if field.name not in hidden and not isinstance(field, EncryptedMixin)
        ]
        return shown + [name for name in self.readonly_fields if name not in shown]

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> list[str]:
        return list(self.get_fields(request, obj))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
