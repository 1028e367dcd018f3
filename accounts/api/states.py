"""Where accounts are opened, for an app to ask first; needs no signing in."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import waiting
from accounts.api.problems import problems
from accounts.models import STATES
from accounts.pages import get_ip_address
from accounts.states import list_places
from accounts.where import TOO_MANY, throttle
from core import clock
from core.errors import DomainError


class TooOften(DomainError):
    """The waiting list is no way to have us write to many strangers."""

    code = "too_often"
    status = 429
    retry_after = 300.0


class PlaceOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    isOpen = serializers.BooleanField(source="is_open")
    controlAge = serializers.IntegerField(source="age", allow_null=True)


class PlacesOut(serializers.Serializer[Any]):
    states = PlaceOut(many=True)


class WaitingIn(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    state = serializers.CharField(max_length=2, help_text="Two letters, as in `GET states`")

    def validate_state(self, value: str) -> str:
        if value not in STATES:
            raise serializers.ValidationError("There is no such state.")
        return value


class WaitingOut(serializers.Serializer[Any]):
    """The same whether or not the address was on the list."""

    sentTo = serializers.EmailField()


class States(APIView):
    """Every state and territory, and whether accounts are opened there."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(responses=PlacesOut, auth=[])
    def get(self, request: Request) -> Response:
        return Response(PlacesOut({"states": list_places(today=clock.today())}).data)


class WaitingListAPI(APIView):
    """Be told once accounts are opened in a state; a link in a mail confirms it."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        request=WaitingIn,
        responses={202: OpenApiResponse(WaitingOut), **problems(400, 429)},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        data = WaitingIn(data=request.data)
        data.is_valid(raise_exception=True)
        if not throttle.admits(get_ip_address(request) or "unknown"):
            raise TooOften(str(TOO_MANY))
        email, state = data.validated_data["email"], data.validated_data["state"]
        waiting.join(email=email, state=state, at=clock.now())
        return Response(WaitingOut({"sentTo": email}).data, status=202)
