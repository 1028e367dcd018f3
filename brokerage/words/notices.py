"""What each notice to a parent says: subject, text, and the page it leads to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils.translation import gettext as _

from brokerage.models import BankAccount, BrokerAccount, BrokerUser, CompanyAction, Notice
from brokerage.words.accounts import CONSEQUENCES
from brokerage.words.actions import describe_action, list_companies
from brokerage.words.deposits import PAUSED

Kind = Notice.Kind


@dataclass(frozen=True)
class Words:
    """A notice. `path` is where it leads; staff answer where the text asks for it."""

    subject: str
    text: str
    path: str


def describe_notice(notice: Notice) -> Words:
    """Return what a notice says, of its row as it stands now."""
    label, _colon, pk = notice.about.partition(":")
    return _WORDS[Kind(notice.kind)](notice, apps.get_model(label)._base_manager.get(pk=pk))


def _of_account(subject: Any, text: Any) -> Callable[[Notice, Any], Words]:
    def say(_notice: Notice, account: BrokerAccount) -> Words:
        name = account.child.first_name
        path = reverse("child-account", args=[account.child_id])
        told = str(CONSEQUENCES.get(account.status, ""))
        return Words(subject() % {"name": name}, text() % {"name": name, "told": told}, path)

    return say


def _of_bank(subject: Any, text: Any) -> Callable[[Notice, Any], Words]:
    def say(notice: Notice, bank: BankAccount) -> Words:
        values = {"bank": str(bank), "why": notice.said}
        return Words(subject() % values, text() % values, reverse("banks"))

    return say


def _of_check(of_parent: Any, of_child: Any) -> Callable[[Notice, Any], Words]:
    def say(notice: Notice, user: BrokerUser) -> Words:
        if user.child is None:
            return Words(of_parent(), notice.said, reverse("kyc"))
        subject = of_child() % {"name": user.child.first_name}
        return Words(subject, notice.said, reverse("child-account", args=[user.child_id]))

    return say


def _of_action(subject: Any, text: Any) -> Callable[[Notice, Any], Words]:
    def say(_notice: Notice, action: CompanyAction) -> Words:
        child = action.account.child
        values = {
            "name": child.first_name,
            "company": list_companies(action),
            "what": describe_action(action),
        }
        path = reverse("history", args=[child.pk])
        return Words(subject() % values, text() % values, path)

    return say


def _to(page: str, subject: Any, text: Any) -> Callable[[Notice, Any], Words]:
    return lambda _notice, _row: Words(subject(), text(), reverse(page))


def _from_staff(notice: Notice, _case: Any) -> Words:
    return Words(_("StockSprout writes to you"), notice.said, reverse("home"))


_WORDS: dict[Kind, Callable[[Notice, Any], Words]] = {
    Kind.ACCOUNT_OPENED: _of_account(
        lambda: _("%(name)s's account is open"),
        lambda: _(
            "%(name)s's account at the broker is open. Gifts that wait can be approved now, and "
            "you can share the gift link from %(name)s's page."
        ),
    ),
    Kind.ACCOUNT_LIMITED: _of_account(
        lambda: _("The broker has limited %(name)s's account"),
        lambda: _(
            "The broker has limited what can be done in %(name)s's account. What is in it is safe. "
            "%(told)s"
        ),
    ),
    Kind.ACCOUNT_CLOSED: _of_account(
        lambda: _("%(name)s's account is closed"), lambda: _("The broker has closed it. %(told)s")
    ),
    Kind.BANK_HELD: _of_bank(
        lambda: _("Your bank account %(bank)s is not linked yet"), lambda: "%(why)s"
    ),
    Kind.BANK_ACCEPTED: _of_bank(
        lambda: _("Your bank account %(bank)s is accepted"),
        lambda: _("We have looked at it: this account is yours. It is being linked now."),
    ),
    Kind.BANK_REFUSED: _of_bank(
        lambda: _("Your bank account %(bank)s is not linked"), lambda: "%(why)s"
    ),
    Kind.DOCUMENT_REFUSED: _of_check(
        lambda: _("The broker did not accept the picture of your ID"),
        lambda: _("The broker did not accept the picture of %(name)s's ID"),
    ),
    Kind.BANK_ENDED: _of_bank(
        lambda: _("Your bank account %(bank)s is debited no more"), lambda: "%(why)s"
    ),
    Kind.DEBITS_PAUSED: _to("home", lambda: _("Transfers are paused"), lambda: str(PAUSED)),
    Kind.DEBITS_RESUMED: _to(
        "home",
        lambda: _("Transfers go on"),
        lambda: _("Transfers from your banks are not paused any more. What waited goes on now."),
    ),
    Kind.ACTION_OPEN: _of_action(
        lambda: _("News of %(name)s's shares of %(company)s"),
        lambda: _(
            "%(what)s\n\nSuch things happen at companies; you need not do anything. The shares and "
            "the money in %(name)s's account are right. What the shares cost afterwards is being "
            "worked out with the broker, so that we do not show a gain or a loss that is none. We "
            "write again once it is known."
        ),
    ),
    Kind.ACTION_SETTLED: _of_action(
        lambda: _("%(name)s's shares of %(company)s: all is worked out"),
        lambda: _(
            "%(what)s\n\nIt is all in %(name)s's account, and what the shares cost is known. You "
            "need not do anything. The account's history shows it."
        ),
    ),
    Kind.E_SIGN_ENDED: _to(
        "consents",
        lambda: _("You ended electronic records and signatures"),
        lambda: _(
            "As you asked, we have the broker send papers to you by mail, and nothing can be "
            "signed here until you agree again. What you signed before stays signed."
        ),
    ),
    Kind.FROM_STAFF: _from_staff,
}
