"""What the client sends to Plaid, what it believes of an answer, and what it never tells a log."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from core.vendors import Rejected, Unavailable
from prefill import gateway
from prefill.plaid.client import Plaid
from tests.prefill.banking import EVERYTHING, Window
from tests.stage import Stage

ROOT = Path(__file__).resolve().parents[2]
SECRET = "sandbox-plaid-secret"


def linker() -> gateway.BankLinker:
    found = gateway.get_bank_linker("test")
    assert found is not None
    return found


def item(stage: Stage) -> gateway.ItemGrant:
    token = linker().start_link(
        reference="person-1", company="A company of a rather long name, Inc.",
        products=("auth", "identity", "transactions"), countries=("US",), language="en", phone="",
        redirect_uri="",
    ).token  # fmt: skip
    return linker().exchange(Window(stage.box).pass_link(token))


class Odd(ThreadingHTTPServer):
    """A Plaid that answers as it is told: a status, headers and a body."""

    answer: tuple[int, dict[str, str], bytes]
    asked: list[tuple[str, dict[str, str]]]
    url: str


@pytest.fixture
def odd(settings: Any, db: None) -> Iterator[Odd]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            server.asked.append((self.path, dict(self.headers)))
            status, headers, body = server.answer
            head = {"Content-Length": str(len(body))} | headers
            self.send_response(status)
            for name, value in head.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = Odd(("127.0.0.1", 0), Handler)
    server.asked, server.url = [], f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    settings.PLAID = {mode: its | {"base_url": server.url} for mode, its in settings.PLAID.items()}
    gateway.get_bank_linker.cache_clear()
    yield server
    gateway.get_bank_linker.cache_clear()
    server.shutdown()
    server.server_close()


def test_the_whole_way_through_plaids_own_client(stage: Stage) -> None:
    grant = item(stage)
    state = linker().get_item(grant.access_token)
    accounts = linker().list_accounts(grant.access_token)
    owners = linker().get_identity(grant.access_token)
    page = linker().list_movements(grant.access_token, "")

    assert state.institution_id == "ins_109508"
    assert state.products == ("auth", "identity", "transactions")
    assert [row.subtype for row in accounts] == ["checking", "savings"]
    assert accounts[0].available == Decimal("100.0000")
    assert owners["accounts"][0]["owners"][0]["names"] == ["Alberta Bobbeth Charleson"]
    assert (page.changed, page.cursor, page.has_more) == ((), "", False)
    assert linker().takes_debits(grant.access_token, accounts[0].account_id)
    assert linker().create_processor_token(grant.access_token, accounts[0].account_id)
    assert linker().get_institution_name("ins_109508", ("US",)) == "First Platypus Bank"
    linker().remove_item(grant.access_token)
    linker().remove_item(grant.access_token)
    with pytest.raises(Rejected) as gone:
        linker().list_accounts(grant.access_token)
    assert gone.value.code == "gone"


def test_a_full_number_is_dropped_unless_it_is_asked_for(stage: Stage) -> None:
    given = []
    for keep in (False, True):
        token = linker().start_layer(reference="person-1", redirect_uri="").token
        public = Window(stage.box).pass_layer(token, EVERYTHING)
        given.append(linker().finish_layer(public, keep_ssn=keep))

    assert [result.ssn for result in given] == ["", "987654321"]
    for result in given:
        assert "987654321" not in str(result)
        assert "987654321" not in json.dumps(result.raw)
        assert "access" not in json.dumps(result.raw)
        assert (result.phone, len(result.items)) == (EVERYTHING, 2)
        assert result.raw["identity"]["ssn_last_4"] == "4321"


@pytest.mark.parametrize(
    ("code", "status", "meaning"),
    [
        ("ITEM_LOGIN_REQUIRED", 400, "needs_user"), ("ITEM_NOT_FOUND", 400, "gone"),
        ("INVALID_ACCESS_TOKEN", 400, "gone"), ("PRODUCT_NOT_READY", 400, "not_ready"),
        ("PRODUCTS_NOT_SUPPORTED", 400, "unsupported"), ("INVALID_FIELD", 400, "misconfigured"),
        ("INVALID_API_KEYS", 400, "misconfigured"), ("INVALID_PUBLIC_TOKEN", 400, "used_token"),
        ("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", 400, "mutated"),
        ("INSTITUTION_DOWN", 400, None), ("RATE_LIMIT", 429, None),
        ("INTERNAL_SERVER_ERROR", 500, None), ("PLANNED_MAINTENANCE", 503, None),
    ],
)  # fmt: skip
def test_errors_mean_what_their_codes_say(
    stage: Stage, code: str, status: int, meaning: str | None
) -> None:
    path = "/plaid/accounts/get"
    stage.fault(kind="status", path=path, status=status, code=code, times=1)

    with pytest.raises(Rejected if meaning else Unavailable) as refused:
        linker().list_accounts("access-1")

    assert getattr(refused.value, "code", None) == meaning
    if code == "INSTITUTION_DOWN":
        assert getattr(refused.value, "retry_after", None) == 300


def test_a_bank_that_is_down_closes_nobody_elses_way(stage: Stage) -> None:
    grant = item(stage)
    stage.fault(
        kind="status", path="/plaid/accounts/get", status=400, code="INSTITUTION_DOWN", times=8
    )
    for _time in range(8):
        with pytest.raises(Unavailable):
            linker().list_accounts(grant.access_token)
    assert linker().list_accounts(grant.access_token)

    stage.fault(kind="html", path="/plaid/*", status=500, times=5)
    for _time in range(5):
        with pytest.raises(Unavailable):
            linker().get_item(grant.access_token)
    with pytest.raises(Unavailable, match="resting"):
        linker().get_item(grant.access_token)


PERSON = b'{"accounts": [{"account_id": "a", "name": "Leslie Knope", "balances": 7}]}'


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, PERSON), (200, b"[]"), (200, b'{"accounts": '), (200, b""), (200, b"<html>"),
        (200, b"[" * 100_000), (200, b"\xff\xfe"), (200, b"x" * (11 * 1024 * 1024)),
        (403, b"<html>no</html>"), (500, b"\xff"), (418, b'{"error_type": 7}'), (400, b"{}"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_answer_of_plaids_is_none(
    odd: Odd, caplog: pytest.LogCaptureFixture, status: int, body: bytes
) -> None:
    odd.answer = (status, {}, body)

    with caplog.at_level(logging.DEBUG), pytest.raises((Unavailable, Rejected)) as raised:
        linker().list_accounts("access-secret-1")

    assert status == 418 or isinstance(raised.value, Unavailable)
    told = caplog.text + str(raised.value)
    assert "Leslie" not in told
    assert "access-secret-1" not in told
    assert SECRET not in told


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(odd: Odd, status: int) -> None:
    odd.answer = (status, {"Location": f"{odd.url}/elsewhere"}, b"")

    with pytest.raises(Unavailable, match="redirect"):
        linker().get_item("access-1")

    assert [path for path, _headers in odd.asked] == ["/item/get"]
    assert odd.asked[0][1]["PLAID-SECRET"] == SECRET


def test_a_slow_or_broken_connection_is_no_answer_and_asked_once(
    stage: Stage, settings: Any
) -> None:
    settings.VENDOR_TIMEOUT = (1, 0.3)
    for kind in ("delay", "drop-before", "drop-after", "malformed"):
        stage.fault(kind=kind, path="/plaid/item/get", seconds=1, times=1)
        with pytest.raises(Unavailable) as lost:
            linker().get_item("access-1")
        assert lost.value.sent


def test_the_log_has_one_line_a_call_and_everybody_keeps_their_level(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("urllib3").setLevel(logging.INFO)
    logging.getLogger("plaid").setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG):
        token = linker().start_layer(reference="person-1", redirect_uri="").token
        linker().finish_layer(Window(stage.box).pass_layer(token), keep_ssn=True)

    lines = [row for row in caplog.records if "vendor_call" in row.getMessage()]
    assert len(lines) == 2
    assert "/user_account/session/get" in lines[1].getMessage()
    assert "plaid-test" in lines[1].getMessage()
    for secret in ("987654321", "Knope", "access-sandbox", "public-sandbox", SECRET):
        assert secret not in caplog.text
    assert logging.getLogger("urllib3").level == logging.INFO
    logging.getLogger("urllib3").setLevel(logging.NOTSET)
    assert not logging.getLogger("plaid.rest").isEnabledFor(logging.DEBUG)


def test_plaid_is_not_called_inside_a_transaction(stage: Stage) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction"):
        linker().get_item("access-1")


def test_without_settings_there_is_no_linker_and_without_a_template_no_layer(settings: Any) -> None:
    whole = settings.PLAID["test"]

    for name in ("base_url", "client_id", "secret"):
        settings.PLAID = {"test": whole | {name: ""}}
        assert Plaid.configured("test") is None
    settings.PLAID = {"test": whole | {"layer_template": ""}}
    found = Plaid.configured("test")
    assert found is not None
    assert not found.has_layer


@pytest.mark.slow
def test_plaids_library_is_loaded_by_the_first_call_only() -> None:
    """It takes a second and 36 MB, which a web process without a bank in it does not pay."""
    script = (
        "import django, sys; django.setup(); import stocksprout.urls, prefill.tasks; "
        "from prefill.gateway import get_bank_linker; assert get_bank_linker('test'); "
        "assert 'plaid' not in sys.modules, 'loaded'"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={"DJANGO_SETTINGS_MODULE": "stocksprout.settings", "PATH": "/usr/bin:/bin",
             "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
