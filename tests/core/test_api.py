"""JSON bodies as the API reads them."""

import io
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.exceptions import ParseError

from core.api import DecimalJSONParser
from tests.api.calling import Caller
from tests.cast import make_parent, sign_in


def parse(body: bytes) -> object:
    return DecimalJSONParser().parse(io.BytesIO(body))


def test_a_number_with_a_fraction_keeps_its_own_digits() -> None:
    read = parse(b'{"amount": 50.10, "count": 3, "text": "50.10"}')

    assert read == {"amount": Decimal("50.10"), "count": 3, "text": "50.10"}
    assert str(read["amount"]) == "50.10"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"NaN", b'{"amount": Infinity}', b"\xff\xfe", b"[" * 100_000, b"9" * 5_000,
    ],
    ids=["empty", "open", "nan", "infinity", "not-utf-8", "deep", "long-number"],
)  # fmt: skip
def test_what_is_not_json_is_refused_and_never_a_bug(body: bytes) -> None:
    with pytest.raises(ParseError, match="not valid JSON"):
        parse(body)


def test_a_person_who_asks_too_often_is_told_to_wait(settings: Any, db: None) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"user": "1/hour"}
    }
    caller = Caller(sign_in(make_parent("custodian@family.example")))

    assert caller.get("/api/children").status == 200
    answer = caller.get("/api/children")

    assert answer.problem() == (429, "throttled")
    assert answer.headers["Retry-After"] == "1"
