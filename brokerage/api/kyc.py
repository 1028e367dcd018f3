"""Identity checks for mobile apps: how they stand, corrections, pictures of documents."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import spelling, validators
from accounts.api.problems import problems
from accounts.api.views import ParentAPI
from accounts.faults import check_corrected_child
from accounts.models import KycProfile
from accounts.pages import get_ip_address
from accounts.queries import get_child_or_404
from brokerage import operations, prefilled, queries
from brokerage.api import examples
from brokerage.api.kyc_form import API_NAMES, KycFormOut, KycIn, describe_form
from brokerage.api.spelling import RespellingOut, tell_respellings
from brokerage.identity import Action, describe_check
from brokerage.models import BrokerUser, IdDocument
from brokerage.operations.people import ChildCorrection
from core import clock
from core.api_checks import check_all, renamed
from core.errors import DomainError, Invalid
from core.idempotency import idempotent
from core.problems import flatten
from core.uploads import LARGEST_FILE

NOT_STARTED = "not_started"
STATUSES = [NOT_STARTED, *(status.lower() for status in BrokerUser.Status.values)]
ACTIONS = [action.value for action in Action]
KINDS = [kind.lower() for kind in IdDocument.Kind.values]
SIDES = [side.lower() for side in IdDocument.Side.values]
FIELDS = {
    "name": ("firstName", "lastName"),
    "date_of_birth": ("birthdate",),
    "address": ("address",),
}
CORRECTED = {
    "ages_confirmed": "agesConfirmed",
    "date_of_birth": "birthdate",
    "first_name": "firstName",
    "last_name": "lastName",
}


class IdDocumentOut(serializers.Serializer[Any]):
    """A picture that was sent; its content is never given out."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=KINDS)
    side = serializers.ChoiceField(choices=SIDES)
    status = serializers.ChoiceField(choices=[s.lower() for s in IdDocument.Status.values])
    refusal = serializers.CharField()
    addedAt = serializers.DateTimeField(source="created_at")

    def to_representation(self, instance: Any) -> Any:
        told = super().to_representation(instance)
        return told | {name: told[name].lower() for name in ("kind", "side", "status")}


class KycOut(serializers.Serializer[Any]):
    """How a check stands.

    `problems` are stable codes and `fixes` the same in words; `allowedActions` says what goes on,
    `fieldsToCorrect` what the broker objects to (`all`: look through everything).
    """

    status = serializers.ChoiceField(choices=STATUSES)
    title = serializers.CharField()
    detail = serializers.CharField()
    problems = serializers.ListField(child=serializers.CharField())
    fixes = serializers.ListField(child=serializers.CharField())
    allowedActions = serializers.ListField(child=serializers.ChoiceField(choices=ACTIONS))
    fieldsToCorrect = serializers.ListField(child=serializers.CharField())
    brokerSpelling = RespellingOut(
        many=True, help_text="What the broker writes otherwise than the parent did"
    )
    documents = IdDocumentOut(many=True)


class IdDocumentIn(serializers.Serializer[Any]):
    """One identity document: a JPEG, PNG or PDF of each side, 10 MB at most."""

    kind = serializers.ChoiceField(choices=KINDS)
    front = serializers.FileField()
    back = serializers.FileField(required=False)

    def validate_front(self, file: Any) -> Any:
        return _check_size(file)

    def validate_back(self, file: Any) -> Any:
        return _check_size(file)

    def pictures(self) -> dict[str, bytes]:
        """Return the sides that were sent, once valid."""
        sides = {side: self.validated_data.get(side.lower()) for side in IdDocument.Side.values}
        return {side: file.read() for side, file in sides.items() if file}


