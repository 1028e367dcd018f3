"""What answers about applicants hold."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from prefill.api.fields import ADDRESS, METADATA
from prefill.models import LinkSession, PhoneSession, PlaidItem, Source
from tenants.models import Mode

ACTIONS = [
    "open_layer", "submit_date_of_birth", "verify_phone", "enter_code", "open_link", "type_it",
    "review", "reconnect",
]  # fmt: skip


def lower(choices: Any) -> list[tuple[str, str]]:
    """Return a model's choices as the API writes them."""
    return [(value.lower(), str(label)) for value, label in choices]


class LowerField(serializers.ChoiceField):
    """One of our statuses, in lower case."""

    def to_representation(self, value: Any) -> str:
        return str(value).lower()


class NextStepOut(serializers.Serializer[Any]):
    """What to do next, and what is needed for it; only what belongs to the action is there."""

    action = serializers.ChoiceField(ACTIONS)
    session_id = serializers.UUIDField(required=False, help_text="enter_code: the phone session")
    resend_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="enter_code: no text goes out before"
    )
    expires_at = serializers.DateTimeField(required=False, help_text="enter_code")
    attempts_left = serializers.IntegerField(required=False, help_text="enter_code")
    needs = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="verify_phone: what to ask for"
    )
    sends_code = serializers.BooleanField(
        required=False, help_text="verify_phone: false where the number is proven already"
    )
    item_id = serializers.UUIDField(required=False, help_text="reconnect: the bank")
    optional = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What could be done besides"
    )


class Leading(serializers.Serializer[Any]):
    """An answer that ends with the next step, which the view has looked up."""

    next_step = serializers.SerializerMethodField()

    @extend_schema_field(NextStepOut)
    def get_next_step(self, _row: Any) -> dict[str, Any]:
        """Return the step of the applicant this answer is about."""
        step: dict[str, Any] = self.context["next_step"]
        return step


class UserOut(Leading):
    """A user, as far as you told us."""

    user_id = serializers.UUIDField(source="pk")
    external_id = serializers.CharField(help_text="Empty where you gave none")
    mode = serializers.ChoiceField(Mode.choices)
    metadata = serializers.SerializerMethodField()
    phone_number = serializers.CharField(source="phone", help_text="E.164; empty where unknown")
    phone_verified = serializers.BooleanField(source="is_phone_verified")
    phone_verified_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    @extend_schema_field(METADATA)
    def get_metadata(self, applicant: Any) -> Any:
        return applicant.metadata


class ErasingOut(serializers.Serializer[Any]):
    """A user whose data are gone here and are being erased at our vendors."""

    user_id = serializers.UUIDField(source="pk")
    status = serializers.ChoiceField(["erasing"])


class ClientTokenOut(Leading):
    """A token for one browser."""

    client_token = serializers.CharField(help_text="Shown this once")
    user_id = serializers.UUIDField()
    expires_at = serializers.DateTimeField()


class AgreementLinkOut(serializers.Serializer[Any]):
    text = serializers.CharField(help_text="The words of the text that are the link")
    url = serializers.URLField()


class ConsentTextOut(serializers.Serializer[Any]):
    text_version = serializers.CharField(help_text="Send it with phone/verify")
    text = serializers.CharField(
        help_text="To be shown to the person word for word, beside a button labelled `Continue`"
    )
    links = AgreementLinkOut(many=True, help_text="What the text names, to be linked to in it")


class PhoneSessionOut(Leading):
    """One proof of a phone number."""

    session_id = serializers.UUIDField(source="pk")
    user_id = serializers.UUIDField(source="applicant_id")
    status = LowerField(lower(PhoneSession.Status.choices))
    method = serializers.ChoiceField(["sms", "preverified"])
    expires_at = serializers.DateTimeField()
    resend_after = serializers.DateTimeField(
        source="resend_at", allow_null=True, help_text="No text goes out before"
    )
    attempts_left = serializers.SerializerMethodField()
    identified = serializers.BooleanField(
        allow_null=True, help_text="Whether the person was found; null until the code was right"
    )

    def get_attempts_left(self, session: PhoneSession) -> int:
        return session.max_attempts - session.attempts


class LinkTokenOut(Leading):
    """What Plaid's window is opened with."""

    session_id = serializers.UUIDField(source="session.pk")
    user_id = serializers.UUIDField(source="session.applicant_id")
    kind = serializers.ChoiceField(LinkSession.Kind.values, source="session.kind")
    link_token = serializers.CharField(help_text="For Plaid.create")
    expiration = serializers.DateTimeField(source="session.expires_at")


