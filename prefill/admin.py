"""Prefill's room on the compliance desk: who, from where and how well; never the values."""

from datetime import datetime

from django.contrib import admin
from django.db import models

from core.adminsite import ReadOnlyAdmin
from core.deskactions import ActingAdmin, DeskAction, DrivenAdmin
from prefill import operations
from prefill.models import (
    Applicant,
    ApplicantConsent,
    FieldTally,
    FieldValue,
    LinkSession,
    PhoneSession,
    PlaidEvent,
    PlaidItem,
    RawImport,
    Rung,
)


def mask(number: str | None) -> str:
    """Return a number by its last four."""
    return f"••{number[-4:]}" if number else "—"


def _erase(applicant: Applicant, *, by: models.Model, reason: str, at: datetime) -> None:
    operations.erase_applicant(applicant, by=by, reason=reason, at=at)


def _run_again(raw: RawImport, *, by: models.Model, reason: str, at: datetime) -> None:
    operations.reprocess_import(raw, by=by, reason=reason, at=at)


@admin.register(Applicant)
class ApplicantAdmin(DrivenAdmin):
    exclude = ("metadata", "external_id", "spinwheel_user_id")
    list_display = ("__str__", "tenant", "mode", "status", "masked_phone", "created_at", "trouble")
    list_filter = ("status", "mode", "tenant")
    search_fields = ("id", "external_id", "parent__id")
    list_select_related = ("tenant",)
    readonly_fields = ("masked_phone", "ladder", "known")
    date_hierarchy = "created_at"
    desk_actions = (
        DeskAction(
            "erase",
            "Erase all personal data",
            _erase,
            lambda applicant: applicant.status == Applicant.Status.ACTIVE,
            done="Erased here. Workers have the vendors forget the person as well.",
            explanation="It can not be undone. What they agreed to stays, as evidence.",
        ),
    )

    @admin.display(description="phone")
    def masked_phone(self, applicant: Applicant) -> str:
        return mask(applicant.phone)

    @admin.display(description="ladder")
    def ladder(self, applicant: Applicant) -> str:
        rungs = Rung.objects.filter(applicant=applicant).order_by("at")
        return "; ".join(f"{rung} {rung.reason}".strip() for rung in rungs) or "—"

    @admin.display(description="known fields")
    def known(self, applicant: Applicant) -> str:
        """Which fields are known by whom; not what they say."""
        rows = FieldValue.objects.filter(applicant=applicant).defer("value")
        return "; ".join(str(row) for row in rows.order_by("path", "source")) or "—"


@admin.register(PhoneSession)
class PhoneSessionAdmin(ReadOnlyAdmin):
    exclude = ("phone_index", "spinwheel_user_id", "spinwheel_connection_id")
    list_display = (
        "__str__", "applicant", "masked_phone", "status", "method", "attempts", "sends", "delivery",
        "identified", "reason", "created_at",
    )  # fmt: skip
    list_filter = ("status", "delivery", "identified", "mode", "tenant")
    search_fields = ("id", "applicant__id")
    list_select_related = ("applicant",)
    readonly_fields = ("masked_phone",)

    @admin.display(description="phone")
    def masked_phone(self, session: PhoneSession) -> str:
        return mask(session.phone)


@admin.register(LinkSession)
class LinkSessionAdmin(ReadOnlyAdmin):
    exclude = ("token_index", "public_token_index")
    list_display = ("__str__", "applicant", "status", "created_at", "ended_at")
    list_filter = ("kind", "status", "mode", "tenant")
    search_fields = ("id", "applicant__id")
    list_select_related = ("applicant",)


@admin.register(PlaidItem)
class PlaidItemAdmin(DrivenAdmin):
    exclude = ("cursor",)
    list_display = (
        "__str__", "applicant", "institution_name", "status", "error_code", "imported_at",
        "trouble",
    )  # fmt: skip
    list_filter = ("status", "mode", "tenant")
    search_fields = ("id", "item_id", "applicant__id")
    list_select_related = ("applicant",)
    readonly_fields = ("held_accounts",)

    @admin.display(description="accounts")
    def held_accounts(self, item: PlaidItem) -> str:
        """By subtype and last four."""
        rows = item.accounts.defer("name", "official_name", "owner_names").order_by("mask")
        return "; ".join(f"{row}{' (closed)' if row.closed_at else ''}" for row in rows) or "—"


@admin.register(PlaidEvent)
class PlaidEventAdmin(DrivenAdmin):
    exclude = ("digest",)
    list_display = ("__str__", "mode", "status", "received_at", "handled_at", "trouble")
    list_filter = ("status", "mode", "type")
    search_fields = ("id", "type")
    date_hierarchy = "received_at"


@admin.register(RawImport)
class RawImportAdmin(ActingAdmin):
    list_display = ("__str__", "applicant", "source", "received_at", "processed_at", "trouble")
    list_filter = ("source", "kind", ("trouble", admin.EmptyFieldListFilter), "tenant")
    search_fields = ("id", "origin", "applicant__id")
    list_select_related = ("applicant",)
    desk_actions = (
        DeskAction(
            "run-again",
            "Process again",
            _run_again,
            lambda raw: bool(raw.trouble) or raw.processed_at is None,
            done="Processed. What could not be used stands under trouble.",
            explanation="What the person typed, and what came later, stays as it is.",
        ),
    )


@admin.register(FieldTally)
class FieldTallyAdmin(ReadOnlyAdmin):
    list_display = ("day", "path", "source", "shown", "edited", "edit_rate", "tenant", "mode")
    list_filter = ("source", "mode", "tenant", "path")
    list_select_related = ("tenant",)
    date_hierarchy = "day"
    ordering = ("-day", "tenant", "mode", "source", "path")

    @admin.display(description="edit rate")
    def edit_rate(self, tally: FieldTally) -> str:
        return f"{100 * tally.edited / tally.shown:.0f}%" if tally.shown else "—"


@admin.register(ApplicantConsent)
class ApplicantConsentAdmin(ReadOnlyAdmin):
    exclude = ("ip_address", "user_agent")
    list_display = ("__str__", "applicant", "given_at")
    list_filter = ("kind", "text_version", "tenant")
    search_fields = ("id", "applicant__id")
    list_select_related = ("applicant",)
