"""Spinwheel's connections: a code to the phone, and with the date of birth a person behind it.

Each method is one HTTP request. A POST is never repeated: it may have texted somebody.
"""

from datetime import UTC, date, datetime
from typing import Any, Self
from urllib.parse import quote

import structlog
from django.conf import settings

from core.vendors import Door, Rejected, Unavailable
from prefill.gateway import CodeSent, Confirmation, InstructionsGiven
from prefill.spinwheel import schemas
from prefill.spinwheel.errors import Unidentified, refusal, unclear
from prefill.spinwheel.schemas import Unusable

SMS = "/v1/users/connect/sms"
PREVERIFIED = "/v1/users/connect/preverified/phoneNumber"
log = structlog.get_logger()


class Spinwheel:
    """One account at Spinwheel. Satisfies `prefill.gateway.PhoneVerifier`."""

    def __init__(self, mode: str, *, base_url: str, key: str, preverified: bool) -> None:
        self.preverified = preverified
        self._key = key
        self._door = Door(f"spinwheel-{mode}", base_url, request_id_header="X-Request-Id")

    @classmethod
    def configured(cls, mode: str) -> Self | None:
        """Return the account of this mode; None where there is no address or no key."""
        its = settings.SPINWHEEL[mode]
        return cls(mode, **its) if its["base_url"] and its["key"] else None

    def send_code(
        self,
        *,
        phone: str,
        date_of_birth: date,
        reference: str,
        user_id: str,
        instructions: InstructionsGiven,
    ) -> CodeSent:
        """Text a code; an earlier one ends."""
        body = _person(phone, date_of_birth, reference, user_id) | {
            "audit": {"consentTimestamp": instructions.at.astimezone(UTC).isoformat()}
        }
        try:
            data = self._call("POST", SMS, label=SMS, body=body)
            return schemas.read_code_sent(data, user_id=user_id, reference=reference)
        except Unavailable as error:
            if error.status == 429:  # nothing was sent
                raise Rejected("Too many codes were asked for.", code="too_soon") from error
            raise
        except Unidentified as found:
            raise Rejected("The number gets no code.", code="unsupported_number") from found
        except Unusable as error:
            raise _unusable(SMS, error) from error

    def check_code(self, *, user_id: str, phone: str, code: str) -> Confirmation:
        """Have a code judged; a right one is used up by that."""
        path = f"/v1/users/{quote(user_id, safe='')}/connect/sms/verify"
        label = "/v1/users/:id/connect/sms/verify"
        try:
            data = self._call("POST", path, label=label, body={"code": code}, checks_code=True)
            if data.get("connectionStatus") == schemas.NOT_CONNECTED:
                raise unclear()
            return schemas.read_confirmation(data, user_id=user_id, phone=phone)[1]
        except Unavailable as error:
            if error.status == 429:  # nothing was judged
                raise Rejected("Too many codes are checked.", code="too_soon") from error
            raise
        except Unidentified as found:
            return Confirmation(identified=False, reason=found.reason)
        except Unusable as error:
            raise _unusable(label, error) from error

    def find_by_proven_phone(
        self,
        *,
        phone: str,
        date_of_birth: date,
        reference: str,
        user_id: str,
        instructions: InstructionsGiven,
        proven_at: datetime,
    ) -> tuple[str, Confirmation]:
        """Find the person behind a number we or Plaid proved; return also Spinwheel's user."""
        body = _person(phone, date_of_birth, reference, user_id) | {
            "audit": {
                "verificationType": "SMS",
                "verificationDate": proven_at.astimezone(UTC).date().isoformat(),
                "userConsentDate": instructions.at.astimezone(UTC).date().isoformat(),
            }
        }
        try:
            data = self._call("POST", PREVERIFIED, label=PREVERIFIED, body=body)
            return schemas.read_confirmation(data, user_id=user_id, phone=phone)
        except Unidentified as found:
            return user_id, Confirmation(identified=False, reason=found.reason)
        except Unusable as error:
            raise _unusable(PREVERIFIED, error) from error

    def forget(self, user_id: str) -> None:
        """Have the person deleted there; who is not known is forgotten."""
        try:
            self._call("DELETE", f"/v1/users/{quote(user_id, safe='')}", label="/v1/users/:id")
        except Rejected as refused:
            if refused.code != "unknown_user":
                raise

    def _call(
        self, method: str, path: str, *, label: str, body: Any = None, checks_code: bool = False
    ) -> dict[str, Any]:
        """Make one call and return the data in its envelope.

        :raises Unusable: a success in another shape than agreed
        """
        headers = {"Authorization": f"Bearer {self._key}"}
        answer = self._door.send(method, path, headers=headers, body=body, label=label)
        if answer.status >= 400:
            raise refusal(answer, label, checks_code=checks_code)
        return {} if method == "DELETE" else schemas.read_data(answer.body)


def _person(phone: str, born: date, reference: str, user_id: str) -> dict[str, Any]:
    """Name somebody by Spinwheel's own id where it is known, else by ours."""
    who = {"userId": user_id} if user_id else {"extUserId": reference}
    return who | {"phoneNumber": phone, "dateOfBirth": born.isoformat()}


def _unusable(label: str, error: Unusable) -> Unavailable:
    """Return what to raise for an answer that can not be used; its text holds no value of it."""
    log.warning("vendor_answer_unusable", vendor="spinwheel", path=label, trouble=str(error))
    return Unavailable(f"Spinwheel's answer has {error}", status=200)
