"""Errors as a program and a person read them."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory
from rest_framework import exceptions
from rest_framework.exceptions import ErrorDetail

from core.errors import DomainError, Invalid, NotAllowed, NotNow, StaleMove
from core.problems import problem_response, refusals_shown
from tests.cast import Family


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            NotAllowed("Only this child's custodian can approve gifts."),
            {
                "type": "about:blank",
                "title": "Forbidden",
                "status": 403,
                "code": "not_allowed",
                "detail": "Only this child's custodian can approve gifts.",
            },
        ),
        (
            NotNow("New gifts are paused.", code="halted"),
            {
                "type": "about:blank",
                "title": "Conflict",
                "status": 409,
                "code": "halted",
                "detail": "New gifts are paused.",
            },
        ),
        (
            Invalid("Too young.", code="not_a_minor", fields={"date_of_birth": "Too young."}),
            {
                "type": "about:blank",
                "title": "Bad Request",
                "status": 400,
                "code": "not_a_minor",
                "detail": "Too young.",
                "fields": {"date_of_birth": "Too young."},
            },
        ),
        (
            StaleMove("This is already approved."),
            {
                "type": "about:blank",
                "title": "Conflict",
                "status": 409,
                "code": "already_done",
                "detail": "This is already approved.",
            },
        ),
        (
            exceptions.ValidationError(
                {"address": {"zip": [ErrorDetail("Five digits.", "invalid")]}, "name": ["A.", "B."]}
            ),
            {
                "type": "about:blank",
                "title": "Bad Request",
                "status": 400,
                "code": "invalid",
                "detail": "Some fields need another look.",
                "fields": {"address.zip": "Five digits.", "name": "A. B."},
            },
        ),
        (
            exceptions.ValidationError("Everything is wrong."),
            {
                "type": "about:blank",
                "title": "Bad Request",
                "status": 400,
                "code": "invalid",
                "detail": "Some fields need another look.",
                "fields": {"body": "Everything is wrong."},
            },
        ),
        (
            exceptions.ParseError("The body is not valid JSON."),
            {
                "type": "about:blank",
                "title": "Bad Request",
                "status": 400,
                "code": "parse_error",
                "detail": "The body is not valid JSON.",
            },
        ),
        (
            exceptions.MethodNotAllowed("PUT"),
            {
                "type": "about:blank",
                "title": "Method Not Allowed",
                "status": 405,
                "code": "method_not_allowed",
                "detail": 'Method "PUT" not allowed.',
            },
        ),
        (
            Http404("No Gift matches the given query."),
            {
                "type": "about:blank",
                "title": "Not Found",
                "status": 404,
                "code": "not_found",
                "detail": "There is nothing here.",
            },
        ),
        (
            PermissionDenied("for a reason not to be told"),
            {
                "type": "about:blank",
                "title": "Forbidden",
                "status": 403,
                "code": "not_allowed",
                "detail": "You may not do this.",
            },
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_becomes_one_document(error: Exception, expected: dict[str, Any]) -> None:
    answer = problem_response(error, {})

    assert answer is not None
    assert answer.data == expected
    assert answer.status_code == expected["status"]
    assert answer.content_type == "application/problem+json"


def test_a_missing_sign_in_is_challenged() -> None:
    error = exceptions.NotAuthenticated()
    error.auth_header = "Bearer"  # type: ignore[attr-defined]  # as the view sets it

    answer = problem_response(error, {})

    assert answer is not None
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.data["code"] == "not_authenticated"


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    answer = problem_response(exceptions.Throttled(wait=12.4), {})

    assert answer is not None
    assert (answer.status_code, answer.data["code"]) == (429, "throttled")
    assert int(answer["Retry-After"]) >= 12.4


def test_a_bug_is_left_to_surface_as_one() -> None:
    assert problem_response(KeyError("ssn"), {}) is None


def test_a_document_travels_as_problem_json(family: Family) -> None:
    answer = family.client.get("/api/no-such-thing", headers={"Accept": "application/json"})
    assert answer.status_code == 404

    gift = family.give()
    family.approve(gift)
    again = family.client.patch(
        f"/api/gifts/{gift.pk}/approve", {}, content_type="application/json"
    )

    assert again.status_code >= 400
    assert again["Content-Type"] == "application/problem+json"
    assert again.json()["status"] == again.status_code


def test_a_refusal_becomes_a_message_and_a_bug_does_not() -> None:
    request = RequestFactory().get("/")
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]

    with refusals_shown(request):
        raise DomainError("This gift is already approved.")
    with pytest.raises(KeyError), refusals_shown(request):
        raise KeyError("ssn")

    assert [str(message) for message in get_messages(request)] == ["This gift is already approved."]


def test_a_refusal_can_say_when_to_come_again() -> None:
    refusal = NotNow("Later, please.")
    refusal.retry_after = 12.2

    response = problem_response(refusal, {})

    assert response is not None
    assert response["Retry-After"] == "13"
