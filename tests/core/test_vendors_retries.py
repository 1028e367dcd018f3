"""What the door repeats by itself, and what it leaves to the row the call belongs to."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import responses
from django.db import transaction

from core.vendors import Unavailable
from tests.core.vendor import THING, ask, door

CUT = requests.ConnectionError("Connection aborted.")


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as wire:
        yield wire


@pytest.mark.django_db
@pytest.mark.parametrize("first", [{"body": CUT}, {"status": 500}, {"status": 503}], ids=str)
def test_a_read_that_stumbled_is_repeated_once(
    wire: responses.RequestsMock, first: dict[str, Any]
) -> None:
    wire.get(THING, **first)
    wire.get(THING, json={"a": 1})

    assert ask(door()).body == {"a": 1}


@pytest.mark.django_db
def test_a_read_is_repeated_once_and_not_for_ever(wire: responses.RequestsMock) -> None:
    sent = wire.get(THING, status=500)

    with pytest.raises(Unavailable, match="answered 500"):
        ask(door())

    assert sent.call_count == 2


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("first", [{"body": CUT}, {"status": 500}], ids=str)
def test_what_changes_something_is_never_repeated_here(
    wire: responses.RequestsMock, method: str, first: dict[str, Any]
) -> None:
    sent = wire.add(method, THING, **first)

    with pytest.raises(Unavailable):
        ask(door(), method)

    assert sent.call_count == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "first",
    [
        {"body": requests.ReadTimeout()},
        {"body": requests.ConnectTimeout()},
        {"status": 429},
        {"status": 503, "headers": {"Retry-After": "7"}},
        {"body": "not JSON"},
        {"status": 302},
    ],
    ids=str,
)
def test_a_read_that_was_slow_or_told_to_wait_is_not_repeated_here(
    wire: responses.RequestsMock, first: dict[str, Any]
) -> None:
    sent = wire.get(THING, **first)

    with pytest.raises(Unavailable):
        ask(door())

    assert sent.call_count == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": " 0 "}, 0),
        ({"Retry-After": "999999999999999999999"}, 86400),
        (
            {
                "Retry-After": "Mon, 16 Nov 2026 17:02:00 GMT",
                "Date": "Mon, 16 Nov 2026 17:00:00 GMT",
            },
            120,
        ),
        (
            {
                "Retry-After": "Mon, 16 Nov 2026 16:00:00 GMT",
                "Date": "Mon, 16 Nov 2026 17:00:00 GMT",
            },
            0,
        ),
        ({"Retry-After": "Fri, 16 Nov 2001 16:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "Mon, 16 Nov 2026 17:02:00 +99999999999999"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_the_vendors_wish_for_a_pause_is_read_in_both_forms(
    wire: responses.RequestsMock, headers: dict[str, str], seconds: float | None
) -> None:
    wire.post(THING, status=503, headers=headers)

    with pytest.raises(Unavailable) as error:
        ask(door(), "POST")

    assert error.value.retry_after == seconds


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "sent"),
    [({"body": requests.ConnectTimeout()}, False), ({"body": requests.ReadTimeout()}, True)],
    ids=str,
)
def test_it_is_told_whether_the_vendor_may_have_acted(
    wire: responses.RequestsMock, answer: dict[str, Any], sent: bool
) -> None:
    wire.post(THING, **answer)

    with pytest.raises(Unavailable) as error:
        ask(door(), "POST")

    assert error.value.sent is sent


@pytest.mark.django_db
def test_a_port_nobody_listens_on_was_certainly_not_reached() -> None:
    from core.vendors import Door

    closed = Door("acme", "http://127.0.0.1:9", request_id_header="x-request")

    with pytest.raises(Unavailable) as error:
        ask(closed)

    assert not error.value.sent


@pytest.mark.django_db
def test_a_vendor_is_never_called_inside_a_transaction(wire: responses.RequestsMock) -> None:
    wire.get(THING, json={})
    ask(door())

    with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic():
        ask(door())
