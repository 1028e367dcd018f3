"""The broker's room on the compliance desk."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from brokerage import operations
from brokerage.action_desk import CompanyActionAdmin, TakenAsForm
from brokerage.desk_forms import CandidateForm, MessageForm, NamesForm
from brokerage.figures import get_figures, write_out
from brokerage.models import (
    AccountPaper,
    BankAccount,
    BrokerAccount,
    BrokerEvent,
    BrokerUser,
    Case,
    CompanyAction,
    ContactNotice,
    DayValue,
    DebitPause,
    Deposit,
    Holding,
    IdDocument,
    Instrument,
    Letter,
    MicroDeposits,
    Movement,
    Notice,
    OddRows,
    Order,
    Purchase,
    ReconciliationBreak,
)
from core import audit
from core.adminsite import ReadOnlyAdmin
from core.deskactions import ActingAdmin, DeskAction, DrivenAdmin

admin.site.register(CompanyAction, CompanyActionAdmin)


def mask(number: str) -> str:
    """Return a number by its last four."""
    return f"••{number[-4:]}" if number else ""


@admin.register(BrokerUser)
class BrokerUserAdmin(DrivenAdmin):
    list_display = ("id", "parent", "child", "status", "vendor_status", "problems", "told_at")
    list_filter = ("status",)
    search_fields = ("id", "vendor_id", "parent__id", "child__id")
    list_select_related = ("parent", "child")
    readonly_fields = ("pictures", "cases")
    desk_actions = (
        DeskAction(
            "send-again",
            "Send the details again",
            operations.send_details_again,
            operations.can_send_again,
            done="A worker sends them within seconds.",
            explanation="The broker refused them. Nothing of them is changed.",
        ),
    )

    @admin.display(description="pictures of IDs")
    def pictures(self, user: BrokerUser) -> str:
        """What was sent and what became of it; the content is the broker's alone."""
        rows = user.id_documents.defer("content").order_by("-created_at")
        return "; ".join(f"{row} ({row.get_status_display()})" for row in rows) or "—"

    @admin.display(description="cases")
    def cases(self, user: BrokerUser) -> str:
        rows = Case.objects.filter(subject=audit.name_of(user)).order_by("-created_at")
        return "; ".join(f"{row.summary} {row.get_status_display()}." for row in rows) or "—"


@admin.register(BrokerAccount)
class BrokerAccountAdmin(DrivenAdmin):
    exclude = ("number",)
    readonly_fields = ("masked_number", "figures")
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
    desk_actions = (
        DeskAction(
            "audit",
            "Compare with the broker now",
            operations.ask_audit,
            lambda account: bool(account.vendor_id),
            done="The comparison has begun. Differences show under reconciliation breaks.",
            explanation="Ledger, deposits, orders, cash and positions, from the first day on.",
        ),
        DeskAction(
            "open-again",
            "Ask the broker again to open it",
            operations.open_again,
            operations.may_open_again,
            done="A worker asks within seconds.",
            explanation="The broker refused to open this account; the case says why.",
        ),
        DeskAction(
            "close-again",
            "Ask the broker again to close it",
            operations.close_again,
            operations.may_close_again,
            done="A worker asks within seconds.",
            explanation="The custodian wants it closed, and the broker refused.",
        ),
    )

    @admin.display(description="figures")
    def figures(self, account: BrokerAccount) -> str:
        """What the family is told, under the same labels."""
        return write_out(get_figures(account))

    @admin.display(description="number", ordering="number")
    def masked_number(self, account: BrokerAccount) -> str:
        return mask(account.number) or "—"


@admin.register(BankAccount)
class BankAccountAdmin(DrivenAdmin):
    exclude = ("number_index", "owner_index")
    list_display = ("id", "parent", "kind", "last4", "status", "owner", "is_primary")
    list_filter = ("status", "owner")
    search_fields = ("id", "last4", "vendor_id", "parent__id")
    list_select_related = ("parent",)


@admin.register(Instrument)
class InstrumentAdmin(ReadOnlyAdmin):
    list_display = ("symbol", "name", "kind", "status", "price", "priced_at", "on_menu")
    list_filter = ("kind", "status", "on_menu")
    search_fields = ("symbol", "name")