class ChildCorrectionIn(serializers.Serializer[Any]):
    """A child's details as they should be; without `ssn` the number stays."""

    firstName = serializers.CharField(max_length=36)
    lastName = serializers.CharField(max_length=36)
    birthdate = serializers.DateField()
    ssn = serializers.CharField(max_length=11, write_only=True, required=False)
    agesConfirmed = serializers.BooleanField(
        default=False, help_text="The birthdays are right: another adult of the family, no parent"
    )

    def validate_firstName(self, value: str) -> str:
        return str(_checked(spelling.clean_name, value))

    def validate_lastName(self, value: str) -> str:
        return str(_checked(spelling.clean_name, value))

    def validate_birthdate(self, value: date) -> date:
        day: date = _checked(validators.clean_birth_date, value, today=clock.today())
        return day

    def validate_ssn(self, value: str) -> str:
        return str(_checked(validators.clean_ssn, value))

    def correction(self) -> ChildCorrection:
        """Return what was sent, once valid."""
        data = self.validated_data
        return ChildCorrection(
            data["firstName"],
            data["lastName"],
            data["birthdate"],
            data.get("ssn", ""),
            data["agesConfirmed"],
        )


def _checked(clean: Any, *args: Any, **kwargs: Any) -> Any:
    try:
        return clean(*args, **kwargs)
    except DjangoValidationError as error:
        raise serializers.ValidationError(error.messages) from error


def _check_size(file: Any) -> Any:
    if file.size > LARGEST_FILE:
        raise serializers.ValidationError("This file is larger than 10 MB.")
    return file


def describe_kyc(user: BrokerUser | None, *, started: bool = True) -> dict[str, Any]:
    """Return a person's check as the API tells of it."""
    check = describe_check(user)
    fields = [name for field in check.fields for name in FIELDS.get(field, (field,))]
    sent = user.id_documents.defer("content").order_by("-created_at") if user else []
    told = {
        "status": str(check.status).lower(),
        "title": check.title,
        "detail": check.text,
        "problems": check.problems,
        "fixes": check.fixes,
        "allowedActions": [action.value for action in check.actions],
        "fieldsToCorrect": fields,
        "brokerSpelling": _tell_spelling(user),
        "documents": list(sent),
    }
    if not started:
        told |= {
            "status": NOT_STARTED,
            "title": "Not started",
            "detail": "The broker has to know who you are.",
            "allowedActions": [Action.CORRECT.value],
            "fieldsToCorrect": ["all"],
        }
    return told


def _tell_spelling(user: BrokerUser | None) -> list[dict[str, str]]:
    """Return how the broker writes a person otherwise than they are written here."""
    person = None
    if user:
        person = user.child or KycProfile.objects.filter(parent=user.parent_id).first()
    names = ("first_name", "last_name", "street1", "street2", "city", "postal_code")
    return tell_respellings({name: getattr(person, name, "") for name in names})


