"""The steps of a new parent: phone number, code, bank."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.pages import get_ip_address, show_refusal
from accounts.validators import format_us_phone
from core import clock
from core.errors import DomainError
from core.problems import refusals_shown
from prefill import ladder, operations, queries
from prefill.agreements import Instructions
from prefill.forms import TEXT_ME, CodeForm, PhoneForm
from prefill.models import FieldValue, PhoneSession, Source
from prefill.operations.phone_proofs import BIRTHDAY
from prefill.pages import StartPage, can_connect_banks, get_address

Status = PhoneSession.Status
LAYER_ACTIONS = ("open_layer", "submit_date_of_birth")
NOT_FOUND = gettext_lazy(
    "Your number is confirmed, but we could not find your details by it. Connect your bank to have "
    "them filled in, or type them."
)
NO_TEXTS = gettext_lazy(
    "We can not send texts at the moment. Connect your bank to have your details filled in, or "
    "type them."
)


class Start(StartPage):
    """Lead a parent to where they stand, from whatever device."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        step = ladder.next_step(self.applicant, at=clock.now())
        known = FieldValue.objects.filter(applicant=self.applicant).exists()
        if not (self.parent.state or known or hasattr(self.parent, "profile")):
            return redirect("choose-state")
        typed = FieldValue.objects.filter(applicant=self.applicant, source=Source.USER)
        typed = typed.exclude(path=BIRTHDAY)  # which is asked for before any code
        if step.action != "enter_code" and typed.exists():
            return redirect("kyc")  # the form itself was begun
        return redirect(get_address(step))


class TextingPage(StartPage):
    """A page that can have a code texted."""

    def text(self, phone: str, date_of_birth: Any, *, text_version: str) -> PhoneSession:
        """Have a code texted, where none is on its way and the number is not proven already.

        :param text_version: of the written instructions the person has given
        """
        address = get_ip_address(self.request)
        agent = self.request.headers.get("User-Agent", "")
        return operations.start_phone(
            applicant=self.applicant,
            phone=phone,
            date_of_birth=date_of_birth,
            instructions=Instructions(text_version, address, agent, str(TEXT_ME)),
            ip_address=address,
            by=self.parent.user,
            at=clock.now(),
        )


class Phone(TextingPage):
    """The number. With the script Plaid is asked first; the form itself has a code texted."""

    template_name = "prefill/phone.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        known = {"phone_number": format_us_phone(self.applicant.phone or "")}
        return self._show(PhoneForm(tenant=self.parent.tenant, initial=known))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PhoneForm(request.POST, tenant=self.parent.tenant)
        if not form.is_valid():
            return self._show(form, status=422)
        data = form.cleaned_data
        self._skip_layer()
        try:
            session = self.text(
                data["phone_number"], data["date_of_birth"], text_version=data["text_version"]
            )
        except DomainError as refusal:
            return self._refuse(form, refusal)
        return _go_on(request, session)

    def _skip_layer(self) -> None:
        """Note that the form came without the script having asked Plaid first."""
        step, at = ladder.next_step(self.applicant, at=clock.now()), clock.now()
        if step.action in LAYER_ACTIONS:
            operations.skip_layer(self.applicant, by=self.parent.user, at=at)

    def _refuse(self, form: PhoneForm, refusal: DomainError) -> HttpResponse:
        """Show what the person can mend here; else lead on to the next way there is."""
        step = ladder.next_step(self.applicant, at=clock.now())
        if refusal.fields or get_address(step) == self.request.path:
            show_refusal(form, refusal)
            return self._show(form, status=refusal.status)
        messages.error(self.request, refusal.message)
        return redirect(get_address(step))

    def _show(self, form: PhoneForm, status: int = 200) -> HttpResponse:
        step = ladder.next_step(self.applicant, at=clock.now())
        return self.show(status, form=form, asks_plaid=step.action in LAYER_ACTIONS)


class Code(TextingPage):
    """The code that was texted."""

    template_name = "prefill/code.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        session = self.session()
        if session.status != Status.PENDING:
            return _go_on(request, session)
        return self._show(session, CodeForm())

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        session, form = self.session(), CodeForm(request.POST)
        if not form.is_valid():
            return self._show(session, form, status=422)
        code = form.cleaned_data["verification_code"]
        try:
            session = operations.confirm_phone(
                session=session, code=code, by=self.parent.user, at=clock.now()
            )
        except DomainError as refusal:
            session = self.session()
            if session.status == Status.PENDING:
                show_refusal(form, refusal)
                return self._show(session, form, status=refusal.status)
            messages.error(request, refusal.message)
            return redirect("start")
        return _go_on(request, session)

    def session(self) -> PhoneSession:
        """Return the session of this address as it stands now.

        :raises Http404: somebody else's
        """
        mine = self.applicant
        session = queries.get_phone_session_or_404(
            mine.tenant_id, mine.mode, self.kwargs["pk"], only=mine.pk
        )
        return operations.read_phone(session, at=clock.now())

    def _show(self, session: PhoneSession, form: CodeForm, status: int = 200) -> HttpResponse:
        return self.show(
            status,
            form=form,
            session=session,
            last4=(session.phone or "")[-4:],
            attempts_left=session.max_attempts - session.attempts,
            resend_in=_seconds_until_resend(session),
        )


class ResendCode(Code):
    """Have another code texted, once the wait is over."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("start-code", pk=self.kwargs["pk"])

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        session = self.session()
        if session.status not in (Status.PENDING, Status.EXPIRED) or not session.phone:
            return redirect("start")
        if session.status == Status.PENDING and (seconds := _seconds_until_resend(session)):
            messages.info(request, _("You can ask for another text in %d seconds.") % seconds)
            return redirect("start-code", pk=pk)
        with refusals_shown(request):
            given = self.applicant.consents.order_by("-given_at").first()
            self.text(  # by what they agreed to; to another text they agree on the first page
                session.phone,
                session.date_of_birth,
                text_version=given.text_version if given else "",
            )
            messages.success(request, _("We have texted a new code. Earlier codes no longer work."))
        return redirect("start")


class Bank(StartPage):
    """Connect a bank, which knows its customer."""

    template_name = "prefill/bank.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_connect_banks(self.parent):
            return redirect("kyc")
        return self.show()


def _seconds_until_resend(session: PhoneSession) -> int:
    if session.resend_at is None:
        return 0
    return max(0, round((session.resend_at - clock.now()).total_seconds()))


def _go_on(request: HttpRequest, session: PhoneSession) -> HttpResponse:
    """Say what became of a session and lead to the next step."""
    if session.status == Status.VERIFIED and session.identified:
        messages.success(request, _("We found your details. Please check them."))
    elif session.status == Status.VERIFIED:
        messages.info(request, NOT_FOUND)
    elif session.reason == "vendor_down":
        messages.info(request, NO_TEXTS)
    elif session.status != Status.PENDING:
        messages.info(request, _("That code no longer works. Please ask for a new one."))
    return redirect("start")
