"""What every page of a signed-in parent stands on."""

from functools import cached_property
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Parent, TrustedContact
from accounts.queries import get_parent
from accounts.validators import format_us_phone
from core.forms import show_refusal
from core.halting import HaltingPage
from core.templatetags.show import moment

__all__ = ["ParentPage", "badge", "get_ip_address", "show_refusal", "trusted_facts"]


class ParentPage(LoginRequiredMixin, HaltingPage):
    """A page for a signed-in parent; `self.parent` is who asks."""

    @cached_property
    def parent(self) -> Parent:
        return get_parent(self.request)


def get_ip_address(request: HttpRequest) -> str | None:
    """Return the caller's address, behind TRUSTED_PROXY_COUNT proxies of ours."""
    address: str | None = get_adapter().get_client_ip(request)
    return address


def badge(label: Any, tone: str) -> dict[str, str]:
    """Return a badge; tone is good, wait, bad or plain."""
    return {"label": str(label), "tone": tone}


def _describe_broker_word(contact: TrustedContact) -> str:
    """Return what the broker knows of a trusted contact."""
    word = TrustedContact.BrokerWord
    at = moment(contact.broker_word_at) if contact.broker_word_at else ""
    match contact.broker_word:
        case word.TOLD:
            return _("Has this since %s") % at
        case word.REFUSED:
            return _("Has not taken it; we keep it, and a person here looks into it")
        case word.NOT_TAKEN:
            return _("Has no place for it; we keep it, and call this person ourselves")
    return _("Is told once it has opened an account for you; until then we keep it")


def trusted_facts(contact: TrustedContact | None) -> list[tuple[str, str]]:
    """Return whom a parent named, label by label; nothing where they named nobody."""
    if contact is None or not contact.is_named:
        return []
    facts = [
        (_("Name"), contact.full_name),
        (_("Who this is to you"), contact.get_relationship_display()),
        (_("Phone"), format_us_phone(contact.phone) if contact.phone else ""),
        (_("E-mail"), contact.email or ""),
        (_("Named"), moment(contact.answered_at)),
        (_("The broker"), _describe_broker_word(contact)),
    ]
    return [(label, text) for label, text in facts if text]
