"""Back from a bank that has people sign in on its own site, as they do on a phone."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from core import clock
from prefill import operations
from prefill.models import LinkSession
from prefill.pages import PlaidPage
from prefill.under_way import recall
from prefill.views.links import LinkEndpoint, answer

STATE = "oauth_state_id"  # as Plaid has the bank send it; Plaid alone can read it
Kind = LinkSession.Kind


class LinkBack(PlaidPage):
    """Where the bank leads back to: the script opens Plaid's window again and goes on in it."""

    template_name = "prefill/link_back.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        applicant = operations.get_own_applicant(self.parent, at=clock.now())
        is_back = STATE in request.GET
        session = recall(request, applicant, at=clock.now()) if is_back else None
        if session is None:
            begin = reverse("banks" if self._has_profile() else "start")
            context = self.get_context_data(is_back=is_back, begin_url=begin)
            return self.render_to_response(context, status=410)
        done, begin = map(reverse, self._get_pages(session))
        context = self.get_context_data(session=session, done_url=done, begin_url=begin)
        return self.render_to_response(context)

    def _get_pages(self, session: LinkSession) -> tuple[str, str]:
        """Return where the person goes on, and where they can begin once more."""
        if session.kind == Kind.LAYER:
            return "start", "start"
        if session.kind == Kind.UPDATE:
            return "banks", "banks"
        return ("choose-bank", "banks") if self._has_profile() else ("kyc", "start-bank")

    def _has_profile(self) -> bool:
        return hasattr(self.parent, "profile")


class ReopenLink(LinkEndpoint):
    """The token of a session that is still open, to go on with."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        started = operations.reopen_link(
            session=self.session(pk), by=self.parent.user, at=clock.now()
        )
        return answer({"session": started.session.pk, "token": started.link_token})
