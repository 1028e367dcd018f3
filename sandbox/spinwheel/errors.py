"""Spinwheel's refusals, in the envelope that is on every answer.

The words are in `words`; those below are of no call in particular, and ours but for
USER_NOT_FOUND.
"""

from __future__ import annotations

from typing import Any

from sandbox.spinwheel.words import CONNECT, OLDER, VERIFY

MESSAGES = (
    OLDER
    | CONNECT
    | VERIFY
    | {
        "UNAUTHORIZED": (401, "No auth key provided"),
        "BAD_REQUEST": (400, "The request is malformed."),
        "USER_NOT_FOUND": (404, "User not found"),
        "NOT_FOUND": (404, "There is nothing at this address."),
        "METHOD_NOT_ALLOWED": (405, "The method is not allowed here."),
        "INTERNAL_ERROR": (500, "Something went wrong."),
    }
)


class Refused(Exception):
    """A request that Spinwheel answers with an error; `desc` is its machine word."""

    def __init__(self, desc: str, message: str = "", status: int = 0) -> None:
        super().__init__(desc)
        known = MESSAGES.get(desc, (400, desc))
        self.desc = desc
        self.message = message or known[1]
        self.status = status or known[0]

    def body(self) -> dict[str, Any]:
        return envelope(self.status, self.desc, self.message)


def envelope(
    status: int, desc: str = "success", message: str = "", data: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the answer's body; `status` repeats the HTTP status."""
    messages = [{"desc": message, "type": "ERROR"}] if message else []
    return {"status": {"code": status, "desc": desc, "messages": messages}, "data": data or {}}


def fault_body(status: int, code: str) -> dict[str, Any]:
    """Return the body of an error the operator ordered."""
    usual = {401: "UNAUTHORIZED", 404: "USER_NOT_FOUND", 429: "TOO_MANY_REQUESTS"}
    desc = code or usual.get(status, "INTERNAL_ERROR" if status >= 500 else "BAD_REQUEST")
    return Refused(desc, status=status).body()
