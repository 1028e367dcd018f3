"""A child's account: how it stands, whose it is, and closing it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Child
from accounts.pages import ParentPage
from accounts.queries import get_child_or_404
from brokerage import operations, queries, rules
from brokerage.identity import describe_check
from brokerage.models import BrokerAccount
from brokerage.words.accounts import (
    account_facts,
    describe_account,
    describe_consequence,
    document_rows,
)
from core import clock
from core.errors import DomainError
from core.problems import refusals_shown


class ChildAccount(ParentPage):
    """Everything about the account itself; what is in it stands on the child's page."""

    template_name = "brokerage/child_account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        child = get_child_or_404(self.parent, pk=kwargs["pk"])
        account = queries.get_account(child)
        badge, note = describe_account(account)
        check = self._check(child)
        if check and check["check"].needs_parent:
            note = ""  # it points to this very page
        return {
            "child": child,
            "account": account,
            "badge": badge,
            "note": note,
            "consequence": describe_consequence(account),
            "facts": account_facts(child, account),
            "follows": _is_moving(account, check),
            **check,
            **self._closing(child, account),
        }

    def _check(self, child: Child) -> dict[str, Any]:
        """Say how the broker's check of the child stands; a teen has none."""
        user = queries.get_child_at_broker(child)
        if user is None:
            return {}
        check = describe_check(user)
        return {
            "check": check,
            "correct_url": reverse("correct-child", args=[child.pk]) if check.can_edit else "",
            "upload_url": reverse("add-child-document", args=[child.pk])
            if check.can_upload
            else "",
            "documents": document_rows(user),
        }

    def _closing(self, child: Child, account: BrokerAccount | None) -> dict[str, Any]:
        if account is None or not account.vendor_id or account.status == account.Status.CLOSED:
            return {}
        if account.close_asked_at:
            return {"close_asked_at": account.close_asked_at}
        try:
            rules.check_can_close(account, today=clock.today())
        except DomainError as refusal:
            return {"not_closed_because": refusal.message}
        return {"close_url": reverse("close-account", args=[child.pk])}


def _is_moving(account: BrokerAccount | None, check: dict[str, Any]) -> bool:
    """Say whether the page may say something else in a moment."""
    if check and (check["check"].needs_parent or check["check"].status == "DENIED"):
        return False
    waiting = (BrokerAccount.Status.INTENDED, BrokerAccount.Status.PENDING)
    closing = account is not None and account.close_asked_at and account.status != "CLOSED"
    return account is None or account.status in waiting or bool(closing)


class CloseAccount(ParentPage):
    """Ask once more, then close."""

    template_name = "brokerage/close_account.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        child, account = self._find(kwargs["pk"])
        try:
            rules.check_can_close(account, today=clock.today())
        except DomainError as refusal:
            messages.error(request, refusal.message)
            return redirect("child-account", pk=child.pk)
        return self.render_to_response({"child": child, "account": account})

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        child, account = self._find(pk)
        with refusals_shown(request):
            operations.close_account(account=account, by=self.parent, at=clock.now())
            messages.success(request, _("We are asking the broker to close the account."))
        return redirect("child-account", pk=child.pk)

    def _find(self, pk: UUID) -> tuple[Child, BrokerAccount]:
        """Return the child and its account.

        :raises Http404: somebody else's child, or one without an account
        """
        child = get_child_or_404(self.parent, pk=pk)
        return child, queries.get_account_or_404(self.parent, child_id=child.pk)
