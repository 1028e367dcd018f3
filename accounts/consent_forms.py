"""Forms with a box to agree: what is agreed to can be read, and is void where it has changed."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.documents import Document, get_document, list_agreed, version_of_kinds

VERSION = "agreed_version"


class VersionField(forms.CharField):
    """The version that was shown; a page shown again shows the one in force."""

    def __init__(self, version: str) -> None:
        super().__init__(required=False, initial=version, widget=forms.HiddenInput, max_length=40)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial

    def clean(self, value: Any) -> str:
        given = str(super().clean(value))
        if given and given != self.initial:
            raise ValidationError(
                _("The text you agree to has changed. Please read it again, then send the form.")
            )
        return str(self.initial)


class AgreementForm(forms.Form):
    """A form in which each box of `AGREES` is a consent of that kind."""

    AGREES: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = {name: kind for name, kind in self.AGREES.items() if name in self.fields}
        for name, kind in kinds.items():
            self.fields[name].help_text = link_documents(list_agreed(kind))
        self.fields[VERSION] = VersionField(version_of_kinds(kinds.values()))


def link_documents(documents: list[Document]) -> SafeString:
    """Return links to what a box agrees to, to be read beside it in another window."""
    links = format_html_join(
        " · ",
        '<a href="{}" target="_blank">{}</a>',
        ((reverse("agreement", args=[one.slug]), one.title) for one in documents),
    )
    return format_html("{} {}", _("To read first:"), links)


def link_document(slug: str) -> SafeString:
    """Return a link to one agreement."""
    return link_documents([get_document(slug)])


class SignUpForm(forms.Form):
    """What signing up asks beside address and password (allauth's hook)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[VERSION] = VersionField(version_of_kinds(["TERMS"]))

    def signup(self, request: Any, user: Any) -> None:
        """Nothing more to keep: who signs up is noted in `accounts.receivers`."""
