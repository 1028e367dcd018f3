"""Whom the parent trusts, after the form is in: read, named, changed and removed by itself."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import agreements, choices, operations
from accounts.api.problems import problems
from accounts.api.views import ParentAPI
from accounts.faults import check_trusted_answer
from accounts.models import Parent, TrustedContact
from accounts.queries import get_trusted_contact
from accounts.trusted_forms import TrustedContactForm
from brokerage.api import examples
from brokerage.api.kyc_form import OF_TRUSTED, TrustedContactIn, as_typed, raise_faults
from core import clock
from core.api_checks import renamed
from core.forms import check_also
from core.idempotency import idempotent

API_NAMES = {name: api_name for api_name, name in OF_TRUSTED.items()}
NOT_ASKED = "not_asked"
BROKER_WORDS = ["not_told_yet", "told", "refused", "not_taken"]
STATUSES = [NOT_ASKED, *(status.lower() for status in TrustedContact.Status.values)]


class TrustedPersonIn(TrustedContactIn):
    """A person of 18 or older who can be reached by phone or e-mail."""

    def get_fields(self) -> dict[str, Any]:
        return {name: field for name, field in super().get_fields().items() if name != "declined"}

    def checked_form(self, parent: Parent) -> TrustedContactForm:
        """Return the page's form with what was sent, once sure that it takes it.

        :raises Invalid: with all faults by their names in the API
        """
        sent = self.validated_data
        form = TrustedContactForm(
            {
                name: as_typed(sent[api_name])
                for api_name, name in OF_TRUSTED.items()
                if sent.get(api_name)
            }
        )
        outdated = {}
        if sent["disclosureVersion"] != agreements.version_of(agreements.TRUSTED_CONTACT):
            outdated["disclosureVersion"] = _("The text has changed. Please read it again.")
        if not form.is_valid() or outdated:
            check_also(form, lambda _good: check_trusted_answer(parent, form.trusted_contact()))
        raise_faults(form, API_NAMES, more={}, outdated=outdated)
        return form


class TrustedPersonOut(serializers.Serializer[Any]):
    """Who was named; the phone number is in E.164."""

    firstName = serializers.CharField(source="first_name")
    lastName = serializers.CharField(source="last_name")
    relationship = serializers.ChoiceField(choices.Relationship.choices, allow_blank=True)
    phone = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)


class TrustedContactOut(serializers.Serializer[Any]):
    """The answer in force, and the text to show before another one is given."""

    status = serializers.ChoiceField(STATUSES)
    answeredAt = serializers.DateTimeField(allow_null=True)
    person = TrustedPersonOut(allow_null=True)
    disclosure = serializers.CharField()
    disclosureVersion = serializers.CharField()
    broker = serializers.ChoiceField(
        BROKER_WORDS, help_text="What the broker knows of it: it is told once an account is open"
    )


ANSWER = OpenApiExample("Answer", examples.TRUSTED_CONTACT_OUT, response_only=True)


class TrustedContactNow(ParentAPI):
    """Whom the signed-in parent trusts."""

    @extend_schema(responses={200: TrustedContactOut, **problems(401, 403)}, examples=[ANSWER])
    def get(self, request: Request) -> Response:
        return self._tell()

    @extend_schema(
        request=TrustedPersonIn,
        responses={
            200: OpenApiResponse(TrustedContactOut, description="Named"),
            **problems(400, 401, 403, 422),
        },
        examples=[
            OpenApiExample("Request", examples.TRUSTED_CONTACT_IN, request_only=True),
            ANSWER,
        ],
    )
    @idempotent
    def put(self, request: Request) -> Response:
        """Name a person, or another one in place of who is named."""
        parent = self.parent  # who is nobody's parent is told so first
        data = TrustedPersonIn(data=request.data)
        data.is_valid(raise_exception=True)
        answer = data.checked_form(parent).trusted_contact()
        if answer is not None:
            with renamed(API_NAMES):
                operations.answer_trusted_contact(parent=parent, answer=answer, at=clock.now())
        return self._tell()

    @extend_schema(
        responses={
            200: OpenApiResponse(TrustedContactOut, description="Nobody is named"),
            **problems(401, 403),
        },
        examples=[ANSWER],
    )
    def delete(self, request: Request) -> Response:
        """Name nobody, or nobody any more; again, it changes nothing."""
        nobody = operations.TrustedAnswer()
        operations.answer_trusted_contact(parent=self.parent, answer=nobody, at=clock.now())
        return self._tell()

    def _tell(self) -> Response:
        contact = get_trusted_contact(self.parent)
        told = {
            "status": str(contact.status).lower() if contact else NOT_ASKED,
            "answeredAt": contact.answered_at if contact else None,
            "person": contact if contact and contact.is_named else None,
            "disclosure": str(agreements.TRUSTED_CONTACT),
            "disclosureVersion": agreements.version_of(agreements.TRUSTED_CONTACT),
            "broker": (contact.broker_word.lower() if contact else "") or "not_told_yet",
        }
        return Response(TrustedContactOut(told).data)