@admin.register(OddRows)
class OddRowsAdmin(ReadOnlyAdmin):
    list_display = ("what", "account", "why", "number", "created_at", "last_seen_at", "gone_at")
    list_filter = ("what", ("gone_at", admin.EmptyFieldListFilter))
    list_select_related = ("account",)
    ordering = ("-last_seen_at",)


@admin.register(Purchase)
class PurchaseAdmin(DrivenAdmin):
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
class DepositAdmin(DrivenAdmin):
    exclude = ("vendor_id",)
    readonly_fields = ("masked_vendor_id",)
    list_display = (
        "id",
        "account",
        "bank",
        "amount",
        "status",
        "return_code",
        "vendor_status",
        "expected_on",
    )
    list_filter = ("status", "return_code")
    search_fields = ("id", "vendor_id", "key")
    list_select_related = ("account", "bank")

    @admin.display(description="vendor id")
    def masked_vendor_id(self, deposit: Deposit) -> str:
        """DriveWealth's payment id begins with the account's number."""
        number = deposit.account.number
        return deposit.vendor_id.replace(number, mask(number)) if number else deposit.vendor_id


@admin.register(Order)
class OrderAdmin(DrivenAdmin):
    list_display = (
        "id",
        "account",
        "side",
        "instrument",
        "kind",
        "amount",
        "asked_quantity",
        "status",
        "quantity",
        "cost",
        "fees",
        "next_step_at",
        "trouble",
    )
    list_filter = ("status", "side", "kind", ("purchase", admin.EmptyFieldListFilter))
    search_fields = ("id", "vendor_id", "number", "key")
    list_select_related = ("account", "instrument")


@admin.register(BrokerEvent)
class BrokerEventAdmin(DrivenAdmin):
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
    exclude = ("reference",)
    readonly_fields = ("masked_reference",)
    list_display = (
        "account",
        "kind",
        "symbol",
        "ours",
        "theirs",
        "created_at",
        "healed_at",
        "healed_by",
        "case",
    )
    list_filter = ("kind", ("healed_at", admin.EmptyFieldListFilter))
    list_select_related = ("account", "case")

    @admin.display(description="reference")
    def masked_reference(self, row: ReconciliationBreak) -> str:
        """DriveWealth's payment id begins with the account's number."""
        return row.reference.replace(row.account.number, mask(row.account.number)) or "—"


def _waits_for_decision(case: Case) -> bool:
    return bool(operations.find_bank(case) or operations.find_lost(case))


@admin.register(Notice)
class NoticeAdmin(DrivenAdmin):
    list_display = ("kind", "parent", "about", "created_at", "sent_at", "attempts", "trouble")
    list_filter = ("kind",)
    list_select_related = ("parent",)


@admin.register(Case)
class CaseAdmin(ActingAdmin):
    list_display = ("kind", "status", "summary", "account", "loss", "created_at", "closed_at")
    list_filter = ("status", "kind")
    search_fields = ("id", "subject")
    list_select_related = ("account",)
    ordering = ("-created_at",)
    readonly_fields = ("names", "candidates")
    desk_actions = (
        DeskAction(
            "close",
            "Close the case",
            operations.close_case,
            lambda case: case.status == Case.Status.OPEN and not _waits_for_decision(case),
            done="The case is closed.",
        ),
        DeskAction(
            "write",
            "Write to the parent",
            operations.write_to_parent,
            lambda case: case.parent_id is not None,
            form=MessageForm,
            done="A worker sends it within seconds.",
            explanation="By e-mail, to the address they sign in with.",
        ),
        DeskAction(
            "accept-owner",
            "Accept the account",
            operations.accept_owner,
            lambda case: bool(operations.find_bank(case)),
            form=NamesForm,
            initial=lambda case: {"names": operations.describe_names(case)},
            done="Accepted under these names. A worker links the account within seconds.",
            explanation="It is the parent's own. It is debited as long as no name changes.",
        ),
        DeskAction(
            "refuse-owner",
            "Refuse the account",
            operations.refuse_owner,
            lambda case: bool(operations.find_bank(case)),
            form=NamesForm,
            initial=lambda case: {"names": operations.describe_names(case)},
            done="Refused. The parent reads that another account is needed.",
            explanation="It is somebody else's. It is never debited under these names.",
        ),
        DeskAction(
            "recognize",
            "This is it",
            operations.recognize,
            lambda case: bool(operations.find_lost(case)),
            form=CandidateForm,
            initial=lambda case: {"candidates": operations.describe_candidates(case)},
            done="It is followed from now on, and nothing is sent again.",
            explanation="You have compared amount, time and bank at the broker: it is this one.",
        ),
        DeskAction(
            "send-again",
            "It is not there, send again",
            operations.send_again,
            lambda case: bool(operations.find_lost(case)),
            done="It is sent within the hour, unless a pause or a halt forbids it.",
            explanation="You have asked the broker: it never got it, and these are others.",
        ),
    )

    @admin.display(description="may be it")
    def candidates(self, case: Case) -> str:
        """What the broker has that may be what we asked for, while it is to be decided."""
        return "; ".join(told for _id, told in operations.describe_candidates(case)) or "—"

    @admin.display(description="names to compare")
    def names(self, case: Case) -> str:
        """Whose a bank account is, while it is to be decided; the row itself names nobody."""
        return operations.describe_names(case) or "—"


