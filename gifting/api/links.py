"""A child's gift links for mobile apps."""

from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ParentAPI
from accounts.queries import get_child_or_404
from core import clock
from core.api_checks import check_all, renamed
from core.idempotency import idempotent
from gifting import operations, queries
from gifting.models import GiftLink
from gifting.views.links import link_address

FIELDS = {"open_until": "openUntil", "most_gifts": "mostGifts"}


class LinkIn(serializers.Serializer[Any]):
    """`name` is seen by the parent alone; without a last day or a number nothing ends the link."""

    name = serializers.CharField(
        max_length=40, help_text="The parent reads it, and our staff; who gives does not"
    )
    openUntil = serializers.DateField(required=False, allow_null=True)
    mostGifts = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=1000
    )

    def terms(self) -> operations.LinkTerms:
        data = self.validated_data
        name = " ".join(data["name"].split())
        return operations.LinkTerms(name, data.get("openUntil"), data.get("mostGifts"))


class LinkOut(serializers.Serializer[Any]):
    """`status` is open, paused or closed; `isFirst`: the one every child has, which can be made
    anew but not closed."""

    id = serializers.UUIDField()
    childId = serializers.UUIDField(source="child_id")
    name = serializers.CharField()
    url = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    isFirst = serializers.BooleanField(source="is_main")
    openUntil = serializers.DateField(source="open_until", allow_null=True)
    mostGifts = serializers.IntegerField(source="most_gifts", allow_null=True)
    createdAt = serializers.DateTimeField(source="created_at")

    def get_url(self, link: GiftLink) -> str:
        return link_address(link)

    def get_status(self, link: GiftLink) -> str:
        return str(link.status).lower()


class LinksOut(serializers.Serializer[Any]):
    giftLinks = LinkOut(many=True)


class OneLinkOut(serializers.Serializer[Any]):
    giftLink = LinkOut()


class GiftLinks(ParentAPI):
    """A child's gift links, the first one first, closed ones last."""

    @extend_schema(responses=LinksOut)
    def get(self, request: Request, child_id: UUID) -> Response:
        child = get_child_or_404(self.parent, pk=child_id)
        operations.get_main_link(child, at=clock.now())
        return Response(LinksOut({"giftLinks": queries.list_links(child)}).data)

    @extend_schema(request=LinkIn, responses={201: OneLinkOut})
    @idempotent
    def post(self, request: Request, child_id: UUID) -> Response:
        """Make one more link."""
        child = get_child_or_404(self.parent, pk=child_id)
        data = LinkIn(data=request.data)
        check_all(data, partial(operations.check_terms, child, at=clock.now()), FIELDS)
        with renamed(FIELDS):
            link = operations.add_link(
                child=child, terms=data.terms(), by=self.parent, at=clock.now()
            )
        return Response(OneLinkOut({"giftLink": link}).data, status=201)


class LinkAction(ParentAPI):
    """Something done to one link."""

    act: Any

    def done(self, pk: UUID) -> Response:
        link = queries.get_link_or_404(self.parent, pk=pk)
        link = self.act(link=link, by=self.parent, at=clock.now())
        return Response(OneLinkOut({"giftLink": link}).data)


class ReplaceGiftLink(LinkAction):
    act = staticmethod(operations.replace_link)

    @extend_schema(request=None, responses=OneLinkOut)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Make a link anew: the old code stops at once; the answer is the new link."""
        return self.done(pk)


class PauseGiftLink(LinkAction):
    act = staticmethod(operations.pause_link)

    @extend_schema(request=None, responses=OneLinkOut)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Take no gifts through a link for now."""
        return self.done(pk)


class ResumeGiftLink(LinkAction):
    act = staticmethod(operations.resume_link)

    @extend_schema(request=None, responses=OneLinkOut)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Take gifts through a paused link again."""
        return self.done(pk)


class CloseGiftLink(LinkAction):
    act = staticmethod(operations.close_link)

    @extend_schema(request=None, responses=OneLinkOut)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Close a link for good; the first one can only be made anew."""
        return self.done(pk)
