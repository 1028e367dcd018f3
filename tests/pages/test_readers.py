"""Who writes words of their own is told who reads them: on pages, at the desk, in the API."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from rest_framework import serializers
from rest_framework.test import APIClient

from core.forms import FreeText, LinesField
from tests.cast import Family
from tests.pages.reading import read

ROOMS = ("accounts", "brokerage", "core", "gifting", "prefill", "tenants")
# Text that is no words of a person's own: what it is, not who reads it, has to be plain.
FACTS = {
    "first_name", "last_name", "trusted_first_name", "trusted_last_name", "ssn", "phone",
    "phone_number", "trusted_phone", "street1", "street2", "city", "postal_code", "routing_number",
    "account_number", "account_number_again", "first", "second", "verification_code", "find",
    "found_for", "text_version", "agreed_version", "names", "position",
}  # fmt: skip
# The same, of some forms: companies' are shown to their own applicants and members.
FACTS_OF = {
    "tenants": {"name", "display_name", "parent", "primary_color", "text_color", "redirect_uris"},
    "brokerage.action_desk": {"parent"},  # a symbol
    "accounts.sign_up": {"username", "password"},
}  # fmt: skip
API_FACTS = {
    "firstName", "lastName", "ssn", "phone", "street1", "street2", "city", "postalCode",
    "routingNumber", "accountNumber", "disclosureVersion", "textVersion", "agreedVersion",
    "symbol", "cursor", "q", "position", "email", "state", "id", "kind",
}  # fmt: skip
READS = ("read", "sent to")


def _walk(base: type[Any]) -> Iterator[type[Any]]:
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if ".migrations" not in module.name and ".management" not in module.name:
                importlib.import_module(module.name)
    seen, todo = set(), [base]
    while todo:
        for kind in todo.pop().__subclasses__():
            if kind not in seen:
                seen.add(kind)
                todo.append(kind)
                if kind.__module__.split(".")[0] in ROOMS:
                    yield kind


def _takes_words(field: Any) -> bool:
    """Say whether a field takes any text: neither a choice nor an address nor a number."""
    return type(field) in {forms.CharField, LinesField} or isinstance(field, FreeText)


def _is_fact(form: type[Any], name: str) -> bool:
    some = (names for place, names in FACTS_OF.items() if form.__module__.startswith(place))
    return name in FACTS or any(name in names for names in some)


def test_every_field_for_words_of_ones_own_names_its_reader() -> None:
    found = {}
    for form in _walk(forms.BaseForm):
        for name, field in form.base_fields.items():
            if _takes_words(field) and not _is_fact(form, name):
                found[f"{form.__module__}.{form.__name__}.{name}"] = field

    assert len(found) > 5
    for where, field in found.items():
        assert isinstance(field, FreeText), f"{where}: who reads it? Use core.forms.FreeText."
        assert any(word in str(field.reader) for word in READS), where
        assert str(field.reader) in str(field.help_text), where


def test_text_areas_are_always_words_of_ones_own() -> None:
    for form in _walk(forms.BaseForm):
        for name, field in form.base_fields.items():
            if isinstance(field.widget, forms.Textarea) and not _is_fact(form, name):
                assert isinstance(field, FreeText), f"{form.__name__}.{name}"


def test_the_api_describes_the_reader_too() -> None:
    found = {}
    for kind in _walk(serializers.BaseSerializer):
        if kind.__module__.split(".")[1] == "api" and kind.__name__.endswith("In"):
            if kind.__module__.startswith(("prefill", "tenants")):
                continue  # a company's server writes there, no person
            for name, field in kind().fields.items():
                plain = type(field) is serializers.CharField
                if plain and not field.read_only and name not in API_FACTS:
                    found[f"{kind.__name__}.{name}"] = str(field.help_text)

    assert "BankIn.nickname" in found
    assert "KycIn.employer" in found
    for where, told in found.items():
        assert any(word in told for word in READS), where


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/g/{code}/", "The child's parent reads your words"),
        ("/gifts/{gift}/", "Your words are sent to Grandma as they stand."),
        ("/banks/new/", "You read it here; our staff and the broker can see it too."),
    ],
)
def test_the_reader_stands_beside_the_box(family: Family, path: str, said: str) -> None:
    address = path.format(code=family.child.gift_code, gift=family.give().pk)

    assert said in read(family.client.get(address)).text


def test_the_published_schema_has_the_readers(db: None) -> None:
    text = APIClient().get("/api/schema?format=json").content.decode()

    assert "our staff and the broker can read it too" in text
    assert "We and the broker read it." in text
