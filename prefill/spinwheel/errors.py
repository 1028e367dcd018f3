"""Spinwheel's refusals → our codes.

`status.desc` is the machine word (docs.spinwheel.io, Connect by SMS); the names its reference gives
them ("Incorrect Code") and older spellings are known as well. HTTP statuses are not documented and
decide only where no word is known. What a word means depends on what was asked: five wrong codes
end a session where a code is checked, and only delay the next text where one is asked for.
"""

import re
from typing import Any

import structlog

from core.vendors import Answer, Rejected, Unavailable, tell_unknown

# Asking for a text, and everything but a code being checked.
CODES = {
    "INVALID_NUMBER": "unsupported_number",
    "UNSUPPORTED_NUMBER": "unsupported_number",
    "UNSUPPORTED_COUNTRY_CODE": "unsupported_number",
    "MAX_ATTEMPTS_REACHED": "too_soon",
    "TOO_MANY_ATTEMPTS": "too_soon",
    "TOO_MANY_REQUESTS": "too_soon",
    "TOO_MANY_VERIFICATIONS": "locked_number",
    "INCORRECT": "wrong_code",
    "INCORRECT_CODE": "wrong_code",
    "EXPIRED": "expired",
    "EXPIRED_CODE": "expired",
    "CODE_EXPIRED": "expired",
    "USER_NOT_FOUND": "unknown_user",
}
CHECKING = CODES | {
    "MAX_ATTEMPTS_REACHED": "too_many_attempts",
    "TOO_MANY_ATTEMPTS": "too_many_attempts",
    "TOO_MANY_VERIFICATIONS": "too_many_attempts",
}
# Said of a code that was correct: the number is theirs, and still nobody was found.
UNIDENTIFIED = {
    "FAILED_IDENTIFICATION": "not_found",
    "IDENTIFICATION_FAILED": "not_found",
    "FAILED_IDENTIFICATION_INFO_MISMATCH": "mismatch",
    "IDENTIFICATION_FAILED_INFORMATION_MISMATCH": "mismatch",
    "INFORMATION_MISMATCH": "mismatch",
    "FAILED_ELIGIBILITY": "ineligible",
    "INELIGIBLE_USER": "ineligible",
}
# How the vendor names what is decided after the code; a newer such word is one more reason.
AFTER_THE_CODE = "FAILED_"
SENTENCES = {
    "unsupported_number": "The number gets no code.",
    "too_soon": "Too much was asked for this number just now.",
    "locked_number": "The number gets no code for a day.",
    "wrong_code": "This is not the code.",
    "expired": "The code has ended.",
    "too_many_attempts": "There were too many wrong codes.",
    "unknown_user": "The person is not known.",
    "unclear": "The code was refused in words that are not known.",
}
LONGEST_WORD = 60
log = structlog.get_logger()


class Unidentified(Exception):
    """A code was correct, and nobody was found; `reason` as in `prefill.gateway.Confirmation`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def refusal(answer: Answer, label: str, *, checks_code: bool = False) -> Exception:
    """Return what to raise for an answer of 400 to 499.

    One in no envelope is not Spinwheel's word but that of something in between: no answer. An
    unknown word to a code that was checked has used it up, as far as we can tell: nothing about it
    is to be tried again, and nothing is proven by it (`unclear`).
    """
    words = _read_words(answer.body)
    known = CHECKING if checks_code else CODES
    for word in words:
        if word in UNIDENTIFIED:
            return Unidentified(UNIDENTIFIED[word])
        if word in known:
            return Rejected(SENTENCES[known[word]], code=known[word])
    if not words and answer.status not in {401, 403}:
        return Unavailable(f"Spinwheel answered {answer.status}", status=answer.status)
    if checks_code and answer.status not in {401, 403}:
        return _judge_unknown(words[0], answer.status, label)
    # About us: our key, or a request it does not take. An operator must see to it.
    log.error("vendor_refused", vendor="spinwheel", path=label, status=answer.status)
    return Rejected("Spinwheel does not take our requests.", code="misconfigured")


def unclear() -> Rejected:
    """Return what to raise where a code was judged, and nobody can say how."""
    return Rejected(SENTENCES["unclear"], code="unclear")


def _judge_unknown(word: str, status: int, label: str) -> Exception:
    tell_unknown("spinwheel", word, path=label, status=status)
    return Unidentified("not_found") if word.startswith(AFTER_THE_CODE) else unclear()


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
