"""How the broker will write names and addresses, for an app to show before they are sent."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import spelling
from accounts.api.problems import problems
from accounts.api.views import ParentAPI
from brokerage.api import examples
from tenants.api.strict import Strict

# The API's name → ours, and what is checked of it.
FIELDS: dict[str, tuple[str, Callable[[str], str]]] = {
    "firstName": ("first_name", spelling.clean_name),
    "lastName": ("last_name", spelling.clean_name),
    "street1": ("street1", spelling.clean_street),
    "street2": ("street2", spelling.clean_street),
    "city": ("city", spelling.clean_city),
    "postalCode": ("postal_code", str),
}
API_NAMES = {ours: api_name for api_name, (ours, _clean) in FIELDS.items()}


class RespellingOut(serializers.Serializer[Any]):
    """One answer that goes to the broker in other letters than it was written in."""

    field = serializers.CharField()
    written = serializers.CharField()
    sent = serializers.CharField()


class SpellingIn(Strict):
    """Names and an address, all or some of them; nothing is kept."""

    def get_fields(self) -> dict[str, Any]:
        fields = {
            name: serializers.CharField(max_length=100, required=False, allow_blank=True)
            for name in FIELDS
        }
        return fields | super().get_fields()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        faults = {}
        for name, value in attrs.items():
            try:
                attrs[name] = FIELDS[name][1](value) if value else ""
            except DjangoValidationError as error:
                faults[name] = error.messages
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


class SpellingOut(serializers.Serializer[Any]):
    """What the broker will write otherwise; what is not listed it writes as it is."""

    brokerSpelling = RespellingOut(many=True)


def tell_respellings(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return which of these values the broker writes otherwise, by the API's names."""
    return [
        {"field": API_NAMES[one.field], "written": one.written, "sent": one.sent}
        for one in spelling.list_respellings(values)
    ]


class Spelling(ParentAPI):
    """How the broker will write names and an address."""

    @extend_schema(
        request=SpellingIn,
        responses={200: OpenApiResponse(SpellingOut), **problems(400, 401, 403)},
        examples=[
            OpenApiExample("Request", examples.SPELLING_IN, request_only=True),
            OpenApiExample("Answer", examples.SPELLING_OUT, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        """Say how the broker will write these, to show before they are handed in; nothing is kept.

        Its system takes A-Z, a-z, hyphens and spaces in names; what has no such spelling is refused
        here as it would be there, with the field.
        """
        data = SpellingIn(data=request.data)
        data.is_valid(raise_exception=True)
        values = {FIELDS[name][0]: value for name, value in data.validated_data.items()}
        return Response(SpellingOut({"brokerSpelling": tell_respellings(values)}).data)
