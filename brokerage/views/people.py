"""About you (KYC): the form, how the broker's check stands, and the children's corrections."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.faults import check_corrected_child, check_custodian_answers
from accounts.forms import KycForm
from accounts.models import KycProfile
from accounts.pages import ParentPage, get_ip_address, show_refusal
from accounts.queries import get_child_or_404
from accounts.spelled_forms import Look
from accounts.spelling import spell_full_name
from brokerage import operations, prefilled, queries
from brokerage.connections import list_choices, list_items
from brokerage.forms import CorrectChildForm, IdDocumentForm
from brokerage.identity import describe_check
from brokerage.models import BrokerUser
from brokerage.words.accounts import document_rows
from core import clock
from core.errors import DomainError
from core.forms import check_also
from core.problems import refusals_shown
from prefill.pages import can_connect_banks, get_progress


class Kyc(ParentPage):
    """The form that makes a parent known to the broker, and how its check stands."""

    template_name = "brokerage/kyc.html"
    halted_by = "halt-accounts"

    def is_closing(self, context: dict[str, Any]) -> bool:
        return bool(context["can_edit"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(prefilled.open_form(self.parent, at=clock.now()))

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._hand_in(request)
        except prefilled.AlreadyIn as refusal:
            messages.info(request, refusal.message)
            return redirect("kyc")

    def _hand_in(self, request: HttpRequest) -> HttpResponse:
        prefilled.check_can_submit(self.parent)
        form = prefilled.open_form(self.parent, request.POST, at=clock.now())
        form.take_sealed(self.parent.pk)
        if "later" in request.POST and not form.known:
            return self._save_draft(form)
        check_also(form, partial(self._check, form))
        if form.is_valid():
            if look := form.look():
                return self._show(form, look=look)
            try:
                prefilled.submit_answers(
                    parent=self.parent,
                    answers=form.answers(),
                    at=clock.now(),
                    ip_address=get_ip_address(request),
                    trusted=form.trusted_contact(),
                )
            except prefilled.AlreadyIn:
                raise
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _("Thank you. The broker is checking your answers."))
                return redirect("choose-bank" if self._has_bank_to_choose(form.known) else "home")
        return self._show(form, status=422)

    def _check(self, form: KycForm, good: Mapping[str, Any]) -> None:
        check_custodian_answers(
            self.parent, good, trusted=form.trusted_contact(), today=clock.today()
        )

    def _has_bank_to_choose(self, known: KycProfile | None) -> bool:
        return known is None and bool(list_choices(self.parent))

    def _save_draft(self, form: KycForm) -> HttpResponse:
        with refusals_shown(self.request):
            prefilled.save_draft(parent=self.parent, draft=form.draft(), at=clock.now())
            messages.success(
                self.request,
                _(
                    "Saved, but for your Social Security number, the questions about your money "
                    "and whom you trust. Come back whenever you like."
                ),
            )
        return redirect("home")

    def _show(self, form: KycForm, status: int = 200, look: Look | None = None) -> HttpResponse:
        submitted = form.known is not None
        user = queries.get_broker_user(self.parent)
        check = describe_check(user)
        context = {
            "form": form,
            "look": look,
            "sections": form.sections,
            "submitted": submitted,
            "check": check,
            "follows": submitted and check.is_moving,
            "can_edit": check.can_edit or not submitted,
            "upload_url": reverse("add-id-document") if check.can_upload else "",
            "email_url": reverse("account_email") if "email" in check.fields else "",
            "documents": document_rows(user),
            "spelt": spell_full_name(form.known.first_name, form.known.last_name)
            if form.known
            else "",
            "trusted_url": reverse("trusted-contact") if submitted else "",
        }
        if not submitted:
            context |= self._beginning(form)
        return self.render_to_response(context, status=status)

    def _beginning(self, form: KycForm) -> dict[str, Any]:
        """Return what a first form says of where its values come from, and could."""
        can_connect = can_connect_banks(self.parent)
        has_begun = bool(form.initial)
        has_bank = list_items(self.parent).exists()
        can_start = not has_begun and (self.parent.tenant.phone_enabled or can_connect)
        return {
            "progress": get_progress(2),
            "state_url": "" if self.parent.state else reverse("choose-state"),
            "is_begun": has_begun,
            "start_url": reverse("start") if can_start else "",
            "connect_url": reverse("start-bank") if can_connect and not has_bank else "",
        }


class AddIdDocument(ParentPage):
    """Send a picture of an ID, one's own or a child's."""

    template_name = "brokerage/add_id_document.html"
    takes_files = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(IdDocumentForm())

    def post(self, request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
        form = IdDocumentForm(request.POST, request.FILES)
        holder = self._holder()
        if not form.is_valid():
            check_also(form, partial(self._check, holder, form))
        if form.is_valid():
            try:
                if holder is None:
                    raise operations.nothing_asked_for()
                operations.add_id_document(
                    holder=holder,
                    kind=form.cleaned_data["kind"],
                    pictures=form.pictures(),
                    by=self.parent,
                    at=clock.now(),
                )
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _("Thank you. We are sending it to the broker."))
                return redirect(self._back())
        return self._show(form, status=422)

    @staticmethod
    def _check(holder: BrokerUser | None, form: IdDocumentForm, good: Mapping[str, Any]) -> None:
        kind, pictures = good.get("kind", ""), form.pictures()
        operations.check_id_document(holder=holder, kind=kind, pictures=pictures, at=clock.now())

    def _holder(self) -> BrokerUser | None:
        """Return whose document it is.

        :raises Http404: somebody else's child
        """
        if "pk" not in self.kwargs:
            return queries.get_broker_user(self.parent)
        child = get_child_or_404(self.parent, pk=self.kwargs["pk"])
        return BrokerUser.objects.select_related("child").filter(child=child).first()

    def _back(self) -> str:
        if "pk" in self.kwargs:
            return reverse("child-account", args=[self.kwargs["pk"]])
        return reverse("kyc")

    def _show(self, form: IdDocumentForm, status: int = 200) -> HttpResponse:
        holder = self._holder()
        context = {
            "form": form,
            "check": describe_check(holder),
            "documents": document_rows(holder),
            "back_url": self._back(),
            "whose": holder.child.first_name if holder and holder.child else "",
        }
        return self.render_to_response(context, status=status)


class CorrectChild(ParentPage):
    """Correct what the broker objects to in a child's details."""

    template_name = "brokerage/correct_child.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        child = get_child_or_404(self.parent, pk=kwargs["pk"])
        if not describe_check(queries.get_child_at_broker(child)).can_edit:
            messages.info(request, _("The broker asks for no correction now."))
            return redirect("child-account", pk=child.pk)
        return self._show(CorrectChildForm(child=child))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        child = get_child_or_404(self.parent, pk=pk)
        form = CorrectChildForm(request.POST, child=child)
        form.take_sealed(self.parent.pk)
        check_also(form, partial(check_corrected_child, child, today=clock.today()))
        if form.is_valid():
            if look := form.look():
                return self._show(form, look=look)
            try:
                operations.correct_child(child=child, correction=form.correction(), at=clock.now())
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _("Thank you. The broker is checking the details."))
                return redirect("child-account", pk=child.pk)
        return self._show(form, status=422)

    def _show(
        self, form: CorrectChildForm, status: int = 200, look: Look | None = None
    ) -> HttpResponse:
        check = describe_check(queries.get_child_at_broker(form.child))
        context = {"form": form, "look": look, "child": form.child, "check": check}
        return self.render_to_response(context, status=status)