class Kyc(ParentAPI):
    """The signed-in parent's own identity check."""

    @extend_schema(
        request=KycIn,
        responses={
            201: OpenApiResponse(KycOut, description="Handed in; the broker checks it"),
            200: OpenApiResponse(KycOut, description="A correction the broker asked for"),
            **problems(400, 401, 403, 409, 422),
        },
        examples=[
            OpenApiExample("Request", examples.KYC_IN, request_only=True),
            OpenApiExample(
                "Answer", examples.KYC_OUT, response_only=True, status_codes=["200", "201"]
            ),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Hand in the form, by the rules of `GET kyc/form`; all of it is taken or nothing.

        Without `ssn` the number on file is used. `trustedContact` belongs to it where the form
        asks for it: a person with a phone number or an e-mail address, or `declined`, or nothing
        but the version of the disclosure, which counts as declined. Where a text has changed
        since it was read, `consent_outdated` comes back and nothing is kept.

        400 `invalid`, `consent_outdated`, `custodian_too_young`, `ssn_of_another` · 409
        `already_submitted` (the broker asks for no correction) · 503 `halted`, with `Retry-After`.
        """
        prefilled.check_can_submit(self.parent)
        data = KycIn(data=request.data)
        if not data.is_valid():
            raise self._all_faults(data)
        form = prefilled.open_form(self.parent, data.typed(), at=clock.now())
        data.check(form, self.parent)
        with renamed(API_NAMES):
            prefilled.submit_answers(
                parent=self.parent,
                answers=form.answers(),
                at=clock.now(),
                ip_address=get_ip_address(request),
                trusted=form.trusted_contact(),
            )
        user = queries.get_broker_user(self.parent)
        return Response(KycOut(describe_kyc(user)).data, status=200 if form.known else 201)

    def _all_faults(self, data: KycIn) -> DomainError:
        """Return what is wrong with a body, and with what is understood of it."""
        whole = Invalid(_("Some fields need another look."), fields=flatten(data.errors))
        form = prefilled.open_form(self.parent, data.typed(), at=clock.now())
        try:
            data.check(form, self.parent)
        except DomainError as refusal:
            own = Invalid(whole.message, fields=whole.fields)
            rest = [part for part in refusal.parts if not _is_inside(part, whole.fields)]
            whole.parts = (own, *rest)
            whole.fields = {n: t for part in rest for n, t in part.fields.items()} | whole.fields
        return whole

    @extend_schema(responses=KycOut)
    def get(self, request: Request) -> Response:
        started = hasattr(self.parent, "profile")
        user = queries.get_broker_user(self.parent)
        return Response(KycOut(describe_kyc(user, started=started)).data)


class KycFormNow(ParentAPI):
    """The form as it stands for the signed-in parent."""

    @extend_schema(
        responses={200: KycFormOut, **problems(401, 403)},
        examples=[OpenApiExample("Answer", examples.KYC_FORM, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Return what to ask: each question with the value it begins with and where that is from.

        A value that is given out counts as shown. Once the form is in, there are no questions
        until the broker asks for a correction.
        """
        return Response(KycFormOut(describe_form(self.parent, at=clock.now())).data)


class KycDocuments(ParentAPI):
    """Pictures of the parent's own ID, asked for by the broker."""

    parser_classes = (MultiPartParser,)
    takes_files = True

    @extend_schema(request={"multipart/form-data": IdDocumentIn}, responses={201: KycOut})
    @idempotent
    def post(self, request: Request) -> Response:
        user = queries.get_broker_user(self.parent)
        return _add_document(self, user, request)


class ChildKyc(ParentAPI):
    """A child's identity check, and corrections while the broker asks for them."""

    @extend_schema(responses=KycOut)
    def get(self, request: Request, child_id: UUID) -> Response:
        child = get_child_or_404(self.parent, pk=child_id)
        return Response(KycOut(describe_kyc(queries.get_child_at_broker(child))).data)

    @extend_schema(request=ChildCorrectionIn, responses=KycOut)
    @idempotent
    def patch(self, request: Request, child_id: UUID) -> Response:
        child = get_child_or_404(self.parent, pk=child_id)
        data = ChildCorrectionIn(data=request.data)
        check_all(data, partial(check_corrected_child, child, today=clock.today()), CORRECTED)
        with renamed(CORRECTED):
            operations.correct_child(child=child, correction=data.correction(), at=clock.now())
        return Response(KycOut(describe_kyc(queries.get_child_at_broker(child))).data)


class ChildKycDocuments(ParentAPI):
    """Pictures of a child's ID, asked for by the broker."""

    parser_classes = (MultiPartParser,)
    takes_files = True

    @extend_schema(request={"multipart/form-data": IdDocumentIn}, responses={201: KycOut})
    @idempotent
    def post(self, request: Request, child_id: UUID) -> Response:
        child = get_child_or_404(self.parent, pk=child_id)
        return _add_document(self, queries.get_child_at_broker(child), request)


def _is_inside(part: DomainError, faulty: dict[str, str]) -> bool:
    """Say whether a refusal is about parts of what is missing or unreadable as a whole."""
    return any(name.partition(".")[0] in faulty for name in part.fields if "." in name)


def _add_document(view: ParentAPI, user: BrokerUser | None, request: Request) -> Response:
    data = IdDocumentIn(data=request.data)
    data.is_valid(raise_exception=True)
    if user is None:
        raise operations.nothing_asked_for()
    operations.add_id_document(
        holder=user,
        kind=data.validated_data["kind"].upper(),
        pictures=data.pictures(),
        by=view.parent,
        at=clock.now(),
    )
    return Response(KycOut(describe_kyc(user)).data, status=201)
