"""The agreements in force, and whom to write to, for mobile apps; nobody needs to be signed in."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import documents

# By the name of the API's field that agrees to it.
AGREED = {
    "terms": "TERMS",
    "agreeToUtma": "UTMA",
    "agreeToTeenTerms": "TEEN",
    "authorize": "ACH",
}


class AgreedVersionField(serializers.CharField):
    """The version that was shown, as `GET agreements` told it; another one is refused."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds
        super().__init__(
            required=False,
            max_length=40,
            help_text="Of what was shown, from `versions` of `GET agreements`; refused if outdated",
        )

    def __deepcopy__(self, _memo: Any) -> "AgreedVersionField":
        return AgreedVersionField(*self.kinds)

    def to_internal_value(self, data: Any) -> str:
        version = super().to_internal_value(data)
        if version not in [documents.version_of_kinds([kind]) for kind in self.kinds]:
            raise serializers.ValidationError(
                "The text has changed. Please read it again.", code="consent_outdated"
            )
        return version


class AgreementOut(serializers.Serializer[Any]):
    """One agreement; `url` is its page, which needs no sign-in."""

    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    version = serializers.CharField()
    url = serializers.SerializerMethodField()

    def get_url(self, document: documents.Document) -> str:
        return f"{settings.SITE_URL}{reverse('agreement', args=[document.slug])}"


class AgreementsOut(serializers.Serializer[Any]):
    """`versions` is what to send back as `agreedVersion`, by the field that agrees."""

    supportEmail = serializers.EmailField()
    helpUrl = serializers.URLField()
    contactUrl = serializers.URLField()
    agreements = AgreementOut(many=True)
    versions = serializers.DictField(child=serializers.CharField())


class AgreementsNow(APIView):
    """What people agree to, and whom they write to."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(responses=AgreementsOut, auth=[])
    def get(self, request: Request) -> Response:
        """Return every agreement in force with its page, and the address people write to.

        Signing up in the app is agreeing to `terms` and `privacy`: show both before.
        """
        told = {
            "supportEmail": settings.SUPPORT_EMAIL,
            "helpUrl": settings.SITE_URL + reverse("help"),
            "contactUrl": settings.SITE_URL + reverse("contact"),
            "agreements": documents.list_documents(),
            "versions": {name: documents.version_of_kinds([kind]) for name, kind in AGREED.items()},
        }
        return Response(AgreementsOut(told).data)
