"""Spinwheel's books: its users, the codes it texted, and the rules about both."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sandbox.clock import Clock
from sandbox.spinwheel import people
from sandbox.spinwheel.errors import Refused
from sandbox.spinwheel.people import Person
from sandbox.state import State
from sandbox.texts import TextMessages
from sandbox.wire import iso

LIFETIME = timedelta(minutes=5)
RESEND_AFTER = timedelta(seconds=30)
LOCKED_FOR = timedelta(minutes=5)
MOST_TRIES = 5
# Ours. A code sent while another one lives differs from it, so that voiding can be seen.
CODES = ("123456", "234567")
US_NUMBER = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}")
PROGRESS, SUCCESS, FAILED = "IN_PROGRESS", "SUCCESS", "FAILED"
VERIFIED_BY = ("SMS", "PHONE_CALL", "KYC", "CREDIT_REPORT")

Json = dict[str, Any]


@dataclass
class User:
    """A person someone began to connect. The code is empty once it was used or can not be."""

    id: str
    external_id: str
    phone: str
    born: str
    created: datetime
    updated: datetime
    status: str = PROGRESS
    connection_id: str = ""
    code: str = ""
    expires: datetime | None = None
    wrong: int = 0
    profile: Json = field(default_factory=dict)


@dataclass
class Line:
    """What is remembered of a number across users: the last text to it, and until when it waits."""

    texted: datetime
    locked_until: datetime | None = None


class Spinwheel:
    """Spinwheel's side of one world. Used under the world's lock only."""

    def __init__(self, state: State, clock: Clock, texts: TextMessages) -> None:
        self._clock = clock
        self._texts = texts
        self.users = state.table("spinwheel.users", User)
        self.people = state.table("spinwheel.people", Person)
        self._lines = state.table("spinwheel.lines", Line)

    def connect(self, body: Json) -> Json:
        """Text a code to a person's phone.

        :raises Refused: the request is wrong, the number is, or it was texted a moment ago
        """
        phone, born, now = _phone(body), _born(body), self._clock.now()
        known = self._named(body)
        self._refuse_number(phone)
        line = self._lines.get(phone)
        if line is not None and line.locked_until is not None and now < line.locked_until:
            raise Refused("MAX_ATTEMPTS_REACHED")
        if line is not None and now < line.texted + RESEND_AFTER:
            raise Refused("TOO_MANY_REQUESTS")
        user = known or self._new_user(body, phone, born)
        user.phone, user.born, user.status, user.updated = phone, born, PROGRESS, now
        alive = user.expires is not None and now < user.expires
        user.code = CODES[1] if alive and user.code == CODES[0] else CODES[0]
        user.connection_id, user.wrong, user.expires = str(uuid.uuid4()), 0, now + LIFETIME
        if line is None:
            self._lines.add(phone, Line(now))
        else:
            line.texted, line.locked_until = now, None
        self._texts.send("Spinwheel", phone, f"{user.code} is your code. It ends in 5 minutes.")
        sms = {
            "codeExpiresAt": iso(user.expires),
            "codeTimeoutSeconds": int(LIFETIME.total_seconds()),
        }
        return _connection(user) | {"sms": sms}

    def verify(self, user_id: str, body: Json) -> Json:
        """Take a code; a right one can still find nobody, or somebody else.

        :raises Refused: wrong, expired or tried too often, or the person is not identified
        """
        user, code, now = self.user(user_id), body.get("code"), self._clock.now()
        if not isinstance(code, str) or not re.fullmatch(r"\d{6}", code):
            raise Refused("BAD_REQUEST", "code is six digits.")
        outcome = people.outcome_of(user.phone)
        if user.wrong > MOST_TRIES:
            raise Refused("MAX_ATTEMPTS_REACHED")
        if outcome == people.EXPIRED or not user.code or not user.expires or now >= user.expires:
            raise Refused("EXPIRED")
        if outcome == people.WRONG_CODE or code != user.code:
            user.wrong += 1
            if user.wrong > MOST_TRIES:
                self._lock(user, now)
                raise Refused("MAX_ATTEMPTS_REACHED")
            raise Refused("INCORRECT")
        user.code = ""
        return self._identify(user, outcome)

    def connect_preverified(self, body: Json) -> Json:
        """Connect somebody whose phone the partner proved itself, without a text.

        :raises Refused: the request is wrong, or the person is not identified
        """
        phone, born, known = _phone(body), _born(body), self._named(body)
        audit = body.get("audit")
        if not isinstance(audit, dict) or audit.get("verificationType") not in VERIFIED_BY:
            raise Refused("BAD_REQUEST", f"audit.verificationType is one of {VERIFIED_BY}.")
        for name in ("verificationDate", "userConsentDate"):
            if not audit.get(name):
                raise Refused("BAD_REQUEST", f"audit.{name} is required.")
        self._refuse_number(phone)
        user = known or self._new_user(body, phone, born)
        user.phone, user.born, user.code = phone, born, ""
        user.connection_id = str(uuid.uuid4())
        return self._identify(user, people.outcome_of(phone))

    def user(self, user_id: str) -> User:
        user = self.users.get(user_id)
        if user is None:
            raise Refused("USER_NOT_FOUND")
        return user

    def forget(self, user_id: str) -> Json:
        """Remove a user and all that was known of them."""
        self.users.remove(self.user(user_id).id)
        return {"userId": user_id}

    def enter_person(
        self, phone: str, profile: Json, connects: str = "", verifies: str = ""
    ) -> Person:
        """Let a person of the operator's own have a number. Used by the control pages.

        :param connects: the word that asking for a code is refused with; `verifies`: a right code

        :raises Refused: the number is wrong
        """
        number = _phone({"phoneNumber": phone})
        if self.people.get(number) is not None:
            self.people.remove(number)
        whole = profile | {"phoneNumber": number}
        return self.people.add(number, Person(number, whole, connects, verifies))

    def _identify(self, user: User, outcome: str) -> Json:
        user.updated, user.status = self._clock.now(), FAILED
        refusals = {
            people.INELIGIBLE: "FAILED_ELIGIBILITY",
            people.UNKNOWN: "FAILED_IDENTIFICATION",
            people.MISMATCH: "FAILED_IDENTIFICATION_INFO_MISMATCH",
        }
        if outcome in refusals:
            raise Refused(refusals[outcome])
        entered = self.people.get(user.phone)
        if entered is not None and entered.verifies:
            raise Refused(entered.verifies)
        if entered is not None and entered.profile.get("dateOfBirth", user.born) != user.born:
            raise Refused("FAILED_IDENTIFICATION_INFO_MISMATCH")
        user.profile = people.invent(user.phone, user.born) | (entered.profile if entered else {})
        user.status = SUCCESS
        return _connection(user) | {"profile": user.profile}

    def _lock(self, user: User, now: datetime) -> None:
        user.code = ""
        line = self._lines.get(user.phone)
        if line is not None:
            line.locked_until = now + LOCKED_FOR

    def _named(self, body: Json) -> User | None:
        """Return the user a request names, None for one who is new."""
        ours, theirs = body.get("userId"), body.get("extUserId")
        if bool(ours) == bool(theirs):
            raise Refused("BAD_REQUEST", "Exactly one of extUserId and userId is required.")
        if ours:
            return self.user(str(ours))
        return next((user for user in self.users if user.external_id == str(theirs)), None)

    def _new_user(self, body: Json, phone: str, born: str) -> User:
        now = self._clock.now()
        user = User(str(uuid.uuid4()), str(body["extUserId"]), phone, born, now, now)
        return self.users.add(user.id, user)

    def _refuse_number(self, phone: str) -> None:
        entered = self.people.get(phone)
        if entered is not None and entered.connects:
            raise Refused(entered.connects)
        match people.outcome_of(phone):
            case people.UNSUPPORTED:
                raise Refused("UNSUPPORTED_COUNTRY_CODE")
            case people.THROTTLED:
                raise Refused("TOO_MANY_REQUESTS", "Too many requests.")
            case people.BROKEN:
                raise Refused("INTERNAL_ERROR")


def user_json(user: User) -> Json:
    body: Json = _connection(user) | {
        "isBorrower": False,
        "createdOn": _epoch(user.created),
        "updatedOn": _epoch(user.updated),
    }
    return body | ({"profile": user.profile} if user.profile else {})


def _connection(user: User) -> Json:
    return {
        "userId": user.id,
        "extUserId": user.external_id,
        "connectionId": user.connection_id,
        "connectionStatus": user.status,
    }


def _phone(body: Json) -> str:
    phone = body.get("phoneNumber")
    if not isinstance(phone, str) or not US_NUMBER.fullmatch(phone):
        raise Refused("INVALID_NUMBER")
    return phone


def _born(body: Json) -> str:
    born = body.get("dateOfBirth")
    try:
        if isinstance(born, str) and len(born) == len("1980-01-31"):
            return date.fromisoformat(born).isoformat()
    except ValueError:
        pass
    raise Refused("BAD_REQUEST", "dateOfBirth is a day, YYYY-MM-DD.")


def _epoch(at: datetime) -> int:
    return int(at.timestamp() * 1000)
