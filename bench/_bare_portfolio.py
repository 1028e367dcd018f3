"""The limit `bench.portfolio` measures us against: one Django view, as many queries, bare JSON.

No middleware, no sign-in, no serializers; the same settings otherwise, on the same server and
database. It asks for the rows of the portfolio, and makes up the rest of the number by reading what
our endpoint reads of session, user, parent and throttle.
"""

import json
import os
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stocksprout.settings")

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

QUERIES = 14  # as many as our endpoint sends
CHILD = "SELECT id, first_name, last_name, gift_code, control_age FROM accounts_child WHERE id = %s"
ACCOUNT = (
    "SELECT id, number, status, cash, synced_at, checked_at "
    "FROM brokerage_brokeraccount WHERE child_id = %s"
)
HOLDINGS = (
    "SELECT instrument.symbol, instrument.name, quantity, average_price, market_value, cost_basis, "
    "unrealized_gain, held.synced_at FROM brokerage_holding held "
    "JOIN brokerage_instrument instrument ON instrument.id = instrument_id "
    "WHERE account_id = %s AND quantity > 0 ORDER BY market_value DESC"
)
USER = "SELECT * FROM accounts_user LIMIT 1"
NAMES = (
    "symbol", "company", "shares", "averageCost", "currentValue", "costBasis",
    "unrealizedGainLoss", "lastSyncedAt",
)  # fmt: skip


def portfolio(request: HttpRequest, child: UUID) -> HttpResponse:
    """Tell a child's holdings."""
    with connection.cursor() as cursor:
        found = cursor.execute(CHILD, [child]).fetchone()
        account = cursor.execute(ACCOUNT, [child]).fetchone()
        rows = cursor.execute(HOLDINGS, [account[0]]).fetchall()
        for _other in range(QUERIES - 3):
            cursor.execute(USER).fetchone()
    holdings = [dict(zip(NAMES, map(str, row), strict=True)) for row in rows]
    body = json.dumps({"child": list(map(str, found)), "holdings": holdings}).encode()
    return HttpResponse(
        body, headers={"Content-Length": str(len(body)), "Content-Type": "application/json"}
    )


urlpatterns = [path("bare/<uuid:child>", portfolio)]
django.setup()
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
application = WSGIHandler()
