"""Gifts on the compliance desk."""

from django.contrib import admin

from core.adminsite import ReadOnlyAdmin
from core.deskactions import DrivenAdmin
from gifting.models import Contributor, Gift, GiftLink, GiverAddress, Note, PutAway


@admin.register(Contributor)
class ContributorAdmin(ReadOnlyAdmin):
    list_display = ("name", "created_at")
    search_fields = ("name", "id")


@admin.register(GiverAddress)
class GiverAddressAdmin(ReadOnlyAdmin):
    exclude = ("token",)
    list_display = ("id", "index", "confirmed_at")
    search_fields = ("index",)


@admin.register(GiftLink)
class GiftLinkAdmin(ReadOnlyAdmin):
    exclude = ("code",)
    list_display = ("id", "child", "status", "is_main", "created_at", "ended_at")
    list_filter = ("status",)
    search_fields = ("id", "child__id")
    list_select_related = ("child",)


@admin.register(Gift)
class GiftAdmin(ReadOnlyAdmin):
    exclude = ("token", "form_key")
    list_display = ("id", "child", "contributor", "instrument", "amount", "status", "given_at")
    list_filter = ("status",)
    search_fields = ("id", "child__id", "contributor__name")
    list_select_related = ("child", "contributor", "instrument")
    date_hierarchy = "given_at"


@admin.register(PutAway)
class PutAwayAdmin(ReadOnlyAdmin):
    list_display = ("parent", "what", "at")
    list_select_related = ("parent",)


@admin.register(Note)
class NoteAdmin(DrivenAdmin):
    list_display = ("kind", "gift", "created_at", "sent_at", "attempts", "trouble")
    list_filter = ("kind",)
    list_select_related = ("gift",)
