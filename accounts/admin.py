"""People on the compliance desk: encrypted fields are left out, numbers show their last four."""

from datetime import datetime

from django.contrib import admin

from accounts import operations, waiting
from accounts.models import (
    Child,
    Consent,
    KycProfile,
    Parent,
    TrustedContact,
    User,
    UtmaRule,
    WaitingPlace,
    Withdrawal,
)
from accounts.pages import trusted_facts
from accounts.security_models import KnownBrowser, SecurityNote
from accounts.states import list_open_places
from core import clock
from core.adminsite import ReadOnlyAdmin
from core.deskactions import ActingAdmin, DeskAction, DrivenAdmin


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    exclude = ("password",)
    list_display = ("email", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email",)


@admin.register(Parent)
class ParentAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "tenant", "created_at")
    list_filter = ("tenant",)
    search_fields = ("id", "user__email", "profile__last_name")
    list_select_related = ("user", "tenant")


@admin.register(KycProfile)
class KycProfileAdmin(ReadOnlyAdmin):
    exclude = ("ssn_index",)
    list_display = ("parent", "first_name", "last_name", "ssn_last4", "state", "submitted_at")
    search_fields = ("last_name", "ssn_last4", "parent__user__email")
    list_select_related = ("parent",)


@admin.register(TrustedContact)
class TrustedContactAdmin(ActingAdmin):
    """Whom customers named, by initials and ends, and who named nobody, since when."""

    desk_actions = (
        DeskAction(
            "read",
            "Read name, phone and e-mail",
            operations.note_contact_read,
            lambda contact: contact.is_named,
            done="That you read this, and why, is kept.",
            explanation="To call the person. They may be told no more than the disclosure names.",
            shows=trusted_facts,
        ),
    )

    list_display = ("parent", "status", "who", "reached_at", "answered_at", "replaced_at")
    list_filter = ("status",)
    search_fields = ("parent__id", "parent__user__email")
    list_select_related = ("parent",)
    readonly_fields = ("who", "reached_at")

    @admin.display(description="Name")
    def who(self, contact: TrustedContact) -> str:
        return " ".join(f"{name[0]}." for name in contact.full_name.split())

    @admin.display(description="Phone, e-mail")
    def reached_at(self, contact: TrustedContact) -> str:
        phone = f"••{contact.phone[-4:]}" if contact.phone else ""
        name, _at, domain = (contact.email or "").rpartition("@")
        email = f"{name[0]}••@{domain}" if name else ""
        return ", ".join(filter(None, [phone, email]))


@admin.register(Child)
class ChildAdmin(ReadOnlyAdmin):
    exclude = ("ssn_index", "gift_code")
    list_display = ("id", "first_name", "last_name", "ssn_last4", "governing_state", "control_age")
    list_filter = ("governing_state",)
    search_fields = ("id", "last_name", "ssn_last4")


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ("kind", "parent", "given_at", "ip_address")
    list_filter = ("kind",)
    list_select_related = ("parent",)


@admin.register(SecurityNote)
class SecurityNoteAdmin(DrivenAdmin):
    list_display = ("kind", "user", "created_at", "sent_at", "attempts", "trouble")
    list_filter = ("kind",)
    list_select_related = ("user",)


@admin.register(KnownBrowser)
class KnownBrowserAdmin(ReadOnlyAdmin):
    exclude = ("token_hash", "traces", "address")
    list_display = ("id", "user", "created_at", "seen_at")
    list_select_related = ("user",)


@admin.register(Withdrawal)
class WithdrawalAdmin(ReadOnlyAdmin):
    list_display = ("kind", "parent", "withdrawn_at", "ip_address")
    list_filter = ("kind",)
    list_select_related = ("parent",)


@admin.register(WaitingPlace)
class WaitingPlaceAdmin(DrivenAdmin):
    """Who waits for which state; the address itself nobody has to read."""

    exclude = ("email", "email_index")
    list_display = ("id", "state", "created_at", "confirmed_at", "told_at", "left_at")
    list_filter = ("state", ("confirmed_at", admin.EmptyFieldListFilter))
    search_fields = ("id",)


def tell_waiting(rule: UtmaRule, *, by: User, reason: str, at: datetime) -> None:
    """Have who waits for the state of an open rule told."""
    waiting.tell_state(state=rule.state, by=by, at=at, is_open=is_open(rule), reason=reason)


def is_open(rule: UtmaRule) -> bool:
    """Say whether accounts are opened under this rule today."""
    return rule.state in {place.code for place in list_open_places(today=clock.today())}


@admin.register(UtmaRule)
class UtmaRuleAdmin(ActingAdmin):
    readonly_fields = ("waiting_now",)
    desk_actions = (
        DeskAction(
            "tell-waiting",
            "Tell who waits for this state",
            tell_waiting,
            lambda rule: is_open(rule) and waiting.list_waiting(rule.state).exists(),
            done="The worker sends the mails, one to each address.",
            explanation="Everybody on the waiting list of this state is told that it is open.",
        ),
    )

    @admin.display(description="waiting")
    def waiting_now(self, rule: UtmaRule) -> int:
        return waiting.list_waiting(rule.state).count()

    list_display = ("state", "age", "status", "effective_from", "source", "verified_on")
    list_filter = ("status",)