@admin.register(DebitPause)
class DebitPauseAdmin(ActingAdmin):
    list_display = ("parent", "bank", "code", "created_at", "lifted_at")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("parent", "bank")
    desk_actions = (
        DeskAction(
            "lift",
            "Lift the pause",
            operations.lift_pause,
            lambda pause: pause.lifted_at is None,
            done="The pause is lifted; what waited goes on.",
        ),
    )


@admin.register(Movement)
class MovementAdmin(ActingAdmin):
    exclude = ("comment",)
    readonly_fields = ("masked_comment",)
    list_display = (
        "account",
        "kind",
        "amount",
        "instrument",
        "quantity",
        "order",
        "happened_at",
        "status",
    )
    list_filter = ("status", "kind")
    list_select_related = ("account", "instrument", "order")
    desk_actions = (
        DeskAction(
            "accept",
            "Take it into our books",
            operations.accept_movement,
            lambda movement: movement.status == Movement.Status.HELD,
            form=TakenAsForm,
            done="It is in our books, and its case is closed.",
            explanation="Our books will count this entry of the broker's ledger.",
        ),
    )

    @admin.display(description="comment")
    def masked_comment(self, movement: Movement) -> str:
        """DriveWealth's comments name payments, whose ids begin with the account's number."""
        number = movement.account.number
        return movement.comment.replace(number, mask(number)) if number else movement.comment


@admin.register(DayValue)
class DayValueAdmin(ReadOnlyAdmin):
    list_display = ("account", "on", "cash", "shares_value", "cost_basis", "paid_in")
    list_select_related = ("account",)


@admin.register(IdDocument)
class IdDocumentAdmin(DrivenAdmin):
    list_display = ("id", "holder", "kind", "side", "status", "sent_at")
    list_filter = ("status",)
    list_select_related = ("holder__parent", "holder__child")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Leave the pictures where they are: a list of them would be decrypted row by row."""
        return super().get_queryset(request).defer("content")


@admin.register(ContactNotice)
class ContactNoticeAdmin(DrivenAdmin):
    list_display = ("id", "account", "status", "told_at", "refusal")
    list_filter = ("status",)
    list_select_related = ("account",)
    desk_actions = (
        DeskAction(
            "tell-again",
            "Tell the broker again",
            operations.tell_contact_again,
            lambda notice: notice.status == ContactNotice.Status.REFUSED,
            done="A worker tells it within seconds.",
            explanation="The broker did not take whom this customer trusts.",
        ),
    )


@admin.register(Letter)
class LetterAdmin(DrivenAdmin):
    list_display = ("id", "kind", "user", "account", "created_at", "sent_at")
    list_filter = ("kind", ("sent_at", admin.EmptyFieldListFilter))
    list_select_related = ("user__parent", "user__child", "account")


@admin.register(MicroDeposits)
class MicroDepositsAdmin(DrivenAdmin):
    list_display = ("id", "bank", "sent_at", "expected_on", "tries", "ended_at")
    list_select_related = ("bank",)


@admin.register(AccountPaper)
class AccountPaperAdmin(ReadOnlyAdmin):
    list_display = ("account", "kind", "on", "noticed_at")
    list_filter = ("kind",)
    list_select_related = ("account",)
