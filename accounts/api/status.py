"""What is open now: for an app to say so before its user has typed anything."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.switches import HALTS, Halt, get_halt


class ActionOut(serializers.Serializer[Any]):
    """`action`: accounts (identity form and children), gifts, approvals (and retries), deposits or
    orders. While it is closed, `detail` says so and its requests answer 503 `halted` with
    `Retry-After`; `backAt` is null where nobody knows."""

    action = serializers.ChoiceField(sorted(name.removeprefix("halt-") for name in HALTS))
    isOpen = serializers.BooleanField()
    detail = serializers.CharField()
    backAt = serializers.DateTimeField(allow_null=True)
    retryAfterSeconds = serializers.IntegerField(allow_null=True)


class StatusOut(serializers.Serializer[Any]):
    actions = ActionOut(many=True)


def describe_action(name: str, halt: Halt | None) -> dict[str, Any]:
    """Return whether what a switch can close is open."""
    return {
        "action": name.removeprefix("halt-"),
        "isOpen": halt is None,
        "detail": halt.message if halt else "",
        "backAt": halt.back_at if halt else None,
        "retryAfterSeconds": halt.retry_after if halt else None,
    }


class Status(APIView):
    """What can be done at the moment; nobody has to be signed in to ask."""

    permission_classes = ()

    @extend_schema(responses=StatusOut, auth=[])
    def get(self, request: Request) -> Response:
        rows = [describe_action(name, get_halt(name)) for name in sorted(HALTS)]
        return Response(StatusOut({"actions": rows}).data)
