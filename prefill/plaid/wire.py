"""The last step of a request plaid-python has made ready: out through our own pool, bounded.

plaid-python's own way out follows redirects and sends the secret along, waits for ever, reads
whatever comes, and writes whole answers to the log at DEBUG.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3 import exceptions

from core.vendors.answers import Cut, Unavailable, dump_json, read_retry_after
from core.vendors.budget import timeouts
from core.vendors.watch import check_status, join_pieces

PIECE = 64 * 1024
CONNECTIONS = 16


@dataclass(frozen=True)
class Reply:
    """An answer below 500, unread as yet."""

    status: int
    content: bytes


class Wire:
    """Stands in plaid-python's client where its own `RESTClientObject` would."""

    def __init__(self, vendor: str) -> None:
        self._vendor = vendor
        self._pool = urllib3.PoolManager(maxsize=CONNECTIONS, retries=False)

    def POST(  # noqa: N802 (the name plaid-python calls)
        self, url: str, *, headers: dict[str, str], body: Any, **_unused: Any
    ) -> Reply:
        """Send one request, once.

        :raises Unavailable: no usable answer
        """
        connect, read = timeouts()
        status = 0
        try:
            response = self._pool.request(
                "POST",
                url,
                body=dump_json(body).encode(),
                headers=headers,
                timeout=urllib3.Timeout(connect=connect, read=read),
                redirect=False,
                preload_content=False,
            )
            status = response.status
            return self._read(response)
        except exceptions.HTTPError as error:
            raise self._explain(error, status) from None  # its text names the whole address

    def _read(self, response: urllib3.BaseHTTPResponse) -> Reply:
        whole = False
        try:
            check_status(self._vendor, response.status, read_retry_after(response.headers))
            content = join_pieces(self._vendor, response.status, response.stream(PIECE))
            whole = True
            return Reply(response.status, content)
        finally:
            # What is left unread would be taken for the answer to the next request.
            response.release_conn() if whole else response.close()

    def _explain(self, error: exceptions.HTTPError, status: int) -> Unavailable:
        reason = f"{self._vendor}: {type(error).__name__}"
        if isinstance(error, exceptions.NewConnectionError):
            return Cut(reason, sent=False)
        if isinstance(error, exceptions.ConnectTimeoutError):
            return Unavailable(reason, sent=False)
        if isinstance(error, exceptions.ProtocolError):
            return Cut(reason, status=status)
        return Unavailable(reason, status=status)


def make_api(account: dict[str, str], wire: Wire) -> Any:
    """Return a `PlaidApi` of plaid-python that sends through `wire`. Its import takes a second."""
    with _levels_kept():
        import plaid
        from plaid.api import plaid_api

        keys = {"clientId": account["client_id"], "secret": account["secret"]}
        client = plaid.ApiClient(
            plaid.Configuration(host=account["base_url"].rstrip("/"), api_key=keys)
        )
    client.rest_client = wire
    return plaid_api.PlaidApi(client)


@contextmanager
def _levels_kept() -> Iterator[None]:
    """Undo what plaid-python's Configuration does to everybody's logs, and keep its own quiet."""
    shared, own = logging.getLogger("urllib3"), logging.getLogger("plaid")
    before = shared.level
    try:
        yield
    finally:
        shared.setLevel(before)
        own.setLevel(logging.WARNING)
