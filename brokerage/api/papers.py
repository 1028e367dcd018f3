"""Statements, trade confirmations and tax forms."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ParentAPI
from brokerage import operations, queries
from brokerage.models import AccountPaper
from core import clock
from core.api_lists import PART_PARAMETERS, PartOut, get_next, read_part


class PaperOut(serializers.Serializer[Any]):
    """`kind`: statement, confirmation or tax_form; `on`: the day it is about."""

    id = serializers.UUIDField()
    kind = serializers.SerializerMethodField()
    name = serializers.CharField()
    on = serializers.DateField(allow_null=True)

    def get_kind(self, paper: AccountPaper) -> str:
        return paper.kind.lower()


class PapersOut(PartOut):
    statements = PaperOut(many=True)


class PaperLinkOut(serializers.Serializer[Any]):
    """`url` opens the file for a few minutes, for whoever holds it; do not keep it."""

    url = serializers.URLField()


class Papers(ParentAPI):
    """The papers the broker has issued for a child's account, the newest first."""

    @extend_schema(responses=PapersOut, parameters=PART_PARAMETERS)
    def get(self, request: Request, pk: UUID) -> Response:
        account = queries.get_account_or_404(self.parent, child_id=pk)
        part = read_part(request, queries.list_papers(account), by="on")
        return Response(PapersOut({"statements": part.rows, "next": get_next(request, part)}).data)


class PaperLink(ParentAPI):
    """A short-lived link to one paper."""

    @extend_schema(responses=PaperLinkOut)
    def get(self, request: Request, pk: UUID) -> Response:
        paper = queries.get_paper_or_404(self.parent, pk=pk)
        link = operations.open_paper(paper, by=self.parent, at=clock.now())
        return Response(PaperLinkOut({"url": link}).data, headers={"Cache-Control": "no-store"})
