"""One call to DriveWealth: headers, the shared token, refusals, shapes nobody documented."""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit
from uuid import UUID

from django.conf import settings

from brokerage.drivewealth.errors import STALE_TOKEN, read_code, refusal
from brokerage.drivewealth.tokens import REST_SECONDS, CredentialsRefused, Minted, TokenStore
from brokerage.gateway import Listing, OddRow
from core.encryption import blind_index
from core.vendors import Answer, Door, Pace, Unavailable

MISSHAPEN = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError)
IDS = ("id", "orderID", "orderId", "paymentID", "finTranID", "instrumentID", "fileKey")
# Fields that hold a word of a vocabulary, and what such a word looks like.
WORDS = ("status", "orderStatus", "type", "instrumentType", "finTranTypeID", "side")
WORD = re.compile(r"[A-Z0-9_ -]{1,30}", re.IGNORECASE)
LONGEST_EXAMPLE = 300  # in our table

T = TypeVar("T")


class Odd(ValueError):
    """A row we can not use; the text says why, without anything of its contents."""


class Wire:
    """What every method of the client is made of. One call is one HTTP request."""

    def __init__(self) -> None:
        self._door = Door(
            "drivewealth",
            settings.DRIVEWEALTH_BASE_URL,
            request_id_header="dw-request-id",
            pace=_pace(),
        )
        # Corrected credentials are not kept waiting for what wrong ones used up.
        secret = blind_index(settings.DRIVEWEALTH_CLIENT_SECRET, context="drivewealth.secret")[:12]
        self._tokens = TokenStore(
            f"drivewealth:{settings.DRIVEWEALTH_CLIENT_ID}:{secret}", self._mint
        )

    def sign_in(self) -> None:
        """Have a token, so that wrong credentials show before anything else is asked."""
        self._tokens.get()

    def _get(self, path: str, *, label: str, params: dict[str, str] | None = None) -> Any:
        return self._call("GET", path, label=label, params=params)

    def _list(self, path: str, *, label: str, params: dict[str, str] | None = None) -> list[Any]:
        return rows(self._get(path, label=label, params=params))

    def _post(self, path: str, body: dict[str, Any], *, key: UUID) -> dict[str, Any]:
        answer = self._call("POST", path, body=body, label=path, key=key)
        if not isinstance(answer, dict):
            raise Unavailable("DriveWealth answered in another shape than it documents")
        return answer

    def _call(
        self,
        method: str,
        path: str,
        *,
        label: str,
        body: Any = None,
        params: dict[str, str] | None = None,
        key: UUID | None = None,
    ) -> Any:
        """Call with the shared token; where it was refused, once more with a new one."""
        token = self._tokens.get()
        answer = self._send(method, path, label, body, params, key, token)
        if _is_stale(answer):
            self._tokens.drop(token)
            answer = self._send(method, path, label, body, params, key, self._tokens.get())
            if _is_stale(answer):
                raise Unavailable("DriveWealth refuses our token", status=answer.status)
        if answer.status >= 400:
            raise refusal(answer, reads=method == "GET", label=label)
        return answer.body

    def _send(
        self,
        method: str,
        path: str,
        label: str,
        body: Any,
        params: dict[str, str] | None,
        key: UUID | None,
        token: str,
    ) -> Answer:
        headers = {
            "dw-client-app-key": settings.DRIVEWEALTH_APP_KEY,
            "Authorization": f"Bearer {token}",
        }
        if key is not None:
            headers["Idempotency-Key"] = str(key)
        return self._door.send(
            method, "/back-office" + path, headers=headers, body=body, params=params, label=label
        )

    def _mint(self) -> Minted:
        answer = self._door.send(
            "POST",
            "/back-office/auth/tokens",
            headers={"dw-client-app-key": settings.DRIVEWEALTH_APP_KEY},
            body={
                "clientID": settings.DRIVEWEALTH_CLIENT_ID,
                "clientSecret": settings.DRIVEWEALTH_CLIENT_SECRET,
            },
            label="/auth/tokens",
        )
        if answer.status >= 400:
            raise CredentialsRefused(
                f"DriveWealth refuses our credentials ({answer.status})",
                retry_after=REST_SECONDS,
                status=answer.status,
            )
        return read(_read_minted, answer.body)


