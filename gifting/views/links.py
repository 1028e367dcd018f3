"""Pages about a child's gift links, and the givers' page that confirms their address."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Child
from accounts.pages import ParentPage, badge, show_refusal
from accounts.queries import get_child_or_404
from core import clock
from core.errors import DomainError
from core.forms import check_also
from core.problems import refusals_shown
from core.qr import qr_svg
from gifting import operations, queries
from gifting.forms import LinkForm
from gifting.models import GiftLink
from gifting.views.giving import LinkPage

TONES = {GiftLink.Status.OPEN: "good", GiftLink.Status.PAUSED: "wait"}


class GiftLinks(ParentPage):
    """All links of a child, and the form for one more."""

    template_name = "gifting/gift_links.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(get_child_or_404(self.parent, pk=kwargs["pk"]), LinkForm())

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        child = get_child_or_404(self.parent, pk=pk)
        form = LinkForm(request.POST)
        check_also(form, partial(operations.check_terms, child, at=clock.now()))
        if form.is_valid():
            try:
                link = operations.add_link(
                    child=child, terms=form.terms(), by=self.parent, at=clock.now()
                )
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _("The link is made. Print it, or copy it."))
                return redirect("gift-link", pk=link.pk)
        return self._show(child, form, status=422)

    def _show(self, child: Child, form: LinkForm, status: int = 200) -> HttpResponse:
        operations.get_main_link(child, at=clock.now())
        context = {
            "child": child,
            "form": form,
            "links": [link_row(link) for link in queries.list_links(child)],
        }
        return self.render_to_response(context, status=status)


class OneGiftLink(ParentPage):
    """One link: its card to print, and what can be done about it."""

    template_name = "gifting/gift_link.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        link = queries.get_link_or_404(self.parent, pk=kwargs["pk"])
        address = link_address(link)
        return link_row(link) | {
            "link": link,
            "child": link.child,
            "gift_link": address,
            "qr": qr_svg(address),
            "can_share": link.status != GiftLink.Status.CLOSED,
        }


def link_address(link: GiftLink) -> str:
    """Return what is printed and sent."""
    return f"{settings.SITE_URL}{reverse('give', args=[link.code])}"


def link_row(link: GiftLink) -> dict[str, Any]:
    """Return a link as lists show it, with the pages of what can be done about it."""

    def address(name: str, possible: bool) -> str:
        return reverse(name, args=[link.pk]) if possible else ""

    opened, paused = link.status == GiftLink.Status.OPEN, link.status == GiftLink.Status.PAUSED
    return {
        "name": link.name or _("The first link"),
        "badge": badge(link.get_status_display(), TONES.get(GiftLink.Status(link.status), "plain")),
        "url": reverse("gift-link", args=[link.pk]),
        "open_until": link.open_until,
        "most_gifts": link.most_gifts,
        "given": link.gifts.count() if link.most_gifts is not None else None,
        "replace_url": address("replace-gift-link", opened or paused),
        "pause_url": address("pause-gift-link", opened),
        "resume_url": address("resume-gift-link", paused),
        "close_url": address("close-gift-link", (opened or paused) and not link.is_main),
    }


class LinkButton(ParentPage):
    """A button beside a link: one operation of (link, by, at), and back to the link."""

    act: Callable[..., GiftLink]
    done: Promise

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("gift-link", pk=kwargs["pk"])

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        link = queries.get_link_or_404(self.parent, pk=pk)
        with refusals_shown(request):
            link = self.act(link=link, by=self.parent, at=clock.now())
            messages.success(request, str(self.done))
        return redirect("gift-link", pk=link.pk)


class PauseGiftLink(LinkButton):
    done = gettext_lazy("Paused: nobody can give by this link now.")
    act = staticmethod(operations.pause_link)


class ResumeGiftLink(LinkButton):
    done = gettext_lazy("The link is open again.")
    act = staticmethod(operations.resume_link)


class AskedLinkButton(LinkButton):
    """One that can not be taken back: it asks first."""

    template_name = "gifting/ask_gift_link.html"
    question: Promise
    consequence: Promise
    button: Promise

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        link = queries.get_link_or_404(self.parent, pk=kwargs["pk"])
        context = {
            "row": link_row(link),
            "question": self.question,
            "consequence": self.consequence,
            "button": self.button,
        }
        return self.render_to_response(context)


class ReplaceGiftLink(AskedLinkButton):
    question = gettext_lazy("Make this link anew?")
    consequence = gettext_lazy(
        "The old link and every printed card of it stop at once: who opens it reads that it was "
        "changed and that they should ask you. Gifts given through it stay. You get a new link to "
        "share and print."
    )
    button = gettext_lazy("Make it anew")
    done = gettext_lazy("This is the new link. The old one has stopped.")
    act = staticmethod(operations.replace_link)


class CloseGiftLink(AskedLinkButton):
    question = gettext_lazy("Close this link for good?")
    consequence = gettext_lazy(
        "Who opens it reads that it is not used any more. Gifts given through it stay."
    )
    button = gettext_lazy("Close it")
    done = gettext_lazy("The link is closed.")
    act = staticmethod(operations.close_link)


class ConfirmGiver(LinkPage):
    """A giver says that the address we wrote to is theirs.

    A button, not the link alone: programs that look through mail open every link.
    """

    template_name = "gifting/confirm_giver.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        giver = queries.get_giver_or_404(kwargs["token"])
        return {"confirmed": giver.confirmed_at is not None}

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        giver = queries.get_giver_or_404(token)
        operations.confirm_giver(giver, at=clock.now())
        return redirect("confirm-giver", token=token)
