"""What reaches a log line, and what must not."""

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import get_resolver
from hypothesis import given
from hypothesis import strategies as st

from core.logs import configure, redact_text
from core.models import AuditEntry
from tests.cast import Family

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiIxIn0.c2lnbmF0dXJl"


class Written:
    """Log lines as they were written."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def written() -> Iterator[Written]:
    """Log as a production site does, into memory."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    lines = Written()
    configure({"level": "INFO", "json": True})
    ours = [handler for handler in root.handlers if handler not in before]
    for handler in ours:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(lines.stream)
    yield lines
    root.handlers[:] = before
    root.setLevel(level)


def log() -> Any:
    return structlog.get_logger("tests.logs")


@pytest.mark.parametrize(
    "name",
    [
        "ssn", "child_ssn", "taxId", "password", "client_secret", "access_token", "Authorization",
        "set_cookie", "accountNumber", "bankRoutingNumber", "birthDay", "dob", "date_of_birth",
        "phone", "email", "emailAddress", "street_address", "dw_client_app_key", "signature",
        "first_name", "lastName",
    ],
)  # fmt: skip
def test_values_under_telling_names_are_blanked(written: Written, name: str) -> None:
    log().info("told", **{name: "sesame", "deep": {"list": [{name: "sesame"}]}})

    assert "sesame" not in written.text
    assert written.lines[0][name] == "[redacted]"


SHAPES = {
    "SSN 123-45-6789": "123-45-6789",
    "SSN 123 45 6789 was refused": "123 45 6789",
    "SSN 123456789 was refused": "123456789",
    "the SSN is 123456789.": "123456789",
    "ssn=123456789, next": "123456789",
    "account 000123456789": "000123456789",
    "write to pat.sample+x@family.example now": "pat.sample",
    "call (303) 555-0123": "555-0123",
    "call +13035550123": "3035550123",
    "call 303-555-0123": "555-0123",
    "call 303.555.0123": "555.0123",
    f"Bearer {TOKEN}": "eyJ",
    "Key (t)=(access-production-6a3f0d2c-9abc) exists": "6a3f0d2c",
    "public-sandbox-6a3f0d2c-1234-5678-9abc-123456789012 is used": "6a3f0d2c",
    "GET /g/Zk3-x_9aQ/ HTTP/1.1": "Zk3",
    "GET /t/gift:1sAbC:sig-na_ture/ HTTP/1.1": "na_ture",
    "POST /r/Zk3-x_9aQ/ HTTP/1.1": "Zk3",
    "GET /account/login/?next=%2Fg%2FZk3-x_9aQ%2F HTTP/1.1": "Zk3",
    "GET /g/%5Ak3-x_9aQ/ HTTP/1.1": "k3-x_9aQ",
    "https://stocksprout.example/g/Zk3-x_9aQ": "Zk3",
}


@pytest.mark.parametrize(("text", "secret"), SHAPES.items())
def test_telling_shapes_are_cut_out_of_any_text(written: Written, text: str, secret: str) -> None:
    log().info(text, note=text, deep={"list": [text], "pair": (text,)})
    logging.getLogger("somebody.else").warning("%s and %s", text, "more")

    assert len(written.lines) == 2
    assert secret not in written.text


@pytest.mark.parametrize(
    "text",
    [
        "/children/6a3f0d2c-1234-5678-9abc-123456789012/",
        "gift 6a3f0d2c-1234-5678-9abc-123456789012 approved",
        "2026-11-16T17:00:00.123456+00:00",
        "$1,234.50 for 0.44275789 shares",
        "POST /accounts/:id/funding/deposits answered 200 in 31 ms",
        "request_6a3f0d2c-1234-5678-9abc-123456789012",
    ],
)
def test_what_an_operator_needs_is_kept(text: str) -> None:
    assert redact_text(text) == text


@given(
    st.from_regex(r"[0-9]{9}", fullmatch=True), st.sampled_from(["{}", "x {}.", "({})", "a={};"])
)
def test_no_nine_digits_alone_get_through(digits: str, frame: str) -> None:
    assert digits not in redact_text(frame.format(digits))


def test_numbers_and_other_values_that_are_no_text_are_looked_at_too(written: Written) -> None:
    log().info(
        "told",
        number=123456789,
        error=ValueError("SSN 123-45-6789"),
        raw=b"SSN 123-45-6789",
        some={"123-45-6789"},
        born=date(1985, 6, 15),
        ms=31,
        share=0.5,
        done=True,
        nothing=None,
    )

    line = written.lines[0]
    assert "6789" not in written.text
    assert (line["ms"], line["share"], line["done"], line["nothing"]) == (31, 0.5, True, None)


def test_a_traceback_is_redacted_in_both_worlds(written: Written) -> None:
    def refuse() -> None:
        raise ValueError("SSN 123-45-6789 of pat@family.example")

    def fail() -> None:
        try:
            refuse()
        except ValueError as error:
            raise KeyError("account 000123456789") from error

    try:
        fail()
    except KeyError:
        log().exception("broke", parent="p-1")
        logging.getLogger("somebody.else").exception("broke too")
        logging.getLogger("somebody.else").error("and again", exc_info=sys.exc_info())

    assert len(written.lines) == 3
    assert all("Traceback" in line["exception"] for line in written.lines)
    for secret in ("123-45-6789", "pat@family", "000123456789"):
        assert secret not in written.text


