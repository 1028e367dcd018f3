"""How a child's account did over time."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ParentAPI
from brokerage import queries
from brokerage.figures import get_figures
from brokerage.performance import Period, measure
from brokerage.words.actions import describe_actions
from core import clock
from core.api import PercentField
from core.errors import Invalid


class DayOut(serializers.Serializer[Any]):
    """`value`: in the evening of the day; `paidIn`: all money put in up to then."""

    on = serializers.DateField()
    value = serializers.DecimalField(18, 2)
    paidIn = serializers.DecimalField(18, 2, source="paid_in")


class CompanyActionOut(serializers.Serializer[Any]):
    """What a company did to its shares, in words; `open`: what they cost is being worked out."""

    on = serializers.DateTimeField()
    sentence = serializers.CharField()
    open = serializers.BooleanField()
    note = serializers.CharField()


class HistoryOut(serializers.Serializer[Any]):
    """`gainLoss` is `valueNow` less `valueThen` less `putIn`; `gainLossPercent` the modified Dietz
    return, null where no money was at work. `shorter`: the account is younger than the period.
    While it is being worked out what some shares cost, `withoutSymbols` names them, and what
    follows from it is told of all others, or null where there are none."""

    period = serializers.CharField()
    since = serializers.DateField(allow_null=True)
    until = serializers.DateField(allow_null=True)
    shorter = serializers.BooleanField()
    valueThen = serializers.DecimalField(18, 2)
    valueNow = serializers.DecimalField(18, 2)
    putIn = serializers.DecimalField(18, 2)
    gainLoss = serializers.DecimalField(18, 2)
    gainLossPercent = PercentField()
    realizedGainLoss = serializers.DecimalField(18, 2, allow_null=True)
    unrealizedGainLoss = serializers.DecimalField(18, 2, allow_null=True)
    costBasis = serializers.DecimalField(18, 2, allow_null=True)
    dividends = serializers.DecimalField(18, 2)
    givenBack = serializers.DecimalField(18, 2)
    beingWorkedOut = serializers.BooleanField()
    withoutSymbols = serializers.ListField(child=serializers.CharField())
    companyActions = CompanyActionOut(many=True)
    days = DayOut(many=True)


class History(ParentAPI):
    """A child's account over 1M, 3M, 1Y or all of its time."""

    @extend_schema(
        parameters=[OpenApiParameter("period", enum=list(Period), default=Period.ALL.value)],
        responses=HistoryOut,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        account = queries.get_account_or_404(self.parent, child_id=pk)
        name = request.query_params.get("period", Period.ALL)
        if name not in list(Period):
            text = f"The period is one of {', '.join(Period)}."
            raise Invalid(text, fields={"period": text})
        found = measure(queries.list_days(account), Period(name), today=clock.today())
        figures = get_figures(account)
        body = {
            "period": name,
            "since": found and found.since,
            "until": found and found.until,
            "shorter": bool(found and found.shorter),
            "valueThen": found.value_then if found else 0,
            "valueNow": found.value_now if found else 0,
            "putIn": found.put_in if found else 0,
            "gainLoss": found.gain if found else 0,
            "gainLossPercent": found.percent if found else None,
            "realizedGainLoss": figures.realized,
            "unrealizedGainLoss": figures.unrealized,
            "costBasis": figures.cost,
            "dividends": figures.dividends,
            "givenBack": figures.given_back,
            "beingWorkedOut": figures.working_out,
            "withoutSymbols": figures.without_symbols,
            "companyActions": describe_actions(
                queries.list_company_actions(account), queries.list_not_understood(account)
            ),
            "days": found.days if found else [],
        }
        return Response(HistoryOut(body).data)
