"""The limit `bench.events` measures us against: Django with one view that makes one insert.

No middleware, no check, no encryption, no ORM; the same settings otherwise, on the same server and
database.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stocksprout.settings")

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    """Store the body."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_bare (body) VALUES (%s)", [request.body.decode()])
    return HttpResponse(headers={"Content-Length": "0"})


urlpatterns = [path("bare", insert)]
django.setup()
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
application = WSGIHandler()
