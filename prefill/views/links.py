"""What the script of our pages asks while Plaid's window is open, in JSON."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import View
from rest_framework.utils.encoders import JSONEncoder

from accounts.models import Parent
from accounts.queries import get_parent
from core import clock
from core.errors import DomainError, Invalid
from core.problems import MEDIA_TYPE, problem
from prefill import operations, queries
from prefill.ladder import next_step
from prefill.models import Applicant, LinkSession, PlaidItem
from prefill.pages import get_address
from prefill.under_way import remember


class LinkEndpoint(View):
    """An endpoint for the script of a page of ours: session, CSRF token, JSON both ways."""

    http_method_names = ("post",)
    parent: Parent
    applicant: Applicant

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return _refuse(401, "not_authenticated", _("Please sign in again."))
        self.parent = get_parent(request)
        try:
            self.applicant = operations.get_own_applicant(self.parent, at=clock.now())
            return super().dispatch(request, *args, **kwargs)
        except DomainError as refusal:
            return _refuse(refusal.status, refusal.code, refusal.message)

    def body(self) -> dict[str, Any]:
        """Return what was sent.

        :raises Invalid: no JSON object
        """
        try:
            sent = json.loads(self.request.body)
        except (ValueError, RecursionError) as error:
            raise Invalid(_("This is no JSON.")) from error
        if not isinstance(sent, dict):
            raise Invalid(_("This is no JSON object."))
        return sent

    def text(self, name: str) -> str:
        """Return a text that was sent.

        :raises Invalid: it is missing, or no text
        """
        value = self.body().get(name)
        if not isinstance(value, str) or not value:
            raise Invalid(_("Something is missing."), fields={name: _("Send this.")})
        return value

    def session(self, pk: UUID) -> LinkSession:
        return queries.get_link_session_or_404(
            self.applicant.tenant_id, self.applicant.mode, pk, only=self.applicant.pk
        )


class StartLink(LinkEndpoint):
    """A token to open Plaid with; `item` for one that is to be repaired."""

    def post(self, request: HttpRequest) -> HttpResponse:
        sent = self.body()
        started = operations.start_link(
            applicant=self.applicant,
            kind=self.text("kind"),
            item=self._item(sent.get("item")),
            redirect_uri=operations.get_own_redirect_uri(self.applicant.mode),
            by=self.parent.user,
            at=clock.now(),
        )
        if started.session.kind != LinkSession.Kind.LAYER:  # which may never be opened
            remember(request, started.session)
        return answer({"session": started.session.pk, "token": started.link_token})

    def _item(self, pk: object) -> PlaidItem | None:
        if not pk:
            return None
        try:
            known = UUID(str(pk))
        except ValueError as error:
            raise Http404 from error
        return queries.get_item_or_404(
            self.applicant.tenant_id, self.applicant.mode, known, only=self.applicant.pk
        )


class NoteLinkEvent(LinkEndpoint):
    """What Plaid's window told the page; answers where the person goes on now."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        at, session, name = clock.now(), self.session(pk), self.text("name")
        operations.note_link_event(session=session, name=name, by=self.parent.user, at=at)
        if name == "OPEN":
            remember(request, session)
        return answer({"next": get_address(next_step(self.applicant, at=at))})


class FinishLink(LinkEndpoint):
    """The public token a window ended with."""

    def post(self, request: HttpRequest) -> HttpResponse:
        finished = operations.finish_link(
            applicant=self.applicant,
            public_token=self.text("public_token"),
            by=self.parent.user,
            at=clock.now(),
        )
        if finished.items:
            messages.success(request, _("Your bank is connected."))
        return answer({})


class FinishRepair(LinkEndpoint):
    """A bank was signed in to again; nothing is exchanged."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        operations.finish_repair(session=self.session(pk), by=self.parent.user, at=clock.now())
        messages.success(request, _("Your bank is connected again."))
        return answer({})


def answer(content: dict[str, Any]) -> JsonResponse:
    """Return what the script is told."""
    return JsonResponse(content, encoder=JSONEncoder)


def _refuse(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse(problem(status, code, message), status=status, content_type=MEDIA_TYPE)
