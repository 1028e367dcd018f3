"""The giver's two pages: giving by a link, and following the gift."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.models import Child
from accounts.pages import get_ip_address, show_refusal
from core import clock
from core.errors import DomainError
from core.forms import check_also
from core.halting import HaltingPage
from gifting import cards, operations, queries, rules
from gifting.forms import (
    QUICK_AMOUNTS,
    GiveForm,
)
from gifting.giving import find_same_gift, remember_gift
from gifting.models import Gift, GiftLink
from gifting.tracker import track_for_giver


class LinkPage(HaltingPage):
    """A page behind a secret link. PostgreSQL can not even look for one that holds a NUL."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "\0" in request.path:
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class Give(LinkPage):
    """The gift link: anyone who holds it may give, without an account."""

    template_name = "gifting/give.html"
    halted_by = "halt-gifts"

    def is_closing(self, context: dict[str, Any]) -> bool:
        return "form" in context

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(kwargs["code"], GiveForm())

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        link = queries.find_link_or_404(code)
        if looked := GiveForm.look(request.POST):
            return self._show(code, looked)
        form = GiveForm(request.POST)
        if not form.is_valid():
            check_also(form, partial(self._check, form, link.child))
            return self._show(code, form, status=422)
        try:
            return self._go_on(link, form)
        except DomainError as refusal:
            show_refusal(form, refusal)
        return self._show(code, form, status=422)

    @staticmethod
    def _check(form: GiveForm, child: Child, _good: Mapping[str, Any]) -> None:
        operations.check_answers(child, form.understood(), at=clock.now())

    def _go_on(self, link: GiftLink, form: GiveForm) -> HttpResponse:
        """Have it looked over; once that was done, send it. What was sent already is shown."""
        offer, child = form.offer(), link.child
        sent = queries.find_sent_gift(child, offer.form_key)
        if sent is None and "confirm" not in self.request.POST:
            operations.check_gift(child=child, offer=offer, link=link, at=clock.now())
            return self._look_over(child, form)
        gift = operations.give(
            child=child,
            offer=offer,
            link=link if link.created_at else None,  # the first one, not written yet
            ip_address=get_ip_address(self.request),
            at=clock.now(),
        )
        response = redirect("track-gift", token=gift.token)
        if sent is None:
            remember_gift(self.request, response, gift)
            messages.success(self.request, _("Thank you! Your gift is on its way to be approved."))
        else:
            messages.info(self.request, _("You have sent this gift already: here it is."))
        return response

    def _look_over(self, child: Child, form: GiveForm) -> HttpResponse:
        offer = form.offer()
        context = {
            "child_first_name": child.first_name,
            "offer": offer,
            "left_aside": form.left_aside,
            "typed": form.typed(),
            "same": find_same_gift(self.request, child, offer, at=clock.now()),
            "how_paid": cards.how_paid(child.parent.profile.first_name),
        }
        return TemplateResponse(self.request, "gifting/review_gift.html", context)

    def _show(self, code: str, form: GiveForm, status: int = 200) -> HttpResponse:
        link, at = queries.find_link_or_404(code), clock.now()
        child = link.child
        try:
            rules.check_can_receive(child, at=at)
            rules.check_link_open(link, at=at)
        except DomainError as refusal:
            self.template_name = "gifting/give_closed.html"
            gone = not getattr(refusal, "now", False)
            context: dict[str, Any] = {"reason": refusal.message, "gone": gone}
            return self.render_to_response(context, status=410 if gone else 409)
        parent = child.parent.profile.first_name
        context = {
            "child_first_name": child.first_name,
            "from_parent": parent,
            "form": form,
            "instruments": form.choices(),
            "quick_amounts": QUICK_AMOUNTS,
            "how_paid": cards.how_paid(parent),
        }
        return self.render_to_response(context, status=status)


class TrackGift(LinkPage):
    """A gift as its giver sees it, by the secret link in the e-mail."""

    template_name = "gifting/track_gift.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        gift = queries.get_tracked_gift_or_404(kwargs["token"])
        return cards.gift_head(gift) | {
            "steps": track_for_giver(gift, at=clock.now()),
            "result": cards.gift_result(gift),
            "follows": gift.status == Gift.Status.PENDING or cards.is_moving(gift),
        }
