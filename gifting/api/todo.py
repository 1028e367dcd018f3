"""What waits for the parent, for mobile apps."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ParentAPI
from core import clock
from core.idempotency import idempotent
from gifting.todo import list_to_do, put_away


class ToDoOut(serializers.Serializer[Any]):
    """`kind` is stable; `path` is the page where it is done; `id` stays while it waits.

    `canPutAway`: it can only be read, and stays until it is put away.
    """

    id = serializers.CharField()
    kind = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    path = serializers.CharField(source="url")
    action = serializers.CharField()
    number = serializers.IntegerField()
    canPutAway = serializers.BooleanField(source="can_put_away")


class ToDosOut(serializers.Serializer[Any]):
    toDo = ToDoOut(many=True)


class PutAwayIn(serializers.Serializer[Any]):
    id = serializers.CharField(max_length=100)


class ToDos(ParentAPI):
    """Everything that waits for the parent, in a fixed order."""

    @extend_schema(responses=ToDosOut)
    def get(self, request: Request) -> Response:
        return Response(ToDosOut({"toDo": list_to_do(self.parent, at=clock.now())}).data)


class PutAway(ParentAPI):
    """Put away something that can only be read."""

    @extend_schema(request=PutAwayIn, responses=ToDosOut)
    @idempotent
    def post(self, request: Request) -> Response:
        data = PutAwayIn(data=request.data)
        data.is_valid(raise_exception=True)
        put_away(data.validated_data["id"], by=self.parent, at=clock.now())
        return Response(ToDosOut({"toDo": list_to_do(self.parent, at=clock.now())}).data)
