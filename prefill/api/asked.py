"""What requests about applicants hold."""

import json
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.addresses import is_redirect_uri
from prefill.api.fields import CHANGES, METADATA
from prefill.models import LinkSession
from tenants.api.strict import Strict

LANGUAGES = [
    "da", "de", "en", "es", "et", "fr", "hi", "it", "lt", "lv", "nl", "no", "pl", "pt", "ro",
    "sv", "vi",
]  # fmt: skip
MOST_NAMES = 50


@extend_schema_field(METADATA)
class MetadataField(serializers.Field[Any, Any, Any, Any]):
    """An object of a tenant's own that PostgreSQL can keep as it is."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return it, once sure of its shape."""
        if not isinstance(data, dict) or len(data) > MOST_NAMES:
            raise serializers.ValidationError(f"Send an object of up to {MOST_NAMES} names.")
        for name, value in data.items():
            if value is not None and not isinstance(value, str | int):
                message = f"{_shown(name)} is text, a whole number, true, false or null."
                raise serializers.ValidationError(message)
        try:
            text = json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            text = b"\\u0000"
        if b"\\u0000" in text:
            raise serializers.ValidationError("This is not Unicode text.")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(CHANGES)
class ChangesField(serializers.Field[Any, Any, Any, Any]):
    """New values by path; what each must look like is the engine's."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return it, once sure that it is an object."""
        if not isinstance(data, dict) or not data:
            raise serializers.ValidationError("Send an object of paths and their new values.")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class MakeUserIn(Strict):
    """Both may be left out."""

    external_id = serializers.CharField(
        max_length=255, allow_blank=True, required=False, help_text="Your own name of the person"
    )
    metadata = MetadataField(required=False)


class ChangeUserIn(MakeUserIn):
    """What is left out stays as it is; metadata are replaced as a whole."""


class ClientTokenIn(Strict):
    """The user whose browser it is for."""

    user_id = serializers.UUIDField()


class ConsentIn(Strict):
    """That the person agreed to the text of `GET phone/consent-text`, before this request."""

    accepted = serializers.BooleanField()
    text_version = serializers.CharField(max_length=20)
    ip_address = serializers.IPAddressField(
        required=False, help_text="The person's; with a client token we take the caller's"
    )
    user_agent = serializers.CharField(max_length=300, required=False, allow_blank=True)

    def validate_accepted(self, value: bool) -> bool:
        """Refuse what is no consent."""
        if not value:
            raise serializers.ValidationError("Nobody is looked for without consent.")
        return value


class VerifyPhoneIn(Strict):
    """Whose phone it is, and that they agreed."""

    user_id = serializers.UUIDField(
        required=False,
        help_text="Without one a user is made; with a client token it is the token's",
    )
    phone_number = serializers.CharField(max_length=30, help_text="E.164, or a national number")
    country_code = serializers.RegexField(
        r"^[A-Z]{2}$", required=False, default="US", help_text="ISO 3166-1 alpha-2"
    )
    method = serializers.ChoiceField(["sms", "voice"], required=False, default="sms")
    date_of_birth = serializers.DateField()
    consent = ConsentIn()


class ConfirmPhoneIn(Strict):
    """The code as the person typed it."""

    session_id = serializers.UUIDField()
    verification_code = serializers.CharField(max_length=12, help_text="Six digits")


class StartLinkIn(Strict):
    """`client_name`, `products` and `country_codes` are set in the portal, and must agree."""

    user_id = serializers.UUIDField()
    kind = serializers.ChoiceField(
        LinkSession.Kind.values,
        required=False,
        help_text="Left out, it is what the person's next step is; update repairs `item_id`",
    )
    item_id = serializers.UUIDField(required=False, help_text="The bank to repair")
    phone_number = serializers.CharField(
        max_length=30, required=False, help_text="E.164; Plaid asks the person less then"
    )
    language = serializers.ChoiceField(LANGUAGES, required=False, default="en")
    redirect_uri = serializers.URLField(
        max_length=300,
        required=False,
        help_text="Where banks that have people sign in on their own site (OAuth) lead back to; "
        "one of the `redirect_uris` of your company",
    )
    client_name = serializers.CharField(max_length=100, required=False)
    products = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=30, required=False
    )
    country_codes = serializers.ListField(
        child=serializers.CharField(max_length=2), max_length=30, required=False
    )

    def validate_redirect_uri(self, value: str) -> str:
        """Refuse an address that is read on the way, or that Plaid never takes."""
        if not is_redirect_uri(value, may_be_here=not settings.PRODUCTION):
            message = "Use an https address without a query or fragment."
            raise serializers.ValidationError(message)
        return value

    def validate(self, attrs: Any) -> Any:
        """Refuse a repair of nothing, and an item that is not to be repaired."""
        is_repair = attrs.get("kind") == LinkSession.Kind.UPDATE
        if is_repair != ("item_id" in attrs):
            message = "kind update and item_id come together."
            raise serializers.ValidationError({"item_id": message})
        return attrs


class FinishLinkIn(Strict):
    """`public_token` of what `onSuccess` gave; after a repair `session_id` instead."""

    user_id = serializers.UUIDField()
    public_token = serializers.CharField(max_length=200, required=False)
    session_id = serializers.UUIDField(required=False)

    def validate(self, attrs: Any) -> Any:
        """Want one of the two."""
        if ("public_token" in attrs) == ("session_id" in attrs):
            message = "Send public_token, or after a repair session_id."
            raise serializers.ValidationError({"public_token": message})
        return attrs


class LinkEventIn(Strict):
    """What Plaid told the page."""

    session_id = serializers.UUIDField()
    event_name = serializers.RegexField(
        r"^[A-Z][A-Z_]*$", max_length=60, help_text="Plaid's, e.g. LAYER_NOT_AVAILABLE or EXIT"
    )


class EditPrefillIn(Strict):
    """All of the changes are taken, or none."""

    changes = ChangesField()


def _shown(name: str) -> str:
    return name.encode("ascii", "replace").decode()[:40]
