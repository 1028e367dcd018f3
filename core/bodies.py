"""Bodies as they come off the wire, before Django reads them: whole, bounded, their length known.

Django reads as many bytes as Content-Length says: of a body sent in chunks (RFC 9112 §7.1) nothing.
And a web server hands on what came before a connection broke as if it were all: `amount=1000` cut
off is `amount=100`.
"""

from collections.abc import Callable, Iterable
from email.message import Message
from http import HTTPStatus
from io import BytesIO
from json import dumps
from typing import Any

import structlog
from django.conf import settings

from core.problems import MEDIA_TYPE, problem
from core.uploads import LARGEST_REQUEST

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]
# Two pictures of an identity document and the form around them; kept in memory at once.
LARGEST_CHUNKED_FORM = 21 * 1024 * 1024
log = structlog.get_logger()


class CutOff(OSError):
    """The connection broke before the body was whole."""


class WholeBodies:
    """Give the application bodies with a length that are whole, or answer for it."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        codings = environ.pop("HTTP_TRANSFER_ENCODING", "").strip().lower()
        if codings:
            environ.pop("CONTENT_LENGTH", None)  # RFC 9112 §6.1: it is not to be believed
            if refusal := _take_chunks(environ, codings):
                return _refuse(environ, start, *refusal)
        elif (announced := str(environ.get("CONTENT_LENGTH") or "")).isdecimal():
            environ["wsgi.input"] = Whole(environ["wsgi.input"], int(announced))
        return self.application(environ, start)


class Whole:
    """A body of a known length, which raises where it ends before.

    :raises CutOff: by any reading
    """

    def __init__(self, stream: Any, length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        parts = []
        while wanted:
            part = self._stream.read(wanted)
            if not part:
                raise CutOff("The body was cut off.")
            parts.append(part)
            wanted -= len(part)
            self._left -= len(part)
        return b"".join(parts)

    def readline(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        line: bytes = self._stream.readline(wanted) if wanted else b""
        self._left -= len(line)
        if len(line) < wanted and not line.endswith(b"\n"):
            raise CutOff("The body was cut off.")
        return line


def _take_chunks(environ: Environ, codings: str) -> tuple[HTTPStatus, str] | None:
    """Read a body sent in chunks and put it in place with its length; return what is wrong.

    A server does not say whether the last chunk came. A form of pairs would not show it; JSON, a
    signed event and a form in parts do.
    """
    if codings != "chunked":
        return HTTPStatus.NOT_IMPLEMENTED, "Of transfer codings only chunked is understood."
    kind = Message()
    kind["Content-Type"] = environ.get("CONTENT_TYPE") or "application/octet-stream"
    if kind.get_content_type() == "application/x-www-form-urlencoded":
        _read(environ["wsgi.input"], settings.DATA_UPLOAD_MAX_MEMORY_SIZE)  # or it is not heard
        return HTTPStatus.LENGTH_REQUIRED, "Send a form with its Content-Length, not in chunks."
    is_parts = kind.get_content_type() == "multipart/form-data"
    most = LARGEST_CHUNKED_FORM if is_parts else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = _read(environ["wsgi.input"], most + 1)
    ending = f"--{kind.get_boundary('')}--".encode(errors="replace")
    if is_parts and len(body) <= most and not body.rstrip().endswith(ending):
        return HTTPStatus.BAD_REQUEST, "The body was cut off."
    environ["wsgi.input"] = BytesIO(body)
    # Whoever reads it sees by the length that it is too large, as of any other body.
    announced = LARGEST_REQUEST + 1 if len(body) > most else len(body)
    environ["CONTENT_LENGTH"] = str(announced)
    return None


def _read(stream: Any, most: int) -> bytes:
    """Return all that is left of a body, but not more than `most` bytes."""
    body = bytearray()
    while len(body) < most and (part := stream.read(min(65536, most - len(body)))):
        body += part
    return bytes(body)


def _refuse(environ: Environ, start: Start, status: HTTPStatus, detail: str) -> Iterable[bytes]:
    log.warning("body_refused", path=environ.get("PATH_INFO", ""), status=int(status))
    answer = dumps(problem(status, status.name.lower(), detail)).encode()
    headers = [("Content-Type", MEDIA_TYPE), ("Content-Length", str(len(answer)))]
    start(f"{status.value} {status.phrase}", headers)
    return [answer]
