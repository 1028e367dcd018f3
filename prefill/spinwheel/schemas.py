"""Spinwheel's answers, read strictly: what is not as agreed is no answer to act on."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.vendors import dump_json
from prefill.gateway import CodeSent, Confirmation

LONGEST_ID = 100  # in our table
LARGEST_PROFILE = 256 * 1024  # characters of JSON
MILLISECONDS = 10**11  # an epoch number past this does not count seconds
YEARS = range(2020, 2100)
CONNECTED, NOT_CONNECTED = "SUCCESS", "FAILED"
ID = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_ID}}}")


class Unusable(Exception):
    """An answer in another shape than agreed, or about another person.

    Its text names the trouble, and no value of the answer.
    """


def read_data(body: Any) -> dict[str, Any]:
    """Return what is in the envelope of an answer that says it succeeded."""
    status = body.get("status") if isinstance(body, dict) else None
    code = status.get("code") if isinstance(status, dict) else None
    if not isinstance(code, int) or isinstance(code, bool):
        raise Unusable("no envelope")
    if not 200 <= code < 300:
        raise Unusable("a status in the envelope other than the answer's")
    data = body.get("data")
    if not isinstance(data, dict):
        raise Unusable("no data")
    return data


def read_code_sent(data: dict[str, Any], *, user_id: str, reference: str) -> CodeSent:
    """Read the answer of connect/sms."""
    told = _read_user_id(data, expected=user_id)
    if data.get("extUserId") not in (None, "", reference):
        raise Unusable("another person")
    connection = data.get("connectionId")
    if not isinstance(connection, str) or not ID.fullmatch(connection):
        connection = ""
    sms = data.get("sms")
    expires = sms.get("codeExpiresAt") if isinstance(sms, dict) else None
    return CodeSent(told, connection, read_moment(expires))


def read_confirmation(
    data: dict[str, Any], *, user_id: str, phone: str
) -> tuple[str, Confirmation]:
    """Read the answer of a connection that was confirmed; return its user as well.

    Anything but SUCCESS is undecided: it proves neither the number nor the person.
    """
    told = _read_user_id(data, expected=user_id)
    if data.get("connectionStatus") != CONNECTED:
        raise Unusable("a connection that is not finished")
    profile = data.get("profile") or {}
    if not isinstance(profile, dict):
        raise Unusable("no profile")
    number = profile.get("phoneNumber")
    if number and _last_ten(number) != _last_ten(phone):
        raise Unusable("another number")
    try:
        kept = _tidy(profile)
        too_large = len(dump_json(kept)) > LARGEST_PROFILE
    except RecursionError:
        too_large = True
    if too_large:
        raise Unusable("a profile too large")
    return told, Confirmation(identified=True, profile=kept)


def read_moment(value: Any) -> datetime | None:
    """Read a moment that came as epoch seconds or milliseconds, or as text of either or ISO 8601.

    None for anything else: we can do without.
    """
    if isinstance(value, str):
        text = value.strip()
        if not text.isascii() or not text.isdigit():
            return _read_iso(text)
        value = int(text) if len(text) <= len(str(MILLISECONDS)) + 2 else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    try:
        seconds = float(value / 1000 if value > MILLISECONDS else value)
        return _plausible(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, ValueError, OSError, ArithmeticError):
        return None


def _read_iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _plausible(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _plausible(moment: datetime) -> datetime | None:
    return moment if moment.year in YEARS else None


def _read_user_id(data: dict[str, Any], *, expected: str) -> str:
    told = data.get("userId")
    if not isinstance(told, str) or not ID.fullmatch(told):
        raise Unusable("no user")
    if expected and told != expected:
        raise Unusable("another person")
    return told


def _last_ten(number: Any) -> str:
    return "".join(filter(str.isdigit, str(number)))[-10:]


def _tidy(value: Any) -> Any:
    """Return the profile without any number of which more than the last four digits are known.

    Decimals become text: what follows is stored as JSON.
    """
    if isinstance(value, dict):
        kept = {}
        for name, inner in value.items():
            if not _names_ssn(name):
                kept[name] = _tidy(inner)
            elif last_four := _last_four(inner):
                kept["ssnLastFourDigits"] = last_four
        return kept
    if isinstance(value, list):
        return [_tidy(inner) for inner in value]
    return str(value) if isinstance(value, Decimal) else value


def _names_ssn(name: str) -> bool:
    plain = name.lower().replace("_", "")
    return any(word in plain for word in ("ssn", "socialsecurity", "taxid"))


def _last_four(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:04d}"
    text = value[-4:] if isinstance(value, str) else ""
    return text if len(text) == 4 and text.isascii() and text.isdigit() else ""