def read(reader: Callable[[Any], T], body: Any) -> T:
    """Read an answer; one of another shape than documented is no answer to act on.

    :raises Unavailable: another shape
    """
    try:
        return reader(body)
    except MISSHAPEN as error:
        raise Unavailable(
            f"DriveWealth answered in another shape than it documents ({type(error).__name__})"
        ) from error


def read_rows(reader: Callable[[Any], T], found: Iterable[Any]) -> Listing[T]:
    """Read a list row by row; one of another shape than documented is kept apart as odd."""
    kept, odd = [], []
    for row in found:
        try:
            kept.append(reader(row))
        except Unavailable as error:  # a word we do not know
            odd.append(_describe(row, error.reason.removeprefix("DriveWealth sent an ")))
        except MISSHAPEN as error:
            odd.append(_describe(row, _why(error)))
    return Listing(kept, odd)


def _why(error: Exception) -> str:
    if isinstance(error, Odd):
        return str(error)
    if isinstance(error, KeyError):
        return f"no {error.args[0]}"
    return f"another shape ({type(error).__name__})"


def _describe(row: Any, why: str) -> OddRow:
    """Return what staff may see of a row: its names, what kind of value each has, vocabulary."""
    if not isinstance(row, dict):
        return OddRow(why="no object", example=type(row).__name__)
    shape = ", ".join(f"{name}: {_shape(str(name), value)}" for name, value in row.items())
    ids = (row[name] for name in IDS if isinstance(row.get(name), str))
    symbol = row.get("symbol")
    return OddRow(
        why=why[:100],
        example=shape[:LONGEST_EXAMPLE],
        id=next(ids, ""),
        symbol=symbol if isinstance(symbol, str) else "",
    )


def _shape(name: str, value: Any) -> str:
    if isinstance(value, dict) and name in WORDS:
        value = value.get("name") or value.get("message")
    if value is None:
        return "null"
    if name in WORDS and WORD.fullmatch(str(value)):
        return str(value)
    return f"text of {len(value)}" if isinstance(value, str) else type(value).__name__


def rows(body: Any) -> list[Any]:
    """Return the rows of a list, bare or wrapped in `orders`.

    :raises Unavailable: another shape, which must not be taken for "there is none"
    """
    found = body.get("orders") if isinstance(body, dict) else body
    if not isinstance(found, list):
        raise Unavailable("DriveWealth answered in another shape than it documents (no list)")
    return found


def part(value: str) -> str:
    """Return an identifier as one part of a path, whatever characters it has."""
    return quote(value, safe="")


def read_link(body: dict[str, Any]) -> str:
    """Read the address of a file; only a web address is one.

    :raises ValueError: something else
    """
    link = str(body["url"])
    if urlsplit(link).scheme not in {"https", "http"} or not urlsplit(link).hostname:
        raise ValueError("not a web address")
    return link


def _pace() -> Pace | None:
    """Return the pace DriveWealth asks of an app key, in a name that does not tell the key."""
    if settings.DRIVEWEALTH_MAX_PER_SECOND <= 0:
        return None
    key = blind_index(settings.DRIVEWEALTH_APP_KEY, context="drivewealth.app_key")[:12]
    return Pace(f"drivewealth:{key}", per_second=settings.DRIVEWEALTH_MAX_PER_SECOND)


def _is_stale(answer: Answer) -> bool:
    return answer.status == 401 or read_code(answer) in STALE_TOKEN


def _read_minted(body: dict[str, Any]) -> Minted:
    return Minted(str(body["access_token"]), int(body["expires_in"]))
