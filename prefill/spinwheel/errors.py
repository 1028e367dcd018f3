"""Spinwheel's refusals → our codes.

It documents the names of its refusals, and the machine words of few; both are known here, in one
spelling. HTTP statuses are not documented and decide only where no word is known.
"""

import re
from typing import Any

import structlog

from core.vendors import Answer, Rejected, Unavailable

CODES = {
    "INVALID_NUMBER": "unsupported_number",
    "UNSUPPORTED_NUMBER": "unsupported_number",
    "TOO_MANY_REQUESTS": "too_soon",
    "INCORRECT_CODE": "wrong_code",
    "EXPIRED": "expired",
    "EXPIRED_CODE": "expired",
    "TOO_MANY_ATTEMPTS": "too_many_attempts",
    "USER_NOT_FOUND": "unknown_user",
}
# Said of a code that was correct: the number is theirs, and still nobody was found.
UNIDENTIFIED = {
    "IDENTIFICATION_FAILED": "not_found",
    "IDENTIFICATION_FAILED_INFORMATION_MISMATCH": "mismatch",
    "INFORMATION_MISMATCH": "mismatch",
    "FAILED_ELIGIBILITY": "ineligible",
    "INELIGIBLE_USER": "ineligible",
}
SENTENCES = {
    "unsupported_number": "The number gets no code.",
    "too_soon": "A code went to this number a moment ago.",
    "wrong_code": "This is not the code.",
    "expired": "The code has ended.",
    "too_many_attempts": "There were too many wrong codes.",
    "unknown_user": "The person is not known.",
}
LONGEST_WORD = 60
log = structlog.get_logger()


class Unidentified(Exception):
    """A code was correct, and nobody was found; `reason` as in `prefill.gateway.Confirmation`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def refusal(answer: Answer, label: str) -> Exception:
    """Return what to raise for an answer of 400 to 499.

    One in no envelope is not Spinwheel's word but that of something in between: no answer.
    """
    words = _read_words(answer.body)
    for word in words:
        if word in UNIDENTIFIED:
            return Unidentified(UNIDENTIFIED[word])
        if word in CODES:
            code = CODES[word]
            return Rejected(SENTENCES[code], code=code)
    if not words and answer.status not in {401, 403}:
        return Unavailable(f"Spinwheel answered {answer.status}", status=answer.status)
    # About us: our key, or a request it does not take. An operator must see to it.
    log.error("vendor_refused", vendor="spinwheel", path=label, status=answer.status)
    return Rejected("Spinwheel does not take our requests.", code="misconfigured")


def _read_words(body: Any) -> list[str]:
    """Return the word of the envelope's status, then those of its messages, in one spelling."""
    status = body.get("status") if isinstance(body, dict) else None
    if not isinstance(status, dict):
        return []
    told = [status.get("desc")]
    messages = status.get("messages")
    for message in messages if isinstance(messages, list) else []:
        told.append(message.get("desc") if isinstance(message, dict) else None)
    spelled = (
        re.sub(r"[^A-Z]+", "_", text.upper()).strip("_")
        for text in told
        if isinstance(text, str) and len(text) <= LONGEST_WORD
    )
    return [word for word in spelled if word]
