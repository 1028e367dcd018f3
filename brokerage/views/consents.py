"""What a parent agreed to: every agreement word for word, and ending those that can be ended."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import agreements
from accounts.models import Consent, Withdrawal
from accounts.pages import ParentPage, get_ip_address
from accounts.rules import signs_electronically
from brokerage import operations, queries
from core import clock
from core.problems import refusals_shown
from prefill.models import Applicant, ApplicantConsent

A_PAGE = 20


class Consents(ParentPage):
    """Every agreement, newest first, and what of it can be ended."""

    template_name = "brokerage/consents.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        applicant = operations.find_applicant(self.parent)
        pages = Paginator(Consent.objects.filter(parent=self.parent).order_by("-given_at"), A_PAGE)
        page = pages.get_page(self.request.GET.get("page"))
        ended = Withdrawal.objects.filter(parent=self.parent).order_by("-withdrawn_at")
        return super().get_context_data(**kwargs) | {
            "signs": signs_electronically(self.parent),
            "e_sign_text": agreements.E_SIGN,
            "has_signed": Consent.objects.filter(parent=self.parent, kind="E_SIGN").exists(),
            "has_banks": queries.list_banks(self.parent).exists(),
            "has_instructions": applicant is not None,
            "consents": [_row(consent) for consent in page],
            "instructions": _instructions(applicant) if page.number == 1 else [],
            "ended": ended,
            "page": page,
        }


def _row(consent: Consent) -> dict[str, Any]:
    documents = [
        {"version": version, "url": reverse("agreement-version", args=[slug, version])}
        for slug, version in consent.documents.items()
    ]
    return {
        "kind": consent.get_kind_display(),
        "text": consent.text,
        "given_at": consent.given_at,
        "documents": documents,
    }


def _instructions(applicant: Applicant | None) -> list[ApplicantConsent]:
    if applicant is None:
        return []
    return list(ApplicantConsent.objects.filter(applicant=applicant).order_by("-given_at"))


class EndConsent(ParentPage):
    """Say what stops, and stop it."""

    template_name = "brokerage/end_consent.html"
    heading: Promise
    explanation: Promise
    button: Promise
    done: Promise
    end: Callable[..., object]  # an operation of (parent, at, ip_address), kept as a static method

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told = {"heading": self.heading, "explanation": self.explanation, "button": self.button}
        return super().get_context_data(**kwargs) | told

    def post(self, request: HttpRequest) -> HttpResponse:
        with refusals_shown(request):
            address = get_ip_address(request)
            self.end(parent=self.parent, at=clock.now(), ip_address=address)
            messages.success(request, str(self.done))
        return redirect("consents")


class EndESign(EndConsent):
    heading = gettext_lazy("End electronic records and signatures?")
    explanation = gettext_lazy(
        "From then on nothing can be signed here: no child can be added, no gift approved, no "
        "money added and no bank linked, until you agree again. Papers come by mail, to the "
        "address in your details. What you signed before stays signed."
    )
    button = gettext_lazy("End it")
    done = gettext_lazy("Ended. Papers come by mail from now on.")
    end = staticmethod(operations.end_e_sign)


class EndDebits(EndConsent):
    heading = gettext_lazy("End the bank authorization?")
    explanation = gettext_lazy(
        "No bank of yours is debited any more until you link it again. Gifts and deposits whose "
        "transfer has not started come to nothing. A transfer that has started can not be called "
        "back by us; your bank may still stop it."
    )
    button = gettext_lazy("End it")
    done = gettext_lazy("Ended. Nothing more is debited from your banks.")
    end = staticmethod(operations.end_debits)


class EndInstructions(EndConsent):
    heading = gettext_lazy("Delete what we found about you?")
    explanation = gettext_lazy(
        "You end the written instructions, and what Plaid and Spinwheel told us is deleted here "
        "and there. Banks you connected by signing in at them are disconnected and debited no "
        "more. What you handed in to the broker stays."
    )
    button = gettext_lazy("End it and delete")
    done = gettext_lazy("Ended. What we found about you is deleted.")
    end = staticmethod(operations.end_instructions)


class AgreeAgain(ParentPage):
    """Agree to electronic records and signatures once more."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("consents")

    def post(self, request: HttpRequest) -> HttpResponse:
        with refusals_shown(request):
            operations.sign_electronically_again(
                parent=self.parent, at=clock.now(), ip_address=get_ip_address(request)
            )
            messages.success(request, _("Thank you. You can sign here again."))
        return redirect("consents")


class AskForPaper(AgreeAgain):
    """Have paper copies sent."""

    def post(self, request: HttpRequest) -> HttpResponse:
        operations.ask_for_paper(parent=self.parent, at=clock.now())
        messages.success(
            request, _("Thank you. A person here has them sent to the address in your details.")
        )
        return redirect("consents")
