"""Methods of `/api/v1/` that call a vendor: outside transactions, and still done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any, ClassVar
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, connections
from django.test import Client
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.errors import NotNow
from core.idempotency import idempotent_in_steps
from core.models import IdempotentRequest
from tenants.api.base import TenantAPI, calls_vendor
from tenants.api.strict import Strict
from tenants.models import Scope
from tests.api.calling import Answer, Caller
from tests.desk.leaks import kept_logs
from tests.tenants.company import Company, make_company

PATH = "/api/v1/calls"


class Body(Strict):
    """Any body."""


class Calls(TenantAPI):
    """Stands for what calls a vendor. `entered` and `go_on` hold it while it does."""

    scope = Scope.PHONE
    calls: ClassVar[list[str]] = []
    outcome: ClassVar[list[Exception]] = []
    entered: ClassVar[Event] = Event()
    go_on: ClassVar[Event] = Event()

    @calls_vendor
    @idempotent_in_steps
    def post(self, request: Request) -> Response:
        self.calls.append("in transaction" if connection.in_atomic_block else "free")
        self.entered.set()
        assert self.go_on.wait(10)
        if self.outcome:
            raise self.outcome.pop()
        return Response({"made": str(uuid4())}, status=201)

    def patch(self, request: Request) -> Response:
        asked = Body(data=request.data)
        asked.is_valid(raise_exception=True)
        raise ZeroDivisionError("the SSN is 123-45-6789")


urlpatterns = [path("api/v1/calls", Calls.as_view()), path("", include("stocksprout.urls"))]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    Calls.calls.clear()
    Calls.outcome.clear()
    Calls.entered.clear()
    Calls.go_on.set()


def caller(company: Company, key: str) -> Caller:
    return Caller(Client(), {"X-API-Key": company.make_key()[1], "Idempotency-Key": key})


def send(caller: Caller, body: Any = None) -> Answer:
    try:
        return caller.post(PATH, body or {"a": 1})
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_worked_on_the_second_is_told_to_wait() -> None:
    acme, rival = make_company("acme"), make_company("rival")
    key = str(uuid4())
    mine, again, theirs = caller(acme, key), caller(acme, key), caller(rival, key)
    Calls.go_on.clear()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send, mine)
        assert Calls.entered.wait(10)
        waiting = send(again)
        other = pool.submit(send, theirs)
        Calls.go_on.set()
        done = first.result()

    assert waiting.problem() == (409, "request_in_progress")
    assert waiting.headers["Retry-After"] == "2"
    assert done.status == other.result().status == 201
    assert other.result().body != done.body
    repeated = send(again)
    assert (repeated.status, repeated.body) == (201, done.body)
    assert repeated.headers["Idempotent-Replayed"] == "true"
    assert send(again, {"a": 2}).problem() == (422, "idempotency_key_reused")
    assert Calls.calls == ["free", "free"]


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_does_the_work() -> None:
    acme, key, together = make_company("acme"), str(uuid4()), Barrier(8)
    callers = [caller(acme, key) for _ in range(8)]

    def at_once(caller: Caller) -> Answer:
        together.wait(10)
        return send(caller)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(at_once, callers))

    assert len(Calls.calls) == 1
    assert {answer.status for answer in answers} <= {201, 409}
    assert len({answer.body["made"] for answer in answers if answer.status == 201}) == 1


@pytest.mark.parametrize("error", [NotNow("Not today."), ZeroDivisionError()])
def test_a_refusal_and_a_bug_let_go_of_the_key(acme: Company, error: Exception) -> None:
    again = caller(acme, str(uuid4()))
    Calls.outcome.append(error)

    assert send_here(again).status in {409, 500}

    assert not IdempotentRequest.objects.exists()
    assert send_here(again, {"a": 2}).status == 201


def send_here(caller: Caller, body: Any = None) -> Answer:
    """Send without closing the connection that holds the test's transaction."""
    return caller.post(PATH, body or {"a": 1})


def test_a_request_whose_process_died_is_taken_over_after_two_minutes(acme: Company) -> None:
    again = caller(acme, str(uuid4()))
    begin = clock.now()
    Calls.outcome.append(KeyboardInterrupt())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt), time_machine.travel(begin, tick=False):
        send_here(again)

    def after(seconds: int) -> int:
        with time_machine.travel(begin + timedelta(seconds=seconds), tick=False):
            return send_here(again).status

    assert [after(0), after(119), after(120), after(121)] == [409, 409, 201, 201]
    assert len(Calls.calls) == 2


@pytest.mark.django_db(transaction=True)
def test_an_abandoned_request_is_taken_over_by_one_and_its_old_answer_is_dropped() -> None:
    acme, key = make_company("acme"), str(uuid4())
    slow, callers = caller(acme, key), [caller(acme, key) for _ in range(4)]
    Calls.go_on.clear()

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(send, slow)
        assert Calls.entered.wait(10)
        IdempotentRequest.objects.update(claimed_at=clock.now() - timedelta(minutes=3))
        Calls.entered.clear()
        others = [pool.submit(send, one) for one in callers]
        assert Calls.entered.wait(10)
        Calls.go_on.set()
        answers = [other.result() for other in others]

    assert len(Calls.calls) == 2
    [done] = {answer.body["made"] for answer in answers if answer.status == 201}
    assert first.result().body["made"] != done == send(slow).body["made"]


def test_a_bug_is_a_problem_that_tells_nothing_of_itself(acme: Company) -> None:
    with kept_logs() as logs:
        answer = caller(acme, str(uuid4())).patch(PATH, {})

    assert answer.problem() == (500, "internal_error")
    assert answer.body["request_id"] == answer.headers["X-Request-Id"]
    assert "Division" not in str(answer.body)
    assert "ZeroDivisionError" in logs.getvalue()
    assert "123-45-6789" not in logs.getvalue()


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("{", "application/json", (400, "parse_error")),
        ("[1]", "application/json", (400, "invalid")),
        ("a=1", "application/x-www-form-urlencoded", (415, "unsupported_media_type")),
        ('{"a": "%s"}' % ("a" * 300_000), "application/json", (413, "too_large")),
        ('{"phone_nunber": 1}', "application/json", (400, "invalid")),
    ],
)
def test_a_body_we_can_not_read_is_a_problem(
    acme: Company, text: str, kind: str, expected: tuple[int, str]
) -> None:
    answer = caller(acme, str(uuid4())).call("PATCH", PATH, text, kind)

    assert answer.problem() == expected
    assert answer.body["request_id"]
    if "nunber" in text:
        assert answer.fields == {"phone_nunber": "There is no such field."}
