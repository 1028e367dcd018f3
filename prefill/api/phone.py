"""Proving a phone number by a code."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.errors import DomainError
from core.idempotency import idempotent_in_steps, require_key
from prefill import queries
from prefill.agreements import (
    AGREEMENT_NAME,
    END_USER_AGREEMENT,
    Instructions,
    get_written_instructions,
)
from prefill.api import examples
from prefill.api.asked import ConfirmPhoneIn, VerifyPhoneIn
from prefill.api.base import PrefillAPI
from prefill.api.shown import ConsentTextOut, PhoneSessionOut
from prefill.models import Applicant, PhoneSession
from prefill.operations import (
    VendorAway,
    check_phone,
    confirm_phone,
    erase_applicant,
    make_applicant,
    read_phone,
    start_phone,
)
from prefill.operations.refusals import refusals_recorded
from tenants.api.base import calls_vendor
from tenants.api.describe import described
from tenants.models import Scope

TAG = "Phone"


class VerifyPhone(PrefillAPI):
    scope = Scope.PHONE

    @calls_vendor
    @described(
        "verify_phone",
        "Text a code",
        tag=TAG,
        asked=VerifyPhoneIn,
        answer=PhoneSessionOut,
        status=202,
        refusals=(409, 422, 503),
        sent=examples.VERIFY_PHONE,
        example=examples.PHONE_SESSION,
    )
    @idempotent_in_steps
    def post(self, request: Request) -> Response:
        """Text a code to a US number, once its owner has agreed to `GET phone/consent-text`.

        Without `user_id` a user is made as well, and `Idempotency-Key` is required: nothing else
        would show that a repeat is one, and a second text is paid for too. With a `user_id`, asked
        again before `resend_after`, the same session comes back and nothing is sent. The
        answer does not tell whether the number or the person is known to anybody. A number that
        was proven not long ago gets no text: `status` is `verified` at once.

        400 `idempotency_key_required`, `phone_invalid`, `phone_country`, `phone_kind`,
        `consent_outdated`, `not_an_adult` · 409 `phone_unavailable` · 422
        `method_not_supported` (a phone call) · 429 `too_many_texts` · 503
        `vendor_unavailable`: the next step is another one then.
        """
        asked = self.read(VerifyPhoneIn)
        applicant_id = asked.pop("user_id", self.only)
        if applicant_id is not None:
            session = self._start(self.find_applicant(applicant_id), asked)
        else:
            session = self._start_with_somebody_new(asked)
        return self.answer(PhoneSessionOut, session, about=session.applicant_id, status=202)

    def _start_with_somebody_new(self, asked: dict[str, Any]) -> PhoneSession:
        """Make the user as well, but nobody for what can not be used or comes to nothing."""
        with refusals_recorded("phone.refused", self.key, by=self.by, at=clock.now()):
            check_phone(
                tenant=self.tenant,
                phone=asked["phone_number"],
                country=asked["country_code"],
                method=asked["method"],
                date_of_birth=asked["date_of_birth"],
                instructions=self._read_consent(asked["consent"]),
                at=clock.now(),
            )
        require_key(self.request, saves="a repeat with it has no second code texted")
        applicant = make_applicant(
            tenant=self.tenant, mode=self.key.mode, by=self.by, at=clock.now()
        )
        try:
            return self._start(applicant, asked)
        except DomainError:
            erase_applicant(applicant, by=self.by, at=clock.now())
            raise

    def _start(self, applicant: Applicant, asked: dict[str, Any]) -> PhoneSession:
        consent = self._read_consent(asked["consent"])
        session = start_phone(
            applicant=applicant,
            phone=asked["phone_number"],
            country=asked["country_code"],
            method=asked["method"],
            date_of_birth=asked["date_of_birth"],
            instructions=consent,
            ip_address=consent.ip_address,
            by=self.by,
            at=clock.now(),
        )
        if session.status == PhoneSession.Status.FAILED:
            raise VendorAway(_("We can not send codes at the moment. Go on in another way."))
        return session

    def _read_consent(self, told: dict[str, Any]) -> Instructions:
        """Return the consent; what a browser says of its address is not asked."""
        is_browser = self.only is not None
        address = self.get_callers_address() if is_browser else told.get("ip_address")
        program = told.get("user_agent", "")
        if is_browser and not program:
            program = self.request.headers.get("User-Agent", "")
        return Instructions(
            text_version=told["text_version"], ip_address=address, user_agent=program
        )


class ConfirmPhone(PrefillAPI):
    scope = Scope.PHONE

    @calls_vendor
    @described(
        "confirm_phone",
        "Send the code",
        tag=TAG,
        asked=ConfirmPhoneIn,
        answer=PhoneSessionOut,
        refusals=(409, 422, 503),
        sent=examples.CONFIRM_PHONE,
        example=examples.CONFIRMED,
    )
    @idempotent_in_steps
    def post(self, request: Request) -> Response:
        """Send the code the person typed. A right one proves the number; `identified` says
        whether the person behind it was found as well, and then the form is filled.

        422 `wrong_code` · 409 where the session is over; `phone_unclear`: go on in another way ·
        429 `too_soon`: send the same code again in a minute · 503 `vendor_unavailable`. A try is
        counted before the code is looked at. The right code sent again changes nothing.
        """
        asked = self.read(ConfirmPhoneIn)
        session = confirm_phone(
            session=self.find(queries.get_phone_session_or_404, asked["session_id"]),
            code=asked["verification_code"],
            by=self.by,
            at=clock.now(),
        )
        return self.answer(PhoneSessionOut, session, about=session.applicant_id)


class ShowPhoneStatus(PrefillAPI):
    scope = Scope.PHONE

    @described(
        "show_phone_status",
        "Show how a phone session stands",
        tag=TAG,
        answer=PhoneSessionOut,
        example=examples.PHONE_SESSION,
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        """Show a session; one whose time is up has expired."""
        found = self.find(queries.get_phone_session_or_404, session_id)
        session = read_phone(found, at=clock.now())
        return self.answer(PhoneSessionOut, session, about=session.applicant_id)


class ShowConsentText(PrefillAPI):
    scope = Scope.PHONE

    @described(
        "show_consent_text",
        "Show what a person agrees to",
        tag=TAG,
        answer=ConsentTextOut,
        example=examples.CONSENT_TEXT,
    )
    def get(self, request: Request) -> Response:
        """Show the written instructions (FCRA) in your company's name, and their version.

        Spinwheel prescribes the part about its End User Agreement, with the link: show all of it,
        before a code is asked for.
        """
        version, text = get_written_instructions(self.tenant)
        links = [{"text": AGREEMENT_NAME, "url": END_USER_AGREEMENT}]
        told = {"text_version": version, "text": text, "links": links}
        return Response(ConsentTextOut(told).data)