@pytest.mark.django_db
def test_the_databases_own_words_about_a_row_are_cut_out(written: Written) -> None:
    name = " ".join(["Pat", "Sample\n\nJunior"])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE people (name text CHECK (length(name) > 99))")
        try:
            with transaction.atomic():
                cursor.execute("INSERT INTO people VALUES (%s)", [name])
        except DatabaseError:
            log().exception("broke")

    assert "Failing row contains [row]" in written.lines[0]["exception"]
    assert "direct cause" in written.lines[0]["exception"]
    assert "Pat Sample" not in written.text
    assert "Junior" not in written.text


def test_arguments_of_foreign_records_are_formatted_before_they_are_redacted(
    written: Written,
) -> None:
    logging.getLogger("foreign").info('%s "%s"', "303-555", "GET /g/Zk3-x_9aQ/")

    assert written.lines[0]["event"] == '303-555 "GET /[secret link]/"'
    assert (written.lines[0]["level"], written.lines[0]["logger"]) == ("info", "foreign")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/g/{code}/", "/t/{code}/", "/r/{code}/more/", "/g/{code}", "/g/{code}/more/"]
)
def test_djangos_warning_about_an_unknown_link_does_not_tell_its_secret(
    written: Written, anyone: Client, path: str
) -> None:
    answer = anyone.get(path.format(code="Zk3-x_9aQ-secret"))

    assert answer.status_code in {301, 404}
    if answer.status_code == 404:
        warning = next(line for line in written.lines if line["logger"] == "django.request")
        assert warning["event"].startswith("Not Found: /[secret link]")
    assert "Zk3" not in written.text


@pytest.mark.django_db
def test_a_refused_post_to_a_gift_link_does_not_tell_its_secret(written: Written) -> None:
    answer = Client(enforce_csrf_checks=True).post("/g/Zk3-x_9aQ-secret/")

    assert answer.status_code == 403
    assert any(line["logger"] == "django.security.csrf" for line in written.lines)
    assert "Zk3" not in written.text


@pytest.mark.django_db
def test_the_warning_about_an_answer_carries_the_request_id(
    written: Written, anyone: Client
) -> None:
    answer = anyone.get("/nothing/here", headers={"X-Request-Id": "request-0001"})

    assert answer["X-Request-Id"] == "request-0001"
    warning = next(line for line in written.lines if line["logger"] == "django.request")
    assert warning["request_id"] == "request-0001"


@pytest.mark.django_db
def test_the_next_line_after_a_request_carries_its_id_no_more(
    written: Written, anyone: Client
) -> None:
    anyone.get("/nothing/here", headers={"X-Request-Id": "request-0001"})

    log().info("later")

    assert "request_id" not in written.lines[-1]


@pytest.mark.django_db
@pytest.mark.parametrize("given_id", ["", "short", "x" * 65, "new\nline-000", "<script>alert"])
def test_an_odd_request_id_is_replaced(anyone: Client, given_id: str) -> None:
    answer = anyone.get("/", headers={"X-Request-Id": given_id} if given_id else {})

    assert len(answer["X-Request-Id"]) == 32
    assert answer["X-Request-Id"].isalnum()


def test_audit_entries_of_a_request_carry_its_id(family: Family) -> None:
    gift = family.give()

    family.client.post(f"/gifts/{gift.pk}/decline/", headers={"X-Request-Id": "request-0002"})

    assert AuditEntry.objects.get(verb="gift.declined").request_id == "request-0002"


def list_secret_addresses(resolver: Any = None, before: str = "/") -> Iterator[str]:
    """Yield every address of the site that carries a secret, with one in it."""
    for one in (resolver or get_resolver()).url_patterns:
        address = before + str(one.pattern).lstrip("^").rstrip("$")
        if hasattr(one, "url_patterns"):
            yield from list_secret_addresses(one, address)
        elif (filled := SECRET_PART.sub("Sesame-0pen", address)) != address:
            yield OTHER_PART.sub("aa", filled).replace("\\", "")


SECRET_PART = re.compile(r"<str:(?:secret|token|code|key)>|\(\?P<(?:key|token)>[^)]*\)")
OTHER_PART = re.compile(r"<[^>]*>|\(\?P<[^)]*\)")


def test_no_address_that_is_a_secret_is_logged(db: None, written: Written) -> None:
    addresses = list(list_secret_addresses())
    assert len(addresses) >= 8

    for address in addresses:
        if address.startswith("/practice/"):
            continue  # pages of the practice desk's own, never in production
        for asked in (address, f"/nowhere?next={quote(address, safe='')}"):
            Client().get(asked, headers={"Referer": f"http://testserver{address}"})
            log().warning("told", path=asked)

    assert "secret link" in written.text
    assert "Sesame" not in written.text
