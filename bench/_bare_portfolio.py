"""The limit `bench.portfolio` measures us against: one Django view, as many queries, bare JSON.

No middleware, no sign-in, no serializers; the same settings otherwise, on the same server and
database. It asks for the rows of the portfolio, and makes up the rest of the number (session, user,
parent, what is on its way) by reading a user.
"""

import json
import os
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stocksprout.settings")

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

QUERIES = 6  # as many as our endpoint sends


def portfolio(request: HttpRequest, child: UUID) -> HttpResponse:
    """Tell a child's holdings."""
    from accounts.models import Child, User
    from brokerage.models import BrokerAccount, Holding

    found = Child.objects.get(pk=child)
    account = BrokerAccount.objects.get(child=found)
    rows = Holding.objects.filter(account=account).select_related("instrument")
    holdings = [
        {
            "symbol": row.instrument.symbol,
            "company": row.instrument.name,
            "shares": str(row.quantity),
            "averageCost": str(row.average_price),
            "currentValue": str(row.market_value),
            "costBasis": str(row.cost_basis),
            "unrealizedGainLoss": str(row.unrealized_gain),
            "lastSyncedAt": row.synced_at.isoformat(),
        }
        for row in rows.order_by("-market_value")
    ]
    for _other in range(QUERIES - 3):
        User.objects.first()
    body = json.dumps({"child": found.first_name, "holdings": holdings}).encode()
    return HttpResponse(
        body, headers={"Content-Length": str(len(body)), "Content-Type": "application/json"}
    )


urlpatterns = [path("bare/<uuid:child>", portfolio)]
django.setup()
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
application = WSGIHandler()
