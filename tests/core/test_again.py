"""Two requests that end in a deadlock: both are answered as if the other had not been there."""

import json
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.utils import timezone

from core.again import note_outside
from core.models import Heartbeat

pytestmark = pytest.mark.urls(__name__)
both = threading.Barrier(2, timeout=10)
tries: list[str] = []


def count(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_heartbeat SET at = now() WHERE name = %s", [name])


def cross(request: HttpRequest) -> HttpResponse:
    """Take two rows in the order asked for; the first time, wait until the other has one too."""
    order = json.loads(request.body)
    tries.append(order[0])
    if request.GET.get("outside"):
        note_outside()
    if request.GET.get("before"):
        Heartbeat.objects.filter(name="c").update(name="c")
    with transaction.atomic():
        count(order[0])
        if tries.count(order[0]) == 1:
            both.wait()
        count(order[1])
    return HttpResponse("done")


urlpatterns = [path("cross", cross)]
handler500 = "core.failures.server_failed"


def post_both(query: str = "") -> list[HttpResponse]:
    """Send the two requests at the same time."""
    tries.clear()
    both.reset()
    answers: list[Any] = []

    def post(*order: str) -> None:
        try:
            client = Client(raise_request_exception=False)
            answers.append(client.post(f"/cross{query}", list(order), "application/json"))
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=order) for order in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def _rows(transactional_db: None) -> None:
    Heartbeat.objects.bulk_create(Heartbeat(name=name, at=timezone.now()) for name in "abc")


@pytest.mark.usefixtures("_rows")
def test_the_one_postgresql_ended_is_worked_on_again() -> None:
    answers = post_both()

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(tries) == 3


@pytest.mark.usefixtures("_rows")
@pytest.mark.parametrize("query", ["?outside=1", "?before=1"])
def test_what_has_left_a_trace_is_not_repeated_but_said(query: str) -> None:
    answers = post_both(query)

    assert sorted(answer.status_code for answer in answers) == [200, 503]
    (refused,) = [answer for answer in answers if answer.status_code == 503]
    assert refused["Retry-After"] == "1"
    assert len(tries) == 2
