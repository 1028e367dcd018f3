"""What a parent agreed to, and ending it, for mobile apps."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import problems
from accounts.api.views import ParentAPI
from accounts.models import Consent
from accounts.pages import get_ip_address
from accounts.rules import signs_electronically
from brokerage import operations
from core import clock
from core.idempotency import idempotent

AT_ONCE = 100
ENDS = {
    "eSign": operations.end_e_sign,
    "debits": operations.end_debits,
    "instructions": operations.end_instructions,
}


class ConsentOut(serializers.Serializer[Any]):
    """One agreement word for word; `documents` has the version of each linked one by its slug."""

    kind = serializers.CharField(source="get_kind_display")
    text = serializers.CharField()
    documents = serializers.DictField(child=serializers.CharField())
    givenAt = serializers.DateTimeField(source="given_at")


class ConsentsOut(serializers.Serializer[Any]):
    """The newest hundred; all of them stand on the site, under Security, What you agreed to."""

    signsElectronically = serializers.BooleanField()
    consents = ConsentOut(many=True)


class EndConsentIn(serializers.Serializer[Any]):
    what = serializers.ChoiceField(choices=sorted(ENDS))


class Consents(ParentAPI):
    """What the parent agreed to."""

    @extend_schema(responses={200: ConsentsOut, **problems(401, 403)})
    def get(self, request: Request) -> Response:
        return _show(self)


class EndConsent(ParentAPI):
    """End an agreement."""

    @extend_schema(
        request=EndConsentIn, responses={200: ConsentsOut, **problems(400, 401, 403, 409)}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """End electronic records and signatures, bank debits, or the written instructions.

        Say beforehand what stops by it: after `eSign` nothing can be signed until they agree again,
        after `debits` no bank is debited until it is linked again, after `instructions` what was
        found about the person is deleted. 409 `already_done`, `no_bank`, `nothing_kept`.
        """
        data = EndConsentIn(data=request.data)
        data.is_valid(raise_exception=True)
        end = ENDS[data.validated_data["what"]]
        end(parent=self.parent, at=clock.now(), ip_address=get_ip_address(request))
        return _show(self)


class SignElectronically(ParentAPI):
    """Agree to electronic records and signatures again."""

    @extend_schema(request=None, responses={200: ConsentsOut, **problems(401, 403, 409)})
    @idempotent
    def post(self, request: Request) -> Response:
        """Agree to the agreement `e-sign` of `GET agreements`, shown before; 409 `already_done`."""
        operations.sign_electronically_again(
            parent=self.parent, at=clock.now(), ip_address=get_ip_address(request)
        )
        return _show(self)


class AskForPaper(ParentAPI):
    """Have paper copies sent."""

    @extend_schema(request=None, responses={204: None, **problems(401, 403)})
    @idempotent
    def post(self, request: Request) -> Response:
        """Have staff send paper copies to the address in the parent's details."""
        operations.ask_for_paper(parent=self.parent, at=clock.now())
        return Response(status=204)


def _show(view: ParentAPI) -> Response:
    told = {
        "signsElectronically": signs_electronically(view.parent),
        "consents": Consent.objects.filter(parent=view.parent).order_by("-given_at")[:AT_ONCE],
    }
    return Response(ConsentsOut(told).data)