class ItemOut(serializers.Serializer[Any]):
    item_id = serializers.UUIDField(source="pk")
    institution_name = serializers.CharField(help_text="Empty until it is known")
    status = LowerField(lower(PlaidItem.Status.choices))
    needs_reconnect = serializers.SerializerMethodField()

    def get_needs_reconnect(self, item: PlaidItem) -> bool:
        """Say whether nothing more can be read until the person has logged in again."""
        return item.status in {PlaidItem.Status.NEEDS_USER, PlaidItem.Status.REVOKED}


class BalanceOut(serializers.Serializer[Any]):
    available = serializers.DecimalField(18, 2, allow_null=True)
    current = serializers.DecimalField(18, 2, allow_null=True)
    limit = serializers.DecimalField(18, 2, allow_null=True)
    currency = serializers.CharField(help_text="ISO 4217; empty where the bank tells none")


class AccountOut(serializers.Serializer[Any]):
    account_id = serializers.UUIDField(source="pk")
    item_id = serializers.UUIDField()
    institution_name = serializers.CharField(source="item.institution_name")
    name = serializers.CharField()
    official_name = serializers.CharField()
    type = serializers.CharField(help_text="Plaid's, e.g. depository")
    subtype = serializers.CharField(help_text="Plaid's, e.g. checking")
    mask = serializers.CharField(help_text="The last digits of its number")
    balance = BalanceOut(source="*")
    updated_at = serializers.DateTimeField()


class AccountsOut(Leading):
    """Linked banks and their accounts."""

    user_id = serializers.UUIDField(source="pk")
    items = ItemOut(many=True, source="shown_items")
    accounts = AccountOut(many=True, source="shown_accounts")


class FinishedLinkOut(AccountsOut):
    """Linked banks, with what has just come."""

    prefill_available = serializers.BooleanField(help_text="Whether GET prefill has something")


class RemovingOut(Leading):
    """A bank that is being removed."""

    item_id = serializers.UUIDField(source="pk")
    status = serializers.ChoiceField(["removing"])


class LinkEventOut(Leading):
    """The session the event was of."""

    session_id = serializers.UUIDField(source="pk")


class ProvenanceOut(serializers.Serializer[Any]):
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]
    obtained_at = serializers.DateTimeField()
    confidence = serializers.DecimalField(3, 2, help_text="0 to 1")


class PersonalInfoOut(serializers.Serializer[Any]):
    first_name = serializers.CharField(required=False)
    middle_name = serializers.CharField(required=False)
    last_name = serializers.CharField(required=False)
    email = serializers.CharField(required=False)
    phone_number = serializers.CharField(required=False, help_text="E.164")
    date_of_birth = serializers.DateField(required=False)
    ssn_last4 = serializers.CharField(required=False)


class EmploymentOut(serializers.Serializer[Any]):
    employer_name = serializers.CharField(required=False)
    income = serializers.CharField(required=False, help_text="Dollars a year")
    employment_type = serializers.CharField(required=False)


class KnownAccountOut(serializers.Serializer[Any]):
    account_id = serializers.UUIDField()
    institution_name = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField()
    subtype = serializers.CharField()
    mask = serializers.CharField()
    available = serializers.CharField(allow_null=True)
    current = serializers.CharField(allow_null=True)
    limit = serializers.CharField(allow_null=True)
    currency = serializers.CharField()


class FinancialInfoOut(serializers.Serializer[Any]):
    bank_accounts = KnownAccountOut(many=True)
    credit_accounts = KnownAccountOut(many=True)
    total_assets = serializers.CharField(required=False)
    total_liabilities = serializers.CharField(required=False)


@extend_schema_field({"type": "array", "items": ADDRESS})
class AddressesField(serializers.ReadOnlyField):
    """Where the person lives, then where else."""


class PrefillOut(Leading):
    """What nobody knows is left out; every value is the person's to correct."""

    user_id = serializers.UUIDField()
    personal_info = PersonalInfoOut()
    addresses = AddressesField()
    employment = EmploymentOut()
    financial_info = FinancialInfoOut()
    provenance = serializers.DictField(
        child=ProvenanceOut(), help_text="Where each value is from, by its path"
    )
    coverage = serializers.DecimalField(4, 3, help_text="How much of the KYC form is known, 0 to 1")
