"""The broker's room on the compliance desk."""

from django.contrib import admin

from brokerage.models import (
    BankAccount,
    BrokerAccount,
    BrokerEvent,
    BrokerUser,
    Deposit,
    Holding,
    Instrument,
    Order,
    Purchase,
    ReconciliationBreak,
)
from core.adminsite import ReadOnlyAdmin


def mask(number: str) -> str:
    """Return a number by its last four."""
    return f"••{number[-4:]}" if number else ""


@admin.register(BrokerUser)
class BrokerUserAdmin(ReadOnlyAdmin):
    list_display = ("id", "parent", "child", "status", "vendor_status", "problems", "told_at")
    list_filter = ("status",)
    search_fields = ("id", "vendor_id", "parent__id", "child__id")
    list_select_related = ("parent", "child")


@admin.register(BrokerAccount)
class BrokerAccountAdmin(ReadOnlyAdmin):
    exclude = ("number",)
    readonly_fields = ("masked_number",)
    list_display = (
        "masked_number",
        "child",
        "status",
        "vendor_status",
        "cash",
        "synced_at",
        "checked_at",
    )
    list_filter = ("status",)
    search_fields = ("id", "number", "vendor_id", "child__id")
    list_select_related = ("child",)

    @admin.display(description="number", ordering="number")
    def masked_number(self, account: BrokerAccount) -> str:
        return mask(account.number) or "—"


@admin.register(BankAccount)
class BankAccountAdmin(ReadOnlyAdmin):
    exclude = ("number_index",)
    list_display = ("id", "parent", "kind", "last4", "status", "is_primary")
    list_filter = ("status",)
    search_fields = ("id", "last4", "vendor_id", "parent__id")
    list_select_related = ("parent",)


@admin.register(Instrument)
class InstrumentAdmin(ReadOnlyAdmin):
    list_display = ("symbol", "name", "kind", "status", "price", "priced_at", "on_menu")
    list_filter = ("kind", "status", "on_menu")
    search_fields = ("symbol", "name")


@admin.register(Purchase)
class PurchaseAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "account",
        "instrument",
        "amount",
        "status",
        "next_step_at",
        "attempts",
        "trouble",
    )
    list_filter = ("status",)
    search_fields = ("id", "reference", "account__number")
    list_select_related = ("account", "instrument")
    date_hierarchy = "created_at"


@admin.register(Deposit)
class DepositAdmin(ReadOnlyAdmin):
    exclude = ("vendor_id",)
    readonly_fields = ("masked_vendor_id",)
    list_display = ("id", "account", "bank", "amount", "status", "vendor_status", "expected_on")
    list_filter = ("status",)
    search_fields = ("id", "vendor_id", "key")
    list_select_related = ("account", "bank")

    @admin.display(description="vendor id")
    def masked_vendor_id(self, deposit: Deposit) -> str:
        """DriveWealth's payment id begins with the account's number."""
        number = deposit.account.number
        return deposit.vendor_id.replace(number, mask(number)) if number else deposit.vendor_id


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("id", "account", "instrument", "amount", "status", "quantity", "cost")
    list_filter = ("status",)
    search_fields = ("id", "vendor_id", "number", "key")
    list_select_related = ("account", "instrument")


@admin.register(BrokerEvent)
class BrokerEventAdmin(ReadOnlyAdmin):
    list_display = (
        "type",
        "event_id",
        "source",
        "status",
        "happened_at",
        "received_at",
        "handled_at",
        "attempts",
        "trouble",
    )
    list_filter = ("status", "type", "source")
    search_fields = ("event_id",)
    ordering = ("-received_at",)


@admin.register(Holding)
class HoldingAdmin(ReadOnlyAdmin):
    list_display = ("account", "instrument", "quantity", "cost_basis", "market_value", "synced_at")
    list_select_related = ("account", "instrument")


@admin.register(ReconciliationBreak)
class ReconciliationBreakAdmin(ReadOnlyAdmin):
    list_display = ("account", "kind", "symbol", "ours", "theirs", "created_at", "healed_at")
    list_filter = ("kind", ("healed_at", admin.EmptyFieldListFilter))
    list_select_related = ("account",)
