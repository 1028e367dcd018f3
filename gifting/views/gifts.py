"""A gift as its parent sees it, and what they decide."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.pages import ParentPage, get_ip_address
from brokerage.connections import get_way_to_link
from brokerage.models import BrokerAccount, Purchase
from brokerage.queries import get_bank_to_confirm, list_usable_banks
from brokerage.words.accounts import describe_account
from core import clock
from core.forms import check_also
from core.problems import refusals_shown
from gifting import cards, money, operations, queries
from gifting.folding import Same, list_alike
from gifting.forms import (
    ApproveForm,
    DeclineAlikeForm,
    DeclineForm,
    RetryForm,
)
from gifting.models import Gift
from gifting.tracker import track

MOST_ALIKE = 500  # gifts declined at once
NAMED = 20  # of them on the page that asks


class GiftPage(ParentPage):
    """A gift as the child's parent sees it, with the decision while it waits."""

    template_name = "gifting/gift.html"
    halted_by = "halt-approvals"
    delayed_by = "halt-deposits"

    def is_closing(self, context: dict[str, Any]) -> bool:
        return bool(context.get("approve_form") or context.get("retry_form"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(queries.get_gift_or_404(self.parent, pk=kwargs["pk"]))

    def show(self, gift: Gift, form: ApproveForm | None = None) -> HttpResponse:
        context = cards.gift_head(gift) | {
            "is_own": cards.is_own_gift(gift, self.parent.user.email),
            "steps": track(gift, at=clock.now()),
            "result": cards.gift_result(gift),
            "follows": cards.is_moving(gift),
        }
        if gift.status == Gift.Status.PENDING:
            context |= self._decision(gift, form)
        else:
            context |= self._after_all(gift, form)
        if gift.purchase and gift.purchase.status == Purchase.Status.QUEUED:
            context["cancel_url"] = reverse("cancel-gift", args=[gift.pk])
        return self.render_to_response(context, status=422 if form else 200)

    def _decision(self, gift: Gift, form: ApproveForm | None) -> dict[str, Any]:
        blocked = self._blocked(gift)
        return blocked | {
            "can_approve": not blocked,
            "approve_form": form or (None if blocked else self.approve_form(gift)),
            "approve_url": reverse("approve-gift", args=[gift.pk]),
            "can_decline": True,
            "decline_form": DeclineForm(giver=gift.contributor.name),
            "decline_url": reverse("decline-gift", args=[gift.pk]),
            "report_url": reverse("decline-alike", args=[gift.pk, Same.EMAIL]) + "?report=1",
        }

    def _after_all(self, gift: Gift, form: ApproveForm | None) -> dict[str, Any]:
        """Say why a gift waits or what became of it, and offer to try again where that may help."""
        offered = form or (self.retry_form(gift) if money.may_try_again(gift) else None)
        return {
            "note": money.why_it_waits(gift) or money.why_it_failed(gift),
            "retry_form": offered,
            "retry_url": reverse("retry-gift", args=[gift.pk]),
            "earlier_tries": money.earlier_tries(gift),
        }

    def retry_form(self, gift: Gift, data: Any = None) -> RetryForm:
        return RetryForm(data, gift=gift, banks=list_usable_banks(self.parent))

    def approve_form(self, gift: Gift, data: Any = None) -> ApproveForm:
        return ApproveForm(data, gift=gift, banks=list_usable_banks(self.parent))

    def _blocked(self, gift: Gift) -> dict[str, Any]:
        """Say what is missing before this gift can be approved."""
        account = BrokerAccount.objects.filter(child=gift.child).first()
        if account is None or account.status != BrokerAccount.Status.OPEN:
            note = describe_account(account)[1]
            return {"blocked_reason": note or _("The account is not open.")}
        if not list_usable_banks(self.parent).exists():
            if bank := get_bank_to_confirm(self.parent):
                return {
                    "blocked_reason": _(
                        "Your bank account waits for you: tell us the amounts of the two small "
                        "deposits we sent to it."
                    ),
                    "blocked_url": reverse("confirm-bank", args=[bank.pk]),
                    "blocked_action": _("Confirm the amounts"),
                }
            url, action = get_way_to_link(self.parent)
            return {
                "blocked_reason": _(
                    "Link your bank first: the money for the share comes from there."
                ),
                "blocked_url": url,
                "blocked_action": action,
            }
        return {}


class ApproveGift(GiftPage):
    """Approve once: a second click, a refresh and the back button find it decided."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the gift: who signs in again, or reloads a refused form, comes here by GET."""
        return redirect("gift", pk=kwargs["pk"])

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        gift = queries.get_gift_or_404(self.parent, pk=pk)
        if gift.status == Gift.Status.PENDING:
            form = self.approve_form(gift, request.POST)
            if not form.is_valid():
                check_also(form, partial(self._check, gift))
                return self.show(gift, form)
            bank, text = form.cleaned_data["bank"], form.authorization
        else:
            bank, text = None, ""  # decided meanwhile: the operation says so
        with refusals_shown(request):
            operations.approve_gift(
                gift=gift,
                by=self.parent,
                bank=bank,
                authorization=text,
                at=clock.now(),
                ip_address=get_ip_address(request),
            )
            messages.success(request, _("Approved. We are moving the money now."))
        return redirect("gift", pk=gift.pk)

    def _check(self, gift: Gift, good: Mapping[str, Any]) -> None:
        operations.check_approval(gift, good.get("bank"), by=self.parent, at=clock.now())


class RetryGift(GiftPage):
    """Try once more after the money did not come: one form is one new try."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("gift", pk=kwargs["pk"])

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        gift = queries.get_gift_or_404(self.parent, pk=pk)
        form = self.retry_form(gift, request.POST)
        if money.may_try_again(gift) and not form.is_valid():
            check_also(
                form, lambda good: operations.check_retry(gift, good.get("bank"), by=self.parent)
            )
            return self.show(gift, form)
        answers = form.cleaned_data if form.is_valid() else {}
        with refusals_shown(request):
            operations.retry_gift(
                gift=gift,
                after=answers.get("after"),
                by=self.parent,
                bank=answers.get("bank"),
                authorization=form.authorization,
                at=clock.now(),
                ip_address=get_ip_address(request),
            )
            messages.success(request, _("Thank you. We are moving the money now."))
        return redirect("gift", pk=gift.pk)


class DeclineGift(ParentPage):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("gift", pk=kwargs["pk"])

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        gift = queries.get_gift_or_404(self.parent, pk=pk)
        form = DeclineForm(request.POST, giver=gift.contributor.name)
        if not form.is_valid():
            messages.error(request, str(form.errors["reason"][0]))
            return redirect("gift", pk=gift.pk)
        if form.needs_look and gift.status == Gift.Status.PENDING:
            return self._look_over(gift, form)
        reason = form.cleaned_data["reason"]
        with refusals_shown(request):
            operations.decline_gift(gift=gift, by=self.parent, reason=reason, at=clock.now())
            messages.success(request, _("Declined. No money has moved."))
        return redirect("gift", pk=gift.pk)

    def _look_over(self, gift: Gift, form: DeclineForm) -> HttpResponse:
        """Show the words as the giver will read them, before they are sent."""
        self.template_name = "gifting/decline_gift.html"
        words = form.cleaned_data["reason"]
        sure = DeclineForm(
            initial={"reason": words, "read_over": True}, giver=gift.contributor.name
        )
        context = {"giver": gift.contributor.name, "words": words, "form": sure, "gift": gift}
        return self.render_to_response(context)


class DeclineAlike(ParentPage):
    """Decline all waiting gifts of one sender, after showing which."""

    template_name = "gifting/decline_alike.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        gift, same = self._find()
        alike = list(list_alike(gift, same)[:MOST_ALIKE])
        if not alike:
            return redirect("gift", pk=gift.pk)
        context = {
            "gift": cards.gift_row(gift),
            "gifts": [cards.gift_row(one) for one in alike[:NAMED]],
            "number": len(alike),
            "total": sum(one.amount for one in alike),
            "until": alike[-1].given_at.isoformat(),
            "by_email": same == Same.EMAIL,
            "reports": "report" in request.GET,
        }
        return self.render_to_response(context)

    def post(self, request: HttpRequest, pk: UUID, same: str) -> HttpResponse:
        gift, by = self._find()
        form = DeclineAlikeForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Something has changed. Please look again."))
            return redirect("decline-alike", pk=gift.pk, same=same)
        with refusals_shown(request):
            number = operations.decline_alike(
                gift=gift,
                same=by,
                until=form.cleaned_data["until"],
                report=form.cleaned_data["report"],
                by=self.parent,
                at=clock.now(),
            )
            declined = ngettext(
                "%d gift is declined. No money has moved.",
                "%d gifts are declined. No money has moved.",
                number,
            )
            messages.success(request, declined % number)
        return redirect("home")

    def _find(self) -> tuple[Gift, Same]:
        """Return the gift, and what the others have in common with it.

        :raises Http404: somebody else's, or nothing we know
        """
        if self.kwargs["same"] not in list(Same):
            raise Http404
        gift = queries.get_gift_or_404(self.parent, pk=self.kwargs["pk"])
        return gift, Same(self.kwargs["same"])


class CancelGift(ParentPage):
    """Cancel an approved gift while its bank transfer has not started."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("gift", pk=kwargs["pk"])

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        gift = queries.get_gift_or_404(self.parent, pk=pk)
        with refusals_shown(request):
            operations.cancel_gift(gift=gift, by=self.parent, at=clock.now())
            messages.success(request, _("Canceled. No money has moved."))
        return redirect("gift", pk=gift.pk)
