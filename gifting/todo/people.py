"""What waits about people and their accounts at the broker."""

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.queries import get_trusted_contact
from brokerage.identity import describe_check
from brokerage.models import BrokerAccount
from brokerage.words.accounts import describe_account
from gifting.todo.kinds import Family, Kind, ToDo

RESTRICTED = (BrokerAccount.Status.NO_NEW_TRADES, BrokerAccount.Status.FROZEN)


def yield_email(family: Family) -> Iterator[ToDo]:
    addresses = EmailAddress.objects.filter(user=family.parent.user, verified=False)
    for address in addresses.order_by("pk"):
        yield ToDo(
            f"email:{address.pk}",
            Kind.EMAIL_UNCONFIRMED,
            _("Confirm your e-mail address"),
            _("We have written to %s. Open the link in that mail, or have it sent again.")
            % address.email,
            reverse("account_email"),
            _("Look at it"),
        )


def yield_identity(family: Family) -> Iterator[ToDo]:
    if not family.is_known:
        yield ToDo(
            Kind.IDENTITY,
            Kind.IDENTITY_START,
            _("Tell us about yourself"),
            _("The broker has to know who you are."),
            reverse("start"),
            _("Start"),
            in_setup=True,
        )
        return
    check = describe_check(family.user)
    if check.needs_parent:
        yield ToDo(
            f"identity:{check.status}",
            Kind.IDENTITY,
            check.title,
            " ".join([check.text, *check.fixes]),
            reverse("kyc"),
            _("See what is needed"),
            in_setup=True,
        )


def yield_children(family: Family) -> Iterator[ToDo]:
    if family.is_known and not family.children:
        yield ToDo(
            "add-child",
            Kind.ADD_CHILD,
            _("Add your child"),
            _("Name, birthday, number, state."),
            reverse("add-child"),
            _("Add a child"),
            in_setup=True,
        )
    for child in family.children:
        user = getattr(child, "broker_user", None)
        check = describe_check(user) if user else None
        if check and check.needs_parent:
            yield ToDo(
                f"child:{child.pk}",
                Kind.CHILD_IDENTITY,
                _("The broker has a question about %s") % child.first_name,
                " ".join([check.text, *check.fixes]),
                reverse("child-account", args=[child.pk]),
                _("See what is needed"),
            )


def yield_accounts(family: Family) -> Iterator[ToDo]:
    for child in family.children:
        account = family.accounts.get(child.pk)
        if account and account.status in RESTRICTED:
            badge, note = describe_account(account)
            yield ToDo(
                f"account:{account.pk}:{account.status}",
                Kind.ACCOUNT_RESTRICTED,
                _("%(name)s's account: %(badge)s")
                % {"name": child.first_name, "badge": badge["label"]},
                note,
                reverse("child-account", args=[child.pk]),
                _("Read what it means"),
                can_put_away=True,
            )


def yield_trusted_contact(family: Family) -> Iterator[ToDo]:
    if family.is_known and get_trusted_contact(family.parent) is None:
        yield ToDo(
            "trusted-contact",
            Kind.TRUSTED_CONTACT,
            _("Whom do you trust?"),
            _("Name somebody we may ask about you if something looks wrong, or say nobody."),
            reverse("trusted-contact"),
            _("Answer"),
        )
